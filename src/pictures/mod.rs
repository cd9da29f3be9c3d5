//! Pictures made for the mail: the octets that a server gave become copies in the sizes that letters show.
//!
//! Pictures are hostile. What they are is read from their first octets, never from their address or from what their server says; only JPEG, PNG, GIF
//! and WebP reach a decoder. Their size is known before they are decoded, and bounded: pixels, sides, memory, scans. Nothing of what they carry
//! beside their pixels comes into a copy: they are turned as their camera says, their colours become those of sRGB, and of moving ones the first
//! picture stays. A caller does this on a thread that may take long.

mod colour;
mod crop;
mod decode;
mod encode;
mod header;
mod jpeg;
mod others;
#[cfg(test)]
mod tests;

pub use header::{Header, MEMORY, header};

use image::ImageError;

use crate::model::picture::Place;

/// Why a picture cannot be used. The sentences begin after its name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    #[error("is {0}, not a picture that mail programs show")]
    Kind(&'static str),
    #[error("has {0} x {1} pixels: too large")]
    Large(u32, u32),
    #[error("has {0} x {1} pixels: too small")]
    Small(u32, u32),
    #[error("would take {0} MB of memory: too much")]
    Memory(u32),
    #[error("cannot be decoded: {0}")]
    Broken(String),
}

impl From<ImageError> for Unusable {
    fn from(error: ImageError) -> Self {
        Self::Broken(error.to_string())
    }
}

/// A copy for one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    pub width: u32,
    pub height: u32,
    /// `jpg` or `png`.
    pub ending: &'static str,
    pub octets: Vec<u8>,
}

/// The copies of a picture of that header for `places`, the largest first. Of two that would be the same there is one. A notice's picture that
/// lets the page shine through, or moves, has none: on white, and still, it would be another.
///
/// # Errors
/// It cannot be decoded.
pub fn fit(octets: &[u8], header: &Header, places: &[Place]) -> Result<Vec<Made>, Unusable> {
    if places == Place::NOTICE && header::may_shine_through_or_move(octets, header) {
        return Ok(Vec::new());
    }
    let Some(largest) = places.first() else {
        return Ok(Vec::new());
    };
    let image = decode::decode(octets, header, *largest)?;
    let mut made: Vec<Made> = Vec::new();
    for place in places.iter().copied() {
        let part = crop::part(image.width(), image.height(), place);
        let (width, height) = part.size(place);
        if made
            .iter()
            .all(|one| (one.width, one.height) != (width, height))
        {
            let cut = image.crop_imm(part.x, part.y, part.width, part.height);
            let copy = decode::resized(cut, (width, height));
            made.push(encode::encode(&copy, header.format, place.octets())?);
        }
    }
    Ok(made)
}
