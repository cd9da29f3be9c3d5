//! Which form the lines of a log have, found out by looking.

use std::sync::Arc;

use memchr::{memchr, memmem};

use super::clock::LogTime;
use super::fields::{Field, Lines, Seen};
use super::format::{known, w3c};
use super::json::Object;

/// What a W3C extended log says before its lines.
pub(super) const DIRECTIVE: &[u8] = b"#Fields:";
const DATE: &[u8] = b"#Date:";

/// How the lines of a log are written.
#[derive(Debug)]
pub(super) enum Layout {
    /// As a server's format string says.
    Text(Lines),
    /// As a `#Fields:` line says.
    W3c(W3c),
    /// An object a line.
    Json,
}

/// How the lines of a W3C extended log are written.
#[derive(Debug)]
pub(super) struct W3c {
    pub(super) lines: Lines,
    /// What is between its fields.
    apart: &'static str,
    /// The day of its `#Date:`, for lines that have a time only.
    day: Vec<u8>,
}

impl W3c {
    /// The layout that the directive `#Fields:` at that place of `text` announces; or what it lacks to count by.
    fn at(
        text: &[u8],
        at: usize,
        apart: &'static str,
        day: &[u8],
    ) -> Option<Result<Layout, String>> {
        let names = text[at..].strip_prefix(DIRECTIVE)?;
        let names = &names[..memchr(b'\n', names).unwrap_or(names.len())];
        let day = match memmem::rfind(&text[..at], DATE) {
            Some(date) => &text[date + DATE.len()..at],
            None => day,
        };
        let day = day.trim_ascii_start();
        let day = day[..day.len().min("2026-08-24".len())].to_vec();
        let lines = w3c(&String::from_utf8_lossy(names), apart);
        Some(lines.map(|lines| Layout::W3c(Self { lines, apart, day })))
    }

    /// The layout that a later directive announces.
    pub(super) fn announced_at(&self, text: &[u8], at: usize) -> Option<Result<Layout, String>> {
        Self::at(text, at, self.apart, &self.day)
    }
}

impl Layout {
    /// Its name, for people.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Text(lines) | Self::W3c(W3c { lines, .. }) => lines.name,
            Self::Json => "JSON with a time, a request and a client",
        }
    }

    /// Whether it says what program a client is.
    pub(super) fn has_agent(&self) -> bool {
        match self {
            Self::Text(lines) | Self::W3c(W3c { lines, .. }) => lines.has(Field::Agent),
            Self::Json => true,
        }
    }

    /// When the request of a line was made, in unix seconds, if the line has this form.
    pub(super) fn time(&self, line: &[u8], clock: &mut LogTime<'_>) -> Option<i64> {
        match self {
            Self::Text(lines) | Self::W3c(W3c { lines, .. }) => {
                let mut seen = Seen::nothing();
                lines.head(line, &mut seen)?;
                self.time_of(&seen, clock)
            }
            Self::Json => self.time_of(&Object::read(line)?.seen(), clock),
        }
    }

    /// The time of a request, in unix seconds.
    pub(super) fn time_of(&self, seen: &Seen<'_>, clock: &mut LogTime<'_>) -> Option<i64> {
        let (date, time) = (seen.get(Field::Date), seen.get(Field::Time));
        let date = match self {
            Self::W3c(W3c { day, .. }) if date.is_empty() => day,
            _ => date,
        };
        match (date, time) {
            (date, [_, _, b':', ..]) => clock.read(&[date, b"T", time, b"Z"].concat()),
            (date, []) => clock.read(date),
            (_, time) => clock.read(time),
        }
    }
}

/// The layouts that are known by their lines.
pub(super) struct Layouts(Vec<Arc<Layout>>);

impl Layouts {
    pub(super) fn known() -> Self {
        let text = known().into_iter().map(Layout::Text);
        Self(text.chain([Layout::Json]).map(Arc::new).collect())
    }

    /// The layout of `line`.
    pub(super) fn of(&self, line: &[u8], clock: &mut LogTime<'_>) -> Option<&Arc<Layout>> {
        self.0.iter().find(|layout| match &***layout {
            Layout::Text(lines) | Layout::W3c(W3c { lines, .. }) => {
                let mut seen = Seen::nothing();
                lines
                    .head(line, &mut seen)
                    .and_then(|rest| lines.tail(rest, &mut seen))
                    .is_some_and(|()| layout.time_of(&seen, clock).is_some())
            }
            Layout::Json => {
                line.first() == Some(&b'{')
                    && Object::read(line).is_some_and(|object| {
                        let seen = object.seen();
                        layout.time_of(&seen, clock).is_some()
                            && seen.asked().is_some()
                            && !seen.client().is_empty()
                    })
            }
        })
    }

    /// The layout of a file that begins with `head`: that of its first line that has one. A file of which nothing is known yet is begun
    /// as combined; every line that is not may still be another.
    ///
    /// # Errors
    /// It is a W3C extended log, and what it lacks to count by.
    pub(super) fn of_file(
        &self,
        head: &[u8],
        clock: &mut LogTime<'_>,
    ) -> Result<Arc<Layout>, String> {
        let mut begin = 0;
        while begin < head.len() {
            let end = memchr(b'\n', &head[begin..]).map(|length| begin + length);
            // A line without an end is still being written, unless it is the only one.
            if end.is_none() && begin > 0 {
                break;
            }
            let line = &head[begin..end.unwrap_or(head.len())];
            let next = end.map_or(head.len(), |end| end + 1);
            if line.starts_with(DIRECTIVE) {
                let mut after = head[next..].split(|byte| *byte == b'\n');
                let sample = after.find(|line| !matches!(line, [] | [b'#', ..]));
                // CloudFront names its fields with spaces between, and writes them with tabs.
                let tabs = sample.is_some_and(|line| line.contains(&b'\t'));
                if let Some(layout) = W3c::at(head, begin, if tabs { "\t" } else { " " }, b"") {
                    return layout.map(Arc::new);
                }
            } else if let Some(layout) = self.of(line.strip_suffix(b"\r").unwrap_or(line), clock) {
                return Ok(layout.clone());
            }
            begin = next;
        }
        self.0
            .first()
            .cloned()
            .ok_or_else(|| "no form is known".to_owned())
    }
}
