//! The conversation with each kind of service.

use std::time::Duration;

use super::bigquery::BigQuery;
use super::chartbeat::Chartbeat;
use super::clickhouse::ClickHouse;
use super::cloudflare::Cloudflare;
use super::conversation::{Asked, Conversation};
use super::ga4::Ga4;
use super::goatcounter::GoatCounter;
use super::matomo::Matomo;
use super::parsely::Parsely;
use super::plausible::Plausible;
use super::service::Api;
use super::umami::Umami;
use crate::model::line::Line;

/// The conversation that asks for it; the server may work so long on it.
///
/// # Errors
/// A secret is missing.
pub(super) fn with<'s>(
    api: &'s Api,
    asked: Asked<'s>,
    time_limit: Duration,
) -> Result<Box<dyn Conversation + 's>, Line> {
    fn known<T>(secret: &Result<T, Line>) -> Result<&T, Line> {
        secret.as_ref().map_err(Clone::clone)
    }
    Ok(match api {
        Api::Ga4(property, account) => Box::new(Ga4::new(property, known(account)?, asked)),
        Api::Plausible(site, key) => Box::new(Plausible::new(site, known(key)?, asked)),
        Api::Matomo(site, token) => Box::new(Matomo::new(*site, known(token)?, asked)),
        Api::Umami(website, login) => Box::new(Umami::new(website, login, asked)?),
        Api::GoatCounter(key) => Box::new(GoatCounter::new(known(key)?, asked)),
        Api::Parsely(site, secret) => Box::new(Parsely::new(site, known(secret)?, asked)),
        Api::Chartbeat(host, key) => Box::new(Chartbeat {
            host,
            key: known(key)?,
            asked,
        }),
        Api::Cloudflare(zone, token) => Box::new(Cloudflare {
            zone,
            token: known(token)?,
            asked,
        }),
        Api::ClickHouse(statement, login) => Box::new(ClickHouse {
            statement,
            login: match login {
                Some((user, password)) => Some((user, known(password)?)),
                None => None,
            },
            asked,
            time_limit,
        }),
        Api::BigQuery(project, statement, account) => Box::new(BigQuery::new(
            project,
            statement,
            known(account)?,
            asked,
            time_limit,
        )),
    })
}
