//! What is wrong in something a person wrote: the place, the words, the next step.
//!
//! Problems are collected, never first-only, and shown all at once. This room knows nothing of TOML; [`crate::model::toml_table`] does.

mod secrets;

pub use secrets::{is_variable, may_be_path};

use std::error::Error;
use std::fmt;
use std::ops::Range;

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

use crate::model::line::Line;
use secrets::{secret_start, without_value};

/// One thing that cannot be used as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The sentence: lower case, no full stop, values in backticks, expected and found both named.
    pub what: String,
    /// Where it is, if it is in a file.
    pub place: Option<Place>,
    /// What to do about it.
    pub hint: Option<String>,
}

/// A place in a text file, with the line it is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, as the person named it.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The line without its end; of one wider than `EXCERPT` what is around the place.
    pub excerpt: String,
    /// How many characters of the excerpt come before the caret.
    before: u32,
    /// How many characters the caret underlines, at least 1 and no more than the excerpt shows.
    pub width: u32,
}

/// A file a person wrote, or a piece of one: what is needed to name a place in it.
#[derive(Clone, Copy, Debug)]
pub struct Written<'t> {
    /// The file, as the person named it.
    pub file: &'t str,
    /// The whole text.
    pub text: &'t str,
    /// Where in `text` the piece begins to which spans are relative; 0 for the whole.
    pub from: usize,
}

impl<'t> Written<'t> {
    /// The whole of a file.
    #[must_use]
    pub const fn new(file: &'t str, text: &'t str) -> Self {
        Self {
            file,
            text,
            from: 0,
        }
    }

    /// A problem at the bytes `span` of this piece. Of a long value only the beginning is repeated in the sentence.
    #[must_use]
    pub fn problem(&self, span: Range<usize>, what: impl Into<String>) -> Problem {
        let (start, end) = (self.floor(span.start), self.floor(span.end));
        let value = &self.text[start..end.max(start)];
        let value = value.trim_matches(['"', '\'']);
        let mut what = what.into();
        if self.holds_secret(start, end) {
            what = without_value(&what, value);
        } else if value.len() > LONG_VALUE && what.contains(value) {
            what = what.replace(value, Line::clean_to(value, LONG_VALUE).as_str());
        }
        Problem {
            what,
            place: Some(self.place(start, end)),
            hint: None,
        }
    }

    /// A place in this piece as one in the whole text, between two characters.
    fn floor(&self, at: usize) -> usize {
        let mut at = (self.from + at).min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }

    /// The line of a place, and where it begins.
    fn line(&self, at: usize) -> (usize, &'t str) {
        let start = self.text[..at].rfind('\n').map_or(0, |at| at + 1);
        let end = self.text[at..].find('\n');
        let end = end.map_or(self.text.len(), |length| at + length);
        (start, &self.text[start..end])
    }

    /// Whether what is written there is a secret, or holds one.
    fn holds_secret(&self, start: usize, end: usize) -> bool {
        let (line_start, line) = self.line(start);
        secret_start(line, start - line_start).is_some_and(|secret| line_start + secret < end)
    }

    fn place(&self, start: usize, end: usize) -> Place {
        let (line_start, line) = self.line(start);
        let line_end = line_start + line.len();
        let line = line.trim_end_matches('\r');
        let at = (start - line_start).min(line.len());
        let from = excerpt_start(line, at);
        let excerpt = excerpt(line, from);
        let before = line[from..at].chars().count() + usize::from(from > 0);
        let width = self.text[start..end.clamp(start, line_end)]
            .trim_end()
            .chars()
            .count();
        let shown = excerpt.chars().count().saturating_sub(before);
        let is_cut = excerpt.ends_with('…') && !line.ends_with('…');
        Place {
            file: self.file.to_owned(),
            line: memchr::memchr_iter(b'\n', &self.text.as_bytes()[..start]).count() + 1,
            column: self.text[line_start..start].chars().count() + 1,
            excerpt,
            before: as_u32(before),
            width: as_u32(width.min(shown.saturating_sub(usize::from(is_cut))).max(1)),
        }
    }
}

fn as_u32(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// How many columns of a terminal a character takes; one that cannot be printed is shown as one that can.
fn columns(c: char) -> usize {
    unicode_width::UnicodeWidthChar::width(c).unwrap_or(1)
}

/// Where the columns of these characters come to more than `most`; `None`: they do not. Characters without width end somewhere, too.
fn beyond(chars: impl Iterator<Item = (usize, char)>, most: usize) -> Option<usize> {
    let mut used = 0;
    let mut numbered = chars.enumerate();
    let further = numbered.find(|(number, (_, c))| {
        used += columns(*c);
        used > most || *number >= 4 * most
    });
    further.map(|(_, (at, _))| at)
}

/// Where the excerpt of a line begins whose place is at the byte `at`.
fn excerpt_start(line: &str, at: usize) -> usize {
    if beyond(line.char_indices(), EXCERPT).is_none() {
        return 0;
    }
    let start = beyond(line[..at].char_indices().rev(), EXCERPT / 2);
    start.map_or(0, |start| line.ceil_char_boundary(start + 1))
}

/// What is shown of a line; where it is cut, `…`. A password written where none belongs is a problem, but must not be printed for it.
fn excerpt(line: &str, from: usize) -> String {
    let rest = &line[from..];
    let end = beyond(rest.char_indices(), EXCERPT);
    let before = if from > 0 { "…" } else { "" };
    match secret_start(line, from).map(|secret| secret.saturating_sub(from)) {
        Some(0) => "…".to_owned(),
        Some(key) if end.is_none_or(|end| key <= end) => format!("{before}{} …", &rest[..key]),
        _ => match end {
            Some(end) => format!("{before}{}…", &rest[..end]),
            None => format!("{before}{rest}"),
        },
    }
}

/// What the operating system said, in the form of our sentences: lower case, without its number (`os error 13`) and the temporary path
/// behind it.
#[must_use]
pub fn system_words(said: &str) -> String {
    let words = said
        .split_once(" (os error ")
        .map_or(said, |(words, _)| words);
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        let second_is_small = letters.clone().next().is_some_and(char::is_lowercase);
        let first = if second_is_small {
            first.to_lowercase().to_string()
        } else {
            first.to_string()
        };
        first + letters.as_str()
    })
}

/// An error and its causes, on one line.
#[must_use]
pub fn with_causes(error: &dyn Error) -> String {
    let all = std::iter::successors(Some(error), |&error| error.source());
    let all: Vec<String> = all.map(ToString::to_string).collect();
    all.join(": ")
}

/// For scripts: what, where and the hint, without the excerpt.
impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let place = self.place.as_ref();
        let mut form = serializer.serialize_struct("Problem", 5)?;
        form.serialize_field("what", &self.what)?;
        form.serialize_field("file", &place.map(|place| &place.file))?;
        form.serialize_field("line", &place.map(|place| place.line))?;
        form.serialize_field("column", &place.map(|place| place.column))?;
        form.serialize_field("hint", &self.hint)?;
        form.end()
    }
}

impl Problem {
    /// An error as a problem, with its causes.
    #[must_use]
    pub fn of(error: &dyn Error) -> Self {
        Self::new(with_causes(error))
    }

    /// A problem that has no place in a file.
    #[must_use]
    pub fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            place: None,
            hint: None,
        }
    }

    /// The same with a next step.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// The widest excerpt shown, in columns: with the number of its line it fits a terminal of 80. A wider line is shown around the caret.
const EXCERPT: usize = 70;
/// A longer value, in octets, is cut where a sentence repeats it.
const LONG_VALUE: usize = 60;

impl fmt::Display for Problem {
    /// The sentence, then the place with its caret, then the hint; several lines, no line end after the last.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if let Some(place) = &self.place {
            write!(f, "\n{place}")?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What cannot be printed takes one place all the same, so that the caret stays under its character.
        let excerpt: String = self
            .excerpt
            .chars()
            .map(|c| {
                if c == '\t' {
                    ' '
                } else if c.is_control()
                    || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
                {
                    '�'
                } else {
                    c
                }
            })
            .collect();
        let gutter = self.line.to_string().len();
        let before = self.before as usize;
        let mut characters = excerpt.chars().map(columns);
        let pad: usize = characters.by_ref().take(before).sum();
        let carets: usize = characters.take(self.width as usize).sum();
        writeln!(
            f,
            "{:gutter$} ──▶ {}:{}:{}",
            "", self.file, self.line, self.column
        )?;
        writeln!(f, "{:gutter$} │", "")?;
        writeln!(f, "{} │ {excerpt}", self.line)?;
        write!(
            f,
            "{:gutter$} │ {:pad$}{}",
            "",
            "",
            "^".repeat(carets.max(1))
        )
    }
}

#[cfg(test)]
mod tests;
