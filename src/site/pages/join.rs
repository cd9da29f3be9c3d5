//! Subscribing.

use axum::extract::{Extension, Request, State};
use axum::response::Response;
use tokio::time::Instant;

use super::form::FormEntries;
use super::meters::ServiceCall;
use super::state::{self, Client, Here};
use crate::model::address::Address;
use crate::model::inbox;
use crate::model::line::Line;
use crate::model::reader::SignUp;

/// The form, for the record of what somebody agreed to: counts up when what it asks changes.
const FORM: &str = "page 1";

pub(super) async fn form(State(pages): Here) -> Response {
    pages.frame.join(&FormEntries::default(), false)
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
    let draft = form.draft(&publication.sections);
    let address = Address::parse(form.get("email")).ok();
    let Some(address) = address.filter(|one| inbox::unreachable(one).is_none()) else {
        return Err(frame.join(&draft, true));
    };
    let taken = pages.shares.take(client, Instant::now());
    taken.map_err(|wait| frame.busy(wait))?;
    let today = publication.newsletter.zone.day((publication.clock)());
    let sign_up = SignUp {
        address: address.clone(),
        name: draft.name,
        sections: draft.sections,
        form: Line::clean(FORM),
        consent: Line::clean(&format!("{} ({today})", frame.consent())),
        client: Some(client),
    };
    pages
        .ask(ServiceCall::SignUp, |it| it.sign_up(sign_up))
        .await?;
    Ok(frame.sent(Some(&address)))
}
