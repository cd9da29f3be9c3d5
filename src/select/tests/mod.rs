//! The room as a whole: mornings in, lists and reasons out.

mod record;
mod rules;

use crate::model::edition::{List, Slug};
use crate::model::page_views::{ReadershipReport, Reading};
use crate::model::story::{Candidate, Printed, Story};
use crate::model::zone::Zone;

use super::*;
use crate::model::link::Link;
use proptest::prelude::*;

const NOW: &str = "2026-08-24T05:45:00Z";

fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}

fn options() -> SelectionOptions {
    SelectionOptions {
        window: Window::SinceLastEdition,
        top: 3,
        looks_back: false,
        most_read_of: MostReadOf::Today,
        most_read: 2,
        latest: 2,
        overlap: Overlap::Allowed,
        per_section: 2,
        no_repeat_for: TimeDelta::days(7),
        readership_max_age: TimeDelta::hours(3),
        minimum: 2,
        boosts: Vec::new(),
        never: Vec::new(),
        related: 2,
        lede_paragraphs: 0,
        sections: Vec::new(),
        zone: Zone::bundled("Europe/Lisbon").unwrap(),
    }
}

fn candidate(name: &str, section: &str, minutes_old: Option<i64>) -> Candidate {
    Candidate {
        story: Story {
            section: Line::non_empty(section),
            published: minutes_old.map(|minutes| now() - TimeDelta::minutes(minutes)),
            ..Story::new(
                Line::clean(name),
                Link::parse(&format!("https://harbourtimes.example/{name}")).unwrap(),
            )
        },
        sources: vec![Line::clean("rss")],
        position: None,
    }
}

fn harvest(candidates: impl IntoIterator<Item = Candidate>) -> Harvest {
    Harvest {
        candidates: candidates.into_iter().collect(),
        asked: 1,
        ..Harvest::default()
    }
}

/// Ferry and seal are News, fish is City, chess has no section, and old came out before the window.
fn morning() -> Harvest {
    harvest([
        candidate("ferry", "News", Some(130)),
        candidate("seal", "news", Some(35)),
        candidate("fares", "News", Some(300)),
        candidate("fish", "City", Some(600)),
        candidate("chess", "", None),
        candidate("bridge", "City", Some(-90)),
        candidate("old", "News", Some(6_000)),
    ])
}

/// Views by story, each list oldest first, counted every hour up to a quarter of an hour ago.
fn by_time(views: &[(&str, &[u64])]) -> Readership {
    let newest = now() - TimeDelta::minutes(15);
    let readings = views.iter().map(|(name, views)| {
        let points = views
            .iter()
            .rev()
            .zip(0..)
            .map(|(views, hour)| (newest - TimeDelta::hours(hour), *views));
        let mut points: Vec<_> = points.collect();
        points.reverse();
        (key(name), Reading::Series(points))
    });
    reported(newest, readings)
}

fn reported(
    as_of: DateTime<Utc>,
    readings: impl IntoIterator<Item = (StoryKey, Reading)>,
) -> Readership {
    Readership {
        reports: vec![ReadershipReport {
            as_of: Some(as_of),
            readings: readings.into_iter().collect(),
            ..ReadershipReport::of(Line::clean("views.csv"))
        }],
    }
}

fn totals(views: &[(&str, u64)]) -> Readership {
    let readings = views
        .iter()
        .map(|(name, views)| (key(name), Reading::Total(*views)));
    reported(now(), readings)
}

fn key(name: &str) -> StoryKey {
    Link::parse(&format!("https://harbourtimes.example/{name}"))
        .unwrap()
        .key()
}

fn read() -> Readership {
    by_time(&[
        ("ferry", &[900, 1_100]),
        ("seal", &[40]),
        ("fares", &[3_000, 2_000, 700, 400, 300]),
        ("fish", &[10, 10, 10]),
        ("old", &[90_000]),
    ])
}

/// A story that ran in an edition frozen so many hours ago.
fn printed(name: &str, slug: &str, hours: i64) -> Ran {
    let story = candidate(name, "", Some(hours * 60 + 30)).story;
    Ran {
        slug: slug.parse().unwrap(),
        at: now() - TimeDelta::hours(hours),
        story: Printed::of(&story).next().unwrap(),
    }
}

/// A line for each list, then one for each story with its reason, then the misses.
fn told(selection: &Selection) -> String {
    let mut lines = Vec::new();
    if let Some(edition) = selection.edition(Slug::of(now().date_naive())) {
        for list in List::ALL {
            let names: Vec<&str> = edition
                .list(list)
                .iter()
                .map(|placed| placed.story.headline.as_str())
                .collect();
            lines.push(format!("{}: {}", list.key(), names.join(" ")));
        }
    }
    for judged in &selection.candidates {
        lines.push(format!("{}: {}", judged.story.headline, judged.why()));
    }
    for miss in &selection.misses {
        lines.push(format!("! {}: {}", miss.source, miss.what));
    }
    lines.join("\n")
}

fn chosen(readership: &Readership, change: impl FnOnce(&mut SelectionOptions)) -> Selection {
    let mut options = options();
    change(&mut options);
    select(&morning(), readership, &History::default(), &options, now())
}

#[test]
fn every_choice_has_its_reason() {
    insta::assert_snapshot!(told(&chosen(&read(), |_| {})), @"
    top: ferry fares bridge
    most_read: ferry fares
    latest: seal fish
    ferry: top: rank 1 of 6: 1,086 views/h, 2 h old, first from News; most read: rank 1 of 4: 2,000 views today, 1,086 views/h, about 11,000 by midnight
    fares: top: rank 2 of 6: 323 views/h, 5 h old, 2nd from News; most read: rank 2 of 4: 6,400 views today, 323 views/h, about 9,600 by midnight
    seal: latest: published 2026-08-24 06:10, 35 min old; 3rd of news, at most 2 in top
    bridge: top: rank 4 of 6: no views yet, just out, first from City
    fish: latest: published 2026-08-23 20:45, 10 h old
    chess: passed over: rank 6 of 6: no views yet, no date
    old: passed over: published 2026-08-20, before the window
    ");
}

#[test]
fn the_hours_of_a_list_are_said_as_the_config_says_them() {
    for (text, said) in [
        ("90m", "90 min"),
        ("1h", "1 h"),
        ("48h", "2 days"),
        ("50h", "50 h"),
        ("7d", "7 days"),
    ] {
        let selection = chosen(&read(), |options| {
            options.most_read_of = MostReadOf::parse(text).unwrap();
        });
        let formula = &selection.formulas[&List::MostRead];
        assert_eq!(formula.as_str(), format!("views in the last {said}"));
    }
}

#[test]
fn explained_to_scripts() {
    let selection = chosen(&read(), |options| options.top = 1);
    let json = serde_json::to_value(&selection).unwrap();
    let first = serde_json::to_string_pretty(&selection.candidates[0]).unwrap();
    insta::assert_snapshot!(first, @r#"
    {
      "headline": "ferry",
      "url": "https://harbourtimes.example/ferry",
      "dek": null,
      "section": "News",
      "byline": null,
      "published": "2026-08-24T03:35:00Z",
      "picture": null,
      "sources": [
        "rss"
      ],
      "views": 2000,
      "parts": {
        "age_hours": 2.166667,
        "editor": 1.0,
        "expected_per_hour": 528.881473,
        "expected_today": 11123.205408,
        "of_ten_best": 6.39754,
        "section": 1.077118,
        "ten_best_per_hour": 76.750627,
        "views_per_hour": 1086.265802,
        "views_today": 2000.0
      },
      "score": 528.881473,
      "slots": {
        "top": 1,
        "most_read": 1
      },
      "event": null,
      "why": "top: rank 1 of 6: 1,086 views/h, 2 h old, first from News; most read: rank 1 of 4: 2,000 views today, 1,086 views/h, about 11,000 by midnight"
    }
    "#);
    let keys: Vec<&String> = json.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "candidates",
            "formulas",
            "misses",
            "now",
            "readership_as_of",
            "views_from_letters",
            "window"
        ]
    );
    assert_eq!(json["window"]["from"], "2026-08-23T05:45:00Z");
}

#[test]
fn formulas_of_each_evidence() {
    let formulas = [read(), totals(&[("ferry", 5)]), Readership::default()].map(|readership| {
        let selection = chosen(&readership, |_| {});
        let lines = selection.formulas.iter();
        let lines: Vec<String> = lines
            .map(|(list, formula)| format!("{}: {formula}", list.words()))
            .collect();
        lines.join("\n")
    });
    insta::assert_snapshot!(formulas.join("\n\n"), @"
    top: views per hour expected over the next 12 h: by a story's age and its views per hour now beside those of the ten best, x how well its section is read x the editor's order where there is one (1.5 for the first, 1.33, 1.25 ..); at most 2 of one section while others can fill the slots
    most read: today's forecast: views since midnight + views per hour expected x hours left of the day
    latest: newest first, without what is printed above

    top: views per hour expected over the next 12 h: by a story's age and its views per hour since it came out beside those of the ten best x the editor's order where there is one (1.5 for the first, 1.33, 1.25 ..); readership says how many, not when; at most 2 of one section while others can fill the slots
    most read: today's forecast: the part of the views taken to be of today + views per hour expected x hours left of the day
    latest: newest first, without what is printed above

    top: freshness (half after 12 h) + the editor's order where there is one (1 for the first, half for the sixth) + 0.1 with a picture + 0.1 with a dek; readership is not configured; at most 2 of one section while others can fill the slots
    most read: left empty, not invented: readership is not configured
    latest: newest first, without what is printed above
    ");
}

#[test]
fn most_read_is_what_was_read() {
    let of = |text: &str, readership: &Readership, overlap: Overlap| {
        let selection = chosen(readership, |options| {
            options.most_read_of = MostReadOf::parse(text).unwrap();
            options.overlap = overlap;
        });
        let edition = selection.edition(Slug::of(now().date_naive())).unwrap();
        let told = edition.most_read.iter().map(|placed| {
            let why = placed.why.as_ref().unwrap();
            format!("{} ({why})", placed.story.headline)
        });
        let formula = &selection.formulas[&List::MostRead];
        format!("{}\n  {formula}", told.collect::<Vec<_>>().join(", "))
    };
    let counted = [
        of("24h", &read(), Overlap::Allowed),
        of("2h", &read(), Overlap::Allowed),
        of("24h", &read(), Overlap::Removed),
        of("today", &read(), Overlap::Allowed),
        of(
            "2h",
            &totals(&[("ferry", 5_000), ("fares", 6_000)]),
            Overlap::Removed,
        ),
        of(
            "24h",
            &totals(&[("ferry", 5_000), ("fares", 6_000)]),
            Overlap::Allowed,
        ),
    ];
    insta::assert_snapshot!(counted.join("\n"), @"
    fares (rank 1 of 4: 6,400 views in the last 24 h, 323 views/h), ferry (rank 2 of 4: 2,000 views in the last 24 h, 1,086 views/h)
      views in the last 24 h
    ferry (rank 1 of 4: 2,000 views in the last 2 h, 1,086 views/h), fares (rank 2 of 4: 700 views in the last 2 h, 323 views/h)
      views in the last 2 h
    seal (rank 3 of 4: 40 views in the last 24 h, 120 views/h), fish (rank 4 of 4: 30 views in the last 24 h, 10 views/h)
      views in the last 24 h; the best others, without what is in top
    ferry (rank 1 of 4: 2,000 views today, 1,086 views/h, about 11,000 by midnight), fares (rank 2 of 4: 6,400 views today, 323 views/h, about 9,600 by midnight)
      today's forecast: views since midnight + views per hour expected x hours left of the day

      the part of the views taken to be of the last 2 h; the best others, without what is in top
    fares (rank 1 of 2: about 6,000 in the last 24 h, 6,000 in all, 5 h old), ferry (rank 2 of 2: about 5,000 in the last 24 h, 5,000 in all, 2 h old)
      the part of the views taken to be of the last 24 h
    ");
    let refused =
        ["", "30m", "8d", "yesterday"].map(|text| MostReadOf::parse(text).unwrap_err().to_string());
    insta::assert_snapshot!(refused.join("\n"), @"
    `` is no time to count readers of: expected `today`, or a length from `1h` to `7d` such as `24h`
    `30m` is no time to count readers of: expected `today`, or a length from `1h` to `7d` such as `24h`
    `8d` is no time to count readers of: expected `today`, or a length from `1h` to `7d` such as `24h`
    `yesterday` is no time to count readers of: expected `today`, or a length from `1h` to `7d` such as `24h`
    ");
}

#[test]
fn totals_are_weighed_by_age() {
    let readership = totals(&[("ferry", 1_500), ("seal", 900), ("fish", 4_000)]);
    insta::assert_snapshot!(told(&chosen(&readership, |_| {})), @"
    top: seal ferry bridge
    most_read: seal ferry
    latest: fares fish
    seal: top: rank 1 of 6: 900 views, 35 min old, first from news; most read: rank 1 of 3: 900 views, 35 min old
    ferry: top: rank 2 of 6: 1,500 views, 2 h old, 2nd from News; most read: rank 2 of 3: 1,500 views, 2 h old
    bridge: top: rank 3 of 6: no views yet, just out, first from City
    fish: latest: published 2026-08-23 20:45, 10 h old
    chess: passed over: rank 5 of 6: no views yet, no date
    fares: latest: published 2026-08-24 01:45, 5 h old
    old: passed over: published 2026-08-20, before the window
    ");
}

#[test]
fn a_list_of_places_is_followed() {
    let places = [("old", 1), ("fish", 2), ("fares", 3)];
    let readings = places.map(|(name, place)| (key(name), Reading::Rank(place)));
    let selection = chosen(&reported(now(), readings), |_| {});
    insta::assert_snapshot!(told(&selection), @"
    top: fish fares bridge
    most_read: fish fares
    latest: seal ferry
    fish: top: rank 1 of 6: place 2 in the paper's most-read list, 10 h old, first from City; most read: rank 1 of 2: place 2 in the paper's most-read list, 10 h old
    fares: top: rank 2 of 6: place 3 in the paper's most-read list, 5 h old, first from News; most read: rank 2 of 2: place 3 in the paper's most-read list, 5 h old
    bridge: top: rank 3 of 6: not in the paper's most-read list, just out, 2nd from City
    seal: latest: published 2026-08-24 06:10, 35 min old
    ferry: latest: published 2026-08-24 04:35, 2 h old
    chess: passed over: rank 6 of 6: not in the paper's most-read list, no date
    old: passed over: published 2026-08-20, before the window
    ");
    insta::assert_snapshot!(selection.formulas[&List::MostRead], @"the paper's own most-read list, in its order");
}

#[test]
fn without_readers_the_editor_and_freshness() {
    let mut harvest = morning();
    for (position, name) in ["fish", "fares"].iter().zip(0..) {
        let fish = harvest
            .candidates
            .iter_mut()
            .find(|candidate| candidate.story.headline == **position);
        fish.unwrap().position = Some(name);
    }
    let selection = select(
        &harvest,
        &Readership::default(),
        &History::default(),
        &options(),
        now(),
    );
    insta::assert_snapshot!(told(&selection), @"
    top: fish fares bridge
    most_read: 
    latest: seal ferry
    fish: top: rank 1 of 6: 10 h old, first in the editor's order, first from City
    fares: top: rank 2 of 6: 5 h old, 2nd in the editor's order, first from News
    bridge: top: rank 3 of 6: just out, 2nd from City
    seal: latest: published 2026-08-24 06:10, 35 min old
    ferry: latest: published 2026-08-24 04:35, 2 h old
    chess: passed over: rank 6 of 6: no date
    old: passed over: published 2026-08-20, before the window
    ");
}
