//! The room from outside: bytes over a socket to the real server.

pub(super) mod fixture;
mod proof;
mod views;

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use super::guard::Entrance;
use super::presence::Presence;
use super::proof_form::ProofForm;
use super::routes::{DeskState, routes};
use super::server::{Closing, serve};
use super::{DeskOrder, EditionState, OrderDesk, Showing};
use crate::config::Pictures;
use crate::model::problem::Written;
use fixture::{line, showing};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

/// The real server on a free port, and the strings to pull.
struct PreviewServer {
    port: u16,
    showing: watch::Sender<Arc<Showing>>,
    asked: mpsc::Receiver<DeskOrder>,
    stop: oneshot::Sender<()>,
    served: JoinHandle<std::io::Result<()>>,
}

/// Other bytes every time, as a machine gives them.
static RANDOM: AtomicU8 = AtomicU8::new(0);

async fn open(first: Showing) -> PreviewServer {
    open_with(first, || Some([RANDOM.fetch_add(1, Ordering::Relaxed); 16])).await
}

async fn open_with(first: Showing, random: fn() -> Option<[u8; 16]>) -> PreviewServer {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (showing, receiver) = watch::channel(Arc::new(first));
    let (stop, stopped) = oneshot::channel::<()>();
    let (requests, asked) = mpsc::channel(1);
    let closing = Closing::new();
    let state = DeskState {
        showing: receiver,
        form: ProofForm::new(OrderDesk {
            requests,
            random,
            newsletter: None,
        }),
        editor: None,
        presence: Presence::new(),
        is_teams: false,
        open: closing.open(),
    };
    let who = line("");
    let entrance = Entrance::Here { port, who };
    let served = serve(listener, routes(state), entrance, closing, async {
        stopped.await.ok();
    });
    let served = tokio::spawn(served);
    PreviewServer {
        port,
        showing,
        asked,
        stop,
        served,
    }
}

impl PreviewServer {
    async fn connect(&self, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    }

    /// Asks with these headers and reads to the end.
    async fn ask(&self, target: &str, headers: &str) -> String {
        self.send(&format!(
            "GET {target} HTTP/1.1\r\nConnection: close\r\n{headers}\r\n"
        ))
        .await
    }

    async fn send(&self, request: &str) -> String {
        let mut answer = String::new();
        self.connect(request)
            .await
            .read_to_string(&mut answer)
            .await
            .unwrap();
        answer
    }

    async fn get(&self, target: &str) -> String {
        self.ask(target, &format!("Host: 127.0.0.1:{}\r\n", self.port))
            .await
    }
}

/// Reads until `wanted` has come.
async fn until(stream: &mut TcpStream, wanted: &str) -> String {
    let mut seen = Vec::new();
    while !String::from_utf8_lossy(&seen).contains(wanted) {
        assert_ne!(
            stream.read_buf(&mut seen).await.unwrap(),
            0,
            "ended before `{wanted}`"
        );
    }
    String::from_utf8(seen).unwrap()
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap()
}

#[tokio::test]
async fn every_route_answers_safely() {
    let preview = open(showing(7)).await;
    for (target, code, kind, part) in [
        ("/", "200", "text/html", "Ferry fares &amp; a very fat seal"),
        (
            "/?variant=1",
            "200",
            "text/html",
            "<title>Ferry fares · preview",
        ),
        (
            "/?variant=9",
            "200",
            "text/html",
            "Ferry fares &amp; a very fat seal",
        ),
        ("/html", "200", "text/html", "<title>Everyone</title>"),
        (
            "/html?variant=1",
            "200",
            "text/html",
            "<title>News, City</title>",
        ),
        (
            "/html?variant=2",
            "404",
            "text/plain",
            "there is no variant 2, but only 2",
        ),
        (
            "/html?variant=x",
            "404",
            "text/plain",
            "there is no variant",
        ),
        ("/text", "200", "text/plain", "Everyone\n\nFares rise"),
        ("/source", "200", "text/plain", "subject = \"Ferry fares\""),
        (
            "/eml",
            "200",
            "message/rfc822",
            "filename=\"2026-08-24.eml\"",
        ),
        (
            "/eml?variant=1",
            "200",
            "message/rfc822",
            "filename=\"2026-08-24-2.eml\"",
        ),
        ("/web", "200", "text/html", "<title>On the web</title>"),
        ("/state.json", "200", "application/json", "\"version\":7"),
        ("/style.css", "200", "text/css", ":root"),
        ("/inverted.css", "200", "text/css", "hue-rotate"),
        ("/script.js", "200", "text/javascript", "use strict"),
        ("/icon.svg", "200", "image/svg+xml", "<svg"),
        ("/favicon.ico", "404", "text/plain", "there is no such page"),
    ] {
        let answer = preview.get(target).await;
        assert_eq!(status(&answer), code, "{target}");
        for wanted in [
            part,
            &format!("content-type: {kind}"),
            "content-security-policy: ",
            "frame-ancestors 'self'",
            "x-content-type-options: nosniff",
            "referrer-policy: same-origin",
        ] {
            assert!(
                answer.contains(wanted),
                "{target} lacks `{wanted}`:\n{answer}"
            );
        }
    }
}

#[tokio::test]
async fn strangers_are_refused() {
    let preview = open(showing(1)).await;
    let port = preview.port;
    for (target, headers, code) in [
        ("/", format!("Host: localhost:{port}\r\n"), "200"),
        (
            "/",
            format!("Host: [::1]:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"),
            "200",
        ),
        ("/", format!("Host: evil.example:{port}\r\n"), "403"),
        ("/", "Host: 127.0.0.1\r\n".to_owned(), "403"),
        ("/events", format!("Host: evil.example:{port}\r\n"), "403"),
        (
            "/state.json",
            format!("Host: 127.0.0.1:{port}\r\nOrigin: http://evil.example\r\n"),
            "403",
        ),
        (
            "/",
            format!("Host: 127.0.0.1:{port}\r\nOrigin: null\r\n"),
            "403",
        ),
        (
            "/",
            format!("Host: 127.0.0.1:{port}\r\nOrigin: https://127.0.0.1:{port}\r\n"),
            "403",
        ),
        (
            "http://evil.example/",
            format!("Host: 127.0.0.1:{port}\r\n"),
            "403",
        ),
    ] {
        let answer = preview.ask(target, &headers).await;
        assert_eq!(status(&answer), code, "{target} {headers}");
        assert!(answer.contains("content-security-policy: "), "{answer}");
        assert!(code == "200" || !answer.contains("Harbour"), "{answer}");
    }
}

#[tokio::test]
async fn a_hostile_headline_is_only_text() {
    let page = open(showing(1)).await.get("/").await;
    assert!(page.contains("Ferry fares rise &lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(!page.contains("<script>"));
}

#[tokio::test]
async fn problems_are_shown_with_their_caret() {
    let text = "[[top]]\nheadlin = \"Fish\"\n";
    let problem =
        Written::new("editions/2026-08-24.toml", text).problem(8..15, "unknown key `headlin`");
    let mut broken = Showing {
        problems: vec![problem.hint("did you mean `headline`?")],
        ..showing(2)
    };
    let preview = open(broken.clone()).await;
    let page = preview.get("/").await;
    for part in [
        "HTTP/1.1 200 OK",
        "unknown key <code>headlin</code>",
        "editions/2026-08-24.toml:2:1\n  │\n2 │ headlin = &quot;Fish&quot;\n  │ ^^^^^^^",
        "hint: did you mean <code>headline</code>?",
        "Below are the last pages that were good",
        "<body class=\"stale\"",
        "src=\"html?&amp;v=2\"",
    ] {
        assert!(page.contains(part), "no `{part}` in:\n{page}");
    }

    broken.variants.clear();
    broken.source = None;
    preview.showing.send_replace(Arc::new(broken));
    let page = preview.get("/").await;
    assert!(
        page.contains("Nothing can be shown yet")
            && page.contains("^^^^^^^")
            && !page.contains("<iframe"),
        "{page}"
    );
    assert_eq!(status(&preview.get("/html").await), "404");
    assert_eq!(status(&preview.get("/source").await), "404");
}

#[tokio::test]
async fn a_frozen_edition_says_when_its_file_changed() {
    let when = "2026-08-24T07:00:00+01:00".parse().unwrap();
    let frozen = |changed_since| Showing {
        state: EditionState::Frozen {
            when,
            changed_since,
        },
        ..showing(1)
    };
    let preview = open(frozen(false)).await;
    let page = preview.get("/").await;
    assert!(page.contains("24 August 2026, 07:00 +01:00") && !page.contains("has changed since"));
    preview.showing.send_replace(Arc::new(frozen(true)));
    assert!(
        preview
            .get("/")
            .await
            .contains("The edition file has changed since it was frozen.")
    );
}

#[tokio::test]
async fn an_edition_that_is_held_says_so() {
    let mut held = showing(1);
    let preview = open(held.clone()).await;
    assert!(!preview.get("/").await.contains("hold = true"));
    held.state = EditionState::Draft {
        file: line("editions/2026-08-24.toml"),
        held: true,
    };
    preview.showing.send_replace(Arc::new(held));
    let words = "Held</span><code>hold = true</code> is in <code>editions/2026-08-24.toml</code>";
    assert!(preview.get("/").await.contains(words));
}

#[tokio::test]
async fn copies_of_pictures_come_from_the_newsroom() {
    let folder = tempfile::tempdir().unwrap();
    let name = format!("{}.png", "a".repeat(26));
    std::fs::write(folder.path().join(&name), "picture").unwrap();
    std::fs::write(folder.path().join("secret.key"), "1 00").unwrap();
    let mut first = showing(1);
    let url = "https://news.harbour.example/pictures/";
    first.variants[0].html =
        format!("<img src=\"{url}{name}\"><img src=\"https://h.example/a.jpg\">");
    first.pictures = Some(Pictures {
        folder: folder.path().to_owned(),
        url: Some(url.to_owned()),
    });
    let preview = open(first).await;
    let letter = preview.get("/html").await;
    assert!(
        letter.contains(&format!(
            "<img src=\"pictures/{name}\"><img src=\"https://h.example/a.jpg\">"
        )),
        "{letter}"
    );
    let picture = preview.get(&format!("/pictures/{name}")).await;
    assert!(
        picture.contains("content-type: image/png") && picture.ends_with("picture"),
        "{picture}"
    );
    for other in [
        "/pictures/secret.key",
        "/pictures/..%2Fsecret.key",
        "/pictures/bbbbbbbbbbbbbbbbbbbbbbbbbb.jpg",
    ] {
        assert_eq!(status(&preview.get(other).await), "404", "{other}");
    }
}

#[tokio::test]
async fn changes_are_told_and_the_end_too() {
    let preview = open(showing(1)).await;
    let request = format!(
        "GET /events HTTP/1.1\r\nHost: localhost:{}\r\n\r\n",
        preview.port
    );
    let mut events = preview.connect(&request).await;
    assert!(
        until(&mut events, "data: 1\n\n")
            .await
            .contains("content-type: text/event-stream")
    );
    preview.showing.send_replace(Arc::new(Showing {
        audience: Some(line("13 subscribers")),
        ..showing(2)
    }));
    until(&mut events, "data: 2\n\n").await;
    assert!(preview.get("/").await.contains("13 subscribers"));

    preview.stop.send(()).unwrap();
    let mut rest = Vec::new();
    events.read_to_end(&mut rest).await.unwrap();
    preview.served.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_holds_up_no_end() {
    let preview = open(showing(1)).await;
    let _idle = preview.connect("GET / HTTP/1.1\r\n").await;
    preview.stop.send(()).unwrap();
    preview.served.await.unwrap().unwrap();
}
