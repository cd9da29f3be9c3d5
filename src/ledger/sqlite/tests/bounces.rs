//! What came back, and when that is reason enough to stop.

use super::*;
use crate::bounce::Class;
use crate::ledger::policy::BOUNCES_OF_A_READER as MOST;
use crate::model::address::Address;
use Class::{AboutUs, Hard, Soft, Temporary};
use chrono::TimeDelta;

const PATIENCE: Patience = Patience {
    soft: 3,
    within: TimeDelta::days(14),
};

fn day(day: i64) -> DateTime<Utc> {
    instant(1_787_550_300_000) + TimeDelta::days(day)
}

struct Case {
    ledger: Ledger,
    _folder: tempfile::TempDir,
}

impl Case {
    /// A ledger that knows one reader, by the number 1.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&LedgerFile::new(
            folder.path().join("ledger.db"),
            folder.path(),
            "x",
        ))
        .unwrap();
        ledger
            .suppress(&[ada()], Suppression::ByHand, day(0))
            .unwrap();
        ledger.unsuppress(&[ada()]).unwrap();
        Self {
            ledger,
            _folder: folder,
        }
    }

    fn note(&mut self, what: Comeback, number: u8, run: u64, at: i64, now: i64) -> BounceOutcome {
        let returned = Returned {
            reader: 1,
            run,
            what,
            words: Line::clean("550 5.1.1 user unknown"),
            at: day(at),
            digest: [number; 16],
        };
        self.ledger
            .note_returned(&[returned], PATIENCE, day(now))
            .unwrap()
            .remove(0)
    }

    fn reasons(&self) -> Vec<Suppression> {
        let all = self.ledger.suppressed().unwrap().rows;
        all.iter().map(|one| one.reason).collect()
    }
}

fn ada() -> Address {
    Address::parse("ada@example.org").unwrap()
}

#[test]
fn what_suppresses() {
    for (what, expected) in [
        (Comeback::Failed(Hard), vec![Suppression::Bounced]),
        (Comeback::Complained, vec![Suppression::Complained]),
        (Comeback::Failed(Soft), vec![]),
        (Comeback::Failed(Temporary), vec![]),
        (Comeback::Failed(AboutUs), vec![]),
    ] {
        let mut case = Case::new();
        case.note(what, 1, 1, 0, 0);
        assert_eq!(case.reasons(), expected, "{what:?}");
    }
}

#[test]
fn read_twice_it_counts_once() {
    let mut case = Case::new();
    assert_eq!(
        case.note(Comeback::Failed(Hard), 1, 1, 0, 0),
        BounceOutcome::Suppressed(Some(ada()))
    );
    case.ledger.unsuppress(&[ada()]).unwrap();
    assert_eq!(
        case.note(Comeback::Failed(Hard), 1, 1, 0, 1),
        BounceOutcome::Known
    );
    assert_eq!(case.reasons(), []);
    assert_eq!(case.ledger.came_back(&ada()).unwrap().len(), 1);
}

#[test]
fn soft_ones_count_by_edition_within_the_time() {
    let soft = Comeback::Failed(Soft);
    let mut case = Case::new();
    // Three reports of one edition, an old one, and a temporary one: only two count.
    for (number, run, at) in [(1, 7, 20), (2, 7, 20), (3, 7, 21), (4, 8, 1)] {
        assert_eq!(case.note(soft, number, run, at, 21), BounceOutcome::Noted);
    }
    assert_eq!(
        case.note(Comeback::Failed(Temporary), 5, 9, 21, 21),
        BounceOutcome::Noted
    );
    assert_eq!(case.note(soft, 6, 10, 21, 21), BounceOutcome::Noted);
    assert_eq!(
        case.note(soft, 7, 11, 99, 21),
        BounceOutcome::Suppressed(Some(ada()))
    );
    assert_eq!(case.reasons(), [Suppression::Bounced]);
    // Lifted by hand: what led to it does not count again.
    case.ledger.unsuppress(&[ada()]).unwrap();
    assert_eq!(case.note(soft, 8, 12, 22, 22), BounceOutcome::Noted);
    assert_eq!(case.reasons(), []);
}

#[test]
fn an_earlier_reason_stays() {
    let mut case = Case::new();
    case.ledger
        .suppress(&[ada()], Suppression::ByHand, day(0))
        .unwrap();
    assert_eq!(
        case.note(Comeback::Complained, 1, 1, 0, 0),
        BounceOutcome::Noted
    );
    assert_eq!(case.reasons(), [Suppression::ByHand]);
}

#[test]
fn strangers_and_floods() {
    let mut case = Case::new();
    let mut returned = Returned {
        reader: 2,
        run: 1,
        what: Comeback::Failed(Hard),
        words: Line::clean("x"),
        at: day(0),
        digest: [0; 16],
    };
    for reader in [0, 2, u64::MAX] {
        returned.reader = reader;
        let outcome = case
            .ledger
            .note_returned(std::slice::from_ref(&returned), PATIENCE, day(0));
        assert_eq!(outcome.unwrap(), [BounceOutcome::Stranger], "{reader}");
    }
    returned.reader = 1;
    returned.what = Comeback::Failed(AboutUs);
    let flood: Vec<Returned> = (0..=MOST)
        .map(|number| {
            let mut one = returned.clone();
            one.digest[..4].copy_from_slice(&number.to_be_bytes());
            one
        })
        .collect();
    let outcomes = case.ledger.note_returned(&flood, PATIENCE, day(0)).unwrap();
    assert_eq!(outcomes.last(), Some(&BounceOutcome::Known));
    assert_eq!(case.ledger.came_back(&ada()).unwrap().len(), MOST as usize);
}

/// Complaints about a run whose copies were deleted would be told beside the letters of others.
#[test]
fn complaints_are_told_of_runs_whose_copies_are_kept() {
    let mut desk = Fixture::new();
    let first = desk.freeze(3);
    let rates = |desk: &Fixture| {
        let all = desk.ledger.complaint_rates(at(-1)).unwrap();
        all.map(|one| (one.complaints, one.accepted))
    };
    let complain = |desk: &mut Fixture, reader: u64, run: RunId| {
        let returned = Returned {
            reader,
            run: run.0.cast_unsigned(),
            what: Comeback::Complained,
            words: Line::clean("called spam"),
            at: at(50),
            digest: [0; 16],
        };
        desk.ledger
            .note_returned(&[returned], PATIENCE, at(60))
            .unwrap();
    };
    for copy in 1..=3 {
        desk.claim_one(copy, 1);
        desk.settle(copy, accepted(), 1);
    }
    assert_eq!(rates(&desk), [(0, 0); 4], "nobody is counted for nothing");
    complain(&mut desk, 1, first);
    assert_eq!(rates(&desk)[3], (1, 3));
    let order = order("2026-08-25", Target::Relay);
    let seats = [Ok(seat("r2@example.org")), Ok(seat("ada@gmail.com"))];
    let frozen = (desk.ledger).freeze(&order, [pages()], seats, at(10), &Stop::never());
    let second = frozen.unwrap();
    for copy in 4..=5 {
        desk.claim_one(copy, 11);
        desk.settle(copy, accepted(), 11);
    }
    assert_eq!(rates(&desk), [(0, 1), (0, 0), (0, 0), (1, 4)]);
    desk.ledger.prune(at(5), 100).unwrap();
    complain(&mut desk, 3, second);
    assert_eq!(rates(&desk), [(0, 1), (0, 0), (0, 0), (1, 1)]);
}
