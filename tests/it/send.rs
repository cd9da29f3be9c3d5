//! Verdicts, resuming, tallies: anything with an SMTP conversation or a crash. DESIGN section 7 says what must hold.

use std::collections::{BTreeMap, HashSet};

use crate::newsroom::{Newsroom, TODAY, Tally};
use crate::postoffice::{PostOffice, Received, Stage};

const NOBODY: Tally = Tally {
    subscribers: 0,
    accepted: 0,
    rejected: 0,
    queued: 0,
    in_doubt: 0,
    given_up: 0,
    left_out: 0,
};

/// Three subscribers, one connection: letters come in the order of the file.
fn room(post: &PostOffice) -> Newsroom {
    Newsroom::new().relay(post.port(), 1)
}

/// Every letter, per recipient, in the order in which they came.
fn copies(letters: &[Received]) -> BTreeMap<String, Vec<Received>> {
    let mut copies: BTreeMap<String, Vec<Received>> = BTreeMap::new();
    for letter in letters {
        copies
            .entry(letter.to[0].clone())
            .or_default()
            .push(letter.clone());
    }
    copies
}

// Verdicts.

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
        "550 5.4.1 no route",
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

// About us.

#[test]
fn a_refusal_of_us_stops_and_keeps_everybody_queued() {
    for (stage, reply) in [
        (Stage::Mail, "550 5.7.1 you are blocked"),
        (Stage::Mail, "553 5.1.8 sender rejected"),
        (Stage::Rcpt, "554 5.7.1 relay access denied"),
        (Stage::Rcpt, "550 5.7.515 authentication required"),
    ] {
        let post = PostOffice::open().reply_at(stage, reply);
        let room = room(&post);
        room.run(&["send"])
            .exits(75)
            .says("3 queued")
            .says("newsdigest send");
        assert_eq!(
            room.tally(),
            Tally {
                subscribers: 3,
                queued: 3,
                ..NOBODY
            },
            "{reply}"
        );
        assert!(post.letters().is_empty());
    }
}

#[test]
fn the_same_refusal_many_times_running_is_about_us() {
    let post = PostOffice::open().reply_at(Stage::Rcpt, "550 5.1.1 no such user");
    let relay = format!(
        "host = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nconnections = 1\nstop_after = 4",
        post.port()
    );
    let room = Newsroom::new().many_subscribers(20).config("relay", &relay);
    room.run(&["send"])
        .exits(75)
        .says("550 5.1.1")
        .says("4 times");
    let tally = room.tally();
    assert!(tally.queued >= 16 && tally.accepted == 0, "{tally:?}");
}

#[test]
fn a_relay_that_is_not_there_freezes_nothing() {
    let closed = PostOffice::open().port();
    let room = Newsroom::new().relay(closed, 1);
    room.run(&["send"])
        .exits(1)
        .says("127.0.0.1")
        .says("nothing was frozen or sent");
    room.run(&["status"]).exits(1);
}

// Silence.

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

// Crashes.

#[test]
fn killed_at_any_letter_nobody_is_lost() {
    for connections in [1, 3] {
        for nth in [1, 2, 5, 12] {
            let post = PostOffice::open();
            let room = Newsroom::new()
                .many_subscribers(12)
                .relay(post.port(), connections);
            let held = post.hold_letter(nth);
            let running = room.spawn(&["send"]);
            held.reached();
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
    let post = PostOffice::open().stall_at(Stage::Greeting);
    let room = room(&post);
    let running = room.spawn(&["send"]);
    // The greeting is withheld: the run looks at the relay before it freezes anything.
    while post.connections() == 0 {
        std::thread::yield_now();
    }
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
    held.reached();
    running.interrupt();
    running.says("stopping");
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
    let first = room.spawn(&["send"]);
    held.reached();
    room.run(&["send"]).exits(75).says("sent nothing");
    held.go_on();
    first.wait().exits(0);
    assert_eq!(post.letters().len(), 3);
}

// Who gets it.

#[test]
fn everyone_left_out_has_a_reason() {
    let post = PostOffice::open();
    let room = room(&post);
    room.file(
        "subscribers.toml",
        "[[subscriber]]\nemail = \"ada@example.org\"\n[[subscriber]]\nemail = \"ADA@example.org\"\n[[subscriber]]\nemail = \"bob@example.org\"\npaused = true\n\
         [[subscriber]]\nemail = \"cleo@example.net\"\npaused = 2026-09-01\n[[subscriber]]\nemail = \"dora@example.net\"\nsections = [\"Chess\"]\n\
         [[subscriber]]\nemail = \"emil@example.net\"\nsections = [\"sport\"]\n[[subscriber]]\nemail = \"fay@example.net\"\npaused = 2026-08-24\n",
    );
    room.run(&["suppress", "gus@example.net"]).exits(0);
    room.run(&["subscribers", "add", "gus@example.net"])
        .exits(0);
    room.run(&["send", "--dry-run"])
        .exits(0)
        .says("3 subscribers")
        .says("nothing was frozen or sent");
    assert!(post.letters().is_empty());
    room.run(&["send"]).exits(0);
    assert_eq!(
        room.tally(),
        Tally {
            subscribers: 8,
            accepted: 3,
            left_out: 5,
            ..NOBODY
        }
    );
    assert_eq!(
        post.accepted_for(),
        ["ada@example.org", "emil@example.net", "fay@example.net"]
    );
    let listed = room.run(&["status", TODAY, "--left-out"]).exits(0).stdout;
    assert_eq!(listed.lines().count(), 5, "{listed}");
    let letters = copies(&post.accepted());
    let of = |address: &str| {
        mail_parser::MessageParser::default()
            .parse(&letters[address][0].message)
            .unwrap()
            .body_text(0)
            .unwrap()
            .into_owned()
    };
    assert!(
        of("emil@example.net").contains("Rowers")
            && !of("emil@example.net").contains("Ferry fares"),
        "only her sections"
    );
    assert!(
        of("ada@example.org").contains("Rowers") && of("ada@example.org").contains("Ferry fares")
    );
}

#[test]
fn suppressed_after_the_freeze_is_left_out() {
    let post = PostOffice::open();
    let room = Newsroom::new().many_subscribers(6).relay(post.port(), 1);
    let held = post.hold_letter(2);
    let running = room.spawn(&["send"]);
    held.reached();
    room.run(&["suppress", "reader5@example.org"]).exits(0);
    running.kill();
    held.go_on();
    room.run(&["send"]).exits(0);
    assert_eq!(
        room.tally(),
        Tally {
            subscribers: 6,
            accepted: 5,
            left_out: 1,
            ..NOBODY
        }
    );
    assert!(
        !post
            .accepted_for()
            .contains(&"reader5@example.org".to_owned())
    );
}

#[test]
fn removed_while_sending_is_left_out() {
    let post = PostOffice::open();
    let room = Newsroom::new().many_subscribers(6).relay(post.port(), 1);
    let held = post.hold_letter(2);
    let running = room.spawn(&["send"]);
    held.reached();
    room.run(&["subscribers", "remove", "reader5@example.org"])
        .exits(0)
        .says("suppression list");
    running.kill();
    held.go_on();
    room.run(&["send"]).exits(0);
    assert!(
        !post
            .accepted_for()
            .contains(&"reader5@example.org".to_owned())
    );
}

#[test]
fn an_internationalized_domain_goes_out_in_ascii() {
    let post = PostOffice::open();
    let room = room(&post).subscribers(&["ada@bücher.example"]);
    room.run(&["send"]).exits(0);
    assert_eq!(post.accepted_for(), ["ada@xn--bcher-kva.example"]);
}

// Rehearsals and proofs.

#[test]
fn a_rehearsal_never_blocks_a_real_send() {
    let post = PostOffice::open();
    let room = Newsroom::new();
    room.run(&["send"])
        .exits(0)
        .says("3 letters lie")
        .says("rehearsal");
    assert_eq!(room.list("outbox").len(), 3);
    assert!(
        room.list("outbox")
            .iter()
            .all(|name| !name.contains("example.org") && name.ends_with(".eml"))
    );
    room.run(&["send"]).exits(0);
    assert_eq!(
        room.list("outbox").len(),
        3,
        "a second rehearsal hands over nothing"
    );
    let room = room.relay(post.port(), 2);
    room.run(&["send"]).exits(0);
    assert_eq!(post.accepted().len(), 3);
    // What was only rehearsed did not run: the next day may print it.
    let rehearsed = Newsroom::new();
    rehearsed.run(&["send"]).exits(0);
    let rehearsed = rehearsed
        .at("2026-08-24T20:00:00Z")
        .config("selection", "window = \"24h\"");
    rehearsed
        .run(&["draft", "--date", "2026-08-24b"])
        .exits(0)
        .says("chosen");
}

#[test]
fn a_proof_leaves_no_trace() {
    let post = PostOffice::open();
    let room = room(&post);
    room.run(&[
        "proof",
        "editor@harbourtimes.example",
        "desk@harbourtimes.example",
    ])
    .exits(0)
    .says("2 proofs");
    let proofs = post.accepted();
    assert!(proofs.iter().all(|proof| {
        proof
            .header("Subject")
            .is_some_and(|subject| subject.starts_with("[Proof] "))
    }));
    assert!(
        !room.has("newsdigest.db"),
        "the ledger never hears of a proof"
    );
    room.run(&["send"]).exits(0);
    let ids: HashSet<String> = post.accepted().iter().map(Received::message_id).collect();
    assert_eq!(ids.len(), 5);
}

#[test]
fn an_older_run_is_finished_first() {
    let post = PostOffice::open().reply_at(Stage::Mail, "550 5.7.1 you are blocked");
    let room = room(&post);
    room.run(&["send"]).exits(75);
    drop(post);
    let post = PostOffice::open();
    let room = room.relay(post.port(), 1).at("2026-08-25T05:45:00Z");
    room.story(0, "Fog over the harbour", "News");
    room.run(&["send"])
        .exits(1)
        .says(TODAY)
        .says(&format!("send --date {TODAY}"));
    room.run(&["send", "--date", TODAY]).exits(0);
    assert_eq!(room.tally().accepted, 3);
}

// Conversations.

#[test]
fn connections_and_extensions() {
    for offers in [&["PIPELINING", "8BITMIME", "SMTPUTF8"][..], &[]] {
        let post = PostOffice::open().offer(offers);
        let room = Newsroom::new().many_subscribers(40).relay(post.port(), 4);
        room.run(&["send"]).exits(0);
        assert_eq!(post.accepted().len(), 40);
        assert!(
            post.most_at_once() <= 4,
            "{} connections at once",
            post.most_at_once()
        );
    }
}

#[test]
fn a_password_is_given_and_never_printed() {
    let post = PostOffice::open().offer(&["AUTH PLAIN LOGIN"]);
    let room = Newsroom::new();
    room.file("secret", "hunter2\n");
    let relay = |port| {
        format!(
            "host = \"127.0.0.1\"\nport = {port}\nsecurity = \"none\"\nconnections = 1\nusername = \"digest\"\npassword_file = \"secret\""
        )
    };
    let room = room.config("relay", &relay(post.port()));
    let output = room.run(&["send", "-v"]).exits(0);
    assert!(!output.stderr.contains("hunter2"));
    // RFC 4616: NUL digest NUL hunter2, in base64.
    assert!(
        post.commands()
            .iter()
            .any(|command| command == "AUTH PLAIN AGRpZ2VzdABodW50ZXIy"),
        "{:?}",
        post.commands()
    );
    let refusing = PostOffice::open()
        .offer(&["AUTH PLAIN"])
        .reply_at(Stage::Auth, "535 5.7.8 wrong password");
    let room = room
        .at("2026-08-25T05:45:00Z")
        .config("relay", &relay(refusing.port()));
    room.story(0, "Fog over the harbour", "News");
    room.story(7, "A second story of the day", "News");
    room.story(8, "A third story of the day", "News");
    let output = room
        .run(&["send"])
        .exits(1)
        .says("535")
        .says("nothing was frozen or sent");
    assert!(!output.stderr.contains("hunter2") && !output.stderr.contains("AGRpZ2"));
}

// The room the letters are written in.

#[test]
fn a_read_only_outbox_loses_nobody() {
    // A file where the folder should be stops root too.
    let room = Newsroom::new();
    room.file("outbox", "not a folder");
    room.run(&["send"])
        .exits(75)
        .says("outbox")
        .says("3 queued");
    std::fs::remove_file(room.path("outbox")).unwrap();
    room.run(&["send"]).exits(0);
    assert_eq!(room.list("outbox").len(), 3);
}

#[test]
fn an_empty_subscribers_file_is_said() {
    let room = Newsroom::new().subscribers(&[]);
    room.run(&["send"])
        .exits(1)
        .says("subscribers.toml")
        .says("nothing was sent");
}
