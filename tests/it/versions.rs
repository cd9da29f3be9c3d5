//! `edition log|show|diff|restore`: every save of an edition file that was seen is a version, and none is lost.

use serde_json::Value;

use crate::browser;
use crate::newsroom::{Newsroom, TODAY};

const FILE: &str = "editions/2026-08-24.toml";

/// The numbers and origins of today's versions.
fn versions(room: &Newsroom) -> String {
    let told: Value = room
        .run(&["edition", "log", TODAY, "--json"])
        .exits(0)
        .json();
    let all = told["versions"].as_array().unwrap().iter();
    let words = all.map(|one| format!("{} {}", one["number"], one["origin"].as_str().unwrap()));
    words.collect::<Vec<_>>().join(", ")
}

fn note(room: &Newsroom, words: &str) -> String {
    let text = format!("note = \"{words}\"\n{}", room.read(FILE));
    room.file(FILE, &text);
    text
}

#[test]
fn what_an_editor_saved_comes_back_whatever_was_drafted_over_it() {
    let room = Newsroom::new().environment("USER", "bea");
    room.run(&["edition", "log"])
        .exits(1)
        .says("no version of the edition of 2026-08-24 is known");
    room.run(&["draft"]).exits(0);
    let drafted = room.read(FILE);
    assert_eq!(versions(&room), "1 draft");
    let edited = note(&room, "Tides are high.");
    room.run(&["draft", "--force"]).exits(0);
    assert_eq!(versions(&room), "1 draft, 2 file, 3 draft");
    let shown = room.run(&["edition", "show", TODAY, "2"]).exits(0).stdout;
    assert_eq!(shown, edited);
    let log = room.run(&["edition", "log"]).exits(0).stdout;
    let lines: Vec<&str> = log.lines().collect();
    assert!(
        lines[0].starts_with("1  2026-08-24 06:45  drafted by bea, "),
        "{log}"
    );
    assert!(
        lines[1].starts_with("2  2026-08-24 06:45  saved, "),
        "{log}"
    );

    let diff = room.run(&["edition", "diff", TODAY, "1", "2"]).exits(0);
    assert!(
        diff.stdout
            .starts_with("--- 2026-08-24.toml, version 1\n+++ 2026-08-24.toml, version 2\n@@"),
        "{}",
        diff.stdout
    );
    assert!(diff.stdout.contains("\n+note = \"Tides are high.\"\n"));

    room.run(&["edition", "restore", TODAY, "1"])
        .exits(0)
        .says("`newsdigest edition restore 2026-08-24 3` takes it back");
    assert_eq!(room.read(FILE), drafted);
    assert_eq!(versions(&room), "1 draft, 2 file, 3 draft, 4 restore");
    room.run(&["edition", "diff", TODAY, "1", "4"])
        .exits(0)
        .says("say the same");
    room.run(&["edition", "restore", TODAY, "9"])
        .exits(1)
        .says("has no version 9: the newest is 4");
}

/// A save that breaks the file is one as well; what was there before comes back.
#[test]
fn a_broken_file_is_kept_and_mended() {
    let room = Newsroom::new();
    room.run(&["draft"]).exits(0);
    let drafted = room.read(FILE);
    room.file(FILE, "[[top]\n");
    room.run(&["proof", "bea@harbourtimes.example"]).exits(1);
    assert_eq!(versions(&room), "1 draft, 2 file");
    room.run(&["edition", "restore", TODAY, "1"]).exits(0);
    assert_eq!(room.read(FILE), drafted);
    // It was removed, and its last words are still known.
    note(&room, "Gone in a moment.");
    versions(&room);
    std::fs::remove_file(room.path(FILE)).unwrap();
    let shown = room.run(&["edition", "show", TODAY]).exits(0).stdout;
    assert!(shown.starts_with("note = \"Gone in a moment.\""), "{shown}");
}

#[test]
fn the_preview_and_the_send_see_what_was_saved() {
    let room = Newsroom::new();
    room.run(&["draft"]).exits(0);
    note(&room, "For the preview.");
    let (running, address) = browser::open(&room);
    browser::get(&address, "/");
    browser::ends(running);
    let text = room.read(FILE).replace("For the preview.", "For readers.");
    room.file(FILE, text);
    room.run(&["send"]).exits(0);
    let shown = |number| {
        room.run(&["edition", "show", TODAY, number])
            .exits(0)
            .stdout
    };
    assert!(shown("2").contains("For the preview."));
    assert!(shown("3").contains("For readers."));
}

#[test]
fn versions_are_forgotten_with_the_copies_of_their_time() {
    let room = Newsroom::new().config("ledger", "keep = \"30d\"");
    room.run(&["draft"]).exits(0);
    assert_eq!(versions(&room), "1 draft");
    let room = room.at("2026-10-24T05:45:00Z");
    room.run(&["ledger", "prune"]).exits(0);
    // The file is still there, and is seen anew.
    assert_eq!(versions(&room), "1 file");
}
