//! The list of readers in the ledger.

use super::asks::prefers;
use super::*;
use crate::model::reader::Preferences;
use crate::model::subscriber::{Paused, Subscriber};

fn someone(text: &str) -> Subscriber {
    Subscriber::new(address(text))
}

fn all(ledger: &Ledger) -> Vec<Subscriber> {
    let (mut all, mut last) = (Vec::new(), Some(0));
    while let Some(after) = last {
        let page = ledger.subscribers_after(after).unwrap();
        all.extend(page.rows.into_iter().map(Result::unwrap));
        last = page.last;
    }
    all
}

#[test]
fn a_subscriber_comes_back_as_they_were() {
    let mut desk = Fixture::new();
    let full = Subscriber {
        name: Line::non_empty("Ada \"the\" L."),
        sections: vec![Line::clean("News"), Line::clean("City, and more")],
        newsletters: Some(vec!["sport".parse().unwrap()]),
        since: "2026-08-24".parse().ok(),
        consent: Line::non_empty("Yes. (page 1)"),
        paused: Paused::Until("2026-09-01".parse().unwrap()),
        rhythm: serde_json::from_str(
            r#"{"frequency":"weekly","alerts":true,"time_zone":"Asia/Tokyo"}"#,
        )
        .unwrap(),
        ..someone("Ada@Example.org")
    };
    let mut list = vec![full.clone(), someone("bo@example.org")];
    assert_eq!(desk.ledger.subscribers_version().unwrap(), None);
    assert!(desk.ledger.add_subscribers(&list).unwrap().is_empty());
    let again = desk.ledger.add_subscribers(&[someone("ADA@example.org")]);
    assert_eq!(again.unwrap(), [address("ADA@example.org")]);
    assert_eq!(all(&desk.ledger), list);
    let found = desk.ledger.subscriber(&address("ada@EXAMPLE.org"));
    assert_eq!(found.unwrap(), Some(full));
    let before = desk.ledger.subscribers_version().unwrap();
    let wanted = Preferences {
        paused: Paused::Yes,
        ..Preferences::NONE
    };
    let wanted = |who: &str| (address(who), wanted.clone());
    let changed = desk
        .ledger
        .change_subscribers(&[wanted("bo@example.org"), wanted("cy@example.org")]);
    assert_eq!(changed.unwrap(), 1);
    let changed = desk.ledger.change_subscribers(&[wanted("bo@example.org")]);
    assert_eq!(changed.unwrap(), 0, "they are so already");
    assert_ne!(desk.ledger.subscribers_version().unwrap(), before);
    list[1].paused = Paused::Yes;
    assert_eq!(all(&desk.ledger), list);
    let leavers = [address("Bo@example.org"), address("cy@example.org")];
    let unknown = desk.ledger.remove_subscribers(&leavers).unwrap();
    assert_eq!(unknown, leavers[1..]);
    assert_eq!(all(&desk.ledger), list[..1]);
}

#[test]
fn what_readers_ask_for_is_in_the_list_at_once() {
    let mut desk = Fixture::new();
    let ada = || address("ada@example.org");
    desk.ledger
        .add_subscribers(&[someone("ada@example.org")])
        .unwrap();
    assert!(desk.prefer(1, "Ada", 1));
    let found = desk.ledger.subscriber(&ada()).unwrap().unwrap();
    assert_eq!(Preferences::of(&found), prefers("Ada"));
    assert!(desk.ledger.changes().unwrap().is_empty());
    assert!(desk.erase(1, 2));
    assert_eq!(desk.ledger.subscriber(&ada()).unwrap(), None);
    assert!(all(&desk.ledger).is_empty());
    // Copies of theirs are still to be cleaned.
    assert!(desk.ledger.has_unmerged_changes().unwrap());
    // Who comes back does so under their own name, once.
    assert!(desk.sign_up("Ada@example.org", 3));
    assert_eq!(desk.confirm(1, 4), Some(1));
    assert_eq!(desk.confirm(1, 5), Some(1));
    let found = all(&desk.ledger);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].address.reveal(), "Ada@example.org");
    assert!(found[0].since.is_some() && found[0].consent.is_some());
}

#[test]
fn a_list_moves_whole_or_not_at_all() {
    let mut desk = Fixture::new();
    let list = vec![someone("b@example.org"), someone("a@example.org")];
    let double = || list.iter().cloned().chain([someone("B@example.org")]);
    let taken = desk.ledger.take_subscribers(double(), || false).unwrap();
    assert_eq!(taken, None, "the file was saved meanwhile");
    assert_eq!(desk.ledger.subscribers_version().unwrap(), None);
    assert!(desk.prefer(1, "B", 1));
    let taken = desk.ledger.take_subscribers(double(), || true).unwrap();
    assert_eq!(taken, None, "a change is not in the file yet");
    let change = desk.ledger.changes().unwrap().readable[0].id;
    desk.ledger.merged(&[(change, None)], at(2)).unwrap();
    let taken = desk.ledger.take_subscribers(double(), || true).unwrap();
    assert_eq!(taken, Some((2, 1)));
    assert_eq!(all(&desk.ledger), list);
    assert!(desk.ledger.changes().unwrap().is_empty());
    let failed = desk.ledger.give_subscribers(|_| Err::<(), _>("full"));
    assert_eq!(failed.unwrap(), Ok(Err("full")));
    let mut desk = desk.die();
    assert_eq!(all(&desk.ledger), list);
    let given = desk.ledger.give_subscribers(Ok::<_, ()>).unwrap();
    assert_eq!(given, Ok(Ok(list)));
    assert_eq!(desk.ledger.subscribers_version().unwrap(), None);
    assert!(all(&desk.ledger).is_empty());
}

#[test]
fn a_row_that_cannot_be_read_costs_itself_only_and_is_not_moved() {
    let mut desk = Fixture::new();
    let list: Vec<Subscriber> = (0..4_001)
        .map(|number| someone(&format!("r{number}@example.org")))
        .collect();
    desk.ledger.add_subscribers(&list).unwrap();
    for (row, what) in [
        (1, "address = 'nobody'"),
        (2, "preferences = '{'"),
        (3, "since = 'yesterday'"),
        (4, "consent = x'ff'"),
    ] {
        let sql = format!("UPDATE subscriber SET {what} WHERE id = {row}");
        desk.ledger.connection.execute_batch(&sql).unwrap();
    }
    let page = desk.ledger.subscribers_after(0).unwrap();
    let broken = page.rows.iter().filter_map(|row| row.as_ref().err());
    let broken: Vec<&str> = broken.map(Line::as_str).collect();
    insta::assert_snapshot!(broken.join("\n"), @r"
    row 1 of the list of subscribers in the ledger cannot be read: `nobody` is not an email address: expected `name@domain`, but found no `@`
    row 2 of the list of subscribers in the ledger cannot be read: its preferences are none
    row 3 of the list of subscribers in the ledger cannot be read: `since` is no day
    row 4 of the list of subscribers in the ledger cannot be read: Invalid column type Blob at index: 3, name: consent
    ");
    assert_eq!(page.rows.len(), 2_000);
    assert!(desk.ledger.subscriber(&list[1].address).unwrap().is_none());
    let given = desk.ledger.give_subscribers(Ok::<_, ()>).unwrap();
    assert_eq!(given.unwrap_err().len(), 4);
    // A reader's own word mends their row.
    assert!(desk.sign_up("r1@example.org", 1) && desk.confirm(1, 2).is_some());
    assert!(desk.ledger.subscriber(&list[1].address).unwrap().is_some());
}
