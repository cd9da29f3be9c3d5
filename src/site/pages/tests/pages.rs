//! What readers see, and what comes of it.

use super::*;
use crate::ledger::ReaderChange;
use crate::model::line::Line;
use crate::model::reader::Preferences;
use crate::model::subscriber::Paused;
use crate::render::SiteWord;

#[tokio::test]
async fn one_click_in_both_encodings_and_again() {
    let mut room = Newsroom::new();
    let path = format!("/mail/leave/{}", leave());
    let got = room.get(&path).await;
    assert_eq!(got.status, 200);
    assert!(
        got.body.contains(
            "<h1 class=\"lede-headline\">Unsubscribe from Harbour &amp; &lt;Co&gt;?</h1>"
        ),
        "{}",
        got.body
    );
    assert!(got.body.contains(&format!("<form method=\"post\" action=\"{path}\"><input type=\"hidden\" name=\"List-Unsubscribe\" value=\"One-Click\">")));
    let head = room.request(Method::HEAD, &path, &[], "").await;
    let length = head.headers["content-length"].to_str().unwrap();
    assert_eq!(
        (head.status, head.body.as_str(), length),
        (200, "", got.body.len().to_string().as_str())
    );
    // What is clearly another form changes nothing.
    for body in ["List-Unsubscribe=Two-Clicks", "confirm=yes"] {
        let got = room.post(&path, body).await;
        assert_eq!(got.status, 400, "{body}");
    }
    assert_eq!((room.asked(""), room.left()), (0, 0));
    // The link is enough: some senders of one-click send no body, or no type.
    assert_eq!(room.post(&path, "").await.status, 200);
    assert_eq!(room.request(Method::POST, &path, &[], "").await.status, 200);
    assert_eq!((room.asked("leave"), room.left()), (2, 1));
    let ada = [Address::parse("ada@example.org").unwrap()];
    let multipart = "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n";
    for (kind, body) in [
        (ENCODED.1, "List-Unsubscribe=One-Click"),
        ("multipart/form-data; boundary=b", multipart),
        (ENCODED.1, "List-Unsubscribe=One-Click"),
    ] {
        room.ledger.unsuppress(&ada).unwrap();
        // A mail provider is a foreign site, and may say so.
        let got = room
            .request(
                Method::POST,
                &path,
                &[("content-type", kind), ("origin", "https://mail.example")],
                body,
            )
            .await;
        assert_eq!(got.status, 200, "{kind}");
        assert!(got.body.contains("You have unsubscribed"), "{}", got.body);
        assert_eq!(room.left(), 1);
    }
}

#[tokio::test]
async fn a_sign_up_says_what_was_agreed_to() {
    let room = Newsroom::new();
    let form = room.get("/").await.body;
    assert!(
        form.contains("<form method=\"post\" action=\"/mail/\">")
            && form.contains("name=\"section\" value=\"City\""),
        "{form}"
    );
    let agreed = "I would like to receive Harbour &amp; &lt;Co&gt; by email. I can leave at any time with one click.";
    assert!(form.contains(agreed), "{form}");
    let got = room.post("/", "email=+Ada%40Example.org&name=Ada%0D%0ABcc%3A+x&section=City&section=Sport&section=Forged&website=").await;
    assert_eq!(got.status, 200);
    assert!(
        got.body.contains("Look in your inbox") && !got.body.to_lowercase().contains("example.org"),
        "{}",
        got.body
    );
    assert_eq!(
        room.post(&format!("/confirm/{}", confirm()), "")
            .await
            .status,
        200
    );
    let change = room.changes().remove(0);
    assert_eq!(change.address.reveal(), "Ada@example.org");
    let said = "I would like to receive Harbour & <Co> by email. I can leave at any time with one click. (2026-08-24)";
    let chosen = |name: Option<&str>, sections: &[&str]| ReaderChange::Join {
        defaults: Vec::new(),
        preferences: preferences(name, sections, Paused::No),
        consent: Line::clean(said),
    };
    assert_eq!(change.wish, chosen(Some("Ada Bcc: x"), &["City", "Sport"]));
    let held = room
        .get(&format!("/preferences/{}/data", leave()))
        .await
        .body;
    let held: serde_json::Value = serde_json::from_str(&held).unwrap();
    let sign_up = &held["sign_ups"][0];
    assert_eq!(
        (&sign_up["form"], &sign_up["client"]),
        (&"page 1".into(), &"127.0.0.1".into())
    );
    // All of them is as good as none: sections that are added later are included.
    room.post(
        "/",
        "email=bob@example.org&section=City&section=Sport&section=News",
    )
    .await;
    let second = token("harbour", Purpose::Confirm, 2);
    room.post(&format!("/confirm/{second}"), "").await;
    assert_eq!(room.changes()[1].wish, chosen(None, &[]));
}

#[tokio::test]
async fn who_asked_is_kept_only_where_the_config_says_so() {
    let room = Newsroom::with(&CONFIG.replace("keep_client = true", "keep_client = false"));
    room.post("/", "email=ada@example.org").await;
    let held = room
        .get(&format!("/preferences/{}/data", leave()))
        .await
        .body;
    let held: serde_json::Value = serde_json::from_str(&held).unwrap();
    assert_eq!(held["sign_ups"][0]["client"], serde_json::Value::Null);
}

fn preferences(name: Option<&str>, sections: &[&str], paused: Paused) -> Preferences {
    Preferences {
        name: name.map(Line::clean),
        sections: sections.iter().map(|word| Line::clean(word)).collect(),
        paused,
        ..Preferences::NONE
    }
}

#[tokio::test]
async fn confirming_shows_then_acts() {
    let room = Newsroom::new();
    room.post("/", "email=bob@example.org").await;
    let path = format!("/confirm/{}", confirm());
    let got = room.get(&path).await;
    assert!(
        got.status == 200 && got.body.contains("One more click"),
        "{}",
        got.body
    );
    assert!(room.changes().is_empty());
    let got = room.post(&path, "").await;
    assert!(
        got.status == 200
            && got.body.contains(&format!(
                "/mail/preferences/{}\"",
                token("harbour", Purpose::Leave, 2)
            )),
        "{}",
        got.body
    );
    assert_eq!(room.changes()[0].address.reveal(), "bob@example.org");
    let old = format!("/confirm/{}", token("harbour", Purpose::Confirm, 2));
    for got in [room.get(&old).await, room.post(&old, "").await] {
        assert!(
            got.status == 410 && got.body.contains("This link has expired"),
            "{}",
            got.body
        );
    }
}

#[tokio::test]
async fn preferences_are_shown_and_changed() {
    let (room, path) = (Newsroom::new(), format!("/preferences/{}", leave()));
    let form = room.get(&path).await.body;
    for part in [
        "a***@e***.org",
        "value=\"City\" checked",
        "value=\"Gone\" checked",
        "value=\"News\"",
        "value=\"no\" checked",
        "min=\"2026-08-25\"",
        "value=\"Ada\"",
    ] {
        assert!(form.contains(part), "{part}: {form}");
    }
    assert!(
        !form.contains("ada@") && !form.contains("value=\"News\" checked"),
        "{form}"
    );
    let got = room
        .post(
            &path,
            "section=News&section=Gone&section=Forged&pause=until&day=2026-09-01&name=",
        )
        .await;
    assert!(
        got.status == 200 && got.body.contains("<p role=\"status\">Saved</p>"),
        "{}",
        got.body
    );
    assert!(
        got.body.contains("value=\"until\" checked") && got.body.contains("value=\"2026-09-01\""),
        "{}",
        got.body
    );
    let until = Paused::Until("2026-09-01".parse().unwrap());
    let wanted = ReaderChange::Prefer(preferences(None, &["News", "Gone"], until));
    assert_eq!(room.changes()[0].wish, wanted);
    let got = room
        .post(&path, "section=News&pause=until&day=2026-08-24")
        .await;
    assert!(
        got.status == 422
            && got
                .body
                .contains("Please give a day that is still to come."),
        "{}",
        got.body
    );
    assert!(room.changes().len() == 1 && room.changes()[0].wish == wanted);
}

#[tokio::test]
async fn a_readers_data_is_theirs() {
    let (room, path) = (Newsroom::new(), format!("/preferences/{}", leave()));
    let got = room.get(&format!("{path}/data")).await;
    assert_eq!(
        got.headers["content-disposition"],
        "attachment; filename=\"harbour.json\""
    );
    assert_eq!(got.headers["content-type"], "application/json");
    let held: serde_json::Value = serde_json::from_str(&got.body).unwrap();
    assert_eq!(
        (&held["address"], &held["subscriber"]["name"]),
        (&"ada@example.org".into(), &"Ada".into())
    );
    let erase = format!("{path}/erase");
    assert!(
        room.get(&erase)
            .await
            .body
            .contains("This cannot be undone.")
    );
    assert!(room.changes().is_empty());
    assert!(
        room.post(&erase, "")
            .await
            .body
            .contains("Your data has been erased")
    );
    assert_eq!(room.changes()[0].wish, ReaderChange::Erase);
    assert_eq!(room.get(&path).await.status, 404);
}

#[tokio::test]
async fn every_language_speaks() {
    for tag in ["ar", "de", "ja", "he", "pt-BR"] {
        let room =
            Newsroom::with(&CONFIG.replace("language = \"en\"", &format!("language = \"{tag}\"")));
        let publication = &room.service.publications[0];
        let title = publication
            .template
            .say(SiteWord::Preferences, &publication.newsletter.name);
        let got = room.get(&format!("/preferences/{}", leave())).await;
        let direction = if ["ar", "he"].contains(&tag) {
            "rtl"
        } else {
            "ltr"
        };
        assert!(
            got.body.starts_with(&format!(
                "<!DOCTYPE html><html lang=\"{tag}\" dir=\"{direction}\">"
            )),
            "{}",
            got.body
        );
        assert!(
            got.body
                .contains(&format!("<h1 class=\"lede-headline\">{title}</h1>")),
            "{}",
            got.body
        );
    }
}
