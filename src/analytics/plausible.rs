//! Plausible: the Stats API, version 2.

use std::borrow::Cow;

use chrono::{DateTime, FixedOffset, Offset as _, SecondsFormat};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::answer::{Count, Rows, json};
use super::conversation::{Conversation, Fault, Request, below};
use super::span::Span;
use super::tally::Tally;
use crate::model::when;
use crate::model::zone::Zone;

const PAGE: u64 = 10_000;

pub(super) struct Plausible {
    site: String,
    server: Url,
    key: SecretString,
    span: Span,
    zone: Zone,
    offset: u64,
}

impl Plausible {
    pub(super) fn new(
        site: String,
        server: Url,
        key: SecretString,
        span: Span,
        zone: Zone,
    ) -> Self {
        Self {
            site,
            server,
            key,
            span,
            zone,
            offset: 0,
        }
    }

    fn query(&self) -> Request {
        let written = |at| self.zone.at(at).to_rfc3339_opts(SecondsFormat::Secs, false);
        let query = json!({
            "site_id": self.site,
            "metrics": ["pageviews"],
            "date_range": [written(self.span.from), written(self.span.to)],
            "dimensions": ["time:hour", "event:hostname", "event:page"],
            "order_by": [["pageviews", "desc"]],
            "pagination": {"limit": PAGE, "offset": self.offset},
            "include": {"total_rows": true},
        });
        Request::post_json(below(&self.server, "api/v2/query"), &query).bearer(&self.key)
    }
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    results: Rows<Row<'a>>,
    #[serde(default)]
    meta: Meta,
    query: Option<Query>,
}

#[derive(Deserialize)]
struct Row<'a> {
    #[serde(borrow)]
    dimensions: [Cow<'a, str>; 3],
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
}

impl Conversation for Plausible {
    fn begin(&mut self) -> Result<Request, Fault> {
        Ok(self.query())
    }

    fn hear(&mut self, body: &[u8], tally: &mut Tally) -> Result<Option<Request>, Fault> {
        let answer: Answer<'_> = json(body)?;
        let came = answer.results.0.len() as u64;
        take(&answer, &self.zone, tally)?;
        self.offset += came;
        let all = answer
            .meta
            .total_rows
            .unwrap_or(if came == PAGE { u64::MAX } else { 0 });
        Ok((came > 0 && self.offset < all).then(|| self.query()))
    }

    fn hint(&self, status: u16) -> Option<&'static str> {
        matches!(status, 401 | 403).then_some(
            "is the key one of the Stats API, made by somebody who sees this site? (in the cloud it needs the Business plan)",
        )
    }
}

/// An answer that was saved to a file.
pub(super) fn saved(body: &[u8], zone: &Zone, tally: &mut Tally) -> Result<(), Fault> {
    take(&json(body)?, zone, tally)
}

/// Hours come as the site's clocks show them, without an offset; only the range that the answer repeats has one. Where it is not that of
/// `zone`, the site is in another zone, and hours are taken by the offset.
fn take(answer: &Answer<'_>, zone: &Zone, tally: &mut Tally) -> Result<(), Fault> {
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
    let last = ends.last().copied();
    for row in &answer.results.0 {
        let [hour, host, page] = &row.dimensions;
        let Some(views) = row.metrics.first() else {
            return Err(Fault::says("its answer has rows without views"));
        };
        let text = match (foreign, last) {
            (Some(_), Some(last)) => format!("{hour}{}", last.offset()),
            _ => hour.to_string(),
        };
        tally.at(
            Some(host),
            page,
            when::read(&text, zone).map(when::When::hour),
            views,
        );
    }
    Ok(())
}
