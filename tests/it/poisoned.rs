//! Rows that cannot be read, in the ledger and in the subscribers file: each is left out and named, and stops nobody else.

use newsdigest::model::token::Purpose;
use rusqlite::Connection;

use crate::newsroom::{Newsroom, TODAY};
use crate::postoffice::PostOffice;
use crate::serve::{Serving, room, token};

/// What an older program wrote into the file after a sign-up as `İ@attacker.example`, beside rows that an editor broke.
const FILE: &str = r#"[[subscriber]]
email = "ada@example.org"

[[subscriber]]
email = "İ@attacker.example"
since = 2026-08-01
consent = "page 1"

[[subscriber]]
email = "ȺȺȺȺȺȺȺȺȺȺȺȺȺȺȺȺȺȺȺȺȺȺȺȺȺȺȺȺȺȺȺȺ@attacker.example"

[[subscriber]]
email = "bob@example.org"
paused = "soon"

[[subscriber]]
email = "cleo@example.net
"#;

/// Makes the ledger one that an older program left behind: keys that are no address, in every table that holds one.
fn poison(room: &Newsroom) {
    let db = Connection::open(room.path("newsdigest.db")).unwrap();
    db.execute_batch(
        "INSERT INTO reader (id, key) VALUES (91, 'i\u{307}@attacker.example'), (92, 'no address'), (93, x'ff00'), (94, '');
         INSERT INTO suppressed VALUES (91, 'unsubscribed', 1787550300000), (92, 'a new reason', 1787550300000), (93, 'bounced', 1787550300000);
         INSERT INTO sign_up (key, address, sections, form, consent, at) VALUES
             ('i\u{307}@attacker.example', '\u{130}@attacker.example', '[]', 'page 1', 'Yes.', 1787550290000),
             ('x', x'ff', 'no list', 'page 1', 'Yes.', 1787550290000);
         INSERT INTO sign_up (key, address, sections, form, consent, at, letter, confirmed, reader) VALUES
             ('i\u{307}@attacker.example', '\u{130}@attacker.example', '[]', 'page 1', 'Yes.', 1787550290000, 1, 1787550290000, 91);
         INSERT INTO change (reader, kind, address, preferences, form, at) VALUES
             (91, 1, '\u{130}@attacker.example', '{\"name\":null,\"sections\":[],\"paused\":\"no\"}', 'page 1', 1787550290000),
             (91, 2, 'i\u{307}@attacker.example', '{\"name\":null,\"sections\":[],\"paused\":\"no\"}', NULL, 1787550290000),
             (1, 2, 'ada@example.org', 'no preferences', NULL, 1787550290000),
             (1, 9, 'ada@example.org', NULL, NULL, 1787550290000),
             (91, 3, 'i\u{307}@attacker.example', NULL, NULL, 1787550291000),
             (1, 2, 'ada@example.org', '{\"name\":\"Ada\",\"sections\":[],\"paused\":\"no\"}', NULL, 1787550291000);
         INSERT INTO bounce (reader, class, words, at, digest) VALUES (91, 'soft', 'full', 1787550290000, x'00');
         INSERT INTO run (slug, newsletter, outbox, frozen, key, edition, first_copy, last_copy) VALUES
             ('no day', 'harbour', '', 1787550290000, x'00', '', 0, -1);",
    )
    .unwrap();
    old(&db);
}

/// The tables as an older program left them.
fn old(db: &Connection) {
    db.execute_batch(
        "DROP TABLE approval; DROP TABLE approval_link; ALTER TABLE run DROP COLUMN let_go; ALTER TABLE run DROP COLUMN corrects; ALTER TABLE sign_up DROP COLUMN alerts; DROP TABLE relay; DROP TABLE relay_left; ALTER TABLE copy DROP COLUMN relay; ALTER TABLE copy DROP COLUMN doubt; ALTER TABLE run DROP COLUMN alert; DROP TABLE release; ALTER TABLE copy DROP COLUMN release; DROP TABLE event_signature; DROP TABLE subscriber_list; DROP TABLE subscriber; DROP TABLE edition_version; DROP TABLE sign_of_life; DROP TABLE left_newsletter; DROP INDEX sign_up_welcome; ALTER TABLE sign_up DROP COLUMN welcome; ALTER TABLE sign_up DROP COLUMN welcome_next; ALTER TABLE sign_up DROP COLUMN newsletters; DROP TABLE ranking; DROP TABLE arrival; DROP TABLE result; DROP TABLE sample; DROP TABLE answer; DROP TABLE handed; DROP TABLE run_tally; DROP INDEX copy_reader; PRAGMA user_version = 6;",
    )
    .unwrap();
}

#[test]
fn every_verb_works_on_a_poisoned_ledger() {
    let post = PostOffice::open();
    let room = room()
        .config("bounces", "domain = \"bounce.harbourtimes.example\"")
        .relay(post.port(), 1);
    room.run(&["send"]).exits(0);
    room.file("subscribers.toml", FILE);
    poison(&room);
    let listed = room.run(&["suppress", "--list"]).exits(0);
    assert_eq!(listed.stdout, "");
    listed
        .says("`i***@a***.example` is not an email address")
        .says("left out");
    room.run(&["suppress", "cleo@example.net"]).exits(0);
    let listed = room.run(&["suppress", "--list", "--json"]).exits(0);
    assert_eq!(listed.json()[0]["email"], "cleo@example.net");
    room.run(&["unsuppress", "cleo@example.net"]).exits(0);
    for verb in [
        &["status"][..],
        &["status", "--json"],
        &["status", "--csv"],
        &["status", "--left-out"],
        &["status", "--of", "ada@example.org"],
        &["send", "--dry-run"],
        &["subscribers", "add", "dora@example.org"],
        &["subscribers", "remove", "dora@example.org"],
    ] {
        room.run(verb).exits(0);
    }
    for verb in [&["subscribers", "list"][..], &["subscribers", "export"]] {
        let output = room.run(verb).exits(3).says("not an email address");
        assert!(output.stdout.contains("ada@example.org"), "{verb:?}");
    }
    // A bounce of a letter to such a row counts like any other, or as one of nobody's; the mail server is never told to bounce it.
    for reader in [91, 92, 93, 94, 999] {
        let output = room.run_with_input(&["bounces", "-"], &bounce(reader));
        let output = output.exits(0);
        assert!(!output.stderr.contains("attacker"), "{}", output.stderr);
        assert_eq!(
            output.stderr.contains("1 hard"),
            reader != 999,
            "{}",
            output.stderr
        );
    }
    // The next edition goes to everybody whose row can be read; the changes that can be read are merged.
    let more = |numbers: std::ops::Range<usize>| {
        for (number, word) in numbers.zip(["Ferry", "Market", "Seal", "Rowers"]) {
            room.story(number, &format!("{word} again"), "News");
        }
    };
    more(7..11);
    let next = format!("{TODAY}b");
    let sent = room.run(&["send", "--date", &next]).exits(0);
    sent.says("`i***@a***.example` is not an email address")
        .says("subscribers.toml:6:9")
        .says("frozen for 1 recipient");
    assert!(room.read("subscribers.toml").contains("name = \"Ada\""));
    assert_eq!(post.letters().len(), 4);
    // What was set aside is named once.
    more(11..15);
    let again = room.run(&["send", "--date", &format!("{TODAY}c")]).exits(0);
    assert!(
        !again.stderr.contains("broken preferences"),
        "{}",
        again.stderr
    );
}

/// The bounce of a letter to that reader.
fn bounce(reader: u64) -> String {
    let file = format!(
        "{}/tests/bounces/postfix_unknown.eml",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read_to_string(file)
        .unwrap()
        .replace("TOKEN", &token(Purpose::Bounce, reader))
}

#[test]
fn serve_works_on_a_poisoned_ledger() {
    let room = room();
    room.run(&["send"]).exits(0);
    std::fs::remove_dir_all(room.path("outbox")).unwrap();
    room.file("subscribers.toml", FILE);
    poison(&room);
    // Named with its masked address; the others behind it go.
    let mut program = room.spawn(&["serve"]);
    program.says("cannot be read and is left out: `");
    program.kill();
    let mut serving = Serving::start(&room);
    serving.merged(&room, |text| text.contains("name = \"Ada\""));
    assert_eq!(serving.pages.post("", "email=dee@example.org").0, 200);
    let confirm = serving.confirm_paths(&room, 1).remove(0);
    assert_eq!(serving.pages.post(&confirm, "").0, 200);
    serving.merged(&room, |text| text.contains("dee@example.org"));
    assert_eq!(serving.pages.leave(91), 200);
    for page in ["", "editions"] {
        assert_eq!(serving.pages.get(page).0, 200, "{page}");
    }
    // Their own page is not there; whoever is behind it can still go.
    for number in [91, 92, 93, 94] {
        let link = token(Purpose::Leave, number);
        assert_eq!(serving.pages.get(&format!("preferences/{link}")).0, 404);
    }
    let rest = serving.program.kill().stderr;
    assert!(!rest.contains("attacker"), "{rest}");
}

#[test]
fn a_queued_copy_that_cannot_be_read_is_left_out_with_its_own_reason() {
    let post = PostOffice::open();
    let first = post.hold_letter(1);
    let room = Newsroom::new().relay(post.port(), 1);
    let mut send = room.spawn(&["send"]);
    first.reached_by(&mut send);
    let db = Connection::open(room.path("newsdigest.db")).unwrap();
    db.execute_batch("UPDATE reader SET key = 'i\u{307}@attacker.example' WHERE id = 2; UPDATE copy SET reader = 999 WHERE reader = 3;")
        .unwrap();
    first.go_on();
    send.wait().exits(0);
    let tally = room.tally();
    assert_eq!((tally.accepted, tally.left_out), (1, 2));
    let listed = room.run(&["status", "--left-out"]).exits(0).stdout;
    assert_eq!(
        listed
            .matches("the address in the ledger cannot be read")
            .count(),
        2,
        "{listed}"
    );
    assert!(listed.contains("i***@a***.example"), "{listed}");
}

/// A row that the ledger will not write while it writes others: at the claim, after the answer, and at the start of the next run.
#[test]
fn a_copy_whose_row_fails_alone_is_left_out_and_stops_nobody() {
    for when in ["new.id = 2", "new.id = 2 AND new.state = 1"] {
        let post = PostOffice::open();
        let first = post.hold_letter(1);
        let room = Newsroom::new().relay(post.port(), 1);
        let mut send = room.spawn(&["send"]);
        first.reached_by(&mut send);
        let db = Connection::open(room.path("newsdigest.db")).unwrap();
        db.execute_batch(&format!("CREATE TRIGGER bad BEFORE UPDATE ON copy WHEN {when} BEGIN SELECT raise(ABORT, 'no room'); END"))
            .unwrap();
        first.go_on();
        send.wait()
            .exits(0)
            .says("one copy is set aside")
            .says("no room");
        let tally = room.tally();
        assert_eq!((tally.accepted, tally.left_out), (2, 1));
        let listed = room.run(&["status", "--left-out"]).exits(0).stdout;
        assert!(
            listed.contains("the ledger fails at this reader's row"),
            "{listed}"
        );
        assert_eq!(post.letters().len(), 2);
        room.run(&["send"]).exits(0).says("nothing is left");
    }
}

#[test]
fn a_copy_whose_answer_cannot_be_written_stays_in_doubt_and_stops_nobody() {
    for when in ["new.id = 1", "new.id = 1 AND new.state = 2"] {
        let post = PostOffice::open();
        let first = post.hold_letter(1);
        let room = Newsroom::new().relay(post.port(), 1);
        let mut send = room.spawn(&["send"]);
        first.reached_by(&mut send);
        let db = Connection::open(room.path("newsdigest.db")).unwrap();
        db.execute_batch(&format!("CREATE TRIGGER bad BEFORE UPDATE ON copy WHEN {when} BEGIN SELECT raise(ABORT, 'no room'); END"))
            .unwrap();
        first.go_on();
        send.wait().exits(3).says("one copy is set aside");
        let tally = room.tally();
        assert_eq!((tally.accepted, tally.in_doubt), (2, 1));
        // The next run sends it to nobody twice unasked.
        room.run(&["send"]).exits(3);
        assert_eq!(post.letters().len(), 3);
    }
}

#[test]
fn a_killed_send_is_resumed_beside_a_row_that_fails() {
    let post = PostOffice::open();
    let second = post.hold_letter(2);
    let room = Newsroom::new().relay(post.port(), 1);
    let mut send = room.spawn(&["send"]);
    second.reached_by(&mut send);
    send.kill();
    let db = Connection::open(room.path("newsdigest.db")).unwrap();
    db.execute_batch("CREATE TRIGGER bad BEFORE UPDATE ON copy WHEN new.id = 2 BEGIN SELECT raise(ABORT, 'no room'); END")
        .unwrap();
    drop(second);
    room.run(&["send"]).exits(3);
    let tally = room.tally();
    assert_eq!((tally.accepted, tally.in_doubt, tally.queued), (2, 1, 0));
}

/// At the freeze: a reader whose row is refused gets no copy and is named, the others get theirs.
#[test]
fn a_reader_whose_row_the_freeze_cannot_write_stops_nobody() {
    for (when, is_listed) in [
        ("copy WHEN new.reader = 2 AND new.state = 0", true),
        ("copy WHEN new.reader = 2", false),
        ("reader WHEN new.key LIKE 'bo%'", false),
    ] {
        let post = PostOffice::open();
        let room = Newsroom::new().relay(post.port(), 1);
        room.run(&["suppress", "nobody@example.org"]).exits(0);
        let db = Connection::open(room.path("newsdigest.db")).unwrap();
        db.execute_batch("DELETE FROM suppressed; DELETE FROM reader")
            .unwrap();
        db.execute_batch(&format!(
            "CREATE TRIGGER bad BEFORE INSERT ON {when} BEGIN SELECT raise(ABORT, 'no room'); END"
        ))
        .unwrap();
        let send = room.run(&["send"]).exits(0);
        assert_eq!(post.letters().len(), 2, "{when}");
        let tally = room.tally();
        assert_eq!((tally.accepted, tally.left_out), (2, u64::from(is_listed)));
        if is_listed {
            let listed = room.run(&["status", "--left-out"]).exits(0).stdout;
            assert!(
                listed.contains("the ledger fails at this reader's row"),
                "{listed}"
            );
        } else {
            send.says("who gets no copy: no room");
        }
    }
    // If it takes nobody, it is not the rows.
    let post = PostOffice::open();
    let room = Newsroom::new().relay(post.port(), 1);
    room.run(&["suppress", "nobody@example.org"]).exits(0);
    let db = Connection::open(room.path("newsdigest.db")).unwrap();
    db.execute_batch(
        "CREATE TRIGGER bad BEFORE INSERT ON copy BEGIN SELECT raise(ABORT, 'no room'); END",
    )
    .unwrap();
    room.run(&["send"]).exits(1).says("refuses a row: no room");
    db.execute_batch("DROP TRIGGER bad").unwrap();
    room.run(&["send"]).exits(0);
    assert_eq!(post.letters().len(), 3);
}

/// What a reader changed is in the file, and the ledger cannot note that it is: nobody else's change waits for it, and no edition.
#[test]
fn a_change_that_cannot_be_noted_holds_up_nobody() {
    for when in [
        "UPDATE ON change WHEN new.reader = 1",
        "DELETE ON change WHEN old.reader = 1",
        "UPDATE ON copy WHEN new.reader = 1 AND new.address IS NULL AND old.state = 2",
    ] {
        let post = PostOffice::open();
        let room = room().relay(post.port(), 1);
        room.run(&["send"]).exits(0);
        let db = Connection::open(room.path("newsdigest.db")).unwrap();
        db.execute_batch(&format!(
            "INSERT INTO change (reader, kind, address, preferences, form, at) VALUES
                 (1, 3, 'ada@example.org', NULL, NULL, 1787550291000),
                 (2, 2, 'bob@example.org', '{{\"name\":\"Bobby\",\"sections\":[],\"paused\":\"no\"}}', NULL, 1787550291000);
             UPDATE copy SET address = 'Ada@example.org' WHERE reader = 1;
             CREATE TRIGGER bad BEFORE {when} BEGIN SELECT raise(ABORT, 'no room'); END"
        ))
        .unwrap();
        for (number, word) in (7..11).zip(["Ferry", "Market", "Seal", "Rowers"]) {
            room.story(number, &format!("{word} again"), "News");
        }
        room.run(&["send", "--date", &format!("{TODAY}b")])
            .exits(0)
            .says("cannot be noted: no room");
        assert_eq!(post.letters().len(), 5, "{when}");
        let file = room.read("subscribers.toml");
        assert!(file.contains("Bobby") && !file.contains("ada@"), "{file}");
        let left: i64 = db
            .query_row(
                "SELECT count(*) FROM change WHERE reader = 2 AND merged IS NULL",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(left, 0);
    }
}

#[test]
fn a_copy_whose_pages_are_not_there_is_left_out() {
    let post = PostOffice::open();
    let first = post.hold_letter(1);
    let room = Newsroom::new().relay(post.port(), 1);
    let mut send = room.spawn(&["send"]);
    first.reached_by(&mut send);
    let db = Connection::open(room.path("newsdigest.db")).unwrap();
    db.execute_batch("UPDATE copy SET page_set = 77, next_try = 'soon' WHERE id = 2")
        .unwrap();
    first.go_on();
    send.wait().exits(0).says("pages number 77");
    let tally = room.tally();
    assert_eq!((tally.accepted, tally.left_out), (2, 1));
}

#[test]
fn who_left_under_letters_that_were_not_composed_stays_away() {
    let room = Newsroom::new();
    room.run(&["send"]).exits(0);
    let db = Connection::open(room.path("newsdigest.db")).unwrap();
    // One reader alone, and one who was two: the second form left.
    db.execute_batch(
        "INSERT INTO reader (id, key) VALUES (91, '\u{1112}\u{1161}\u{11ab}@example.org'), (92, '\u{ac00}@example.org'), (93, '\u{1100}\u{1161}@example.org');
         INSERT INTO suppressed VALUES (91, 'unsubscribed', 1787550300000), (93, 'unsubscribed', 1787550300000);",
    )
    .unwrap();
    old(&db);
    let room = room.subscribers(&[
        "\u{d55c}@example.org",
        "\u{ac00}@example.org",
        "ada@example.org",
    ]);
    room.run(&["send", "--date", &format!("{TODAY}b")])
        .exits(0)
        .says("frozen for 1 recipient, 2 left out");
}

#[test]
fn no_door_takes_an_address_that_small_letters_break() {
    let room = room();
    let (dotted, long) = (
        "\u{130}@attacker.example",
        format!("{}@attacker.example", "\u{23a}".repeat(32)),
    );
    let before = room.read("subscribers.toml");
    for address in [dotted, &long] {
        for verb in [
            &["subscribers", "add", address][..],
            &["subscribers", "remove", address],
            &["suppress", address],
            &["unsuppress", address],
            &["proof", "--to", address],
            &["status", "--of", address],
        ] {
            let output = room.run(verb);
            assert!(
                matches!(output.status, Some(1 | 2)),
                "{verb:?}: {}",
                output.stderr
            );
        }
        room.run_with_input(
            &["subscribers", "import", "-"],
            &format!("email\n{address}\n"),
        )
        .exits(3)
        .says("small letters");
    }
    assert_eq!(room.read("subscribers.toml"), before);
    let mut serving = Serving::start(&room);
    for form in [
        "email=%C4%B0%40attacker.example&name=Zoe",
        &format!("email={}%40attacker.example&name=Zoe", "%C8%BA".repeat(32)),
    ] {
        let (status, page) = serving.pages.post("", form);
        let why =
            "<p id=\"wrong\" role=\"alert\">This is not an email address. Please check it.</p>";
        assert!(status == 422 && page.contains(why), "{status} {page}");
        assert!(
            page.contains("attacker.example\"") && page.contains("value=\"Zoe\""),
            "the form comes again: {page}"
        );
    }
    // A name of other letters goes the whole way.
    assert_eq!(
        serving.pages.post("", "email=Zoe%CC%88%40example.org").0,
        200
    );
    let confirm = serving.confirm_paths(&room, 1).remove(0);
    assert_eq!(serving.pages.post(&confirm, "").0, 200);
    serving.merged(&room, |text| text.contains("Zo\u{eb}@example.org"));
    let db = Connection::open(room.path("newsdigest.db")).unwrap();
    let (number, key): (u64, String) = db
        .query_row("SELECT id, key FROM reader", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!(key, "zo\u{eb}@example.org");
    let link = token(Purpose::Leave, number);
    assert_eq!(
        serving
            .pages
            .post(&format!("preferences/{link}/erase"), "")
            .0,
        200
    );
    drop(serving);
    room.run(&["send"]).exits(0);
    assert!(!room.read("subscribers.toml").contains("Zo"));
    room.run(&["suppress", "--list"]).exits(0);
}
