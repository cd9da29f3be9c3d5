//! What a reader does, from the form to the last click; every page they see is under axe-core too.

use super::{ONE_CLICK, Serving, leave, letters, link, room, to};
use crate::chromium::{Chromium, Scheme};
use crate::door::RULES;
use crate::newsroom::{Newsroom, TODAY};
use crate::pages::{none, nu};
use crate::sink::Sink;
use crate::{free_port, open_folder, wait_until};

/// Who is on the suppression list: why and whom, a line each.
pub(super) fn suppressed(room: &Newsroom) -> Vec<String> {
    let list = room.run(&["suppress", "--list"]).exits(0).stdout;
    let row = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().skip(1).collect();
        words.join(" ")
    };
    let mut rows: Vec<String> = list.lines().map(row).collect();
    rows.sort();
    rows
}

/// A browser, and what is wrong with the pages it has seen.
pub(super) struct Browser {
    pub(super) chromium: Chromium,
    pub(super) wrong: Vec<String>,
}

impl Browser {
    pub(super) fn start() -> Self {
        Self {
            chromium: Chromium::start(),
            wrong: Vec::new(),
        }
    }

    pub(super) fn show(&mut self, url: &str) -> String {
        self.chromium.show(url, Scheme::Light, 320, 900);
        self.looks()
    }

    pub(super) fn press(&mut self, selector: &str) -> String {
        self.chromium.press(selector);
        self.looks()
    }

    /// The page's heading.
    fn looks(&mut self) -> String {
        let heading = self.chromium.ask("document.querySelector('h1').innerText");
        let heading = heading.as_str().unwrap().to_owned();
        let found = self.chromium.axe(RULES);
        self.wrong
            .extend(found.iter().map(|what| format!("{heading}: {what}")));
        heading
    }
}

#[test]
fn a_reader_comes_changes_her_mind_and_leaves() {
    let room = room();
    let serving = Serving::start(&room);
    let mut browser = Browser::start();
    let is_listed = |words: &str| room.read("subscribers.toml").contains(words);

    assert_eq!(
        browser.show(&serving.here("/")),
        "Get Harbour in your inbox by email"
    );
    browser.chromium.ask(
        "document.querySelector('#email').value = 'Dee@example.org'; document.querySelector('[value=City]').checked = true",
    );
    assert_eq!(browser.press("button"), "Look in your inbox");
    wait_until("the letter to confirm comes", || {
        !letters(&room.path("outbox")).is_empty()
    });
    let [letter] = letters(&room.path("outbox")).try_into().unwrap();
    assert_eq!(to(&letter), "Dee@example.org");

    let confirm = serving.here(&link(&letter, "confirm"));
    assert_eq!(browser.show(&confirm), "Confirm your subscription");
    assert!(!is_listed("Dee"), "looking changes nothing");
    assert_eq!(browser.press("button"), "Thank you");
    wait_until("they are in the file", || {
        is_listed("email = \"Dee@example.org\"\nsections = [\"City\"]\n")
    });

    assert_eq!(browser.press("main a"), "Your subscription");
    browser.chromium.ask(
        "document.querySelector('[value=City]').click(); document.querySelector('[value=Sport]').click(); \
         document.querySelector('[value=until]').click(); document.querySelector('[type=date]').value = '2099-01-02'",
    );
    assert_eq!(browser.press("button"), "Your subscription");
    assert_eq!(
        browser
            .chromium
            .ask("document.querySelector('[role=status]').innerText"),
        "Saved"
    );
    wait_until("the file says so", || {
        is_listed("paused = 2099-01-02\nsections = [\"Sport\"]\n")
    });

    assert_eq!(
        browser.press("a[href^=\"/leave/\"]"),
        "Unsubscribe from Harbour in your inbox?"
    );
    assert!(suppressed(&room).is_empty(), "looking changes nothing");
    assert_eq!(browser.press("button"), "You have unsubscribed");
    assert_eq!(suppressed(&room), ["unsubscribed dee@example.org"]);
    assert_eq!(browser.show(&confirm), "This link has expired");
    assert_eq!(
        suppressed(&room).len(),
        1,
        "an old link does not bring them back"
    );
    none(&browser.wrong);
}

#[test]
fn curl_leaves_with_one_click_in_both_encodings() {
    let room = room();
    room.run(&["send"]).exits(0);
    let serving = Serving::start(&room);
    let letters = letters(&room.path("outbox"));
    assert_eq!(letters.len(), 3);
    for letter in &letters {
        let post = letter.header_raw("List-Unsubscribe-Post").unwrap();
        assert_eq!(post.trim(), ONE_CLICK);
        assert_eq!(leave(letter), link(letter, "leave"));
        for look in [&["--head"][..], &[]] {
            serving.good(look, leave(letter));
        }
    }
    assert!(suppressed(&room).is_empty(), "looking changes nothing");
    for (reader, encoding) in [("ada@example.org", "--data"), ("bob@example.org", "--form")] {
        let letter = letters.iter().find(|letter| to(letter) == reader).unwrap();
        for _ in 0..2 {
            let answer = serving.good(&[encoding, ONE_CLICK], leave(letter));
            let (head, page) = answer.split_once("\r\n\r\n").unwrap();
            let head = head.to_ascii_lowercase();
            assert!(
                !head.contains("set-cookie") && !head.contains("location"),
                "{head}"
            );
            assert!(page.contains("You have unsubscribed"), "{page}");
        }
    }
    assert_eq!(
        suppressed(&room),
        [
            "unsubscribed ada@example.org",
            "unsubscribed bob@example.org"
        ]
    );
}

#[test]
fn a_letter_leads_to_its_edition_in_the_archive() {
    let (folder, port) = (open_folder(), free_port());
    let _sink = Sink::start(port, folder.path());
    let room = room().relay(port, 1);
    room.run(&["send"]).exits(0);
    let serving = Serving::start(&room);
    let letters = letters(folder.path());
    assert_eq!(letters.len(), 3);
    for letter in &letters {
        assert!(
            letter
                .body_html(0)
                .unwrap()
                .contains(">Read on the web</a>")
        );
        assert_eq!(
            link(letter, "editions"),
            format!("{}/editions/{TODAY}", super::PUBLIC)
        );
    }
    let edition = link(&letters[0], "editions");
    let answer = serving.good(&[], &edition);
    let (_, page) = answer.split_once("\r\n\r\n").unwrap();
    assert!(
        page.contains("A very fat seal") && !page.contains("/leave/"),
        "{page}"
    );
    room.file("edition.html", page);
    let file = room.path("edition.html").display().to_string();
    let found = nu(&[file], &room.path(".home"));
    none(&found.iter().map(ToString::to_string).collect::<Vec<_>>());

    let mut browser = Browser::start();
    assert_eq!(browser.show(&serving.here("/editions")), "Editions");
    browser.press("main a");
    let edition = serving.here(&edition);
    assert_eq!(browser.chromium.ask("location.href"), edition);
    for (scheme, width) in [(Scheme::Light, 320), (Scheme::Dark, 800)] {
        browser.chromium.show(&edition, scheme, width, 900);
        browser.looks();
        let needed = browser.chromium.ask("document.documentElement.scrollWidth");
        assert_eq!(needed, width);
    }
    none(&browser.wrong);
}
