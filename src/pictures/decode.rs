//! From octets to pixels: upright, and no larger than a letter shows.

use image::DynamicImage;
use image::imageops::FilterType;

use super::header::{Header, turned};
use super::{Unusable, crop, jpeg, others};
use crate::model::picture::{Format, Place};

/// The picture as large as its largest copy needs it.
pub(super) fn decode(
    octets: &[u8],
    header: &Header,
    largest: Place,
) -> Result<DynamicImage, Unusable> {
    let enough = crop::enough(header.width, header.height, largest);
    let enough = turned(enough, header.turn);
    let mut image = match header.format {
        Format::Jpeg => resized(jpeg::decode(octets, enough)?, enough),
        format => others::decode(octets, format, |image| resized(image, enough))?,
    };
    image.apply_orientation(header.turn);
    Ok(image)
}

pub(super) fn resized(image: DynamicImage, (width, height): (u32, u32)) -> DynamicImage {
    if (image.width(), image.height()) == (width, height) {
        return image;
    }
    image.resize_exact(width, height, FilterType::Lanczos3)
}
