//! Where the ledger is, and the mark in the newsroom that says that there is one.
//!
//! A ledger that is gone takes the suppression list with it: a new one made in its place would mail everybody who left. So only a newsroom that never had a ledger gets
//! one by itself. The mark is in the newsroom's folder, since a ledger may be on a disk of its own, which is not mounted one morning.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The ledger's file and its mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerFile {
    pub path: PathBuf,
    mark: PathBuf,
}

impl LedgerFile {
    /// The ledger at `path` of the newsletter of that ID in that newsroom.
    #[must_use]
    pub fn new(path: PathBuf, newsroom: &Path, newsletter: &str) -> Self {
        let mark = newsroom.join(format!(".{newsletter}.ledger"));
        Self { path, mark }
    }

    /// Whether there was a ledger once. A mark that cannot be looked at is no proof that there was none.
    pub(super) fn is_marked(&self) -> bool {
        self.mark.try_exists().unwrap_or(true)
    }

    /// Whether there was a ledger, and its file is not there now.
    pub(super) fn is_missing(&self) -> bool {
        self.is_marked() && !self.path.exists()
    }

    /// Leaves the mark. Where the folder cannot be written, there is none.
    pub(super) fn mark(&self) {
        _ = self.write_mark();
    }

    fn write_mark(&self) -> io::Result<()> {
        if self.is_marked() {
            return Ok(());
        }
        let mut file = fs::File::create_new(&self.mark)?;
        writeln!(
            file,
            "The ledger of this newsroom is `{}`. While this file is here, newsdigest never makes a new one by itself:\nit would not know who left. `newsdigest ledger new` does.",
            self.path.display()
        )?;
        file.sync_all()
    }
}
