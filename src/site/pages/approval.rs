//! The page behind the link of a proof: *approve* and *hold*. GET shows and changes nothing; a button's POST acts, and spends the link.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, StatusCode};
use axum::response::Response;

use super::guard::{self, Sender};
use super::html::PageFrame;
use super::meters::ServiceCall;
use super::reader::{frame_of, open};
use super::state::{self, Here, SiteState};
use crate::model::approval::Pressed;
use crate::model::token::{Purpose, Token};
use crate::site::service::Pressing;

/// An approver's link.
pub(super) struct Link {
    number: u64,
    token: String,
    newsletter: String,
    frame: Arc<PageFrame>,
}

fn number(token: &Token) -> Option<u64> {
    (token.purpose == Purpose::Approve).then_some(token.number)
}

impl FromRequestParts<Arc<SiteState>> for Link {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        pages: &Arc<SiteState>,
    ) -> Result<Self, Response> {
        let (number, token, newsletter) = open(parts, pages, number).await?;
        let frame = frame_of(&newsletter, pages);
        Ok(Self {
            number,
            token,
            newsletter,
            frame,
        })
    }
}

pub(super) async fn ask(State(pages): Here, link: Link) -> Result<Response, Response> {
    let (newsletter, number) = (link.newsletter, link.number);
    let asked = pages.ask(ServiceCall::Approval, move |it| {
        it.approval(newsletter, number)
    });
    let state = asked.await?;
    Ok(link.frame.approval(StatusCode::OK, &link.token, &state))
}

pub(super) async fn press(
    State(pages): Here,
    link: Link,
    request: Request,
) -> Result<Response, Response> {
    const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
    let headers = request.headers();
    let public = &pages.frame.publication.public;
    // The page names nobody as its referrer, so only `Sec-Fetch-Site` says for sure whose page it was. Who knows the token needs no page at all.
    if headers.contains_key(SITE) && guard::sender(headers, public, &[]) == Sender::Foreign {
        return Err(pages.frame.refused());
    }
    let frame = link.frame;
    let form = state::form(&frame, request).await?;
    let unread = || frame.unread(StatusCode::BAD_REQUEST);
    let pressed = Pressed::of_key(form.get("do")).ok_or_else(unread)?;
    let (newsletter, number) = (link.newsletter, link.number);
    let asked = pages.ask(ServiceCall::Approve, move |it| {
        it.press(newsletter, number, pressed)
    });
    Ok(match asked.await? {
        Pressing::Approved(approved) => frame.approved(&approved),
        Pressing::Held(state) => frame.held(&state),
        Pressing::Refused(state) => frame.approval(StatusCode::GONE, &link.token, &state),
        Pressing::NotHeld(why) => frame.not_held(&why),
    })
}
