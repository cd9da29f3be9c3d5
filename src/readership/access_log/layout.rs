//! Which form the lines of a log have, found out by looking.

use std::borrow::Cow;
use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};
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
#[derive(Clone, Debug)]
pub(super) struct W3c {
    pub(super) lines: Lines,
    /// What is between its fields.
    apart: &'static str,
    /// The day of the next line, for lines that have a time only: that of `#Date:`, or of a midnight since.
    day: Vec<u8>,
    /// The hour of the line before, where lines have a time only; before the first, that of `#Date:`.
    hour: Option<u8>,
    has_days: bool,
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
        let said = day.get("2026-08-24 ".len()..).and_then(hour);
        let day = day[..day.len().min("2026-08-24".len())].to_vec();
        let lines = w3c(&String::from_utf8_lossy(names), apart);
        let layout = |lines: Lines| {
            Layout::W3c(Self {
                has_days: lines.has(Field::Date),
                lines,
                apart,
                day,
                hour: said,
            })
        };
        Some(lines.map(layout))
    }

    /// The layout from `line` on, if midnight has passed since the line before or an hour has begun: without a day of their own, lines tell a
    /// new day only by a clock that goes back.
    pub(super) fn moved_on(&self, line: &[u8]) -> Option<Layout> {
        if self.has_days {
            return None;
        }
        let mut seen = Seen::nothing();
        self.lines.head(line, &mut seen)?;
        let hour = hour(seen.get(Field::Time))?;
        let before = self.hour.unwrap_or(hour);
        let midnight = hour + 12 < before;
        // A request that took long is written after one of the next hour.
        let late = !midnight && hour < before || before + 12 < hour;
        if late || self.hour == Some(hour) {
            return None;
        }
        let day = if midnight {
            self.other_day(1)?
        } else {
            self.day.clone()
        };
        Some(Layout::W3c(Self {
            day,
            hour: Some(hour),
            ..self.clone()
        }))
    }

    fn other_day(&self, days: i64) -> Option<Vec<u8>> {
        let day: NaiveDate = std::str::from_utf8(&self.day).ok()?.parse().ok()?;
        let other = day.checked_add_signed(TimeDelta::days(days))?;
        Some(other.to_string().into_bytes())
    }

    /// The day of a line that has this time only: one of 23 h behind midnight is late.
    fn day_of(&self, time: &[u8]) -> Cow<'_, [u8]> {
        let is_late = hour(time)
            .zip(self.hour)
            .is_some_and(|(hour, now)| now + 12 < hour);
        match is_late.then(|| self.other_day(-1)).flatten() {
            Some(before) => Cow::Owned(before),
            None => Cow::Borrowed(&self.day),
        }
    }

    /// The layout behind `lines`.
    pub(super) fn behind(&self, lines: &[u8]) -> Option<Layout> {
        if self.has_days && memmem::find(lines, DIRECTIVE).is_none() {
            return None;
        }
        let mut layout: Option<Layout> = None;
        let mut begin = 0;
        for line in lines.split(|byte| *byte == b'\n') {
            let now = match &layout {
                Some(Layout::W3c(now)) => now,
                _ => self,
            };
            let next = if line.starts_with(DIRECTIVE) {
                now.announced_at(lines, begin)?.ok()
            } else {
                now.moved_on(line)
            };
            layout = next.or(layout);
            begin += line.len() + 1;
        }
        layout
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
        if let (Self::Text(_), [_, ..]) = (self, date) {
            return clock.read(&apart(date, time)?);
        }
        let date = match self {
            Self::W3c(w3c) if date.is_empty() => w3c.day_of(time),
            _ => Cow::Borrowed(date),
        };
        match (&*date, time) {
            (date, [_, _, b':', ..]) => clock.read(&[date, b"T", time, b"Z"].concat()),
            (date, []) => clock.read(date),
            (_, time) => clock.read(time),
        }
    }
}

/// The hour of `05:10:07`.
fn hour(time: &[u8]) -> Option<u8> {
    std::str::from_utf8(time.get(..2)?).ok()?.parse().ok()
}

/// The day and the local time that the format of IIS has in two fields (`8/24/2026`, `24.08.26`, by the server's language), as one.
fn apart(date: &[u8], time: &[u8]) -> Option<Vec<u8>> {
    let date = std::str::from_utf8(date).ok()?;
    let time = std::str::from_utf8(time).ok()?;
    let separator = date.chars().find(|c| !c.is_ascii_digit())?;
    let mut parts = date.split(separator).map(str::parse::<u32>);
    let (a, b, c) = (
        parts.next()?.ok()?,
        parts.next()?.ok()?,
        parts.next()?.ok()?,
    );
    let (year, month, day) = match separator {
        '-' => (a, b, c),
        '/' if a <= 12 => (c, a, b),
        _ => (c, b, a),
    };
    let year = if year < 100 { 2000 + year } else { year };
    let hour = if time.find(':')? == 1 { "0" } else { "" };
    Some(format!("{year}-{month:02}-{day:02}T{hour}{time}").into_bytes())
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
