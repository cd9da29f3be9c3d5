//! Subscribing.

use axum::extract::{Extension, RawQuery, Request, State};
use axum::response::Response;
use tokio::time::Instant;

use super::form::{Form, FormEntries};
use super::meters::ServiceCall;
use super::state::{self, Client, Here};
use crate::model::address::Address;
use crate::model::inbox;
use crate::model::line::Line;
use crate::model::reader::SignUp;

/// The form, for the record of what somebody agreed to: counts up when what it asks changes.
const FORM: &str = "page 1";
/// The form of several newsletters.
const FORM_OF_SEVERAL: &str = "newsletters 1";

/// `?newsletter=NAME` is for that one of several; else those are ticked that everybody gets.
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
        ..FormEntries::default()
    };
    pages
        .frame
        .join(&entries, &pages.choices(), pages.paper(), false)
}

pub(super) async fn sign_up(
    State(pages): Here,
    Extension(Client(client)): Extension<Client>,
    request: Request,
) -> Result<Response, Response> {
    let (frame, publication) = (&pages.frame, &pages.frame.publication);
    if let Some(refusal) = pages.refusal(request.headers(), client, &pages.sign_ups) {
        return Err(refusal);
    }
    let form = state::form(request).await?;
    if !form.get("website").is_empty() {
        // It believes that it was heard.
        pages.meters.asked(ServiceCall::Trapped, None);
        return Ok(frame.sent(None));
    }
    let mut draft = form.draft(&publication.sections);
    draft.newsletters = pages.chosen(&form);
    let (all, paper) = (pages.choices(), pages.paper());
    if draft.newsletters.is_empty() && !all.is_empty() {
        return Err(frame.join(&draft, &all, paper, false));
    }
    let address = Address::parse(form.get("email")).ok();
    let Some(address) = address.filter(|one| inbox::unreachable(one).is_none()) else {
        return Err(frame.join(&draft, &all, paper, true));
    };
    let taken = pages.shares.take(client, Instant::now());
    taken.map_err(|wait| frame.busy(wait))?;
    let today = publication.newsletter.zone.day((publication.clock)());
    let sign_up = SignUp {
        address: address.clone(),
        name: draft.name,
        sections: draft.sections,
        newsletters: draft.newsletters,
        form: Line::clean(if paper.is_some() {
            FORM_OF_SEVERAL
        } else {
            FORM
        }),
        consent: Line::clean(&format!("{} ({today})", frame.consent(paper))),
        client: Some(client),
    };
    pages
        .ask(ServiceCall::SignUp, |it| it.sign_up(sign_up))
        .await?;
    Ok(frame.sent(Some(&address)))
}
