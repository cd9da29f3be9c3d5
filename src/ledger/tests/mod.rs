//! The ledger against a file, and against its own death at every step.

mod asks;

use proptest::prelude::*;

use super::*;
use crate::delivery::{Reply, Tally};
use crate::line::Line;
use crate::link::StoryKey;
use crate::pages::Slotted;
use crate::story::Printed;
use crate::subscriber::{LeftOut, Suppression};

fn at(second: i64) -> DateTime<Utc> {
    Utc.timestamp_opt(1_790_000_000 + second, 0).unwrap()
}

fn address(text: &str) -> crate::address::Address {
    crate::address::Address::parse(text).unwrap()
}

fn pages() -> Pages {
    Pages {
        subject: Line::clean("S"),
        opening: Line::clean("O"),
        html: Slotted::cut("h"),
        text: Slotted::cut("t"),
    }
}

fn newsletter() -> crate::newsletter::Newsletter {
    use crate::newsletter::{Language, Newsletter, Unsubscribe};
    Newsletter {
        id: "harbour".into(),
        name: Line::clean("Harbour"),
        from: crate::address::Mailbox::parse("The Harbour <digest@harbour.example>").unwrap(),
        reply_to: crate::address::Mailbox::parse("desk@harbour.example").ok(),
        site: crate::link::Link::parse("https://harbour.example/").unwrap(),
        address: Line::clean("1 Quay Street"),
        unsubscribe: Unsubscribe::parse("mailto:leave+it@harbour.example").ok(),
        language: Language::parse("en-GB").unwrap(),
        zone: crate::zone::Zone::bundled("Europe/Lisbon").unwrap(),
        link_query: None,
        public: None,
        bounces: None,
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
    }
}

fn seat(text: &str) -> Seat {
    Seat::Recipient {
        address: address(text),
        name: None,
        page_set: 0,
    }
}

fn seats(count: usize) -> Vec<Seat> {
    (0..count)
        .map(|n| seat(&format!("r{n}@example.org")))
        .collect()
}

fn accepted() -> Settled {
    Settled::Accepted(Reply::new(250, "2.0.0 ok"))
}

struct Desk {
    folder: tempfile::TempDir,
    ledger: Ledger,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&folder.path().join("l.db")).unwrap();
        Self { folder, ledger }
    }

    /// What the next process finds.
    fn die(self) -> Self {
        let Self { folder, ledger } = self;
        drop(ledger);
        let ledger = Ledger::open(&folder.path().join("l.db")).unwrap();
        Self { folder, ledger }
    }

    fn settle(&mut self, copy: i64, settled: Settled, second: i64) {
        let order = Order {
            settled: vec![Settlement { copy, settled }],
            ..Order::default()
        };
        self.ledger.commit(&order, at(second)).unwrap();
    }

    /// Claims up to `want` copies that are due.
    fn claim(&mut self, run: RunId, want: usize, second: i64) -> Vec<Claim> {
        let mut queued = self.ledger.queued(run, 0, 100).unwrap();
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
        let order = Order {
            claim: Some(copy),
            ..Order::default()
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

#[test]
fn a_copy_goes_its_way() {
    let mut desk = Desk::new();
    let mut all = seats(5);
    all.push(seat("R0@Example.org"));
    all.push(Seat::LeftOut {
        address: address("p@example.org"),
        why: LeftOut::Paused,
    });
    desk.ledger
        .suppress(&[address("r1@example.org")], Suppression::ByHand, at(0))
        .unwrap();
    let run = desk
        .ledger
        .freeze(&order("2026-08-24", Target::Relay), &[pages()], all, at(1))
        .unwrap();
    assert_eq!(
        counts(desk.ledger.tally(run).unwrap()),
        [7, 0, 0, 4, 0, 0, 3]
    );
    let left: Vec<String> = desk
        .ledger
        .list(run, Standing::LeftOut)
        .unwrap()
        .iter()
        .map(|row| format!("{} {}", row.address.reveal(), row.why))
        .collect();
    insta::assert_snapshot!(left.join("\n"), @"
    r1@example.org on the suppression list
    R0@example.org the address stands in the file twice
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
        desk.ledger.list(run, Standing::Rejected).unwrap()[0].why,
        "550 5.1.1 <r***@e***.org> unknown"
    );
    assert!(desk.claim(run, 1, 59).is_empty());
    assert_eq!(
        desk.ledger.queued(run, 0, 9).unwrap(),
        [Queued {
            copy: claims[2].copy,
            domain: "example.org".into(),
            next_try: at(60)
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
        desk.ledger.unfinished(&Target::Relay).unwrap().is_empty(),
        "a copy in doubt does not block the next edition"
    );
    desk.ledger
        .resend_in_doubt(run, Doubtful::Unskipped, at(62))
        .unwrap();
    assert_eq!(desk.claim(run, 9, 63)[0].reader, claims[3].reader);
}

#[test]
fn an_answer_never_overrules_an_earlier_one() {
    let mut desk = Desk::new();
    let run = desk
        .ledger
        .freeze(
            &order("2026-08-24", Target::Relay),
            &[pages()],
            seats(1),
            at(0),
        )
        .unwrap();
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
    let mut desk = Desk::new();
    let order = order("2026-08-24", Target::Relay);
    let run = desk.ledger.freeze(&order, &[pages()], seats(1), at(0));
    let run = run.unwrap();
    let reply = Reply::new(451, "4.2.1 later");
    let next_try = at(2);
    for settled in [Settled::Deferred { reply, next_try }, Settled::Untouched] {
        let claim = desk.claim(run, 1, 3).remove(0);
        desk.settle(claim.copy, settled, 4);
    }
    let queued = desk.ledger.list(run, Standing::Queued).unwrap();
    assert_eq!(queued[0].why.as_str(), "451 4.2.1 later");
}

#[test]
fn whoever_leaves_after_the_freeze_gets_nothing() {
    let mut desk = Desk::new();
    let run = desk
        .ledger
        .freeze(
            &order("2026-08-24", Target::Relay),
            &[pages()],
            seats(3),
            at(0),
        )
        .unwrap();
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
    let mut desk = Desk::new();
    let first = desk
        .ledger
        .freeze(
            &order("2026-08-23", Target::Relay),
            &[pages()],
            seats(2),
            at(0),
        )
        .unwrap();
    desk.ledger.write(|db| db.execute("INSERT INTO run (slug, newsletter, outbox, key, edition) VALUES ('2026-08-24', 'h', '', x'00', '')", [])).unwrap();
    desk.ledger.write(|db| db.execute("INSERT INTO copy (run, reader, state, page_set, attempts, next_try, changed) SELECT 99, 1, 0, 0, 0, 0, 0", [])).unwrap();
    let mut desk = desk.die();
    let slug = "2026-08-24".parse().unwrap();
    assert!(desk.ledger.run(&slug, &Target::Relay).unwrap().is_none());
    let run = desk
        .ledger
        .freeze(
            &order("2026-08-24", Target::Relay),
            &[pages()],
            seats(20_003),
            at(1),
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
    assert_eq!(desk.ledger.unfinished(&Target::Relay).unwrap().len(), 2);
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
    let mut desk = Desk::new();
    let run = desk
        .ledger
        .freeze(
            &order("2026-08-24", Target::Relay),
            &[pages()],
            seats(1),
            at(0),
        )
        .unwrap();
    desk.claim(run, 1, 1);
    assert_eq!(desk.ledger.unfinished(&Target::Relay).unwrap().len(), 1);
    desk.ledger.skip_in_doubt(run, at(2)).unwrap();
    assert_eq!(
        counts(desk.ledger.tally(run).unwrap()),
        [1, 0, 0, 0, 1, 0, 0]
    );
    assert!(desk.ledger.unfinished(&Target::Relay).unwrap().is_empty());
    // A plain send later leaves them alone; whoever asks for it gets them sent.
    let asked = |desk: &Desk, which| desk.ledger.in_doubt(run, which).unwrap();
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
fn a_letterhead_outlives_the_config() {
    let mut desk = Desk::new();
    let order = order("2026-08-24", Target::Relay);
    desk.ledger
        .freeze(&order, &[pages()], seats(1), at(0))
        .unwrap();
    let run = desk
        .ledger
        .run(&order.slug, &Target::Relay)
        .unwrap()
        .unwrap();
    let head = run.letterhead.unwrap();
    let mut changed = newsletter();
    changed.from = crate::address::Mailbox::parse("new@elsewhere.example").unwrap();
    changed.zone = crate::zone::Zone::utc();
    changed.unsubscribe = None;
    let restored = changed.under(&head).unwrap();
    assert_eq!(restored.letterhead(None), newsletter().letterhead(None));
    assert_eq!(run.newsletter, "harbour");
}

#[test]
fn who_is_suppressed_meanwhile_is_neither_claimed_nor_looked_at() {
    let mut desk = Desk::new();
    let order = order("2026-08-24", Target::Relay);
    let run = desk
        .ledger
        .freeze(&order, &[pages()], seats(2), at(0))
        .unwrap();
    let rows = desk.ledger.queued(run, 0, 9).unwrap();
    let look = Order {
        look: Some(rows[1].copy),
        ..Order::default()
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
    let mut desk = Desk::new();
    let order = order("2026-08-24", Target::Relay);
    let run = desk
        .ledger
        .freeze(&order, &[pages()], seats(4), at(0))
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
    let listed = desk.ledger.list(run, Standing::GivenUp).unwrap();
    let why: Vec<&str> = listed.iter().map(|row| row.why.as_str()).collect();
    insta::assert_snapshot!(why.join("\n"), @"
    too late to be sent; the last answer was 451 4.2.0 later
    too late to be sent
    ");
}

#[test]
fn no_copy_waits_for_a_clock_that_ran_ahead() {
    let mut desk = Desk::new();
    let order = order("2026-08-24", Target::Relay);
    let run = desk
        .ledger
        .freeze(&order, &[pages()], seats(1), at(0))
        .unwrap();
    let copy = desk.claim(run, 1, 1)[0].copy;
    let deferred = Settled::Deferred {
        reply: Reply::new(451, "later"),
        next_try: at(1_000_000_000),
    };
    desk.settle(copy, deferred, 1);
    desk.ledger.wait_no_longer(run, at(60)).unwrap();
    assert_eq!(desk.ledger.queued(run, 0, 1).unwrap()[0].next_try, at(60));
    assert!(desk.claim(run, 1, 2).is_empty());
    assert_eq!(desk.claim(run, 1, 60)[0].attempts, 1);
}

#[test]
fn only_a_real_send_is_remembered() {
    let mut desk = Desk::new();
    let (today, tomorrow) = ("2026-08-24".parse().unwrap(), "2026-08-25".parse().unwrap());
    let outbox = Target::Outbox("/tmp/o".into());
    let rehearsal = desk
        .ledger
        .freeze(
            &order("2026-08-24", outbox.clone()),
            &[pages()],
            seats(1),
            at(0),
        )
        .unwrap();
    let claim = desk.claim(rehearsal, 1, 1).remove(0);
    desk.settle(claim.copy, accepted(), 2);
    assert_eq!(
        (
            desk.ledger.last_edition(&tomorrow).unwrap(),
            desk.ledger.ran(at(-9), &tomorrow).unwrap().len()
        ),
        (None, 0)
    );
    assert!(desk.ledger.run(&today, &Target::Relay).unwrap().is_none());
    let run = desk
        .ledger
        .freeze(
            &order("2026-08-24", Target::Relay),
            &[pages()],
            seats(1),
            at(3),
        )
        .unwrap();
    assert_eq!(
        desk.ledger.ran(at(-9), &tomorrow).unwrap().len(),
        0,
        "frozen is not sent"
    );
    let claim = desk.claim(run, 1, 4).remove(0);
    desk.settle(claim.copy, accepted(), 5);
    assert_eq!(desk.ledger.last_edition(&tomorrow).unwrap(), Some(at(3)));
    assert_eq!(desk.ledger.last_edition(&today).unwrap(), None);
    let ran = desk.ledger.ran(at(-9), &tomorrow).unwrap();
    assert_eq!((&ran[0].slug, ran[0].at), (&today, at(3)));
    assert_eq!(ran[0].story, order("2026-08-24", Target::Relay).stories[0]);
    assert_eq!(
        desk.ledger.ran(at(4), &tomorrow).unwrap().len(),
        1,
        "the last editions are remembered however old they are"
    );
    assert_eq!(
        desk.ledger
            .runs()
            .unwrap()
            .iter()
            .map(|run| run.target.clone())
            .collect::<Vec<_>>(),
        [Target::Relay, outbox]
    );
    assert_eq!(desk.ledger.pages(run).unwrap(), [pages()]);
}

#[test]
fn the_suppression_list() {
    let mut desk = Desk::new();
    let (ada, bob) = (address("Ada@example.org"), address("bob@example.org"));
    assert_eq!(
        desk.ledger
            .suppress(&[ada.clone(), bob.clone()], Suppression::ByHand, at(0))
            .unwrap(),
        2
    );
    assert_eq!(
        desk.ledger
            .suppress(std::slice::from_ref(&ada), Suppression::Bounced, at(1))
            .unwrap(),
        0
    );
    let mut desk = desk.die();
    let list: Vec<_> = desk
        .ledger
        .suppressed()
        .unwrap()
        .iter()
        .map(|row| (row.address.reveal().to_owned(), row.reason, row.since))
        .collect();
    assert_eq!(
        list,
        [
            ("ada@example.org".to_owned(), Suppression::ByHand, at(0)),
            ("bob@example.org".to_owned(), Suppression::ByHand, at(0))
        ]
    );
    assert_eq!(
        (
            desk.ledger.unsuppress(&[ada.clone(), ada]).unwrap(),
            desk.ledger.suppressed().unwrap().len()
        ),
        (1, 1)
    );
}

#[test]
fn pages_fetched_are_remembered() {
    let mut desk = Desk::new();
    let page = Page {
        etag: Some("\"a\"".into()),
        last_modified: None,
        body: vec![0, 1],
    };
    desk.ledger
        .remember("https://a.example/", &page, at(0))
        .unwrap();
    assert_eq!(
        (
            desk.ledger.remembered("https://a.example/").unwrap(),
            desk.ledger.remembered("https://b.example/").unwrap()
        ),
        (Some(page), None)
    );
}

#[test]
fn what_is_no_ledger_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("l.db");
    let open = |path: &Path| {
        Ledger::open(path).err().map(|error| {
            error
                .to_string()
                .replace(&folder.path().display().to_string(), "DIR")
        })
    };
    std::fs::write(&path, "a letter to my aunt, long enough to have a header of one hundred bytes, which is what SQLite reads first of all").unwrap();
    let foreign = open(&path);
    std::fs::remove_file(&path).unwrap();
    Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE TABLE recipe (name TEXT)")
        .unwrap();
    let other = open(&path);
    Connection::open(&path)
        .unwrap()
        .execute_batch("PRAGMA user_version = 99")
        .unwrap();
    let newer = open(&path);
    let nowhere = open(&folder.path().join("no/l.db"));
    insta::assert_snapshot!([foreign, other, newer, nowhere].map(Option::unwrap_or_default).join("\n"), @"
    `DIR/l.db` is not a ledger of newsdigest
    `DIR/l.db` is not a ledger of newsdigest
    `DIR/l.db` was written by a newer newsdigest (version 99 of its tables, this one knows 5)
    `DIR/no/l.db` cannot be opened or made: expected a file in a folder that exists and may be written
    ");
}

#[test]
fn one_sender_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("l.db");
    let lock = SendLock::take(&path, at(0)).unwrap();
    let held = SendLock::take(&path, at(1)).unwrap_err().to_string();
    assert_eq!(
        held.replace(&std::process::id().to_string(), "PID"),
        "another run is sending (process PID since 2026-09-21T14:13:20Z)"
    );
    drop(lock);
    SendLock::take(&path, at(2)).unwrap();
    // A second name of the same ledger is no second lock.
    std::fs::write(&path, "").unwrap();
    let link = folder.path().join("link.db");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let _lock = SendLock::take(&path, at(3)).unwrap();
    SendLock::take(&link, at(4)).unwrap_err();
}

#[tokio::test]
async fn many_conversations_share_one_writer() {
    let mut desk = Desk::new();
    let run = desk
        .ledger
        .freeze(
            &order("2026-08-24", Target::Relay),
            &[pages()],
            seats(500),
            at(0),
        )
        .unwrap();
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
    let run = desk
        .ledger
        .freeze(
            &order("2026-08-24", Target::Relay),
            &[pages()],
            seats(20),
            at(0),
        )
        .unwrap();
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
        let run = desk.ledger.freeze(&order("2026-08-24", Target::Relay), &[pages()], seats(6), at(0)).unwrap();
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

#[test]
fn every_sentence() {
    let path = || std::path::PathBuf::from("paper/newsdigest.db");
    let all = [
        LedgerError::Foreign(path()),
        LedgerError::Newer {
            path: path(),
            found: 3,
            known: 1,
        },
        LedgerError::Full(path()),
        LedgerError::ReadOnly(path()),
        LedgerError::Busy(path()),
        LedgerError::Damaged(path()),
        LedgerError::Open(path()),
        LedgerError::Sql {
            path: path(),
            what: "disk I/O error".to_owned(),
        },
        LedgerError::Nonsense {
            what: "state 9".to_owned(),
        },
        LedgerError::Stopped,
    ];
    insta::assert_snapshot!(all.map(|error| error.to_string()).join("\n"), @"
    `paper/newsdigest.db` is not a ledger of newsdigest
    `paper/newsdigest.db` was written by a newer newsdigest (version 3 of its tables, this one knows 1)
    the disk of `paper/newsdigest.db` is full: what was committed before stands
    `paper/newsdigest.db` cannot be written: it or its folder is read-only
    `paper/newsdigest.db` is locked by another program
    `paper/newsdigest.db` is damaged; a copy of it should be kept before anything else is tried
    `paper/newsdigest.db` cannot be opened or made: expected a file in a folder that exists and may be written
    the ledger `paper/newsdigest.db` failed: disk I/O error
    the ledger holds `state 9` where it cannot stand
    the ledger's writer has stopped
    ");
}

#[test]
fn a_full_disk_and_a_lock_are_said_and_leave_nothing_half_done() {
    let mut desk = Desk::new();
    let order = order("2026-08-24", Target::Relay);
    let pages_of = |db: &Connection| -> i64 {
        db.pragma_query_value(None, "page_count", |row| row.get(0))
            .unwrap()
    };
    let pages_now = pages_of(&desk.ledger.connection);
    desk.ledger
        .connection
        .pragma_update(None, "max_page_count", pages_now + 8)
        .unwrap();
    let full = desk
        .ledger
        .freeze(&order, &[pages()], seats(5_000), at(1))
        .unwrap_err();
    assert!(matches!(full, LedgerError::Full(_)), "{full}");
    assert!(desk.ledger.runs().unwrap().is_empty());

    let other = Connection::open(&desk.ledger.path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    desk.ledger
        .connection
        .busy_timeout(std::time::Duration::ZERO)
        .unwrap();
    let busy = desk
        .ledger
        .suppress(&[address("r1@example.org")], Suppression::ByHand, at(2))
        .unwrap_err();
    assert!(matches!(busy, LedgerError::Busy(_)), "{busy}");
    other.execute_batch("ROLLBACK").unwrap();

    // With room and without the lock the same things work.
    desk.ledger
        .connection
        .pragma_update(None, "max_page_count", 1_000_000)
        .unwrap();
    let run = desk
        .ledger
        .freeze(&order, &[pages()], seats(5_000), at(3))
        .unwrap();
    assert_eq!(
        counts(desk.ledger.tally(run).unwrap()),
        [5_000, 0, 0, 5_000, 0, 0, 0]
    );
}
