//! Approvals: who said that an edition may go out as its pages are, and how they said it.

use std::fmt;

use aws_lc_rs::digest;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::model::address::Address;
use crate::model::line::Line;
use crate::model::pages::{Pages, Slot, Slotted};

/// SHA-256 over all that readers would get of an edition; whoever approves it approves this. What goes in, each part behind its length:
///
/// 1. what every letter has on top: sender, Reply-To, the newsletter's name, where its pages are, the fields that the relay wants;
/// 2. the pages of the whole edition: subject, opening (the preheader), the HTML document and the plain text, octet by octet. The places of a
///    reader's own links are in it as places;
/// 3. for each section that a story has, in the order of their names, its name and the same of the pages for a reader of that section alone. The pages for any
///    set of sections follow from these, so a reader who joins with a set that nobody had makes no approval void.
///
/// Not in it: `hold`, `pin`, `drop` and comments of the edition file, which no reader gets; the octets of pictures, whose addresses are in the pages; a letter's
/// date, Message-ID and signature.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PagesHash(pub [u8; 32]);

/// Takes the parts of a [`PagesHash`] one after another.
pub struct PagesHasher(digest::Context);

impl Default for PagesHasher {
    fn default() -> Self {
        Self(digest::Context::new(&digest::SHA256))
    }
}

impl PagesHasher {
    pub fn part(&mut self, octets: &[u8]) {
        self.0.update(&(octets.len() as u64).to_be_bytes());
        self.0.update(octets);
    }

    pub fn pages(&mut self, pages: &Pages) {
        // No clean text holds a marker, so one in a page is a place and nothing else.
        let whole = |page: &Slotted| page.fill(|slot: Slot| slot.marker().to_owned());
        for part in [pages.subject.as_str(), pages.opening.as_str()] {
            self.part(part.as_bytes());
        }
        for page in [&pages.html, &pages.text] {
            self.part(whole(page).as_bytes());
        }
    }

    #[must_use]
    pub fn finish(self) -> PagesHash {
        let mut hash = [0; 32];
        hash.copy_from_slice(self.0.finish().as_ref());
        PagesHash(hash)
    }
}

impl fmt::Debug for PagesHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..4]
            .iter()
            .try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

/// How somebody approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ApprovalWay {
    /// Somebody at the machine's shell said whose approval it is.
    Shell,
    /// By the link in a proof that was sent to the approver's address.
    Link,
    /// At the desk.
    Desk,
}

impl ApprovalWay {
    pub const ALL: [Self; 3] = [Self::Shell, Self::Link, Self::Desk];

    /// As the ledger and scripts call it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Shell => "shell",
            Self::Link => "link",
            Self::Desk => "desk",
        }
    }

    #[must_use]
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.key() == key)
    }

    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Shell => "at the shell",
            Self::Link => "by a proof's link",
            Self::Desk => "at the desk",
        }
    }
}

/// Somebody's word that an edition may go out with these pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    pub by: Address,
    pub way: ApprovalWay,
    /// The name under which whoever typed it was logged in; of a link it is not known.
    pub login: Option<Line>,
    pub at: DateTime<Utc>,
    /// The version of the edition file that had these pages.
    pub version: Option<u64>,
    pub pages: PagesHash,
}

/// Who let a run go: written with it at its freeze, and never changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetGo {
    /// How many approvals the config wanted.
    pub needs: u64,
    /// Those that its pages had.
    pub approvals: Vec<LetGoBy>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetGoBy {
    /// The address in full: of the staff, not of a reader.
    pub by: String,
    pub way: ApprovalWay,
    pub login: Option<Line>,
    pub at: DateTime<Utc>,
}

impl LetGo {
    /// Whether it had as many as it needed.
    #[must_use]
    pub fn is_approved(&self) -> bool {
        self.approvals.len() as u64 >= self.needs
    }
}

impl From<&Approval> for LetGoBy {
    fn from(approval: &Approval) -> Self {
        Self {
            by: approval.by.reveal().to_owned(),
            way: approval.way,
            login: approval.login.clone(),
            at: approval.at,
        }
    }
}

/// The link of a proof, by which its holder approves or holds once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovalLink {
    /// Whose it is.
    pub by: Address,
    /// The edition, by its newsletter's id and its name.
    pub newsletter: String,
    pub slug: crate::model::edition::Slug,
    /// The pages that the proof showed, and the version of the file that had them.
    pub pages: PagesHash,
    pub version: Option<u64>,
    /// From then on it does nothing.
    pub until: DateTime<Utc>,
    /// When its button was pressed, and which.
    pub spent: Option<(DateTime<Utc>, Pressed)>,
}

/// The buttons behind a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressed {
    Approve,
    Hold,
}

impl Pressed {
    pub const ALL: [Self; 2] = [Self::Approve, Self::Hold];

    /// As the form and the ledger call it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Hold => "hold",
        }
    }

    #[must_use]
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.key() == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(subject: &str, opening: &str, text: &str) -> PagesHash {
        let mut hasher = PagesHasher::default();
        hasher.pages(&Pages {
            subject: Line::clean(subject),
            opening: Line::clean(opening),
            html: Slotted::cut("<p>"),
            text: Slotted::cut(text),
        });
        hasher.finish()
    }

    #[test]
    fn every_part_counts_and_none_runs_into_another() {
        let one = hash("ab", "c", "d");
        assert_eq!(one, hash("ab", "c", "d"));
        for other in [
            hash("a", "bc", "d"),
            hash("ab", "c", "d "),
            hash("ab", "", "cd"),
            hash("ab", "c", &format!("d{}", Slot::Preferences.marker())),
        ] {
            assert_ne!(one, other);
        }
    }
}
