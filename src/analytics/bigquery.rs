//! BigQuery over its REST API, as a service account that may only read.

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::answer::{Rows, json};
use super::conversation::{Conversation, Fault, Request, below};
use super::google::{ServiceAccount, token};
use super::span::Span;
use super::sql::{Columns, Statement};
use super::tally::Tally;
use crate::model::zone::Zone;

/// Whatever the statement says, nothing can be written with it.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform.read-only";
/// Rows of one answer.
const PAGE: u32 = 50_000;
/// How long the server waits with an answer, in milliseconds.
const WAIT: u32 = 10_000;

pub(super) struct BigQuery {
    pub(super) project: String,
    pub(super) server: Url,
    pub(super) statement: Statement,
    pub(super) account: Arc<ServiceAccount>,
    pub(super) span: Span,
    pub(super) zone: Zone,
    /// Milliseconds that the server may work on it.
    pub(super) milliseconds: u128,
    pub(super) token: Option<SecretString>,
    pub(super) columns: Option<(Columns, Vec<bool>)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    #[serde(default)]
    job_complete: bool,
    job_reference: Option<Job>,
    schema: Option<Schema>,
    #[serde(default)]
    rows: Rows<Row>,
    page_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Job {
    job_id: String,
    location: Option<String>,
}

#[derive(Deserialize)]
struct Schema {
    fields: Vec<Field>,
}

#[derive(Deserialize)]
struct Field {
    name: String,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct Row {
    f: Vec<Cell>,
}

#[derive(Deserialize)]
struct Cell {
    v: Value,
}

impl BigQuery {
    fn query(&self, token: &SecretString) -> Request {
        let written = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let parameter = |name: &str, at| json!({"name": name, "parameterType": {"type": "TIMESTAMP"}, "parameterValue": {"value": written(at)}});
        let url = below(
            &self.server,
            &format!("bigquery/v2/projects/{}/queries", self.project),
        );
        let query = json!({
            "query": self.statement.with("@from", "@to"),
            "useLegacySql": false,
            "parameterMode": "NAMED",
            "queryParameters": [parameter("from", self.span.from), parameter("to", self.span.to)],
            "maxResults": PAGE,
            "timeoutMs": WAIT,
            "jobTimeoutMs": self.milliseconds.to_string(),
        });
        Request::post_json(url, &query).bearer(token)
    }

    /// The rest of a job's rows, or all of them once it is done.
    fn results(&self, job: &Job, page: Option<&str>, token: &SecretString) -> Request {
        let mut url = below(
            &self.server,
            &format!(
                "bigquery/v2/projects/{}/queries/{}",
                self.project, job.job_id
            ),
        );
        url.query_pairs_mut()
            .append_pair("maxResults", &PAGE.to_string())
            .append_pair("timeoutMs", &WAIT.to_string());
        if let Some(location) = &job.location {
            url.query_pairs_mut().append_pair("location", location);
        }
        if let Some(page) = page {
            url.query_pairs_mut().append_pair("pageToken", page);
        }
        Request::get(url).bearer(token)
    }
}

impl Conversation for BigQuery {
    fn begin(&mut self) -> Result<Request, Fault> {
        self.account.token_request(SCOPE, self.span.to)
    }

    fn hear(&mut self, body: &[u8], tally: &mut Tally) -> Result<Option<Request>, Fault> {
        let Some(known) = self.token.clone() else {
            let token = token(body)?;
            let request = self.query(&token);
            self.token = Some(token);
            return Ok(Some(request));
        };
        let answer: Answer = json(body)?;
        let job = answer.job_reference.as_ref();
        if !answer.job_complete {
            let job = job.ok_or_else(|| Fault::says("its answer names no job"))?;
            return Ok(Some(self.results(job, None, &known)));
        }
        if let Some(schema) = &answer.schema {
            let columns = Columns::of(schema.fields.iter().map(|field| field.name.as_str()))?;
            let instants = schema.fields.iter().map(|field| field.kind == "TIMESTAMP");
            self.columns = Some((columns, instants.collect()));
        }
        let (columns, instants) = self
            .columns
            .as_ref()
            .ok_or_else(|| Fault::says("its answer names no columns"))?;
        for row in answer.rows.0 {
            let cells: Vec<Value> = row
                .f
                .into_iter()
                .zip(instants)
                .map(
                    |(cell, is_instant)| {
                        if *is_instant { instant(cell.v) } else { cell.v }
                    },
                )
                .collect();
            columns.take(&cells, &self.zone, tally);
        }
        Ok(match (job, &answer.page_token) {
            (Some(job), Some(page)) => Some(self.results(job, Some(page), &known)),
            _ => None,
        })
    }

    fn hint(&self, status: u16) -> Option<&'static str> {
        matches!(status, 401 | 403).then_some("has the service account of `key_file` the roles BigQuery Job User and BigQuery Data Viewer?")
    }
}

/// A TIMESTAMP comes as seconds since 1970 in scientific notation, `1.7875503E9`.
fn instant(value: Value) -> Value {
    let seconds = value.as_str().and_then(|text| text.parse::<f64>().ok());
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a float that is too large becomes the largest number, which is no time"
    )]
    let at = seconds.and_then(|seconds| DateTime::from_timestamp(seconds as i64, 0));
    at.map_or(value, |at| Value::String(at.to_rfc3339()))
}
