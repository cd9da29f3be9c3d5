//! The server itself, over sockets. Time is paused: when nobody moves, it jumps to the end of whatever is waited for.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::super::serve;
use super::*;
use crate::model::stop::{Stop, Stopper};

struct Served {
    address: SocketAddr,
    stopper: Stopper,
    done: JoinHandle<std::io::Result<()>>,
    room: Newsroom,
}

async fn served() -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stopper, stop) = Stop::new();
    let room = Newsroom::new();
    let service = Arc::clone(&room.service);
    let done = tokio::spawn(async move { serve(listener, service, Box::new(|_| {}), &stop).await });
    Served {
        address,
        stopper,
        done,
        room,
    }
}

impl Served {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends this and reads until the server hangs up.
    async fn exchange(&self, text: &str) -> String {
        let mut stream = self.connect().await;
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // It may hang up before it has read all.
        _ = stream.read_to_end(&mut answer).await;
        String::from_utf8(answer).unwrap()
    }
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\n")
}

#[tokio::test(start_paused = true)]
async fn requests_follow_one_another_and_head_has_no_body() {
    let server = served().await;
    let text = format!(
        "{}\r\nHEAD / HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n",
        get("/style.css")
    );
    let answer = server.exchange(&text).await;
    let (first, second) = answer.rsplit_once("HTTP/1.1 200 OK").unwrap();
    assert!(first.starts_with("HTTP/1.1 200 OK") && first.contains(".masthead{"));
    let (head, body) = second.split_once("\r\n\r\n").unwrap();
    assert!(
        head.contains("content-length: ") && body.is_empty(),
        "{second}"
    );
}

#[tokio::test(start_paused = true)]
async fn slow_heads_are_cut_off() {
    let server = served().await;
    for start in ["", "GET / HT", &get("/")] {
        let began = Instant::now();
        let answer = server.exchange(start).await;
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 408"),
            "{answer}"
        );
        assert!(
            began.elapsed() <= Duration::from_secs(11),
            "{:?}",
            began.elapsed()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_ends_too() {
    let server = served().await;
    let began = Instant::now();
    let answer = server.exchange(&format!("{}\r\n", get("/"))).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"));
    assert!(
        began.elapsed() <= Duration::from_secs(71),
        "{:?}",
        began.elapsed()
    );
}

/// As `nc` does, and programs that speak HTTP/1.0.
#[tokio::test]
async fn who_closes_their_side_after_asking_is_answered() {
    let server = served().await;
    let mut stream = server.connect().await;
    let head = format!("{}\r\n", get("/"));
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn slow_bodies_are_cut_off() {
    let server = served().await;
    let path = format!("/leave/{}", leave());
    let answer = server
        .exchange(&format!(
            "POST {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 26\r\n\r\nList-Unsub"
        ))
        .await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn a_head_has_its_limits() {
    let server = served().await;
    let field = |length: usize| format!("{}X: {}\r\n\r\n", get("/"), "a".repeat(length));
    assert!(
        server
            .exchange(&field(20_000))
            .await
            .starts_with("HTTP/1.1 431")
    );
    let many = format!("{}{}\r\n", get("/"), "X: y\r\n".repeat(100));
    assert!(server.exchange(&many).await.starts_with("HTTP/1.1 431"));
    // Only HTTP/1.1 is spoken here.
    assert_eq!(
        server.exchange("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await,
        ""
    );
    assert!(
        server
            .exchange("\u{0}\u{1}\r\n\r\n")
            .await
            .starts_with("HTTP/1.1 400")
    );
}

#[tokio::test(start_paused = true)]
async fn the_end_waits_for_what_was_asked() {
    let _stopped = StoppedClock::new();
    let server = served().await;
    let mut stream = server.connect().await;
    let body = "List-Unsubscribe=One-Click";
    let head = format!(
        "POST /leave/{} HTTP/1.1\r\nHost: {HOST}\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        leave(),
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // The page has the request, and wants its body.
    let go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    let mut said = vec![0; go_on.len()];
    stream.read_exact(&mut said).await.unwrap();
    assert_eq!(said, go_on.as_bytes());
    server.stopper.ask();
    // Nobody new is let in from here on.
    while TcpStream::connect(server.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    stream.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    server.done.await.unwrap().unwrap();
    assert_eq!(server.room.left(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_end_does_not_wait_for_idlers() {
    let server = served().await;
    let _idle = server.connect().await;
    let mut half = server.connect().await;
    half.write_all(b"GET / HT").await.unwrap();
    let began = Instant::now();
    server.stopper.ask();
    server.done.await.unwrap().unwrap();
    assert!(began.elapsed() <= Duration::from_secs(11));
}
