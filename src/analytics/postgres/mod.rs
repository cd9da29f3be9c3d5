//! PostgreSQL: the newsroom's own statement, read-only and within a time.
//!
//! The statement is wrapped into one that returns text: so its columns may be of any type, it is one statement, and it reads.

mod tls;

use std::fmt::Write as _;
use std::pin::pin;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use futures_util::TryStreamExt as _;
use secrecy::{ExposeSecret as _, SecretString};
use tokio_postgres::{Client, Config, Error};

use super::fault::Fault;
use super::span::Span;
use super::sql::{Columns, Statement};
use super::tally::Tally;
use crate::model::line::Line;
use crate::model::problem::system_words;
use crate::model::zone::Zone;
use tls::Tls;

/// So many letters of a cell are read: more than an address has.
const LONGEST_CELL: u32 = 20_000;

/// What `postgres` in a config says: `host=.. dbname=..`, or an address.
#[derive(Clone, Debug)]
pub struct Database(Config);

impl Database {
    /// # Errors
    /// It is no such text, or holds a password.
    pub fn parse(text: &str) -> Result<Self, String> {
        // The error repeats no value.
        let config: Config = text.parse().map_err(|_| {
            "it is no connection string: expected such as `host=db.paper.example dbname=web`"
                .to_owned()
        })?;
        if config.get_password().is_some() {
            return Err("a password does not belong into the config: `password_env` or `password_file` says where it is".to_owned());
        }
        Ok(Self(config))
    }

    /// The name of the database, and of the machine where it is.
    #[must_use]
    pub fn name(&self) -> Line {
        use tokio_postgres::config::Host;
        let host = self.0.get_hosts().first().map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(path) => path.display().to_string(),
        });
        let database = self.0.get_dbname().unwrap_or_default();
        Line::clean_to(&format!("{} {database}", host.unwrap_or_default()), 80)
    }
}

/// Runs the statement and takes its rows as they come.
pub(super) async fn ask(
    database: &Database,
    login: Option<(&str, &SecretString)>,
    statement: &Statement,
    (span, zone): (Span, &Zone),
    time_limit: Duration,
    tally: &mut Tally,
) -> Result<(), Fault> {
    let mut config = database.0.clone();
    if let Some((user, password)) = login {
        config.user(user).password(password.expose_secret());
    }
    // A superuser could undo this; the statement within a sub-select cannot.
    let options = format!(
        "-c default_transaction_read_only=on -c statement_timeout={} -c TimeZone={}",
        time_limit.as_millis(),
        zone.name()
    );
    config.application_name("newsdigest").options(options);
    let (client, connection) = config
        .connect(Tls::new()?)
        .await
        .map_err(|error| fault(&error))?;
    // It ends with the client, or when nobody waits for the rows any more.
    let running = tokio::spawn(connection);
    let read = rows(&client, statement, span, zone, tally).await;
    running.abort();
    read.map_err(|error| fault(&error))?
}

async fn rows(
    client: &Client,
    statement: &Statement,
    span: Span,
    zone: &Zone,
    tally: &mut Tally,
) -> Result<Result<(), Fault>, Error> {
    let written = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let (from, to) = (written(span.from), written(span.to));
    // Parameters are numbered, and one that the statement does not use has no type: so both are used here.
    let named = statement.with("$1::text::timestamptz", "$2::text::timestamptz");
    let inner = format!(
        "SELECT * FROM (\n{named}\n) AS statement WHERE ($1::text IS NOT NULL) AND ($2::text IS NOT NULL)"
    );
    let prepared = client.prepare(&inner).await?;
    let names: Vec<&str> = prepared
        .columns()
        .iter()
        .map(tokio_postgres::Column::name)
        .collect();
    let columns = match Columns::of(names.iter().copied()) {
        Ok(columns) => columns,
        Err(fault) => return Ok(Err(fault)),
    };
    let mut texts = String::new();
    for name in &names {
        let quoted = name.replace('"', "\"\"");
        // A cell may be a gigabyte.
        _ = write!(texts, ", left(\"{quoted}\"::text, {LONGEST_CELL})");
    }
    let wrapped = format!("SELECT {} FROM ({inner}) AS rows", &texts[2..]);
    let stream = client.query_raw(wrapped.as_str(), [&from, &to]).await?;
    let mut stream = pin!(stream);
    let mut cells = vec![serde_json::Value::Null; names.len()];
    while let Some(row) = stream.try_next().await? {
        for (at, cell) in cells.iter_mut().enumerate() {
            let text: Option<String> = row.try_get(at)?;
            *cell = text.map_or(serde_json::Value::Null, serde_json::Value::String);
        }
        columns.take(&cells, zone, tally);
        if tally.is_full() {
            break;
        }
    }
    Ok(Ok(()))
}

/// What went wrong: in the database's own words if it has any.
fn fault(error: &Error) -> Fault {
    if let Some(said) = error.as_db_error() {
        return Fault::said(said.message());
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let words = system_words(&cause.to_string());
    Fault::says(format!(
        "could not be read: {}",
        Line::clean_to(&words, 160)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_database_is() {
        let name = |text: &str| Database::parse(text).map(|database| database.name().to_string());
        assert_eq!(
            name("host=db.paper.example dbname=web"),
            Ok("db.paper.example web".to_owned())
        );
        assert_eq!(
            name("postgres://digest@10.0.0.1:5433/web?sslmode=require"),
            Ok("10.0.0.1 web".to_owned())
        );
        for text in [
            "host=db password=SECRET",
            "postgres://digest:SECRET@db/web",
            "hots=SECRET",
            "host='SECRET",
        ] {
            assert!(!name(text).unwrap_err().contains("SECRET"), "{text}");
        }
    }
}
