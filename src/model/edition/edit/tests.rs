//! Edits, in the text and in the edition; one file, since all of it goes by the same files and the same random edits.

use proptest::prelude::*;

use super::*;
use crate::model::edition::Slug;
use crate::model::zone::Zone;

fn slug() -> Slug {
    "2026-08-24".parse().unwrap()
}

fn link(name: &str) -> Link {
    Link::parse(&format!("https://a.example/{name}")).unwrap()
}

fn at(list: List, name: &str) -> StoryAt {
    StoryAt {
        list,
        key: link(name).key(),
    }
}

fn key(name: &str) -> StoryKey {
    link(name).key()
}

fn line(text: &str) -> Option<Line> {
    Line::non_empty(text)
}

fn headline(list: List, name: &str, words: &str) -> Edit {
    Edit::Words {
        story: at(list, name),
        which: StoryWords::Headline,
        words: line(words),
    }
}

fn move_to(list: List, name: &str, to: List, after: Option<&str>) -> Edit {
    Edit::Move {
        story: at(list, name),
        to,
        after: after.map(key),
    }
}

fn put_in(name: &str, list: List, after: Option<&str>) -> Edit {
    Edit::PutIn {
        placed: Box::new(Placed {
            story: Story {
                dek: line("A \"dek\"."),
                published: Some("2026-08-24T04:10:00Z".parse().unwrap()),
                ..Story::new(line(&name.to_uppercase()).unwrap(), link(name))
            },
            pin: false,
            why: line("the next in line"),
        }),
        list,
        after: after.map(key),
    }
}

fn take_out(list: List, name: &str) -> Edit {
    Edit::TakeOut {
        story: at(list, name),
        dropped: true,
    }
}

fn read(text: &str) -> Edition {
    Edition::from_toml(slug(), "e.toml", text)
        .unwrap_or_else(|problems| panic!("{problems:?}\n{text}"))
}

fn done(text: &str, edits: &[Edit]) -> String {
    apply((&slug(), &Zone::utc()), text, edits)
        .unwrap_or_else(|problems| panic!("{problems:?}\n{edits:?}\n{text}"))
}

fn merged(from: &str, edits: &[Edit], now: &str) -> Merged {
    merge((&slug(), &Zone::utc()), from, edits, now).unwrap()
}

/// As a person left it: comments everywhere, tables within tables, a text that looks like headers.
const EDITED: &str = r#"# drafted 2026-08-24 06:45 +01:00; edit freely, then preview

# hold = true   # not to be sent
subject = "Ferry" # mine
drop = [
    "https://a.example/x", # not again
]
note = """
[[top]]
# no header"""

# Bea: fares first
[[top]]   # the lede
# why: rank 1
headline = "A" # short
url = "https://a.example/a"
picture = { url = "https://a.example/a.jpg", alt = "A boat" }

[[top]]
headline = "B"
url = "https://a.example/b"
[top.picture]
url = "https://a.example/b.jpg"

# What follows is the ranking.

[[most_read]]
headline = "A"
url = "https://a.example/a"
picture = { url = "https://a.example/a.jpg", alt = "A boat" }

[[latest]]
# why: new
headline = "C"
url = "https://a.example/c"
# a remark of its own

# The house.

[[notice]]
label = "House"
text = "Words"
"#;

#[test]
fn nothing_but_what_is_edited_changes() {
    let edits = [
        Edit::Hold(true),
        headline(List::Top, "a", "Fares \"rise\""),
        Edit::Words {
            story: at(List::Top, "b"),
            which: StoryWords::Alt,
            words: line("Fish"),
        },
        Edit::Pin {
            story: at(List::Latest, "c"),
            pin: true,
        },
        move_to(List::Latest, "c", List::Top, None),
        take_out(List::Top, "b"),
        put_in("x", List::Latest, None),
        Edit::Subject(None),
    ];
    insta::assert_snapshot!(done(EDITED, &edits), @r#"
    # drafted 2026-08-24 06:45 +01:00; edit freely, then preview

    hold = true
    # subject = ""   # composed from the stories
    drop = [
        "https://a.example/b",
    ]
    note = """
    [[top]]
    # no header"""

    [[top]]   # the lede
    # why: new
    headline = "C"
    pin = true
    url = "https://a.example/c"
    # a remark of its own

    # Bea: fares first
    [[top]]
    # why: rank 1
    headline = "Fares \"rise\"" # short
    url = "https://a.example/a"
    picture = { url = "https://a.example/a.jpg", alt = "A boat" }

    # What follows is the ranking.

    [[most_read]]
    headline = "Fares \"rise\""
    url = "https://a.example/a"
    picture = { url = "https://a.example/a.jpg", alt = "A boat" }

    [[latest]]
    # why: the next in line
    headline = "X"
    dek = "A \"dek\"."
    url = "https://a.example/x"
    published = 2026-08-24T04:10:00+00:00

    # The house.

    [[notice]]
    label = "House"
    text = "Words"
    "#);
}

#[test]
fn what_is_written_in_another_way_is_written_in_one_line() {
    let alt = Edit::Words {
        story: at(List::Top, "b"),
        which: StoryWords::Alt,
        words: line("Fish"),
    };
    let text = done(EDITED, &[alt]);
    assert!(
        text.contains(
            "picture = { url = \"https://a.example/b.jpg\", alt = \"Fish\" }\n\n# What follows"
        ),
        "{text}"
    );
    let inline = "top = [{ headline = \"A\", url = \"https://a.example/a\" }]\n";
    let refused = apply((&slug(), &Zone::utc()), inline, &[take_out(List::Top, "a")]).unwrap_err();
    assert_eq!(
        refused[0].what,
        "the stories of `top` are not written as `[[top]]`"
    );
}

#[test]
fn what_cannot_be_done_is_said() {
    for (edit, says) in [
        (
            headline(List::Top, "q", "Q"),
            "`a.example/q` is no longer in the edition",
        ),
        (headline(List::Top, "a", ""), "a story must have a headline"),
        (
            move_to(List::Top, "a", List::MostRead, None),
            "`a.example/a` is in `most_read` already",
        ),
        (
            put_in("c", List::Latest, None),
            "`a.example/c` is in `latest` already",
        ),
        (
            put_in("q", List::Latest, Some("a")),
            "`a.example/a` is no longer in the edition",
        ),
    ] {
        let refused = apply((&slug(), &Zone::utc()), EDITED, &[edit]).unwrap_err();
        assert_eq!(refused[0].what, says);
    }
}

#[test]
fn a_file_with_other_line_ends_keeps_them() {
    let text = EDITED.replace('\n', "\r\n");
    let edits = [
        Edit::Note(Some("Two\nlines".into())),
        put_in("q", List::MostRead, Some("a")),
        take_out(List::Latest, "c"),
    ];
    let new = done(&text, &edits);
    assert_eq!(
        new.matches('\n').count(),
        new.matches("\r\n").count(),
        "{new:?}"
    );
}

/// A person may have dropped a story under two of its addresses.
#[test]
fn a_story_that_is_dropped_twice_is_put_in_again() {
    let (x, again) = ("\"https://a.example/x\"", "\"http://www.a.example/x\"");
    for (drop, left) in [
        (
            format!("[{x}, {again}, \"https://a.example/y\"]"),
            "[\"https://a.example/y\"]",
        ),
        (
            format!("[\"https://a.example/y\", {x}, {again}]"),
            "[\"https://a.example/y\"]",
        ),
        (
            format!("[\n    {x},\n    {again}, # the same\n    \"https://a.example/y\",\n]"),
            "[\n    \"https://a.example/y\",\n]",
        ),
    ] {
        let text =
            format!("drop = {drop}\n\n[[top]]\nheadline = \"A\"\nurl = \"https://a.example/a\"\n");
        let new = done(&text, &[put_in("x", List::Latest, None)]);
        assert!(new.starts_with(&format!("drop = {left}\n\n")), "{new}");
    }
}

#[test]
fn two_who_change_other_things_both_have_their_way() {
    let bea = [
        headline(List::Top, "a", "Bea's"),
        move_to(List::Top, "b", List::Top, None),
    ];
    let noor = [
        headline(List::Top, "b", "Noor's"),
        put_in("n", List::Top, Some("a")),
        Edit::Opening(line("Good morning.")),
    ];
    let merged = merged(EDITED, &bea, &done(EDITED, &noor));
    assert_eq!(merged.clashes, []);
    let edition = read(&merged.text);
    let top: Vec<_> = edition
        .top
        .iter()
        .map(|placed| placed.story.headline.as_str())
        .collect();
    assert_eq!(top, ["Noor's", "Bea's", "N"]);
    assert_eq!(edition.opening, line("Good morning."));
}

#[test]
fn both_are_told_of_a_field_that_both_changed() {
    let noor = done(
        EDITED,
        &[
            headline(List::Top, "a", "Noor's"),
            move_to(List::Latest, "c", List::Top, None),
            take_out(List::Top, "b"),
        ],
    );
    let bea = [
        headline(List::Top, "a", "Bea's"),
        headline(List::Top, "b", "Bea's B"),
        move_to(List::Latest, "c", List::MostRead, None),
        Edit::Hold(true),
    ];
    let merged = merged(EDITED, &bea, &noor);
    assert_eq!(
        merged.text,
        done(&noor, &[Edit::Hold(true)]),
        "the rest of the save is in"
    );
    let words = |words: &str| Value::Words(Some(words.into()));
    let told: Vec<_> = merged
        .clashes
        .into_iter()
        .map(|clash| (clash.was, clash.mine, clash.theirs))
        .collect();
    assert_eq!(
        told,
        [
            (words("A"), words("Bea's"), Some(words("Noor's"))),
            (words("B"), words("Bea's B"), None),
            (
                Value::Place(Some((List::Latest, 1))),
                Value::Place(Some((List::MostRead, 1))),
                Some(Value::Place(Some((List::Top, 1))))
            ),
        ]
    );
}

#[test]
fn who_takes_a_story_out_is_asked_when_somebody_wrote_in_it() {
    let noor = done(EDITED, &[headline(List::Latest, "c", "Noor's")]);
    let merged = merged(EDITED, &[take_out(List::Latest, "c")], &noor);
    assert_eq!((merged.text, merged.clashes.len()), (noor, 1));
}

#[test]
fn what_no_edit_can_say_is_not_said() {
    let (a, mut b) = (read(EDITED), read(EDITED));
    assert_eq!(between(&a, &b), Some(vec![]));
    b.notices.clear();
    assert_eq!(between(&a, &b), None);
}

/// A random edit of one of the stories `a` to `f`, in one of the lists.
fn edit() -> impl Strategy<Value = Edit> {
    let name = || prop::sample::select(vec!["a", "b", "c", "d", "e", "f"]);
    let list = || prop::sample::select(List::ALL.to_vec());
    let after = || prop::option::of(name());
    let words = || prop::sample::select(vec!["", "One", "Two \"2\"", "[[top]]", "\\ #", "日本"]);
    let which = prop::sample::select(StoryWords::ALL.to_vec());
    prop_oneof![
        words().prop_map(|words| Edit::Subject(line(words))),
        words()
            .prop_map(|words| Edit::Note(Some(words.to_owned()).filter(|words| !words.is_empty()))),
        any::<bool>().prop_map(Edit::Hold),
        (list(), name(), which, words()).prop_map(|(list, name, which, words)| Edit::Words {
            story: at(list, name),
            which,
            words: line(words)
        }),
        (list(), name(), any::<bool>()).prop_map(|(list, name, is_there)| Edit::Picture {
            story: at(list, name),
            picture: is_there.then(|| Picture::at(link("p.jpg"))),
        }),
        (list(), name(), any::<bool>()).prop_map(|(list, name, pin)| Edit::Pin {
            story: at(list, name),
            pin
        }),
        (list(), name(), list(), after())
            .prop_map(|(from, name, to, after)| move_to(from, name, to, after)),
        (name(), list(), after()).prop_map(|(name, list, after)| put_in(name, list, after)),
        (list(), name()).prop_map(|(list, name)| take_out(list, name)),
    ]
}

/// Those that can be done one after the other; a story that is taken out while it is pinned elsewhere is none.
fn possible(text: &str, edits: Vec<Edit>) -> Vec<Edit> {
    let mut edition = read(text);
    let mut possible = edits;
    possible.retain(|edit| {
        let mut next = edition.clone();
        let is_done = edit.on(&mut next).is_ok();
        if is_done {
            edition = next;
        }
        is_done
    });
    possible
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    prop::collection::vec(edit(), 0..8)
}

/// Remarks that no edit takes away: those between the stories and of the edition.
const REMARKS: [&str; 3] = ["# drafted 2026", "# What follows", "# The house."];

proptest! {
    /// `apply` itself compares the text with the edition that the edits make; here it must always succeed.
    #[test]
    fn the_file_is_always_valid(edits in edits(), crlf: bool) {
        let text = if crlf { EDITED.replace('\n', "\r\n") } else { EDITED.to_owned() };
        let edits = possible(&text, edits);
        let new = done(&text, &edits);
        for remark in REMARKS {
            prop_assert_eq!(new.matches(remark).count(), 1, "{}", new);
        }
        let notice = text.find("[[notice]]").unwrap();
        prop_assert!(new.ends_with(&text[notice..]));
    }

    #[test]
    fn edits_that_were_done_are_done(edits in edits()) {
        let edits = possible(EDITED, edits);
        let new = done(EDITED, &edits);
        prop_assert_eq!(merged(&new, &[], &new).text, new.clone());
        let again = between(&read(EDITED), &read(&new)).unwrap_or_default();
        let merged = merged(EDITED, &again, &new);
        prop_assert_eq!((merged.text, merged.clashes), (new, vec![]));
    }

    #[test]
    fn the_edits_between_two_editions_lead_from_one_to_the_other(edits in edits()) {
        let new = done(EDITED, &possible(EDITED, edits));
        if let Some(between) = between(&read(EDITED), &read(&new)) {
            let there = done(EDITED, &between);
            prop_assert!(super::text::says_the_same(&read(&there), &read(&new)));
        }
    }

    /// Whatever two people do at once, the file is an edition, and each edit is in it or told.
    #[test]
    fn nothing_is_lost_between_two(mine in edits(), theirs in edits()) {
        let (mine, theirs) = (possible(EDITED, mine), possible(EDITED, theirs));
        let now = done(EDITED, &theirs);
        let merged = merged(EDITED, &mine, &now);
        let result = read(&merged.text);
        let wanted = read(&done(EDITED, &mine));
        for (field, value) in [Field::Subject, Field::Note, Field::Hold].into_iter().filter_map(|field| Some((field.clone(), field.value(&wanted)?))) {
            let is_told = merged.clashes.iter().any(|clash| clash.field == field);
            let was = field.value(&read(EDITED));
            if mine.iter().any(|edit| edit.field() == field) && was.as_ref() != Some(&value) && !is_told {
                prop_assert_eq!(field.value(&result), Some(value));
            }
        }
        // What they did and nobody else touched is as they did it.
        if mine.is_empty() {
            prop_assert_eq!(&merged.text, &now);
        }
    }
}

/// A comment that begins like the draft's own mark and goes on is somebody's words: it is neither cut nor left without its `#`.
#[test]
fn a_comment_behind_the_mark_of_the_lede_stays() {
    let text = "[[top]]   # the lede, says Bea\nheadline = \"A\"\nurl = \"https://a.example/a\"\n";
    let hold = [Edit::Hold(true)];
    let held = apply((&slug(), &Zone::utc()), text, &hold).unwrap();
    assert!(held.contains("[[top]]   # the lede, says Bea\n"), "{held}");
    let both =
        format!("{text}\n[[top]]   # the lede\nheadline = \"B\"\nurl = \"https://a.example/b\"\n");
    let moved = [move_to(List::Top, "b", List::Top, None)];
    let moved = apply((&slug(), &Zone::utc()), &both, &moved).unwrap();
    assert!(
        moved.contains("[[top]]   # the lede, says Bea\n"),
        "{moved}"
    );
    assert_eq!(moved.matches("# the lede\n").count(), 1, "{moved}");
}
