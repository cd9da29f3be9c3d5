//! PNG, GIF and WebP.

use std::io::Cursor;

use image::codecs::gif::GifDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::{DynamicImage, ImageDecoder, Limits, RgbImage};

use super::{Unusable, colour};
use crate::model::picture::Format;

/// The octets that what a PNG says beside its pixels may take: a profile comes packed, and may be a bomb.
const BESIDE: u64 = 30_000_000;

/// The decoder of a format that is not JPEG.
pub(super) fn decoder(
    octets: &[u8],
    format: Format,
) -> Result<Box<dyn ImageDecoder + '_>, Unusable> {
    let octets = Cursor::new(octets);
    Ok(match format {
        Format::Gif => Box::new(GifDecoder::new(octets)?),
        Format::WebP => Box::new(WebPDecoder::new(octets)?),
        Format::Png | Format::Jpeg => {
            let mut limits = Limits::no_limits();
            limits.max_alloc = Some(BESIDE);
            Box::new(PngDecoder::with_limits(octets, limits)?)
        }
    })
}

/// The first picture there is, on white, in eight bits a colour, as `resized` makes it; in the colours of sRGB.
pub(super) fn decode(
    octets: &[u8],
    format: Format,
    resized: impl FnOnce(DynamicImage) -> DynamicImage,
) -> Result<DynamicImage, Unusable> {
    let mut decoder = decoder(octets, format)?;
    let profile = decoder.icc_profile().ok().flatten();
    let image = resized(on_white(DynamicImage::from_decoder(decoder)?)).into_rgb8();
    let (width, height) = image.dimensions();
    let pixels = colour::from_rgb(image.into_raw(), profile.as_deref());
    Ok(RgbImage::from_raw(width, height, pixels)
        .unwrap_or_default()
        .into())
}

fn on_white(image: DynamicImage) -> DynamicImage {
    if !image.color().has_alpha() {
        return image.into_rgb8().into();
    }
    let mut image = image.into_rgba8();
    let samples = image.as_flat_samples_mut().samples;
    for [colours @ .., alpha] in samples.as_chunks_mut::<4>().0 {
        let opaque = u16::from(*alpha);
        if opaque < 255 {
            for colour in colours {
                let mixed = (u16::from(*colour) * opaque + 255 * (255 - opaque)) / 255;
                *colour = mixed.to_le_bytes()[0];
            }
            *alpha = 255;
        }
    }
    image.into()
}
