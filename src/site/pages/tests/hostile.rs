//! Those who mean no good, and days on which nothing works.

use proptest::prelude::*;

use super::*;
use crate::ledger::ReaderChange;

#[tokio::test]
async fn tokens_that_are_none_lead_nowhere() {
    let room = Newsroom::new();
    let good = leave();
    let altered = format!(
        "{}{}",
        &good[..good.len() - 1],
        if good.ends_with('a') { 'b' } else { 'a' }
    );
    let confirm = confirm();
    let lost = room.get("/nothing").await.body;
    for text in [
        "",
        "x",
        &altered,
        &token("city", Purpose::Leave, 1),
        &token("harbour", Purpose::Bounce, 1),
        &confirm,
        "%00",
        "..%2f..",
        &"a".repeat(5_000),
    ] {
        for page in ["leave", "preferences"] {
            for method in [Method::GET, Method::POST] {
                let got = room
                    .request(
                        method,
                        &format!("/{page}/{text}"),
                        &[ENCODED],
                        "List-Unsubscribe=One-Click",
                    )
                    .await;
                assert_eq!(
                    (got.status, got.body.as_str()),
                    (404, lost.as_str()),
                    "{page} {text}"
                );
            }
        }
    }
    assert_eq!(room.get(&format!("/confirm/{good}")).await.status, 404);
    assert_eq!(room.asked(""), 0);
    // A good token of a reader who is gone.
    let gone = token("harbour", Purpose::Leave, 8);
    let got = room
        .post(&format!("/leave/{gone}"), "List-Unsubscribe=One-Click")
        .await;
    assert_eq!((got.status, got.body), (404, lost));
    // Mail systems fold case.
    assert_eq!(
        room.get(&format!("/leave/{}", good.to_uppercase()))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn no_address_no_letter() {
    let room = Newsroom::new();
    for email in [
        "",
        "ada",
        "ada@",
        "ada%40b",
        "a%40example.org%0D%0ABcc%3Ab%40example.org",
        "%22%3E%3Cscript%3E%40x.org",
        "%F0%9F%98%80",
        "%00",
        "a%40localhost",
        "a%40127.0.0.1",
        "a%40%5B1.2.3.4%5D",
        "a%40paper.123",
        "a%40paper",
        "a%40printer.local",
        "%3D%3Futf-8%3Fq%3Fada%3F%3D%40x.example",
    ] {
        let body = format!("email={email}&name=Ada&section=City");
        let forwarded = format!("192.0.2.{}", email.len() * 5 + email.matches('1').count());
        let got = room
            .request(
                Method::POST,
                "/",
                &[ENCODED, ("x-forwarded-for", &forwarded)],
                body,
            )
            .await;
        assert_eq!(got.status, 422, "{email}");
        assert!(
            got.body
                .contains("aria-invalid=\"true\" aria-describedby=\"wrong\""),
            "{email}"
        );
        assert!(
            got.body.contains("value=\"City\" checked") && got.body.contains("value=\"Ada\""),
            "{}",
            got.body
        );
        assert!(!got.body.contains("<script"), "{email}");
    }
    assert_eq!(room.asked(""), 0);
}

#[tokio::test]
async fn a_domain_that_looks_like_another_is_shown_as_it_is() {
    // The first letter of `раypal` is Cyrillic.
    let got = Newsroom::new()
        .post("/", "email=ada%40%D1%80aypal.example")
        .await;
    assert!(
        got.body
            .contains("<bdi dir=\"ltr\">xn--aypal-uye.example</bdi>"),
        "{}",
        got.body
    );
}

#[tokio::test]
async fn programs_fall_into_the_trap_and_do_not_notice() {
    let room = Newsroom::new();
    let person = room.post("/", "email=ada@example.org").await;
    let program = room
        .post("/", "email=ada@example.org&website=http%3A%2F%2Fx")
        .await;
    assert_eq!((program.status, program.body), (person.status, person.body));
    assert_eq!((room.asked("sign_up"), room.asked("trapped")), (1, 1));
}

#[tokio::test]
async fn a_foreign_page_cannot_sign_anybody_up() {
    let room = Newsroom::new();
    for foreign in [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let got = room
            .request(
                Method::POST,
                "/",
                &[ENCODED, foreign],
                "email=ada@example.org",
            )
            .await;
        assert_eq!(got.status, 403);
    }
    assert_eq!(room.asked(""), 0);
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_sign_ups_of_one_client_end() {
    let _stopped = StoppedClock::new();
    let room = Newsroom::new();
    let mut statuses = std::collections::BTreeMap::new();
    for number in 0..10_000 {
        let forged = format!("10.0.{}.{}, 192.0.2.1", number / 256, number % 256);
        let got = room
            .request(
                Method::POST,
                "/",
                &[ENCODED, ("x-forwarded-for", &forged)],
                format!("email=ada{number}@example.org"),
            )
            .await;
        *statuses.entry(got.status).or_insert(0) += 1;
        if got.status == 429 {
            assert_eq!(got.headers["retry-after"], "30");
        }
    }
    assert!(
        statuses[&200] == 10 && statuses[&429] == 9_990,
        "{statuses:?}"
    );
    // Somebody else is not in their way; and whoever comes from elsewhere cannot say who they are.
    let other = room
        .request(
            Method::POST,
            "/",
            &[ENCODED, ("x-forwarded-for", "192.0.2.2")],
            "email=bob@example.org",
        )
        .await;
    assert_eq!(other.status, 200);
    for _ in 0..20 {
        let forged = [
            ENCODED,
            ("x-forwarded-for", "192.0.2.3"),
            ("x-peer-elsewhere", ""),
        ];
        room.request(Method::POST, "/", &forged, "email=bob@example.org")
            .await;
    }
    let forged = [
        ENCODED,
        ("x-forwarded-for", "192.0.2.4"),
        ("x-peer-elsewhere", ""),
    ];
    assert_eq!(
        room.request(Method::POST, "/", &forged, "email=bob@example.org")
            .await
            .status,
        429
    );
}

#[tokio::test]
async fn leaving_has_no_limit() {
    let (room, path) = (Newsroom::new(), format!("/leave/{}", leave()));
    for _ in 0..500 {
        assert_eq!(
            room.post(&path, "List-Unsubscribe=One-Click").await.status,
            200
        );
    }
}

#[tokio::test]
async fn too_long_is_not_read() {
    let (room, path) = (Newsroom::new(), format!("/leave/{}", leave()));
    let long = "a".repeat(1 << 20);
    for path in ["/", path.as_str()] {
        assert_eq!(
            room.request(Method::POST, path, &[ENCODED], long.clone())
                .await
                .status,
            413
        );
        let said = [ENCODED, ("content-length", "1048576")];
        assert_eq!(
            room.request(Method::POST, path, &said, "").await.status,
            413
        );
    }
    let fields = room
        .request(Method::POST, "/", &[ENCODED], "a=b&".repeat(1_000))
        .await;
    assert_eq!(fields.status, 400);
    let name = format!("email=ada@example.org&name={}", "n".repeat(15_000));
    assert_eq!(
        room.request(Method::POST, "/", &[ENCODED], name)
            .await
            .status,
        200
    );
    room.post(&format!("/confirm/{}", confirm()), "").await;
    let ReaderChange::Join { preferences, .. } = room.changes().remove(0).wish else {
        panic!("confirmed");
    };
    assert_eq!(
        preferences.name.unwrap().as_str(),
        format!("{}…", "n".repeat(99))
    );
}

/// Whatever is refused is refused with a page that looks like the others.
#[tokio::test]
async fn no_error_is_a_bare_page() {
    let room = Newsroom::new();
    let foreign = [ENCODED, ("origin", "https://evil.example")];
    let json = [("content-type", "application/json")];
    let leave = format!("/leave/{}", leave());
    for (method, path, fields, body, status) in [
        (Method::GET, "/nothing", &[][..], String::new(), 404),
        (Method::GET, "/leave/forged", &[], String::new(), 404),
        (Method::GET, "/editions/2026-08-24", &[], String::new(), 404),
        (Method::GET, "/pictures/none.jpg", &[], String::new(), 404),
        (Method::PUT, "/", &[], String::new(), 405),
        (Method::OPTIONS, "/", &[], String::new(), 405),
        (Method::DELETE, &leave, &[], String::new(), 405),
        (Method::POST, "/editions", &[], String::new(), 405),
        (Method::POST, "/", &foreign, String::new(), 403),
        (Method::POST, "/", &json, "{}".to_owned(), 415),
        (Method::POST, "/", &[ENCODED], "a=b&".repeat(1_000), 400),
        (Method::POST, "/", &[ENCODED], "a".repeat(1 << 20), 413),
        (Method::POST, &leave, &[ENCODED], "a".repeat(1 << 20), 413),
        (Method::POST, &leave, &[ENCODED], "a=b".to_owned(), 400),
        (Method::POST, "/", &[ENCODED], "email=x".to_owned(), 422),
    ] {
        let got = room.request(method, path, fields, body).await;
        assert_eq!(got.status, status, "{path}");
        assert!(got.body.contains("<body class=\"paper\">"), "{}", got.body);
        assert!(got.body.contains("/mail/style.css?"), "{}", got.body);
    }
    for _ in 0..20 {
        room.post("/", "email=ada@example.org").await;
    }
    let busy = room.post("/", "email=ada@example.org").await;
    room.break_ledger();
    let later = room.get(&leave.replace("leave", "preferences")).await;
    for (got, status) in [(busy, 429), (later, 503)] {
        assert_eq!(got.status, status);
        assert!(got.body.contains("<body class=\"paper\">"), "{}", got.body);
    }
}

#[tokio::test]
async fn a_ledger_that_cannot_says_so() {
    let room = Newsroom::new();
    room.break_ledger();
    let (leave, confirm) = (leave(), confirm());
    for (path, body) in [
        ("/".to_owned(), "email=ada@example.org"),
        (format!("/leave/{leave}"), "List-Unsubscribe=One-Click"),
        (format!("/confirm/{confirm}"), ""),
        (format!("/preferences/{leave}"), ""),
        (format!("/preferences/{leave}/erase"), ""),
    ] {
        let got = room.post(&path, body).await;
        assert_eq!(
            (got.status, got.headers["retry-after"].to_str().unwrap()),
            (503, "60"),
            "{path}"
        );
    }
    // What needs no ledger goes on.
    assert_eq!(room.get(&format!("/leave/{leave}")).await.status, 200);
    assert_eq!(room.get("/editions").await.status, 503);
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_ever() {
    let room = Newsroom::new();
    // Nobody else can write: the ledger is waited for, four seconds of the machine's clock. Ours runs on when nothing else does.
    room.ledger.execute("BEGIN IMMEDIATE");
    let request = |body: Body| {
        let path = format!("/leave/{}", leave());
        Request::builder()
            .method("POST")
            .uri(path)
            .header("host", HOST)
            .body(body)
            .unwrap()
    };
    let answered = room
        .site
        .answer(LISTENS.ip(), request("List-Unsubscribe=One-Click".into()));
    assert_eq!(answered.await.status(), 503);
    let slow = Body::from_stream(futures_util::stream::pending::<Result<&[u8], std::io::Error>>());
    let answered = room.site.answer(LISTENS.ip(), request(slow));
    assert_eq!(answered.await.status(), 408);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_is_sent_is_answered(path in "/?(mail|leave|editions|preferences|confirm|[%./a-z]{0,6})?(/[!-~]{0,40})?(\\?[!-~]{0,20})?", body in "(email|name|section|website|pause|day|List-Unsubscribe|=|&|\\PC){0,20}") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let room = Newsroom::new();
        if let Ok(uri) = path.parse::<axum::http::Uri>() && uri.path().starts_with('/') {
            for method in [Method::GET, Method::POST] {
                let got = runtime.block_on(room.request(method, &path, &[ENCODED], body.clone()));
                prop_assert!([200, 400, 404, 405, 422].contains(&got.status), "{}", got.status);
                prop_assert!(!got.body.contains("<script"));
            }
        }
    }
}
