//! What is new: a line a story, its time in a column of times.

use maud::{Markup, html};

use super::{part, story};
use crate::model::edition::List;
use crate::render::columns::width;
use crate::render::keys::{Class, Word};
use crate::render::plain::Plain;
use crate::render::printing::Printing;

pub(super) fn html(page: &Printing<'_>) -> Markup {
    let list = &page.edition.latest;
    if list.is_empty() {
        return html! {};
    }
    let entries = list.iter().map(|placed| {
        let story = &placed.story;
        // The space is for those who see no columns.
        let time = page
            .short_time(story)
            .map(|time| page.element("span", Class::Time, time + " "));
        let class = if time.is_some() {
            Class::EntryLink
        } else {
            Class::Link
        };
        let link = story::link(page, class, List::Latest, story);
        page.element(
            "li",
            Class::Entry,
            html! { @if let Some(time) = time { (time) } (link) },
        )
    });
    let list = page.element(
        "ul",
        Class::Latest,
        html! { @for entry in entries { (entry) } },
    );
    part(page, Some(page.template.word(Word::Latest)), list)
}

pub(super) fn text(page: &Printing<'_>, plain: &mut Plain) {
    let stories = || page.edition.latest.iter().map(|placed| &placed.story);
    if stories().next().is_none() {
        return;
    }
    plain.heading(page.template.word(Word::Latest));
    let times: Vec<String> = stories()
        .map(|story| page.short_time(story).unwrap_or_default())
        .collect();
    let column = times
        .iter()
        .map(|time| width(time))
        .max()
        .unwrap_or_default();
    for (story, time) in stories().zip(times) {
        plain.gap();
        let gap = if column == 0 {
            0
        } else {
            column + 2 - width(&time)
        };
        let first = format!("{time}{}", " ".repeat(gap));
        story::link_text(page, plain, &first, List::Latest, story);
    }
}
