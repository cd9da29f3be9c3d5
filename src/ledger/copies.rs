//! Copies on their way: what is claimed, what is settled, and where each is.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::policy::Patience;
use super::relays::{RelayId, RelayLeft};
use super::state::CopyState;
use crate::bounce::Class;
use crate::model::address::Address;
use crate::model::delivery::Reply;
use crate::model::line::Line;

/// A queued copy that nobody has claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedCopy {
    /// The row.
    pub copy: i64,
    /// The domain of the address, in small letters.
    pub domain: Box<str>,
    /// Not before this instant.
    pub next_try: DateTime<Utc>,
    /// Which of several relays it was last claimed for.
    pub relay: Option<RelayId>,
    /// Whether that relay may have it, so that it goes to no other.
    pub is_doubtful: bool,
}

/// A copy that is ours to hand over.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The row.
    pub copy: i64,
    /// The reader's number.
    pub reader: u64,
    /// Where the letter goes.
    pub address: Address,
    /// What to call the reader.
    pub name: Option<Line>,
    /// The index of the reader's pages.
    pub page_set: usize,
    /// How often it was deferred.
    pub attempts: u32,
}

/// What is to be written down in one commit.
#[derive(Clone, Debug, Default)]
pub struct CommitRequest {
    /// What became of copies.
    pub settled: Vec<Settlement>,
    /// What refusals say of mailboxes.
    pub refused: Vec<Refused>,
    /// The copy to claim.
    pub claim: Option<i64>,
    /// For which of several relays it is claimed.
    pub claimed_for: Option<RelayId>,
    /// A copy to look at without claiming it.
    pub look: Option<i64>,
    /// A relay that the run goes on without.
    pub left: Option<RelayLeft>,
    /// The name of the relay under which settled letters that it took, or may have, are counted for its quota ([`super::Ledger::handed`]).
    pub relay: Option<Arc<str>>,
}

/// What came of an [`CommitRequest`].
#[derive(Clone, Debug, Default)]
pub struct Claimed {
    /// The copy claimed; `None` if it is not queued any more, or was suppressed and is left out now.
    pub claim: Option<Claim>,
    /// The copy looked at, still queued; `None` as above.
    pub ahead: Option<Claim>,
    /// Why rows were set aside that the ledger refuses while it takes others.
    pub set_aside: Vec<Line>,
}

/// A refusal at RCPT, to be counted like a bounce.
#[derive(Clone, Debug)]
pub struct Refused {
    /// The row.
    pub copy: i64,
    /// What it says of the mailbox.
    pub class: Class,
    /// The relay's words.
    pub words: Line,
    /// How many soft ones are too many.
    pub patience: Patience,
}

/// What became of a claimed copy.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// The row.
    pub copy: i64,
    /// What became of it.
    pub settled: Settled,
}

/// The ways a claim ends.
#[derive(Clone, Debug)]
pub enum Settled {
    /// The relay took it.
    Accepted(Reply),
    /// The relay refused the mailbox for good.
    Rejected(Reply),
    /// Later; attempts + 1.
    Deferred {
        /// The relay's words.
        reply: Reply,
        /// Not before this instant.
        next_try: DateTime<Utc>,
    },
    /// Deferred once too often.
    GivenUp(Reply),
    /// No answer after the dot.
    InDoubt,
    /// The conversation ended before the dot: queued again, attempts unchanged.
    Untouched,
    /// What the ledger says of the copy makes no letter.
    Unusable,
}

impl Settled {
    /// Whether the relay has the letter, or may have it.
    pub(super) const fn may_have_left(&self) -> bool {
        matches!(self, Self::Accepted(_) | Self::InDoubt)
    }
}

/// Which of the copies in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubtful {
    /// Those of which nobody has said yet that they are to be left so.
    Unskipped,
    /// Those that were skipped before, too, and those that wait for the one relay that may have them.
    All,
}

/// What became of a copy; each subscriber of a run is in one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyStatus {
    /// Still to be handed over.
    Queued,
    /// The relay took it.
    Accepted,
    /// Refused for good.
    Rejected,
    /// May have arrived.
    InDoubt,
    /// Not tried any more.
    GivenUp,
    /// No copy, with a reason.
    LeftOut,
}

/// What became of one copy.
#[derive(Clone, Debug)]
pub struct Fate {
    /// The reader's address; masked where it is none.
    pub address: Line,
    /// What became of it.
    pub standing: CopyStatus,
    /// How often its letter was handed over.
    pub attempts: u32,
    /// The relay's last words, or the reason; empty if there are none.
    pub why: Line,
    /// Since when that is so.
    pub at: DateTime<Utc>,
}

impl CopyStatus {
    /// The name of its count in a tally.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::InDoubt => "in_doubt",
            Self::GivenUp => "given_up",
            Self::LeftOut => "left_out",
        }
    }

    /// Handing over is doubt to everybody but the sender.
    pub(super) const fn of(state: CopyState) -> Self {
        match state {
            CopyState::Queued => Self::Queued,
            CopyState::Handing | CopyState::InDoubt => Self::InDoubt,
            CopyState::Accepted => Self::Accepted,
            CopyState::Rejected => Self::Rejected,
            CopyState::GivenUp => Self::GivenUp,
            CopyState::LeftOut => Self::LeftOut,
        }
    }
}
