//! Why the list of readers cannot be read or changed.

use std::path::PathBuf;

use crate::ledger::LedgerError;
use crate::model::figures::counted;
use crate::model::line::Line;
use crate::newsroom::NewsroomError;

/// Whatever the reason, the list is as it was, and what readers asked for is kept.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// It is the ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// It is the file.
    #[error(transparent)]
    Newsroom(#[from] NewsroomError),
    /// The config wants the list to be in the ledger, and it is in that file.
    #[error("`subscribers_in = \"ledger\"` is in the config, but the list of readers is still in `{}`", .0.display())]
    NotMoved(PathBuf),
    /// The config wants the list to be in the ledger, and there is no ledger.
    #[error("the list of readers is to be in the ledger, and there is no ledger yet")]
    NotBegun,
    /// The ledger holds subscribers whose rows cannot be read.
    #[error("the list of readers in the ledger has {}", counted(.0.len(), "row that cannot be read", "rows that cannot be read"))]
    Unreadable(Vec<Line>),
    /// Readers or an editor changed the list each time it was about to be moved.
    #[error("the list of readers changed each time it was about to be moved")]
    Restless,
}

impl ListError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Ledger(error) => error.hint().map(Into::into),
            Self::NotMoved(_) => Some(
                "`newsdigest subscribers move --to ledger` moves it; without that line of the config the file is the list"
                    .to_owned(),
            ),
            Self::NotBegun => {
                Some("`newsdigest subscribers add ADDRESS` makes it".to_owned())
            }
            _ => None,
        }
    }
}
