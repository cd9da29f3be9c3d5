//! The form to subscribe, and what is said after it.

use axum::http::StatusCode;
use axum::response::Response;
use maud::html;

use super::super::form::FormEntries;
use super::{PageFrame, page};
use crate::model::address::Address;
use crate::model::line::Line;
use crate::render::SiteWord;
use crate::site::Publication;

impl PageFrame {
    /// The form, with what the reader wrote before; `wrong`: that was no address that a letter can reach.
    /// `newsletters` are those to choose from, where there are several, and `paper` is whose they are.
    pub(in super::super) fn join(
        &self,
        draft: &FormEntries,
        newsletters: &[&Publication],
        paper: Option<&Line>,
        wrong: bool,
    ) -> Response {
        let head = html! { link rel="canonical" href=(self.publication.public.url()); };
        let main = html! {
            form method="post" action=(self.path("")) {
                div.field {
                    label for="email" { (self.say(SiteWord::Email)) }
                    @if wrong { p #wrong role="alert" { (self.say(SiteWord::BadAddress)) } }
                    input #email type="email" name="email" autocomplete="email" maxlength="254" required dir="ltr" value=(draft.email)
                        aria-invalid=[wrong.then_some("true")] aria-describedby=[wrong.then_some("wrong")];
                }
                (self.newsletters_to_choose(newsletters, &draft.newsletters))
                (self.name(draft.name.as_ref()))
                (self.sections(&self.publication.sections, &draft.sections))
                // Only programs fill it in: no style sheet hides it from them.
                div.trap {
                    label for="website" { (self.say(SiteWord::Trap)) }
                    input #website type="text" name="website" autocomplete="off" tabindex="-1";
                }
                p.paragraph { (self.consent(paper)) }
                button.text-link type="submit" { (self.publication.template.subscribe()) }
            }
        };
        let status = if wrong {
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            StatusCode::OK
        };
        let title = match paper {
            Some(paper) => self.publication.template.say(SiteWord::Join, paper),
            None => self.say(SiteWord::Join),
        };
        page(status, self.whole(&title, &head, &main))
    }

    /// The same for everybody: whether an address is known is nobody's business. A domain that could be taken for another is shown as
    /// mail servers see it.
    pub(in super::super) fn sent(&self, address: Option<&Address>) -> Response {
        let odd = address.filter(|address| address.domain().contains("xn--"));
        let main = html! {
            (self.paragraph(SiteWord::SentText))
            @if let Some(address) = odd {
                p role="alert" { (self.say(SiteWord::OddDomain)) " " bdi dir="ltr" { (address.domain()) } }
            }
        };
        self.own(StatusCode::OK, SiteWord::Sent, &main)
    }
}
