//! `results`: who came by the links of an edition that was sent, told by the newsroom's own figures.

use std::fmt::Write as _;

use serde_json::Value;

use crate::browser;
use crate::newsroom::{Newsroom, TODAY};
use crate::postoffice::PostOffice;
use crate::serve::Serving;

const ADD: &str = "add = \"utm_source=letter&utm_campaign={day}&utm_content={slot}\"";
pub(crate) const PERSON: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0";
/// When the day of the edition is over.
const NEXT_DAY: &str = "2026-08-25T06:00:00Z";

/// The Harbour, whose edition of today was sent at 06:45 in Lisbon and which counts arrivals by that source.
fn sent(add: &str, source: &str) -> Newsroom {
    let relay = PostOffice::open();
    let room = Newsroom::new()
        .config("links", add)
        .config("[readership]", source)
        .relay(relay.port(), 2);
    // Ranked by the views of `views.csv`, which are in no log.
    room.run(&["send"]).exits(0);
    assert_eq!(relay.accepted().len(), 3);
    room
}

/// The number of the story in that place of today's edition.
fn story(room: &Newsroom, list: &str, place: u64) -> u64 {
    let why: Value = serde_json::from_str(&room.read("editions/2026-08-24.why.json")).unwrap();
    let all = why["candidates"].as_array().unwrap();
    let found = all.iter().find(|story| story["slots"][list] == place);
    let url = found.unwrap()["url"].as_str().unwrap();
    url.rsplit_once('-').unwrap().1.parse().unwrap()
}

/// A log, written line by line.
pub(crate) struct Log(pub(crate) String);

impl Log {
    /// So many people, or one again and again, ask for that at that time (`24T07:10`).
    pub(crate) fn ask(&mut self, people: usize, time: &str, target: &str, program: &str) {
        let (day, clock) = time.split_once('T').unwrap();
        for person in 0..people {
            writeln!(
                self.0,
                "192.0.2.{person} - - [{day}/Aug/2026:{clock}:00 +0000] \"GET {target} HTTP/1.1\" 200 512 \"-\" \"{program}\""
            )
            .unwrap();
        }
    }
}

fn link(story: u64, place: &str) -> String {
    format!("/story-{story}?utm_source=letter&utm_campaign={TODAY}&utm_content={place}")
}

fn told(room: &Newsroom) -> Value {
    room.run(&["results", "--json"]).exits(0).json()
}

/// `top-1=7 top-2=under 5`: the places of which anything is known.
fn arrivals(told: &Value) -> String {
    let slots = told["slots"].as_array().unwrap().iter();
    let words = slots.map(|slot| {
        let name = slot["slot"].as_str().unwrap();
        match slot["arrivals"].as_u64() {
            Some(known) => format!("{name}={known}"),
            None => format!("{name}=under {}", slot["under"]),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_log_tells_who_came_by_which_link() {
    let room = sent(ADD, "access_log = \"web.log\"").at(NEXT_DAY);
    let (first, second) = (story(&room, "top", 1), story(&room, "top", 2));
    let mut log = Log(String::new());
    log.ask(1, "24T05:00", "/", PERSON);
    log.ask(7, "24T07:10", &link(first, "top-1"), PERSON);
    log.ask(4, "24T07:10", &link(second, "top-2"), PERSON);
    // Again and again is once.
    log.ask(7, "24T07:20", &link(first, "top-1"), PERSON);
    // What is nobody's arrival: a crawler, words that somebody made up, another day's letter, a share without its words, too early, too late.
    log.ask(
        90,
        "24T08:00",
        &link(first, "top-1"),
        "Mozilla/5.0 (compatible; Bingbot/2.0)",
    );
    for made_up in ["top-2", "top-99", "latest-1", "%00", "", "top-1%2Ctop-2"] {
        log.ask(9, "24T08:00", &link(first, made_up), PERSON);
    }
    log.ask(9, "24T08:00", &link(99, "top-1"), PERSON);
    log.ask(
        90,
        "24T08:00",
        &link(first, "top-1").replace(TODAY, "2026-08-23"),
        PERSON,
    );
    log.ask(9, "24T08:00", &format!("/story-{first}"), PERSON);
    log.ask(9, "24T05:40", &link(first, "top-1"), PERSON);
    log.ask(9, "25T05:50", &link(first, "top-1"), PERSON);
    room.file("web.log", &log.0);
    let told = told(&room);
    let said = arrivals(&told);
    assert!(
        said.starts_with("top-1=7 top-2=under 5 top-3=under 5"),
        "{said}"
    );
    assert_eq!(
        said.matches("under 5").count() + 1,
        said.split('=').count() - 1,
        "{said}"
    );
    assert_eq!(
        (&told["arrivals"], &told["accepted"], &told["complete"]),
        (&7.into(), &3.into(), &true.into())
    );
    assert_eq!(told["slots"][1]["arrivals"], Value::Null);
    assert_eq!(told["notes"], serde_json::json!([]));
    // Nothing about any of them is in the ledger, and what is known stays known when the log is gone.
    let ledger = std::fs::read(room.path("newsdigest.db")).unwrap();
    assert!(!ledger.windows(9).any(|bytes| bytes == b"192.0.2.1"));
    room.file("web.log", "");
    assert_eq!(self::told(&room), told);
    let table = room.run(&["results", TODAY, "--csv"]).exits(0).stdout;
    let headline = told["slots"][0]["headline"].as_str().unwrap();
    assert!(
        table.starts_with(&format!("slot,headline,url,arrivals,under,share,usual\r\ntop-1,{headline},https://harbourtimes.example/story-{first},7,,2.3333,"))
            || table.starts_with(&format!("slot,headline,url,arrivals,under,share,usual\ntop-1,{headline},https://harbourtimes.example/story-{first},7,,2.3333,")),
        "{table}"
    );
    let shown = room.run(&["results"]).exits(0).stdout;
    assert!(
        shown.contains("under 5") && shown.contains("233.3 %"),
        "{shown}"
    );
}

#[test]
fn what_was_rotated_away_is_said_and_takes_nothing_away() {
    let room = sent(ADD, "access_log = \"web.log\"").at("2026-08-24T12:00:00Z");
    let first = story(&room, "top", 1);
    let mut log = Log(String::new());
    log.ask(1, "24T05:00", "/", PERSON);
    log.ask(9, "24T07:10", &link(first, "top-1"), PERSON);
    room.file("web.log", &log.0);
    let early = told(&room);
    assert!(arrivals(&early).starts_with("top-1=9 "), "{early}");
    assert_eq!(early["complete"], false);
    let mut rest = Log(String::new());
    rest.ask(6, "24T20:00", &link(first, "top-1"), PERSON);
    room.file("web.log", &rest.0);
    let room = room.at("2026-08-24T21:00:00Z");
    let late = told(&room);
    assert!(arrivals(&late).starts_with("top-1=9 "), "{late}");
    assert_eq!(late["until"], early["until"]);
    assert_eq!(
        late["notes"],
        serde_json::json!([
            "web.log: its oldest line is of 2026-08-24 21:00, after the edition was sent: who came before that was rotated away"
        ])
    );
}

#[test]
fn the_next_draft_gathers_and_the_usual_is_a_median() {
    let relay = PostOffice::open();
    let mut room = Newsroom::new()
        .config("links", ADD)
        .config("[readership]", "access_log = \"web.log\"")
        .config("selection", "no_repeat_for = \"0h\"\nwindow = \"96h\"")
        .relay(relay.port(), 2);
    let mut log = Log(String::new());
    log.ask(1, "24T05:00", "/", PERSON);
    for (day, readers) in [(24, 8), (25, 2), (26, 20)] {
        room.file("web.log", &log.0);
        room = room.at(&format!("2026-08-{day}T06:00:00Z"));
        let drafted = room.run(&["draft"]).exits(0);
        if day > 24 {
            let said = &drafted.stderr;
            assert!(
                said.contains(&format!("2026-08-{}: ", day - 1)) && said.contains("by its links"),
                "{said}"
            );
        }
        room.run(&["send"]).exits(0);
        let edition = room.read(&format!("editions/2026-08-{day}.toml"));
        let (_, url) = edition.split_once("https://harbourtimes.example").unwrap();
        let (path, _) = url.split_once('"').unwrap();
        let target =
            format!("{path}?utm_source=letter&utm_campaign=2026-08-{day}&utm_content=top-1");
        log.ask(readers, &format!("{day}T09:00"), &target, PERSON);
    }
    room.file("web.log", &log.0);
    let room = room.at("2026-08-27T06:30:00Z");
    let told = told(&room);
    assert_eq!(told["edition"], "2026-08-26");
    let first = &told["slots"][0];
    assert_eq!(first["arrivals"], 20, "{told}");
    // Of 8 and under 5, the middle is not known.
    assert_eq!(
        first["usual"],
        serde_json::json!({"arrivals": null, "under": 5, "editions": 2})
    );
}

#[test]
fn the_choice_is_judged_by_what_was_read_next() {
    let room = sent(ADD, "access_log = \"web.log\"").at(NEXT_DAY);
    let first = story(&room, "top", 1);
    let mut log = Log(String::new());
    log.ask(1, "24T05:00", "/", PERSON);
    log.ask(120, "24T09:00", &format!("/story-{first}"), PERSON);
    log.ask(40, "24T09:00", "/story-6", PERSON);
    log.ask(250, "24T20:00", "/story-5", PERSON);
    room.file("web.log", &log.0);
    let judged = told(&room)["selection"].clone();
    let names: Vec<&str> = judged
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["ranking"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["edition", "newest_first", "views_so_far"]);
    assert_eq!(judged[0]["capture_10"], 1.0);
    let all = room
        .run(&["results", "--selection", "30d", "--json"])
        .exits(0)
        .json();
    assert_eq!(
        (&all[0]["editions"], &all[0]["ndcg_10"]),
        (&1.into(), &judged[0]["ndcg_10"])
    );
    room.run(&["results", "--selection", "30d"])
        .exits(0)
        .says("1 edition");
    let later = room.at("2026-11-25T06:00:00Z");
    later
        .run(&["results", "--selection", "30d"])
        .exits(0)
        .says("no edition of that time");
}

#[test]
fn tables_with_the_words_of_links_tell_too() {
    let room = sent(ADD, "counts = \"visits.csv\"").at(NEXT_DAY);
    let first = story(&room, "top", 1);
    room.file(
        "visits.csv",
        format!(
            "time,url,views,utm_source,utm_campaign,utm_content\n\
             2026-08-24 09:00,https://harbourtimes.example/story-{first},6,letter,{TODAY},top-1\n\
             2026-08-24 10:00,https://harbourtimes.example/story-{first}#live,5,Letter,{TODAY},TOP-1\n\
             2026-08-24 10:00,https://harbourtimes.example/story-{first},500,,,\n\
             2026-08-24 10:00,https://harbourtimes.example/story-{first},500,letter,2026-08-23,top-1\n\
             2026-08-26 10:00,https://harbourtimes.example/story-{first},500,letter,{TODAY},top-1\n"
        ),
    );
    assert!(arrivals(&told(&room)).starts_with("top-1=11 "));
}

#[test]
fn without_words_in_links_it_is_said_what_to_write() {
    let relay = PostOffice::open();
    let room = Newsroom::new().relay(relay.port(), 2);
    room.run(&["results"]).exits(1).says("no edition was sent");
    room.run(&["send"]).exits(0);
    room.run(&["results"]).exits(1).says("{slot}");
    room.run(&["results", "2026-08-23"])
        .exits(1)
        .says("2026-08-23 was not sent");
    let bad = room.config("links", "add = \"utm_content={reader}\"");
    bad.run(&["check"]).exits(1).says("`{slot}`");
}

#[test]
fn a_plain_query_still_tells_the_story() {
    let room = sent("add = \"utm_source=letter\"", "access_log = \"web.log\"").at(NEXT_DAY);
    let first = story(&room, "top", 1);
    let mut log = Log(String::new());
    log.ask(1, "24T05:00", "/", PERSON);
    log.ask(
        5,
        "24T07:10",
        &format!("/story-{first}?utm_source=letter"),
        PERSON,
    );
    room.file("web.log", &log.0);
    assert!(arrivals(&told(&room)).starts_with("top-1=5 "));
}

#[test]
fn serve_gathers_when_the_day_of_an_edition_is_over() {
    let relay = PostOffice::open();
    let room = crate::serve::room()
        .config("links", ADD)
        .config("[readership]", "access_log = \"web.log\"")
        .relay(relay.port(), 1);
    room.run(&["send"]).exits(0);
    let first = story(&room, "top", 1);
    let mut log = Log(String::new());
    log.ask(1, "24T05:00", "/", PERSON);
    log.ask(8, "24T07:10", &link(first, "top-1"), PERSON);
    room.file("web.log", &log.0);
    let room = room.at(NEXT_DAY);
    let mut serving = Serving::start(&room);
    serving
        .program
        .has_said("2026-08-24: 8 arrivals by its links");
    drop(serving);
    // Nobody asks the log again.
    room.file("web.log", "");
    assert!(arrivals(&told(&room)).starts_with("top-1=8 "));
}

/// Beside the edition that is drawn up, the page shows what the one before it brought: each place with its headline.
#[test]
fn the_preview_shows_what_yesterday_brought() {
    let room = sent(ADD, "access_log = \"web.log\"").at(NEXT_DAY);
    let (first, second) = (story(&room, "top", 1), story(&room, "top", 2));
    let tomorrow = (1..=3).map(|number| {
        format!("[[story]]\nheadline = \"News {number}\"\nurl = \"https://harbourtimes.example/news-{number}\"\npublished = 2026-08-25T05:00:00Z\n")
    });
    room.file("stories/new.toml", tomorrow.collect::<String>());
    let mut log = Log(String::new());
    log.ask(1, "24T05:00", "/", PERSON);
    log.ask(150, "24T07:10", &link(first, "top-1"), PERSON);
    log.ask(4, "24T07:20", &link(second, "top-2"), PERSON);
    room.file("web.log", &log.0);
    let shown = || {
        let (running, address) = browser::open(&room);
        let page = browser::get(&address, "/");
        browser::ends(running);
        page
    };
    assert!(!shown().contains("brought"), "nothing is known yet");
    room.run(&["results"]).exits(0);
    let page = shown();
    let (_, panel) = page.split_once("What 24 August brought").unwrap();
    let panel = panel.split("</ol>").next().unwrap();
    assert!(panel.contains("3 letters accepted"), "{panel}");
    let of = |place: u64| {
        let row = panel.split("<li>").nth(usize::try_from(place).unwrap());
        row.unwrap().to_owned()
    };
    let (one, two) = (of(1), of(2));
    assert!(one.contains(&format!("/story-{first}\"")), "{one}");
    assert!(one.contains("150<span class=\"unseen\"> arrivals"), "{one}");
    assert!(two.contains(&format!("/story-{second}\"")), "{two}");
    assert!(two.contains("under 5"), "{two}");
}

/// A log of a whole day that carries queries knows that nobody came by a link; one that carries none, or begins too late, knows nothing.
#[test]
fn nobody_came_is_known_of_a_log_that_would_know() {
    for (lines, queries, is_known) in [
        (&["24T05:00", "25T05:30"][..], "?page=2", true),
        (&["24T07:10", "25T05:30"], "?page=2", true),
        (&["24T05:00", "25T05:30"], "", false),
        (&["24T20:00", "25T05:30"], "?page=2", false),
    ] {
        let room = sent(ADD, "access_log = \"web.log\"").at(NEXT_DAY);
        let mut log = Log(String::new());
        for time in lines {
            log.ask(3, time, &format!("/story-1{queries}"), PERSON);
        }
        room.file("web.log", &log.0);
        let told = told(&room);
        let source = is_known.then_some("web.log");
        assert_eq!(
            told["source"].as_str(),
            source,
            "{lines:?} {queries}: {told}"
        );
        assert_eq!(told["complete"], is_known, "{lines:?} {queries}: {told}");
        if is_known {
            assert!(
                arrivals(&told).starts_with("top-1=under 5 top-2=under 5"),
                "{told}"
            );
            assert_eq!(told["notes"], serde_json::json!([]), "{lines:?}");
        }
        let rotated = told["notes"].to_string().contains("rotated away");
        assert_eq!(rotated, lines[0] == "24T20:00", "{told}");
    }
}

/// Two days later nothing could be read: that closes nothing.
#[test]
fn an_old_edition_is_asked_about_again_until_a_source_tells() {
    let room = sent(ADD, "access_log = \"web.log\"")
        .config("selection", "no_repeat_for = \"0h\"\nwindow = \"96h\"")
        .at("2026-08-27T06:00:00Z");
    let first = story(&room, "top", 1);
    let failed = told(&room);
    assert_eq!(
        (&failed["source"], &failed["complete"]),
        (&Value::Null, &false.into()),
        "{failed}"
    );
    let mut log = Log(String::new());
    log.ask(1, "24T05:00", "/", PERSON);
    log.ask(8, "24T07:10", &link(first, "top-1"), PERSON);
    room.file("web.log", &log.0);
    let room = room.at("2026-08-27T07:30:00Z");
    room.run(&["draft"])
        .exits(0)
        .says("2026-08-24: 8 arrivals by its links");
    let told = told(&room);
    assert_eq!(told["complete"], true, "{told}");
    assert!(arrivals(&told).starts_with("top-1=8 "), "{told}");
}
