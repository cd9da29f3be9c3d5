//! Where the ledger is, and the mark in the newsroom that says that there is one.
//!
//! A ledger that is gone takes the suppression list with it: a new one made in its place would mail everybody who left. So only a newsroom that never had a ledger gets
//! one by itself. The mark is in the newsroom's folder, since a ledger may be on a disk of its own, which is not mounted one morning.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::files;

/// The ledger's file and its mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerFile {
    pub path: PathBuf,
    /// Any of them says that there was a ledger; the first is the one that is left.
    marks: Vec<PathBuf>,
}

impl LedgerFile {
    /// The ledger at `path` of the newsletter of that ID in that newsroom.
    #[must_use]
    pub fn new(path: PathBuf, newsroom: &Path, newsletter: &str) -> Self {
        Self::of_all(path, newsroom, &[newsletter])
    }

    /// The ledger that newsletters of these IDs share. A mark that one of them left when it was the only one counts.
    #[must_use]
    pub fn of_all(path: PathBuf, newsroom: &Path, newsletters: &[&str]) -> Self {
        let mark = |id: &&str| newsroom.join(format!(".{id}.ledger"));
        let marks = newsletters.iter().map(mark).collect();
        Self { path, marks }
    }

    /// Whether there was a ledger once. A mark that cannot be looked at is no proof that there was none.
    pub(super) fn is_marked(&self) -> bool {
        let mut marks = self.marks.iter();
        marks.any(|mark| mark.try_exists().unwrap_or(true))
    }

    /// Whether there was a ledger, and its file is not there now.
    pub(super) fn is_missing(&self) -> bool {
        self.is_marked() && !self.path.exists()
    }

    /// Makes the file with nothing in it, writable for the group where the folder is: editors share it. SQLite gives its logs the same rights.
    pub(super) fn create(&self) -> io::Result<()> {
        let file = fs::File::create_new(&self.path)?;
        // A ledger is nobody else's business, whatever the umask.
        let mode = file.metadata()?.mode() & 0o770;
        file.set_permissions(fs::Permissions::from_mode(mode))?;
        files::share_like(&file, self.path.parent().unwrap_or(Path::new("")))
    }

    /// Leaves the mark. Where the folder cannot be written, there is none.
    pub(super) fn mark(&self) {
        _ = self.write_mark();
    }

    fn write_mark(&self) -> io::Result<()> {
        let Some(mark) = self.marks.first().filter(|mark| !mark.exists()) else {
            return Ok(());
        };
        let mut file = fs::File::create_new(mark)?;
        writeln!(
            file,
            "The ledger of this newsroom is `{}`. While this file is here, newsdigest never makes a new one by itself:\nit would not know who left. `newsdigest ledger new` does.",
            self.path.display()
        )?;
        file.sync_all()
    }
}
