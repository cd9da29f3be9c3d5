//! The parts of a story that several blocks print.

use maud::{Markup, Render as _, html};

use super::picture;
use crate::model::edition::List;
use crate::model::line::Line;
use crate::model::link::Link;
use crate::model::story::Story;
use crate::render::keys::{Class, Form, Phrase, Switch, Word};
use crate::render::plain::Plain;
use crate::render::printing::Printing;

/// The headline, which is the link: no "read more".
pub(super) fn link(page: &Printing<'_>, class: Class, list: List, story: &Story) -> Markup {
    let href = page.story_href(list, &story.url);
    let headline = page.headline(&story.headline, &story.url);
    page.link(class, &href, page.words(&headline))
}

/// A headline and its address.
pub(super) fn link_text(
    page: &Printing<'_>,
    plain: &mut Plain,
    first: &str,
    list: List,
    story: &Story,
) {
    plain.lines(first, &page.headline(&story.headline, &story.url));
    plain.address(&page.story_href(list, &story.url));
}

/// The headline of what is in none of the lists, which is the link.
pub(super) fn aside(page: &Printing<'_>, class: Class, headline: &Line, url: &Link) -> Markup {
    let words = page.headline(headline, url);
    page.link(class, &page.href(url), page.words(&words))
}

/// A headline of what is in none of the lists, and its address.
pub(super) fn aside_text(
    page: &Printing<'_>,
    plain: &mut Plain,
    first: &str,
    headline: &Line,
    url: &Link,
) {
    plain.lines(first, &page.headline(headline, url));
    plain.address(&page.href(url));
}

/// The label over a headline. Where pictures are large, who took them is beside it.
pub(super) fn label(page: &Printing<'_>, story: &Story, class: Class, is_headed: bool) -> Markup {
    let label = page
        .label(story, is_headed)
        .map(|label| page.words(label.as_str()).render());
    let credit = picture::credit_words(page, story).filter(|_| page.form() == Form::Plates);
    let credit = credit.map(|credit| page.words(&credit).render());
    line(page, class, label.into_iter().chain(credit), page.dot())
}

/// Byline and time.
pub(super) fn meta(page: &Printing<'_>, story: &Story) -> Markup {
    let byline = page
        .byline(story)
        .map(|byline| page.words(&byline).render());
    let time = page.time(story).map(|time| time.render());
    // In a margin, each has a line of its own.
    let between = match page.form() {
        Form::Axis => "<br>",
        Form::Front | Form::Plates => page.dot(),
    };
    line(page, Class::Meta, byline.into_iter().chain(time), between)
}

/// A line of parts, if there is any.
fn line(
    page: &Printing<'_>,
    class: Class,
    parts: impl Iterator<Item = Markup>,
    between: &str,
) -> Markup {
    let parts: Vec<String> = parts.map(Markup::into_string).collect();
    if parts.is_empty() {
        return html! {};
    }
    page.element("p", class, maud::PreEscaped(parts.join(between)))
}

pub(super) fn related(page: &Printing<'_>, story: &Story, class: Class) -> Markup {
    if story.related.is_empty() || !page.shows(Switch::Related) {
        return html! {};
    }
    let entries = story.related.iter().map(|related| {
        let link = aside(page, Class::Link, &related.headline, &related.url);
        page.element("li", Class::RelatedEntry, link)
    });
    page.element("ul", class, html! { @for entry in entries { (entry) } })
}

/// A picture and words beside it: a table, because Outlook knows no `float`. The picture is first in the source, so that it can float where
/// the page is narrow; the table runs the other way, so that it is on the end side everywhere. Both cells run the page's way: a picture that is
/// blocked is read, too.
pub(super) fn row(
    page: &Printing<'_>,
    [row, picture, words]: [Class; 3],
    image: Markup,
    text: Markup,
) -> Markup {
    let dir = page.template.language().direction();
    let turned = if dir == "ltr" { "rtl" } else { "ltr" };
    let cell = format!("td dir=\"{dir}\"");
    let cells =
        html! { tr { (page.element(&cell, picture, image)) (page.element(&cell, words, text)) } };
    page.element(&format!("table role=\"none\" dir=\"{turned}\""), row, cells)
}

/// Label, headline and address.
pub(super) fn headline_text(
    page: &Printing<'_>,
    plain: &mut Plain,
    story: &Story,
    is_headed: bool,
) {
    plain.lines("", page.label(story, is_headed).map_or("", Line::as_str));
    plain.lines("", &page.headline(&story.headline, &story.url));
}

/// Dek, of the lede its paragraphs, address and related stories.
pub(super) fn body_text(
    page: &Printing<'_>,
    plain: &mut Plain,
    story: &Story,
    dek: Option<&Line>,
    is_lede: bool,
) {
    plain.lines("", dek.map_or("", Line::as_str));
    if is_lede && !story.paragraphs.is_empty() {
        for paragraph in &story.paragraphs {
            plain.gap();
            plain.lines("", paragraph.as_str());
        }
        plain.gap();
        let read_on = page.template.word(Word::ReadOn);
        plain.lines("", &page.phrase(Phrase::Label, read_on));
    }
    plain.address(&page.story_href(List::Top, &story.url));
    if !story.related.is_empty() && page.shows(Switch::Related) {
        let related = page.template.word(Word::Related);
        plain.lines("", &page.phrase(Phrase::Label, related));
        for related in &story.related {
            aside_text(page, plain, "- ", &related.headline, &related.url);
        }
    }
}
