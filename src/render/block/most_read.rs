//! The day's ranking: headlines, and the sections they are of.

use maud::{Markup, html};

use super::{part, story};
use crate::model::edition::List;
use crate::model::line::Line;
use crate::model::story::Story;
use crate::render::keys::{Class, Switch, Word};
use crate::render::plain::Plain;
use crate::render::printing::Printing;

pub(super) fn html(page: &Printing<'_>) -> Markup {
    let list = &page.edition.most_read;
    if list.is_empty() {
        return html! {};
    }
    let entries = list.iter().map(|placed| {
        let story = &placed.story;
        let section = section(page, story);
        let inside = html! {
            (story::link(page, Class::RankLink, List::MostRead, story))
            @if let Some(section) = section { br; (page.say("span", Class::Stamp, section.as_str())) }
        };
        page.element("li", Class::Rank, inside)
    });
    // The numbers are the list's own: two digits need more room.
    let class = if list.len() < 10 {
        Class::Ranking
    } else {
        Class::LongRanking
    };
    let list = page.element("ol", class, html! { @for entry in entries { (entry) } });
    part(page, Some(page.template.word(heading(page))), list)
}

/// It is the ranking itself if a story of the top is in it; else the best of the others (`overlap = false`).
fn heading(page: &Printing<'_>) -> Word {
    let top = || page.edition.top.iter().map(|placed| placed.story.url.key());
    let mut list = page.edition.most_read.iter();
    if page.edition.top.is_empty()
        || list.any(|placed| top().any(|key| key == placed.story.url.key()))
    {
        Word::MostRead
    } else {
        Word::MoreRead
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
    plain.heading(page.template.word(heading(page)));
    for (index, story) in list.iter().map(|placed| &placed.story).enumerate() {
        plain.gap();
        let first = format!("{}. ", index + 1);
        plain.lines(&first, &page.headline(&story.headline, &story.url));
        plain.lines(
            &" ".repeat(first.len()),
            section(page, story).map_or("", Line::as_str),
        );
        plain.address(&page.story_href(List::MostRead, &story.url));
    }
}
