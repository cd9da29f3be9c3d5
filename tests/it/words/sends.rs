//! `send` and `status`.

use std::fs::File;
use std::io::Write as _;

use super::transcript;
use crate::newsroom::Newsroom;
use crate::postoffice::{PostOffice, Stage};

#[test]
fn send() {
    let commands = [
        "send --dry-run",
        "send",
        "send",
        "send --dry-run",
        "send -q",
    ];
    insta::assert_snapshot!(transcript(&Newsroom::new(), &commands), @"
    $ newsdigest send --dry-run
    Harbour in your inbox, 2026-08-24: 6 of 6 stories chosen
    written to `editions/2026-08-24.toml`
    Harbour in your inbox, 2026-08-24: would go to 3 subscribers, into `outbox`
    nothing was frozen or sent
    = 0

    $ newsdigest send
    Harbour in your inbox, 2026-08-24: frozen for 3 recipients, 0 left out
    3 letters lie in `[newsroom]/outbox`: a rehearsal, nobody was mailed
    Harbour in your inbox, 2026-08-24: 3 accepted (3 subscribers)
    = 0

    $ newsdigest send
    2026-08-24: nothing is left to hand over
    3 letters lie in `[newsroom]/outbox`: a rehearsal, nobody was mailed
    Harbour in your inbox, 2026-08-24: 3 accepted (3 subscribers)
    = 0

    $ newsdigest send --dry-run
    Harbour in your inbox, 2026-08-24: nothing is left to hand over; 3 accepted (3 subscribers)
    nothing was sent
    = 0

    $ newsdigest send -q
    = 0
    ");
}

#[test]
fn send_to_a_relay() {
    let post = PostOffice::open();
    let room = Newsroom::new().relay(post.port(), 1);
    insta::assert_snapshot!(transcript(&room, &["send --dry-run", "send", "send"]), @"
    $ newsdigest send --dry-run
    Harbour in your inbox, 2026-08-24: 6 of 6 stories chosen
    written to `editions/2026-08-24.toml`
    Harbour in your inbox, 2026-08-24: would go to 3 subscribers, through `127.0.0.1:[port]`
    nothing was frozen or sent
    = 0

    $ newsdigest send
    Harbour in your inbox, 2026-08-24: frozen for 3 recipients, 0 left out
    Harbour in your inbox, 2026-08-24: 3 accepted (3 subscribers)
    = 0

    $ newsdigest send
    2026-08-24: nothing is left to hand over
    Harbour in your inbox, 2026-08-24: 3 accepted (3 subscribers)
    = 0
    ");
    let room = Newsroom::new().relay(1, 1);
    insta::assert_snapshot!(transcript(&room, &["send", "status"]), @"
    $ newsdigest send
    Harbour in your inbox, 2026-08-24: 6 of 6 stories chosen
    written to `editions/2026-08-24.toml`
    error: cannot reach `127.0.0.1:[port]`: connection refused
    nothing was frozen or sent
    = 75

    $ newsdigest status
    error: no edition was sent yet

    hint: `newsdigest send` sends today's
    = 1
    ");
}

#[test]
fn send_with_refusals() {
    let post = PostOffice::open().reply_to("bob@example.org", "550 5.1.1 no such user");
    let room = Newsroom::new().relay(post.port(), 1);
    insta::assert_snapshot!(transcript(&room, &["send", "send", "status --rejected", "proof bob@example.org"]), @"
    $ newsdigest send
    Harbour in your inbox, 2026-08-24: 6 of 6 stories chosen
    written to `editions/2026-08-24.toml`
    Harbour in your inbox, 2026-08-24: frozen for 3 recipients, 0 left out
    Harbour in your inbox, 2026-08-24: 2 accepted, 1 rejected (3 subscribers)

    hint: `newsdigest status 2026-08-24 --rejected` lists whom the relay refused
    = 3

    $ newsdigest send
    2026-08-24: nothing is left to hand over
    Harbour in your inbox, 2026-08-24: 2 accepted, 1 rejected (3 subscribers)

    hint: `newsdigest status 2026-08-24 --rejected` lists whom the relay refused
    = 3

    $ newsdigest status --rejected
    2026-08-24, to the relay: 1 rejected
    > bob@example.org  550 5.1.1 no such user
    = 0

    $ newsdigest proof bob@example.org
    warning: `bob@example.org` was refused: `550 5.1.1 no such user`
    0 proofs of 2026-08-24 handed to `127.0.0.1:[port]`
    = 3
    ");
}

#[test]
fn send_to_a_relay_that_refuses_us() {
    let post = PostOffice::open().reply_at(Stage::Mail, "550 5.7.1 relay access denied");
    let room = Newsroom::new().relay(post.port(), 1);
    insta::assert_snapshot!(transcript(&room, &["send", "status", "send --date 2026-08-25", "send --dry-run"]), @"
    $ newsdigest send
    Harbour in your inbox, 2026-08-24: 6 of 6 stories chosen
    written to `editions/2026-08-24.toml`
    Harbour in your inbox, 2026-08-24: frozen for 3 recipients, 0 left out
    error: the relay refuses us, not a reader: `127.0.0.1:[port]` refused MAIL: `550 5.7.1 relay access denied`
    Harbour in your inbox, 2026-08-24: 0 accepted, 3 queued (3 subscribers)

    hint: `newsdigest send --date 2026-08-24` goes on with the 3 that are left
    = 75

    $ newsdigest status

    hint: `newsdigest send --date 2026-08-24` hands over the rest
    > 2026-08-24, frozen 2026-08-24 06:45, to the relay: 0 accepted, 3 queued (3 subscribers)
    = 0

    $ newsdigest send --date 2026-08-25
    error: the edition of 2026-08-24 is not sent to its end
    nothing was sent

    hint: `newsdigest send --date 2026-08-24` finishes it, 3 to go
    = 1

    $ newsdigest send --dry-run
    Harbour in your inbox, 2026-08-24: frozen already, would go on with 3 letters; 0 accepted, 3 queued (3 subscribers)
    nothing was sent
    = 0
    ");
}

#[test]
fn send_while_another_one_sends() {
    let room = Newsroom::new();
    let mut lock = File::create(room.path("newsdigest.db.lock")).unwrap();
    lock.try_lock().unwrap();
    let nameless = transcript(&room, &["send"]);
    write!(lock, "process 4711 since 2026-08-24T05:44:00Z").unwrap();
    insta::assert_snapshot!(nameless + &transcript(&room, &["send"]), @"
    $ newsdigest send
    error: another run is sending
    this run sent nothing

    hint: `newsdigest status` says how far it is
    = 75

    $ newsdigest send
    error: another run is sending (process 4711 since 2026-08-24T05:44:00Z)
    this run sent nothing

    hint: `newsdigest status` says how far it is
    = 75
    ");
}

#[test]
fn send_where_no_lock_can_be() {
    let room = Newsroom::new();
    std::fs::create_dir(room.path("newsdigest.db.lock")).unwrap();
    insta::assert_snapshot!(transcript(&room, &["send"]), @"
    $ newsdigest send
    error: `newsdigest.db.lock` cannot be locked: is a directory
    this run sent nothing
    = 1
    ");
}

#[test]
fn status() {
    let room = Newsroom::new();
    let commands = [
        "status",
        "status 2026-08-20",
        "suppress bob@example.org",
        "send -q",
        "status",
        "status --left-out --rejected",
        "status 2026-08-20",
    ];
    insta::assert_snapshot!(transcript(&room, &commands), @"
    $ newsdigest status
    error: no edition was sent yet

    hint: `newsdigest send` sends today's
    = 1

    $ newsdigest status 2026-08-20
    error: the edition of 2026-08-20 was not sent yet

    hint: `newsdigest send` sends today's
    = 1

    $ newsdigest suppress bob@example.org
    1 address put on the suppression list
    = 0

    $ newsdigest send -q
    = 0

    $ newsdigest status
    > 2026-08-24, frozen 2026-08-24 06:45, rehearsal to `[newsroom]/outbox`: 2 accepted, 1 left out (3 subscribers)
    = 0

    $ newsdigest status --left-out --rejected
    2026-08-24, rehearsal to `[newsroom]/outbox`: 0 rejected
    2026-08-24, rehearsal to `[newsroom]/outbox`: 1 left out
    > bob@example.org  on the suppression list
    = 0

    $ newsdigest status 2026-08-20
    error: the edition of 2026-08-20 was not sent yet

    hint: `newsdigest status` shows the newest
    = 1
    ");
}
