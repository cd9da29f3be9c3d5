//! Why the ledger could not be used.

use std::path::PathBuf;

/// Why the ledger could not be used.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The file is something else.
    #[error("`{}` is not a ledger of newsdigest", .0.display())]
    Foreign(PathBuf),
    /// A newer program wrote it.
    #[error("`{}` was written by a newer newsdigest (version {found} of its tables, this one knows {known})", .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: usize,
        /// Ours.
        known: usize,
    },
    /// No room is left.
    #[error("the disk of `{}` is full: what was committed before is kept", .0.display())]
    Full(PathBuf),
    /// The file or its folder may not be written.
    #[error("`{}` cannot be written: it or its folder is read-only", .0.display())]
    ReadOnly(PathBuf),
    /// Another program holds it.
    #[error("`{}` is locked by another program", .0.display())]
    Busy(PathBuf),
    /// The file is damaged.
    #[error("`{}` is damaged; a copy of it should be kept before anything else is tried", .0.display())]
    Damaged(PathBuf),
    /// It cannot be opened.
    #[error("`{}` cannot be opened or made: expected a file in a folder that exists and may be written", .0.display())]
    Open(PathBuf),
    /// Anything else that SQLite says.
    #[error("the ledger `{}` failed: {what}", .path.display())]
    Sql {
        /// The file.
        path: PathBuf,
        /// What SQLite said. Not the error itself: its chain says the same again.
        what: String,
    },
    /// The file refuses one row; another might fare better.
    #[error("the ledger `{}` refuses a row: {what}", .path.display())]
    Row {
        path: PathBuf,
        /// What SQLite said.
        what: String,
    },
    /// The file is not where it was opened any more: what is written now goes nowhere.
    #[error("`{}` was removed or replaced while it was open: nothing is written any more until the program is started again", .0.display())]
    Gone(PathBuf),
    /// There was a ledger, and it is gone: a new one would not know who left.
    #[error("`{}` is gone, and with it the suppression list: there was a ledger here, and a new one would not know who left", .0.display())]
    Missing(PathBuf),
    /// A new ledger was asked for, and there is one.
    #[error("`{}` exists already", .0.display())]
    Exists(PathBuf),
    /// A row holds what this program never writes.
    #[error("the ledger holds what cannot be read: {what}")]
    Nonsense {
        /// What is there.
        what: String,
    },
    /// The thread that writes is gone.
    #[error("the ledger's writer has stopped")]
    Stopped,
    /// More readers ask than can wait.
    #[error("too many readers ask for something at once")]
    Crowded,
    /// Nothing was frozen, because the program was asked to stop.
    #[error(transparent)]
    Asked(#[from] crate::model::stop::Stopped),
}

impl LedgerError {
    /// What a person can do about it, where that is known.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Foreign(_) => Some(
                "`[ledger] path` in the config names the ledger; a newsroom that never had one gets a new one",
            ),
            Self::Missing(_) => Some(
                "put it back, from a backup or the disk it is on. If it is lost: `newsdigest ledger new` makes an empty one, and `newsdigest suppress --import FILE` tells it who left",
            ),
            _ => None,
        }
    }

    /// Whether another row might fare better: the file itself is well.
    pub(super) const fn is_about_a_row(&self) -> bool {
        matches!(self, Self::Row { .. } | Self::Nonsense { .. })
    }
}
