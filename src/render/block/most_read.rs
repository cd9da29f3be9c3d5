//! The day's ranking: headlines only.

use maud::{Markup, html};

use super::story;
use crate::model::line::Line;
use crate::model::story::Story;
use crate::render::keys::{Class, Switch, Word};
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
                        @if let Some(section) = section(page, &placed.story) {
                            " " span class=[page.class(Class::Label)] style=[page.style(Class::Label)] { (page.words(section.as_str())) }
                        }
                    }
                }
            }
        }
    }
}

fn section<'s>(page: &Printing<'_>, story: &'s Story) -> Option<&'s Line> {
    let section = story.section.as_ref();
    section.filter(|_| page.shows(Switch::MostReadSection))
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
        let section = section(page, &placed.story);
        plain.lines("", section.map_or("", Line::as_str));
    }
}
