//! Many conversations and one writer.

use super::*;

#[tokio::test]
async fn many_conversations_share_one_writer() {
    let mut desk = Fixture::new();
    let run = desk.freeze(500);
    let (writer, thread) = Writer::start(desk.ledger, run);
    let mut tasks = tokio::task::JoinSet::new();
    let mut rows = writer.queued(0, 1_000, at(0)).await.unwrap();
    for _ in 0..8 {
        let writer = writer.clone();
        let mut mine = rows.split_off(rows.len().saturating_sub(63));
        tasks.spawn(async move {
            let (mut order, mut readers) = (CommitRequest::default(), Vec::new());
            while let Some(row) = mine.pop() {
                order.claim = Some(row.copy);
                order.look = mine.last().map(|next| next.copy);
                let claimed = writer.commit(std::mem::take(&mut order), at(1)).await;
                let Claimed { claim, ahead, .. } = claimed.unwrap();
                let claim = claim.unwrap();
                assert_eq!(
                    ahead.map(|ahead| ahead.copy),
                    mine.last().map(|next| next.copy)
                );
                readers.push(claim.reader);
                order.settled.push(Settlement {
                    copy: claim.copy,
                    settled: accepted(),
                });
            }
            writer.commit(order, at(1)).await.unwrap();
            readers
        });
    }
    let mut readers = tasks.join_all().await.concat();
    drop(writer);
    let ledger = thread.finish().await.unwrap();
    readers.sort_unstable();
    readers.dedup();
    assert_eq!(
        (readers.len(), counts(ledger.tally(run).unwrap())),
        (500, [500, 500, 0, 0, 0, 0, 0])
    );
}

#[tokio::test]
async fn one_row_that_fails_fails_alone() {
    let mut desk = Fixture::new();
    let run = desk.freeze(20);
    let claims = desk.claim(run, 20, 1);
    let bad = claims[7].copy;
    desk.ledger
        .connection
        .execute_batch(&format!("CREATE TRIGGER bad BEFORE UPDATE ON copy WHEN new.id = {bad} BEGIN SELECT raise(ABORT, 'bad'); END"))
        .unwrap();
    let (writer, thread) = Writer::start(desk.ledger, run);
    let settled = claims.iter().map(|claim| {
        let settlement = Settlement {
            copy: claim.copy,
            settled: accepted(),
        };
        let writer = writer.clone();
        async move {
            let order = CommitRequest {
                settled: vec![settlement],
                ..CommitRequest::default()
            };
            (claim.copy, writer.commit(order, at(2)).await)
        }
    });
    // All wait at once, so they go into few groups.
    for (copy, answer) in futures_util::future::join_all(settled).await {
        let answer = answer.unwrap();
        assert_eq!(
            answer.set_aside.len(),
            usize::from(copy == bad),
            "{answer:?}"
        );
    }
    drop(writer);
    let mut ledger = thread.finish().await.unwrap();
    assert_eq!(counts(ledger.tally(run).unwrap()), [20, 19, 0, 0, 1, 0, 0]);
    // Its letter may have arrived, and the next run leaves it alone.
    assert_eq!(ledger.in_doubt(run, Doubtful::Unskipped).unwrap(), 0);
    ledger.resend_in_doubt(run, Doubtful::All, at(3)).unwrap();
    assert_eq!(counts(ledger.tally(run).unwrap()), [20, 19, 0, 0, 1, 0, 0]);
}

/// A trigger `bad` under which a statement about that copy fails.
fn trigger(ledger: &Ledger, when: &str, then: &str) {
    let event = format!(
        "DROP TRIGGER IF EXISTS bad; CREATE TRIGGER bad BEFORE UPDATE ON copy WHEN {when} BEGIN SELECT raise({then}); END"
    );
    ledger.connection.execute_batch(&event).unwrap();
}

/// A claim, each way of settling and a row that is left as it was without a word: one copy is set aside, and the claim beside it is made.
#[tokio::test]
async fn a_row_that_is_refused_is_set_aside_where_it_belongs() {
    let reply = || Reply::new(451, "4.2.1 later");
    for (settled, then, expected) in [
        (None, "ABORT, 'bad'", CopyStatus::LeftOut),
        (None, "IGNORE", CopyStatus::LeftOut),
        (None, "ROLLBACK, 'bad'", CopyStatus::LeftOut),
        (Some(accepted()), "ABORT, 'bad'", CopyStatus::InDoubt),
        (Some(accepted()), "IGNORE", CopyStatus::InDoubt),
        (Some(Settled::InDoubt), "FAIL, 'bad'", CopyStatus::InDoubt),
        (
            Some(Settled::Rejected(reply())),
            "ABORT, 'bad'",
            CopyStatus::LeftOut,
        ),
        (Some(Settled::Untouched), "IGNORE", CopyStatus::LeftOut),
        (
            Some(Settled::Deferred {
                reply: reply(),
                next_try: at(9),
            }),
            "ABORT, 'bad'",
            CopyStatus::LeftOut,
        ),
    ] {
        let mut desk = Fixture::new();
        let run = desk.freeze(3);
        let rows = desk.ledger.queued(run, 0, 9, at(0)).unwrap();
        let (bad, other) = (rows[0].copy, rows[1].copy);
        let mut order = CommitRequest {
            claim: Some(bad),
            ..CommitRequest::default()
        };
        if let Some(settled) = &settled {
            desk.claim_one(bad, 1);
            let settled = settled.clone();
            order.settled = vec![Settlement { copy: bad, settled }];
            order.claim = Some(other);
        }
        trigger(&desk.ledger, &format!("new.id = {bad}"), then);
        let (writer, thread) = Writer::start(desk.ledger, run);
        let claimed = writer.commit(order, at(2)).await.unwrap();
        drop(writer);
        let ledger = thread.finish().await.unwrap();
        assert_eq!(claimed.set_aside.len(), 1, "{settled:?} {then}");
        assert_eq!(claimed.claim.is_some(), settled.is_some());
        let listed = ledger.list(run, expected).unwrap();
        assert_eq!(
            listed[0].address.as_str(),
            "r0@example.org",
            "{settled:?} {then}"
        );
        assert!(
            listed[0].why.as_str().contains("the ledger fails at"),
            "{listed:?}"
        );
        assert!(ledger.tally(run).unwrap().balances());
    }
}

/// What is refused for every row is no matter of one: nobody is left out for it.
#[tokio::test]
async fn a_ledger_that_refuses_every_row_sets_nobody_aside() {
    for when in ["new.state = 1", "1"] {
        let mut desk = Fixture::new();
        let run = desk.freeze(2);
        let claim = Some(desk.ledger.queued(run, 0, 9, at(0)).unwrap()[0].copy);
        trigger(&desk.ledger, when, "ABORT, 'no claims today'");
        let (writer, thread) = Writer::start(desk.ledger, run);
        let order = CommitRequest {
            claim,
            ..CommitRequest::default()
        };
        let failed = writer.commit(order, at(2)).await.unwrap_err();
        assert!(failed.to_string().contains("no claims today"), "{failed}");
        drop(writer);
        let ledger = thread.finish().await.unwrap();
        assert_eq!(counts(ledger.tally(run).unwrap()), [2, 0, 0, 2, 0, 0, 0]);
    }
}

/// The statements about all copies of a run: one that is refused costs nobody else anything.
#[test]
fn one_refused_row_does_not_keep_a_run_from_going_on() {
    let mut desk = Fixture::new();
    let run = desk.freeze(3);
    let claims = desk.claim(run, 3, 1);
    let bad = format!("new.id = {}", claims[1].copy);
    trigger(&desk.ledger, &bad, "ABORT, 'bad'");
    desk.ledger
        .resend_in_doubt(run, Doubtful::Unskipped, at(2))
        .unwrap();
    assert_eq!(
        counts(desk.ledger.tally(run).unwrap()),
        [3, 0, 0, 2, 1, 0, 0]
    );
    assert_eq!(desk.ledger.in_doubt(run, Doubtful::Unskipped).unwrap(), 0);
    let bad = format!("new.id = {}", claims[2].copy);
    trigger(&desk.ledger, &bad, "ABORT, 'bad'");
    assert_eq!(desk.ledger.close(run, at(3)).unwrap(), 1);
    assert_eq!(
        counts(desk.ledger.tally(run).unwrap()),
        [3, 0, 0, 0, 1, 1, 1]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn whatever_happens_the_tally_balances(steps in proptest::collection::vec((0_u8..9, 0_usize..6), 1..60)) {
        let mut desk = Fixture::new();
        let run = desk.freeze(6);
        let mut claims: Vec<Claim> = Vec::new();
        let mut done = std::collections::HashSet::new();
        for (second, (step, which)) in (1..).zip(steps) {
            match step {
                0 => claims.extend(desk.claim(run, which, second)),
                1 => { desk = desk.die(); claims.clear(); }
                2 => desk.ledger.resend_in_doubt(run, Doubtful::All, at(second)).unwrap(),
                3 => desk.ledger.skip_in_doubt(run, at(second)).unwrap(),
                4 => { desk.ledger.suppress(&[address(&format!("r{which}@example.org"))], Suppression::ByHand, at(second)).unwrap(); }
                _ if claims.is_empty() => {}
                _ => {
                    let claim = claims.swap_remove(which % claims.len());
                    let settled = match step {
                        5 => Settled::Rejected(Reply::new(550, "no")),
                        6 => Settled::Deferred { reply: Reply::new(451, "later"), next_try: at(second + 2) },
                        7 => Settled::Untouched,
                        _ => accepted(),
                    };
                    desk.settle(claim.copy, settled, second);
                }
            }
            let tally = desk.ledger.tally(run).unwrap();
            prop_assert!(tally.balances() && tally.subscribers == 6, "{tally:?}");
            // Accepted is the end: the number never falls.
            prop_assert!(tally.accepted >= done.len() as u64);
            for row in 0..tally.accepted { done.insert(row); }
        }
    }
}
