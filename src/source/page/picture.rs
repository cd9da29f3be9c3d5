//! The pictures of a page: lazy ones, those in several sizes, those in formats that mail programs do not show.

use scraper::ElementRef;

use crate::source::image::Image;
use crate::source::item::{WIDEST, size_in};
use crate::source::plain;

/// The width wanted, in pixels: twice that of a letter.
const WANTED: u32 = 1_200;
/// What is narrower blurs.
const BLURRED: u32 = 300;
/// The width that a picture of one density is taken to have.
const SINGLE: f32 = 600.0;

/// Where scripts that load pictures late keep the address.
const LAZY: [&str; 4] = ["data-src", "data-lazy-src", "data-original", "data-lazy"];
const SETS: [&str; 3] = ["data-srcset", "data-lazy-srcset", "srcset"];

/// Parts of the addresses of pictures that only keep a place.
const PLACEHOLDERS: [&str; 10] = [
    "placeholder",
    "spacer",
    "blank.",
    "1x1",
    "transparent.",
    "grey.",
    "gray.",
    "loading.",
    "loader.",
    "lazyload.",
];

/// One address for a picture.
#[derive(Clone, Debug, PartialEq)]
struct Size {
    url: String,
    width: Option<u32>,
    /// The width to judge by.
    likely: Option<u32>,
    /// WebP or AVIF, which Outlook does not show.
    modern: bool,
}

/// The pictures in an element, each in the size that suits a letter best.
pub(super) fn pictures(element: ElementRef<'_>) -> Vec<Image> {
    let mut found = Vec::new();
    let mut fallback = Vec::new();
    for element in element.descendent_elements() {
        match element.value().name() {
            "img" => found.extend(image(element)),
            // A parser that runs scripts takes this for text.
            "noscript" => {
                let markup: String = element.text().collect();
                let images = plain::fragment(&markup).images;
                fallback.extend(images.into_iter().filter(|image| is_picture(&image.url)));
            }
            _ => {}
        }
    }
    if found.is_empty() { fallback } else { found }
}

fn image(img: ElementRef<'_>) -> Option<Image> {
    let pixels = |name: &str| {
        let value = img.attr(name)?.trim();
        value.trim_end_matches("px").parse::<u32>().ok()
    };
    let (width, height) = (pixels("width"), pixels("height"));
    if width == Some(1) || height == Some(1) {
        return None;
    }
    let mut sizes = Vec::new();
    let one = |name: &str| {
        let url = img.attr(name)?.trim().to_owned();
        let width = size_in(&url).or(width);
        Some(size(url, width, width, ""))
    };
    sizes.extend(LAZY.iter().filter_map(|name| one(name)));
    sizes.extend(SETS.iter().flat_map(|name| set(img, name)));
    if let Some(picture) = img
        .parent()
        .and_then(ElementRef::wrap)
        .filter(|parent| parent.value().name() == "picture")
    {
        for source in picture.child_elements() {
            sizes.extend(SETS.iter().flat_map(|name| set(source, name)));
        }
    }
    sizes.extend(one("src"));
    sizes.retain(|size| is_picture(&size.url));
    let best = sizes.into_iter().min_by_key(|size| {
        let distance = match size.likely {
            Some(width) if width > WIDEST => WIDEST + width.min(100_000),
            Some(width) => width.abs_diff(WANTED),
            None => 700,
        };
        let blurred = size.likely.is_some_and(|width| width < BLURRED);
        (blurred, size.modern, distance)
    })?;
    let whole = best.width.is_some() && best.width == width;
    Some(Image {
        url: best.url,
        width: best.width,
        height: height.filter(|_| whole),
        alt: img.attr("alt").map(plain::escaped),
        credit: None,
    })
}

fn size(url: String, width: Option<u32>, likely: Option<u32>, kind: &str) -> Size {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let modern = ["webp", "avif"].iter().any(|format| {
        kind.ends_with(format)
            || path.ends_with(format)
            || url.contains(&format!("format={format}"))
            || url.contains(&format!("fm={format}"))
    });
    Size {
        url,
        width,
        likely,
        modern,
    }
}

/// The candidates of a `srcset`; addresses in it may hold commas.
fn set(element: ElementRef<'_>, name: &str) -> Vec<Size> {
    let kind = element.attr("type").unwrap_or_default();
    let mut sizes = Vec::new();
    let mut rest = element.attr(name).unwrap_or_default();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        if rest.is_empty() {
            return sizes;
        }
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (url, after) = rest.split_at(end);
        let bare = url.trim_end_matches(',');
        let said = if bare.len() < url.len() {
            rest = after;
            ""
        } else {
            let end = after.find(',').unwrap_or(after.len());
            rest = &after[end..];
            after[..end].trim()
        };
        let width = said.strip_suffix('w').and_then(|width| width.parse().ok());
        let density = said
            .strip_suffix('x')
            .and_then(|text| text.parse::<f32>().ok());
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a density of a picture; casts of floats saturate"
        )]
        let likely = width.or_else(|| density.map(|density| (density * SINGLE) as u32));
        let named = size_in(bare);
        sizes.push(size(
            bare.to_owned(),
            width.or(named),
            likely.or(named),
            kind,
        ));
    }
}

/// Whether an address may show something, and everybody something.
fn is_picture(url: &str) -> bool {
    let lower = url.to_lowercase();
    let path = lower.split(['?', '#']).next().unwrap_or_default();
    !(lower.is_empty()
        || lower.contains(['{', '}'])
        || ["data:", "blob:", "about:"]
            .iter()
            .any(|scheme| lower.starts_with(scheme))
        || path.ends_with("svg")
        || PLACEHOLDERS.iter().any(|holder| path.contains(holder)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use scraper::Html;

    fn check(markup: &str, expected: &str) {
        let page = Html::parse_document(markup);
        let found: Vec<String> = pictures(page.root_element())
            .into_iter()
            .map(|image| format!("{} {:?}", image.url, image.width))
            .collect();
        assert_eq!(found.join(" | "), expected, "{markup}");
    }

    #[test]
    fn the_size_that_suits_a_letter() {
        check("<img src=/a.jpg>", "/a.jpg None");
        check("<img src=/a.jpg width=600 height=400>", "/a.jpg Some(600)");
        check(
            "<img src=/s.jpg srcset='/300.jpg 300w, /900.jpg 900w,/1280.jpg 1280w, /4000.jpg 4000w'>",
            "/1280.jpg Some(1280)",
        );
        check(
            "<img src=/a.jpg?w=90 srcset='/b.jpg, /c.jpg 2x'>",
            "/c.jpg None",
        );
        check(
            "<img srcset='/w_300,h_200/a.jpg 300w, /w_1200,h_800/a.jpg 1200w'>",
            "/w_1200,h_800/a.jpg Some(1200)",
        );
    }

    #[test]
    fn lazy_pictures_are_found() {
        check(
            "<img src='data:image/gif;base64,R0' data-src=/a.jpg>",
            "/a.jpg None",
        );
        check(
            "<img src=/img/placeholder.png data-srcset='/a.jpg 800w'>",
            "/a.jpg Some(800)",
        );
        check(
            "<img class=lazy src=/spacer.gif><noscript><img src=/a.jpg></noscript>",
            "/a.jpg None",
        );
        check(
            "<img src=/px.gif width=1 height=1><img src=/logo.svg><img src=/{width}/a.jpg>",
            "",
        );
    }

    #[test]
    fn what_outlook_shows_comes_first() {
        let sources =
            "<source type=image/avif srcset='/a.avif 1200w'><source srcset='/a.webp 1200w'>";
        check(
            &format!("<picture>{sources}<img src=/a.jpg></picture>"),
            "/a.jpg None",
        );
        check(
            &format!("<picture>{sources}<img src=/a.jpg?w=40></picture>"),
            "/a.avif Some(1200)",
        );
        check(
            "<picture><source srcset='/a.jpg 1000w'><img src=/a?format=webp></picture>",
            "/a.jpg Some(1000)",
        );
    }
}
