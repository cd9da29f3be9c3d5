//! Colours as a profile describes them, made those of sRGB, which mail programs take for granted.

use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

/// Pixels of three octets. Without a profile that can be read they are sRGB already.
pub(super) fn from_rgb(pixels: Vec<u8>, profile: Option<&[u8]>) -> Vec<u8> {
    converted(&pixels, profile, DataColorSpace::Rgb).unwrap_or(pixels)
}

/// Pixels of four octets: how much of each ink.
pub(super) fn from_cmyk(pixels: &[u8], profile: Option<&[u8]>) -> Vec<u8> {
    converted(pixels, profile, DataColorSpace::Cmyk).unwrap_or_else(|| {
        let light = |ink: u8, black: u8| {
            let product = u16::from(255 - ink) * u16::from(255 - black);
            (product / 255).to_le_bytes()[0]
        };
        let inks = pixels.as_chunks::<4>().0.iter();
        inks.flat_map(|&[c, m, y, k]| [light(c, k), light(m, k), light(y, k)])
            .collect()
    })
}

fn converted(pixels: &[u8], profile: Option<&[u8]>, space: DataColorSpace) -> Option<Vec<u8>> {
    let profile = ColorProfile::new_from_slice(profile?).ok()?;
    if profile.color_space != space {
        return None;
    }
    let (layout, channels) = match space {
        DataColorSpace::Cmyk => (Layout::Rgba, 4),
        _ => (Layout::Rgb, 3),
    };
    let options = TransformOptions::default();
    let transform = profile
        .create_transform_8bit(layout, &ColorProfile::new_srgb(), Layout::Rgb, options)
        .ok()?;
    let count = pixels.len() / channels;
    let mut converted = vec![0; count * 3];
    transform.transform(pixels, &mut converted).ok()?;
    Some(converted)
}
