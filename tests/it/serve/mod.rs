//! `serve`, asked over plain sockets: what a reader was answered is true from then on, whatever happens next.

mod events;
mod forms;
mod kept;
mod lapsed;
mod logs;
mod pages;
mod sns;
mod watched;
mod welcome;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;

use newsdigest::model::token::{Keys, Purpose, Token};

use crate::newsroom::{Newsroom, PATIENCE, Running};

/// What a mail program sends for a reader who clicks on its own "unsubscribe" (RFC 8058 section 3.2).
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
pub(crate) fn token(purpose: Purpose, number: u64) -> String {
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
        Self::start_as(room, &["-v", "serve"])
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
    pub(crate) fn port(self) -> u16 {
        self.0.port()
    }

    /// The whole answer to a request; `fields` are ended by CRLF, each.
    pub(crate) fn ask(self, line: &str, fields: &str, body: &str) -> String {
        String::from_utf8(self.answer(line, fields, body)).unwrap()
    }

    /// The whole answer, which may be no text.
    pub(crate) fn octets(self, path: &str) -> Vec<u8> {
        self.answer(&format!("GET /{path}"), HOST, "")
    }

    fn answer(self, line: &str, fields: &str, body: &str) -> Vec<u8> {
        let mut stream = TcpStream::connect(self.0).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let request = format!(
            "{line} HTTP/1.1\r\n{fields}Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        answer
    }

    /// A request whose form is not there yet: the connection, and what is missing. Its head has been read when the server says that it goes on.
    pub(super) fn begin_post(self, path: &str, form: &str) -> (TcpStream, String) {
        let mut stream = TcpStream::connect(self.0).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let head = format!(
            "POST /{path} HTTP/1.1\r\n{HOST}Content-Type: application/x-www-form-urlencoded\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            form.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut goes_on = [0; 25];
        stream.read_exact(&mut goes_on).unwrap();
        assert_eq!(&goes_on, b"HTTP/1.1 100 Continue\r\n\r\n");
        (stream, form.to_owned())
    }

    /// The page at a path, and the status it came with.
    pub(crate) fn get(self, path: &str) -> (u16, String) {
        parts(&self.ask(&format!("GET /{path}"), HOST, ""))
    }

    /// A page for those who run the program.
    pub(crate) fn watch(self, path: &str) -> (u16, String) {
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
pub(crate) const HOST: &str = "Host: news.harbourtimes.example\r\n";

fn parts(answer: &str) -> (u16, String) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}

impl Serving {
    /// Waits until the subscribers file is as wanted, and gives its text: the program says when it has changed it.
    #[track_caller]
    pub(super) fn merged(&mut self, room: &Newsroom, is_wanted: impl Fn(&str) -> bool) -> String {
        loop {
            let text = room.read("subscribers.toml");
            if is_wanted(&text) {
                return text;
            }
            self.program.says("came into");
        }
    }

    /// The links to confirm in the outbox, once there are so many: the program says when a letter has left.
    #[track_caller]
    pub(crate) fn confirm_paths(&mut self, room: &Newsroom, count: usize) -> Vec<String> {
        // A kill leaves a letter half written under another name.
        let whole = || {
            let mut names = room.list("outbox");
            names.retain(|name| Path::new(name).extension().is_some_and(|end| end == "eml"));
            names
        };
        while whole().len() < count {
            self.program.says("a letter to confirm has left");
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
}
