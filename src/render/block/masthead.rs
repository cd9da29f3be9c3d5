//! The newsletter's name, the day with its lines, and the opening: the first line, visible, which inboxes show after the subject.

use maud::{Markup, Render as _, html};

use super::{day_line, picture, reading_time};
use crate::model::line::Line;
use crate::render::columns::width;
use crate::render::compose;
use crate::render::keys::{Block, Class, Form, Switch};
use crate::render::plain::Plain;
use crate::render::printing::Printing;

/// Columns: an inbox shows little more of a letter, so the opening begins within them.
const BEFORE_OPENING: usize = 60;
/// Columns of a name: a longer one is set smaller, one longer than the second smaller still.
const LONG: [usize; 2] = [22, 30];

/// What of the masthead the opening is behind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// Nothing: the name is longer than an inbox shows.
    Nothing,
    Name,
    Day,
    /// All of it: the lines of the day are short, or there are none.
    Lines,
}

/// The opening begins early, so it is behind as much of the masthead as is short enough; or wherever else the template has it.
fn place(page: &Printing<'_>) -> Place {
    let blocks = page.template.blocks();
    if !blocks
        .windows(2)
        .any(|two| two == [Block::Masthead, Block::Opening])
    {
        return Place::Lines;
    }
    let name = width(page.newsletter.name.as_str());
    let day = name + date(page).map_or(0, |date| width(&date));
    let lines = day + day_line::columns(page);
    let ends = [
        (lines, Place::Lines),
        (day, Place::Day),
        (name, Place::Name),
    ];
    let fits = ends.into_iter().find(|(end, _)| *end <= BEFORE_OPENING);
    fits.map_or(Place::Nothing, |(_, place)| place)
}

pub(super) fn html(page: &Printing<'_>) -> Markup {
    let place = place(page);
    let opening = |at| html! { @if place == at { (line(page)) } };
    let (name, day) = (name(page), date(page));
    let day = html! { @if let Some(day) = day { (page.element(if page.form() == Form::Axis { "p" } else { "td" }, Class::Date, day)) } };
    // Of a page that is a front page, the lines of the day are in the band with the day, at its end, unless the opening comes between.
    let is_ear = place == Place::Lines && page.form() == Form::Front;
    let ear = day_line::words(page, Class::EarLink).filter(|_| is_ear);
    let ear = html! { @if let Some(ear) = ear { (page.element("td", Class::Ear, ear)) } };
    let link = if page.form() == Form::Axis {
        Class::EarLink
    } else {
        Class::TextLink
    };
    let lines = day_line::words(page, link).filter(|_| !is_ear);
    let lines =
        html! { @if let Some(lines) = lines { (page.element("p", Class::DayLine, lines)) } };
    let band = |cells: Markup| {
        html! { @if !cells.0.is_empty() { (page.element("table role=\"none\"", Class::Band, html! { tr { (cells) } })) } }
    };
    let is_apart = place <= Place::Name;
    let head = match page.form() {
        Form::Axis => html! { (name) (opening(Place::Name)) (day) },
        Form::Front if is_apart => {
            html! { (page.element("div", Class::Masthead, name)) (opening(Place::Name)) (band(html! { (day) (ear) })) }
        }
        Form::Front => page.element(
            "div",
            Class::Masthead,
            html! { (name) (band(html! { (day) (ear) })) },
        ),
        Form::Plates => {
            let name = page.element("td", Class::Masthead, name);
            if is_apart {
                html! { (band(name)) (opening(Place::Name)) (band(day)) }
            } else {
                band(html! { (name) (day) })
            }
        }
    };
    let whole = html! { (opening(Place::Nothing)) (head) (opening(Place::Day)) (lines) };
    if page.form() == Form::Plates {
        super::inset(page, whole)
    } else {
        whole
    }
}

fn name(page: &Printing<'_>) -> Markup {
    let newsletter = page.newsletter;
    let logo = page.template.settings().logo.as_ref();
    let logo = logo.map(|logo| {
        let alt = logo.alt.as_ref().unwrap_or(&newsletter.name);
        let size = (logo.width, Some(logo.height));
        let light = page.image(Class::Logo, &logo.url, size, alt.as_str(), "");
        picture::with_dark(light, logo.dark.as_ref())
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

/// The day, and how long the letter takes.
fn date(page: &Printing<'_>) -> Option<String> {
    let day = page.shows(Switch::Date);
    let day = day.then(|| page.template.words().day(page.edition.slug.day()));
    let parts: Vec<String> = day.into_iter().chain(reading_time::words(page)).collect();
    (!parts.is_empty()).then(|| parts.join(page.dot()))
}

/// The opening, unless it is within the masthead.
pub(super) fn opening(page: &Printing<'_>) -> Markup {
    match place(page) {
        Place::Lines if page.form() == Form::Plates => super::inset(page, line(page)),
        Place::Lines => line(page),
        _ => html! {},
    }
}

fn line(page: &Printing<'_>) -> Markup {
    let opening = words(page);
    html! { @if let Some(opening) = opening { (page.say("p", Class::Opening, opening.as_str())) } }
}

/// The opening, unless it is the day and that is printed as the date.
fn words(page: &Printing<'_>) -> Option<Line> {
    let (edition, template) = (page.edition, page.template);
    let opening = compose::opening(edition, template);
    let is_date = page.shows(Switch::Date) && opening == compose::day(edition, template);
    Some(opening).filter(|_| !is_date)
}

pub(super) fn text(page: &Printing<'_>, plain: &mut Plain) {
    let opening = |plain: &mut Plain, at| {
        if place(page) == at {
            plain.gap();
            line_text(page, plain);
            plain.gap();
        }
    };
    opening(plain, Place::Nothing);
    plain.lines("", page.newsletter.name.as_str());
    opening(plain, Place::Name);
    plain.lines("", &date(page).unwrap_or_default());
    opening(plain, Place::Day);
    day_line::text(page, plain);
}

pub(super) fn opening_text(page: &Printing<'_>, plain: &mut Plain) {
    if place(page) == Place::Lines {
        line_text(page, plain);
    }
}

fn line_text(page: &Printing<'_>, plain: &mut Plain) {
    plain.lines("", words(page).as_ref().map_or("", Line::as_str));
}
