//! The edition of `editions.rs`, in every built-in template and every one of its languages, under the checkers that others wrote.
//! Every test names all that is wrong with all pages at once. One file, since all of it goes by the same pages, which take a while to make.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use mail_parser::MessageParser;
use newsdigest::render::Template;
use serde_json::{Value, json};

use crate::chromium::{Chromium, Scheme};
use crate::editions::{self, Words};
use crate::newsroom::{Newsroom, TODAY};
use crate::{npm, tool};

/// The files that `preview --out out` writes.
const OUT: [&str; 4] = [
    "out/digest.html",
    "out/digest.txt",
    "out/digest.eml",
    "out/web.html",
];

/// An edition and what came out. The newsroom stays in `target/tmp/pages`, for checkers that are not run here.
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
        let name = format!("{template}-{}", words.tag);
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("pages")
            .join(&name);
        let edition = format!("editions/{TODAY}.toml");
        for folder in ["out", "editions"] {
            std::fs::create_dir_all(kept.join(folder)).unwrap();
        }
        for file in ["newsdigest.toml", &edition].into_iter().chain(OUT) {
            std::fs::copy(room.path(file), kept.join(file)).unwrap();
        }
        Self {
            name,
            html: room.read(OUT[0]),
            text: room.read(OUT[1]),
            letter: room.read(OUT[2]),
            room,
        }
    }

    fn all() -> impl Iterator<Item = Self> {
        Template::NAMES
            .iter()
            .flat_map(|template| editions::ALL.iter().map(|words| Self::of(template, words)))
    }

    /// The page as it is, as the clients see it that keep less of it, with its lines turned around, and for the web.
    fn variants(&self) -> [Variant; 5] {
        let made = |name: &str, html: &str, widths: &'static [u32], rules: &'static str| {
            let name = format!("{}-{name}.html", self.name);
            self.room.file(&name, html);
            let file = self.room.path(&name).display().to_string();
            Variant {
                file,
                widths,
                rules,
            }
        };
        let (html, all) = (&self.html, &[320, 360, 800]);
        [
            made("whole", html, all, OF_A_LETTER),
            made("no-style", &without_style(html), all, OF_A_LETTER),
            // Outlook on Windows has no narrow windows: its table is as wide as the page.
            made("outlook", &as_outlook(html), &[800], OF_A_LETTER),
            made("turned", &turned(html), &[360, 800], OF_A_LETTER),
            made("web", &self.room.read(OUT[3]), all, OF_A_PAGE),
        ]
    }
}

/// A page as somebody sees it.
struct Variant {
    file: String,
    /// Of the windows it is seen in.
    widths: &'static [u32],
    /// What axe-core is told about it.
    rules: &'static str,
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

/// The same page for those who write the other way.
fn turned(html: &str) -> String {
    let (mut from, mut to) = ("dir=\"ltr\"", "dir=\"rtl\"");
    if !html.contains(from) {
        std::mem::swap(&mut from, &mut to);
    }
    html.replace(from, to)
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
        .flat_map(|digest| digest.variants().map(|variant| variant.file))
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

/// Links without words, or that say the same and lead elsewhere; tables that a screen reader is told of; what nobody sees.
const STRUCTURE: &str = "(() => {
    const wrong = [], places = {};
    for (const link of document.links) (places[link.innerText.trim()] ??= new Set()).add(link.href);
    for (const [words, all] of Object.entries(places)) if (!words || all.size > 1) wrong.push(`${all.size} places: ${words}`);
    for (const table of document.querySelectorAll('table:not([role=none])')) wrong.push(`a table: ${table.outerHTML.slice(0, 80)}`);
    for (const some of document.querySelectorAll('body *'))
        if (!some.checkVisibility({ opacityProperty: true, visibilityProperty: true })) wrong.push(`unseen: ${some.outerHTML.slice(0, 80)}`);
    return wrong;
})()";

/// A page of its own has the landmarks.
const OF_A_PAGE: &str = "{ 'target-size': { enabled: true } }";
/// A letter is inside the client's own page, which has the landmarks. `target-size` is WCAG 2.2, which axe-core asks for only when told.
const OF_A_LETTER: &str = "{ 'landmark-one-main': { enabled: false }, 'region': { enabled: false }, 'target-size': { enabled: true } }";

#[test]
fn axe_finds_nothing_in_any_client() {
    let mut chromium = Chromium::start();
    let mut wrong = Vec::new();
    for digest in Digest::all() {
        for seen in digest.variants() {
            for (scheme, &width) in Scheme::ALL
                .into_iter()
                .flat_map(|scheme| seen.widths.iter().map(move |width| (scheme, width)))
            {
                chromium.show(&format!("file://{}", seen.file), scheme, width, 900);
                let place = format!("{}, {}, {width}", seen.file, scheme.name());
                let needed = chromium.ask("document.documentElement.scrollWidth");
                if needed != width {
                    wrong.push(format!("{place}: {needed} pixels wide"));
                }
                let structure: Vec<String> =
                    serde_json::from_value(chromium.ask(STRUCTURE)).unwrap();
                let found = chromium.axe(seen.rules);
                let found = found.into_iter().chain(structure);
                wrong.extend(found.map(|what| format!("{place}: {what}")));
            }
        }
    }
    none(&wrong);
}

/// The page as it opens, and in its further views and positions.
const PREVIEWS: [&str; 10] = [
    "",
    "?scheme=inverted#phone",
    "?compare=1#desktop",
    "?pictures=off#inbox",
    "?styles=inline#text",
    "?styles=none#why",
    "?scheme=dark#findings",
    "?variant=1#source",
    "?variant=2#code",
    "?variant=3#headers",
];

#[test]
fn axe_finds_nothing_in_the_preview() {
    let mut chromium = Chromium::start();
    let mut wrong = Vec::new();
    for words in &editions::ALL {
        let room = words.newsroom(Template::NAMES[0]);
        let mut running = room.spawn(&["preview", "--port", "0"]);
        let said = running.says("http://127.0.0.1:");
        // The two streams of the program may meet in one line.
        let url = &said[said.find("http:").unwrap()..];
        // One language is enough for the views that show no letter. Each has a query of its own, so that the page is loaded anew.
        let views = match words.tag {
            "en" => PREVIEWS.as_slice(),
            _ => &PREVIEWS[..1],
        };
        for (scheme, width) in Scheme::ALL
            .into_iter()
            .flat_map(|scheme| [700, 1400].map(|width| (scheme, width)))
        {
            for view in views {
                chromium.show(&format!("{url}{view}"), scheme, width, 900);
                let place = format!("{}{view}, {}, {width}", words.tag, scheme.name());
                let root = "document.documentElement";
                if chromium.ask(&format!("{root}.scrollWidth > {root}.clientWidth")) != false {
                    wrong.push(format!("{place}: too wide"));
                }
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
        let mut arguments = vec!["--local"];
        if digest.name.ends_with("-ru") {
            // It takes Cyrillic е for disguised Latin e where there are at least 21 of these and 0.4 to 9 of those to each: no Russian
            // letter can have an address to every story and less. The rule excuses Polish, Czech and Greek, and forgot Russian.
            arguments.push("--cf=score MIXED_ES 0");
        }
        let said = checked(&program, &arguments, &home, &digest.letter);
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
        println!("| {} | {score} |", digest.name);
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
            if page > 18_000 || letter > 36_000 || story > 950 {
                wrong.push(format!(
                    "{name}: HTML {page}, letter {letter}, a further story {story} bytes"
                ));
            }
        }
    }
    none(&wrong);
}
