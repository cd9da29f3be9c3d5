//! What the config says of a source.

use std::sync::Arc;

use chrono::TimeDelta;

use super::page::Layout;
use super::sections::Sections;
use crate::model::dates::DateStyle;
use crate::model::line::Line;
use crate::model::link::{Link, Origin};

/// One `[[source]]` of the config.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// As the config names it: the URL without its query, or the path.
    pub name: Line,
    /// What it is and where.
    pub kind: Kind,
    /// The section of all its stories; `None`: each story's own.
    pub section: Option<Line>,
    /// What the paper calls its sections.
    pub sections: Arc<Sections>,
    /// The paper's front page: what a path in a story's front matter is relative to.
    pub site: Link,
    /// Whether what its stories lack is looked up in their own pages.
    pub enrich: bool,
    /// How it writes its dates.
    pub dates: DateStyle,
    /// Without it there is no edition. If it fails, its last good answer is used, unless that is older than this.
    pub must: Option<TimeDelta>,
}

#[cfg(test)]
impl Source {
    /// A source of the Harbour Times, of which nothing more is asked.
    pub(super) fn of(name: Line, kind: Kind) -> Self {
        Self {
            name,
            kind,
            section: None,
            sections: std::sync::Arc::default(),
            site: Link::parse("https://harbourtimes.example/").unwrap(),
            enrich: false,
            dates: DateStyle::universal(),
            must: None,
        }
    }
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

impl Source {
    /// Where it is on the web, by the config's own words.
    pub(super) fn home(&self) -> Option<&Link> {
        match (self.kind.origin(), &self.kind) {
            (Origin::Url(link), _) => Some(link),
            (_, Kind::Page(_, layout)) => Some(&layout.base),
            _ => None,
        }
    }
}

/// What the config names on the web: where its sources are, and the paper's site.
pub(super) fn named(sources: &[Source]) -> Vec<Link> {
    let addresses = sources
        .iter()
        .flat_map(|source| source.home().into_iter().chain([&source.site]));
    addresses.cloned().collect()
}
