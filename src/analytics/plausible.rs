//! Plausible: the Stats API, version 2.

use std::borrow::Cow;

use chrono::{DateTime, FixedOffset, Offset as _, SecondsFormat};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;

use super::answer::{Count, Rows, if_readable, json};
use super::conversation::{Asked, Conversation, Paging, own_words};
use super::dimensions::{self, Dimensions, take_arrival};
use super::fault::Fault;
use super::request::{Request, below};
use super::tally::Tally;
use crate::model::when::{self, When};
use crate::model::zone::Zone;

/// Rows of one answer: as many as there are in one that asks for no number.
const PAGE: u64 = 10_000;

/// What views are called, and what hours, hosts and pages are: an answer that was saved may have others.
const VIEWS: &str = "pageviews";
const NAMES: [&[&str]; 3] = [
    &["time:hour", "time", "time:minute", "time:day"],
    &["event:hostname"],
    &["event:page"],
];

pub(super) struct Plausible<'s> {
    site: &'s str,
    key: &'s SecretString,
    asked: Asked<'s>,
    paging: Paging,
}

/// The pairs of links that Plausible keeps apart.
const LINK_WORDS: [(&str, &str); 5] = [
    ("utm_source", "visit:utm_source"),
    ("utm_medium", "visit:utm_medium"),
    ("utm_campaign", "visit:utm_campaign"),
    ("utm_content", "visit:utm_content"),
    ("utm_term", "visit:utm_term"),
];

impl<'s> Plausible<'s> {
    pub(super) const fn new(site: &'s str, key: &'s SecretString, asked: Asked<'s>) -> Self {
        Self {
            site,
            key,
            asked,
            paging: Paging::new(PAGE, u64::MAX),
        }
    }

    fn query(&self) -> Result<Request, Fault> {
        let written = |at| {
            self.asked
                .zone
                .at(at)
                .to_rfc3339_opts(SecondsFormat::Secs, false)
        };
        let mut dimensions = vec!["time:hour"];
        let mut metric = VIEWS;
        let mut filters = Vec::new();
        match self.asked.links() {
            None => dimensions.extend(["event:hostname", "event:page"]),
            Some(links) => {
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
            "date_range": [written(self.asked.span.from), written(self.asked.span.to)],
            "dimensions": dimensions,
            "order_by": [[metric, "desc"]],
            "pagination": {"limit": PAGE, "offset": self.paging.offset},
            "include": {"total_rows": true},
        });
        if !filters.is_empty() {
            query["filters"] = json!(filters);
        }
        Ok(Request::post_json(below(self.asked.server, "api/v2/query"), &query).bearer(self.key))
    }
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    results: Rows<'a, Row<'a>>,
    #[serde(default, deserialize_with = "if_readable")]
    meta: Meta,
    #[serde(default, deserialize_with = "if_readable")]
    query: Query,
}

#[derive(Deserialize)]
struct Row<'a> {
    #[serde(borrow)]
    dimensions: Vec<Cow<'a, str>>,
    #[serde(default)]
    metrics: Vec<Count>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Meta {
    total_rows: Option<Count>,
}

/// What was asked, as the answer repeats it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Query {
    #[serde(deserialize_with = "if_readable")]
    date_range: Vec<String>,
    /// What the rows are of, and what the figures are.
    #[serde(deserialize_with = "if_readable")]
    dimensions: Vec<String>,
    #[serde(deserialize_with = "if_readable")]
    metrics: Vec<String>,
}

impl<'a> From<Row<'a>> for dimensions::Row<'a> {
    fn from(row: Row<'a>) -> Self {
        Self {
            dimensions: row.dimensions,
            figure: row.metrics.into_iter().next(),
        }
    }
}

impl Answer<'_> {
    /// How many rows there are in all, if it says it.
    fn all(&self) -> Option<u64> {
        self.meta.total_rows.as_ref()?.known()
    }
}

impl Conversation for Plausible<'_> {
    fn begin(&mut self) -> Result<Request, Fault> {
        self.query()
    }

    fn hear(&mut self, body: &str, tally: &mut Tally) -> Result<Option<Request>, Fault> {
        let answer: Answer<'_> = json(body)?;
        if self.asked.links().is_some() {
            let offset = foreign_offset(&answer, self.asked.zone, tally);
            let read = |hour: &str| read_hour(hour, offset, self.asked.zone);
            tally.each(
                &answer.results,
                "an hour, a page and its visits",
                |tally, row| {
                    take_arrival(&row.into(), read, tally);
                },
            );
        } else {
            take(&answer, &Dimensions::ASKED, self.asked.zone, tally);
        }
        let goes_on = self
            .paging
            .goes_on(answer.results.count(), answer.all(), tally)?;
        goes_on.then(|| self.query()).transpose()
    }

    fn hint(&self, status: u16) -> Option<&'static str> {
        matches!(status, 401 | 403).then_some(
            "is the key one of the Stats API, made by somebody who sees this site? (in the cloud it needs the Business plan)",
        )
    }
}

/// An answer that was saved to a file.
pub(super) fn saved(body: &str, zone: &Zone, tally: &mut Tally) -> Result<(), Fault> {
    let answer: Answer<'_> = json(body)?;
    if let Some(metric) = answer.query.metrics.first()
        && metric != VIEWS
    {
        return Err(Fault::not_views(metric, VIEWS));
    }
    let dimensions = match &answer.query.dimensions[..] {
        [] => Dimensions::ASKED,
        names => Dimensions::named(names, NAMES)?,
    };
    take(&answer, &dimensions, zone, tally);
    let came = answer.results.count();
    match answer.all() {
        Some(all) => tally.holds(came, all),
        None => tally.may_be_cut(came, PAGE, "Plausible", "pagination"),
    }
    Ok(())
}

fn take(answer: &Answer<'_>, dimensions: &Dimensions, zone: &Zone, tally: &mut Tally) {
    let offset = foreign_offset(answer, zone, tally);
    tally.each(&answer.results, Dimensions::EXPECTED, |tally, row| {
        dimensions.take(&row.into(), |hour| read_hour(hour, offset, zone), tally);
    });
}

fn read_hour(text: &str, offset: Option<FixedOffset>, zone: &Zone) -> Option<When> {
    match offset {
        Some(offset) => when::hour(&format!("{text}{offset}"), zone),
        None => when::hour(text, zone),
    }
}

/// Hours come as the site's clocks show them, without an offset; only the range that the answer repeats has one. Where it is not that of
/// `zone`, the site is in another zone, and hours are taken by the offset.
fn foreign_offset(answer: &Answer<'_>, zone: &Zone, tally: &mut Tally) -> Option<FixedOffset> {
    let ends = answer.query.date_range.iter();
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
