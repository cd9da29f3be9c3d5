//! Where mail providers tell what became of our letters: `/hooks/PROVIDER/SECRET`.
//!
//! A request is believed in this order: the secret in its address, where it comes from, its log-in, then its signature. What is answered with 200 is on the disk.
//! A wrong secret gets the same page as any address that is not there, and a client that tries many is slowed down.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Extension, Path, Request, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use tokio::time::{Instant, timeout};

use super::event_state::{NotHeard, asked};
use super::guard::only;
use super::limits;
use super::meters::ServiceCall;
use super::state::{Client, Here, PATIENCE, SiteState, body_of};
use crate::bounce::provider::{
    Batch, Envelope, EnvelopeKind, Once, Proof, ProofError, Provider, Signatures,
};
use crate::config::EventSource;
use crate::site::service::{Service, SiteEvent, Taken};

/// The most octets of a body: SendGrid sends up to 768 kB.
const BODY: usize = 1 << 20;

/// Takes what a provider sends.
pub(super) async fn take(
    State(pages): Here,
    Extension(Client(client)): Extension<Client>,
    Path((name, secret)): Path<(String, String)>,
    request: Request,
) -> Response {
    let service = &pages.service;
    let mut sources = service.events.iter();
    let source = sources.find(|source| source.provider.name() == name);
    let source = source.filter(|source| source.is_secret(&secret, &service.keys));
    let Some(source) = source else {
        let wrong = &pages.events.wrong;
        let taken = wrong.take(limits::client(client), Instant::now());
        return taken.map_or_else(|wait| pages.frame.busy(wait), |()| pages.frame.lost());
    };
    let headers = request.headers().clone();
    if !source.allow.is_empty() && !source.allow.iter().any(|network| network.holds(client)) {
        return says(StatusCode::FORBIDDEN, "not from that address");
    }
    if !logs_in(source, &headers) {
        let asks = [(header::WWW_AUTHENTICATE, "Basic realm=\"events\"")];
        return (StatusCode::UNAUTHORIZED, asks, "a log-in is needed\n").into_response();
    }
    // No provider packs what it sends; what is packed could be anything once it is unpacked.
    let encoding = headers.get(header::CONTENT_ENCODING);
    if encoding.is_some_and(|encoding| encoding != "identity") {
        return says(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send it unpacked");
    }
    let Ok(Ok(_held)) = timeout(PATIENCE, pages.events.bodies.acquire()).await else {
        return later();
    };
    let body = match body_of(request, BODY).await {
        Ok(body) => body,
        Err(status) => return says(status, "too long or too slow"),
    };
    match believed(&pages, source, &headers, &body).await {
        Ok(Heard::Events(batch, once)) => written(&pages, source.provider, batch, once).await,
        Ok(Heard::Nothing) => says(StatusCode::OK, "taken"),
        Err(NotHeard::Shape) => says(StatusCode::BAD_REQUEST, "no events of that provider"),
        Err(NotHeard::Later) => later(),
        Err(NotHeard::Proof(error)) => refused(&pages, source.provider, error),
    }
}

/// What a request that is believed holds.
enum Heard {
    Events(Batch, Option<Once>),
    /// A subscription to a topic that was confirmed, or has ended.
    Nothing,
}

async fn believed(
    pages: &SiteState,
    source: &EventSource,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Heard, NotHeard> {
    const SIGNATURE: HeaderName = HeaderName::from_static("x-twilio-email-event-webhook-signature");
    const TIMESTAMP: HeaderName = HeaderName::from_static("x-twilio-email-event-webhook-timestamp");
    let now = pages.service.now();
    let mut once = None;
    let read = |body: &[u8]| source.provider.read(body).map_err(|_| NotHeard::Shape);
    match &source.proof {
        Proof::Address => {}
        Proof::Unknown => return Err(NotHeard::Proof(ProofError::Unsigned)),
        Proof::SigningKey(key) => once = Some(key.proves(body, now).map_err(NotHeard::Proof)?),
        Proof::PublicKey(key) => {
            let signatures = Signatures {
                signature: only(headers, &SIGNATURE),
                timestamp: only(headers, &TIMESTAMP),
            };
            let proves = key.proves(signatures, body, now);
            proves.map_err(NotHeard::Proof)?;
        }
        Proof::Topics(topics) => {
            let envelope = Envelope::read(body, topics, now).map_err(NotHeard::Proof)?;
            let certificate = pages.events.certificate(&envelope.certificate).await?;
            let proven = envelope.proven_by(&certificate);
            proven.map_err(NotHeard::Proof)?;
            match envelope.kind {
                EnvelopeKind::Notification(message) => {
                    // What is no notification of SES, such as a test of the topic, is none of ours.
                    let batch = read(message.as_bytes()).unwrap_or(Batch {
                        others: 1,
                        ..Batch::default()
                    });
                    return Ok(Heard::Events(batch, None));
                }
                EnvelopeKind::Subscription(link) => {
                    asked(&link).await?;
                    pages.service.tell(&SiteEvent::Subscribed);
                    return Ok(Heard::Nothing);
                }
                EnvelopeKind::Ended => return Ok(Heard::Nothing),
            }
        }
    }
    Ok(Heard::Events(read(body)?, once))
}

async fn written(
    pages: &SiteState,
    provider: Provider,
    batch: Batch,
    once: Option<Once>,
) -> Response {
    let take = |service: Arc<Service>| service.take_events(batch, once);
    match pages.ask(ServiceCall::Events, take).await {
        Ok(Taken::Yes(counts)) => {
            pages.events.count(provider, counts);
            says(StatusCode::OK, "taken")
        }
        Ok(Taken::Used) => refused(pages, provider, ProofError::Used),
        Err(_) => later(),
    }
}

fn refused(pages: &SiteState, provider: Provider, error: ProofError) -> Response {
    if pages.events.refuse(provider) {
        let event = SiteEvent::EventsRefused(provider, error);
        pages.service.tell(&event);
    }
    says(StatusCode::FORBIDDEN, &error.to_string())
}

fn logs_in(source: &EventSource, headers: &HeaderMap) -> bool {
    let told = only(headers, &header::AUTHORIZATION).unwrap_or_default();
    let told = match told.split_once(' ') {
        Some((scheme, told)) if scheme.eq_ignore_ascii_case("basic") => told.trim(),
        _ => "",
    };
    let told = BASE64.decode(told).unwrap_or_default();
    let told = String::from_utf8(told).unwrap_or_default();
    let (user, password) = told.split_once(':').unwrap_or_default();
    source.is_login(user, password)
}

fn says(status: StatusCode, what: &str) -> Response {
    (status, format!("{what}\n")).into_response()
}

fn later() -> Response {
    let wait = [(header::RETRY_AFTER, "30")];
    (StatusCode::SERVICE_UNAVAILABLE, wait, "later\n").into_response()
}
