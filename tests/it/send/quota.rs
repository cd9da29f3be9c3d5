//! What a provider sells in a day (`rate = "40000/day"`): no more leave, over runs, days and kills.

use super::{NOBODY, copies};
use crate::newsroom::{Newsroom, TODAY, Tally};
use crate::postoffice::PostOffice;

/// So many readers, and so many letters a day.
fn room(post: &PostOffice, readers: usize, relay: &str) -> Newsroom {
    let relay = lines(post, relay);
    Newsroom::new()
        .many_subscribers(readers)
        .config("relay", &relay)
}

fn lines(post: &PostOffice, relay: &str) -> String {
    format!(
        "host = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nretry_after = \"1s\"\n{relay}",
        post.port()
    )
}

#[test]
fn no_more_leave_in_a_day_than_the_quota_over_runs_and_days() {
    for relay in [
        "connections = 1\npipelining = \"off\"",
        "connections = 4\npipelining = \"on\"",
        "connections = 3\npipelining = \"full\"",
    ] {
        let post = PostOffice::open();
        let relay = format!("{relay}\nrate = \"500/s, 3/day\"");
        let room = room(&post, 8, &relay);
        room.run(&["send"])
            .exits(75)
            .says("the day's quota of 3 letters is used up")
            .says("the 5 that are left may leave from 2026-08-25 01:00 on")
            .says("3 accepted, 5 queued")
            .says(&format!(
                "from 2026-08-25 01:00 on `newsdigest send --date {TODAY}`"
            ));
        assert_eq!(post.letters().len(), 3, "{relay}");
        // Again on the same day: the relay is not even asked.
        let connections = post.connections();
        room.run(&["send"]).exits(75).says("quota");
        assert_eq!((post.letters().len(), post.connections()), (3, connections));
        room.run(&["status"]).exits(0).says(
            "`127.0.0.1` took 3 of the 3 letters that `[relay] rate` allows on 2026-08-24 (UTC)",
        );
        // The last minute of the day, then the next one, and the one after that.
        let room = room.at("2026-08-24T23:59:00Z");
        room.run(&["send", "--date", TODAY]).exits(75);
        assert_eq!(post.letters().len(), 3);
        let room = room.at("2026-08-25T00:00:00Z");
        room.run(&["send", "--date", TODAY])
            .exits(75)
            .says("6 accepted");
        assert_eq!(post.letters().len(), 6);
        let room = room.at("2026-08-26T05:45:00Z");
        room.run(&["send", "--date", TODAY]).exits(0);
        let all = copies(&post.letters());
        assert_eq!((post.letters().len(), all.len()), (8, 8), "{relay}");
    }
}

#[test]
fn a_letter_that_a_kill_left_at_the_relay_counts_and_so_does_its_resend() {
    let post = PostOffice::open();
    let room = room(&post, 12, "connections = 1\nrate = \"5/day\"");
    let held = post.hold_letter(3);
    let mut running = room.spawn(&["send"]);
    held.reached_by(&mut running);
    assert_eq!(running.kill().status, None);
    held.go_on();
    room.run(&["send"])
        .exits(75)
        .says("1 copy may arrive twice")
        .says("quota of 5");
    assert_eq!(post.letters().len(), 5, "three, one of them again, and one");
    assert_eq!(room.tally().accepted, 4);
    // Skipped, it was at the relay all the same.
    let post = PostOffice::open();
    let room = super::quota::room(&post, 12, "connections = 1\nrate = \"5/day\"");
    let held = post.hold_letter(5);
    let mut running = room.spawn(&["send"]);
    held.reached_by(&mut running);
    assert_eq!(running.kill().status, None);
    held.go_on();
    room.run(&["send", "--in-doubt", "skip"])
        .exits(75)
        .says("quota of 5");
    assert_eq!(post.letters().len(), 5);
}

#[test]
fn what_the_relay_did_not_take_is_not_counted_and_what_it_may_have_is() {
    let post = PostOffice::open()
        .reply_to("reader0@example.org", "550 5.1.1 no such user")
        .reply_to_times("reader1@example.org", "451 4.2.1 later", 1)
        .hang_up_after_dot(1);
    let room = room(&post, 6, "connections = 1\nrate = \"3/day\"");
    room.run(&["send"]).exits(75).says("quota of 3");
    let expected = Tally {
        subscribers: 6,
        accepted: 2,
        rejected: 1,
        in_doubt: 1,
        queued: 2,
        ..NOBODY
    };
    assert_eq!(room.tally(), expected);
    assert_eq!(post.letters().len(), 3);
}

#[test]
fn an_edition_that_just_fits_is_sent_to_its_end() {
    let post = PostOffice::open();
    let room = room(&post, 4, "connections = 2\nrate = \"4/day\"");
    room.run(&["send"]).exits(0);
    room.run(&["send"]).exits(0).says("nothing is left");
    assert_eq!(post.letters().len(), 4);
}

#[test]
fn past_not_after_the_rest_does_not_leave_by_itself() {
    let post = PostOffice::open();
    let room = room(&post, 3, "rate = \"2/day\"").config(
        "schedule",
        "days = \"daily\"\nsend_at = \"06:30\"\nnot_after = \"09:00\"",
    );
    room.run(&["send"])
        .exits(75)
        .says("too late for this edition then: add `--despite late`");
    let room = room.at("2026-08-25T05:45:00Z");
    room.run(&["send", "--date", TODAY])
        .exits(1)
        .says("too late");
    room.run(&["send", "--date", TODAY, "--despite", "late"])
        .exits(0);
    assert_eq!(post.letters().len(), 3);
}

#[test]
fn a_rehearsal_has_no_quota_and_check_names_it() {
    let post = PostOffice::open();
    let room = room(&post, 7, "rate = \"3/day\"");
    room.run(&["check"])
        .exits(0)
        .says("an edition for 7 subscribers takes 3 days");
    let room = room.config("relay", "outbox = \"letters\"\nrate = \"3/day\"");
    room.run(&["send"]).exits(0);
    assert_eq!(room.list("letters").len(), 7);
}

#[test]
fn what_is_no_rate_is_said_with_its_place() {
    let post = PostOffice::open();
    for (rate, words) in [
        ("0/day", "is not a rate"),
        ("40,000/day", "`50/s, 40000/day`"),
        ("50/s, 60/min", "names two of a kind"),
    ] {
        room(&post, 1, &format!("rate = \"{rate}\""))
            .run(&["check"])
            .exits(1)
            .says("newsdigest.toml:")
            .says(words);
    }
}

#[test]
fn serve_says_it_and_keeps_the_rest_queued() {
    let post = PostOffice::open();
    let room = crate::serve::room()
        .config("relay", &lines(&post, "rate = \"2/day\""))
        .config("schedule", "days = \"daily\"\nsend_at = \"07:00\"")
        .at("2026-08-24T06:00:00Z");
    let mut program = room.spawn(&["serve"]);
    program.says("the one that is left may leave from 2026-08-25 01:00 on");
    program.terminate();
    program.wait().exits(0);
    assert_eq!((post.letters().len(), room.tally().queued), (2, 1));
}
