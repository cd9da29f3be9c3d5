//! Every copy goes its way, and is never handed over twice without a word.

use super::*;

#[test]
fn a_copy_goes_its_way() {
    let mut desk = Fixture::new();
    let mut all = seats(5);
    all.push(Ok(seat("R0@Example.org")));
    all.push(Ok(Seat::LeftOut {
        address: address("p@example.org"),
        why: LeftOut::Paused,
    }));
    desk.ledger
        .suppress(&[address("r1@example.org")], Suppression::ByHand, at(0))
        .unwrap();
    let run = desk
        .ledger
        .freeze(
            &order("2026-08-24", Target::Relay),
            [pages()],
            all,
            at(1),
            &Stop::never(),
        )
        .unwrap();
    assert_eq!(
        counts(desk.ledger.tally(run).unwrap()),
        [7, 0, 0, 4, 0, 0, 3]
    );
    let left: Vec<String> = desk
        .ledger
        .list(run, CopyStatus::LeftOut)
        .unwrap()
        .iter()
        .map(|row| format!("{} {}", row.address, row.why))
        .collect();
    insta::assert_snapshot!(left.join("\n"), @"
    r1@example.org on the suppression list
    R0@example.org the address is in the file twice
    p@example.org paused
    ");
    let claims = desk.claim(run, 10, 2);
    assert_eq!(
        claims
            .iter()
            .map(|claim| claim.address.reveal())
            .collect::<Vec<_>>(),
        [
            "r0@example.org",
            "r2@example.org",
            "r3@example.org",
            "r4@example.org"
        ]
    );
    assert_eq!(
        counts(desk.ledger.tally(run).unwrap()),
        [7, 0, 0, 0, 4, 0, 3]
    );
    desk.settle(claims[0].copy, accepted(), 3);
    desk.settle(
        claims[1].copy,
        Settled::Rejected(Reply::new(550, "5.1.1 <r2@example.org> unknown")),
        3,
    );
    desk.settle(
        claims[2].copy,
        Settled::Deferred {
            reply: Reply::new(451, "later"),
            next_try: at(60),
        },
        3,
    );
    desk.settle(claims[3].copy, Settled::InDoubt, 3);
    assert_eq!(
        counts(desk.ledger.tally(run).unwrap()),
        [7, 1, 1, 1, 1, 0, 3]
    );
    assert_eq!(
        desk.ledger.list(run, CopyStatus::Rejected).unwrap()[0].why,
        "550 5.1.1 <r***@e***.org> unknown"
    );
    assert!(desk.claim(run, 1, 59).is_empty());
    assert_eq!(
        desk.ledger.queued(run, 0, 9, at(0)).unwrap(),
        [QueuedCopy {
            copy: claims[2].copy,
            domain: "example.org".into(),
            next_try: at(60),
            relay: None,
            is_doubtful: false,
        }]
    );
    let again = desk.claim(run, 1, 60);
    assert_eq!((again[0].attempts, again[0].reader), (1, claims[2].reader));
    desk.settle(
        again[0].copy,
        Settled::GivenUp(Reply::new(451, "later")),
        61,
    );
    assert_eq!(
        counts(desk.ledger.tally(run).unwrap()),
        [7, 1, 1, 0, 1, 1, 3]
    );
    assert!(
        desk.ledger
            .unfinished(None, &Target::Relay)
            .unwrap()
            .rows
            .is_empty(),
        "a copy in doubt does not block the next edition"
    );
    desk.ledger
        .resend_in_doubt(run, Doubtful::Unskipped, at(62))
        .unwrap();
    assert_eq!(desk.claim(run, 9, 63)[0].reader, claims[3].reader);
}

#[test]
fn an_answer_never_overrules_an_earlier_one() {
    let mut desk = Fixture::new();
    let run = desk.freeze(1);
    let claim = desk.claim(run, 1, 1).remove(0);
    desk.settle(claim.copy, accepted(), 2);
    desk.settle(claim.copy, Settled::Untouched, 3);
    assert_eq!(
        counts(desk.ledger.tally(run).unwrap()),
        [1, 1, 0, 0, 0, 0, 0]
    );
}

#[test]
fn a_lost_conversation_takes_no_earlier_answer_away() {
    let mut desk = Fixture::new();
    let order = order("2026-08-24", Target::Relay);
    let run = desk
        .ledger
        .freeze(&order, [pages()], seats(1), at(0), &Stop::never());
    let run = run.unwrap();
    let reply = Reply::new(451, "4.2.1 later");
    let next_try = at(2);
    for settled in [Settled::Deferred { reply, next_try }, Settled::Untouched] {
        let claim = desk.claim(run, 1, 3).remove(0);
        desk.settle(claim.copy, settled, 4);
    }
    let queued = desk.ledger.list(run, CopyStatus::Queued).unwrap();
    assert_eq!(queued[0].why.as_str(), "451 4.2.1 later");
}

#[test]
fn whoever_leaves_after_the_freeze_gets_nothing() {
    let mut desk = Fixture::new();
    let run = desk.freeze(3);
    desk.ledger
        .suppress(
            &[address("r0@example.org"), address("R1@EXAMPLE.org")],
            Suppression::Unsubscribed,
            at(1),
        )
        .unwrap();
    let claims = desk.claim(run, 1, 2);
    assert_eq!(claims[0].address.reveal(), "r2@example.org");
    assert_eq!(
        counts(desk.ledger.tally(run).unwrap()),
        [3, 0, 0, 0, 1, 0, 2]
    );
}

#[test]
fn killed_at_any_step_nothing_is_lost() {
    // Half staged: removed by the next freeze, and its numbers are used again.
    let mut desk = Fixture::new();
    let first = desk
        .ledger
        .freeze(
            &order("2026-08-23", Target::Relay),
            [pages()],
            seats(2),
            at(0),
            &Stop::never(),
        )
        .unwrap();
    desk.ledger.write(|db| db.execute("INSERT INTO run (slug, newsletter, outbox, key, edition) VALUES ('2026-08-24', 'h', '', x'00', '')", [])).unwrap();
    desk.ledger.write(|db| db.execute("INSERT INTO copy (run, reader, state, page_set, attempts, next_try, changed) SELECT 99, 1, 0, 0, 0, 0, 0", [])).unwrap();
    let mut desk = desk.die();
    let slug = "2026-08-24".parse().unwrap();
    assert!(
        desk.ledger
            .run(None, &slug, &Target::Relay)
            .unwrap()
            .is_none()
    );
    let run = desk
        .ledger
        .freeze(
            &order("2026-08-24", Target::Relay),
            [pages()],
            seats(20_003),
            at(1),
            &Stop::never(),
        )
        .unwrap();
    assert_eq!(
        counts(desk.ledger.tally(first).unwrap()),
        [2, 0, 0, 2, 0, 0, 0]
    );
    // Frozen, claimed, not settled.
    let mut desk = desk.die();
    assert_eq!(
        counts(desk.ledger.tally(run).unwrap()),
        [20_003, 0, 0, 20_003, 0, 0, 0]
    );
    let claims = desk.claim(run, 3, 2);
    desk.settle(claims[0].copy, accepted(), 3);
    let mut desk = desk.die();
    assert_eq!(
        counts(desk.ledger.tally(run).unwrap()),
        [20_003, 1, 0, 20_000, 2, 0, 0]
    );
    assert_eq!(
        desk.ledger
            .unfinished(None, &Target::Relay)
            .unwrap()
            .rows
            .len(),
        2
    );
    desk.ledger
        .resend_in_doubt(run, Doubtful::Unskipped, at(4))
        .unwrap();
    let again: Vec<u64> = desk
        .claim(run, 2, 5)
        .iter()
        .map(|claim| claim.reader)
        .collect();
    assert_eq!(again, [claims[1].reader, claims[2].reader]);
}

#[test]
fn skipped_copies_stay_in_doubt_and_block_nothing() {
    let mut desk = Fixture::new();
    let run = desk.freeze(1);
    desk.claim(run, 1, 1);
    assert_eq!(
        desk.ledger
            .unfinished(None, &Target::Relay)
            .unwrap()
            .rows
            .len(),
        1
    );
    desk.ledger.skip_in_doubt(run, at(2)).unwrap();
    assert_eq!(
        counts(desk.ledger.tally(run).unwrap()),
        [1, 0, 0, 0, 1, 0, 0]
    );
    assert!(
        desk.ledger
            .unfinished(None, &Target::Relay)
            .unwrap()
            .rows
            .is_empty()
    );
    // A plain send later leaves them alone; whoever asks for it gets them sent.
    let asked = |desk: &Fixture, which| desk.ledger.in_doubt(run, which).unwrap();
    assert_eq!(
        (
            asked(&desk, Doubtful::Unskipped),
            asked(&desk, Doubtful::All)
        ),
        (0, 1)
    );
    desk.ledger
        .resend_in_doubt(run, Doubtful::Unskipped, at(3))
        .unwrap();
    assert_eq!(desk.ledger.tally(run).unwrap().queued, 0);
    desk.ledger
        .resend_in_doubt(run, Doubtful::All, at(3))
        .unwrap();
    assert_eq!(desk.ledger.tally(run).unwrap().queued, 1);
}

#[test]
fn who_is_suppressed_meanwhile_is_neither_claimed_nor_looked_at() {
    let mut desk = Fixture::new();
    let order = order("2026-08-24", Target::Relay);
    let run = desk
        .ledger
        .freeze(&order, [pages()], seats(2), at(0), &Stop::never())
        .unwrap();
    let rows = desk.ledger.queued(run, 0, 9, at(0)).unwrap();
    let look = CommitRequest {
        look: Some(rows[1].copy),
        ..CommitRequest::default()
    };
    let ahead = desk.ledger.commit(&look, at(1)).unwrap().ahead;
    assert_eq!(ahead.unwrap().copy, rows[1].copy);
    assert_eq!(
        counts(desk.ledger.tally(run).unwrap()),
        [2, 0, 0, 2, 0, 0, 0]
    );
    let r1 = [address("r1@example.org")];
    desk.ledger
        .suppress(&r1, Suppression::ByHand, at(2))
        .unwrap();
    assert!(desk.ledger.commit(&look, at(3)).unwrap().ahead.is_none());
    assert_eq!(desk.ledger.tally(run).unwrap().left_out, 0);
    assert!(desk.claim_one(rows[1].copy, 3).claim.is_none());
    assert_eq!(desk.ledger.tally(run).unwrap().left_out, 1);
    assert!(desk.claim_one(rows[0].copy, 3).claim.is_some());
    assert!(
        desk.claim_one(rows[0].copy, 4).claim.is_none(),
        "claimed once"
    );
}

#[test]
fn what_is_too_late_is_given_up_with_the_last_answer() {
    let mut desk = Fixture::new();
    let order = order("2026-08-24", Target::Relay);
    let run = desk
        .ledger
        .freeze(&order, [pages()], seats(4), at(0), &Stop::never())
        .unwrap();
    let claims = desk.claim(run, 3, 1);
    desk.settle(claims[0].copy, accepted(), 2);
    let deferred = Settled::Deferred {
        reply: Reply::new(451, "4.2.0 later"),
        next_try: at(60),
    };
    desk.settle(claims[1].copy, deferred, 2);
    assert_eq!(desk.ledger.close(run, at(3)).unwrap(), 2);
    assert_eq!(
        counts(desk.ledger.tally(run).unwrap()),
        [4, 1, 0, 0, 1, 2, 0]
    );
    let listed = desk.ledger.list(run, CopyStatus::GivenUp).unwrap();
    let why: Vec<&str> = listed.iter().map(|row| row.why.as_str()).collect();
    insta::assert_snapshot!(why.join("\n"), @"
    too late to be sent; the last answer was 451 4.2.0 later
    too late to be sent
    ");
}

#[test]
fn no_copy_waits_for_a_clock_that_ran_ahead() {
    let mut desk = Fixture::new();
    let order = order("2026-08-24", Target::Relay);
    let run = desk
        .ledger
        .freeze(&order, [pages()], seats(1), at(0), &Stop::never())
        .unwrap();
    let copy = desk.claim(run, 1, 1)[0].copy;
    let deferred = Settled::Deferred {
        reply: Reply::new(451, "later"),
        next_try: at(1_000_000_000),
    };
    desk.settle(copy, deferred, 1);
    desk.ledger.wait_no_longer(run, at(60)).unwrap();
    assert_eq!(
        desk.ledger.queued(run, 0, 1, at(0)).unwrap()[0].next_try,
        at(60)
    );
    assert!(desk.claim(run, 1, 2).is_empty());
    assert_eq!(desk.claim(run, 1, 60)[0].attempts, 1);
}

/// The wish comes while the audience is read: at its first seat, at one of a later batch, and at the very last one.
#[test]
fn a_stop_while_it_is_staged_freezes_nothing() {
    let readers = 25_000;
    for at_seat in [0, 15_000, readers - 1] {
        let mut desk = Fixture::new();
        let (stopper, stop) = Stop::new();
        let seats = seats(readers)
            .into_iter()
            .enumerate()
            .map(|(number, seat)| {
                if number == at_seat {
                    stopper.ask();
                }
                seat
            });
        let order = order("2026-08-24", Target::Relay);
        let frozen = desk.ledger.freeze(&order, [pages()], seats, at(0), &stop);
        assert!(matches!(frozen, Err(LedgerError::Asked(Stopped))));
        let run = desk.ledger.run(None, &order.slug, &Target::Relay).unwrap();
        assert!(run.is_none());
        // The next one begins anew.
        let next = desk.freeze(2);
        assert_eq!(counts(desk.ledger.tally(next).unwrap())[0], 2);
    }
}
