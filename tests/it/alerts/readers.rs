//! How readers leave alerts and turn them on again, by their links and on their page.

use newsdigest::model::token::{Keys, Purpose};

use super::{alerts, room, to};
use crate::newsletters::link as token;
use crate::postoffice::PostOffice;
use crate::serve::Serving;

/// The link of an alert leaves alerts and nothing else; the page of preferences turns them off and on; who is suppressed gets none.
#[test]
fn a_reader_leaves_alerts_and_turns_them_on_again() {
    let post = PostOffice::open();
    let room = room(&post).config(
        "public",
        "url = \"https://news.harbourtimes.example/\"\nlisten = \"127.0.0.1:0\"",
    );
    room.secret("secret.key", Keys::file(&[7; 32]));
    let send = |story: &str, more: &[&str]| {
        let before = post.accepted().len();
        room.run(&[&["alert", story, "--yes", "--again"], more].concat())
            .exits(0);
        to(&post.accepted()[before..])
    };
    let both = ["ada@example.org", "dora@example.net"];
    assert_eq!(send("fire.toml", &[]), both);
    let letter = alerts(&post).remove(0);
    let link = letter.header("List-Unsubscribe").unwrap();
    let link = link.split("example/").nth(1).unwrap();
    let link = link.split('>').next().unwrap().to_owned();
    let serving = Serving::start(&room);
    let pages = serving.pages;
    let shown = pages.get(&link);
    assert!(
        shown.0 == 200 && shown.1.contains("Harbour alerts"),
        "{}",
        shown.1
    );
    assert_eq!(pages.post(&link, "List-Unsubscribe=One-Click").0, 200);
    assert_eq!(send("fire.toml", &[]), ["dora@example.net"]);
    // Ada is known by the same number to the newsletter, which she still gets.
    room.run(&["send"]).exits(0);
    assert_eq!(room.tally().accepted, 5);
    let preferences = format!("preferences/{}", token("harbour", Purpose::Leave, 1));
    let page = pages.get(&preferences).1;
    let tick = "name=\"alerts\" value=\"yes\"";
    assert!(
        page.contains(tick) && !page.contains(&format!("{tick} checked")),
        "{page}"
    );
    let saved = pages.post(&preferences, "alerts=no&alerts=yes&pause=no");
    assert!(saved.1.contains(&format!("{tick} checked")), "{}", saved.1);
    assert_eq!(send("strike.toml", &[]), both);
    // Turned off, it holds from the answer on.
    assert_eq!(pages.post(&preferences, "alerts=no&pause=no").0, 200);
    let room_file = room.read("newsdigest.toml").replace(
        "name = \"Harbour alerts\"",
        "name = \"Harbour alerts\"\nmax_per_day = 9",
    );
    room.file("newsdigest.toml", room_file);
    assert_eq!(send("strike.toml", &[]), ["dora@example.net"]);
    // A form that does not ask about alerts says nothing of them.
    let dora = format!("preferences/{}", token("alerts", Purpose::Leave, 2));
    assert_eq!(pages.post(&dora, "pause=no").0, 200);
    assert_eq!(send("strike.toml", &[]), ["dora@example.net"]);
    room.run(&["suppress", "dora@example.net"]).exits(0);
    room.run(&["alert", "strike.toml", "--yes", "--again"])
        .exits(1)
        .says("no reader gets");
    let archived = pages.get("editions/alerts/2026-08-24-alert-1");
    assert!(
        archived.0 == 200 && archived.1.contains("A fire"),
        "{}",
        archived.1
    );
    assert!(!pages.get("editions").1.contains("alert-1"));
}
