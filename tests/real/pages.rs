//! The edition of `editions.rs`, in every built-in template and every one of its languages, under the checkers that others wrote.
//! Every test names all that is wrong with all pages at once.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use mail_parser::MessageParser;
use newsdigest::render::Template;
use serde_json::{Value, json};

use crate::chromium::{Chromium, Scheme};
use crate::editions::{self, Words};
use crate::newsroom::Newsroom;
use crate::{npm, tool};

/// What `preview --out` writes of one edition.
struct Digest {
    /// Template and language, such as `broadsheet-ru`.
    name: String,
    room: Newsroom,
    html: String,
    text: String,
    letter: String,
}

impl Digest {
    fn of(template: &str, words: &Words) -> Self {
        let room = words.newsroom(template);
        room.run(&["preview", "--out", "out"]).exits(0);
        Self {
            name: format!("{template}-{}", words.tag),
            html: room.read("out/digest.html"),
            text: room.read("out/digest.txt"),
            letter: room.read("out/digest.eml"),
            room,
        }
    }

    fn all() -> impl Iterator<Item = Self> {
        Template::NAMES
            .iter()
            .flat_map(|template| editions::ALL.iter().map(|words| Self::of(template, words)))
    }

    /// The page as it is, and as the clients see it that keep less of it: its file, and the widths of the windows it is seen in.
    fn variants(&self) -> [(String, &'static [u32]); 3] {
        let file = |variant: &str, html: String| {
            let name = format!("{}-{variant}.html", self.name);
            self.room.file(&name, html);
            self.room.path(&name).display().to_string()
        };
        [
            (file("whole", self.html.clone()), &[320, 360, 800]),
            (
                file("no-style", without_style(&self.html)),
                &[320, 360, 800],
            ),
            // Outlook on Windows has no narrow windows: its table is as wide as the page.
            (file("outlook", as_outlook(&self.html)), &[800]),
        ]
    }
}

/// What Gmail leaves of a page in some accounts: no `<style>`, no classes.
fn without_style(html: &str) -> String {
    let html = cut(html, "<style>", "</style>", |_| String::new());
    cut(&html, " class=\"", "\"", |_| String::new())
}

/// What Outlook on Windows sees: the conditional comments opened.
fn as_outlook(html: &str) -> String {
    cut(html, "<!--[if mso]>", "<![endif]-->", str::to_owned)
}

/// The text with everything from `start` to `end` replaced; at least once, or the test would test nothing.
fn cut(text: &str, start: &str, end: &str, new: impl Fn(&str) -> String) -> String {
    let mut pieces = text.split(start);
    let mut out = pieces.next().unwrap().to_owned();
    assert!(out.len() < text.len(), "no `{start}` in:\n{text}");
    for piece in pieces {
        let (inside, after) = piece.split_once(end).unwrap();
        out.push_str(&new(inside));
        out.push_str(after);
    }
    out
}

/// Runs a checker to its end, for five minutes at most, and gives its standard output.
pub(crate) fn checked(program: &Path, arguments: &[&str], home: &Path, input: &str) -> String {
    let mut child = Command::new(tool("timeout", "coreutils"))
        .arg("300")
        .arg(program)
        .args(arguments)
        .env("HOME", home)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let input = input.to_owned();
    // On its own thread: a program that talks before it has read all must not wait for us.
    std::thread::spawn(move || _ = pipe.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        !said.is_empty(),
        "{}: {}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    said
}

#[track_caller]
pub(crate) fn none(wrong: &[String]) {
    assert!(
        wrong.is_empty(),
        "{} found:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// What Nu says about these files, all at once: Java takes its time to start.
pub(crate) fn nu(files: &[String], home: &Path) -> Vec<Value> {
    let jar = npm("vnu-jar/build/dist/vnu.jar").display().to_string();
    let mut arguments = vec![
        "-jar",
        &jar,
        "--format",
        "json",
        "--stdout",
        "--exit-zero-always",
    ];
    arguments.extend(files.iter().map(String::as_str));
    let said = checked(&tool("java", "default-jre-headless"), &arguments, home, "");
    let mut said: Value = serde_json::from_str(&said).unwrap();
    serde_json::from_value(said["messages"].take()).unwrap()
}

#[test]
fn nu_finds_neither_error_nor_warning() {
    let digests: Vec<Digest> = Digest::all().collect();
    let files: Vec<String> = digests
        .iter()
        .flat_map(|digest| digest.variants().map(|(file, _)| file))
        .collect();
    // Outlook's table needs the attributes that HTML 5 left to CSS.
    let is_meant = |message: &Value| {
        let (file, what) = (
            message["url"].as_str().unwrap(),
            message["message"].as_str().unwrap(),
        );
        file.ends_with("-outlook.html") && what.ends_with("Use CSS instead.")
    };
    let mut wrong = nu(&files, &digests[0].room.path(".home"));
    wrong.retain(|message| !is_meant(message));
    none(&wrong.iter().map(ToString::to_string).collect::<Vec<_>>());
}

/// A letter stands inside the client's own page, which has the landmarks. `target-size` is WCAG 2.2, which axe-core asks for only when told.
const OF_A_LETTER: &str = "{ 'landmark-one-main': { enabled: false }, 'region': { enabled: false }, 'target-size': { enabled: true } }";

#[test]
fn axe_finds_nothing_in_any_client() {
    let mut chromium = Chromium::start();
    let mut wrong = Vec::new();
    for digest in Digest::all() {
        for (file, widths) in digest.variants() {
            for (scheme, &width) in Scheme::ALL
                .into_iter()
                .flat_map(|scheme| widths.iter().map(move |width| (scheme, width)))
            {
                chromium.show(&format!("file://{file}"), scheme, width, 900);
                let place = format!("{file}, {}, {width}", scheme.name());
                let needed = chromium.ask("document.documentElement.scrollWidth");
                if needed != width {
                    wrong.push(format!("{place}: {needed} pixels wide"));
                }
                let found = chromium.axe(OF_A_LETTER);
                wrong.extend(found.into_iter().map(|what| format!("{place}: {what}")));
            }
        }
    }
    none(&wrong);
}

#[test]
fn axe_finds_nothing_in_the_preview() {
    let mut chromium = Chromium::start();
    let mut wrong = Vec::new();
    for words in &editions::ALL {
        let room = words.newsroom(Template::NAMES[0]);
        let mut running = room.spawn(&["preview", "--port", "0"]);
        let url = running.says("http://127.0.0.1:");
        for scheme in Scheme::ALL {
            for width in [700, 1400] {
                chromium.show(&url, scheme, width, 900);
                let place = format!("{}, {}, {width}", words.tag, scheme.name());
                // Undecided stays what an inbox cuts off, and the frames: their letters are looked at above.
                let found = chromium
                    .axe("{}")
                    .into_iter()
                    .filter(|what| what.starts_with("violations"));
                wrong.extend(found.map(|what| format!("{place}: {what}")));
            }
        }
    }
    none(&wrong);
}

/// Proof that the harnesses above can find something, before we are praised.
#[test]
fn these_checkers_find_faults() {
    let room = Newsroom::bare();
    room.file(
        "bad.html",
        "<!DOCTYPE html><html><title>a</title><style>@media (prefers-color-scheme:dark){p{color:#222;background:#000}}</style>\
         <img src=x><p>dark</p><div style=width:900px>wide</div>",
    );
    let file = room.path("bad.html").display().to_string();
    let said = nu(std::slice::from_ref(&file), &room.path(".home"));
    assert!(
        said.iter().any(|message| message["type"] == "error"),
        "{said:?}"
    );
    let url = format!("file://{file}");
    let mut chromium = Chromium::start();
    chromium.show(&url, Scheme::Light, 360, 900);
    assert_eq!(
        chromium.ask("document.documentElement.scrollWidth"),
        json!(908)
    );
    let light = chromium.axe(OF_A_LETTER).join("\n");
    assert!(
        light.contains("html-has-lang")
            && light.contains("image-alt")
            && !light.contains("color-contrast"),
        "{light}"
    );
    chromium.show(&url, Scheme::Dark, 360, 900);
    let dark = chromium.axe(OF_A_LETTER).join("\n");
    assert!(dark.contains("color-contrast"), "{dark}");
}

#[test]
fn spamassassin_takes_a_letter_for_a_newsletter() {
    let program = tool("spamassassin", "spamassassin");
    let mut wrong = Vec::new();
    for digest in Digest::all() {
        let home = digest.room.path(".home");
        // MIXED_ES takes the Cyrillic е of any Russian letter beside the Latin e of its addresses for a disguise.
        let said = checked(
            &program,
            &["--local", "--cf=score MIXED_ES 0"],
            &home,
            &digest.letter,
        );
        // Header fields are folded; `X-Spam-Status: No, score=-1.0 required=5.0 tests=..`.
        let said = said.replace("\n\t", " ");
        let status = said
            .lines()
            .find(|line| line.starts_with("X-Spam-Status:"))
            .expect("a verdict");
        let score = status
            .split_once("score=")
            .unwrap()
            .1
            .split(' ')
            .next()
            .unwrap();
        if score.parse::<f64>().unwrap() > -1.0 {
            wrong.push(format!("{}: {status}", digest.name));
        }
    }
    none(&wrong);
}

/// Reads a letter as Python programs do, which is what many mail servers and archives are.
const READ_BACK: &str = "import sys, json, email, email.policy
letter = email.message_from_binary_file(sys.stdin.buffer, policy=email.policy.default)
faults = [str(fault) for part in letter.walk() for fault in part.defects]
print(json.dumps([letter.get_body(kind).get_content() for kind in (('plain',), ('html',))] + [faults, letter['subject']]))";

#[test]
fn two_parsers_read_back_what_was_written() {
    let python = tool("python3", "python3");
    for digest in Digest::all() {
        let letter = &digest.letter;
        let python = checked(
            &python,
            &["-c", READ_BACK],
            &digest.room.path(".home"),
            letter,
        );
        let python: Value = serde_json::from_str(&python).unwrap();
        let rust = MessageParser::new().parse(letter).unwrap();
        assert_eq!(python[2], json!([]), "{}", digest.name);
        assert_eq!(python[3].as_str(), rust.subject(), "{}", digest.name);
        for (text, html) in [
            (python[0].as_str().unwrap(), python[1].as_str().unwrap()),
            (&rust.body_text(0).unwrap(), &rust.body_html(0).unwrap()),
        ] {
            assert_eq!(text.replace("\r\n", "\n"), digest.text, "{}", digest.name);
            assert_eq!(html.replace("\r\n", "\n"), digest.html, "{}", digest.name);
        }
    }
}

/// The table of docs/performance.md: `cargo test --test real sizes -- --show-output`.
#[test]
fn sizes() {
    let mut wrong = Vec::new();
    println!("| template, language | HTML | letter | a further story |\n|---|---|---|---|");
    for template in Template::NAMES {
        for words in &editions::ALL {
            let digest = Digest::of(template, words);
            let shorter = words.shorter_newsroom(template);
            shorter.run(&["preview", "--out", "out"]).exits(0);
            let (name, page, letter) = (&digest.name, digest.html.len(), digest.letter.len());
            let story = (page - shorter.read("out/digest.html").len()) / 3;
            println!("| {name} | {page} | {letter} | {story} |");
            if page > 17_000 || letter > words.letter || story > 950 {
                wrong.push(format!(
                    "{name}: HTML {page}, letter {letter}, a further story {story} bytes"
                ));
            }
        }
    }
    none(&wrong);
}
