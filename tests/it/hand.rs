//! The editor's hand: what a person did to an edition file is still there when it is drafted again.

use std::fs;

use crate::newsroom::{Newsroom, TODAY};
use crate::postoffice::PostOffice;

const SEAL: &str = "https://harbourtimes.example/story-3";

fn file() -> String {
    format!("editions/{TODAY}.toml")
}

/// A drafted edition.
fn drafted() -> Newsroom {
    let room = Newsroom::new();
    room.run(&["draft"]).exits(0);
    room
}

/// Edits the edition file as a person would. What is replaced must be there.
#[track_caller]
fn edit(room: &Newsroom, edits: &[(&str, &str)]) {
    let mut text = room.read(&file());
    for (old, new) in edits {
        assert!(text.contains(old), "no `{old}` in:\n{text}");
        text = text.replacen(old, new, 1);
    }
    room.file(&file(), text);
}

/// Drafts again and gives the new file.
fn again(room: &Newsroom) -> String {
    room.run(&["draft", "--force"]).exits(0);
    room.read(&file())
}

/// The headlines of a list.
fn headlines(edition: &str, list: &str) -> Vec<String> {
    let edition: toml_edit::DocumentMut = edition.parse().unwrap();
    let stories = edition.get(list).and_then(|list| list.as_array_of_tables());
    stories
        .into_iter()
        .flatten()
        .map(|story| story["headline"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn drafted_again_untouched_it_is_the_same() {
    let room = drafted();
    let first = room.read(&file());
    assert_eq!(again(&room), first);
    assert_eq!(again(&room), first);
}

#[test]
fn a_pinned_story_keeps_its_place_and_the_others_flow_around_it() {
    let room = drafted();
    edit(
        &room,
        &[
            (
                "headline = \"Rowers win the river cup\"",
                "headline = \"Rowers!\"\npin = true",
            ),
            (
                "   # the lede\n",
                "\nheadline = \"Flood warning\"\nurl = \"https://met.example/flood\"\n\n[[top]]\n",
            ),
        ],
    );
    // Yesterday's favourite now; nobody reads the seal any more.
    room.file(
        "views.csv",
        "url,views\nhttps://harbourtimes.example/story-6,99999\n",
    );
    let edition = again(&room);
    let top = headlines(&edition, "top");
    assert_eq!(
        (top.len(), &top[0][..], &top[1][..], &top[4][..]),
        (
            5,
            "Flood warning",
            "The library opens on Sundays",
            "Rowers!"
        ),
        "{edition}"
    );
    // What no longer fits in `top` is not lost.
    assert_eq!(headlines(&edition, "latest").len(), 2);
    // A story of the editor's own is pinned, since nothing would bring it back.
    assert!(
        edition.contains("# why: pinned by the editor\nheadline = \"Flood warning\"\npin = true\n")
    );
    assert!(edition.contains("# why: pinned by the editor; rank "));
    assert_eq!(again(&room), edition, "and once more");

    let why = room.run(&["explain", "--json"]).exits(0).json();
    let candidates = why["candidates"].as_array().unwrap();
    let of = |url: &str| {
        let found = candidates.iter().find(|story| story["url"] == url);
        found.unwrap().clone()
    };
    let rowers = of("https://harbourtimes.example/story-4");
    assert_eq!(rowers["slots"]["top"], 5);
    assert!(rowers["why"].to_string().contains("pinned by the editor; "));
    assert_eq!(
        of("https://harbourtimes.example/story-6")["slots"]["top"],
        2
    );
    assert!(why.get("drafted").is_none(), "that is the program's own");
}

#[test]
fn an_unpinned_story_keeps_its_words() {
    let room = drafted();
    edit(
        &room,
        &[(
            "headline = \"A very fat seal blocks the slipway\"",
            "headline = \"Seal!\"\npin = true",
        )],
    );
    again(&room);
    edit(&room, &[("pin = true\n", "")]);
    assert_eq!(headlines(&again(&room), "top")[0], "Seal!");
}

#[test]
fn changed_words_stay_and_unchanged_ones_follow_the_source() {
    let room = drafted();
    edit(
        &room,
        &[
            ("\nopening = ", "\nopening = \"Good morning.\" # "),
            (
                "# note = \"\"\"your words, in Markdown",
                "note = \"\"\"We *moved*.",
            ),
            (
                "\"A very fat seal blocks the slipway\"\ndek",
                "\"Seal!\"\nkicker = \"Wildlife\"\n# ",
            ),
        ],
    );
    room.story(3, "A seal, corrected by the source", "City");
    room.story(1, "The ferry will cost more", "News");
    for _ in 0..2 {
        let edition = again(&room);
        assert_eq!(
            headlines(&edition, "top")[..2],
            ["Seal!", "The ferry will cost more"]
        );
        let seal = edition
            .split("\n\n")
            .find(|part| part.contains("[[top]]   # the lede"));
        let seal = seal.unwrap();
        assert!(seal.contains("kicker = \"Wildlife\""), "{seal}");
        assert!(seal.contains("section = \"City\""), "{seal}");
        assert!(!seal.contains("dek = "), "the editor took it away: {seal}");
        assert!(
            edition.contains("subject = \"Seal! The ferry will"),
            "{edition}"
        );
        assert!(edition.contains("opening = \"Good morning.\""));
        assert!(edition.contains("We *moved*."));
    }
}

#[test]
fn a_subject_stays_too() {
    let room = drafted();
    edit(&room, &[("\nsubject = ", "\nsubject = \"Hers\" # ")]);
    assert!(again(&room).contains("subject = \"Hers\"\n"));
    assert!(again(&room).contains("subject = \"Hers\"\n"));
    edit(&room, &[("\nsubject = ", "\n# subject = ")]);
    assert!(again(&room).contains("subject = \"A very fat seal"));
}

#[test]
fn without_the_reasons_file_every_word_stays() {
    let room = drafted();
    edit(
        &room,
        &[("\"A very fat seal blocks the slipway\"", "\"Seal!\"")],
    );
    fs::remove_file(room.path(&format!("editions/{TODAY}.why.json"))).unwrap();
    assert_eq!(headlines(&again(&room), "top")[0], "Seal!");
}

#[test]
fn a_dropped_story_does_not_come_back_and_one_taken_out_may() {
    let room = drafted();
    let without_seal = |room: &Newsroom| {
        let text = room.read(&file());
        let parts = text.split("\n\n").filter(|part| !part.contains(SEAL));
        room.file(&file(), parts.collect::<Vec<_>>().join("\n\n") + "\n");
    };
    without_seal(&room);
    room.run(&["draft", "--force"]).exits(0).says(
        "1 story that had been taken out of the file came back: `drop = [\"address\"]` at its top keeps a story out",
    );
    assert!(room.read(&file()).contains(SEAL));

    without_seal(&room);
    let drop = format!("drop = [\"{SEAL}?utm_source=mail\"] #");
    edit(&room, &[("# drop = ", &drop)]);
    for _ in 0..2 {
        let edition = again(&room);
        let lists = [headlines(&edition, "top"), headlines(&edition, "most_read")];
        assert!(!lists.concat().iter().any(|line| line.contains("seal")));
        assert!(edition.contains(&format!("\ndrop = [\"{SEAL}?utm_source=mail\"]\n")));
    }
    let told = room.run(&["explain", "seal"]).exits(0).data();
    assert!(
        told.contains("passed over: dropped by the editor"),
        "{told}"
    );
}

#[test]
fn a_file_that_cannot_be_read_is_not_written_over() {
    let room = drafted();
    edit(&room, &[("\nsubject = ", "\nsubjet = ")]);
    let broken = room.read(&file());
    room.run(&["draft", "--force"])
        .exits(1)
        .says("unknown key `subjet`")
        .says("nothing was written or sent");
    assert_eq!(room.read(&file()), broken);
    // A file without a story is none, as its own hint says.
    room.file(&file(), "note = \"Closed on Monday.\"\n");
    let edition = again(&room);
    assert!(edition.contains("Closed on Monday.") && edition.contains(SEAL));
}

#[test]
fn an_edition_that_was_sent_stays_as_it_was_sent() {
    let post = PostOffice::open();
    let room = Newsroom::new().relay(post.port(), 1);
    room.run(&["send"]).exits(0);
    edit(
        &room,
        &[("\"A very fat seal blocks the slipway\"", "\"Seal!\"")],
    );
    let changed = room.read(&file());
    room.run(&["draft", "--force"])
        .exits(1)
        .says("was frozen for its readers at")
        .says("nothing was changed");
    assert_eq!(room.read(&file()), changed);
    room.run(&["preview", "--out", "out"]).exits(0);
    assert!(room.read("out/digest.txt").contains("very fat seal"));
    room.run(&["send"])
        .exits(0)
        .says("your changes came after the freeze: readers get the edition as it was frozen");
    assert_eq!(post.letters().len(), 3, "nothing was sent again");
}

#[test]
fn a_send_of_what_nobody_changed_says_nothing_of_changes() {
    let post = PostOffice::open();
    let room = Newsroom::new().relay(post.port(), 1);
    room.run(&["send"]).exits(0);
    let again = room.run(&["send"]).exits(0);
    assert!(!again.words().contains("freeze"), "{}", again.words());
}

/// The stories of a list, by their headlines, in that order.
fn order(room: &Newsroom, list: &str, headlines: &[String]) {
    let mut edition: toml_edit::DocumentMut = room.read(&file()).parse().unwrap();
    let stories = edition[list].as_array_of_tables_mut().unwrap();
    let places: Vec<_> = stories.iter().map(toml_edit::Table::position).collect();
    let tables: Vec<_> = stories.iter().cloned().collect();
    stories.clear();
    for (headline, place) in headlines.iter().zip(places) {
        let named = |table: &&toml_edit::Table| table["headline"].as_str() == Some(headline);
        let mut table = tables.iter().find(named).unwrap().clone();
        table.set_position(place);
        stories.push(table);
    }
    room.file(&file(), edition.to_string());
}

#[test]
fn an_order_made_by_hand_is_kept_and_said_until_the_pin_is_taken_out() {
    let room = drafted();
    let chosen = headlines(&room.read(&file()), "top");
    let mut mine = chosen.clone();
    mine.rotate_right(1);
    order(&room, "top", &mine);
    room.run(&["draft", "--force"])
        .exits(0)
        .says("1 story that you moved keeps its place now: `pin = true` was written for it");
    let once = room.read(&file());
    assert_eq!(headlines(&once, "top"), mine);
    assert_eq!(once.matches("\npin = true").count(), 1, "{once}");
    // It is pinned now, and nothing else is, however often it is drafted.
    let twice = room.run(&["draft", "--force"]).exits(0);
    assert!(!twice.words().contains("you moved"), "{}", twice.words());
    assert_eq!(room.read(&file()), once);
    // Without the pin it goes where it was chosen.
    edit(&room, &[("\npin = true", "")]);
    let free = room.run(&["draft", "--force"]).exits(0);
    assert!(!free.words().contains("you moved"), "{}", free.words());
    assert_eq!(headlines(&room.read(&file()), "top"), chosen);
}

#[test]
fn a_notice_stays_and_reaches_everybody() {
    let post = PostOffice::open();
    let room = drafted().relay(post.port(), 1);
    room.file(
        "subscribers.toml",
        "[[subscriber]]\nemail = \"ada@example.org\"\n[[subscriber]]\nemail = \"emil@example.net\"\nsections = [\"Sport\"]\n",
    );
    let notice = "\n[[notice]]\nlabel = \"Advertisement\"\nheadline = \"Boats for a summer\"\ntext = \"\"\"\nOars *included*.\"\"\"\nurl = \"https://boats.example/\"\nafter = \"lede\"\n";
    room.file(&file(), room.read(&file()) + notice);
    assert!(again(&room).ends_with(notice));
    room.run(&["send"]).exits(0);
    for letter in post.accepted() {
        let message = mail_parser::MessageParser::default()
            .parse(&letter.message)
            .unwrap();
        for body in [message.body_text(0), message.body_html(0)] {
            let body = body.unwrap();
            assert!(
                body.contains("Advertisement") && body.contains("Boats for a summer"),
                "{body}"
            );
        }
    }
    // What is frozen does not change with the file.
    room.file(&file(), room.read(&file()).replace("Boats", "Cars"));
    room.run(&["preview", "--out", "out"]).exits(0);
    assert!(room.read("out/digest.txt").contains("Boats for a summer"));
}
