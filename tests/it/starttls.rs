//! What arrives in plain text behind the answer to STARTTLS is nobody's answer, at whatever door a conversation begins.

use crate::newsroom::{Newsroom, TODAY};
use crate::postoffice::{PostOffice, StartTls};
use crate::serve::{Serving, room as with_readers_pages};

/// Somebody in between answers everything that we will ask, so that nothing need reach the relay.
const EVERYTHING: &[u8] = b"250-x\r\n250 PIPELINING\r\n235 2.7.0 in\r\n250 ok\r\n250 ok\r\n354 go\r\n250 2.0.0 taken\r\n250 ok\r\n250 ok\r\n354 go\r\n250 2.0.0 taken\r\n";

const SLIPPED_IN: [&[u8]; 11] = [
    b"235 2.7.0 in\r\n",
    b"250 2.0.0 taken\r\n",
    b"354 go\r\n",
    b"550 5.1.1 unknown\r\n",
    b"421 closing\r\n",
    b"250-x\r\n250-AUTH PLAIN\r\n250 SIZE 10\r\n",
    b"220 go\r\n",
    b"2",
    b"250-x\r\n",
    b"\r\n",
    EVERYTHING,
];

fn through(room: Newsroom, front: &StartTls) -> Newsroom {
    room.file("relay.pem", front.certificate());
    room.environment("SSL_CERT_FILE", "relay.pem")
        .environment("SMTP_PASSWORD", "open")
        .config(
            "relay",
            &format!(
                "host = \"127.0.0.1\"\nport = {}\nsecurity = \"starttls\"\nusername = \"digest\"\npassword_env = \"SMTP_PASSWORD\"\nconnections = 1",
                front.port()
            ),
        )
}

/// A relay that logs people in, and refuses every letter.
fn refuses() -> PostOffice {
    PostOffice::open()
        .offer(&["PIPELINING", "AUTH PLAIN"])
        .reply_at(crate::postoffice::Stage::Dot, "554 5.6.0 no")
}

#[test]
fn a_secured_send_reaches_everybody() {
    let post = PostOffice::open().offer(&["PIPELINING", "AUTH PLAIN"]);
    let front = StartTls::before(post.port(), usize::MAX, b"");
    let room = through(Newsroom::new(), &front);
    room.run(&["send"]).exits(0);
    assert_eq!(post.accepted_for().len(), 3);
    assert_eq!(front.secured(), 2);
    let said = post.commands().join("\n");
    assert!(said.contains("\nAUTH PLAIN AGRpZ2VzdABvcGVu\n"), "{said}");
}

#[test]
fn whatever_is_slipped_in_before_tls_ends_the_conversation() {
    let post = refuses();
    for slipped_in in SLIPPED_IN {
        let front = StartTls::before(post.port(), 0, slipped_in);
        let room = through(Newsroom::new(), &front);
        for verb in [&["send"][..], &["proof", "ed@example.org"]] {
            room.run(verb)
                .exits(1)
                .says("arrived in plain text behind its answer to STARTTLS");
        }
        room.run(&["status", TODAY]).exits(1);
        assert_eq!(front.secured(), 0, "we went on");
    }
    assert_eq!(post.connections(), 0);
}

/// In the middle of a send: nobody counts as reached, and all are once the line is clean.
#[test]
fn answers_slipped_in_during_a_send_reach_nobody() {
    for slipped_in in SLIPPED_IN {
        let post = PostOffice::open().offer(&["PIPELINING", "AUTH PLAIN"]);
        let front = StartTls::before(post.port(), 1, slipped_in);
        let room = through(Newsroom::new(), &front);
        room.run(&["send"])
            .exits(75)
            .says("behind its answer to STARTTLS");
        let tally = room.tally();
        assert_eq!((tally.queued, tally.accepted), (3, 0));
        let clean = StartTls::before(post.port(), usize::MAX, b"");
        through(room, &clean).run(&["send"]).exits(0);
        assert_eq!(post.accepted_for().len(), 3);
    }
}

#[test]
fn letters_to_confirm_wait_for_a_clean_line() {
    let post = refuses();
    let front = StartTls::before(post.port(), 0, EVERYTHING);
    let room = through(with_readers_pages(), &front);
    let mut serving = Serving::start(&room);
    assert_eq!(serving.pages.post("", "email=dee@example.org").0, 200);
    serving.program.says("behind its answer to STARTTLS");
    assert_eq!((front.secured(), post.connections()), (0, 0));
}
