//! Cloudflare: HTTP requests of a zone, by its GraphQL API. They are estimates, and include crawlers that pass for browsers.

use std::borrow::Cow;

use chrono::{DateTime, SecondsFormat, Utc};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{self, Count, Rows, if_readable, json};
use super::conversation::{Asked, Conversation};
use super::fault::Fault;
use super::request::{Request, below};
use super::tally::Tally;
use crate::model::when;
use crate::model::zone::Zone;

/// The most that one answer may have.
const PAGE: u64 = 10_000;

/// Pages that a person asked for: HTML, answered with 200.
const QUERY: &str = "query ($zone: string!, $from: Time!, $to: Time!, $limit: uint64!) { viewer { zones(filter: {zoneTag: $zone}) { httpRequestsAdaptiveGroups(limit: $limit, orderBy: [count_DESC], filter: {datetime_geq: $from, datetime_lt: $to, requestSource: \"eyeball\", edgeResponseStatus: 200, edgeResponseContentTypeName: \"html\"}) { count avg { sampleInterval } dimensions { datetimeHour clientRequestHTTPHost clientRequestPath } } } } }";

pub(super) struct Cloudflare<'s> {
    pub(super) zone: &'s str,
    pub(super) token: &'s SecretString,
    pub(super) asked: Asked<'s>,
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow, default)]
    data: Option<Data<'a>>,
    #[serde(default)]
    errors: Value,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow, default)]
    viewer: Option<Viewer<'a>>,
}

#[derive(Deserialize)]
struct Viewer<'a> {
    #[serde(borrow, default)]
    zones: Option<Vec<Zones<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Zones<'a> {
    #[serde(borrow)]
    http_requests_adaptive_groups: Rows<'a, Group<'a>>,
}

#[derive(Deserialize)]
struct Group<'a> {
    #[serde(default)]
    count: Count,
    #[serde(default, deserialize_with = "if_readable")]
    avg: Average,
    #[serde(borrow)]
    dimensions: Dimensions<'a>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Average {
    sample_interval: Option<f64>,
}

#[derive(Deserialize)]
struct Dimensions<'a> {
    #[serde(borrow, rename = "datetimeHour")]
    hour: Cow<'a, str>,
    #[serde(borrow, rename = "clientRequestHTTPHost")]
    host: Cow<'a, str>,
    #[serde(borrow, rename = "clientRequestPath")]
    path: Cow<'a, str>,
}

impl Conversation for Cloudflare<'_> {
    fn begin(&mut self) -> Result<Request, Fault> {
        let written = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let body = json!({"query": QUERY, "variables": {
            "zone": self.zone,
            "from": written(self.asked.span.from),
            "to": written(self.asked.span.to),
            "limit": PAGE,
        }});
        let url = below(self.asked.server, "client/v4/graphql");
        Ok(Request::post_json(url, &body).bearer(self.token))
    }

    fn hear(&mut self, body: &str, tally: &mut Tally) -> Result<Option<Request>, Fault> {
        saved(body, tally)?;
        Ok(None)
    }

    fn hint(&self, status: u16) -> Option<&'static str> {
        matches!(status, 400 | 401 | 403)
            .then_some("has the token the permission Zone > Analytics > Read for this zone?")
    }
}

/// An answer, asked for or saved to a file.
pub(super) fn saved(body: &str, tally: &mut Tally) -> Result<(), Fault> {
    let answer: Answer<'_> = json(body)?;
    if let Some(said) = answer::words_in(&answer.errors) {
        return Err(Fault::said(&said));
    }
    let viewer = answer.data.and_then(|data| data.viewer);
    let zones = viewer.and_then(|viewer| viewer.zones);
    let groups = zones
        .and_then(|zones| zones.into_iter().next())
        .ok_or_else(|| Fault::says("knows no such zone, or the token may not see it"))?;
    let groups = groups.http_requests_adaptive_groups;
    let mut interval = 1.0_f64;
    tally.each(
        &groups,
        "an hour, a host, a path and a count",
        |tally, group| {
            let about = &group.dimensions;
            let when = when::hour(&about.hour, &Zone::utc());
            let when = (&*about.hour, when);
            tally.at(Some(&about.host), &about.path, when, &group.count);
            interval = interval.max(group.avg.sample_interval.unwrap_or(1.0));
        },
    );
    if interval >= 1.5 {
        tally.note(format!("the views are Cloudflare's estimate from a sample: one of {interval:.0} requests at its coarsest"));
    }
    if groups.count() >= PAGE {
        tally.note("only its 10,000 rows with the most requests were read");
    }
    Ok(())
}
