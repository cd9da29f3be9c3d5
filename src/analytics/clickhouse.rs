//! ClickHouse over HTTP.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use url::Url;

use super::conversation::{Conversation, Fault, Request};
use super::span::Span;
use super::sql::{Columns, Statement};
use super::tally::Tally;
use crate::model::line::Line;
use crate::model::zone::Zone;

pub(super) struct ClickHouse {
    pub(super) server: Url,
    pub(super) statement: Statement,
    pub(super) login: Option<(String, SecretString)>,
    pub(super) span: Span,
    pub(super) zone: Zone,
    /// Seconds that the server may work on it.
    pub(super) seconds: u64,
}

impl Conversation for ClickHouse {
    fn begin(&mut self) -> Result<Request, Fault> {
        let written = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M:%S").to_string();
        let statement = self
            .statement
            .with("{from:DateTime('UTC')}", "{to:DateTime('UTC')}");
        let mut url = self.server.clone();
        url.query_pairs_mut()
            .append_pair("default_format", "JSONCompactEachRowWithNames")
            // An error after the first rows would come as HTTP 200 otherwise.
            .append_pair("wait_end_of_query", "1")
            .append_pair("date_time_output_format", "iso")
            .append_pair("readonly", "1")
            .append_pair("max_execution_time", &self.seconds.to_string())
            .append_pair("param_from", &written(self.span.from))
            .append_pair("param_to", &written(self.span.to));
        let mut request = Request {
            body: Some(("text/plain", statement.into_bytes())),
            ..Request::get(url)
        };
        if let Some((user, password)) = &self.login {
            request = request
                .header("x-clickhouse-user", SecretString::from(user.clone()))
                .header("x-clickhouse-key", password.clone())
                .hides(password);
        }
        Ok(request)
    }

    fn hear(&mut self, body: &[u8], tally: &mut Tally) -> Result<Option<Request>, Fault> {
        let mut lines = body
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.trim_ascii().is_empty());
        let wrong = |line: &[u8]| {
            let shown = String::from_utf8_lossy(&line[..line.len().min(300)]).into_owned();
            Fault::says(format!(
                "answered `{}` where a row was expected",
                Line::clean_to(&shown, 120)
            ))
        };
        let first = lines.next().unwrap_or_default();
        let names: Vec<String> = serde_json::from_slice(first).map_err(|_| wrong(first))?;
        let columns = Columns::of(names.iter().map(String::as_str))?;
        for line in lines {
            let cells: Vec<serde_json::Value> =
                serde_json::from_slice(line).map_err(|_| wrong(line))?;
            columns.take(&cells, &self.zone, tally);
        }
        Ok(None)
    }

    fn hint(&self, status: u16) -> Option<&'static str> {
        match status {
            401 | 403 | 516 => {
                Some("are `username` and its password those of a user who may read?")
            }
            500 => Some(
                "is the statement right? (`Cannot modify .. setting in readonly mode` comes of a profile with `readonly`: GRANT SELECT instead, docs/readership.md)",
            ),
            _ => None,
        }
    }
}
