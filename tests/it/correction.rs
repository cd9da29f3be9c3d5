//! Corrections: a letter to those who got an edition, as an answer to theirs, and on top of the edition in the archive.

use mail_parser::MessageParser;

use crate::newsroom::{Newsroom, TODAY};
use crate::postoffice::{PostOffice, Received};
use crate::serve::Serving;

const FILE: &str = "editions/2026-08-24.correction.toml";
const DAY: &str = "2026-08-24.correction";

fn room(post: &PostOffice) -> Newsroom {
    crate::serve::room().relay(post.port(), 1)
}

/// Says what was wrong, in the file that `correct` wrote.
fn write(room: &Newsroom, file: &str, more: &str) {
    let text = room.read(file);
    let empty = text
        .lines()
        .find(|line| line.starts_with("# note"))
        .unwrap();
    let note = text.replace(empty, "note = \"Fares rise on *Tuesday*, not on Monday.\"");
    room.file(file, note + more);
}

fn subscribe(room: &Newsroom, block: &str) {
    let list = room.read("subscribers.toml");
    room.file(
        "subscribers.toml",
        format!("{list}\n[[subscriber]]\n{block}\n"),
    );
}

fn to(letters: &[Received]) -> Vec<String> {
    let mut all: Vec<String> = letters.iter().map(|letter| letter.to[0].clone()).collect();
    all.sort();
    all
}

#[test]
fn it_answers_the_letter_of_everybody_who_got_it_and_of_nobody_else() {
    let post = PostOffice::open().reply_to("bob@example.org", "550 5.1.1 no such user");
    let room = room(&post);
    for (name, more) in [
        ("dan", ""),
        ("eve", ""),
        ("fay", "sections = [\"Sport\"]"),
        ("gus", "paused = 2026-12-31"),
    ] {
        subscribe(&room, &format!("email = \"{name}@example.org\"\n{more}"));
    }
    room.run(&["correct", TODAY])
        .exits(1)
        .says("the edition of 2026-08-24 was not sent");
    room.run(&["send"]).exits(3);
    let sent = post.accepted();
    assert_eq!(
        to(&sent),
        [
            "ada@example.org",
            "cleo@example.net",
            "dan@example.org",
            "eve@example.org",
            "fay@example.org"
        ]
    );
    // Who joined since gets none, nor who left or is no longer in the list; who wants less by now got it all the same.
    subscribe(&room, "email = \"new@example.org\"");
    room.run(&["suppress", "dan@example.org"]).exits(0);
    let list = room.read("subscribers.toml");
    room.file(
        "subscribers.toml",
        list.replace(
            "email = \"eve@example.org\"",
            "email = \"other@example.org\"",
        )
        .replace(
            "email = \"cleo@example.net\"",
            "email = \"cleo@example.net\"\npaused = true\nsections = [\"Chess\"]",
        ),
    );
    let opened = room.run(&["correct", TODAY]).exits(0);
    assert!(
        opened
            .stdout
            .ends_with("editions/2026-08-24.correction.toml\n"),
        "{}",
        opened.stdout
    );
    room.run(&["correct", TODAY])
        .exits(1)
        .says("exists already");
    room.run(&["send", "--date", DAY])
        .exits(1)
        .says("says nothing yet");
    room.run(&["draft", "--force", "--date", DAY]).exits(1);
    write(&room, FILE, "");
    room.run(&["preview", "--date", DAY, "--out", "out"])
        .exits(0);
    assert!(
        room.read("out/digest.txt")
            .contains("Fares rise on *Tuesday*")
            || room
                .read("out/digest.txt")
                .contains("Fares rise on Tuesday")
    );
    room.run(&["proof", "bea@example.org", "--date", DAY])
        .exits(0);
    let before = post.accepted().len();
    room.run(&["send", "--date", DAY]).exits(0);
    let all = post.accepted();
    let corrections = &all[before..];
    assert_eq!(
        to(corrections),
        ["ada@example.org", "cleo@example.net", "fay@example.org"]
    );
    for letter in corrections {
        let first = sent.iter().find(|first| first.to == letter.to).unwrap();
        let id = Some(first.message_id());
        assert_eq!(
            (letter.header("In-Reply-To"), letter.header("References")),
            (id.clone(), id)
        );
        assert_ne!(letter.message_id(), first.message_id());
        assert!(
            letter
                .header("Subject")
                .unwrap()
                .starts_with("Correction: A very fat seal")
        );
        let read = MessageParser::default().parse(&letter.message).unwrap();
        assert!(read.body_html(0).unwrap().contains("Fares rise on <em"));
        assert!(letter.header("List-Unsubscribe").is_some());
    }
    // Sent twice it is sent once; the edition is none the wiser.
    room.run(&["send", "--date", DAY])
        .exits(0)
        .says("nothing is left");
    assert_eq!(post.accepted().len(), before + 3);
    let status = room.run(&["status", DAY, "--json"]).exits(0).json();
    assert_eq!(
        (&status[0]["edition"], &status[0]["tally"]["accepted"]),
        (&DAY.into(), &3.into())
    );
    room.run(&["correct", DAY])
        .exits(1)
        .says("a correction is not corrected");
    // A second one of the day.
    room.run(&["correct", TODAY]).exits(0);
    assert!(room.has("editions/2026-08-24.correction-2.toml"));
}

#[test]
fn with_a_story_it_goes_to_those_whose_letter_had_it() {
    let post = PostOffice::open();
    let room = room(&post);
    subscribe(&room, "email = \"dan@example.org\"\nsections = [\"Sport\"]");
    subscribe(&room, "email = \"eve@example.org\"\nsections = [\"News\"]");
    room.run(&["send"]).exits(0);
    room.run(&["correct", TODAY]).exits(0);
    let story = "[[top]]\nheadline = \"Rowers win the river cup\"\nurl = \"https://harbourtimes.example/story-4\"\nsection = \"Sport\"\n";
    write(&room, FILE, story);
    let before = post.accepted().len();
    room.run(&["send", "--date", DAY]).exits(0);
    assert_eq!(
        to(&post.accepted()[before..]),
        [
            "ada@example.org",
            "bob@example.org",
            "cleo@example.net",
            "dan@example.org"
        ]
    );
}

/// It waits for its own approval, is counted apart, and holds up no edition.
#[test]
fn it_is_approved_by_itself_and_holds_nothing_up() {
    let post = PostOffice::open();
    let room = room(&post).config("approval", "by = [\"bea@harbourtimes.example\"]");
    room.run(&["draft"]).exits(0);
    room.run(&["approve"]).exits(0);
    room.run(&["send"]).exits(0);
    room.run(&["correct", TODAY]).exits(0);
    write(&room, FILE, "");
    room.run(&["send", "--date", DAY])
        .exits(1)
        .says("nobody has approved the edition of 2026-08-24.correction");
    room.run(&["approve", DAY]).exits(0);
    // Killed while a letter is with the relay, it goes on with the same letter.
    let held = post.hold_letter(1);
    let mut sending = room.spawn(&["send", "--date", DAY]);
    held.reached_by(&mut sending);
    sending.kill();
    held.go_on();
    // The next edition is not held up, and does not take the correction for an edition.
    let room = room.at("2026-08-25T05:45:00Z");
    for number in 1..=3 {
        room.file(
            &format!("stories/1{number}.toml"),
            format!("[[story]]\nheadline = \"Another {number}\"\nurl = \"https://harbourtimes.example/story-1{number}\"\npublished = 2026-08-25T0{number}:00:00Z\n"),
        );
    }
    room.run(&["draft"]).exits(0);
    room.run(&["approve"]).exits(0);
    room.run(&["send"])
        .exits(0)
        .says("the edition of 2026-08-24.correction is not sent to its end");
    room.run(&["send", "--date", DAY]).exits(0);
    let mut ids: Vec<String> = post
        .letters()
        .iter()
        .filter(|letter| letter.header("In-Reply-To").is_some())
        .map(Received::message_id)
        .collect();
    ids.sort();
    ids.dedup();
    assert_eq!(
        ids.len(),
        3,
        "one a reader, the same again where it was in doubt"
    );
}

#[test]
fn the_archive_has_it_above_the_edition_as_it_was_sent() {
    let post = PostOffice::open();
    let room = room(&post);
    room.run(&["send"]).exits(0);
    let page = |room: &Newsroom| Serving::start(room).pages.get("editions/2026-08-24").1;
    let before = page(&room);
    room.run(&["correct", TODAY]).exits(0);
    write(&room, FILE, "");
    assert_eq!(page(&room), before, "nothing is told before it is sent");
    room.run(&["send", "--date", DAY]).exits(0);
    let after = page(&room);
    let at = after
        .find("Fares rise on <em")
        .unwrap_or_else(|| panic!("{after}"));
    let below = &after[at..];
    assert!(
        below.contains("Ferry fares rise on Monday") && after.find("role=\"note\"").unwrap() < at
    );
    let serving = Serving::start(&room);
    let list = serving.pages.get("editions").1;
    assert_eq!(
        list.matches("class=\"entry\"").count(),
        1,
        "a correction is no edition: {list}"
    );
    assert_eq!(serving.pages.get("editions/2026-08-24.correction").0, 404);
}

/// A rehearsal corrects what was rehearsed.
#[test]
fn a_rehearsal_is_corrected_in_its_folder() {
    let room = Newsroom::new();
    room.run(&["send"]).exits(0);
    room.run(&["correct", TODAY]).exits(0);
    write(&room, FILE, "");
    room.run(&["send", "--date", DAY]).exits(0);
    assert_eq!(room.list("outbox").len(), 6);
}
