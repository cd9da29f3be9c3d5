//! Access logs: what the paper's own servers wrote down, made into readers by story and time.
//!
//! A line of a known form that asks for one of today's stories is a view; a client's views of a story less than 30 minutes apart are
//! one visit ([`visits`]), and visits are what is counted. Most lines are done with once it is seen that they ask for something else,
//! so what follows the request is checked of lines that matter only.

mod blocks;
mod clock;
mod count;
mod fields;
mod files;
mod format;
mod json;
mod layout;
mod stories;
#[cfg(test)]
mod tests;
mod visits;

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};

pub use format::Format;

use super::agents::Agents;
use crate::line::Line;
use crate::link::StoryKey;
use crate::readers::{Reading, Report};
use crate::story::Miss;
use crate::zone::Zone;
use blocks::Source;
use clock::Clock;
use count::{Count, Rules, Tally};
use files::LogFile;
use layout::{Layout, Layouts};
use stories::Stories;
use visits::Visits;

/// One `[[readership]]` of logs.
#[derive(Clone, Debug)]
pub struct AccessLog {
    /// As the config names it.
    pub name: Line,
    /// The file, or a glob over its rotations: `logs/access.log*`.
    pub path: PathBuf,
    /// How its lines are written; `None`: found out by looking.
    pub format: Option<Format>,
    /// Further words in the names of clients that are no readers.
    pub crawlers: Vec<String>,
}

/// Views are told by this many seconds.
const BUCKET: u32 = 5 * 60;

/// How the work is cut up; the result does not depend on it.
#[derive(Clone, Copy)]
struct Cut {
    workers: usize,
    /// Octets read at a time.
    block: usize,
}

/// Reads the logs from `since` on, and counts the readers of `stories`: for each that was read, a series in steps of five minutes.
///
/// Times without an offset are of `zone`. [`Report::as_of`] is the time of the newest request of all, whatever it asked for. `salt` is
/// to be random and used once: a client is known by a hash of address and program under it. Nothing else of who they were is kept, and
/// nothing at all leaves this function.
#[must_use]
#[expect(clippy::implicit_hasher, reason = "there is one kind")]
pub fn read_log(
    log: &AccessLog,
    stories: &HashSet<StoryKey>,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
    zone: &Zone,
    salt: u64,
) -> Report {
    let cut = Cut {
        workers: std::thread::available_parallelism().map_or(1, usize::from),
        block: 1 << 20,
    };
    read_cut(log, stories, (since, now), zone, salt, cut)
}

fn read_cut(
    log: &AccessLog,
    stories: &HashSet<StoryKey>,
    (since, now): (DateTime<Utc>, DateTime<Utc>),
    zone: &Zone,
    salt: u64,
    cut: Cut,
) -> Report {
    let bucket = i64::from(BUCKET);
    let rules = Rules {
        stories: Stories::new(stories),
        agents: Agents::new(&log.crawlers),
        layouts: Layouts::known(),
        told: log.format.is_some(),
        since: since.timestamp(),
        now: now.timestamp(),
        origin: since.timestamp().div_euclid(bucket) * bucket,
        salt,
    };
    let (files, troubles) = files::find(&log.path, since);
    let mut report = Report::of(log.name.clone());
    let mut miss = |path: &Path, what: String| {
        report.misses.push(Miss {
            source: Line::clean(&path.to_string_lossy()),
            what: Line::clean(&what),
        });
    };
    for (path, what) in troubles {
        miss(&path, what);
    }
    if files.is_empty() {
        return report;
    }
    let given = log
        .format
        .as_ref()
        .map(|Format(lines)| Arc::new(Layout::Text(lines.clone())));
    let sources: Vec<Mutex<Source>> = files
        .into_iter()
        .filter_map(|file| {
            Some(Mutex::new(begun(
                file,
                given.as_ref(),
                &rules,
                zone,
                cut.block,
            )?))
        })
        .collect();

    let counted: Vec<(Visits, Option<i64>, BTreeMap<usize, Tally>)> = std::thread::scope(|scope| {
        let (sources, rules) = (&sources, &rules);
        let workers: Vec<_> = (0..cut.workers.max(1))
            .map(|worker| {
                scope.spawn(move || {
                    let mut count = Count::new(rules, Clock::new(zone));
                    let mut tallies: BTreeMap<usize, Tally> = BTreeMap::new();
                    blocks::work(sources, worker, |file, layout, block| {
                        let tally = count.take(layout, block.lines(), block.at);
                        tallies.entry(file).or_default().add(&tally);
                    });
                    (count.visits, count.newest, tallies)
                })
            })
            .collect();
        workers
            .into_iter()
            .map(|worker| {
                worker
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
            .collect()
    });

    let mut visits = Visits::default();
    let mut newest = None;
    let mut tallies = vec![Tally::default(); sources.len()];
    for (theirs, their_newest, their_tallies) in counted {
        visits.append(theirs);
        newest = newest.max(their_newest);
        for (file, tally) in their_tallies {
            tallies[file].add(&tally);
        }
    }
    for (source, tally) in sources.iter().zip(&tallies) {
        let source = blocks::lock(source);
        for what in told_of_file(&source, tally) {
            miss(&source.file.path, what);
        }
    }
    let mut all = Tally::default();
    for tally in &tallies {
        all.add(tally);
    }
    for what in told_of_all(&all, rules.stories.is_empty()) {
        miss(Path::new(log.name.as_str()), what);
    }
    report.as_of = newest.and_then(|at| DateTime::from_timestamp(at, 0));
    for (story, buckets) in visits.counted(BUCKET) {
        let stamped = buckets.into_iter().filter_map(|(bucket, views)| {
            let end = TimeDelta::seconds(i64::from(bucket) * i64::from(BUCKET));
            let end = DateTime::from_timestamp(rules.origin, 0)?.checked_add_signed(end)?;
            Some((end.min(now), views))
        });
        if let Some(key) = rules.stories.key(story) {
            report
                .readings
                .insert(key.clone(), Reading::Series(stamped.collect()));
        }
    }
    report
}

/// The file, from where its window begins on.
fn begun(
    mut file: LogFile,
    given: Option<&Arc<Layout>>,
    rules: &Rules<'_>,
    zone: &Zone,
    block: usize,
) -> Option<Source> {
    let mut clock = Clock::new(zone);
    let layout = match given {
        Some(layout) => layout.clone(),
        None => rules.layouts.of_file(&file.head, &mut clock)?,
    };
    // The fields of a W3C log stand at its beginning, and may be others later.
    if !matches!(&*layout, Layout::W3c(..)) {
        file.begin_at(rules.since, |line| layout.time(line, &mut clock));
    }
    Some(Source::new(file, layout, block))
}

/// What is to be said of one file.
fn told_of_file(source: &Source, tally: &Tally) -> Vec<String> {
    let mut told = Vec::new();
    let lines = |count: u64| match count {
        1 => "1 line".to_owned(),
        many => format!("{many} lines"),
    };
    if let Some(why) = &source.failed {
        told.push(format!(
            "{why} after {}; they were read",
            lines(tally.good + tally.bad)
        ));
    }
    if let Some((at, form)) = tally.first_bad {
        let first = match source.file.line_at(at) {
            Ok(line) => format!("line {line}"),
            Err(_) => "a line".to_owned(),
        };
        let others = match tally.bad - 1 {
            0 => String::new(),
            1 => ", and so has 1 more".to_owned(),
            many => format!(", and so have {many} more"),
        };
        let rest = match tally.good {
            0 => "no line was read".to_owned(),
            good => format!("{} could be read", lines(good)),
        };
        told.push(format!(
            "{first}: expected {form}, but it has another form{others}; {rest}"
        ));
    }
    if tally.ahead > 0 {
        told.push(format!(
            "{} more than 5 minutes in the future: left out",
            lines(tally.ahead)
        ));
    }
    told
}

/// What is to be said of the whole log.
fn told_of_all(all: &Tally, no_stories: bool) -> Vec<String> {
    let mut told = Vec::new();
    let requests = |count: u64| match count {
        1 => "1 request".to_owned(),
        many => format!("{many} requests"),
    };
    if all.shared > 0 {
        told.push(format!(
            "{} for a path that stories of two hosts have, and no host is named: not counted",
            requests(all.shared)
        ));
    }
    if all.unnamed > 0 {
        told.push(
            "its lines do not name the client's program: crawlers are counted as readers"
                .to_owned(),
        );
    }
    if all.read == 0 && !no_stories && all.good > 0 {
        told.push(match (all.requests, all.of_stories) {
            (0, _) => "no request in the time that counts".to_owned(),
            (requests_, 0) => format!("{}, none of them of today's stories", requests(requests_)),
            (requests_, some) => format!(
                "{}, {some} of them of today's stories, none by a reader: crawlers, failures, or no program named",
                requests(requests_)
            ),
        });
    }
    told
}
