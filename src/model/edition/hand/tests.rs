use proptest::prelude::*;

use super::*;

const CUT: ListRules = ListRules {
    lengths: [3, 2, 2],
    overlap: true,
};

fn placed(name: &str) -> Placed {
    let pin = name.starts_with('*');
    let name = name.trim_start_matches('*');
    Placed {
        story: Story {
            dek: Some(Line::clean("As the source has it.")),
            ..Story::new(
                Line::clean(name),
                Link::parse(&format!("https://a.example/{name}")).unwrap(),
            )
        },
        pin,
        why: None,
    }
}

/// `a b *c | b | d`: top, most read and latest; a star pins.
fn edition(lists: &str) -> Edition {
    let mut lists = lists
        .split('|')
        .map(|list| list.split_whitespace().map(placed).collect());
    Edition {
        top: lists.next().unwrap(),
        most_read: lists.next().unwrap(),
        latest: lists.next().unwrap(),
        ..Edition::new("2026-08-24".parse().unwrap())
    }
}

fn lists(edition: &Edition) -> String {
    let list = |list| {
        let names = edition.list(list).iter().map(|placed| {
            let star = if placed.pin { "*" } else { "" };
            format!("{star}{}", placed.story.headline)
        });
        names.collect::<Vec<_>>().join(" ")
    };
    List::ALL.map(list).join(" | ")
}

#[track_caller]
fn check(written: &str, chosen: &str, cut: ListRules, expected: &str) {
    let hand = Hand::of(edition(written), None);
    assert_eq!(lists(&hand.apply(edition(chosen), cut)), expected);
}

#[test]
fn a_pinned_story_keeps_its_place() {
    // Found elsewhere in its list, it moves; not given by any source, it comes from the file.
    check("x *b y | |", "a b c | |", CUT, "a *b c |  | ");
    check("*c y | |", "a b c | |", CUT, "*c a b |  | ");
    check("x *old | |", "a b | |", CUT, "a *old b |  | ");
    // A place behind the end is the end.
    check("x y *c | |", "a | |", CUT, "a *c |  | ");
    check("*c *d *e *f | |", "a b | |", CUT, "*c *d *e *f |  | a b");
}

#[test]
fn what_a_pinned_story_pushes_out_goes_to_latest() {
    check("*old | |", "a b c | a b | d e", CUT, "*old a b | a b | c d");
    check("*d | |", "a b c | | d e", CUT, "*d a b |  | c e");
    let none = ListRules {
        lengths: [3, 2, 0],
        ..CUT
    };
    check("*old | |", "a b c | |", none, "*old a b |  | ");
}

#[test]
fn no_story_stands_where_it_must_not() {
    // Pinned below, it is not above; pinned above, not below.
    check("| | *a", "a b | a b | c", CUT, "b | b | *a c");
    check("*c | |", "a b | | c d", CUT, "*c a b |  | d");
    // Top and most read may share one, unless the newsroom says otherwise.
    check("*b | |", "a | b c |", CUT, "*b a | b c | ");
    let apart = ListRules {
        overlap: false,
        ..CUT
    };
    check("*b | |", "a | b c |", apart, "*b a | c | ");
    check("| *a |", "a b | c |", apart, "b | *a c | ");
    // Pinned twice is what the editor wanted.
    check("*a | | *a", "b | | c", CUT, "*a b |  | *a c");
}

#[test]
fn what_the_editor_placed_is_pinned() {
    let given: HashSet<StoryKey> = ["a", "b", "c", "d", "e"]
        .map(|name| placed(name).story.url.key())
        .into();
    let pinned = |written, drafted: Option<&str>| {
        let mut hand = Hand::of(edition(written), drafted.map(edition));
        let moved = hand.pin_moved(&given);
        format!("{moved}: {}", lists(&hand.written))
    };
    let check = |written, drafted, expected| {
        assert_eq!(pinned(written, Some(drafted)), expected, "{written}");
    };
    // As drafted, or with stories taken out.
    check("a b c | a | d", "a b c | a | d", "0: a b c | a | d");
    check("a c | | d", "a b c | a | d e", "0: a c |  | d");
    // As few as explain the order.
    check("c a b | |", "a b c | |", "1: *c a b |  | ");
    check("b c a | |", "a b c | |", "1: b c *a |  | ");
    check("b a c | |", "a b c | |", "1: *b a c |  | ");
    check("c b a | |", "a b c | |", "2: *c *b a |  | ");
    // What is pinned already is not counted, and the others are in order around it.
    check("*c a b | |", "a b c | |", "0: *c a b |  | ");
    // From another list, and from among the candidates; one of the editor's own is no news.
    check("a d | | c", "a | | c d", "1: a *d |  | c");
    check("a e b | |", "a b | |", "1: a *e b |  | ");
    check("a b mine | | c", "a b | | c", "0: a b *mine |  | c");
    assert_eq!(pinned("b a mine | |", None), "0: b a mine |  | ");
}

#[test]
fn what_is_dropped_does_not_come_and_drop_stays() {
    let mut written = edition("a | |");
    written.drop = vec![Link::parse("http://www.a.example/b/?utm_source=x").unwrap()];
    let hand = Hand::of(written.clone(), None);
    let new = hand.apply(edition("a b c | b | "), CUT);
    assert_eq!(lists(&new), "a c |  | ");
    assert_eq!(new.drop, written.drop);
}

#[test]
fn a_changed_word_stays_and_an_unchanged_one_is_the_sources() {
    let drafted = edition("a b | a | c");
    let mut written = drafted.clone();
    written.top[0].story.headline = Line::clean("A!");
    written.top[1].story.dek = None;
    written.latest[0].story.kicker = Line::non_empty("Mine");
    let mut chosen = edition("c a | a | b");
    for (list, index) in [(List::Top, 0), (List::Top, 1), (List::Latest, 0)] {
        let story = &mut chosen.list_mut(list)[index].story;
        story.byline = Line::non_empty("New at the source");
        story.dek = Line::non_empty("New too.");
    }
    let new = Hand::of(written.clone(), Some(drafted.clone())).apply(chosen, CUT);
    // One change counts in all lists.
    assert_eq!(lists(&new), "c A! | A! | b");
    let story = &new.top[0].story;
    assert_eq!(story.kicker, Line::non_empty("Mine"));
    assert_eq!(story.byline, Line::non_empty("New at the source"));
    assert_eq!(story.dek, Line::non_empty("New too."));
    assert_eq!(new.latest[0].story.dek, None);

    // Two changes of one story are each in its list.
    written.most_read[0].story.headline = Line::clean("A?");
    let new = Hand::of(written, Some(drafted)).apply(edition("a | a | "), CUT);
    assert_eq!(lists(&new), "A! | A? | ");
}

#[test]
fn without_memory_what_stands_in_the_file_stays() {
    let mut written = edition("a | |");
    written.top[0].story.headline = Line::clean("A!");
    written.top[0].story.dek = None;
    written.subject = Line::non_empty("Hers");
    let new = Hand::of(written, None).apply(edition("a b | |"), CUT);
    assert_eq!(lists(&new), "A! b |  | ");
    assert!(new.top[0].story.dek.is_some());
    assert_eq!(new.subject, Line::non_empty("Hers"));
}

#[test]
fn subject_and_opening_stay_if_they_are_hers_and_the_note_always() {
    let mut drafted = edition("a | |");
    drafted.subject = Line::non_empty("A");
    drafted.opening = Line::non_empty("Also: b");
    let mut written = drafted.clone();
    written.opening = Line::non_empty("Good morning");
    written.note = Some("We moved.".into());
    let new = Hand::of(written, Some(drafted)).apply(edition("b | |"), CUT);
    assert_eq!(
        (new.subject, new.opening),
        (None, Line::non_empty("Good morning"))
    );
    assert_eq!(new.note.as_deref(), Some("We moved."));
}

#[test]
fn a_story_that_was_taken_out_and_comes_back_is_counted() {
    let hand = Hand::of(edition("a | | c"), Some(edition("a b | b | c")));
    assert_eq!(hand.came_back(&edition("a b | b | d")), 1);
    assert_eq!(hand.came_back(&edition("a | | d")), 0);
}

proptest! {
    #[test]
    fn the_longest_run_is_one_and_none_is_longer(places in proptest::collection::vec(0_usize..9, 0..9)) {
        let belongs = longest_increasing(&places);
        let run: Vec<usize> = places.iter().zip(&belongs).filter(|(_, belongs)| **belongs).map(|(place, _)| *place).collect();
        prop_assert!(run.is_sorted_by(|a, b| a < b));
        let longest = (0_u32..1 << places.len()).filter_map(|choice| {
            let chosen: Vec<usize> = (0..places.len()).filter(|at| choice >> at & 1 == 1).map(|at| places[at]).collect();
            chosen.is_sorted_by(|a, b| a < b).then_some(chosen.len())
        });
        prop_assert_eq!(Some(run.len()), longest.max());
    }

    #[test]
    fn whatever_is_written_and_chosen(
        written in r"(\*?[a-h] ){0,4}\|(\*?[a-h] ){0,4}\|(\*?[a-h] ){0,4}",
        chosen in r"([a-h] ){0,4}\|([a-h] ){0,4}\|([a-h] ){0,4}",
        lengths in [0_usize..4, 0_usize..4, 0_usize..4],
        overlap: bool,
    ) {
        let cut = ListRules { lengths, overlap };
        let mut written = edition(&written);
        for list in List::ALL {
            // As the file's reader has it: once in a list.
            let mut seen = HashSet::new();
            written.list_mut(list).retain(|placed| seen.insert(placed.story.url.key()));
        }
        let hand = Hand::of(written, None);
        let new = hand.apply(edition(&chosen), cut);
        for list in List::ALL {
            let here = new.list(list);
            let pins = hand.pinned().filter(|(pinned, _)| *pinned == list);
            let pins: Vec<StoryKey> = pins.map(|(_, key)| key).collect();
            prop_assert!(here.len() <= lengths[list as usize].max(pins.len()));
            let keys: HashSet<StoryKey> = here.iter().map(|placed| placed.story.url.key()).collect();
            prop_assert_eq!(keys.len(), here.len(), "a story appears twice");
            prop_assert!(pins.iter().all(|key| keys.contains(key)), "a pin is lost");
            for there in List::ALL.into_iter().filter(|there| cut.apart(*there, list)) {
                let beside = new.list(there).iter().filter(|placed| keys.contains(&placed.story.url.key()));
                let both: Vec<StoryKey> = beside.map(|placed| placed.story.url.key()).collect();
                for key in both {
                    let pinned = hand.pinned().filter(|(list_of, pinned)| *pinned == key && [list, there].contains(list_of));
                    prop_assert_eq!(pinned.count(), 2, "only two pins put a story into both");
                }
            }
        }
    }
}

#[test]
fn notices_stay_and_so_does_the_hold() {
    let mut written = edition("a | | ");
    written.notices = vec![super::super::Notice {
        label: Line::clean("Advertisement"),
        sponsor: None,
        headline: None,
        picture: None,
        text: "Boats".into(),
        url: None,
        after: super::super::After::Lede,
    }];
    written.hold = true;
    let hand = Hand::of(written.clone(), None);
    let new = hand.apply(edition("b | | c"), CUT);
    assert_eq!((new.notices, new.hold), (written.notices, true));
}

/// Only the lede has paragraphs: where it is in another list too, that list's copy has none, and nobody took them away.
#[test]
fn the_lede_keeps_its_paragraphs_where_it_is_in_two_lists() {
    let mut drafted = edition("a b | a | c");
    drafted.top[0].story.paragraphs = vec![Line::clean("Told.")];
    let written = drafted.clone();
    let mut chosen = edition("a b | a | c");
    chosen.top[0].story.paragraphs = vec![Line::clean("Told anew.")];
    let new = Hand::of(written, Some(drafted)).apply(chosen, CUT);
    assert_eq!(new.top[0].story.paragraphs, [Line::clean("Told anew.")]);
    assert_eq!(new.most_read[0].story.paragraphs, [] as [Line; 0]);
}

/// What the program drew in follows the source, what an editor wrote or took away stays.
#[test]
fn drawn_blocks_follow_their_source_until_an_editor_touches_them() {
    let line = |text: &str| super::super::DayLine {
        label: None,
        text: Line::clean(text),
        url: None,
    };
    let with = |text: Option<&str>| {
        let mut edition = edition("a | | ");
        edition.lines = text.map(line).into_iter().collect();
        edition.top[0].story.paragraphs = text.map(Line::clean).into_iter().collect();
        edition
    };
    for (written, drafted, new, expected) in [
        (Some("12°"), Some("12°"), Some("14°"), Some("14°")),
        (Some("12°"), Some("12°"), None, None),
        (Some("mine"), Some("12°"), Some("14°"), Some("mine")),
        (None, Some("12°"), Some("14°"), None),
        (None, None, Some("14°"), Some("14°")),
    ] {
        let drafted = drafted.map(|text| with(Some(text)));
        let hand = Hand::of(with(written), drafted.clone());
        let after = hand.apply(with(new), CUT);
        assert_eq!(after.lines, with(expected).lines, "{written:?} {new:?}");
        assert_eq!(
            after.top[0].story.paragraphs,
            with(expected).top[0].story.paragraphs
        );
    }
    let unknown = Hand::of(with(Some("12°")), None);
    assert_eq!(unknown.apply(with(Some("14°")), CUT).lines, [line("12°")]);
}
