//! The list of editions.

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

use super::{PageFrame, page};
use crate::render::SiteWord;
use crate::site::Publication;
use crate::site::service::Archived;

/// The most editions of a page.
const PAGE: usize = 100;

impl PageFrame {
    /// The newsletters of a newsroom that has several, each with a link to its editions.
    pub(in super::super) fn newsletters<'a>(
        &self,
        all: impl Iterator<Item = &'a Publication>,
    ) -> Response {
        let main = html! {
            ul.latest {
                @for one in all {
                    li.entry {
                        a.link dir="auto" href=(self.path(&one.public.editions_below())) { (one.newsletter.name) }
                        @if let Some(about) = &one.about { " " span.stamp dir="auto" { (about) } }
                    }
                }
            }
        };
        page(
            StatusCode::OK,
            self.whole(&self.say(SiteWord::Editions), &html! {}, &main),
        )
    }

    /// The first of these, newest first, and a link to those that are older.
    pub(in super::super) fn editions(&self, editions: &[Archived]) -> Markup {
        let public = &self.publication.public;
        let head = html! {
            link rel="canonical" href=(public.editions());
            link rel="alternate" type="application/atom+xml" title=(self.publication.newsletter.name) href=(self.path(&format!("{}.atom", public.editions_below())));
        };
        let shown = &editions[..editions.len().min(PAGE)];
        let main = html! {
            @if shown.is_empty() { (self.paragraph(SiteWord::NoEditions)) }
            @else {
                ul.latest {
                    @for edition in shown {
                        li.entry {
                            a.link dir="auto" href=(self.path(&format!("{}/{}", public.editions_below(), edition.slug))) { (edition.subject) }
                            " "
                            span.stamp { time datetime=(edition.slug.day()) { (self.publication.template.day(edition.slug.day())) } }
                        }
                    }
                }
            }
            @if editions.len() > PAGE && let Some(last) = shown.last() {
                (self.link(&format!("{}?before={}", public.editions_below(), last.slug), &self.say(SiteWord::Older)))
            }
        };
        self.whole(&self.say(SiteWord::Editions), &head, &main)
    }
}
