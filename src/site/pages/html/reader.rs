//! The pages that a token opens.

use axum::http::StatusCode;
use axum::response::Response;
use chrono::Days;
use maud::{Markup, html};

use super::{PageFrame, button};
use crate::model::line::Line;
use crate::model::rhythm::Frequency;
use crate::model::subscriber::Paused;
use crate::render::SiteWord;
use crate::site::Publication;
use crate::site::service::Profile;

/// What is said above the preferences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Note {
    /// They were changed.
    Saved,
    /// Nothing was changed.
    BadDay,
}

/// What a reader may choose from, where there are several newsletters.
pub(in super::super) struct Offers<'a> {
    pub(in super::super) newsletters: Vec<&'a Publication>,
    /// Those of the week instead of what they get.
    pub(in super::super) weeks: Vec<&'a Publication>,
    /// Whether there are alerts.
    pub(in super::super) alerts: bool,
    /// Whose newsletters can only all be left by the reader's link: its own is there no more.
    pub(in super::super) leave_all: Option<&'a Line>,
}

/// What mail providers send.
const ONE_CLICK: (&str, &str) = ("List-Unsubscribe", "One-Click");

impl PageFrame {
    /// What a link to leave shows. Its button sends what mail providers send. `paper` is whose newsletters can all be left here, where there
    /// are several; `week` is what they can get once a week instead.
    pub(in super::super) fn leave(
        &self,
        status: StatusCode,
        token: &str,
        paper: Option<&Line>,
        week: Option<&Publication>,
    ) -> Response {
        let path = self.path(&format!("leave/{token}"));
        let template = &self.publication.template;
        let main = html! {
            @if let Some(week) = week {
                (button(&self.path(&format!("preferences/{token}/weekly")), &template.say(SiteWord::LessOften, &week.newsletter.name), &[]))
            }
            (self.paragraph(SiteWord::LeaveText))
            (button(&path, template.unsubscribe(), &[ONE_CLICK]))
            @if let Some(paper) = paper {
                (self.leave_all(token, paper))
            }
            (self.link(&format!("preferences/{token}"), &self.say(SiteWord::Rather)))
        };
        self.own(status, SiteWord::Leave, &main)
    }

    fn leave_all(&self, token: &str, paper: &Line) -> Markup {
        let path = self.path(&format!("leave/{token}"));
        let words = self.publication.template.say(SiteWord::LeaveAll, paper);
        button(&path, &words, &[ONE_CLICK, ("all", "yes")])
    }

    /// `token` is of who may get other newsletters still; `from` is what they get no more.
    pub(in super::super) fn left(&self, token: Option<&str>, from: Option<&Line>) -> Response {
        let template = &self.publication.template;
        let main = html! {
            @if let Some(from) = from {
                p.paragraph { (template.say(SiteWord::LeftText, from)) }
            }
            @if let Some(token) = token {
                (self.link(&format!("preferences/{token}"), &self.say(SiteWord::Preferences)))
            } @else {
                (self.again())
            }
        };
        self.own(StatusCode::OK, SiteWord::Left, &main)
    }

    pub(in super::super) fn confirm(&self, token: &str) -> Response {
        let main = html! {
            (self.paragraph(SiteWord::ConfirmText))
            (button(&self.path(&format!("confirm/{token}")), &self.say(SiteWord::Yes), &[]))
        };
        self.own(StatusCode::OK, SiteWord::Confirm, &main)
    }

    pub(in super::super) fn welcome(&self, token: &str) -> Response {
        let main = html! {
            (self.paragraph(SiteWord::WelcomeText))
            (self.link(&format!("preferences/{token}"), &self.say(SiteWord::Preferences)))
        };
        self.own(StatusCode::OK, SiteWord::Welcome, &main)
    }

    /// What the link in a letter shows that asks whether the reader still wants letters.
    pub(in super::super) fn ask_to_stay(&self, token: &str) -> Response {
        let path = self.path(&format!("stay/{token}"));
        let main = html! {
            (button(&path, &self.say(SiteWord::Stay), &[]))
            (self.link(&format!("leave/{token}"), self.publication.template.unsubscribe()))
        };
        self.own(StatusCode::OK, SiteWord::Lapsed, &main)
    }

    pub(in super::super) fn expired(&self) -> Response {
        let main = html! { (self.paragraph(SiteWord::ExpiredText)) (self.again()) };
        self.own(StatusCode::GONE, SiteWord::Expired, &main)
    }

    pub(in super::super) fn preferences(
        &self,
        token: &str,
        profile: &Profile,
        offers: &Offers<'_>,
        note: Option<Note>,
    ) -> Response {
        let main = html! {
            @if note == Some(Note::Saved) { p role="status" { (self.say(SiteWord::Saved)) } }
            p.paragraph { bdi dir="ltr" { (profile.address) } }
            @if profile.subscribed {
                (self.choices(token, profile, offers, note))
                @if let Some(paper) = offers.leave_all {
                    (self.leave_all(token, paper))
                } @else {
                    (self.link(&format!("leave/{token}"), self.publication.template.unsubscribe()))
                }
            } @else {
                (self.paragraph(SiteWord::Away))
                (self.again())
            }
            h2.heading { (self.say(SiteWord::Data)) }
            (self.link(&format!("preferences/{token}/data"), &self.say(SiteWord::Export)))
            (self.link(&format!("preferences/{token}/erase"), &self.say(SiteWord::Erase)))
        };
        let status = if note == Some(Note::BadDay) {
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            StatusCode::OK
        };
        self.own(status, SiteWord::Preferences, &main)
    }

    fn choices(
        &self,
        token: &str,
        profile: &Profile,
        offers: &Offers<'_>,
        note: Option<Note>,
    ) -> Markup {
        let wanted = &profile.preferences;
        let wrong = note == Some(Note::BadDay);
        let day = match wanted.paused {
            Paused::Until(day) => Some(day.to_string()),
            Paused::No | Paused::Yes => None,
        };
        let tomorrow = self
            .publication
            .newsletter
            .zone
            .day((self.publication.clock)())
            + Days::new(1);
        let choice = |value: &str, say: SiteWord, checked: bool| {
            html! { label.choice { input type="radio" name="pause" value=(value) checked[checked]; span { (self.say(say)) } } }
        };
        html! {
            form method="post" action=(self.path(&format!("preferences/{token}"))) {
                (self.newsletters_to_choose(&offers.newsletters, &profile.gets))
                (self.frequencies(profile, offers))
                @if offers.alerts {
                    input type="hidden" name="alerts" value="no";
                    (self.alerts(profile.alerts))
                }
                (self.name(wanted.name.as_ref()))
                (self.sections(&self.offered(&wanted.sections), &wanted.sections))
                fieldset {
                    legend { (self.say(SiteWord::Pause)) }
                    (choice("no", SiteWord::NoPause, !wrong && wanted.paused == Paused::No))
                    (choice("until", SiteWord::Until, wrong || day.is_some()))
                    @if wrong { p #wrong role="alert" { (self.say(SiteWord::BadDay)) } }
                    input type="date" name="day" aria-label=(self.say(SiteWord::Until)) min=(tomorrow) value=[day]
                        aria-invalid=[wrong.then_some("true")] aria-describedby=[wrong.then_some("wrong")];
                    (choice("yes", SiteWord::ForGood, !wrong && wanted.paused == Paused::Yes))
                }
                button.text-link type="submit" { (self.say(SiteWord::Save)) }
            }
        }
    }

    /// How often, where there is something to choose.
    fn frequencies(&self, profile: &Profile, offers: &Offers<'_>) -> Markup {
        let template = &self.publication.template;
        let weeks = offers.weeks.iter();
        let weeks: Vec<String> = weeks
            .map(|week| template.say(SiteWord::LessOften, &week.newsletter.name))
            .collect();
        let now = profile.preferences.rhythm.frequency;
        html! {
            @if !weeks.is_empty() {
                fieldset {
                    legend { (self.say(SiteWord::HowOften)) }
                    @for (value, words) in [(Frequency::Daily, &self.say(SiteWord::EveryEdition)), (Frequency::Weekly, &weeks.join(" · "))] {
                        label.choice { input type="radio" name="frequency" value=(value.as_str()) checked[value == now]; span dir="auto" { (words) } }
                    }
                }
            }
        }
    }

    pub(in super::super) fn erase(&self, token: &str) -> Response {
        let main = html! {
            (self.paragraph(SiteWord::EraseText))
            (button(&self.path(&format!("preferences/{token}/erase")), &self.say(SiteWord::Erase), &[]))
            (self.link(&format!("preferences/{token}"), &self.say(SiteWord::Preferences)))
        };
        self.own(StatusCode::OK, SiteWord::Erase, &main)
    }

    pub(in super::super) fn erased(&self) -> Response {
        self.told(StatusCode::OK, SiteWord::Erased, SiteWord::LeftText)
    }

    fn again(&self) -> Markup {
        self.link("", &self.say(SiteWord::Again))
    }
}
