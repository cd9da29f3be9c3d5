//! The first and largest story.

use maud::{Markup, html};

use super::masthead::by_length;
use super::{beside, inset, panel, picture, story};
use crate::model::edition::List;
use crate::model::line::Line;
use crate::model::story::Story;
use crate::render::arrangement::{Lede, LedePicture};
use crate::render::keys::{Class, Form, Switch, Word};
use crate::render::plain::Plain;
use crate::render::printing::Printing;

/// Columns of a headline: a longer one is set smaller, one longer than the second smaller still.
const LONG: [usize; 2] = [60, 90];

pub(super) fn html(page: &Printing<'_>) -> Markup {
    let Some(lede) = &page.arrangement.lede else {
        return html! {};
    };
    let (words, picture) = (words(page, lede), lede.picture);
    let credit = html! { @if picture.is_some() { (picture::credit(page, lede.story)) } };
    let image = |shown| picture::html(page, lede.story, Class::Picture, shown);
    let related = further(page, lede.story);
    match (page.form(), picture) {
        (Form::Axis, _) => html! { (panel(page, words)) (behind_poster(page)) },
        // A stamp above the words would leave a hole beside it.
        (Form::Front | Form::Plates, Some(LedePicture::Beside(shown))) => {
            let row = story::row(
                page,
                [Class::LedeRow, Class::LedePicture, Class::LedeWords],
                image(shown),
                words,
            );
            let inside = html! { (row) @if page.form() == Form::Front { (credit) } (related) };
            page.element("div", Class::Lede, inset(page, inside))
        }
        (Form::Plates, _) => {
            let across = if let Some(LedePicture::Across(shown)) = picture {
                image(shown)
            } else {
                html! {}
            };
            page.element(
                "div",
                Class::Lede,
                html! { (across) (inset(page, html! { (words) (related) })) },
            )
        }
        (Form::Front, Some(LedePicture::Across(shown))) => page.element(
            "div",
            Class::Lede,
            html! { (words) (image(shown)) (credit) (related) },
        ),
        (Form::Front, None) => page.element("div", Class::Lede, html! { (words) (related) }),
    }
}

/// What of the lede is on the panel.
pub(super) fn poster(page: &Printing<'_>) -> Markup {
    page.arrangement
        .lede
        .as_ref()
        .map_or_else(|| html! {}, |lede| words(page, lede))
}

/// What of it is beside the margin.
pub(super) fn behind_poster(page: &Printing<'_>) -> Markup {
    let Some(Lede { story, picture }) = &page.arrangement.lede else {
        return html! {};
    };
    let image = match *picture {
        Some(LedePicture::Across(shown) | LedePicture::Beside(shown)) => {
            html! { (picture::html(page, story, Class::Picture, shown)) (picture::credit(page, story)) }
        }
        None => html! {},
    };
    let main = html! { (image) (further(page, story)) };
    if main.0.is_empty() {
        return html! {};
    }
    beside(page, Class::LedePart, story::meta(page, story), main)
}

/// Label, headline and standfirst, and what follows them where there is no margin for it.
fn words(page: &Printing<'_>, lede: &Lede<'_>) -> Markup {
    let story = lede.story;
    let class = by_length(
        [Class::LedeHeadline, Class::LongLede, Class::LongestLede],
        story.headline.as_str(),
        LONG,
    );
    let has_meta = match page.form() {
        Form::Front => true,
        Form::Axis => false,
        // A time alone is no line.
        Form::Plates => page.shows(Switch::Byline),
    };
    // In a margin beside nothing, byline and time would be lost.
    let is_all = page.form() == Form::Axis
        && lede.picture.is_none()
        && further(page, story).0.is_empty()
        && !meta_text(page, story).is_empty();
    html! {
        (story::label(page, story, Class::LedeLabel, false))
        (page.element("h2", class, story::link(page, Class::LedeLink, List::Top, story)))
        @if let Some(dek) = dek(story) { (page.say("p", Class::LedeDek, dek.as_str())) }
        @if has_meta { (story::meta(page, story)) }
        @if is_all { (page.say("p", Class::Date, &meta_text(page, story))) }
    }
}

/// Byline and time, as one line of text.
fn meta_text(page: &Printing<'_>, story: &Story) -> String {
    let parts = page.byline(story).into_iter().chain(page.time(story));
    parts.collect::<Vec<_>>().join(page.dot())
}

/// The dek, unless the paragraphs begin with it: many feeds make one of the first words.
fn dek(lede: &Story) -> Option<&Line> {
    let first = lede.paragraphs.first().map_or("", Line::as_str);
    lede.dek.as_ref().filter(|dek| {
        let said = dek.as_str().trim_end_matches(['…', '.', ' ']);
        !first.starts_with(said)
    })
}

/// The story's first paragraphs, where it goes on, and what is related.
fn further(page: &Printing<'_>, lede: &Story) -> Markup {
    let read_on = || {
        page.link(
            Class::TextLink,
            &page.story_href(List::Top, &lede.url),
            page.template.word(Word::ReadOn),
        )
    };
    html! {
        @for paragraph in &lede.paragraphs { (page.say("p", Class::LedeText, paragraph.as_str())) }
        @if !lede.paragraphs.is_empty() { (page.element("p", Class::ReadOn, read_on())) }
        (story::related(page, lede, Class::Related))
    }
}

pub(super) fn text(page: &Printing<'_>, plain: &mut Plain) {
    if let Some(Lede { story, .. }) = &page.arrangement.lede {
        story::headline_text(page, plain, story, false);
        plain.lines("", &meta_text(page, story));
        story::body_text(page, plain, story, dek(story), true);
    }
}
