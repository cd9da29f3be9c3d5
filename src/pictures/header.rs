//! What a picture is, before it is decoded.

use image::ImageDecoder as _;
use image::metadata::Orientation;

use super::{Unusable, jpeg, others};
use crate::model::picture::Format;

/// The most pixels.
const PIXELS: u64 = 40_000_000;
/// The longest side, in pixels.
const SIDE: u32 = 20_000;
/// What is narrower or lower, in pixels, is an icon or counts readers.
const LEAST: (u32, u32) = (120, 50);
/// The most memory that decoding may take, in megabytes.
pub const MEMORY: u32 = 270;

/// How much there is to a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    pub format: Format,
    /// Pixels, as it is shown.
    pub width: u32,
    pub height: u32,
    /// How it must be turned to be shown so.
    pub(super) turn: Orientation,
    /// What decoding it takes, in megabytes; at least 1.
    pub memory: u32,
}

/// Reads the beginning of a picture; its end may be missing.
///
/// # Errors
/// It is no picture, or out of bounds.
pub fn header(octets: &[u8]) -> Result<Header, Unusable> {
    let format = format(octets)?;
    let (size, turn, bytes) = if format == Format::Jpeg {
        jpeg::header(octets)?
    } else {
        let mut decoder = others::decoder(octets, format)?;
        let turn = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        // As it is decoded, and once more as eight bits a colour.
        let bytes = decoder.total_bytes().saturating_mul(2);
        (decoder.dimensions(), turn, bytes)
    };
    let (width, height) = turned(size, turn);
    if u64::from(width) * u64::from(height) > PIXELS || width.max(height) > SIDE {
        return Err(Unusable::Large(width, height));
    }
    if width < LEAST.0 || height < LEAST.1 {
        return Err(Unusable::Small(width, height));
    }
    let memory = u32::try_from(bytes / 1_000_000 + 1).unwrap_or(u32::MAX);
    if memory > MEMORY {
        return Err(Unusable::Memory(memory));
    }
    Ok(Header {
        format,
        width,
        height,
        turn,
        memory,
    })
}

/// Whether the page may be seen through it, or it moves: a GIF, or a PNG that is not of plain colours or greys.
pub(super) fn may_shine_through_or_move(octets: &[u8], header: &Header) -> bool {
    const COLOR_TYPE: usize = 25;
    match header.format {
        Format::Gif => true,
        Format::Png => !matches!(octets.get(COLOR_TYPE), Some(0 | 2)),
        Format::Jpeg | Format::WebP => false,
    }
}

/// What the first octets say.
fn format(octets: &[u8]) -> Result<Format, Unusable> {
    let text = octets.trim_ascii_start();
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let says = |mark: &[u8]| {
        text.get(..mark.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(mark))
    };
    Err(Unusable::Kind(match octets {
        [0xff, 0xd8, 0xff, ..] => return Ok(Format::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => return Ok(Format::Png),
        [b'G', b'I', b'F', b'8', ..] => return Ok(Format::Gif),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => return Ok(Format::WebP),
        [
            _,
            _,
            _,
            _,
            b'f',
            b't',
            b'y',
            b'p',
            b'a',
            b'v',
            b'i',
            b'f' | b's',
            ..,
        ] => "AVIF",
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => "HEIC or a film",
        _ if says(b"<svg") || says(b"<?xml") => "SVG or another XML document",
        _ if says(b"<") => "an HTML page",
        [] => "empty",
        _ => "of an unknown kind",
    }))
}

/// The sides of a picture after it is turned, or before.
pub(super) const fn turned((width, height): (u32, u32), turn: Orientation) -> (u32, u32) {
    match turn {
        Orientation::Rotate90
        | Orientation::Rotate270
        | Orientation::Rotate90FlipH
        | Orientation::Rotate270FlipH => (height, width),
        _ => (width, height),
    }
}
