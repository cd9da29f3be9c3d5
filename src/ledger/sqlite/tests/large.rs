//! What keeps a large ledger quick: which statements read which rows, and what is counted by the day.

use super::*;

/// How SQLite would find the rows.
fn plan(desk: &Fixture, sql: &str) -> String {
    let db = &desk.ledger.connection;
    let mut statement = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let lines = statement
        .query_map([], |row| row.get::<_, String>(3))
        .unwrap();
    lines.map(Result::unwrap).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_question_about_one_reader_reads_no_other_readers_copies() {
    let mut desk = Fixture::new();
    desk.freeze(3);
    let found = plan(&desk, &format!("{} 1", super::super::copies::COPIES));
    assert!(
        found.contains("SEARCH copy USING COVERING INDEX copy_reader (run=? AND reader=?)"),
        "{found}"
    );
    assert!(!found.contains("SCAN copy"), "{found}");
}

#[test]
fn letters_are_counted_by_relay_and_day() {
    let mut desk = Fixture::new();
    let run = desk.freeze(4);
    let day = |days: i64| (at(0) + chrono::TimeDelta::days(days)).date_naive();
    for (claim, settled) in desk.claim(run, 4, 1).into_iter().zip([
        accepted(),
        Settled::InDoubt,
        Settled::Untouched,
        Settled::Rejected(Reply::new(550, "5.1.1 unknown")),
    ]) {
        let copy = claim.copy;
        let order = CommitRequest {
            settled: vec![Settlement { copy, settled }],
            relay: Some("main".into()),
            ..CommitRequest::default()
        };
        desk.ledger.commit(&order, at(2)).unwrap();
    }
    let mut desk = desk.die();
    let handed = |desk: &Fixture, relay, days| desk.ledger.handed(relay, day(days)).unwrap();
    assert_eq!(handed(&desk, "main", 0), 2, "taken, or perhaps");
    assert_eq!(
        (handed(&desk, "main", 1), handed(&desk, "other", 0)),
        (0, 0)
    );
    desk.ledger.count_handed("main", 5, at(3)).unwrap();
    assert_eq!(handed(&desk, "main", 0), 7);
    // Days long gone are forgotten with the first letter of a new one.
    let later = at(0) + chrono::TimeDelta::days(60);
    desk.ledger.count_handed("main", 1, later).unwrap();
    assert_eq!(
        (handed(&desk, "main", 0), handed(&desk, "main", 60)),
        (0, 1)
    );
}
