//! The ledger's file: old copies go, and a file that is taken away is noticed.

use newsdigest::model::token::Keys;
use rusqlite::Connection;

use crate::newsroom::{Newsroom, TODAY};
use crate::postoffice::PostOffice;

/// A day that is older than any `keep` here.
const OLD: &str = "2025-04-01";

fn copies(room: &Newsroom) -> u64 {
    let db = Connection::open(room.path("newsdigest.db")).unwrap();
    db.query_row("SELECT count(*) FROM copy", [], |row| row.get(0))
        .unwrap()
}

/// Sends an edition, and makes it an old one.
fn with_an_old_edition(post: &PostOffice) -> Newsroom {
    let room = Newsroom::new().relay(post.port(), 1);
    room.run(&["send"]).exits(0);
    let db = Connection::open(room.path("newsdigest.db")).unwrap();
    db.execute_batch(&format!(
        "UPDATE run SET slug = '{OLD}', frozen = frozen - 510 * 86400000"
    ))
    .unwrap();
    std::fs::remove_file(room.path(&format!("editions/{TODAY}.toml"))).unwrap();
    for (number, word) in (7..11).zip(["Ferry", "Market", "Seal", "Rowers"]) {
        room.story(number, &format!("{word} again"), "News");
    }
    room
}

#[test]
fn old_copies_go_at_the_freeze_and_the_tally_stays() {
    let post = PostOffice::open();
    let room = with_an_old_edition(&post);
    let status = |arguments: &[&str]| room.run(arguments).exits(0);
    let before = status(&["status", OLD, "--json"]).json();
    // Without `keep` nothing goes.
    room.run(&["ledger", "prune"])
        .exits(1)
        .says("`[ledger] keep` is not set");
    room.run(&["send"]).exits(0);
    assert_eq!(copies(&room), 6);
    // The newest is never touched, however short `keep` is; the old one goes with the next freeze.
    let room = room.config("ledger", "keep = \"400d\"");
    room.run(&["ledger", "prune"])
        .exits(0)
        .says("3 copies of 1 edition deleted");
    assert_eq!(copies(&room), 3);
    assert_eq!(room.run(&["status", OLD, "--json"]).exits(0).json(), before);
    room.run(&["status", OLD, "--rejected"])
        .exits(0)
        .says("were deleted after `[ledger] keep`");
    room.run(&["ledger", "prune", "--compact"])
        .exits(0)
        .says("less than before");
    // Its stories do not come back, nor does its edition.
    room.run(&["send", "--date", OLD])
        .exits(0)
        .says("nothing is left");
    assert_eq!(post.letters().len(), 6);
}

#[test]
fn a_freeze_prunes_but_never_a_run_that_is_not_sent_to_its_end() {
    let post = PostOffice::open();
    let room = with_an_old_edition(&post).config("ledger", "keep = \"400d\"");
    let db = Connection::open(room.path("newsdigest.db")).unwrap();
    db.execute_batch(
        "UPDATE copy SET state = 6 WHERE id = 2; UPDATE copy SET state = 1 WHERE id = 3",
    )
    .unwrap();
    room.run(&["send"]).exits(0);
    assert_eq!(copies(&room), 6);
    db.execute_batch("UPDATE copy SET state = 2 WHERE id = 3")
        .unwrap();
    for (number, word) in (11..15).zip(["Tide", "Quay", "Bell", "Rope"]) {
        room.story(number, &format!("{word} again"), "News");
    }
    room.run(&["send", "--date", &format!("{TODAY}b"), "--verbose"])
        .exits(0)
        .says("3 copies of 1 edition deleted");
    assert_eq!(copies(&room), 6);
}

/// Takes the ledger away while the second letter is with the relay.
fn taken_away(take: impl FnOnce(&Newsroom)) -> (Newsroom, PostOffice, crate::newsroom::Output) {
    let post = PostOffice::open();
    let second = post.hold_letter(2);
    let room = Newsroom::new().relay(post.port(), 1);
    let mut send = room.spawn(&["send"]);
    second.reached_by(&mut send);
    take(&room);
    second.go_on();
    let output = send.wait();
    (room, post, output)
}

#[test]
fn a_ledger_removed_in_mid_send_is_written_back() {
    for files in [
        &["newsdigest.db"][..],
        &["newsdigest.db", "newsdigest.db-wal", "newsdigest.db-shm"],
    ] {
        let (room, post, output) = taken_away(|room| {
            for file in files {
                std::fs::remove_file(room.path(file)).unwrap();
            }
        });
        output.exits(75).says("was written again");
        room.run(&["send"])
            .exits(0)
            .says("nothing is left to hand over");
        assert_eq!(post.letters().len(), 3);
        assert_eq!(room.tally().accepted, 3);
        assert!(!room.has("newsdigest.db.restored"));
    }
}

#[test]
fn a_ledger_replaced_in_mid_send_is_not_written_over() {
    let (room, _, output) = taken_away(|room| {
        std::fs::remove_file(room.path("newsdigest.db")).unwrap();
        room.file("newsdigest.db", "another file");
    });
    output.exits(75).says("would mail everybody again");
    assert_eq!(room.read("newsdigest.db"), "another file");
}

/// `: > newsdigest.db`: the file is the one that was opened, and nothing is left in it.
#[test]
fn a_ledger_emptied_in_mid_send_is_noticed() {
    let (_room, _, output) = taken_away(|room| {
        std::fs::File::create(room.path("newsdigest.db")).unwrap();
    });
    output.exits(75).says("would mail everybody again");
}

/// A newsroom is moved away and a copy of it put in its place, as a deployment does: the copy does not know who has their letter.
#[test]
fn a_newsroom_replaced_in_mid_send_is_noticed() {
    let (room, _, output) = taken_away(|room| {
        let place = room.path("");
        let moved = place.with_extension("moved");
        std::fs::rename(&place, &moved).unwrap();
        std::fs::create_dir(&place).unwrap();
        for file in ["newsdigest.db", "newsdigest.db-wal"] {
            std::fs::copy(moved.join(file), place.join(file)).unwrap();
        }
    });
    output.exits(75).says("would mail everybody again");
    std::fs::remove_dir_all(room.path("").with_extension("moved")).unwrap();
}

/// What is left when the ledger is lost: nothing, or a file with nothing in it.
const LOST: [Option<&str>; 2] = [None, Some("")];

fn lose(room: &Newsroom, left: Option<&str>) {
    for file in [
        "newsdigest.db",
        "newsdigest.db-wal",
        "newsdigest.db-shm",
        "newsdigest.db.lock",
    ] {
        _ = std::fs::remove_file(room.path(file));
    }
    if let Some(text) = left {
        room.file("newsdigest.db", text);
    }
}

/// A new ledger in its place would mail everybody who left.
#[test]
fn a_ledger_that_is_lost_is_never_made_anew_by_itself() {
    for left in LOST {
        let post = PostOffice::open();
        let room = Newsroom::new()
            .relay(post.port(), 1)
            .config("bounces", "domain = \"bounce.harbourtimes.example\"");
        room.secret("secret.key", Keys::file(&[7; 32]));
        room.run(&["suppress", "ada@example.org"]).exits(0);
        room.run(&["send"]).exits(0);
        assert_eq!(post.letters().len(), 2);
        lose(&room, left);
        room.file("addresses.csv", "email\nbo@example.org\n");
        let next = &["--date", "2026-08-25"];
        for arguments in [
            &["send"][..],
            &["draft"],
            &["send", "--dry-run"],
            &["status"],
            &["suppress", "dee@example.org"],
            &["suppress", "--import", "addresses.csv"],
            &["suppress", "--list"],
            &["unsuppress", "ada@example.org"],
            &["subscribers", "import", "addresses.csv"],
            &["subscribers", "remove", "bo@example.org", "--for-good"],
            &["bounces", "addresses.csv"],
            &["ledger", "prune"],
        ] {
            let output = room.run(&[arguments, next].concat());
            if arguments[0] != "ledger" {
                output
                    .exits(75)
                    .says("newsdigest.db` is gone, and with it the suppression list");
            }
        }
        room.run(&["check"])
            .exits(1)
            .says("newsdigest.db` is gone, and with it the suppression list")
            .says("hint: put it back");
        assert_eq!(post.letters().len(), 2);
        assert!(room.has("newsdigest.db") == left.is_some());
        room.run(&["ledger", "new"])
            .exits(0)
            .says("nobody is on its suppression list");
        room.run(&["ledger", "new"]).exits(1).says("exists already");
        room.run(&["suppress", "ada@example.org"]).exits(0);
        room.run(&["send"]).exits(0);
        assert_eq!(post.letters().len(), 4);
    }
}

#[test]
fn what_is_in_the_ledgers_place_and_is_none_is_named_by_check() {
    let room = Newsroom::new();
    room.run(&["check"]).exits(0);
    assert!(!room.has("newsdigest.db") && !room.has(".harbour.ledger"));
    room.file("newsdigest.db", "another file");
    room.run(&["check"])
        .exits(1)
        .says("newsdigest.db` is not a ledger of newsdigest");
    assert_eq!(room.read("newsdigest.db"), "another file");
}

/// The clock opened the ledger by its name: with the file gone it made a new one, and mailed those who had left.
#[test]
fn a_ledger_that_is_lost_while_serve_runs_sends_nothing() {
    for left in [None, Some(""), Some("older")] {
        let post = PostOffice::open();
        let room = crate::serve::room()
            .relay(post.port(), 1)
            .config("schedule", "send_at = \"07:00\"")
            .at("2026-08-24T05:59:57Z");
        room.run(&["suppress", "ada@example.org"]).exits(0);
        room.run(&["draft"]).exits(0);
        let older = std::fs::read(room.path("newsdigest.db")).unwrap();
        let mut serve = room.spawn(&["serve"]);
        serve.says("the next edition is that of Mon 2026-08-24");
        lose(&room, left);
        if left == Some("older") {
            room.file("newsdigest.db", &older);
        }
        serve.says("`newsdigest.db` was removed or replaced while it was open");
        serve.terminate();
        let (code, word) = match left {
            None => (75, "was written again"),
            Some(_) => (75, "is lost"),
        };
        serve.wait().exits(code).says(word);
        assert!(post.letters().is_empty());
        if left.is_none() {
            let list = room.run(&["suppress", "--list"]).exits(0).data();
            assert!(list.contains("ada@example.org"));
        } else if left == Some("") {
            room.run(&["serve"]).exits(75).says("is gone");
        }
    }
}

/// Another newsletter of the same folder has a ledger of its own.
#[test]
fn another_newsletter_gets_its_first_ledger() {
    let room = Newsroom::new();
    room.run(&["suppress", "ada@example.org"]).exits(0);
    let config = room.read("newsdigest.toml");
    room.file(
        "evening.toml",
        format!(
            "{}\n[ledger]\npath = \"evening.db\"\n",
            config.replace("id = \"harbour\"", "id = \"evening\"")
        ),
    );
    room.run(&["--config", "evening.toml", "suppress", "ada@example.org"])
        .exits(0);
    assert!(room.has(".harbour.ledger") && room.has(".evening.ledger"));
}
