//! Subscribing.

use std::sync::Arc;

use axum::extract::{Extension, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tokio::time::Instant;

use super::form::{Form, FormEntries};
use super::guard::{self, Sender};
use super::html::{Said, SignUpOffers, Wrong};
use super::meters::ServiceCall;
use super::state::{self, Client, Here, SiteState};
use crate::model::address::Address;
use crate::model::inbox;
use crate::model::line::Line;
use crate::model::origin::Origin;
use crate::model::reader::SignUp;

/// The form, for the record of what somebody agreed to: counts up when what it asks changes.
const FORM: &str = "page 1";
/// The form of several newsletters.
const FORM_OF_SEVERAL: &str = "newsletters 1";

/// `?newsletter=NAME` is for that one of several; else those are ticked that everybody gets. `?alerts=yes` ticks alerts.
pub(super) async fn form(State(pages): Here, RawQuery(query): RawQuery) -> Response {
    let query = Form::parse("", query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let asked = pages.chosen(&query);
    let all = pages.service.newsletters.iter();
    let entries = FormEntries {
        newsletters: if asked.is_empty() {
            all.filter(|one| one.is_default)
                .map(|one| one.name.clone())
                .collect()
        } else {
            asked
        },
        alerts: query.wants_alerts(),
        ..FormEntries::default()
    };
    pages.join(&entries, None)
}

pub(super) async fn sign_up(
    State(pages): Here,
    Extension(Client(client)): Extension<Client>,
    request: Request,
) -> Result<Response, Response> {
    let publication = &pages.frame.publication;
    let headers = request.headers();
    let sender = guard::sender(headers, &publication.public, &publication.forms);
    let is_named = matches!(sender, Sender::Named(_)) && !guard::wants_json(headers);
    if let Some(refusal) = pages.refusal(sender, client, &pages.sign_ups) {
        return Err(refusal);
    }
    let form = state::form(&pages.frame, request).await?;
    let chosen = pages.chosen(&form);
    // The page is that of the newsletter whose letter will ask.
    let frame = chosen.first().and_then(|name| pages.frame_of(Some(name)));
    let frame = &frame.unwrap_or_else(|| Arc::clone(&pages.frame));
    let thanks = publication.thanks.as_ref().filter(|_| is_named);
    if !form.get("website").is_empty() {
        // It believes that it was heard.
        pages.meters.asked(ServiceCall::Trapped, None);
        return Ok(frame.sent(None, thanks));
    }
    let mut draft = form.draft(&publication.sections);
    draft.newsletters = chosen;
    draft.alerts &= pages.service.alerts().is_some();
    let paper = pages.paper();
    let wrong = |wrong| pages.join(&draft, Some(wrong));
    if draft.newsletters.is_empty() && !draft.alerts && !pages.service.newsletters.is_empty() {
        return Err(wrong(Wrong::NoNewsletter));
    }
    let address = Address::parse(form.get("email")).ok();
    let Some(address) = address.filter(|one| inbox::unreachable(one).is_none()) else {
        return Err(wrong(Wrong::Address));
    };
    let version = form.get("consent");
    let on_form = pages.frame_of_consent(version);
    if on_form.is_none() && !version.is_empty() {
        return Err(wrong(Wrong::OldConsent));
    }
    let taken = pages.shares.take(client, Instant::now());
    taken.map_err(|wait| frame.busy(wait))?;
    let today = publication.newsletter.zone.day((publication.clock)());
    let own_page = if paper.is_some() {
        FORM_OF_SEVERAL
    } else {
        FORM
    };
    let mut name = match sender {
        Sender::Named(origin) => format!("form on {}", origin.as_str()),
        Sender::Ours | Sender::Foreign => own_page.to_owned(),
    };
    if draft.alerts {
        name.push_str(", with alerts");
    }
    if on_form.is_some() {
        name = format!("{name}, text {version}");
    }
    let consent = on_form.unwrap_or(frame).consent(paper);
    let sign_up = SignUp {
        address: address.clone(),
        name: draft.name,
        sections: draft.sections,
        newsletters: draft.newsletters,
        alerts: draft.alerts,
        form: Line::clean(&name),
        consent: Line::clean(&format!("{} ({today})", consent.text)),
        client: Some(client),
    };
    pages
        .ask(ServiceCall::SignUp, |it| it.sign_up(sign_up))
        .await?;
    Ok(frame.sent(Some(&address), thanks))
}

impl SiteState {
    /// The form, with what was written before and what is wrong with it.
    fn join(&self, draft: &FormEntries, wrong: Option<Wrong>) -> Response {
        let (newsletters, paper) = (self.choices(), self.paper());
        let offers = SignUpOffers {
            newsletters: &newsletters,
            alerts: self.service.alerts().is_some(),
            paper,
        };
        self.frame.join(draft, &offers, wrong)
    }
}

/// What a browser asks before a script of another site may send more than a form can.
pub(super) async fn may_send(State(pages): Here, headers: HeaderMap) -> Response {
    if guard::origin(&headers, &pages.frame.publication.forms).is_none() {
        let allowed = [(header::ALLOW, "GET,HEAD,POST,OPTIONS")];
        let page = pages.frame.unread(StatusCode::METHOD_NOT_ALLOWED);
        return (allowed, page).into_response();
    }
    let allowed = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "accept, content-type"),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    (StatusCode::NO_CONTENT, allowed).into_response()
}

/// Lets scripts of the sites that the config names read the answer, and gives them JSON if they want it.
pub(super) async fn for_sites(State(pages): Here, request: Request, next: Next) -> Response {
    let forms = &pages.frame.publication.forms;
    let origin = guard::origin(request.headers(), forms).map(Origin::as_str);
    let origin = origin.and_then(|origin| HeaderValue::from_str(origin).ok());
    let wants_json = guard::wants_json(request.headers());
    let mut response = next.run(request).await;
    let said = response.extensions_mut().remove::<Said>();
    if let Some(said) = said.filter(|_| wants_json) {
        let (status, retry) = (
            response.status(),
            response.headers_mut().remove(header::RETRY_AFTER),
        );
        response = said.json(status);
        if let Some(retry) = retry {
            response.headers_mut().insert(header::RETRY_AFTER, retry);
        }
    }
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("Accept, Origin"));
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        let exposed = HeaderValue::from_static("Retry-After");
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
    response
}
