//! All sources, read several at once, into one harvest.

#[cfg(test)]
pub(in crate::source) mod tests;

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::StreamExt as _;
use tokio::time::Instant;

use super::fetch::{FetchError, Remembered, Wanted, Web};
use super::kind::{Kind, Source, named};
use super::limits::Limits;
use super::reading::{Document, OUR_FAULT, Reader, Reading};
use super::seen::Memory;
use super::{health, identity, last_good, merge, sections, sitemap, sitemap_index};
use crate::model::line::Line;
use crate::model::link::{Link, Origin};
use crate::model::story::{Harvest, Miss};

/// The most misses named for one source; the rest is counted.
const MISSES: usize = 20;

/// What a gathering gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gathered {
    /// The stories and the misses.
    pub harvest: Harvest,
    /// Documents that are new or have changed, to be kept.
    pub remember: Vec<Remembered>,
}

/// The addresses that are asked for a source beside its own, judged by how it was last time: the sitemaps of an index. The caller brings
/// what it remembers of them to [`gather_all`], and what it remembers under [`Source::seen_key`] and [`Source::last_good_key`].
#[must_use]
pub fn asked_too(source: &Source, last_time: &Remembered) -> Vec<Link> {
    match source.kind {
        Kind::Sitemap(_) => sitemap_index::recalled(last_time),
        _ => Vec::new(),
    }
}

/// What one newsletter asks for.
#[derive(Clone, Copy)]
pub struct Order<'a> {
    pub sources: &'a [Source],
    pub limits: Limits,
}

/// Reads all sources, several at once; one that more than one newsletter asks for is read once. What was gathered for each, in the order of
/// `orders`. `remembered` holds earlier documents by their addresses. Candidates and misses are in the order of a newsletter's sources, however
/// long each took.
#[expect(
    clippy::implicit_hasher,
    reason = "the caller fills it from the ledger; there is one kind"
)]
pub async fn gather_all(
    orders: &[Order<'_>],
    remembered: &HashMap<String, Remembered>,
    now: DateTime<Utc>,
) -> Vec<Gathered> {
    let mut different: Vec<(&Source, Limits)> = Vec::new();
    let mut places = Vec::new();
    for order in orders {
        let place = |source| {
            let wanted = (source, order.limits);
            let known = different.iter().position(|known| *known == wanted);
            known.unwrap_or_else(|| {
                different.push(wanted);
                different.len() - 1
            })
        };
        places.push(order.sources.iter().map(place).collect::<Vec<usize>>());
    }
    let all: Vec<Source> = different
        .iter()
        .map(|(source, _)| (*source).clone())
        .collect();
    let web = Web::new(named(&all));
    let at_once = orders.iter().map(|order| order.limits.at_once).max();
    let readings: Vec<Reading> = futures_util::stream::iter(&different)
        .map(|(source, limits)| read(source, &web, remembered, limits, now))
        .buffered(at_once.unwrap_or(1).max(1))
        .collect()
        .await;
    let readings: Vec<Rc<Reading>> = readings.into_iter().map(Rc::new).collect();
    let handed = places.into_iter().map(|places| {
        let readings = places.into_iter().filter_map(|place| readings.get(place));
        readings.map(Rc::clone).collect()
    });
    let handed: Vec<Vec<Rc<Reading>>> = handed.collect();
    // Whoever uses a reading last takes it without a copy.
    drop(readings);
    let given = orders.iter().zip(handed).map(|(order, readings)| {
        let readings = readings.into_iter().map(Rc::unwrap_or_clone);
        together(order.sources, readings.collect(), remembered, now)
    });
    given.collect()
}

/// [`gather_all`] for one newsletter.
#[cfg(test)]
pub(super) async fn gather(
    sources: &[Source],
    remembered: &HashMap<String, Remembered>,
    limits: &Limits,
    now: DateTime<Utc>,
) -> Gathered {
    let order = Order {
        sources,
        limits: *limits,
    };
    let mut given = gather_all(&[order], remembered, now).await;
    given.pop().unwrap()
}

/// What the readings of these sources come to.
fn together(
    sources: &[Source],
    readings: Vec<Reading>,
    remembered: &HashMap<String, Remembered>,
    now: DateTime<Utc>,
) -> Gathered {
    let mut gathered = Gathered::default();
    let mut merge = merge::Merge::default();
    let mut given = sections::Given::default();
    let mut memory = Memory::new(remembered, now);
    let mut shared = memory.shared_pages(sources);
    for reading in &readings {
        shared.extend(identity::shared_pages(&reading.stories));
    }
    for (source, mut reading) in sources.iter().zip(readings) {
        let mut failed = reading.failed > 0 && reading.stories.is_empty();
        identity::settle(&mut reading.stories, &shared);
        reading
            .misses
            .extend(memory.date(source, &mut reading.stories));
        if let Some(key) = source.last_good_key() {
            if !reading.stories.is_empty() {
                gathered
                    .remember
                    .extend(last_good::keep(source, &reading, now));
            } else if last_good::fall_back(source, remembered.get(&key), now, &mut reading) {
                failed = false;
            } else {
                gathered.harvest.lacking.push(source.name.clone());
            }
        }
        let left_out = reading.misses.len().saturating_sub(MISSES);
        let mut misses = reading.misses;
        misses.truncate(MISSES);
        if left_out > 0 {
            misses.push(format!("{left_out} more of this kind"));
        }
        gathered
            .harvest
            .misses
            .extend(misses.iter().map(|what| Miss {
                source: source.name.clone(),
                what: Line::clean(what),
            }));
        gathered.harvest.failed += usize::from(failed);
        gathered.harvest.may_come_back |= failed && reading.may_come_back;
        let mut health = health::health(&source.name, &reading.stories, reading.took);
        gathered.remember.extend(reading.remember);
        for (mut story, position) in reading.stories {
            if let Some(section) = &source.section {
                story.section = Some(section.clone());
            }
            given.settle(&source.sections, &mut story);
            health.doubles += usize::from(merge.add(&source.name, story, position));
        }
        gathered.harvest.health.extend((!failed).then_some(health));
    }
    gathered.remember.extend(memory.kept());
    gathered.harvest.sections = given.counted();
    gathered.harvest.asked = sources.len();
    gathered.harvest.candidates = merge.finish();
    gathered
}

async fn read(
    source: &Source,
    web: &Result<Web, FetchError>,
    remembered: &HashMap<String, Remembered>,
    limits: &Limits,
    now: DateTime<Utc>,
) -> Reading {
    let failed = |what: String| Reading {
        misses: vec![what],
        failed: 1,
        ..Reading::default()
    };
    let (origin, document) = match &source.kind {
        Kind::Feed(origin) => (origin, Document::Feed),
        Kind::Stories(origin) => (origin, Document::Stories),
        Kind::Sitemap(origin) => (origin, Document::Sitemap),
        Kind::Page(origin, layout) => (origin, Document::Page(layout.clone())),
    };
    let mut limits = *limits;
    if let Document::Sitemap = document {
        limits.bytes = sitemap::BYTES;
    }
    let wanted = match document {
        Document::Page(_) => Wanted::Page,
        _ => Wanted::Feed,
    };
    let reader = Arc::new(Reader {
        name: source.name.clone(),
        section: source.section.clone(),
        sections: Arc::clone(&source.sections),
        site: source.site.clone(),
        items: limits.items,
        bytes: limits.bytes,
        paragraphs: limits.paragraphs,
        now,
        dates: source.dates.clone(),
    });
    let reads = Arc::clone(&reader);
    let asked = Instant::now();
    // Parsing takes the processor, and its HTML trees may not move between threads.
    let reading = match origin {
        Origin::Path(path) => {
            let path = path.clone();
            let reading = tokio::task::spawn_blocking(move || reads.files(&document, &path)).await;
            reading.map(|reading| Reading {
                took: asked.elapsed(),
                ..reading
            })
        }
        Origin::Url(link) => {
            let web = match web {
                Ok(web) => web,
                Err(error) => return failed(error.explained()),
            };
            let before = remembered.get(link.as_str());
            match web.fetch(link, wanted, before, &limits).await {
                Err(error) => {
                    return Reading {
                        may_come_back: error.may_pass(),
                        ..failed(error.explained())
                    };
                }
                Ok(fetched) => {
                    let took = asked.elapsed();
                    let reading = tokio::task::spawn_blocking(move || {
                        reads.fetched(&document, reads.name.as_str(), fetched)
                    });
                    reading.await.map(|reading| Reading { took, ..reading })
                }
            }
        }
    };
    let mut reading = reading.unwrap_or_else(|_| failed(OUR_FAULT.to_owned()));
    if let (Origin::Url(home), Ok(web)) = (origin, web)
        && !reading.children.is_empty()
    {
        sitemap_index::follow(home, &reader, web, remembered, &limits, &mut reading).await;
    }
    reading
}
