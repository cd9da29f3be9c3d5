//! Answers of odd shapes: a row that is none costs itself, and what is beside the rows costs nothing.

use std::sync::Arc;

use serde_json::{Value, json};

use super::google::Google;
use super::kinds::SCOPE;
use super::service::{Answer, Call, Server};
use super::{explained, misses, newsroom, views};
use crate::newsroom::Newsroom;

const BIGQUERY: &str = "https://www.googleapis.com/auth/cloud-platform.read-only";
const HOST: &str = "harbourtimes.example";

/// That service, which gives this answer to whatever it is asked, and the token server before it.
fn room(kind: &str, answer: Value) -> (Newsroom, Server) {
    let google = Arc::new(Google::new());
    let account = Arc::clone(&google);
    let is_bigquery = kind.starts_with("bigquery");
    let server = Server::open(move |call: &Call| match &*call.path {
        "/token" => account.token(call, if is_bigquery { BIGQUERY } else { SCOPE }),
        _ => match &answer {
            Value::String(text) => Answer::new(200, text.clone()),
            json => Answer::ok(json),
        },
    });
    let room = if kind.starts_with("ga4") || is_bigquery {
        google.room(&server, kind)
    } else if kind.starts_with("clickhouse") {
        newsroom(&kind.replace("SERVER", &server.url()))
    } else {
        newsroom(&format!(
            "{kind}\nserver = \"{}\"\nkey_file = \"service.key\"",
            server.url()
        ))
    };
    (room, server)
}

/// Rows that no service is known to give.
fn odd() -> Vec<Value> {
    vec![json!(null), json!({}), json!(7), json!([[]]), json!("row")]
}

fn with(good: Value, more: Vec<Value>) -> Value {
    let mut rows = odd();
    rows.insert(2, good);
    rows.extend(more);
    json!(rows)
}

/// Of each service, one good row of story 1 with 7 views between `odd` others; and how many of them are named or counted.
fn cases() -> Vec<(&'static str, Value, usize)> {
    let url = format!("https://{HOST}/story-1");
    let ga4 = |dimensions: Value, metrics: Value| json!({"dimensionValues": dimensions, "metricValues": metrics});
    let value = |text: &str| json!({"value": text});
    let good = json!([value("2026082400"), value(HOST), value("/story-1")]);
    let plausible =
        |dimensions: Value, metrics: Value| json!({"dimensions": dimensions, "metrics": metrics});
    let hour = "2026-08-24 06:00:00";
    let hit = |stats: Value| json!({"path_id": 1, "path": "/story-1", "stats": stats});
    let day = json!({"day": "2026-08-24", "hourly": [0, 0, 0, 0, 0, 0, 7]});
    let group = |dimensions: Value, count: Value| json!({"count": count, "dimensions": dimensions});
    let asked = json!({"datetimeHour": "2026-08-24T05:00:00Z", "clientRequestHTTPHost": HOST, "clientRequestPath": "/story-1"});
    vec![
        (
            "ga4 = \"properties/1\"",
            json!({"rows": with(ga4(good.clone(), json!([value("7")])), vec![
                json!({"metricValues": [value("9")]}), ga4(json!([value("2026082400")]), json!([value("9")])), ga4(good.clone(), json!(null)),
                ga4(good.clone(), json!([])), ga4(json!([{"value": null}, value(HOST), value("/story-1")]), json!([value("9")])),
            ]), "rowCount": "11", "metadata": {"timeZone": "America/New_York", "samplingMetadatas": null, "subjectToThresholding": "no"},
                "propertyQuota": {"tokensPerDay": []}, "metricHeaders": null, "dimensionHeaders": 3}),
            10,
        ),
        (
            "plausible = \"harbourtimes.example\"",
            json!({"results": with(plausible(json!([hour, HOST, "/story-1"]), json!([7])), vec![
                plausible(json!([hour, null, "/story-1"]), json!([9])), plausible(json!([hour, HOST]), json!([9])), plausible(json!([hour, HOST, "/story-1"]), json!(null)),
                plausible(json!([hour, HOST, 2026]), json!([9])),
            ]), "meta": {"total_rows": "9"}, "query": {"date_range": "7d", "metrics": null}}),
            9,
        ),
        (
            "matomo = 3",
            with(
                json!({"label": 2026, "url": url, "nb_hits": 7}),
                vec![
                    json!({"label": 5, "nb_hits": 9}),
                    json!({"label": "/a", "url": 5, "nb_hits": 9}),
                    json!({"label": "/a", "url": url, "nb_hits": {}}),
                ],
            ),
            8,
        ),
        (
            "umami = \"id\"",
            with(
                json!({"name": "/story-1", "pageviews": "7"}),
                vec![
                    json!({"name": 2026, "pageviews": 9}),
                    json!({"name": ["/a"], "pageviews": 9}),
                    json!({"name": "/a", "pageviews": [9]}),
                ],
            ),
            8,
        ),
        (
            "goatcounter = \"harbour\"",
            json!({"hits": with(hit(json!([null, day, {"day": null, "hourly": [9]}, {"day": "2026-08-24", "hourly": {}}, {"day": "2026-08-24", "hourly": [{}, null]}])), vec![
                json!({"path_id": null, "path": "/a", "stats": null}), json!({"path_id": 4, "path": null, "stats": []}),
            ]), "more": null}),
            // Six hits, three days and two hours.
            11,
        ),
        (
            "parsely = \"h.example\"",
            json!({"success": true, "links": null, "data": with(json!({"url": url, "metrics": {"views": 7}}), vec![
                json!({"url": url, "metrics": null}), json!({"url": null, "metrics": {"views": 9}}), json!({"url": url, "metrics": 9}),
            ])}),
            8,
        ),
        (
            "cloudflare = \"zone\"",
            json!({"errors": [], "data": {"viewer": {"zones": [{"httpRequestsAdaptiveGroups": with(group(asked.clone(), json!(7)), vec![
                group(json!(null), json!(9)), group(json!({"datetimeHour": null, "clientRequestHTTPHost": HOST, "clientRequestPath": "/story-1"}), json!(9)),
                group(asked.clone(), json!(null)),
            ])}]}}}),
            8,
        ),
        (
            "bigquery = \"web\"\nsql = \"SELECT url, views, hour FROM v\"",
            json!({"jobComplete": true, "jobReference": null, "totalRows": [], "pageToken": null, "schema": {"fields": [
            {"name": "url", "type": "STRING"}, {"name": "views", "type": "INTEGER"}, {"name": "hour", "type": "TIMESTAMP"}]},
            "rows": with(json!({"f": [{"v": "/story-1"}, {"v": "7"}, {"v": "1.7875476E9"}]}), vec![
                json!({"f": null}), json!({"f": [{}, {"v": "9"}, {"v": "1.7875476E9"}]}), json!({"f": [{"v": "/story-1"}, null, {"v": "1.7875476E9"}]}),
                json!({"f": [{"v": "/story-1"}]}), json!({"f": [{"v": "/story-1"}, {}, {"v": "1.7875476E9"}]}),
            ])}),
            10,
        ),
        (
            "clickhouse = \"SERVER\"\nsql = \"SELECT url, views, hour FROM v\"",
            json!(
                "[\"url\", \"views\", \"hour\"]\nnull\n{}\n[\"/story-1\", 7, \"2026-08-24 06:00:00\"]\n7\n[\"\\ud800\", 9, \"2026-08-24 06:00:00\"]\n[]\n[null, 9, null]\n"
            ),
            6,
        ),
    ]
}

#[test]
fn an_odd_row_of_any_service_costs_itself_and_is_counted() {
    for (kind, answer, odd) in cases() {
        let (room, _server) = room(&format!("{kind}\nmax_age = \"30d\""), answer);
        let told = explained(&room);
        let said = misses(&told);
        // Matomo is asked for two days.
        let (views_of, odd) = match kind {
            "matomo = 3" => ("14 - - - - -", 2 * odd),
            _ => ("7 - - - - -", odd),
        };
        assert_eq!(views(&told), views_of, "{kind}: {said}");
        let more = format!("and {} more; the other rows were taken", odd - 3);
        assert!(said.contains(&more), "{kind}: {said}");
    }
}

#[test]
fn an_odd_page_of_chartbeat_costs_itself() {
    let page = json!({"path": "harbourtimes.example/story-5", "stats": {"people": 7, "engaged_time": {"avg": "long"}}});
    let more = vec![
        json!({"path": "/a", "stats": null}),
        json!({"path": 5, "stats": {"people": 3}}),
        json!({"path": "/a", "stats": {"people": null}}),
    ];
    let (room, _server) = room(
        "chartbeat = \"harbourtimes.example\"",
        json!({"pages": with(page, more)}),
    );
    let said = misses(&explained(&room));
    assert!(
        said.contains("and 5 more; the other rows were taken"),
        "{said}"
    );
    let shown = room.run(&["readership", "--json"]).exits(0).json();
    assert_eq!(shown[0]["pages"], 1, "{shown}");
}

/// Half a row is no odd row: who knows what is missing behind it.
#[test]
fn an_answer_that_breaks_off_is_a_miss() {
    for answer in [
        "{\"success\":true,\"data\":[{\"url\":\"/story-1\",\"metrics\":{\"views\":7}},{\"url\":\"/st",
        "{\"success\":true,\"data\":[{\"url\":\"/story-1\",\"metrics\":{\"views\":7}} {\"url\":\"/story-2\"}]}",
    ] {
        let (room, _server) = room("parsely = \"h.example\"", json!(answer));
        let told = explained(&room);
        assert_eq!(views(&told), "- - - - - -");
        assert!(misses(&told).contains("its answer"), "{}", misses(&told));
    }
}

/// What a text editor puts before a text, and a name that is none.
#[test]
fn a_name_that_is_no_text_costs_its_row() {
    let mut body =
        b"\xef\xbb\xbf{\"success\":true,\"data\":[{\"url\":\"/\xff\",\"metrics\":{\"views\":7}},"
            .to_vec();
    body.extend(b"{\"url\":\"/story-2\",\"metrics\":{\"views\":5}}]}");
    let server = Server::open(move |_: &Call| Answer::new(200, body.clone()));
    let room = newsroom(&format!(
        "parsely = \"h.example\"\nserver = \"{}\"\nkey_file = \"service.key\"",
        server.url()
    ));
    assert_eq!(views(&explained(&room)), "- 5 - - - -");
}
