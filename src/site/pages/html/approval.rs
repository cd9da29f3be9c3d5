//! The page of an approver. It is for the paper's own people and in English, as the desk is.

use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::{PageFrame, button};
use crate::model::approval::Pressed;
use crate::model::edition::Slug;
use crate::model::line::Line;
use crate::send::{ApprovalState, ApproveError, Approved, LinkState};

impl PageFrame {
    /// What a link shows: whose it is, what it would approve, and the buttons that do something.
    pub(in super::super) fn approval(
        &self,
        status: StatusCode,
        token: &str,
        state: &LinkState,
    ) -> Response {
        let path = self.path(&format!("approve/{token}"));
        let link = &state.link;
        let main = html! {
            p.paragraph { "This link is for " strong { (link.by.reveal()) } " and for nobody else: what is pressed here is done in that name." }
            @match &state.edition {
                Ok(found) => {
                    p.paragraph { "“" (found.subject) "”" }
                    (self.so_far(&found.approval))
                }
                Err(error) => p.paragraph { (Self::not_now(error)) },
            }
            @if let Some((at, pressed)) = link.spent {
                p.paragraph { (spent(pressed)) " by this link on " (self.time(at)) ". It is spent." }
            } @else if state.is_over {
                p.paragraph { "This link was good until " (self.time(link.until)) ". A new proof has a new one." }
            } @else if !state.is_approver {
                p.paragraph { "That address is not among those who may approve any more." }
            }
            @if !state.changed.is_empty() && state.edition.is_ok() {
                p.paragraph { "The edition is not the one of your proof any more. Since then this changed:" }
                (list(&state.changed))
                p.paragraph { "To approve it as it is now, ask for a new proof." }
            }
            @if state.may_approve() {
                (button(&path, "Approve: it may go out as it is", &[("do", Pressed::Approve.key())]))
            }
            @if state.may_hold() {
                (button(&path, "Hold: it is not sent until somebody lets it go", &[("do", Pressed::Hold.key())]))
                p.paragraph { "Each link does one thing once. This one is good until " (self.time(link.until)) "." }
            }
        };
        self.for_staff(status, &format!("The edition of {}", link.slug), &main)
    }

    pub(in super::super) fn approved(&self, approved: &Approved) -> Response {
        let main = html! {
            p.paragraph { "“" (approved.subject) "”" }
            (self.so_far(&approved.state))
            @if approved.is_held {
                p.paragraph { "It is on hold: it is not sent as long as “hold = true” is in its file." }
            }
            p.paragraph { "If anything in it is changed now, nobody has approved it." }
        };
        self.for_staff(
            StatusCode::OK,
            &title("Approved", &approved.state.slug),
            &main,
        )
    }

    pub(in super::super) fn held(&self, state: &LinkState) -> Response {
        let main = html! {
            p.paragraph { "It is not sent as long as “hold = true” is in its file. Whoever takes that away lets it go." }
        };
        self.for_staff(StatusCode::OK, &title("Held", &state.link.slug), &main)
    }

    pub(in super::super) fn not_held(&self, why: &Line) -> Response {
        let main = html! { p.paragraph { (why) } p.paragraph { "Write “hold = true” into the edition file." } };
        self.for_staff(StatusCode::CONFLICT, "It could not be held", &main)
    }

    /// Who approved it as it is, and what made other approvals void.
    fn so_far(&self, state: &ApprovalState) -> Markup {
        html! {
            p.paragraph { (state.given.len()) " of " (state.needs) @if state.needs == 1 { " approval" } @else { " approvals" } " that it needs." }
            @if !state.given.is_empty() {
                ul { @for one in &state.given { li { (one.by.reveal()) ", " (self.time(one.at)) } } }
            }
            @for void in &state.void {
                p.paragraph { (void.approval.by.reveal()) " approved it before this changed:" }
                (list(&void.changed))
            }
        }
    }

    fn not_now(error: &ApproveError) -> String {
        match error {
            ApproveError::Frozen(..) => {
                "It is being sent, or was sent, and can be neither approved nor held any more."
                    .to_owned()
            }
            ApproveError::Problems(_) => {
                "Its file has problems: “newsdigest check” names them.".to_owned()
            }
            error => format!("{error}."),
        }
    }

    fn time(&self, at: DateTime<Utc>) -> String {
        let zone = &self.publication.newsletter.zone;
        zone.at(at).format("%Y-%m-%d at %H:%M").to_string()
    }

    fn for_staff(&self, status: StatusCode, title: &str, main: &Markup) -> Response {
        let main = html! { div lang="en" dir="ltr" { (main) } };
        self.own_under(status, title, &main)
    }
}

fn title(what: &str, slug: &Slug) -> String {
    format!("{what}: the edition of {slug}")
}

const fn spent(pressed: Pressed) -> &'static str {
    match pressed {
        Pressed::Approve => "Approved",
        Pressed::Hold => "Held",
    }
}

fn list(words: &[Line]) -> Markup {
    html! { ul { @for words in words { li { (words) } } } }
}
