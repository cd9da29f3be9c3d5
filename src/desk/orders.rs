//! What a person at the page wants done that is not the desk's own work: whoever serves it does that, by the same steps as the verbs.

use tokio::sync::{mpsc, oneshot};

use crate::model::edition::Slug;
use crate::model::line::Line;
use crate::model::newsletter_name::NewsletterName;

/// The way to whoever does it.
#[derive(Clone)]
pub struct OrderDesk {
    pub requests: mpsc::Sender<DeskOrder>,
    /// Fresh random bytes; `None` when the machine gives none, and then nothing can be ordered.
    pub random: fn() -> Option<[u8; 16]>,
    /// Which of several newsletters the page is of, if the caller does not know.
    pub newsletter: Option<NewsletterName>,
}

/// What somebody wants done with an edition.
pub struct DeskOrder {
    /// Of which of several newsletters it is; `None`: the caller knows.
    pub newsletter: Option<NewsletterName>,
    pub slug: Slug,
    /// Who wants it; empty where nobody says.
    pub who: Line,
    pub wanted: Wanted,
}

pub enum Wanted {
    /// A proof.
    Proof {
        /// For whom, as typed.
        to: String,
        /// Takes what came of it.
        answer: oneshot::Sender<ProofAnswer>,
    },
}

/// What came of a proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofAnswer {
    /// Whether the relay took it.
    pub accepted: bool,
    /// In words; no address is in them.
    pub words: Line,
}
