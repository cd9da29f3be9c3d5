//! What a machine does to a send: a full disk, a locked ledger, a relay that is gone, an impatient hand.

use std::process::Command;

use super::{NOBODY, copies, room};
use crate::newsroom::{NOW, Newsroom, TODAY, Tally};
use crate::postoffice::{PostOffice, Stage};

/// No file may grow beyond so many blocks of 512 octets: that is how a full disk looks to the ledger, wherever it strikes.
fn send_with_room_for(blocks: usize, room: &Newsroom) -> (Option<i32>, String) {
    let output = Command::new("/bin/sh")
        .args([
            "-c",
            &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"; exit 9"),
            "sh",
            env!("CARGO_BIN_EXE_newsdigest"),
            "send",
            "--now",
            NOW,
        ])
        .current_dir(room.path(""))
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), said)
}

#[test]
fn a_full_disk_loses_nobody() {
    const READERS: usize = 40;
    let mut ends = Vec::new();
    for blocks in [80, 320, 600, 20_000] {
        let post = PostOffice::open();
        let room = Newsroom::new()
            .many_subscribers(READERS)
            .relay(post.port(), 2);
        room.run(&["draft"]).exits(0);
        let (code, said) = send_with_room_for(blocks, &room);
        let sent = post.letters().len();
        match code {
            Some(1) => assert_eq!(sent, 0, "{said}"),
            Some(75) => assert!(said.contains("newsdigest send"), "{said}"),
            Some(0) => assert!(said.contains("40 accepted"), "{said}"),
            code => panic!("{blocks} blocks: {code:?}\n{said}"),
        }
        ends.push(code);
        let again = room.run(&["send"]).exits(0);
        assert_eq!(room.tally().accepted, READERS as u64, "{blocks} blocks");
        let copies = copies(&post.letters());
        assert_eq!(copies.len(), READERS, "{blocks} blocks: somebody was lost");
        let doubles: usize = copies.values().map(|copies| copies.len() - 1).sum();
        assert!(
            doubles == 0 || doubles <= 2 && again.stderr.contains("may arrive twice"),
            "{blocks} blocks: {doubles} doubles\n{}",
            again.stderr
        );
    }
    // Before the freeze, in the middle, and with room enough.
    for code in [1, 75, 0] {
        assert!(
            ends.contains(&Some(code)),
            "no disk ended with {code}: {ends:?}"
        );
    }
}

/// One connection, and nothing waits.
fn impatient(port: u16) -> String {
    format!(
        "host = \"127.0.0.1\"\nport = {port}\nsecurity = \"none\"\nconnections = 1\nretry_after = \"0s\"\nattempts = 2"
    )
}

#[test]
fn a_relay_that_is_gone_for_an_hour_costs_nobody() {
    let post = PostOffice::open();
    let room = Newsroom::new()
        .many_subscribers(6)
        .config("relay", &impatient(post.port()));
    let held = post.hold(Stage::Mail, 3);
    let mut running = room.spawn(&["send"]);
    held.reached_by(&mut running);
    drop(post);
    running.wait().exits(75).says("2 accepted, 4 queued");
    let post = PostOffice::open();
    let room = room
        .config("relay", &impatient(post.port()))
        .at("2026-08-24T06:45:00Z");
    room.run(&["send"]).exits(0);
    assert_eq!(
        room.tally(),
        Tally {
            subscribers: 6,
            accepted: 6,
            ..NOBODY
        }
    );
    assert_eq!(post.letters().len(), 4, "nobody got two");
}

#[test]
fn ctrl_c_twice_stops_at_once_and_names_the_letter_under_way() {
    let post = PostOffice::open();
    let room = room(&post);
    let held = post.hold_letter(2);
    let mut running = room.spawn(&["send"]);
    held.reached_by(&mut running);
    running.interrupt();
    running.says("Ctrl-C again stops at once");
    running.interrupt();
    // The relay holds the letter still: nobody waits for it.
    running.wait().exits(75);
    held.go_on();
    assert_eq!(
        room.tally(),
        Tally {
            subscribers: 3,
            accepted: 1,
            in_doubt: 1,
            queued: 1,
            ..NOBODY
        }
    );
    room.run(&["send"]).exits(0).says("1 copy may arrive twice");
    assert_eq!(room.tally().accepted, 3);
}

#[test]
fn a_host_that_no_dns_knows_freezes_nothing() {
    let room = Newsroom::new().config(
        "relay",
        "host = \"no-such-host.invalid\"\nport = 587\nsecurity = \"starttls\"",
    );
    room.run(&["send"])
        .exits(75)
        .says("no-such-host.invalid")
        .says("nothing was frozen or sent");
    room.run(&["status", TODAY]).exits(1);
}

#[test]
fn a_clock_that_jumps_back_sends_nothing_twice() {
    let post = PostOffice::open().reply_to_times("bob@example.org", "451 4.7.1 later", 1);
    let room = room(&post)
        .config("relay", &impatient(post.port()))
        .at("2026-08-24T08:45:00Z");
    let held = post.hold_letter(2);
    let mut running = room.spawn(&["send"]);
    held.reached_by(&mut running);
    running.kill();
    held.go_on();
    // Three hours earlier: the deferred copy does not wait for the clock of the first run.
    let room = room.at(NOW);
    room.run(&["send"]).exits(0).says("1 copy may arrive twice");
    assert_eq!(room.tally().accepted, 3);
    assert_eq!(post.letters().len(), 4);
}

#[test]
fn an_address_no_relay_takes_is_left_and_the_rest_goes_on() {
    let subscribers = ["zoë@example.org", "ada@bücher.example", "bob@example.org"];
    for (offers, accepted) in [
        (&["PIPELINING", "8BITMIME", "SMTPUTF8"][..], 3),
        (&["PIPELINING", "8BITMIME"], 2),
    ] {
        let post = PostOffice::open().offer(offers);
        let room = room(&post).subscribers(&subscribers);
        room.run(&["send"]).exits(if accepted == 3 { 0 } else { 3 });
        assert_eq!(room.tally().accepted, accepted);
        // A domain in letters beyond ASCII needs no help of the relay.
        assert!(
            post.accepted_for()
                .contains(&"ada@xn--bcher-kva.example".to_owned())
        );
        let zoe = post.accepted_for().contains(&"zoë@example.org".to_owned());
        assert_eq!(zoe, accepted == 3);
        if !zoe {
            let listed = room.run(&["status", "--rejected"]).exits(0).stdout;
            assert!(
                listed.starts_with("zoë@example.org  553 5.6.7 the address needs SMTPUTF8"),
                "{listed}"
            );
        }
    }
}
