//! Who read the stories: every source of readership, each read in its own way.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};

use crate::config::Readers;
use crate::model::line::Line;
use crate::model::link::{Link, Origin, StoryKey};
use crate::model::page_views::{ReadershipReport, Reading};
use crate::model::story::{Harvest, Miss};
use crate::model::zone::Zone;
use crate::readership::{self, Input};
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

/// Reads one source of readership, logs from `since` on. What fails is a miss in its report.
pub(super) async fn read(
    readers: &Readers,
    harvest: &Harvest,
    zone: &Zone,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
    salt: u64,
) -> ReadershipReport {
    match readers {
        Readers::Counts {
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
            let mut report = readership::read_counts(name.clone(), &inputs, columns, zone, now);
            misses.append(&mut report.misses);
            report.misses = misses;
            report
        }
        Readers::Log(log) => {
            let stories: HashSet<StoryKey> = harvest
                .candidates
                .iter()
                .map(|candidate| candidate.story.url.key())
                .collect();
            let (log, zone) = (log.clone(), zone.clone());
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
        Readers::MostRead {
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
                    source: name.clone(),
                    as_of: Some(listed.taken.map_or(now, |taken| taken.min(now))),
                    readings,
                    misses: Vec::new(),
                }
            }
        },
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
