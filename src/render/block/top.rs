//! The top stories after the lede.

use maud::{Markup, html};

use super::{inset, part, picture, story};
use crate::model::edition::List;
use crate::model::line::Line;
use crate::model::story::Story;
use crate::render::arrangement::{Group, Part, Row};
use crate::render::keys::{Class, Form, Switch, Word};
use crate::render::opinion::is_opinion;
use crate::render::plain::Plain;
use crate::render::printing::Printing;

pub(super) fn html(page: &Printing<'_>) -> Markup {
    html! {
        @for (part, above) in parts(page) {
            (part_html(page, part, matches!(above, Above::Other | Above::Pair))) "\n"
        }
    }
}

/// What is above a group without a heading, which is none of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Above {
    /// The lede, or a section.
    Other,
    /// The two seconds: their pictures set them apart, which text has not.
    Pair,
    /// More of the same; or the part has a heading.
    Same,
}

fn parts<'p>(page: &'p Printing<'_>) -> impl Iterator<Item = (&'p Part<'p>, Above)> {
    let parts = &page.arrangement.parts;
    let before = std::iter::once(None).chain(parts.iter().map(Some));
    let has_heading =
        |part: &Part<'_>| matches!(part, Part::Group(group) if heading(page, group).is_some());
    parts.iter().zip(before).map(move |(part, before)| {
        let above = match before {
            _ if !matches!(part, Part::Group(_)) || has_heading(part) => Above::Same,
            Some(Part::Pair(_)) => Above::Pair,
            Some(before) if !has_heading(before) => Above::Same,
            _ => Above::Other,
        };
        (part, above)
    })
}

fn part_html(page: &Printing<'_>, of: &Part<'_>, is_apart: bool) -> Markup {
    match of {
        Part::Pair([first, second]) => {
            // Inline blocks are under one another where there is no room, also without `<style>`; the distance is inside the first.
            let first = page.element("div", Class::Gap, plate(page, first, Class::Second));
            let second = plate(page, second, Class::Second);
            let halves = html! { (page.element("div", Class::Half, first)) (page.element("div", Class::SecondHalf, second)) };
            page.element("div", Class::Pair, halves)
        }
        Part::Plate(row) => page.element("div", Class::Story, plate(page, row, Class::Plate)),
        Part::Group(group) => {
            // A rule is between two stories, and above the first where nothing else sets it apart.
            let is_ruled = page.form() == Form::Front && is_apart;
            let is_begun = is_ruled || page.form() == Form::Axis || group.section.is_some();
            let rows = html! {
                @for (index, row) in group.rows.iter().enumerate() { (row_html(page, row, group, index == 0 && is_begun)) }
            };
            let inside = html! { (rows) (headlines(page, &group.headlines)) };
            let rule = page.element("div", Class::Heading, html! {});
            html! { @if is_ruled { (rule) } (part(page, heading(page, group), inside)) }
        }
    }
}

/// The heading of stories under one another: their section or, where all others have pictures, that they have none.
fn heading<'p>(page: &'p Printing<'_>, group: &Group<'p>) -> Option<&'p str> {
    let in_words = || (page.form() == Form::Plates).then(|| page.template.word(Word::InWords));
    group.section.map(Line::as_str).or_else(in_words)
}

/// A picture and its words under it.
fn plate(page: &Printing<'_>, row: &Row<'_>, headline: Class) -> Markup {
    let story = row.story;
    let words = html! {
        (story::label(page, story, Class::PlateLabel, false))
        (page.element("h2", headline, story::link(page, Class::Link, List::Top, story)))
        (dek(page, story)) (story::related(page, story, Class::StoryRelated))
    };
    html! {
        @if let Some(shown) = row.picture { (picture::html(page, story, Class::Picture, shown)) }
        (inset(page, words))
    }
}

/// A story across the page, its picture small.
fn row_html(page: &Printing<'_>, row: &Row<'_>, group: &Group<'_>, is_first: bool) -> Markup {
    let story = row.story;
    let author = story
        .byline
        .as_ref()
        .filter(|_| is_opinion(story.section.as_ref()));
    let level = if group.section.is_some() { "h3" } else { "h2" };
    let words = html! {
        (story::label(page, story, Class::Label, group.section.is_some()))
        @if let Some(author) = author { (page.say("p", Class::Author, author.as_str())) }
        (page.element(level, Class::Headline, story::link(page, Class::Link, List::Top, story)))
        (dek(page, story)) (story::related(page, story, Class::StoryRelated))
    };
    let whole = match row.picture {
        Some(shown) => {
            let image = picture::html(page, story, Class::Thumbnail, shown);
            story::row(
                page,
                [Class::Row, Class::RowPicture, Class::RowText],
                image,
                words,
            )
        }
        None => words,
    };
    let class = if is_first {
        Class::Story
    } else {
        Class::NextStory
    };
    page.element("div", class, whole)
}

fn dek(page: &Printing<'_>, story: &Story) -> Markup {
    let dek = story.dek.as_ref().filter(|_| page.shows(Switch::Dek));
    html! { @if let Some(dek) = dek { (page.say("p", Class::Dek, dek.as_str())) } }
}

fn headlines(page: &Printing<'_>, stories: &[&Story]) -> Markup {
    let entries = stories.iter().map(|story| {
        page.element(
            "li",
            Class::HeadlinesEntry,
            story::link(page, Class::Link, List::Top, story),
        )
    });
    html! { @if !stories.is_empty() { (page.element("ul", Class::Headlines, html! { @for entry in entries { (entry) } })) } }
}

pub(super) fn text(page: &Printing<'_>, plain: &mut Plain) {
    for (index, (part, above)) in parts(page).enumerate() {
        if above == Above::Other && index > 0 {
            plain.gap();
            plain.rule();
        }
        match part {
            Part::Pair(pair) => pair
                .iter()
                .for_each(|row| story_text(page, plain, row.story, false)),
            Part::Plate(row) => story_text(page, plain, row.story, false),
            Part::Group(group) => {
                if let Some(heading) = heading(page, group) {
                    plain.heading(heading);
                }
                for row in &group.rows {
                    story_text(page, plain, row.story, group.section.is_some());
                }
                for story in &group.headlines {
                    plain.gap();
                    story::link_text(page, plain, "", List::Top, story);
                }
            }
        }
    }
}

fn story_text(page: &Printing<'_>, plain: &mut Plain, story: &Story, is_headed: bool) {
    plain.gap();
    story::headline_text(page, plain, story, is_headed);
    let author = story
        .byline
        .as_ref()
        .filter(|_| is_opinion(story.section.as_ref()));
    plain.lines("", author.map_or("", Line::as_str));
    let dek = story.dek.as_ref().filter(|_| page.shows(Switch::Dek));
    story::body_text(page, plain, story, dek, false);
}
