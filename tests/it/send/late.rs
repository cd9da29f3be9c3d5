//! `not_after`: what leaves, what stays, and what becomes of it the next morning.

use super::{NOBODY, room};
use crate::newsroom::{Newsroom, TODAY, Tally};
use crate::postoffice::PostOffice;

/// It is 06:45, and nothing leaves after 06:50.
const SCHEDULE: &str = "days = \"daily\"\nsend_at = \"06:30\"\nnot_after = \"06:50\"";

#[test]
fn too_late_nothing_leaves_unless_a_person_says_so() {
    let post = PostOffice::open();
    let room = room(&post)
        .config("schedule", SCHEDULE)
        .at("2026-08-24T05:50:00Z");
    room.run(&["send"])
        .exits(1)
        .says("nothing of it leaves after 06:50")
        .says("nothing was sent")
        .says(&format!("send --date {TODAY} --despite late"));
    assert!(post.letters().is_empty());
    room.run(&["send", "--despite", "late"]).exits(0);
    assert_eq!(room.tally().accepted, 3);
}

#[test]
fn a_rehearsal_is_never_too_late() {
    let room = Newsroom::new()
        .config("schedule", SCHEDULE)
        .at("2026-08-24T20:00:00Z");
    room.run(&["send"]).exits(0);
}

#[test]
fn who_is_left_is_given_up_by_the_next_edition() {
    let post = PostOffice::open().reply_to_times("bob@example.org", "451 4.2.1 try later", 1);
    let relay = format!(
        "host = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nconnections = 1\nretry_after = \"1h\"",
        post.port()
    );
    let room = Newsroom::new()
        .config("relay", &relay)
        .config("schedule", SCHEDULE);
    // The next try would be an hour later: nobody waits for that.
    room.run(&["send"])
        .exits(75)
        .says("too late")
        .says("1 queued")
        .says("--despite late");
    let expected = Tally {
        subscribers: 3,
        accepted: 2,
        queued: 1,
        ..NOBODY
    };
    assert_eq!(room.tally(), expected);
    let room = room.at("2026-08-25T05:45:00Z");
    room.story(0, "Fog over the harbour", "News");
    room.run(&["send"])
        .exits(0)
        .says(TODAY)
        .says("1 copy is given up, too late");
    let listed = room.run(&["status", TODAY, "--given-up"]).exits(0).stdout;
    assert!(
        listed.contains("bob@example.org")
            && listed.contains("too late to be sent; the last answer was 451 4.2.1"),
        "{listed}"
    );
}
