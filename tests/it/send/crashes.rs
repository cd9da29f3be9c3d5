//! Silence after the dot, kills, Ctrl-C: what is lost, what comes twice, what is said.

use super::{NOBODY, copies, room};
use crate::newsroom::{Newsroom, TODAY, Tally};
use crate::postoffice::{PostOffice, Received, Stage};

#[test]
fn a_conversation_lost_before_the_dot_costs_nothing() {
    let post = PostOffice::open().hang_up_before_mail(2);
    let room = room(&post);
    room.run(&["send"]).exits(0);
    assert_eq!(room.tally().accepted, 3);
    assert_eq!(post.letters().len(), 3);
}

#[test]
fn silence_after_the_dot_is_in_doubt_and_said() {
    let post = PostOffice::open().hang_up_after_dot(2);
    let room = room(&post);
    room.run(&["send"]).exits(3).says("1 in doubt");
    assert_eq!(
        room.tally(),
        Tally {
            subscribers: 3,
            accepted: 2,
            in_doubt: 1,
            ..NOBODY
        }
    );
    let listed = room.run(&["status", TODAY, "--in-doubt"]).exits(0);
    assert_eq!(listed.stdout.lines().count(), 1);
    assert_eq!(
        post.letters().len(),
        3,
        "a copy in doubt is not sent again by the same run"
    );
}

#[test]
fn a_copy_in_doubt_goes_out_again_with_the_same_bytes() {
    let post = PostOffice::open().hang_up_after_dot(2);
    let room = room(&post);
    room.run(&["send"]).exits(3);
    // The file may change: what was frozen does not.
    room.file(
        &format!("editions/{TODAY}.toml"),
        "[[top]]\nheadline = \"Another\"\nurl = \"https://harbourtimes.example/x\"\n",
    );
    room.run(&["send"]).exits(0).says("1 copy may arrive twice");
    assert_eq!(
        room.tally(),
        Tally {
            subscribers: 3,
            accepted: 3,
            ..NOBODY
        }
    );
    let twice: Vec<Vec<Received>> = copies(&post.letters())
        .into_values()
        .filter(|copies| copies.len() > 1)
        .collect();
    assert_eq!((twice.len(), twice[0].len()), (1, 2));
    assert_eq!(twice[0][0].message_id(), twice[0][1].message_id());
    assert_eq!(twice[0][0].message, twice[0][1].message);
}

#[test]
fn a_copy_in_doubt_can_be_left_so() {
    let post = PostOffice::open().hang_up_after_dot(2);
    let room = room(&post);
    room.run(&["send"]).exits(3);
    room.run(&["send", "--in-doubt", "skip"])
        .exits(3)
        .says("in doubt");
    assert_eq!(room.tally().in_doubt, 1);
    assert_eq!(post.letters().len(), 3);
}

#[test]
fn killed_at_any_letter_nobody_is_lost() {
    for connections in [1, 3] {
        for nth in [1, 2, 5, 12] {
            let post = PostOffice::open();
            let room = Newsroom::new()
                .many_subscribers(12)
                .relay(post.port(), connections);
            let held = post.hold_letter(nth);
            let mut running = room.spawn(&["send"]);
            held.reached_by(&mut running);
            assert_eq!(running.kill().status, None);
            held.go_on();
            let in_doubt = room.tally().in_doubt;
            assert!(
                in_doubt <= connections as u64,
                "letter {nth}: {in_doubt} in doubt with {connections} connections"
            );
            room.run(&["send"]).exits(0).says("may arrive twice");
            assert_eq!(
                room.tally(),
                Tally {
                    subscribers: 12,
                    accepted: 12,
                    ..NOBODY
                }
            );
            let copies = copies(&post.letters());
            assert_eq!(copies.len(), 12, "letter {nth}: somebody was lost");
            let doubles: usize = copies.values().map(|copies| copies.len() - 1).sum();
            assert!(doubles <= connections, "letter {nth}: {doubles} doubles");
            for copies in copies.values() {
                assert!(
                    copies.iter().all(|copy| copy.message == copies[0].message),
                    "a double differs"
                );
            }
        }
    }
}

#[test]
fn killed_before_the_freeze_nothing_exists() {
    let post = PostOffice::open();
    let room = room(&post);
    // The run looks at the relay before it freezes anything.
    let held = post.hold(Stage::Greeting, 1);
    let mut running = room.spawn(&["send"]);
    held.reached_by(&mut running);
    running.kill();
    room.run(&["status"]).exits(1);
    room.run(&["send"]).exits(0);
    assert_eq!(post.letters().len(), 3);
}

#[test]
fn ctrl_c_lets_the_letter_finish_and_stops() {
    let post = PostOffice::open();
    let room = Newsroom::new().many_subscribers(8).relay(post.port(), 1);
    let held = post.hold_letter(3);
    let mut running = room.spawn(&["send"]);
    held.reached_by(&mut running);
    running.interrupt();
    running.says("stopping");
    assert!(running.is_running(), "a letter is still under way");
    held.go_on();
    running.wait().exits(75).says("newsdigest send");
    let tally = room.tally();
    assert_eq!((tally.accepted, tally.in_doubt), (3, 0));
    room.run(&["send"]).exits(0);
    assert_eq!(room.tally().accepted, 8);
    assert_eq!(post.letters().len(), 8, "nobody got two");
}

#[test]
fn two_sends_at_once_are_one() {
    let post = PostOffice::open();
    let room = room(&post);
    let held = post.hold_letter(1);
    let mut first = room.spawn(&["send"]);
    held.reached_by(&mut first);
    room.run(&["send"]).exits(75).says("sent nothing");
    held.go_on();
    first.wait().exits(0);
    assert_eq!(post.letters().len(), 3);
}
