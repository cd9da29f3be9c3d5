//! Umami 3: expanded metrics of paths. Its plain metrics count sessions, not views.

use std::borrow::Cow;

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::answer::{Count, Rows, json};
use super::conversation::{Asked, Conversation, Paging, Wanted};
use super::fault::Fault;
use super::newest::Newest;
use super::request::{Request, below};
use super::service::Login;
use super::span::Span;
use super::tally::Tally;
use crate::model::letter_links::EditionLinks;
use crate::model::line::Line;
use crate::model::when::When;

/// Rows of one answer: as many as there are in one that asks for no number.
const PAGE: u64 = 500;
const MOST: u64 = 20_000;

pub(super) struct Umami<'s> {
    website: &'s str,
    asked: Asked<'s>,
    login: Credentials<'s>,
    paging: Paging,
    newest: Option<Newest>,
}

/// How the service knows us.
enum Credentials<'s> {
    Key(&'s SecretString),
    /// Not yet.
    User(&'s str, &'s SecretString),
    Token(SecretString),
}

impl<'s> Umami<'s> {
    pub(super) fn new(website: &'s str, login: &'s Login, asked: Asked<'s>) -> Result<Self, Line> {
        let known = |secret: &'s Result<SecretString, Line>| secret.as_ref().map_err(Clone::clone);
        let login = match login {
            Login::Key(key) => Credentials::Key(known(key)?),
            Login::User { name, password } => Credentials::User(name, known(password)?),
        };
        Ok(Self {
            website,
            asked,
            login,
            paging: Paging::new(PAGE, MOST),
            newest: None,
        })
    }

    /// The cloud's API has its version in the server's address, one's own has it below `api`.
    fn is_cloud(&self) -> bool {
        self.asked.server.host_str() == Some("api.umami.is")
    }

    fn address(&self, path: &str) -> Url {
        if self.is_cloud() {
            below(self.asked.server, path)
        } else {
            below(self.asked.server, &format!("api/{path}"))
        }
    }

    fn query(&self) -> Request {
        let kind = self.asked.links().map_or("path", |_| "query");
        let (span, limit) = match &self.newest {
            Some(newest) => (newest.span(), 1),
            None => (
                Span {
                    from: self.asked.span.from,
                    to: self.asked.end(),
                },
                PAGE,
            ),
        };
        let offset = self.newest.as_ref().map_or(self.paging.offset, |_| 0);
        let mut url = self.address(&format!("websites/{}/metrics/expanded", self.website));
        url.query_pairs_mut()
            .append_pair("type", kind)
            .append_pair("startAt", &span.from.timestamp_millis().to_string())
            .append_pair("endAt", &span.to.timestamp_millis().to_string())
            .append_pair("limit", &limit.to_string())
            .append_pair("offset", &offset.to_string());
        let request = Request::get(url);
        match &self.login {
            Credentials::Key(key) if self.is_cloud() => {
                request.header("x-umami-api-key", (*key).clone()).hides(key)
            }
            Credentials::Key(token) | Credentials::User(_, token) => request.bearer(token),
            Credentials::Token(token) => request.bearer(token),
        }
    }
}

#[derive(Deserialize)]
struct Token {
    token: String,
}

#[derive(Deserialize)]
struct Row<'a> {
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    pageviews: Option<Count>,
    /// Of the plain metrics.
    #[serde(borrow)]
    x: Option<Cow<'a, str>>,
    y: Option<Count>,
}

const SESSIONS: &str = "counts sessions, not views (Umami's plain metrics)";

impl Conversation for Umami<'_> {
    fn begin(&mut self) -> Result<Request, Fault> {
        let Credentials::User(name, password) = &self.login else {
            return Ok(self.query());
        };
        let body = json!({"username": name, "password": password.expose_secret()});
        Ok(Request::post_json(self.address("auth/login"), &body).hides(password))
    }

    fn hear(&mut self, body: &str, tally: &mut Tally) -> Result<Option<Request>, Fault> {
        if let Credentials::User(..) = self.login {
            let Token { token } = json(body)?;
            self.login = Credentials::Token(SecretString::from(token));
            return Ok(Some(self.query()));
        }
        let rows: Rows<'_, Row<'_>> = json(body)?;
        if rows.each().flatten().any(|row| row.y.is_some()) {
            return Err(Fault::says(SESSIONS));
        }
        if let Some(newest) = &mut self.newest {
            let views = |row: Row<'_>| row.pageviews.and_then(|views| views.known());
            let is_read = rows.each().flatten().any(|row| views(row) > Some(0));
            return Ok(newest.goes_on(is_read, tally).then(|| self.query()));
        }
        match self.asked.links() {
            None => {
                tally.totals_have_no_time();
                take(&rows, tally);
            }
            Some(links) => take_arrivals(&rows, links, tally)?,
        }
        if self.paging.goes_on(rows.count(), None, tally)? {
            return Ok(Some(self.query()));
        }
        if tally.has_pages() && matches!(self.asked.wanted, Wanted::Views) {
            self.newest = Some(Newest::new(self.asked.span));
            return Ok(Some(self.query()));
        }
        Ok(None)
    }

    fn hint(&self, status: u16) -> Option<&'static str> {
        match status {
            401 | 403 => Some("may this key or user see the website?"),
            404 => Some("is it Umami 3 or newer, and the id that of a website?"),
            _ => None,
        }
    }
}

/// An answer that was saved to a file.
pub(super) fn saved(body: &str, tally: &mut Tally) -> Result<(), Fault> {
    let rows: Rows<'_, Row<'_>> = json(body)?;
    take(&rows, tally);
    tally.may_be_cut(rows.count(), PAGE, "Umami", "limit");
    Ok(())
}

/// Takes views by the query of their address: it has no path beside it, so the query must say the place.
fn take_arrivals<'a>(
    rows: &Rows<'a, Row<'a>>,
    links: &EditionLinks,
    tally: &mut Tally,
) -> Result<(), Fault> {
    if links.names().len() == links.shared().len() {
        return Err(Fault::says(
            "cannot tell arrivals: Umami keeps queries without their pages, so `[links] add` must have `{slot}`",
        ));
    }
    // It was asked for no other time than that of the edition.
    let asked = When {
        from: links.from,
        to: links.until,
    };
    tally.each(rows, "a query and its views", |tally, row| {
        let query = row.name.as_deref().unwrap_or_default();
        let values = links.values_in(query.trim_start_matches('?').as_bytes());
        if let (Some(values), Some(views)) = (values, &row.pageviews) {
            tally.arrival(&values, None, Some(asked), views);
        }
    });
    Ok(())
}

fn take<'a>(rows: &Rows<'a, Row<'a>>, tally: &mut Tally) {
    tally.each(rows, "a path and its views", |tally, row| {
        match (&row.name, &row.pageviews, &row.x, &row.y) {
            (Some(path), Some(views), ..) => tally.total(None, path, views),
            (_, _, Some(path), Some(sessions)) => {
                tally.note(SESSIONS);
                tally.total(None, path, sessions);
            }
            // Visits whose path is not known.
            (None, Some(_), ..) | (_, _, None, Some(_)) => {}
            _ => tally.unread("a path and its views", "neither"),
        }
    });
}
