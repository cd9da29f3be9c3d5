//! One sender of a newsletter at a time, and one that speaks to the relay. A lock is the system's, on a file beside the ledger: it is gone when its
//! process is, however it ended.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat, Utc};

use crate::files;
use crate::model::line::Line;
use crate::model::newsletter_name::NewsletterName;

/// What only one process at a time may do.
#[derive(Clone, Copy, Debug)]
pub enum LockOf<'a> {
    /// Send that one of several newsletters, or the only one.
    Newsletter(Option<&'a NewsletterName>),
    /// Freeze and hand over, in a newsroom of several newsletters. The only newsletter of an older program held this one.
    Relay,
    /// The same in a newsroom of one.
    RelayOfOne,
    /// Send an alert, for which all others stop.
    Alert,
}

impl LockOf<'_> {
    /// The end of the file's name. No newsletter's name makes that of another kind.
    fn ending(self) -> String {
        match self {
            Self::Newsletter(Some(name)) => format!(".{name}.lock"),
            Self::Newsletter(None) | Self::Relay => ".lock".to_owned(),
            Self::RelayOfOne => ".relay".to_owned(),
            Self::Alert => ".alert".to_owned(),
        }
    }

    /// Its file. Two names of one ledger are one lock.
    fn file(self, ledger: &Path) -> PathBuf {
        let whole = ledger.canonicalize();
        let mut path = OsString::from(whole.as_deref().unwrap_or(ledger));
        path.push(self.ending());
        PathBuf::from(path)
    }
}

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
    /// Takes that lock of a ledger, or says who has it.
    ///
    /// # Errors
    /// Another run holds it, or the file cannot be made.
    pub fn take(ledger: &Path, of: LockOf<'_>, now: DateTime<Utc>) -> Result<Self, SendLockError> {
        let path = of.file(ledger);
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
                let by = holder(&file);
                return Err(SendLockError::Other { by });
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

    /// Who holds that lock, if anybody does. It never keeps whoever wants the lock from it for longer than it takes to look.
    #[must_use]
    pub fn holder(ledger: &Path, of: LockOf<'_>) -> Option<Line> {
        let (file, _) = files::open(&of.file(ledger)).ok()?;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => Some(holder(&file)),
            _ => None,
        }
    }
}

/// What the holder of a lock wrote into its file.
fn holder(mut file: &File) -> Line {
    let mut by = String::new();
    _ = (&mut file).take(200).read_to_string(&mut by);
    Line::clean(&by)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// A pipe that nobody writes to is not waited for.
    #[test]
    fn a_pipe_in_the_locks_place_holds_nobody_up() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("a.db");
        let of = LockOf::Newsletter(None);
        let made = std::process::Command::new("mkfifo")
            .arg(of.file(&ledger))
            .status();
        assert!(made.unwrap().success());
        assert_eq!(SendLock::holder(&ledger, of), None);
    }

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
            let held =
                SendLock::take(&ledger, LockOf::Newsletter(None), DateTime::UNIX_EPOCH).unwrap();
            assert_eq!(mode(&lock) & 0o060, expected, "{folder_mode:o}");
            drop(held);
        }
    }
}
