//! Reading TOML that a person wrote: every key is taken once, and what is wrong or left over becomes a [`Problem`] with its place.
//!
//! All problems of a file are found in one reading. serde is not used here: it stops at the first.

use std::cell::{Cell, RefCell};
use std::fmt::Display;
use std::ops::Range;
use std::rc::Rc;

use chrono::{DateTime, FixedOffset, NaiveDate};
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml_parser::lexer::TokenKind;

use crate::model::line::Line;
use crate::model::problem::{Problem, Written};

/// The most problems of one text that are told; the rest are counted. A person mends a hundred and looks again.
pub const MOST_PROBLEMS: usize = 100;

/// The most tokens (keys, marks, values, line ends) of one text. The parser needs some hundred bytes for each.
const MOST_TOKENS: usize = 1_000_000;

/// How deep lists and tables may be nested, and how many parts a dotted key may have. The parser's tables are as deep as that, and so is
/// the stack that drops them.
const MOST_DEPTH: usize = 64;

/// Why a text is not even parsed, and where; found in one pass that keeps nothing.
fn too_much(text: &str) -> Option<(Range<usize>, String)> {
    let (mut depth, mut dots) = (0_usize, 0_usize);
    for (count, token) in toml_parser::Source::new(text).lex().enumerate() {
        let span = token.span().start()..token.span().end();
        if count == MOST_TOKENS {
            return Some((
                span,
                format!(
                    "there is too much in this file: expected at most {MOST_TOKENS} keys, values and marks"
                ),
            ));
        }
        match token.kind() {
            TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket => depth += 1,
            TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket => {
                depth = depth.saturating_sub(1);
            }
            TokenKind::Dot => dots += 1,
            TokenKind::Newline => {
                dots = 0;
                continue;
            }
            TokenKind::Equals | TokenKind::Comma => dots = 0,
            _ => {}
        }
        if depth > MOST_DEPTH || dots > MOST_DEPTH {
            return Some((
                span,
                format!("it is nested too deep: expected at most {MOST_DEPTH} levels"),
            ));
        }
    }
    None
}

const BRACKETS: &str = "`[relay]` begins a table, `[[top]]` one of a list: as many brackets behind the name as before it";

/// What the parser says, in words for people who edit text and not TOML.
fn in_our_words(message: &str, nothing: bool, rest: &str) -> (String, Option<&'static str>) {
    let says = |words: &str| message.starts_with(words);
    if says("string values must be quoted") && nothing {
        return ("the value is missing".to_owned(), None);
    }
    if says("string values must be quoted") || says("invalid boolean") {
        return (
            "text must stand between straight quotes".to_owned(),
            Some(
                "write it as `key = \"the text\"`; numbers, days, `true` and `false` stand without",
            ),
        );
    }
    if says("invalid basic string") && message.ends_with("expected `\"`") {
        return ("the text has no closing quote".to_owned(), None);
    }
    let is_bracket = rest.starts_with(['[', ']']);
    if is_bracket && says("unexpected key or value") {
        return ("there is a bracket too many".to_owned(), Some(BRACKETS));
    }
    if says("unclosed array table") || says("unclosed table") {
        return (message.replace('\n', ", "), Some(BRACKETS));
    }
    if says("unexpected key or value") {
        return (
            "nothing may follow the value on its line".to_owned(),
            Some("a quote within the text is written `\\\"`"),
        );
    }
    (message.replace('\n', ", "), None)
}

/// A value and the bytes it stands on, relative to its [`Written`].
#[derive(Clone, Debug, PartialEq)]
pub struct Found<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
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

/// The problems found so far; shared by all the tables of one reading.
#[derive(Debug, Default)]
pub struct Problems {
    /// At most [`MOST_PROBLEMS`].
    found: RefCell<Vec<Problem>>,
    /// How many more there were.
    more: Cell<usize>,
    /// Whether some of the text is not TOML at all.
    garbled: Cell<bool>,
}

impl Problems {
    /// Adds one.
    pub fn add(&self, problem: Problem) {
        let mut found = self.found.borrow_mut();
        if found.len() < MOST_PROBLEMS {
            found.push(problem);
        } else {
            self.more.set(self.more.get() + 1);
        }
    }

    /// Adds one about something that is not there. Where lines could not be read, it may stand in one of them, and nothing is said.
    pub fn add_missing(&self, problem: Problem) {
        if !self.garbled.get() {
            self.add(problem);
        }
    }

    /// Adds several.
    pub fn extend(&self, problems: impl IntoIterator<Item = Problem>) {
        problems.into_iter().for_each(|problem| self.add(problem));
    }

    /// Whether no more of them are told: then only their number counts.
    fn is_full(&self) -> bool {
        self.found.borrow().len() >= MOST_PROBLEMS
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.found.borrow().len() + self.more.get()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.borrow().is_empty()
    }

    /// Those that are told, in the order of their places; at most [`MOST_PROBLEMS`], and one that says how many more there are.
    #[must_use]
    pub fn into_vec(self) -> Vec<Problem> {
        let mut all = self.found.into_inner();
        let more = self.more.get();
        all.sort_by_key(|problem| {
            problem
                .place
                .as_ref()
                .map(|place| (place.line, place.column))
        });
        if more > 0 {
            all.push(Problem::new(format!("and {more} more problems")));
        }
        all
    }

    /// `value` if there are no problems.
    ///
    /// # Errors
    /// All the problems, in the order of their places.
    pub fn or<T>(self, value: Option<T>) -> Result<T, Vec<Problem>> {
        match value {
            Some(value) if self.is_empty() => Ok(value),
            _ => Err(self.into_vec()),
        }
    }
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
        let mut last_line = None;
        for error in errors {
            problems.garbled.set(true);
            if problems.is_full() {
                problems.more.set(problems.more.get() + 1);
                continue;
            }
            let span = error.span().unwrap_or(0..0);
            let (what, hint) = match (error.message(), piece.get(span.clone())) {
                ("duplicate key", Some(key)) => {
                    (format!("`{key}` stands here a second time"), None)
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
            let line = problem.place.as_ref().map(|place| place.line);
            if line != last_line {
                problems.add(problem);
            }
            last_line = line;
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

    /// Whether a key stands here that has not been taken.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.left.contains_key(key)
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

    fn take(&mut self, key: &'static str) -> Option<Spanned<DeValue<'t>>> {
        self.asked.push(key);
        self.left.remove(key)
    }

    fn take_as<T>(
        &mut self,
        key: &'static str,
        expected: &str,
        problems: &Problems,
        read: impl FnOnce(DeValue<'t>) -> Option<T>,
    ) -> Option<Found<T>> {
        let value = self.take(key)?;
        let (span, found) = (value.span(), value.get_ref().type_str());
        if let Some(value) = read(value.into_inner()) {
            return Some(Found { value, span });
        }
        let problem = self.problem(
            span,
            format!("`{key}` must be {expected}, but found {found}"),
        );
        // An impossible date is no TOML, and has been named as such already.
        if !problems
            .found
            .borrow()
            .iter()
            .any(|known| known.place == problem.place)
        {
            problems.add(problem);
        }
        None
    }

    /// A string, as written.
    pub fn text(&mut self, key: &'static str, problems: &Problems) -> Option<Found<String>> {
        self.take_as(key, "a string", problems, |value| match value {
            DeValue::String(text) => Some(text.into_owned()),
            _ => None,
        })
    }

    /// A string, cleaned; one with nothing left counts as not given.
    pub fn line(&mut self, key: &'static str, problems: &Problems) -> Option<Line> {
        self.text(key, problems)
            .and_then(|found| Line::non_empty(&found.value))
    }

    /// A string that `parse` turns into what it means; its error, a sentence in the house's form, becomes a problem.
    pub fn parsed<T, E: Display>(
        &mut self,
        key: &'static str,
        problems: &Problems,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<Found<T>> {
        let Found { value, span } = self.text(key, problems)?;
        match parse(&value) {
            Ok(value) => Some(Found { value, span }),
            Err(error) => {
                problems.add(self.problem(span, error.to_string()));
                None
            }
        }
    }

    /// `true` or `false`.
    pub fn flag(&mut self, key: &'static str, problems: &Problems) -> Option<bool> {
        self.take_as(key, "true or false", problems, |value| value.as_bool())
            .map(|found| found.value)
    }

    /// A whole number between `least` and `most`.
    pub fn whole(
        &mut self,
        key: &'static str,
        least: u64,
        most: u64,
        problems: &Problems,
    ) -> Option<u64> {
        let found = self.take_as(key, "a whole number", problems, |value| match value {
            DeValue::Integer(number) => {
                Some(i128::from_str_radix(number.as_str(), number.radix()).unwrap_or(i128::MAX))
            }
            _ => None,
        })?;
        match u64::try_from(found.value) {
            Ok(number) if (least..=most).contains(&number) => Some(number),
            _ => {
                problems.add(self.problem(
                    found.span,
                    format!(
                        "`{key}` must be from {least} to {most}, but found {}",
                        found.value
                    ),
                ));
                None
            }
        }
    }

    /// A number, whole or decimal, not negative.
    pub fn number(&mut self, key: &'static str, problems: &Problems) -> Option<Found<f64>> {
        let found = self.take_as(key, "a number", problems, |value| match value {
            DeValue::Integer(number) if number.radix() == 10 => number.as_str().parse::<f64>().ok(),
            DeValue::Float(number) => number.as_str().parse().ok(),
            _ => None,
        })?;
        if found.value.is_finite() && found.value >= 0.0 {
            return Some(found);
        }
        problems.add(self.problem(
            found.span,
            format!(
                "`{key}` must be a number of at least 0, but found {}",
                found.value
            ),
        ));
        None
    }

    /// A day such as `2026-08-24`, as a TOML date or as a string.
    pub fn day(&mut self, key: &'static str, problems: &Problems) -> Option<NaiveDate> {
        let what = "a day such as 2026-08-24";
        self.take_as(key, what, problems, |value| day_of(&value))
            .map(|found| found.value)
    }

    /// A list of days, each as [`TomlTable::day`] reads it; none when the key is missing.
    pub fn days(&mut self, key: &'static str, problems: &Problems) -> Vec<NaiveDate> {
        let expected = "a list of days such as 2026-08-24";
        let list = self.take_as(key, expected, problems, |value| match value {
            DeValue::Array(list) => Some(list),
            _ => None,
        });
        let mut days = Vec::new();
        for item in list.into_iter().flat_map(|list| list.value) {
            match day_of(item.get_ref()) {
                Some(day) => days.push(day),
                None => problems.add(self.problem(
                    item.span(),
                    format!(
                        "`{key}` must be {expected}, but found {} in it",
                        item.get_ref().type_str()
                    ),
                )),
            }
        }
        days
    }

    /// `true`, `false` or a day.
    pub fn flag_or_day(
        &mut self,
        key: &'static str,
        problems: &Problems,
    ) -> Option<Result<bool, NaiveDate>> {
        let what = "true, false or a day such as 2026-08-24";
        self.take_as(key, what, problems, |value| {
            value.as_bool().map(Ok).or_else(|| day_of(&value).map(Err))
        })
        .map(|found| found.value)
    }

    /// An instant with its offset, such as `2026-08-24T05:10:00+01:00`, as a TOML date-time or as a string.
    pub fn instant(
        &mut self,
        key: &'static str,
        problems: &Problems,
    ) -> Option<DateTime<FixedOffset>> {
        let what = "a time with its offset such as 2026-08-24T05:10:00+01:00";
        self.take_as(key, what, problems, |value| {
            let text = match value {
                DeValue::Datetime(moment) => moment.to_string(),
                DeValue::String(text) => text.into_owned(),
                _ => return None,
            };
            DateTime::parse_from_rfc3339(&text).ok()
        })
        .map(|found| found.value)
    }

    /// A list of strings, as written.
    pub fn texts(&mut self, key: &'static str, problems: &Problems) -> Option<Vec<Found<String>>> {
        let list = self.take_as(key, "a list of strings", problems, |value| match value {
            DeValue::Array(list) => Some(list),
            _ => None,
        })?;
        let mut texts = Vec::with_capacity(list.value.len());
        for item in list.value {
            let span = item.span();
            match item.into_inner() {
                DeValue::String(text) => texts.push(Found {
                    value: text.into_owned(),
                    span,
                }),
                other => problems.add(self.problem(
                    span,
                    format!(
                        "`{key}` must be a list of strings, but found {} in it",
                        other.type_str()
                    ),
                )),
            }
        }
        Some(texts)
    }

    /// A list of strings, each cleaned; empty ones are dropped.
    pub fn lines(&mut self, key: &'static str, problems: &Problems) -> Option<Vec<Line>> {
        Some(
            self.texts(key, problems)?
                .iter()
                .filter_map(|found| Line::non_empty(&found.value))
                .collect(),
        )
    }

    /// A table: `[key]` or `{ .. }`.
    pub fn table(&mut self, key: &'static str, problems: &Problems) -> Option<Self> {
        let found = self.take_as(key, "a table", problems, |value| match value {
            DeValue::Table(table) => Some(table),
            _ => None,
        })?;
        Some(self.inner(found))
    }

    /// A list of tables: `[[key]]` or `[{ .. }, ..]`; none when the key is missing.
    pub fn tables(&mut self, key: &'static str, problems: &Problems) -> Vec<Self> {
        let expected = format!("a list of tables, each under `[[{key}]]`");
        let list = self.take_as(key, &expected, problems, |value| match value {
            DeValue::Array(list) => Some(list),
            _ => None,
        });
        let mut tables = Vec::new();
        for item in list.into_iter().flat_map(|list| list.value) {
            let span = item.span();
            match item.into_inner() {
                DeValue::Table(value) => tables.push(self.inner(Found { value, span })),
                other => problems.add(self.problem(
                    span,
                    format!(
                        "`{key}` must be {expected}, but found {} in it",
                        other.type_str()
                    ),
                )),
            }
        }
        tables
    }

    fn inner(&self, found: Found<DeTable<'t>>) -> Self {
        Self {
            written: self.written,
            span: found.span,
            left: found.value,
            asked: Vec::new(),
            made: Rc::clone(&self.made),
        }
    }

    /// All keys and string values that are left, in the file's order, for tables whose keys are the writer's own (words, headers).
    pub fn rest(&mut self, problems: &Problems) -> Vec<(Found<String>, Found<String>)> {
        let mut all = Vec::new();
        for (key, value) in std::mem::take(&mut self.left) {
            let (key_span, span) = (key.span(), value.span());
            match value.into_inner() {
                DeValue::String(text) => {
                    let key = Found {
                        value: key.into_inner().into_owned(),
                        span: key_span,
                    };
                    all.push((
                        key,
                        Found {
                            value: text.into_owned(),
                            span,
                        },
                    ));
                }
                other => problems.add(self.problem(
                    span,
                    format!(
                        "`{}` must be a string, but found {}",
                        key.get_ref(),
                        other.type_str()
                    ),
                )),
            }
        }
        all.sort_by_key(|(key, _)| key.span.start);
        all
    }

    /// All tables that are left, with their names, in the file's order, for tables whose names are the writer's own (languages).
    pub fn named_tables(&mut self) -> Vec<(Found<String>, Self)> {
        let mut all = Vec::new();
        for (key, value) in std::mem::take(&mut self.left) {
            let span = value.span();
            match value.into_inner() {
                DeValue::Table(value) => {
                    let key = Found {
                        span: key.span(),
                        value: key.into_inner().into_owned(),
                    };
                    all.push((key, self.inner(Found { value, span })));
                }
                other => {
                    self.left.insert(key, Spanned::new(span, other));
                }
            }
        }
        all.sort_by_key(|(key, _)| key.span.start);
        all
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

fn day_of(value: &DeValue<'_>) -> Option<NaiveDate> {
    match value {
        DeValue::Datetime(moment) if moment.time.is_none() => moment.date.and_then(|day| {
            NaiveDate::from_ymd_opt(day.year.into(), day.month.into(), day.day.into())
        }),
        DeValue::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// The name that somebody who wrote `name` likely meant, if one of `known` is near enough.
pub fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    known
        .map(|known| (distance(known, name), known))
        .min()
        .filter(|(far, known)| *far <= 2 || known.starts_with(name) || name.starts_with(known))
        .map(|(_, known)| known)
}

/// Edit distance: how many letters are added, dropped or changed.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, to) in b.iter().enumerate() {
            let change = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = change.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems_of(text: &str, read: impl FnOnce(&mut TomlTable<'_>, &Problems)) -> String {
        let problems = Problems::default();
        let mut table = TomlTable::parse(Written::new("x.toml", text), text, &problems);
        read(&mut table, &problems);
        table.finish(&problems);
        problems
            .into_vec()
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n\n")
    }

    #[test]
    fn all_problems_at_once() {
        let text = "nmae = \"x\"\ntop = \"five\"\nflag = 1\nday = 2026-13-40\nwindow = 7\n";
        insta::assert_snapshot!(problems_of(text, |table, problems| {
            table.line("name", problems);
            table.whole("top", 1, 30, problems);
            table.flag("flag", problems);
            table.text("window", problems);
            table.day("day", problems);
        }), @r#"
        unknown key `nmae`
          ──▶ x.toml:1:1
          │
        1 │ nmae = "x"
          │ ^^^^
        hint: did you mean `name`?

        `top` must be a whole number, but found string
          ──▶ x.toml:2:7
          │
        2 │ top = "five"
          │       ^^^^^^

        `flag` must be true or false, but found integer
          ──▶ x.toml:3:8
          │
        3 │ flag = 1
          │        ^

        invalid date, expected month between 01 and 12
          ──▶ x.toml:4:7
          │
        4 │ day = 2026-13-40
          │       ^^^^^^^^^^

        `window` must be a string, but found integer
          ──▶ x.toml:5:10
          │
        5 │ window = 7
          │          ^
        "#);
    }

    #[test]
    fn slips_of_an_editor() {
        let text = "a = Fares\nb = 6 things\nc = \"The \"big\" day\"\nd =\ne = \"open\n";
        insta::assert_snapshot!(problems_of(text, |table, problems| {
            for key in ["a", "b", "c", "d", "e"] {
                table.text(key, problems);
            }
            problems.add_missing(table.problem_here("`f` is missing"));
        }), @r#"
        text must stand between straight quotes
          ──▶ x.toml:1:5
          │
        1 │ a = Fares
          │     ^^^^^
        hint: write it as `key = "the text"`; numbers, days, `true` and `false` stand without

        text must stand between straight quotes
          ──▶ x.toml:2:5
          │
        2 │ b = 6 things
          │     ^^^^^^^^
        hint: write it as `key = "the text"`; numbers, days, `true` and `false` stand without

        nothing may follow the value on its line
          ──▶ x.toml:3:11
          │
        3 │ c = "The "big" day"
          │           ^
        hint: a quote within the text is written `\"`

        the value is missing
          ──▶ x.toml:4:4
          │
        4 │ d =
          │    ^

        the text has no closing quote
          ──▶ x.toml:5:10
          │
        5 │ e = "open
          │          ^
        "#);
    }

    #[test]
    fn as_many_brackets_behind_as_before() {
        let text = "[top]]\na = 1\n[[notice]\nb = 1\n";
        insta::assert_snapshot!(problems_of(text, |_, _| {}), @r#"
        unknown key `top`
          ──▶ x.toml:1:2
          │
        1 │ [top]]
          │  ^^^

        there is a bracket too many
          ──▶ x.toml:1:6
          │
        1 │ [top]]
          │      ^
        hint: `[relay]` begins a table, `[[top]]` one of a list: as many brackets behind the name as before it

        unclosed array table, expected `]`
          ──▶ x.toml:3:10
          │
        3 │ [[notice]
          │          ^
        hint: `[relay]` begins a table, `[[top]]` one of a list: as many brackets behind the name as before it

        unknown key `b`
          ──▶ x.toml:4:1
          │
        4 │ b = 1
          │ ^
        "#);
    }

    #[test]
    fn a_hundred_problems_are_told_and_the_rest_counted() {
        let lines = |line: &str| {
            (0..50_000)
                .map(|n| line.replace('N', &n.to_string()))
                .collect::<String>()
        };
        for line in [
            "[section-N]\n",
            "key-N = 1\n",
            "key-N\n",
            "[[list]]\nkey-N = 1\n",
        ] {
            let text = lines(line);
            let problems = Problems::default();
            let mut table = TomlTable::parse(Written::new("x.toml", &text), &text, &problems);
            for table in table.tables("list", &problems) {
                table.finish(&problems);
            }
            table.finish(&problems);
            assert_eq!(problems.len(), 50_000, "{line}");
            let told = problems.into_vec();
            assert_eq!(told.len(), MOST_PROBLEMS + 1);
            assert!(told[..100].iter().all(|problem| problem.place.is_some()));
            assert_eq!(told[100].what, "and 49900 more problems");
        }
    }

    #[test]
    fn too_deep_and_too_much() {
        let said = |text: &str| {
            problems_of(text, |_, _| {})
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned()
        };
        let deep = "it is nested too deep: expected at most 64 levels";
        for piece in ["[", "{", "a.", "a = [", "a = {b = ", "\"a\" . "] {
            assert_eq!(said(&piece.repeat(500_000)), deep, "{piece}");
            assert_eq!(
                said(&("x = ".to_owned() + &piece.repeat(500_000))),
                deep,
                "{piece}"
            );
        }
        assert_eq!(
            said(&"\n".repeat(1_000_001)),
            "there is too much in this file: expected at most 1000000 keys, values and marks"
        );
        let long = format!("a = \"{}\"", ".[{".repeat(500_000));
        assert_eq!(said(&long), "unknown key `a`");
    }

    #[test]
    fn distances() {
        assert_eq!(
            (
                distance("name", "nmae"),
                distance("", "abc"),
                distance("top", "top")
            ),
            (2, 3, 0)
        );
    }
}
