//! The top stories after the lede.

use maud::{Markup, html};

use super::{picture, story};
use crate::model::story::Story;
use crate::render::keys::{Class, Switch};
use crate::render::plain::Plain;
use crate::render::printing::Printing;

pub(super) fn html(page: &Printing<'_>) -> Markup {
    html! {
        @for top in page.edition.top.iter().skip(1).map(|placed| &placed.story) {
            div class=[page.class(Class::Story)] style=[page.style(Class::Story)] {
                @if let Some(thumbnail) = thumbnail(page, top) {
                    // A table, because Outlook knows no `float`; its cells turn around by themselves where lines run from the right.
                    table role="none" class=[page.class(Class::Row)] style=[page.style(Class::Row)] {
                        tr {
                            td class=[page.class(Class::RowText)] style=[page.style(Class::RowText)] { (words(page, top)) }
                            td class=[page.class(Class::RowPicture)] style=[page.style(Class::RowPicture)] { (thumbnail) }
                        }
                    }
                } @else {
                    (words(page, top))
                }
            }
            "\n"
        }
    }
}

fn thumbnail(page: &Printing<'_>, story: &Story) -> Option<Markup> {
    let most = page.template.settings().thumbnail;
    page.shows(Switch::Thumbnails)
        .then(|| picture::html(page, story, Class::Thumbnail, (most, most)))?
}

fn words(page: &Printing<'_>, story: &Story) -> Markup {
    html! {
        (story::label(page, story))
        h2 class=[page.class(Class::Headline)] style=[page.style(Class::Headline)] {
            (story::link(page, &story.headline, &story.url))
        }
        @if let Some(dek) = story.dek.as_ref().filter(|_| page.shows(Switch::Dek)) {
            p class=[page.class(Class::Dek)] style=[page.style(Class::Dek)] { (page.words(dek.as_str())) }
        }
        (story::meta(page, story))
        (story::related(page, story))
    }
}

pub(super) fn text(page: &Printing<'_>, plain: &mut Plain) {
    for (index, placed) in page.edition.top.iter().enumerate().skip(1) {
        let dek = placed
            .story
            .dek
            .as_ref()
            .filter(|_| page.shows(Switch::Dek));
        plain.gap();
        story::text(
            page,
            plain,
            &format!("{}. ", index + 1),
            &placed.story,
            dek,
            false,
        );
    }
}
