//! A story's picture. It has no plain text: what it shows, the story says.

use std::borrow::Cow;
use std::fmt::Write as _;

use maud::{Markup, PreEscaped, html};

use crate::model::edition::Edition;
use crate::model::story::{Picture, Story, unseen};
use crate::render::columns::shortened;
use crate::render::keys::{Class, Phrase, Switch};
use crate::render::printing::Printing;

/// Pixels: what is known to be smaller is a tracking pixel or an icon.
const LEAST: u32 = 50;
/// A picture that many times longer than wide is none: its size is a slip.
const LONGEST: u32 = 10;

/// The picture, at most so many pixels wide and high; `None` when there is none that every client shows.
pub(super) fn html(
    page: &Printing<'_>,
    story: &Story,
    class: Class,
    most: (u32, u32),
) -> Option<Markup> {
    let picture = story.picture.as_ref()?;
    // What only repeats the headline would be read aloud twice.
    let alt = picture.alt.as_ref().filter(|alt| **alt != story.headline);
    let alt = alt.map_or_else(String::new, |alt| match class {
        Class::Thumbnail => shortened(alt.as_str(), THUMBNAIL_ALT),
        _ => alt.to_string(),
    });
    image(page, picture, &alt, class, most)
}

/// A picture under such words; `None` if not every client shows it.
pub(super) fn image(
    page: &Printing<'_>,
    picture: &Picture,
    alt: &str,
    class: Class,
    most: (u32, u32),
) -> Option<Markup> {
    let picture = page.edition.as_shown(picture, most.0)?;
    let (width, height) = size(&picture, most)?;
    let style = style(page, class, most, height.is_some(), !alt.is_empty());
    Some(html! {
        img src=(picture.url.as_str()) width=(width) height=[height] alt=(alt)
            class=[page.class(class)] style=[style.as_ref().map(PreEscaped)];
    })
}

/// Columns: longer words do not fit into the place of a small picture.
const THUMBNAIL_ALT: usize = 80;

/// The style of a picture. One without words has no box in its place where it is not shown; one of unknown height is bounded by rule, so
/// that no portrait is higher than `most`.
fn style<'p>(
    page: &'p Printing<'p>,
    class: Class,
    (_, highest): (u32, u32),
    has_height: bool,
    has_words: bool,
) -> Option<Cow<'p, str>> {
    let PreEscaped(own) = page.style(class)?;
    let mut style = Cow::Borrowed(own);
    if !has_words && own.contains("background") {
        let kept = own.split(';').filter(|one| !one.starts_with("background"));
        let kept = kept.collect::<Vec<_>>().join(";");
        // The rule for dark screens would draw it again.
        style = format!("{kept};background-color:transparent !important").into();
    }
    if !has_height {
        let style = style.to_mut();
        _ = match class {
            Class::Thumbnail => write!(style, ";max-height:{highest}px;object-fit:cover"),
            _ => write!(style, ";width:auto;max-width:100%;max-height:{highest}px"),
        };
    }
    Some(style)
}

/// The story's picture as large as there is one, if every client shows it.
pub(in crate::render) fn of<'s>(edition: &Edition, story: &'s Story) -> Option<Cow<'s, Picture>> {
    let picture = edition.as_shown(story.picture.as_ref()?, u32::MAX)?;
    size(&picture, (u32::MAX, u32::MAX)).and(Some(picture))
}

/// Who took it.
pub(super) fn credit(page: &Printing<'_>, story: &Story) -> Markup {
    let credit = story
        .picture
        .as_ref()
        .and_then(|picture| picture.credit.as_ref());
    html! {
        @if let Some(credit) = credit.filter(|_| page.shows(Switch::Credit)) {
            p class=[page.class(Class::Credit)] style=[page.style(Class::Credit)] { (page.words(&page.phrase(Phrase::Credit, credit.as_str()))) }
        }
    }
}

/// Width and, if known, height to show; `None` for a picture that is not shown. It keeps its shape and is never made larger.
fn size(picture: &Picture, (widest, highest): (u32, u32)) -> Option<(u32, Option<u32>)> {
    if unseen(&picture.url).is_some() {
        return None;
    }
    let known = |side: Option<u32>| side.filter(|side| *side > 0);
    let (width, height) = (known(picture.width), known(picture.height));
    if let (Some(width), Some(height)) = (width, height)
        && width.max(height) / width.min(height) > LONGEST
    {
        return Some((widest, None));
    }
    if width.is_some_and(|width| width < LEAST) || height.is_some_and(|height| height < LEAST) {
        return None;
    }
    let shown = width.map_or(widest, |width| width.min(widest));
    let (Some(width), Some(height)) = (width, height) else {
        return Some((shown, None));
    };
    let (width, height) = (u64::from(width), u64::from(height));
    let rounded = |pixels: u64, by: u64| (pixels + by / 2) / by;
    let highest = u64::from(highest);
    let shown = u64::from(shown).min(rounded(highest * width, height));
    let high = rounded(shown * height, width).min(highest);
    let side = |pixels: u64| u32::try_from(pixels).unwrap_or(widest).max(1);
    Some((side(shown), Some(side(high))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::link::Link;

    fn check(url: &str, width: Option<u32>, height: Option<u32>) -> Option<(u32, Option<u32>)> {
        let url = Link::parse(url).unwrap();
        size(
            &Picture {
                width,
                height,
                ..Picture::at(url)
            },
            (600, 400),
        )
    }

    #[test]
    fn fits_the_page_and_keeps_its_shape() {
        let jpeg = "https://harbour.example/a.jpg?w=1";
        assert_eq!(check(jpeg, Some(1200), Some(800)), Some((600, Some(400))));
        assert_eq!(check(jpeg, Some(300), Some(200)), Some((300, Some(200))));
        assert_eq!(check(jpeg, Some(800), Some(1200)), Some((267, Some(400))));
        assert_eq!(check(jpeg, Some(900), Some(900)), Some((400, Some(400))));
        assert_eq!(check(jpeg, Some(1200), None), Some((600, None)));
        assert_eq!(check(jpeg, None, None), Some((600, None)));
    }

    #[test]
    fn a_size_that_cannot_be_is_unknown() {
        let jpeg = "https://harbour.example/a.jpg";
        for (width, height) in [(0, 0), (1, 9_999), (9_999, 1), (u32::MAX, 100)] {
            assert_eq!(
                check(jpeg, Some(width), Some(height)),
                Some((600, None)),
                "{width}x{height}"
            );
        }
        assert_eq!(check(jpeg, Some(0), Some(300)), Some((600, None)));
        assert_eq!(
            check(jpeg, Some(u32::MAX), Some(u32::MAX)),
            Some((400, Some(400)))
        );
        assert_eq!(check(jpeg, Some(50), Some(500)), Some((40, Some(400))));
    }

    #[test]
    fn what_clients_do_not_show_is_left_out() {
        for url in [
            "https://harbour.example/a.webp",
            "https://harbour.example/A.AVIF?w=600",
            "https://harbour.example/a.svg",
            "https://harbour.example/a.jpg?w=600&format=webp",
        ] {
            assert_eq!(check(url, Some(600), Some(400)), None);
        }
        assert_eq!(
            check("https://harbour.example/pixel.gif", Some(1), Some(1)),
            None
        );
    }
}
