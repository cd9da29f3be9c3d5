//! The one door to files that the config names: regular files of a bounded size, and patterns of them.
//!
//! A name in the config may be anything that lies on a disk: a pipe that nobody writes to, `/dev/zero`, a pattern over the whole machine. So a
//! file is opened without waiting, looked at while it is open, and read only if it is a regular file within its bound.

mod pattern;

use std::fs::{File, Metadata, Permissions};
use std::io::{self, Read as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

pub use pattern::{PatternError, matching};

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("does not exist")]
    Missing,
    /// A folder, a device, a pipe.
    #[error("is not a file")]
    NotFile,
    #[error("is larger than {}", size(*.0))]
    TooLarge(u64),
    #[error("cannot be read: {}", .0.kind())]
    Io(#[source] io::Error),
}

impl From<io::Error> for FileError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            _ => Self::Io(error),
        }
    }
}

/// Where the group may write the folder, editors share it: then they may write what is new in it too, whatever the umask of the one who made it.
///
/// # Errors
/// The system's.
pub fn share_like(file: &File, folder: &Path) -> io::Result<()> {
    let here = folder.as_os_str().is_empty();
    let folder = if here { Path::new(".") } else { folder };
    if std::fs::metadata(folder)?.permissions().mode() & 0o020 == 0 {
        return Ok(());
    }
    let mode = file.metadata()?.permissions().mode();
    // A folder has the set-group bit of the folder around it; systemd's `RestrictSUIDSGID` refuses whoever names that bit.
    if mode & 0o060 == 0o060 {
        return Ok(());
    }
    file.set_permissions(Permissions::from_mode(mode & 0o7777 | 0o060))
}

/// Opens a regular file. A pipe or a device is refused, and never waited for.
///
/// # Errors
/// As [`FileError`].
pub fn open(path: &Path) -> Result<(File, Metadata), FileError> {
    let file = File::options()
        .read(true)
        .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY)
        .open(path)?;
    let about = file.metadata()?;
    if about.is_file() {
        Ok((file, about))
    } else {
        Err(FileError::NotFile)
    }
}

/// The bytes of a regular file of at most `limit` bytes, and what the system says about it.
///
/// # Errors
/// As [`FileError`].
pub fn read(path: &Path, limit: u64) -> Result<(Vec<u8>, Metadata), FileError> {
    let (file, about) = open(path)?;
    if about.len() > limit {
        return Err(FileError::TooLarge(limit));
    }
    let mut bytes = Vec::new();
    bytes.reserve_exact(usize::try_from(about.len()).unwrap_or_default() + 1);
    // It may grow meanwhile.
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(FileError::TooLarge(limit));
    }
    Ok((bytes, about))
}

/// A number of bytes in words: `10 MB`, `512 bytes`.
#[must_use]
pub fn size(bytes: u64) -> String {
    match bytes {
        1_000_000.. => format!("{} MB", bytes / 1_000_000),
        1_000.. => format!("{} kB", bytes / 1_000),
        _ => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_within_their_bound() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.toml");
        std::fs::write(&path, "12345").unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let said = |path: &Path, limit| read(path, limit).unwrap_err().to_string();
        assert_eq!(read(&path, 5).unwrap().0, b"12345");
        assert_eq!(said(&path, 4), "is larger than 4 bytes");
        assert_eq!(said(&folder.path().join("none"), 4), "does not exist");
        for other in [&pipe, folder.path(), Path::new("/dev/zero")] {
            assert_eq!(said(other, 4), "is not a file");
        }
        // A file that says it is empty and is not.
        assert_eq!(
            said(Path::new("/proc/self/status"), 4),
            "is larger than 4 bytes"
        );
    }

    #[test]
    fn sizes() {
        let said = [999, 1_000, 1_000_000].map(size);
        assert_eq!(said.join(", "), "999 bytes, 1 kB, 1 MB");
    }
}
