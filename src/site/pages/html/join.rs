//! The form to subscribe, and what is said after it.

use axum::Extension;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use maud::{Markup, html};

use super::super::form::FormEntries;
use super::{PageFrame, Said, naming_itself, page};
use crate::model::address::Address;
use crate::model::line::Line;
use crate::model::link::Link;
use crate::render::SiteWord;
use crate::site::Publication;

/// What is wrong with a form to subscribe. Nothing was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Wrong {
    /// No address that a letter can reach.
    Address,
    /// None of several newsletters was chosen.
    NoNewsletter,
    /// The form has an older sentence to agree to.
    OldConsent,
}

impl Wrong {
    const fn words(self) -> SiteWord {
        match self {
            Self::Address => SiteWord::BadAddress,
            Self::NoNewsletter => SiteWord::NoneChosen,
            Self::OldConsent => SiteWord::ConsentChanged,
        }
    }

    const fn field(self) -> &'static str {
        match self {
            Self::Address => "email",
            Self::NoNewsletter => "newsletter",
            Self::OldConsent => "consent",
        }
    }
}

/// What can be subscribed to.
pub(in super::super) struct SignUpOffers<'a> {
    /// Of several newsletters, and whose they are; none: there is one.
    pub(in super::super) newsletters: &'a [&'a Publication],
    pub(in super::super) paper: Option<&'a Line>,
    /// Whether there are alerts.
    pub(in super::super) alerts: bool,
}

impl PageFrame {
    /// The form, with what the reader wrote before and what is `wrong` with it.
    pub(in super::super) fn join(
        &self,
        draft: &FormEntries,
        offers: &SignUpOffers<'_>,
        wrong: Option<Wrong>,
    ) -> Response {
        let paper = offers.paper;
        let head = html! { link rel="canonical" href=(self.publication.public.url()); };
        let alert = |about: Wrong| self.alert(wrong.filter(|wrong| *wrong == about));
        let is_bad = wrong == Some(Wrong::Address);
        let consent = self.consent(paper);
        let main = html! {
            form method="post" action=(self.path("")) {
                div.field {
                    label for="email" { (self.say(SiteWord::Email)) }
                    (alert(Wrong::Address))
                    input #email type="email" name="email" autocomplete="email" maxlength="254" required dir="ltr" value=(draft.email)
                        aria-invalid=[is_bad.then_some("true")] aria-describedby=[is_bad.then_some("wrong")];
                }
                (alert(Wrong::NoNewsletter))
                (self.newsletters_to_choose(offers.newsletters, &draft.newsletters))
                @if offers.alerts { (self.alerts(draft.alerts)) }
                (self.name(draft.name.as_ref()))
                (self.sections(&self.publication.sections, &draft.sections))
                // Only programs fill it in: no style sheet hides it from them.
                div.trap {
                    label for="website" { (self.say(SiteWord::Trap)) }
                    input #website type="text" name="website" autocomplete="off" tabindex="-1";
                }
                (alert(Wrong::OldConsent))
                input type="hidden" name="consent" value=(consent.version);
                p.paragraph {
                    (consent.text)
                    @if let Some(privacy) = &self.publication.privacy { " " a.text-link href=(privacy.as_str()) { (self.say(SiteWord::Privacy)) } }
                }
                button.text-link type="submit" { (self.publication.template.subscribe()) }
            }
        };
        let title = match paper {
            Some(paper) => self.publication.template.say(SiteWord::Join, paper),
            None => self.say(SiteWord::Join),
        };
        let whole = self.whole(&title, &head, &main);
        let Some(wrong) = wrong else {
            return naming_itself(page(StatusCode::OK, whole));
        };
        let said = Said {
            title,
            text: self.say(wrong.words()),
            field: Some(wrong.field()),
        };
        let page = page(StatusCode::UNPROCESSABLE_ENTITY, whole);
        (Extension(said), naming_itself(page)).into_response()
    }

    fn alert(&self, wrong: Option<Wrong>) -> Markup {
        html! { @if let Some(wrong) = wrong { p #wrong role="alert" { (self.say(wrong.words())) } } }
    }

    /// The same for everybody: whether an address is known is nobody's business. A domain that could be taken for another is shown as
    /// mail servers see it. The paper's own page says `thanks`, if it has one, to who came from a form of the paper's.
    pub(in super::super) fn sent(
        &self,
        address: Option<&Address>,
        thanks: Option<&Link>,
    ) -> Response {
        let odd = address.filter(|address| address.domain().contains("xn--"));
        let main = html! {
            (self.paragraph(SiteWord::SentText))
            @if let Some(address) = odd {
                p role="alert" { (self.say(SiteWord::OddDomain)) " " bdi dir="ltr" { (address.domain()) } }
            }
        };
        let page = match thanks {
            Some(thanks) => Redirect::to(thanks.as_str()).into_response(),
            None => self.own(StatusCode::OK, SiteWord::Sent, &main),
        };
        self.said(SiteWord::Sent, SiteWord::SentText, page)
    }
}
