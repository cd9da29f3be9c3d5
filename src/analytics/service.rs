//! A service as the config names it.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use secrecy::SecretString;
use url::Url;

use super::google::ServiceAccount;
use super::postgres::Database;
use super::sql::Statement;
use crate::model::letter_links::LetterLinks;
use crate::model::line::Line;
use crate::model::zone::Zone;

/// One service that counts readers, and how it is asked.
#[derive(Clone, Debug)]
pub struct Service {
    /// As the config names it, such as `ga4 properties/1234`.
    pub name: Line,
    pub kind: Kind,
    /// The paper's hosts: pages of other hosts are left out, and all of these count as one site. Empty: every host by itself.
    pub hosts: Vec<String>,
    /// The time for all requests of one asking.
    pub time_limit: Duration,
    /// Older figures are not used.
    pub max_age: TimeDelta,
    /// The zone of times without an offset.
    pub zone: Zone,
    /// How often `serve` takes a sample of it.
    pub every: Option<TimeDelta>,
    /// Views that came from our own letters are left out.
    pub letters: LetterLinks,
}

/// A secret of the config, or why it is not known: a secret that is missing stops only what needs it.
pub type Secret = Result<SecretString, Line>;

/// Whom a service knows us as.
#[derive(Clone, Debug)]
pub enum Login {
    /// A key or token made for programs.
    Key(Secret),
    /// A person's name and password.
    User { name: String, password: Secret },
}

/// What kind of service it is, and which part of it is meant.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Google Analytics 4: the number of a property.
    Ga4 {
        property: String,
        server: Url,
        account: Result<Arc<ServiceAccount>, Line>,
    },
    /// Plausible: the site's id.
    Plausible {
        site: String,
        server: Url,
        key: Secret,
    },
    /// Matomo: the number of a site.
    Matomo {
        site: u64,
        server: Url,
        token: Secret,
    },
    /// Umami: the id of a website.
    Umami {
        website: String,
        server: Url,
        login: Login,
    },
    /// GoatCounter: the server is the site.
    GoatCounter { server: Url, key: Secret },
    /// Parse.ly: the site's id, which it also calls the API key.
    Parsely {
        site: String,
        server: Url,
        secret: Secret,
    },
    /// Chartbeat: the site's host.
    Chartbeat {
        host: String,
        server: Url,
        key: Secret,
    },
    /// Cloudflare: the zone's id.
    Cloudflare {
        zone: String,
        server: Url,
        token: Secret,
    },
    /// A statement for ClickHouse; the address may name a database.
    ClickHouse {
        server: Url,
        statement: Statement,
        login: Option<(String, Secret)>,
    },
    /// A statement for PostgreSQL.
    Postgres {
        database: Box<Database>,
        statement: Statement,
        login: Option<(String, Secret)>,
    },
    /// A statement for BigQuery, run in a project.
    BigQuery {
        project: String,
        server: Url,
        statement: Statement,
        account: Result<Arc<ServiceAccount>, Line>,
    },
}

/// What a service can know of a page's readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Granularity {
    /// Views of every hour.
    Hours,
    /// Views of the whole span.
    Totals,
    /// How many people are reading it.
    PeopleNow,
}

impl Kind {
    #[must_use]
    pub const fn granularity(&self) -> Granularity {
        match self {
            Self::Ga4 { .. }
            | Self::Plausible { .. }
            | Self::GoatCounter { .. }
            | Self::Cloudflare { .. }
            | Self::ClickHouse { .. }
            | Self::Postgres { .. }
            | Self::BigQuery { .. } => Granularity::Hours,
            Self::Matomo { .. } | Self::Umami { .. } | Self::Parsely { .. } => Granularity::Totals,
            Self::Chartbeat { .. } => Granularity::PeopleNow,
        }
    }

    /// Whether it keeps what our links say apart from the pages, and is to be asked for it.
    #[must_use]
    pub const fn keeps_link_words(&self) -> bool {
        matches!(
            self,
            Self::Ga4 { .. } | Self::Plausible { .. } | Self::Matomo { .. } | Self::Umami { .. }
        )
    }

    /// How old its figures may be unless the config says otherwise: as old as the service lets them become on an ordinary day.
    #[must_use]
    pub const fn max_age(&self) -> TimeDelta {
        match self {
            Self::Ga4 { .. } => TimeDelta::hours(8),
            Self::ClickHouse { .. } | Self::Postgres { .. } | Self::BigQuery { .. } => {
                TimeDelta::hours(3)
            }
            Self::Matomo { .. } => TimeDelta::hours(2),
            Self::Plausible { .. }
            | Self::Umami { .. }
            | Self::GoatCounter { .. }
            | Self::Parsely { .. }
            | Self::Chartbeat { .. }
            | Self::Cloudflare { .. } => TimeDelta::minutes(30),
        }
    }
}

impl Service {
    /// Why its secret is not known, if it is not: then it cannot be asked.
    #[must_use]
    pub fn missing(&self) -> Option<&Line> {
        match &self.kind {
            Kind::Ga4 { account, .. } | Kind::BigQuery { account, .. } => account.as_ref().err(),
            Kind::Plausible { key: secret, .. }
            | Kind::Matomo { token: secret, .. }
            | Kind::Umami {
                login:
                    Login::Key(secret)
                    | Login::User {
                        password: secret, ..
                    },
                ..
            }
            | Kind::GoatCounter { key: secret, .. }
            | Kind::Parsely { secret, .. }
            | Kind::Chartbeat { key: secret, .. }
            | Kind::Cloudflare { token: secret, .. }
            | Kind::ClickHouse {
                login: Some((_, secret)),
                ..
            }
            | Kind::Postgres {
                login: Some((_, secret)),
                ..
            } => secret.as_ref().err(),
            Kind::ClickHouse { login: None, .. } | Kind::Postgres { login: None, .. } => None,
        }
    }
}
