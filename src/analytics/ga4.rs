//! Google Analytics 4: the Data API, `runReport`.

use std::borrow::Cow;
use std::sync::Arc;

use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::answer::{Count, Rows, json};
use super::conversation::{Conversation, Fault, Request, Wanted, below, own_words};
use super::google::{ServiceAccount, token};
use super::span::Span;
use super::tally::Tally;
use crate::model::figures::grouped;
use crate::model::when;
use crate::model::zone::Zone;

const SCOPE: &str = "https://www.googleapis.com/auth/analytics.readonly";
/// Rows of one answer: about 8 MB.
const PAGE: u64 = 50_000;

/// What views are called.
const VIEWS: &str = "screenPageViews";

pub(super) struct Ga4 {
    property: String,
    server: Url,
    account: Arc<ServiceAccount>,
    span: Span,
    wanted: Wanted,
    token: Option<SecretString>,
    offset: u64,
}

/// The pairs of links that Google keeps apart, and the dimensions of a session that hold them.
const LINK_WORDS: [(&str, &str); 6] = [
    ("utm_source", "sessionSource"),
    ("utm_medium", "sessionMedium"),
    ("utm_campaign", "sessionCampaignName"),
    ("utm_content", "sessionManualAdContent"),
    ("utm_term", "sessionManualTerm"),
    ("utm_id", "sessionCampaignId"),
];

impl Ga4 {
    pub(super) fn new(
        property: String,
        server: Url,
        account: Arc<ServiceAccount>,
        span: Span,
        wanted: Wanted,
    ) -> Self {
        Self {
            property,
            server,
            account,
            span,
            wanted,
            token: None,
            offset: 0,
        }
    }

    fn report(&self, token: &SecretString) -> Result<Request, Fault> {
        // Days are those of the property's zone, which only its answer names.
        let days = (self.span.to - self.span.from).num_hours() / 24 + 1;
        let url = below(
            &self.server,
            &format!("v1beta/properties/{}:runReport", self.property),
        );
        let mut dimensions = vec!["dateHour"];
        let mut metric = VIEWS;
        let mut filters = Vec::new();
        match &self.wanted {
            Wanted::Views => dimensions.extend(["hostName", "pagePath"]),
            Wanted::Arrivals(links) => {
                metric = "sessions";
                let own = own_words(links, "Google Analytics", &LINK_WORDS)?;
                for (name, value) in links.shared() {
                    let at = links.names().iter().position(|pair| pair == name);
                    filters.extend(at.map(|at| json!({"filter": {"fieldName": own[at],
                        "stringFilter": {"matchType": "EXACT", "value": value, "caseSensitive": false}}})));
                }
                dimensions.push("landingPage");
                dimensions.extend(own);
            }
        }
        let named: Vec<_> = dimensions
            .iter()
            .map(|name| json!({"name": name}))
            .collect();
        let mut query = json!({
            "dateRanges": [{"startDate": format!("{days}daysAgo"), "endDate": "today"}],
            "dimensions": named,
            "metrics": [{"name": metric}],
            "orderBys": [{"metric": {"metricName": metric}, "desc": true}],
            "limit": PAGE.to_string(),
            "offset": self.offset.to_string(),
            "returnPropertyQuota": true,
        });
        if !filters.is_empty() {
            query["dimensionFilter"] = json!({"andGroup": {"expressions": filters}});
        }
        Ok(Request::post_json(url, &query).bearer(token))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[serde(bound(deserialize = "D: Deserialize<'de>"))]
struct Answer<D> {
    #[serde(default)]
    rows: Rows<Row<D>>,
    /// What the figures are.
    #[serde(default)]
    metric_headers: Vec<Header>,
    #[serde(default)]
    row_count: u64,
    #[serde(default)]
    metadata: Metadata,
    property_quota: Option<Quota>,
}

#[derive(Deserialize)]
struct Header {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row<D> {
    dimension_values: D,
    #[serde(default)]
    metric_values: Vec<Metric>,
}

#[derive(Deserialize)]
struct Text<'a> {
    #[serde(borrow, default)]
    value: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Metric {
    #[serde(default)]
    value: Count,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Metadata {
    time_zone: Option<String>,
    data_loss_from_other_row: bool,
    subject_to_thresholding: bool,
    sampling_metadatas: Vec<Sampling>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sampling {
    samples_read_count: Option<String>,
    sampling_space_size: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Quota {
    tokens_per_day: Option<Tokens>,
}

#[derive(Deserialize)]
struct Tokens {
    #[serde(default)]
    consumed: u64,
    #[serde(default)]
    remaining: u64,
}

impl Conversation for Ga4 {
    fn begin(&mut self) -> Result<Request, Fault> {
        self.account.token_request(SCOPE, self.span.to)
    }

    fn hear(&mut self, body: &[u8], tally: &mut Tally) -> Result<Option<Request>, Fault> {
        let Some(known) = &self.token else {
            let token = token(body)?;
            let request = self.report(&token)?;
            self.token = Some(token);
            return Ok(Some(request));
        };
        let (came, all) = match &self.wanted {
            Wanted::Views => take(&json(body)?, tally)?,
            Wanted::Arrivals(_) => take_arrivals(&json(body)?, tally)?,
        };
        self.offset += came;
        if came == 0 || self.offset >= all {
            return Ok(None);
        }
        self.report(known).map(Some)
    }

    fn hint(&self, status: u16) -> Option<&'static str> {
        matches!(status, 401 | 403).then_some(
            "is the service account of `key_file` a Viewer of the property, and the Analytics Data API switched on in its project?",
        )
    }
}

/// An answer that was saved to a file.
pub(super) fn saved(body: &[u8], tally: &mut Tally) -> Result<(), Fault> {
    let answer = json(body)?;
    if let Answer::<[Text<'_>; 3]> { metric_headers, .. } = &answer
        && let Some(metric) = metric_headers.first()
        && metric.name != VIEWS
    {
        return Err(Fault::not_views(&metric.name, VIEWS));
    }
    let (came, all) = take(&answer, tally)?;
    tally.holds(came, all);
    Ok(())
}

/// Takes the rows; how many they are, and how many there are in all.
fn take(answer: &Answer<[Text<'_>; 3]>, tally: &mut Tally) -> Result<(u64, u64), Fault> {
    let zone = zone(answer)?;
    let (mut other, mut all) = (0_u64, 0_u64);
    for row in &answer.rows.0 {
        let [hour, host, path] = &row.dimension_values;
        let Some(Metric { value }) = row.metric_values.first() else {
            tally.unread("a number of views", "nothing");
            continue;
        };
        let views = match value {
            Count::Views(views) => *views,
            Count::Bad(_) => 0,
        };
        all = all.saturating_add(views);
        if [hour, host, path]
            .iter()
            .any(|text| text.value == "(other)")
        {
            other = other.saturating_add(views);
        } else if path.value != "(not set)" {
            let host = Some(&*host.value).filter(|host| *host != "(not set)");
            let when = when::read(&hour.value, &zone);
            tally.at(host, &path.value, (&hour.value, when), value);
        }
    }
    if other > 0 {
        tally.note(format!(
            "{} of {} views are in Google's row `(other)`: its report has more pages than it keeps apart, and the missing views are of unknown stories",
            grouped(other),
            grouped(all)
        ));
    } else if answer.metadata.data_loss_from_other_row {
        tally.note("Google put some of its pages together as `(other)` before it counted these");
    }
    warn(answer, tally);
    Ok((answer.rows.0.len() as u64, answer.row_count))
}

/// The same of sessions: the hour, the page that each began with, and what its link said.
fn take_arrivals(answer: &Answer<Vec<Text<'_>>>, tally: &mut Tally) -> Result<(u64, u64), Fault> {
    let zone = zone(answer)?;
    for row in &answer.rows.0 {
        let Some(Metric { value }) = row.metric_values.first() else {
            tally.unread("a number of sessions", "nothing");
            continue;
        };
        let [hour, page, words @ ..] = &row.dimension_values[..] else {
            return Err(Fault::says("its answer has rows without a page"));
        };
        let words: Vec<String> = words.iter().map(|word| word.value.to_string()).collect();
        match when::read(&hour.value, &zone) {
            None => tally.unread("a time", &hour.value),
            read => tally.arrival(&words, Some(&page.value), read, value),
        }
    }
    warn(answer, tally);
    Ok((answer.rows.0.len() as u64, answer.row_count))
}

/// The zone of its hours.
fn zone<D>(answer: &Answer<D>) -> Result<Zone, Fault> {
    let name = answer.metadata.time_zone.as_deref();
    let name = name
        .ok_or_else(|| Fault::says("its answer does not say in which time zone its hours are"))?;
    Zone::bundled(name)
        .map_err(|error| Fault::says(format!("its hours are of no known zone: {error}")))
}

/// Says what Google holds back.
fn warn<D>(answer: &Answer<D>, tally: &mut Tally) {
    let about = &answer.metadata;
    if about.subject_to_thresholding {
        tally.note("Google holds small counts back (thresholding): stories with few readers may be missing");
    }
    for sampling in &about.sampling_metadatas {
        let number = |text: &Option<String>| text.as_deref()?.parse::<f64>().ok();
        let share = number(&sampling.samples_read_count).zip(number(&sampling.sampling_space_size));
        let share = share
            .filter(|(_, of)| *of > 0.0)
            .map_or_else(String::new, |(read, of)| {
                format!(
                    " of {:.0} % of all events",
                    (100.0 * read / of).clamp(0.0, 100.0)
                )
            });
        tally.note(format!(
            "the views are Google's estimate from a sample{share}"
        ));
    }
    let quota = answer.property_quota.as_ref();
    if let Some(day) = quota.and_then(|quota| quota.tokens_per_day.as_ref())
        && day.remaining < day.consumed.saturating_mul(10)
    {
        tally.note(format!(
            "{} of Google's tokens are left for today, and this asking took {}",
            grouped(day.remaining),
            grouped(day.consumed)
        ));
    }
}
