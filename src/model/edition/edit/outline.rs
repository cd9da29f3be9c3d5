//! What is where in the text of a TOML file: headers, keys with their values, comments.

use std::ops::Range;

use toml_parser::Source;
use toml_parser::parser::{Event, EventKind, parse_document};

/// A key with its value.
pub(super) struct Entry {
    /// The header above it within the piece, then the key's own parts.
    pub(super) path: Vec<String>,
    /// How many of those are the key's own.
    pub(super) own: usize,
    pub(super) value: Range<usize>,
    /// From the start of its line to the start of the next.
    pub(super) lines: Range<usize>,
}

/// What is found in a text: headers with their names, keys, comments that have a line to themselves.
#[derive(Default)]
pub(super) struct Outline {
    pub(super) headers: Vec<Header>,
    pub(super) entries: Vec<Entry>,
    /// Where each begins.
    pub(super) comments: Vec<usize>,
}

pub(super) struct Header {
    pub(super) path: Vec<String>,
    /// Where its first name is.
    pub(super) name: Range<usize>,
    pub(super) lines: Range<usize>,
}

impl Outline {
    pub(super) fn of(text: &str) -> Self {
        let source = Source::new(text);
        let tokens = source.lex().into_vec();
        let mut events: Vec<Event> = Vec::new();
        parse_document(&tokens, &mut events, &mut ());
        let mut outline = Self::default();
        let mut table: Vec<String> = Vec::new();
        let mut names: Vec<String> = Vec::new();
        let (mut depth, mut in_header, mut in_value) = (0_usize, false, false);
        let (mut line, mut is_blank, mut first_name) = (0, true, 0..0);
        let mut value = 0..0;
        let mut header = None;
        for event in &events {
            let span = event.span().start()..event.span().end();
            match event.kind() {
                EventKind::StdTableOpen | EventKind::ArrayTableOpen => {
                    in_header = true;
                    names.clear();
                }
                EventKind::StdTableClose | EventKind::ArrayTableClose => {
                    in_header = false;
                    table = std::mem::take(&mut names);
                    header = Some(first_name.clone());
                }
                EventKind::SimpleKey if !in_value => {
                    let mut name = String::new();
                    if let Some(raw) = source.get(event) {
                        raw.decode_key(&mut name, &mut ());
                    }
                    if in_header && names.is_empty() {
                        first_name = span.clone();
                    }
                    names.push(name);
                }
                EventKind::KeyValSep if !in_value => {
                    in_value = true;
                    value = 0..0;
                }
                EventKind::ArrayOpen | EventKind::InlineTableOpen => depth += 1,
                EventKind::ArrayClose | EventKind::InlineTableClose => {
                    depth = depth.saturating_sub(1);
                }
                EventKind::Comment if is_blank && !in_value => outline.comments.push(line),
                _ => {}
            }
            let is_line_end = event.kind() == EventKind::Newline && depth == 0;
            let is_filler = matches!(
                event.kind(),
                EventKind::Whitespace | EventKind::Comment | EventKind::KeyValSep
            );
            if in_value && !is_line_end && !is_filler {
                value = if value.is_empty() {
                    span.clone()
                } else {
                    value.start..span.end
                };
            }
            if event.kind() != EventKind::Whitespace {
                is_blank = false;
            }
            if is_line_end {
                outline.end_line(
                    line..span.end,
                    (&mut in_value, &value),
                    &mut header,
                    (&table, &mut names),
                );
                (line, is_blank) = (span.end, true);
            }
        }
        outline.end_line(
            line..text.len(),
            (&mut in_value, &value),
            &mut header,
            (&table, &mut names),
        );
        outline
    }

    fn end_line(
        &mut self,
        lines: Range<usize>,
        (in_value, value): (&mut bool, &Range<usize>),
        header: &mut Option<Range<usize>>,
        (table, names): (&[String], &mut Vec<String>),
    ) {
        if let Some(name) = header.take() {
            let path = table.to_vec();
            self.headers.push(Header { path, name, lines });
        } else if std::mem::take(in_value) {
            let own = std::mem::take(names);
            self.entries.push(Entry {
                path: table.iter().chain(&own).cloned().collect(),
                own: own.len(),
                value: value.clone(),
                lines,
            });
        }
    }
}

/// Where the line before the one at `at` begins.
pub(super) fn line_above(text: &str, at: usize) -> Option<usize> {
    let above = at.checked_sub(1)?;
    Some(text[..above].rfind('\n').map_or(0, |end| end + 1))
}

/// Where the line after the one at `at` begins.
pub(super) fn line_below(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |end| at + end + 1)
}
