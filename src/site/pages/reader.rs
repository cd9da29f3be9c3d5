//! The pages that a token opens. GET shows and changes nothing, for mail scanners follow every link; POST acts.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path, Request, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;

use super::form::{Form, is_something_else};
use super::html::{Note, PageFrame};
use super::meters::ServiceCall;
use super::state::{self, Here, SiteState};
use crate::model::reader::{Preferences, ReaderId, SignUpId};
use crate::model::subscriber::Paused;
use crate::model::token::{Purpose, Token};
use crate::site::Publication;

/// A reader, by a link of theirs.
pub(super) struct ReaderLink {
    id: ReaderId,
    /// The text of the token.
    token: String,
    /// Of the newsletter whose letter had the link.
    frame: Arc<PageFrame>,
}

/// Somebody who signed up, by the link that they were sent.
pub(super) struct SignUpLink {
    id: SignUpId,
    token: String,
    frame: Arc<PageFrame>,
}

impl FromRequestParts<Arc<SiteState>> for ReaderLink {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        pages: &Arc<SiteState>,
    ) -> Result<Self, Response> {
        let (id, token, frame) = open(parts, pages, ReaderId::of).await?;
        Ok(Self { id, token, frame })
    }
}

impl FromRequestParts<Arc<SiteState>> for SignUpLink {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        pages: &Arc<SiteState>,
    ) -> Result<Self, Response> {
        let (id, token, frame) = open(parts, pages, SignUpId::of).await?;
        Ok(Self { id, token, frame })
    }
}

/// What the token in the path is for. A text that is none, or is for something else, leads to the same page as an address that does not exist.
async fn open<T>(
    parts: &mut Parts,
    pages: &Arc<SiteState>,
    of: fn(&Token) -> Option<T>,
) -> Result<(T, String, Arc<PageFrame>), Response> {
    let text = Path::<String>::from_request_parts(parts, pages).await;
    let opened = text.ok().and_then(|Path(text)| {
        let (frame, token) = pages.frames.iter().find_map(|frame| {
            let Publication {
                keys, newsletter, ..
            } = &*frame.publication;
            Some((frame, keys.open(&newsletter.id, &text)?))
        })?;
        Some((of(&token)?, text, Arc::clone(frame)))
    });
    opened.ok_or_else(|| pages.frame.lost())
}

pub(super) async fn ask_to_confirm(
    State(pages): Here,
    SignUpLink { id, token, frame }: SignUpLink,
) -> Result<Response, Response> {
    pages
        .ask(ServiceCall::SignedUp, |it| it.can_confirm(id))
        .await?;
    Ok(frame.confirm(&token))
}

pub(super) async fn confirm(
    State(pages): Here,
    SignUpLink { id, frame, .. }: SignUpLink,
) -> Result<Response, Response> {
    let reader = pages.ask(ServiceCall::Confirm, |it| it.confirm(id)).await?;
    let token = Token {
        purpose: Purpose::Leave,
        number: reader.number(),
        run: 0,
    };
    let publication = &frame.publication;
    let token = publication.keys.seal(&publication.newsletter.id, &token);
    Ok(frame.welcome(&token))
}

pub(super) async fn ask_to_leave(reader: ReaderLink) -> Response {
    reader.frame.leave(StatusCode::OK, &reader.token)
}

/// Neither counted nor looked up before: it must always work.
pub(super) async fn leave(
    State(pages): Here,
    ReaderLink { id, token, frame }: ReaderLink,
    request: Request,
) -> Result<Response, Response> {
    let (kind, body) = state::body(request).await?;
    if is_something_else(&kind, &body) {
        return Err(frame.leave(StatusCode::BAD_REQUEST, &token));
    }
    pages.ask(ServiceCall::Leave, |it| it.leave(id)).await?;
    Ok(frame.left())
}

pub(super) async fn preferences(
    State(pages): Here,
    ReaderLink { id, token, frame }: ReaderLink,
) -> Result<Response, Response> {
    let profile = pages
        .ask(ServiceCall::Standing, |it| it.profile(id))
        .await?;
    Ok(frame.preferences(&token, &profile, None))
}

pub(super) async fn change(
    State(pages): Here,
    ReaderLink { id, token, frame }: ReaderLink,
    request: Request,
) -> Result<Response, Response> {
    let mut profile = pages
        .ask(ServiceCall::Standing, |it| it.profile(id))
        .await?;
    if !profile.subscribed {
        return Ok(frame.preferences(&token, &profile, None));
    }
    let form = state::form(request).await?;
    let publication = &frame.publication;
    let today = publication.newsletter.zone.day((publication.clock)());
    let paused = pause(&form, today);
    let draft = form.draft(&frame.offered(&profile.preferences.sections));
    profile.preferences = Preferences {
        name: draft.name,
        sections: draft.sections,
        paused: paused.unwrap_or(profile.preferences.paused),
    };
    if paused.is_none() {
        return Err(frame.preferences(&token, &profile, Some(Note::BadDay)));
    }
    let preferences = profile.preferences.clone();
    pages
        .ask(ServiceCall::Prefer, |it| it.change(id, preferences))
        .await?;
    Ok(frame.preferences(&token, &profile, Some(Note::Saved)))
}

pub(super) async fn export(State(pages): Here, reader: ReaderLink) -> Result<Response, Response> {
    let publication = Arc::clone(&reader.frame.publication);
    let json = pages
        .ask(ServiceCall::Export, |it| it.export(publication, reader.id))
        .await?;
    let newsletter = &reader.frame.publication.newsletter.id;
    let file = format!("attachment; filename=\"{newsletter}.json\"");
    let kind = "application/json".to_owned();
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, file),
    ];
    Ok((headers, json).into_response())
}

pub(super) async fn ask_to_erase(reader: ReaderLink) -> Response {
    reader.frame.erase(&reader.token)
}

pub(super) async fn erase(State(pages): Here, reader: ReaderLink) -> Result<Response, Response> {
    pages
        .ask(ServiceCall::Erase, |it| it.erase(reader.id))
        .await?;
    Ok(reader.frame.erased())
}

/// The pause in a form; `None`: until a day that is none or has come.
fn pause(form: &Form, today: NaiveDate) -> Option<Paused> {
    match form.get("pause") {
        "until" => {
            let day = form.get("day").trim();
            let day = NaiveDate::parse_from_str(day, "%Y-%m-%d")
                .ok()
                .filter(|_| day.len() == 10)?;
            (day > today).then_some(Paused::Until(day))
        }
        "yes" => Some(Paused::Yes),
        _ => Some(Paused::No),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_ends_on_a_day_to_come() {
        let today: NaiveDate = "2026-08-24".parse().unwrap();
        let check = |body: &str| pause(&Form::parse("", body.as_bytes()).unwrap(), today);
        let day = "2026-08-25".parse().unwrap();
        assert_eq!(check(""), Some(Paused::No));
        assert_eq!(check("pause=no&day=2020-01-01"), Some(Paused::No));
        assert_eq!(check("pause=yes"), Some(Paused::Yes));
        assert_eq!(
            check("pause=until&day=2026-08-25"),
            Some(Paused::Until(day))
        );
        for day in [
            "2026-08-24",
            "2020-01-01",
            "",
            "soon",
            "+12026-08-25",
            "99999-01-01",
            "2026-02-30",
        ] {
            assert_eq!(check(&format!("pause=until&day={day}")), None, "{day}");
        }
    }
}
