//! Samples of services that know no times, and views from our own letters.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;

use super::service::{Answer, Call, Server};
use super::{SECRET, as_of, explained, misses, newsroom, views};
use crate::newsroom::{NOW, Newsroom};
use crate::serve::Serving;

/// Parse.ly, whose story 1 has as many views as that says since `period_start`.
fn parsely() -> (Newsroom, Server, Arc<AtomicU64>) {
    let count = Arc::new(AtomicU64::new(0));
    let shared = Arc::clone(&count);
    let server = Server::open(move |call: &Call| {
        assert_eq!(call.query["secret"], SECRET);
        let views = shared.load(Ordering::SeqCst);
        if views == 0 {
            return Answer::new(404, "");
        }
        Answer::ok(
            &json!({"success": true, "data": [{"url": "https://harbourtimes.example/story-1", "metrics": {"views": views}}]}),
        )
    });
    let room = newsroom(&format!(
        "parsely = \"h.example\"\nserver = \"{}\"\nkey_file = \"service.key\"\nevery = \"10m\"",
        server.url()
    ));
    (room, server, count)
}

#[test]
fn samples_become_views_by_time() {
    let (mut room, server, count) = parsely();
    for (now, views) in [
        ("2026-08-23T22:50:00Z", 900),
        ("2026-08-23T23:30:00Z", 4),
        ("2026-08-24T05:20:00Z", 24),
        ("2026-08-24T05:30:00Z", 54),
    ] {
        count.store(views, Ordering::SeqCst);
        room = room.at(now);
        let said = room.run(&["readership", "--keep"]).exits(0);
        assert_eq!(said.stdout, "parsely h.example: 1 page\n");
    }
    // Totals since midnight in Lisbon, which is 23 h UTC.
    assert_eq!(
        server.calls().last().unwrap().query["period_start"],
        "2026-08-23T23:00"
    );
    count.store(60, Ordering::SeqCst);
    room = room.at(NOW);
    let told = explained(&room);
    // 900 of the day before, and 60 of today.
    assert_eq!(
        (views(&told).as_str(), as_of(&told).as_str()),
        ("960 - - - - -", "2026-08-24T05:45:00Z")
    );
    // It stands still: that is how old it is.
    count.store(54, Ordering::SeqCst);
    assert_eq!(
        as_of(&explained(&room)),
        "2026-08-24T05:30:00Z",
        "looking kept no sample"
    );
    room.run(&["draft"]).exits(0).says("views by time");
}

/// What nobody read within the last half hour is still known from samples.
#[test]
fn a_quiet_morning_makes_no_samples_old() {
    let (mut room, _server, count) = parsely();
    for (now, total, shown) in [
        ("2026-08-24T02:00:00Z", 90, true),
        ("2026-08-24T04:50:00Z", 90, true),
        ("2026-08-24T05:10:00Z", 90, false),
    ] {
        count.store(total, Ordering::SeqCst);
        room = room.at(now);
        room.run(&["readership", "--keep"]).exits(0);
        let is_used = views(&explained(&room)).starts_with("90 ");
        assert_eq!(is_used, shown, "{now}");
    }
}

#[test]
fn a_service_that_fails_leaves_the_samples() {
    let (room, _server, count) = parsely();
    count.store(24, Ordering::SeqCst);
    let room = room.at("2026-08-24T05:30:00Z");
    room.run(&["readership", "--keep"]).exits(0);
    count.store(0, Ordering::SeqCst);
    let room = room.at(NOW);
    let told = explained(&room);
    assert_eq!(
        (views(&told).as_str(), as_of(&told).as_str()),
        ("24 - - - - -", "2026-08-24T05:30:00Z")
    );
    assert!(misses(&told).contains("answered 404"), "{}", misses(&told));
    room.run(&["readership", "--keep"]).exits(1);
}

#[test]
fn readership_shows_what_each_source_says() {
    let (room, _server, count) = parsely();
    count.store(1_204, Ordering::SeqCst);
    let shown = room.run(&["readership"]).exits(0).says("parsely h.example");
    assert!(
        shown.stdout.contains("1,204  Ferry fares rise on Monday"),
        "{}",
        shown.stdout
    );
    let json = room.run(&["readership", "--json"]).exits(0).json();
    let source = &json[0];
    assert_eq!(
        (&source["source"], &source["as_of"], &source["pages"]),
        (
            &json!("parsely h.example"),
            &json!("2026-08-24T05:45:00Z"),
            &json!(1)
        )
    );
    assert_eq!(
        source["stories"][0],
        json!({"headline": "Ferry fares rise on Monday", "url": "https://harbourtimes.example/story-1", "views": 1_204, "place": null})
    );
    assert_eq!(source["hosts"], json!({"harbourtimes.example": 1_204}));
    assert!(!room.has("newsdigest.db"), "looking keeps nothing");
    Newsroom::new()
        .run(&["readership", "--keep"])
        .exits(0)
        .says("no source of readership needs samples");
}

#[test]
fn check_says_how_much_of_a_source_is_stories() {
    let server = Server::open(|_| {
        let post = |url: &str, views: u32| json!({"url": url, "metrics": {"views": views}});
        Answer::ok(
            &json!({"success": true, "data": [post("https://harbourtimes.example/story-1", 30), post("https://shop.example/fish", 60), post("https://harbourtimes.example/story-2", 10)]}),
        )
    });
    let room = newsroom(&format!(
        "parsely = \"h.example\"\nserver = \"{}\"\nkey_file = \"service.key\"",
        server.url()
    ));
    room.run(&["check", "--online"]).exits(0).says("parsely h.example: 2 of 3 pages are stories, with 40 % of the views; hosts: harbourtimes.example, shop.example");
    let other = Server::open(|_| {
        Answer::ok(
            &json!({"success": true, "data": [{"url": "https://staging.example/en/story-1", "metrics": {"views": 30}}]}),
        )
    });
    let room = newsroom(&format!(
        "parsely = \"h.example\"\nserver = \"{}\"\nkey_file = \"service.key\"",
        other.url()
    ));
    room.run(&["check", "--online"]).exits(0).says("parsely h.example: knows none of the stories: its pages are such as `staging.example/en/story-1`, the stories' such as `harbourtimes.example/story-1`");
}

#[test]
fn views_from_our_own_letters_are_left_out_and_named() {
    let server = Server::open(|_| {
        let post = |url: &str, views: u32| json!({"url": format!("https://harbourtimes.example{url}"), "metrics": {"views": views}});
        Answer::ok(
            &json!({"success": true, "data": [post("/story-1?utm_source=harbour&utm_medium=email", 4_000), post("/story-1", 12), post("/story-2?utm_source=harbour", 5)]}),
        )
    });
    let room = newsroom(&format!("parsely = \"h.example\"\nserver = \"{}\"\nkey_file = \"service.key\"\n\n[[readership]]\naccess_log = \"access.log\"", server.url()))
        .config("links", "add = \"utm_source=harbour&utm_medium=email\"");
    let line = |client: u32, target: &str| {
        format!(
            "203.0.113.{client} - - [24/Aug/2026:05:30:00 +0000] \"GET {target} HTTP/1.1\" 200 5120 \"-\" \"Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0\"\n"
        )
    };
    room.file(
        "access.log",
        [
            line(1, "/story-3?utm_medium=email&utm_source=harbour"),
            line(2, "/story-3"),
            line(3, "/story-3?utm_medium=email"),
        ]
        .concat(),
    );
    let told = explained(&room);
    assert_eq!(views(&told), "12 5 2 - - -");
    assert_eq!(told["views_from_letters"], 4_001);
    let shown = room.run(&["explain"]).exits(0).stdout;
    assert!(
        shown.contains("4,001 views that came from our own letters are left out"),
        "{shown}"
    );
}

#[test]
fn serve_takes_samples_and_says_once_what_fails() {
    let (_, server, count) = parsely();
    count.store(24, Ordering::SeqCst);
    let room = crate::serve::room().config(
        "[readership]",
        &format!(
            "parsely = \"h.example\"\nserver = \"{}\"\nkey_file = \"service.key\"\nevery = \"10m\"",
            server.url()
        ),
    );
    room.secret("service.key", format!("{SECRET}\n"));
    let mut serving = Serving::start(&room);
    serving
        .program
        .has_said("parsely h.example: 1 page sampled");
    drop(serving);
    // The figure of the sample, and what came since.
    count.store(60, Ordering::SeqCst);
    let room = room.at("2026-08-24T06:05:00Z");
    let told = explained(&room);
    assert_eq!(
        (views(&told).as_str(), as_of(&told).as_str()),
        ("60 - - - - -", "2026-08-24T06:05:00Z")
    );
    count.store(0, Ordering::SeqCst);
    let mut serving = Serving::start(&room);
    serving.program.has_said("parsely h.example: ");
    assert!(!serving.program.heard().contains(SECRET));
}

#[test]
fn a_sample_that_cannot_be_read_is_one_fewer() {
    let (room, _server, count) = parsely();
    count.store(24, Ordering::SeqCst);
    let room = room.at("2026-08-24T05:30:00Z");
    room.run(&["readership", "--keep"]).exits(0);
    rusqlite::Connection::open(room.path("newsdigest.db"))
        .unwrap()
        .execute_batch("INSERT INTO sample VALUES ('parsely h.example', 1787549400000, 'harbourtimes.example/story-2', 1.5), ('parsely h.example', 1787549400000, x'00ff', 7)")
        .unwrap();
    let told = explained(&room.at(NOW));
    assert_eq!(views(&told), "24 - - - - -");
}

/// Services that know hours need no samples: `every` beside them does nothing, which `check` says.
#[test]
fn samples_of_a_service_that_knows_hours_are_none() {
    let room = newsroom(
        "plausible = \"h.example\"\nserver = \"http://127.0.0.1:1\"\nkey_file = \"service.key\"\nevery = \"10m\"",
    );
    room.run(&["check"])
        .exits(0)
        .says("plausible h.example: `every` does nothing here");
    room.run(&["readership", "--keep"])
        .exits(0)
        .says("no source of readership needs samples");
    let (room, _server, count) = parsely();
    count.store(24, Ordering::SeqCst);
    let said = room.run(&["check"]).exits(0).stderr;
    assert!(!said.contains("`every`"), "{said}");
}
