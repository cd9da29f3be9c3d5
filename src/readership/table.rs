//! The shapes counts come in: CSV of any separator and JSON of any wrapping, as rows of the same three cells.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::columns::{Columns, columns, unknown};
pub(super) use super::columns::{Figure, Names, Row};

/// What a table has next.
pub(super) enum Found<'a> {
    Row(Row<'a>),
    /// The row in this line does not end within a bound.
    TooLong(u64),
    /// The last day it is of, as the lines above it say; comes before all rows.
    LastDay(&'a str),
}

/// What [`Row::at`] counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Csv,
    Json,
}

/// A row longer than this, in octets, is none: a quote was opened in it and never closed.
const MAX_ROW: usize = 10_000;
/// After so many of those, quotes are taken as they are written: each costs a walk to the end of the file.
const OPEN_QUOTES: usize = 10;
/// So many lines that are not empty may be above a table: titles, comments, the separator that Excel used.
const MAX_PREAMBLE: usize = 40;
/// A longer line is no header, in octets.
const MAX_HEADER: usize = 10_000;

/// Calls `each` with every row of `text`.
///
/// # Errors
/// The whole is of no form that is understood; says what was expected and found.
pub(super) fn rows(
    text: &str,
    given: &Names,
    mut each: impl FnMut(Found<'_>),
) -> Result<Shape, String> {
    match text.trim_start().as_bytes().first() {
        None => Err("expected a table, but it is empty".to_owned()),
        Some(b'<') => {
            Err("expected a table, but found a page: does its address ask for a log-in?".to_owned())
        }
        Some(b'{' | b'[') => from_json(text, given, &mut each).map(|()| Shape::Json),
        Some(_) => from_csv(text, given, &mut each).map(|()| Shape::Csv),
    }
}

fn reader(separator: u8, quoting: bool, text: &str) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .quoting(quoting)
        .delimiter(separator)
        .flexible(true)
        .has_headers(false)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes())
}

/// The last of the days that remarks above a table name, as GA4 writes them: `# Start date: 20260110`.
fn last_day(above: &str) -> Option<&str> {
    let remarks = above.lines().map(|line| line.trim().trim_matches('"'));
    let remarks = remarks.filter(|line| line.starts_with('#'));
    let words = remarks.flat_map(|line| line.split(|c: char| !c.is_ascii_digit() && c != '-'));
    let ranges = words.flat_map(|word| match word.split_once('-') {
        // `20260101-20260110`
        Some((first, last)) if first.len() == 8 => [first, last],
        _ => [word, ""],
    });
    let is_day = |text: &&str| {
        let dashes = text.match_indices('-').map(|(at, _)| at);
        let dashed = text.len() == 10 && dashes.eq([4, 7]);
        text.starts_with("20") && (dashed || (text.len() == 8 && !text.contains('-')))
    };
    let mut days: Vec<&str> = ranges.filter(is_day).collect();
    days.sort_by_key(|day| day.replace('-', ""));
    // Of a first day alone it is not known what it was counted up to.
    days.pop().filter(|_| !days.is_empty())
}

fn from_csv(text: &str, given: &Names, each: &mut impl FnMut(Found<'_>)) -> Result<(), String> {
    let header = |line: &str| {
        b",;\t|".iter().find_map(|&separator| {
            let mut names = csv::StringRecord::new();
            reader(separator, true, line).read_record(&mut names).ok()?;
            Some((
                separator,
                columns(&names.iter().collect::<Vec<_>>(), given)?,
            ))
        })
    };
    let end = if text.contains('\n') { '\n' } else { '\r' };
    let mut start = 0;
    let mut lines = text
        .split_inclusive(end)
        .inspect(|line| start += line.len())
        .filter(|line| line.len() <= MAX_HEADER && !line.trim().is_empty())
        .take(MAX_PREAMBLE);
    let found = lines.find_map(header);
    let Some((separator, columns)) = found else {
        let mut lines = text.split(end).map(str::trim);
        let first = lines
            .find(|line| !line.is_empty() && !line.starts_with('#') && !line.starts_with("sep="));
        return Err(unknown("columns", given, first.unwrap_or_default()));
    };
    if let Some(day) = last_day(&text[..start]) {
        each(Found::LastDay(day));
    }
    let mut above = text[..start].matches(end).count() as u64;
    let mut open_quotes = 0;
    let mut record = csv::StringRecord::new();
    'again: loop {
        let rest = &text[start..];
        let mut reader = reader(separator, open_quotes < OPEN_QUOTES, rest);
        // Reading from memory text that is UTF-8 cannot fail; if it did, what was read so far is taken.
        while let Ok(true) = reader.read_record(&mut record) {
            let place = record.position();
            let at = above + place.map_or(0, csv::Position::line);
            let begins = place.and_then(|place| usize::try_from(place.byte()).ok());
            if record.as_slice().len() > MAX_ROW
                && let Some(line) = begins.and_then(|begins| rest.get(begins..))
            {
                each(Found::TooLong(at));
                // The row's own line is lost, not what follows it.
                let line = line.trim_start_matches(['\r', '\n']);
                let next = line.find(end).map_or(line.len(), |end| end + 1);
                start += rest.len() - line.len() + next;
                above = at;
                open_quotes += 1;
                continue 'again;
            }
            each(Found::Row(columns.row(at, |column| record.get(column))));
        }
        return Ok(());
    }
}

fn from_json(text: &str, given: &Names, each: &mut impl FnMut(Found<'_>)) -> Result<(), String> {
    let mut objects = Objects {
        given,
        each,
        at: 0,
        in_list: false,
        first: Vec::new(),
        columns: None,
    };
    let wrong = |error| format!("expected JSON, but {error}");
    // One list as a rule; one object after another is JSON Lines. Where each ends is found first: asked of a value's reader, whether anything follows it
    // counts all lines before.
    let mut ends = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    let mut start = 0;
    while let Some(value) = ends.next() {
        value.map_err(wrong)?;
        let piece = &text[start..ends.byte_offset()];
        start = ends.byte_offset();
        Walk(Place::Top, &mut objects)
            .deserialize(&mut serde_json::Deserializer::from_str(piece))
            .map_err(wrong)?;
    }
    if objects.columns.is_some() {
        return Ok(());
    }
    Err(if !objects.in_list {
        "expected a JSON list of objects, alone or as `results`, `data` or `rows`".to_owned()
    } else if objects.at == 0 {
        "expected objects in the JSON list, but it is empty".to_owned()
    } else if objects.first.is_empty() {
        "expected objects in the JSON list, but found none".to_owned()
    } else {
        unknown("keys", given, &objects.first.join("`, `"))
    })
}

/// The objects of a JSON file, handed on one at a time: the whole as a tree would take ten times the memory of the text.
struct Objects<'a, F> {
    given: &'a Names,
    each: &'a mut F,
    at: u64,
    in_list: bool,
    /// The names in the first object.
    first: Vec<String>,
    /// By the names in the first object that has all.
    columns: Option<(Columns, Vec<String>)>,
}

impl<F: FnMut(Found<'_>)> Objects<'_, F> {
    fn take(&mut self, cells: &[(String, Option<String>)]) {
        let names = || cells.iter().map(|(name, _)| name.clone()).collect();
        if self.first.is_empty() {
            self.first = names();
        }
        if self.columns.is_none() {
            let found: Vec<&str> = cells.iter().map(|(name, _)| name.as_str()).collect();
            self.columns = columns(&found, self.given).map(|columns| (columns, names()));
        }
        if let Some((columns, names)) = &self.columns {
            (self.each)(Found::Row(columns.row(self.at + 1, |column| {
                let cell = cells.iter().find(|(name, _)| *name == names[column]);
                cell?.1.as_deref()
            })));
        }
    }
}

/// Where in the file a value is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Top,
    List,
    Item,
    Cell,
}

/// Walks a value, and gives its text if it is one of a cell. A number in JSON has no thousands: it is rounded, so that `1.204` is one view.
struct Walk<'w, 'a, F>(Place, &'w mut Objects<'a, F>);

impl<'de, F: FnMut(Found<'_>)> DeserializeSeed<'de> for Walk<'_, '_, F> {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de, F: FnMut(Found<'_>)> Visitor<'de> for Walk<'_, '_, F> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Some(format!("{number:.0}")))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let Self(place, objects) = self;
        if matches!(place, Place::Item | Place::Cell) {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(None);
        }
        objects.in_list = true;
        while list
            .next_element_seed(Walk(Place::Item, objects))?
            .is_some()
        {
            objects.at += 1;
        }
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let Self(place, objects) = self;
        let mut cells = Vec::new();
        while let Some(name) = object.next_key::<String>()? {
            let within = match (place, &*name) {
                (Place::Top, "results" | "data" | "rows") => Place::List,
                _ => Place::Cell,
            };
            let cell = object.next_value_seed(Walk(within, objects))?;
            if place != Place::Cell {
                cells.push((name, cell));
            }
        }
        match place {
            Place::Item => objects.take(&cells),
            Place::Top if !objects.in_list => {
                objects.take(&cells);
                objects.at += 1;
            }
            _ => {}
        }
        Ok(None)
    }
}
