//! The first and largest story.

use maud::{Markup, html};

use super::{picture, story};
use crate::model::line::Line;
use crate::model::story::Story;
use crate::render::keys::{Class, Switch, Word};
use crate::render::plain::Plain;
use crate::render::printing::Printing;

/// Pixels: a higher picture would push the story off the first screen, so it is shown narrower.
const HIGHEST: u32 = 400;

pub(super) fn html(page: &Printing<'_>) -> Markup {
    let Some(lede) = page.edition.top.first().map(|placed| &placed.story) else {
        return html! {};
    };
    html! {
        div class=[page.class(Class::Lede)] style=[page.style(Class::Lede)] {
            (story::label(page, lede))
            h2 class=[page.class(Class::LedeHeadline)] style=[page.style(Class::LedeHeadline)] {
                (story::link(page, &lede.headline, &lede.url))
            }
            @if let Some(picture) = picture(page, lede) {
                (picture) (picture::credit(page, lede))
            }
            @if let Some(dek) = dek(lede) {
                p class=[page.class(Class::LedeDek)] style=[page.style(Class::LedeDek)] { (page.words(dek.as_str())) }
            }
            (story::meta(page, lede))
            (paragraphs(page, lede))
            (story::related(page, lede))
        }
    }
}

fn picture(page: &Printing<'_>, lede: &Story) -> Option<Markup> {
    let width = page.template.settings().width;
    page.shows(Switch::Picture)
        .then(|| picture::html(page, lede, Class::Picture, (width, HIGHEST)))?
}

pub(super) fn text(page: &Printing<'_>, plain: &mut Plain) {
    if let Some(placed) = page.edition.top.first() {
        story::text(page, plain, "1. ", &placed.story, dek(&placed.story), true);
    }
}

/// The dek, unless the paragraphs begin with it: many feeds make one of the first words.
fn dek(lede: &Story) -> Option<&Line> {
    let first = lede.paragraphs.first().map_or("", Line::as_str);
    lede.dek.as_ref().filter(|dek| {
        let said = dek.as_str().trim_end_matches(['…', '.', ' ']);
        !first.starts_with(said)
    })
}

/// The story's first paragraphs, and where it goes on.
fn paragraphs(page: &Printing<'_>, lede: &Story) -> Markup {
    html! {
        @for paragraph in &lede.paragraphs {
            p class=[page.class(Class::LedeText)] style=[page.style(Class::LedeText)] { (page.words(paragraph.as_str())) }
        }
        @if !lede.paragraphs.is_empty() {
            p class=[page.class(Class::ReadOn)] style=[page.style(Class::ReadOn)] {
                a href=(page.href(&lede.url)) class=[page.class(Class::TextLink)] style=[page.style(Class::TextLink)] { (page.template.word(Word::ReadOn)) }
            }
        }
    }
}
