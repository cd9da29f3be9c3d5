//! Umami 3: expanded metrics of paths. Its plain metrics count sessions, not views.

use std::borrow::Cow;

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::answer::{Count, Rows, json};
use super::conversation::{Conversation, Fault, Request, Wanted, below};
use super::service::Login;
use super::span::Span;
use super::tally::Tally;
use crate::model::letter_links::EditionLinks;
use crate::model::line::Line;
use crate::model::when::When;

const PAGE: usize = 500;
/// Pages of one asking; behind them are paths that nobody reads.
const MOST: usize = 40;

pub(super) struct Umami {
    website: String,
    server: Url,
    login: Credentials,
    span: Span,
    wanted: Wanted,
    pages: usize,
}

/// How the service knows us.
enum Credentials {
    Key(SecretString),
    /// Not yet.
    User(String, SecretString),
    Token(SecretString),
}

impl Umami {
    pub(super) fn new(
        website: String,
        server: Url,
        login: Login,
        span: Span,
        wanted: Wanted,
    ) -> Result<Self, Line> {
        let login = match login {
            Login::Key(key) => Credentials::Key(key?),
            Login::User { name, password } => Credentials::User(name, password?),
        };
        Ok(Self {
            website,
            server,
            login,
            span,
            wanted,
            pages: 0,
        })
    }

    /// The cloud's API has its version in the server's address, one's own has it below `api`.
    fn is_cloud(&self) -> bool {
        self.server.host_str() == Some("api.umami.is")
    }

    fn address(&self, path: &str) -> Url {
        if self.is_cloud() {
            below(&self.server, path)
        } else {
            below(&self.server, &format!("api/{path}"))
        }
    }

    fn query(&self) -> Request {
        let (kind, end) = match &self.wanted {
            Wanted::Views => ("path", self.span.to),
            Wanted::Arrivals(links) => ("query", self.span.to.min(links.until)),
        };
        let mut url = self.address(&format!("websites/{}/metrics/expanded", self.website));
        url.query_pairs_mut()
            .append_pair("type", kind)
            .append_pair("startAt", &self.span.from.timestamp_millis().to_string())
            .append_pair("endAt", &end.timestamp_millis().to_string())
            .append_pair("limit", &PAGE.to_string())
            .append_pair("offset", &(self.pages * PAGE).to_string());
        match &self.login {
            Credentials::Key(key) if self.is_cloud() => Request::get(url)
                .header("x-umami-api-key", key.clone())
                .hides(key),
            Credentials::Key(token) | Credentials::Token(token) | Credentials::User(_, token) => {
                Request::get(url).bearer(token)
            }
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

impl Conversation for Umami {
    fn begin(&mut self) -> Result<Request, Fault> {
        let Credentials::User(name, password) = &self.login else {
            return Ok(self.query());
        };
        let body = json!({"username": name, "password": password.expose_secret()});
        Ok(Request::post_json(self.address("auth/login"), &body).hides(password))
    }

    fn hear(&mut self, body: &[u8], tally: &mut Tally) -> Result<Option<Request>, Fault> {
        if let Credentials::User(..) = self.login {
            let Token { token } = json(body)?;
            self.login = Credentials::Token(SecretString::from(token));
            return Ok(Some(self.query()));
        }
        let rows: Rows<Row<'_>> = json(body)?;
        if rows.0.iter().any(|row| row.y.is_some()) {
            return Err(Fault::says(SESSIONS));
        }
        match &self.wanted {
            Wanted::Views => take(&rows, tally),
            Wanted::Arrivals(links) => take_arrivals(&rows, links, tally)?,
        }
        self.pages += 1;
        let is_last = rows.0.len() < PAGE;
        if !is_last && self.pages == MOST {
            tally.note("only its 20,000 most visited paths were read");
        }
        Ok((!is_last && self.pages < MOST).then(|| self.query()))
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
pub(super) fn saved(body: &[u8], tally: &mut Tally) -> Result<(), Fault> {
    take(&json(body)?, tally);
    Ok(())
}

/// Takes views by the query of their address: it has no path beside it, so the query must say the place.
fn take_arrivals(
    rows: &Rows<Row<'_>>,
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
    for row in &rows.0 {
        let query = row
            .name
            .as_deref()
            .unwrap_or_default()
            .trim_start_matches('?');
        if let (Some(values), Some(views)) = (links.values_in(query.as_bytes()), &row.pageviews) {
            tally.arrival(&values, None, Some(asked), views);
        }
    }
    Ok(())
}

fn take(rows: &Rows<Row<'_>>, tally: &mut Tally) {
    for row in &rows.0 {
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
    }
}
