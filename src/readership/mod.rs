//! Who read what: turns files of counts into readings by story.
//!
//! It never chooses and never fails: a line that cannot be used is counted and named, the rest is taken.

mod access_log;
mod agents;
mod columns;
mod counts;
mod number;
mod table;

pub use access_log::{AccessLog, Format, LogPlace, read_log};
pub use columns::Names;
pub use counts::read_counts;

use std::path::Path;

use chrono::{DateTime, Utc};

use crate::files;
use crate::model::line::Line;
use crate::model::problem::system_words;
use crate::model::story::Miss;

/// One file of counts, in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// As the config names it, or the file's own path where the config has a glob.
    pub name: Line,
    /// Its bytes, at most [`MAX_BYTES`].
    pub body: Vec<u8>,
    /// When the counts were taken, if that is known: the file's time, or `Last-Modified`.
    pub taken: Option<DateTime<Utc>>,
}

/// The largest file that is read: 200 MB. A day of a large paper, a line for each story and minute, is a tenth of it.
pub const MAX_BYTES: u64 = 200 * 1024 * 1024;

/// Reads the file at `path`, or all files if it is a glob, in the order of their names. What cannot be read is a miss.
#[must_use]
pub fn files(path: &Path) -> (Vec<Input>, Vec<Miss>) {
    let mut inputs = Vec::new();
    let mut misses = Vec::new();
    let named = |path: &Path| Line::clean(&path.to_string_lossy());
    match files::matching(path) {
        Err(error) => misses.push(Miss {
            source: named(path),
            what: Line::clean(&error.to_string()),
        }),
        Ok(paths) => {
            for path in paths {
                match read(&path) {
                    Ok((body, taken)) => inputs.push(Input {
                        name: named(&path),
                        body,
                        taken,
                    }),
                    Err(what) => misses.push(Miss {
                        source: named(&path),
                        what: Line::clean(&what),
                    }),
                }
            }
        }
    }
    (inputs, misses)
}

fn read(path: &Path) -> Result<(Vec<u8>, Option<DateTime<Utc>>), String> {
    let (body, about) = files::read(path, MAX_BYTES).map_err(|error| error.to_string())?;
    Ok((body, about.modified().ok().map(DateTime::<Utc>::from)))
}

fn said(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no file is there".to_owned(),
        std::io::ErrorKind::PermissionDenied => "it may not be read".to_owned(),
        _ => system_words(&error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_globs() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["b.csv", "a.csv", "odd[1].csv"] {
            std::fs::write(dir.path().join(name), name).unwrap();
        }
        let check = |pattern: &str| {
            let (inputs, misses) = files(&dir.path().join(pattern));
            assert!(inputs.iter().all(|input| input.taken.is_some()));
            let bodies = inputs
                .iter()
                .map(|input| String::from_utf8_lossy(&input.body).into_owned());
            let misses = misses.iter().map(|miss| miss.what.to_string());
            bodies.chain(misses).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(check("a.csv"), "a.csv");
        assert_eq!(check("[ab].csv"), "a.csv b.csv");
        assert_eq!(check("odd[1].csv"), "odd[1].csv");
        assert_eq!(check("none.csv"), "does not exist");
        assert_eq!(check("*.json"), "matches no file");
        assert_eq!(check("."), "is not a file");
        assert!(check("***").starts_with("is not a pattern for files: "));
    }
}
