//! A run that is taken up again by another config, other keys, a newer program: what was frozen stays as it was.

use newsdigest::model::token::Keys;

use super::{copies, room};
use crate::newsroom::{Newsroom, TODAY};
use crate::postoffice::{PostOffice, Received};

const BOUNCES: &str = "domain = \"bounce.harbourtimes.example\"";

/// With readers' pages as well.
fn public(room: Newsroom) -> Newsroom {
    room.config("public", "url = \"https://news.harbourtimes.example/\"")
        .config("bounces", BOUNCES)
}

/// What the relay holds of the second letter, which it never answered; the third has not left.
fn half_sent(room: &Newsroom, post: &PostOffice) {
    let held = post.hold_letter(2);
    let mut running = room.spawn(&["send"]);
    held.reached_by(&mut running);
    running.kill();
    held.go_on();
}

/// Sends the rest, and says what left twice: the same envelope and bytes both times.
fn the_same_again(room: &Newsroom, post: &PostOffice) -> Received {
    room.run(&["send", "--date", TODAY])
        .exits(0)
        .says("1 copy may arrive twice");
    assert_eq!(room.tally().accepted, 3);
    let copies = copies(&post.letters());
    assert_eq!(copies.len(), 3);
    let [first, second] = &copies["bob@example.org"][..] else {
        panic!("{copies:?}");
    };
    let text = |letter: &Received| String::from_utf8_lossy(&letter.message).into_owned();
    assert_eq!(first.from, second.from);
    assert_eq!(text(first), text(second));
    second.clone()
}

#[test]
fn pages_of_readers_that_came_later_change_no_letter() {
    let post = PostOffice::open();
    let room = room(&post);
    half_sent(&room, &post);
    let letter = the_same_again(&public(room), &post);
    assert_eq!(letter.from, "digest@harbourtimes.example");
    assert!(letter.header("List-Unsubscribe-Post").is_none());
}

#[test]
fn a_new_key_changes_no_letter_and_the_old_one_must_stay() {
    let post = PostOffice::open();
    let room = public(room(&post));
    let old = Keys::file(&[7; 32]);
    room.secret("secret.key", &old);
    half_sent(&room, &post);
    let new = Keys::file(&[8; 32]).replace("\n1 ", "\n2 ");
    room.secret("secret.key", &new);
    room.run(&["send"])
        .exits(1)
        .says("key 1, with which 2026-08-24 was frozen, is not in `secret.key`")
        .says("nothing was sent");
    room.secret("secret.key", new + &old);
    let letter = the_same_again(&room, &post);
    assert!(letter.from.ends_with("@bounce.harbourtimes.example"));
}

/// Tables as older programs left them: of version 3, whose letterheads knew no pages and no keys, and of version 1, which had none.
#[test]
fn a_newer_program_finishes_what_an_older_one_began() {
    let older = "DROP TABLE bounce; DROP TABLE sign_up; DROP TABLE change; DROP TABLE salt;
        DROP TABLE approval; DROP TABLE approval_link; ALTER TABLE run DROP COLUMN let_go; ALTER TABLE run DROP COLUMN corrects; DROP TABLE relay; DROP TABLE relay_left; ALTER TABLE copy DROP COLUMN relay; ALTER TABLE copy DROP COLUMN doubt; ALTER TABLE run DROP COLUMN alert; DROP TABLE release; ALTER TABLE copy DROP COLUMN release; DROP TABLE event_signature; DROP TABLE subscriber_list; DROP TABLE subscriber; DROP TABLE edition_version; DROP TABLE sign_of_life; DROP TABLE left_newsletter; DROP TABLE ranking; DROP TABLE arrival; DROP TABLE result; DROP TABLE sample; DROP TABLE answer; DROP TABLE handed; DROP TABLE run_tally; DROP INDEX copy_reader;";
    for (version, head) in [
        (
            3,
            "UPDATE run SET letterhead = json_remove(letterhead, '$.public', '$.bounces', '$.sealed_by')",
        ),
        (
            1,
            "ALTER TABLE run DROP COLUMN letterhead; ALTER TABLE story DROP COLUMN dek; ALTER TABLE story DROP COLUMN published",
        ),
    ] {
        let post = PostOffice::open();
        let room = room(&post);
        half_sent(&room, &post);
        rusqlite::Connection::open(room.path("newsdigest.db"))
            .unwrap()
            .execute_batch(&format!("{older} {head}; PRAGMA user_version = {version}"))
            .unwrap();
        the_same_again(&public(room), &post);
    }
}
