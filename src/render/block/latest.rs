//! What is new: a line a story.

use maud::{Markup, html};

use super::story;
use crate::model::story::Story;
use crate::render::keys::{Class, Switch, Word};
use crate::render::plain::Plain;
use crate::render::printing::Printing;

pub(super) fn html(page: &Printing<'_>) -> Markup {
    let list = &page.edition.latest;
    html! {
        @if !list.is_empty() {
            (story::heading(page, Word::Latest))
            ul class=[page.class(Class::Latest)] style=[page.style(Class::Latest)] {
                @for story in list.iter().map(|placed| &placed.story) {
                    li class=[page.class(Class::Entry)] style=[page.style(Class::Entry)] {
                        (story::link(page, &story.headline, &story.url))
                        @if let Some(stamp) = stamp(page, story) {
                            "\u{2002}" span class=[page.class(Class::Stamp)] style=[page.style(Class::Stamp)] { (page.words(&stamp)) }
                        }
                    }
                }
            }
        }
    }
}

/// `06:10 · News`: behind the headline, so that all headlines begin where the lines do. No line ends within it, but in a section of several
/// words.
fn stamp(page: &Printing<'_>, story: &Story) -> Option<String> {
    let time = page.time(story);
    let section = (story.section.as_ref()).filter(|_| page.shows(Switch::Section));
    match (time, section) {
        (Some(time), Some(section)) => {
            let time = format!("{time}{}", page.dot()).replace(' ', "\u{a0}");
            Some(format!("{time}{section}"))
        }
        (time, section) => time.or_else(|| section.map(ToString::to_string)),
    }
}

pub(super) fn text(page: &Printing<'_>, plain: &mut Plain) {
    let list = &page.edition.latest;
    if list.is_empty() {
        return;
    }
    plain.heading(page.template.word(Word::Latest));
    for story in list.iter().map(|placed| &placed.story) {
        plain.gap();
        let time = page
            .time(story)
            .map(|time| format!("{time}  "))
            .unwrap_or_default();
        let headline = page.headline(&story.headline, &story.url);
        match story
            .section
            .as_ref()
            .filter(|_| page.shows(Switch::Section))
        {
            Some(section) => plain.lines(&time, &format!("{headline} ({section})")),
            None => plain.lines(&time, &headline),
        }
        plain.address(&page.href(&story.url));
    }
}
