//! Answers page by page: what comes again counts once, and how old totals are is asked, never the clock.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::google::{Google, TOKEN};
use super::kinds::SCOPE;
use super::service::{Answer, Call, Server};
use super::{as_of, explained, misses, newsroom, views};
use crate::newsroom::Newsroom;

fn plausible(server: &Server) -> Newsroom {
    newsroom(&format!(
        "plausible = \"harbourtimes.example\"\nserver = \"{}\"\nkey_file = \"service.key\"",
        server.url()
    ))
}

fn row(path: &str, views: u32) -> Value {
    json!({"dimensions": ["2026-08-24 06:00:00", "harbourtimes.example", path], "metrics": [views]})
}

/// A service that answers one of these pages after the other, again and again.
fn in_turn(pages: Vec<Vec<Value>>) -> Server {
    let asked = AtomicU32::new(0);
    Server::open(move |_| {
        let turn = asked.fetch_add(1, Ordering::SeqCst);
        let page = &pages[turn as usize % pages.len()];
        Answer::ok(&json!({"results": page, "meta": {"total_rows": 1_000_000}, "asked": turn}))
    })
}

/// Its paging does not work: it gives the same page, with an octet that differs, in another order, with a view more, or one after another.
#[test]
fn a_page_that_comes_again_in_other_words_counts_once() {
    let (a, b) = (
        vec![row("/story-1", 3), row("/story-2", 5)],
        vec![row("/story-3", 7)],
    );
    let turned = vec![row("/story-2", 5), row("/story-1", 3)];
    let grown = vec![row("/story-1", 4), row("/story-2", 5)];
    for (pages, expected, asked) in [
        (vec![a.clone()], "3 5 - - - -", 2),
        (vec![a.clone(), turned], "3 5 - - - -", 2),
        (vec![a.clone(), grown], "3 5 - - - -", 2),
        (vec![a.clone(), b.clone()], "3 5 7 - - -", 3),
        (
            vec![a.clone(), b.clone(), vec![json!(null)]],
            "3 5 7 - - -",
            4,
        ),
        // Odd rows are like each other, and say nothing of their pages.
        (
            vec![vec![json!(null)], a.clone(), vec![json!(null)], b.clone()],
            "3 5 7 - - -",
            6,
        ),
    ] {
        let server = in_turn(pages);
        let told = explained(&plausible(&server));
        let said = misses(&told);
        assert_eq!(views(&told), expected, "{said}");
        assert!(said.contains("gave the same page twice"), "{said}");
        assert_eq!(server.calls().len(), asked, "{said}");
    }
}

#[test]
fn pages_without_a_row_that_can_be_read_are_not_asked_for_without_end() {
    let server = in_turn(vec![vec![json!(null), json!({"dimensions": []})]]);
    let told = explained(&plausible(&server));
    let said = misses(&told);
    assert!(
        said.contains("gave ten answers without a row that can be read"),
        "{said}"
    );
    assert_eq!(server.calls().len(), 10);
}

/// While it is asked, a story rises from one page to the one before: the last row of that comes again on the next.
#[test]
fn a_row_that_moves_to_the_next_page_counts_once() {
    let pages = Mutex::new(vec![
        json!({"results": [row("/story-4", 1)], "meta": {"total_rows": 4}}),
        json!({"results": [row("/story-2", 5), row("/story-3", 7)], "meta": {"total_rows": 4}}),
        json!({"results": [row("/story-1", 3), row("/story-2", 5)], "meta": {"total_rows": 5}}),
    ]);
    let server = Server::open(move |_| Answer::ok(&pages.lock().unwrap().pop().unwrap()));
    let told = explained(&plausible(&server));
    assert_eq!(
        (views(&told).as_str(), &*misses(&told)),
        ("3 5 7 - - -", "")
    );
}

/// Half an answer: it says how many rows there are, and stops before.
#[test]
fn a_service_that_stops_before_its_last_row_is_named() {
    let pages = Mutex::new(vec![
        json!({"results": [], "meta": {"total_rows": 4}}),
        json!({"results": [row("/story-1", 3), row("/story-2", 5)], "meta": {"total_rows": 4}}),
    ]);
    let server = Server::open(move |_| Answer::ok(&pages.lock().unwrap().pop().unwrap()));
    let told = explained(&plausible(&server));
    assert_eq!(views(&told), "3 5 - - - -");
    let said = misses(&told);
    assert!(
        said.contains("says that it has more rows, but gives none; 2 rows came before"),
        "{said}"
    );
}

#[test]
fn ga4_whose_quota_alone_differs_gives_the_same_page() {
    let google = Arc::new(Google::new());
    let (account, left) = (Arc::clone(&google), AtomicU32::new(199_993));
    let server = Server::open(move |call: &Call| {
        if call.path == "/token" {
            return account.token(call, SCOPE);
        }
        let row = json!({"dimensionValues": [{"value": "2026082400"}, {"value": "harbourtimes.example"}, {"value": "/story-1"}], "metricValues": [{"value": "3"}]});
        Answer::ok(
            &json!({"rows": [row], "rowCount": 90, "metadata": {"timeZone": "America/New_York"},
            "propertyQuota": {"tokensPerDay": {"consumed": 1, "remaining": left.fetch_sub(1, Ordering::SeqCst)}}}),
        )
    });
    let told = explained(&google.room(&server, "ga4 = \"properties/1\""));
    assert_eq!(views(&told), "3 - - - - -");
    assert!(
        misses(&told).contains("gave the same page twice"),
        "{}",
        misses(&told)
    );
}

/// BigQuery, whose first answers are that the job is not done; then this answer to whatever page is asked for.
fn bigquery(
    done_after: u32,
    answer: impl Fn(u32) -> Value + Send + Sync + 'static,
) -> (Newsroom, Server) {
    let google = Arc::new(Google::new());
    let (account, asked) = (Arc::clone(&google), AtomicU32::new(0));
    let server = Server::open(move |call: &Call| {
        if call.path == "/token" {
            return account.token(
                call,
                "https://www.googleapis.com/auth/cloud-platform.read-only",
            );
        }
        assert_eq!(call.header("authorization"), format!("Bearer {TOKEN}"));
        let turn = asked.fetch_add(1, Ordering::SeqCst);
        let job = json!({"jobId": "j", "projectId": "web"});
        if turn < done_after {
            return Answer::ok(&json!({"jobComplete": false, "jobReference": job}));
        }
        let mut answer = answer(turn);
        answer["jobComplete"] = json!(true);
        answer["jobReference"] = job;
        answer["schema"] = json!({"fields": [{"name": "url", "type": "STRING"}, {"name": "views", "type": "INTEGER"}]});
        Answer::ok(&answer)
    });
    let room = google.room(
        &server,
        "bigquery = \"web\"\nsql = \"SELECT url, views FROM v\"\ntime_limit = \"3s\"",
    );
    (room, server)
}

fn cells(path: &str, views: &str) -> Value {
    json!({"f": [{"v": path}, {"v": views}]})
}

#[test]
fn bigquery_that_gives_a_page_again_is_not_believed() {
    let pages = |token: fn(u32) -> Value| {
        bigquery(0, move |turn| {
            let row = if turn % 2 == 0 {
                cells("/story-1", "3")
            } else {
                cells("/story-2", "5")
            };
            json!({"rows": [row, cells("/story-9", "1")], "pageToken": token(turn)})
        })
    };
    let tokens: [fn(u32) -> Value; 3] = [
        |turn| json!(format!("t{turn}")),
        |turn| json!(format!("t{}", turn % 2)),
        |_| json!("t"),
    ];
    for token in tokens {
        let (room, _server) = pages(token);
        let told = explained(&room);
        assert_eq!(views(&told), "3 5 - - - -", "{}", misses(&told));
        assert!(
            misses(&told).contains("gave the same page twice"),
            "{}",
            misses(&told)
        );
    }
    // A statement that does not group gives a row for each view.
    let (room, _server) = bigquery(
        0,
        |turn| json!({"rows": [cells("/story-1", "1"), cells("/story-1", "1")], "totalRows": "6", "pageToken": format!("t{turn}")}),
    );
    let told = explained(&room);
    assert_eq!(
        (views(&told).as_str(), &*misses(&told)),
        ("6 - - - - -", "")
    );
}

/// Asked whether its job is done, it says no at once: the pauses between are 1/4 s, 1/2 s, 1 s, 2 s.
#[test]
fn bigquery_is_not_asked_without_a_pause() {
    let (room, server) = bigquery(u32::MAX, |_| json!({}));
    let told = explained(&room);
    assert!(
        misses(&told).contains("took longer than 3 s"),
        "{}",
        misses(&told)
    );
    let asked = server.calls().len();
    assert!((3..=6).contains(&asked), "{asked} requests");
    let (room, _server) = bigquery(2, |_| json!({"rows": [cells("/story-1", "3")]}));
    assert_eq!(views(&explained(&room)), "3 - - - - -");
}

/// Umami and Parse.ly know no hours. What was read last is found by asking for the last minutes alone; here that was so many minutes ago.
#[test]
fn totals_are_as_old_as_the_last_views() {
    let now: chrono::DateTime<chrono::Utc> = crate::newsroom::NOW.parse().unwrap();
    for (minutes, expected, shown) in [
        (5, "2026-08-24T05:45:00Z", "7 - - - - -"),
        (25, "2026-08-24T05:25:00Z", "7 - - - - -"),
        (90, "2026-08-24T04:25:00Z", "- - - - - -"),
        (1_200, "2026-08-23T19:05:00Z", "- - - - - -"),
    ] {
        let last = now - chrono::TimeDelta::minutes(minutes);
        let umami = Server::open(move |call: &Call| {
            let from =
                chrono::DateTime::from_timestamp_millis(call.query["startAt"].parse().unwrap());
            let row = json!({"name": "/story-1", "pageviews": 7});
            Answer::ok(&if from.unwrap() <= last {
                json!([row])
            } else {
                json!([])
            })
        });
        let parsely = Server::open(move |call: &Call| {
            let from = chrono::NaiveDateTime::parse_from_str(
                &call.query["period_start"],
                "%Y-%m-%dT%H:%M",
            );
            let post = json!({"url": "/story-1", "metrics": {"views": 7}});
            let data = if from.unwrap().and_utc() <= last {
                json!([post])
            } else {
                json!([])
            };
            Answer::ok(&json!({"success": true, "data": data}))
        });
        for (kind, server) in [
            ("umami = \"id\"", &umami),
            ("parsely = \"h.example\"", &parsely),
        ] {
            let lines = format!(
                "{kind}\nserver = \"{}\"\nkey_file = \"service.key\"",
                server.url()
            );
            let used = views(&explained(&newsroom(&lines)));
            assert_eq!(used, shown, "{kind}, {minutes} min");
            let told = explained(&newsroom(&(lines + "\nmax_age = \"30d\"")));
            assert_eq!(as_of(&told), expected, "{kind}, {minutes} min");
        }
    }
}
