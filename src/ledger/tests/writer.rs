//! Many conversations and one writer.

use super::*;

#[tokio::test]
async fn many_conversations_share_one_writer() {
    let mut desk = Desk::new();
    let run = desk.freeze(500);
    let (writer, thread) = Writer::start(desk.ledger, run);
    let mut tasks = tokio::task::JoinSet::new();
    let mut rows = writer.queued(0, 1_000).await.unwrap();
    for _ in 0..8 {
        let writer = writer.clone();
        let mut mine = rows.split_off(rows.len().saturating_sub(63));
        tasks.spawn(async move {
            let (mut order, mut readers) = (Order::default(), Vec::new());
            while let Some(row) = mine.pop() {
                order.claim = Some(row.copy);
                order.look = mine.last().map(|next| next.copy);
                let claimed = writer.commit(std::mem::take(&mut order), at(1)).await;
                let Claimed { claim, ahead } = claimed.unwrap();
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
    let mut desk = Desk::new();
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
            let order = Order {
                settled: vec![settlement],
                ..Order::default()
            };
            (claim.copy, writer.commit(order, at(2)).await)
        }
    });
    // All wait at once, so they go into few groups.
    for (copy, answer) in futures_util::future::join_all(settled).await {
        assert_eq!(answer.is_err(), copy == bad, "{answer:?}");
    }
    drop(writer);
    let ledger = thread.finish().await.unwrap();
    assert_eq!(counts(ledger.tally(run).unwrap()), [20, 19, 0, 0, 1, 0, 0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn whatever_happens_the_tally_balances(steps in proptest::collection::vec((0_u8..9, 0_usize..6), 1..60)) {
        let mut desk = Desk::new();
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
