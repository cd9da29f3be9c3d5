//! What choosing costs. `cargo bench --bench choose`; the figures are in docs/performance.md.

#![expect(
    clippy::unwrap_used,
    reason = "a bench that panics has said what it had to say"
)]

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use divan::Bencher;
use newsdigest::model::line::Line;
use newsdigest::model::link::Link;
use newsdigest::model::page_views::{Readership, ReadershipReport, Reading};
use newsdigest::model::story::{Candidate, Harvest, Story};
use newsdigest::model::zone::Zone;
use newsdigest::select::{History, MostReadOf, Overlap, SelectionOptions, Window, select};

fn main() {
    divan::main();
}

/// A day's stories, four in ten about one of many events, with ten counts of readers each.
#[divan::bench(args = [100, 1_000, 5_000])]
fn choose(bencher: Bencher<'_, '_>, stories: usize) {
    let (harvest, readership) = (harvest(&day(stories)), readership(stories));
    bencher.bench(|| {
        select(
            &harvest,
            &readership,
            &History::default(),
            &options(),
            now(),
        )
    });
}

/// The worst that sources can do to it: forty crowds of stories that are nearly the same.
#[divan::bench(args = [1_000, 5_000])]
fn choose_from_crowds(bencher: Bencher<'_, '_>, stories: usize) {
    let mut texts = day(stories);
    for number in 40..stories {
        let (headline, dek) = texts[number % 40].clone();
        let word = word(number);
        texts[number] = (format!("{headline} {word}"), format!("{word} {dek}"));
    }
    let harvest = harvest(&texts);
    bencher.bench(|| {
        select(
            &harvest,
            &Readership::default(),
            &History::default(),
            &options(),
            now(),
        )
    });
}

fn now() -> DateTime<Utc> {
    "2026-08-24T05:45:00Z".parse().unwrap()
}

fn options() -> SelectionOptions {
    SelectionOptions {
        window: Window::SinceLastEdition,
        top: 5,
        most_read: 5,
        looks_back: false,
        most_read_of: MostReadOf::Today,
        latest: 8,
        overlap: Overlap::Allowed,
        per_section: 3,
        no_repeat_for: TimeDelta::days(7),
        readership_max_age: TimeDelta::hours(3),
        minimum: 3,
        boosts: Vec::new(),
        never: Vec::new(),
        related: 2,
        lede_paragraphs: 0,
        sections: Vec::new(),
        zone: Zone::utc(),
    }
}

/// Headlines of ten words and deks of twenty-five, from a vocabulary in which few words are common, as in any language.
fn day(stories: usize) -> Vec<(String, String)> {
    let mut seed = 7_u64;
    let mut next = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(seed >> 33).unwrap() % below
    };
    let mut words = |count: usize| {
        let words = (0..count).map(|_| {
            let below = 10_usize.pow(1 + u32::try_from(next(4)).unwrap());
            word(next(below))
        });
        words.collect::<Vec<_>>().join(" ")
    };
    let mut texts: Vec<(String, String)> = Vec::new();
    for number in 0..stories {
        let text = if number % 10 < 4 && number > 10 {
            let (headline, dek) = &texts[number / 2];
            (
                format!("{} {headline}", words(3)),
                format!("{dek} {}", words(8)),
            )
        } else {
            (words(10), words(25))
        };
        texts.push(text);
    }
    texts
}

fn word(number: usize) -> String {
    format!("{:x}", number.wrapping_mul(2_654_435_761) % 16_777_213)
        .chars()
        .map(|digit| char::from(b'a' + u8::try_from(digit.to_digit(16).unwrap()).unwrap()))
        .collect()
}

fn address(number: usize) -> Link {
    Link::parse(&format!("https://harbourtimes.example/{number}")).unwrap()
}

fn harvest(texts: &[(String, String)]) -> Harvest {
    let candidates = texts
        .iter()
        .enumerate()
        .map(|(number, (headline, dek))| Candidate {
            story: Story {
                dek: Line::non_empty(dek),
                section: Line::non_empty(["News", "City", "Opinion"][number % 3]),
                published: Some(
                    now() - TimeDelta::seconds(i64::try_from(number * 17 % 86_000).unwrap()),
                ),
                ..Story::new(Line::clean(headline), address(number))
            },
            sources: vec![Line::clean("rss")],
            position: None,
        });
    Harvest {
        candidates: candidates.collect(),
        asked: 1,
        ..Harvest::default()
    }
}

fn readership(stories: usize) -> Readership {
    let readings = (0..stories).map(|number| {
        let points: BTreeMap<DateTime<Utc>, u64> = (0..10)
            .map(|point| {
                let at = now() - TimeDelta::minutes(5 * i64::from(point) * 7);
                (at, 1 + u64::try_from(number % 97).unwrap())
            })
            .collect();
        (
            address(number).key(),
            Reading::Series(points.into_iter().collect()),
        )
    });
    let mut report = ReadershipReport::of(Line::clean("views.csv"));
    report.as_of = Some(now());
    report.readings = readings.collect();
    Readership {
        reports: vec![report],
    }
}
