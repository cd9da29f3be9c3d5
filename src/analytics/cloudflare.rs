//! Cloudflare: HTTP requests of a zone, by its GraphQL API. They are estimates, and include crawlers that pass for browsers.

use std::borrow::Cow;

use chrono::SecondsFormat;
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

/// The most that one answer may have.
const PAGE: usize = 10_000;

/// Pages that a person asked for: HTML, answered with 200.
const QUERY: &str = "query ($zone: string!, $from: Time!, $to: Time!, $limit: uint64!) { viewer { zones(filter: {zoneTag: $zone}) { httpRequestsAdaptiveGroups(limit: $limit, orderBy: [count_DESC], filter: {datetime_geq: $from, datetime_lt: $to, requestSource: \"eyeball\", edgeResponseStatus: 200, edgeResponseContentTypeName: \"html\"}) { count avg { sampleInterval } dimensions { datetimeHour clientRequestHTTPHost clientRequestPath } } } } }";

pub(super) struct Cloudflare {
    zone: String,
    server: Url,
    token: SecretString,
    span: Span,
}

impl Cloudflare {
    pub(super) fn new(zone: String, server: Url, token: SecretString, span: Span) -> Self {
        Self {
            zone,
            server,
            token,
            span,
        }
    }
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    data: Option<Data<'a>>,
    #[serde(default)]
    errors: Option<Vec<Error>>,
}

#[derive(Deserialize)]
struct Error {
    message: String,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    viewer: Viewer<'a>,
}

#[derive(Deserialize)]
struct Viewer<'a> {
    #[serde(borrow)]
    zones: Vec<Zones<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Zones<'a> {
    #[serde(borrow)]
    http_requests_adaptive_groups: Rows<Group<'a>>,
}

#[derive(Deserialize)]
struct Group<'a> {
    count: Count,
    avg: Option<Average>,
    #[serde(borrow)]
    dimensions: Dimensions<'a>,
}

#[derive(Deserialize)]
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

impl Conversation for Cloudflare {
    fn begin(&mut self) -> Result<Request, Fault> {
        let written =
            |at: chrono::DateTime<chrono::Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let body = json!({"query": QUERY, "variables": {
            "zone": self.zone,
            "from": written(self.span.from),
            "to": written(self.span.to),
            "limit": PAGE,
        }});
        let url = below(&self.server, "client/v4/graphql");
        Ok(Request::post_json(url, &body).bearer(&self.token))
    }

    fn hear(&mut self, body: &[u8], tally: &mut Tally) -> Result<Option<Request>, Fault> {
        saved(body, tally)?;
        Ok(None)
    }

    fn hint(&self, status: u16) -> Option<&'static str> {
        matches!(status, 400 | 401 | 403)
            .then_some("has the token the permission Zone > Analytics > Read for this zone?")
    }
}

/// An answer, asked for or saved to a file.
pub(super) fn saved(body: &[u8], tally: &mut Tally) -> Result<(), Fault> {
    let answer: Answer<'_> = json(body)?;
    if let Some(error) = answer.errors.iter().flatten().next() {
        return Err(Fault::said(&error.message));
    }
    let zones = answer
        .data
        .map(|data| data.viewer.zones)
        .unwrap_or_default();
    let Some(zone) = zones.first() else {
        return Err(Fault::says(
            "knows no such zone, or the token may not see it",
        ));
    };
    let groups = &zone.http_requests_adaptive_groups.0;
    let mut interval = 1.0_f64;
    for group in groups {
        let about = &group.dimensions;
        let when = when::read(&about.hour, &Zone::utc()).map(when::When::hour);
        let when = (&*about.hour, when);
        tally.at(Some(&about.host), &about.path, when, &group.count);
        let sampled = group.avg.as_ref().and_then(|avg| avg.sample_interval);
        interval = interval.max(sampled.unwrap_or(1.0));
    }
    if interval >= 1.5 {
        tally.note(format!("the views are Cloudflare's estimate from a sample: one of {interval:.0} requests at its coarsest"));
    }
    if groups.len() >= PAGE {
        tally.note("only its 10,000 rows with the most requests were read");
    }
    Ok(())
}
