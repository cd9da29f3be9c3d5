//! GoatCounter: its API's `stats/hits`, by hour.

use std::borrow::Cow;
use std::fmt::Write as _;

use chrono::{DurationRound as _, SecondsFormat, TimeDelta};
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::answer::{Count, Rows, json};
use super::conversation::{Conversation, Fault, Request, below};
use super::span::Span;
use super::tally::Tally;
use crate::model::when;
use crate::model::zone::Zone;

/// The most that one answer may have.
const PAGE: usize = 100;
/// Paths of one asking: all of them are in the address of the last request.
const MOST: usize = 2_000;

pub(super) struct GoatCounter {
    server: Url,
    key: SecretString,
    span: Span,
    /// The site's: its answers have hours as the site's clocks show them.
    zone: Zone,
    seen: Vec<u64>,
}

impl GoatCounter {
    pub(super) fn new(server: Url, key: SecretString, span: Span, zone: Zone) -> Self {
        Self {
            server,
            key,
            span,
            zone,
            seen: Vec::new(),
        }
    }

    fn query(&self) -> Request {
        let hour = TimeDelta::hours(1);
        let from = self
            .span
            .from
            .duration_trunc(hour)
            .unwrap_or(self.span.from);
        let to = self.span.to.duration_trunc(hour).unwrap_or(self.span.to) + hour;
        let mut url = below(&self.server, "api/v0/stats/hits");
        let mut pairs = url.query_pairs_mut();
        for (name, at) in [("start", from), ("end", to)] {
            pairs.append_pair(name, &at.to_rfc3339_opts(SecondsFormat::Secs, true));
        }
        pairs.append_pair("limit", &PAGE.to_string());
        if !self.seen.is_empty() {
            let mut seen = String::new();
            for id in &self.seen {
                _ = write!(seen, ",{id}");
            }
            pairs.append_pair("exclude_paths", &seen[1..]);
        }
        drop(pairs);
        Request::get(url)
            .bearer(&self.key)
            .header("accept", SecretString::from("application/json"))
    }
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    hits: Rows<Hit<'a>>,
    #[serde(default)]
    more: bool,
}

#[derive(Deserialize)]
struct Hit<'a> {
    #[serde(alias = "id")]
    path_id: u64,
    #[serde(borrow)]
    path: Cow<'a, str>,
    #[serde(default)]
    event: bool,
    #[serde(borrow)]
    stats: Option<Vec<Day<'a>>>,
}

#[derive(Deserialize)]
struct Day<'a> {
    #[serde(borrow)]
    day: Cow<'a, str>,
    #[serde(default)]
    hourly: Rows<Count>,
}

impl Conversation for GoatCounter {
    fn begin(&mut self) -> Result<Request, Fault> {
        Ok(self.query())
    }

    fn hear(&mut self, body: &[u8], tally: &mut Tally) -> Result<Option<Request>, Fault> {
        let answer: Answer<'_> = json(body)?;
        let before = self.seen.len();
        take(&answer, &self.zone, tally);
        self.seen
            .extend(answer.hits.0.iter().map(|hit| hit.path_id));
        if !answer.more || self.seen.len() == before {
            return Ok(None);
        }
        if self.seen.len() >= MOST {
            tally.note("only its 2,000 most read paths were read");
            return Ok(None);
        }
        Ok(Some(self.query()))
    }

    fn hint(&self, status: u16) -> Option<&'static str> {
        matches!(status, 401 | 403)
            .then_some("is the key one of this site, with the right to read statistics?")
    }
}

/// An answer that was saved to a file.
pub(super) fn saved(body: &[u8], zone: &Zone, tally: &mut Tally) -> Result<(), Fault> {
    take(&json(body)?, zone, tally);
    Ok(())
}

fn take(answer: &Answer<'_>, zone: &Zone, tally: &mut Tally) {
    for hit in answer.hits.0.iter().filter(|hit| !hit.event) {
        for day in hit.stats.iter().flatten() {
            for (hour, views) in (0..24).zip(&day.hourly.0) {
                if *views != Count::Views(0) {
                    let hour = format!("{} {hour:02}:00", day.day);
                    let when = when::read(&hour, zone).map(when::When::hour);
                    tally.at(None, &hit.path, (&hour, when), views);
                }
            }
        }
    }
}
