//! What is remembered: what ran, who is suppressed, what was fetched, how a letter was headed.

use super::*;

#[test]
fn a_letterhead_outlives_the_config() {
    let mut desk = Fixture::new();
    let order = order("2026-08-24", Target::Relay);
    desk.ledger
        .freeze(&order, [pages()], seats(1), at(0), &Stop::never())
        .unwrap();
    let run = desk
        .ledger
        .run(None, &order.slug, &Target::Relay)
        .unwrap()
        .unwrap();
    let head = run.letterhead.unwrap();
    let mut changed = newsletter();
    changed.from = crate::model::address::Mailbox::parse("new@elsewhere.example").unwrap();
    changed.zone = crate::model::zone::Zone::utc();
    changed.unsubscribe = None;
    let restored = changed.under(&head).unwrap();
    assert_eq!(restored.letterhead(None), newsletter().letterhead(None));
    assert_eq!(run.newsletter, "harbour");
}

#[test]
fn only_a_real_send_is_remembered() {
    let mut desk = Fixture::new();
    let (today, tomorrow) = ("2026-08-24".parse().unwrap(), "2026-08-25".parse().unwrap());
    let outbox = Target::Outbox("/tmp/o".into());
    let rehearsal = desk
        .ledger
        .freeze(
            &order("2026-08-24", outbox.clone()),
            [pages()],
            seats(1),
            at(0),
            &Stop::never(),
        )
        .unwrap();
    let claim = desk.claim(rehearsal, 1, 1).remove(0);
    desk.settle(claim.copy, accepted(), 2);
    assert_eq!(
        (
            desk.ledger.last_edition(None, &tomorrow).unwrap(),
            desk.ledger.ran(None, at(-9), &tomorrow).unwrap().len()
        ),
        (None, 0)
    );
    assert!(
        desk.ledger
            .run(None, &today, &Target::Relay)
            .unwrap()
            .is_none()
    );
    let run = desk
        .ledger
        .freeze(
            &order("2026-08-24", Target::Relay),
            [pages()],
            seats(1),
            at(3),
            &Stop::never(),
        )
        .unwrap();
    assert_eq!(
        desk.ledger.ran(None, at(-9), &tomorrow).unwrap().len(),
        0,
        "frozen is not sent"
    );
    let claim = desk.claim(run, 1, 4).remove(0);
    desk.settle(claim.copy, accepted(), 5);
    assert_eq!(
        desk.ledger.last_edition(None, &tomorrow).unwrap(),
        Some(at(3))
    );
    assert_eq!(desk.ledger.last_edition(None, &today).unwrap(), None);
    let ran = desk.ledger.ran(None, at(-9), &tomorrow).unwrap();
    assert_eq!((&ran[0].slug, ran[0].at), (&today, at(3)));
    assert_eq!(ran[0].story, order("2026-08-24", Target::Relay).stories[0]);
    assert_eq!(
        desk.ledger.ran(None, at(4), &tomorrow).unwrap().len(),
        1,
        "the last editions are remembered however old they are"
    );
    assert_eq!(
        desk.ledger
            .runs(None)
            .unwrap()
            .rows
            .iter()
            .map(|run| run.target.clone())
            .collect::<Vec<_>>(),
        [Target::Relay, outbox]
    );
    assert_eq!(
        desk.ledger.pages(run).unwrap()[0].unpack().unwrap(),
        pages()
    );
}

#[test]
fn the_suppression_list() {
    let mut desk = Fixture::new();
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
        .rows
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
            desk.ledger.suppressed().unwrap().rows.len()
        ),
        (1, 1)
    );
}

#[test]
fn pages_fetched_are_remembered() {
    let mut desk = Fixture::new();
    let page = StoredAnswer {
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
