//! JPEG: decoded at a half, a quarter or an eighth of its size where that is enough.

use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, RgbImage};
use jpeg_decoder::{CodingProcess, Decoder, PixelFormat};

use super::{Unusable, colour};

/// More scans than this no encoder makes; each is a walk over the whole picture, and may be a few octets long.
const SCANS: usize = 100;

/// The size as it is stored, how it is turned, and the octets that decoding it takes.
pub(super) fn header(octets: &[u8]) -> Result<((u32, u32), Orientation, u64), Unusable> {
    let mut decoder = Decoder::new(octets);
    decoder.read_info().map_err(|error| broken(&error))?;
    let info = decoder.info().ok_or_else(none)?;
    let pixels = u64::from(info.width) * u64::from(info.height);
    let colours = info.pixel_format.pixel_bytes() as u64;
    // A progressive one is held whole, as coefficients of two octets; of others only the smaller picture is.
    let taken = match info.coding_process {
        CodingProcess::DctProgressive => samples(octets, pixels, colours) * 2 + pixels / 2,
        _ => pixels * colours,
    };
    let turn = decoder.exif_data().and_then(Orientation::from_exif_chunk);
    let size = (info.width.into(), info.height.into());
    Ok((size, turn.unwrap_or(Orientation::NoTransforms), taken))
}

/// How many samples the frame header (ITU-T T.81, B.2.2) says there are: fewer of the colours than of the light, as a rule.
fn samples(octets: &[u8], pixels: u64, colours: u64) -> u64 {
    let mut rest = octets.get(2..).unwrap_or_default();
    while let [0xff, marker, high, low, segment @ ..] = rest {
        if *marker == 0xc2 {
            let components = segment.get(6..).unwrap_or_default().as_chunks::<3>().0;
            let areas = components
                .iter()
                .take(usize::try_from(colours).unwrap_or(4));
            let areas: Vec<u64> = areas
                .map(|[_, factors, _]| u64::from(factors >> 4) * u64::from(factors & 15))
                .collect();
            let most = areas.iter().max().copied().unwrap_or(0).max(1);
            return pixels * areas.iter().sum::<u64>() / most;
        }
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        rest = rest.get(2 + length..).unwrap_or_default();
    }
    pixels * colours
}

/// The picture, not turned yet and at least `width` by `height` if it has as much; in the colours of sRGB.
pub(super) fn decode(octets: &[u8], (width, height): (u32, u32)) -> Result<DynamicImage, Unusable> {
    if memchr::memmem::find_iter(octets, b"\xff\xda")
        .nth(SCANS)
        .is_some()
    {
        return Err(Unusable::Broken(format!("it has more than {SCANS} scans")));
    }
    let side = |pixels: u32| u16::try_from(pixels).unwrap_or(u16::MAX);
    let mut decoder = Decoder::new(octets);
    let scaled = decoder.scale(side(width), side(height));
    let (width, height) = scaled.map_err(|error| broken(&error))?;
    let pixels = decoder.decode().map_err(|error| broken(&error))?;
    let format = decoder.info().ok_or_else(none)?.pixel_format;
    let profile = decoder.icc_profile();
    let (width, height) = (width.into(), height.into());
    let image = match format {
        PixelFormat::L8 => GrayImage::from_raw(width, height, pixels).map(DynamicImage::from),
        PixelFormat::RGB24 => {
            let pixels = colour::from_rgb(pixels, profile.as_deref());
            RgbImage::from_raw(width, height, pixels).map(DynamicImage::from)
        }
        PixelFormat::CMYK32 => {
            let pixels = colour::from_cmyk(&pixels, profile.as_deref());
            RgbImage::from_raw(width, height, pixels).map(DynamicImage::from)
        }
        PixelFormat::L16 => None,
    };
    image.ok_or_else(none)
}

fn none() -> Unusable {
    Unusable::Broken("it is of a kind that nobody shows".to_owned())
}

fn broken(error: &jpeg_decoder::Error) -> Unusable {
    Unusable::Broken(error.to_string())
}
