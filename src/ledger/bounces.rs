//! What came back of letters that the relay took.

use chrono::{DateTime, Utc};

use crate::bounce::Class;
use crate::model::address::Address;
use crate::model::line::Line;

/// One thing that came back, about a reader whom its token named.
#[derive(Clone, Debug)]
pub struct Returned {
    /// The reader's number.
    pub reader: u64,
    /// The run whose letter it was; 0: not told.
    pub run: u64,
    /// What it says.
    pub what: Comeback,
    /// Its words.
    pub words: Line,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// The same for the same message: read twice, it counts once.
    pub digest: [u8; 16],
}

/// One thing that a provider tells about an address, and proved to have told.
#[derive(Clone, Debug)]
pub struct Reported {
    /// About whom.
    pub address: Address,
    /// The numbers of reader and run in a token of ours that came with it.
    pub sealed: Option<(u64, u64)>,
    /// The Message-ID of the letter, as far as the provider knows it.
    pub letter: Option<String>,
    /// What it says.
    pub what: Comeback,
    /// Its words.
    pub words: Line,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The same for the same event: told twice, it counts once.
    pub digest: [u8; 16],
}

/// What came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comeback {
    /// The letter was not delivered.
    Failed(Class),
    /// The reader calls it spam.
    Complained,
    /// The reader left at the provider.
    Left,
}

impl Comeback {
    /// The name kept in the ledger, and shown.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Failed(class) => class.code(),
            Self::Complained => "complaint",
            Self::Left => "unsubscribed",
        }
    }
}

/// What followed from something that came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BounceOutcome {
    /// It was written down.
    Noted,
    /// It was written down, and the reader is on the suppression list for it. `None`: their key cannot be read as an address.
    Suppressed(Option<Address>),
    /// It was written down before, or the reader has too many.
    Known,
    /// The ledger knows no such reader: the letter was sent from another one.
    Stranger,
}

/// One row of what came back of a reader's letters.
#[derive(Clone, Debug)]
pub struct CameBack {
    /// The number of the run whose letter it was, if that was told.
    pub run: Option<i64>,
    /// What: `hard`, `soft`, `temporary`, `about-us`, `complaint` or `unsubscribed`.
    pub what: Line,
    /// Its words.
    pub words: Line,
    /// When it was written.
    pub at: DateTime<Utc>,
}
