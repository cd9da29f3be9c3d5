//! The file itself: what is none, who holds it, a disk that is full.

use super::*;

#[test]
fn what_is_no_ledger_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("l.db");
    let open = |path: &std::path::Path| {
        Ledger::open(&LedgerFile::new(path.to_owned(), folder.path(), "x"))
            .err()
            .map(|error| {
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
    `DIR/l.db` was written by a newer newsdigest (version 99 of its tables, this one knows 20)
    `DIR/no/l.db` cannot be opened or made: expected a file in a folder that exists and may be written
    ");
}

#[test]
fn one_sender_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("l.db");
    let lock = SendLock::take(&path, LockOf::Newsletter(None), at(0)).unwrap();
    let held = SendLock::take(&path, LockOf::Newsletter(None), at(1))
        .unwrap_err()
        .to_string();
    assert_eq!(
        held.replace(&std::process::id().to_string(), "PID"),
        "another run is sending (process PID since 2026-09-21T14:13:20Z)"
    );
    drop(lock);
    SendLock::take(&path, LockOf::Newsletter(None), at(2)).unwrap();
    // Each of several newsletters has a lock of its own.
    let [sport, morning] = ["sport", "morning"].map(|name| name.parse().unwrap());
    let _sport = SendLock::take(&path, LockOf::Newsletter(Some(&sport)), at(2)).unwrap();
    SendLock::take(&path, LockOf::Newsletter(Some(&sport)), at(2)).unwrap_err();
    SendLock::take(&path, LockOf::Newsletter(Some(&morning)), at(2)).unwrap();
    // A second name of the same ledger is no second lock.
    std::fs::write(&path, "").unwrap();
    let link = folder.path().join("link.db");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let _lock = SendLock::take(&path, LockOf::Newsletter(None), at(3)).unwrap();
    SendLock::take(&link, LockOf::Newsletter(None), at(4)).unwrap_err();
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
        LedgerError::Row {
            path: path(),
            what: "no".to_owned(),
        },
        LedgerError::Gone(path()),
        LedgerError::Nonsense {
            what: "state 9".to_owned(),
        },
        LedgerError::Stopped,
    ];
    insta::assert_snapshot!(all.map(|error| error.to_string()).join("\n"), @"
    `paper/newsdigest.db` is not a ledger of newsdigest
    `paper/newsdigest.db` was written by a newer newsdigest (version 3 of its tables, this one knows 1)
    the disk of `paper/newsdigest.db` is full: what was committed before is kept
    `paper/newsdigest.db` cannot be written: it or its folder is read-only
    `paper/newsdigest.db` is locked by another program
    `paper/newsdigest.db` is damaged; a copy of it should be kept before anything else is tried
    `paper/newsdigest.db` cannot be opened or made: expected a file in a folder that exists and may be written
    the ledger `paper/newsdigest.db` failed: disk I/O error
    the ledger `paper/newsdigest.db` refuses a row: no
    `paper/newsdigest.db` was removed or replaced while it was open: nothing is written any more until the program is started again
    the ledger holds what cannot be read: state 9
    the ledger's writer has stopped
    ");
}

#[test]
fn a_full_disk_and_a_lock_are_said_and_leave_nothing_half_done() {
    let mut desk = Fixture::new();
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
        .freeze(&order, [pages()], seats(5_000), at(1), &Stop::never())
        .unwrap_err();
    assert!(matches!(full, LedgerError::Full(_)), "{full}");
    assert!(desk.ledger.runs(None).unwrap().rows.is_empty());

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
        .freeze(&order, [pages()], seats(5_000), at(3), &Stop::never())
        .unwrap();
    assert_eq!(
        counts(desk.ledger.tally(run).unwrap()),
        [5_000, 0, 0, 5_000, 0, 0, 0]
    );
}

/// Each of its files, removed or replaced: nobody is told that something is written that the next program will not find.
#[test]
fn a_ledger_that_answers_readers_notices_that_its_file_is_gone() {
    for (end, is_replaced) in [("", false), ("", true), ("-wal", false), ("-wal", true)] {
        let mut desk = Fixture::new();
        let ada = [address("ada@example.org")];
        desk.ledger = desk.ledger.for_readers().unwrap();
        desk.ledger
            .suppress(&ada, Suppression::ByHand, at(0))
            .unwrap();
        let path = desk.folder.path().join(format!("l.db{end}"));
        let aside = desk.folder.path().join("aside");
        std::fs::rename(&path, &aside).unwrap();
        if is_replaced {
            std::fs::write(&path, "another").unwrap();
        }
        let written = desk.ledger.unsuppress(&ada).unwrap_err();
        assert!(matches!(written, LedgerError::Gone(_)), "{written}");
        let read = desk.ledger.suppressed().unwrap_err();
        assert!(matches!(read, LedgerError::Gone(_)), "{read}");
        // Put back, it is the same again.
        std::fs::rename(&aside, &path).unwrap();
        assert_eq!(desk.ledger.suppressed().unwrap().rows.len(), 1);
    }
}

/// Editors of the group use the ledger too, and nobody else reads it.
#[test]
fn the_group_may_write_a_new_ledger_where_it_may_write_the_folder() {
    use std::os::unix::fs::PermissionsExt as _;
    for (folder_mode, expected) in [(0o2770, 0o660), (0o755, 0o640)] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(folder_mode))
            .unwrap();
        let path = folder.path().join("l.db");
        let _ledger = Ledger::open(&LedgerFile::new(path, folder.path(), "x")).unwrap();
        for name in ["l.db", "l.db-wal", "l.db-shm"] {
            let mode = std::fs::metadata(folder.path().join(name)).unwrap();
            let mode = mode.permissions().mode() & 0o777;
            assert_eq!(mode & !0o040, expected & !0o040, "{name} {mode:o}");
        }
    }
}
