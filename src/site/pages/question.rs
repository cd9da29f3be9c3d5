//! Answers to the question of an edition. The link in the letter shows a button; only the button counts, for mail scanners follow every link.
//! Nothing in it says whose it is.

use std::sync::Arc;

use axum::extract::{Extension, FromRequestParts, Path, Request, State};
use axum::http::request::Parts;
use axum::response::Response;

use super::guard;
use super::html::PageFrame;
use super::meters;
use super::state::{self, Client, Here, SiteState};
use crate::model::edition::Slug;
use crate::model::newsletter_name::NewsletterName;
use crate::site::service::Asked;

/// An answer that a letter offered.
pub(super) struct Answer {
    frame: Arc<PageFrame>,
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
        let lost = || pages.frame.lost();
        let path = Path::<Vec<(String, String)>>::from_request_parts(parts, pages).await;
        let Path(path) = path.map_err(|_| lost())?;
        let words: Vec<&str> = path.iter().map(|(_, word)| word.as_str()).collect();
        let (name, slug, answer) = match words[..] {
            [slug, answer] => (None, slug, answer),
            [name, slug, answer] => (Some(name), slug, answer),
            _ => return Err(lost()),
        };
        let name = name.map(str::parse::<NewsletterName>).transpose();
        let place = ["1", "2"].iter().position(|known| *known == answer);
        let found = name.ok().zip(slug.parse::<Slug>().ok()).zip(place);
        let ((name, slug), place) = found.ok_or_else(lost)?;
        let frame = match pages.frame_of(name.as_ref()) {
            Some(frame) => frame,
            None if name.is_none() => {
                let moved = pages.moved_to(&slug).await?;
                moved.cloned().ok_or_else(lost)?
            }
            None => return Err(lost()),
        };
        let (of, wanted) = (Arc::clone(&frame.publication), slug.clone());
        let asked = pages.ask(meters::ServiceCall::Question, |it| it.asked(of, wanted));
        Ok(Self {
            frame,
            asked: asked.await?,
            slug,
            place,
        })
    }
}

pub(super) async fn ask(answer: Answer) -> Response {
    let (frame, question) = (&answer.frame, &answer.asked.question);
    frame.answer(&answer.slug, question, answer.place)
}

pub(super) async fn count(
    State(pages): Here,
    Extension(Client(client)): Extension<Client>,
    answer: Answer,
    request: Request,
) -> Result<Response, Response> {
    let public = &pages.frame.publication.public;
    let sender = guard::sender(request.headers(), public, &[]);
    if let Some(refusal) = pages.refusal(sender, client, &pages.answers) {
        return Err(refusal);
    }
    state::body(&answer.frame, request).await?;
    let Answer {
        frame,
        asked,
        place,
        ..
    } = answer;
    pages
        .ask(meters::ServiceCall::Answer, |it| it.answer(asked, place))
        .await?;
    Ok(frame.answered())
}
