//! Which form the lines of a log have, found out by looking.

use std::sync::Arc;

use memchr::memchr;

use super::clock::Clock;
use super::fields::{Field, Lines, Seen};
use super::format::{known, w3c};
use super::json::Object;

/// What a W3C extended log says before its lines.
pub(super) const DIRECTIVE: &[u8] = b"#Fields:";

/// How the lines of a log are written.
#[derive(Debug)]
pub(super) enum Layout {
    /// As a server's format string says.
    Text(Lines),
    /// As a `#Fields:` line says, with this between the fields.
    W3c(Lines, &'static str),
    /// An object a line.
    Json,
}

impl Layout {
    /// Its name, for people.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Text(lines) | Self::W3c(lines, _) => lines.name,
            Self::Json => "JSON with a time, a request and a client",
        }
    }

    /// Whether it says what program a client is.
    pub(super) fn has_agent(&self) -> bool {
        match self {
            Self::Text(lines) | Self::W3c(lines, _) => lines.has(Field::Agent),
            Self::Json => true,
        }
    }

    /// The layout that the first of `lines` announces, if it is a directive that does; or what it lacks to count by.
    pub(super) fn announced(lines: &[u8], apart: &'static str) -> Option<Result<Self, String>> {
        let rest = lines.strip_prefix(DIRECTIVE)?;
        let end = memchr(b'\n', rest).unwrap_or(rest.len());
        Some(
            w3c(&String::from_utf8_lossy(&rest[..end]), apart).map(|lines| Self::W3c(lines, apart)),
        )
    }

    /// When the request of a line was made, in unix seconds, if the line has this form.
    pub(super) fn time(&self, line: &[u8], clock: &mut Clock<'_>) -> Option<i64> {
        match self {
            Self::Text(lines) | Self::W3c(lines, _) => {
                let mut seen = Seen::nothing();
                lines.head(line, &mut seen)?;
                time(&seen, clock)
            }
            Self::Json => time(&Object::read(line)?.seen(), clock),
        }
    }
}

/// The time of a request, in unix seconds.
pub(super) fn time(seen: &Seen<'_>, clock: &mut Clock<'_>) -> Option<i64> {
    let (date, time) = (seen.get(Field::Date), seen.get(Field::Time));
    match (date, time) {
        ([], time) => clock.read(time),
        (date, []) => clock.read(date),
        (date, [_, _, b':', ..]) => clock.read(&[date, b"T", time, b"Z"].concat()),
        (_, time) => clock.read(time),
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
    pub(super) fn of(&self, line: &[u8], clock: &mut Clock<'_>) -> Option<&Arc<Layout>> {
        self.0.iter().find(|layout| match &***layout {
            Layout::Text(lines) | Layout::W3c(lines, _) => {
                let mut seen = Seen::nothing();
                lines
                    .head(line, &mut seen)
                    .and_then(|rest| lines.tail(rest, &mut seen))
                    .is_some_and(|()| time(&seen, clock).is_some())
            }
            Layout::Json => {
                line.first() == Some(&b'{')
                    && Object::read(line).is_some_and(|object| {
                        let seen = object.seen();
                        time(&seen, clock).is_some()
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
        clock: &mut Clock<'_>,
    ) -> Result<Arc<Layout>, String> {
        let mut rest = head;
        while let Some(end) = memchr(b'\n', rest) {
            let line = &rest[..end];
            if line.starts_with(DIRECTIVE) {
                let mut after = rest[end + 1..].split(|byte| *byte == b'\n');
                let sample = after.find(|line| !matches!(line, [] | [b'#', ..]));
                // CloudFront names its fields with spaces between, and writes them with tabs.
                let tabs = sample.is_some_and(|line| line.contains(&b'\t'));
                if let Some(layout) = Layout::announced(rest, if tabs { "\t" } else { " " }) {
                    return layout.map(Arc::new);
                }
            } else if let Some(layout) = self.of(line, clock) {
                return Ok(layout.clone());
            }
            rest = &rest[end + 1..];
        }
        self.0
            .first()
            .cloned()
            .ok_or_else(|| "no form is known".to_owned())
    }
}
