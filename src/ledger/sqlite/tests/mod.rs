//! The ledger against a file, and against its own death at every step.

mod asks;
mod bounces;
mod copies;
mod file;
mod hostile;
mod large;
mod memory;
mod relays;
mod results;
mod subscribers;
mod writer;

use proptest::prelude::*;

use super::*;
use crate::ledger::*;
use crate::model::delivery::{Reply, Tally};
use crate::model::line::Line;
use crate::model::link::StoryKey;
use crate::model::pages::{Pages, Slotted};
use crate::model::stop::{Stop, Stopped};
use crate::model::story::Printed;
use crate::model::subscriber::{LeftOut, Suppression};

fn at(second: i64) -> DateTime<Utc> {
    Utc.timestamp_opt(1_790_000_000 + second, 0).unwrap()
}

fn address(text: &str) -> crate::model::address::Address {
    crate::model::address::Address::parse(text).unwrap()
}

fn pages() -> Pages {
    Pages {
        subject: Line::clean("S"),
        opening: Line::clean("O"),
        html: Slotted::cut("h"),
        text: Slotted::cut("t"),
    }
}

fn newsletter() -> crate::model::newsletter::Newsletter {
    use crate::model::newsletter::{Language, Newsletter, Unsubscribe};
    Newsletter {
        id: "harbour".into(),
        name: Line::clean("Harbour"),
        from: crate::model::address::Mailbox::parse("The Harbour <digest@harbour.example>")
            .unwrap(),
        reply_to: crate::model::address::Mailbox::parse("desk@harbour.example").ok(),
        site: crate::model::link::Link::parse("https://harbour.example/").unwrap(),
        address: Line::clean("1 Quay Street"),
        unsubscribe: Unsubscribe::parse("mailto:leave+it@harbour.example").ok(),
        language: Language::parse("en-GB").unwrap(),
        zone: crate::model::zone::Zone::bundled("Europe/Lisbon").unwrap(),
        link_query: None,
        public: None,
        bounces: None,
        is_complaint_address_told: false,
        headers: Vec::new(),
    }
}

fn order(day: &str, target: Target) -> Freeze {
    let stories = vec![Printed {
        key: StoryKey::of_path("/ferry"),
        headline: Line::clean("Ferry"),
        dek: Line::non_empty("On Monday."),
        published: Some(at(-60)),
    }];
    Freeze {
        slug: day.parse().unwrap(),
        newsletter: "harbour".into(),
        letterhead: newsletter().letterhead(None),
        target,
        edition: "e".into(),
        key: [7; 16],
        stories,
        releases: Vec::new(),
        is_alert: false,
        let_go: None,
        corrects: None,
    }
}

fn seat(text: &str) -> Seat {
    Seat::Recipient {
        address: address(text),
        name: None,
        page_set: 0,
        release: None,
    }
}

fn seats(count: usize) -> Vec<Result<Seat, LedgerError>> {
    (0..count)
        .map(|n| Ok(seat(&format!("r{n}@example.org"))))
        .collect()
}

fn accepted() -> Settled {
    Settled::Accepted(Reply::new(250, "2.0.0 ok"))
}

struct Fixture {
    folder: tempfile::TempDir,
    ledger: Ledger,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&LedgerFile::new(
            folder.path().join("l.db"),
            folder.path(),
            "x",
        ))
        .unwrap();
        Self { folder, ledger }
    }

    /// An edition for so many readers, frozen for the relay.
    fn freeze(&mut self, readers: usize) -> RunId {
        let order = order("2026-08-24", Target::Relay);
        let run = self
            .ledger
            .freeze(&order, [pages()], seats(readers), at(0), &Stop::never());
        run.unwrap()
    }

    /// What the next process finds.
    fn die(self) -> Self {
        let Self { folder, ledger } = self;
        drop(ledger);
        let ledger = Ledger::open(&LedgerFile::new(
            folder.path().join("l.db"),
            folder.path(),
            "x",
        ))
        .unwrap();
        Self { folder, ledger }
    }

    fn settle(&mut self, copy: i64, settled: Settled, second: i64) {
        let order = CommitRequest {
            settled: vec![Settlement { copy, settled }],
            ..CommitRequest::default()
        };
        self.ledger.commit(&order, at(second)).unwrap();
    }

    /// Claims up to `want` copies that are due.
    fn claim(&mut self, run: RunId, want: usize, second: i64) -> Vec<Claim> {
        let mut queued = self.ledger.queued(run, 0, 100, at(0)).unwrap();
        queued.retain(|row| row.next_try <= at(second));
        let mut claims = Vec::new();
        for row in queued {
            if claims.len() < want {
                claims.extend(self.claim_one(row.copy, second).claim);
            }
        }
        claims
    }

    fn claim_one(&mut self, copy: i64, second: i64) -> Claimed {
        let order = CommitRequest {
            claim: Some(copy),
            ..CommitRequest::default()
        };
        self.ledger.commit(&order, at(second)).unwrap()
    }
}

fn counts(tally: Tally) -> [u64; 7] {
    assert!(tally.balances(), "{tally:?}");
    [
        tally.subscribers,
        tally.accepted,
        tally.rejected,
        tally.queued,
        tally.in_doubt,
        tally.given_up,
        tally.left_out,
    ]
}
