//! A run: an edition frozen for one target, and what goes into it.

use chrono::{DateTime, Utc};

use crate::model::address::Address;
use crate::model::approval::LetGo;
use crate::model::edition::Slug;
use crate::model::line::Line;
use crate::model::newsletter::{Letterhead, Newsletter};
use crate::model::story::Printed;
use crate::model::subscriber::LeftOut;

/// The number of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunId(pub(super) i64);

impl RunId {
    /// The number itself, for tokens.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0.cast_unsigned()
    }
}

#[cfg(test)]
impl RunId {
    /// A run that is in no ledger.
    pub(crate) const fn none() -> Self {
        Self(0)
    }
}

/// An edition frozen for one target.
#[derive(Clone, Debug)]
pub struct Run {
    /// Its number.
    pub id: RunId,
    /// The edition's day.
    pub slug: Slug,
    /// The id of its newsletter.
    pub newsletter: String,
    /// What of the newsletter is in every letter; `None` if an older program froze it.
    pub letterhead: Option<Letterhead>,
    /// Where its letters go.
    pub target: Target,
    /// When it was frozen; every letter carries this date.
    pub frozen: DateTime<Utc>,
    /// The random bytes from which its Message-IDs are made.
    pub key: [u8; 16],
    /// The edition file as it was frozen.
    pub edition: String,
    /// Whether its copies were deleted (`[ledger] keep`); the tally is kept.
    pub is_pruned: bool,
    /// Who let it go; `None`: nobody had to.
    pub let_go: Option<LetGo>,
    /// The run that it corrects, if it is a correction's.
    pub corrects: Option<RunId>,
}

/// A run whose letters really went to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentRun {
    pub slug: Slug,
    /// When it was frozen.
    pub frozen: DateTime<Utc>,
    /// The id of its newsletter.
    pub newsletter: String,
}

/// An alert that is frozen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentAlert {
    pub slug: Slug,
    pub frozen: DateTime<Utc>,
    /// Whether it has the story that was asked about.
    pub has_story: bool,
}

/// Where a run's letters go. Runs to different targets are kept apart: a rehearsal neither counts as sent nor blocks a send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// To the relay, and so to people.
    Relay,
    /// Into that folder.
    Outbox(String),
}

impl Run {
    /// The newsletter under whose head its letters go out: as it was frozen, whatever it is called `today`. `None`: what was frozen
    /// cannot be read.
    #[must_use]
    pub fn newsletter(&self, today: &Newsletter) -> Option<Newsletter> {
        match &self.letterhead {
            Some(head) => today.under(head),
            // It has no key, so nobody has a link or a bounce address of their own.
            None => Some(Newsletter {
                public: None,
                bounces: None,
                ..today.clone()
            }),
        }
    }
}

impl Target {
    pub(super) fn outbox(&self) -> &str {
        match self {
            Self::Relay => "",
            Self::Outbox(folder) => folder,
        }
    }
}

/// What is frozen, apart from pages and people.
#[derive(Clone, Debug)]
pub struct Freeze {
    /// The edition's day.
    pub slug: Slug,
    /// The newsletter's id.
    pub newsletter: String,
    /// What of the newsletter is in every letter.
    pub letterhead: Letterhead,
    /// Where the letters go.
    pub target: Target,
    /// The edition file.
    pub edition: String,
    /// Fresh random bytes.
    pub key: [u8; 16],
    /// What is printed; a story may come twice, and what is said of it first counts.
    pub stories: Vec<Printed>,
    /// The hours in which its copies leave, in order; none: at once.
    pub releases: Vec<Release>,
    /// Whether it is an alert, and so in no answer about the editions of all newsletters.
    pub is_alert: bool,
    /// Who let it go; `None`: nobody had to.
    pub let_go: Option<LetGo>,
    /// The run that it corrects, if it is a correction's.
    pub corrects: Option<RunId>,
}

/// One subscriber's place in the audience.
#[derive(Clone, Debug)]
pub enum Seat {
    /// Gets a copy, unless they are suppressed or had one already.
    Recipient {
        /// The address.
        address: Address,
        /// The reader's name.
        name: Option<Line>,
        /// The index of their pages.
        page_set: usize,
        /// In which of the run's hours it leaves, from 1 on; `None`: at once.
        release: Option<u32>,
    },
    /// Gets none.
    LeftOut {
        /// The address.
        address: Address,
        /// Why.
        why: LeftOut,
    },
}

impl Seat {
    /// The same in those hours of the run.
    #[must_use]
    pub fn leaving(self, release: Option<u32>) -> Self {
        match self {
            Self::Recipient {
                address,
                name,
                page_set,
                ..
            } => Self::Recipient {
                address,
                name,
                page_set,
                release,
            },
            left_out @ Self::LeftOut { .. } => left_out,
        }
    }
}

/// The hours in which copies of a run leave that goes out by readers' own clocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Whose clocks these are, for people.
    pub zones: String,
    /// `None`: at once.
    pub at: Option<DateTime<Utc>>,
    /// From then on it is too late.
    pub until: DateTime<Utc>,
}

/// What went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Runs whose copies are gone now.
    pub runs: u64,
    /// Copies.
    pub copies: u64,
    /// Whether more could go.
    pub more: bool,
}

/// Whether the ledger is still where it was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LedgerPlace {
    /// It is.
    Kept,
    /// It was removed, and written there again out of the open file.
    PutBack,
    /// It was removed or replaced, and what the open file holds is lost.
    Lost,
}

/// What was fetched from an address, for a conditional request (RFC 9110 section 13).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAnswer {
    /// The ETag, verbatim.
    pub etag: Option<String>,
    /// The Last-Modified date, verbatim.
    pub last_modified: Option<String>,
    /// The content.
    pub body: Vec<u8>,
}
