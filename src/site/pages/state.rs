//! What outlives a request, and what every page may do with one: ask the service, count, read a body.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Bytes, to_bytes};
use axum::extract::{Extension, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tokio::time::{Instant, timeout};

use super::event_state::EventState;
use super::form::{Form, is_no_form};
use super::guard::{Proxies, Sender, only};
use super::html::{Offers, PageFrame};
use super::kept::PictureCache;
use super::limits::{self, BucketRate, Buckets, ConnectionCounts, Shares};
use super::meters::{Meters, ServiceCall};
use crate::model::line::Line;
use crate::model::newsletter_name::{NewsletterKey, NewsletterName};
use crate::model::rhythm::Frequency;
use crate::site::Publication;
use crate::site::service::{NotDone, Profile, Service};

/// Longer than this neither a request's body is waited for nor an answer of the ledger: ten seconds together.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// The most octets of a body.
const BODY: usize = 16 << 10;
/// Sign-ups of a client: so many at once, then one in so long. An office is one client.
const SIGN_UPS: BucketRate = BucketRate {
    burst: 10,
    refill: Duration::from_secs(30),
};
/// Answers of a client to editions' questions. A household or an office is one client.
const ANSWERS: BucketRate = BucketRate {
    burst: 10,
    refill: Duration::from_mins(1),
};
/// What else a client may ask of the ledger; leaving has no limit.
const ASKS: BucketRate = BucketRate {
    burst: 60,
    refill: Duration::from_secs(2),
};

/// Everything that outlives a request.
pub(super) struct SiteState {
    pub(super) service: Arc<Service>,
    /// Of pages that are no newsletter's own: as the first that is every reader's.
    pub(super) frame: Arc<PageFrame>,
    /// Of each newsletter, by name.
    pub(super) frames: Vec<Arc<PageFrame>>,
    /// Of the alerts as they were last served.
    alerts: Mutex<Option<Arc<PageFrame>>>,
    pub(super) pictures: PictureCache,
    pub(super) proxies: Proxies,
    pub(super) connections: ConnectionCounts,
    pub(super) meters: Meters,
    pub(super) sign_ups: Buckets,
    pub(super) shares: Shares,
    pub(super) answers: Buckets,
    pub(super) events: EventState,
    asks: Buckets,
}

/// The pages, as axum hands them to each.
pub(super) type Here = State<Arc<SiteState>>;

/// Who asks.
#[derive(Clone, Copy)]
pub(super) struct Client(pub(super) IpAddr);

impl SiteState {
    pub(super) fn new(service: Arc<Service>) -> Self {
        let publications = service.publications.iter().map(Arc::clone);
        let frames: Vec<_> = publications.map(PageFrame::new).map(Arc::new).collect();
        let front = service.front();
        let frame = Arc::clone(&frames[front]);
        Self {
            proxies: Proxies(frame.publication.trusted_proxies.clone()),
            alerts: Mutex::default(),
            frame,
            frames,
            service,
            pictures: PictureCache::default(),
            connections: ConnectionCounts::default(),
            meters: Meters::new(),
            sign_ups: Buckets::new(SIGN_UPS),
            shares: Shares::default(),
            answers: Buckets::new(ANSWERS),
            events: EventState::new(),
            asks: Buckets::new(ASKS),
        }
    }

    /// What the paper is called, where one can leave all of its newsletters; `None`: there is one.
    pub(super) fn paper(&self) -> Option<&Line> {
        let from = &self.frame.publication.newsletter.from;
        let several = (!self.service.newsletters.is_empty()).then_some(&from.name)?;
        several
            .as_ref()
            .or(Some(&self.frame.publication.newsletter.name))
    }

    /// The newsletters that one can choose from; none: there is one.
    pub(super) fn choices(&self) -> Vec<&Publication> {
        let all = self.frames.iter().map(|frame| &*frame.publication);
        all.filter(|one| one.name().is_some()).collect()
    }

    /// What weekly readers get instead of the newsletter of that frame, if anything.
    pub(super) fn week_of(&self, frame: &PageFrame) -> Option<&Publication> {
        let name = frame.publication.name()?;
        let week = self.service.weeks_of(name).next()?;
        self.publication_of(week)
    }

    /// The ids of the newsletters of the week that the reader gets instead of others.
    pub(super) fn weeks_instead(&self, profile: &Profile) -> Vec<String> {
        if profile.preferences.rhythm.frequency == Frequency::Daily {
            return Vec::new();
        }
        let weeks = self.service.weeks_of_any(&profile.gets);
        weeks.map(|week| week.id.clone()).collect()
    }

    /// What the reader may choose from.
    pub(super) fn offers<'a>(
        &'a self,
        profile: &Profile,
        leave_all: Option<&'a Line>,
    ) -> Offers<'a> {
        let weeks = self.service.weeks_of_any(&profile.gets);
        Offers {
            newsletters: self.choices(),
            leave_all,
            weeks: weeks.filter_map(|week| self.publication_of(week)).collect(),
            alerts: self.service.alerts().is_some(),
        }
    }

    /// Those that a form names.
    pub(super) fn chosen(&self, form: &Form) -> Vec<NewsletterName> {
        let names = self
            .frames
            .iter()
            .filter_map(|frame| frame.publication.name());
        let named = |name: &&NewsletterName| form.all("newsletter").any(|one| one == name.as_str());
        names.filter(named).cloned().collect()
    }

    /// The frame of the newsletter of that name, or of the alerts; without a name, that of the only one.
    pub(super) fn frame_of(&self, name: Option<&NewsletterName>) -> Option<Arc<PageFrame>> {
        let mut frames = self.all_frames();
        frames.find(|frame| frame.publication.name() == name)
    }

    /// Those of the newsletters and of the alerts.
    pub(super) fn all_frames(&self) -> impl Iterator<Item = Arc<PageFrame>> {
        self.frames.iter().cloned().chain(self.frame_of_alerts())
    }

    fn frame_of_alerts(&self) -> Option<Arc<PageFrame>> {
        let served = self.service.alerts();
        let mut held = self.alerts.lock().unwrap_or_else(PoisonError::into_inner);
        let is_served = |frame: &Arc<PageFrame>| {
            served
                .as_ref()
                .is_some_and(|one| Arc::ptr_eq(one, &frame.publication))
        };
        if !held.as_ref().is_some_and(is_served) {
            *held = served.map(PageFrame::new).map(Arc::new);
        }
        held.clone()
    }

    fn publication_of(&self, key: &NewsletterKey) -> Option<&Publication> {
        let mut all = self.frames.iter().map(|frame| &*frame.publication);
        all.find(|one| one.name() == Some(&key.name))
    }

    /// The frame on whose form that version of the sentence to agree to is; `None`: it was on an older form.
    pub(super) fn frame_of_consent(&self, version: &str) -> Option<&Arc<PageFrame>> {
        let paper = self.paper();
        let mut frames = std::iter::once(&self.frame).chain(&self.frames);
        frames.find(|frame| frame.consent(paper).version == version)
    }

    /// The page for a form that is of a foreign page, or for a client that has sent too many; `None` lets it through.
    pub(super) fn refusal(
        &self,
        sender: Sender<'_>,
        client: IpAddr,
        limit: &Buckets,
    ) -> Option<Response> {
        if sender == Sender::Foreign {
            return Some(self.frame.refused());
        }
        let taken = limit.take(limits::client(client), Instant::now());
        taken.err().map(|wait| self.frame.busy(wait))
    }

    /// Waits for the service's answer, but not for ever.
    ///
    /// # Errors
    /// The page that says why there is none.
    pub(super) async fn ask<T: Send + 'static, A>(
        &self,
        asked: ServiceCall,
        ask: impl FnOnce(Arc<Service>) -> A,
    ) -> Result<T, Response>
    where
        A: Future<Output = Result<T, NotDone>> + Send + 'static,
    {
        // A task of its own: what was begun is finished, merged and told of, also when nobody waits for it any more.
        let answer = tokio::spawn(ask(Arc::clone(&self.service)));
        let answer = match timeout(PATIENCE, answer).await {
            Ok(Ok(answer)) => answer,
            _ => Err(NotDone::Later),
        };
        self.meters.asked(asked, answer.as_ref().err().copied());
        answer.map_err(|not_done| match not_done {
            NotDone::Unknown => self.frame.lost(),
            NotDone::Expired => self.frame.expired(),
            NotDone::Later => self.frame.later(),
        })
    }
}

/// Lets a client through that has not asked too often.
pub(super) async fn limited(
    State(pages): Here,
    Extension(Client(client)): Extension<Client>,
    request: Request,
    next: Next,
) -> Response {
    match pages.asks.take(limits::client(client), Instant::now()) {
        Ok(()) => next.run(request).await,
        Err(wait) => pages.frame.busy(wait),
    }
}

/// Whether the ledger can be written.
pub(super) async fn ready(State(pages): Here) -> (StatusCode, &'static str) {
    match pages.ask(ServiceCall::Ready, Service::ready).await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the ledger cannot be written\n",
        ),
    }
}

pub(super) async fn metrics(State(pages): Here) -> Response {
    // What is counted here is most wanted when the ledger cannot answer.
    let others = pages.ask(ServiceCall::Numbers, Service::metrics).await;
    let mut others = others.unwrap_or_default();
    others.extend(pages.events.metrics(&pages.service.events));
    let text = pages.meters.text(pages.connections.total(), &others);
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

/// What was sent: of which type, and what.
///
/// # Errors
/// The answer to one that is too long or too slow.
pub(super) async fn body(frame: &PageFrame, request: Request) -> Result<(String, Bytes), Response> {
    let kind = only(request.headers(), &header::CONTENT_TYPE).unwrap_or_default();
    let kind = kind.to_owned();
    let body = body_of(request, BODY).await;
    Ok((kind, body.map_err(|status| frame.unread(status))?))
}

/// A body of at most so many octets.
///
/// # Errors
/// It is longer (413), or too slow (408).
pub(super) async fn body_of(request: Request, most: usize) -> Result<Bytes, StatusCode> {
    let said = only(request.headers(), &header::CONTENT_LENGTH);
    if said.is_some_and(|said| said.parse().is_ok_and(|length: u64| length > most as u64)) {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let body = timeout(PATIENCE, to_bytes(request.into_body(), most)).await;
    let body = body.map_err(|_| StatusCode::REQUEST_TIMEOUT)?;
    body.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)
}

/// What the form sent.
///
/// # Errors
/// As [`body`], and the answer to what is no form.
pub(super) async fn form(frame: &PageFrame, request: Request) -> Result<Form, Response> {
    let (kind, body) = body(frame, request).await?;
    if is_no_form(&kind) {
        return Err(frame.unread(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    Form::parse(&kind, &body).ok_or_else(|| frame.unread(StatusCode::BAD_REQUEST))
}
