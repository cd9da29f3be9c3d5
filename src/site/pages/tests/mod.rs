//! The pages, asked without a socket, before the real service and a ledger in a folder of its own; and, in `sockets`, the server's patience.

mod archive;
mod hostile;
mod pages;
mod question;
mod sockets;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request};

use super::meters::Visit;
use super::router::Site;
use super::state::SiteState;
use crate::config::{self, Surroundings};
use crate::ledger::{Change, Ledger};
use crate::model::address::Address;
use crate::model::subscriber::Suppression;
use crate::model::token::{Keys, Purpose, Token};
use crate::site::service::Service;

/// What forms send.
const ENCODED: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const HOST: &str = "news.harbour.example";
const LISTENS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

const CONFIG: &str = r#"[newsletter]
name = "Harbour & <Co>"
id = "harbour"
from = "The Harbour Times <digest@harbour.example>"
site = "https://harbour.example/"
address = "1 Quay Street, Port Ellery"
time_zone = "Europe/Lisbon"
language = "en"

[[source]]
feed = "h.xml"

[public]
url = "https://news.harbour.example/mail/"
sections = ["News", "City", "Sport"]
keep_client = true
"#;

const SUBSCRIBERS: &str = "[[subscriber]]\nemail = \"ada@example.org\"\nname = \"Ada\"\nsections = [\"City\", \"Gone\"]\n";

/// A newsroom's site. Reader 1, `ada@example.org`, is in its subscribers file.
pub(super) struct Newsroom {
    pub(super) service: Arc<Service>,
    pub(super) site: Site,
    /// A second hold on the ledger, to look into it and to break it.
    pub(super) ledger: Ledger,
    visits: Arc<Mutex<Vec<Visit>>>,
    _folder: tempfile::TempDir,
}

#[derive(Debug)]
pub(super) struct Got {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

fn keys() -> Keys {
    Keys::parse(&format!("1 {}", "ab".repeat(32))).unwrap()
}

/// The text of a token of that newsletter.
pub(super) fn token(newsletter: &str, purpose: Purpose, number: u64) -> String {
    keys().seal(
        newsletter,
        &Token {
            purpose,
            number,
            run: 0,
        },
    )
}

pub(super) fn leave() -> String {
    token("harbour", Purpose::Leave, 1)
}

/// The token of the first sign-up.
pub(super) fn confirm() -> String {
    token("harbour", Purpose::Confirm, 1)
}

/// While it lives a paused clock moves only when a test says so, not whenever the runtime waits for the ledger's thread.
pub(super) struct StoppedClock(
    #[expect(dead_code, reason = "dropped")] std::sync::mpsc::Sender<()>,
);

impl StoppedClock {
    pub(super) fn new() -> Self {
        let (held, released) = std::sync::mpsc::channel::<()>();
        tokio::task::spawn_blocking(move || _ = released.recv());
        Self(held)
    }
}

impl Newsroom {
    pub(super) fn new() -> Self {
        Self::with(CONFIG)
    }

    pub(super) fn with(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("newsdigest.toml");
        std::fs::write(&file, config).unwrap();
        std::fs::write(folder.path().join("subscribers.toml"), SUBSCRIBERS).unwrap();
        let surroundings = Surroundings {
            environment: &|_| None,
            zoneinfo: Path::new("/nonexistent"),
        };
        let newsroom = config::Newsroom::read(&file, &surroundings).ok().unwrap();
        let config = &newsroom.newsletters[0];
        let mut ledger = Ledger::open(&config.ledger).unwrap();
        let ada = [Address::parse("ada@example.org").unwrap()];
        let now = "2026-08-24T06:00:00Z".parse().unwrap();
        ledger.suppress(&ada, Suppression::ByHand, now).unwrap();
        ledger.unsuppress(&ada).unwrap();
        let opened = Service::open(
            &newsroom,
            config,
            &Arc::new(keys()),
            &(Arc::new(move || now) as crate::model::zone::Clock),
            Box::new(|| Err(Vec::new())),
            Box::new(|_| {}),
        );
        let (service, _) = opened.unwrap();
        let visits = Arc::<Mutex<Vec<Visit>>>::default();
        let seen = Arc::clone(&visits);
        let report = Box::new(move |visit: &Visit| seen.lock().unwrap().push(visit.clone()));
        Self {
            site: Site::new(SiteState::new(Arc::clone(&service)), LISTENS, report),
            service,
            ledger,
            visits,
            _folder: folder,
        }
    }

    /// With an edition of that day that was really sent.
    pub(super) fn sent(mut self, day: &str, subject: &str) -> Self {
        self.send(day, subject);
        self
    }

    /// No question about readers or editions is answered from here on.
    pub(super) fn break_ledger(&self) {
        self.ledger.execute(
            "ALTER TABLE reader RENAME TO a; ALTER TABLE sign_up RENAME TO b; ALTER TABLE run RENAME TO c; ALTER TABLE salt RENAME TO d",
        );
    }

    /// How often the service was asked that.
    pub(super) fn asked(&self, what: &str) -> u64 {
        let text = self.site.pages.meters.text(0, &[]);
        let label = format!("newsdigest_asks_total{{ask=\"{what}");
        let counts = text.lines().filter(|line| line.starts_with(&label));
        counts
            .map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap())
            .sum()
    }

    /// How many are on the suppression list.
    pub(super) fn left(&self) -> usize {
        self.ledger.suppressed().unwrap().rows.len()
    }

    /// What belongs into the subscribers file.
    pub(super) fn changes(&self) -> Vec<Change> {
        self.ledger.changes().unwrap().readable
    }

    pub(super) async fn request(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Got {
        let mut request = Request::builder().method(method).uri(path);
        if headers.iter().all(|(name, _)| *name != "host") {
            request = request.header("host", HOST);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let peer = if headers.iter().any(|(name, _)| *name == "x-peer-elsewhere") {
            "198.51.100.7".parse().unwrap()
        } else {
            LISTENS.ip()
        };
        let request = request.body(body.into()).unwrap();
        let response = self.site.answer(peer, request).await;
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Got {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: String::from_utf8(body.into()).unwrap(),
        }
    }

    pub(super) async fn get(&self, path: &str) -> Got {
        self.request(Method::GET, path, &[], "").await
    }

    pub(super) async fn post(&self, path: &str, body: &'static str) -> Got {
        self.request(
            Method::POST,
            path,
            &[("content-type", "application/x-www-form-urlencoded")],
            body,
        )
        .await
    }
}

#[tokio::test]
async fn whatever_is_answered_is_safe() {
    let room = Newsroom::new().sent("2026-08-24", "Seal");
    let (leave, confirm) = (leave(), confirm());
    let paths = [
        "/",
        "/nothing",
        "/editions",
        "/editions/2026-08-24",
        "/editions.atom",
        "/style.css",
        "/favicon.ico",
        &format!("/leave/{leave}"),
        &format!("/confirm/{confirm}"),
        &format!("/preferences/{leave}"),
        &format!("/preferences/{leave}/data"),
        &format!("/preferences/{leave}/erase"),
        "/leave/forged",
        "/answer/2026-08-24/1",
    ];
    for path in paths {
        for method in [
            Method::GET,
            Method::HEAD,
            Method::POST,
            Method::PUT,
            Method::OPTIONS,
        ] {
            let got = room.request(method.clone(), path, &[], "").await;
            let header = |name: &str| {
                got.headers
                    .get(name)
                    .map_or("", |value| value.to_str().unwrap())
            };
            assert!(
                header("content-security-policy").starts_with("default-src 'none';"),
                "{path}"
            );
            assert!(
                header("content-security-policy").ends_with("frame-ancestors 'none'"),
                "{path}"
            );
            assert!(
                !header("content-security-policy").contains("script"),
                "{path}"
            );
            // A form that asks no token says whose page it is on; there is nothing in its address to be told.
            let asks = path.starts_with("/answer/") && method != Method::POST;
            let has_form = path == "/" || asks;
            let has_form = has_form && [200, 422].contains(&got.status);
            let referrer = if has_form {
                "same-origin"
            } else {
                "no-referrer"
            };
            assert_eq!(header("referrer-policy"), referrer, "{path}");
            assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(
                header("cross-origin-opener-policy"),
                "same-origin",
                "{path}"
            );
            assert_eq!(
                header("cross-origin-resource-policy"),
                "same-origin",
                "{path}"
            );
            assert!(
                !got.headers.contains_key("set-cookie") && !got.headers.contains_key("location"),
                "{path}"
            );
            assert_eq!(
                header("cache-control") == "no-store",
                !path.contains("edition") && path != "/style.css" || got.status > 304,
                "{path}"
            );
            assert!(!got.body.contains("<script"), "{path}");
            if method == Method::PUT || method == Method::OPTIONS {
                let (status, allow) = (got.status, header("allow"));
                assert!(
                    (status == 405 && allow.starts_with("GET,HEAD"))
                        || (status == 404 && !path.contains("leave/c")),
                    "{method} {path}: {status} {allow}"
                );
            }
        }
    }
}

#[tokio::test]
async fn only_its_names_are_answered_to() {
    let room = Newsroom::new();
    for (host, status) in [
        (HOST, 200),
        ("127.0.0.1:8080", 200),
        ("localhost:8080", 200),
        ("evil.example", 421),
        ("", 421),
    ] {
        let got = room.request(Method::GET, "/", &[("host", host)], "").await;
        assert_eq!(got.status, status, "{host}");
    }
}

#[tokio::test]
async fn those_who_watch_ask_the_listener_itself() {
    let room = Newsroom::new();
    room.break_ledger();
    let here = ("host", "127.0.0.1:8080");
    for (path, status) in [
        ("/healthz", 200),
        ("/readyz", 503),
        ("/metrics", 200),
        ("/mail/metrics", 200),
    ] {
        assert_eq!(
            room.request(Method::GET, path, &[here], "").await.status,
            status,
            "{path}"
        );
        assert_eq!(room.get(path).await.status, 404, "{path}");
        for field in [
            "x-forwarded-for",
            "forwarded",
            "x-forwarded-proto",
            "x-real-ip",
            "via",
        ] {
            let forwarded = [here, (field, "192.0.2.1")];
            assert_eq!(
                room.request(Method::GET, path, &forwarded, "").await.status,
                404,
                "{path} {field}"
            );
        }
    }
    let text = room
        .request(Method::GET, "/metrics", &[here], "")
        .await
        .body;
    assert!(
        text.contains("newsdigest_requests_total{page=\"readyz\",status=\"503\"} 1\n"),
        "{text}"
    );
    assert!(
        text.contains("newsdigest_asks_total{ask=\"ready\",result=\"later\"} 1\n"),
        "{text}"
    );
}

#[tokio::test]
async fn neither_reports_nor_counters_say_who_it_was() {
    let room = Newsroom::new();
    let token = leave();
    room.get(&format!("/leave/{token}")).await;
    room.post(&format!("/leave/{token}"), "List-Unsubscribe=One-Click")
        .await;
    room.post("/", "email=ada%40example.org&name=Ada").await;
    let visits = format!("{:?}", room.visits.lock().unwrap());
    let metrics = room
        .request(Method::GET, "/metrics", &[("host", "127.0.0.1:8080")], "")
        .await
        .body;
    assert!(
        metrics.contains("page=\"leave\",status=\"200\"} 2")
            && visits.contains("page: \"leave\", is_post: true, status: 200")
    );
    for secret in [&token[..8], "example.org", "Ada"] {
        assert!(
            !visits.contains(secret) && !metrics.contains(secret),
            "{secret}"
        );
    }
}
