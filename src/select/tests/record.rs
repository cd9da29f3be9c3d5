//! What sections did at earlier drafts.

use super::*;

/// Two stories of each section, counted every hour for a day up to `at`; in the first half of it `City` has so many views an hour.
fn day(at: DateTime<Utc>, city: u64) -> (Harvest, Readership) {
    let stories = [
        ("quay", "City"),
        ("hall", "city"),
        ("cup", "Sport"),
        ("race", "Sport"),
    ];
    let candidates = stories.map(|(name, section)| {
        let mut candidate = candidate(name, section, None);
        candidate.story.published = Some(at - TimeDelta::hours(30));
        candidate
    });
    let readings = stories.map(|(name, section)| {
        let later = if section == "Sport" { 100 } else { city };
        let points = (0..=24).rev().map(|hours| {
            let views = if hours >= 12 { later } else { 100 };
            (at - TimeDelta::hours(hours), views)
        });
        (key(name), Reading::Series(points.collect()))
    });
    (harvest(candidates), reported(at, readings))
}

fn draft(record: SectionRecord, at: DateTime<Utc>, city: u64) -> Selection {
    let (harvest, readership) = day(at, city);
    let history = History {
        record,
        ..History::default()
    };
    let mut options = options();
    options.window = Window::Length(TimeDelta::hours(48));
    select(&harvest, &readership, &history, &options, at)
}

fn part(selection: &Selection, story: &str, part: &str) -> Option<f64> {
    let mut judged = selection.candidates.iter();
    let judged = judged.find(|judged| judged.story.headline == story);
    judged.unwrap().parts.get(part).copied()
}

fn tomorrow() -> DateTime<Utc> {
    now() + TimeDelta::days(1)
}

#[test]
fn a_section_that_does_better_than_its_forecast_has_the_next_one_raised() {
    let first = draft(SectionRecord::default(), now(), 100);
    assert_eq!(part(&first, "quay", "section_record"), None);
    for (city, is_better) in [(300, true), (100, false), (25, false)] {
        let next = draft(first.record.clone(), tomorrow(), city);
        let by = |story| part(&next, story, "section_record").unwrap();
        assert!((by("quay") - by("hall")).abs() < 1e-9, "whatever its case");
        match city {
            100 => assert!((by("quay") - 1.0).abs() < 1e-9 && (by("cup") - 1.0).abs() < 1e-9),
            _ => assert_eq!(
                (by("quay") > 1.05, by("cup") < 0.97),
                (is_better, is_better),
                "{city}"
            ),
        }
        assert_eq!(by("quay") < 0.95, city == 25);
        // The score is still the product of what is said, and both lists go by it.
        let known = draft(SectionRecord::default(), tomorrow(), city);
        for story in ["quay", "cup"] {
            let of = |name| {
                (
                    part(&known, story, name).unwrap(),
                    part(&next, story, name).unwrap(),
                )
            };
            let (before, raised) = of("expected_per_hour");
            assert!((before * by(story) / raised - 1.0).abs() < 1e-9);
            let ((before, raised), (today, _)) = (of("expected_today"), of("views_today"));
            assert!(((before - today) * by(story) - (raised - today)).abs() < 1e-6);
        }
    }
}

#[test]
fn what_is_compared_is_compared_once_and_only_if_it_was_counted() {
    let first = draft(SectionRecord::default(), now(), 100).record;
    // Drafted again within the hours: nothing is over, nothing new begins.
    let again = draft(first.clone(), now() + TimeDelta::hours(2), 900);
    assert_eq!(again.record, first);
    // Too early, too late, or counted by totals or hardly at all: no factor.
    assert_eq!(
        part(
            &draft(first.clone(), now() + TimeDelta::hours(11), 900),
            "quay",
            "section_record"
        ),
        None
    );
    assert_eq!(
        part(
            &draft(first.clone(), now() + TimeDelta::hours(40), 900),
            "quay",
            "section_record"
        ),
        None
    );
    assert_eq!(
        part(
            &draft(first.clone(), tomorrow(), 0),
            "quay",
            "section_record"
        )
        .map(|by| by < 0.95),
        Some(true)
    );
    let (harvest, _) = day(tomorrow(), 100);
    let history = |record| History {
        record,
        ..History::default()
    };
    let counted = totals(&[("quay", 900), ("cup", 100), ("hall", 1), ("race", 1)]);
    let untimed = select(
        &harvest,
        &counted,
        &history(first.clone()),
        &options(),
        tomorrow(),
    );
    assert_eq!(untimed.record, first);
    let next = draft(first, tomorrow(), 300).record;
    let later = draft(next.clone(), tomorrow() + TimeDelta::hours(1), 300);
    assert_eq!(later.record, next);
    // It is kept as JSON, whatever its sections are called.
    let text = serde_json::to_string(&next).unwrap();
    assert_eq!(serde_json::from_str::<SectionRecord>(&text).unwrap(), next);
}

#[test]
fn a_record_is_bounded() {
    let mut record = SectionRecord::default();
    let mut options = options();
    options.window = Window::Length(TimeDelta::hours(48));
    for morning in 0..3 {
        let at = now() + TimeDelta::days(morning);
        let names: Vec<String> = (0..1_500).map(|n| format!("s{morning}-{n}")).collect();
        let candidates = names.iter().map(|name| {
            let mut candidate = candidate(name, name, None);
            candidate.story.published = Some(at - TimeDelta::hours(30));
            candidate
        });
        let readings = names.iter().map(|name| {
            let points = (0..=24)
                .rev()
                .map(|hours| (at - TimeDelta::hours(hours), 5));
            (key(name), Reading::Series(points.collect()))
        });
        let history = History {
            record,
            ..History::default()
        };
        let harvest = harvest(candidates);
        let first = select(&harvest, &reported(at, readings), &history, &options, at);
        let at = at + TimeDelta::hours(13);
        let counted = names.iter().map(|name| {
            let points = (0..=13)
                .rev()
                .map(|hours| (at - TimeDelta::hours(hours), 5));
            (key(name), Reading::Series(points.collect()))
        });
        let history = History {
            record: first.record,
            ..History::default()
        };
        record = select(&harvest, &reported(at, counted), &history, &options, at).record;
    }
    let size = serde_json::to_string(&record).unwrap().len();
    assert!(size < 200_000, "{size}");
}
