//! One night by the clock.

use crate::newsroom::Newsroom;
use crate::postoffice::{PostOffice, Received};
use crate::serve::Serving;

const NAMES: [(&str, &str); 3] = [("morning", "07:30"), ("sport", "07:45"), ("city", "08:00")];
const READERS: [&str; 3] = ["ada@example.org", "bob@example.org", "cleo@example.net"];

/// Three newsletters whose time is the same minute; the one that must be out first has its `not_after` first.
fn room(post: &PostOffice) -> Newsroom {
    let room = super::with_readers()
        .relay(post.port(), 1)
        .subscribers(&READERS);
    for (name, not_after) in NAMES {
        let id = if name == "morning" { "harbour" } else { name };
        room.file(
            &format!("newsletters/{name}.toml"),
            format!(
                "[newsletter]\nname = \"The {name}\"\nid = \"{id}\"\ndefault = true\n[selection]\nminimum = 1\n\
                 [schedule]\ndays = \"daily\"\nsend_at = \"07:00\"\nnot_after = \"{not_after}\"\n"
            ),
        );
    }
    room.at("2026-08-24T06:00:10Z")
}

/// The letters of one newsletter to a reader.
fn letters(post: &PostOffice, name: &str, to: &str) -> Vec<Received> {
    let mut all = post.letters();
    all.retain(|letter| {
        let list = letter.header("List-Id").unwrap_or_default();
        letter.to == [to] && list.contains(&format!("The {name}"))
    });
    all
}

#[test]
fn three_newsletters_by_the_clock_and_a_kill_in_each_lose_nobody() {
    let post = PostOffice::open();
    let room = room(&post);
    // The second letter of each, in the order of `not_after`; after a kill it is sent again, with the third behind it, before the next newsletter.
    for nth in [2, 4, 4] {
        let held = post.hold_letter(nth);
        let mut serving = Serving::start(&room);
        held.reached_by(&mut serving.program);
        serving.program.kill();
        held.go_on();
    }
    let mut serving = Serving::start(&room);
    serving
        .program
        .says("city: The city, 2026-08-24: 3 accepted");
    serving.program.interrupt();
    serving.program.wait().exits(0);
    let mut doubles = 0;
    for (name, _) in NAMES {
        for reader in READERS {
            let letters = letters(&post, name, reader);
            assert!(!letters.is_empty(), "{name} to {reader}");
            let first = letters[0].message_id();
            assert!(letters.iter().all(|letter| letter.message_id() == first));
            doubles += letters.len() - 1;
        }
        let status = room.run(&["status", "--newsletter", name, "--json"]);
        let status = status.exits(0).json();
        assert_eq!(status[0]["tally"]["accepted"], 3, "{status}");
    }
    assert!(doubles <= 3, "at most one for each kill");
    let order = post.letters();
    let lists = order.iter().filter_map(|letter| letter.header("List-Id"));
    let mut lists: Vec<String> = lists.collect();
    lists.dedup();
    let wanted = NAMES.map(|(name, _)| format!("The {name} <"));
    let is_so = lists
        .iter()
        .zip(&wanted)
        .all(|(list, name)| list.contains(&**name));
    assert!(is_so && lists.len() == 3, "{lists:?}");
}
