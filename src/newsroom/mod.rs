//! The newsroom's own files on disk: the subscribers, the editions, and what `init` writes.
//! It never looks at a feed, the ledger or a relay, and never leaves a file half written.
//!
//! The files are a person's: what this room changes in one of them leaves every other byte as it stood, comments and line ends too.

pub mod editions;
pub mod import;
pub mod pictures;
pub mod reasons;
pub mod starter;
pub mod subscribers;
mod table;
mod write;

use std::io;
use std::path::{Path, PathBuf};

pub use table::Table;
pub use write::{read_text, write_atomic, write_new, write_secret};

use crate::files::{FileError, size};
use crate::model::line::Line;
use crate::model::problem::Problem;

/// Why a file of the newsroom could not be read or changed. Whatever the reason, the file stands as it stood, unless the sentence
/// says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum NewsroomError {
    /// There is no such file.
    #[error("`{}` does not exist", shown(path))]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// It is there, and the system does not let us read it.
    #[error("cannot read `{}`", shown(path))]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is larger than such a file can sensibly be.
    #[error("`{}` is larger than {}", shown(path), size(*limit))]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most bytes it may have.
        limit: u64,
    },
    /// It is a folder, a pipe or a device.
    #[error("`{}` is not a file", shown(path))]
    NotFile { path: PathBuf },
    /// It is not UTF-8.
    #[error(
        "`{}` must be UTF-8 text, but line {line} holds bytes that are not",
        shown(path)
    )]
    NotText {
        /// The file.
        path: PathBuf,
        /// The first such line, from 1.
        line: usize,
    },
    /// The system does not let us write it.
    #[error("cannot write `{}`", shown(path))]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The new text is in place, but the system did not promise to keep it through a power cut.
    #[error(
        "`{}` was written, but may not outlive a power cut: its folder could not be synced",
        shown(path)
    )]
    NotDurable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is there already, and was not to be replaced.
    #[error("`{}` already exists", shown(path))]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Somebody else has held its lock for several seconds.
    #[error("another newsdigest is changing `{}`", shown(path))]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// It holds problems, so that nobody can say what a change would do to it.
    #[error(
        "`{}` has {}",
        shown(path),
        count(problems.len())
    )]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong in it; never empty.
        problems: Vec<Problem>,
    },
}

impl NewsroomError {
    fn of(path: &Path, error: FileError) -> Self {
        let path = path.to_owned();
        match error {
            FileError::Missing => Self::Missing { path },
            FileError::NotFile => Self::NotFile { path },
            FileError::TooLarge(limit) => Self::TooLarge { path, limit },
            FileError::Io(source) => Self::Read { path, source },
        }
    }
}

/// A path as it may stand in a message: a file name is a stranger's text.
fn shown(path: &Path) -> Line {
    let path = path.strip_prefix(".").unwrap_or(path);
    Line::clean(&path.to_string_lossy())
}

fn count(problems: usize) -> String {
    match problems {
        1 => "1 problem".into(),
        more => format!("{more} problems"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence() {
        let path = || PathBuf::from("paper/sub\u{1b}scribers.toml");
        let source = || io::Error::from(io::ErrorKind::StorageFull);
        let problem = || Problem::new("x");
        let all = [
            NewsroomError::Missing { path: path() },
            NewsroomError::Read {
                path: path(),
                source: source(),
            },
            NewsroomError::TooLarge {
                path: path(),
                limit: 1_000_000_000,
            },
            NewsroomError::NotText {
                path: path(),
                line: 3,
            },
            NewsroomError::Write {
                path: path(),
                source: source(),
            },
            NewsroomError::NotDurable {
                path: path(),
                source: source(),
            },
            NewsroomError::Exists { path: path() },
            NewsroomError::Busy { path: path() },
            NewsroomError::Broken {
                path: path(),
                problems: vec![problem()],
            },
            NewsroomError::Broken {
                path: path(),
                problems: vec![problem(), problem()],
            },
        ];
        let all: Vec<String> = all.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(all.join("\n"), @"
        `paper/subscribers.toml` does not exist
        cannot read `paper/subscribers.toml`
        `paper/subscribers.toml` is larger than 1000 MB
        `paper/subscribers.toml` must be UTF-8 text, but line 3 holds bytes that are not
        cannot write `paper/subscribers.toml`
        `paper/subscribers.toml` was written, but may not outlive a power cut: its folder could not be synced
        `paper/subscribers.toml` already exists
        another newsdigest is changing `paper/subscribers.toml`
        `paper/subscribers.toml` has 1 problem
        `paper/subscribers.toml` has 2 problems
        ");
    }
}
