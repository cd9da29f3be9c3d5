//! The first and largest story.

use maud::{Markup, html};

use super::{picture, story};
use crate::model::story::Story;
use crate::render::keys::{Class, Switch};
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
            @if let Some(dek) = &lede.dek {
                p class=[page.class(Class::LedeDek)] style=[page.style(Class::LedeDek)] { (page.words(dek.as_str())) }
            }
            (story::meta(page, lede))
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
        story::text(page, plain, "1. ", &placed.story, placed.story.dek.as_ref());
    }
}
