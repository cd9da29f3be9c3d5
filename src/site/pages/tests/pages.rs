//! What readers see and what is asked for them.

use super::*;
use crate::render::SiteWord;

#[tokio::test]
async fn one_click_in_both_encodings_and_again() {
    let counter = Counter::new();
    let path = format!("/mail/leave/{}", leave());
    for method in [Method::GET, Method::HEAD] {
        let got = counter.send(method, &path, &[], "").await;
        assert_eq!(got.status, 200);
        assert!(
            got.body.contains(
                "<h1 class=\"lede-headline\">Unsubscribe from Harbour &amp; &lt;Co&gt;?</h1>"
            ),
            "{}",
            got.body
        );
        assert!(got.body.contains(&format!("<form method=\"post\" action=\"{path}\"><input type=\"hidden\" name=\"List-Unsubscribe\" value=\"One-Click\">")));
    }
    // What is clearly another form changes nothing.
    for body in ["List-Unsubscribe=Two-Clicks", "confirm=yes"] {
        let got = counter.post(&path, body).await;
        assert_eq!(got.status, 400, "{body}");
    }
    assert_eq!(counter.asked(), [] as [String; 0]);
    // The link is enough: some senders of one-click send no body, or no type.
    assert_eq!(counter.post(&path, "").await.status, 200);
    assert_eq!(counter.send(Method::POST, &path, &[], "").await.status, 200);
    assert_eq!(
        counter.asked(),
        ["Leave(ReaderId(7))", "Leave(ReaderId(7))"]
    );
    let multipart = "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n";
    for (kind, body) in [
        (ENCODED.1, "List-Unsubscribe=One-Click"),
        ("multipart/form-data; boundary=b", multipart),
        (ENCODED.1, "List-Unsubscribe=One-Click"),
    ] {
        // A mail provider is a foreign site, and may say so.
        let got = counter
            .send(
                Method::POST,
                &path,
                &[("content-type", kind), ("origin", "https://mail.example")],
                body,
            )
            .await;
        assert_eq!(got.status, 200, "{kind}");
        assert!(got.body.contains("You have unsubscribed"), "{}", got.body);
        assert_eq!(counter.asked(), ["Leave(ReaderId(7))"]);
    }
}

#[tokio::test]
async fn a_sign_up_says_what_was_agreed_to() {
    let counter = Counter::new();
    let form = counter.get("/").await.body;
    assert!(
        form.contains("<form method=\"post\" action=\"/mail/\">")
            && form.contains("name=\"section\" value=\"City\""),
        "{form}"
    );
    let agreed = "I would like to receive Harbour &amp; &lt;Co&gt; by email. I can leave at any time with one click.";
    assert!(form.contains(agreed), "{form}");
    let got = counter.post("/", "email=+Ada%40Example.org&name=Ada%0D%0ABcc%3A+x&section=City&section=Sport&section=Forged&website=").await;
    assert_eq!(got.status, 200);
    assert!(
        got.body.contains("Look in your inbox") && !got.body.to_lowercase().contains("example.org"),
        "{}",
        got.body
    );
    insta::assert_snapshot!(counter.asked().join("\n"), @r#"SignUp(SignUp { address: A***@e***.org, name: Some("Ada Bcc: x"), sections: ["City", "Sport"], form: "page 1", consent: "I would like to receive Harbour & <Co> by email. I can leave at any time with one click. (2026-08-24)", client: Some(127.0.0.1) })"#);
    // All of them is as good as none: sections that are added later are included.
    counter
        .post(
            "/",
            "email=ada@example.org&section=City&section=Sport&section=News",
        )
        .await;
    assert!(counter.asked()[0].contains("name: None, sections: []"));
}

#[tokio::test]
async fn confirming_shows_then_acts() {
    let counter = Counter::new();
    let path = format!("/confirm/{}", token("harbour", Purpose::Confirm, 3));
    let got = counter.get(&path).await;
    assert!(
        got.status == 200 && got.body.contains("One more click"),
        "{}",
        got.body
    );
    assert_eq!(counter.asked(), ["SignedUp(SignUpId(3))"]);
    let got = counter.post(&path, "").await;
    assert!(
        got.status == 200
            && got
                .body
                .contains(&format!("/mail/preferences/{}\"", leave())),
        "{}",
        got.body
    );
    assert_eq!(counter.asked(), ["Confirm(SignUpId(3))"]);
    let old = format!("/confirm/{}", token("harbour", Purpose::Confirm, 2));
    for got in [counter.get(&old).await, counter.post(&old, "").await] {
        assert!(
            got.status == 410 && got.body.contains("This link has expired"),
            "{}",
            got.body
        );
    }
}

#[tokio::test]
async fn preferences_are_shown_and_changed() {
    let (counter, path) = (Counter::new(), format!("/preferences/{}", leave()));
    let form = counter.get(&path).await.body;
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
    counter.asked();
    let got = counter
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
    let asked = counter.asked();
    assert_eq!(
        asked[1],
        "Prefer(ReaderId(7), Preferences { name: None, sections: [\"News\", \"Gone\"], paused: Until(2026-09-01) })"
    );
    let got = counter
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
    assert_eq!(counter.asked(), ["Standing(ReaderId(7))"]);
}

#[tokio::test]
async fn her_data_is_hers() {
    let (counter, path) = (Counter::new(), format!("/preferences/{}", leave()));
    let got = counter.get(&format!("{path}/data")).await;
    assert_eq!(
        got.headers["content-disposition"],
        "attachment; filename=\"harbour.json\""
    );
    assert_eq!(
        (
            got.headers["content-type"].to_str().unwrap(),
            got.body.as_str()
        ),
        ("application/json", "{\"name\":\"Ada\"}")
    );
    counter.asked();
    let erase = format!("{path}/erase");
    assert!(
        counter
            .get(&erase)
            .await
            .body
            .contains("This cannot be undone.")
    );
    assert_eq!(counter.asked(), [] as [String; 0]);
    assert!(
        counter
            .post(&erase, "")
            .await
            .body
            .contains("Your data has been erased")
    );
    assert_eq!(counter.asked(), ["Erase(ReaderId(7))"]);
}

#[tokio::test]
async fn every_language_speaks() {
    for tag in ["ar", "de", "ja", "he", "pt-BR"] {
        let options = options(tag);
        let title = options
            .template
            .say(SiteWord::Preferences, &options.newsletter.name);
        let counter = Counter::at(options, answer);
        let got = counter.get(&format!("/preferences/{}", leave())).await;
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
