//! Files that are no pictures, that are too large, that are broken.

use proptest::prelude::*;

use super::*;

#[test]
fn what_is_no_picture_says_what_it_is() {
    let check = |octets: &[u8], expected: &str| {
        assert_eq!(header(octets).unwrap_err().to_string(), expected);
    };
    let kind = |kind: &str| format!("is {kind}, not a picture that mail programs show");
    check(b"", &kind("empty"));
    check(b"\n<!doctype html><title>Not found", &kind("an HTML page"));
    check(
        b"\xef\xbb\xbf<svg onload=alert(1)>",
        &kind("SVG or another XML document"),
    );
    check(
        b"<?xml version='1.0'?><svg/>",
        &kind("SVG or another XML document"),
    );
    check(b"\0\0\0\x1cftypavif....", &kind("AVIF"));
    check(b"\0\0\0\x1cftypheic....", &kind("HEIC or a film"));
    check(b"%PDF-1.7", &kind("of an unknown kind"));
    check(&jpeg(&photo(1, 1)), "has 1 x 1 pixels: too small");
    check(&jpeg(&photo(600, 20)), "has 600 x 20 pixels: too small");
}

#[test]
fn what_is_too_large_is_not_decoded() {
    // A head is all that is made of them.
    let head = |width: u32, height: u32, bits: u8, colour: u8| {
        let mut octets = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        octets.extend(width.to_be_bytes());
        octets.extend(height.to_be_bytes());
        octets.extend([bits, colour, 0, 0, 0]);
        octets.extend(crc(&octets[12..]).to_be_bytes());
        octets.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
        octets
    };
    let check = |octets: &[u8], expected: &str| {
        assert_eq!(header(octets).unwrap_err().to_string(), expected);
    };
    check(
        &head(60_000, 100, 8, 2),
        "has 60000 x 100 pixels: too large",
    );
    check(
        &head(19_000, 19_000, 1, 0),
        "has 19000 x 19000 pixels: too large",
    );
    check(
        &head(6_000, 6_000, 16, 6),
        "would take 577 MB of memory: too much",
    );
    // The same of JPEG: a frame of 40,000 by 40,000.
    let mut large = jpeg(&photo(200, 200));
    let frame = large
        .windows(2)
        .position(|two| two == [0xff, 0xc0])
        .unwrap();
    large[frame + 5..frame + 9].copy_from_slice(&[0x9c, 0x40, 0x9c, 0x40]);
    check(&large, "has 40000 x 40000 pixels: too large");
}

/// CRC-32 as PNG has it (RFC 2083 section 3.4).
fn crc(octets: &[u8]) -> u32 {
    !octets.iter().fold(u32::MAX, |crc, octet| {
        (0..8).fold(crc ^ u32::from(*octet), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 * (crc & 1))
        })
    })
}

#[test]
fn what_is_cut_off_is_no_picture() {
    for whole in [jpeg(&photo(900, 600)), png(&photo(900, 600).into())] {
        let cut = &whole[..whole.len() / 2];
        assert!(header(cut).is_ok());
        assert!(
            matches!(made(cut), Err(Unusable::Broken(_))),
            "{:?}",
            sizes(cut)
        );
    }
}

#[test]
fn scans_without_end_are_not_walked() {
    let mut octets = jpeg_with(&photo(300, 200), |encoder| encoder.set_progressive(true));
    let at = octets
        .windows(2)
        .rposition(|two| two == [0xff, 0xda])
        .unwrap();
    let scan = octets[at..octets.len() - 2].to_vec();
    for _ in 0..200 {
        octets.splice(at..at, scan.iter().copied());
    }
    assert_eq!(
        sizes(&octets),
        "cannot be decoded: it has more than 100 scans"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is done to a picture, it is taken or refused.
    #[test]
    fn damaged_pictures_harm_nobody(which in 0..4_usize, at in 0.0..1.0_f64, value: u8, cut in 0.1..1.0_f64) {
        let photo = photo(160, 120);
        let mut octets = match which {
            0 => jpeg(&photo),
            1 => jpeg_with(&photo, |encoder| encoder.set_progressive(true)),
            2 => png(&photo.into()),
            _ => {
                let mut octets = Vec::new();
                DynamicImage::from(photo).write_with_encoder(WebPEncoder::new_lossless(&mut octets)).unwrap();
                octets
            }
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place within")]
        let place = |share: f64| (octets.len() as f64 * share) as usize;
        let (at, cut) = (place(at), place(cut));
        octets[at] = value;
        octets.truncate(cut);
        _ = made(&octets);
    }
}
