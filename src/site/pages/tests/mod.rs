//! The pages, asked without a socket; and, in `sockets`, the server's patience.

mod archive;
mod hostile;
mod pages;
mod sockets;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request};
use futures_util::FutureExt as _;

use super::desk::Desk;
use super::{Options, Proxies, Visit};
use crate::model::address::{Address, Mailbox};
use crate::model::ask::{Answer, Archived, Ask, Door, Page, Preferences, Standing};
use crate::model::line::Line;
use crate::model::link::Link;
use crate::model::newsletter::{Language, Newsletter};
use crate::model::public::Public;
use crate::model::subscriber::Paused;
use crate::model::token::{Keys, Purpose, Token};
use crate::model::zone::Zone;
use crate::render::Template;

/// What forms send.
const ENCODED: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const HOST: &str = "news.harbour.example";
const LISTENS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// A desk, and everything it asked at a door that has one reader, number 7, and one sign-up, number 3.
pub(super) struct Counter {
    pub(super) desk: Desk,
    asked: Arc<Mutex<Vec<String>>>,
    visits: Arc<Mutex<Vec<Visit>>>,
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
    token("harbour", Purpose::Leave, 7)
}

pub(super) fn lines(words: &[&str]) -> Vec<Line> {
    words.iter().map(|word| Line::clean(word)).collect()
}

pub(super) fn options(language: &str) -> Options {
    let language = Language::parse(language).unwrap();
    let public = Public::parse("https://news.harbour.example/mail/").unwrap();
    Options {
        template: Template::built_in("broadsheet", &language)
            .unwrap()
            .unwrap(),
        newsletter: Newsletter {
            id: "harbour".into(),
            name: Line::clean("Harbour & <Co>"),
            from: Mailbox::parse("The Harbour Times <digest@harbour.example>").unwrap(),
            reply_to: None,
            site: Link::parse("https://harbour.example/").unwrap(),
            address: Line::clean("1 Quay Street, Port Ellery"),
            unsubscribe: None,
            language,
            zone: Zone::bundled("Europe/Lisbon").unwrap(),
            public: Some(public.clone()),
            bounces: None,
            headers: Vec::new(),
            link_query: None,
        },
        public,
        keys: Arc::new(keys()),
        sections: lines(&["News", "City", "Sport"]),
        consent: None,
        proxies: Arc::new(Proxies(Vec::new())),
        now: Arc::new(|| "2026-08-24T06:00:00Z".parse().unwrap()),
        report: Arc::new(|_| {}),
    }
}

fn standing() -> Standing {
    Standing {
        address: Address::parse("ada@example.org").unwrap(),
        subscribed: true,
        preferences: Preferences {
            name: Some(Line::clean("Ada")),
            sections: lines(&["City", "Gone"]),
            paused: Paused::No,
        },
        since: None,
    }
}

pub(super) fn archived(day: &str, subject: &str) -> Archived {
    Archived {
        slug: day.parse().unwrap(),
        subject: Line::clean(subject),
        opening: Line::clean("Also today: \"one\"; two"),
        frozen: format!("{}T06:45:00Z", &day[..10]).parse().unwrap(),
    }
}

fn answer(ask: &Ask) -> Answer {
    match ask {
        Ask::Leave(reader)
        | Ask::Standing(reader)
        | Ask::Prefer(reader, _)
        | Ask::Export(reader)
        | Ask::Erase(reader)
            if reader.number() != 7 =>
        {
            Answer::Unknown
        }
        Ask::Confirm(sign_up) | Ask::SignedUp(sign_up) if sign_up.number() != 3 => Answer::Expired,
        Ask::Standing(_) => Answer::Standing(Box::new(standing())),
        Ask::Confirm(_) => {
            let token = Token {
                purpose: Purpose::Leave,
                number: 7,
                run: 0,
            };
            Answer::Welcome(crate::model::ask::ReaderId::of(&token).unwrap())
        }
        Ask::Export(_) => Answer::Exported("{\"name\":\"Ada\"}".into()),
        Ask::Editions => Answer::Editions(
            [
                archived("2026-08-24b", "Fares & <fish>"),
                archived("2026-08-24", "Seal"),
            ]
            .into(),
        ),
        Ask::Edition(slug) => Answer::Edition(Arc::new(Page {
            html: format!("<!DOCTYPE html><title>{slug}</title>"),
            frozen: "2026-08-24T06:45:00Z".parse().unwrap(),
        })),
        Ask::Numbers => Answer::Numbers(Vec::new()),
        _ => Answer::Done,
    }
}

impl Counter {
    pub(super) fn new() -> Self {
        Self::at(options("en"), answer)
    }

    /// With a door that answers so.
    pub(super) fn at(mut options: Options, answer: fn(&Ask) -> Answer) -> Self {
        let (asked, visits) = (
            Arc::<Mutex<Vec<String>>>::default(),
            Arc::<Mutex<Vec<Visit>>>::default(),
        );
        let (heard, seen) = (Arc::clone(&asked), Arc::clone(&visits));
        let door: Door = Arc::new(move |ask| {
            heard.lock().unwrap().push(format!("{ask:?}"));
            async move { answer(&ask) }.boxed()
        });
        options.report = Arc::new(move |visit| seen.lock().unwrap().push(visit.clone()));
        Self {
            desk: Desk::new(options, door, LISTENS),
            asked,
            visits,
        }
    }

    /// What was asked at the door since this was called last.
    pub(super) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    pub(super) async fn send(
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
        let response = self
            .desk
            .answer(peer, request.body(body.into()).unwrap())
            .await
            .unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Got {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: String::from_utf8(body.into()).unwrap(),
        }
    }

    pub(super) async fn get(&self, path: &str) -> Got {
        self.send(Method::GET, path, &[], "").await
    }

    pub(super) async fn post(&self, path: &str, body: &'static str) -> Got {
        self.send(
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
    let counter = Counter::new();
    let (leave, confirm) = (leave(), token("harbour", Purpose::Confirm, 3));
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
    ];
    for path in paths {
        for method in [
            Method::GET,
            Method::HEAD,
            Method::POST,
            Method::PUT,
            Method::OPTIONS,
        ] {
            let got = counter.send(method.clone(), path, &[], "").await;
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
            assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
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
                    (status == 405 && allow.starts_with("GET, HEAD"))
                        || (status == 404 && !path.contains("leave/c")),
                    "{method} {path}: {status} {allow}"
                );
            }
        }
    }
}

#[tokio::test]
async fn only_its_names_are_answered_to() {
    let counter = Counter::new();
    for (host, status) in [
        (HOST, 200),
        ("127.0.0.1:8080", 200),
        ("localhost:8080", 200),
        ("evil.example", 421),
        ("", 421),
    ] {
        let got = counter.send(Method::GET, "/", &[("host", host)], "").await;
        assert_eq!(got.status, status, "{host}");
    }
}

#[tokio::test]
async fn those_who_watch_ask_the_listener_itself() {
    let counter = Counter::at(options("en"), |ask| match ask {
        Ask::Ready => Answer::Later,
        ask => answer(ask),
    });
    let here = ("host", "127.0.0.1:8080");
    for (path, status) in [
        ("/healthz", 200),
        ("/readyz", 503),
        ("/metrics", 200),
        ("/mail/metrics", 200),
    ] {
        assert_eq!(
            counter.send(Method::GET, path, &[here], "").await.status,
            status,
            "{path}"
        );
        assert_eq!(counter.get(path).await.status, 404, "{path}");
        let forwarded = [here, ("x-forwarded-for", "192.0.2.1")];
        assert_eq!(
            counter.send(Method::GET, path, &forwarded, "").await.status,
            404,
            "{path}"
        );
    }
    let text = counter
        .send(Method::GET, "/metrics", &[here], "")
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
    let counter = Counter::new();
    let token = leave();
    counter.get(&format!("/leave/{token}")).await;
    counter
        .post(&format!("/leave/{token}"), "List-Unsubscribe=One-Click")
        .await;
    counter.post("/", "email=ada%40example.org&name=Ada").await;
    let visits = format!("{:?}", counter.visits.lock().unwrap());
    let metrics = counter
        .send(Method::GET, "/metrics", &[("host", "127.0.0.1:8080")], "")
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
