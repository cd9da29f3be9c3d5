//! Programs that print views, and answers of services that were saved to a file.

use serde_json::json;

use super::{as_of, explained, misses, newsroom, views};
use crate::newsroom::Newsroom;

/// The Harbour whose views come from that shell script.
fn room(script: &str) -> Newsroom {
    let room = Newsroom::new().config(
        "[readership]",
        "command = [\"./views\", \"a b\"]\ntime_limit = \"2s\"",
    );
    room.file("views", format!("#!/bin/sh\n{script}\n"));
    let runs = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(room.path("views"), runs).unwrap();
    room
}

#[test]
fn a_program_prints_views_by_time() {
    let room = room(
        "echo time,url,views; echo 2026-08-24T05:10:00Z,/story-1,30; echo 2026-08-24T05:20:00Z,/story-1,12; test \"$1\" = 'a b' && echo 'slow today' >&2",
    );
    let told = explained(&room);
    assert_eq!(
        (views(&told).as_str(), as_of(&told).as_str()),
        ("42 - - - - -", "2026-08-24T05:20:00Z")
    );
    assert_eq!(misses(&told), "./views: said `slow today`");
    // It runs in the newsroom's folder, wherever the config was named from.
    let config = room.path("newsdigest.toml");
    let told = room
        .run(&["explain", "--json", "--config", config.to_str().unwrap()])
        .exits(0);
    assert!(told.stdout.contains("\"views\": 42"), "{}", told.stdout);
}

#[test]
fn a_program_that_fails_is_a_miss() {
    let said = |script: &str| {
        let told = explained(&room(script));
        assert_eq!(views(&told), "- - - - - -");
        misses(&told)
            .split("\nreadership: ")
            .next()
            .unwrap()
            .to_owned()
    };
    insta::assert_snapshot!([
        said("echo url,views; echo /story-1,3; echo 'no connection' >&2; echo 'giving up' >&2; exit 3"),
        said("kill -9 $$"),
        said("exec sleep 60"),
        said("exec >&- 2>&-; exec sleep 60"),
        said("exec yes"),
        said("echo no table"),
        said("true"),
    ].join("\n"), @r#"
    ./views: ended with exit code 3 and said `no connection / giving up`
    ./views: was killed
    ./views: took longer than 2 s and was ended
    ./views: took longer than 2 s and was ended
    ./views: printed more than 200 MB
    ./views: expected columns such as `url` and `views`, but found `no table`: name them in its `[[readership]]`, as in `url = "Page"` and `views = "Hits"`
    ./views: expected a table, but it is empty
    "#);
    let told = explained(&Newsroom::new().config("[readership]", "command = [\"./none\"]"));
    assert!(
        misses(&told).starts_with("./none: could not be started: no such file or directory"),
        "{}",
        misses(&told)
    );
}

#[test]
fn answers_that_were_saved_to_a_file_are_read_by_counts() {
    let hour = |hours: &[(usize, u64)]| {
        let mut all = vec![0; 24];
        for (hour, views) in hours {
            all[*hour] = *views;
        }
        all
    };
    for (kind, body, expected) in [
        (
            "ga4",
            json!({"dimensionHeaders": [], "rows": [{"dimensionValues": [{"value": "2026082406"}, {"value": "harbourtimes.example"}, {"value": "/story-1"}], "metricValues": [{"value": "7"}]}], "rowCount": 1, "metadata": {"timeZone": "Europe/Lisbon"}}),
            "7",
        ),
        (
            "plausible",
            json!({"results": [{"dimensions": ["2026-08-24 06:00:00", "harbourtimes.example", "/story-1"], "metrics": [7, 6]}], "meta": {}, "query": {"date_range": ["2026-08-24T00:00:00+01:00", "2026-08-24T06:45:00+01:00"]}}),
            "7",
        ),
        (
            "matomo",
            json!([{"label": "/story-1", "nb_hits": 7, "url": "https://harbourtimes.example/story-1"}, {"label": "Others", "nb_hits": 90}]),
            "7",
        ),
        (
            "matomo's error",
            json!({"result": "error", "message": "no access"}),
            "-",
        ),
        (
            "umami",
            json!([{"name": "/story-1", "pageviews": 7, "visitors": 2, "visits": 3}]),
            "7",
        ),
        ("umami's sessions", json!([{"x": "/story-1", "y": 7}]), "7"),
        (
            "parsely",
            json!({"data": [{"url": "https://harbourtimes.example/story-1", "metrics": {"views": 7}}], "success": true}),
            "7",
        ),
        (
            "parsely's error",
            json!({"code": 403, "message": "no", "success": false}),
            "-",
        ),
        (
            "goatcounter",
            json!({"hits": [{"path_id": 1, "path": "/story-1", "event": false, "stats": [{"day": "2026-08-24", "hourly": hour(&[(5, 7)])}]}], "more": false}),
            "7",
        ),
        (
            "cloudflare",
            json!({"data": {"viewer": {"zones": [{"httpRequestsAdaptiveGroups": [{"count": 7, "dimensions": {"datetimeHour": "2026-08-24T05:00:00Z", "clientRequestHTTPHost": "harbourtimes.example", "clientRequestPath": "/story-1"}}]}]}}, "errors": null}),
            "7",
        ),
    ] {
        let room = Newsroom::new().config("[readership]", "counts = \"answer.json\"");
        room.file("answer.json", body.to_string());
        let told = explained(&room);
        assert_eq!(views(&told), format!("{expected} - - - - -"), "{kind}");
        let said = misses(&told);
        let expected = match kind {
            "matomo" => "`- Others`",
            "matomo's error" => "answered `no access`",
            "umami's sessions" => "counts sessions, not views",
            "parsely's error" => "answered `no`",
            _ => "",
        };
        assert_eq!(
            (said.is_empty(), said.contains(expected)),
            (expected.is_empty(), true),
            "{kind}: {said}"
        );
    }
}

/// What a saved answer lacks is said, and figures that are no views are not read as views.
#[test]
fn a_saved_answer_that_is_not_all_or_not_of_views_is_named() {
    let ga4 = |metric: &str, count: u64| json!({"dimensionHeaders": [], "metricHeaders": [{"name": metric}], "rows": [{"dimensionValues": [{"value": "2026082406"}, {"value": "harbourtimes.example"}, {"value": "/story-1"}], "metricValues": [{"value": "7"}]}], "rowCount": count, "metadata": {"timeZone": "Europe/Lisbon"}});
    let plausible = |metric: &str, total: u64| json!({"results": [{"dimensions": ["2026-08-24 06:00:00", "harbourtimes.example", "/story-1"], "metrics": [7]}], "meta": {"total_rows": total}, "query": {"metrics": [metric], "date_range": ["2026-08-24T00:00:00+01:00", "2026-08-24T06:45:00+01:00"]}});
    let row = |number: usize| json!({"label": "a", "nb_hits": 7, "url": format!("https://harbourtimes.example/story-{number}")});
    let matomo = |rows: usize| json!((1..=rows).map(row).collect::<Vec<_>>());
    for (body, views_of_first, said) in [
        (
            ga4("screenPageViews", 9_000),
            "7",
            "holds only 1 of 9,000 rows",
        ),
        (ga4("screenPageViews", 1), "7", ""),
        (
            ga4("activeUsers", 1),
            "-",
            "its first figures are `activeUsers`, not `screenPageViews`",
        ),
        (plausible("pageviews", 30), "7", "holds only 1 of 30 rows"),
        (
            plausible("visitors", 1),
            "-",
            "its first figures are `visitors`, not `pageviews`",
        ),
        (matomo(100), "7", "has exactly 100 rows"),
        (matomo(99), "7", ""),
    ] {
        let room = newsroom("counts = \"answer.json\"");
        room.file("answer.json", body.to_string());
        let told = explained(&room);
        assert!(
            views(&told).starts_with(&format!("{views_of_first} ")),
            "{body}: {}",
            views(&told)
        );
        let told = misses(&told);
        assert!(
            told.contains(said) && (!said.is_empty() || told.is_empty()),
            "{said}: {told}"
        );
    }
}

/// What was saved of a service may be of other figures and pages, cut, or written in other types.
#[test]
fn a_saved_answer_is_read_by_its_own_names() {
    let told = |answer: &serde_json::Value| {
        let room = newsroom("counts = \"answer.json\"\nmax_age = \"30d\"");
        room.file("answer.json", answer.to_string());
        let told = explained(&room);
        (views(&told), misses(&told))
    };
    let ga4 = |names: &[&str], values: &[&str]| {
        let named = |name: &&str| json!({"name": name});
        let headers: Vec<_> = names.iter().map(named).collect();
        let values: Vec<_> = values.iter().map(|value| json!({"value": value})).collect();
        json!({"dimensionHeaders": headers, "metricHeaders": [{"name": "screenPageViews"}], "metadata": {"timeZone": "Europe/Lisbon"},
            "rows": [{"dimensionValues": values, "metricValues": [{"value": "7"}]}], "rowCount": "7"})
    };
    let (found, said) = told(&ga4(
        &["dateHour", "hostName", "pagePath"],
        &["2026082406", "harbourtimes.example", "/story-1"],
    ));
    assert!(
        found.starts_with("7 ") && said.contains("holds only 1 of 7 rows"),
        "{found} {said}"
    );
    let (found, _) = told(&ga4(&["pagePath", "country"], &["/story-1", "Portugal"]));
    assert!(found.starts_with("7 "), "{found}");
    let (found, said) = told(&ga4(
        &["dateHour", "hostName", "landingPage"],
        &["2026082406", "harbourtimes.example", "/story-1"],
    ));
    assert!(found.starts_with("- "), "{found}");
    assert!(
        said.contains(
            "its figures are by `dateHour`, `hostName`, `landingPage`: expected `pagePath`"
        ),
        "{said}"
    );
    let plausible = |page: &str, count: usize| {
        let row = json!({"dimensions": ["/story-1", "2026-08-24 06:00:00"], "metrics": [1]});
        json!({"results": vec![row; count], "query": {"metrics": ["pageviews"], "dimensions": [page, "time:hour"]}})
    };
    let (found, said) = told(&plausible("event:page", 10_000));
    assert!(
        found.starts_with("10000 ") && said.contains("has exactly 10,000 rows"),
        "{found} {said}"
    );
    let (found, said) = told(&plausible("event:page", 9_999));
    assert!(
        found.starts_with("9999 ") && !said.contains("exactly"),
        "{found} {said}"
    );
    let (found, said) = told(&plausible("visit:entry_page", 3));
    assert!(
        found.starts_with("- ") && said.contains("expected `event:page`"),
        "{found} {said}"
    );
    let post = json!({"url": "https://harbourtimes.example/story-1", "metrics": {"views": 2}});
    let (found, said) = told(&json!({"success": true, "data": vec![post; 100]}));
    assert!(
        found.starts_with("200 ")
            && said.contains("which is all that Parse.ly gives unless `page` asks for more"),
        "{found} {said}"
    );
}
