//! Answers to the question of an edition. The link in the letter shows a button; only the button counts, for mail scanners follow every link.
//! Nothing in it says whose it is.

use std::sync::Arc;

use axum::extract::{Extension, FromRequestParts, Path, Request, State};
use axum::http::request::Parts;
use axum::response::Response;

use super::meters;
use super::state::{self, Client, Here, SiteState};
use crate::model::edition::Slug;
use crate::site::service::Asked;

/// An answer that a letter offered.
pub(super) struct Answer {
    slug: Slug,
    asked: Arc<Asked>,
    /// Its place in the question.
    place: usize,
}

impl FromRequestParts<Arc<SiteState>> for Answer {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        pages: &Arc<SiteState>,
    ) -> Result<Self, Response> {
        let path = Path::<(String, String)>::from_request_parts(parts, pages).await;
        let found = path.ok().and_then(|Path((slug, answer))| {
            let place = ["1", "2"].iter().position(|known| *known == answer)?;
            Some((slug.parse::<Slug>().ok()?, place))
        });
        let (slug, place) = found.ok_or_else(|| pages.frame.lost())?;
        let wanted = slug.clone();
        let asked = pages.ask(meters::ServiceCall::Question, |it| it.asked(wanted));
        Ok(Self {
            asked: asked.await?,
            slug,
            place,
        })
    }
}

pub(super) async fn ask(State(pages): Here, answer: Answer) -> Response {
    let Answer { slug, asked, place } = answer;
    pages.frame.answer(&slug, &asked.question, place)
}

pub(super) async fn count(
    State(pages): Here,
    Extension(Client(client)): Extension<Client>,
    Answer { asked, place, .. }: Answer,
    request: Request,
) -> Result<Response, Response> {
    if let Some(refusal) = pages.refusal(request.headers(), client, &pages.answers) {
        return Err(refusal);
    }
    state::body(request).await?;
    pages
        .ask(meters::ServiceCall::Answer, |it| it.answer(asked, place))
        .await?;
    Ok(pages.frame.answered())
}
