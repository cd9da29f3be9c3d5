//! Who may be printed, who gets which place, and what is said of readership that cannot be used.

use super::*;

#[test]
fn readership_that_is_no_use_is_named() {
    let mut old = read();
    old.reports[0].as_of = Some(now() - TimeDelta::hours(5));
    let empty = reported(now(), []);
    let strangers = totals(&[("elsewhere", 5), ("ferry", 0)]);
    let misses = [old, empty, strangers].map(|readership| {
        let selection = chosen(&readership, |_| {});
        assert!(selection.edition(Slug::of(now().date_naive())).is_some());
        let [miss] = &selection.misses[..] else {
            panic!("{:?}", selection.misses)
        };
        format!(
            "{}: {}\n  {}",
            miss.source,
            miss.what,
            selection.formulas[&List::MostRead]
        )
    });
    insta::assert_snapshot!(misses.join("\n"), @"
    views.csv: is 5 h old, expected at most 3 h; not used
      left empty, not invented: readership is 5 h old
    views.csv: holds no views; not used
      left empty, not invented: readership holds no views
    views.csv: knows none of the stories in the window; not used
      left empty, not invented: readership knows none of the stories in the window
    ");
    let many = harvest((0..60).map(|n| candidate(&format!("s{n}"), "", Some(n))));
    let selection = select(
        &many,
        &totals(&[("s7", 9), ("s8", 1)]),
        &History::default(),
        &options(),
        now(),
    );
    assert_eq!(
        selection.misses[0].what,
        "knows only 2 of the 60 stories in the window; not used"
    );
}

#[test]
fn no_story_is_published_after_the_choice() {
    let selection = chosen(&read(), |_| {});
    let all = selection.candidates.iter();
    let mut dates = all.filter_map(|judged| judged.story.published);
    assert!(dates.any(|date| date == now()) && dates.all(|date| date <= now()));
}

#[test]
fn a_story_that_ran_stays_away() {
    let history = History {
        last_edition: Some(now() - TimeDelta::hours(50)),
        ran: vec![printed("ferry", "2026-08-22b", 50)],
        ..History::default()
    };
    let selection = select(&morning(), &read(), &history, &options(), now());
    assert_eq!(selection.from, now() - TimeDelta::hours(50));
    let ferry = selection
        .candidates
        .iter()
        .find(|judged| judged.story.headline == "ferry")
        .unwrap();
    assert!(ferry.slots.is_empty());
    assert_eq!(
        ferry.why(),
        "passed over: ran in the edition of 2026-08-22b"
    );
}

/// Which story is where, and what is said of the others.
#[test]
fn what_the_paper_wants_and_does_not() {
    let line = Line::clean;
    let selection = chosen(&read(), |options| {
        options.boosts = vec![Boost {
            section: line("city"),
            by: 50.0,
        }];
        options.never = vec![line("Fares"), line("culture"), line("hess")];
        options.sections = vec![line("News"), line("City")];
        options.top = 4;
    });
    insta::assert_snapshot!(told(&selection), @"
    top: bridge ferry seal fish
    most_read: ferry seal
    latest: chess
    bridge: top: rank 1 of 5: no views yet, just out, first from City, City counts x 50
    ferry: top: rank 2 of 5: 1,086 views/h, 2 h old, first from News; most read: rank 1 of 3: 2,000 views today, 1,086 views/h, about 11,000 by midnight
    fish: top: rank 3 of 5: 10 views/h, 10 h old, 2nd from City, City counts x 50
    seal: top: rank 4 of 5: 120 views/h, 35 min old, 2nd from news; most read: rank 2 of 3: 40 views today, 120 views/h, about 690 by midnight
    chess: latest: no date
    old: passed over: published 2026-08-20, before the window
    fares: passed over: `Fares` is never printed
    ");
    let fish = selection
        .candidates
        .iter()
        .find(|judged| judged.story.headline == "fish")
        .unwrap();
    assert!((fish.parts["boost"] - 50.0).abs() < f64::EPSILON);
}

#[test]
fn the_editor_takes_a_story_out() {
    let history = History {
        dropped: HashSet::from([key("ferry")]),
        ..History::default()
    };
    let selection = select(&morning(), &read(), &history, &options(), now());
    let ferry = selection
        .candidates
        .iter()
        .find(|judged| judged.story.headline == "ferry")
        .unwrap();
    assert_eq!(ferry.why(), "passed over: dropped by the editor");
}

#[test]
fn most_read_may_leave_out_the_top() {
    let lists = [Overlap::Allowed, Overlap::Removed].map(|overlap| {
        let selection = chosen(&read(), |options| options.overlap = overlap);
        told(&selection).lines().nth(1).unwrap().to_owned()
    });
    assert_eq!(lists, ["most_read: ferry fares", "most_read: seal fish"]);
}

#[test]
fn a_section_fills_the_slots_that_no_other_wants() {
    let news = || (0..5).map(|n| candidate(&format!("n{n}"), "News", Some(10 + n)));
    let top = |harvest: &Harvest| {
        let selection = select(
            harvest,
            &Readership::default(),
            &History::default(),
            &options(),
            now(),
        );
        told(&selection).lines().next().unwrap().to_owned()
    };
    assert_eq!(top(&harvest(news())), "top: n0 n1 n2");
    assert_eq!(
        top(&harvest(news().chain([candidate("c", "City", Some(900))]))),
        "top: n0 n1 c"
    );
    let bare = (0..5).map(|n| candidate(&format!("b{n}"), "", Some(n)));
    assert_eq!(top(&harvest(bare)), "top: b0 b1 b2");
}

#[test]
fn a_quiet_day() {
    let slug = || Slug::of(now().date_naive());
    let one = harvest([candidate("ferry", "News", Some(5))]);
    let select_from = |harvest: &Harvest, minimum| {
        let options = SelectionOptions {
            minimum,
            ..options()
        };
        select(
            harvest,
            &Readership::default(),
            &History::default(),
            &options,
            now(),
        )
    };
    assert_eq!(select_from(&one, 2).edition(slug()), None);
    assert_eq!(select_from(&one, 1).edition(slug()).unwrap().count(), 1);
    assert_eq!(select_from(&Harvest::default(), 0).edition(slug()), None);
}

fn has_run(history: &History, story: &Story) -> bool {
    history
        .ran
        .iter()
        .any(|ran| ran.story.key == story.url.key())
}

fn any_morning() -> impl Strategy<Value = (Harvest, Readership, History)> {
    let story = (
        0..40u8,
        0..4u8,
        proptest::option::of(-2_000..9_000i64),
        proptest::option::of(0..9u32),
        any::<bool>(),
    );
    let stories = proptest::collection::btree_map(0..200u32, story, 0..40);
    (stories, 0..3u8).prop_map(|(stories, kind)| {
        let mut readings = Vec::new();
        let mut history = History::default();
        let candidates = stories
            .iter()
            .map(|(name, (views, section, age, position, ran))| {
                let name = format!("s{name}");
                let section = ["", "News", "City", "Sport"][usize::from(*section)];
                if *ran && *views < 5 {
                    history.ran.push(printed(&name, "2026-08-23", 24));
                }
                let views = u64::from(*views) * 100;
                let reading = if kind == 1 {
                    Reading::Total(views)
                } else {
                    Reading::Series(
                        (0..3)
                            .map(|hour| (now() - TimeDelta::hours(3 * hour - 1), views))
                            .rev()
                            .collect(),
                    )
                };
                readings.push((key(&name), reading));
                Candidate {
                    position: *position,
                    ..candidate(&name, section, *age)
                }
            });
        let harvest = harvest(candidates);
        let readership = match kind {
            0 => Readership::default(),
            _ => reported(now(), readings),
        };
        (harvest, readership, history)
    })
}

proptest! {
    #[test]
    fn always_whole((harvest, readership, history) in any_morning()) {
        let options = options();
        let selection = select(&harvest, &readership, &history, &options, now());
        prop_assert_eq!(selection.candidates.len(), harvest.candidates.len());
        let open = selection.candidates.iter().filter(|judged| {
            !has_run(&history, &judged.story) && judged.story.published.is_none_or(|published| published >= selection.from)
        }).count();
        for (list, wanted) in [(List::Top, options.top), (List::MostRead, options.most_read), (List::Latest, options.latest)] {
            let mut places: Vec<usize> = selection.candidates.iter().filter_map(|judged| judged.slots.get(&list).copied()).collect();
            places.sort_unstable();
            prop_assert!(places.iter().copied().eq(1..=places.len()));
            prop_assert!(places.len() <= wanted);
            if list == List::Top {
                prop_assert_eq!(places.len(), wanted.min(open));
            }
        }
        for judged in &selection.candidates {
            prop_assert!(judged.score.is_finite() && judged.parts.values().all(|part| part.is_finite()));
            prop_assert_eq!(judged.slots.is_empty(), judged.passed_over.is_some());
            prop_assert!(judged.slots.keys().eq(judged.reasons.keys()));
            prop_assert!(!(judged.slots.len() > 1 && judged.slots.contains_key(&List::Latest)));
            prop_assert!(judged.slots.is_empty() || !has_run(&history, &judged.story));
        }
        let mut turned = harvest.clone();
        turned.candidates.reverse();
        let again = select(&turned, &readership, &history, &options, now());
        prop_assert_eq!(serde_json::to_string(&again).unwrap(), serde_json::to_string(&selection).unwrap());
    }
}
