//! Plausible: the Stats API, version 2.

use std::borrow::Cow;

use chrono::{DateTime, FixedOffset, Offset as _, SecondsFormat};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::answer::{Count, Rows, json};
use super::conversation::{Conversation, Fault, Request, Wanted, below, own_words};
use super::span::Span;
use super::tally::Tally;
use crate::model::when::{self, When};
use crate::model::zone::Zone;

const PAGE: u64 = 10_000;

/// What views are called.
const VIEWS: &str = "pageviews";

pub(super) struct Plausible {
    site: String,
    server: Url,
    key: SecretString,
    span: Span,
    zone: Zone,
    wanted: Wanted,
    offset: u64,
}

/// The pairs of links that Plausible keeps apart.
const LINK_WORDS: [(&str, &str); 5] = [
    ("utm_source", "visit:utm_source"),
    ("utm_medium", "visit:utm_medium"),
    ("utm_campaign", "visit:utm_campaign"),
    ("utm_content", "visit:utm_content"),
    ("utm_term", "visit:utm_term"),
];

impl Plausible {
    pub(super) fn new(
        site: String,
        server: Url,
        key: SecretString,
        (span, zone): (Span, Zone),
        wanted: Wanted,
    ) -> Self {
        Self {
            site,
            server,
            key,
            span,
            zone,
            wanted,
            offset: 0,
        }
    }

    fn query(&self) -> Result<Request, Fault> {
        let written = |at| self.zone.at(at).to_rfc3339_opts(SecondsFormat::Secs, false);
        let mut dimensions = vec!["time:hour"];
        let mut metric = VIEWS;
        let mut filters = Vec::new();
        match &self.wanted {
            Wanted::Views => dimensions.extend(["event:hostname", "event:page"]),
            Wanted::Arrivals(links) => {
                metric = "visits";
                dimensions.push("visit:entry_page");
                dimensions.extend(own_words(links, "Plausible", &LINK_WORDS)?);
                for (name, value) in links.shared() {
                    filters.push(json!(["is", format!("visit:{name}"), [value]]));
                }
            }
        }
        let mut query = json!({
            "site_id": self.site,
            "metrics": [metric],
            "date_range": [written(self.span.from), written(self.span.to)],
            "dimensions": dimensions,
            "order_by": [[metric, "desc"]],
            "pagination": {"limit": PAGE, "offset": self.offset},
            "include": {"total_rows": true},
        });
        if !filters.is_empty() {
            query["filters"] = json!(filters);
        }
        Ok(Request::post_json(below(&self.server, "api/v2/query"), &query).bearer(&self.key))
    }
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "D: Deserialize<'de>"))]
struct Answer<D> {
    results: Rows<Row<D>>,
    #[serde(default)]
    meta: Meta,
    query: Option<Query>,
}

#[derive(Deserialize)]
struct Row<D> {
    dimensions: D,
    #[serde(default)]
    metrics: Vec<Count>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Meta {
    total_rows: Option<u64>,
}

#[derive(Deserialize)]
struct Query {
    date_range: Option<Vec<String>>,
    /// What the figures are.
    metrics: Option<Vec<String>>,
}

impl Conversation for Plausible {
    fn begin(&mut self) -> Result<Request, Fault> {
        self.query()
    }

    fn hear(&mut self, body: &[u8], tally: &mut Tally) -> Result<Option<Request>, Fault> {
        let (came, all) = match &self.wanted {
            Wanted::Views => take(&json(body)?, &self.zone, tally),
            Wanted::Arrivals(_) => take_arrivals(&json(body)?, &self.zone, tally)?,
        };
        self.offset += came;
        let all = all.unwrap_or(if came == PAGE { u64::MAX } else { 0 });
        if came == 0 || self.offset >= all {
            return Ok(None);
        }
        self.query().map(Some)
    }

    fn hint(&self, status: u16) -> Option<&'static str> {
        matches!(status, 401 | 403).then_some(
            "is the key one of the Stats API, made by somebody who sees this site? (in the cloud it needs the Business plan)",
        )
    }
}

/// An answer that was saved to a file.
pub(super) fn saved(body: &[u8], zone: &Zone, tally: &mut Tally) -> Result<(), Fault> {
    let answer = json(body)?;
    if let Answer::<[Option<Cow<'_, str>>; 3]> {
        query: Some(query), ..
    } = &answer
        && let Some(metric) = query.metrics.iter().flatten().next()
        && metric != VIEWS
    {
        return Err(Fault::not_views(metric, VIEWS));
    }
    let (came, all) = take(&answer, zone, tally);
    tally.holds(came, all.unwrap_or(came));
    Ok(())
}

/// Takes the rows; how many they are, and how many there are in all.
fn take(
    answer: &Answer<[Option<Cow<'_, str>>; 3]>,
    zone: &Zone,
    tally: &mut Tally,
) -> (u64, Option<u64>) {
    let offset = foreign_offset(answer, zone, tally);
    for row in &answer.results.0 {
        let ([Some(hour), Some(host), Some(page)], Some(count)) =
            (&row.dimensions, row.metrics.first())
        else {
            tally.unread("an hour, a host, a page and their views", "less");
            continue;
        };
        let hour = (&**hour, read_hour(hour, offset, zone));
        tally.at(Some(host), page, hour, count);
    }
    (answer.results.0.len() as u64, answer.meta.total_rows)
}

/// The same of visits: the hour, the page that each began with, and what its link said.
fn take_arrivals(
    answer: &Answer<Vec<Cow<'_, str>>>,
    zone: &Zone,
    tally: &mut Tally,
) -> Result<(u64, Option<u64>), Fault> {
    let offset = foreign_offset(answer, zone, tally);
    for row in &answer.results.0 {
        let [hour, page, words @ ..] = &row.dimensions[..] else {
            return Err(Fault::says("its answer has rows without a page"));
        };
        let words: Vec<String> = words.iter().map(ToString::to_string).collect();
        match (read_hour(hour, offset, zone), row.metrics.first()) {
            (None, _) => tally.unread("a time", hour),
            (_, None) => tally.unread("a number of visits", "nothing"),
            (read, Some(count)) => tally.arrival(&words, Some(page), read, count),
        }
    }
    Ok((answer.results.0.len() as u64, answer.meta.total_rows))
}

fn read_hour(text: &str, offset: Option<FixedOffset>, zone: &Zone) -> Option<When> {
    let read = match offset {
        Some(offset) => when::read(&format!("{text}{offset}"), zone),
        None => when::read(text, zone),
    };
    read.map(When::hour)
}

/// Hours come as the site's clocks show them, without an offset; only the range that the answer repeats has one. Where it is not that of
/// `zone`, the site is in another zone, and hours are taken by the offset.
fn foreign_offset<D>(answer: &Answer<D>, zone: &Zone, tally: &mut Tally) -> Option<FixedOffset> {
    let range = answer
        .query
        .as_ref()
        .and_then(|query| query.date_range.as_ref());
    let ends = range.into_iter().flatten();
    let ends: Vec<DateTime<FixedOffset>> = ends
        .filter_map(|end| DateTime::parse_from_rfc3339(end).ok())
        .collect();
    let foreign = ends
        .iter()
        .find(|end| zone.at(end.to_utc()).offset().fix() != *end.offset());
    if let Some(end) = foreign {
        tally.note(format!(
            "its hours are those of another time zone (now {}): `time_zone` in its `[[readership]]` names the site's, which a change of clocks needs",
            end.offset()
        ));
    }
    foreign.and(ends.last()).map(|end| *end.offset())
}
