//! Kills, locks, editors and sends in progress.

use std::io::{Read as _, Write as _};

use newsdigest::model::token::Purpose;

use super::{Serving, room, token};
use crate::newsroom::TODAY;
use crate::postoffice::PostOffice;

/// How often the program is killed: `NEWSDIGEST_KILLS=1000` asks for more.
fn kills() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "a knob of the test itself")]
    let asked = std::env::var("NEWSDIGEST_KILLS");
    asked.ok().and_then(|text| text.parse().ok()).unwrap_or(10)
}

/// What `kill -9` finds right behind the answer.
#[test]
fn what_was_answered_outlives_a_kill() {
    let kills = kills();
    let room = room().many_subscribers(usize::try_from(kills).unwrap());
    room.run(&["send"]).exits(0);
    for name in room.list("outbox") {
        std::fs::remove_file(room.path(&format!("outbox/{name}"))).unwrap();
    }
    let mut newcomers = 0;
    let mut done = std::collections::HashSet::new();
    for number in 1..=kills {
        let mut serving = Serving::start(&room);
        if number % 2 == 0 {
            assert_eq!(serving.pages.leave(number), 200);
        } else {
            // Killed between the answer and the letter, or between the letter and the file; both come later.
            assert_eq!(
                serving
                    .pages
                    .post("", &format!("email=new{newcomers}@example.org"))
                    .0,
                200
            );
            newcomers += 1;
            // Those of the last rounds say yes.
            for path in serving.confirm_paths(&room, newcomers - 1) {
                if done.insert(path.clone()) {
                    assert_eq!(serving.pages.post(&path, "").0, 200);
                }
            }
        }
        serving.program.kill();
    }
    let mut serving = Serving::start(&room);
    for path in serving.confirm_paths(&room, newcomers) {
        if done.insert(path.clone()) {
            assert_eq!(serving.pages.post(&path, "").0, 200);
        }
    }
    drop(serving);
    room.run(&["send", "--date", &format!("{TODAY}b")]).exits(0);
    let text = room.read("subscribers.toml");
    for newcomer in 0..newcomers {
        assert_eq!(
            text.matches(&format!("\"new{newcomer}@example.org\""))
                .count(),
            1,
            "{text}"
        );
    }
    let listed = room.run(&["suppress", "--list"]).exits(0).stdout;
    for number in (2..=kills).step_by(2) {
        let address = format!("reader{}@example.org", number - 1);
        assert!(
            listed
                .lines()
                .any(|line| line.ends_with(&format!(" {address}"))),
            "{address}\n{listed}"
        );
    }
}

#[test]
fn nobody_is_claimed_after_she_was_answered() {
    let post = PostOffice::open();
    let first = post.hold_letter(1);
    let room = room().relay(post.port(), 1).many_subscribers(200);
    let serving = Serving::start(&room);
    let mut send = room.spawn(&["send"]);
    first.reached_by(&mut send);
    // The first letter is with the relay, all others are queued.
    std::thread::scope(|scope| {
        for start in [2, 3, 4, 5] {
            let pages = serving.pages;
            scope.spawn(move || {
                for number in (start..=200).step_by(4) {
                    assert_eq!(pages.leave(number), 200);
                }
            });
        }
    });
    first.go_on();
    send.wait().exits(0);
    let tally = room.tally();
    assert_eq!((tally.accepted, tally.left_out), (1, 199));
    assert_eq!(post.letters().len(), 1);
}

/// A string in it is not closed: nobody knows what a block behind it is part of.
const OPEN: &str = "[[subscriber]]\nemail = \"ada@example.org\"\nname = \"\"\"\n";

#[test]
fn a_file_with_problems_waits_and_loses_nothing() {
    let room = room();
    let mut serving = Serving::start(&room);
    serving.pages.post("", "email=dee@example.org");
    let good = room.read("subscribers.toml");
    room.file("subscribers.toml", OPEN);
    let path = serving.confirm_paths(&room, 1).remove(0);
    assert_eq!(serving.pages.post(&path, "").0, 200);
    let said = serving.program.says("is not in the subscribers file yet");
    insta::assert_snapshot!(said, @"warning: what readers changed is not in the subscribers file yet, and is kept: `subscribers.toml` has 1 problem");
    serving.program.kill();
    assert_eq!(room.read("subscribers.toml"), OPEN);
    room.file("subscribers.toml", &good);
    let mut serving = Serving::start(&room);
    serving.merged(&room, |text| text.contains("dee@example.org"));
    drop(serving);
    // An editor had it open, and saves what was there before.
    room.file("subscribers.toml", &good);
    let mut serving = Serving::start(&room);
    serving.merged(&room, |text| text.contains("dee@example.org"));
    // A person who takes a reader out by the verb means it.
    room.run(&["subscribers", "remove", "dee@example.org"])
        .exits(0);
    drop(serving);
    let serving = Serving::start(&room);
    assert_eq!(
        serving.pages.get("healthz").0,
        404,
        "not under the public name"
    );
    assert!(!room.read("subscribers.toml").contains("dee@"));
}

/// The first change is being merged and the second is still on its way when the end is asked for: both come into the file.
#[test]
fn what_is_asked_while_it_ends_is_merged_too() {
    let room = room();
    room.run(&["send"]).exits(0);
    for name in room.list("outbox") {
        std::fs::remove_file(room.path(&format!("outbox/{name}"))).unwrap();
    }
    let mut serving = Serving::start(&room);
    serving.pages.post("", "email=dee@example.org");
    let path = serving.confirm_paths(&room, 1).remove(0);
    let lock = std::fs::File::create(room.path(".subscribers.toml.lock")).unwrap();
    lock.lock().unwrap();
    assert_eq!(serving.pages.post(&path, "").0, 200);
    let preferences = format!("preferences/{}", token(Purpose::Leave, 1));
    let (mut last, rest) = serving.pages.begin_post(&preferences, "name=Frances");
    serving.program.terminate();
    serving
        .program
        .says("answering what was asked, then ending");
    last.write_all(rest.as_bytes()).unwrap();
    let mut answer = String::new();
    last.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    lock.unlock().unwrap();
    serving.program.wait().exits(0);
    let text = room.read("subscribers.toml");
    assert!(
        text.contains("dee@example.org") && text.contains("Frances"),
        "{text}"
    );
}

#[test]
fn a_locked_ledger_is_told_as_such() {
    let room = room();
    room.run(&["send"]).exits(0);
    let mut serving = Serving::start(&room);
    let lock = rusqlite::Connection::open(room.path("newsdigest.db")).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    // Both wait for it, together.
    let pages = serving.pages;
    let ready = std::thread::spawn(move || pages.watch("readyz").0);
    assert_eq!(pages.leave(1), 503);
    assert_eq!(ready.join().unwrap(), 503);
    serving.program.says("readers are told to come later");
    lock.execute_batch("ROLLBACK").unwrap();
    assert_eq!(pages.leave(1), 200);
    assert_eq!(pages.watch("readyz").0, 200);
}

/// What a reader would be told is done would be in a file that nobody finds again.
#[test]
fn a_ledger_that_is_removed_or_replaced_is_told_and_nothing_is_written_into_nothing() {
    for replaced in [None, Some("another file")] {
        let room = room();
        room.run(&["send"]).exits(0);
        let mut serving = Serving::start(&room);
        assert_eq!(serving.pages.leave(1), 200);
        std::fs::rename(room.path("newsdigest.db"), room.path("aside.db")).unwrap();
        if let Some(text) = replaced {
            room.file("newsdigest.db", text);
        }
        assert_eq!(serving.pages.watch("readyz").0, 503);
        assert_eq!(serving.pages.leave(2), 503);
        assert_eq!(serving.pages.post("", "email=dee@example.org").0, 503);
        let preferences = format!("preferences/{}", token(Purpose::Leave, 2));
        assert_eq!(serving.pages.get(&preferences).0, 503);
        serving
            .program
            .says("`newsdigest.db` was removed or replaced while it was open");
        assert_eq!(room.has("newsdigest.db"), replaced.is_some());
        // Put back where it was, it goes on.
        std::fs::rename(room.path("aside.db"), room.path("newsdigest.db")).unwrap();
        assert_eq!(serving.pages.watch("readyz").0, 200);
        assert_eq!(serving.pages.leave(2), 200);
    }
}

/// A count that never ends: the table of bounces is made a view of all numbers.
#[test]
fn readers_are_answered_while_the_ledger_is_counted() {
    let room = room();
    room.run(&["send"]).exits(0);
    let serving = Serving::start(&room);
    let db = rusqlite::Connection::open(room.path("newsdigest.db")).unwrap();
    db.execute_batch(
        "ALTER TABLE bounce RENAME TO bounces;
         CREATE VIEW bounce AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id, 'hard' AS class FROM n",
    )
    .unwrap();
    // It is answered without the ledger's numbers after a while; the count goes on.
    let (status, numbers) = serving.pages.watch("metrics");
    assert_eq!(status, 200);
    assert!(!numbers.contains("newsdigest_suppressed"), "{numbers}");
    let preferences = format!("preferences/{}", token(Purpose::Leave, 1));
    assert_eq!(serving.pages.get(&preferences).0, 200);
    assert_eq!(serving.pages.get("editions").0, 200);
    assert_eq!(serving.pages.leave(1), 200);
}

/// Strangers choose the addresses of letters to confirm: what the relay has against one of them is not the others' affair.
#[test]
fn an_address_that_the_relay_will_not_have_holds_up_nobody() {
    let refusal = "554 5.7.1 <x@blocked.example>: Recipient address rejected: Access denied";
    let mut post = PostOffice::open();
    for number in 0..3 {
        post = post.reply_to(&format!("x{number}@blocked.example"), refusal);
    }
    let letter = post.hold_letter(1);
    let room = room().relay(post.port(), 1);
    let mut serving = Serving::start(&room);
    for number in 0..3 {
        serving
            .pages
            .post("", &format!("email=x{number}@blocked.example"));
    }
    serving.pages.post("", "email=dee@example.org");
    let said = serving.program.says("did not take a letter to confirm");
    insta::assert_snapshot!(said.trim(), @"warning: the relay did not take a letter to confirm: `554 5.7.1 <x***@b***.example>: Recipient address rejected: Access denied`");
    letter.reached_by(&mut serving.program);
    assert_eq!(post.letters()[0].to, ["dee@example.org"]);
}
