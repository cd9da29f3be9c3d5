//! Readers' own pages in a browser: every page, also those that answer a form, in every built-in template and four languages, under axe-core
//! and Nu. The server is the real one, with 120 editions in its archive.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use newsdigest::model::token::{Keys, Purpose, Token};
use newsdigest::render::Template;
use rusqlite::Connection;

use crate::chromium::{Chromium, Scheme};
use crate::newsroom::{Newsroom, Running};
use crate::pages::{none, nu};

/// Languages of three scripts and both directions.
const LANGUAGES: [&str; 4] = ["en", "ar", "ru", "ja"];

/// A server that is killed when it is dropped.
struct Served {
    address: SocketAddr,
    /// The token of the first reader, who changes what they get; of the second, who leaves; and of the third, who is erased.
    readers: [String; 3],
    confirm: String,
    _program: Running,
    _room: Newsroom,
}

impl Served {
    fn start(template: &str, tag: &str) -> Self {
        let newsletter = format!(
            r#"id = "harbour"
name = "Harbour in your inbox"
from = "The Harbour Times <digest@harbourtimes.example>"
site = "https://harbourtimes.example/"
address = "1 Quay Street, Port Ellery"
time_zone = "Europe/Lisbon"
language = "{tag}""#
        );
        let room = Newsroom::new()
            .config("newsletter", &newsletter)
            .config("template", &format!("use = \"{template}\""))
            .config(
                "public",
                "url = \"https://news.harbourtimes.example/\"\nlisten = \"127.0.0.1:0\"\nsections = [\"News\", \"City\", \"الثقافة\"]",
            );
        room.secret("secret.key", Keys::file(&[7; 32]));
        room.run(&["send"]).exits(0);
        // As if 120 mornings had gone to the relay.
        let db = Connection::open(room.path("newsdigest.db")).unwrap();
        db.execute_batch(
            "UPDATE run SET outbox = '';
             INSERT INTO run (slug, newsletter, outbox, frozen, key, edition, first_copy, last_copy)
             SELECT date(slug, '-' || i || ' days'), newsletter, outbox, frozen - i * 86400000, key, edition, first_copy, last_copy
             FROM run, (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 119) SELECT i FROM n)",
        )
        .unwrap();
        let mut program = room.spawn(&["serve"]);
        let line = program.says("http://");
        let line = line.trim().trim_start_matches("http://");
        let served = Self {
            address: line.trim_end_matches('/').parse().unwrap(),
            readers: [1, 2, 3].map(|number| token(Purpose::Leave, number)),
            confirm: token(Purpose::Confirm, 1),
            _program: program,
            _room: room,
        };
        served.fetch("POST", "/", "email=new@example.org");
        let preferences = format!("/preferences/{}", served.readers[0]);
        let wanted = "name=Ada&section=City&pause=until&day=2026-09-01";
        served.fetch("POST", &preferences, wanted);
        served
    }

    /// Every page that GET shows.
    fn shown(&self) -> Vec<String> {
        let Self {
            readers: [stay, leave, erase],
            confirm,
            ..
        } = self;
        vec![
            "/".to_owned(),
            format!("/leave/{leave}"),
            format!("/confirm/{confirm}"),
            format!("/preferences/{stay}"),
            format!("/preferences/{erase}/erase"),
            "/editions".to_owned(),
            "/editions?before=2026-08-21".to_owned(),
            "/nothing".to_owned(),
        ]
    }

    /// Every page that a form leads to: where the form is, and what is written into it before its button is pressed.
    fn answered(&self) -> Vec<(String, &'static str)> {
        let Self {
            readers: [stay, leave, erase],
            confirm,
            ..
        } = self;
        vec![
            (
                "/".to_owned(),
                "document.forms[0].noValidate = true; document.querySelector('#email').value = 'ada@раypal.example'",
            ),
            (
                "/".to_owned(),
                "document.forms[0].noValidate = true; document.querySelector('#email').value = 'ada'",
            ),
            (format!("/leave/{leave}"), ""),
            (format!("/confirm/{confirm}"), ""),
            (format!("/preferences/{stay}"), ""),
            (
                format!("/preferences/{stay}"),
                "document.querySelector('[value=until]').checked = true; document.forms[0].noValidate = true; document.querySelector('[type=date]').value = '2026-08-01'",
            ),
            (format!("/preferences/{erase}/erase"), ""),
        ]
    }

    /// The whole page, as it comes.
    fn fetch(&self, method: &str, path: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        stream.write_all((head + body).as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    }
}

fn token(purpose: Purpose, number: u64) -> String {
    let token = Token {
        purpose,
        number,
        run: 0,
    };
    let keys = Keys::parse(&Keys::file(&[7; 32])).unwrap();
    keys.seal("harbour", &token)
}

/// What axe-core also looks at when it is asked to (WCAG 2.2).
pub(crate) const RULES: &str = "{ 'target-size': { enabled: true } }";

#[test]
fn axe_finds_nothing_on_readers_pages() {
    let mut chromium = Chromium::start();
    let mut wrong = Vec::new();
    for (template, tag) in Template::NAMES
        .iter()
        .flat_map(|template| LANGUAGES.map(|tag| (template, tag)))
    {
        let server = Served::start(template, tag);
        let shown = server.shown().into_iter().map(|path| (path, None));
        let pages = shown.chain(
            server
                .answered()
                .into_iter()
                .map(|(path, fill)| (path, Some(fill))),
        );
        for (path, fill) in pages {
            for (scheme, width) in [(Scheme::Light, 320), (Scheme::Dark, 800)] {
                chromium.show(
                    &format!("http://{}{path}", server.address),
                    scheme,
                    width,
                    900,
                );
                if let Some(fill) = fill {
                    chromium.ask(fill);
                    chromium.press("button");
                }
                let place = format!(
                    "{template}-{tag} {path}, {fill:?}, {}, {width}",
                    scheme.name()
                );
                let needed = chromium.ask("document.documentElement.scrollWidth");
                if needed != width {
                    wrong.push(format!("{place}: {needed} pixels wide"));
                }
                wrong.extend(
                    chromium
                        .axe(RULES)
                        .into_iter()
                        .map(|what| format!("{place}: {what}")),
                );
            }
        }
    }
    none(&wrong);
}

#[test]
fn nu_finds_nothing_on_readers_pages() {
    let room = Newsroom::bare();
    let mut files = Vec::new();
    for (template, tag) in Template::NAMES
        .iter()
        .flat_map(|template| LANGUAGES.map(|tag| (template, tag)))
    {
        let server = Served::start(template, tag);
        let shown = server.shown().into_iter().map(|path| ("GET", path, ""));
        let Served {
            readers: [stay, leave, erase],
            confirm,
            ..
        } = &server;
        let answered = [
            ("/".to_owned(), "email=ada@example.org"),
            ("/".to_owned(), "email=ada"),
            (format!("/leave/{leave}"), "List-Unsubscribe=One-Click"),
            (format!("/confirm/{confirm}"), ""),
            (format!("/preferences/{stay}"), "pause=until&day=2026-08-01"),
            (format!("/preferences/{stay}"), "pause=yes"),
            (format!("/preferences/{erase}/erase"), ""),
        ];
        let pages = shown.chain(answered.map(|(path, body)| ("POST", path, body)));
        for (number, (method, path, body)) in pages.enumerate() {
            let name = format!("{template}-{tag}-{number}.html");
            room.file(&name, server.fetch(method, &path, body));
            files.push(room.path(&name).display().to_string());
        }
    }
    let wrong = nu(&files, &room.path(".home"));
    none(&wrong.iter().map(ToString::to_string).collect::<Vec<_>>());
}

/// Pictures for eyes: `cargo test --test real -- --ignored door_pictures`, then look into target/tmp/door.
#[test]
#[ignore = "makes pictures"]
fn door_pictures() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("door");
    std::fs::create_dir_all(&folder).unwrap();
    let mut chromium = Chromium::start();
    for (template, tag, scheme) in [
        ("broadsheet", "en", Scheme::Light),
        ("bulletin", "ar", Scheme::Dark),
    ] {
        let server = Served::start(template, tag);
        for (number, path) in server.shown().iter().enumerate() {
            chromium.show(
                &format!("http://{}{path}", server.address),
                scheme,
                390,
                900,
            );
            chromium.picture(&folder.join(format!("{template}-{tag}-{number}.png")));
        }
    }
}
