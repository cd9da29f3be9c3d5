//! Pictures that HTML, feeds and addresses name: lazy ones, those in several sizes, those in formats that mail programs do not show, and what
//! only keeps a place.

mod address;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use scraper::{ElementRef, Html};

use crate::source::tags::{Tags, is_any};
pub(in crate::source) use address::{is_format, is_picture, is_same, looks_like_image, size_in};

/// The widest picture wanted, in pixels: twice the width of a letter and some. A wider one is taken only if there is no other.
pub(in crate::source) const WIDEST: u32 = 1_600;
/// The width wanted, in pixels: twice that of a letter.
const WANTED: u32 = 1_200;
/// What is narrower blurs.
const BLURRED: u32 = 300;
/// The width that a picture of one density is taken to have.
const SINGLE: f32 = 600.0;
/// The most sizes of one picture, and the most pictures of one `<noscript>`.
const FEW: usize = 12;

/// Where scripts that load pictures late keep an address that need not end like a picture's.
const LAZY: [&str; 6] = [
    "data-src",
    "data-lazy-src",
    "data-original",
    "data-lazy",
    "data-image",
    "data-url",
];

/// A picture somebody named; the address may be relative.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub(in crate::source) struct Image {
    pub url: String,
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub alt: Option<String>,
    pub credit: Option<String>,
    /// The same picture in other sizes, with their widths.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sizes: Vec<(String, u32)>,
}

impl Image {
    /// A picture of which only the address is known.
    pub(in crate::source) fn at(url: String) -> Self {
        Self {
            url,
            ..Self::default()
        }
    }

    /// How good it is for a letter, the best highest: as wide as possible and not too wide.
    pub(in crate::source) fn rank(&self) -> u64 {
        match self.width {
            Some(width) if width > WIDEST => 1,
            Some(width) => 2 + u64::from(width),
            // Size unknown: likelier the picture itself than one of its thumbnails.
            None => 2 + 500,
        }
    }

    /// The best of several sizes of one picture; the others are its [`Image::sizes`].
    pub(in crate::source) fn of_sizes(images: &[Self]) -> Option<Self> {
        // Of equal ones the first.
        let best = images.iter().rev().max_by_key(|image| image.rank())?;
        let mut best = best.clone();
        for image in images {
            best.sizes.extend(image.sizes.iter().cloned());
            best.sizes
                .extend(image.width.map(|width| (image.url.clone(), width)));
            best.alt = best.alt.or_else(|| image.alt.clone());
            best.credit = best.credit.or_else(|| image.credit.clone());
        }
        best.sizes = sizes(std::mem::take(&mut best.sizes), &best.url);
        Some(best)
    }
}

/// Each address once and without `own`, as few as are kept.
fn sizes(all: Vec<(String, u32)>, own: &str) -> Vec<(String, u32)> {
    let mut seen = HashSet::from([own.to_owned()]);
    let new = all.into_iter().filter(|(url, _)| seen.insert(url.clone()));
    new.take(FEW).collect()
}

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

/// The pictures in an element, each in the size that suits a letter best. The words are as the page has them.
pub(in crate::source) fn pictures(element: ElementRef<'_>) -> Vec<Image> {
    let mut found = Found::default();
    for element in element.descendent_elements() {
        found.take(element);
    }
    found.images
}

/// The pictures of elements that come one after the other.
#[derive(Default)]
pub(in crate::source) struct Found {
    pub images: Vec<Image>,
    /// Whether the last one only kept a place.
    waits: bool,
}

impl Found {
    pub(in crate::source) fn take(&mut self, element: ElementRef<'_>) {
        match element.value().name() {
            "img" | "amp-img" => {
                let image = image(element);
                self.waits = image.is_none();
                self.images.extend(image);
            }
            // A parser that runs scripts takes this for text. It has the picture in whose place a script puts another, and it may hold what counts readers.
            "noscript" if self.waits || self.images.is_empty() => {
                let markup: String = element.text().collect();
                let tags = Tags::new(&markup).filter(|tag| is_any(tag.name, &["img"]));
                for tag in tags.take(FEW) {
                    let html = Html::parse_fragment(&format!("<img{}>", tag.attributes));
                    let images = html.root_element().descendent_elements();
                    self.images.extend(images.filter_map(image));
                }
                self.waits = false;
            }
            _ => {}
        }
    }
}

fn image(img: ElementRef<'_>) -> Option<Image> {
    let pixels = |name: &str| {
        let value = img.attr(name)?.trim();
        value.trim_end_matches("px").parse::<u32>().ok()
    };
    let (width, height) = (pixels("width"), pixels("height"));
    let style = img.attr("style").unwrap_or_default().to_ascii_lowercase();
    let says = |wanted: &[&str]| {
        let mut rules = style.split(';').map(|rule| rule.replace(' ', ""));
        rules.any(|rule| wanted.contains(&rule.as_str()))
    };
    let pixel = [
        "width:1px",
        "height:1px",
        "width:0",
        "height:0",
        "width:0px",
        "height:0px",
    ];
    if [width, height].into_iter().flatten().any(|side| side <= 1) || says(&pixel) {
        return None;
    }
    let mut all = Vec::new();
    let one = |name: &str| {
        let url = img.attr(name)?.trim().to_owned();
        let width = size_in(&url).map(|(width, _)| width).or(width);
        Some(size(url, width, width, ""))
    };
    all.extend(LAZY.iter().filter_map(|name| one(name)));
    let late = |name: &str, value: &str| {
        name.starts_with("data-") && !LAZY.contains(&name) && looks_like_image(value)
    };
    let attributes = || img.value().attrs();
    all.extend(attributes().filter_map(|(name, value)| one(name).filter(|_| late(name, value))));
    all.extend(sets(img));
    if let Some(picture) = img
        .parent()
        .and_then(ElementRef::wrap)
        .filter(|parent| parent.value().name() == "picture")
    {
        for source in picture.child_elements() {
            all.extend(sets(source));
        }
    }
    // What is hidden and waits for no script is there to be counted.
    if !all.is_empty() || !says(&["display:none", "visibility:hidden"]) {
        all.extend(one("src"));
    }
    all.retain(|size| is_picture(&size.url));
    let best = all.iter().min_by_key(|size| {
        let distance = match size.likely {
            Some(width) if width > WIDEST => WIDEST + width.min(100_000),
            Some(width) => width.abs_diff(WANTED),
            None => 700,
        };
        let blurred = size.likely.is_some_and(|width| width < BLURRED);
        (blurred, size.modern, distance)
    })?;
    let best = best.clone();
    let whole = best.width.is_some() && best.width == width;
    let others = all.into_iter().filter(|size| !size.modern);
    let others = others.filter_map(|size| Some((size.url, size.width?)));
    Some(Image {
        sizes: sizes(others.collect(), &best.url),
        url: best.url,
        width: best.width,
        height: height.filter(|_| whole),
        alt: img.attr("alt").map(str::to_owned),
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

/// What the element's `srcset` names, and what scripts put there.
fn sets(element: ElementRef<'_>) -> impl Iterator<Item = Size> {
    let kind = element.attr("type").unwrap_or_default();
    let sets = element.value().attrs();
    let sets = sets.filter(|(name, _)| name.ends_with("srcset"));
    sets.flat_map(move |(_, value)| set(value, kind))
}

/// The candidates of a `srcset`; addresses in it may hold commas.
fn set(mut rest: &str, kind: &str) -> Vec<Size> {
    let mut sizes = Vec::new();
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
        let named = size_in(bare).map(|(width, _)| width);
        sizes.push(size(
            bare.to_owned(),
            width.or(named),
            likely.or(named),
            kind,
        ));
    }
}
