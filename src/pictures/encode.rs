//! From pixels to octets that every mail program shows.

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{DynamicImage, RgbImage};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use super::{Made, Unusable};
use crate::model::picture::Format;

/// The qualities tried, the best first, until a copy has few enough octets.
const QUALITIES: [u8; 5] = [75, 66, 57, 48, 40];
/// What is narrower is not made smaller.
const NARROW: u32 = 64;

/// The picture as JPEG, of at most so many octets: of a lower quality if need be, with fewer pixels if no quality is low enough. As PNG if it is
/// a drawing and smaller so.
pub(super) fn encode(image: &DynamicImage, source: Format, most: usize) -> Result<Made, Unusable> {
    let (width, height) = (image.width(), image.height());
    let image = image.to_rgb8();
    let mut octets = Vec::new();
    for quality in QUALITIES {
        octets.clear();
        jpeg(&mut octets, &image, quality)?;
        if octets.len() <= most {
            break;
        }
    }
    let mut made = Made {
        width,
        height,
        ending: "jpg",
        octets,
    };
    if matches!(source, Format::Png | Format::Gif) {
        let mut octets = Vec::new();
        let encoder =
            PngEncoder::new_with_quality(&mut octets, CompressionType::Best, FilterType::Adaptive);
        image.write_with_encoder(encoder)?;
        if octets.len() < made.octets.len() {
            made = Made {
                ending: "png",
                octets,
                ..made
            };
        }
    }
    if made.octets.len() > most && width > NARROW {
        let smaller = image::imageops::thumbnail(&image, width * 3 / 4, (height * 3 / 4).max(1));
        return encode(&smaller.into(), source, most);
    }
    Ok(made)
}

fn jpeg(octets: &mut Vec<u8>, image: &RgbImage, quality: u8) -> Result<(), Unusable> {
    let side = |pixels| u16::try_from(pixels).unwrap_or(u16::MAX);
    let mut encoder = Encoder::new(octets, quality);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.set_progressive(true);
    encoder.set_optimized_huffman_tables(true);
    encoder
        .encode(
            image,
            side(image.width()),
            side(image.height()),
            ColorType::Rgb,
        )
        .map_err(|error| Unusable::Broken(error.to_string()))
}
