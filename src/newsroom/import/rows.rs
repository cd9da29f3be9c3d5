//! The rows of a foreign table: CSV of any separator and encoding, or JSON. Each bad row is named, and costs nobody else.

use std::borrow::Cow;
use std::collections::BTreeSet;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

use super::ImportError;
use super::json::{Object, cut, objects};
use crate::newsroom::table::plain;

/// A cell with line breaks may have so many lines. A quote that is opened and never closed would swallow the rest of the file.
const CELL_LINES: usize = 50;

/// The most columns: each is looked at in every row. Cells beyond make a row bad.
const COLUMNS: usize = 1_000;

/// After so many quotes that never close, none reaches over a line's end any more: to look for the ends of all of them takes too long.
const OPEN_QUOTES: usize = 100;

/// The most bytes of JSON: parsed it takes many times the room, and CSV a row's.
const LARGEST_JSON: usize = 100_000_000;

/// White space, and what spreadsheets and web pages leave around a cell and nobody sees.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// The cells of one row.
#[derive(Default)]
pub(super) struct Cells {
    text: String,
    ends: Vec<usize>,
}

impl Cells {
    /// The cell of that column, from 0; empty where the row is shorter.
    pub(super) fn get(&self, column: usize) -> &str {
        let end = self.ends.get(column).copied();
        let start = column
            .checked_sub(1)
            .and_then(|before| self.ends.get(before).copied());
        let cell = end.and_then(|end| self.text.get(start.unwrap_or(0)..end));
        let cell = cell.unwrap_or_default().trim_matches(is_blank);
        plain(cell).trim_matches(is_blank)
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|column| self.get(column))
    }

    fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(self.text.len());
    }
}

/// A table with a header.
pub(super) struct Rows<'t> {
    pub(super) header: Vec<String>,
    /// What the list is called that it was taken out of: `{"unsubscribes": [..]}`.
    pub(super) name: Option<String>,
    body: Body<'t>,
}

enum Body<'t> {
    /// The text behind the header, its separator, and how many lines come before it.
    Text(Cow<'t, str>, usize, u8, usize),
    Objects(Vec<Object>),
}

impl<'t> Rows<'t> {
    /// Reads the header. An empty table has an empty one.
    ///
    /// # Errors
    /// It is JSON, and too much of it.
    pub(super) fn of(bytes: &'t [u8]) -> Result<Self, ImportError> {
        let mut text = decoded(bytes);
        if text.trim_start().starts_with(['[', '{']) {
            if text.len() > LARGEST_JSON {
                return Err(ImportError::LargeJson);
            }
            if let Some((name, objects)) = objects(&text) {
                let header: BTreeSet<&String> = objects.iter().flat_map(Object::keys).collect();
                return Ok(Self {
                    header: header.into_iter().take(COLUMNS).cloned().collect(),
                    name,
                    body: Body::Objects(objects),
                });
            }
        }
        // Excel's "CSV (Macintosh)" ends lines as the Macs of 1984 did.
        if !text.contains('\n') {
            text = text.replace('\r', "\n").into();
        }
        let mut at = text.len() - text.trim_start_matches(['\n', '\r', ' ', '\u{feff}']).len();
        let mut line = &text[at..at + line_length(&text[at..])];
        let mut separator = None;
        // Excel's own way to name the separator.
        if let Some(mark) = line
            .trim_end()
            .get(..4)
            .filter(|sep| sep.eq_ignore_ascii_case("sep="))
            .map(|sep| line.trim_end().trim_start_matches(sep))
            .filter(|mark| mark.len() <= 1)
        {
            separator = Some(mark.bytes().next().unwrap_or(b'\t'));
            at += line.len();
            line = &text[at..at + line_length(&text[at..])];
        }
        // What lies between quotes separates nothing.
        let bare: String = line.split('"').step_by(2).collect();
        let count = |mark: u8| bare.bytes().filter(|byte| *byte == mark).count();
        let separator = separator.or_else(|| {
            [b'|', b'\t', b';', b',']
                .into_iter()
                .max_by_key(|mark| count(*mark))
        });
        let separator = separator.unwrap_or(b',');
        let mut cells = Cells::default();
        _ = record(&mut reader(separator), std::iter::once(line), &mut cells);
        let header = cells.iter().take(COLUMNS).map(cut).collect();
        at += line.len();
        let before = lines_in(&text[..at]);
        Ok(Self {
            header,
            name: None,
            body: Body::Text(text, at, separator, before),
        })
    }

    /// Hands every row to `work`, with its line from 1 (of JSON: its number), or what is wrong with it. Empty rows are passed over.
    pub(super) fn each(&self, mut work: impl FnMut(usize, Result<&Cells, &str>)) {
        match &self.body {
            Body::Objects(objects) => {
                for (index, object) in objects.iter().enumerate() {
                    let mut cells = Cells::default();
                    for name in &self.header {
                        cells.push(object.get(name).map_or("", String::as_str));
                    }
                    let is_whole = object
                        .keys()
                        .all(|name| self.header.binary_search(name).is_ok());
                    let cells = if is_whole { Ok(&cells) } else { Err(WIDE) };
                    work(index + 1, cells);
                }
            }
            Body::Text(text, at, separator, before) => {
                self.each_record(&text[*at..], *separator, *before, work);
            }
        }
    }

    /// The one column that holds nothing but addresses, whatever it is called. A header with an address is none.
    pub(super) fn addresses(&self) -> Option<usize> {
        if self.header.iter().any(|name| name.contains('@')) {
            return None;
        }
        let (mut with, mut without) = (vec![0; self.header.len()], vec![0; self.header.len()]);
        self.each(|_, cells| {
            let Ok(cells) = cells else { return };
            for (column, cell) in cells.iter().enumerate().take(with.len()) {
                let counts = if cell.contains('@') {
                    &mut with
                } else {
                    &mut without
                };
                counts[column] += usize::from(!cell.is_empty());
            }
        });
        let mut like = (0..with.len()).filter(|column| with[*column] > 0 && without[*column] == 0);
        let column = like.next()?;
        like.next().is_none().then_some(column)
    }

    fn each_record(
        &self,
        text: &str,
        separator: u8,
        before: usize,
        mut work: impl FnMut(usize, Result<&Cells, &str>),
    ) {
        let mut reader = reader(separator);
        let mut cells = Cells::default();
        let (mut at, mut line, mut open) = (0, before + 1, 0);
        while at < text.len() {
            let first = line_length(&text[at..]);
            let most = if open < OPEN_QUOTES { CELL_LINES } else { 1 };
            let lines = text[at..].split_inclusive('\n').take(most);
            let read = record(&mut reader, lines, &mut cells);
            let swallowed = |cells: &Cells| {
                cells.len() > self.header.len()
                    || cells
                        .iter()
                        .any(|cell| cell.contains('\n') && cell.contains('@'))
            };
            match read {
                // A bad row of several lines costs only the first of them: reading begins again at the second.
                Some(count) if count > 1 && swallowed(&cells) => {
                    work(line, Err(OPEN));
                    open += 1;
                }
                None => {
                    work(line, Err(OPEN));
                    open += 1;
                }
                Some(count) => {
                    if cells.iter().any(|cell| !cell.is_empty()) {
                        let width = self.header.len();
                        if cells.len() > width
                            && (width..cells.len()).any(|extra| !cells.get(extra).is_empty())
                        {
                            work(
                                line,
                                Err(&format!(
                                    "expected {width} cells as in the header, but found {}",
                                    cells.len()
                                )),
                            );
                        } else {
                            work(line, Ok(&cells));
                        }
                    }
                    for _ in 0..count {
                        at += line_length(&text[at..]);
                    }
                    line += count;
                    continue;
                }
            }
            at += first;
            line += 1;
        }
    }
}

const WIDE: &str = "the table has more than 1,000 columns";

const OPEN: &str = "a quote is opened in it and not closed";

fn reader(separator: u8) -> Reader {
    ReaderBuilder::new().delimiter(separator).build()
}

/// Reads one record into `cells`; how many lines it has. `None`: a quote is still open after the last of `lines`.
fn record<'l>(
    reader: &mut Reader,
    lines: impl Iterator<Item = &'l str>,
    cells: &mut Cells,
) -> Option<usize> {
    reader.reset();
    let mut bytes = Vec::new();
    let mut ends = vec![0; 32];
    let (mut written, mut fields) = (0, 0);
    for (index, line) in lines.enumerate() {
        // A line end of its own, so that the last line of a file ends its record as any other does.
        let line = line.trim_end_matches(['\r', '\n']);
        if index == 0 && line.trim().is_empty() {
            *cells = Cells::default();
            return Some(1);
        }
        let input = format!("{line}\n");
        let mut input = input.as_bytes();
        bytes.resize(written + input.len() + 1, 0);
        loop {
            let (result, read, wrote, ended) =
                reader.read_record(input, &mut bytes[written..], &mut ends[fields..]);
            input = &input[read..];
            written += wrote;
            fields += ended;
            match result {
                ReadRecordResult::InputEmpty => break,
                ReadRecordResult::OutputFull => bytes.resize(bytes.len() * 2 + 1, 0),
                ReadRecordResult::OutputEndsFull => ends.resize(ends.len() * 2, 0),
                ReadRecordResult::Record | ReadRecordResult::End => {
                    bytes.truncate(written);
                    ends.truncate(fields);
                    cells.text = String::from_utf8_lossy(&bytes).into_owned();
                    cells.ends = ends;
                    return Some(index + 1);
                }
            }
        }
    }
    None
}

/// The bytes as text: Unicode of any kind, with its mark or without; else what the bytes look like, such as windows-1252.
fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding.decode(bytes).0;
    }
    match bytes {
        [0, _, ..] => return UTF_16BE.decode(bytes).0,
        [_, 0, ..] => return UTF_16LE.decode(bytes).0,
        _ => {}
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.into();
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    detector.guess(None, Utf8Detection::Deny).decode(bytes).0
}

/// The length of the first line, with its end.
fn line_length(text: &str) -> usize {
    text.find('\n').map_or(text.len(), |at| at + 1)
}

fn lines_in(text: &str) -> usize {
    text.bytes().filter(|&byte| byte == b'\n').count()
}
