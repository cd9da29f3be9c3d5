//! The newsletter's name, the day, and the opening: the first line, visible, which inboxes show after the subject. It begins within the first
//! letters of the page, whatever the name and the day take.

use maud::{Markup, Render as _, html};

use crate::render::columns::width;
use crate::render::compose;
use crate::render::keys::{Block, Class, Form, Switch};
use crate::render::plain::Plain;
use crate::render::printing::Printing;

/// Columns: an inbox shows little more of a letter, so the opening begins within them.
const BEFORE_OPENING: usize = 60;
/// Columns of a name: a longer one is set smaller, one longer than the second smaller still.
const LONG: [usize; 2] = [22, 30];

/// Where the opening is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Behind name and day, as nearly always, or wherever the template has it.
    Behind,
    /// Before the day, because the name is long.
    BeforeDay,
    /// Before the name, because that is longer than an inbox shows.
    First,
}

fn place(page: &Printing<'_>) -> Place {
    let blocks = page.template.blocks();
    let follows = blocks
        .windows(2)
        .any(|two| two == [Block::Masthead, Block::Opening]);
    let name = width(page.newsletter.name.as_str());
    let day = date(page).map_or(0, |date| width(&date));
    match follows {
        true if name > BEFORE_OPENING => Place::First,
        true if name + day > BEFORE_OPENING => Place::BeforeDay,
        _ => Place::Behind,
    }
}

pub(super) fn html(page: &Printing<'_>) -> Markup {
    let (name, day) = (name(page), day(page));
    let opening = |at| html! { @if place(page) == at { (line(page)) } };
    let is_apart = place(page) == Place::BeforeDay;
    match page.form() {
        Form::Axis => html! { (opening(Place::First)) (name) (opening(Place::BeforeDay)) (day) },
        Form::Front => {
            let below = if is_apart {
                html! {}
            } else {
                day.clone()
            };
            html! {
                (opening(Place::First))
                (page.element("div", Class::Masthead, html! { (name) (below) }))
                @if is_apart { (line(page)) (day) }
            }
        }
        Form::Plates => {
            let band = |inside| {
                page.element(
                    "table role=\"none\"",
                    Class::Band,
                    html! { tr { (inside) } },
                )
            };
            let name = page.element("td", Class::Masthead, name);
            let top = if is_apart {
                html! { (band(name)) (line(page)) (band(day)) }
            } else {
                band(html! { (name) (day) })
            };
            super::inset(page, html! { (opening(Place::First)) (top) })
        }
    }
}

fn name(page: &Printing<'_>) -> Markup {
    let newsletter = page.newsletter;
    let logo = page.template.settings().logo.as_ref();
    let logo = logo.map(|logo| {
        let alt = logo.alt.as_ref().unwrap_or(&newsletter.name);
        let size = (logo.width, Some(logo.height));
        page.image(Class::Logo, &logo.url, size, alt.as_str(), "")
    });
    let inside = logo.unwrap_or_else(|| page.words(newsletter.name.as_str()).render());
    let class = by_length(
        [Class::Name, Class::LongName, Class::LongestName],
        newsletter.name.as_str(),
        LONG,
    );
    page.element(
        "h1",
        class,
        page.link(Class::NameLink, &page.href(&newsletter.site), inside),
    )
}

/// The class for text of that length.
pub(super) fn by_length(classes: [Class; 3], text: &str, long: [usize; 2]) -> Class {
    classes[long.iter().filter(|long| width(text) > **long).count()]
}

fn day(page: &Printing<'_>) -> Markup {
    let Some(date) = date(page) else {
        return html! {};
    };
    match page.form() {
        Form::Axis => page.element("p", Class::Date, date),
        Form::Plates => page.element("td", Class::Date, date),
        Form::Front => {
            let row = html! { tr { (page.element("td", Class::Date, date)) } };
            page.element("table role=\"none\"", Class::Band, row)
        }
    }
}

fn date(page: &Printing<'_>) -> Option<String> {
    page.shows(Switch::Date)
        .then(|| page.template.words().day(page.edition.slug.day()))
}

/// The opening, unless it stands within the masthead.
pub(super) fn opening(page: &Printing<'_>) -> Markup {
    match place(page) {
        Place::Behind if page.form() == Form::Plates => super::inset(page, line(page)),
        Place::Behind => line(page),
        Place::BeforeDay | Place::First => html! {},
    }
}

fn line(page: &Printing<'_>) -> Markup {
    page.say(
        "p",
        Class::Opening,
        compose::opening(page.edition, page.template).as_str(),
    )
}

pub(super) fn text(page: &Printing<'_>, plain: &mut Plain) {
    let opening = |plain: &mut Plain, at| {
        if place(page) == at {
            line_text(page, plain);
            plain.gap();
        }
    };
    opening(plain, Place::First);
    plain.lines("", page.newsletter.name.as_str());
    opening(plain, Place::BeforeDay);
    plain.lines("", &date(page).unwrap_or_default());
}

pub(super) fn opening_text(page: &Printing<'_>, plain: &mut Plain) {
    if place(page) == Place::Behind {
        line_text(page, plain);
    }
}

fn line_text(page: &Printing<'_>, plain: &mut Plain) {
    plain.lines("", compose::opening(page.edition, page.template).as_str());
}
