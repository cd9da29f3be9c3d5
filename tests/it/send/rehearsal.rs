//! Rehearsals, proofs, older runs; connections, log-in, a folder that cannot be written.

use std::collections::HashSet;

use super::room;
use crate::newsroom::{Newsroom, TODAY};
use crate::postoffice::{PostOffice, Received, Stage};

#[test]
fn a_rehearsal_never_blocks_a_real_send() {
    let post = PostOffice::open();
    let room = Newsroom::new();
    room.run(&["send"])
        .exits(0)
        .says("3 letters lie")
        .says("rehearsal");
    assert_eq!(room.list("outbox").len(), 3);
    assert!(
        room.list("outbox")
            .iter()
            .all(|name| !name.contains("example.org"))
    );
    room.run(&["send"]).exits(0);
    assert_eq!(
        room.list("outbox").len(),
        3,
        "a second rehearsal hands over nothing"
    );
    let room = room.relay(post.port(), 2);
    room.run(&["send"]).exits(0);
    assert_eq!(post.accepted().len(), 3);
    // What was only rehearsed did not run: the next day may print it.
    let rehearsed = Newsroom::new();
    rehearsed.run(&["send"]).exits(0);
    let rehearsed = rehearsed
        .at("2026-08-24T20:00:00Z")
        .config("selection", "window = \"24h\"");
    rehearsed
        .run(&["draft", "--date", "2026-08-24b"])
        .exits(0)
        .says("chosen");
}

#[test]
fn a_proof_leaves_no_trace() {
    let post = PostOffice::open();
    let room = room(&post);
    room.run(&[
        "proof",
        "editor@harbourtimes.example",
        "desk@harbourtimes.example",
    ])
    .exits(0)
    .says("2 proofs");
    let proofs = post.accepted();
    assert!(proofs.iter().all(|proof| {
        proof
            .header("Subject")
            .is_some_and(|subject| subject.starts_with("[Proof] "))
    }));
    assert!(
        !room.has("newsdigest.db"),
        "the ledger never hears of a proof"
    );
    room.run(&["send"]).exits(0);
    let ids: HashSet<String> = post.accepted().iter().map(Received::message_id).collect();
    assert_eq!(ids.len(), 5);
}

#[test]
fn an_older_run_is_finished_first() {
    let post = PostOffice::open().reply_at(Stage::Mail, "550 5.7.1 you are blocked");
    let room = room(&post);
    room.run(&["send"]).exits(75);
    drop(post);
    let post = PostOffice::open();
    let room = room.relay(post.port(), 1).at("2026-08-25T05:45:00Z");
    room.story(0, "Fog over the harbour", "News");
    room.run(&["send"])
        .exits(1)
        .says(TODAY)
        .says(&format!("send --date {TODAY}"));
    room.run(&["send", "--date", TODAY]).exits(0);
    assert_eq!(room.tally().accepted, 3);
}

#[test]
fn connections_and_extensions() {
    for offers in [&["PIPELINING", "8BITMIME", "SMTPUTF8"][..], &[]] {
        let post = PostOffice::open().offer(offers);
        let room = Newsroom::new().many_subscribers(40).relay(post.port(), 4);
        room.run(&["send"]).exits(0);
        assert_eq!(post.accepted().len(), 40);
        assert!(
            post.most_at_once() <= 4,
            "{} connections at once",
            post.most_at_once()
        );
    }
}

#[test]
fn a_password_is_given_and_never_printed() {
    let post = PostOffice::open().offer(&["AUTH PLAIN LOGIN"]);
    let room = Newsroom::new();
    room.secret("secret", "hunter2\n");
    let relay = |port| {
        format!(
            "host = \"127.0.0.1\"\nport = {port}\nsecurity = \"none\"\nconnections = 1\nusername = \"digest\"\npassword_file = \"secret\""
        )
    };
    let room = room.config("relay", &relay(post.port()));
    let output = room.run(&["send", "-v"]).exits(0);
    assert!(!output.stderr.contains("hunter2"));
    // RFC 4616: NUL digest NUL hunter2, in base64.
    assert!(
        post.commands()
            .iter()
            .any(|command| command == "AUTH PLAIN AGRpZ2VzdABodW50ZXIy"),
        "{:?}",
        post.commands()
    );
    let refusing = PostOffice::open()
        .offer(&["AUTH PLAIN"])
        .reply_at(Stage::Auth, "535 5.7.8 wrong password");
    let room = room
        .at("2026-08-25T05:45:00Z")
        .config("selection", "window = \"48h\"")
        .config("relay", &relay(refusing.port()));
    room.story(0, "Fog over the harbour", "News");
    room.story(7, "Swans return to the mill pond", "News");
    room.story(8, "Tram line four is late again", "News");
    let output = room
        .run(&["send"])
        .exits(1)
        .says("535")
        .says("nothing was frozen or sent");
    assert!(!output.stderr.contains("hunter2") && !output.stderr.contains("AGRpZ2"));
}

#[test]
fn a_read_only_outbox_loses_nobody() {
    // A file where the folder should be stops root too.
    let room = Newsroom::new();
    room.file("outbox", "not a folder");
    room.run(&["send"])
        .exits(75)
        .says("outbox")
        .says("3 queued");
    std::fs::remove_file(room.path("outbox")).unwrap();
    room.run(&["send"]).exits(0);
    assert_eq!(room.list("outbox").len(), 3);
}

#[test]
fn an_empty_subscribers_file_is_said() {
    let room = Newsroom::new().subscribers(&[]);
    room.run(&["send"])
        .exits(1)
        .says("subscribers.toml")
        .says("nothing was sent");
}

#[test]
fn a_letter_that_gmail_would_clip_stops_the_send_unless_a_person_says_so() {
    let post = PostOffice::open();
    let room = Newsroom::new().relay(post.port(), 1);
    room.run(&["draft"]).exits(0);
    let path = format!("editions/{TODAY}.toml");
    let long = format!("note = \"\"\"{}\"\"\"\n", "読み物 ".repeat(5_000));
    room.file(
        &path,
        long + &room.read(&path).replace("# note =", "# no note ="),
    );
    let stopped = room.run(&["send"]).exits(1);
    insta::assert_snapshot!(stopped.words(), @"
    error: the letter is 151 kB, expected at most 100 kB: Gmail clips it, and with the end goes the way to leave
    nothing was frozen or sent

    hint: cut stories from the end, or shorten deks; `newsdigest send --despite size` sends all the same
    ");
    assert!(post.letters().is_empty());
    room.run(&["send", "--despite", "alt"])
        .exits(2)
        .says("expected size, unsubscribe, postal-address");
    room.run(&["send", "--despite", "size"]).exits(0);
    assert_eq!(post.accepted().len(), 3);
}
