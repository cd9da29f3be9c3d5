//! What choosing costs. `cargo bench --bench choose`; the figures are in docs/performance.md.

#![expect(
    clippy::unwrap_used,
    reason = "a bench that panics has said what it had to say"
)]

#[expect(dead_code, reason = "the bench asks for no more than the groups")]
#[path = "../src/select/events/mod.rs"]
mod events;

use chrono::{DateTime, TimeDelta, Utc};
use divan::Bencher;
use events::{Events, Text};

fn main() {
    divan::main();
}

/// Stories of a week, four in ten about one of many events, grouped.
#[divan::bench(args = [100, 1_000, 5_000])]
fn events(bencher: Bencher<'_, '_>, stories: usize) {
    let stories = week(stories);
    bencher.bench(|| Events::of(&texts(&stories)));
}

/// The worst that sources can do to it: forty crowds of stories that are nearly the same.
#[divan::bench(args = [1_000, 5_000])]
fn events_in_crowds(bencher: Bencher<'_, '_>, stories: usize) {
    let stories = crowds(stories);
    bencher.bench(|| Events::of(&texts(&stories)));
}

fn crowds(stories: usize) -> Vec<Story> {
    let mut stories = week(stories);
    for number in 40..stories.len() {
        stories[number].headline = format!("{} {}", stories[number % 40].headline, spelt(number));
        stories[number].dek = format!("{} {}", spelt(number), stories[number % 40].dek);
        stories[number].published = stories[number % 40].published;
    }
    stories
}

struct Story {
    headline: String,
    dek: String,
    published: DateTime<Utc>,
}

fn texts(stories: &[Story]) -> Vec<Text<'_>> {
    let texts = stories.iter().map(|story| Text {
        headline: &story.headline,
        dek: Some(&story.dek),
        published: Some(story.published),
    });
    texts.collect()
}

/// Headlines of 10 words and deks of 25, out of 30,000 words as frequent as those of a language (Zipf).
fn week(stories: usize) -> Vec<Story> {
    let mut state = 7_u64;
    let mut below = move |end: usize| {
        // Knuth's multiplier (MMIX): any even spread will do.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % end
    };
    let monday: DateTime<Utc> = "2026-08-24T06:00:00Z".parse().unwrap();
    (0..stories)
        .map(|_| {
            let event = below(stories / 4 + 1);
            let told = below(10) < 4;
            let mut words = |count: usize| -> String {
                (0..count)
                    .map(|place| {
                        if told && place % 3 == 0 {
                            format!("E{} ", spelt(40 * event + place))
                        } else {
                            // Any word at all, or one of the first half of them, or of the first quarter ...
                            let end = 30_000_usize >> below(15);
                            format!("{} ", spelt(below(end)))
                        }
                    })
                    .collect()
            };
            Story {
                headline: words(10),
                dek: words(25),
                published: monday + TimeDelta::minutes(i64::try_from(below(7 * 1_440)).unwrap()),
            }
        })
        .collect()
}

/// A number in letters: a word of its own.
fn spelt(number: usize) -> String {
    let letter = |digit: u8| char::from(digit + (b'a' - b'0'));
    number.to_string().bytes().map(letter).collect()
}
