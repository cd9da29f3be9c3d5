//! Copies for the mail of seven JPEGs of 24 megapixels, on two threads: `cargo bench --bench pictures`. `/usr/bin/time -v` before it says how much memory they take.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use jpeg_encoder::{ColorType, Encoder};
use newsdigest::model::picture::Place;
use newsdigest::pictures;

/// Pixels of each.
const SIZE: (u16, u16) = (6_000, 4_000);
const PICTURES: usize = 7;

fn main() {
    divan::main();
}

/// Soft light with fine grain, as a camera gives it.
fn jpeg(is_progressive: bool) -> Vec<u8> {
    let mut state = 1_u32;
    let mut pixels = Vec::with_capacity(usize::from(SIZE.0) * usize::from(SIZE.1) * 3);
    for y in 0..SIZE.1 {
        for x in 0..SIZE.0 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let [.., grain] = state.to_le_bytes();
            let [light, _] = (x / 40 + y / 50).to_le_bytes();
            pixels.extend([light, 255 - light, light / 2].map(|colour| colour / 2 + grain / 24));
        }
    }
    let mut octets = Vec::new();
    let mut encoder = Encoder::new(&mut octets, 90);
    encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_2_2);
    encoder.set_progressive(is_progressive);
    let encoded = encoder.encode(&pixels, SIZE.0, SIZE.1, ColorType::Rgb);
    encoded.map(|()| octets).unwrap_or_default()
}

#[divan::bench(args = [false, true], sample_count = 3, sample_size = 1)]
fn seven_of_24_megapixels(bencher: divan::Bencher<'_, '_>, is_progressive: bool) {
    let octets = jpeg(is_progressive);
    bencher.bench(|| {
        let taken = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while taken.fetch_add(1, Ordering::Relaxed) < PICTURES {
                        let made = pictures::header(&octets)
                            .and_then(|header| pictures::fit(&octets, &header, Place::STORY));
                        assert_eq!(
                            divan::black_box(made).map(|made| made.len()),
                            Ok(Place::STORY.len())
                        );
                    }
                });
            }
        });
    });
}
