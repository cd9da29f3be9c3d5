//! Ctrl-C and SIGTERM at every stage of a morning. After it nothing is frozen, no letter begins, and the program ends within the letter under
//! way. Stages that wait for nothing outside (choosing, between draft and freeze, staging) are tested beside the clock
//! (`src/clock/tests.rs`) and the ledger.

use std::fs::File;

use crate::feedserver::{FeedServer, Page};
use crate::newsroom::{Newsroom, PATIENCE, TODAY};
use crate::postoffice::{PostOffice, Stage};
use crate::serve;

const READERS: usize = 40;

/// A newsroom with forty readers whose letters go to that relay, at seven: the edition is due, and not drafted yet.
fn due(post: &PostOffice) -> Newsroom {
    serve::room()
        .many_subscribers(READERS)
        .relay(post.port(), 1)
        .config("schedule", "send_at = \"07:00\"")
        .at("2026-08-24T06:00:00Z")
}

/// Whoever runs it again sends to everybody, once.
#[track_caller]
fn goes_on(room: &Newsroom, post: &PostOffice) {
    room.run(&["send"]).exits(0);
    let mut all = post.accepted_for();
    all.sort();
    all.dedup();
    assert_eq!((all.len(), post.accepted().len()), (READERS, READERS));
}

#[test]
fn while_serve_waits() {
    let post = PostOffice::open();
    let room = due(&post).at("2026-08-24T05:00:00Z");
    let mut program = room.spawn(&["serve"]);
    program.says("the next edition is that of Mon 2026-08-24");
    program.terminate();
    program.wait().exits(0);
    assert!(room.list("editions").is_empty() && post.letters().is_empty());
}

/// A feed that takes long, and SIGTERM meanwhile: it chose, froze and sent all forty.
#[test]
fn while_sources_are_asked() {
    let feeds = FeedServer::open();
    feeds.route("/slow", Page::hang());
    let slow = format!("feed = \"{}\"", feeds.url("/slow"));
    for (arguments, code) in [
        (&["serve"][..], 0),
        (&["send"], 75),
        (&["draft"], 75),
        (&["proof", "desk@harbourtimes.example"], 75),
    ] {
        let post = PostOffice::open();
        let room = due(&post).config("[source]", &slow);
        let asked = feeds.watch();
        let program = room.spawn(arguments);
        asked.recv_timeout(PATIENCE).unwrap();
        if code == 0 {
            program.terminate();
        } else {
            program.interrupt();
        }
        let output = program.wait().exits(code);
        if code == 75 {
            assert!(
                output
                    .stderr
                    .ends_with("error: stopped as asked\nnothing was written or sent\n"),
                "{}",
                output.stderr
            );
        }
        assert!(room.list("editions").is_empty(), "{arguments:?}");
        assert_eq!(post.connections(), 0, "{arguments:?}");
        room.run(&["status", TODAY]).exits(1);
    }
}

/// What a reader changed waits in the ledger, and somebody else holds the subscribers file while the stop is asked for.
#[test]
fn while_a_change_is_merged() {
    let post = PostOffice::open();
    let room = serve::room().many_subscribers(READERS);
    let lock = File::create(room.path(".subscribers.toml.lock")).unwrap();
    lock.lock().unwrap();
    let mut serving = serve::Serving::start(&room);
    serving.pages.post("", "email=dee@example.org");
    let path = serving.confirm_paths(&room, 1).remove(0);
    assert_eq!(serving.pages.post(&path, "").0, 200);
    serving.program.kill();
    let room = room.relay(post.port(), 1);
    let mut send = room.spawn(&["send"]);
    send.says("written to `editions/");
    send.terminate();
    send.says("letters under way are finished first");
    lock.unlock().unwrap();
    let output = send.wait().exits(75);
    assert!(
        output
            .stderr
            .contains("error: stopped as asked\nnothing was frozen or sent\n"),
        "{}",
        output.stderr
    );
    assert_eq!(post.connections(), 0);
    room.run(&["status", TODAY]).exits(1);
    room.run(&["send"]).exits(0);
    let all = post.accepted_for();
    assert_eq!(all.len(), READERS + 1);
    assert!(all.contains(&"dee@example.org".to_owned()));
}

#[test]
fn while_the_relay_is_tried_before_the_freeze() {
    for arguments in [&["serve"][..], &["send"]] {
        let post = PostOffice::open();
        let room = due(&post);
        let held = post.hold(Stage::Greeting, 1);
        let mut program = room.spawn(arguments);
        held.reached_by(&mut program);
        program.terminate();
        let output = program.wait();
        if arguments == ["send"] {
            assert!(
                output
                    .stderr
                    .contains("error: stopped as asked\nnothing was frozen or sent\n")
            );
            output.exits(75);
        } else {
            output.exits(0);
        }
        room.run(&["status", TODAY]).exits(1);
        held.go_on();
        goes_on(&room, &post);
    }
}

#[test]
fn while_a_letter_leaves() {
    for arguments in [&["serve"][..], &["send"]] {
        let post = PostOffice::open();
        let room = due(&post);
        let held = post.hold_letter(3);
        let mut program = room.spawn(arguments);
        held.reached_by(&mut program);
        program.terminate();
        program.says(if arguments == ["send"] {
            "letters under way are finished first"
        } else {
            "answering what was asked, then ending"
        });
        held.go_on();
        program
            .wait()
            .exits(if arguments == ["send"] { 75 } else { 0 });
        assert_eq!((room.tally().accepted, room.tally().in_doubt), (3, 0));
        goes_on(&room, &post);
    }
}
