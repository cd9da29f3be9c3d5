//! `serve`, asked over plain sockets: what a reader was answered is true from then on, whatever happens next.

mod kept;
mod logs;
mod pages;
mod watched;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use newsdigest::model::token::{Keys, Purpose, Token};

use crate::newsroom::{Newsroom, PATIENCE, Running};

/// One who unsubscribes with a click of her mail program (RFC 8058 section 3.2).
pub(super) const ONE_CLICK: &str = "List-Unsubscribe=One-Click";

/// A newsroom with readers' pages, on any free port.
pub(crate) fn room() -> Newsroom {
    let room = Newsroom::new().config(
        "public",
        "url = \"https://news.harbourtimes.example/\"\nlisten = \"127.0.0.1:0\"\nsections = [\"News\", \"City\", \"Sport\"]",
    );
    room.secret("secret.key", Keys::file(&[7; 32]));
    room
}

/// The token of a reader's links.
pub(super) fn token(purpose: Purpose, number: u64) -> String {
    let keys = Keys::parse(&Keys::file(&[7; 32])).unwrap();
    let token = Token {
        purpose,
        number,
        run: 0,
    };
    keys.seal("harbour", &token)
}

/// A `serve` that answers. Dropped, it is killed.
pub(crate) struct Serving {
    pub(crate) program: Running,
    pub(crate) pages: Pages,
}

/// Its pages.
#[derive(Clone, Copy)]
pub(crate) struct Pages(SocketAddr);

impl Serving {
    pub(crate) fn start(room: &Newsroom) -> Self {
        Self::start_as(room, &["serve"])
    }

    pub(super) fn start_as(room: &Newsroom, arguments: &[&str]) -> Self {
        let mut program = room.spawn(arguments);
        let line = program.says("http://");
        let address = line
            .trim()
            .trim_start_matches("http://")
            .trim_end_matches('/');
        let pages = Pages(address.parse().unwrap());
        Self { program, pages }
    }
}

impl Pages {
    /// The whole answer to a request; `fields` are ended by CRLF, each.
    pub(super) fn ask(self, line: &str, fields: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(self.0).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let request = format!(
            "{line} HTTP/1.1\r\n{fields}Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// The page at a path, and the status it came with.
    pub(super) fn get(self, path: &str) -> (u16, String) {
        parts(&self.ask(&format!("GET /{path}"), HOST, ""))
    }

    /// A page for those who run the program.
    pub(super) fn watch(self, path: &str) -> (u16, String) {
        let host = format!("Host: {}\r\n", self.0);
        parts(&self.ask(&format!("GET /{path}"), &host, ""))
    }

    pub(crate) fn post(self, path: &str, form: &str) -> (u16, String) {
        let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
        parts(&self.ask(&format!("POST /{path}"), &format!("{HOST}{kind}"), form))
    }

    pub(super) fn leave(self, reader: u64) -> u16 {
        let path = format!("leave/{}", token(Purpose::Leave, reader));
        self.post(&path, ONE_CLICK).0
    }
}

/// What a browser says it wants.
pub(super) const HOST: &str = "Host: news.harbourtimes.example\r\n";

fn parts(answer: &str) -> (u16, String) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}

/// Waits until a file says those words, and gives its text.
#[track_caller]
pub(super) fn until_says(room: &Newsroom, file: &str, words: &str) -> String {
    let end = Instant::now() + PATIENCE;
    loop {
        let text = std::fs::read_to_string(room.path(file)).unwrap_or_default();
        if text.contains(words) {
            return text;
        }
        assert!(
            Instant::now() < end,
            "`{file}` never said `{words}`, but:\n{text}"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The links to confirm in the outbox, waiting for so many.
#[track_caller]
pub(super) fn confirm_paths(room: &Newsroom, count: usize) -> Vec<String> {
    let end = Instant::now() + PATIENCE;
    // A kill leaves a letter half written under another name.
    let whole = || {
        let mut names = room.list("outbox");
        names.retain(|name| Path::new(name).extension().is_some_and(|end| end == "eml"));
        names
    };
    while whole().len() < count {
        assert!(Instant::now() < end, "no letter came");
        std::thread::sleep(Duration::from_millis(5));
    }
    let path = |name: &String| {
        let letter = room.read(&format!("outbox/{name}"));
        let letter = mail_parser::MessageParser::default()
            .parse(letter.as_bytes())
            .unwrap();
        let text = letter.body_text(0).unwrap().into_owned();
        let link = text
            .lines()
            .find(|line| line.starts_with("https://"))
            .unwrap();
        link.trim()
            .replace("https://news.harbourtimes.example/", "")
    };
    whole().iter().map(path).collect()
}
