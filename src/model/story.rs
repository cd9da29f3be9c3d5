//! Stories as the sources gave them, and what the sources failed to give.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::model::line::Line;
use crate::model::link::{Link, StoryKey};

/// One piece of journalism. All text is clean, plain words: no HTML, no entities.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Story {
    /// Never empty.
    pub headline: Line,
    /// Where it is read; tracking parameters removed.
    pub url: Link,
    /// The sentence under the headline.
    pub dek: Option<Line>,
    /// The label above the headline, when it is not the section.
    pub kicker: Option<Line>,
    /// News, Business, Opinion ...
    pub section: Option<Line>,
    /// Who wrote it, without "By".
    pub byline: Option<Line>,
    /// When it was published, if the source said so believably.
    pub published: Option<DateTime<Utc>>,
    /// How exactly that is known.
    #[serde(default, skip_serializing_if = "Precision::is_time")]
    pub precision: Precision,
    /// The picture to show with it.
    pub picture: Option<Picture>,
    /// Other stories about the same event.
    pub related: Vec<Related>,
    /// The story's first paragraphs, printed if it is the lede. Each ends with a whole sentence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paragraphs: Vec<Line>,
}

impl Story {
    /// A story of which nothing else is known.
    #[must_use]
    pub const fn new(headline: Line, url: Link) -> Self {
        Self {
            headline,
            url,
            dek: None,
            kicker: None,
            section: None,
            byline: None,
            published: None,
            precision: Precision::Time,
            picture: None,
            related: Vec::new(),
            paragraphs: Vec::new(),
        }
    }
}

/// How exactly it is known when a story was published.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// To the minute; also of a story of which nothing is known.
    #[default]
    Time,
    /// Only the day: [`Story::published`] is the middle of it.
    Day,
    /// A date is given that cannot be read: the story may be of any age.
    Unreadable,
}

impl Precision {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde calls")]
    fn is_time(&self) -> bool {
        *self == Self::Time
    }
}

/// A picture on the paper's server. Where a source names several, one that every mail program shows ([`Picture::best`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// Where it lies.
    pub url: Link,
    /// What it shows, in words; `None` when the source did not say.
    pub alt: Option<Line>,
    /// Who took it.
    pub credit: Option<Line>,
    /// Pixels, if known.
    pub width: Option<u32>,
    /// Pixels, if known.
    pub height: Option<u32>,
    /// The same picture in other sizes, with their widths. An edition file does not have them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sizes: Vec<(Link, u32)>,
    /// Other pictures of the story, the best first, if this one cannot be shown. An edition file does not have them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instead: Vec<Self>,
}

/// The most pictures of a story that are kept.
const FEW: usize = 4;

/// Formats that Outlook (WebP, AVIF) or Gmail (SVG) do not show (caniemail: image-webp, image-avif, image-svg).
const UNSEEN: [(&str, &str); 4] = [
    ("webp", "WebP"),
    ("avif", "AVIF"),
    ("svg", "SVG"),
    ("svgz", "SVG"),
];

/// The kind of a picture that not every mail program shows, by the ending of its path or by what its query asks the server for
/// (`?format=webp`); `None` for all others.
#[must_use]
pub fn unseen(picture: &Link) -> Option<&'static str> {
    let url = picture.url();
    let ending = url.path().rsplit_once('.').map(|(_, ending)| ending.into());
    ending
        .into_iter()
        .chain(url.query_pairs().map(|(_, value)| value))
        .find_map(|found: Cow<'_, str>| {
            let known = UNSEEN
                .iter()
                .find(|(ending, _)| found.eq_ignore_ascii_case(ending))?;
            Some(known.1)
        })
}

impl Picture {
    /// A picture of which only the address is known.
    #[must_use]
    pub const fn at(url: Link) -> Self {
        Self {
            url,
            alt: None,
            credit: None,
            width: None,
            height: None,
            sizes: Vec::new(),
            instead: Vec::new(),
        }
    }

    /// The same picture in the smallest of its sizes that is at least so wide.
    #[must_use]
    pub fn fitting(mut self, width: u32) -> Self {
        let enough = self.sizes.iter().filter(|(_, wide)| *wide >= width);
        let smaller = enough.filter(|(_, wide)| self.width.is_none_or(|own| *wide < own));
        if let Some((url, width)) = smaller.min_by_key(|(_, wide)| *wide).cloned() {
            self.url = url;
            self.width = Some(width);
            self.height = None;
        }
        self
    }

    /// The first that every mail program shows; when none is, the first. The others are its [`instead`](Self::instead).
    pub fn best(pictures: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut all: Vec<Self> = Vec::new();
        for mut picture in pictures {
            let instead = std::mem::take(&mut picture.instead);
            for one in std::iter::once(picture).chain(instead) {
                if all.len() < FEW && all.iter().all(|known| known.url != one.url) {
                    all.push(one);
                }
            }
        }
        let seen = all.iter().position(|one| unseen(&one.url).is_none());
        let mut best = (!all.is_empty()).then(|| all.remove(seen.unwrap_or(0)))?;
        best.instead = all;
        Some(best)
    }
}

/// A further story about the same event: headline and link only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Related {
    /// Never empty.
    pub headline: Line,
    /// Where it is read.
    pub url: Link,
}

/// A story as an edition printed it: enough to know it again, and its event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// Which it was.
    pub key: StoryKey,
    /// As printed.
    pub headline: Line,
    /// As printed.
    pub dek: Option<Line>,
    /// When it was published.
    pub published: Option<DateTime<Utc>>,
}

impl Printed {
    /// What of a story is printed: itself, and those related to it.
    pub fn of(story: &Story) -> impl Iterator<Item = Self> {
        let related = story.related.iter().map(|related| Self {
            key: related.url.key(),
            headline: related.headline.clone(),
            dek: None,
            published: None,
        });
        std::iter::once(Self {
            key: story.url.key(),
            headline: story.headline.clone(),
            dek: story.dek.clone(),
            published: story.published,
        })
        .chain(related)
    }
}

/// A story and where it came from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Candidate {
    /// The story.
    pub story: Story,
    /// The names of all sources that gave it, first the one whose words are used.
    pub sources: Vec<Line>,
    /// Its place in a source whose order is an editor's (a page, a story file), from 0; `None` where order only means time.
    pub position: Option<u32>,
}

/// Everything the sources gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Harvest {
    /// Each story once (by [`Link::key`]), in no meaningful order.
    pub candidates: Vec<Candidate>,
    /// The sources that failed, and what was odd about those that did not.
    pub misses: Vec<Miss>,
    /// How many sources were asked.
    pub asked: usize,
    /// How many of them failed whole.
    pub failed: usize,
    /// Whether one of those is on the web and in trouble that may pass.
    pub may_come_back: bool,
    /// Sources without which there is no edition, and that gave nothing, not even of late.
    pub lacking: Vec<Line>,
    /// How each source that was read is doing, in the order of the config.
    pub health: Vec<Health>,
    /// The words that the sources use for sections, those of most stories first.
    pub sections: Vec<SectionGiven>,
}

/// A word that sources use for a section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SectionGiven {
    /// As it came.
    pub name: Line,
    /// What the paper calls it; `None`: it is no section.
    pub printed: Option<Line>,
    /// Stories that have it.
    pub stories: usize,
}

/// How a source is doing: what it gave, and what its stories lacked before any of it was filled from elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Health {
    /// The source, as the config names it.
    pub source: Line,
    /// Stories it gave.
    pub stories: usize,
    /// When the newest of them was published.
    pub newest: Option<DateTime<Utc>>,
    /// Stories without a date that could be believed.
    pub without_date: usize,
    /// Stories without a picture.
    pub without_picture: usize,
    /// Stories without a dek.
    pub without_dek: usize,
    /// Stories it gave twice, or that a source before it had given.
    pub doubles: usize,
    /// How long it took to read, in milliseconds: of an address, until the last octet of the answer.
    pub milliseconds: u64,
}

/// A source, or part of one, that could not be used. A miss is a result, not an error: the rest goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Miss {
    /// The source, as the config names it.
    pub source: Line,
    /// What happened, in the form of [`crate::model::problem::Problem::what`].
    pub what: Line,
}
