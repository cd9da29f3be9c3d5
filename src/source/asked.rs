//! What is asked for: sources, limits, and what is remembered of the last time.

use std::time::Duration;

use chrono::TimeDelta;

use super::page::Layout;
use crate::model::line::Line;
use crate::model::link::{Link, Origin};
use crate::model::zone::Zone;

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
    /// Of its times that name no zone.
    pub zone: Zone,
    /// Without it there is no edition. If it fails, its last good answer is used, unless that is older than this.
    pub must: Option<TimeDelta>,
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
