//! The newsroom's own files on disk: the subscribers, the editions, and what `init` writes.
//! It never looks at a feed, the ledger or a relay, and never leaves a file half written.
//!
//! The files are a person's: what this room changes in one of them leaves every other byte as it was, comments and line ends too.

mod config_lines;
pub mod editions;
pub mod import;
pub mod pictures;
pub mod reasons;
pub mod several;
pub mod starter;
pub mod subscribers;
mod table;
mod write;

use std::io;
use std::path::{Path, PathBuf};

pub use config_lines::set_subscribers_in;
pub use table::SpreadsheetTable;
pub use write::{read_text, write_atomic, write_new, write_secret};

use crate::files::{FileError, size};
use crate::model::figures::counted;
use crate::model::line::Line;
use crate::model::problem::Problem;

/// Why a file of the newsroom, or a folder, could not be read or changed. Whatever the reason, the file is as it was, unless the sentence
/// says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum NewsroomError {
    #[error("`{}` does not exist", shown(.0))]
    Missing(PathBuf),
    #[error("cannot read `{}`", shown(.0))]
    Read(PathBuf, #[source] io::Error),
    /// It has more bytes than such a file can sensibly have.
    #[error("`{}` is larger than {}", shown(.0), size(*.1))]
    TooLarge(PathBuf, u64),
    /// It is a folder, a pipe or a device.
    #[error("`{}` is not a file", shown(.0))]
    NotFile(PathBuf),
    /// It is not UTF-8: the first such line, from 1.
    #[error("`{}` must be UTF-8 text, but line {} holds bytes that are not", shown(.0), .1)]
    NotText(PathBuf, usize),
    #[error("cannot write `{}`", shown(.0))]
    Write(PathBuf, #[source] io::Error),
    /// The new text is in place, but the system did not promise to keep it through a power cut.
    #[error("`{}` was written, but may not outlive a power cut: its folder could not be synced", shown(.0))]
    NotDurable(PathBuf, #[source] io::Error),
    /// It was not to be replaced.
    #[error("`{}` already exists", shown(.0))]
    Exists(PathBuf),
    /// Somebody else has held its lock for several seconds.
    #[error("another newsdigest is changing `{}`", shown(.0))]
    Busy(PathBuf),
    /// It holds problems, never none, so that nobody can say what a change would do to it.
    #[error("`{}` has {}", shown(.0), counted(.1.len(), "problem", "problems"))]
    Broken(PathBuf, Vec<Problem>),
}

impl NewsroomError {
    fn of(path: &Path, error: FileError) -> Self {
        let path = path.to_owned();
        match error {
            FileError::Missing => Self::Missing(path),
            FileError::NotFile => Self::NotFile(path),
            FileError::TooLarge(limit) => Self::TooLarge(path, limit),
            FileError::Io(source) => Self::Read(path, source),
        }
    }
}

/// A path as it may be in a message: a file name is a stranger's text.
fn shown(path: &Path) -> Line {
    let path = path.strip_prefix(".").unwrap_or(path);
    Line::clean(&path.to_string_lossy())
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
            NewsroomError::Missing(path()),
            NewsroomError::Read(path(), source()),
            NewsroomError::TooLarge(path(), 1_000_000_000),
            NewsroomError::NotText(path(), 3),
            NewsroomError::Write(path(), source()),
            NewsroomError::NotDurable(path(), source()),
            NewsroomError::Exists(path()),
            NewsroomError::Busy(path()),
            NewsroomError::Broken(path(), vec![problem()]),
            NewsroomError::Broken(path(), vec![problem(), problem()]),
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
