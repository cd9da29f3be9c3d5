//! The list of editions.

use maud::{Markup, html};

use super::PageFrame;
use crate::render::SiteWord;
use crate::site::service::Archived;

/// The most editions of a page.
const PAGE: usize = 100;

impl PageFrame {
    /// The first of these, newest first, and a link to those that are older.
    pub(in super::super) fn editions(&self, editions: &[Archived]) -> Markup {
        let public = &self.publication.public;
        let head = html! {
            link rel="canonical" href=(public.editions());
            link rel="alternate" type="application/atom+xml" title=(self.publication.newsletter.name) href=(self.path("editions.atom"));
        };
        let shown = &editions[..editions.len().min(PAGE)];
        let main = html! {
            @if shown.is_empty() { (self.paragraph(SiteWord::NoEditions)) }
            @else {
                ul.latest {
                    @for edition in shown {
                        li.entry {
                            a.link dir="auto" href=(self.path(&format!("editions/{}", edition.slug))) { (edition.subject) }
                            " "
                            span.stamp { time datetime=(edition.slug.day()) { (self.publication.template.day(edition.slug.day())) } }
                        }
                    }
                }
            }
            @if editions.len() > PAGE && let Some(last) = shown.last() {
                (self.link(&format!("editions?before={}", last.slug), &self.say(SiteWord::Older)))
            }
        };
        self.whole(&self.say(SiteWord::Editions), &head, &main)
    }
}
