//! One sender of a newsletter at a time. The lock is the system's, on a file beside the ledger: it is gone when its process is, however it ended.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat, Utc};

use crate::files;
use crate::model::line::Line;
use crate::model::newsletter_name::NewsletterName;

/// Held as long as it lives.
#[derive(Debug)]
pub struct SendLock {
    _file: File,
}

/// Why the lock was not got.
#[derive(Debug, thiserror::Error)]
pub enum SendLockError {
    /// Another run has it.
    #[error("another run is sending{}", said(.by))]
    Other {
        /// What it wrote into the file.
        by: Line,
    },
    /// The file cannot be made or locked.
    #[error("`{}` cannot be locked", .path.display())]
    Broken {
        /// The lock file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

fn said(by: &Line) -> String {
    if by.is_empty() {
        String::new()
    } else {
        format!(" ({by})")
    }
}

impl SendLock {
    /// Takes the lock of the ledger at `named`, or says who has it. Each of several newsletters has a lock of its own there.
    ///
    /// # Errors
    /// Another run holds it, or the file cannot be made.
    pub fn take(
        named: &Path,
        newsletter: Option<&NewsletterName>,
        now: DateTime<Utc>,
    ) -> Result<Self, SendLockError> {
        // Two names of one ledger are one lock.
        let ledger = named.canonicalize();
        let ledger = ledger.as_deref().unwrap_or(named);
        let mut path = OsString::from(ledger);
        if let Some(newsletter) = newsletter {
            path.push(format!(".{newsletter}"));
        }
        path.push(".lock");
        let path = PathBuf::from(path);
        let broken = |source| SendLockError::Broken {
            path: path.clone(),
            source,
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(broken)?;
        if let Some(folder) = path.parent() {
            // Of a lock that somebody else made, they said who may open it.
            _ = files::share_like(&file, folder);
        }
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut by = String::new();
                _ = (&mut file).take(200).read_to_string(&mut by);
                return Err(SendLockError::Other {
                    by: Line::clean(&by),
                });
            }
            Err(TryLockError::Error(source)) => return Err(broken(source)),
        }
        // For the message of whoever comes second; the lock holds without it.
        let words = format!(
            "process {} since {}\n",
            std::process::id(),
            now.to_rfc3339_opts(SecondsFormat::Secs, true)
        );
        _ = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(words.as_bytes()));
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// Whoever made the lock, the others of the group that shares the newsroom may take it next.
    #[test]
    fn who_shares_the_folder_shares_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode();
        for (folder_mode, expected) in [(0o700, 0), (0o770, 0o060)] {
            let permissions = std::fs::Permissions::from_mode(folder_mode);
            std::fs::set_permissions(folder.path(), permissions).unwrap();
            let ledger = folder.path().join(format!("{folder_mode:o}.db"));
            let lock = ledger.with_extension("db.lock");
            std::fs::File::create(&lock).unwrap();
            std::fs::set_permissions(&lock, std::fs::Permissions::from_mode(0o600)).unwrap();
            let held = SendLock::take(&ledger, None, DateTime::UNIX_EPOCH).unwrap();
            assert_eq!(mode(&lock) & 0o060, expected, "{folder_mode:o}");
            drop(held);
        }
    }
}
