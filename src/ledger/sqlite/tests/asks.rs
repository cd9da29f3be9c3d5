//! What readers ask for, against a file and against a send in progress. One file, since all of it goes by one desk.

use super::*;
use crate::model::reader::{Preferences, ReaderId, SignUp, SignUpId, Switched};
use crate::model::rhythm::{Frequency, Rhythm};
use crate::model::subscriber::Paused;
use crate::model::token::{Purpose, Token};

/// What one reader asks for is on the disk when it comes back.
impl Fixture {
    fn write<T>(&self, work: impl AsyncFnOnce(&ReadersWriter) -> Result<T, LedgerError>) -> T {
        let ledger = Ledger::open(&LedgerFile::new(
            self.folder.path().join("l.db"),
            self.folder.path(),
            "x",
        ))
        .unwrap();
        let (writer, thread) = ReadersWriter::start(ledger);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let answer = runtime.block_on(work(&writer)).unwrap();
        drop(writer);
        thread.finish().unwrap();
        answer
    }

    pub(super) fn leave(&self, number: u64, second: i64) -> bool {
        self.write(async |writer| writer.leave(reader(number), at(second)).await)
    }

    pub(super) fn sign_up(&self, text: &str, second: i64) -> bool {
        let sign_up = SignUp {
            address: address(text),
            name: Line::non_empty("Ada"),
            sections: vec![Line::clean("News")],
            newsletters: Vec::new(),
            alerts: false,
            form: Line::clean("page 1"),
            consent: Line::clean("I would like to receive it."),
            client: "192.0.2.7".parse().ok(),
        };
        self.write(async |writer| writer.sign_up(sign_up, at(second)).await)
    }

    pub(super) fn confirm(&self, number: u64, second: i64) -> Option<u64> {
        let reader = self.write(async |writer| {
            writer
                .confirm(
                    sign_up_id(number),
                    at(second),
                    at(second).date_naive(),
                    None,
                )
                .await
        });
        reader.map(ReaderId::number)
    }

    pub(super) fn prefer(&self, number: u64, name: &str, second: i64) -> bool {
        self.write(async |writer| {
            writer
                .change(
                    reader(number),
                    prefers(name),
                    Switched::default(),
                    at(second),
                )
                .await
        })
    }

    pub(super) fn erase(&self, number: u64, second: i64) -> bool {
        self.write(async |writer| writer.erase(reader(number), at(second)).await)
    }

    /// Grows when somebody else has committed something.
    fn writes(&self) -> i64 {
        self.ledger
            .connection
            .pragma_query_value(None, "data_version", |row| row.get(0))
            .unwrap()
    }

    pub(super) fn waiting(&mut self, second: i64) -> Vec<WaitingLetter> {
        self.ledger
            .letters_waiting(100, at(second))
            .unwrap()
            .waiting
    }
}

impl Ledger {
    /// For tests of what happens when the ledger fails, or holds what takes long to make.
    pub(crate) fn execute(&self, sql: &str) {
        self.connection.execute_batch(sql).unwrap();
    }
}

fn token(purpose: Purpose, number: u64) -> Token {
    Token {
        purpose,
        number,
        run: 0,
    }
}

pub(super) fn reader(number: u64) -> ReaderId {
    ReaderId::of(&token(Purpose::Leave, number)).unwrap()
}

fn sign_up_id(number: u64) -> SignUpId {
    SignUpId::of(&token(Purpose::Confirm, number)).unwrap()
}

pub(super) fn prefers(name: &str) -> Preferences {
    Preferences {
        name: Line::non_empty(name),
        paused: Paused::Until("2026-12-24".parse().unwrap()),
        rhythm: Rhythm {
            frequency: Frequency::Weekly,
            alerts: true,
            time_zone: Some("Asia/Tokyo".parse().unwrap()),
        },
        ..Preferences::NONE
    }
}

pub(super) const DAY: i64 = 24 * 60 * 60;

#[test]
fn nobody_is_claimed_or_sent_again_after_they_left() {
    let mut desk = Fixture::new();
    let run = desk.ledger.freeze(
        &order("2026-08-24", Target::Relay),
        [pages()],
        seats(4),
        at(0),
        &Stop::never(),
    );
    let run = run.unwrap();
    let first = desk.claim(run, 2, 1);
    // One in the relay's hands, in doubt; one queued: both leave.
    desk.settle(first[0].copy, Settled::InDoubt, 2);
    desk.settle(first[1].copy, accepted(), 2);
    let leavers = [first[0].reader, first[1].reader + 1];
    for number in [leavers[0], leavers[1], leavers[1]] {
        assert!(desk.leave(number, 3));
    }
    assert!(!desk.leave(99, 3));
    desk.ledger
        .resend_in_doubt(run, Doubtful::All, at(4))
        .unwrap();
    let claimed = desk.claim(run, 10, 5);
    assert_eq!(
        claimed.iter().map(|claim| claim.reader).collect::<Vec<_>>(),
        [4]
    );
    desk.settle(claimed[0].copy, accepted(), 6);
    assert_eq!(
        counts(desk.ledger.tally(run).unwrap()),
        [4, 2, 0, 0, 0, 0, 2]
    );
    let why = &desk.ledger.list(run, CopyStatus::LeftOut).unwrap()[0].why;
    assert_eq!(why.as_str(), "on the suppression list");
    let all = desk.ledger.suppressed().unwrap().rows;
    assert!(
        all.iter()
            .all(|row| row.reason == Suppression::Unsubscribed && row.since == at(3))
    );
}

#[test]
fn a_sign_up_is_confirmed_once() {
    let mut desk = Fixture::new();
    assert!(desk.sign_up("Ada@example.org", 0));
    let letter = desk.waiting(1).remove(0);
    assert_eq!(
        (letter.id, letter.address.reveal(), letter.at),
        (1, "Ada@example.org", at(0))
    );
    assert!(
        desk.ledger.changes().unwrap().readable.is_empty()
            && !desk.ledger.has_unmerged_changes().unwrap()
    );
    let number = desk.confirm(1, 2).unwrap();
    let change = desk.ledger.changes().unwrap().readable.remove(0);
    assert!(
        matches!(&change.wish, ReaderChange::Join { preferences, consent, .. } if preferences.sections.len() == 1 && consent.as_str() == "I would like to receive it.")
    );
    assert!(
        desk.waiting(3).is_empty(),
        "confirmed, whatever became of the letter"
    );
    assert_eq!(desk.confirm(1, 3).unwrap(), number, "once more");
    // What happens next is not undone by an old link, nor does it welcome anybody.
    desk.leave(number, 4);
    assert_eq!(desk.confirm(1, 5), None);
    assert_eq!(desk.ledger.suppressed().unwrap().rows.len(), 1);
    assert_eq!(desk.ledger.changes().unwrap().readable.len(), 1);
    // The reader's own new yes lifts it.
    desk.sign_up("ada@example.org", 6);
    assert_eq!(desk.confirm(2, 7).unwrap(), number);
    assert!(desk.ledger.suppressed().unwrap().rows.is_empty());
}

#[test]
fn what_cannot_be_confirmed() {
    let mut desk = Fixture::new();
    desk.sign_up("ada@example.org", 0);
    let can = |desk: &Fixture, second| desk.ledger.can_confirm(sign_up_id(1), at(second)).unwrap();
    assert!(can(&desk, 7 * DAY) && !can(&desk, 7 * DAY + 1));
    assert!(desk.confirm(1, 7 * DAY + 1).is_none() && desk.confirm(2, 1).is_none());
    assert_eq!(desk.confirm(u64::MAX, 1), None);
    // The clock set back is no reason.
    assert!(can(&desk, -DAY));
    // The reader left before, and again after they (or somebody) had asked; whatever the clocks said.
    let bo = [address("bo@example.org")];
    desk.ledger
        .suppress(&bo, Suppression::ByHand, at(0))
        .unwrap();
    desk.ledger.unsuppress(&bo).unwrap();
    desk.leave(1, 1);
    desk.sign_up("bo@example.org", 9);
    desk.leave(1, 2);
    assert_eq!(desk.confirm(2, 3), None);
    assert_eq!(desk.waiting(9).len(), 1, "no letter any more");
    assert_eq!(desk.ledger.suppressed().unwrap().rows.len(), 1);
    // Who never said yes is forgotten, and their number is not given again.
    assert!(desk.waiting(9 * DAY).is_empty());
    desk.sign_up("cy@example.org", 9 * DAY);
    assert_eq!(desk.waiting(9 * DAY)[0].id, 3);
}

#[test]
fn no_letter_goes_where_none_is_wanted() {
    let mut desk = Fixture::new();
    let listed = [
        ("dead@example.org", Suppression::Bounced),
        ("angry@example.org", Suppression::Complained),
        ("no@example.org", Suppression::ByHand),
        ("left@example.org", Suppression::Unsubscribed),
    ];
    for (text, why) in listed {
        desk.ledger.suppress(&[address(text)], why, at(0)).unwrap();
        let before = desk.writes();
        assert!(
            desk.sign_up(text, 1) && desk.writes() > before,
            "the same answer for all, after a commit that takes as long"
        );
    }
    assert_eq!(desk.waiting(2).len(), 1);
    // Three a day, however often it is asked.
    for second in 2..10 {
        assert!(desk.sign_up("LEFT@example.org", second));
    }
    assert_eq!(desk.waiting(20).len(), 3);
    desk.sign_up("left+1@example.org", 10);
    assert_eq!(desk.waiting(20).len(), 3, "the same mailbox");
    for text in [
        "a.d.a@gmail.com",
        "a.da@googlemail.com",
        "ada+1@gmail.com",
        "ad.a@gmail.com",
    ] {
        desk.sign_up(text, 11);
    }
    assert_eq!(desk.waiting(20).len(), 6, "one inbox, whatever its dots");
    for id in 4..=6 {
        desk.ledger.letter_handed(id, Handed::Over).unwrap();
    }
    desk.sign_up("left@example.org", DAY + 20);
    assert_eq!(desk.waiting(DAY + 20).len(), 4);
    // It bounces before the reader says yes: only a person lifts that, and the reader is told nothing else.
    desk.sign_up("new@example.org", 30);
    let number = desk.waiting(DAY + 21).last().unwrap().id;
    desk.ledger
        .suppress(&[address("new@example.org")], Suppression::Bounced, at(40))
        .unwrap();
    assert!(desk.waiting(DAY + 22).iter().all(|one| one.id != number));
    desk.confirm(number, 50).unwrap();
    assert!(desk.ledger.changes().unwrap().readable.is_empty());
    assert_eq!(desk.ledger.suppressed().unwrap().rows.len(), 5);
}

#[test]
fn letters_wait_for_the_relay() {
    let mut desk = Fixture::new();
    desk.sign_up("ada@example.org", 0);
    desk.sign_up("bo@example.org", 1);
    desk.ledger.letter_handed(1, Handed::Later(at(60))).unwrap();
    let Letters {
        waiting: due, next, ..
    } = desk.ledger.letters_waiting(100, at(2)).unwrap();
    assert_eq!((due.len(), due[0].id, next), (1, 2, Some(at(60))));
    desk.ledger.letter_handed(2, Handed::Over).unwrap();
    assert!(desk.waiting(3).is_empty());
    assert_eq!(desk.waiting(60)[0].tries, 1);
    // It was put off by a clock that ran a day ahead.
    assert_eq!(desk.waiting(60 - DAY)[0].id, 1);
    desk.ledger.letter_handed(1, Handed::GivenUp).unwrap();
    assert!(desk.waiting(70).is_empty());
}

#[test]
fn changes_wait_for_the_file() {
    let mut desk = Fixture::new();
    desk.sign_up("ada@example.org", 0);
    let number = desk.confirm(1, 1).unwrap();
    for name in ["A", "B"] {
        desk.prefer(number, name, 2);
    }
    let changes = desk.ledger.changes().unwrap().readable;
    assert_eq!(changes.len(), 2, "the last word replaces the one before");
    assert_eq!(changes[1].wish, ReaderChange::Prefer(prefers("B")));
    let known = desk.ledger.known(reader(number)).unwrap().unwrap();
    assert_eq!(
        (known.chosen(None), known.suppressed),
        (Some(prefers("B")), None)
    );
    let done = [
        (changes[0].id, None),
        (changes[1].id, Some(prefers("before"))),
    ];
    desk.ledger.merged(&done, at(3)).unwrap();
    let kept = desk.ledger.changes().unwrap().readable;
    assert_eq!(kept[0].merged_over, Some(None));
    assert_eq!(kept[1].merged_over, Some(Some(prefers("before"))));
    assert!(!desk.ledger.has_unmerged_changes().unwrap());
    desk.ledger.merged(&[], at(3 + DAY + 1)).unwrap();
    assert!(desk.ledger.changes().unwrap().readable.is_empty());
    // A person who takes the reader out of the file means it.
    desk.prefer(number, "C", DAY);
    desk.ledger
        .forget_changes(&[address("ADA@example.org"), address("x@example.org")])
        .unwrap();
    assert!(desk.ledger.changes().unwrap().readable.is_empty());
}

#[test]
fn an_erased_reader_is_known_by_nothing_but_a_mark() {
    let mut desk = Fixture::new();
    let run = desk.ledger.freeze(
        &order("2026-08-24", Target::Relay),
        [pages()],
        [Ok(Seat::Recipient {
            address: address("Ada@example.org"),
            name: Line::non_empty("Ada L"),
            page_set: 0,
            release: None,
        })],
        at(0),
        &Stop::never(),
    );
    let run = run.unwrap();
    desk.sign_up("ada@example.org", 1);
    desk.confirm(1, 2).unwrap();
    let held = desk.ledger.held_of(reader(1)).unwrap();
    insta::assert_snapshot!(held, @r#"{"bounces":[],"changes":[{"at":"2026-09-21T14:13:22Z","preferences":{"name":"Ada","paused":"no","sections":["News"]}}],"copies":[{"answer":null,"at":"2026-09-21T14:13:20Z","edition":"2026-08-24","name":"Ada L","state":"queued"}],"sign_of_life":{"asked":null,"last":"2026-09-21T14:13:22Z","paused":null},"sign_ups":[{"alerts":false,"asked":"2026-09-21T14:13:21Z","client":"192.0.2.7","confirmed":"2026-09-21T14:13:22Z","consent":"I would like to receive it.","form":"page 1","name":"Ada","sections":["News"]}],"suppressed":null}"#);
    assert!(desk.erase(1, 3));
    assert!(desk.erase(1, 4));
    assert!(!desk.prefer(1, "x", 4));
    assert!(desk.ledger.known(reader(1)).unwrap().is_none());
    assert!(desk.claim(run, 1, 5).is_empty());
    let change = desk.ledger.changes().unwrap().readable.remove(0);
    assert_eq!(
        (change.address.reveal(), &change.wish),
        ("ada@example.org", &ReaderChange::Erase)
    );
    desk.ledger
        .merged(&[(change.id, Some(prefers("Ada")))], at(6))
        .unwrap();
    assert!(desk.ledger.changes().unwrap().readable.is_empty());
    // Lists go on working; nothing in the file is the reader's.
    let listed = desk.ledger.list(run, CopyStatus::LeftOut).unwrap();
    assert!(listed[0].address.as_str().ends_with("@erased.invalid"));
    assert_eq!(
        desk.ledger.suppressed().unwrap().rows[0].address.domain(),
        "erased.invalid"
    );
    let desk = desk.die();
    desk.ledger
        .connection
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    for entry in std::fs::read_dir(desk.folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        assert!(
            !text.contains("ada@") && !text.contains("ada l"),
            "the reader's address or name is left"
        );
    }
}

#[test]
fn whoever_brings_an_erased_reader_back_it_is_not_a_file() {
    let mut desk = Fixture::new();
    desk.ledger
        .suppress(
            &[address("ada@example.org")],
            Suppression::Unsubscribed,
            at(0),
        )
        .unwrap();
    desk.erase(1, 1);
    let run = desk.ledger.freeze(
        &order("2026-08-24", Target::Relay),
        [pages()],
        [Ok(seat("ADA@example.org")), Ok(seat("bo@example.org"))],
        at(2),
        &Stop::never(),
    );
    let run = run.unwrap();
    assert_eq!(
        counts(desk.ledger.tally(run).unwrap()),
        [2, 0, 0, 1, 0, 0, 1]
    );
    // The reader may come back, under the number they had.
    desk.sign_up("Ada@example.org", 3);
    assert_eq!(desk.confirm(1, 4).unwrap(), 1);
    assert!(desk.ledger.suppressed().unwrap().rows.is_empty());
    let known = desk.ledger.known(reader(1)).unwrap().unwrap();
    assert_eq!(known.address.reveal(), "ada@example.org");
    desk.erase(1, 5);
    assert_eq!(
        desk.ledger
            .unsuppress(&[address("ada@example.org")])
            .unwrap(),
        1
    );
}

#[test]
fn many_at_once_are_all_answered_and_a_locked_ledger_costs_nothing() {
    let mut desk = Fixture::new();
    let all: Vec<_> = (0..300)
        .map(|n| address(&format!("r{n}@example.org")))
        .collect();
    desk.ledger
        .suppress(&all, Suppression::ByHand, at(0))
        .unwrap();
    desk.ledger.unsuppress(&all).unwrap();
    let ledger = Ledger::open(&LedgerFile::new(
        desk.folder.path().join("l.db"),
        desk.folder.path(),
        "x",
    ))
    .unwrap();
    ledger
        .connection
        .busy_timeout(std::time::Duration::ZERO)
        .unwrap();
    let (line, thread) = ReadersWriter::start(ledger);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let leave = |number| {
        let line = line.clone();
        async move { line.leave(reader(number), at(1)).await }
    };
    let other = rusqlite::Connection::open(desk.folder.path().join("l.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = runtime.block_on(leave(1)).unwrap_err();
    assert!(matches!(refused, LedgerError::Busy(_)));
    let ready = || runtime.block_on(line.touch());
    assert!(matches!(ready(), Err(LedgerError::Busy(_))), "not ready");
    other.execute_batch("ROLLBACK").unwrap();
    ready().unwrap();
    let answers = runtime.block_on(futures_util::future::join_all((1..=300).map(leave)));
    assert!(answers.iter().all(|answer| matches!(answer, Ok(true))));
    assert_eq!(desk.ledger.suppressed().unwrap().rows.len(), 300);
    drop(line);
    thread.finish().unwrap();
}

#[test]
fn what_is_counted() {
    let mut desk = Fixture::new();
    assert_eq!(
        desk.ledger.metrics(&[], None).unwrap().len(),
        8,
        "an empty ledger has few numbers"
    );
    let run = desk.ledger.freeze(
        &order("2026-08-24", Target::Relay),
        [pages()],
        seats(3),
        at(0),
        &Stop::never(),
    );
    let run = run.unwrap();
    let claims = desk.claim(run, 2, 1);
    desk.settle(claims[0].copy, accepted(), 2);
    desk.settle(
        claims[1].copy,
        Settled::Rejected(Reply::new(550, "5.1.1 no")),
        2,
    );
    desk.sign_up("ada@example.org", 3);
    desk.leave(3, 3);
    let told: Vec<String> = desk
        .ledger
        .metrics(&[], None)
        .unwrap()
        .iter()
        .map(|number| {
            let labels: Vec<String> = number
                .labels
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            format!("{}{{{}}} {}", number.name, labels.join(","), number.value)
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @"
    newsdigest_runs{} 1
    newsdigest_last_run_timestamp_seconds{} 1790000000
    newsdigest_copies{state=queued} 1
    newsdigest_copies{state=accepted} 1
    newsdigest_copies{state=rejected} 1
    newsdigest_answers{class=2xx} 1
    newsdigest_answers{class=5xx} 1
    newsdigest_refused{domain=example.org} 1
    newsdigest_question{answer=first} 0
    newsdigest_question{answer=second} 0
    newsdigest_suppressed{reason=unsubscribed} 1
    newsdigest_bounces{class=about-us} 0
    newsdigest_bounces{class=complaint} 0
    newsdigest_bounces{class=hard} 0
    newsdigest_bounces{class=soft} 0
    newsdigest_bounces{class=temporary} 0
    newsdigest_sign_ups{state=open} 1
    newsdigest_letters_waiting{} 1
    newsdigest_changes_waiting{} 0
    ");
    let sent = desk.ledger.sent(None).unwrap();
    assert_eq!(sent.len(), 1);
    assert_eq!(
        (sent[0].slug.to_string(), sent[0].frozen),
        ("2026-08-24".to_owned(), at(0))
    );
}
