//! Reading TOML that a person wrote: every key is taken once, and what is wrong or left over becomes a [`Problem`] with its place.
//!
//! All problems of a file are found in one reading. serde is not used here: it stops at the first.

mod limits;
mod nearest;
mod problems;
mod values;

use std::cell::Cell;
use std::ops::Range;
use std::rc::Rc;

use toml::de::DeTable;

pub use nearest::nearest;
pub use problems::{MOST_PROBLEMS, Problems};

use crate::model::line::Line;
use crate::model::problem::{Problem, Written};
use limits::{in_our_words, too_much};

/// A value and the bytes it is written in, relative to its [`Written`].
#[derive(Clone, Debug, PartialEq)]
pub struct Found<T> {
    /// The value.
    pub value: T,
    /// Where it is.
    pub span: Range<usize>,
}

/// One TOML table being read.
pub struct TomlTable<'t> {
    written: Written<'t>,
    span: Range<usize>,
    left: DeTable<'t>,
    asked: Vec<&'static str>,
    /// How many problems all the tables of this text have made. To find a place, the lines before it are counted; past
    /// [`MOST_PROBLEMS`] nobody is shown it.
    made: Rc<Cell<usize>>,
}

impl<'t> TomlTable<'t> {
    /// Parses a whole document (or the piece of one that begins at `written.from`, given as `piece`).
    /// What is not TOML is a problem; the rest is read all the same.
    pub fn parse(written: Written<'t>, piece: &'t str, problems: &Problems) -> Self {
        let made = Rc::new(Cell::new(0));
        if let Some((span, what)) = too_much(piece) {
            problems.garbled.set(true);
            problems.add(written.problem(span, what));
            return Self {
                written,
                span: 0..0,
                left: DeTable::new(),
                asked: Vec::new(),
                made,
            };
        }
        let (table, errors) = DeTable::parse_recoverable(piece);
        // One broken line makes several errors; the first on each line is the one that helps.
        let mut last = None;
        for error in errors {
            problems.garbled.set(true);
            if problems.is_full() {
                problems.more.set(problems.more.get() + 1);
                continue;
            }
            let span = error.span().unwrap_or(0..0);
            let is_further = last.replace(span.start).is_some_and(|last: usize| {
                let between = last.min(span.start)..last.max(span.start);
                piece
                    .as_bytes()
                    .get(between)
                    .is_some_and(|between| !between.contains(&b'\n'))
            });
            if is_further {
                continue;
            }
            let (what, hint) = match (error.message(), piece.get(span.clone())) {
                ("duplicate key", Some(key)) => {
                    (format!("`{key}` appears here a second time"), None)
                }
                (message, text) => {
                    let nothing = text.is_none_or(|text| text.trim().is_empty());
                    in_our_words(
                        message,
                        nothing,
                        piece.get(span.start..).unwrap_or_default(),
                    )
                }
            };
            let mut problem = written.problem(span, what);
            problem.hint = hint.map(str::to_owned);
            problems.add(problem);
        }
        let span = table.span();
        Self {
            written,
            span,
            left: table.into_inner(),
            asked: Vec::new(),
            made,
        }
    }

    /// Whether a key is here that has not been taken.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.left.contains_key(key)
    }

    /// Whether a key is here, and its value is a list.
    #[must_use]
    pub fn has_list(&self, key: &str) -> bool {
        let value = self.left.get(key);
        value.is_some_and(|value| matches!(value.get_ref(), toml::de::DeValue::Array(_)))
    }

    /// A problem at a value found here.
    #[must_use]
    pub fn problem(&self, span: Range<usize>, what: impl Into<String>) -> Problem {
        if self.made.replace(self.made.get() + 1) < 2 * MOST_PROBLEMS {
            self.written.problem(span, what)
        } else {
            Problem::new(what)
        }
    }

    /// A problem about the table as a whole, such as a missing key; it points to the table's first line.
    #[must_use]
    pub fn problem_here(&self, what: impl Into<String>) -> Problem {
        self.problem(self.span.clone(), what)
    }

    /// Ends the reading: every key nobody asked for is a problem, with the nearest known key as a hint.
    pub fn finish(self, problems: &Problems) {
        let mut left: Vec<_> = self.left.keys().collect();
        left.sort_unstable_by_key(|key| key.span().start);
        for key in left {
            if problems.is_full() {
                problems.more.set(problems.more.get() + 1);
                continue;
            }
            let name: &str = key.get_ref();
            let mut problem = self.problem(
                key.span(),
                format!("unknown key `{}`", Line::clean_to(name, 60)),
            );
            problem = match nearest(name, self.asked.iter().copied()) {
                Some(known) => problem.hint(format!("did you mean `{known}`?")),
                _ if self.asked.is_empty() => problem,
                _ => problem.hint(format!(
                    "known keys here: {}",
                    self.asked
                        .iter()
                        .map(|key| format!("`{key}`"))
                        .collect::<Vec<_>>()
                        .join(", ")
                )),
            };
            problems.add(problem);
        }
    }
}

/// The inside of a TOML basic string, of one line or several. Cleaned text holds no control characters, so only two characters need an escape.
#[must_use]
pub fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// A TOML basic string.
#[must_use]
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

#[cfg(test)]
mod tests;
