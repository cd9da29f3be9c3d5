//! Files that are whole at every instant: the new text is written beside the old and takes its name in one step.
//! Nothing here knows what is in them.
//!
//! ```text
//! temporary file in the same folder -> fsync -> rename (at that instant the new text exists) -> fsync of the folder
//! ```
//! A crash before the rename leaves the old file and perhaps a hidden `.NAME.*.new` beside it, which nobody reads.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use super::NewsroomError;
use crate::files::{self, FileError};

/// How often a held lock is tried, and how long each wait is: five seconds in all.
const TRIES: usize = 250;
const WAIT: Duration = Duration::from_millis(20);

/// Replaces the file, or makes it. Permissions of an old file are kept, its owner where the system allows it; a symbolic link stays and
/// its target is replaced.
///
/// # Errors
/// [`NewsroomError::Write`] with the old file untouched; [`NewsroomError::NotDurable`] when only the last step failed.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), NewsroomError> {
    put(path, bytes, |file, target| {
        file.persist(target).map_err(|error| error.error)
    })
}

/// As [`write_atomic`], if in the last moment before the rename `is_same` says that the file is still the one that was read: an editor may
/// be saving it. Whether it was; if not, nothing was written.
///
/// # Errors
/// As [`write_atomic`].
pub(super) fn write_over(
    path: &Path,
    bytes: &[u8],
    is_same: impl FnOnce() -> bool,
) -> Result<bool, NewsroomError> {
    let mut same = true;
    let done = put(path, bytes, |file, target| {
        same = is_same();
        if !same {
            return Err(io::ErrorKind::Interrupted.into());
        }
        file.persist(target).map_err(|error| error.error)
    });
    if same { done.map(|()| true) } else { Ok(false) }
}

/// Replaces a file that is there, and says what the old one said at that instant: whatever another program saved until then is not lost with
/// it. Where the system cannot change one for the other in a single step, it is what the file said just before.
///
/// # Errors
/// As [`write_atomic`].
pub(super) fn swap(path: &Path, bytes: &[u8]) -> Result<Vec<u8>, NewsroomError> {
    let mut old = Vec::new();
    put(path, bytes, |file, target| {
        let exchange = RenameFlags::EXCHANGE;
        match renameat_with(CWD, file.path(), CWD, target, exchange) {
            Ok(()) => {
                old = fs::read(file.path())?;
                // The old file goes with its new name.
                file.as_file().try_clone()
            }
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                old = fs::read(target)?;
                file.persist(target).map_err(|error| error.error)
            }
            Err(error) => Err(error.into()),
        }
    })?;
    Ok(old)
}

/// Makes the file; of two that make it at once, one wins and the other is told.
///
/// # Errors
/// As [`write_atomic`], and [`NewsroomError::Exists`].
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), NewsroomError> {
    put(path, bytes, |file, target| {
        file.persist_noclobber(target).map_err(|error| error.error)
    })
}

/// Makes a folder if there is none; the group may write it where it may write the folder around it.
///
/// # Errors
/// [`NewsroomError::Write`].
pub(super) fn make_folder(path: &Path) -> Result<(), NewsroomError> {
    let failed = |source| NewsroomError::Write(path.into(), source);
    // An empty path is this folder.
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    let outer = folder(path);
    make_folder(&outer)?;
    fs::create_dir_all(path).map_err(failed)?;
    File::open(path)
        .and_then(|made| files::share_like(&made, &outer))
        .map_err(failed)
}

/// As [`write_new`], for the owner's eyes only (0600).
///
/// # Errors
/// As [`write_new`].
pub fn write_secret(path: &Path, bytes: &[u8]) -> Result<(), NewsroomError> {
    put(path, bytes, |file, target| {
        let owner_only = fs::Permissions::from_mode(0o600);
        file.as_file().set_permissions(owner_only)?;
        file.persist_noclobber(target).map_err(|error| error.error)
    })
}

/// The text of a file, at most `limit` bytes of it. A byte-order mark at its start is left out.
///
/// # Errors
/// It is missing, unreadable, too large, or not UTF-8.
pub fn read_text(path: &Path, limit: u64) -> Result<String, NewsroomError> {
    let mut text = read_as_is(path, limit)?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}

/// As [`read_text`], with the byte-order mark: what is written back must begin as it did.
pub(super) fn read_as_is(path: &Path, limit: u64) -> Result<String, NewsroomError> {
    let (bytes, _) = files::read(path, limit).map_err(|error| NewsroomError::of(path, error))?;
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let lines = error.as_bytes()[..good].split(|&byte| byte == b'\n');
        NewsroomError::NotText(path.into(), lines.count())
    })
}

/// The same; empty where there is no file.
pub(super) fn read_if_any(path: &Path, limit: u64) -> Result<String, NewsroomError> {
    match read_as_is(path, limit) {
        Err(NewsroomError::Missing(_)) => Ok(String::new()),
        other => other,
    }
}

/// Holds the right to change `path` until the answer is dropped. The lock is on a hidden file beside it, which stays: the file itself is
/// replaced by each change, and a lock on it would go with it.
///
/// # Errors
/// [`NewsroomError::Busy`] after five seconds; [`NewsroomError::Write`] when there can be no lock.
pub(super) fn lock(path: &Path) -> Result<File, NewsroomError> {
    lock_within(path, TRIES)
}

fn lock_within(path: &Path, tries: usize) -> Result<File, NewsroomError> {
    let target = followed(path);
    let beside = folder(&target).join(format!(".{}.lock", name(&target)));
    let failed = |source| NewsroomError::Write(beside.clone(), source);
    // To read is enough for a lock, and works when somebody else (cron's root) made the file.
    let file = match files::open(&beside) {
        Ok((file, _)) => Ok(file),
        Err(FileError::Missing) => File::options()
            .read(true)
            .append(true)
            .create(true)
            .open(&beside),
        Err(FileError::Io(source)) => Err(source),
        Err(other) => Err(io::Error::other(other)),
    }
    .map_err(failed)?;
    for _ in 0..tries {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => std::thread::sleep(WAIT),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
    }
    Err(NewsroomError::Busy(path.into()))
}

fn put(
    path: &Path,
    bytes: &[u8],
    rename: impl FnOnce(tempfile::NamedTempFile, &Path) -> io::Result<File>,
) -> Result<(), NewsroomError> {
    let target = followed(path);
    let written = temporary(&target).and_then(|mut file| {
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        rename(file, &target)
    });
    written.map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => NewsroomError::Exists(path.into()),
        _ => NewsroomError::Write(path.into(), source),
    })?;
    outlast(&target, path)
}

/// The name that `target` has got outlasts a power cut from now on; `path` is what a person calls it.
pub(super) fn outlast(target: &Path, path: &Path) -> Result<(), NewsroomError> {
    let synced = File::open(folder(target)).and_then(|folder| folder.sync_all());
    synced.map_err(|source| NewsroomError::NotDurable(path.into(), source))
}

fn temporary(target: &Path) -> io::Result<tempfile::NamedTempFile> {
    let prefix = format!(".{}.", name(target));
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(".new");
    // The error would name the temporary file, which means nothing to a person.
    let nameless = |error: io::Error| io::Error::from(error.kind());
    if let Ok(old) = fs::metadata(target) {
        let file = builder.tempfile_in(folder(target)).map_err(nameless)?;
        like(file.as_file(), &old)?;
        Ok(file)
    } else {
        let folder = folder(target);
        // A new file gets what the person's umask gives, not the 0600 of a temporary one.
        builder.permissions(fs::Permissions::from_mode(0o666));
        let file = builder.tempfile_in(&folder).map_err(nameless)?;
        files::share_like(file.as_file(), &folder)?;
        Ok(file)
    }
}

fn like(file: &File, old: &fs::Metadata) -> io::Result<()> {
    // Only root may give a file away; anyone else keeps it, and the permissions below say who reads it. The owner comes first:
    // to change it drops the set-user bits.
    _ = fchown(file, Some(old.uid()), Some(old.gid()));
    file.set_permissions(old.permissions())
}

/// Where a chain of symbolic links ends, whether something is there or not. A circle is left to the system to name.
fn followed(path: &Path) -> PathBuf {
    let mut path = path.to_path_buf();
    for _ in 0..40 {
        match fs::read_link(&path) {
            Ok(next) => path = folder(&path).join(next),
            Err(_) => break,
        }
    }
    path
}

pub(super) fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.into(),
        _ => ".".into(),
    }
}

fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    fn names_in(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn the_new_text_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.toml");
        write_new(&path, b"one").unwrap();
        write_atomic(&path, b"two").unwrap();
        assert!(matches!(
            write_new(&path, b"three"),
            Err(NewsroomError::Exists(..))
        ));
        assert_eq!(read_text(&path, 10).unwrap(), "two");
        assert_eq!(names_in(folder.path()), ["a.toml"]);
    }

    #[test]
    fn permissions_and_links_stay() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        std::os::unix::fs::symlink("real", &link).unwrap();
        write_atomic(&link, b"through a link to nothing").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        write_atomic(&link, b"through a link").unwrap();
        assert_eq!(
            fs::metadata(&real).unwrap().permissions().mode() & 0o7777,
            0o640
        );
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(read_text(&real, 100).unwrap(), "through a link");
    }

    #[test]
    fn editors_who_share_the_folder_may_write_what_is_new_but_read_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        let mode = |name: &str| {
            fs::metadata(folder.path().join(name))
                .unwrap()
                .permissions()
                .mode()
                & 0o7777
        };
        let write = |name: &str| write_new(&folder.path().join(name), b"x").unwrap();
        write("alone");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o2770)).unwrap();
        write("shared");
        write_secret(&folder.path().join("secret"), b"x").unwrap();
        assert_eq!((mode("shared") & 0o660, mode("secret")), (0o660, 0o600));
        assert_eq!(mode("alone") & 0o020, 0);
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.toml");
        let said = |limit| {
            let error = read_text(&path, limit).unwrap_err().to_string();
            error.replace(&*path.to_string_lossy(), "s.toml")
        };
        let mut all = vec![said(9)];
        fs::write(&path, "0123456789").unwrap();
        all.push(said(9));
        fs::write(&path, b"a\nb\n\xff\xfe\n").unwrap();
        all.push(said(9));
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        all.push(said(1 << 30));
        insta::assert_snapshot!(all.join("\n"), @"
        `s.toml` does not exist
        `s.toml` is larger than 9 bytes
        `s.toml` must be UTF-8 text, but line 3 holds bytes that are not
        `s.toml` is not a file
        ");
        let marked = folder.path().join("bom");
        fs::write(&marked, "\u{feff}x").unwrap();
        assert_eq!(read_text(&marked, 4).unwrap(), "x");
    }

    #[test]
    fn a_folder_that_cannot_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.toml");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
        let refused = write_atomic(&path, b"new");
        let locked = lock(&path);
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        // Root writes everywhere.
        let Err(error) = refused else { return };
        assert_eq!(
            error.to_string(),
            format!("cannot write `{}`", path.display())
        );
        assert_eq!(error.source().unwrap().to_string(), "permission denied");
        assert!(matches!(locked, Err(NewsroomError::Write(..))));
        assert_eq!(read_text(&path, 10).unwrap(), "old");
    }

    #[test]
    fn one_holds_the_lock_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.toml");
        let held = lock(&path).unwrap();
        assert!(matches!(
            lock_within(&path, 2),
            Err(NewsroomError::Busy(..))
        ));
        drop(held);
        lock_within(&path, 1).unwrap();
    }

    /// A pipe in the lock's place would be waited for as long as nobody writes to it.
    #[test]
    fn a_lock_that_is_no_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.toml");
        let pipe = folder.path().join(".s.toml.lock");
        let made = std::process::Command::new("mkfifo").arg(pipe).status();
        assert!(made.unwrap().success());
        assert!(matches!(lock(&path), Err(NewsroomError::Write(..))));
    }

    #[test]
    fn a_folder_that_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gone/s.toml");
        assert!(matches!(
            write_atomic(&path, b"x"),
            Err(NewsroomError::Write(..))
        ));
    }
}
