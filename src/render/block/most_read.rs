//! The day's ranking: headlines only.

use maud::{Markup, html};

use super::story;
use crate::render::keys::{Class, Word};
use crate::render::plain::Plain;
use crate::render::printing::Printing;

pub(super) fn html(page: &Printing<'_>) -> Markup {
    let list = &page.edition.most_read;
    html! {
        @if !list.is_empty() {
            (story::heading(page, Word::MostRead))
            ol class=[page.class(Class::Ranking)] style=[page.style(Class::Ranking)] {
                @for placed in list {
                    li class=[page.class(Class::Rank)] style=[page.style(Class::Rank)] {
                        (story::link(page, &placed.story.headline, &placed.story.url))
                    }
                }
            }
        }
    }
}

pub(super) fn text(page: &Printing<'_>, plain: &mut Plain) {
    let list = &page.edition.most_read;
    if list.is_empty() {
        return;
    }
    plain.heading(page.template.word(Word::MostRead));
    for (index, placed) in list.iter().enumerate() {
        plain.gap();
        story::link_text(
            page,
            plain,
            &format!("{}. ", index + 1),
            &placed.story.headline,
            &placed.story.url,
        );
    }
}
