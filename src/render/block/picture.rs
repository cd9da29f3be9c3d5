//! A story's picture. It has no plain text: what it shows, the story says.

use std::borrow::Cow;
use std::fmt::Write as _;

use maud::{Markup, html};

use crate::model::edition::Edition;
use crate::model::link::Link;
use crate::model::story::{Picture, Story, unseen};
use crate::render::columns::shortened;
use crate::render::fit::Shown;
use crate::render::keys::{Class, Phrase, Switch};
use crate::render::printing::Printing;

/// Columns: longer words do not fit into the place of a small picture.
const THUMBNAIL_ALT: usize = 80;

pub(super) fn html(page: &Printing<'_>, story: &Story, class: Class, shown: Shown) -> Markup {
    let picture = story.picture.as_ref();
    // Below the lede a picture across the page is one of several: three quarters of its pixels are sharp enough, and half the bytes.
    let is_lede = page
        .edition
        .top
        .first()
        .is_some_and(|lede| lede.story.url == story.url);
    let width = if is_lede {
        shown.width
    } else {
        shown.width * 3 / 4
    };
    let Some(picture) = picture.and_then(|picture| page.edition.as_shown(picture, width)) else {
        return html! {};
    };
    // What only repeats the headline would be read aloud twice.
    let alt = picture.alt.as_ref().filter(|alt| **alt != story.headline);
    let alt = alt.map_or_else(String::new, |alt| match class {
        Class::Thumbnail => shortened(alt.as_str(), THUMBNAIL_ALT),
        _ => alt.to_string(),
    });
    let mut style = String::new();
    let half = page.template.settings().half();
    let is_smaller = match class {
        Class::Thumbnail => shown.width < page.template.settings().thumbnail,
        _ => shown.width < half,
    };
    if is_smaller {
        _ = write!(style, ";max-width:{}px", shown.width);
    }
    _ = match shown.at_most {
        Some(most) if shown.width > half => {
            write!(style, ";width:auto;max-width:100%;max-height:{most}px")
        }
        Some(most) => write!(style, ";max-height:{most}px;object-fit:cover"),
        None => Ok(()),
    };
    page.image(
        class,
        &picture.url,
        (shown.width, shown.height),
        &alt,
        &style,
    )
}

/// A picture and its variant for dark screens. Programs that know no `picture` show its `img`, the light one.
pub(super) fn with_dark(light: Markup, dark: Option<&Link>) -> Markup {
    match dark {
        // A comma at its end would be the list's.
        Some(dark) => html! {
            picture { source media="(prefers-color-scheme:dark)" srcset=(dark.as_str().replace(',', "%2C")); (light) }
        },
        None => light,
    }
}

/// The story's picture as large as there is one, if every client shows it.
pub(in crate::render) fn of<'s>(edition: &Edition, story: &'s Story) -> Option<Cow<'s, Picture>> {
    let picture = edition.as_shown(story.picture.as_ref()?, u32::MAX)?;
    unseen(&picture.url).is_none().then_some(picture)
}

/// Who took it.
pub(super) fn credit(page: &Printing<'_>, story: &Story) -> Markup {
    let credit = credit_words(page, story);
    html! { @if let Some(credit) = credit { (page.say("p", Class::Credit, &credit)) } }
}

pub(super) fn credit_words(page: &Printing<'_>, story: &Story) -> Option<String> {
    let credit = story
        .picture
        .as_ref()?
        .credit
        .as_ref()
        .filter(|_| page.shows(Switch::Credit))?;
    Some(page.phrase(Phrase::Credit, credit.as_str()))
}
