//! From a request to its answer. What a reader's own pages do is in `reader`, what is there for everybody in `archive`.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::request::Parts;
use axum::http::{Method, Request, Response, StatusCode, header};
use tokio::time::{Instant, timeout};

use super::archive::Archive;
use super::form::Form;
use super::guard::{self, Called};
use super::html::Frame;
use super::limits::{self, Buckets, Counts, Rate, Shares};
use super::meters::{self, Meters};
use super::only;
use super::reply::Reply;
use super::route::Page;
use super::{Options, Visit};
use crate::model::address::Address;
use crate::model::ask::{Answer, Ask, Door, SignUp};
use crate::model::inbox;
use crate::model::line::Line;

/// Longer than this neither a request's body is waited for nor an answer of the ledger: ten seconds together.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most octets of a body.
const BODY: usize = 16 << 10;
/// Sign-ups of a client: so many at once, then one in so long. An office is one client.
const SIGN_UPS: Rate = Rate {
    burst: 10,
    refill: Duration::from_secs(30),
};
/// What else a client may ask of the ledger; leaving has no limit.
const ASKS: Rate = Rate {
    burst: 60,
    refill: Duration::from_secs(2),
};
/// The form, for the record of what somebody agreed to: counts up when what it asks changes.
const FORM: &str = "page 1";
/// The most letters of a name.
const NAME: usize = 100;

/// Everything that outlives a request.
pub(super) struct Desk {
    pub(super) frame: Frame,
    pub(super) archive: Archive,
    pub(super) connections: Counts,
    door: Door,
    listens: SocketAddr,
    meters: Meters,
    sign_ups: Buckets,
    shares: Shares,
    asks: Buckets,
}

/// What is known of who asks.
pub(super) struct Visitor {
    pub(super) parts: Parts,
    pub(super) body: Body,
    pub(super) client: IpAddr,
}

impl Desk {
    /// `listens` is the listener's own address.
    pub(super) fn new(options: Options, door: Door, listens: SocketAddr) -> Self {
        Self {
            frame: Frame::new(options),
            archive: Archive::default(),
            connections: Counts::default(),
            door,
            listens,
            meters: Meters::new(),
            sign_ups: Buckets::new(SIGN_UPS),
            shares: Shares::default(),
            asks: Buckets::new(ASKS),
        }
    }

    /// Answers, and reports that it has.
    pub(super) async fn answer(
        &self,
        peer: IpAddr,
        request: Request<Body>,
    ) -> Result<Response<Body>, Infallible> {
        let began = Instant::now();
        let (parts, body) = request.into_parts();
        let client = self.frame.options.proxies.client(&parts.headers, peer);
        let is_post = parts.method == Method::POST;
        let visitor = Visitor {
            parts,
            body,
            client,
        };
        let (page, reply) = self.reply(visitor).await;
        let visit = Visit {
            page: page.name(),
            is_post,
            status: reply.status.as_u16(),
            took: began.elapsed(),
        };
        self.meters.visit(page, &visit);
        (self.frame.options.report)(&visit);
        Ok(reply.into_response())
    }

    async fn reply(&self, visitor: Visitor) -> (Page, Reply) {
        let (parts, public) = (&visitor.parts, &self.frame.options.public);
        let (headers, uri) = (&parts.headers, &parts.uri);
        let Some(called) = guard::called(headers, uri, public, self.listens) else {
            let line = "this server does not answer to that name\n";
            return (
                Page::Other,
                Reply::line(StatusCode::MISDIRECTED_REQUEST, line),
            );
        };
        let (page, rest) = Page::of(uri.path(), public);
        if page == Page::Other
            || (page.is_internal() && (called == Called::Public || guard::is_forwarded(headers)))
        {
            return (Page::Other, self.frame.lost());
        }
        if !page.answers(&parts.method) {
            let reply = Reply::line(
                StatusCode::METHOD_NOT_ALLOWED,
                "this page does not answer to that method\n",
            );
            return (page, reply.with(header::ALLOW, page.allowed()));
        }
        let is_post = parts.method == Method::POST;
        let reply = match page {
            Page::Join if is_post => self.sign_up(visitor).await,
            Page::Join => self.frame.join(&Draft::default(), false),
            Page::Confirm | Page::Leave | Page::Preferences | Page::Export | Page::Erase => {
                let text = rest.to_owned();
                self.reader(page, &text, is_post, visitor).await
            }
            Page::Editions => self.editions(uri.query(), headers).await,
            Page::Edition => self.edition(rest, headers).await,
            Page::Feed => self.feed(headers).await,
            Page::Style => self.frame.style.reply(headers),
            Page::Health => Reply::line(StatusCode::OK, "alive\n"),
            Page::Ready => match self.ask(Ask::Ready).await {
                Answer::Done => Reply::line(StatusCode::OK, "ready\n"),
                _ => Reply::line(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "the ledger cannot be written\n",
                ),
            },
            Page::Metrics => self.metrics().await,
            Page::Other => self.frame.lost(),
        };
        (page, reply)
    }

    /// Asks at the door; whoever does not answer in time could not.
    pub(super) async fn ask(&self, ask: Ask) -> Answer {
        let kind = meters::kind(&ask);
        let answer = timeout(PATIENCE, (self.door)(ask))
            .await
            .unwrap_or(Answer::Later);
        self.meters.asked(kind, &answer);
        answer
    }

    /// Whether a client has asked too often.
    pub(super) fn too_often(&self, client: IpAddr) -> Option<Reply> {
        let wait = self
            .asks
            .take(limits::client(client), Instant::now())
            .err()?;
        Some(self.frame.busy(wait))
    }

    /// What an answer says that no page expects: there is nobody, or not now.
    pub(super) fn otherwise(&self, answer: &Answer) -> Reply {
        match answer {
            Answer::Unknown => self.frame.lost(),
            Answer::Expired => self.frame.expired(),
            _ => self.frame.later(),
        }
    }

    async fn sign_up(&self, visitor: Visitor) -> Reply {
        let options = &self.frame.options;
        if guard::is_foreign(&visitor.parts.headers, &options.public) {
            return Reply::line(
                StatusCode::FORBIDDEN,
                "this form can only be sent from its own page\n",
            );
        }
        let client = visitor.client;
        if let Err(wait) = self.sign_ups.take(limits::client(client), Instant::now()) {
            return self.frame.busy(wait);
        }
        let form = match visitor.form().await {
            Ok(form) => form,
            Err(reply) => return reply,
        };
        if !form.get("website").is_empty() {
            // It believes that it was heard.
            self.meters.trapped();
            return self.frame.sent(None);
        }
        let draft = Draft::of(&form, &options.sections);
        let address = Address::parse(form.get("email")).ok();
        let Some(address) = address.filter(|one| inbox::unreachable(one).is_none()) else {
            return self.frame.join(&draft, true);
        };
        if let Err(wait) = self.shares.take(client, Instant::now()) {
            return self.frame.busy(wait);
        }
        let today = options.newsletter.zone.day((options.now)());
        let ask = Ask::SignUp(Box::new(SignUp {
            address: address.clone(),
            name: draft.name,
            sections: draft.sections,
            form: Line::clean(FORM),
            consent: Line::clean(&format!("{} ({today})", self.frame.consent())),
            client: Some(client),
        }));
        match self.ask(ask).await {
            Answer::Done => self.frame.sent(Some(&address)),
            answer => self.otherwise(&answer),
        }
    }

    async fn metrics(&self) -> Reply {
        let others = match self.ask(Ask::Numbers).await {
            Answer::Numbers(numbers) => numbers,
            // What is counted here is most wanted when the ledger cannot answer.
            _ => Vec::new(),
        };
        Reply::of(
            "text/plain; version=0.0.4; charset=utf-8",
            self.meters.text(self.connections.total(), &others),
        )
    }
}

impl Visitor {
    /// What was sent: of which type, and what.
    ///
    /// # Errors
    /// The answer to one that is too long or too slow.
    pub(super) async fn body(self) -> Result<(String, Bytes), Reply> {
        let long = || Reply::line(StatusCode::PAYLOAD_TOO_LARGE, "this form is too long\n");
        let said = only(&self.parts.headers, &header::CONTENT_LENGTH)
            .and_then(|length| length.parse().ok());
        if said.is_some_and(|length: u64| length > BODY as u64) {
            return Err(long());
        }
        let body = timeout(PATIENCE, to_bytes(self.body, BODY)).await;
        let body = body
            .map_err(|_| Reply::line(StatusCode::REQUEST_TIMEOUT, "this form came too slowly\n"))?;
        let kind = only(&self.parts.headers, &header::CONTENT_TYPE).unwrap_or_default();
        Ok((kind.to_owned(), body.map_err(|_| long())?))
    }

    /// What the form sent.
    ///
    /// # Errors
    /// As [`Visitor::body`], and the answer to what is no form.
    pub(super) async fn form(self) -> Result<Form, Reply> {
        let (kind, body) = self.body().await?;
        let unread = "this is no form that can be read\n";
        Form::parse(&kind, &body).ok_or_else(|| Reply::line(StatusCode::BAD_REQUEST, unread))
    }
}

/// What somebody wrote into the form to subscribe.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// As it was written, to be shown again.
    pub(super) email: String,
    pub(super) name: Option<Line>,
    pub(super) sections: Vec<Line>,
}

impl Draft {
    fn of(form: &Form, offered: &[Line]) -> Self {
        Self {
            email: Line::clean_to(form.get("email"), 254).to_string(),
            name: name(form),
            sections: sections(form, offered),
        }
    }
}

/// The name in a form.
pub(super) fn name(form: &Form) -> Option<Line> {
    Some(Line::clean_to(form.get("name"), NAME)).filter(|name| !name.is_empty())
}

/// Those of the offered sections that a form names; all of them is the same as none.
pub(super) fn sections(form: &Form, offered: &[Line]) -> Vec<Line> {
    let named = |section: &&Line| form.all("section").any(|value| value == section.as_str());
    let chosen: Vec<Line> = offered.iter().filter(named).cloned().collect();
    if chosen.len() == offered.len() {
        Vec::new()
    } else {
        chosen
    }
}
