//! What the page shows: one value, replaced whole whenever something changed.

use std::sync::Arc;

use chrono::{DateTime, FixedOffset};

use crate::config::{Config, Pictures};
use crate::model::edition::{Edition, EditionVersion, List, Slug};
use crate::model::finding::Finding;
use crate::model::line::Line;
use crate::model::link::Link;
use crate::model::problem::Problem;
use crate::model::results::Results;
use crate::model::story::Miss;
use crate::newsroom::editions;
use crate::newsroom::reasons::Reason;

/// Everything the page shows. It is never changed, only replaced whole.
#[derive(Clone, Debug)]
pub struct Showing {
    /// Grows with every replacement; browsers load again when it differs from theirs.
    pub version: u64,
    /// What readers call the newsletter.
    pub newsletter: Line,
    /// Whose mail it is, as inboxes show it: a name, or an address where there is no name.
    pub from: Line,
    /// The edition's day.
    pub slug: Slug,
    /// What the pages are made of.
    pub state: EditionState,
    /// The whole edition first, then one for each distinct set of sections. Empty while nothing could be rendered yet; with
    /// [`Showing::problems`] these are the last that were good.
    pub variants: Vec<Variant>,
    /// The edition file, if there is one.
    pub source: Option<EditionFile>,
    /// One for each candidate: those chosen first, then those passed over, best first.
    pub reasons: Vec<Reason>,
    /// The sources that gave nothing.
    pub misses: Vec<Miss>,
    /// The whole edition as a page of its own, for everybody.
    pub web: Option<String>,
    /// Where copies of pictures lie, and where readers find them; they may not be there yet.
    pub pictures: Option<Pictures>,
    /// What readers would stumble over.
    pub findings: Vec<Finding>,
    /// What is wrong in the files. With one of these the pages are shown as out of date.
    pub problems: Vec<Problem>,
    /// What the edition before brought, if that is known.
    pub results: Option<ShownResults>,
    /// Who would get it, in words, such as `12 subscribers`.
    pub audience: Option<Line>,
    /// Where a proof goes, in words, such as ``handed to `smtp.example.org:587` ``.
    pub relay: Option<Line>,
    /// The letters before their last change; see [`Showing::after`].
    pub before: Option<Arc<Before>>,
    /// The whole edition, as its file or the ledger says it.
    pub edition: Option<Edition>,
    /// The same as it was drafted, in the sources' words.
    pub drafted: Option<Edition>,
    /// Which version of the edition file this is; `None`: none is known.
    pub edition_version: Option<u64>,
    /// The newest versions, newest first.
    pub versions: Vec<EditionVersion>,
    /// When the clock sends it, in the newsletter's time zone.
    pub send_at: Option<DateTime<FixedOffset>>,
}

/// What an edition brought.
#[derive(Clone, Debug)]
pub struct ShownResults {
    pub day: Slug,
    /// Letters that the relay accepted.
    pub accepted: u64,
    pub results: Results,
}

/// Letters that were shown until they changed.
#[derive(Clone, Debug)]
pub struct Before {
    /// The version that showed them last.
    pub version: u64,
    /// As in [`Showing::variants`].
    pub variants: Vec<Variant>,
}

impl Showing {
    /// The page before anything good was seen; `config` is what could be read of it.
    pub(super) fn empty(config: Option<&Config>, slug: Slug) -> Self {
        let name = config.map_or_else(
            || Line::clean("newsdigest"),
            |config| config.newsletter.name.clone(),
        );
        let file = config.map(|config| editions::path_of(&config.editions(), &slug));
        let state = match file.filter(|path| path.exists()) {
            Some(path) => EditionState::Draft {
                file: Line::clean(&path.display().to_string()),
                held: false,
            },
            None => EditionState::WouldDraft,
        };
        Self {
            version: 0,
            web: None,
            pictures: None,
            findings: Vec::new(),
            newsletter: name.clone(),
            from: name,
            slug,
            state,
            variants: Vec::new(),
            source: None,
            reasons: Vec::new(),
            misses: Vec::new(),
            problems: Vec::new(),
            audience: None,
            relay: None,
            before: None,
            results: None,
            edition: None,
            drafted: None,
            edition_version: None,
            versions: Vec::new(),
            send_at: None,
        }
    }

    /// A page that takes the copies of pictures from here.
    #[must_use]
    pub fn with_pictures_here(&self, html: &str) -> String {
        let url = self
            .pictures
            .as_ref()
            .and_then(|pictures| pictures.url.as_deref());
        match url {
            Some(url) => html.replace(&format!("\"{url}"), "\"pictures/"),
            None => html.to_owned(),
        }
    }

    /// Whether it shows the same version of an edition file and nothing around it has changed. Where no version is known nobody can tell.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        let (these, those) = (&self.variants, &other.variants);
        self.edition_version.is_some()
            && self.edition_version == other.edition_version
            && self.state == other.state
            && self.newsletter == other.newsletter
            && self.from == other.from
            && self.relay == other.relay
            && self.audience == other.audience
            && self.problems == other.problems
            && self.findings == other.findings
            && self.misses == other.misses
            && self.web == other.web
            && self.send_at == other.send_at
            && self.reasons.len() == other.reasons.len()
            && these.len() == those.len()
            && these.iter().zip(those).all(|(this, that)| {
                this.is_same(that) && this.name == that.name && this.readers == that.readers
            })
    }

    /// This showing as the one that follows `last`: it remembers the letters of `last` if its own are others, else what `last` remembered.
    #[must_use]
    pub fn after(mut self, last: &Self) -> Self {
        let (were, are) = (&last.variants, &self.variants);
        let same = were.len() == are.len() && were.iter().zip(are).all(|(was, is)| was.is_same(is));
        self.before = if !same && !were.is_empty() {
            Some(Arc::new(Before {
                version: last.version,
                variants: last.variants.clone(),
            }))
        } else {
            last.before.clone()
        };
        self
    }
}

/// Where an edition is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditionState {
    /// An edition file that has not been sent.
    Draft {
        /// Its name.
        file: Line,
        /// Whether its editor holds it.
        held: bool,
    },
    /// There is no edition file; this is what would be drafted now.
    WouldDraft,
    /// The send exists; the pages are those in the ledger.
    Frozen {
        /// When, in the newsletter's time zone.
        when: DateTime<FixedOffset>,
        /// Whether the edition file differs from what was frozen.
        changed_since: bool,
    },
}

/// The letter to all who get the same stories.
#[derive(Clone, Debug)]
pub struct Variant {
    /// Who gets it, such as `Everyone` or `News, City`.
    pub name: Line,
    /// How many subscribers get it, if that is known.
    pub readers: Option<usize>,
    /// Its stories in printing order.
    pub stories: Vec<Spot>,
    /// Its subject.
    pub subject: Line,
    /// Its first visible line, which inboxes show after the subject.
    pub opening: Line,
    /// The HTML part, decoded.
    pub html: String,
    /// The plain text part, decoded.
    pub text: String,
    /// The whole letter as it would be handed over.
    pub letter: Vec<u8>,
}

impl Variant {
    /// Whether it reads the same. Its bytes may still differ, by their date for one.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.subject == other.subject && self.html == other.html && self.text == other.text
    }
}

/// A story in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Its list.
    pub list: List,
    /// Its place in it, from 1.
    pub place: usize,
    /// Its headline.
    pub headline: Line,
    /// Where it is read.
    pub url: Link,
    /// Why it is there.
    pub why: Option<Line>,
}

/// The edition file.
#[derive(Clone, Debug)]
pub struct EditionFile {
    /// Its name, as the person would write it.
    pub file: Line,
    /// What is in it.
    pub text: String,
}
