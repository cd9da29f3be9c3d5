//! The desk of a team, beside `serve`: who comes in, and that what was answered stays.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use serde_json::{Value, json};

use crate::newsroom::{Newsroom, PATIENCE, TODAY};
use crate::serve::{Serving, room};

const SITE: &str = "desk.harbourtimes.example";
const TRUSTED: &str = "listen = \"127.0.0.1:0\"\nurl = \"https://desk.harbourtimes.example\"\nuser_header = \"X-Forwarded-User\"\ntrusted_proxies = [\"127.0.0.1\"]";

/// Where a team's desk listens.
struct Team(SocketAddr);

impl Team {
    fn of(serving: &mut Serving) -> Self {
        let line = serving.program.says("the desk is at ");
        let bound = line.split("on ").last().unwrap().trim();
        Self(bound.parse().unwrap_or_else(|_| panic!("{line}")))
    }

    /// The status, the headers and the body.
    fn ask(&self, line: &str, fields: &str, body: &str) -> (u16, String, String) {
        let mut stream = TcpStream::connect(self.0).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let request = format!(
            "{line} HTTP/1.1\r\n{fields}Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, head.to_lowercase(), body.to_owned())
    }

    fn get(&self, path: &str, who: &str) -> (u16, String, String) {
        self.ask(&format!("GET {path}"), &signed_on(who), "")
    }

    fn save(&self, edition: &str, who: &str, edit: &Value) -> (u16, Value) {
        let (_, _, page) = self.get(edition, who);
        let attribute = |name: &str| page.split_once(name).unwrap().1.split('"').nth(1).unwrap();
        let token = attribute("data-token=");
        let from: u64 = attribute("data-edition=").parse().unwrap();
        let fields = format!(
            "{}Origin: https://{SITE}\r\nX-Desk: {token}\r\n",
            signed_on(who)
        );
        let body = json!({"from": from, "edits": [edit]}).to_string();
        let (status, _, answer) = self.ask(&format!("POST {edition}save"), &fields, &body);
        (
            status,
            serde_json::from_str(&answer).unwrap_or(json!(answer)),
        )
    }
}

fn signed_on(who: &str) -> String {
    format!("Host: {SITE}\r\nX-Forwarded-User: {who}\r\n")
}

fn file() -> String {
    format!("editions/{TODAY}.toml")
}

fn opening(words: &str) -> Value {
    json!({"do": "opening", "words": words})
}

#[test]
fn a_team_edits_under_serve() {
    let room = room().config("desk", TRUSTED);
    room.run(&["draft"]).exits(0);
    let mut serving = Serving::start(&room);
    let team = Team::of(&mut serving);
    let (status, head, _) = team.get("/", "bea");
    assert_eq!(status, 303);
    let edition = format!("/{TODAY}/");
    assert!(head.contains(&format!("location: {edition}")), "{head}");
    let (_, _, list) = team.get("/editions", "bea");
    assert!(list.contains(&format!("href=\"{edition}\"")), "{list}");
    assert!(list.contains("Draft"), "{list}");
    let (status, head, page) = team.get(&edition, "bea");
    assert_eq!(status, 200);
    assert!(head.contains("frame-ancestors 'none'"), "{head}");
    assert!(page.contains("data-who=\"bea\""), "{page}");
    for part in [
        "desk.css",
        "desk/main.js",
        "html",
        "text",
        "preview",
        "icon.svg",
    ] {
        assert_eq!(
            team.get(&format!("{edition}{part}"), "bea").0,
            200,
            "{part}"
        );
    }
    let (status, answer) = team.save(&edition, "bea", &opening("Bea's morning"));
    assert_eq!((status, &answer["version"]), (200, &json!(2)), "{answer}");
    // Another field: whether the page that Noor has is the newest or not, hers is saved.
    let subject = json!({"do": "subject", "words": "Noor's"});
    let (status, answer) = team.save(&edition, "noor@harbourtimes.example", &subject);
    assert_eq!((status, &answer["version"]), (200, &json!(3)), "{answer}");
    assert!(room.read(&file()).contains("Noor's"));
    let log = room.run(&["edition", "log"]).exits(0).stdout.clone();
    for who in ["bea", "noor@harbourtimes.example"] {
        assert!(
            log.contains(&format!("edited at the desk by {who}")),
            "{log}"
        );
    }
    // Killed: the page of before is another desk's, and says so; what was answered is there.
    serving.program.kill();
    let mut serving = Serving::start(&room);
    let team = Team::of(&mut serving);
    let (_, _, page) = team.get(&edition, "bea");
    assert!(
        page.contains("Noor&#39;s") || page.contains("Noor's"),
        "{page}"
    );
    let (status, _) = team.save(&edition, "bea", &opening("After the kill"));
    assert_eq!(status, 200);
    // No other day, and nothing beside an edition.
    for none in [
        "/2020-01-01/",
        "/evening/2020-01-01/",
        "/editions/",
        "/secret.key",
        "/2026-08-24/../secret.key",
    ] {
        assert_eq!(team.get(none, "bea").0, 404, "{none}");
    }
    serving.program.terminate();
    assert_eq!(serving.program.wait().status, Some(0));
    assert!(room.read(&file()).contains("After the kill"));
}

#[test]
fn who_somebody_is_is_believed_from_the_sign_on_only() {
    let room = room().config("desk", TRUSTED);
    room.run(&["draft"]).exits(0);
    let before = room.read(&file());
    let mut serving = Serving::start(&room);
    let team = Team::of(&mut serving);
    let edition = format!("/{TODAY}/");
    let host = format!("Host: {SITE}\r\n");
    let (_, _, page) = team.get(&edition, "bea");
    let token = page
        .split_once("data-token=\"")
        .unwrap()
        .1
        .split('"')
        .next()
        .unwrap();
    let body = json!({"from": 1, "edits": [opening("Stolen")]}).to_string();
    let own = format!("{}Origin: https://{SITE}\r\n", signed_on("bea"));
    for (fields, why) in [
        (host.clone(), "nobody"),
        (format!("{host}X-Forwarded-User:  \r\n"), "an empty name"),
        (
            format!("{}X-Forwarded-User: mallory\r\n", signed_on("bea")),
            "two names",
        ),
        (
            signed_on("bea").replace(SITE, "evil.example"),
            "another host",
        ),
        (
            signed_on("bea").replace(SITE, &team.0.to_string()),
            "the listener's own address",
        ),
    ] {
        let (status, _, _) = team.ask(&format!("GET {edition}"), &fields, "");
        assert_eq!(status, 403, "{why}");
        let fields = format!("{fields}Origin: https://{SITE}\r\nX-Desk: {token}\r\n");
        let (status, _, _) = team.ask(&format!("POST {edition}save"), &fields, &body);
        assert_eq!(status, 403, "{why}");
    }
    for (fields, why) in [
        (
            format!("{}X-Desk: {token}\r\n", signed_on("bea")),
            "no origin",
        ),
        (
            format!("{}Origin: null\r\nX-Desk: {token}\r\n", signed_on("bea")),
            "a page without one",
        ),
        (
            format!(
                "{}Origin: https://evil.example\r\nX-Desk: {token}\r\n",
                signed_on("bea")
            ),
            "another site",
        ),
        (
            format!(
                "{}Origin: http://{SITE}\r\nX-Desk: {token}\r\n",
                signed_on("bea")
            ),
            "another scheme",
        ),
        (own.clone(), "no token"),
        (
            format!("{own}X-Desk: {}\r\n", "0".repeat(32)),
            "another token",
        ),
    ] {
        let (status, _, _) = team.ask(&format!("POST {edition}save"), &fields, &body);
        assert_eq!(status, 403, "{why}");
    }
    serving.program.terminate();
    serving.program.wait();
    // The sign-on is elsewhere: this machine is not believed either.
    let elsewhere = TRUSTED.replace("127.0.0.1\"]", "10.0.0.0/8\"]");
    let config = room.read("newsdigest.toml").replace(TRUSTED, &elsewhere);
    room.file("newsdigest.toml", config);
    let mut serving = Serving::start(&room);
    let team = Team::of(&mut serving);
    for fields in [signed_on("bea"), host] {
        for path in ["/", "/editions", &edition, "/desk.css"] {
            let (status, _, words) = team.ask(&format!("GET {path}"), &fields, "");
            assert_eq!(status, 403);
            assert!(words.contains("trusted_proxies"), "{words}");
        }
    }
    serving.program.terminate();
    serving.program.wait();
    assert_eq!(room.read(&file()), before);
}

#[test]
fn readers_pages_know_nothing_of_the_desk() {
    let room: Newsroom = room().config("desk", TRUSTED);
    room.run(&["draft"]).exits(0);
    let mut serving = Serving::start(&room);
    let team = Team::of(&mut serving);
    assert_eq!(team.get("/editions", "bea").0, 200);
    for path in [
        format!("{TODAY}/"),
        format!("{TODAY}/save"),
        "desk.css".to_owned(),
        "desk/main.js".to_owned(),
        "save".to_owned(),
        "events".to_owned(),
        "state.json".to_owned(),
    ] {
        let fields = "Host: news.harbourtimes.example\r\nX-Forwarded-User: bea\r\n";
        let answer = serving.pages.ask(&format!("GET /{path}"), fields, "");
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
    }
    serving.program.terminate();
    serving.program.wait();
}
