//! Google Analytics 4: the Data API, `runReport`.

use std::borrow::Cow;
use std::sync::Arc;

use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::answer::{Count, Rows, json};
use super::conversation::{Conversation, Fault, Request, below};
use super::google::{ServiceAccount, token};
use super::span::Span;
use super::tally::Tally;
use crate::model::figures::grouped;
use crate::model::when;
use crate::model::zone::Zone;

const SCOPE: &str = "https://www.googleapis.com/auth/analytics.readonly";
/// Rows of one answer: about 8 MB.
const PAGE: u64 = 50_000;

pub(super) struct Ga4 {
    property: String,
    server: Url,
    account: Arc<ServiceAccount>,
    span: Span,
    token: Option<SecretString>,
    offset: u64,
}

impl Ga4 {
    pub(super) fn new(
        property: String,
        server: Url,
        account: Arc<ServiceAccount>,
        span: Span,
    ) -> Self {
        Self {
            property,
            server,
            account,
            span,
            token: None,
            offset: 0,
        }
    }

    fn report(&self, token: &SecretString) -> Request {
        // Days are those of the property's zone, which only its answer names.
        let days = (self.span.to - self.span.from).num_hours() / 24 + 1;
        let url = below(
            &self.server,
            &format!("v1beta/properties/{}:runReport", self.property),
        );
        let query = json!({
            "dateRanges": [{"startDate": format!("{days}daysAgo"), "endDate": "today"}],
            "dimensions": [{"name": "dateHour"}, {"name": "hostName"}, {"name": "pagePath"}],
            "metrics": [{"name": "screenPageViews"}],
            "orderBys": [{"metric": {"metricName": "screenPageViews"}, "desc": true}],
            "limit": PAGE.to_string(),
            "offset": self.offset.to_string(),
            "returnPropertyQuota": true,
        });
        Request::post_json(url, &query).bearer(token)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    #[serde(borrow, default)]
    rows: Rows<Row<'a>>,
    #[serde(default)]
    row_count: u64,
    #[serde(default)]
    metadata: Metadata,
    property_quota: Option<Quota>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    #[serde(borrow)]
    dimension_values: [Text<'a>; 3],
    metric_values: [Metric; 1],
}

#[derive(Deserialize)]
struct Text<'a> {
    #[serde(borrow, default)]
    value: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Metric {
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
            let request = self.report(&token);
            self.token = Some(token);
            return Ok(Some(request));
        };
        let answer: Answer<'_> = json(body)?;
        let came = answer.rows.0.len() as u64;
        take(&answer, tally)?;
        self.offset += came;
        Ok((came > 0 && self.offset < answer.row_count).then(|| self.report(known)))
    }

    fn hint(&self, status: u16) -> Option<&'static str> {
        matches!(status, 401 | 403).then_some(
            "is the service account of `key_file` a Viewer of the property, and the Analytics Data API switched on in its project?",
        )
    }
}

/// An answer that was saved to a file.
pub(super) fn saved(body: &[u8], tally: &mut Tally) -> Result<(), Fault> {
    take(&json(body)?, tally)
}

fn take(answer: &Answer<'_>, tally: &mut Tally) -> Result<(), Fault> {
    let about = &answer.metadata;
    let name = about.time_zone.as_deref();
    let name = name
        .ok_or_else(|| Fault::says("its answer does not say in which time zone its hours are"))?;
    let zone = Zone::bundled(name)
        .map_err(|error| Fault::says(format!("its hours are of no known zone: {error}")))?;
    let (mut other, mut all) = (0_u64, 0_u64);
    for row in &answer.rows.0 {
        let [hour, host, path] = &row.dimension_values;
        let [Metric { value }] = &row.metric_values;
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
            tally.at(host, &path.value, when::read(&hour.value, &zone), value);
        }
    }
    if other > 0 {
        tally.note(format!(
            "{} of {} views are in Google's row `(other)`: its report has more pages than it keeps apart, and the missing views are of unknown stories",
            grouped(other),
            grouped(all)
        ));
    } else if about.data_loss_from_other_row {
        tally.note("Google put some of its pages together as `(other)` before it counted these");
    }
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
    Ok(())
}
