//! A story's picture. It has no plain text: what it shows, the story says.

use maud::{Markup, html};

use crate::line::Line;
use crate::render::keys::{Class, Phrase, Switch};
use crate::render::page::Page;
use crate::story::{Picture, Story};

/// Formats that Outlook (WebP, AVIF) or Gmail (SVG) do not show.
const NOT_SHOWN: [&str; 4] = [".webp", ".avif", ".svg", ".svgz"];
/// Pixels: what is known to be smaller is a tracking pixel or an icon.
const LEAST: u32 = 50;

/// The picture, at most `most` pixels wide and high; `None` when there is none that every client shows.
pub(super) fn html(page: &Page<'_>, story: &Story, class: Class, most: u32) -> Option<Markup> {
    let picture = story.picture.as_ref()?;
    let (width, height) = size(picture, most)?;
    // What only repeats the headline would be read aloud twice.
    let alt = picture.alt.as_ref().filter(|alt| **alt != story.headline);
    Some(html! {
        img src=(picture.url.as_str()) width=(width) height=[height] alt=(alt.map_or("", Line::as_str))
            class=[page.class(class)] style=[page.style(class)];
    })
}

/// Whether the story has a picture that every client shows.
pub(in crate::render) fn of(story: &Story) -> Option<&Picture> {
    let picture = story.picture.as_ref()?;
    size(picture, u32::MAX).and(Some(picture))
}

/// Who took it.
pub(super) fn credit(page: &Page<'_>, story: &Story) -> Markup {
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

/// Width and, if known, height to show; `None` for a picture that is not shown. Neither side is longer than `most`.
fn size(picture: &Picture, most: u32) -> Option<(u32, Option<u32>)> {
    let path = picture.url.url().path().to_ascii_lowercase();
    if NOT_SHOWN.iter().any(|ending| path.ends_with(ending)) {
        return None;
    }
    match (picture.width, picture.height) {
        (Some(width), _) if width < LEAST => None,
        (_, Some(height)) if height < LEAST => None,
        (Some(width), Some(height)) => {
            let longest = width.max(height).max(most);
            let scaled = |side: u32| {
                u32::try_from(u64::from(side) * u64::from(most) / u64::from(longest))
                    .unwrap_or(most)
                    .max(1)
            };
            Some((scaled(width), Some(scaled(height))))
        }
        (width, _) => Some((width.unwrap_or(most).min(most), None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::Link;

    fn check(url: &str, width: Option<u32>, height: Option<u32>) -> Option<(u32, Option<u32>)> {
        let url = Link::parse(url).unwrap();
        size(
            &Picture {
                url,
                alt: None,
                credit: None,
                width,
                height,
            },
            600,
        )
    }

    #[test]
    fn fits_the_page_and_keeps_its_shape() {
        let jpeg = "https://harbour.example/a.jpg?w=1";
        assert_eq!(check(jpeg, Some(1200), Some(800)), Some((600, Some(400))));
        assert_eq!(check(jpeg, Some(300), Some(200)), Some((300, Some(200))));
        assert_eq!(check(jpeg, Some(800), Some(1200)), Some((400, Some(600))));
        assert_eq!(check(jpeg, Some(1200), None), Some((600, None)));
        assert_eq!(check(jpeg, None, None), Some((600, None)));
        assert_eq!(check(jpeg, Some(20_000), Some(60)), Some((600, Some(1))));
    }

    #[test]
    fn what_clients_do_not_show_is_left_out() {
        for url in [
            "https://harbour.example/a.webp",
            "https://harbour.example/A.AVIF?w=600",
            "https://harbour.example/a.svg",
        ] {
            assert_eq!(check(url, Some(600), Some(400)), None);
        }
        assert_eq!(
            check("https://harbour.example/pixel.gif", Some(1), Some(1)),
            None
        );
    }
}
