//! Stories from feeds and story files, on the web and on disk.
//!
//! It never fails and never chooses: what could not be read is a [`Miss`], and the rest goes on. Everything that comes in is hostile:
//! bounded in size, time and number, decoded, repaired, stripped of markup. What leaves this room is plain words and web addresses.
//!
//! ```text
//! bytes -> decode (encoding) -> feed (xml, broken or not | json) -> item -> story -> merge
//! HTML page -> tags (what a tree would cost) -> page (scraper), facts (JSON-LD) -> item
//! thin story -> enrich -> its own page -> tags -> facts (Open Graph, JSON-LD) -> item
//!          words of an item: plain (HTML away) -> dek, byline, section, picture
//! printed link -> answers: is anything there?
//! ```

mod answers;
mod dates;
mod decode;
mod dek;
mod enrich;
mod facts;
mod feed;
mod fetch;
mod guard;
mod health;
mod item;
mod json;
mod markdown;
mod merge;
mod page;
mod plain;
mod sitemap;
mod stories;
mod tags;
mod xml;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::StreamExt as _;
use tokio::time::Instant;

use crate::files;
use crate::model::line::Line;
use crate::model::link::{Link, Origin};
use crate::model::story::{Harvest, Miss, Story};

pub use answers::answers;
use enrich::named;
pub use enrich::{enrich, thin};
use fetch::Wanted;
pub use fetch::{FetchError, Fetched, fetch};
pub use page::{Css, Layout, Listed, listed};

/// One `[[source]]` of the config.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// As the config names it: the URL without its query, or the path.
    pub name: Line,
    /// What it is and where.
    pub kind: Kind,
    /// The section of all its stories; `None`: each story's own.
    pub section: Option<Line>,
    /// The paper's front page: what a path in a story's front matter is relative to.
    pub site: Link,
    /// Whether what its stories lack is looked up in their own pages.
    pub enrich: bool,
}

/// What a source is, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// RSS, RDF, Atom or JSON Feed.
    Feed(Origin),
    /// `[[story]]` tables in TOML, a list in JSON, or one story in Markdown with front matter.
    Stories(Origin),
    /// A news sitemap, or an index of sitemaps; plain or gzip.
    Sitemap(Origin),
    /// An HTML page that lists stories.
    Page(Origin, Box<Layout>),
}

impl Kind {
    /// Where it is read from.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        match self {
            Self::Feed(origin)
            | Self::Stories(origin)
            | Self::Sitemap(origin)
            | Self::Page(origin, _) => origin,
        }
    }
}

/// How much is read at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The time for one address, redirects and body included.
    pub time: Duration,
    /// The octets of one document, after unpacking.
    pub bytes: u64,
    /// Sources read at once.
    pub at_once: usize,
    /// Stories of one document.
    pub items: usize,
}

/// The limits we use.
pub const LIMITS: Limits = Limits {
    time: Duration::from_secs(20),
    bytes: 20_000_000,
    at_once: 8,
    items: 2_000,
};

/// The most misses named for one source; the rest is counted.
const MISSES: usize = 20;

/// What is said of a document that made us panic.
const OUR_FAULT: &str = "could not be read: a fault of ours, please report it";

/// A document and what its server said to ask with next time (RFC 9110, section 13). The caller keeps it from one run to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// The address that was asked, before redirects.
    pub url: String,
    /// The server's `ETag`.
    pub etag: Option<String>,
    /// The server's `Last-Modified`.
    pub last_modified: Option<String>,
    /// The document, as [`Fetched::body`]; of a story's own page, what [`enrich`] found there.
    pub body: Vec<u8>,
}

/// What a gathering gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gathered {
    /// The stories and the misses.
    pub harvest: Harvest,
    /// Documents that are new or have changed, to be kept.
    pub remember: Vec<Remembered>,
}

/// What one source gave.
#[derive(Default)]
struct Reading {
    /// Stories, with their place if the order is an editor's.
    stories: Vec<(Story, Option<u32>)>,
    misses: Vec<String>,
    /// Documents that could not be read at all.
    failed: usize,
    remember: Vec<Remembered>,
    /// The sitemaps an index names.
    children: Vec<sitemap::Child>,
    /// How long its server took, or its files.
    took: Duration,
}

impl Reading {
    /// Adds stories whose order is an editor's.
    fn place(&mut self, stories: Vec<Story>) {
        for story in stories {
            let position = u32::try_from(self.stories.len()).ok();
            self.stories.push((story, position));
        }
    }

    /// Adds what a further document of the same source gave.
    fn absorb(&mut self, more: Self) {
        self.stories.extend(more.stories);
        self.misses.extend(more.misses);
        self.failed += more.failed;
        self.remember.extend(more.remember);
    }
}

/// The addresses that are asked for a source beside its own, judged by how it was last time: the sitemaps of an index. The caller brings
/// what it remembers of them to [`gather`].
#[must_use]
pub fn asked_too(source: &Source, last_time: &Remembered) -> Vec<Link> {
    match source.kind {
        Kind::Sitemap(_) => sitemap::index::recalled(last_time),
        _ => Vec::new(),
    }
}

/// Reads all sources, several at once. `remembered` holds earlier documents by their addresses. Candidates and misses are in the
/// order of `sources`, however long each took.
#[expect(
    clippy::implicit_hasher,
    reason = "the caller fills it from the ledger; there is one kind"
)]
pub async fn gather(
    sources: &[Source],
    remembered: &HashMap<String, Remembered>,
    limits: &Limits,
    now: DateTime<Utc>,
) -> Gathered {
    let web = fetch::Web::new(named(sources)).map_err(|error| error.explained());
    let readings: Vec<Reading> = futures_util::stream::iter(sources)
        .map(|source| read(source, &web, remembered, limits, now))
        .buffered(limits.at_once.max(1))
        .collect()
        .await;
    let mut gathered = Gathered::default();
    let mut merge = merge::Merge::default();
    for (source, reading) in sources.iter().zip(readings) {
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
        let failed = reading.failed > 0 && reading.stories.is_empty();
        gathered.harvest.failed += usize::from(failed);
        let mut health = health::health(&source.name, &reading.stories, reading.took);
        gathered.remember.extend(reading.remember);
        for (mut story, position) in reading.stories {
            if let Some(section) = &source.section {
                story.section = Some(section.clone());
            }
            health.doubles += usize::from(merge.add(&source.name, story, position));
        }
        gathered.harvest.health.extend((!failed).then_some(health));
    }
    gathered.harvest.asked = sources.len();
    gathered.harvest.candidates = merge.finish();
    gathered
}

async fn read(
    source: &Source,
    web: &Result<fetch::Web, String>,
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
        site: source.site.clone(),
        items: limits.items,
        bytes: limits.bytes,
        now,
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
            let fetched = match web {
                Ok(web) => web
                    .fetch(link, wanted, remembered.get(link.as_str()), &limits)
                    .await
                    .map_err(|error| error.explained()),
                Err(error) => Err(error.clone()),
            };
            match fetched {
                Err(what) => return failed(what),
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
        sitemap::index::follow(home, &reader, web, remembered, &limits, &mut reading).await;
    }
    reading
}

enum Document {
    Feed,
    Stories,
    Sitemap,
    Page(Box<Layout>),
}

struct Reader {
    name: Line,
    section: Option<Line>,
    site: Link,
    items: usize,
    bytes: u64,
    now: DateTime<Utc>,
}

impl Reader {
    fn fetched(&self, document: &Document, name: &str, fetched: Fetched) -> Reading {
        let mut reading = Reading::default();
        self.document(
            document,
            &fetched.body,
            Some(&fetched.url),
            name,
            &mut reading,
        );
        // A page that is no feed is not worth asking about again with its tag, and a huge one not worth keeping.
        let kept =
            |page: &Remembered| reading.failed == 0 && (page.body.len() as u64) <= LIMITS.bytes;
        reading.remember.extend(fetched.remember.filter(kept));
        reading
    }

    fn files(&self, document: &Document, path: &Path) -> Reading {
        let mut reading = Reading::default();
        let paths = match files::matching(path) {
            Ok(paths) => paths,
            Err(error) => {
                reading.failed = 1;
                reading.misses.push(error.to_string());
                return reading;
            }
        };
        for found in paths {
            let name = if found == path {
                self.name.as_str().into()
            } else {
                found.to_string_lossy()
            };
            match files::read(&found, self.bytes) {
                Ok((bytes, _)) => self.document(document, &bytes, None, &name, &mut reading),
                Err(error) => {
                    reading.failed += 1;
                    reading.misses.push(self.about(&name, &error.to_string()));
                }
            }
        }
        reading
    }

    fn document(
        &self,
        document: &Document,
        bytes: &[u8],
        url: Option<&Link>,
        name: &str,
        reading: &mut Reading,
    ) {
        let known = feed::Known {
            url,
            section: self.section.as_ref(),
            items: self.items,
            now: self.now,
        };
        let read = match document {
            Document::Feed => feed::read(bytes, &known).map_err(|error| error.to_string()),
            Document::Sitemap => match sitemap::read(bytes, &known) {
                Ok(sitemap::Sitemap::Stories(read)) => Ok(read),
                Ok(sitemap::Sitemap::Index(children, notes)) if url.is_some() => {
                    reading.children = children;
                    let notes = notes.iter().map(|note| self.about(name, note));
                    return reading.misses.extend(notes);
                }
                Ok(sitemap::Sitemap::Index(..)) => {
                    Err("is an index of sitemaps: on disk, give the sitemaps themselves".into())
                }
                Err(error) => Err(error.to_string()),
            },
            Document::Page(layout) => {
                return match page::read(bytes, layout, &known) {
                    Ok(read) => {
                        let notes = read.notes.iter().map(|note| self.about(name, note));
                        reading.misses.extend(notes);
                        reading.place(read.stories);
                    }
                    Err(what) => {
                        reading.failed += 1;
                        reading.misses.push(self.about(name, &what));
                    }
                };
            }
            Document::Stories => {
                return self.stories(&decode::text(bytes, None), name, reading);
            }
        };
        match read {
            Ok(read) => {
                reading
                    .stories
                    .extend(read.stories.into_iter().map(|story| (story, None)));
                reading
                    .misses
                    .extend(read.notes.iter().map(|note| self.about(name, note)));
            }
            Err(what) => {
                reading.failed += 1;
                reading.misses.push(self.about(name, &what));
            }
        }
    }

    fn stories(&self, text: &str, name: &str, reading: &mut Reading) {
        if markdown::is(name, text) {
            match markdown::read(name, text, &self.site, self.now) {
                Ok(story) => reading.stories.extend(story.map(|story| (story, None))),
                Err(misses) => {
                    reading.failed += 1;
                    reading.misses.extend(misses);
                }
            }
            return;
        }
        let (stories, misses) = stories::read(name, text, self.items);
        reading.failed += usize::from(stories.is_empty());
        reading.misses.extend(misses);
        reading.place(stories);
    }

    /// `what`, with the file's name if the source has another: it is one of several.
    fn about(&self, name: &str, what: &str) -> String {
        if name == self.name.as_str() {
            what.to_owned()
        } else {
            format!("`{name}` {what}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(kind: Kind, name: &str) -> Source {
        Source {
            name: Line::clean(name),
            kind,
            section: None,
            site: Link::parse("https://harbourtimes.example/").unwrap(),
            enrich: false,
        }
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
