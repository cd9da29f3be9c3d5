//! The conversation with each kind of service.

use super::conversation::{Conversation, Wanted};
use super::service::{Kind, Service};
use super::span::Span;
use super::{
    bigquery, chartbeat, clickhouse, cloudflare, ga4, goatcounter, matomo, parsely, plausible,
    umami,
};
use crate::model::line::Line;

/// The conversation that asks for `span`.
///
/// # Errors
/// A secret is missing.
pub(super) fn with(
    service: &Service,
    span: Span,
    wanted: Wanted,
) -> Result<Box<dyn Conversation>, Line> {
    let zone = service.zone.clone();
    Ok(match service.kind.clone() {
        Kind::Postgres { .. } => return Err(Line::clean("speaks no HTTP")),
        Kind::Ga4 {
            property,
            server,
            account,
        } => Box::new(ga4::Ga4::new(property, server, account?, span, wanted)),
        Kind::Plausible { site, server, key } => Box::new(plausible::Plausible::new(
            site,
            server,
            key?,
            (span, zone),
            wanted,
        )),
        Kind::Matomo {
            site,
            server,
            token,
        } => Box::new(matomo::Matomo::new(
            site,
            server,
            token?,
            (span, &zone),
            wanted,
        )),
        Kind::Umami {
            website,
            server,
            login,
        } => Box::new(umami::Umami::new(website, server, login, span, wanted)?),
        Kind::GoatCounter { server, key } => {
            Box::new(goatcounter::GoatCounter::new(server, key?, span, zone))
        }
        Kind::Parsely {
            site,
            server,
            secret,
        } => Box::new(parsely::Parsely::new(site, server, secret?, span)),
        Kind::Chartbeat { host, server, key } => {
            Box::new(chartbeat::Chartbeat::new(host, server, key?))
        }
        Kind::Cloudflare {
            zone,
            server,
            token,
        } => Box::new(cloudflare::Cloudflare::new(zone, server, token?, span)),
        Kind::ClickHouse {
            server,
            statement,
            login,
        } => Box::new(clickhouse::ClickHouse {
            server,
            statement,
            login: match login {
                Some((user, password)) => Some((user, password?)),
                None => None,
            },
            span,
            zone,
            seconds: service.time_limit.as_secs().max(1),
        }),
        Kind::BigQuery {
            project,
            server,
            statement,
            account,
        } => Box::new(bigquery::BigQuery {
            project,
            server,
            statement,
            account: account?,
            span,
            zone,
            milliseconds: service.time_limit.as_millis(),
            token: None,
            columns: None,
        }),
    })
}
