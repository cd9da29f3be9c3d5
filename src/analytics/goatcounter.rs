//! GoatCounter: its API's `stats/hits`, by hour.

use std::borrow::Cow;
use std::fmt::Write as _;

use chrono::{DateTime, DurationRound as _, SecondsFormat, TimeDelta, Utc};
use secrecy::SecretString;
use serde::Deserialize;

use super::answer::{Count, Rows, if_readable, json};
use super::conversation::{Asked, Conversation, Paging};
use super::fault::Fault;
use super::request::{Request, below};
use super::tally::Tally;
use crate::model::when;
use crate::model::zone::Zone;

/// The most that one answer may have.
const PAGE: u64 = 100;
/// Paths of one asking: all of them are in the address of the last request.
const MOST: u64 = 2_000;

pub(super) struct GoatCounter<'s> {
    key: &'s SecretString,
    /// The zone is the site's: its answers have hours as the site's clocks show them.
    asked: Asked<'s>,
    paging: Paging,
    seen: Vec<u64>,
}

impl<'s> GoatCounter<'s> {
    pub(super) const fn new(key: &'s SecretString, asked: Asked<'s>) -> Self {
        Self {
            key,
            asked,
            paging: Paging::new(PAGE, MOST),
            seen: Vec::new(),
        }
    }

    fn query(&self) -> Request {
        let hour = TimeDelta::hours(1);
        let begun = |at: DateTime<Utc>| at.duration_trunc(hour).unwrap_or(at);
        let from = begun(self.asked.span.from);
        let to = begun(self.asked.span.to) + hour;
        let mut url = below(self.asked.server, "api/v0/stats/hits");
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
            .bearer(self.key)
            .header("accept", SecretString::from("application/json"))
    }
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    hits: Rows<'a, Hit<'a>>,
    #[serde(default, deserialize_with = "if_readable")]
    more: bool,
}

#[derive(Deserialize)]
struct Hit<'a> {
    #[serde(alias = "id", default, deserialize_with = "if_readable")]
    path_id: Option<u64>,
    #[serde(borrow)]
    path: Cow<'a, str>,
    #[serde(default, deserialize_with = "if_readable")]
    event: bool,
    #[serde(borrow, default)]
    stats: Rows<'a, Day<'a>>,
}

#[derive(Deserialize)]
struct Day<'a> {
    #[serde(borrow)]
    day: Cow<'a, str>,
    #[serde(borrow, default)]
    hourly: Rows<'a, Count>,
}

impl Conversation for GoatCounter<'_> {
    fn begin(&mut self) -> Result<Request, Fault> {
        Ok(self.query())
    }

    fn hear(&mut self, body: &str, tally: &mut Tally) -> Result<Option<Request>, Fault> {
        let answer: Answer<'_> = json(body)?;
        take(&answer, self.asked.zone, tally);
        let before = self.seen.len();
        let ids = answer.hits.each().flatten().filter_map(|hit| hit.path_id);
        self.seen.extend(ids);
        let all = if answer.more { u64::MAX } else { 0 };
        let goes_on = self.paging.goes_on(answer.hits.count(), Some(all), tally)?;
        Ok((goes_on && self.seen.len() > before).then(|| self.query()))
    }

    fn hint(&self, status: u16) -> Option<&'static str> {
        matches!(status, 401 | 403)
            .then_some("is the key one of this site, with the right to read statistics?")
    }
}

/// An answer that was saved to a file.
pub(super) fn saved(body: &str, zone: &Zone, tally: &mut Tally) -> Result<(), Fault> {
    let answer: Answer<'_> = json(body)?;
    take(&answer, zone, tally);
    if answer.more {
        tally.note(
            "holds only the first pages: GoatCounter has more, which `exclude_paths` asks for",
        );
    }
    Ok(())
}

fn take(answer: &Answer<'_>, zone: &Zone, tally: &mut Tally) {
    tally.each(&answer.hits, "a path and its days", |tally, hit| {
        if hit.event {
            return;
        }
        tally.each(&hit.stats, "a day and its hours", |tally, day| {
            for (hour, views) in (0..24).zip(day.hourly.each()) {
                let views = views.unwrap_or_else(|odd| Count::Bad(odd.to_owned()));
                if views != Count::Views(0) {
                    let hour = format!("{} {hour:02}:00", day.day);
                    let when = when::hour(&hour, zone);
                    tally.at(None, &hit.path, (&hour, when), &views);
                }
            }
        });
    });
}
