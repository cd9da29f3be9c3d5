//! What goes wrong with a service: it is a miss with a reason, and the edition is made all the same.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::json;

use super::google::Google;
use super::kinds::ga4;
use super::service::{Answer, Call, Server};
use super::{SECRET, explained, misses, newsroom, views};

const NOTHING: &str = "\nreadership: ";

/// Parse.ly's answer, or what comes instead; the whole miss of it.
fn missed(answer: impl Fn(&Call) -> Answer + Send + Sync + 'static) -> String {
    let server = Server::open(answer);
    let room = newsroom(&format!(
        "parsely = \"h.example\"\nserver = \"{}\"\nkey_file = \"service.key\"\ntime_limit = \"2s\"",
        server.url()
    ));
    let told = explained(&room);
    room.run(&["draft", "-q"]).exits(0);
    assert!(room.has("editions/2026-08-24.toml"), "the edition is made");
    misses(&told)
        .split(NOTHING)
        .next()
        .unwrap()
        .replace(&server.url(), "SERVER")
}

#[test]
fn what_is_no_answer() {
    let half = r#"{"data":[{"url":"https://harbourtimes.example/story-1","metrics":{"vi"#;
    let mut told = vec![
        missed(|_| {
            Answer::new(200, "<!doctype html><title>Log in</title>")
                .header("Content-Type", "text/html")
        }),
        missed(|_| Answer::new(200, "")),
        missed(move |_| Answer::new(200, half)),
        missed(move |_| Answer {
            cut: 100,
            ..Answer::new(200, half)
        }),
        missed(|_| Answer::new(200, "[]")),
        missed(|_| Answer::new(401, format!("{{\"error\":\"no such key: {SECRET}\"}}"))),
        missed(|_| Answer::new(404, "<html>")),
        missed(|_| Answer::new(429, "{}").header("Retry-After", "3600")),
        missed(|_| {
            Answer::new(302, "").header("Location", &format!("https://evil.example/?{SECRET}"))
        }),
        missed(|_| Answer::silence()),
    ];
    for line in &mut told {
        *line = line.replace("parsely h.example: ", "");
    }
    insta::assert_snapshot!(told.join("\n"), @"
    answered a web page, not JSON: is `server` the right address, does it ask for a log-in?
    answered nothing where JSON was expected
    its answer breaks off in the middle
    could not be read from `127.0.0.1`: end of file before message length reached
    its answer is not what was expected: invalid length 0, expected struct Answer with 3 elements at line 1 column 2
    answered 401 `no such key: ..`: is the secret that of this site, and may it use the API?
    answered 404
    answered 429: its quota is used up, and it asks to wait 3600 s
    answered 302 and leads to `https://evil.example`: no key is sent along, so `server` must be the right address itself
    took longer than 2 s
    ");
}

#[test]
fn numbers_that_are_no_views_cost_their_own_row() {
    let server = Server::open(|_| {
        let post = |number: u32, views: serde_json::Value| json!({"url": format!("https://harbourtimes.example/story-{number}"), "metrics": {"views": views}});
        Answer::ok(
            &json!({"success": true, "data": [post(1, json!(-4)), post(2, json!(11.6)), post(3, json!("7")), post(4, json!(null)), post(5, json!(1e300))]}),
        )
    });
    let room = newsroom(&format!(
        "parsely = \"h.example\"\nserver = \"{}\"\nkey_file = \"service.key\"",
        server.url()
    ));
    let told = explained(&room);
    assert_eq!(views(&told), "- 12 7 - - -");
    assert!(misses(&told).starts_with("parsely h.example: row 1: expected a number of views, but found `-4`; row 4: expected a number of views, but found `null`; row 5: expected a number of views"), "{}", misses(&told));
}

#[test]
fn a_time_that_is_none_is_shown_as_it_came() {
    let server = Server::open(|_| {
        let row = |hour: &str| json!({"dimensions": [hour, "harbourtimes.example", "/story-1"], "metrics": [3]});
        Answer::ok(
            &json!({"results": [row("2026-08-24 06:00:00"), row("soon"), row("9999-99-99 99:00:00")], "meta": {"total_rows": 3}}),
        )
    });
    let room = newsroom(&format!(
        "name = \"the site\"\nplausible = \"harbourtimes.example\"\nserver = \"{}\"\nkey_file = \"service.key\"",
        server.url()
    ));
    let told = explained(&room);
    assert_eq!(views(&told), "3 - - - - -");
    assert!(misses(&told).starts_with("the site: row 2: expected a time, but found `soon`; row 3: expected a time, but found `9999-99-99 99:00:00`; the other rows were taken"), "{}", misses(&told));
}

/// Whatever the kind, a source is called by its `name`.
#[test]
fn every_kind_may_have_a_name() {
    for kind in [
        "counts = \"no.csv\"",
        "access_log = \"no.log\"",
        "page = \"no.html\"\nstory = \"a\"",
        "command = [\"./no\"]",
        "parsely = \"h.example\"\nserver = \"http://127.0.0.1:1\"\nkey_file = \"service.key\"",
    ] {
        let room = newsroom(&format!("name = \"the city's\"\n{kind}"));
        let table = room.run(&["readership"]).exits(0).stderr;
        assert!(table.contains("\nthe city's "), "{kind}: {table}");
    }
}

/// Longer than any clock can tell.
#[test]
fn a_wait_without_end_is_not_waited_for() {
    for (name, wait) in [
        ("Retry-After", "18446744073709551615"),
        ("x-rate-limit-reset", "9999999999999999999"),
        ("Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT"),
    ] {
        let said = missed(move |_| Answer::new(429, "{}").header(name, wait));
        assert!(said.contains("its quota is used up"), "{wait}: {said}");
    }
}

/// Its paging repeats itself, or never ends.
#[test]
fn a_page_that_comes_twice_counts_once() {
    let row = |path: &str| json!({"dimensions": ["2026-08-24 06:00:00", "harbourtimes.example", path], "metrics": [3]});
    let rows = vec![row("/story-1"); 10_000];
    let page = json!({"results": rows, "meta": {"total_rows": 1_000_000}}).to_string();
    let server = Server::open(move |_| Answer::new(200, page.clone()));
    let room = newsroom(&format!(
        "plausible = \"harbourtimes.example\"\nserver = \"{}\"\nkey_file = \"service.key\"",
        server.url()
    ));
    let told = explained(&room);
    assert_eq!(views(&told), "30000 - - - - -");
    let said = misses(&told);
    assert!(said.contains("gave the same page twice"), "{said}");
    assert_eq!(server.calls().len(), 2);
}

/// A row that lacks something costs itself; the others of its answer are taken.
#[test]
fn an_odd_row_costs_itself() {
    let url = "https://harbourtimes.example/story-1";
    for (kind, answer) in [
        (
            "parsely = \"h.example\"",
            json!({"success": true, "data": [{"url": url}, {"url": url, "metrics": {}}, {"url": url, "metrics": {"views": 7}}]}),
        ),
        (
            "matomo = 3\nmax_age = \"30d\"",
            json!([{"label": "a", "url": url}, {"label": "a", "url": url, "nb_hits": 7}]),
        ),
        (
            "chartbeat = \"harbourtimes.example\"",
            json!({"pages": [{"path": null, "stats": {"people": 3}}, {"path": "harbourtimes.example/story-1"}, {"path": "harbourtimes.example/story-1", "stats": {"people": 7}}]}),
        ),
        (
            "plausible = \"harbourtimes.example\"",
            json!({"results": [
                {"dimensions": ["2026-08-24 06:00:00", null, "/story-1"], "metrics": [2]},
                {"dimensions": ["2026-08-24 06:00:00", "harbourtimes.example", "/story-1"], "metrics": []},
                {"dimensions": ["2026-08-24 06:00:00", "harbourtimes.example", "/story-1"], "metrics": [7]}], "meta": {"total_rows": 3}}),
        ),
    ] {
        let server = Server::open(move |_| Answer::ok(&answer));
        let room = newsroom(&format!(
            "{kind}\nserver = \"{}\"\nkey_file = \"service.key\"",
            server.url()
        ));
        let told = explained(&room);
        let said = misses(&told);
        assert!(
            said.contains("expected a") && said.contains("the other rows were taken"),
            "{kind}: {said}"
        );
        assert!(
            !views(&told).starts_with('-') || kind.starts_with("chartbeat"),
            "{kind}: {}",
            views(&told)
        );
    }
}

/// More views than a number holds are as many as it holds.
#[test]
fn views_beyond_all_numbers_are_added_up() {
    let most = u64::MAX;
    for table in [
        format!("url,views\n/story-1,{most}\n/story-1,5\n"),
        format!(
            "time,url,views\n2026-08-24T05:00:00Z,/story-1,{most}\n2026-08-24T05:10:00Z,/story-1,5\n2026-08-24T05:20:00Z,/story-2,{most}\n"
        ),
    ] {
        let room = newsroom("counts = \"views.csv\"");
        room.file("views.csv", table);
        room.run(&["draft"]).exits(0);
        room.run(&["readership"]).exits(0);
    }
}

#[test]
fn two_sampled_services_of_one_name_are_refused() {
    let one = |name: &str| {
        format!(
            "matomo = 1\nserver = \"http://127.0.0.1:1\"\nkey_file = \"service.key\"\nevery = \"10m\"{name}\n"
        )
    };
    let both = |name: &str| newsroom(&(one("") + "\n[[readership]]\n" + &one(name)));
    both("")
        .run(&["draft"])
        .exits(1)
        .says("two services that are sampled have the same name");
    both("\nname = \"the other\"").run(&["draft"]).exits(0);
}

#[test]
fn a_service_that_asks_to_wait_is_asked_again() {
    let asked = AtomicU32::new(0);
    let server = Server::open(move |_| match asked.fetch_add(1, Ordering::SeqCst) {
        0 => Answer::new(429, "{}").header("Retry-After", "0"),
        1 => Answer::new(503, "").header("Retry-After", "0"),
        _ => Answer::ok(
            &json!({"success": true, "data": [{"url": "/story-1", "metrics": {"views": 3}}]}),
        ),
    });
    let room = newsroom(&format!(
        "parsely = \"h.example\"\nserver = \"{}\"\nkey_file = \"service.key\"",
        server.url()
    ));
    assert_eq!(views(&explained(&room)), "3 - - - - -");
    let asked = server.calls();
    assert_eq!(asked.len(), 3 + 1, "three tries, and how old the views are");
    assert_eq!(asked[3].query["period_start"], "2026-08-24T05:25");
}

#[test]
fn pages_of_other_hosts_are_left_out_and_named() {
    let server = Server::open(|_| {
        let post = |url: &str, views: u32| json!({"url": url, "metrics": {"views": views}});
        Answer::ok(&json!({"success": true, "data": [
            post("https://m.harbourtimes.example/story-1?fbclid=9#comments", 5), post("https://www.harbourtimes.example/story-1/", 4),
            post("https://harbourtimes-example.translate.goog/story-1", 90), post("https://harbourtimes.example/story%2D2", 3),
        ]}))
    });
    let room = newsroom(&format!(
        "parsely = \"h.example\"\nserver = \"{}\"\nkey_file = \"service.key\"\nhosts = [\"harbourtimes.example\", \"m.harbourtimes.example\"]",
        server.url()
    ));
    let told = explained(&room);
    assert!(views(&told).starts_with("9 "), "{}", views(&told));
    assert_eq!(
        misses(&told),
        "parsely h.example: views of other hosts were left out: harbourtimes-example.translate.goog (90)"
    );
}

#[test]
fn google_refuses_a_clock_that_is_wrong_by_a_day_and_why_is_said() {
    let google = Google::new().yesterday();
    let (room, _server) = ga4(google, &[], json!({}));
    let told = explained(&room);
    let said = misses(&told);
    assert!(
        said.contains("answered 400 `Invalid JWT: Token must be a short-lived token"),
        "{said}"
    );
    assert!(
        said.contains(
            "this machine's clock is 24 h ahead of the service's, and keys are refused for that"
        ),
        "{said}"
    );
}

/// Only Google refuses such a clock. Of the others it explains ages and hours that make no sense.
#[test]
fn a_clock_that_is_wrong_by_a_day_is_named_whoever_is_asked() {
    for (date, expected) in [
        ("Sun, 23 Aug 2026 05:45:00 GMT", "24 h ahead of"),
        ("Tue, 25 Aug 2026 05:40:00 GMT", "24 h behind"),
        ("Mon, 24 Aug 2026 06:45:00 GMT", "60 min behind"),
        ("Mon, 24 Aug 2026 05:49:00 GMT", ""),
        ("soon", ""),
    ] {
        let server = Server::open(move |_| {
            Answer::ok(&json!({"success": true, "data": [{"url": "https://harbourtimes.example/story-1", "metrics": {"views": 3}}]}))
                .header("Date", date)
        });
        let room = newsroom(&format!(
            "parsely = \"h.example\"\nserver = \"{}\"\nkey_file = \"service.key\"",
            server.url()
        ));
        let said = room.run(&["readership"]).exits(0).stderr;
        let note = format!(
            "this machine's clock is {expected} the service's: hours and ages are wrong by that"
        );
        assert_eq!(said.contains(&note), !expected.is_empty(), "{date}: {said}");
        assert_eq!(
            said.contains("clock"),
            !expected.is_empty(),
            "{date}: {said}"
        );
    }
}

/// No server takes an address of a megabyte, and no page has views without number: -1 of a program that knows no negative ones.
#[test]
fn what_no_page_can_be_costs_its_row() {
    let post = |path: &str, views: u64| json!({"url": format!("https://harbourtimes.example/{path}"), "metrics": {"views": views}});
    let long = "a".repeat(1_000_000);
    let server = Server::open(move |_| {
        Answer::ok(
            &json!({"success": true, "data": [post(&long, 9), post("story-1", u64::MAX), post("story-2", 5)]}),
        )
    });
    let room = newsroom(&format!(
        "parsely = \"h.example\"\nserver = \"{}\"\nkey_file = \"service.key\"",
        server.url()
    ));
    let told = explained(&room);
    assert_eq!(views(&told), "- 5 - - - -");
    let said = misses(&told);
    assert!(
        said.starts_with("parsely h.example: row 1: expected an address, but found `https://harbourtimes.example/aaaaaaaaaa…`; row 2: expected a number of views, but found `18446744073709551615`"),
        "{said}"
    );
}

/// A service's own words are shown, wherever it has them.
#[test]
fn an_error_in_a_good_answer_is_shown_in_its_own_words() {
    for (kind, answer, expected) in [
        (
            "chartbeat = \"h.example\"",
            json!({"error": "no such host", "code": 404}),
            "answered `no such host`",
        ),
        (
            "plausible = \"h.example\"",
            json!({"errors": {"site": ["is locked"]}}),
            "answered `is locked`",
        ),
        (
            "cloudflare = \"023e105f4ecef8ad9ca31a8372d0c353\"",
            json!({"data": {"viewer": null}, "errors": null}),
            "knows no such zone, or the token may not see it",
        ),
        (
            "cloudflare = \"023e105f4ecef8ad9ca31a8372d0c353\"",
            json!({"data": {"viewer": {"zones": null}}}),
            "knows no such zone, or the token may not see it",
        ),
    ] {
        let server = Server::open(move |_| Answer::ok(&answer));
        let room = newsroom(&format!(
            "{kind}\nserver = \"{}\"\nkey_file = \"service.key\"",
            server.url()
        ));
        let said = misses(&explained(&room));
        assert!(said.contains(expected), "{kind}: {said}");
    }
}

#[test]
fn google_names_the_property_one_may_not_see() {
    let google = Google::new();
    let server = Server::open(|_| {
        Answer::new(403, json!({"error": {"code": 403, "message": "User does not have sufficient permissions for this property.", "status": "PERMISSION_DENIED"}}).to_string())
    });
    let room = google.room(&server, "ga4 = \"1234\"");
    let said = misses(&explained(&room));
    assert!(said.starts_with("ga4 properties/1234: answered 403 `User does not have sufficient permissions for this property.`: is the service account of `key_file` a Viewer of the property"), "{said}");
}

#[test]
fn several_services_are_asked_at_once() {
    let both = std::sync::Arc::new(std::sync::Barrier::new(2));
    // Each answers only once the other was asked too.
    let answer = move |_: &Call| {
        both.wait();
        Answer::ok(
            &json!({"success": true, "data": [{"url": "/story-1", "metrics": {"views": 3}}]}),
        )
    };
    let server = Server::open(answer);
    let lines = format!(
        "parsely = \"h.example\"\nserver = \"{}\"\nkey_file = \"service.key\"",
        server.url()
    );
    let room = newsroom(&format!("{lines}\n[[readership]]\n{lines}"));
    assert_eq!(views(&explained(&room)), "6 - - - - -");
}

#[test]
fn six_services_are_asked_at_once() {
    // Each answer is held until all six were asked: asked one after another, they would never come.
    let all = std::sync::Arc::new(std::sync::Barrier::new(6));
    let server = Server::open(move |_| {
        all.wait();
        Answer::ok(&json!({"results": [], "meta": {"total_rows": 0}}))
    });
    let one = |number: usize| {
        format!(
            "plausible = \"{number}.example\"\nserver = \"{}\"\nkey_file = \"service.key\"\n",
            server.url()
        )
    };
    let six: Vec<String> = (1..=6).map(one).collect();
    let room = newsroom(&six.join("\n[[readership]]\n"));
    let told = explained(&room);
    assert_eq!(server.calls().len(), 6);
    assert_eq!(
        misses(&told).matches("has no views in this time").count(),
        6
    );
}
