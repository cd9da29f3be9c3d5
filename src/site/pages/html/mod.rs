//! The pages, drawn with the template's classes, so that they look like the letters. They hold no script, and work without a style sheet.

mod approval;
mod archive;
mod join;
mod question;
mod reader;
mod snippet;

pub(super) use join::{SignUpOffers, Wrong};
pub(super) use reader::{Note, Offers};
pub use snippet::snippet;

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use maud::{DOCTYPE, Markup, html};
use serde_json::json;

use super::kept::{ArchiveCache, CachedBody};
use crate::model::consent::Consent;
use crate::model::line::Line;
use crate::model::newsletter_name::NewsletterName;
use crate::render::{SiteWord, Template};
use crate::site::Publication;

/// A year: the address of the style sheet changes when it does.
const STYLE_KEEPS: &str = "public, max-age=31536000, immutable";

/// What a page says, for a script that wants no page.
#[derive(Clone)]
pub(super) struct Said {
    title: String,
    text: String,
    /// The field of the form that is wrong.
    field: Option<&'static str>,
}

impl Said {
    pub(super) fn json(self, status: StatusCode) -> Response {
        let Self { title, text, field } = self;
        let done = status.is_success();
        let said = json!({ "done": done, "title": title, "text": text, "field": field });
        let kind = [(header::CONTENT_TYPE, "application/json")];
        (status, kind, said.to_string()).into_response()
    }
}

/// What all pages of a newsletter have around them, and its archive.
pub(super) struct PageFrame {
    pub(super) publication: Arc<Publication>,
    pub(super) style: CachedBody,
    pub(super) archive: ArchiveCache,
}

impl PageFrame {
    pub(super) fn new(publication: Arc<Publication>) -> Self {
        let style = publication.template.style_sheet() + include_str!("../style.css");
        Self {
            publication,
            style: CachedBody::new("text/css; charset=utf-8", style, None, STYLE_KEEPS),
            archive: ArchiveCache::default(),
        }
    }

    fn say(&self, say: SiteWord) -> String {
        self.publication
            .template
            .say(say, &self.publication.newsletter.name)
    }

    /// The path of a page, as browsers outside see it.
    fn path(&self, below: &str) -> String {
        format!("{}{below}", self.publication.public.path())
    }

    /// What a reader agrees to; `paper` is whose newsletters they may choose from, where there are several.
    pub(super) fn consent(&self, paper: Option<&Line>) -> Consent {
        let one = &self.publication;
        let newsletter = paper.unwrap_or(&one.newsletter.name);
        consent(one.consent.as_ref(), &one.template, newsletter)
    }

    /// The sections a reader may choose from: those that are offered, and those chosen before that no longer are.
    pub(super) fn offered(&self, chosen: &[Line]) -> Vec<Line> {
        let mut offered = self.publication.sections.clone();
        let gone = chosen
            .iter()
            .filter(|section| !self.publication.sections.contains(section));
        offered.extend(gone.cloned());
        offered
    }

    fn whole(&self, title: &str, head: &Markup, main: &Markup) -> Markup {
        let Publication {
            newsletter,
            template,
            public,
            ..
        } = &*self.publication;
        let language = &newsletter.language;
        html! {
            (DOCTYPE)
            html lang=(language.tag()) dir=(language.direction()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width,initial-scale=1";
                    title { (title) " · " (newsletter.name) }
                    link rel="stylesheet" href={ (self.path("style.css?")) (self.style.version()) };
                    (head)
                }
                body.paper {
                    div.page {
                        div.column {
                            header.masthead { p.name { a.name-link href=(newsletter.site.as_str()) { (newsletter.name) } } }
                            main.note {
                                h1.lede-headline { (title) }
                                (main)
                            }
                            footer.footer {
                                p.line {
                                    a.text-link href=(self.path("")) { (template.subscribe()) }
                                    @if public.archive { " · " a.text-link href=(self.path(&public.editions_below())) { (self.say(SiteWord::Editions)) } }
                                    @if let Some(privacy) = &self.publication.privacy { " · " a.text-link href=(privacy.as_str()) { (self.say(SiteWord::Privacy)) } }
                                }
                                p.line { (newsletter.address) }
                            }
                        }
                    }
                }
            }
        }
    }

    /// A page that is somebody's own: no search engine shows it.
    fn own(&self, status: StatusCode, title: SiteWord, main: &Markup) -> Response {
        self.own_under(status, &self.say(title), main)
    }

    fn own_under(&self, status: StatusCode, title: &str, main: &Markup) -> Response {
        let head = html! { meta name="robots" content="noindex"; };
        page(status, self.whole(title, &head, main))
    }

    /// A page that only says something.
    fn told(&self, status: StatusCode, title: SiteWord, text: SiteWord) -> Response {
        let page = self.own(status, title, &self.paragraph(text));
        self.said(title, text, page)
    }

    /// The page, with what it says for a script.
    fn said(&self, title: SiteWord, text: SiteWord, page: Response) -> Response {
        let said = Said {
            title: self.say(title),
            text: self.say(text),
            field: None,
        };
        (Extension(said), page).into_response()
    }

    fn paragraph(&self, text: SiteWord) -> Markup {
        html! { p.paragraph { (self.say(text)) } }
    }

    fn link(&self, below: &str, words: &str) -> Markup {
        html! { p.paragraph { a.text-link href=(self.path(below)) { (words) } } }
    }

    /// There is no such page, or none that this token opens.
    pub(super) fn lost(&self) -> Response {
        self.told(StatusCode::NOT_FOUND, SiteWord::Lost, SiteWord::LostText)
    }

    /// A form of a foreign page.
    pub(super) fn refused(&self) -> Response {
        self.told(
            StatusCode::FORBIDDEN,
            SiteWord::Refused,
            SiteWord::RefusedText,
        )
    }

    /// What was sent is too long, too slow, no form, or nothing that the page answers to.
    pub(super) fn unread(&self, status: StatusCode) -> Response {
        self.told(status, SiteWord::Unread, SiteWord::UnreadText)
    }

    /// A client asks too often.
    pub(super) fn busy(&self, wait: Duration) -> Response {
        let seconds = (wait + Duration::from_millis(999)).as_secs();
        self.again_after(seconds, StatusCode::TOO_MANY_REQUESTS, SiteWord::Busy)
    }

    /// The ledger cannot answer; nothing was done.
    pub(super) fn later(&self) -> Response {
        self.again_after(60, StatusCode::SERVICE_UNAVAILABLE, SiteWord::Later)
    }

    fn again_after(&self, seconds: u64, status: StatusCode, title: SiteWord) -> Response {
        let page = self.told(status, title, SiteWord::Soon);
        ([(header::RETRY_AFTER, seconds.to_string())], page).into_response()
    }

    /// The fieldset of sections.
    fn sections(&self, offered: &[Line], chosen: &[Line]) -> Markup {
        html! {
            @if !offered.is_empty() {
                fieldset aria-describedby="all-sections" {
                    legend { (self.say(SiteWord::Sections)) }
                    p.meta #all-sections { (self.say(SiteWord::AllSections)) }
                    @for section in offered {
                        label.choice { input type="checkbox" name="section" value=(section) checked[chosen.contains(section)]; span dir="auto" { (section) } }
                    }
                }
            }
        }
    }

    /// The fieldset of several newsletters, each with its sentence and its editions as a sample.
    fn newsletters_to_choose(&self, all: &[&Publication], chosen: &[NewsletterName]) -> Markup {
        html! {
            @if !all.is_empty() {
                fieldset {
                    legend { (self.say(SiteWord::Newsletters)) }
                    @for (one, name) in all.iter().filter_map(|one| Some((one, one.name()?))) {
                        label.choice { input type="checkbox" name="newsletter" value=(name) checked[chosen.contains(name)]; span dir="auto" { (one.newsletter.name) } }
                        p.meta dir="auto" {
                            @if let Some(about) = &one.about { (about) " " }
                            @if one.public.archive { a.text-link href=(self.path(&one.public.editions_below())) { (self.say(SiteWord::Editions)) } }
                        }
                    }
                }
            }
        }
    }

    /// The tick for alerts.
    fn alerts(&self, is_chosen: bool) -> Markup {
        html! { label.choice { input type="checkbox" name="alerts" value="yes" checked[is_chosen]; span { (self.say(SiteWord::Alerts)) } } }
    }

    /// The field of a name.
    fn name(&self, name: Option<&Line>) -> Markup {
        html! {
            div.field {
                label for="name" { (self.say(SiteWord::YourName)) }
                input #name type="text" name="name" autocomplete="name" maxlength="100" dir="auto" value=[name];
            }
        }
    }
}

/// What a reader agrees to: `own` words, else the template's, about that newsletter or paper.
fn consent(own: Option<&Line>, template: &Template, newsletter: &Line) -> Consent {
    let words = || Line::clean(&template.say(SiteWord::Consent, newsletter));
    Consent::new(own.cloned().unwrap_or_else(words))
}

fn page(status: StatusCode, page: Markup) -> Response {
    (status, Html(page.into_string())).into_response()
}

/// A page with a form of which it matters whose page sent it: its browser says so in `Origin`. No token is in its address.
fn naming_itself(page: Response) -> Response {
    ([(header::REFERRER_POLICY, "same-origin")], page).into_response()
}

/// A button, alone in its form.
fn button(path: &str, words: &str, fields: &[(&str, &str)]) -> Markup {
    html! {
        form method="post" action=(path) {
            @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
            button.text-link type="submit" { (words) }
        }
    }
}
