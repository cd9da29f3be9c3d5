//! Who came by the links of an edition, as services keep it: each is asked by its own words, and nothing that somebody made up counts.

use std::sync::Arc;

use serde_json::{Value, json};

use super::google::{Google, TOKEN};
use super::kinds::SCOPE;
use super::service::{Answer, Call, Server};
use super::{SECRET, newsroom};
use crate::newsroom::{NOW, Newsroom, TODAY};
use crate::postoffice::PostOffice;

const ADD: &str = "add = \"utm_source=letter&utm_campaign={newsletter}-{day}&utm_content={slot}\"";

/// Sends today's edition, and tells what `results` says at that time.
fn told(room: Newsroom, add: &str, at: &str) -> Value {
    let relay = PostOffice::open();
    let room = room.config("links", add).relay(relay.port(), 1);
    room.run(&["send"]).exits(0);
    let output = room.at(at).run(&["results", "--json"]).exits(0);
    for said in [&output.stdout, &output.stderr] {
        assert!(
            !said.contains(SECRET) && !said.contains(TOKEN),
            "a key is shown: {said}"
        );
    }
    output.json()
}

/// The places that are known, and what was said, a line each.
fn known(told: &Value) -> String {
    let slots = told["slots"].as_array().unwrap().iter();
    let known = slots.filter_map(|slot| {
        let arrivals = slot["arrivals"].as_u64()?;
        Some(format!("{}={arrivals}", slot["slot"].as_str()?))
    });
    let notes = told["notes"].as_array().unwrap().iter();
    let lines = known.chain(notes.map(|note| note.as_str().unwrap().to_owned()));
    lines.collect::<Vec<_>>().join("\n")
}

/// No views, so that the edition's order is that of freshness: stories 1 to 5.
fn no_rows() -> Value {
    json!({"rowCount": 0, "metadata": {"timeZone": "Europe/Lisbon"}})
}

#[test]
fn ga4_by_dimensions_of_the_session() {
    let google = Arc::new(Google::new());
    let account = Arc::clone(&google);
    let server = Server::open(move |call: &Call| {
        if call.path == "/token" {
            return account.token(call, SCOPE);
        }
        let asked = call.json();
        if asked["metrics"][0]["name"] == "screenPageViews" {
            return Answer::ok(&no_rows());
        }
        assert_eq!(asked["metrics"], json!([{"name": "sessions"}]));
        let names: Vec<&str> = asked["dimensions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name["name"].as_str().unwrap())
            .collect();
        assert_eq!(
            names,
            [
                "dateHour",
                "landingPage",
                "sessionSource",
                "sessionCampaignName",
                "sessionManualAdContent"
            ]
        );
        let filters = asked["dimensionFilter"]["andGroup"]["expressions"]
            .as_array()
            .unwrap();
        assert_eq!(filters.len(), 2);
        assert_eq!(
            filters[1],
            json!({"filter": {"fieldName": "sessionCampaignName", "stringFilter": {"matchType": "EXACT", "value": format!("harbour-{TODAY}"), "caseSensitive": false}}})
        );
        let campaign = format!("harbour-{TODAY}");
        let rows = [
            // The hour in which the edition was sent.
            (
                "2026082406",
                "/story-1",
                "letter",
                &*campaign,
                "top-1",
                "40",
            ),
            ("2026082406", "/story-1/", "letter", &campaign, "top-1", "2"),
            ("2026082406", "/story-2", "letter", &campaign, "top-2", "4"),
            // First in the letter of one who reads a single section; and what somebody made up.
            ("2026082406", "/story-2", "letter", &campaign, "top-1", "5"),
            (
                "2026082406",
                "/story-2",
                "letter",
                &campaign,
                "top-3",
                "900",
            ),
            (
                "2026082405",
                "/story-1",
                "letter",
                &campaign,
                "top-1",
                "900",
            ),
            ("2026082406", "/story-1", "other", &campaign, "top-1", "900"),
            (
                "2026082406",
                "(not set)",
                "letter",
                &campaign,
                "top-1",
                "900",
            ),
            (
                "2026082406",
                "/story-1",
                "letter",
                &campaign,
                "(not set)",
                "900",
            ),
            ("2026082406", "/story-3", "letter", &campaign, "top-3", "-7"),
        ];
        let rows = rows.map(|(hour, page, source, campaign, content, sessions)| {
            let values =
                [hour, page, source, campaign, content].map(|value| json!({"value": value}));
            json!({"dimensionValues": values, "metricValues": [{"value": sessions}]})
        });
        Answer::ok(
            &json!({"rows": rows, "rowCount": rows.len(), "metadata": {"timeZone": "Europe/Lisbon", "subjectToThresholding": true}}),
        )
    });
    let room = google.room(&server, "ga4 = \"properties/1234\"");
    insta::assert_snapshot!(known(&told(room, ADD, "2026-08-24T05:49:00Z")), @"
    top-1=42
    top-2=9
    ga4 properties/1234: row 10: expected a number of views, but found `-7`; the other rows were taken
    ga4 properties/1234: Google holds small counts back (thresholding): stories with few readers may be missing
    ");
}

/// The 24 hours end within an hour of the service: it counts if most of it is within.
#[test]
fn the_last_hour_counts_if_most_of_it_does() {
    for (sent, expected) in [
        ("2026-08-24T05:10:00Z", "top-1=30"),
        ("2026-08-24T05:50:00Z", "top-1=930"),
    ] {
        let server = Server::open(move |call: &Call| {
            if call.json()["metrics"] == json!(["pageviews"]) {
                return Answer::ok(&json!({"results": [], "meta": {"total_rows": 0}}));
            }
            let row = |hour: &str, visits: u64| json!({"dimensions": [format!("{hour}:00:00"), "/story-1", "letter", format!("harbour-{TODAY}"), "top-1"], "metrics": [visits]});
            Answer::ok(&json!({
                "results": [row("2026-08-24 06", 30), row("2026-08-25 06", 900)],
                "meta": {"total_rows": 2},
                "query": {"date_range": ["2026-08-24T06:00:00+01:00", "2026-08-25T09:00:00+01:00"]},
            }))
        });
        let room = newsroom(&format!(
            "plausible = \"h.example\"\nserver = \"{}\"\nkey_file = \"service.key\"",
            server.url()
        ));
        let told = told(room.at(sent), ADD, "2026-08-25T08:00:00Z");
        assert_eq!(known(&told), expected, "{sent}");
    }
}

#[test]
fn plausible_by_entry_page() {
    let server = Server::open(move |call: &Call| {
        assert_eq!(call.header("authorization"), format!("Bearer {SECRET}"));
        let asked = call.json();
        if asked["metrics"] == json!(["pageviews"]) {
            return Answer::ok(&json!({"results": [], "meta": {"total_rows": 0}}));
        }
        assert_eq!(asked["metrics"], json!(["visits"]));
        assert_eq!(
            asked["dimensions"],
            json!([
                "time:hour",
                "visit:entry_page",
                "visit:utm_source",
                "visit:utm_campaign",
                "visit:utm_content"
            ])
        );
        let campaign = format!("harbour-{TODAY}");
        assert_eq!(
            asked["filters"],
            json!([
                ["is", "visit:utm_source", ["letter"]],
                ["is", "visit:utm_campaign", [campaign]]
            ])
        );
        let row = |hour: &str, page: &str, content: &str, visits: u64| json!({"dimensions": [format!("{hour}:00:00"), page, "letter", campaign, content], "metrics": [visits]});
        Answer::ok(&json!({
            "results": [
                row("2026-08-24 06", "/story-1", "top-1", 30), row("2026-08-24 09", "/story-1", "top-1", 12),
                row("2026-08-25 07", "/story-1", "top-1", 900), row("2026-08-24 09", "/story-2", "(none)", 900),
            ],
            "meta": {"total_rows": 4},
            "query": {"date_range": ["2026-08-24T06:45:00+01:00", "2026-08-25T09:00:00+01:00"]},
        }))
    });
    let room = newsroom(&format!(
        "plausible = \"h.example\"\nserver = \"{}\"\nkey_file = \"service.key\"",
        server.url()
    ));
    insta::assert_snapshot!(known(&told(room, ADD, "2026-08-25T08:00:00Z")), @"top-1=42");
}

/// Matomo, which knows these campaigns with their keywords.
fn matomo(rows: &'static [(&str, u64)]) -> (Newsroom, Server) {
    let server = Server::open(move |call: &Call| {
        let form = call.form();
        assert_eq!(form["token_auth"], SECRET);
        match form["method"].as_str() {
            "Actions.getPageUrls" => Answer::ok(&json!([])),
            "Referrers.getCampaigns" => {
                assert_eq!(
                    (form["flat"].as_str(), form["period"].as_str()),
                    ("1", "day")
                );
                let rows = rows.iter().filter(|_| form["date"] == TODAY);
                Answer::ok(
                    &rows
                        .map(|(label, visits)| json!({"label": label, "nb_visits": visits}))
                        .collect(),
                )
            }
            other => panic!("{other}"),
        }
    });
    let room = newsroom(&format!(
        "matomo = 1\nserver = \"{}\"\nkey_file = \"service.key\"",
        server.url()
    ));
    (room, server)
}

#[test]
fn matomo_by_campaign_and_keyword() {
    let (room, server) = matomo(&[
        ("harbour-2026-08-24 - top-1", 42),
        ("harbour-2026-08-24 - top-3", 3),
        ("harbour-2026-08-23 - top-1", 900),
        ("harbour-2026-08-24 - top-77", 900),
        ("Others", 900),
    ]);
    let add = "add = \"utm_source=letter&utm_campaign={newsletter}-{day}&utm_term={slot}\"";
    insta::assert_snapshot!(known(&told(room, add, "2026-08-29T08:00:00Z")), @"top-1=42");
    let asked = server
        .calls()
        .iter()
        .filter(|call| call.form()["method"] == "Referrers.getCampaigns")
        .count();
    assert_eq!(asked, 2, "two days");
    let (room, _server) = matomo(&[]);
    insta::assert_snapshot!(known(&told(room, ADD, "2026-08-24T08:00:00Z")), @"matomo 1: cannot tell arrivals: Matomo keeps the campaign and the keyword of a link, so `{slot}` of `[links] add` must be in `utm_term`, not in `utm_content`");
    let (room, _server) = matomo(&[]);
    let add = "add = \"utm_source=letter&utm_campaign=daily&utm_term={slot}\"";
    insta::assert_snapshot!(known(&told(room, add, "2026-08-24T08:00:00Z")), @"matomo 1: cannot tell arrivals: Matomo knows days, no hours, so `[links] add` must have `{day}` in `utm_campaign`");
}

#[test]
fn umami_by_queries() {
    let open = || {
        Server::open(move |call: &Call| {
            if call.query["type"] == "path" {
                return Answer::ok(&json!([]));
            }
            assert_eq!(call.query["type"], "query");
            let at = |key: &str| {
                chrono::DateTime::from_timestamp_millis(call.query[key].parse().unwrap()).unwrap()
            };
            assert_eq!(at("endAt") - at("startAt"), chrono::TimeDelta::hours(24));
            let row = |name: String, views: u64| json!({"name": name, "pageviews": views, "visitors": views, "visits": views});
            let ours = |content: &str| {
                format!("utm_source=letter&utm_campaign=harbour-{TODAY}&utm_content={content}")
            };
            Answer::ok(&json!([
                row(ours("top-1"), 42),
                row(format!("x=1&{}", ours("top-1")), 1),
                row(ours("top-2"), 4),
                row(ours("top-88"), 900),
                row("utm_source=letter".to_owned(), 900),
            ]))
        })
    };
    let room = |server: &Server| {
        newsroom(&format!(
            "umami = \"id\"\nserver = \"{}\"\nkey_file = \"service.key\"",
            server.url()
        ))
    };
    let server = open();
    insta::assert_snapshot!(known(&told(room(&server), ADD, "2026-08-26T08:00:00Z")), @"top-1=43");
    let server = open();
    insta::assert_snapshot!(known(&told(room(&server), "add = \"utm_source=letter\"", "2026-08-26T08:00:00Z")), @"umami id: cannot tell arrivals: Umami keeps queries without their pages, so `[links] add` must have `{slot}`");
}

#[test]
fn what_a_service_does_not_keep_is_said_and_others_still_tell() {
    let server = Server::open(move |_: &Call| {
        Answer::ok(&json!({"results": [], "meta": {"total_rows": 0}}))
    });
    let room = newsroom(&format!(
        "plausible = \"h.example\"\nserver = \"{}\"\nkey_file = \"service.key\"",
        server.url()
    ));
    let told = told(room, "add = \"utm_source=letter&place={slot}\"", NOW);
    assert_eq!(told["source"], Value::Null);
    insta::assert_snapshot!(known(&told), @"plausible h.example: cannot tell arrivals: of the pairs in `[links] add` Plausible keeps only `utm_source`, `utm_medium`, `utm_campaign`, `utm_content`, `utm_term`, not `place`");
}

#[test]
fn a_statement_that_returns_queries_tells() {
    let server = Server::open(move |call: &Call| {
        assert_eq!(call.query["readonly"], "1");
        let ours = format!("utm_source=letter&utm_campaign=harbour-{TODAY}&utm_content=top-1");
        Answer::new(
            200,
            format!(
                "[\"url\", \"hour\", \"views\"]\n[\"/story-1?{ours}\", \"2026-08-24T06:00:00Z\", 42]\n[\"/story-1\", \"2026-08-24T06:00:00Z\", 900]\n"
            ),
        )
    });
    let room = newsroom(&format!(
        "clickhouse = \"{}\"\nsql = \"SELECT url, hour, views FROM v\"",
        server.url()
    ));
    assert_eq!(known(&told(room, ADD, "2026-08-25T08:00:00Z")), "top-1=42");
}

/// An entry page that is null, and rows that are none, cost themselves.
#[test]
fn an_odd_row_takes_no_arrivals_away() {
    let server = Server::open(move |call: &Call| {
        if call.json()["metrics"] == json!(["pageviews"]) {
            return Answer::ok(&json!({"results": [], "meta": {"total_rows": 0}}));
        }
        let row = |page: Value| json!({"dimensions": ["2026-08-24 06:00:00", page, "letter", format!("harbour-{TODAY}"), "top-1"], "metrics": [30]});
        let rows = json!([row(json!(null)), null, row(json!("/story-1")), {"dimensions": ["2026-08-24 06:00:00"], "metrics": [900]}, {"dimensions": [], "metrics": null}]);
        Answer::ok(&json!({"results": rows, "meta": {"total_rows": 5}}))
    });
    let room = newsroom(&format!(
        "plausible = \"h.example\"\nserver = \"{}\"\nkey_file = \"service.key\"",
        server.url()
    ));
    let told = known(&told(room, ADD, "2026-08-25T08:00:00Z"));
    assert!(told.starts_with("top-1=30\n"), "{told}");
    assert!(
        told.contains("and 1 more; the other rows were taken"),
        "{told}"
    );
}

/// A service that answers that nobody came knows it.
#[test]
fn nobody_came_is_an_answer() {
    let server = Server::open(move |_: &Call| {
        Answer::ok(&json!({"results": [], "meta": {"total_rows": 0}}))
    });
    let room = newsroom(&format!(
        "plausible = \"h.example\"\nserver = \"{}\"\nkey_file = \"service.key\"",
        server.url()
    ));
    let told = told(room, ADD, "2026-08-26T08:00:00Z");
    assert_eq!(
        (&told["source"], &told["complete"]),
        (&json!("plausible h.example"), &json!(true)),
        "{told}"
    );
}
