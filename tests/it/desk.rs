//! The desk, by plain sockets: what was answered is in the file, and in a version for ever. One file, since all of it speaks through the same
//! socket.

use std::io::Read as _;
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::browser::{answer, becomes, ends, get, listen, open, open_page, send};
use crate::newsroom::{Newsroom, Running, TODAY};

/// A desk that somebody has opened in a browser.
struct Desk {
    running: Running,
    address: String,
    token: String,
}

impl Desk {
    fn open(room: &Newsroom) -> Self {
        let (running, address) = open_page(room, "desk");
        let page = get(&address, "/");
        let token = attribute(&page, "data-token").to_owned();
        assert_eq!(token.len(), 32, "{page}");
        Self {
            running,
            address,
            token,
        }
    }

    /// Sends a save with these header lines; the status and the answer.
    fn post(&self, headers: &str, body: &Value) -> (u16, String) {
        self.post_to("/save", headers, body)
    }

    fn post_to(&self, path: &str, headers: &str, body: &Value) -> (u16, String) {
        let body = body.to_string();
        let request = format!(
            "POST {path} HTTP/1.1\r\n{headers}Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = answer(&self.address, &request);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, body.to_owned())
    }

    /// As the page does it.
    fn save(&self, body: &Value) -> (u16, Value) {
        let Self { address, token, .. } = self;
        let headers = format!("Host: {address}\r\nOrigin: http://{address}\r\nX-Desk: {token}\r\n");
        let (status, answer) = self.post(&headers, body);
        (
            status,
            serde_json::from_str(&answer).unwrap_or_else(|_| panic!("{status} {answer}")),
        )
    }
}

fn attribute<'p>(page: &'p str, name: &str) -> &'p str {
    let (_, rest) = page.split_once(&format!("{name}=\"")).unwrap();
    rest.split('"').next().unwrap()
}

fn file() -> String {
    format!("editions/{TODAY}.toml")
}

fn story(number: usize) -> String {
    format!("https://harbourtimes.example/story-{number}")
}

fn headline(from: u64, list: &str, url: &str, words: &str) -> Value {
    json!({"from": from, "edits": [{"do": "words", "list": list, "url": url, "which": "headline", "words": words}]})
}

/// The lists of the file, each with the addresses of its stories.
fn lists(room: &Newsroom) -> Vec<(String, Vec<String>)> {
    let edition: toml_edit::DocumentMut = room.read(&file()).parse().unwrap();
    let urls = |list: &&str| {
        let tables = edition.get(list).and_then(|list| list.as_array_of_tables());
        let tables = tables.into_iter().flatten();
        tables
            .map(|table| table["url"].as_str().unwrap().to_owned())
            .collect()
    };
    let named = |list: &&str| ((*list).to_owned(), urls(list));
    ["top", "most_read", "latest"].iter().map(named).collect()
}

#[test]
fn the_edition_is_edited_in_the_browser() {
    let room = Newsroom::new();
    room.run(&["draft"]).exits(0);
    let drafted = room.read(&file());
    room.file(
        &file(),
        format!("# Bea: nothing about herring today\n{drafted}"),
    );
    let desk = Desk::open(&room);
    let mut events = listen(&desk.address);
    let page = get(&desk.address, "/");
    assert_eq!(attribute(&page, "data-edition"), "2");
    let all = lists(&room);
    let (list, urls) = &all[0];
    let library = &all[2].1[0];
    // A headline, its place, another story out.
    let (status, answer) = desk.save(&json!({"from": 2, "edits": [
        {"do": "words", "list": list, "url": urls[1], "which": "headline", "words": "The <b>seal</b>, & its \"weight\""},
        {"do": "move", "list": list, "url": urls[1], "to": list, "after": null},
        {"do": "take_out", "list": "latest", "url": library},
    ]}));
    assert_eq!(
        (status, answer),
        (200, json!({"before": 2, "version": 3, "clashes": []}))
    );
    becomes(
        &mut events,
        &desk.address,
        "The &lt;b&gt;seal&lt;/b&gt;, &amp; its &quot;weight&quot;",
    );
    let page = get(&desk.address, "/");
    let dropped = page.matches("data-dropped=\"true\"").count();
    assert_eq!(dropped, 1, "it is not offered again by itself");
    let now = room.read(&file());
    assert!(
        now.starts_with("# Bea: nothing about herring today\n# drafted"),
        "{now}"
    );
    assert!(now.contains(&format!("drop = [\"{library}\"]")), "{now}");
    assert_eq!(lists(&room)[0].1[0], urls[1]);
    // Put in again, with what the source says of it.
    let (status, answer) = desk.save(&json!({"from": 3, "edits": [{"do": "put_in", "list": list, "url": library, "after": null}]}));
    assert_eq!((status, &answer["version"]), (200, &json!(4)));
    assert_eq!(&lists(&room)[0].1[0], library);
    assert!(
        room.read(&file()).contains("# drop = "),
        "nobody is dropped any more"
    );
    // The way back of the first save leaves what came after it.
    let (status, answer) = desk.save(&json!({"undo": {"of": 3, "to": 2}}));
    assert_eq!((status, &answer["version"]), (200, &json!(5)), "{answer}");
    let back = lists(&room).remove(0).1;
    let (put_in, rest): (Vec<_>, Vec<_>) = back.into_iter().partition(|url| url == library);
    assert_eq!((put_in.len(), &rest), (1, urls));
    assert_eq!(
        answer["clashes"][0]["theirs"],
        json!("top 1"),
        "it was put in elsewhere"
    );
    let log = room.run(&["edition", "log"]).exits(0).stdout.clone();
    assert!(
        log.lines().nth(2).unwrap().contains("edited at the desk"),
        "{log}"
    );
    ends(desk.running);
}

#[test]
fn two_desks_and_a_text_editor_edit_one_file() {
    let room = Newsroom::new();
    room.run(&["draft"]).exits(0);
    let desk = Desk::open(&room);
    let (list, urls) = lists(&room).remove(0);
    let from = attribute(&get(&desk.address, "/"), "data-edition")
        .parse()
        .unwrap();
    // The text editor saves while both desks have the page of before.
    let text = room.read(&file());
    room.file(
        &file(),
        text.replacen("subject = ", "subject = \"By hand\" # vim\n# subject = ", 1),
    );
    let (status, noor) = desk.save(&headline(from, &list, &urls[0], "Noor's"));
    assert_eq!((status, &noor["clashes"]), (200, &json!([])));
    let (status, bea) = desk.save(&headline(from, &list, &urls[1], "Bea's other"));
    assert_eq!((status, &bea["clashes"]), (200, &json!([])));
    let before = room.read(&file());
    let (status, bea) = desk.save(&headline(from, &list, &urls[0], "Bea's"));
    assert_eq!(status, 200);
    let clash = &bea["clashes"][0];
    assert_eq!(
        (
            &clash["field"],
            &clash["mine"],
            &clash["theirs"],
            &clash["edit"]
        ),
        (
            &json!("headline"),
            &json!("Bea's"),
            &json!("Noor's"),
            &json!(0)
        )
    );
    let now = room.read(&file());
    assert_eq!(now, before, "no side is preferred");
    for words in ["subject = \"By hand\" # vim", "Noor's", "Bea's other"] {
        assert!(now.contains(words), "no `{words}` in:\n{now}");
    }
    // Whoever insists says what they saw.
    let (_, bea) = desk.save(&headline(
        bea["version"].as_u64().unwrap(),
        &list,
        &urls[0],
        "Bea's",
    ));
    assert_eq!(bea["clashes"], json!([]));
    assert!(room.read(&file()).contains("\"Bea's\""));
    ends(desk.running);
}

#[test]
fn nobody_else_edits() {
    let room = Newsroom::new();
    room.run(&["draft"]).exits(0);
    let before = room.read(&file());
    let desk = Desk::open(&room);
    let Desk { address, token, .. } = &desk;
    let save = headline(1, "top", &story(1), "Stolen");
    let foreign = [
        format!("Host: {address}\r\nX-Desk: {token}\r\n"),
        format!("Host: {address}\r\nOrigin: null\r\nX-Desk: {token}\r\n"),
        format!("Host: {address}\r\nOrigin: https://evil.example\r\nX-Desk: {token}\r\n"),
        format!("Host: desk.evil.example\r\nOrigin: http://{address}\r\nX-Desk: {token}\r\n"),
        format!("Host: {address}\r\nOrigin: http://{address}\r\n"),
        format!("Host: {address}\r\nOrigin: http://{address}\r\nX-Desk: \r\n"),
        format!(
            "Host: {address}\r\nOrigin: http://{address}\r\nX-Desk: {}\r\n",
            token.replace(|_| true, "0")
        ),
    ];
    for headers in foreign {
        assert_eq!(desk.post(&headers, &save).0, 403, "{headers}");
    }
    let page = get(address, "/");
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' http: https:; connect-src 'self'; frame-src 'self'; \
                  form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    assert!(
        page.to_lowercase()
            .contains(&format!("content-security-policy: {policy}")),
        "{page}"
    );
    // What is no edit changes nothing either.
    for body in [
        json!([]),
        json!({"from": 1, "edits": [{"do": "burn"}]}),
        json!({"from": 99, "edits": []}),
        json!({"from": 1, "edits": [{"do": "picture", "list": "top", "url": story(1), "picture": "https://evil.example/pixel.gif"}]}),
        json!({"from": 1, "edits": [{"do": "put_in", "list": "top", "url": "https://evil.example/", "after": null}]}),
    ] {
        let (status, answer) = desk.save(&body);
        assert_eq!(status, 422, "{body} {answer}");
    }
    ends(desk.running);
    let (running, address) = open(&room);
    let desk = Desk {
        running,
        address,
        token: String::new(),
    };
    let headers = format!(
        "Host: {0}\r\nOrigin: http://{0}\r\nX-Desk: \r\n",
        desk.address
    );
    assert_eq!(desk.post(&headers, &save).0, 404, "the preview only shows");
    ends(desk.running);
    assert_eq!(room.read(&file()), before);
}

/// An older program made no ledger when it drafted.
#[test]
fn an_edition_without_a_ledger_is_edited() {
    let room = Newsroom::new();
    let url = story(1);
    room.file(
        &file(),
        format!("[[top]]\nheadline = \"Old\" # as it was\nurl = \"{url}\"\n"),
    );
    let desk = Desk::open(&room);
    let (status, answer) = desk.save(&headline(1, "top", &url, "New"));
    assert_eq!((status, &answer["version"]), (200, &json!(2)), "{answer}");
    assert!(
        room.read(&file())
            .contains("headline = \"New\" # as it was")
    );
    let (status, _) = desk.save(&headline(0, "top", &url, "On nothing"));
    assert_eq!(
        status, 503,
        "it is asked again with the version that is known by then"
    );
    ends(desk.running);
}

#[test]
fn who_else_is_here_is_said() {
    let room = Newsroom::new();
    room.run(&["draft"]).exits(0);
    let desk = Desk::open(&room);
    let Desk { address, token, .. } = &desk;
    // Both have the name of whoever runs the test.
    let page = get(address, "/");
    let who = format!("\"who\":\"{}\",", attribute(&page, "data-who"));
    let mut bea = listen_as(address, "bea");
    let mut read = String::new();
    let mut until = |words: &str| {
        let mut some = [0; 1024];
        while !read.replace(&who, "").contains(words) {
            let count = bea.read(&mut some).unwrap();
            read.push_str(&String::from_utf8_lossy(&some[..count]));
        }
        read.clear();
    };
    until("[{\"tab\":\"bea\",\"at\":\"\"}]");
    let noor = listen_as(address, "noor");
    until("{\"tab\":\"noor\",\"at\":\"\"}]");
    let at = json!({"tab": "noor", "at": "subject"});
    let headers = format!("Host: {address}\r\nOrigin: http://{address}\r\nX-Desk: {token}\r\n");
    assert_eq!(desk.post_to("/here", &headers, &at).0, 204);
    until("{\"tab\":\"noor\",\"at\":\"subject\"}]");
    let foreign = format!("Host: {address}\r\nOrigin: https://evil.example\r\nX-Desk: {token}\r\n");
    assert_eq!(desk.post_to("/here", &foreign, &at).0, 403);
    drop(noor);
    until("[{\"tab\":\"bea\",\"at\":\"\"}]");
    ends(desk.running);
}

fn listen_as(address: &str, tab: &str) -> TcpStream {
    let request = format!("GET /events?tab={tab} HTTP/1.1\r\nHost: {address}\r\n\r\n");
    send(address, &request)
}

#[test]
fn a_frozen_edition_is_not_edited() {
    let post = crate::postoffice::PostOffice::open();
    let room = Newsroom::new().relay(post.port(), 1);
    room.run(&["send"]).exits(0);
    let desk = Desk::open(&room);
    let page = get(&desk.address, "/");
    assert!(page.contains("What readers get is what you see"), "{page}");
    let (status, answer) = desk.save(&headline(1, "top", &story(1), "Too late"));
    assert_eq!(
        (
            status,
            answer["problem"].as_str().unwrap().contains("frozen")
        ),
        (409, true)
    );
    ends(desk.running);
}

/// Three edit one file at once, one of them by writing it, and the desk is killed again and again: the file is always an edition, and what was
/// answered is in the version that was named. How many edits: `NEWSDIGEST_EDITS`.
#[test]
#[expect(clippy::disallowed_methods, reason = "a knob of the test itself")]
fn no_edit_is_lost() {
    let count: u64 = std::env::var("NEWSDIGEST_EDITS").map_or(300, |count| count.parse().unwrap());
    let room = Newsroom::new();
    room.run(&["draft"]).exits(0);
    let mut desk = Desk::open(&room);
    let mut chance = 17_u64;
    let mut random = |below: usize| {
        chance = chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(chance >> 33).unwrap() % below
    };
    // The version that each of the two desks saw last.
    let mut seen = [1, 1];
    let mut answered: Vec<(u64, String)> = Vec::new();
    let mut by_hand = Vec::new();
    let mut clashes = 0;
    for number in 0..count {
        if random(40) == 0 {
            desk.running.kill();
            desk = Desk::open(&room);
        }
        let words = format!("Words number {number}.");
        let all = lists(&room);
        let (list, urls) = &all[random(all.len())];
        if urls.is_empty() {
            continue;
        }
        let url = &urls[random(urls.len())];
        let editor = random(3);
        if editor == 2 {
            let text = room.read(&file());
            let subject = format!("subject = \"{words}\"");
            let changed: Vec<&str> = text
                .lines()
                .map(|line| {
                    if line.starts_with("subject = ") {
                        &subject
                    } else {
                        line
                    }
                })
                .collect();
            room.file(&file(), changed.join("\n") + "\n");
            by_hand.push(words);
            continue;
        }
        let which = ["headline", "dek", "byline"][random(3)];
        let edit = match random(4) {
            0 => {
                json!({"do": "move", "list": list, "url": url, "to": list, "after": urls[random(urls.len())]})
            }
            1 => json!({"do": "opening", "words": words}),
            _ => {
                json!({"do": "words", "list": list, "url": url, "which": which, "words": words})
            }
        };
        let (status, answer) = desk.save(&json!({"from": seen[editor], "edits": [edit]}));
        if status == 422 && edit["do"] == "move" {
            continue; // behind itself
        }
        assert_eq!(status, 200, "{edit} {answer}");
        let version = answer["version"].as_u64().unwrap();
        if answer["clashes"] == json!([]) {
            if edit["do"] != "move" {
                answered.push((version, words));
            }
        } else {
            clashes += 1;
        }
        // One looks at every answer, the other now and then.
        if editor == 0 || random(5) == 0 {
            seen[editor] = version;
        }
    }
    ends(desk.running);
    for (version, words) in &answered {
        let text = room
            .run(&["edition", "show", TODAY, &version.to_string()])
            .exits(0)
            .stdout
            .clone();
        assert!(
            text.contains(words.as_str()),
            "version {version} has lost `{words}`:\n{text}"
        );
    }
    let log = room
        .run(&["edition", "log", "--json"])
        .exits(0)
        .stdout
        .clone();
    let log: Value = serde_json::from_str(&log).unwrap();
    let newest = log["versions"].as_array().unwrap().len();
    let every = (1..=newest).map(|version| {
        room.run(&["edition", "show", TODAY, &version.to_string()])
            .exits(0)
            .stdout
            .clone()
    });
    let every: Vec<String> = every.collect();
    // Of two saves by hand in a row, with nobody looking in between, the first was never seen.
    let known = by_hand
        .iter()
        .filter(|words| every.iter().any(|text| text.contains(words.as_str())));
    assert!(known.count() * 2 > by_hand.len());
    assert!(
        answered.len() as u64 > count / 4 && clashes > 0,
        "{} {clashes}",
        answered.len()
    );
    room.run(&["preview", "--out", "out"]).exits(0);
}
