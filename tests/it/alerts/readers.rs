//! How readers leave alerts and turn them on again, by their links and on their page.

use newsdigest::model::token::{Keys, Purpose};

use super::{alerts, room, story, to};
use crate::newsletters::link as token;
use crate::newsroom::Newsroom;
use crate::postoffice::PostOffice;
use crate::serve::{HOST, Serving};

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

/// A newsroom with alerts and readers' pages, of one newsletter or of two.
fn with_pages(several: bool) -> Newsroom {
    let room = if several {
        crate::newsletters::with_readers()
    } else {
        crate::serve::room()
    };
    let room = room.config("alerts", "name = \"Harbour alerts\"");
    let text = room.read("newsdigest.toml").replace(
        "[public]\n",
        "[public]\nforms = [\"https://harbourtimes.example\"]\n",
    );
    room.file("newsdigest.toml", text);
    story(&room, "fire", "A fire at the ferry terminal");
    room
}

fn why(room: &Newsroom, address: &str) -> String {
    room.run(&["subscribers", "why", address]).exits(0).stdout
}

/// The form to subscribe offers alerts, ours and the paper's own; who ticked nothing else gets nothing else.
#[test]
fn whoever_signs_up_may_ask_for_alerts() {
    for (several, ada, eve) in [
        (false, "", "harbour: gets it"),
        (true, "newsletter=sport&", "sport: does not get it"),
    ] {
        let room = with_pages(several);
        let snippet = room.run(&["form"]).exits(0).stdout;
        let tick = "name=\"alerts\" value=\"yes\"";
        assert!(snippet.contains(tick), "{snippet}");
        let mut serving = Serving::start(&room);
        let pages = serving.pages;
        assert!(pages.get("").1.contains(tick));
        assert!(
            pages
                .get("?alerts=yes")
                .1
                .contains(&format!("{tick} checked"))
        );
        let paper = format!(
            "{HOST}Origin: https://harbourtimes.example\r\nAccept: application/json\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        );
        for form in [
            format!("email=ida@example.org&{ada}alerts=yes"),
            "email=eve@example.org&alerts=yes".to_owned(),
            format!("email=bea@example.org&{ada}alerts=maybe"),
        ] {
            let answer = pages.ask("POST /", &paper, &form);
            assert!(answer.contains("\"done\":true"), "{answer}");
        }
        for path in serving.confirm_paths(&room, 3) {
            assert_eq!(pages.post(&path, "").0, 200);
        }
        serving.program.interrupt();
        serving.program.wait().exits(0);
        let said = why(&room, "ida@example.org");
        assert!(
            said.contains("alerts: gets it") && said.contains(", with alerts"),
            "{said}"
        );
        let said = why(&room, "eve@example.org");
        assert!(
            said.contains("alerts: gets it") && said.contains(eve),
            "{said}"
        );
        let said = why(&room, "bea@example.org");
        assert!(
            said.contains("alerts: does not get it: did not ask for it"),
            "{said}"
        );
        room.run(&["alert", "fire.toml", "--yes"])
            .exits(0)
            .says("2 accepted");
        let table = room.run(&["status", "--all"]).exits(0).stdout;
        let row = table
            .lines()
            .find(|row| row.starts_with("alerts "))
            .unwrap();
        assert_eq!(row.split_whitespace().nth(2), Some("2"), "{table}");
    }
}

/// Alerts come back to who left them, or all, only if they ask for them.
#[test]
fn signing_up_again_brings_back_no_alerts_that_were_not_asked_for() {
    for several in [false, true] {
        let room = with_pages(several);
        let chosen = if several { "&newsletter=sport" } else { "" };
        room.file("subscribers.toml", "[[subscriber]]\nemail = \"ada@example.org\"\nalerts = true\n\n[[subscriber]]\nemail = \"bob@example.org\"\nalerts = true\n");
        room.run(&["alert", "fire.toml", "--yes"]).exits(0);
        let mut serving = Serving::start(&room);
        let pages = serving.pages;
        let leave = |id: &str, number: u64, body: &str| {
            let path = format!("leave/{}", token(id, Purpose::Leave, number));
            assert_eq!(pages.post(&path, body).0, 200);
        };
        // Ada leaves alerts, Bob everything.
        leave("alerts", 1, "List-Unsubscribe=One-Click");
        leave("harbour", 2, "List-Unsubscribe=One-Click&all=yes");
        let mut done = 0;
        for (more, gets) in [("", false), ("&alerts=yes", true)] {
            let pages = serving.pages;
            for (name, form) in [("ada", chosen), ("bob", chosen)] {
                let before = room.list("outbox");
                let form = format!("email={name}@example.org{form}{more}");
                assert_eq!(pages.post("", &form).0, 200);
                done += 1;
                while room.list("outbox").len() == before.len() {
                    serving.program.says("a letter to confirm has left");
                }
                let asked_of = if several { "sport" } else { "harbour" };
                let path = format!("confirm/{}", token(asked_of, Purpose::Confirm, done));
                assert_eq!(pages.post(&path, "").0, 200);
            }
            serving.program.interrupt();
            serving.program.wait().exits(0);
            for address in ["ada@example.org", "bob@example.org"] {
                let said = why(&room, address);
                assert_eq!(said.contains("alerts: gets it"), gets, "{address}\n{said}");
            }
            serving = Serving::start(&room);
        }
    }
}

/// A link of an alert leaves alerts whatever became of `[alerts]` meanwhile: added while `serve` runs, under another id, or taken out.
#[test]
fn alerts_are_left_whatever_the_config_says_meanwhile() {
    let room = crate::serve::room();
    let config = room.read("newsdigest.toml");
    story(&room, "fire", "A fire at the ferry terminal");
    room.file("subscribers.toml", "[[subscriber]]\nemail = \"ada@example.org\"\nalerts = true\n\n[[subscriber]]\nemail = \"bob@example.org\"\nalerts = true\n\n[[subscriber]]\nemail = \"cleo@example.org\"\nalerts = true\n");
    let serving = Serving::start(&room);
    let with = |more: &str| {
        room.file(
            "newsdigest.toml",
            format!("{config}\n[alerts]\nname = \"Harbour alerts\"\n{more}"),
        );
    };
    let leave = |id: &str, number: u64| {
        serving
            .pages
            .post(
                &format!("leave/{}", token(id, Purpose::Leave, number)),
                "List-Unsubscribe=One-Click",
            )
            .0
    };
    with("");
    room.run(&["alert", "fire.toml", "--yes"])
        .exits(0)
        .says("3 accepted");
    assert_eq!(leave("alerts", 1), 200);
    with("id = \"breaking\"\n");
    let again = ["alert", "fire.toml", "--yes", "--again"];
    drop(serving);
    let serving = Serving::start(&room);
    room.run(&again).exits(0);
    let leave = |id: &str, number: u64| {
        serving
            .pages
            .post(
                &format!("leave/{}", token(id, Purpose::Leave, number)),
                "List-Unsubscribe=One-Click",
            )
            .0
    };
    assert_eq!(leave("alerts", 2), 200);
    assert!(why(&room, "bob@example.org").contains("alerts: does not get it: left it"));
    room.file("newsdigest.toml", &config);
    assert_eq!(leave("breaking", 3), 200);
    assert!(why(&room, "cleo@example.org").contains("left `breaking`"));
    // The newsletter's own comes as ever, and a link that nobody sealed is none.
    assert!(why(&room, "cleo@example.org").contains("harbour: gets it"));
    assert_eq!(leave("nothing", 3), 404);
}
