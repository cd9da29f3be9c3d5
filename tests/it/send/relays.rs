//! Several relays (`[[relay]]`): who takes whose letters, and what becomes of them when one fails.

use std::fmt::Write as _;

use super::{NOBODY, copies};
use crate::newsroom::{Newsroom, TODAY, Tally};
use crate::postoffice::{PostOffice, Stage};

/// The relays `a`, `b` .. with what each says besides; one connection each.
fn relays(posts: &[(&PostOffice, &str)]) -> String {
    let mut all = String::new();
    for (name, (post, more)) in ('a'..).zip(posts) {
        if !all.is_empty() {
            all += "[[relay]]\n";
        }
        writeln!(
            all,
            "name = \"{name}\"\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nconnections = 1\nretry_after = \"1s\"\n{more}",
            post.port()
        )
        .unwrap();
    }
    all
}

fn room(readers: usize, posts: &[(&PostOffice, &str)]) -> Newsroom {
    Newsroom::new()
        .many_subscribers(readers)
        .config("[relay]", &relays(posts))
}

/// What `status` says of each relay.
fn told(room: &Newsroom) -> String {
    let runs = room.run(&["status", "--json"]).exits(0).json();
    let relays = runs[0]["relays"].as_array().cloned().unwrap_or_default();
    let one = |relay: &serde_json::Value| {
        let left = relay["left"]["why"].as_str();
        let left = left.map_or_else(String::new, |why| format!(", left: {why}"));
        format!(
            "{} {} accepted, {} queued, {} in doubt{left}",
            relay["relay"].as_str().unwrap(),
            relay["accepted"],
            relay["queued"],
            relay["in_doubt"]
        )
    };
    relays.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// How many letters each has taken.
fn taken(posts: [&PostOffice; 2]) -> [usize; 2] {
    posts.map(|post| post.accepted().len())
}

/// Everybody got one letter, from whichever.
#[track_caller]
fn everybody_once(readers: usize, posts: [&PostOffice; 2]) {
    let letters: Vec<_> = posts.iter().flat_map(|post| post.letters()).collect();
    assert_eq!((letters.len(), copies(&letters).len()), (readers, readers));
}

#[test]
fn letters_are_shared_by_weight_and_every_relay_is_told() {
    let (a, b) = (PostOffice::open(), PostOffice::open());
    let room = room(
        12,
        &[(&a, "weight = 3"), (&b, "headers = { X-Way = \"b\" }")],
    );
    room.run(&["send"])
        .exits(0)
        .says("by `a`: 9 accepted")
        .says("by `b`: 3 accepted");
    assert_eq!(taken([&a, &b]), [9, 3]);
    everybody_once(12, [&a, &b]);
    assert_eq!(
        told(&room),
        "a 9 accepted, 0 queued, 0 in doubt; b 3 accepted, 0 queued, 0 in doubt"
    );
    // A letter is made for its relay.
    assert!(a.letters().iter().all(|one| one.header("X-Way").is_none()));
    assert!(
        b.letters()
            .iter()
            .all(|one| one.header("X-Way").as_deref() == Some("b"))
    );
}

#[test]
fn a_relay_that_refuses_us_is_left_and_named_and_nobody_is_lost() {
    for b in [
        PostOffice::open().reply_at(Stage::Mail, "550 5.7.1 you are blocked"),
        PostOffice::open().reply_at(Stage::Greeting, "554 5.7.1 go away"),
        PostOffice::open().reply_after(Stage::Dot, 1, "554 5.7.1 blocked"),
    ] {
        let a = PostOffice::open();
        let room = room(12, &[(&a, ""), (&b, "stop_after = 2")]);
        room.run(&["send"])
            .exits(0)
            .says("goes on without the relay `b`: ")
            .says("the run went on without it at");
        let accepted: usize = taken([&a, &b]).iter().sum();
        assert_eq!(accepted, 12);
        assert_eq!(room.tally().accepted, 12);
        assert!(told(&room).contains("left: the relay"), "{}", told(&room));
    }
}

#[test]
fn when_all_relays_are_away_everybody_stays_queued() {
    let (a, b) = (PostOffice::open(), PostOffice::open());
    let room = room(4, &[(&a, ""), (&b, "")]);
    let (a, b) = (
        a.reply_at(Stage::Mail, "550 5.7.1 no"),
        b.reply_at(Stage::Mail, "550 5.7.1 no"),
    );
    room.run(&["send"]).exits(75).says("4 queued");
    assert_eq!(taken([&a, &b]), [0, 0]);
    assert_eq!(told(&room).matches("left: ").count(), 2);
    drop((a, b));
    room.run(&["send"]).exits(75).says("4 queued");
}

#[test]
fn a_relay_that_dies_costs_nobody_and_what_it_may_have_is_sent_by_another_only_when_a_person_says_so()
 {
    let (a, b) = (PostOffice::open(), PostOffice::open());
    let room = room(10, &[(&a, ""), (&b, "")]);
    let held = b.hold_letter(2);
    let mut running = room.spawn(&["send"]);
    held.reached_by(&mut running);
    let at_b = b.letters().pop().unwrap();
    drop(b);
    running
        .wait()
        .exits(3)
        .says("goes on without the relay `b`: ")
        .says("by `b`: 1 accepted, 1 in doubt");
    let expected = Tally {
        subscribers: 10,
        accepted: 9,
        in_doubt: 1,
        ..NOBODY
    };
    assert_eq!(room.tally(), expected);
    assert_eq!(a.letters().len(), 8);
    room.run(&["send"])
        .exits(75)
        .says("1 copy may arrive twice")
        .says("1 queued");
    assert_eq!(a.letters().len(), 8, "the other one never got it");
    room.run(&["send", "--in-doubt", "resend"])
        .exits(0)
        .says("1 copy may arrive twice");
    let again = a.letters().pop().unwrap();
    assert_eq!(
        (again.to.clone(), again.message_id()),
        (at_b.to.clone(), at_b.message_id())
    );
    assert_eq!(a.letters().len(), 9);
}

#[test]
fn a_relay_that_falls_silent_keeps_no_letter_that_waits_for_it() {
    let a = PostOffice::open();
    let b = PostOffice::open().stall_at(Stage::Rcpt);
    let room = room(10, &[(&a, ""), (&b, "")]);
    // All but the one that `b` was asked about.
    let held = a.hold_letter(9);
    let mut running = room.spawn(&["send"]);
    held.reached_by(&mut running);
    assert_eq!(running.kill().status, None);
    held.go_on();
}

#[test]
fn after_a_kill_what_a_relay_had_goes_to_it_again() {
    let (a, b) = (PostOffice::open(), PostOffice::open());
    let room = room(6, &[(&a, ""), (&b, "")]);
    let held = b.hold_letter(2);
    let mut running = room.spawn(&["send"]);
    held.reached_by(&mut running);
    let at_b = b.letters().pop().unwrap();
    assert_eq!(running.kill().status, None);
    held.go_on();
    room.run(&["send"]).exits(0);
    assert_eq!(room.tally().accepted, 6);
    let twice = copies(&b.letters());
    assert_eq!(twice[&at_b.to[0]].len(), 2);
    assert!(!copies(&a.letters()).contains_key(&at_b.to[0]));
}

#[test]
fn a_run_goes_on_when_its_relay_is_removed_and_when_one_becomes_several() {
    let (a, b) = (PostOffice::open(), PostOffice::open());
    let room = room(8, &[(&a, ""), (&b, "")]);
    let held = b.hold_letter(2);
    let mut running = room.spawn(&["send"]);
    held.reached_by(&mut running);
    assert_eq!(running.kill().status, None);
    held.go_on();
    let room = room.config("[relay]", &relays(&[(&a, "")]));
    room.run(&["send"])
        .exits(3)
        .says("1 copy may be at `b`, which is not in the config any more, and stay in doubt");
    assert_eq!((room.tally().accepted, room.tally().in_doubt), (7, 1));
    let listed = room.run(&["status", TODAY, "--in-doubt"]).exits(0);
    assert!(listed.stdout.contains("the relay `b` may have it"));
    room.run(&["send"]).exits(3);
    room.run(&["send", "--in-doubt", "resend"]).exits(0);
    assert_eq!(room.tally().accepted, 8);

    let (a, b) = (PostOffice::open(), PostOffice::open());
    let room = Newsroom::new().many_subscribers(8).relay(a.port(), 1);
    let held = a.hold_letter(3);
    let mut running = room.spawn(&["send"]);
    held.reached_by(&mut running);
    assert_eq!(running.kill().status, None);
    held.go_on();
    let config = room.read("newsdigest.toml");
    let (before, _) = config.split_once("[relay]").unwrap();
    let several = relays(&[(&a, ""), (&b, "")]);
    room.file("newsdigest.toml", format!("{before}[[relay]]\n{several}"));
    room.run(&["send"]).exits(0).says("1 copy may arrive twice");
    assert_eq!(room.tally().accepted, 8);
    assert!(!b.letters().is_empty());
    // And back.
    room.file("newsdigest.toml", config);
    room.run(&["send"]).exits(0).says("nothing is left");
}

#[test]
fn a_deferred_letter_stays_with_its_relay() {
    let a = PostOffice::open();
    let b = PostOffice::open().reply_once(Stage::Rcpt, 1, "450 4.2.0 greylisted");
    let room = room(6, &[(&a, ""), (&b, "")]);
    room.run(&["send"]).exits(0);
    assert_eq!(taken([&a, &b]), [3, 3]);
    everybody_once(6, [&a, &b]);
}

#[test]
fn a_quota_is_a_relays_own_and_the_rest_goes_by_the_others() {
    let (a, b) = (PostOffice::open(), PostOffice::open());
    let room = room(10, &[(&a, ""), (&b, "rate = \"2/day\"")]);
    room.run(&["send"]).exits(0);
    assert_eq!(taken([&a, &b]), [8, 2]);
    room.run(&["status"])
        .exits(0)
        .says("`b` took 2 of the 2 letters that `[relay] rate` allows");
    let (a, b) = (PostOffice::open(), PostOffice::open());
    let room = super::relays::room(10, &[(&a, "rate = \"3/day\""), (&b, "rate = \"2/day\"")]);
    room.run(&["send"]).exits(75).says("5 accepted, 5 queued");
    assert_eq!(taken([&a, &b]), [3, 2]);
    let room = room.at("2026-08-25T05:45:00Z");
    room.run(&["send", "--date", TODAY]).exits(0);
    everybody_once(10, [&a, &b]);
}

#[test]
fn a_new_relay_takes_no_more_than_its_share() {
    let share = "share = { from = 2026-08-23, start = 1, full = 100, days = 3 }";
    let (a, b) = (PostOffice::open(), PostOffice::open());
    let room = room(40, &[(&a, ""), (&b, share)]);
    room.run(&["send"]).exits(0);
    assert_eq!(taken([&a, &b]), [30, 10], "1, 10, 100");
    everybody_once(40, [&a, &b]);
    // Alone it takes no more either, and not one before its first day.
    for (from, letters) in [("2026-08-24", 1), ("2026-08-25", 0)] {
        let share = share.replace("2026-08-23", from);
        let b = PostOffice::open();
        let room = super::relays::room(5, &[(&b, &share)]);
        room.run(&["send"]).exits(75).says("`share`");
        assert_eq!(b.letters().len(), letters);
    }
}

#[test]
fn a_relay_takes_its_domains_and_proofs_go_by_them_too() {
    let (a, b) = (PostOffice::open(), PostOffice::open());
    let room = Newsroom::new().config(
        "[relay]",
        &relays(&[(&a, ""), (&b, "domains = [\"Example.NET\"]")]),
    );
    room.run(&["send"]).exits(0);
    assert_eq!(a.accepted_for(), ["ada@example.org", "bob@example.org"]);
    assert_eq!(b.accepted_for(), ["cleo@example.net"]);
    room.run(&["proof", "x@example.net", "y@example.com"])
        .exits(0);
    assert_eq!(a.letters().pop().unwrap().to, ["y@example.com"]);
    assert_eq!(b.letters().pop().unwrap().to, ["x@example.net"]);
}

#[test]
fn what_is_wrong_with_relays_is_said_with_its_place() {
    let said = |section: &str, lines: &str| {
        let room = Newsroom::new().config(section, lines);
        room.run(&["check"]).exits(1).words()
    };
    let both = "name = \"a\"\nhost = \"a.example\"\n[[relay]]\nname = \"b\"\n";
    for (section, lines, words) in [
        (
            "[relay]",
            &*format!("{both}outbox = \"outbox\""),
            "an `outbox` is a rehearsal, and no relay among others",
        ),
        (
            "[relay]",
            both,
            "a `[[relay]]` must give `host` or `sendmail`",
        ),
        (
            "[relay]",
            "host = \"a.example\"",
            "a `[[relay]]` has no `name`",
        ),
        (
            "[relay]",
            &format!("{both}host = \"b.example\"\n[[relay]]\nname = \"a\"\nhost = \"c.example\""),
            "two relays have the name `a`",
        ),
        (
            "[relay]",
            "name = \"a\"\nhost = \"a.example\"\ndomains = [\"a.example\"]",
            "no `[[relay]]` takes letters to all domains",
        ),
        (
            "[relay]",
            "name = \"a b\"\nhost = \"a.example\"",
            "`a b` is no name of a relay",
        ),
        (
            "[relay]",
            "name = \"a\"\nhost = \"a.example\"\nshare = { from = 2026-12-01, start = 9, full = 3, days = 2 }",
            "`start` is more than `full`",
        ),
        (
            "[relay]",
            "name = \"a\"\nhost = \"a.example\"\nshare = { from = 2026-12-01, start = 9 }",
            "`share` needs `from`, `start`, `full` and `days`",
        ),
        (
            "relay",
            "host = \"a.example\"\nweight = 2",
            "`weight` is of one of several relays",
        ),
        (
            "relay",
            "host = \"a.example\"\n[per_domain]\n\"a.example\" = \"1/s\"",
            "`[per_domain]` is for several relays",
        ),
    ] {
        let said = said(section, lines);
        assert!(
            said.contains(words) && said.contains("newsdigest.toml:"),
            "{words}:\n{said}"
        );
    }
}
