//! Letters go to a `sendmail`: a script here, which ends as the recipient's name says.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::NOBODY;
use crate::newsroom::{Newsroom, Tally};

/// Three subscribers and a `sendmail` that does what `rules` say; it keeps its arguments, and the letter it read.
fn room(rules: &str, subscribers: &[&str]) -> Newsroom {
    let room = Newsroom::new().subscribers(subscribers);
    let script = format!(
        "#!/bin/sh\ncd \"$(dirname \"$0\")\"\nfor to; do :; done\necho \"$@\" >> \"$to.args\"\n{rules}\ncat > \"$to.eml\"\n"
    );
    room.file("sendmail", script);
    let program = room.path("sendmail");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let relay = format!(
        "sendmail = {:?}\nconnections = 1\nattempts = 2\nretry_after = \"1s\"",
        program.display().to_string()
    );
    room.config("relay", &relay)
}

#[test]
fn an_exit_code_is_a_verdict_and_the_letter_is_whole() {
    let rules = "case $to in
        gone@*) echo 'gone@example.org: no such user' >&2; exit 67;;
        busy@*) exit 75;;
        odd@*) kill -9 $$;;
        esac";
    let room = room(
        rules,
        &[
            "ada@example.org",
            "gone@example.org",
            "busy@example.org",
            "odd@example.org",
        ],
    );
    room.run(&["send"]).exits(3);
    assert_eq!(
        room.tally(),
        Tally {
            subscribers: 4,
            accepted: 1,
            rejected: 1,
            given_up: 1,
            in_doubt: 1,
            ..NOBODY
        }
    );
    let arguments = room.read("ada@example.org.args");
    assert!(arguments.starts_with("-i -f "), "{arguments}");
    assert!(arguments.ends_with(" -- ada@example.org\n"), "{arguments}");
    assert_eq!(room.read("busy@example.org.args").lines().count(), 2);
    let letter = room.read("ada@example.org.eml");
    assert!(!letter.contains('\r'));
    assert!(letter.contains("\nTo: ada@example.org\n"), "{letter}");
    assert!(letter.trim_end().ends_with("--"), "{letter}");
    let rejected = room.run(&["status", "--rejected"]).exits(0).stdout;
    assert!(
        rejected.contains("exit 67, g***@e***.org: no such user"),
        "{rejected}"
    );
    // What it said of a reader who is gone counts like a relay's refusal.
    room.run(&["send"]).exits(3);
    assert_eq!(room.read("ada@example.org.args").lines().count(), 1);
}

#[test]
fn what_is_about_us_keeps_everybody_queued() {
    for (rules, words) in [
        ("echo 'bad config' >&2; exit 78", "exit 78, bad config"),
        ("exit 69", "exit 69, without a word"),
    ] {
        let room = room(rules, &["ada@example.org", "bob@example.org"]);
        room.run(&["send"]).exits(75).says(words);
        let queued = Tally {
            subscribers: 2,
            queued: 2,
            ..NOBODY
        };
        assert_eq!(room.tally(), queued, "{words}");
        fs::write(room.path("sendmail"), "#!/bin/sh\ncat > /dev/null\n").unwrap();
        room.run(&["send"]).exits(0);
    }
    let room = room("", &["ada@example.org"]);
    fs::remove_file(room.path("sendmail")).unwrap();
    room.run(&["send"])
        .says("takes no letters: entity not found");
}

#[test]
fn one_place_takes_the_letters() {
    for (lines, words) in [
        (
            "sendmail = \"/usr/sbin/sendmail\"\noutbox = \"outbox\"",
            "`sendmail` is given beside `host` or `outbox`",
        ),
        ("sendmail = \"sendmail\"", "is no path from the root"),
    ] {
        let room = Newsroom::new().config("relay", lines);
        room.run(&["send"]).exits(1).says(words);
    }
}
