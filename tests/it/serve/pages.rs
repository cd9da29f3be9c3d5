//! The ways a reader takes through the pages.

use newsdigest::model::token::Purpose;

use super::{HOST, ONE_CLICK, Serving, room, token};
use crate::newsroom::{Newsroom, TODAY};
use crate::postoffice::PostOffice;

#[test]
fn without_a_public_address_nothing_is_served() {
    let output = Newsroom::new().run(&["serve"]).exits(1);
    insta::assert_snapshot!(output.words(), @r#"
    error: `newsdigest.toml` does not say where readers reach `serve`
    nothing is served

    hint: add `[public]` with `url = "https://news.example.org/"`; a proxy with TLS goes before `serve`
    "#);
}

/// RFC 8058: by POST, in both encodings, as often as one likes, without a cookie or a redirect.
#[test]
fn one_click_leaves_and_looking_does_not() {
    let room = room();
    room.run(&["send"]).exits(0);
    let serving = Serving::start(&room);
    let path = |number| format!("leave/{}", token(Purpose::Leave, number));
    for _ in 0..2 {
        assert_eq!(serving.pages.get(&path(1)).0, 200);
        assert_eq!(
            serving
                .pages
                .ask(&format!("HEAD /{}", path(1)), HOST, "")
                .get(9..12),
            Some("200")
        );
    }
    assert_eq!(room.run(&["suppress", "--list"]).stdout, "");
    for _ in 0..2 {
        assert_eq!(serving.pages.post(&path(1), ONE_CLICK).0, 200);
    }
    let multipart = "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n";
    let kind = format!("{HOST}Content-Type: multipart/form-data; boundary=x\r\n");
    let answer = serving
        .pages
        .ask(&format!("POST /{}", path(2)), &kind, multipart);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(
        !answer.to_lowercase().contains("set-cookie")
            && !answer.to_lowercase().contains("location:")
    );
    let listed = room.run(&["suppress", "--list"]).exits(0).stdout;
    assert!(
        listed.contains("unsubscribed  ada@example.org")
            && listed.contains("unsubscribed  bob@example.org"),
        "{listed}"
    );
    // Forged, of another newsletter, for another purpose, of nobody.
    for text in [
        "nonsense".to_owned(),
        token(Purpose::Leave, 3).replace(|letter: char| letter.is_ascii_digit(), "a"),
        token(Purpose::Bounce, 3),
        token(Purpose::Confirm, 3),
        token(Purpose::Leave, 99),
    ] {
        assert_eq!(
            serving.pages.post(&format!("leave/{text}"), ONE_CLICK).0,
            404,
            "{text}"
        );
    }
    assert_eq!(room.run(&["suppress", "--list"]).stdout, listed);
}

#[test]
fn from_the_form_to_the_last_click() {
    let room = room();
    let mut serving = Serving::start(&room);
    let (_, known) = serving.pages.post("", "email=ada@example.org");
    let (status, page) = serving.pages.post(
        "",
        "email=Dee@example.org&name=Dee&section=News&section=City",
    );
    let masked = |page: &str| page.replace("d***@", "a***@");
    assert_eq!(
        (status, masked(&page)),
        (200, masked(&known)),
        "the same answer for all"
    );
    let paths = serving.confirm_paths(&room, 2);
    let letters: String = room
        .list("outbox")
        .iter()
        .map(|name| room.read(&format!("outbox/{name}")))
        .collect();
    let second =
        letters.find("To: Dee@example.org").unwrap() > letters.find("To: ada@example.org").unwrap();
    let path = &paths[usize::from(second)];
    assert_eq!(serving.pages.get(path).0, 200);
    assert!(
        !room.read("subscribers.toml").contains("Dee"),
        "looking changes nothing"
    );
    let (status, page) = serving.pages.post(path, "");
    assert_eq!(status, 200);
    let at = page.find("preferences/").unwrap();
    let preferences = page[at..].split('"').next().unwrap().to_owned();
    let text = serving.merged(&room, |text| text.contains("Dee@example.org"));
    insta::assert_snapshot!(text, @r#"
    [[subscriber]]
    email = "ada@example.org"

    [[subscriber]]
    email = "bob@example.org"

    [[subscriber]]
    email = "cleo@example.net"

    [[subscriber]]
    email = "Dee@example.org"
    name = "Dee"
    sections = ["News", "City"]
    since = 2026-08-24
    consent = "I would like to receive Harbour in your inbox by email. I can leave at any time with one click. (2026-08-24)"
    "#);
    let (_, page) = serving.pages.get(&preferences);
    assert!(
        page.contains("min=\"2026-08-25\""),
        "a pause ends tomorrow at the earliest: {page}"
    );
    assert!(
        page.contains("value=\"Dee\"") && page.contains("value=\"City\" checked"),
        "{page}"
    );
    serving.pages.post(
        &preferences,
        "name=D&section=Sport&pause=until&day=2099-01-02",
    );
    let text = serving.merged(&room, |text| text.contains("2099-01-02"));
    assert!(text.trim_end().ends_with("[[subscriber]]\nemail = \"Dee@example.org\"\npaused = 2099-01-02\nname = \"D\"\nsections = [\"Sport\"]\nsince = 2026-08-24\nconsent = \"I would like to receive Harbour in your inbox by email. I can leave at any time with one click. (2026-08-24)\""), "{text}");
    let (status, json) = serving.pages.get(&format!("{preferences}/data"));
    let held: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (
            status,
            &held["subscriber"]["name"],
            &held["sign_ups"][0]["client"]
        ),
        (200, &"D".into(), &serde_json::Value::Null)
    );
    assert_eq!(
        serving
            .pages
            .post(&preferences.replace("preferences", "leave"), ONE_CLICK)
            .0,
        200
    );
    assert_eq!(
        serving.pages.post(path, "").0,
        410,
        "an old link neither brings anybody back nor says so"
    );
    assert!(
        room.run(&["suppress", "--list"])
            .stdout
            .contains("dee@example.org")
    );
    // Forgotten but for a mark.
    assert_eq!(
        serving.pages.post(&format!("{preferences}/erase"), "").0,
        200
    );
    serving.merged(&room, |text| !text.contains("Dee"));
    assert_eq!(serving.pages.get(&preferences).0, 404);
    serving.program.interrupt();
    serving.program.wait().exits(0);
    assert!(!room.run(&["suppress", "--list"]).stdout.contains("dee"));
}

#[test]
fn what_was_sent_can_be_read_and_rehearsals_cannot() {
    let post = PostOffice::open();
    let room = room();
    room.run(&["send"]).exits(0);
    let serving = Serving::start(&room);
    assert_eq!(serving.pages.get(&format!("editions/{TODAY}")).0, 404);
    drop(serving);
    let room = room.relay(post.port(), 1);
    room.run(&["send"]).exits(0);
    let serving = Serving::start(&room);
    let (status, page) = serving.pages.get(&format!("editions/{TODAY}"));
    assert!(
        status == 200 && page.contains("A very fat seal") && !page.contains("leave/"),
        "{page}"
    );
    assert!(serving.pages.get("editions").1.contains(TODAY));
    assert!(serving.pages.get("editions.atom").1.contains(TODAY));
    assert_eq!(serving.pages.get("editions/2026-08-23").0, 404);
}

/// A proxy in a container or on another machine: its word is believed where the config names it, and readers then are not one client.
#[test]
fn readers_behind_a_trusted_proxy_are_many() {
    let asked = |more: &str| {
        let room = room();
        let config = room.read("newsdigest.toml");
        room.file(
            "newsdigest.toml",
            config.replace("[public]\n", &format!("[public]\n{more}")),
        );
        let serving = Serving::start(&room);
        let ask = |number: usize| {
            let fields = format!(
                "{HOST}X-Forwarded-For: 198.51.100.{number}, 192.0.2.{number}:4711, 172.18.0.2\r\n"
            );
            let answer =
                serving
                    .pages
                    .ask("POST /", &fields, &format!("email=x{number}@example.org"));
            answer[9..12].to_owned()
        };
        (0..12).filter(|number| ask(*number) == "200").count()
    };
    assert_eq!(
        asked(""),
        10,
        "the proxy that this machine's one saw is the client"
    );
    assert_eq!(asked("trusted_proxies = [\"172.16.0.0/12\"]\n"), 12);
}
