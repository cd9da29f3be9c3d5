//! Relays, ledgers and people that make it hard: what stays true, and what is said.

use super::{NOBODY, copies, room};
use crate::newsroom::{Newsroom, TODAY, Tally};
use crate::postoffice::{PostOffice, Stage};

/// One connection, nothing waits, a letter is given up after so many attempts.
fn impatient(post: &PostOffice, attempts: u32) -> Newsroom {
    let relay = format!(
        "host = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nconnections = 1\nretry_after = \"0s\"\nattempts = {attempts}",
        post.port()
    );
    Newsroom::new().config("relay", &relay)
}

#[test]
fn a_relay_that_closes_after_some_letters_costs_no_attempt() {
    for reply in [
        "421 4.7.0 too many messages on this connection",
        "421 idle too long",
    ] {
        let post = PostOffice::open().reply_once(Stage::Mail, 2, reply);
        let room = impatient(&post, 1);
        room.run(&["send"]).exits(0);
        assert_eq!(room.tally().accepted, 3, "{reply}");
        assert_eq!(post.letters().len(), 3, "{reply}");
    }
}

#[test]
fn a_letter_that_ends_every_conversation_stops_nobody_elses() {
    let post = PostOffice::open().hang_up_on("bob@example.org");
    let room = impatient(&post, 2);
    room.run(&["send"]).exits(3).says("1 given up");
    assert_eq!(
        room.tally(),
        Tally {
            subscribers: 3,
            accepted: 2,
            given_up: 1,
            ..NOBODY
        }
    );
    let listed = room.run(&["status", TODAY, "--given-up"]).exits(0).stdout;
    assert!(listed.contains("hung up at RCPT"), "{listed}");
}

#[test]
fn a_relay_that_allows_fewer_conversations_is_no_reason_to_stop() {
    // The first greeting is for the look before the freeze, the second for the only conversation that is allowed.
    let post = PostOffice::open().reply_after(Stage::Greeting, 2, "421 4.7.0 too many connections");
    let room = Newsroom::new().many_subscribers(20).relay(post.port(), 2);
    room.run(&["send"]).exits(0);
    assert_eq!(room.tally().accepted, 20);
}

#[test]
fn an_answer_is_kept_when_the_next_claim_fails() {
    let post = PostOffice::open();
    let room = room(&post);
    let held = post.hold_letter(2);
    let mut running = room.spawn(&["send"]);
    held.reached_by(&mut running);
    let ledger = rusqlite::Connection::open(room.path("newsdigest.db")).unwrap();
    ledger
        .execute_batch("CREATE TRIGGER full BEFORE UPDATE ON copy WHEN new.state = 1 BEGIN SELECT raise(ABORT, 'no claims today'); END")
        .unwrap();
    held.go_on();
    running
        .wait()
        .exits(75)
        .says("the ledger")
        .says("no claims today")
        .says("2 accepted, 1 queued");
    ledger.execute_batch("DROP TRIGGER full").unwrap();
    room.run(&["send"]).exits(0);
    assert_eq!(room.tally().accepted, 3);
    assert_eq!(post.letters().len(), 3, "nobody got two");
}

#[test]
fn a_copy_sent_again_is_the_same_under_a_changed_config() {
    let post = PostOffice::open().hang_up_after_dot(2);
    let room = room(&post);
    room.run(&["send"]).exits(3);
    let room = room.config(
        "newsletter",
        "id = \"harbour\"\nname = \"Another name\"\nfrom = \"Somebody <new@elsewhere.example>\"\nreply_to = \"desk@elsewhere.example\"\n\
         site = \"https://elsewhere.example/\"\naddress = \"2 Quay Street\"\nunsubscribe = \"https://elsewhere.example/leave\"\nlanguage = \"pt\"\ntime_zone = \"Asia/Tokyo\"",
    );
    room.run(&["send", "--date", TODAY]).exits(0);
    let copies = copies(&post.letters());
    let twice = copies.values().find(|copies| copies.len() == 2).unwrap();
    assert_eq!(twice[0].from, twice[1].from);
    assert_eq!(
        String::from_utf8_lossy(&twice[0].message),
        String::from_utf8_lossy(&twice[1].message)
    );
}

#[test]
fn a_copy_once_skipped_is_not_sent_by_the_next_plain_send() {
    let post = PostOffice::open().hang_up_after_dot(2);
    let room = room(&post);
    room.run(&["send"]).exits(3);
    room.run(&["send", "--in-doubt", "skip"]).exits(3);
    room.run(&["send"]).exits(3).says("1 in doubt");
    assert_eq!(post.letters().len(), 3);
    let listed = room.run(&["status", TODAY, "--in-doubt"]).exits(0).stdout;
    assert!(listed.contains("not sent again, as asked"), "{listed}");
    room.run(&["send", "--in-doubt", "resend"])
        .exits(0)
        .says("1 copy may arrive twice");
    assert_eq!(post.letters().len(), 4);
}

#[test]
fn yesterdays_doubts_block_nothing_but_are_named() {
    let post = PostOffice::open();
    let room = room(&post).subscribers(&["ada@example.org"]);
    let held = post.hold_letter(1);
    let mut running = room.spawn(&["send"]);
    held.reached_by(&mut running);
    running.kill();
    held.go_on();
    let room = room
        .at("2026-08-25T05:45:00Z")
        .config("selection", "window = \"48h\"");
    room.story(0, "Fog over the harbour", "News");
    room.story(7, "Swans return to the mill pond", "News");
    room.story(8, "Tram line four is late again", "News");
    let named = format!("send --date {TODAY} --in-doubt skip");
    room.run(&["send"])
        .exits(0)
        .says(&format!("1 copy of the edition of {TODAY}"))
        .says(&named);
    assert_eq!(post.letters().len(), 2);
    room.run(&["send", "--date", TODAY, "--in-doubt", "skip"])
        .exits(3)
        .says("not sent again");
    let quiet = room.run(&["send"]).exits(0);
    assert!(!quiet.stderr.contains(TODAY), "{}", quiet.stderr);
    assert_eq!(post.letters().len(), 2);
}

#[test]
fn ctrl_c_does_not_wait_for_a_relay_that_says_nothing() {
    let refusing = PostOffice::open().reply_at(Stage::Mail, "550 5.7.1 you are blocked");
    let room = room(&refusing);
    room.run(&["send"]).exits(75);
    let silent = PostOffice::open();
    let held = silent.hold(Stage::Greeting, 1);
    let room = room.relay(silent.port(), 1);
    let mut running = room.spawn(&["send"]);
    held.reached_by(&mut running);
    running.interrupt();
    running.wait().exits(75).says("stopped as asked");
    assert_eq!(room.tally().queued, 3);
}

#[test]
fn another_newsletter_does_not_take_over_a_run() {
    let post = PostOffice::open();
    let room = room(&post);
    room.run(&["send"]).exits(0);
    let config = room.read("newsdigest.toml");
    room.file("evening.toml", config.replace("\"harbour\"", "\"evening\""));
    room.run(&["send", "--config", "evening.toml"])
        .exits(1)
        .says("belongs to the newsletter `harbour`, not to `evening`")
        .says("nothing was sent");
}

#[test]
fn an_outbox_that_is_gone_is_said_to_be_gone() {
    let room = Newsroom::new();
    room.run(&["send"]).exits(0);
    std::fs::remove_dir_all(room.path("outbox")).unwrap();
    room.run(&["send"])
        .exits(0)
        .says("3 letters were written to")
        .says("gone by now");
}
