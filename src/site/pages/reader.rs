//! The pages that a token opens. GET shows and changes nothing, for mail scanners follow every link; POST acts.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path, Request, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use chrono::NaiveDate;

use super::form::{Form, is_something_else};
use super::html::{Note, PageFrame};
use super::meters::ServiceCall;
use super::state::{self, Here, SiteState};
use crate::model::reader::{LeftNewsletter, Preferences, ReaderId, SignUpId, Switched};
use crate::model::rhythm::{Frequency, Rhythm};
use crate::model::subscriber::Paused;
use crate::model::token::{Purpose, Token};
use crate::site::service::Profile;

/// A reader, by a link of theirs.
pub(super) struct ReaderLink {
    id: ReaderId,
    /// The text of the token.
    token: String,
    /// Of the newsletter whose letter had the link; of one that is gone: as of all.
    frame: Arc<PageFrame>,
    /// The newsletter's id.
    newsletter: String,
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
        let (id, token, newsletter) = open(parts, pages, ReaderId::of).await?;
        let frame = frame_of(&newsletter, pages);
        Ok(Self {
            id,
            token,
            frame,
            newsletter,
        })
    }
}

impl FromRequestParts<Arc<SiteState>> for SignUpLink {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        pages: &Arc<SiteState>,
    ) -> Result<Self, Response> {
        let (id, token, newsletter) = open(parts, pages, SignUpId::of).await?;
        let frame = frame_of(&newsletter, pages);
        Ok(Self { id, token, frame })
    }
}

/// What the token in the path is for. A text that is none, or is for something else, leads to the same page as an address that does not exist.
pub(super) async fn open<T>(
    parts: &mut Parts,
    pages: &Arc<SiteState>,
    of: fn(&Token) -> Option<T>,
) -> Result<(T, String, String), Response> {
    let text = Path::<String>::from_request_parts(parts, pages).await;
    let Path(text) = text.map_err(|_| pages.frame.lost())?;
    let opened = Arc::clone(&pages.service).opened(text.clone()).await;
    let opened = opened.and_then(|(id, token)| Some((of(&token)?, text, id)));
    opened.ok_or_else(|| pages.frame.lost())
}

pub(super) fn frame_of(newsletter: &str, pages: &SiteState) -> Arc<PageFrame> {
    let mut frames = pages.all_frames();
    let own = frames.find(|frame| frame.publication.newsletter.id == newsletter);
    own.unwrap_or_else(|| Arc::clone(&pages.frame))
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
    let publication = &frame.publication;
    let token = publication.token(Purpose::Leave, reader.number(), 0);
    Ok(frame.welcome(&token))
}

pub(super) async fn ask_to_leave(State(pages): Here, reader: ReaderLink) -> Response {
    let publication = &reader.frame.publication;
    if pages.is_gone(&reader) {
        // Their newsletter is gone; which of the others they get is shown there.
        let preferences = publication.public.preferences(&reader.token);
        return Redirect::to(&preferences).into_response();
    }
    reader.frame.leave(
        StatusCode::OK,
        &reader.token,
        pages.paper(),
        pages.week_of(&reader.frame),
    )
}

/// Neither counted nor looked up before: it must always work.
pub(super) async fn leave(
    State(pages): Here,
    ReaderLink {
        id,
        token,
        frame,
        newsletter,
    }: ReaderLink,
    request: Request,
) -> Result<Response, Response> {
    let (kind, body) = state::body(&frame, request).await?;
    if is_something_else(&kind, &body) {
        let week = pages.week_of(&frame);
        return Err(frame.leave(StatusCode::BAD_REQUEST, &token, pages.paper(), week));
    }
    // What mail providers post never says it: one click leaves one newsletter.
    let is_all = Form::parse(&kind, &body).is_some_and(|form| form.get("all") == "yes");
    if is_all || pages.is_only(&newsletter) {
        pages.ask(ServiceCall::Leave, |it| it.leave(id)).await?;
        let own = &frame.publication.newsletter.name;
        return Ok(frame.left(None, Some(pages.paper().unwrap_or(own))));
    }
    let own = Some(&frame.publication).filter(|own| own.newsletter.id == newsletter);
    let is_alerts = pages.service.is_of_alerts(&newsletter);
    // Whoever leaves alerts by a link from before their id was changed leaves those of today.
    let alerts = pages.service.alerts().filter(|_| is_alerts);
    let today = alerts.map(|alerts| alerts.newsletter.id.clone());
    let today = today.filter(|id| *id != newsletter);
    for left in [Some(newsletter.clone()), today].into_iter().flatten() {
        let left = LeftNewsletter {
            id: left,
            name: own.and_then(|own| own.name().cloned()),
            is_alerts,
        };
        pages
            .ask(ServiceCall::Leave, |it| it.leave_one(id, left))
            .await?;
    }
    Ok(frame.left(Some(&token), own.map(|own| &own.newsletter.name)))
}

pub(super) async fn ask_to_stay(reader: ReaderLink) -> Response {
    reader.frame.ask_to_stay(&reader.token)
}

pub(super) async fn stay(State(pages): Here, reader: ReaderLink) -> Result<Response, Response> {
    pages
        .ask(ServiceCall::Stay, |it| it.stay(reader.id))
        .await?;
    Ok(reader.frame.welcome(&reader.token))
}

pub(super) async fn preferences(
    State(pages): Here,
    reader: ReaderLink,
) -> Result<Response, Response> {
    let id = reader.id;
    let profile = pages
        .ask(ServiceCall::Standing, |it| it.profile(id))
        .await?;
    Ok(pages.preferences(&reader, &profile, None))
}

pub(super) async fn change(
    State(pages): Here,
    reader: ReaderLink,
    request: Request,
) -> Result<Response, Response> {
    let (id, frame) = (reader.id, Arc::clone(&reader.frame));
    let mut profile = pages
        .ask(ServiceCall::Standing, |it| it.profile(id))
        .await?;
    if !profile.subscribed {
        return Ok(pages.preferences(&reader, &profile, None));
    }
    let form = state::form(&frame, request).await?;
    let publication = &frame.publication;
    let today = publication.newsletter.zone.day((publication.clock)());
    let paused = pause(&form, today);
    let draft = form.draft(&frame.offered(&profile.preferences.sections));
    let before = pages.weeks_instead(&profile);
    if !pages.service.newsletters.is_empty() {
        profile.gets = pages.chosen(&form);
        // Those that are gone stay as the file has them: they may come back.
        let known = &pages.service.newsletters;
        let gone = profile.preferences.newsletters.iter().flatten();
        let gone = gone.filter(|name| known.iter().all(|one| one.name != **name));
        let all = profile.gets.iter().chain(gone).cloned();
        profile.preferences.newsletters = Some(all.collect());
    }
    let mut switched = alerts(&form, &mut profile, &pages);
    profile.preferences = Preferences {
        newsletters: profile.preferences.newsletters,
        name: draft.name,
        sections: draft.sections,
        paused: paused.unwrap_or(profile.preferences.paused),
        rhythm: Rhythm {
            // A page that does not ask says nothing.
            frequency: (form.get("frequency").parse())
                .unwrap_or(profile.preferences.rhythm.frequency),
            ..profile.preferences.rhythm
        },
    };
    if paused.is_none() {
        return Err(pages.preferences(&reader, &profile, Some(Note::BadDay)));
    }
    let preferences = profile.preferences.clone();
    switched.on.extend(pages.weeks_instead(&profile));
    switched.on.retain(|id| !before.contains(id));
    pages
        .ask(ServiceCall::Prefer, |it| {
            it.change(id, preferences, switched)
        })
        .await?;
    Ok(pages.preferences(&reader, &profile, Some(Note::Saved)))
}

impl SiteState {
    /// The reader's preferences. What the link is of is there no more: all of the paper's can be left here, and nothing else.
    fn preferences(&self, reader: &ReaderLink, profile: &Profile, note: Option<Note>) -> Response {
        let leave_all = self.paper().filter(|_| self.is_gone(reader));
        let offers = self.offers(profile, leave_all);
        reader
            .frame
            .preferences(&reader.token, profile, &offers, note)
    }

    /// Whether the newsletter whose letter had the link is there no more, beside others.
    fn is_gone(&self, reader: &ReaderLink) -> bool {
        let own = &reader.frame.publication.newsletter.id;
        *own != reader.newsletter && !self.is_only(&reader.newsletter)
    }

    /// Whether whoever leaves what has that id leaves everything: there is one newsletter, perhaps under an older id.
    fn is_only(&self, id: &str) -> bool {
        self.service.newsletters.is_empty() && !self.service.is_of_alerts(id)
    }
}

/// Turns alerts on or off, if the form asked about them. A reader who did not get them leaves nothing by saying no.
fn alerts(form: &Form, profile: &mut Profile, pages: &SiteState) -> Switched {
    let mut switched = Switched::default();
    let asked = form.all("alerts").next().is_some();
    let Some(alerts) = pages.service.alerts().filter(|_| asked) else {
        return switched;
    };
    let wanted = form.wants_alerts();
    let id = alerts.newsletter.id.clone();
    match (profile.alerts, wanted) {
        (_, true) => switched.on.push(id),
        (true, false) => switched.off.push(id),
        (false, false) => {}
    }
    profile.alerts = wanted;
    profile.preferences.rhythm.alerts = wanted;
    switched
}

/// Once a week instead of the newsletter whose letter had the link, from one click on: also for a reader who had just left it.
pub(super) async fn weekly(State(pages): Here, reader: ReaderLink) -> Result<Response, Response> {
    let (id, frame) = (reader.id, Arc::clone(&reader.frame));
    let mut profile = pages
        .ask(ServiceCall::Standing, |it| it.profile(id))
        .await?;
    let own = frame.publication.name();
    let Some(own) = own.filter(|_| profile.subscribed && pages.week_of(&frame).is_some()) else {
        return Ok(pages.preferences(&reader, &profile, None));
    };
    profile.preferences.rhythm.frequency = Frequency::Weekly;
    let listed = profile.preferences.newsletters.iter_mut();
    for names in listed.chain([&mut profile.gets]) {
        if !names.contains(own) {
            names.push(own.clone());
        }
    }
    let weeks = pages.service.weeks_of(own).map(|week| week.id.clone());
    let anew = weeks.chain([frame.publication.newsletter.id.clone()]);
    let switched = Switched {
        on: anew.collect(),
        off: Vec::new(),
    };
    let preferences = profile.preferences.clone();
    pages
        .ask(ServiceCall::Prefer, |it| {
            it.change(id, preferences, switched)
        })
        .await?;
    Ok(pages.preferences(&reader, &profile, Some(Note::Saved)))
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
