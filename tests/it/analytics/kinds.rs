//! What each kind sends, reads and warns of: one file, for the kinds are one list, and what a new one must show is seen beside the others.

use std::sync::Arc;

use serde_json::{Value, json};

use super::google::{Google, TOKEN};
use super::service::{Answer, Call, Server};
use super::{SECRET, as_of, explained, misses, newsroom, views};
use crate::newsroom::Newsroom;

pub(super) const SCOPE: &str = "https://www.googleapis.com/auth/analytics.readonly";

/// A property with these rows of (hour, host, path, views) in New York, two to a page, and what its metadata says besides.
pub(super) fn ga4(
    google: Google,
    rows: &'static [(&str, &str, &str, &str)],
    about: Value,
) -> (Newsroom, Server) {
    let google = Arc::new(google);
    let account = Arc::clone(&google);
    let server = Server::open(move |call: &Call| {
        if call.path == "/token" {
            return account.token(call, SCOPE);
        }
        assert_eq!(
            (call.method.as_str(), call.path.as_str()),
            ("POST", "/v1beta/properties/1234:runReport")
        );
        assert_eq!(call.header("authorization"), format!("Bearer {TOKEN}"));
        let asked = call.json();
        assert_eq!(
            asked["dimensions"],
            json!([{"name": "dateHour"}, {"name": "hostName"}, {"name": "pagePath"}])
        );
        assert_eq!(asked["metrics"], json!([{"name": "screenPageViews"}]));
        assert_eq!(
            asked["dateRanges"],
            json!([{"startDate": "2daysAgo", "endDate": "today"}])
        );
        assert_eq!(asked["orderBy"], Value::Null, "it is called orderBys");
        // Numbers of 64 bits are text in Google's JSON.
        let number = |key: &str| asked[key].as_str().unwrap().parse::<usize>().unwrap();
        assert!((1..=250_000).contains(&number("limit")));
        let page: Vec<Value> = rows.iter().skip(number("offset")).take(2).map(|(hour, host, path, views)| {
            json!({"dimensionValues": [{"value": hour}, {"value": host}, {"value": path}], "metricValues": [{"value": views}]})
        }).collect();
        let mut metadata = json!({"currencyCode": "EUR", "timeZone": "America/New_York"});
        for (key, value) in about.as_object().unwrap() {
            metadata[key] = value.clone();
        }
        let mut answer = json!({
            "dimensionHeaders": [{"name": "dateHour"}], "metricHeaders": [{"name": "screenPageViews", "type": "TYPE_INTEGER"}],
            "rows": page, "rowCount": rows.len(), "metadata": metadata, "kind": "analyticsData#runReport",
            "propertyQuota": {"tokensPerDay": {"consumed": 7, "remaining": 199_993}},
        });
        if page.is_empty() {
            answer.as_object_mut().unwrap().remove("rows");
        }
        Answer::ok(&answer)
    });
    let room = google.room(&server, "ga4 = \"properties/1234\"");
    (room, server)
}

#[test]
fn ga4_is_read_page_by_page_in_the_hours_of_its_own_zone() {
    // 01 h in New York is 05 h UTC: the hour that is not over at 05:45.
    let (room, server) = ga4(
        Google::new(),
        &[
            ("2026082400", "harbourtimes.example", "/story-1", "412"),
            ("2026082401", "www.harbourtimes.example", "/story-1/", "88"),
            ("2026082323", "harbourtimes.example", "/story-2", "300"),
            ("2026082400", "harbourtimes.example", "/story-4", "40"),
            ("2026082400", "harbourtimes.example", "(not set)", "9"),
        ],
        json!({}),
    );
    let told = explained(&room);
    assert_eq!(views(&told), "500 300 - 40 - -");
    assert_eq!(as_of(&told), "2026-08-24T05:45:00Z");
    assert_eq!(misses(&told), "");
    assert_eq!(server.calls().len(), 1 + 3, "a token, and three pages");
}

#[test]
fn ga4_says_what_google_holds_back() {
    let (room, _server) = ga4(
        Google::new(),
        &[
            ("2026082318", "harbourtimes.example", "/story-1", "400"),
            ("2026082318", "harbourtimes.example", "(other)", "600"),
        ],
        json!({"subjectToThresholding": true, "dataLossFromOtherRow": true, "samplingMetadatas": [{"samplesReadCount": "50", "samplingSpaceSize": "200"}]}),
    );
    let told = explained(&room);
    assert_eq!(
        as_of(&told),
        "2026-08-23T23:00:00Z",
        "the newest hour that has rows"
    );
    insta::assert_snapshot!(misses(&told), @"
    ga4 properties/1234: 600 of 1,000 views are in Google's row `(other)`: its report has more pages than it keeps apart, and the missing views are of unknown stories
    ga4 properties/1234: Google holds small counts back (thresholding): stories with few readers may be missing
    ga4 properties/1234: the views are Google's estimate from a sample of 25 % of all events
    ");
}

#[test]
fn ga4_older_than_eight_hours_is_not_used() {
    let (room, _server) = ga4(
        Google::new(),
        &[("2026082314", "harbourtimes.example", "/story-1", "400")],
        json!({}),
    );
    let told = explained(&room);
    assert!(
        misses(&told).contains("is 10 h old, expected at most 8 h; not used"),
        "{}",
        misses(&told)
    );
}

/// Plausible with these rows of (hour, page, views), and the zone's offset in what it repeats.
fn plausible(rows: &'static [(&str, &str, i64)], range: [&'static str; 2]) -> Server {
    Server::open(move |call: &Call| {
        assert_eq!(
            (call.method.as_str(), call.path.as_str()),
            ("POST", "/api/v2/query")
        );
        assert_eq!(call.header("authorization"), format!("Bearer {SECRET}"));
        let asked = call.json();
        assert_eq!(asked["site_id"], "harbourtimes.example");
        assert_eq!(
            asked["dimensions"],
            json!(["time:hour", "event:hostname", "event:page"])
        );
        assert_eq!(asked["metrics"], json!(["pageviews"]));
        assert_eq!(asked["date_range"][1], "2026-08-24T06:45:00+01:00");
        assert_eq!(asked["include"]["total_rows"], true);
        let number =
            |key: &str| usize::try_from(asked["pagination"][key].as_u64().unwrap()).unwrap();
        let page: Vec<Value> = rows.iter().skip(number("offset")).take(number("limit").min(2)).map(|(hour, page, views)| {
            json!({"dimensions": [hour, "harbourtimes.example", page], "metrics": [views]})
        }).collect();
        Answer::ok(
            &json!({"results": page, "meta": {"total_rows": rows.len()}, "query": {"site_id": "harbourtimes.example", "date_range": range}}),
        )
    })
}

fn plausible_room(server: &Server) -> Newsroom {
    newsroom(&format!(
        "plausible = \"harbourtimes.example\"\nserver = \"{}\"\nkey_file = \"service.key\"",
        server.url()
    ))
}

#[test]
fn plausible_is_read_page_by_page() {
    let server = plausible(
        &[
            ("2026-08-24 06:00:00", "/story-1", 30),
            ("2026-08-24 05:00:00", "/story-1?utm_source=x#top", 12),
            ("2026-08-24 05:00:00", "/story-2", 7),
        ],
        ["2026-08-23T06:45:00+01:00", "2026-08-24T06:45:00+01:00"],
    );
    let told = explained(&plausible_room(&server));
    assert_eq!(
        (views(&told).as_str(), as_of(&told).as_str()),
        ("42 7 - - - -", "2026-08-24T05:45:00Z")
    );
    assert_eq!(misses(&told), "");
    assert_eq!(server.calls().len(), 2);
}

#[test]
fn plausible_hours_of_another_zone_are_taken_by_the_offset_it_repeats() {
    let server = plausible(
        &[("2026-08-24 13:00:00", "/story-1", 30)],
        ["2026-08-23T13:45:00+08:00", "2026-08-24T13:45:00+08:00"],
    );
    let room = plausible_room(&server);
    let told = explained(&room);
    assert_eq!(
        (views(&told).as_str(), as_of(&told).as_str()),
        ("30 - - - - -", "2026-08-24T05:45:00Z")
    );
    insta::assert_snapshot!(misses(&told), @"plausible harbourtimes.example: its hours are those of another time zone (now +08:00): `time_zone` in its `[[readership]]` names the site's, which a change of clocks needs");
}

/// Berlin's clocks show the hour from two to three twice: a service that counts by them has views of both in it, and those of just now.
#[test]
fn an_hour_that_the_clocks_show_twice_is_both() {
    let rows = json!([{"dimensions": ["2026-10-25 02:00:00", "harbourtimes.example", "/story-1"], "metrics": [30]}]);
    let range = ["2026-10-24T03:50:00+02:00", "2026-10-25T02:50:00+01:00"];
    let answer =
        json!({"results": rows, "meta": {"total_rows": 1}, "query": {"date_range": range}});
    let server = Server::open(move |_| Answer::ok(&answer));
    let room = plausible_room(&server).at("2026-10-25T01:50:00Z");
    let config = room.read("newsdigest.toml");
    room.file(
        "newsdigest.toml",
        config.replace("Europe/Lisbon", "Europe/Berlin"),
    );
    let told = explained(&room);
    assert_eq!(as_of(&told), "2026-10-25T01:50:00Z");
    assert!(!misses(&told).contains("old"), "{}", misses(&told));
}

/// A form that Matomo would take.
fn matomo_asked(call: &Call) -> (String, String) {
    assert_eq!(
        (call.method.as_str(), call.path.as_str()),
        ("POST", "/stats/index.php")
    );
    assert!(call.query.is_empty(), "the token is in the address");
    let form = call.form();
    for (key, value) in [
        ("module", "API"),
        ("method", "Actions.getPageUrls"),
        ("idSite", "3"),
        ("period", "day"),
        ("flat", "1"),
        ("format", "JSON"),
        ("token_auth", SECRET),
    ] {
        assert_eq!(form[key], value, "{key}");
    }
    assert!(
        form["filter_limit"].parse::<u32>().unwrap() > 100,
        "the default would be 100"
    );
    (form["date"].clone(), form["filter_offset"].clone())
}

fn matomo_room(server: &Server) -> Newsroom {
    newsroom(&format!(
        "matomo = 3\nserver = \"{}/stats/\"\nkey_file = \"service.key\"",
        server.url()
    ))
}

#[test]
fn matomo_is_asked_day_by_day_and_its_rest_is_named() {
    let server = Server::open(|call: &Call| {
        let row = |path: &str, views: u64| json!({"label": path, "nb_visits": 1, "nb_hits": views, "url": format!("https://www.harbourtimes.example{path}")});
        Answer::ok(&match matomo_asked(call) {
            (day, offset) if day == "2026-08-23" && offset == "0" => {
                json!([row("/story-1", 20), row("/story-2", 5)])
            }
            (day, offset) if day == "2026-08-24" && offset == "0" => {
                json!([row("/story-1", 400), {"label": "/2026/08/24/ - Others", "nb_visits": 9, "nb_hits": 75}])
            }
            other => panic!("{other:?}"),
        })
    });
    let told = explained(&matomo_room(&server));
    assert_eq!(views(&told), "420 5 - - - -");
    assert!(
        misses(&told)
            .starts_with("matomo 3: 75 of 475 views are in rows that Matomo called `- Others`"),
        "{}",
        misses(&told)
    );
}

/// A day without rows is not known: the figures are as old as the end of the last day that has some.
#[test]
fn matomo_is_as_old_as_its_newest_day_with_rows() {
    let server = Server::open(|call: &Call| {
        let (day, _) = matomo_asked(call);
        let row = json!({"label": "/story-1", "nb_hits": 20, "url": "https://harbourtimes.example/story-1"});
        let is_yesterday = day == "2026-08-23";
        Answer::ok(&if is_yesterday {
            json!([row])
        } else {
            json!([])
        })
    });
    let room = |more: &str| {
        newsroom(&format!(
            "matomo = 3\nserver = \"{}/stats/\"\nkey_file = \"service.key\"{more}",
            server.url()
        ))
    };
    let told = explained(&room("\nmax_age = \"30d\""));
    assert_eq!(
        (views(&told).as_str(), as_of(&told).as_str()),
        ("20 - - - - -", "2026-08-23T23:00:00Z")
    );
    assert_eq!(views(&explained(&room(""))), "- - - - - -");
}

#[test]
fn matomo_gives_more_than_one_answer_holds() {
    let server = Server::open(|call: &Call| {
        let (day, offset) = matomo_asked(call);
        let row = |number: usize| json!({"label": format!("/story-{number}"), "nb_hits": 7, "url": format!("https://harbourtimes.example/story-{number}")});
        let rows: Vec<Value> = match (day.as_str(), offset.as_str()) {
            ("2026-08-23", _) => Vec::new(),
            (_, "0") => (10..20_010).map(row).collect(),
            (_, "20000") => (1..3).map(row).collect(),
            other => panic!("{other:?}"),
        };
        Answer::ok(&json!(rows))
    });
    assert_eq!(views(&explained(&matomo_room(&server))), "7 7 - - - -");
}

#[test]
fn umami_is_logged_in_to_and_asked_for_views() {
    let server = Server::open(|call: &Call| {
        if call.path == "/api/auth/login" {
            assert_eq!(
                call.json(),
                json!({"username": "digest", "password": SECRET})
            );
            return Answer::ok(&json!({"token": "umami-token", "user": {"id": "1"}}));
        }
        assert_eq!(
            (call.method.as_str(), call.path.as_str()),
            ("GET", "/api/websites/86d4095c/metrics/expanded")
        );
        assert_eq!(call.header("authorization"), "Bearer umami-token");
        assert_eq!(call.query["type"], "path");
        // The clock goes on while the program runs.
        assert!(call.query["endAt"].starts_with("1787550300"));
        let (limit, offset): (usize, usize) = (
            call.query["limit"].parse().unwrap(),
            call.query["offset"].parse().unwrap(),
        );
        let all: Vec<Value> = (0..700).map(|number| json!({"name": format!("/story-{}", 700 - number), "pageviews": 10 * (700 - number), "visitors": 1, "visits": 1, "bounces": 0, "totaltime": 5})).collect();
        Answer::ok(&json!(
            all.iter()
                .skip(offset)
                .take(limit.min(500))
                .collect::<Vec<_>>()
        ))
    });
    let room = newsroom(&format!(
        "umami = \"86d4095c\"\nserver = \"{}\"\nusername = \"digest\"\npassword_file = \"service.key\"",
        server.url()
    ));
    assert_eq!(views(&explained(&room)), "10 20 30 40 50 60");
    let asked = server.calls();
    assert_eq!(
        asked.len(),
        3 + 1,
        "a log-in, two pages, and how old they are"
    );
    assert!(asked[3].query["startAt"].starts_with("1787549100"));
}

#[test]
fn umami_that_counts_sessions_is_not_believed() {
    let server = Server::open(|_| Answer::ok(&json!([{"x": "/story-1", "y": 360}])));
    let room = newsroom(&format!(
        "umami = \"86d4095c\"\nserver = \"{}\"\nkey_file = \"service.key\"",
        server.url()
    ));
    let told = explained(&room);
    assert_eq!(views(&told), "- - - - - -");
    assert!(
        misses(&told).contains("counts sessions, not views"),
        "{}",
        misses(&told)
    );
}

#[test]
fn goatcounter_gives_hours_a_hundred_paths_at_a_time() {
    let server = Server::open(|call: &Call| {
        assert_eq!(
            (call.method.as_str(), call.path.as_str()),
            ("GET", "/api/v0/stats/hits")
        );
        assert_eq!(call.header("authorization"), format!("Bearer {SECRET}"));
        assert_eq!(
            (call.query["end"].as_str(), call.query["limit"].as_str()),
            ("2026-08-24T06:00:00Z", "100")
        );
        let hit = |id: u64, path: String, views: u64| {
            let mut hourly = vec![0; 24];
            hourly[6] = views;
            json!({"path_id": id, "path": path, "event": false, "title": "", "count": views, "max": views, "stats": [{"day": "2026-08-24", "daily": views, "hourly": hourly}]})
        };
        match call.query.get("exclude_paths").map(String::as_str) {
            None => Answer::ok(
                &json!({"hits": (0..100).map(|n| hit(n, format!("/old-{n}"), 9)).collect::<Vec<_>>(), "more": true, "total": 900}),
            ),
            Some(seen) => {
                assert_eq!(seen.split(',').count(), 100);
                Answer::ok(
                    &json!({"hits": [hit(100, "/story-3".to_owned(), 5), {"path_id": 101, "path": "click-story-3", "event": true, "stats": []}], "more": false, "total": 5}),
                )
            }
        }
    });
    let room = newsroom(&format!(
        "goatcounter = \"harbour\"\nserver = \"{}\"\nkey_file = \"service.key\"",
        server.url()
    ));
    let told = explained(&room);
    // 06 h as the clocks of Lisbon show it.
    assert_eq!(
        (views(&told).as_str(), as_of(&told).as_str()),
        ("- - 5 - - -", "2026-08-24T05:45:00Z")
    );
}

#[test]
fn parsely_is_read_page_by_page_and_its_errors_are_errors() {
    let server = Server::open(|call: &Call| {
        assert_eq!(
            (call.method.as_str(), call.path.as_str()),
            ("GET", "/v2/analytics/posts")
        );
        if call.query["apikey"] != "harbourtimes.example" {
            return Answer::ok(
                &json!({"code": 403, "message": format!("Invalid secret {SECRET}"), "success": false}),
            );
        }
        assert_eq!(
            (call.query["secret"].as_str(), call.query["sort"].as_str()),
            (SECRET, "views")
        );
        assert_eq!(call.query["period_end"], "2026-08-24T05:45");
        let post = |number: u32, views: u32| json!({"title": "x", "url": format!("https://harbourtimes.example/story-{number}"), "metrics": {"views": views}});
        let page: Vec<Value> = match call.query["page"].as_str() {
            "1" => (100..200).map(|number| post(number, 900)).collect(),
            "2" => vec![post(6, 12)],
            other => panic!("page {other}"),
        };
        Answer::ok(&json!({"data": page, "links": {}, "meta": {}, "success": true}))
    });
    let room = |site: &str| {
        newsroom(&format!(
            "parsely = \"{site}\"\nserver = \"{}\"\nkey_file = \"service.key\"",
            server.url()
        ))
    };
    assert_eq!(
        views(&explained(&room("harbourtimes.example"))),
        "- - - - - 12"
    );
    let told = explained(&room("other.example"));
    assert!(
        misses(&told).starts_with("parsely other.example: answered `Invalid secret ..`"),
        "{}",
        misses(&told)
    );
}

#[test]
fn chartbeat_gives_an_order_not_views() {
    let server = Server::open(|call: &Call| {
        assert_eq!(
            (call.method.as_str(), call.path.as_str()),
            ("GET", "/live/toppages/v3/")
        );
        assert_eq!(call.header("x-cb-ak"), SECRET);
        assert_eq!(call.query["host"], "harbourtimes.example");
        let page = |path: &str, people: u32| json!({"path": path, "title": "x", "authors": [], "sections": [], "stats": {"people": people, "visits": people, "engaged_time": {"avg": 40.5}}});
        Answer::ok(
            &json!({"pages": [page("harbourtimes.example/", 900), page("harbourtimes.example/story-5", 87), page("/story-2", 60)]}),
        )
    });
    let room = newsroom(&format!(
        "chartbeat = \"harbourtimes.example\"\nserver = \"{}\"\nkey_file = \"service.key\"",
        server.url()
    ));
    room.run(&["draft"]).exits(0).says("the order");
    let edition = room.read("editions/2026-08-24.toml");
    let list = edition.split("[[most_read]]").nth(1).unwrap();
    assert!(list.contains("story-5"), "{edition}");
}

#[test]
fn cloudflare_gives_estimates_by_hour() {
    let server = Server::open(|call: &Call| {
        assert_eq!(
            (call.method.as_str(), call.path.as_str()),
            ("POST", "/client/v4/graphql")
        );
        assert_eq!(call.header("authorization"), format!("Bearer {SECRET}"));
        let asked = call.json();
        let query = asked["query"].as_str().unwrap();
        for part in [
            "httpRequestsAdaptiveGroups(",
            "requestSource: \"eyeball\"",
            "clientRequestPath",
            "datetimeHour",
        ] {
            assert!(query.contains(part), "{part}");
        }
        if asked["variables"]["zone"] != "023e105f" {
            return Answer::ok(
                &json!({"data": null, "errors": [{"message": "zone is unknown", "path": ["viewer"]}]}),
            );
        }
        assert_eq!(asked["variables"]["to"], "2026-08-24T05:45:00Z");
        let group = |hour: &str, path: &str, count: u64| json!({"count": count, "avg": {"sampleInterval": 10.2}, "dimensions": {"datetimeHour": hour, "clientRequestHTTPHost": "harbourtimes.example", "clientRequestPath": path}});
        Answer::ok(
            &json!({"data": {"viewer": {"zones": [{"httpRequestsAdaptiveGroups": [group("2026-08-24T05:00:00Z", "/story-1", 30), group("2026-08-24T04:00:00Z", "/story-1", 12)]}]}}, "errors": null}),
        )
    });
    let room = |zone: &str| {
        newsroom(&format!(
            "cloudflare = \"{zone}\"\nserver = \"{}\"\nkey_file = \"service.key\"",
            server.url()
        ))
    };
    let told = explained(&room("023e105f"));
    assert_eq!(
        (views(&told).as_str(), as_of(&told).as_str()),
        ("42 - - - - -", "2026-08-24T05:45:00Z")
    );
    insta::assert_snapshot!(misses(&told), @"cloudflare 023e105f: the views are Cloudflare's estimate from a sample: one of 10 requests at its coarsest");
    assert!(
        misses(&explained(&room("other")))
            .starts_with("cloudflare other: answered `zone is unknown`")
    );
}
