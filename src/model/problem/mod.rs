//! What is wrong in something a person wrote: the place, the words, the next step.
//!
//! Problems are collected, never first-only, and shown all at once. This room knows nothing of TOML; [`crate::model::toml_table`] does.

use std::error::Error;
use std::fmt;
use std::ops::Range;

use crate::model::line::Line;

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

/// Where the columns of these characters come to more than `most`; `None`: they do not.
fn beyond(mut chars: impl Iterator<Item = (usize, char)>, most: usize) -> Option<usize> {
    let mut used = 0;
    let further = chars.find(|(_, c)| {
        used += columns(*c);
        used > most
    });
    further.map(|(at, _)| at)
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

/// A secret that begins farther from a place than this is not looked for: who reads hostile text stays linear.
const AROUND: usize = 8 << 10;
/// The longest value in which a password is looked for.
const LONGEST_ADDRESS: usize = 512;

/// Where the first secret around a place of a line begins: behind the `=` whose key is the name of one, or where an address has a user's name or password.
fn secret_start(line: &str, at: usize) -> Option<usize> {
    let from = line.floor_char_boundary(at.saturating_sub(AROUND));
    let near = &line[from..line.floor_char_boundary(at.saturating_add(AROUND))];
    let found = [credentials(near), named_secret(near)];
    found.into_iter().flatten().min().map(|start| from + start)
}

/// The first address with a user's name or password, from behind its `//`; or the first value such as `user:password@host`.
fn credentials(line: &str) -> Option<usize> {
    let mut quotes = Quotes::default();
    let mut before = None;
    for (at, letter) in line.char_indices() {
        let begins = before.is_none_or(|c| matches!(c, '"' | '\'' | '=' | ' ' | '\t' | '[' | ','));
        let is_address = before == Some('/') && line[..at].ends_with("://");
        if begins || is_address {
            let value = quotes.value(&line[at..]);
            let authority = value.split(['/', '?', '#']).next().unwrap_or_default();
            if has_password(value) || is_address && authority.contains('@') {
                return Some(at);
            }
        }
        quotes.pass(letter);
        before = Some(letter);
    }
    None
}

/// Which quotes are open at a place of a line.
#[derive(Default)]
struct Quotes {
    double: bool,
    single: bool,
}

impl Quotes {
    const fn pass(&mut self, letter: char) {
        match letter {
            '"' => self.double = !self.double,
            '\'' => self.single = !self.single,
            _ => {}
        }
    }

    /// What is written from here on: up to the quote that closes it, or the next space. Of a long one only the beginning.
    fn value<'l>(&self, rest: &'l str) -> &'l str {
        let rest = &rest[..rest.floor_char_boundary(LONGEST_ADDRESS)];
        let end = if self.double {
            rest.find('"')
        } else if self.single {
            rest.find('\'')
        } else {
            rest.find([' ', '\t', '"', '\'', ','])
        };
        &rest[..end.unwrap_or(rest.len())]
    }
}

/// Whether it begins like `user:password@`. `mailto:`, a scheme and the port of a host are none.
fn has_password(value: &str) -> bool {
    let Some((user, password)) = value
        .rsplit_once('@')
        .and_then(|(user, _)| user.split_once(':'))
    else {
        return false;
    };
    let is_user = !user.contains(|c: char| c.is_whitespace() || matches!(c, '/' | '@' | '='));
    let port = password.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_port = port.len() < password.len() && port.starts_with('/');
    is_user
        && !user.eq_ignore_ascii_case("mailto")
        && !password.is_empty()
        && !password.starts_with([' ', '/'])
        && !is_port
}

/// The sentence without what it repeats of a value that is a secret, or holds one.
fn without_value(what: &str, value: &str) -> String {
    let pieces = what.split('`').enumerate().map(|(number, piece)| {
        let is_quoted = number % 2 == 1;
        let shown = piece.trim_end_matches('…');
        let repeats = !shown.is_empty() && value.contains(shown) || shown.contains(['@', ':']);
        if is_quoted && repeats { "…" } else { piece }
    });
    pieces.collect::<Vec<_>>().join("`").replace(value, "…")
}

/// Whether a text is written as names of variables usually are, `SMTP_PASSWORD`: words in capitals with few digits. Others may be secrets.
#[must_use]
pub fn is_variable(text: &str) -> bool {
    let is_word = |word: &str| {
        let is_of = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
        (1..=20).contains(&word.len()) && word.bytes().all(is_of)
    };
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    text.len() <= 60 && digits <= 3 && text.split('_').all(is_word)
}

/// Whether a text may be the path of a file: with a folder or an ending, or short. Others may be secrets.
#[must_use]
pub fn may_be_path(text: &str) -> bool {
    text.len() < 16 || text.contains(['/', '.'])
}

/// What the names of secrets hold, and whole words of them.
const IN_NAMES: [&str; 8] = [
    "password",
    "passwd",
    "secret",
    "token",
    "credential",
    "apikey",
    "accesskey",
    "authorization",
];
const WORDS: [&str; 6] = ["key", "keys", "auth", "pass", "pwd", "bearer"];

fn named_secret(line: &str) -> Option<usize> {
    let mut from = 0;
    for (at, _) in line.match_indices('=') {
        let key = line[from..at].rsplit([',', '{']).next().unwrap_or_default();
        let key = key.trim().trim_matches(['"', '\'']).to_lowercase();
        let mut words = key.split(|letter: char| !letter.is_alphanumeric());
        let is_named = IN_NAMES.iter().any(|part| key.contains(part))
            || words.any(|word| WORDS.contains(&word));
        let written = || {
            let rest = line[at + 1..].trim_start();
            let mut quotes = Quotes::default();
            if let Some(first) = rest.chars().next() {
                quotes.pass(first);
            }
            quotes.value(rest.strip_prefix(['"', '\'']).unwrap_or(rest))
        };
        let is_harmless = key.ends_with("_env") && is_variable(written())
            || key.ends_with("_file") && may_be_path(written());
        if is_named && !is_harmless {
            return Some(at + 1);
        }
        from = at + 1;
    }
    None
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
