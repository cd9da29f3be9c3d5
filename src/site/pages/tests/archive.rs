//! The editions.

use super::*;
use crate::ledger::{Freeze, Seat, Target};
use crate::model::line::Line;
use crate::model::pages::{Pages as Letters, Slotted};
use crate::model::stop::Stop;

impl Newsroom {
    pub(super) fn send(&mut self, day: &str, subject: &str) {
        let newsletter = &self.service.publications[0].newsletter;
        let order = Freeze {
            slug: day.parse().unwrap(),
            newsletter: "harbour".into(),
            letterhead: newsletter.letterhead(None),
            target: Target::Relay,
            edition: format!(
                "subject = \"{subject}\"\nopening = \"Also today: \\\"one\\\"; two\"\n\n[[top]]\nheadline = \"{subject}\"\nurl = \"https://harbour.example/{day}\"\n\n[question]\ntext = \"Was it \\\"worth\\\" it?\"\nanswers = [\"Yes\", \"<No>\"]\n"
            ),
            key: [7; 16],
            stories: Vec::new(),
            releases: Vec::new(),
            is_alert: false,
            let_go: None,
            corrects: None,
        };
        let letters = Letters {
            subject: Line::clean("S"),
            opening: Line::clean("O"),
            html: Slotted::cut("h"),
            text: Slotted::cut("t"),
        };
        let seat = Seat::Recipient {
            address: Address::parse("ada@example.org").unwrap(),
            name: None,
            page_set: 0,
            release: None,
        };
        let frozen = format!("{}T06:45:00Z", &day[..10]).parse().unwrap();
        let frozen = self
            .ledger
            .freeze(&order, [letters], [Ok(seat)], frozen, &Stop::never());
        frozen.unwrap();
        self.ledger.execute("UPDATE copy SET state = 2");
    }
}

/// Two editions were sent.
fn two() -> Newsroom {
    Newsroom::new()
        .sent("2026-08-24", "Seal")
        .sent("2026-08-24b", "Fares & <fish>")
}

#[tokio::test]
async fn the_list_leads_to_every_edition() {
    let room = two();
    let got = room.get("/mail/editions").await;
    assert_eq!(got.status, 200);
    assert!(got.body.contains("<a class=\"link\" dir=\"auto\" href=\"/mail/editions/2026-08-24b\">Fares &amp; &lt;fish&gt;</a>"), "{}", got.body);
    assert!(
        got.body.contains(
            "<link rel=\"canonical\" href=\"https://news.harbour.example/mail/editions\">"
        ),
        "{}",
        got.body
    );
    let edition = room.get("/editions/2026-08-24b").await;
    assert_eq!(edition.status, 200);
    assert!(
        edition.body.starts_with("<!DOCTYPE html>")
            && edition.body.contains("Fares &amp; &lt;fish&gt;"),
        "{}",
        edition.body
    );
    assert!(
        edition.headers["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("style-src 'unsafe-inline'; img-src https: http:;")
    );
    for path in [
        "/editions/2026-08-25",
        "/editions/2026-8-24",
        "/editions/",
        "/editions/%2e%2e",
        "/editions?before=2026-08-24",
    ] {
        assert_eq!(room.get(path).await.status, 404, "{path}");
    }
    let older = room.get("/editions?before=2026-08-24b").await.body;
    assert!(
        older.contains("Seal") && !older.contains("Fares"),
        "{older}"
    );
}

#[tokio::test]
async fn the_ledger_is_asked_once() {
    let room = two();
    for _ in 0..100 {
        for path in [
            "/editions",
            "/editions.atom",
            "/editions/2026-08-24",
            "/editions/2026-08-25",
        ] {
            room.get(path).await;
        }
    }
    assert_eq!((room.asked("editions"), room.asked("edition\"")), (1, 1));
    assert_eq!(room.asked(""), 2);
}

#[tokio::test(start_paused = true)]
async fn a_new_edition_appears_and_an_old_list_is_better_than_none() {
    let mut room = Newsroom::new();
    assert!(
        room.get("/editions")
            .await
            .body
            .contains("No edition has been sent yet.")
    );
    room.send("2026-08-24", "Seal");
    assert!(!room.get("/editions").await.body.contains("Seal"));
    tokio::time::advance(std::time::Duration::from_secs(10)).await;
    assert!(room.get("/editions").await.body.contains("Seal"));
    room.break_ledger();
    tokio::time::advance(std::time::Duration::from_secs(10)).await;
    assert!(room.get("/editions").await.body.contains("Seal"));
}

#[tokio::test]
async fn what_a_browser_has_is_not_sent_again() {
    let room = two();
    for path in [
        "/editions",
        "/editions/2026-08-24",
        "/editions.atom",
        "/style.css",
    ] {
        let got = room.get(path).await;
        let etag = got.headers["etag"].to_str().unwrap();
        let again = room
            .request(Method::GET, path, &[("if-none-match", etag)], "")
            .await;
        assert_eq!((again.status, again.body.as_str()), (304, ""), "{path}");
        assert_eq!(again.headers["cache-control"], got.headers["cache-control"]);
    }
    let since = ("if-modified-since", "Mon, 24 Aug 2026 06:45:00 GMT");
    assert_eq!(
        room.request(Method::GET, "/editions/2026-08-24", &[since], "")
            .await
            .status,
        304
    );
}

#[tokio::test]
async fn the_feed_is_atom() {
    let feed = two().get("/editions.atom").await;
    assert_eq!(
        feed.headers["content-type"],
        "application/atom+xml; charset=utf-8"
    );
    insta::assert_snapshot!(feed.body, @r#"
    <?xml version="1.0" encoding="utf-8"?>
    <feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
    <id>https://news.harbour.example/mail/editions.atom</id>
    <title>Harbour &amp; &lt;Co&gt;</title>
    <updated>2026-08-24T06:45:00Z</updated>
    <author><name>Harbour &amp; &lt;Co&gt;</name></author>
    <link rel="self" type="application/atom+xml" href="https://news.harbour.example/mail/editions.atom"/>
    <link rel="alternate" type="text/html" href="https://news.harbour.example/mail/editions"/>
    <entry>
    <id>https://news.harbour.example/mail/editions/2026-08-24b</id>
    <title>Fares &amp; &lt;fish&gt;</title>
    <updated>2026-08-24T06:45:00Z</updated>
    <published>2026-08-24T06:45:00Z</published>
    <link rel="alternate" type="text/html" href="https://news.harbour.example/mail/editions/2026-08-24b"/>
    <summary>Also today: “one”; two</summary>
    </entry>
    <entry>
    <id>https://news.harbour.example/mail/editions/2026-08-24</id>
    <title>Seal</title>
    <updated>2026-08-24T06:45:00Z</updated>
    <published>2026-08-24T06:45:00Z</published>
    <link rel="alternate" type="text/html" href="https://news.harbour.example/mail/editions/2026-08-24"/>
    <summary>Also today: “one”; two</summary>
    </entry>
    </feed>
    "#);
}

#[tokio::test]
async fn a_long_archive_has_pages() {
    let room = Newsroom::new().sent("2026-01-01", "Seal");
    room.ledger.execute(
        "INSERT INTO run (slug, newsletter, outbox, frozen, key, edition, first_copy, last_copy)
         SELECT date(slug, '+' || i || ' days'), newsletter, outbox, frozen + i * 86400000, key, edition, first_copy, last_copy
         FROM run, (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 249) SELECT i FROM n)",
    );
    let mut path = "/editions".to_owned();
    let mut seen = 0;
    for _ in 0..3 {
        let body = room.get(&path).await.body;
        seen += body.matches("<li ").count();
        path = body
            .split("href=\"/mail/editions?")
            .nth(1)
            .map_or(String::new(), |rest| {
                format!("/editions?{}", rest.split('"').next().unwrap())
            });
    }
    assert_eq!((seen, path.as_str()), (250, ""));
}

#[tokio::test]
async fn archive_off_is_no_such_page() {
    let room = Newsroom::with(&format!("{CONFIG}archive = false\n")).sent("2026-08-24", "Seal");
    for path in ["/editions", "/editions/2026-08-24", "/editions.atom"] {
        assert_eq!(room.get(path).await.status, 404, "{path}");
    }
    assert!(!room.get("/").await.body.contains("editions"));
}
