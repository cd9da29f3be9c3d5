//! ClickHouse over HTTP.

use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::conversation::{Asked, Conversation};
use super::fault::Fault;
use super::request::Request;
use super::sql::{Columns, Statement};
use super::tally::Tally;
use crate::model::line::Line;

pub(super) struct ClickHouse<'s> {
    pub(super) statement: &'s Statement,
    pub(super) login: Option<(&'s str, &'s SecretString)>,
    pub(super) asked: Asked<'s>,
    /// The server may work so long on it.
    pub(super) time_limit: Duration,
}

impl Conversation for ClickHouse<'_> {
    fn begin(&mut self) -> Result<Request, Fault> {
        let written = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M:%S").to_string();
        let statement = self
            .statement
            .with("{from:DateTime('UTC')}", "{to:DateTime('UTC')}");
        let mut url = self.asked.server.clone();
        url.query_pairs_mut()
            .append_pair("default_format", "JSONCompactEachRowWithNames")
            // An error after the first rows would come as HTTP 200 otherwise.
            .append_pair("wait_end_of_query", "1")
            .append_pair("date_time_output_format", "iso")
            .append_pair("readonly", "1")
            .append_pair(
                "max_execution_time",
                &self.time_limit.as_secs().max(1).to_string(),
            )
            .append_pair("param_from", &written(self.asked.span.from))
            .append_pair("param_to", &written(self.asked.span.to));
        let request = Request::post(url, "text/plain", statement);
        Ok(match self.login {
            Some((user, password)) => request
                .header("x-clickhouse-user", SecretString::from(user))
                .header("x-clickhouse-key", password.clone())
                .hides(password),
            None => request,
        })
    }

    fn hear(&mut self, body: &str, tally: &mut Tally) -> Result<Option<Request>, Fault> {
        let mut lines = body.lines().filter(|line| !line.trim().is_empty());
        let wrong = |line: &str| {
            Fault::says(format!(
                "answered `{}` where a row was expected",
                Line::clean_to(line, 120)
            ))
        };
        let first = lines.next().unwrap_or_default();
        let names: Vec<String> = serde_json::from_str(first).map_err(|_| wrong(first))?;
        let columns = Columns::of(names.iter().map(String::as_str))?;
        for line in lines {
            if tally.is_full() {
                break;
            }
            match serde_json::from_str::<Vec<Value>>(line) {
                Ok(cells) => columns.take(&cells, self.asked.zone, tally),
                Err(_) if serde_json::from_str::<IgnoredAny>(line).is_ok() => {
                    tally.unread("a list of cells", line);
                }
                // What is no JSON at all is an error in the middle, or half a row.
                Err(_) => return Err(wrong(line)),
            }
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
