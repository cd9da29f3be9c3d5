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

/// A service account of Google, or why its key is not known.
pub type Account = Result<Arc<ServiceAccount>, Line>;

/// How a service is reached.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Over HTTP, at that address.
    Api(Api, Url),
    Postgres(Box<Database>, Statement, Option<(String, Secret)>),
}

/// What kind of service it is, which part of it is meant, and whom it knows us as.
#[derive(Clone, Debug)]
pub enum Api {
    /// Google Analytics 4: the number of a property.
    Ga4(String, Account),
    /// Plausible: the site's domain.
    Plausible(String, Secret),
    /// Matomo: the number of a site.
    Matomo(u64, Secret),
    /// Umami: the id of a website.
    Umami(String, Login),
    /// GoatCounter: the server is the site.
    GoatCounter(Secret),
    /// Parse.ly: the site's id, which it also calls the API key.
    Parsely(String, Secret),
    /// Chartbeat: the site's host.
    Chartbeat(String, Secret),
    /// Cloudflare: the zone's id.
    Cloudflare(String, Secret),
    /// A statement for ClickHouse; the address may name a database.
    ClickHouse(Statement, Option<(String, Secret)>),
    /// A statement for BigQuery, run in a project.
    BigQuery(String, Statement, Account),
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
            Self::Api(Api::Matomo(..) | Api::Umami(..) | Api::Parsely(..), _) => {
                Granularity::Totals
            }
            Self::Api(Api::Chartbeat(..), _) => Granularity::PeopleNow,
            Self::Api(..) | Self::Postgres(..) => Granularity::Hours,
        }
    }

    /// Whether it keeps what our links say apart from the pages, and is to be asked for it.
    #[must_use]
    pub const fn keeps_link_words(&self) -> bool {
        matches!(
            self,
            Self::Api(
                Api::Ga4(..) | Api::Plausible(..) | Api::Matomo(..) | Api::Umami(..),
                _
            )
        )
    }

    /// How old its figures may be unless the config says otherwise: as old as the service lets them become on an ordinary day.
    #[must_use]
    pub const fn max_age(&self) -> TimeDelta {
        match self {
            Self::Api(Api::Ga4(..), _) => TimeDelta::hours(8),
            Self::Api(Api::ClickHouse(..) | Api::BigQuery(..), _) | Self::Postgres(..) => {
                TimeDelta::hours(3)
            }
            Self::Api(Api::Matomo(..), _) => TimeDelta::hours(2),
            Self::Api(..) => TimeDelta::minutes(30),
        }
    }
}

impl Service {
    /// Why its secret is not known, if it is not: then it cannot be asked.
    #[must_use]
    pub fn missing(&self) -> Option<&Line> {
        let secret = match &self.kind {
            Kind::Api(Api::Ga4(_, account) | Api::BigQuery(.., account), _) => {
                return account.as_ref().err();
            }
            Kind::Api(Api::ClickHouse(_, login), _) | Kind::Postgres(.., login) => {
                &login.as_ref()?.1
            }
            Kind::Api(
                Api::Plausible(_, secret)
                | Api::Matomo(_, secret)
                | Api::Umami(
                    _,
                    Login::Key(secret)
                    | Login::User {
                        password: secret, ..
                    },
                )
                | Api::GoatCounter(secret)
                | Api::Parsely(_, secret)
                | Api::Chartbeat(_, secret)
                | Api::Cloudflare(_, secret),
                _,
            ) => secret,
        };
        secret.as_ref().err()
    }
}
