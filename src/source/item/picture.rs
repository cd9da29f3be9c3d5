//! The picture of an item.

use super::resolve;
use crate::model::line::Line;
use crate::model::link::Link;
use crate::model::story::Picture;
use crate::source::dek::same_words;
use crate::source::image::{Image, is_picture, is_same, size_in};
use crate::source::plain::{Fragment, words};

/// Parts of addresses of pictures that only count readers or decorate.
const JUNK: [&str; 10] = [
    "/~r/",
    "/~4/",
    "/~ff/",
    "pixel",
    "doubleclick.net",
    "/tracking/",
    "stats.wordpress.com",
    "gravatar.com",
    "/emoji/",
    // 70 pixels, and they do not say so.
    "thumbs.redditmedia.com",
];

/// Pictures narrower than this are icons.
const ICON: u32 = 120;

/// The most pictures of an item that are looked at.
const PICTURES: usize = 40;

/// What is before a photographer's name, with a colon.
const CREDITED: [&str; 9] = [
    "photo",
    "photograph",
    "photography",
    "picture",
    "image",
    "foto",
    "fotografie",
    "bild",
    "crédit photo",
];

/// The best of them, of those that every mail program shows if there are any; several sizes of one are one.
pub(super) fn picture(images: &[Image], headline: &Line, base: Option<&Link>) -> Option<Picture> {
    let mut pictures: Vec<Vec<Image>> = Vec::new();
    for image in images.iter().take(PICTURES) {
        let same = pictures
            .iter_mut()
            .find(|sizes| is_same(&sizes[0].url, &image.url));
        match same {
            Some(sizes) => sizes.push(image.clone()),
            None => pictures.push(vec![image.clone()]),
        }
    }
    let mut best: Vec<Image> = pictures
        .iter()
        .filter_map(|sizes| Image::of_sizes(sizes))
        .collect();
    // Stable: of equal ones the first.
    best.sort_by_key(|image| std::cmp::Reverse(image.rank()));
    Picture::best(best.iter().filter_map(|image| shown(image, headline, base)))
}

/// A credit without the label that some feeds put before it: the letter has its own (`Photo: ..`).
pub(super) fn without_label(credit: &str) -> &str {
    match credit.split_once(':') {
        Some((label, name)) if CREDITED.contains(&label.trim().to_lowercase().as_str()) => {
            name.trim()
        }
        _ => credit,
    }
}

pub(super) fn first_image(
    fragment: &Fragment,
    headline: &Line,
    base: Option<&Link>,
) -> Option<Picture> {
    Picture::best((fragment.images.iter()).filter_map(|image| shown(image, headline, base)))
}

/// A picture to print, unless it is an icon or has no address on the web.
pub(super) fn shown(image: &Image, headline: &Line, base: Option<&Link>) -> Option<Picture> {
    let pixels = |size: Option<u32>| size.filter(|size| (1..=20_000).contains(size));
    let (width, height) = (pixels(image.width), pixels(image.height));
    let named = size_in(&image.url);
    let (named, named_height) = named.map_or((None, None), |(width, height)| {
        (pixels(Some(width)), pixels(height))
    });
    let junk = JUNK.iter().any(|junk| image.url.contains(junk)) || !is_picture(&image.url);
    if junk || height == Some(1) || width.or(named).is_some_and(|width| width < ICON) {
        return None;
    }
    let sizes = image
        .sizes
        .iter()
        .filter(|(url, width)| *width >= ICON && is_picture(url));
    let sizes = sizes.filter_map(|(url, width)| Some((resolve(url, base)?, *width)));
    let text = |text: &Option<String>| {
        text.as_deref()
            .and_then(|text| Line::non_empty(&words(text)))
    };
    Some(Picture {
        // One ASCII word is a file's name, and the headline again says nothing.
        alt: text(&image.alt).filter(|alt| {
            ((alt.as_str().contains(' ') && !alt.as_str().contains('_'))
                || !alt.as_str().is_ascii())
                && !same_words(alt.as_str(), headline.as_str())
        }),
        credit: text(&image.credit)
            .and_then(|credit| Line::non_empty(without_label(credit.as_str()))),
        width: width.or(named),
        // The address's own height goes with its own width only.
        height: height.or(named_height.filter(|_| width.is_none() || width == named)),
        sizes: sizes.collect(),
        ..Picture::at(resolve(&image.url, base)?)
    })
}
