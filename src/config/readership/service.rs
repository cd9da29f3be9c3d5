//! A service that is asked: its kind, which part of it is meant, and its secret.

use std::fmt::Display;
use std::sync::Arc;

use chrono::TimeDelta;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::service_names::{host_name, id, plausible_site, project, property};
use super::{Around, time_limit};
use crate::analytics::{
    Account, Api, Database, Kind, Login, Secret, Service, ServiceAccount, Statement,
};
use crate::config::{folder, variable};
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
    let hosts = table.all_parsed("hosts", problems, |text| {
        let host = host_name(text)?;
        Ok::<_, String>(host.strip_prefix("www.").unwrap_or(&host).to_owned())
    });
    let time_limit = time_limit(table, problems);
    let zone = table.value("time_zone", problems, Zone::bundled);
    let every = table.value("every", problems, |text| {
        match parse_length(text).map_err(|error| error.to_string())? {
            short if short < TimeDelta::minutes(1) => Err("expected a minute or more".to_owned()),
            length => Ok(length),
        }
    });
    let (id, kind) = Reading {
        table,
        around,
        problems,
    }
    .kind(kind)?;
    (problems.len() == before).then(|| Service {
        name: name.unwrap_or(id),
        hosts: hosts.into_iter().map(|host| host.value).collect(),
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

/// A table that is read for a service of its kind.
struct Reading<'r, 't> {
    table: &'r mut TomlTable<'t>,
    around: &'r Around<'r>,
    problems: &'r Problems,
}

impl Reading<'_, '_> {
    /// The kind, and the words that name it where the config gives no `name`.
    fn kind(&mut self, kind: &str) -> Option<(Line, Kind)> {
        let (id, api, server) = match kind {
            "postgres" => {
                let database = self.value("postgres", Database::parse);
                let statement = self.statement();
                let login = self.user();
                let database = database?;
                let name = format!("postgres {}", database.name());
                let kind = Kind::Postgres(Box::new(database), statement?, login);
                return Some((Line::clean_to(&name, 80), kind));
            }
            "clickhouse" => {
                let server = self.value("clickhouse", Link::parse);
                let statement = self.statement();
                let login = self.user();
                let server = server?;
                let api = Api::ClickHouse(statement?, login);
                (server.host().to_owned(), api, server.url().clone())
            }
            "ga4" => {
                let property = self.value("ga4", property);
                let server = self.server(Some("https://analyticsdata.googleapis.com"));
                let (account, property) = (self.account()?, property?);
                let api = Api::Ga4(property.clone(), account);
                (format!("properties/{property}"), api, server?)
            }
            "bigquery" => {
                let project = self.value("bigquery", project);
                let server = self.server(Some("https://bigquery.googleapis.com"));
                let statement = self.statement();
                let (account, project) = (self.account()?, project?);
                let api = Api::BigQuery(project.clone(), statement?, account);
                (project, api, server?)
            }
            "umami" => {
                let website = self.value("umami", id);
                let server = self.server(Some("https://api.umami.is/v1"));
                let login = match self.table.text("username", self.problems) {
                    Some(user) => Login::User {
                        name: user.value,
                        password: self.secret(PASSWORD)?,
                    },
                    None => Login::Key(self.secret(KEY)?),
                };
                let website = website?;
                (website.clone(), Api::Umami(website, login), server?)
            }
            "matomo" => {
                let most = u64::from(u32::MAX);
                let site = self.table.whole("matomo", 1, most, self.problems);
                let (server, token) = self.place(None)?;
                let site = site?;
                (site.to_string(), Api::Matomo(site, token), server?)
            }
            "plausible" => {
                let site = self.value("plausible", plausible_site);
                let (server, key) = self.place(Some("https://plausible.io"))?;
                let site = site?;
                (site.clone(), Api::Plausible(site, key), server?)
            }
            "goatcounter" => {
                let code = self.value("goatcounter", id);
                let usual = code.as_ref();
                let usual = usual.map(|code| format!("https://{code}.goatcounter.com"));
                let (server, key) = self.place(usual.as_deref())?;
                (code?, Api::GoatCounter(key), server?)
            }
            "parsely" => {
                let site = self.value("parsely", host_name);
                let (server, secret) = self.place(Some("https://api.parsely.com"))?;
                let site = site?;
                (site.clone(), Api::Parsely(site, secret), server?)
            }
            "chartbeat" => {
                let host = self.value("chartbeat", host_name);
                let (server, key) = self.place(Some("https://api.chartbeat.com"))?;
                let host = host?;
                (host.clone(), Api::Chartbeat(host, key), server?)
            }
            _ => {
                let zone = self.value("cloudflare", id);
                let (server, token) = self.place(Some("https://api.cloudflare.com"))?;
                let zone = zone?;
                (zone.clone(), Api::Cloudflare(zone, token), server?)
            }
        };
        let name = Line::clean_to(&format!("{kind} {id}"), 80);
        Some((name, Kind::Api(api, server)))
    }

    fn value<T, E: Display>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        self.table.value(key, self.problems, parse)
    }

    /// `server`, or where the service itself is.
    fn server(&mut self, usual: Option<&str>) -> Option<Url> {
        let before = self.problems.len();
        let given = self.value("server", Link::parse);
        match (given, usual) {
            (Some(link), _) => Some(link.url().clone()),
            (None, Some(usual)) => Url::parse(usual).ok(),
            (None, None) => {
                if self.problems.len() == before {
                    self.problems.add(
                        self.table
                            .problem_here("`server` is not set: this service runs on a machine of your own or of its maker's")
                            .hint("`server = \"https://stats.paper.example\"`"),
                    );
                }
                None
            }
        }
    }

    /// Where the service is, and its key.
    fn place(&mut self, usual: Option<&str>) -> Option<(Option<Url>, Secret)> {
        Some((self.server(usual), self.secret(KEY)?))
    }

    /// The newsroom's own statement.
    fn statement(&mut self) -> Option<Statement> {
        let before = self.problems.len();
        let statement = self.value("sql", Statement::parse);
        if statement.is_none() && self.problems.len() == before {
            self.problems.add(
                self.table
                    .problem_here("a warehouse needs `sql`, a statement that returns `url`, `views` and, if it can, `time`")
                    .hint("`sql = \"SELECT url, views, time FROM views_by_hour WHERE time >= {from} AND time < {to}\"`"),
            );
        }
        statement
    }

    /// A user of a database, if one is named.
    fn user(&mut self) -> Option<(String, Secret)> {
        let user = self.table.text("username", self.problems)?;
        Some((user.value, self.secret(PASSWORD)?))
    }

    /// A service account of Google.
    fn account(&mut self) -> Option<Account> {
        Some(self.secret(KEY)?.and_then(|text| {
            ServiceAccount::parse(text.expose_secret())
                .map(Arc::new)
                .map_err(|what| Line::clean(&what))
        }))
    }

    /// A secret out of the environment or a file. One that is not there is no problem of the config: it stops only what needs it. A secret
    /// in the config itself is an unknown key: the file is shared too easily.
    fn secret(&mut self, [variable, file]: [&'static str; 2]) -> Option<Secret> {
        let before = self.problems.len();
        let in_variable = self.table.text(variable, self.problems);
        let in_file = self.table.text(file, self.problems);
        match (in_variable, in_file) {
            (Some(name), None) => Some(
                (self.around.surroundings.environment)(&name.value)
                    .map(|value| value.trim().to_owned())
                    .filter(|value| !value.is_empty())
                    .map(SecretString::from)
                    .ok_or_else(|| variable::not_set(variable, &name.value)),
            ),
            (None, Some(path)) => Some(
                folder::read_secret(&self.around.home.join(&path.value), 20_000)
                    .map(|text| SecretString::from(text.trim().to_owned()))
                    .map_err(|problem| variable::unread(file, &path.value, &problem.what)),
            ),
            (Some(found), Some(_)) => {
                let what = format!(
                    "`{variable}` and `{file}` are both given: the secret comes from one of them"
                );
                self.problems.add(self.table.problem(found.span, what));
                None
            }
            (None, None) => {
                if self.problems.len() == before {
                    self.problems.add(
                        self.table
                            .problem_here(format!("neither `{variable}` nor `{file}` is set: the service answers nobody it does not know"))
                            .hint(format!("`{file} = \"analytics.key\"`, readable by you alone")),
                    );
                }
                None
            }
        }
    }
}

const KEY: [&str; 2] = ["key_env", "key_file"];
const PASSWORD: [&str; 2] = ["password_env", "password_file"];
