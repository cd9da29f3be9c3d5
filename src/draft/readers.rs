//! Who read the stories: every source of readership, each read in its own way.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::samples;
use crate::analytics::{self, Granularity, Program, Span};
use crate::config::{ReadershipKind, ReadershipSource};
use crate::ledger::{Ledger, LedgerError};
use crate::model::dates::DateStyle;
use crate::model::letter_links::LetterLinks;
use crate::model::line::Line;
use crate::model::link::{Link, Origin, StoryKey};
use crate::model::page_views::{ReadershipReport, Reading, Sample};
use crate::model::story::Miss;
use crate::readership::{self, Input, Names};
use crate::select::{MostReadOf, SelectionOptions};
use crate::source::{self, LIMITS};

/// Since when readers count: at least for a day, which a rate needs to be judged by, and for as long as the most-read list is of.
pub(super) fn since(
    options: &SelectionOptions,
    opens: DateTime<Utc>,
    now: DateTime<Utc>,
) -> DateTime<Utc> {
    let counted = match options.most_read_of {
        MostReadOf::Today => TimeDelta::zero(),
        MostReadOf::Last(length) => length,
    };
    opens.min(now - counted.max(TimeDelta::hours(24)))
}

/// How readers are counted, whatever the source.
pub struct Counting {
    /// How times are written that do not say it themselves.
    pub dates: DateStyle,
    /// Views that came from our own letters are counted apart.
    pub letters: LetterLinks,
    /// Since when readers count.
    pub since: DateTime<Utc>,
    pub now: DateTime<Utc>,
}

/// What every source says of `stories`, in the order of `sources`. The ledger lends the samples that were kept; `salt` is as for
/// [`super::draft`].
///
/// # Errors
/// The ledger cannot be read; what a source failed with is a miss.
#[expect(clippy::implicit_hasher, reason = "there is one kind")]
pub async fn readership(
    sources: &[&ReadershipSource],
    ledger: Option<&Ledger>,
    stories: &HashSet<StoryKey>,
    counting: &Counting,
    salt: u64,
) -> Result<Vec<ReadershipReport>, LedgerError> {
    let samples = samples::kept(sources, ledger, counting.since)?;
    let asked = ask(sources, samples, counting).await;
    Ok(completed(sources, asked, stories, counting, salt).await)
}

/// The reports of services and programs, and those of all that is read from files and pages.
pub(super) async fn completed(
    sources: &[&ReadershipSource],
    asked: Vec<Option<ReadershipReport>>,
    stories: &HashSet<StoryKey>,
    counting: &Counting,
    salt: u64,
) -> Vec<ReadershipReport> {
    let mut reports = Vec::new();
    for (source, asked) in sources.iter().zip(asked) {
        reports.push(match asked {
            Some(report) => report,
            None => read(source, stories, counting, salt).await,
        });
    }
    reports
}

/// Asks the services and runs the programs, all at once; the report of each, in the order of `sources`, and `None` for what is neither.
/// `samples` are those that were kept of each.
pub(super) async fn ask(
    sources: &[&ReadershipSource],
    samples: Vec<Vec<Sample>>,
    counting: &Counting,
) -> Vec<Option<ReadershipReport>> {
    let now = counting.now;
    let span = Span {
        from: counting.since,
        to: now,
    };
    let asked = sources
        .iter()
        .zip(samples)
        .map(|(source, samples)| async move {
            match &source.kind {
                ReadershipKind::Service(service)
                    if samples.is_empty() || service.kind.granularity() == Granularity::Hours =>
                {
                    Some(analytics::ask(service, span).await)
                }
                ReadershipKind::Service(service) => {
                    Some(samples::continued(service, samples, counting.dates.zone(), now).await)
                }
                ReadershipKind::Command { program, columns } => Some(ReadershipReport {
                    max_age: source.max_age,
                    ..printed(program, columns, counting).await
                }),
                _ => None,
            }
        });
    futures_util::future::join_all(asked).await
}

/// What a program prints, read as a table of counts.
async fn printed(program: &Program, columns: &Names, counting: &Counting) -> ReadershipReport {
    let name = &program.name;
    let printed = match analytics::run(program).await {
        Ok(printed) => printed,
        Err(why) => return missed(name.clone(), &why),
    };
    let input = Input {
        name: name.clone(),
        body: printed.body,
        taken: Some(counting.now),
    };
    let mut report = table(name, &[input], columns, counting);
    report.notes.extend(printed.said.map(|said| Miss {
        source: name.clone(),
        what: Line::clean(&format!("said `{said}`")),
    }));
    report
}

/// Tables of counts, and answers of services that somebody saved.
fn counts(
    name: &Line,
    inputs: Vec<Input>,
    columns: &Names,
    counting: &Counting,
) -> ReadershipReport {
    let (mut tables, mut reports) = (Vec::new(), Vec::new());
    for input in inputs {
        let taken = input.taken.unwrap_or(counting.now).min(counting.now);
        let span = Span {
            from: taken,
            to: taken,
        };
        match analytics::saved(
            &input.name,
            &input.body,
            span,
            counting.dates.zone(),
            &counting.letters,
        ) {
            Some(report) => reports.push(report),
            None => tables.push(input),
        }
    }
    if reports.is_empty() || !tables.is_empty() {
        reports.push(table(name, &tables, columns, counting));
    }
    ReadershipReport::together(name.clone(), reports)
}

fn table(name: &Line, inputs: &[Input], columns: &Names, counting: &Counting) -> ReadershipReport {
    let (letters, dates) = (&counting.letters, &counting.dates);
    readership::read_counts(name.clone(), inputs, columns, letters, dates, counting.now)
}

/// Reads one source of readership that is no service. What fails is a miss in its report.
async fn read(
    source: &ReadershipSource,
    stories: &HashSet<StoryKey>,
    counting: &Counting,
    salt: u64,
) -> ReadershipReport {
    let now = counting.now;
    let report = match &source.kind {
        ReadershipKind::Counts {
            name,
            origin,
            columns,
        } => {
            let (inputs, mut misses) = match origin {
                Origin::Path(path) => readership::files(path),
                Origin::Url(link) => match fetch(name, link, now).await {
                    Ok(input) => (vec![input], Vec::new()),
                    Err(miss) => (Vec::new(), vec![miss]),
                },
            };
            let mut report = counts(name, inputs, columns, counting);
            misses.append(&mut report.misses);
            report.misses = misses;
            report
        }
        ReadershipKind::Log(log) => {
            let stories = stories.clone();
            let (log, zone, since) = (log.clone(), counting.dates.zone().clone(), counting.since);
            let name = log.name.clone();
            // A day of logs keeps the processor for seconds.
            let read = tokio::task::spawn_blocking(move || {
                readership::read_log(&log, &stories, since, now, &zone, salt)
            })
            .await;
            read.unwrap_or_else(|_| {
                missed(name, "could not be read: a fault of ours, please report it")
            })
        }
        ReadershipKind::MostRead {
            name,
            origin,
            story,
            base,
        } => match source::listed(origin, story, base, &LIMITS).await {
            Err(what) => missed(name.clone(), &what),
            Ok(listed) => {
                let places = listed.links.iter().zip(1..);
                let readings: HashMap<StoryKey, Reading> = places
                    .map(|(link, place)| (link.key(), Reading::Rank(place)))
                    .collect();
                ReadershipReport {
                    as_of: Some(listed.taken.map_or(now, |taken| taken.min(now))),
                    readings,
                    ..ReadershipReport::of(name.clone())
                }
            }
        },
        ReadershipKind::Service(service) => missed(service.name.clone(), "was not asked"),
        ReadershipKind::Command { program, .. } => missed(program.name.clone(), "was not run"),
    };
    ReadershipReport {
        max_age: source.max_age,
        ..report
    }
}

fn missed(source: Line, what: &str) -> ReadershipReport {
    let mut report = ReadershipReport::of(source.clone());
    report.misses.push(Miss {
        source,
        what: Line::clean(what),
    });
    report
}

async fn fetch(name: &Line, link: &Link, now: DateTime<Utc>) -> Result<Input, Miss> {
    match source::fetch(link, None, &LIMITS).await {
        Ok(fetched) => {
            // A page that does not say when it was made was made for us.
            let modified = fetched.remember.and_then(|page| page.last_modified);
            let taken = modified
                .and_then(|text| DateTime::parse_from_rfc2822(&text).ok())
                .map_or(now, |at| at.to_utc());
            Ok(Input {
                name: name.clone(),
                body: fetched.body,
                taken: Some(taken),
            })
        }
        Err(error) => Err(Miss {
            source: name.clone(),
            what: Line::clean(&error.explained()),
        }),
    }
}
