//! What became of whom: `status` after the day is over.

use crate::newsroom::{Newsroom, TODAY};
use crate::postoffice::PostOffice;

const NEXT_DAY: &str = "2026-08-25T05:45:00Z";

/// Two editions, of which the first met every fate but doubt.
fn two_mornings(post: &PostOffice) -> Newsroom {
    let room = Newsroom::new()
        .subscribers(&[
            "ada@example.org",
            "bob@example.org",
            "+cleo@example.net",
            "dan@example.org",
        ])
        .relay(post.port(), 1);
    room.run(&["suppress", "dan@example.org"]).exits(0);
    room.run(&["send"]).exits(3);
    let room = room.at(NEXT_DAY).config("selection", "window = \"48h\"");
    for (number, headline) in [
        (0, "Fog over the harbour"),
        (7, "Swans return to the mill pond"),
        (8, "Tram line four is late again"),
    ] {
        room.story(number, headline, "News");
    }
    // Whose mailbox does not exist is not mailed again.
    room.run(&["send"]).exits(0);
    room
}

fn refusing() -> PostOffice {
    PostOffice::open()
        .reply_to(
            "bob@example.org",
            "550 5.1.1 <bob@example.org>: no such user",
        )
        .reply_to_times("+cleo@example.net", "451 4.7.1 come back later", 1)
}

#[test]
fn one_reader_in_all_editions() {
    let post = refusing();
    let room = two_mornings(&post);
    let of = |reader: &str| room.run(&["status", "--of", reader]).exits(0).data();
    let mut said = of("Ada@Example.org") + &of("bob@example.org") + &of("+cleo@example.net");
    said += &of("dan@example.org");
    insta::assert_snapshot!(said, @"
    2026-08-24, to the relay: accepted, 2026-08-24 06:45: 250 2.0.0 taken
    2026-08-25, to the relay: accepted, 2026-08-25 06:45: 250 2.0.0 taken
    on the suppression list since 2026-08-24 06:45: bounced
    2026-08-24, to the relay: rejected, 2026-08-24 06:45: 550 5.1.1 <b***@e***.org>: no such user
    2026-08-25, to the relay: left out, 2026-08-25 06:45: on the suppression list
    2026-08-24, came back, 2026-08-24 06:45: hard: 550 5.1.1 <b***@e***.org>: no such user
    2026-08-24, to the relay: accepted, 2026-08-24 06:45, not taken 1 time: 250 2.0.0 taken
    2026-08-25, to the relay: accepted, 2026-08-25 06:45: 250 2.0.0 taken
    on the suppression list since 2026-08-24 06:45: by hand
    2026-08-24, to the relay: left out, 2026-08-24 06:45: on the suppression list
    2026-08-25, to the relay: left out, 2026-08-25 06:45: on the suppression list
    ");
    let json = room
        .run(&["status", TODAY, "--json", "--of", "dan@example.org"])
        .exits(0)
        .json();
    assert_eq!(json["suppressed"]["reason"], "by hand");
    assert_eq!(json["copies"].as_array().unwrap().len(), 1);
    assert_eq!(json["copies"][0]["state"], "left_out");
    room.run(&["status", "--of", "eve@example.org"])
        .exits(1)
        .says("no edition was sent to that address");
    room.run(&["status", "--of", "eve"])
        .exits(1)
        .says("expected");
}

#[test]
fn a_letter_that_came_back_later() {
    let post = PostOffice::open();
    let room = Newsroom::new()
        .config("bounces", "domain = \"bounce.harbourtimes.example\"")
        .subscribers(&["ada@example.org"])
        .relay(post.port(), 1);
    room.run(&["send"]).exits(0);
    let sender = &post.accepted()[0].from;
    let token = sender.split('@').next().unwrap().trim_start_matches("b+");
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/bounces/postfix_unknown.eml"
    );
    let bounce = std::fs::read_to_string(file).unwrap();
    room.run_with_input(&["bounces", "-"], &bounce.replace("TOKEN", token))
        .exits(0);
    let said = room.run(&["status", "--of", "ada@example.org"]).exits(0);
    insta::assert_snapshot!(said.data(), @"
    on the suppression list since 2026-08-24 06:45: bounced
    2026-08-24, to the relay: accepted, 2026-08-24 06:45: 250 2.0.0 taken
    2026-08-24, came back, 2026-08-24 06:45: hard: 550 5.1.1 <a***@e***.org>: user unknown
    ");
    let json = room
        .run(&["status", "--of", "ada@example.org", "--json"])
        .exits(0)
        .json();
    assert_eq!(json["came_back"][0]["edition"], TODAY);
    assert_eq!(json["came_back"][0]["class"], "hard");
}

#[test]
fn every_copy_as_a_table() {
    let post = refusing();
    let room = two_mornings(&post);
    let table = room.run(&["status", TODAY, "--csv"]).exits(0).stdout;
    // Without the instants, which differ from run to run.
    let rows: Vec<String> = table
        .lines()
        .map(|row| {
            let mut cells: Vec<&str> = row.split(',').collect();
            assert!(cells.remove(5).starts_with("2026-08-24T05:45") || row.contains(",at,"));
            cells.join(",")
        })
        .collect();
    insta::assert_snapshot!(rows.join("\n"), @"
    edition,target,email,state,attempts,why
    2026-08-24,relay,ada@example.org,accepted,1,250 2.0.0 taken
    2026-08-24,relay,bob@example.org,rejected,1,550 5.1.1 <b***@e***.org>: no such user
    2026-08-24,relay,'+cleo@example.net,accepted,2,250 2.0.0 taken
    2026-08-24,relay,dan@example.org,left_out,0,on the suppression list
    ");
}

#[test]
fn a_tally_that_does_not_balance_is_said_loudly() {
    let post = PostOffice::open();
    let room = Newsroom::new().relay(post.port(), 1);
    room.run(&["send"]).exits(0);
    let ledger = rusqlite::Connection::open(room.path("newsdigest.db")).unwrap();
    for damage in [
        "UPDATE copy SET state = 9 WHERE id = 2",
        "DELETE FROM copy WHERE id = 2",
    ] {
        ledger.execute_batch(damage).unwrap();
        for arguments in [["status", TODAY], ["status", "--rejected"]] {
            room.run(&arguments)
                .exits(1)
                .says("does not balance: 2 accepted (3 subscribers)");
        }
        let output = room.run(&["status", "--json"]).exits(1);
        assert_eq!(output.json()[0]["balances"], false);
        room.run(&["send"]).exits(75).says("does not balance");
    }
    ledger
        .execute_batch("UPDATE copy SET state = 9 WHERE id = 1")
        .unwrap();
    room.run(&["status", "--csv"])
        .exits(1)
        .says("does not balance: 1 accepted (3 subscribers)");
}
