//! Looking at all newsletters, and at one reader.

use newsdigest::model::token::{Keys, Purpose, Token};

use super::{link, with_readers};
use crate::postoffice::PostOffice;
use crate::serve::Serving;

#[test]
fn one_command_tells_why_and_one_forgets() {
    let room = with_readers();
    room.run(&["send", "--all"]).exits(0);
    let why = |address: &str| room.run(&["subscribers", "why", address]).exits(0).stdout;
    let said = why("Bob@example.org");
    for line in [
        "in `subscribers.toml`: newsletters sport",
        "morning: does not get it: did not ask for it",
        "sport: gets it",
        "not on the suppression list",
        "copy of 2026-08-24: accepted at ",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    room.run(&["suppress", "bob@example.org"]).exits(0);
    let said = why("bob@example.org");
    assert!(
        said.contains("sport: does not get it: on the suppression list")
            && said.contains("by hand since"),
        "{said}"
    );
    // A pause ends on its day, by the newsroom's own calendar.
    for (day, fate) in [
        ("2026-08-24", "gets it\n"),
        ("2026-08-25", "gets it, but for the pause"),
    ] {
        let text = format!("[[subscriber]]\nemail = \"pia@example.org\"\npaused = {day}\n");
        room.file(
            "subscribers.toml",
            room.read("subscribers.toml") + "\n" + &text,
        );
        let said = why("pia@example.org");
        assert!(said.contains(&format!("morning: {fate}")), "{day}\n{said}");
        room.run(&["subscribers", "remove", "pia@example.org"])
            .exits(0);
    }
    let said = why("nobody@example.org");
    assert!(said.contains("not in `subscribers.toml`"), "{said}");
    let erase = ["subscribers", "erase", "ada@example.org", "--json"];
    let receipt = room.run(&erase).exits(0).stdout;
    let receipt: serde_json::Value = serde_json::from_str(&receipt).unwrap();
    assert_eq!(receipt["blocks"], 1, "{receipt}");
    assert_eq!(receipt["ledger"]["copies"], 2, "{receipt}");
    assert!(!room.read("subscribers.toml").contains("ada@"));
    let table = room.run(&["status", "2026-08-24", "--csv"]).exits(0).stdout;
    assert!(!table.contains("ada@"), "{table}");
    // An old list brings nobody back, also one who was never heard of.
    room.run(&["subscribers", "erase", "eve@example.org"])
        .exits(0);
    room.run(&["subscribers", "add", "ada@example.org", "eve@example.org"])
        .exits(0);
    for erased in ["ada@example.org", "eve@example.org"] {
        let said = why(erased);
        assert!(
            said.contains("morning: does not get it: on the suppression list"),
            "{said}"
        );
    }
}

#[test]
fn newsletters_side_by_side() {
    let post = PostOffice::open();
    let room = with_readers()
        .config("bounces", "domain = \"bounce.harbourtimes.example\"")
        .relay(post.port(), 1);
    room.file(
        "newsletters/sport.toml",
        "[newsletter]\nname = \"Harbour Sport\"\n[selection]\nminimum = 1\n[schedule]\ndays = \"daily\"\nsend_at = \"18:00\"\n",
    );
    room.run(&["send", "--newsletter", "morning"]).exits(0);
    let serving = Serving::start(&room);
    let path = format!("leave/{}", link("harbour", Purpose::Leave, 1));
    let left = serving.pages.post(&path, "List-Unsubscribe=One-Click");
    assert_eq!(left.0, 200);
    // Cleo, one of the two who got it, calls the morning's letter spam.
    let token = Token {
        purpose: Purpose::Bounce,
        number: 2,
        run: 1,
    };
    let token = Keys::parse(&Keys::file(&[7; 32]))
        .unwrap()
        .seal("harbour", &token);
    let sample = format!("{}/tests/bounces/complaint.eml", env!("CARGO_MANIFEST_DIR"));
    let complaint = std::fs::read_to_string(sample)
        .unwrap()
        .replace("TOKEN", &token);
    room.run_with_input(&["bounces", "-"], &complaint).exits(0);
    let metrics = serving.pages.watch("metrics").1;
    for figure in [
        "newsdigest_readers_left{newsletter=\"morning\"} 1\n",
        "newsdigest_readers_gained{newsletter=\"sport\"} 0\n",
        "newsdigest_complaints_per_thousand{newsletter=\"morning\"} 500\n",
        "newsdigest_complaints_level{newsletter=\"morning\"} 2\n",
        "newsdigest_complaints_level{newsletter=\"sport\"} 0\n",
    ] {
        assert!(metrics.contains(figure), "{figure}{metrics}");
    }
    assert!(
        !metrics.contains("per_thousand{newsletter=\"sport\"}"),
        "{metrics}"
    );
    let copies = "newsdigest_copies{newsletter=\"morning\",state=\"accepted\"} 2";
    assert!(metrics.contains(copies), "{metrics}");
    let said = room.run(&["status", "--all", "--json"]).exits(0).stdout;
    let all: serde_json::Value = serde_json::from_str(&said).unwrap();
    let (morning, sport) = (&all[0], &all[1]);
    assert_eq!(morning["left"], 1, "{said}");
    assert_eq!(morning["accepted"], 2, "{said}");
    assert_eq!(morning["last"]["tally"]["accepted"], 2, "{said}");
    assert_eq!(sport["next"], "2026-08-24T18:00:00+01:00", "{said}");
    assert!(sport["last"].is_null(), "{said}");
    assert!(sport["complaints_per_thousand"].is_null(), "{said}");
    let table = room.run(&["status", "--all"]).exits(0).stdout;
    let row = |name: &str| table.lines().find(|line| line.starts_with(name)).unwrap();
    assert!(row("morning ").contains("500.0   !!"), "{table}");
    let sport = table.lines().find(|line| line.starts_with("sport  "));
    assert!(sport.unwrap().contains("Mon 08-24 18:00"), "{table}");
}

/// Letters of each newsletter say their own words; what they brought is nobody's choice, whichever newsletter is drawn up.
#[test]
fn views_from_letters_of_another_newsletter_are_known() {
    let room = super::shared().config("[readership]", "counts = \"visits.csv\"");
    for (name, words) in [
        ("morning", "utm_source=morning"),
        ("sport", "from=sport-{day}"),
    ] {
        let file = format!("newsletters/{name}.toml");
        room.file(
            &file,
            room.read(&file) + &format!("[links]\nadd = \"{words}\"\n"),
        );
    }
    room.file(
        "visits.csv",
        "url,views\n/story-1?from=sport-2026-08-23,900\n/story-1?utm_source=morning,70\n/story-1?from=sport,5\n/story-1,3\n",
    );
    for name in ["morning", "sport"] {
        let told = room
            .run(&["explain", "--json", "--newsletter", name])
            .exits(0)
            .json();
        assert_eq!(told["views_from_letters"], 970, "{name}");
        let story = told["candidates"]
            .as_array()
            .unwrap()
            .iter()
            .find(|story| story["url"] == "https://harbourtimes.example/story-1");
        assert_eq!(story.unwrap()["views"], 8, "{name}");
    }
}
