//! The file removed, replaced or emptied while it is open. What is written then goes nowhere, and the next `send` would know of nothing.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::Ledger;
use crate::ledger::{LedgerError, LedgerPlace};

/// What tells a file from another one of the same name.
#[derive(Clone, Copy, Debug)]
struct Inode {
    place: (u64, u64),
    is_empty: bool,
}

impl Inode {
    fn of(path: &Path) -> Option<Self> {
        let data = fs::metadata(path).ok()?;
        Some(Self {
            place: (data.dev(), data.ino()),
            is_empty: data.len() == 0,
        })
    }

    /// Whether it is that file as it was opened: a ledger with anything in it is never empty again.
    fn is_still(self, opened: Self) -> bool {
        self.place == opened.place && (opened.is_empty || !self.is_empty)
    }
}

/// Which files were opened: the ledger, and its log of writes, which is there as long as anybody has the ledger open.
#[derive(Clone, Debug, Default)]
pub struct FileWatch {
    /// As it was named.
    path: PathBuf,
    /// Where that was when it was opened: a folder that is moved takes along what is named from within it, and another may come in its place.
    place: PathBuf,
    files: [Option<Inode>; 2],
}

impl FileWatch {
    pub(super) fn of(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            place: std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
            files: files(path),
        }
    }

    /// Makes sure that the files are still those that were opened.
    ///
    /// # Errors
    /// [`LedgerError::Gone`].
    pub fn check(&self) -> Result<(), LedgerError> {
        let lost = |(opened, now): (&Option<Inode>, Option<Inode>)| {
            opened.is_some_and(|opened| !now.is_some_and(|now| now.is_still(opened)))
        };
        if self.files.iter().zip(files(&self.place)).any(lost) {
            return Err(LedgerError::Gone(self.path.clone()));
        }
        Ok(())
    }
}

fn files(path: &Path) -> [Option<Inode>; 2] {
    // SQLite itself may empty its log.
    let log = Inode::of(&beside(path, "-wal")).map(|log| Inode {
        is_empty: true,
        ..log
    });
    [Inode::of(path), log]
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.to_owned().into_os_string();
    name.push(end);
    name.into()
}

impl Ledger {
    /// Tells later whether the files are still those that were opened.
    #[must_use]
    pub fn watch(&self) -> FileWatch {
        self.watch.clone()
    }

    /// Where that matters, makes sure that the files are still those that were opened.
    pub(super) fn check(&self) -> Result<(), LedgerError> {
        if self.is_watched {
            self.watch.check()
        } else {
            Ok(())
        }
    }

    /// Closes the ledger. If its file was removed meanwhile, a copy of the open file is put in its place, whole or not at all; a file that
    /// somebody else put there is never written over.
    #[must_use]
    pub fn close_file(mut self) -> LedgerPlace {
        self.is_watched = false;
        let path = self.watch.place.clone();
        match (Inode::of(&path), self.watch.files[0]) {
            (Some(found), Some(opened)) if found.is_still(opened) => return LedgerPlace::Kept,
            (Some(_), _) => return LedgerPlace::Lost,
            (None, _) => {}
        }
        let copy = beside(&path, ".restored");
        _ = fs::remove_file(&copy);
        let written = self.copy_to(&copy);
        // The last to close removes the log of writes by its name, so that comes before the copy gets the name.
        drop(self);
        let put = written.is_ok() && {
            for log in ["-wal", "-shm"] {
                _ = fs::remove_file(beside(&path, log));
            }
            // Unlike a renaming, a link never replaces anything.
            fs::hard_link(&copy, &path).is_ok()
        };
        _ = fs::remove_file(&copy);
        if put {
            LedgerPlace::PutBack
        } else {
            LedgerPlace::Lost
        }
    }

    fn copy_to(&self, copy: &Path) -> Result<(), LedgerError> {
        let name = copy.to_string_lossy();
        self.read(|db| db.execute("VACUUM INTO ?1", [&*name]))?;
        let synced = fs::File::open(copy).and_then(|file| file.sync_all());
        synced.map_err(|_| LedgerError::Open(copy.to_owned()))
    }
}
