//! `send_at = "07:00 local"`: one frozen edition, sent to each reader at seven by their own clocks.

use crate::newsroom::{Newsroom, TODAY};
use crate::postoffice::PostOffice;
use crate::serve::Serving;

/// In Lisbon it is 07:00 at 06:00 of universal time, in New York at 11:00, at the end of the world (-12) at 19:00; in Tokyo and on Kiritimati (+14) it was
/// the evening before.
const READERS: &str = "[[subscriber]]\nemail = \"ada@example.org\"\n\n\
    [[subscriber]]\nemail = \"bob@example.org\"\ntime_zone = \"America/New_York\"\n\n\
    [[subscriber]]\nemail = \"cleo@example.net\"\ntime_zone = \"Asia/Tokyo\"\n\n\
    [[subscriber]]\nemail = \"dora@example.net\"\ntime_zone = \"Pacific/Kiritimati\"\n\n\
    [[subscriber]]\nemail = \"eve@example.net\"\ntime_zone = \"Etc/GMT+12\"\n\n\
    [[subscriber]]\nemail = \"finn@example.net\"\ntime_zone = \"Mars/Olympus\"\n\n\
    [[subscriber]]\nemail = \"gia@example.net\"\ntime_zone = \"Europe/Lisbon\"\n";

fn room(post: &PostOffice) -> Newsroom {
    let room = Newsroom::new().relay(post.port(), 2).config(
        "schedule",
        "days = \"daily\"\nsend_at = \"07:00 local\"\nnot_after = \"09:00\"",
    );
    room.file("subscribers.toml", READERS);
    room
}

fn names(post: &PostOffice) -> String {
    let all = post.accepted_for();
    let names: Vec<&str> = all.iter().map(|to| to.split('@').next().unwrap()).collect();
    names.join(" ")
}

#[test]
fn one_edition_goes_out_zone_by_zone() {
    let post = PostOffice::open();
    let room = room(&post).at("2026-08-24T06:00:00Z");
    room.run(&["send"])
        .exits(75)
        .says("2 copies wait; the next leave by the clocks of America/New_York, at 12:00 here");
    assert_eq!(names(&post), "ada cleo dora finn gia");
    let edition = room.read(&format!("editions/{TODAY}.toml"));
    // Run again too soon it sends nothing.
    let room = room.at("2026-08-24T10:59:50Z");
    room.run(&["send"]).exits(75);
    assert_eq!(post.accepted().len(), 5);
    let room = room.at("2026-08-24T11:00:00Z");
    room.run(&["send"])
        .exits(75)
        .says("1 copy waits; the next leaves by the clocks of Etc/GMT+12, at 20:00 here");
    assert_eq!(names(&post), "ada bob cleo dora finn gia");
    let room = room.at("2026-08-24T19:00:00Z");
    room.run(&["send"]).exits(0);
    assert_eq!(post.accepted().len(), 7);
    assert_eq!(room.tally().accepted, 7);
    // All got the same, which was frozen once.
    assert_eq!(edition, room.read(&format!("editions/{TODAY}.toml")));
    let subjects: std::collections::BTreeSet<_> = post
        .accepted()
        .iter()
        .map(|one| one.header("Date"))
        .collect();
    assert_eq!(subjects.len(), 1);
}

/// Begun late, after nine in Lisbon: too late for those of its clocks and east of it, not for the others.
#[test]
fn what_is_too_late_by_its_readers_clocks_is_given_up_and_the_others_go() {
    let post = PostOffice::open();
    let room = room(&post).at("2026-08-24T08:30:00Z");
    room.run(&["send"])
        .exits(75)
        .says("5 copies are given up: by their readers' clocks it is too late");
    assert!(post.accepted().is_empty());
    // New York's hours are over at 13:00.
    let room = room.at("2026-08-24T13:00:00Z");
    room.run(&["send"]).exits(75).says("1 copy is given up");
    let room = room.at("2026-08-24T20:00:00Z");
    room.run(&["send"]).exits(3);
    assert_eq!(names(&post), "eve");
    let tally = room.tally();
    assert_eq!((tally.accepted, tally.given_up), (1, 6));
    let listed = room.run(&["status", TODAY, "--given-up"]).exits(0).stdout;
    assert_eq!(listed.matches("too late to be sent").count(), 6, "{listed}");
}

/// The next day's edition is not held up: by then the last hours are over.
#[test]
fn hours_that_passed_hold_up_no_next_edition() {
    let post = PostOffice::open();
    let room = room(&post)
        .config("selection", "minimum = 1")
        .at("2026-08-24T06:00:00Z");
    room.run(&["send"]).exits(75);
    let room = room.at("2026-08-25T06:00:00Z");
    room.file(
        "stories/9.toml",
        "[[story]]\nheadline = \"A new bridge\"\nurl = \"https://harbourtimes.example/bridge\"\npublished = 2026-08-25T04:00:00Z\n",
    );
    room.run(&["send"])
        .exits(75)
        .says("2 copies are given up, too late");
    assert_eq!(post.accepted().len(), 10);
}

/// A copy is nobody's before its hour, also for a `serve` that wakes in between.
#[test]
fn serve_sends_each_zone_at_its_hour() {
    let post = PostOffice::open();
    let room = room(&post)
        .config(
            "public",
            "url = \"https://news.harbourtimes.example/\"\nlisten = \"127.0.0.1:0\"",
        )
        .at("2026-08-24T06:00:00Z");
    room.secret("secret.key", newsdigest::model::token::Keys::file(&[7; 32]));
    room.run(&["send"]).exits(75);
    let room = room.at("2026-08-24T10:59:58Z");
    let mut serving = Serving::start(&room);
    serving.program.has_said("at 12:00 here");
    serving.program.has_said("at 20:00 here");
    assert_eq!(names(&post), "ada bob cleo dora finn gia");
}

#[test]
fn the_schedule_shows_the_hours_of_readers_zones() {
    let post = PostOffice::open();
    let room = room(&post);
    let shown = room.run(&["schedule", "-n", "1"]).exits(0).stdout;
    for line in [
        "Europe/Lisbon           07:00 to 09:00 here, 07:00 to 09:00 there: 3 readers",
        "America/New_York        12:00 to 14:00 here, 07:00 to 09:00 there: 1 reader",
        "Asia/Tokyo              07:00 to 09:00 here, 15:00 to 17:00 there: 1 reader",
    ] {
        assert!(shown.contains(line), "{shown}");
    }
    let more = "days = \"daily\"\nsend_at = \"07:00 local\"\n[[schedule.more]]\nname = \"late\"\nsend_at = \"09:00\"";
    let room = room.config("schedule", more);
    room.run(&["check"])
        .exits(1)
        .says("would be drafted before the first edition is over");
    let too_long = "days = \"daily\"\nsend_at = \"07:00 local\"\nnot_after = \"12:00\"";
    let room = room.config("schedule", too_long);
    room.run(&["check"])
        .exits(1)
        .says("the first edition would be drafted before the first edition is over");
}

/// A newsroom whose second edition of the day begins while the first still waits for readers in the west.
fn with_evening(post: &PostOffice) -> Newsroom {
    let room = room(post)
        .config("selection", "minimum = 1")
        .config(
            "schedule",
            "days = \"daily\"\nsend_at = \"07:00 local\"\nnot_after = \"09:00\"\n[[schedule.more]]\nname = \"evening\"\nsend_at = \"19:00\"\nnot_after = \"20:30\"",
        )
        .config(
            "public",
            "url = \"https://news.harbourtimes.example/\"\nlisten = \"127.0.0.1:0\"",
        )
        .at("2026-08-24T06:00:00Z");
    room.secret("secret.key", newsdigest::model::token::Keys::file(&[7; 32]));
    room.run(&["check"]).exits(0);
    room.run(&["send"]).exits(75);
    assert_eq!(post.accepted().len(), 5);
    room.file(
        "stories/9.toml",
        "[[story]]\nheadline = \"A new bridge\"\nurl = \"https://harbourtimes.example/bridge\"\npublished = 2026-08-24T16:00:00Z\n",
    );
    room
}

/// By cron: each run sends what is due of both.
#[test]
fn a_second_edition_of_the_day_comes_while_the_first_waits_in_the_west() {
    let post = PostOffice::open();
    let room = with_evening(&post).at("2026-08-24T11:00:00Z");
    room.run(&["send"]).exits(75);
    assert_eq!(post.accepted().len(), 6);
    // The evening is for all at once; Eve's morning comes an hour later.
    let room = room.at("2026-08-24T18:00:00Z");
    room.run(&["send"]).exits(75).says("7 accepted");
    assert_eq!(post.accepted().len(), 13);
    // Both are due.
    let room = room.at("2026-08-24T19:00:00Z");
    room.run(&["send"]).exits(0);
    let letters = post.accepted();
    assert_eq!(letters.len(), 14);
    assert_eq!(letters[13].to, ["eve@example.net"]);
    for (edition, accepted) in [(TODAY.to_owned(), 7), (format!("{TODAY}-evening"), 7)] {
        let told = room.run(&["status", &edition, "--json"]).exits(0).json();
        assert_eq!(told[0]["tally"]["accepted"], accepted, "{edition}");
    }
    let room = room.at("2026-08-24T22:00:00Z");
    room.run(&["send"]).exits(0);
    assert_eq!(post.accepted().len(), 14);
}

/// By the clock of `serve`, which is killed in between.
#[test]
fn serve_keeps_the_hours_of_two_editions() {
    let post = PostOffice::open();
    let room = with_evening(&post).at("2026-08-24T17:59:57Z");
    let mut serving = Serving::start(&room);
    serving.program.has_said("7 accepted");
    serving.program.kill();
    let room = room.at("2026-08-24T18:59:57Z");
    let mut serving = Serving::start(&room);
    serving.program.has_said("6 accepted");
    serving.program.interrupt();
    serving.program.wait().exits(0);
    let letters = post.accepted();
    assert_eq!(letters.len(), 13);
    assert_eq!(letters[12].to, ["eve@example.net"]);
    // Bob's hours went by while nothing ran, and are given up.
    let told = room.run(&["status", TODAY, "--json"]).exits(0).json();
    assert_eq!(told[0]["tally"]["given_up"], 1);
}

/// An alert comes between two hours, and a rehearsal waits for none.
#[test]
fn an_alert_and_a_rehearsal_wait_for_no_hour() {
    let post = PostOffice::open();
    let room = room(&post).at("2026-08-24T06:00:00Z");
    // Bob and Eve are asleep still, and get the alert all the same.
    let readers = READERS.replace("\"\ntime_zone", "\"\nalerts = true\ntime_zone");
    room.file("subscribers.toml", readers);
    let room = room.config("alerts", "name = \"Harbour alerts\"");
    room.run(&["send"]).exits(75);
    room.file(
        "fire.toml",
        "[[story]]\nheadline = \"A fire\"\nurl = \"https://harbourtimes.example/fire\"\n",
    );
    room.run(&["alert", "fire.toml", "--yes"])
        .exits(0)
        .says("6 accepted");
    assert_eq!(post.accepted().len(), 11);
    let rehearsal = room.config("relay", "outbox = \"outbox\"");
    rehearsal.run(&["send"]).exits(0);
    assert_eq!(rehearsal.list("outbox").len(), 7);
}
