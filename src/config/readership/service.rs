//! A service that is asked: its kind, which part of it is meant, and its secret.

use std::sync::Arc;

use chrono::TimeDelta;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::{Around, time_limit};
use crate::analytics::{Database, Kind, Login, Secret, Service, ServiceAccount, Statement};
use crate::config::folder;
use crate::model::line::Line;
use crate::model::link::Link;
use crate::model::toml_table::{Problems, TomlTable};
use crate::model::zone::Zone;
use crate::select::parse_length;

/// Samples are views by time. A total that has not risen lately is old, and the views before it are known all the same.
const SAMPLES_MAX_AGE: TimeDelta = TimeDelta::hours(3);

pub(super) fn read(
    kind: &str,
    table: &mut TomlTable<'_>,
    around: &Around<'_>,
    (name, max_age): (Option<Line>, Option<TimeDelta>),
    problems: &Problems,
) -> Option<Service> {
    let before = problems.len();
    let hosts = table.lines("hosts", problems).unwrap_or_default();
    let hosts = hosts.iter().map(|host| {
        let host = host.as_str().to_lowercase();
        host.strip_prefix("www.").unwrap_or(&host).to_owned()
    });
    let hosts = hosts.collect();
    let time_limit = time_limit(table, problems);
    let zone = table.value("time_zone", problems, Zone::bundled);
    let every = table.value("every", problems, |text| {
        match parse_length(text).map_err(|error| error.to_string())? {
            short if short < TimeDelta::minutes(1) => Err("expected a minute or more".to_owned()),
            length => Ok(length),
        }
    });
    let (id, kind) = kind_of(kind, table, around, problems)?;
    (problems.len() == before).then(|| Service {
        name: name.unwrap_or(id),
        hosts,
        time_limit,
        max_age: max_age.unwrap_or_else(|| {
            kind.max_age()
                .max(every.map_or(TimeDelta::zero(), |_| SAMPLES_MAX_AGE))
        }),
        zone: zone.unwrap_or_else(|| around.zone.clone()),
        every,
        letters: around.letters.clone(),
        kind,
    })
}

/// The kind, and the words that name it where the config gives no `name`.
fn kind_of(
    kind: &str,
    table: &mut TomlTable<'_>,
    around: &Around<'_>,
    problems: &Problems,
) -> Option<(Line, Kind)> {
    let named = |id: &str| Line::clean_to(&format!("{kind} {id}"), 80);
    Some(match kind {
        "ga4" => {
            let property = table.value("ga4", problems, |text| {
                let number = text.strip_prefix("properties/").unwrap_or(text);
                let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
                is_number.then(|| number.to_owned()).ok_or_else(|| {
                    format!(
                        "`{}` is no property: expected its number, as in `properties/1234`",
                        Line::clean_to(text, 60)
                    )
                })
            });
            let server = server(
                table,
                Some("https://analyticsdata.googleapis.com"),
                problems,
            );
            let account = account(table, around, problems)?;
            let property = property?;
            let kind = Kind::Ga4 {
                property: property.clone(),
                server: server?,
                account,
            };
            (named(&format!("properties/{property}")), kind)
        }
        "plausible" => {
            let site = id("plausible", table, problems);
            let server = server(table, Some("https://plausible.io"), problems);
            let key = key(table, around, problems)?;
            let site = site?;
            (
                named(&site),
                Kind::Plausible {
                    site,
                    server: server?,
                    key,
                },
            )
        }
        "matomo" => {
            let site = table.whole("matomo", 1, u64::from(u32::MAX), problems);
            let server = server(table, None, problems);
            let token = key(table, around, problems)?;
            let site = site?;
            (
                named(&site.to_string()),
                Kind::Matomo {
                    site,
                    server: server?,
                    token,
                },
            )
        }
        "umami" => {
            let website = id("umami", table, problems);
            let server = server(table, Some("https://api.umami.is/v1"), problems);
            let login = match table.text("username", problems) {
                Some(user) => Login::User {
                    name: user.value,
                    password: secret(["password_env", "password_file"], table, around, problems)?,
                },
                None => Login::Key(key(table, around, problems)?),
            };
            let website = website?;
            (
                named(&website),
                Kind::Umami {
                    website,
                    server: server?,
                    login,
                },
            )
        }
        "goatcounter" => {
            let code = id("goatcounter", table, problems);
            let usual = code
                .as_ref()
                .map(|code| format!("https://{code}.goatcounter.com"));
            let server = server(table, usual.as_deref(), problems);
            let key = key(table, around, problems)?;
            (
                named(&code?),
                Kind::GoatCounter {
                    server: server?,
                    key,
                },
            )
        }
        "parsely" => {
            let site = id("parsely", table, problems);
            let server = server(table, Some("https://api.parsely.com"), problems);
            let secret = key(table, around, problems)?;
            let site = site?;
            (
                named(&site),
                Kind::Parsely {
                    site,
                    server: server?,
                    secret,
                },
            )
        }
        "chartbeat" => {
            let host = id("chartbeat", table, problems);
            let server = server(table, Some("https://api.chartbeat.com"), problems);
            let key = key(table, around, problems)?;
            let host = host?;
            (
                named(&host),
                Kind::Chartbeat {
                    host,
                    server: server?,
                    key,
                },
            )
        }
        "clickhouse" => {
            let server = table.value("clickhouse", problems, Link::parse);
            let statement = statement(table, problems);
            let login = login(table, around, problems);
            let server = server?;
            let kind = Kind::ClickHouse {
                server: server.url().clone(),
                statement: statement?,
                login,
            };
            (named(server.host()), kind)
        }
        "postgres" => {
            let database = table.value("postgres", problems, Database::parse);
            let statement = statement(table, problems);
            let login = login(table, around, problems);
            let database = database?;
            let name = database.name();
            let kind = Kind::Postgres {
                database: Box::new(database),
                statement: statement?,
                login,
            };
            (named(name.as_str()), kind)
        }
        "bigquery" => {
            let project = id("bigquery", table, problems);
            let server = server(table, Some("https://bigquery.googleapis.com"), problems);
            let statement = statement(table, problems);
            let account = account(table, around, problems)?;
            let project = project?;
            let kind = Kind::BigQuery {
                project: project.clone(),
                server: server?,
                statement: statement?,
                account,
            };
            (named(&project), kind)
        }
        _ => {
            let zone = id("cloudflare", table, problems);
            let server = server(table, Some("https://api.cloudflare.com"), problems);
            let token = key(table, around, problems)?;
            let zone = zone?;
            (
                named(&zone),
                Kind::Cloudflare {
                    zone,
                    server: server?,
                    token,
                },
            )
        }
    })
}

/// The newsroom's own statement.
fn statement(table: &mut TomlTable<'_>, problems: &Problems) -> Option<Statement> {
    let before = problems.len();
    let statement = table.value("sql", problems, Statement::parse);
    if statement.is_none() && problems.len() == before {
        problems.add(
            table
                .problem_here("a warehouse needs `sql`, a statement that returns `url`, `views` and, if it can, `time`")
                .hint("`sql = \"SELECT url, views, time FROM views_by_hour WHERE time >= {from} AND time < {to}\"`"),
        );
    }
    statement
}

/// A user of a database, if one is named.
fn login(
    table: &mut TomlTable<'_>,
    around: &Around<'_>,
    problems: &Problems,
) -> Option<(String, Secret)> {
    let user = table.text("username", problems)?;
    let password = secret(["password_env", "password_file"], table, around, problems)?;
    Some((user.value, password))
}

/// A service account of Google.
fn account(
    table: &mut TomlTable<'_>,
    around: &Around<'_>,
    problems: &Problems,
) -> Option<Result<Arc<ServiceAccount>, Line>> {
    let text = key(table, around, problems)?;
    Some(text.and_then(|text| {
        ServiceAccount::parse(text.expose_secret())
            .map(Arc::new)
            .map_err(|what| Line::clean(&what))
    }))
}

/// A part of a service by its name there: it becomes a piece of an address.
fn id(key: &'static str, table: &mut TomlTable<'_>, problems: &Problems) -> Option<String> {
    table.value(key, problems, |text| {
        let is_id = (1..=200).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-._/:".contains(&b))
            && !text.contains("..")
            && !text.contains("://");
        is_id.then(|| text.to_owned()).ok_or_else(|| {
            format!(
                "`{}` is no name that a service gives: expected letters, digits, `-` and `.`, without `https://`",
                Line::clean_to(text, 60)
            )
        })
    })
}

/// `server`, or where the service itself is.
fn server(table: &mut TomlTable<'_>, usual: Option<&str>, problems: &Problems) -> Option<Url> {
    let before = problems.len();
    let given = table.value("server", problems, Link::parse);
    match (given, usual) {
        (Some(link), _) => Some(link.url().clone()),
        (None, Some(usual)) => Url::parse(usual).ok(),
        (None, None) => {
            if problems.len() == before {
                problems.add(
                    table
                        .problem_here("`server` is not set: this service runs on a machine of your own or of its maker's")
                        .hint("`server = \"https://stats.paper.example\"`"),
                );
            }
            None
        }
    }
}

fn key(table: &mut TomlTable<'_>, around: &Around<'_>, problems: &Problems) -> Option<Secret> {
    secret(["key_env", "key_file"], table, around, problems)
}

/// A secret out of the environment or a file. One that is not there is no problem of the config: it stops only what needs it. A secret in
/// the config itself is an unknown key: the file is shared too easily.
fn secret(
    [variable, file]: [&'static str; 2],
    table: &mut TomlTable<'_>,
    around: &Around<'_>,
    problems: &Problems,
) -> Option<Secret> {
    let before = problems.len();
    let in_variable = table.text(variable, problems);
    let in_file = table.text(file, problems);
    match (in_variable, in_file) {
        (Some(name), None) => Some(
            (around.surroundings.environment)(&name.value)
                .map(|value| value.trim().to_owned())
                .filter(|value| !value.is_empty())
                .map(SecretString::from)
                .ok_or_else(|| {
                    let name = Line::clean_to(&name.value, 60);
                    Line::clean(&format!("the environment variable `{name}` is not set"))
                }),
        ),
        (None, Some(path)) => Some(
            folder::read_secret(&around.home.join(&path.value), 20_000)
                .map(|text| SecretString::from(text.trim().to_owned()))
                .map_err(|problem| Line::clean(&problem.what)),
        ),
        (Some(found), Some(_)) => {
            let what = format!(
                "`{variable}` and `{file}` are both given: the secret comes from one of them"
            );
            problems.add(table.problem(found.span, what));
            None
        }
        (None, None) => {
            if problems.len() == before {
                problems.add(
                    table
                        .problem_here(format!("neither `{variable}` nor `{file}` is set: the service answers nobody it does not know"))
                        .hint(format!("`{file} = \"analytics.key\"`, readable by you alone")),
                );
            }
            None
        }
    }
}
