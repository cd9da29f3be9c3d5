//! All sources, read several at once, into one harvest.

use std::collections::HashMap;
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
    let given = orders.iter().zip(places).map(|(order, places)| {
        let readings = places
            .iter()
            .filter_map(|place| readings.get(*place))
            .cloned();
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

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::source::LIMITS;

    fn source(kind: Kind, name: &str) -> Source {
        Source::of(Line::clean(name), kind)
    }

    async fn gathered(sources: &[Source]) -> Gathered {
        let now = "2026-08-24T06:00:00Z".parse().unwrap();
        gather(sources, &HashMap::new(), &LIMITS, now).await
    }

    #[tokio::test]
    async fn feeds_and_files_become_one_harvest() {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        let path = |name: &str| Origin::Path(folder.path().join(name));
        write(
            "a.rss",
            "<rss><channel><item><title>A</title><link>https://a.example/a</link><pubDate>Mon, 24 Aug 2026 05:00:00 GMT</pubDate></item></channel></rss>",
        );
        write("b.rss", "<html>");
        write(
            "s1.toml",
            "[[story]]\nheadline = \"B\"\nurl = \"https://a.example/b\"\n[[story]]\nheadline = \"C\"\n",
        );
        write(
            "s2.json",
            "[{\"headline\": \"A!\", \"url\": \"https://a.example/a\", \"dek\": \"D\"}]",
        );
        let mut feeds = source(Kind::Feed(path("*.rss")), "*.rss");
        feeds.section = Line::non_empty("News");
        let found = gathered(&[
            feeds,
            source(Kind::Stories(path("s*")), "s*"),
            source(Kind::Feed(path("none.rss")), "none.rss"),
            source(Kind::Stories(path("*.md")), "*.md"),
        ])
        .await;
        let harvest = found.harvest;
        let stories: Vec<String> = harvest
            .candidates
            .iter()
            .map(|candidate| {
                let story = &candidate.story;
                format!(
                    "{} {:?} {:?} {:?} {:?}",
                    story.headline, story.dek, story.section, candidate.sources, candidate.position
                )
            })
            .collect();
        insta::assert_snapshot!(stories.join("\n"), @r#"
        A Some("D") Some("News") ["*.rss", "s*"] Some(1)
        B None None ["s*"] Some(0)
        "#);
        let here = format!("{}/", folder.path().display());
        let misses: Vec<String> = harvest
            .misses
            .iter()
            .map(|miss| format!("{}: {}", miss.source, miss.what.as_str().replace(&here, "")))
            .collect();
        insta::assert_snapshot!(misses.join("\n"), @"
        *.rss: `b.rss` is an HTML page, not a feed
        s*: s1.toml:4:1: a story must have a `url`
        none.rss: does not exist
        *.md: matches no file
        ");
        assert_eq!((harvest.asked, harvest.failed), (4, 2));
    }

    #[tokio::test]
    async fn what_an_edition_must_have_is_lent_its_last_good_answer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("main.rss");
        let mut main = source(Kind::Feed(Origin::Path(path.clone())), "main");
        main.must = Some(TimeDelta::hours(6));
        std::fs::write(
            &path,
            "<rss><channel><item><title>A</title><link>https://a.example/a</link></item></channel></rss>",
        )
        .unwrap();
        let sources = [main];
        let at = |hour: &str| format!("2026-08-24T{hour}:00Z").parse().unwrap();
        let first = gather(&sources, &HashMap::new(), &LIMITS, at("04:00")).await;
        assert!(first.harvest.lacking.is_empty());
        let known: HashMap<String, Remembered> = first
            .remember
            .into_iter()
            .map(|kept| (kept.url.clone(), kept))
            .collect();
        for broken in ["<html>", "<rss><channel></channel></rss>", ""] {
            std::fs::write(&path, broken).unwrap();
            let lent = gather(&sources, &known, &LIMITS, at("10:00")).await.harvest;
            assert_eq!((lent.candidates.len(), lent.failed), (1, 0), "{broken}");
            assert_eq!(lent.candidates, first.harvest.candidates);
            let said = &lent.misses[0].what;
            assert_eq!(*said, "its last good answer is used instead, 360 min old");
            let late = gather(&sources, &known, &LIMITS, at("10:01")).await.harvest;
            assert_eq!(late.lacking, ["main"], "{broken}");
            let said = &late.misses[0].what;
            assert_eq!(
                *said,
                "its last good answer is 361 min old, and `max_stale` allows 360"
            );
            let new = gather(&sources, &HashMap::new(), &LIMITS, at("10:00")).await;
            assert_eq!(new.harvest.lacking, ["main"], "{broken}");
        }
    }

    #[tokio::test]
    async fn packed_files_are_unpacked() {
        use std::io::Write as _;
        let folder = tempfile::tempdir().unwrap();
        let packed = |text: &str| {
            let mut gzip =
                flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            gzip.write_all(text.as_bytes()).unwrap();
            gzip.finish().unwrap()
        };
        let rss = "<rss><channel><item><title>A</title><link>https://a.example/a</link><pubDate>Mon, 24 Aug 2026 05:00:00 GMT</pubDate></item></channel></rss>";
        let toml = "[[story]]\nheadline = \"B\"\nurl = \"https://a.example/b\"\n";
        let whole = packed(&rss.repeat(2));
        let written = [
            ("a.xml.gz", packed(rss)),
            ("a.xml", packed(rss)),
            ("cut.gz", whole[..whole.len() - 12].to_vec()),
            ("b.gz", packed(toml)),
        ];
        for (name, bytes) in &written {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        let path = |name: &str| Origin::Path(folder.path().join(name));
        for (kind, expected) in [
            (Kind::Feed(path("a.xml.gz")), "A"),
            (Kind::Feed(path("a.xml")), "A"),
            (
                Kind::Feed(path("cut.gz")),
                "A its gzip data is cut short or damaged breaks off after 1 item",
            ),
            (Kind::Stories(path("b.gz")), "B"),
        ] {
            let harvest = gathered(&[source(kind, "s")]).await.harvest;
            let stories = harvest
                .candidates
                .iter()
                .map(|one| one.story.headline.to_string());
            let misses = harvest.misses.iter().map(|miss| miss.what.to_string());
            let told: Vec<String> = stories.chain(misses).collect();
            assert_eq!(told.join(" "), expected);
        }
    }

    #[tokio::test]
    async fn many_misses_are_counted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.toml");
        std::fs::write(&path, "[[story]]\nheadline = \"C\"\n".repeat(30)).unwrap();
        let found = gathered(&[source(Kind::Stories(Origin::Path(path)), "s.toml")]).await;
        assert_eq!(found.harvest.misses.len(), MISSES + 1);
        assert_eq!(found.harvest.misses[MISSES].what, "10 more of this kind");
        assert_eq!(found.harvest.failed, 1);
    }
}
