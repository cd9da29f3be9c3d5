//! A reader comes by the form on a page of the paper's own site, another server than ours: chooses two newsletters, goes weekly,
//! leaves one, leaves all.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use super::reader::{Browser, suppressed};
use super::{Serving, letters};
use crate::newsroom::Newsroom;
use crate::pages::none;
use crate::{free_port, wait_until};

/// Serves the same page to everybody, until the test is over.
fn paper(listener: TcpListener, page: String) {
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (mut stream, mut head) = (stream, [0; 8_192]);
            _ = stream.read(&mut head);
            _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{page}",
                page.len()
            );
        }
    });
}

/// Two newsletters, whose pages are at that port; forms of `site` may subscribe.
fn room(port: u16, site: &str) -> Newsroom {
    let room = Newsroom::new()
        .config(
            "newsletter",
            "from = \"The Harbour Times <digest@harbourtimes.example>\"\nsite = \"https://harbourtimes.example/\"\n\
             address = \"1 Quay Street, Port Ellery\"\ntime_zone = \"Europe/Lisbon\"",
        )
        .config(
            "public",
            &format!("url = \"http://127.0.0.1:{port}/\"\nlisten = \"127.0.0.1:{port}\"\nforms = [\"{site}\"]"),
        );
    room.file(
        "newsletters/morning.toml",
        "[newsletter]\nname = \"Harbour in your inbox\"\nid = \"harbour\"\ndefault = true\n",
    );
    room.file(
        "newsletters/sport.toml",
        "[newsletter]\nname = \"Harbour Sport\"\nabout = \"Scores and stories.\"\n[selection]\nminimum = 1\n",
    );
    room.file(
        "newsletters/week.toml",
        "[newsletter]\nname = \"Harbour Week\"\nkind = \"week\"\nof = [\"morning\"]\n",
    );
    room
}

#[test]
fn a_reader_comes_from_the_papers_own_page_and_chooses() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let site = format!("http://{}", listener.local_addr().unwrap());
    let foreign = TcpListener::bind("127.0.0.1:0").unwrap();
    let foreign_site = format!("http://{}", foreign.local_addr().unwrap());
    let room = room(free_port(), &site);
    let form = room.run(&["form"]).exits(0).stdout;
    let page = format!(
        "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>The Harbour Times</title><main><h1>Ferry fares rise</h1><p>On Monday.</p>{form}</main></html>"
    );
    paper(listener, page.clone());
    paper(foreign, page);
    let serving = Serving::start(&room);
    let mut browser = Browser::start();
    let sign_up = "document.querySelector('#newsdigest-email').value = 'Dee@example.org'; document.querySelector('[value=sport]').checked = true";

    // A site that nobody named.
    browser.show(&foreign_site);
    browser.chromium.ask(sign_up);
    assert_eq!(
        browser.press("button"),
        "This form cannot be sent from here"
    );
    // The paper's.
    assert_eq!(browser.show(&site), "Ferry fares rise");
    browser.chromium.ask(sign_up);
    assert_eq!(browser.press("button"), "Look in your inbox");
    // A script of the paper's reads the answer; one of the other site does not.
    let script = "fetch(document.querySelector('form').action, { method: 'POST', body: new FormData(document.querySelector('form')), \
                  headers: { Accept: 'application/json' } }).then(answer => answer.json()).then(said => said.field, () => 'refused')";
    for (page, expected) in [(&site, "email"), (&foreign_site, "refused")] {
        browser.show(page);
        assert_eq!(browser.chromium.ask(script), expected, "{page}");
    }

    let outbox = room.path("outbox");
    wait_until("the letter to confirm comes", || {
        letters(&outbox).len() == 1
    });
    let text = letters(&outbox)[0].body_text(0).unwrap().into_owned();
    let confirm = text
        .lines()
        .find(|line| line.contains("/confirm/"))
        .unwrap();
    assert_eq!(browser.show(confirm.trim()), "Confirm your subscription");
    assert_eq!(browser.press("button"), "Thank you");
    wait_until("both are in the file", || {
        room.read("subscribers.toml")
            .contains("email = \"Dee@example.org\"\nnewsletters = [\"morning\", \"sport\"]\n")
    });
    let ticked =
        "[...document.querySelectorAll('[name=newsletter]:checked')].map(box => box.value).join()";
    assert_eq!(browser.press("main a"), "Your subscription");
    assert_eq!(browser.chromium.ask(ticked), "morning,sport");
    let preferences = browser.chromium.ask("location.href");

    // Once a week instead is offered before leaving; then one is left, then all. Each link is in the page before.
    let token = preferences
        .as_str()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned();
    let leave = serving.here(&format!("/leave/{token}"));
    browser.show(&leave);
    assert_eq!(
        browser.press("form[action$=weekly] button"),
        "Your subscription"
    );
    let how_often = "document.querySelector('[name=frequency]:checked').value";
    assert_eq!(browser.chromium.ask(how_often), "weekly");
    wait_until("the file says so", || {
        room.read("subscribers.toml")
            .contains("frequency = \"weekly\"")
    });
    assert_eq!(browser.chromium.ask(ticked), "morning,sport");
    browser.show(&leave);
    assert_eq!(
        browser.press("form[action*=leave] button"),
        "You have unsubscribed"
    );
    assert!(suppressed(&room).iter().any(|row| row.starts_with("left ")));
    browser.show(preferences.as_str().unwrap());
    assert_eq!(
        browser
            .chromium
            .ask(ticked)
            .as_str()
            .unwrap()
            .split(',')
            .count(),
        1
    );
    browser.show(&leave);
    assert_eq!(
        browser.press("form:has([name=all]) button"),
        "You have unsubscribed"
    );
    assert_eq!(suppressed(&room), ["unsubscribed dee@example.org"]);
    none(&browser.wrong);
}
