//! What one document of a source gives.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::fetch::{Fetched, Remembered};
use super::limits::LIMITS;
use super::page::Layout;
use super::sections::Sections;
use super::{decode, feed, markdown, page, sitemap, stories};
use crate::files;
use crate::model::dates::DateStyle;
use crate::model::line::Line;
use crate::model::link::Link;
use crate::model::story::Story;

/// What is said of a document that made us panic.
pub(super) const OUR_FAULT: &str = "could not be read: a fault of ours, please report it";

/// What one source gave.
#[derive(Clone, Default)]
pub(super) struct Reading {
    /// Stories, with their place if the order is an editor's.
    pub stories: Vec<(Story, Option<u32>)>,
    pub misses: Vec<String>,
    /// Documents that could not be read at all.
    pub failed: usize,
    /// Whether one of those may be read in a minute.
    pub may_come_back: bool,
    pub remember: Vec<Remembered>,
    /// The sitemaps an index names.
    pub children: Vec<sitemap::Child>,
    /// How long its server took, or its files.
    pub took: Duration,
}

impl Reading {
    /// Adds stories whose order is an editor's.
    pub(super) fn place(&mut self, stories: Vec<Story>) {
        for story in stories {
            let position = u32::try_from(self.stories.len()).ok();
            self.stories.push((story, position));
        }
    }

    /// Adds what a further document of the same source gave.
    pub(super) fn absorb(&mut self, more: Self) {
        self.stories.extend(more.stories);
        self.misses.extend(more.misses);
        self.failed += more.failed;
        self.may_come_back |= more.may_come_back;
        self.remember.extend(more.remember);
    }
}

pub(super) enum Document {
    Feed,
    Stories,
    Sitemap,
    Page(Box<Layout>),
}

pub(super) struct Reader {
    pub name: Line,
    pub section: Option<Line>,
    pub sections: Arc<Sections>,
    pub site: Link,
    pub items: usize,
    pub bytes: u64,
    pub paragraphs: usize,
    pub now: DateTime<Utc>,
    pub dates: DateStyle,
}

impl Reader {
    pub(super) fn fetched(&self, document: &Document, name: &str, fetched: Fetched) -> Reading {
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

    pub(super) fn files(&self, document: &Document, path: &Path) -> Reading {
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
        // A sitemap is unpacked by its own rules.
        let (bytes, fault) = match document {
            Document::Sitemap => (Cow::Borrowed(bytes), None),
            _ => decode::unpacked(bytes, self.bytes),
        };
        let bytes = &*bytes;
        reading
            .misses
            .extend(fault.map(|fault| self.about(name, &fault)));
        let known = feed::FeedContext {
            url,
            section: self.section.as_ref(),
            sections: &self.sections,
            items: self.items,
            paragraphs: self.paragraphs,
            now: self.now,
            dates: &self.dates,
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
            match markdown::read(name, text, &self.site, &self.dates, self.now) {
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
