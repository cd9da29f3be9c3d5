//! Strangers, restless readers and bad moments, against the ledger.

use super::asks::DAY;
use super::*;

/// Strangers choose the addresses, and whoever has many networks has no limit of a client.
#[test]
fn whoever_asks_there_are_so_many_letters() {
    let mut desk = Fixture::new();
    for number in 0..5 {
        desk.sign_up(&format!("ada+{number}@example.org"), 0);
    }
    desk.sign_up("ada+1@example.com", 0);
    desk.sign_up("adam@example.org", 0);
    assert_eq!(desk.waiting(1).len(), 5, "three of one mailbox");
    let fill = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 2994) INSERT INTO sign_up (key, address, sections, form, consent, at, letter) SELECT 'n' || i, '', '[]', '', '', ?1, 1 FROM n";
    desk.ledger
        .connection
        .execute(fill, [millis(at(10))])
        .unwrap();
    assert!(desk.sign_up("bo@example.org", 11));
    let late = |desk: &Fixture, second| !desk.sign_up("cy@example.org", second);
    assert!(late(&desk, 12));
    // The same answer whoever it is; another hour; a clock that was set back.
    desk.ledger
        .suppress(&[address("cy@example.org")], Suppression::Bounced, at(0))
        .unwrap();
    assert!(late(&desk, 12) && !late(&desk, 3_601) && !late(&desk, -DAY));
}

/// One reader who changes their mind all day long neither fills the ledger nor keeps others out of the file.
#[test]
fn a_restless_reader_is_nobodys_matter() {
    let mut desk = Fixture::new();
    let two = [address("ada@example.org"), address("bo@example.org")];
    desk.ledger
        .suppress(&two, Suppression::ByHand, at(0))
        .unwrap();
    for second in 0..50 {
        desk.prefer(1, "A", second);
        let id = desk.ledger.changes().unwrap().readable.last().unwrap().id;
        desk.ledger.merged(&[(id, None)], at(second)).unwrap();
    }
    assert_eq!(desk.ledger.changes().unwrap().readable.len(), 21);
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 10001) INSERT INTO change (reader, kind, address, preferences, at, merged) SELECT 1, 2, 'ada@example.org', (SELECT preferences FROM change), 0, ?1 FROM n";
    desk.ledger
        .connection
        .execute(many, [millis(at(50))])
        .unwrap();
    desk.prefer(2, "B", 51);
    let changes = desk.ledger.changes().unwrap().readable;
    let last = changes.last().unwrap();
    assert!(last.address == two[1] && last.merged_over.is_none() && changes.len() == 10_001);
}

/// The reader leaves after their letters bounced, and before a person finds that the mailbox works again.
#[test]
fn a_reader_who_left_while_letters_came_back_has_left() {
    let mut desk = Fixture::new();
    let ada = [address("ada@example.org")];
    for (why, expected) in [
        (Suppression::Bounced, Suppression::Unsubscribed),
        (Suppression::Complained, Suppression::Complained),
        (Suppression::ByHand, Suppression::ByHand),
    ] {
        desk.ledger.suppress(&ada, why, at(0)).unwrap();
        desk.leave(1, 1);
        assert_eq!(desk.ledger.suppressed().unwrap().rows[0].reason, expected);
        desk.ledger.unsuppress(&ada).unwrap();
    }
}

/// The file was read before the reader was erased, and is frozen after.
#[test]
fn a_late_freeze_keeps_nothing_of_an_erased_reader() {
    let mut desk = Fixture::new();
    let ada = address("Ada@example.org");
    desk.ledger
        .suppress(std::slice::from_ref(&ada), Suppression::ByHand, at(0))
        .unwrap();
    desk.erase(1, 1);
    let erase = desk.ledger.changes().unwrap().readable[0].id;
    desk.ledger.merged(&[(erase, None)], at(2)).unwrap();
    let seat = || Seat::Recipient {
        address: ada.clone(),
        name: Line::non_empty("Ada L"),
        page_set: 0,
        release: None,
    };
    desk.ledger
        .freeze(
            &order("2026-08-24", Target::Relay),
            [pages()],
            [Ok(seat()), Ok(seat())],
            at(3),
            &Stop::never(),
        )
        .unwrap();
    let kept: i64 = desk
        .ledger
        .connection
        .query_row(
            "SELECT count(*) FROM copy WHERE address IS NOT NULL OR name IS NOT NULL",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(kept, 0);
}
