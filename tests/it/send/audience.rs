//! Who gets a copy, and who does not, and why.

use std::fmt::Write as _;

use super::{NOBODY, copies, room};
use crate::newsroom::{Newsroom, TODAY, Tally};
use crate::postoffice::PostOffice;

/// The plain text of a letter.
fn text_of(letter: &[u8]) -> String {
    let letter = mail_parser::MessageParser::default().parse(letter).unwrap();
    letter.body_text(0).unwrap().into_owned()
}

#[test]
fn everyone_left_out_has_a_reason() {
    let post = PostOffice::open();
    let room = room(&post);
    room.file(
        "subscribers.toml",
        "[[subscriber]]\nemail = \"ada@example.org\"\n[[subscriber]]\nemail = \"ADA@example.org\"\n[[subscriber]]\nemail = \"bob@example.org\"\npaused = true\n\
         [[subscriber]]\nemail = \"cleo@example.net\"\npaused = 2026-09-01\n[[subscriber]]\nemail = \"dora@example.net\"\nsections = [\"Chess\"]\n\
         [[subscriber]]\nemail = \"emil@example.net\"\nsections = [\"sport\"]\n[[subscriber]]\nemail = \"fay@example.net\"\npaused = 2026-08-24\n",
    );
    room.run(&["suppress", "gus@example.net"]).exits(0);
    room.run(&["subscribers", "add", "gus@example.net"])
        .exits(0);
    room.run(&["send", "--dry-run"])
        .exits(0)
        .says("3 subscribers")
        .says("nothing was frozen or sent");
    assert!(post.letters().is_empty());
    room.run(&["send"]).exits(0);
    assert_eq!(
        room.tally(),
        Tally {
            subscribers: 8,
            accepted: 3,
            left_out: 5,
            ..NOBODY
        }
    );
    assert_eq!(
        post.accepted_for(),
        ["ada@example.org", "emil@example.net", "fay@example.net"]
    );
    let listed = room.run(&["status", TODAY, "--left-out"]).exits(0).stdout;
    assert_eq!(listed.lines().count(), 5, "{listed}");
    let letters = copies(&post.accepted());
    let of = |address: &str| text_of(&letters[address][0].message);
    assert!(
        of("emil@example.net").contains("Rowers")
            && !of("emil@example.net").contains("Ferry fares"),
        "only their sections"
    );
    assert!(
        of("ada@example.org").contains("Rowers") && of("ada@example.org").contains("Ferry fares")
    );
}

#[test]
fn any_number_of_sections_may_be_chosen_and_an_older_name_still_counts() {
    let post = PostOffice::open();
    let room = room(&post)
        .config(
            "sections",
            "rename = { \"Sport\" = \"Games\", \"City\" = \"\" }\norder = [\"Games\"]",
        )
        .relay(post.port(), 1);
    let mut file = String::new();
    for number in 0..80 {
        writeln!(
            file,
            "[[subscriber]]\nemail = \"reader{number}@example.org\"\nsections = [\"News\", \"Of {number}\", \"Old {number}\"]"
        )
        .unwrap();
    }
    file += "[[subscriber]]\nemail = \"emil@example.net\"\nsections = [\"sport\"]\n";
    room.file("subscribers.toml", file);
    let told = room.run(&["check"]).stderr;
    assert!(
        told.contains("sections that the sources give") && told.contains("printed as `Games`"),
        "{told}"
    );
    room.run(&["send"]).exits(0);
    assert_eq!(room.tally().accepted, 81);
    let letters = copies(&post.accepted());
    let of = |address: &str| text_of(&letters[address][0].message);
    let emil = of("emil@example.net");
    assert!(emil.contains("Rowers") && emil.contains("Games"), "{emil}");
    assert_eq!(of("reader1@example.org"), of("reader79@example.org"));
    assert!(!of("reader1@example.org").contains("Rowers"));
}

#[test]
fn suppressed_after_the_freeze_is_left_out() {
    let post = PostOffice::open();
    let room = Newsroom::new().many_subscribers(6).relay(post.port(), 1);
    let held = post.hold_letter(2);
    let mut running = room.spawn(&["send"]);
    held.reached_by(&mut running);
    room.run(&["suppress", "reader5@example.org"]).exits(0);
    running.kill();
    held.go_on();
    room.run(&["send"]).exits(0);
    assert_eq!(
        room.tally(),
        Tally {
            subscribers: 6,
            accepted: 5,
            left_out: 1,
            ..NOBODY
        }
    );
    assert!(
        !post
            .accepted_for()
            .contains(&"reader5@example.org".to_owned())
    );
}

#[test]
fn removed_while_sending_is_left_out() {
    let post = PostOffice::open();
    let room = Newsroom::new().many_subscribers(6).relay(post.port(), 1);
    let held = post.hold_letter(2);
    let mut running = room.spawn(&["send"]);
    held.reached_by(&mut running);
    room.run(&["subscribers", "remove", "reader5@example.org"])
        .exits(0)
        .says("suppression list");
    running.kill();
    held.go_on();
    room.run(&["send"]).exits(0);
    assert!(
        !post
            .accepted_for()
            .contains(&"reader5@example.org".to_owned())
    );
}

#[test]
fn an_internationalized_domain_goes_out_in_ascii() {
    let post = PostOffice::open();
    let room = room(&post).subscribers(&["ada@bücher.example"]);
    room.run(&["send"]).exits(0);
    assert_eq!(post.accepted_for(), ["ada@xn--bcher-kva.example"]);
}
