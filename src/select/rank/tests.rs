//! The forecast by itself: what raises it, what does not change it, and what it says where little is known.

use proptest::prelude::*;

use super::*;
use crate::model::line::Line;
use crate::model::link::Link;
use crate::model::story::Story;

const NOW: &str = "2026-08-24T06:00:00Z";

fn ago(minutes: i64) -> DateTime<Utc> {
    NOW.parse::<DateTime<Utc>>().unwrap() - TimeDelta::minutes(minutes)
}

fn candidate(section: &str) -> Candidate {
    Candidate {
        story: Story {
            section: Line::non_empty(section),
            ..Story::new(
                Line::clean("Seal"),
                Link::parse("https://harbourtimes.example/seal").unwrap(),
            )
        },
        sources: vec![Line::clean("rss")],
        position: None,
    }
}

/// A story by its age in minutes and its counts, each with how many minutes ago it was taken.
type Known = (Option<i64>, Vec<(i64, u64)>);

fn series(counts: &[(i64, u64)]) -> Reading {
    let points = counts
        .iter()
        .map(|(minutes, views)| (ago(*minutes), *views));
    Reading::Series(points.collect())
}

/// Scores of stories without a section, counted up to `counted` minutes ago.
fn scored(
    stories: &[(Option<i64>, Option<Reading>)],
    evidence: Evidence,
    counted: i64,
) -> Vec<Score> {
    let candidate = candidate("");
    let facts: Vec<Facts<'_>> = stories
        .iter()
        .map(|(age, reading)| Facts {
            candidate: &candidate,
            reading: reading.as_ref(),
            age: age.map(|minutes| minutes as f64 / 60.0),
            eligible: true,
        })
        .collect();
    let zone = Zone::bundled("UTC").unwrap();
    scores(
        &facts,
        evidence,
        CountingTimes::new(ago(0), Some(ago(counted)), &zone),
        MostReadOf::Today,
    )
}

fn by_time(stories: &[Known]) -> Vec<Score> {
    let stories: Vec<_> = stories
        .iter()
        .map(|(age, counts)| (*age, (!counts.is_empty()).then(|| series(counts))))
        .collect();
    scored(&stories, Evidence::Series, 0)
}

/// The same number of views every ten minutes of three hours.
fn steady(views: u64) -> Known {
    (Some(600), (0..18).rev().map(|n| (n * 10, views)).collect())
}

#[test]
fn a_paper_ten_times_as_large_ranks_alike() {
    let morning = |size: u64| by_time(&[20, 50, 90, 400].map(|views| steady(views * size)));
    for (small, large) in morning(1).iter().zip(morning(10)) {
        assert!((small.top * 10.0 / large.top - 1.0).abs() < 0.02);
        let [small, large] = [small.most_read, large.most_read].map(Option::unwrap);
        assert!((small * 10.0 / large - 1.0).abs() < 0.02);
    }
}

#[test]
fn hourly_counts_say_what_finer_ones_do() {
    let hourly = |views| (Some(600), vec![(120, views), (60, views), (0, views)]);
    let coarse = by_time(&[hourly(120), hourly(600), hourly(2_400)]);
    for (coarse, fine) in coarse
        .iter()
        .zip(by_time(&[steady(20), steady(100), steady(400)]))
    {
        assert!((coarse.top / fine.top - 1.0).abs() < 0.05);
    }
}

#[test]
fn three_views_in_all_claim_little() {
    let one = |minutes: i64| (Some(600), vec![(minutes, 1)]);
    let scores = by_time(&[one(5), one(90), one(170), (Some(600), vec![])]);
    assert!(
        scores
            .iter()
            .all(|score| score.top > 0.0 && score.top < 0.5)
    );
    assert!(scores[0].top > scores[3].top && scores[0].top < 4.0 * scores[3].top);
    assert!(scores[0].most_read.unwrap() < 10.0);
}

#[test]
fn a_small_paper_is_remembered_longer() {
    let trickle: Known = (Some(600), (0..9).rev().map(|n| (40 + n * 15, 1)).collect());
    let scores = by_time(&[trickle, (Some(600), vec![(5, 1)])]);
    assert!(scores[0].top > scores[1].top);
}

#[test]
fn what_no_counter_has_seen_yet_is_a_newcomer() {
    let (busy, faded) = (
        series(&[(60, 400), (40, 300)]),
        series(&[(170, 3), (60, 0)]),
    );
    let stories = [
        (Some(300), Some(busy)),
        (Some(20), None),
        (Some(1_000), Some(faded)),
    ];
    let scores = scored(&stories, Evidence::Series, 40);
    assert!(scores[0].top > scores[1].top && scores[1].top > scores[2].top);
    assert_eq!(scores[1].most_read, None);
    assert!(scores[1].parts["views_per_hour"].abs() < 1e-9);
}

#[test]
fn without_a_date_since_it_was_first_counted() {
    let long = |age| (age, vec![(400, 90), (200, 90), (100, 90), (0, 90)]);
    let scores = by_time(&[
        long(Some(1_000)),
        long(None),
        (None, vec![(200, 9), (0, 9)]),
    ]);
    // The second was there when counting began: that says nothing of how long before.
    let ages = scores.iter().map(|score| score.parts["age_hours"]);
    let expected = [1_000.0, 1_000.0, 200.0].map(|minutes| minutes / 60.0);
    assert!(
        ages.zip(expected)
            .all(|(age, expected)| (age - expected).abs() < 1e-9)
    );
}

#[test]
fn a_well_read_section_raises_its_stories() {
    let candidates = ["News", "news", "City", "City"].map(candidate);
    let readings = [400, 50, 50, 10].map(|views| series(&steady(views).1));
    let facts: Vec<Facts<'_>> = candidates
        .iter()
        .zip(&readings)
        .map(|(candidate, reading)| Facts {
            candidate,
            reading: Some(reading),
            age: Some(10.0),
            eligible: true,
        })
        .collect();
    let times = CountingTimes::new(ago(0), None, &Zone::bundled("UTC").unwrap());
    let scores = scores(&facts, Evidence::Series, times, MostReadOf::Today);
    assert!(scores[1].top > scores[2].top);
    assert!(scores[1].parts["section"] > 1.0 && scores[2].parts["section"] < 1.0);
}

#[test]
fn views_of_long_ago_divide_by_nothing() {
    let scores = by_time(&[(Some(90_000), vec![(80_000, 500)]), (Some(50), vec![])]);
    assert!(
        scores
            .iter()
            .all(|score| score.top > 0.0 && score.top < 1e-5)
    );
}

#[test]
fn of_totals_the_part_of_today() {
    let stories = [(Some(60), 100), (Some(3_000), 100)]
        .map(|(age, views)| (age, Some(Reading::Total(views))));
    let scores = scored(&stories, Evidence::Totals, 0);
    assert!((scores[0].parts["views_today"] - 100.0).abs() < 1e-9);
    assert!(scores[1].parts["views_today"] < 5.0);
}

#[test]
fn a_list_is_taken_in_its_order() {
    let stories = [
        (Some(10), None),
        (Some(900), Some(Reading::Rank(2))),
        (Some(900), Some(Reading::Rank(1))),
        (Some(2_000), Some(Reading::Rank(10))),
        (Some(500), None),
    ];
    let scores = scored(&stories, Evidence::Ranks, 0);
    let order = |by: fn(&Score) -> f64| {
        let mut order: Vec<usize> = (0..5).collect();
        order.sort_by(|&a, &b| by(&scores[b]).total_cmp(&by(&scores[a])));
        order
    };
    assert_eq!(order(|score| score.top), [2, 1, 3, 0, 4]);
    assert_eq!(
        order(|score| score.most_read.unwrap_or(0.0))[..3],
        [2, 1, 3]
    );
    assert!(scores[0].most_read.is_none());
}

fn any_counts() -> impl Strategy<Value = Vec<Known>> {
    let count = (
        -100..9_000_i64,
        prop_oneof![0..5_u64, any::<u32>().prop_map(u64::from)],
    );
    let counts = proptest::collection::vec(count, 0..6).prop_map(|mut counts| {
        counts.sort_unstable_by_key(|(minutes, _)| -minutes);
        counts.dedup_by_key(|(minutes, _)| *minutes);
        counts
    });
    proptest::collection::vec((proptest::option::of(0..9_000_i64), counts), 1..20)
}

proptest! {
    #[test]
    fn always_a_positive_number(stories in any_counts()) {
        for score in by_time(&stories) {
            prop_assert!(score.top > 0.0 && score.parts.values().all(|part| part.is_finite()));
            let product = ["ten_best_per_hour", "of_ten_best", "section", "editor"].map(|part| score.parts[part]);
            prop_assert!((product.iter().product::<f64>() / score.top - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn more_readers_never_lower_a_score(views in proptest::collection::vec(5..900_u64, 2..20), more in 1..5_000_u64) {
        let score = |first: u64| {
            let morning: Vec<Known> = [first].iter().chain(&views[1..]).map(|views| steady(*views)).collect();
            by_time(&morning).swap_remove(0)
        };
        let (before, after) = (score(views[0]), score(views[0] + more));
        prop_assert!(after.top >= before.top && after.most_read >= before.most_read);
    }
}
