//! The local preview: one page that shows an edition as its readers will see it, and why. It reads no file, renders no letter and
//! sends nothing: the work hands it a [`Showing`], a new one whenever something changed, and answers when somebody asks for a proof.
//!
//! | route | answers |
//! |---|---|
//! | `/` | the page, whole without JavaScript, for every position of its switches |
//! | `/html` | the letter's HTML as it is sent; the switches are a policy over it, which runs no script and drops what a client drops |
//! | `/text` `/eml` `/web` `/source` | the plain text, the letter as a file, the web edition, the edition file |
//! | `/proof` | takes the form that asks for a proof, and leads back to the page |
//! | `/state.json` | all of it but the letters, for scripts and tests |
//! | `/events` | server-sent events: the version, now and at every change |
//!
//! The switches are `variant=1`, `scheme=dark|inverted`, `styles=inline|none`, `pictures=off`, `compare=1`; `/html` and `/text` know
//! `before=1`, the letter before its last change.
//!
//! Only this machine may look. An unpublished edition is worth stealing, and any web page can send requests to a loopback port or point a
//! name of its own at it (DNS rebinding), so the door compares `Host` and `Origin` with the loopback names before anything else.

mod changes;
mod door;
mod form;
mod guard;
mod page;
mod state;
mod switches;

pub use door::serve;
pub use form::{Answer, Asked, Proofs};

use std::sync::Arc;

use chrono::{DateTime, FixedOffset};

use crate::model::edition::{List, Slug};
use crate::model::finding::Finding;
use crate::model::line::Line;
use crate::model::link::Link;
use crate::model::problem::Problem;
use crate::model::story::Miss;

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
    pub state: State,
    /// The whole edition first, then one for each distinct set of sections. Empty while nothing could be rendered yet; with
    /// [`Showing::problems`] these are the last that were good.
    pub variants: Vec<Variant>,
    /// The edition file, if there is one.
    pub source: Option<Source>,
    /// One for each candidate: those chosen first, then those passed over, best first.
    pub reasons: Vec<Reason>,
    /// The sources that gave nothing.
    pub misses: Vec<Miss>,
    /// The whole edition as a page of its own, for everybody.
    pub web: Option<String>,
    /// What readers would stumble over.
    pub findings: Vec<Finding>,
    /// What is wrong in the files. With one of these the pages are shown as out of date.
    pub problems: Vec<Problem>,
    /// Who would get it, in words, such as `12 subscribers`.
    pub audience: Option<Line>,
    /// Where a proof goes, in words, such as ``handed to `smtp.example.org:587` ``.
    pub relay: Option<Line>,
    /// The letters before their last change; see [`Showing::after`].
    pub before: Option<Arc<Before>>,
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

/// Where an edition stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
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
    fn is_same(&self, other: &Self) -> bool {
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
    /// Why it stands there.
    pub why: Option<Line>,
}

/// The edition file.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name, as the person would write it.
    pub file: Line,
    /// What stands in it.
    pub text: String,
}

/// Why a candidate is in the edition, or is not.
#[derive(Clone, Debug)]
pub struct Reason {
    /// Its headline.
    pub headline: Line,
    /// Where it is read.
    pub url: Link,
    /// Its section.
    pub section: Option<Line>,
    /// Where it stands: the list and the place in it, from 1. Empty: passed over.
    pub slots: Vec<(List, usize)>,
    /// What it was ranked by; `None` when it was never ranked.
    pub score: Option<f64>,
    /// What the score is made of, by name.
    pub parts: Vec<(String, f64)>,
    /// The sentence.
    pub why: Line,
}

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;
