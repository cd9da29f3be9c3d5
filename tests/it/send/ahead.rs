//! `pipelining = "full"`: the next letter's commands ride with the dot of this one, and the ledger's promises stay the same.

use super::{NOBODY, copies};
use crate::newsroom::{Newsroom, TODAY, Tally};
use crate::postoffice::{PostOffice, Stage};

fn room(post: &PostOffice, connections: usize) -> Newsroom {
    let relay = format!(
        "host = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nconnections = {connections}\nretry_after = \"0s\"\npipelining = \"full\"",
        post.port()
    );
    Newsroom::new().config("relay", &relay)
}

#[test]
fn everybody_gets_one_letter() {
    for offers in [&["PIPELINING", "SIZE 1000000", "DSN"][..], &[]] {
        let post = PostOffice::open().offer(offers);
        let room = room(&post, 4).many_subscribers(60);
        room.run(&["send"]).exits(0);
        assert_eq!(room.tally().accepted, 60);
        assert_eq!(post.letters().len(), 60);
    }
}

#[test]
fn refusals_deferrals_and_lost_conversations() {
    let post = PostOffice::open()
        .reply_to("reader3@example.org", "550 5.1.1 no such user")
        .reply_to_times("reader5@example.org", "451 4.2.1 later", 1)
        .hang_up_before_mail(9)
        .reply_once(Stage::Mail, 14, "421 4.7.0 too many messages")
        .reply_once(Stage::Dot, 18, "554 5.3.0 hiccup");
    let room = room(&post, 1).many_subscribers(20);
    room.run(&["send"]).exits(3);
    let expected = Tally {
        subscribers: 20,
        accepted: 19,
        rejected: 1,
        ..NOBODY
    };
    assert_eq!(room.tally(), expected);
    assert!(
        copies(&post.accepted())
            .values()
            .all(|copies| copies.len() == 1)
    );
}

#[test]
fn who_is_suppressed_after_her_commands_left_gets_nothing() {
    let post = PostOffice::open();
    let room = room(&post, 1);
    let held = post.hold_letter(1);
    let mut running = room.spawn(&["send"]);
    held.reached_by(&mut running);
    room.run(&["suppress", "bob@example.org"]).exits(0);
    held.go_on();
    running.wait().exits(0);
    let expected = Tally {
        subscribers: 3,
        accepted: 2,
        left_out: 1,
        ..NOBODY
    };
    assert_eq!(room.tally(), expected);
    assert!(
        post.commands()
            .iter()
            .any(|line| line.contains("<bob@example.org>"))
    );
    assert!(!copies(&post.letters()).contains_key("bob@example.org"));
    assert_eq!(post.connections(), 3, "the look before the freeze, and two");
}

#[test]
fn killed_while_the_next_is_announced_one_copy_is_in_doubt() {
    let post = PostOffice::open();
    let room = room(&post, 1);
    let held = post.hold_letter(1);
    let mut running = room.spawn(&["send"]);
    held.reached_by(&mut running);
    running.kill();
    let expected = Tally {
        subscribers: 3,
        queued: 2,
        in_doubt: 1,
        ..NOBODY
    };
    assert_eq!(room.tally(), expected);
    room.run(&["send"]).exits(0).says("1 copy may arrive twice");
    assert_eq!(room.tally().accepted, 3, "{TODAY}");
}
