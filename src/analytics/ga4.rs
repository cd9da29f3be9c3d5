//! Google Analytics 4: the Data API, `runReport`.

use std::borrow::Cow;

use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;

use super::answer::{Count, Rows, if_readable, json};
use super::conversation::{Asked, Conversation, Paging, own_words};
use super::dimensions::{self, Dimensions, take_arrival};
use super::fault::Fault;
use super::google::{ServiceAccount, token};
use super::request::{Request, below};
use super::tally::Tally;
use crate::model::figures::grouped;
use crate::model::when;
use crate::model::zone::Zone;

const SCOPE: &str = "https://www.googleapis.com/auth/analytics.readonly";
/// Rows of one answer: about 8 MB.
const PAGE: u64 = 50_000;

/// What views are called, and what hours, hosts and pages are: an answer that was saved may have others.
const VIEWS: &str = "screenPageViews";
const NAMES: [&[&str]; 3] = [
    &["dateHour", "dateHourMinute", "date"],
    &["hostName"],
    &[
        "pagePath",
        "pagePathPlusQueryString",
        "unifiedPagePathScreen",
        "fullPageUrl",
        "pageLocation",
    ],
];

pub(super) struct Ga4<'s> {
    property: &'s str,
    account: &'s ServiceAccount,
    asked: Asked<'s>,
    token: Option<SecretString>,
    paging: Paging,
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

impl<'s> Ga4<'s> {
    pub(super) const fn new(
        property: &'s str,
        account: &'s ServiceAccount,
        asked: Asked<'s>,
    ) -> Self {
        Self {
            property,
            account,
            asked,
            token: None,
            paging: Paging::new(PAGE, u64::MAX),
        }
    }

    fn report(&self, token: &SecretString) -> Result<Request, Fault> {
        // Days are those of the property's zone, which only its answer names.
        let days = (self.asked.span.to - self.asked.span.from).num_hours() / 24 + 1;
        let url = below(
            self.asked.server,
            &format!("v1beta/properties/{}:runReport", self.property),
        );
        let mut dimensions = vec!["dateHour"];
        let mut metric = VIEWS;
        let mut filters = Vec::new();
        match self.asked.links() {
            None => dimensions.extend(["hostName", "pagePath"]),
            Some(links) => {
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
            "offset": self.paging.offset.to_string(),
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
struct Answer<'a> {
    #[serde(borrow, default)]
    rows: Rows<'a, Row<'a>>,
    /// What the rows are of, and what the figures are.
    #[serde(default, deserialize_with = "if_readable")]
    dimension_headers: Vec<Header>,
    #[serde(default, deserialize_with = "if_readable")]
    metric_headers: Vec<Header>,
    #[serde(default, deserialize_with = "if_readable")]
    row_count: Option<Count>,
    #[serde(default, deserialize_with = "if_readable")]
    metadata: Metadata,
    #[serde(default, deserialize_with = "if_readable")]
    property_quota: Option<Quota>,
}

#[derive(Deserialize)]
struct Header {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    #[serde(borrow, default)]
    dimension_values: Vec<Text<'a>>,
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
    #[serde(deserialize_with = "if_readable")]
    time_zone: Option<String>,
    #[serde(deserialize_with = "if_readable")]
    data_loss_from_other_row: bool,
    #[serde(deserialize_with = "if_readable")]
    subject_to_thresholding: bool,
    #[serde(deserialize_with = "if_readable")]
    sampling_metadatas: Vec<Sampling>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sampling {
    #[serde(default)]
    samples_read_count: Count,
    #[serde(default)]
    sampling_space_size: Count,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Quota {
    tokens_per_day: Option<Tokens>,
}

#[derive(Deserialize)]
struct Tokens {
    #[serde(default)]
    consumed: Count,
    #[serde(default)]
    remaining: Count,
}

impl<'a> From<Row<'a>> for dimensions::Row<'a> {
    fn from(row: Row<'a>) -> Self {
        let values = row.dimension_values.into_iter().map(|text| text.value);
        Self {
            dimensions: values.collect(),
            figure: row
                .metric_values
                .into_iter()
                .next()
                .map(|first| first.value),
        }
    }
}

impl Conversation for Ga4<'_> {
    fn begin(&mut self) -> Result<Request, Fault> {
        self.account.token_request(SCOPE, self.asked.span.to)
    }

    fn hear(&mut self, body: &str, tally: &mut Tally) -> Result<Option<Request>, Fault> {
        let Some(known) = &self.token else {
            let token = token(body)?;
            let request = self.report(&token)?;
            self.token = Some(token);
            return Ok(Some(request));
        };
        let answer: Answer<'_> = json(body)?;
        if self.asked.links().is_some() {
            let zone = zone(&answer)?;
            tally.each(
                &answer.rows,
                "an hour, a page and its visits",
                |tally, row| {
                    take_arrival(&row.into(), |hour| when::read(hour, &zone), tally);
                },
            );
            warn(&answer, tally);
        } else {
            take(&answer, &Dimensions::ASKED, tally)?;
        }
        let all = answer.row_count.and_then(|all| all.known());
        let goes_on = self.paging.goes_on(answer.rows.count(), all, tally)?;
        goes_on.then(|| self.report(known)).transpose()
    }

    fn hint(&self, status: u16) -> Option<&'static str> {
        matches!(status, 401 | 403).then_some(
            "is the service account of `key_file` a Viewer of the property, and the Analytics Data API switched on in its project?",
        )
    }
}

/// An answer that was saved to a file.
pub(super) fn saved(body: &str, tally: &mut Tally) -> Result<(), Fault> {
    let answer: Answer<'_> = json(body)?;
    if let Some(metric) = answer.metric_headers.first()
        && metric.name != VIEWS
    {
        return Err(Fault::not_views(&metric.name, VIEWS));
    }
    let names = answer.dimension_headers.iter();
    let names: Vec<String> = names.map(|header| header.name.clone()).collect();
    // Some keep the rows alone.
    let dimensions = if names.is_empty() {
        Dimensions::ASKED
    } else {
        Dimensions::named(&names, NAMES)?
    };
    take(&answer, &dimensions, tally)?;
    let came = answer.rows.count();
    let all = answer.row_count.and_then(|all| all.known());
    tally.holds(came, all.unwrap_or(came));
    Ok(())
}

fn take(answer: &Answer<'_>, dimensions: &Dimensions, tally: &mut Tally) -> Result<(), Fault> {
    let zone = zone(answer)?;
    let (mut other, mut all) = (0_u64, 0_u64);
    tally.each(&answer.rows, Dimensions::EXPECTED, |tally, row| {
        let row = dimensions::Row::from(row);
        let views = row.figure.as_ref().and_then(Count::known).unwrap_or(0);
        all = all.saturating_add(views);
        if row.dimensions.iter().any(|value| value == "(other)") {
            other = other.saturating_add(views);
        } else {
            dimensions.take(&row, |hour| when::read(hour, &zone), tally);
        }
    });
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
    Ok(())
}

/// The zone of its hours.
fn zone(answer: &Answer<'_>) -> Result<Zone, Fault> {
    let name = answer.metadata.time_zone.as_deref();
    let name = name
        .ok_or_else(|| Fault::says("its answer does not say in which time zone its hours are"))?;
    Zone::bundled(name)
        .map_err(|error| Fault::says(format!("its hours are of no known zone: {error}")))
}

/// Says what Google holds back.
fn warn(answer: &Answer<'_>, tally: &mut Tally) {
    let about = &answer.metadata;
    if about.subject_to_thresholding {
        tally.note("Google holds small counts back (thresholding): stories with few readers may be missing");
    }
    for sampling in &about.sampling_metadatas {
        let read = sampling.samples_read_count.known();
        let share = read.zip(sampling.sampling_space_size.known().filter(|of| *of > 0));
        let share = share.map_or_else(String::new, |(read, of)| {
            let percent = (100.0 * read as f64 / of as f64).min(100.0);
            format!(" of {percent:.0} % of all events")
        });
        tally.note(format!(
            "the views are Google's estimate from a sample{share}"
        ));
    }
    let day = answer
        .property_quota
        .as_ref()
        .and_then(|quota| quota.tokens_per_day.as_ref());
    let day = day.and_then(|day| day.remaining.known().zip(day.consumed.known()));
    if let Some((remaining, consumed)) = day
        && remaining < consumed.saturating_mul(10)
    {
        tally.note(format!(
            "{} of Google's tokens are left for today, and this asking took {}",
            grouped(remaining),
            grouped(consumed)
        ));
    }
}
