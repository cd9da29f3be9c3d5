//! BigQuery over its REST API, as a service account that may only read.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{self, Count, Rows, if_readable, json};
use super::conversation::{Asked, Conversation};
use super::fault::Fault;
use super::google::{ServiceAccount, token};
use super::request::{Request, below};
use super::sql::{Columns, Statement};
use super::tally::{self, Tally};

/// Whatever the statement says, nothing can be written with it.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform.read-only";
/// Rows of one answer.
const PAGE: u32 = 50_000;
/// How long the server waits with an answer, in milliseconds.
const WAIT: u32 = 10_000;

/// The pauses before it is asked again whether a job is done: each is twice the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

pub(super) struct BigQuery<'s> {
    project: &'s str,
    statement: &'s Statement,
    account: &'s ServiceAccount,
    asked: Asked<'s>,
    /// The server may work so long on it.
    time_limit: Duration,
    pause: Duration,
    token: Option<SecretString>,
    /// Its columns, and which of them are instants.
    columns: Option<(Columns, Vec<bool>)>,
    rows: u64,
    /// The tokens of pages that were asked for, and what pages held.
    pages: HashSet<String>,
    held: HashSet<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    #[serde(default, deserialize_with = "if_readable")]
    job_complete: bool,
    #[serde(default, deserialize_with = "if_readable")]
    job_reference: Option<Job>,
    schema: Option<Schema>,
    #[serde(borrow, default)]
    rows: Rows<'a, Row>,
    #[serde(default, deserialize_with = "if_readable")]
    total_rows: Option<Count>,
    #[serde(default, deserialize_with = "if_readable")]
    page_token: Option<String>,
    /// Why a job that is over has no rows.
    #[serde(default)]
    errors: Value,
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
    #[serde(default)]
    v: Value,
}

impl<'s> BigQuery<'s> {
    pub(super) fn new(
        project: &'s str,
        statement: &'s Statement,
        account: &'s ServiceAccount,
        asked: Asked<'s>,
        time_limit: Duration,
    ) -> Self {
        Self {
            project,
            statement,
            account,
            asked,
            time_limit,
            pause: FIRST_PAUSE,
            token: None,
            columns: None,
            rows: 0,
            pages: HashSet::new(),
            held: HashSet::new(),
        }
    }

    fn query(&self, token: &SecretString) -> Request {
        let written = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let parameter = |name: &str, at| json!({"name": name, "parameterType": {"type": "TIMESTAMP"}, "parameterValue": {"value": written(at)}});
        let url = below(
            self.asked.server,
            &format!("bigquery/v2/projects/{}/queries", self.project),
        );
        let query = json!({
            "query": self.statement.with("@from", "@to"),
            "useLegacySql": false,
            "parameterMode": "NAMED",
            "queryParameters": [parameter("from", self.asked.span.from), parameter("to", self.asked.span.to)],
            "maxResults": PAGE,
            "timeoutMs": WAIT,
            "jobTimeoutMs": self.time_limit.as_millis().to_string(),
        });
        Request::post_json(url, &query).bearer(token)
    }

    /// The rest of a job's rows, or all of them once it is done.
    fn results(&self, job: &Job, page: Option<&str>, token: &SecretString) -> Request {
        let mut url = below(
            self.asked.server,
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

impl Conversation for BigQuery<'_> {
    fn begin(&mut self) -> Result<Request, Fault> {
        self.account.token_request(SCOPE, self.asked.span.to)
    }

    fn rows_are_distinct(&self) -> bool {
        false
    }

    fn hear(&mut self, body: &str, tally: &mut Tally) -> Result<Option<Request>, Fault> {
        let Some(known) = self.token.clone() else {
            let token = token(body)?;
            let request = self.query(&token);
            self.token = Some(token);
            return Ok(Some(request));
        };
        let answer: Answer<'_> = json(body)?;
        if answer.schema.is_none()
            && let Some(said) = answer::words_in(&answer.errors)
        {
            return Err(Fault::said(&said));
        }
        let job = answer.job_reference.as_ref();
        if !answer.job_complete {
            let job = job.ok_or_else(|| Fault::says("its answer names no job"))?;
            let pause = self.pause;
            self.pause = (pause * 2).min(LONGEST_PAUSE);
            return Ok(Some(self.results(job, None, &known).after(pause)));
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
        if content(&answer.rows).is_some_and(|content| !self.held.insert(content)) {
            return Err(Fault::says(tally::SAME_PAGE));
        }
        tally.each(&answer.rows, "a list of cells", |tally, row| {
            let cells = row.f.into_iter().zip(instants);
            let cells: Vec<Value> = cells
                .map(|(Cell { v }, is_instant)| if *is_instant { instant(v) } else { v })
                .collect();
            columns.take(&cells, self.asked.zone, tally);
        });
        self.rows += answer.rows.count();
        let all = answer.total_rows.and_then(|all| all.known());
        let is_over = all.is_some_and(|all| self.rows >= all);
        Ok(match (job, answer.page_token) {
            (Some(job), Some(page)) if !is_over => {
                let next = self.results(job, Some(&page), &known);
                if !self.pages.insert(page) {
                    return Err(Fault::says(tally::SAME_PAGE));
                }
                Some(next)
            }
            _ if all.is_some() && !is_over => {
                return Err(Fault::says("says that it has more rows, but gives none"));
            }
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

/// What a page holds, as a number. `None`: nothing but one row again and again, as of a statement that does not group.
fn content(rows: &Rows<'_, Row>) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    let first = rows.texts().next()?;
    let mut is_one = true;
    for row in rows.texts() {
        is_one &= row == first;
        row.hash(&mut hasher);
    }
    (!is_one).then(|| hasher.finish())
}
