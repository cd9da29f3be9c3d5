//! Statements for warehouses, at the wire.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use super::google::{Google, TOKEN};
use super::service::{Answer, Call, Server};
use super::{SECRET, as_of, explained, misses, newsroom, views};
use crate::newsroom::Newsroom;

fn clickhouse(answer: &'static str, status: u16) -> (Newsroom, Server) {
    let server = Server::open(move |call: &Call| {
        assert_eq!((call.method.as_str(), call.path.as_str()), ("POST", "/"));
        assert_eq!(
            (
                call.header("x-clickhouse-user"),
                call.header("x-clickhouse-key")
            ),
            ("digest", SECRET)
        );
        for (name, value) in [
            ("database", "web"),
            ("readonly", "1"),
            ("max_execution_time", "7"),
            ("param_from", "2026-08-23 05:45:00"),
            ("param_to", "2026-08-24 05:45:00"),
        ] {
            assert_eq!(call.query[name], value, "{name}");
        }
        assert_eq!(
            String::from_utf8_lossy(&call.body),
            "SELECT url, views, time FROM v WHERE time >= {from:DateTime('UTC')} AND time < {to:DateTime('UTC')} AND url <> '; DROP TABLE v'"
        );
        Answer::new(status, answer)
    });
    let room = newsroom(&format!(
        "clickhouse = \"{}/?database=web\"\nusername = \"digest\"\npassword_file = \"service.key\"\ntime_limit = \"7s\"\nsql = \"SELECT url, views, time FROM v WHERE time >= {{from}} AND time < {{to}} AND url <> '; DROP TABLE v'\"",
        server.url()
    ));
    (room, server)
}

#[test]
fn a_row_without_an_address_is_named() {
    let (room, _server) = clickhouse(
        "[\"time\",\"URL\",\"views\"]\n[\"2026-08-24 06:30:00\",\"/story-1\",\"30\"]\n[\"2026-08-24 06:30:00\",null,200]\n",
        200,
    );
    let told = explained(&room);
    assert_eq!(views(&told), "30 - - - - -");
    let said = misses(&told);
    assert!(
        said.contains("row 2: expected an address, but found `null`; the other rows were taken"),
        "{said}"
    );
}

#[test]
fn clickhouse_gives_rows_by_name() {
    let (room, _server) = clickhouse(
        "[\"time\",\"URL\",\"views\"]\n[\"2026-08-24 06:30:00\",\"/story-1\",\"30\"]\n[\"2026-08-24T04:10:00Z\",\"https://harbourtimes.example/story-1\",12]\n[null,\"/story-2\",4]\n[\"2026-08-24 06:00:00\",\"/story-2\",-4]\n",
        200,
    );
    let told = explained(&room);
    // Times without an offset are those of Lisbon.
    assert_eq!(
        (views(&told).as_str(), as_of(&told).as_str()),
        ("42 - - - - -", "2026-08-24T05:30:00Z")
    );
    assert!(
        misses(&told).starts_with("clickhouse 127.0.0.1: row 3: expected a time, but found"),
        "{}",
        misses(&told)
    );
}

#[test]
fn clickhouse_that_refuses_says_why() {
    let said = |answer, status| {
        misses(&explained(&clickhouse(answer, status).0))
            .split("\nreadership: ")
            .next()
            .unwrap()
            .to_owned()
    };
    insta::assert_snapshot!([
        said("Code: 62. DB::Exception: Syntax error: failed at position 8. (SYNTAX_ERROR) (version 26.9)\n", 400),
        said("Code: 516. DB::Exception: digest: Authentication failed. (AUTHENTICATION_FAILED)\n", 403),
        said("[\"link\",\"n\"]\n", 200),
        said("[\"url\",\"views\"]\n[\"/story-1\",3]\nCode: 159. DB::Exception: Timeout exceeded\n", 200),
    ].join("\n"), @r#"
    clickhouse 127.0.0.1: answered 400 `Code: 62. DB::Exception: Syntax error: failed at position 8. (SYNTAX_ERROR) (version 26.9)`
    clickhouse 127.0.0.1: answered 403 `Code: 516. DB::Exception: digest: Authentication failed. (AUTHENTICATION_FAILED)`: are `username` and its password those of a user who may read?
    clickhouse 127.0.0.1: its statement returns no `url`, but `link`, `n`
    clickhouse 127.0.0.1: answered `Code: 159. DB::Exception: Timeout exceeded` where a row was expected; 1 rows came before
    "#);
}

#[test]
fn bigquery_gives_rows_by_name_when_its_job_is_done() {
    let google = Arc::new(Google::new());
    let account = Arc::clone(&google);
    let waited = AtomicBool::new(false);
    let server = Server::open(move |call: &Call| {
        if call.path == "/token" {
            return account.token(
                call,
                "https://www.googleapis.com/auth/cloud-platform.read-only",
            );
        }
        assert_eq!(call.header("authorization"), format!("Bearer {TOKEN}"));
        let schema = json!({"fields": [{"name": "url", "type": "STRING"}, {"name": "time", "type": "TIMESTAMP"}, {"name": "views", "type": "INTEGER"}]});
        let job = json!({"projectId": "harbour", "jobId": "job_1", "location": "EU"});
        let row = |url: &str, time: &str, views: &str| json!({"f": [{"v": url}, {"v": time}, {"v": views}]});
        if call.method == "POST" {
            assert_eq!(call.path, "/bigquery/v2/projects/harbour/queries");
            let asked = call.json();
            assert_eq!(
                (&asked["useLegacySql"], &asked["parameterMode"]),
                (&json!(false), &json!("NAMED"))
            );
            assert_eq!(
                asked["query"],
                "SELECT url, views, time FROM v WHERE time BETWEEN @from AND @to"
            );
            assert_eq!(
                asked["queryParameters"][0],
                json!({"name": "from", "parameterType": {"type": "TIMESTAMP"}, "parameterValue": {"value": "2026-08-23T05:45:00Z"}})
            );
            return Answer::ok(
                &json!({"kind": "bigquery#queryResponse", "jobReference": job, "jobComplete": false}),
            );
        }
        assert_eq!(
            (call.path.as_str(), call.query["location"].as_str()),
            ("/bigquery/v2/projects/harbour/queries/job_1", "EU")
        );
        if !waited.swap(true, Ordering::SeqCst) {
            return Answer::ok(&json!({"jobReference": job, "jobComplete": false}));
        }
        Answer::ok(&match call.query.get("pageToken").map(String::as_str) {
            None => {
                json!({"jobReference": job, "jobComplete": true, "schema": schema, "totalRows": "2", "pageToken": "next", "rows": [row("/story-1", "1.7875476E9", "30")]})
            }
            Some("next") => {
                json!({"jobReference": job, "jobComplete": true, "schema": schema, "totalRows": "2", "rows": [row("/story-1", "1.7875494E9", "12")]})
            }
            other => panic!("{other:?}"),
        })
    });
    let room = google.room(&server, "bigquery = \"harbour\"\nsql = \"SELECT url, views, time FROM v WHERE time BETWEEN {from} AND {to}\"");
    let told = explained(&room);
    assert_eq!(
        (
            views(&told).as_str(),
            as_of(&told).as_str(),
            misses(&told).as_str()
        ),
        ("42 - - - - -", "2026-08-24T05:30:00Z", "")
    );
}
