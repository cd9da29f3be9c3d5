//! Several relays: whose each copy is, also when one is gone.

use super::*;

impl Fixture {
    fn claim_for(&mut self, copy: i64, relay: RelayId, second: i64) {
        let order = CommitRequest {
            claim: Some(copy),
            claimed_for: Some(relay),
            ..CommitRequest::default()
        };
        assert!(
            self.ledger
                .commit(&order, at(second))
                .unwrap()
                .claim
                .is_some()
        );
    }

    fn whose(&self, run: RunId) -> Vec<(i64, Option<RelayId>, bool)> {
        let rows = self.ledger.queued(run, 0, 100, at(99)).unwrap();
        rows.into_iter()
            .map(|row| (row.copy, row.relay, row.is_doubtful))
            .collect()
    }
}

#[test]
fn what_a_relay_may_have_goes_to_no_other_unless_a_person_asks_for_it() {
    let mut desk = Fixture::new();
    let run = desk.freeze(4);
    let [one, two] = ["one", "two"].map(|name| desk.ledger.relay(name).unwrap());
    assert_eq!(desk.ledger.relay("one").unwrap(), one);
    let all: Vec<i64> = desk.whose(run).iter().map(|row| row.0).collect();
    desk.claim_for(all[0], one, 1);
    desk.claim_for(all[1], two, 1);
    desk.claim_for(all[2], two, 1);
    desk.settle(all[2], accepted(), 2);
    desk = desk.die();
    let names = [Some("one".to_owned()), Some("two".to_owned())];
    let unanswered = desk.ledger.unanswered(run).unwrap();
    let expected = names.map(|relay| Unanswered {
        claimed: at(1),
        relay,
    });
    assert_eq!(unanswered, expected);
    // `two` is not in the config any more.
    let keep = |desk: &mut Fixture| desk.ledger.keep_in_doubt(run, two, at(3)).unwrap();
    assert_eq!((keep(&mut desk), keep(&mut desk)), (1, 0));
    let resend = |desk: &mut Fixture, which| {
        desk.ledger.resend_in_doubt(run, which, at(4)).unwrap();
        desk.whose(run)
    };
    let fresh = (all[3], None, false);
    let found = resend(&mut desk, Doubtful::Unskipped);
    assert_eq!(found, [(all[0], Some(one), true), fresh]);
    let why = desk.ledger.list(run, CopyStatus::InDoubt).unwrap();
    assert_eq!(
        why[0].why,
        "the relay `two` may have it, and is not in the config; not sent by another"
    );
    // A kill does not free it, nor does its relay's going.
    desk = desk.die();
    assert_eq!(desk.whose(run), found);
    assert_eq!(
        desk.ledger.keep_in_doubt(run, one, at(5)).unwrap(),
        1,
        "`one` is gone now"
    );
    let freed = [
        (all[0], Some(one), false),
        (all[1], Some(two), false),
        fresh,
    ];
    assert_eq!(resend(&mut desk, Doubtful::All), freed);
}

#[test]
fn each_relays_tally_and_why_it_was_left() {
    let mut desk = Fixture::new();
    let run = desk.freeze(3);
    assert!(desk.ledger.relays(run).unwrap().is_empty());
    let [one, two] = ["one", "two"].map(|name| desk.ledger.relay(name).unwrap());
    let copies: Vec<i64> = desk.whose(run).iter().map(|row| row.0).collect();
    desk.claim_for(copies[0], one, 1);
    desk.settle(copies[0], accepted(), 1);
    desk.claim_for(copies[1], one, 1);
    let left = CommitRequest {
        left: Some(RelayLeft {
            run,
            relay: two,
            why: Line::clean("it hung up"),
        }),
        ..CommitRequest::default()
    };
    desk.ledger.commit(&left, at(2)).unwrap();
    let tally = Tally {
        subscribers: 2,
        accepted: 1,
        in_doubt: 1,
        ..Tally::default()
    };
    let of_one = RelayTally {
        relay: "one".into(),
        tally,
        left: None,
    };
    let of_two = RelayTally {
        relay: "two".into(),
        tally: Tally::default(),
        left: Some((at(2), Line::clean("it hung up"))),
    };
    assert_eq!(desk.ledger.relays(run).unwrap(), [of_one.clone(), of_two]);
    desk.ledger.try_all_relays(run).unwrap();
    assert_eq!(desk.ledger.relays(run).unwrap(), [of_one]);
}

#[test]
fn a_new_relay_begins_with_readers_whose_letters_were_taken_and_never_came_back() {
    let mut desk = Fixture::new();
    let first = desk.freeze(4);
    let claims = desk.claim(first, 4, 1);
    // r0 was refused, and of r1 a letter came back.
    desk.settle(
        claims[0].copy,
        Settled::Rejected(Reply::new(550, "5.7.1 no")),
        2,
    );
    for claim in &claims[1..] {
        desk.settle(claim.copy, accepted(), 2);
    }
    let refused = CommitRequest {
        refused: vec![Refused {
            copy: claims[1].copy,
            class: crate::bounce::Class::Temporary,
            words: Line::clean("4.4.1 later"),
            patience: Patience {
                soft: 3,
                within: chrono::TimeDelta::days(14),
            },
        }],
        ..CommitRequest::default()
    };
    desk.ledger.commit(&refused, at(3)).unwrap();
    let next = order("2026-08-25", Target::Relay);
    let run = desk
        .ledger
        .freeze(&next, [pages()], seats(5), at(4), &Stop::never())
        .unwrap();
    let rows = desk.ledger.queued(run, 0, 9, at(4)).unwrap();
    let readers = |most, wanted: &dyn Fn(&str) -> bool| {
        let copies = desk.ledger.steadiest(run, most, wanted).unwrap();
        let place = |copy: i64| rows.iter().position(|row| row.copy == copy).unwrap();
        copies.into_iter().map(place).collect::<Vec<_>>()
    };
    assert_eq!(readers(9, &|_| true), [2, 3, 0, 4, 1]);
    assert_eq!(readers(3, &|domain| domain == "example.org"), [2, 3, 0]);
    assert!(readers(9, &|_| false).is_empty());
}
