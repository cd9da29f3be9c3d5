//! Readers and `serve`, with nothing of ours between them: a browser and curl that follow the links of real letters, wrk for load, relays
//! that take letters or not. What single pages and answers must be is tested in `it` and beside the code.

mod night;
mod other_site;
mod reader;

use std::path::Path;

use mail_parser::{Message, MessageParser};

use crate::newsroom::{Newsroom, Running};
use crate::pages::checked;
use crate::{tool, wait_until};

/// Where letters say that `serve` is. In the tests no proxy with TLS is there; curl and wrk call `serve` by this name, as a proxy does.
const PUBLIC: &str = "https://news.harbourtimes.example";
const HOST: &str = "news.harbourtimes.example";

/// RFC 8058 section 3.2.
const ONE_CLICK: &str = "List-Unsubscribe=One-Click";

/// A client that a proxy saw.
const CLIENT: &str = "203.0.113.77";

/// A newsroom with readers' pages. Its keys are made at first need.
fn room() -> Newsroom {
    let lines = format!(
        "url = \"{PUBLIC}/\"\nlisten = \"127.0.0.1:0\"\nsections = [\"News\", \"City\", \"Sport\"]"
    );
    Newsroom::new().config("public", &lines)
}

/// A `serve` that says all it can. Dropped, it is killed.
struct Serving<'r> {
    room: &'r Newsroom,
    program: Running,
    url: String,
    log: String,
}

impl<'r> Serving<'r> {
    fn start(room: &'r Newsroom) -> Self {
        let mut program = room.spawn(&["serve", "--verbose"]);
        let mut log = String::new();
        let mut url = None;
        wait_until("`serve` listens", || {
            log += &program.heard();
            assert!(program.is_running(), "`serve` ended:\n{log}");
            // The two streams of the program may meet in one line.
            url = log.find("http://127.").and_then(|at| {
                let (url, _) = log[at..].split_once("/\n")?;
                Some(url.to_owned())
            });
            url.is_some()
        });
        Self {
            room,
            program,
            url: url.unwrap(),
            log,
        }
    }

    /// What it has said by now.
    fn said(&mut self) -> &str {
        self.log += &self.program.heard();
        &self.log
    }

    /// Ends it in order, and gives all it has said.
    fn ends(self) -> String {
        self.program.interrupt();
        let output = self.program.wait().exits(0);
        self.log + &output.stdout + &output.stderr
    }

    /// Where a link of a letter or a path leads, without a proxy.
    fn here(&self, link: &str) -> String {
        format!("{}{}", self.url, link.strip_prefix(PUBLIC).unwrap_or(link))
    }

    /// What curl is answered: head and body.
    fn curl(&self, arguments: &[&str], link: &str) -> String {
        let url = self.here(link);
        let (host, client) = (
            format!("Host: {HOST}"),
            format!("X-Forwarded-For: {CLIENT}"),
        );
        let mut all = vec!["-sS", "-i", "-m", "60", "-H", &host, "-H", &client];
        all.extend(arguments);
        all.push(&url);
        checked(&tool("curl", "curl"), &all, &self.room.path(".home"), "")
    }

    /// The same, which must be answered with 200.
    #[track_caller]
    fn good(&self, arguments: &[&str], link: &str) -> String {
        let answer = self.curl(arguments, link);
        assert!(
            answer.starts_with("HTTP/1.1 200 "),
            "{arguments:?} {link}:\n{answer}"
        );
        answer
    }
}

/// The letters in a folder, in the order of their names, those half written left out.
fn letters(folder: &Path) -> Vec<Message<'static>> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            !path
                .file_name()
                .unwrap()
                .as_encoded_bytes()
                .starts_with(b".")
        })
        .collect();
    files.sort();
    let read = |path| {
        let bytes = std::fs::read(path).unwrap();
        MessageParser::new().parse(&bytes).unwrap().into_owned()
    };
    files.into_iter().map(read).collect()
}

/// To whom a letter is.
fn to<'m>(letter: &'m Message<'_>) -> &'m str {
    letter.to().unwrap().first().unwrap().address().unwrap()
}

/// How a reader leaves with one click.
fn leave<'m>(letter: &'m Message<'_>) -> &'m str {
    let field = letter.header_raw("List-Unsubscribe").unwrap();
    field.trim().trim_matches(['<', '>'])
}

/// The link to that kind of page. It is in both parts of the letter.
fn link(letter: &Message<'_>, page: &str) -> String {
    let (text, html) = (letter.body_text(0).unwrap(), letter.body_html(0).unwrap());
    let begin = format!("{PUBLIC}/{page}/");
    let link = text
        .lines()
        .find(|line| line.starts_with(&begin))
        .unwrap_or_else(|| panic!("no `{begin}` in:\n{text}"));
    assert!(html.contains(&format!("href=\"{link}\"")), "{html}");
    link.to_owned()
}
