//! Keys and passwords: they are in nothing that is said, and one that is not set is named.

use serde_json::json;

use super::service::{Answer, Server};
use super::{SECRET, explained, misses, newsroom};
use crate::newsroom::Newsroom;

/// However the service writes it, and wherever a long message is cut.
#[test]
fn a_key_that_is_repeated_is_in_no_message() {
    let strange = "kä+y/that=no\"body sees";
    for said in [
        format!("{}?secret={SECRET}", "v".repeat(190)),
        format!("bad request: {strange}"),
        "GET /?secret=k%C3%A4%2By%2Fthat%3Dno%22body+sees".to_owned(),
        "GET /?secret=k%c3%a4%2by%2fthat%3dno%22body%20sees".to_owned(),
        "GET /?secret=k%25C3%25A4%252By%252Fthat%253Dno%2522body%2520sees".to_owned(),
        "k&auml;&#43;y&#x2F;that&equals;no&quot;body sees".to_owned(),
        "&#107;&#xe4;+y/th&#97;t=no&amp;quot;body sees".to_owned(),
        format!("{strange:?}"),
    ] {
        let key = if said.contains(SECRET) {
            SECRET
        } else {
            strange
        };
        for status in [200, 403] {
            let body = json!({"success": false, "error": said, "message": said}).to_string();
            let server = Server::open(move |_| Answer::new(status, body.clone()));
            let room = newsroom(&format!(
                "parsely = \"h.example\"\nserver = \"{}\"\nkey_file = \"service.key\"",
                server.url()
            ));
            room.secret("service.key", format!("{key}\n"));
            let told = misses(&explained(&room));
            let is_said = told.contains("answered") || told.contains("are not shown");
            assert!(is_said, "{told}");
            for piece in ["key-that", "that=no", "body", "kä"] {
                assert!(!told.contains(piece), "{piece}: {told}");
            }
        }
    }
}

#[test]
fn an_address_with_a_password_in_it_is_not_shown() {
    for (line, secret) in [
        (
            "parsely = \"h\"\nserver = \"https://digest:hush@h.example/\"",
            "hush",
        ),
        ("clickhouse = \"http://digest:hush@h.example/\"", "hush"),
        ("plausible = \"digest:hush@h.example\"", "hush"),
        (
            "parsely = \"h\"\nserver = \"digest:hush@h.example\"",
            "hush",
        ),
        (
            "plausible = \"h.example\"\nkey_env = \"sk-hush-42\"",
            "hush",
        ),
        (
            "plausible = \"h.example\"\nkey_file = \"sk-hush-0123456789abcdef\"",
            "hush",
        ),
        (
            "plausible = \"h.example\"\nkey_env = \"sk-hush-42\"\nkey_file = \"service.key\"",
            "hush",
        ),
        (
            "postgres = \"postgres://digest:hush@h.example/web\"",
            "hush",
        ),
        ("plausible = \"h.example\"\nkey = \"hush\"", "hush"),
        ("plausible = \"h.example\"\napikey = \"hush\"", "hush"),
        ("plausible = \"h.example\"\n\"key\" = \"hush\"", "hush"),
        ("plausible = \"h.example\"\nkey.value = \"hush\"", "hush"),
        ("plausible = \"h.example\"\napi-key = \"hush\"", "hush"),
        (
            "plausible = \"h.example\"\nauthorization = \"hush\"",
            "hush",
        ),
    ] {
        let said = newsroom(line).run(&["check"]).exits(1).stderr;
        assert!(!said.contains(secret), "{said}");
    }
}

#[test]
fn a_key_that_is_not_set_stops_nothing_else() {
    let room = Newsroom::new().config(
        "[readership]",
        "plausible = \"h.example\"\nkey_env = \"PLAUSIBLE_KEY\"",
    );
    let told = explained(&room);
    assert!(
        misses(&told).starts_with(
            "plausible h.example: the environment variable `PLAUSIBLE_KEY` is not set"
        ),
        "{}",
        misses(&told)
    );
    room.run(&["check"])
        .exits(1)
        .says("plausible h.example: the environment variable `PLAUSIBLE_KEY` is not set");
}
