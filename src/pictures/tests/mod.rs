//! Pictures made here, and what becomes of them.

mod hostile;

use image::codecs::gif::GifEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{DynamicImage, Frame, GrayImage, ImageBuffer, Rgb, RgbImage, Rgba, RgbaImage};
use jpeg_encoder::{ColorType, Encoder};

use super::*;
use crate::model::picture::{Format, Place};

/// A picture that is light above and dark below, red at its start and blue at its end, with some grain.
fn photo(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let part = |at: u32, of: u32| u8::try_from(u64::from(at) * 200 / u64::from(of)).unwrap();
        let grain = u8::try_from((x * 7 + y * 13) % 11).unwrap();
        let light = 200 - part(y, height);
        Rgb([
            200 - part(x, width) + grain,
            light + grain,
            part(x, width) + grain,
        ])
    })
}

/// Light with grain of which nothing can be foreseen: no photograph is so costly.
fn noise(width: u32, height: u32) -> RgbImage {
    let mut state = 1_u32;
    RgbImage::from_fn(width, height, |x, y| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let grain = u8::try_from(state >> 24).unwrap() / 6;
        let part = |at: u32| u8::try_from(at / 10).unwrap();
        Rgb([part(x), part(y), 90].map(|colour| colour + grain))
    })
}

fn jpeg_with(image: &RgbImage, set: impl FnOnce(&mut Encoder<&mut Vec<u8>>)) -> Vec<u8> {
    let mut octets = Vec::new();
    let mut encoder = Encoder::new(&mut octets, 90);
    set(&mut encoder);
    let side = |side: u32| u16::try_from(side).unwrap();
    let (width, height) = (side(image.width()), side(image.height()));
    encoder
        .encode(image, width, height, ColorType::Rgb)
        .unwrap();
    octets
}

fn jpeg(image: &RgbImage) -> Vec<u8> {
    jpeg_with(image, |_| {})
}

fn png(image: &DynamicImage) -> Vec<u8> {
    let mut octets = Vec::new();
    image
        .write_with_encoder(PngEncoder::new(&mut octets))
        .unwrap();
    octets
}

fn made(octets: &[u8]) -> Result<Vec<Made>, Unusable> {
    fit(octets, &header(octets)?, Place::STORY)
}

fn sizes(octets: &[u8]) -> String {
    match made(octets) {
        Ok(made) => {
            let all = made
                .iter()
                .map(|one| format!("{}x{} {}", one.width, one.height, one.ending));
            all.collect::<Vec<_>>().join(", ")
        }
        Err(error) => error.to_string(),
    }
}

/// The pixels of the first copy.
fn pixels(octets: &[u8]) -> RgbImage {
    let made = made(octets).unwrap();
    let header = header(&made[0].octets).unwrap();
    decode::decode(&made[0].octets, &header, Place::Lede)
        .unwrap()
        .to_rgb8()
}

fn is_near(found: Rgb<u8>, expected: [u8; 3], by: u8) -> bool {
    found
        .0
        .iter()
        .zip(expected)
        .all(|(one, other)| one.abs_diff(other) <= by)
}

#[test]
fn each_place_has_its_size() {
    let check = |width, height, expected: &str| {
        assert_eq!(
            sizes(&jpeg(&photo(width, height))),
            expected,
            "{width}x{height}"
        );
    };
    check(
        1_800,
        1_200,
        "1200x800 jpg, 900x600 jpg, 576x384 jpg, 304x202 jpg",
    );
    // A flat lede stays flat, up to 2:1; what is beside others is 3:2.
    check(
        1_600,
        900,
        "1200x675 jpg, 900x506 jpg, 576x384 jpg, 304x202 jpg",
    );
    check(
        2_000,
        500,
        "1000x500 jpg, 900x450 jpg, 576x384 jpg, 304x202 jpg",
    );
    check(900, 1_600, "900x600 jpg, 576x384 jpg, 304x202 jpg");
    // Nothing is ever made larger.
    check(400, 300, "400x267 jpg, 304x202 jpg");
    check(150, 100, "150x100 jpg");
}

#[test]
fn a_portrait_shows_its_upper_third() {
    let mut portrait = photo(800, 1_200);
    for (_, y, pixel) in portrait.enumerate_pixels_mut() {
        *pixel = if (300..500).contains(&y) {
            Rgb([250, 0, 0])
        } else {
            Rgb([0, 0, 0])
        };
    }
    let copy = pixels(&jpeg(&portrait));
    assert_eq!(copy.dimensions(), (800, 533));
    assert!(is_near(*copy.get_pixel(400, 266), [250, 0, 0], 12));
}

#[test]
fn a_camera_s_turn_is_made_and_its_words_go() {
    let mut exif = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
    exif.extend_from_slice(b"GPS 38.7 N");
    let lying = jpeg_with(&photo(900, 1_350), |encoder| {
        encoder.add_exif_metadata(&exif).unwrap();
    });
    let header = header(&lying).unwrap();
    assert_eq!((header.width, header.height), (1_350, 900));
    let made = fit(&lying, &header, Place::STORY).unwrap();
    assert_eq!((made[0].width, made[0].height), (1_200, 800));
    for one in &made {
        let holds = |mark: &[u8]| one.octets.windows(mark.len()).any(|part| part == mark);
        assert!(!holds(b"Exif") && !holds(b"GPS"), "{}", one.ending);
    }
    // What was its start side is now above.
    let copy = pixels(&lying);
    let (above, below) = (copy.get_pixel(600, 10), copy.get_pixel(600, 790));
    assert!(above[0] > 150 && below[2] > 150, "{above:?} {below:?}");
}

#[test]
fn colours_of_a_profile_become_those_of_every_screen() {
    // In this profile red and blue are in each other's place.
    let mut swapped = moxcms::ColorProfile::new_srgb();
    std::mem::swap(&mut swapped.red_colorant, &mut swapped.blue_colorant);
    let profile = swapped.encode().unwrap();
    let red = RgbImage::from_pixel(300, 200, Rgb([230, 20, 20]));
    let plain = pixels(&jpeg(&red));
    let turned = pixels(&jpeg_with(&red, |encoder| {
        encoder.add_icc_profile(&profile).unwrap();
    }));
    assert!(is_near(*plain.get_pixel(9, 9), [230, 20, 20], 12));
    assert!(is_near(*turned.get_pixel(9, 9), [20, 20, 230], 12));
    // One that cannot be read is as none.
    let broken = pixels(&jpeg_with(&red, |encoder| {
        encoder.add_icc_profile(b"no profile").unwrap();
    }));
    assert!(is_near(*broken.get_pixel(9, 9), [230, 20, 20], 12));
}

#[test]
fn inks_become_colours() {
    let inks: Vec<u8> = [0, 255, 255, 0].repeat(300 * 200);
    for kind in [ColorType::Cmyk, ColorType::CmykAsYcck] {
        let mut octets = Vec::new();
        Encoder::new(&mut octets, 90)
            .encode(&inks, 300, 200, kind)
            .unwrap();
        let copy = pixels(&octets);
        assert!(
            is_near(*copy.get_pixel(9, 9), [255, 0, 0], 12),
            "{:?}",
            copy.get_pixel(9, 9)
        );
    }
}

#[test]
fn every_kind_is_read() {
    let drawn = DynamicImage::from(photo(640, 480));
    let sixteen = ImageBuffer::from_pixel(640, 480, Rgb([65_535_u16, 0, 0]));
    let grey = GrayImage::from_pixel(640, 480, image::Luma([99]));
    let holes = RgbaImage::from_pixel(640, 480, Rgba([0, 0, 0, 0]));
    assert!(is_near(
        *pixels(&png(&sixteen.into())).get_pixel(9, 9),
        [255, 0, 0],
        2
    ));
    assert!(is_near(
        *pixels(&png(&grey.into())).get_pixel(9, 9),
        [99, 99, 99],
        2
    ));
    // A hole shows the paper.
    assert!(is_near(
        *pixels(&png(&holes.into())).get_pixel(9, 9),
        [255, 255, 255],
        2
    ));
    let mut webp = Vec::new();
    drawn
        .write_with_encoder(WebPEncoder::new_lossless(&mut webp))
        .unwrap();
    assert_eq!(header(&webp).unwrap().format, Format::WebP);
    assert_eq!(sizes(&webp), "640x427 jpg, 576x384 jpg, 304x202 jpg");
    let progressive = jpeg_with(&photo(640, 480), |encoder| encoder.set_progressive(true));
    assert_eq!(sizes(&progressive), "640x427 jpg, 576x384 jpg, 304x202 jpg");
}

#[test]
fn of_what_moves_the_first_picture_stays() {
    let mut octets = Vec::new();
    let mut encoder = GifEncoder::new(&mut octets);
    for colour in [[255, 0, 0, 255], [0, 0, 255, 255]] {
        let frame = RgbaImage::from_pixel(300, 200, Rgba(colour));
        encoder.encode_frame(Frame::new(frame)).unwrap();
    }
    drop(encoder);
    assert!(is_near(*pixels(&octets).get_pixel(9, 9), [255, 0, 0], 4));
}

#[test]
fn a_drawing_stays_png_where_that_is_smaller() {
    let drawing = RgbImage::from_fn(1_200, 800, |x, _| {
        if x / 60 % 2 == 0 {
            Rgb([255, 255, 255])
        } else {
            Rgb([0, 60, 120])
        }
    });
    let drawing = made(&png(&drawing.into())).unwrap();
    assert_eq!(drawing[0].ending, "png");
    let photograph = made(&png(&noise(1_200, 800).into())).unwrap();
    assert_eq!(photograph[0].ending, "jpg");
}

#[test]
fn an_edition_s_copies_stay_below_their_bounds() {
    // Nothing is harder to say in few octets than what has no pattern.
    let mut state = 1_u32;
    let snow = RgbImage::from_fn(1_800, 1_200, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [red, green, blue, _] = state.to_be_bytes();
        Rgb([red, green, blue])
    });
    for photo in [noise(1_800, 1_200), snow] {
        let made = made(&jpeg(&photo)).unwrap();
        for (one, place) in made.iter().zip(Place::STORY) {
            let (length, most) = (one.octets.len(), place.octets());
            assert!(length <= most, "{place:?}: {length}");
            assert!(one.width * 2 > place.size().0, "{place:?}: {}", one.width);
        }
    }
}

#[test]
fn portraits_are_squares_and_notices_are_whole() {
    let check = |octets: &[u8], places: &[Place], expected: &str| {
        let made = fit(octets, &header(octets).unwrap(), places).unwrap();
        let sizes = made
            .iter()
            .map(|one| format!("{}x{}", one.width, one.height));
        assert_eq!(sizes.collect::<Vec<_>>().join(", "), expected);
        for one in &made {
            assert!(one.octets.len() <= places[0].octets());
        }
    };
    check(&jpeg(&noise(900, 1_600)), Place::SIGN_OFF, "128x128");
    check(&jpeg(&noise(1_600, 900)), Place::SIGN_OFF, "128x128");
    check(
        &jpeg(&noise(1_940, 500)),
        Place::NOTICE,
        "1200x310, 400x103",
    );
    check(
        &jpeg(&noise(600, 1_800)),
        Place::NOTICE,
        "400x1200, 267x800",
    );
    check(&jpeg(&noise(300, 250)), Place::NOTICE, "300x250");
    check(
        &png(&noise(1_940, 500).into()),
        Place::NOTICE,
        "1200x310, 400x103",
    );
    // A mark on nothing is a mark on the page's own ground, also a dark one.
    let mark = RgbaImage::from_pixel(300, 200, Rgba([200, 0, 0, 100]));
    check(&png(&mark.into()), Place::NOTICE, "");
}
