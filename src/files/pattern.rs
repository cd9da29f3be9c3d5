//! The files that a pattern such as `stories/*.toml` names.

use std::collections::VecDeque;
use std::path::{Component, Path, PathBuf};

use glob::{MatchOptions, Pattern};

/// The most files of one pattern.
const FILES: usize = 10_000;

/// The most names in folders that are looked at for one pattern. A pattern over a whole machine is a slip.
const LOOKED_AT: usize = 200_000;

/// Folders within folders that `**` goes down.
const DEPTH: usize = 32;

/// Why a pattern names no files.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    #[error("matches no file")]
    NoMatch,
    #[error("is not a pattern for files: {0}")]
    Wrong(&'static str),
    #[error("matches more than 10,000 files")]
    TooMany,
    #[error("looks through more than 200,000 files: name the folder more closely")]
    TooWide,
}

/// One name between the slashes of a pattern.
enum Part {
    Plain(PathBuf),
    Name(Pattern),
    /// `**`: any folders, or none.
    Folders,
}

/// The files that `path` names, sorted by name. A file whose very name is a pattern is that file; a path without a pattern is itself, whether a
/// file is there or not.
///
/// # Errors
/// As [`PatternError`].
pub fn matching(path: &Path) -> Result<Vec<PathBuf>, PatternError> {
    let pattern = path.to_str().filter(|path| path.contains(['*', '?', '[']));
    if pattern.is_none() || path.exists() {
        return Ok(vec![path.to_owned()]);
    }
    let parts = parts(path)?;
    let mut found = Vec::new();
    let mut left = LOOKED_AT;
    // Each entry: a folder, the parts that are still to be matched below it, and how deep `**` has gone.
    let mut waiting = VecDeque::from([(PathBuf::new(), &*parts, 0)]);
    while let Some((at, parts, depth)) = waiting.pop_front() {
        left = left.checked_sub(1).ok_or(PatternError::TooWide)?;
        let Some((part, rest)) = parts.split_first() else {
            if at.is_file() {
                found.push(at);
            }
            if found.len() > FILES {
                return Err(PatternError::TooMany);
            }
            continue;
        };
        let pattern = match part {
            Part::Plain(name) => {
                waiting.push_back((at.join(name), rest, depth));
                continue;
            }
            Part::Name(pattern) => Some(pattern),
            Part::Folders => {
                waiting.push_back((at.clone(), rest, depth));
                None
            }
        };
        let folder = if at.as_os_str().is_empty() {
            Path::new(".")
        } else {
            &*at
        };
        for entry in folder
            .read_dir()
            .into_iter()
            .flatten()
            .filter_map(Result::ok)
        {
            left = left.checked_sub(1).ok_or(PatternError::TooWide)?;
            let name = entry.file_name();
            match pattern {
                Some(pattern) if fits(pattern, &name.to_string_lossy()) => {
                    waiting.push_back((at.join(name), rest, depth));
                }
                // A link to a folder may lead round in a circle.
                None if depth < DEPTH && entry.file_type().is_ok_and(|kind| kind.is_dir()) => {
                    waiting.push_back((at.join(name), parts, depth + 1));
                }
                _ => {}
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    if found.is_empty() {
        return Err(PatternError::NoMatch);
    }
    Ok(found)
}

fn parts(path: &Path) -> Result<Vec<Part>, PatternError> {
    let mut parts = Vec::new();
    for component in path.components() {
        let name = component.as_os_str();
        let text = name.to_string_lossy();
        parts.push(match component {
            Component::Normal(_) if text == "**" => Part::Folders,
            Component::Normal(_) if text.contains(['*', '?', '[']) => {
                let wrong = |error: glob::PatternError| PatternError::Wrong(error.msg);
                Part::Name(Pattern::new(&text).map_err(wrong)?)
            }
            _ => Part::Plain(name.into()),
        });
    }
    Ok(parts)
}

fn fits(pattern: &Pattern, name: &str) -> bool {
    let options = MatchOptions {
        // As a shell does: a hidden file must be asked for.
        require_literal_leading_dot: true,
        ..MatchOptions::new()
    };
    pattern.matches_with(name, options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_patterns() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["b.toml", "a.toml", "c.json", "[x].toml", ".new.toml"] {
            std::fs::write(at(name), "12345").unwrap();
        }
        std::fs::create_dir_all(at("deep/er")).unwrap();
        std::fs::write(at("deep/er/d.toml"), "").unwrap();
        std::os::unix::fs::symlink("..", at("deep/circle")).unwrap();
        let names = |pattern: &str| {
            matching(&at(pattern))
                .map_err(|error| error.to_string())
                .map(|paths| {
                    let names = paths
                        .iter()
                        .filter_map(|path| path.strip_prefix(folder.path()).ok());
                    names
                        .map(|path| path.to_string_lossy().into_owned())
                        .collect::<Vec<_>>()
                        .join(" ")
                })
        };
        let said = |pattern: &str| names(pattern).unwrap_err();
        assert_eq!(names("?.toml").unwrap(), "a.toml b.toml");
        assert_eq!(names("[x].toml").unwrap(), "[x].toml");
        assert_eq!(names("none.toml").unwrap(), "none.toml");
        assert_eq!(names("**/?.toml").unwrap(), "a.toml b.toml deep/er/d.toml");
        assert_eq!(names("d*/**/*").unwrap(), "deep/er/d.toml");
        assert_eq!(said("*.xml"), "matches no file");
        assert_eq!(
            said("[.xml"),
            "is not a pattern for files: invalid range pattern"
        );
    }

    #[test]
    fn a_pattern_over_the_whole_machine_ends() {
        // A tenth of the bound in each of eleven folders would take long to make; `/proc` and `/usr` are there.
        let all = matching(Path::new("/**/*/**/*/**/no-such-file-[x]"));
        assert!(
            matches!(all, Err(PatternError::TooWide | PatternError::NoMatch)),
            "{all:?}"
        );
    }
}
