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
mod tell;
#[cfg(test)]
mod tests;
mod times;
mod visits;

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};

pub use files::LogPlace;
pub use format::Format;

use super::agents::Agents;
use crate::model::letter_links::LetterLinks;
use crate::model::line::Line;
use crate::model::link::StoryKey;
use crate::model::page_views::{ReadershipReport, Reading};
use crate::model::zone::Zone;
use blocks::Source;
use clock::LogTime;
use count::{Count, Rules, Tally, Views};
use files::{LogFile, about};
use layout::{Layout, Layouts};
use stories::{Hosts, Stories};

/// One `[[readership]]` of logs.
#[derive(Clone, Debug)]
pub struct AccessLog {
    /// As the config names it.
    pub name: Line,
    pub place: LogPlace,
    /// How its lines are written; `None`: found out by looking.
    pub format: Option<Format>,
    /// Further words in the names of clients that are no readers.
    pub crawlers: Vec<String>,
    /// Views that came from our own letters are counted apart.
    pub letters: LetterLinks,
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
/// Times without an offset are of `zone`. [`ReadershipReport::as_of`] is the time of the newest request of all, whatever it asked for. `salt` is
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
) -> ReadershipReport {
    let cut = Cut {
        // One at a time reads from a file: more than a few would only wait for it.
        workers: std::thread::available_parallelism().map_or(1, |cores| cores.get().min(8)),
        block: 1 << 20,
    };
    read_cut(log, stories, (since, now), zone, salt, cut)
}

/// Reads the logs; once more by paths alone where they name hosts, and none that is a story's.
fn read_cut(
    log: &AccessLog,
    stories: &HashSet<StoryKey>,
    window: (DateTime<Utc>, DateTime<Utc>),
    zone: &Zone,
    salt: u64,
    cut: Cut,
) -> ReadershipReport {
    let read = |hosts| read_by(log, Stories::new(stories, hosts), window, zone, salt, cut);
    let (report, all) = read(Hosts::Told);
    if all.of_stories > 0 || all.other_host == 0 {
        return report;
    }
    let (mut report, _) = read(Hosts::Ignored);
    report.misses.push(tell::other_hosts(&log.name));
    report
}

fn read_by(
    log: &AccessLog,
    stories: Stories<'_>,
    (since, now): (DateTime<Utc>, DateTime<Utc>),
    zone: &Zone,
    salt: u64,
    cut: Cut,
) -> (ReadershipReport, Tally) {
    let bucket = i64::from(BUCKET);
    let rules = Rules {
        stories,
        agents: Agents::new(&log.crawlers),
        layouts: Layouts::known(),
        letters: &log.letters,
        places: log
            .letters
            .edition()
            .map_or_else(Vec::new, |links| links.places()),
        told: log.format.is_some(),
        since: since.timestamp(),
        now: now.timestamp(),
        origin: since.timestamp().div_euclid(bucket) * bucket,
        salt,
    };
    let mut report = ReadershipReport::of(log.name.clone());
    let (files, goes_further_back, misses) = files::find(&log.name, &log.place, since, now);
    report.misses = misses;
    let mut sources = Vec::new();
    for mut file in files {
        match begun(&mut file, log.format.as_ref(), &rules, zone) {
            Ok(layout) => sources.push(Mutex::new(Source::new(file, layout, cut.block))),
            Err(what) => report.misses.push(about(&file.path, &what)),
        }
    }
    let (seen, tallies) = count(&sources, &rules, zone, cut.workers);
    let mut all = Tally::default();
    for (source, tally) in sources.iter().zip(&tallies) {
        report
            .misses
            .extend(tell::of_file(&blocks::lock(source), tally));
        all.add(tally);
    }
    report.as_of = seen.newest.and_then(|at| DateTime::from_timestamp(at, 0));
    let mut visited = 0;
    for (story, buckets) in seen.visits.counted(BUCKET) {
        visited += buckets.values().sum::<u64>();
        let stamped = buckets.into_iter().filter_map(|(number, views)| {
            let end = DateTime::from_timestamp(rules.origin + i64::from(number) * bucket, 0)?;
            Some((end.min(now), views))
        });
        if let Some(key) = rules.stories.key(story) {
            let reading = Reading::Series(stamped.collect());
            report.readings.insert(key.clone(), reading);
        }
    }
    report.from_letters = all.from_letters;
    for (place, buckets) in seen.arrivals.counted(BUCKET) {
        if let Some(place) = rules.places.get(place as usize) {
            report.arrived(
                *place,
                buckets.values().copied().fold(0, u64::saturating_add),
            );
        }
    }
    if let Some(links) = log.letters.edition() {
        let begins = seen.times.begins_after(links.from.timestamp());
        let begins = begins.filter(|_| !goes_further_back);
        let begins = begins.and_then(|at| DateTime::from_timestamp(at, 0));
        let is_whole = sources
            .iter()
            .all(|source| blocks::lock(source).failed.is_none());
        report.knows_arrivals = begins.is_none() && is_whole && all.has_queries;
        let rotated = begins.map(|begins| tell::rotated(&log.name, begins, zone));
        report.notes.extend(rotated);
    }
    let told = tell::of_all(&log.name, &all, visited, rules.stories.is_empty());
    report.misses.extend(told);
    if !sources.is_empty() && report.misses.is_empty() && all.good == 0 {
        report.misses.push(tell::empty(&log.name));
    }
    (report, all)
}

/// How the first line of `file` is written, once it begins where its window does.
fn begun(
    file: &mut LogFile,
    given: Option<&Format>,
    rules: &Rules<'_>,
    zone: &Zone,
) -> Result<Arc<Layout>, String> {
    let mut clock = LogTime::new(zone);
    let layout = match given {
        Some(Format(lines)) => Arc::new(Layout::Text(lines.clone())),
        None => rules.layouts.of_file(&file.head, &mut clock)?,
    };
    // The fields of a W3C log are at its beginning, and may be others later.
    if !matches!(&*layout, Layout::W3c(_)) {
        file.begin_at(rules.since, |line| layout.time(line, &mut clock));
    }
    Ok(layout)
}

/// Counts all files with so many workers: what was seen, and how each file went.
fn count(
    sources: &[Mutex<Source>],
    rules: &Rules<'_>,
    zone: &Zone,
    workers: usize,
) -> (Views, Vec<Tally>) {
    let one = |worker: usize| {
        let mut count = Count::new(rules, LogTime::new(zone));
        let mut tallies = vec![Tally::default(); sources.len()];
        blocks::work(sources, worker, |file, layout, block| {
            tallies[file].add(&count.take(layout, block.lines(), block.before));
        });
        (count.seen, tallies)
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..workers)
            .map(|worker| scope.spawn(move || one(worker)))
            .collect();
        let (mut seen, mut tallies) = one(0);
        for other in others {
            let (theirs, their_tallies) = other
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            seen.append(theirs);
            for (tally, theirs) in tallies.iter_mut().zip(&their_tallies) {
                tally.add(theirs);
            }
        }
        (seen, tallies)
    })
}
