//! The question of an edition.

use super::*;
use crate::ledger::Target;

impl Newsroom {
    fn answers(&self) -> [u64; 2] {
        let slug = "2026-08-24".parse().unwrap();
        let run = self
            .ledger
            .run(None, &slug, &Target::Relay)
            .unwrap()
            .unwrap();
        self.ledger.answers(run.id).unwrap()
    }
}

#[tokio::test]
async fn the_button_counts_and_a_link_alone_does_not() {
    let room = Newsroom::new().sent("2026-08-24", "Seal");
    for path in ["/answer/2026-08-24/2", "/mail/answer/2026-08-24/2"] {
        let got = room.get(path).await;
        assert_eq!(got.status, 200);
        for part in [
            "<h1 class=\"lede-headline\">Was it “worth” it?</h1>",
            "<form method=\"post\" action=\"/mail/answer/2026-08-24/2\">",
            ">&lt;No&gt;</button>",
            "href=\"/mail/answer/2026-08-24/1\">Yes</a>",
            "noindex",
        ] {
            assert!(got.body.contains(part), "{part}: {}", got.body);
        }
        assert!(got.headers.get("set-cookie").is_none());
    }
    assert_eq!(room.answers(), [0, 0], "a mail scanner followed the links");
    let got = room.post("/answer/2026-08-24/2", "").await;
    assert_eq!(got.status, 200);
    assert!(
        got.body.contains("Your answer has been counted."),
        "{}",
        got.body
    );
    assert_eq!(room.answers(), [0, 1]);
    let metrics = room.site.pages.service.clone().metrics().await.unwrap();
    let counted: Vec<_> = metrics
        .iter()
        .filter(|one| one.name == "newsdigest_question")
        .map(|one| (one.labels.clone(), one.value))
        .collect();
    let expected = [("first", 0.0), ("second", 1.0)]
        .map(|(answer, times)| (vec![("answer", answer.to_owned())], times));
    assert_eq!(counted, expected);
}

#[tokio::test]
async fn what_was_never_asked_cannot_be_answered() {
    let room = Newsroom::new().sent("2026-08-24", "Seal");
    for path in [
        "/answer/2026-08-24/0",
        "/answer/2026-08-24/3",
        "/answer/2026-08-24/01",
        "/answer/2026-08-25/1",
        "/answer/2026-8-24/1",
        "/answer/2026-08-24/",
        "/answer/2026-08-24",
        "/answer/%00/1",
    ] {
        assert_eq!(room.get(path).await.status, 404, "{path}");
        assert_eq!(room.post(path, "").await.status, 404, "{path}");
    }
    assert_eq!(room.answers(), [0, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_flood_counts_little_and_never_more_than_there_are_letters() {
    let _clock = StoppedClock::new();
    let mut room = Newsroom::new().sent("2026-08-24", "Seal");
    let path = "/answer/2026-08-24/1";
    // Another site's page may not make its visitors answer.
    let foreign = [ENCODED, ("origin", "https://evil.example")];
    let got = room.request(Method::POST, path, &foreign, "").await;
    assert_eq!(got.status, 403);
    // One copy was frozen.
    for _ in 0..10 {
        assert_eq!(room.post(path, "").await.status, 200);
    }
    assert_eq!(room.answers(), [1, 0]);
    assert_eq!(room.post(path, "").await.status, 429);
    let next = [ENCODED, ("x-forwarded-for", "198.51.100.9")];
    assert_eq!(
        room.request(Method::POST, path, &next, "").await.status,
        200
    );
    assert_eq!(room.answers(), [1, 0]);
    room.send("2026-08-25", "Fares");
    assert_eq!(
        room.request(Method::POST, "/answer/2026-08-25/1", &next, "")
            .await
            .status,
        200
    );
    assert_eq!(room.answers(), [1, 0], "each edition has its own");
    let long = "x".repeat(20_000);
    let got = room
        .request(
            Method::POST,
            path,
            &[ENCODED, ("x-forwarded-for", "198.51.100.10")],
            long,
        )
        .await;
    assert_eq!(got.status, 413);
    room.break_ledger();
    assert_eq!(room.get("/answer/2026-08-26/1").await.status, 503);
}
