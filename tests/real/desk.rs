//! The desk in a browser: an editor's morning by keys alone, two words for one headline, a server that is away; axe-core in every state.

use serde_json::json;

use crate::chromium::{Chromium, Scheme};
use crate::newsroom::{Newsroom, Running, TODAY};
use crate::{free_port, wait_until};

const ALT: u32 = 1;
const SAVED: &str = "document.querySelector('#saved').textContent";

fn file() -> String {
    format!("editions/{TODAY}.toml")
}

fn room() -> Newsroom {
    let room = Newsroom::new();
    room.run(&["draft"]).exits(0);
    room
}

fn open(room: &Newsroom, port: u16) -> (Running, String) {
    let mut running = room.spawn(&["desk", "--port", &port.to_string()]);
    running.says("http://127.0.0.1:");
    (running, format!("http://127.0.0.1:{port}/"))
}

/// The headlines of the top stories, as the file has them.
fn top(room: &Newsroom) -> Vec<String> {
    let text = room.read(&file());
    let mut list = "";
    let mut headlines = Vec::new();
    for line in text.lines() {
        if line.starts_with('[') {
            list = line;
        }
        if let Some(words) = line.strip_prefix("headline = ")
            && list.starts_with("[[top]]")
        {
            headlines.push(words.trim_matches('"').to_owned());
        }
    }
    headlines
}

fn until(room: &Newsroom, what: &str, is_so: impl Fn(&[String]) -> bool) {
    wait_until(what, || is_so(&top(room)));
}

fn none(chromium: &mut Chromium, state: &str) {
    let root = "document.documentElement";
    let wide = format!("{root}.scrollWidth > {root}.clientWidth");
    assert_eq!(chromium.ask(&wide), json!(false), "{state}: too wide");
    // Undecided stays what an inbox cuts off, and the letter, which is looked at elsewhere.
    let found = chromium.axe("{}");
    let found: Vec<String> = found
        .into_iter()
        .filter(|what| what.starts_with("violations"))
        .collect();
    assert!(found.is_empty(), "{state}: {found:#?}");
}

#[test]
fn an_edition_is_edited_by_keys_alone() {
    let room = room();
    let (running, url) = open(&room, free_port());
    let mut chromium = Chromium::start();
    chromium.show(&url, Scheme::Light, 1280, 800);
    let drafted = top(&room);
    // The second story, under other words.
    chromium.key("j", 0);
    chromium.key("e", 0);
    chromium.ask("document.activeElement.select()");
    chromium.write("A <b>bold</b> \"headline\"");
    let words = "A <b>bold</b> \\\"headline\\";
    until(&room, "the words are in the file", |now| {
        now[1].starts_with(words)
    });
    assert_eq!(
        chromium.ask("document.activeElement.dataset.which"),
        json!("headline"),
        "nothing moves while one types"
    );
    chromium.key("Escape", 0);
    // Up, and back.
    chromium.key("k", ALT);
    until(&room, "it leads", |now| {
        now[0].starts_with(words) && now[1] == drafted[0]
    });
    wait_until("the page has it", || {
        chromium
            .ask(SAVED)
            .as_str()
            .is_some_and(|said| said.contains("version 3"))
    });
    chromium.key("u", 0);
    until(&room, "it is back", |now| now[0] == drafted[0]);
    // Out, and another in for the next.
    chromium.key("x", 0);
    until(&room, "it is out", |now| now.len() + 1 == drafted.len());
    chromium.key("r", 0);
    assert_eq!(chromium.ask("document.activeElement.name"), json!("offer"));
    let offered = chromium.ask("document.querySelector('.offer b').textContent");
    chromium.key("Enter", 0);
    until(&room, "another is in", |now| {
        now.iter().any(|words| offered == json!(words))
    });
    // Picked up by its number, moved by arrows, put back.
    wait_until("the page has it", || {
        chromium
            .ask(SAVED)
            .as_str()
            .is_some_and(|said| said.starts_with("Saved"))
    });
    let before = top(&room);
    chromium.ask("document.querySelector('.story.current .grip').focus()");
    for key in [" ", "ArrowDown", "Escape"] {
        chromium.key(key, 0);
    }
    wait_until("it is put back", || {
        chromium
            .ask("document.querySelector('#say-now').textContent")
            .as_str()
            .is_some_and(|said| said.starts_with("Put back"))
    });
    until(&room, "it is where it was", |now| now == before);
    running.interrupt();
    assert_eq!(running.wait().status, Some(0));
}

#[test]
fn two_words_for_one_headline_are_both_shown() {
    let room = room();
    let (_running, url) = open(&room, free_port());
    let mut chromium = Chromium::start();
    chromium.show(&url, Scheme::Light, 1280, 800);
    // The network holds back what is saved here, until a text editor has saved its own.
    chromium.ask("window.held = fetch; window.gate = new Promise(open => window.let = open); window.fetch = (...all) => gate.then(() => held(...all)); 0");
    chromium.key("e", 0);
    chromium.ask("document.activeElement.select()");
    chromium.write("Mine");
    let first = format!("headline = \"{}\"", top(&room).remove(0));
    room.file(
        &file(),
        room.read(&file())
            .replacen(&first, "headline = \"Theirs\"", 1),
    );
    chromium.ask("window.let(), 0");
    let said = "document.querySelector('.quarrel')?.textContent ?? ''";
    wait_until("both are shown", || {
        chromium
            .ask(said)
            .as_str()
            .is_some_and(|said| said.contains("Mine") && said.contains("Theirs"))
    });
    assert_eq!(top(&room)[0], "Theirs", "no side is preferred");
    none(&mut chromium, "two words");
    chromium.ask("document.querySelector('.quarrel button').click()");
    until(&room, "the chosen words are in the file", |now| {
        now[0] == "Mine"
    });
    assert_eq!(
        chromium.ask("document.querySelectorAll('.quarrel').length"),
        json!(0)
    );
}

#[test]
fn what_is_typed_outlives_the_server_and_the_page() {
    let room = room();
    let port = free_port();
    let (running, url) = open(&room, port);
    let mut chromium = Chromium::start();
    chromium.show(&url, Scheme::Light, 1280, 800);
    running.kill();
    chromium.key("e", 0);
    chromium.ask("document.activeElement.select()");
    chromium.write("Typed in a tunnel");
    wait_until("it says so", || {
        chromium
            .ask(SAVED)
            .as_str()
            .is_some_and(|said| said == "1 change kept here")
    });
    none(&mut chromium, "no connection");
    let (running, _) = open(&room, port);
    until(&room, "the words are in the file", |now| {
        now[0] == "Typed in a tunnel"
    });
    // Once more, and the page is closed before the server is back.
    wait_until("the page knows it", || {
        let said = chromium.ask(SAVED);
        said.as_str().is_some_and(|said| said.starts_with("Saved"))
    });
    running.kill();
    chromium.ask("document.activeElement.select()");
    chromium.write("Typed before the tab was closed");
    wait_until("it says so", || {
        chromium
            .ask(SAVED)
            .as_str()
            .is_some_and(|said| said == "1 change kept here")
    });
    let (_running, _) = {
        chromium.show("about:blank", Scheme::Light, 1280, 800);
        open(&room, port)
    };
    assert_eq!(top(&room)[0], "Typed in a tunnel");
    chromium.show(&url, Scheme::Light, 1280, 800);
    until(&room, "the words are in the file", |now| {
        now[0] == "Typed before the tab was closed"
    });
}

#[test]
fn axe_finds_nothing_at_the_desk() {
    let room = room();
    let (_running, url) = open(&room, free_port());
    let mut chromium = Chromium::start();
    for (scheme, width) in Scheme::ALL
        .into_iter()
        .flat_map(|scheme| [390, 1000, 1280, 1600].map(|width| (scheme, width)))
    {
        chromium.show(
            &format!("{url}?width={width}&{}", scheme.name()),
            scheme,
            width,
            800,
        );
        for (state, keys) in [
            ("stories", ""),
            ("edit", "e"),
            ("swap", "r"),
            ("letter", "2"),
            ("versions", "3"),
            ("keys", "?"),
        ] {
            chromium.key("Escape", 0);
            chromium.key("1", 0);
            for key in keys.chars() {
                chromium.key(&key.to_string(), 0);
            }
            none(
                &mut chromium,
                &format!("{state}, {}, {width}", scheme.name()),
            );
        }
        chromium.ask("document.querySelector('#help').close()");
    }
}
