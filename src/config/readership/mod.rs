//! Where readers are counted: `[[readership]]`.

mod service;
mod service_names;

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use super::Surroundings;
use super::sources::origin;
use crate::analytics::{Program, Service};
use crate::buckets::Bucket;
use crate::model::letter_links::LetterLinks;
use crate::model::line::Line;
use crate::model::link::{Link, Origin};
use crate::model::toml_table::{Problems, TomlTable};
use crate::model::zone::Zone;
use crate::readership::{AccessLog, Format, LogPlace, Names};
use crate::select::parse_length;
use crate::source::Css;
use chrono::TimeDelta;

/// One `[[readership]]`.
#[derive(Clone, Debug)]
pub struct ReadershipSource {
    pub kind: ReadershipKind,
    /// Older figures are not used; `None`: as `[selection] readership_max_age` says.
    pub max_age: Option<TimeDelta>,
}

/// How readers are counted there.
#[derive(Clone, Debug)]
pub enum ReadershipKind {
    /// A table of counts.
    Counts {
        /// As the config names it.
        name: Line,
        origin: Origin,
        /// What its columns are called, where that is not known.
        columns: Names,
    },
    /// The paper's own access logs.
    Log(AccessLog),
    /// A page with a "most read" list: an order without numbers.
    MostRead {
        /// As the config names it.
        name: Line,
        origin: Origin,
        /// Its links, or the elements that each hold one.
        story: Css,
        /// What the addresses of a page on disk are relative to.
        base: Link,
    },
    /// A service that is asked over its API.
    Service(Box<Service>),
    /// A program that prints a table of counts.
    Command {
        program: Program,
        /// What its columns are called, where that is not known.
        columns: Names,
    },
}

impl ReadershipSource {
    /// What messages call it.
    #[must_use]
    pub fn name(&self) -> &Line {
        match &self.kind {
            ReadershipKind::Counts { name, .. } | ReadershipKind::MostRead { name, .. } => name,
            ReadershipKind::Log(log) => &log.name,
            ReadershipKind::Service(service) => &service.name,
            ReadershipKind::Command { program, .. } => &program.name,
        }
    }

    /// The file or page that is read; `None`: a service or a bucket is asked, or a program runs.
    #[must_use]
    pub fn origin(&self) -> Option<Origin> {
        match &self.kind {
            ReadershipKind::Counts { origin, .. } | ReadershipKind::MostRead { origin, .. } => {
                Some(origin.clone())
            }
            ReadershipKind::Log(log) => match &log.place {
                LogPlace::Disk(path) => Some(Origin::Path(path.clone())),
                LogPlace::Bucket(_) => None,
            },
            ReadershipKind::Service(_) | ReadershipKind::Command { .. } => None,
        }
    }

    /// The same, with views from letters told by `letters`.
    #[must_use]
    pub fn with_letters(&self, letters: &LetterLinks) -> Self {
        let mut source = self.clone();
        match &mut source.kind {
            ReadershipKind::Log(log) => log.letters = letters.clone(),
            ReadershipKind::Service(service) => service.letters = letters.clone(),
            _ => {}
        }
        source
    }
}

/// What a `[[readership]]` may refer to.
pub(super) struct Around<'a> {
    pub(super) home: &'a Path,
    pub(super) site: Option<&'a Link>,
    pub(super) zone: &'a Zone,
    pub(super) surroundings: &'a Surroundings<'a>,
    /// Views that came from our own letters are left out.
    pub(super) letters: LetterLinks,
}

/// Each kind has a key of its own, which names the part of the service that is meant.
const SERVICES: [&str; 11] = [
    "ga4",
    "plausible",
    "matomo",
    "umami",
    "goatcounter",
    "parsely",
    "chartbeat",
    "cloudflare",
    "clickhouse",
    "postgres",
    "bigquery",
];

/// A service or a program is given this long, unless the config says otherwise.
const TIME_LIMIT: Duration = Duration::from_secs(30);

pub(super) fn read(
    table: &mut TomlTable<'_>,
    around: &Around<'_>,
    problems: &Problems,
) -> Vec<ReadershipSource> {
    let mut sampled: HashSet<Line> = HashSet::new();
    let mut read = Vec::new();
    for table in table.tables("readership", problems) {
        let twice = table
            .problem_here("two services that are sampled have the same name, so their samples would be mixed up")
            .hint("give each a `name` of its own");
        let Some(source) = one(table, around, problems) else {
            continue;
        };
        if let ReadershipKind::Service(service) = &source.kind
            && service.every.is_some()
            && !sampled.insert(service.name.clone())
        {
            problems.add(twice);
        }
        read.push(source);
    }
    read
}

fn one(
    mut table: TomlTable<'_>,
    around: &Around<'_>,
    problems: &Problems,
) -> Option<ReadershipSource> {
    let before = problems.len();
    let max_age = table.value("max_age", problems, parse_length);
    let called = table.line("name", problems);
    let [counts, page] =
        ["counts", "page"].map(|key| table.value(key, problems, |text| origin(text, around.home)));
    let log = table.value("access_log", problems, |text| {
        if let Some(bucket) = Bucket::parse(text) {
            return Ok((Line::clean_to(text, 120), LogPlace::Bucket(bucket?)));
        }
        match origin(text, around.home)? {
            (name, Origin::Path(path)) => Ok((name, LogPlace::Disk(path))),
            (_, Origin::Url(_)) => Err(
                "an access log is read from disk or a bucket: expected a path, or an address such as `s3://bucket/logs/{date}/*.gz`".to_owned(),
            ),
        }
    });
    let command = table.texts("command", problems);
    let services: Vec<&str> = SERVICES.into_iter().filter(|key| table.has(key)).collect();
    let kind = match (counts, page, log, command, &services[..]) {
        (Some((name, origin)), None, None, None, []) => Some(ReadershipKind::Counts {
            name: called.unwrap_or(name),
            origin,
            columns: columns(&mut table, problems),
        }),
        (None, Some((name, origin)), None, None, []) => {
            let story = table.value("story", problems, Css::parse);
            if story.is_none() && problems.len() == before {
                problems.add(
                    table
                        .problem_here("a `page` needs `story`, a CSS selector of the links of its most-read list")
                        .hint("`story = \".most-read li a\"`"),
                );
            }
            story
                .zip(around.site)
                .map(|(story, base)| ReadershipKind::MostRead {
                    name: called.unwrap_or(name),
                    origin,
                    story,
                    base: base.clone(),
                })
        }
        (None, None, Some((name, place)), None, []) => Some(ReadershipKind::Log(AccessLog {
            name: called.unwrap_or(name),
            place,
            format: table.value("format", problems, Format::parse),
            crawlers: table
                .lines("crawlers", problems)
                .unwrap_or_default()
                .iter()
                .map(|line| line.as_str().to_owned())
                .collect(),
            letters: around.letters.clone(),
        })),
        (None, None, None, Some(words), []) => {
            let words: Vec<String> = words.into_iter().map(|word| word.value).collect();
            let Some((program, arguments)) = words.split_first() else {
                problems.add(
                    table
                        .problem_here("`command` names no program")
                        .hint("`command = [\"./views\", \"--hours\", \"24\"]`"),
                );
                return None;
            };
            let is_here = program.contains('/') && Path::new(program).is_relative();
            // What `home` is relative to is the working directory, and the program runs in `home` itself.
            Some(ReadershipKind::Command {
                program: Program {
                    name: called.unwrap_or_else(|| Line::clean_to(program, 120)),
                    program: if is_here {
                        std::path::absolute(around.home.join(program))
                            .unwrap_or_else(|_| program.into())
                    } else {
                        program.into()
                    },
                    arguments: arguments.to_vec(),
                    home: around.home.to_owned(),
                    time_limit: time_limit(&mut table, problems),
                },
                columns: columns(&mut table, problems),
            })
        }
        (None, None, None, None, [kind]) => {
            service::read(kind, &mut table, around, (called, max_age), problems)
                .map(|service| ReadershipKind::Service(Box::new(service)))
        }
        _ => {
            if problems.len() == before {
                problems.add(table.problem_here(format!(
                    "a `[[readership]]` must give exactly one of `counts`, `access_log`, `page`, `command`, `{}`",
                    SERVICES.join("`, `")
                )));
            }
            // So that a slip of the pen is told what was meant.
            for key in SERVICES {
                match key {
                    "matomo" => _ = table.whole(key, 1, u64::from(u32::MAX), problems),
                    _ => _ = table.text(key, problems),
                }
            }
            None
        }
    };
    table.finish(problems);
    kind.map(|kind| ReadershipSource { kind, max_age })
}

/// What the columns are called, where that is not known.
fn columns(table: &mut TomlTable<'_>, problems: &Problems) -> Names {
    Names {
        url: table.line("url", problems),
        views: table.line("views", problems),
        time: table.line("time", problems),
    }
}

fn time_limit(table: &mut TomlTable<'_>, problems: &Problems) -> Duration {
    let given = table.value("time_limit", problems, |text| {
        match parse_length(text)
            .map_err(|error| error.to_string())?
            .to_std()
        {
            Ok(length) if !length.is_zero() => Ok(length),
            _ => Err("expected more than no time".to_owned()),
        }
    });
    given.unwrap_or(TIME_LIMIT)
}
