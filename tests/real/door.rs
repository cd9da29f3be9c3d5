//! Readers' own pages in a browser: every page, also those that answer a form, in every built-in template and four languages, under axe-core
//! and Nu. The server is the program's own; it knows one reader, who may do everything.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use newsdigest::model::address::{Address, Mailbox};
use newsdigest::model::ask::{Answer, Archived, Ask, Door, Page, Preferences, ReaderId, Standing};
use newsdigest::model::line::Line;
use newsdigest::model::link::Link;
use newsdigest::model::newsletter::{Language, Newsletter};
use newsdigest::model::public::Public;
use newsdigest::model::subscriber::Paused;
use newsdigest::model::token::{Keys, Purpose, Token};
use newsdigest::model::zone::Zone;
use newsdigest::render::Template;
use newsdigest::site::pages::{Options, Proxies, serve};

use crate::chromium::{Chromium, Scheme};
use crate::model::pages::{none, nu};
use crate::newsroom::Newsroom;

/// Languages of three scripts and both directions.
const LANGUAGES: [&str; 4] = ["en", "ar", "ru", "ja"];

/// A server that runs until the process ends.
struct Served {
    address: SocketAddr,
    leave: String,
    confirm: String,
}

impl Served {
    fn start(template: &str, tag: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let language = Language::parse(tag).unwrap();
        let public = Public::parse(&format!("http://{address}/")).unwrap();
        let keys = Keys::parse(&Keys::file(&[7; 32])).unwrap();
        let seal = |purpose| keys.seal("harbour", &token(purpose));
        let (leave, confirm) = (seal(Purpose::Leave), seal(Purpose::Confirm));
        let options = Options {
            template: Template::built_in(template, &language).unwrap().unwrap(),
            newsletter: Newsletter {
                id: "harbour".into(),
                name: Line::clean("Harbour in your inbox"),
                from: Mailbox::parse("The Harbour Times <digest@harbour.example>").unwrap(),
                reply_to: None,
                site: Link::parse("https://harbour.example/").unwrap(),
                address: Line::clean("1 Quay Street, Port Ellery"),
                unsubscribe: None,
                language,
                zone: Zone::bundled("Europe/Lisbon").unwrap(),
                public: Some(public.clone()),
                bounces: None,
                link_query: None,
            },
            public,
            keys: Arc::new(keys),
            sections: ["News", "City", "الثقافة"].map(Line::clean).into(),
            consent: None,
            proxies: Arc::new(Proxies(Vec::new())),
            now: Arc::new(|| "2026-08-24T06:00:00Z".parse().unwrap()),
            report: Arc::new(|_| {}),
        };
        let door: Door = Arc::new(|ask| Box::pin(async move { answer(&ask) }));
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                serve(listener, options, door, std::future::pending()).await
            })
        });
        Self {
            address,
            leave,
            confirm,
        }
    }

    /// Every page that GET shows.
    fn shown(&self) -> Vec<String> {
        let Self { leave, confirm, .. } = self;
        vec![
            "/".to_owned(),
            format!("/leave/{leave}"),
            format!("/confirm/{confirm}"),
            format!("/preferences/{leave}"),
            format!("/preferences/{leave}/erase"),
            "/editions".to_owned(),
            "/editions?before=2026-08-21".to_owned(),
            "/nothing".to_owned(),
        ]
    }

    /// Every page that a form leads to: where the form stands, and what is written into it before its button is pressed.
    fn answered(&self) -> Vec<(String, &'static str)> {
        let Self { leave, confirm, .. } = self;
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
            (format!("/preferences/{leave}"), ""),
            (
                format!("/preferences/{leave}"),
                "document.querySelector('[value=until]').checked = true; document.forms[0].noValidate = true; document.querySelector('[type=date]').value = '2026-08-01'",
            ),
            (format!("/preferences/{leave}/erase"), ""),
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

const fn token(purpose: Purpose) -> Token {
    Token {
        purpose,
        number: 7,
        run: 0,
    }
}

fn answer(ask: &Ask) -> Answer {
    match ask {
        Ask::Standing(_) => Answer::Standing(Box::new(Standing {
            address: Address::parse("ada@example.org").unwrap(),
            subscribed: true,
            preferences: Preferences {
                name: Some(Line::clean("Ada")),
                sections: vec![Line::clean("City")],
                paused: Paused::Until("2026-09-01".parse().unwrap()),
            },
            since: None,
        })),
        Ask::Confirm(_) => Answer::Welcome(ReaderId::of(&token(Purpose::Leave)).unwrap()),
        Ask::Editions => {
            let first: chrono::NaiveDate = "2026-05-01".parse().unwrap();
            let edition = |day| Archived {
                slug: (first + chrono::Days::new(day))
                    .to_string()
                    .parse()
                    .unwrap(),
                subject: Line::clean("Ferry fares, the fish market and a very fat seal"),
                opening: Line::clean("Good morning."),
                frozen: "2026-08-24T06:00:00Z".parse().unwrap(),
            };
            Answer::Editions((0..120).rev().map(edition).collect())
        }
        Ask::Edition(_) => Answer::Edition(Arc::new(Page {
            html: "a line of an edition, 32 bytes..".repeat(1_000),
            frozen: "2026-08-24T06:00:00Z".parse().unwrap(),
        })),
        _ => Answer::Done,
    }
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
        let Served { leave, confirm, .. } = &server;
        let answered = [
            ("/".to_owned(), "email=ada@example.org"),
            ("/".to_owned(), "email=ada"),
            (format!("/leave/{leave}"), "List-Unsubscribe=One-Click"),
            (format!("/confirm/{confirm}"), ""),
            (
                format!("/preferences/{leave}"),
                "pause=until&day=2026-08-01",
            ),
            (format!("/preferences/{leave}"), "pause=yes"),
            (format!("/preferences/{leave}/erase"), ""),
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
