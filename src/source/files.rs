//! Files a source names: one path, or a glob.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::fetch::size;

/// The most files of one glob.
const FILES: usize = 10_000;

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum FileError {
    /// Nothing there.
    #[error("does not exist")]
    Missing,
    /// A glob without a file.
    #[error("matches no file")]
    NoMatch,
    /// No glob at all.
    #[error("is not a pattern for files: {0}")]
    Pattern(&'static str),
    /// More than [`FILES`].
    #[error("matches more than 10,000 files")]
    TooMany,
    /// A folder, a device, a pipe.
    #[error("is not a file")]
    NotFile,
    /// Too large to be what it should be.
    #[error("is larger than {}", size(*.0))]
    Large(u64),
    /// The system's answer.
    #[error("cannot be read: {}", .0.kind())]
    Io(#[source] std::io::Error),
}

/// The files that `path` names, sorted by name. A file whose very name is a pattern is that file.
pub(super) fn named(path: &Path) -> Result<Vec<PathBuf>, FileError> {
    let pattern = path.to_str().filter(|path| path.contains(['*', '?', '[']));
    let Some(pattern) = pattern.filter(|_| !path.exists()) else {
        return Ok(vec![path.to_owned()]);
    };
    let paths = glob::glob(pattern).map_err(|error| FileError::Pattern(error.msg))?;
    let found: Vec<PathBuf> = paths
        .filter_map(Result::ok)
        .filter(|path| path.is_file())
        .take(FILES + 1)
        .collect();
    match found.len() {
        0 => Err(FileError::NoMatch),
        count if count > FILES => Err(FileError::TooMany),
        _ => Ok(found),
    }
}

/// The bytes of a file of at most `limit` octets.
pub(super) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    let io = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => FileError::Missing,
        _ => FileError::Io(error),
    };
    // Opening a pipe would wait for a writer.
    if !std::fs::metadata(path).map_err(io)?.is_file() {
        return Err(FileError::NotFile);
    }
    let mut bytes = Vec::new();
    let mut file = std::fs::File::open(path).map_err(io)?.take(limit + 1);
    file.read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > limit {
        return Err(FileError::Large(limit));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_patterns() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["b.toml", "a.toml", "c.json", "[x].toml"] {
            std::fs::write(at(name), "12345").unwrap();
        }
        let names = |pattern: &str| {
            named(&at(pattern)).map(|paths| {
                paths
                    .iter()
                    .filter_map(|path| path.file_name()?.to_str().map(str::to_owned))
                    .collect::<Vec<_>>()
                    .join(" ")
            })
        };
        assert_eq!(names("?.toml").unwrap(), "a.toml b.toml");
        assert_eq!(names("[x].toml").unwrap(), "[x].toml");
        assert_eq!(names("none.toml").unwrap(), "none.toml");
        assert_eq!(names("*.xml").unwrap_err().to_string(), "matches no file");
        assert_eq!(
            names("[.xml").unwrap_err().to_string(),
            "is not a pattern for files: invalid range pattern"
        );
        assert_eq!(read(&at("a.toml"), 5).unwrap(), b"12345");
        assert_eq!(
            read(&at("a.toml"), 4).unwrap_err().to_string(),
            "is larger than 4 bytes"
        );
        assert_eq!(
            read(&at("none"), 4).unwrap_err().to_string(),
            "does not exist"
        );
        assert_eq!(
            read(folder.path(), 4).unwrap_err().to_string(),
            "is not a file"
        );
    }

    #[test]
    fn every_sentence() {
        let all = [
            FileError::Missing,
            FileError::NoMatch,
            FileError::Pattern("wildcards are either regular `*` or recursive `**`"),
            FileError::TooMany,
            FileError::NotFile,
            FileError::Large(10 << 20),
            FileError::Io(std::io::ErrorKind::PermissionDenied.into()),
        ];
        insta::assert_snapshot!(all.map(|error| error.to_string()).join("\n"), @"
        does not exist
        matches no file
        is not a pattern for files: wildcards are either regular `*` or recursive `**`
        matches more than 10,000 files
        is not a file
        is larger than 10 MB
        cannot be read: permission denied
        ");
    }
}
