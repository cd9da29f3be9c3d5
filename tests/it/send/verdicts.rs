//! What the relay answers, and what it means: for a reader, and for us.

use std::collections::HashSet;

use super::{NOBODY, copies, room};
use crate::newsroom::{Newsroom, TODAY, Tally};
use crate::postoffice::{PostOffice, Received, Stage};

#[test]
fn everybody_gets_one_letter_of_her_own() {
    let post = PostOffice::open();
    let room = room(&post);
    room.run(&["send"]).exits(0).says("3 accepted");
    assert_eq!(
        post.accepted_for(),
        ["ada@example.org", "bob@example.org", "cleo@example.net"]
    );
    assert_eq!(
        room.tally(),
        Tally {
            subscribers: 3,
            accepted: 3,
            ..NOBODY
        }
    );
    let letters = post.accepted();
    let ids: HashSet<String> = letters.iter().map(Received::message_id).collect();
    assert_eq!(ids.len(), 3, "each letter has its own Message-ID");
    for letter in &letters {
        assert_eq!(letter.to.len(), 1);
        assert!(
            letter.message_id().ends_with("@harbourtimes.example>"),
            "{}",
            letter.message_id()
        );
        assert_eq!(
            letter.header("List-Unsubscribe").as_deref(),
            Some("<mailto:leave@harbourtimes.example>")
        );
        for name in [
            "From",
            "To",
            "Subject",
            "Date",
            "List-Id",
            "MIME-Version",
            "Precedence",
            "Auto-Submitted",
        ] {
            assert!(letter.header(name).is_some(), "the letter has no {name}");
        }
        let text = String::from_utf8(letter.message.clone()).unwrap();
        assert!(
            text.is_ascii() && text.lines().all(|line| line.len() <= 998),
            "RFC 5322 section 2.1.1"
        );
        assert!(
            !text.replace("\r\n", "").contains(['\r', '\n']),
            "RFC 5322 section 2.3: CR and LF come only together"
        );
    }
}

#[test]
fn a_second_send_hands_over_nothing() {
    let post = PostOffice::open();
    let room = room(&post);
    room.run(&["send"]).exits(0);
    room.run(&["send"]).exits(0).says("3 accepted");
    assert_eq!(post.letters().len(), 3);
}

#[test]
fn a_dead_mailbox_is_rejected_and_the_connection_kept() {
    let post = PostOffice::open().reply_to("bob@example.org", "550 5.1.1 no such user");
    let room = room(&post);
    room.run(&["send"])
        .exits(3)
        .says("1 rejected")
        .says("status 2026-08-24 --rejected");
    assert_eq!(
        room.tally(),
        Tally {
            subscribers: 3,
            accepted: 2,
            rejected: 1,
            ..NOBODY
        }
    );
    let listed = room.run(&["status", TODAY, "--rejected"]).exits(0);
    assert!(
        listed.stdout.contains("bob@example.org") && listed.stdout.contains("550 5.1.1"),
        "{}",
        listed.stdout
    );
    let delivering: HashSet<usize> = post
        .accepted()
        .iter()
        .map(|letter| letter.connection)
        .collect();
    assert_eq!(delivering.len(), 1, "a refusal costs no new connection");
    room.run(&["send"]).exits(3);
    assert_eq!(post.letters().len(), 2, "nobody is asked twice");
}

#[test]
fn which_refusals_are_about_the_mailbox() {
    for reply in [
        "550 5.1.1 unknown",
        "552 5.2.2 full",
        "550 5.4.1 Recipient address rejected: Access denied",
        "550",
        "501 5.1.3 bad address syntax",
        "553 no such user",
        "550 go away",
    ] {
        let post = PostOffice::open().reply_to("bob@example.org", reply);
        let room = room(&post);
        room.run(&["send"]).exits(3);
        assert_eq!(room.tally().rejected, 1, "{reply}");
    }
}

#[test]
fn deferred_is_tried_again_until_accepted() {
    let post = PostOffice::open().reply_to_times("bob@example.org", "451 4.2.1 try later", 1);
    let room = room(&post);
    room.run(&["send"]).exits(0);
    assert_eq!(
        room.tally(),
        Tally {
            subscribers: 3,
            accepted: 3,
            ..NOBODY
        }
    );
}

#[test]
fn deferred_too_often_is_given_up_with_the_last_answer() {
    let post = PostOffice::open().reply_to("bob@example.org", "451 4.2.1 try later");
    let room = room(&post);
    let relay = format!(
        "host = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nconnections = 1\nretry_after = \"1s\"\nattempts = 2",
        post.port()
    );
    let room = room.config("relay", &relay);
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
    let listed = room.run(&["status", TODAY, "--given-up"]).exits(0);
    assert!(
        listed.stdout.contains("bob@example.org") && listed.stdout.contains("451 4.2.1"),
        "{}",
        listed.stdout
    );
}

#[test]
fn a_refusal_after_the_dot_is_tried_again() {
    let post = PostOffice::open().reply_once(Stage::Dot, 2, "554 5.3.0 hiccup");
    let room = room(&post);
    room.run(&["send"]).exits(0);
    assert_eq!(room.tally().accepted, 3);
    assert_eq!(
        copies(&post.letters())
            .values()
            .map(Vec::len)
            .sum::<usize>(),
        4
    );
}

#[test]
fn a_throttling_relay_is_given_time() {
    for reply in [
        "421 4.7.0 too many",
        "451 4.7.1 slow down",
        "450 4.7.0 busy",
    ] {
        let post = PostOffice::open().throttle(2, reply);
        let room = room(&post);
        room.run(&["send"]).exits(0);
        assert_eq!(room.tally().accepted, 3, "{reply}");
        assert_eq!(post.letters().len(), 3, "{reply}");
    }
}

#[test]
fn a_relay_that_is_not_there_freezes_nothing() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = listener.local_addr().unwrap().port();
    drop(listener);
    let room = Newsroom::new().relay(closed, 1);
    room.run(&["send"])
        .exits(75)
        .says("127.0.0.1")
        .says("nothing was frozen or sent");
    room.run(&["status"]).exits(1);
}

/// A dead mailbox is not mailed for ever; a bare 550 needs as many as a soft bounce.
#[test]
fn a_refusal_counts_like_a_bounce_of_its_class() {
    let post = PostOffice::open()
        .reply_to("ada@example.org", "550 5.1.1 user unknown")
        .reply_to("bob@example.org", "550")
        .reply_to("dee@example.org", "552 5.2.2 over quota")
        .reply_to("eve@example.org", "553 5.6.7 needs SMTPUTF8");
    let mut room = room(&post).config("bounces", "soft = 2").subscribers(&[
        "ada@example.org",
        "bob@example.org",
        "cleo@example.net",
        "dee@example.org",
        "eve@example.org",
    ]);
    room.run(&["send"]).exits(3);
    assert_eq!(room.tally().rejected, 4);
    let listed = room.run(&["suppress", "--list"]).exits(0).stdout;
    assert_eq!(listed.lines().count(), 1, "{listed}");
    assert!(listed.contains("bounced") && listed.contains("ada@example.org"));
    room = room
        .at("2026-08-25T05:45:00Z")
        .config("selection", "window = \"48h\"");
    room.story(0, "Fog over the harbour", "News");
    room.story(7, "Swans return to the mill pond", "News");
    room.story(8, "Tram line four is late again", "News");
    room.run(&["send"]).exits(3);
    let listed = room.run(&["suppress", "--list"]).exits(0).stdout;
    assert_eq!(listed.lines().count(), 3, "{listed}");
    assert!(!listed.contains("eve@") && !listed.contains("cleo@"));
}

#[test]
fn the_relays_wishes() {
    let post = PostOffice::open();
    let relay = format!(
        "host = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nhello = \"mail.harbourtimes.example\"\nrewrites = [\"message-id\", \"Date\"]\nheaders = {{ X-SES-CONFIGURATION-SET = \"digest\" }}",
        post.port()
    );
    let room = room(&post).config("relay", &relay);
    room.run(&["dkim", "keygen"]).exits(0);
    let room = room.config(
        "dkim",
        "domain = \"harbourtimes.example\"\nselector = \"s1\"\nkey_file = \"dkim.pem\"",
    );
    room.run(&["send"]).exits(0);
    room.run(&["proof", "ed@example.org"]).exits(0);
    assert!(
        post.commands()
            .contains(&"EHLO mail.harbourtimes.example".to_owned())
    );
    let letters = post.accepted();
    assert_eq!(letters.len(), 4);
    for letter in letters {
        assert_eq!(
            letter.header("X-SES-CONFIGURATION-SET").as_deref(),
            Some("digest")
        );
        let signature = letter.header("DKIM-Signature").unwrap();
        let fields = signature.split("h=").nth(1).unwrap();
        let fields = fields.split(';').next().unwrap().replace(' ', "");
        assert!(
            fields.starts_with("From:From:")
                && !fields.contains("Date")
                && !fields.contains("Message-ID"),
            "{fields}"
        );
    }
    // Without a name the address is said, never `localhost`.
    let post = PostOffice::open();
    self::room(&post).run(&["send"]).exits(0);
    let said = post.commands().join("\n");
    assert!(!said.contains("EHLO localhost"), "{said}");
}
