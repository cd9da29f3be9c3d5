//! The documents of `docs`, as a book: every link leads somewhere, every config and file in it is understood, and what it says of commands and keys is
//! all that there is.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item};

use crate::analytics::google::Google;
use crate::newsroom::{Newsroom, TODAY};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The pages below `docs`, in order, relative to it.
fn pages() -> Vec<PathBuf> {
    let docs = root().join("docs");
    let mut folders = vec![docs.clone()];
    let mut pages = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "md") {
                pages.push(path.strip_prefix(&docs).unwrap().to_owned());
            }
        }
    }
    pages.sort();
    pages
}

fn page(path: impl AsRef<Path>) -> String {
    let path = root().join("docs").join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The lines outside code blocks, code within them taken out.
fn prose(text: &str) -> String {
    let mut is_code = false;
    let mut prose = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        } else if !is_code {
            writeln!(prose, "{line}").unwrap();
        }
    }
    prose
}

/// What its links lead to.
fn targets(text: &str) -> Vec<String> {
    let prose = prose(text);
    let links = prose.split("](").skip(1);
    links
        .filter_map(|rest| Some(rest.split_once(')')?.0.to_owned()))
        .collect()
}

/// The anchors of its headings, as mdBook and GitHub make them.
fn anchors(text: &str) -> BTreeSet<String> {
    let prose = prose(text);
    let headings = prose.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let words = line.trim_start_matches('#').trim().to_lowercase();
            let kept = words.chars().filter_map(|c| match c {
                ' ' => Some('-'),
                c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
                _ => None,
            });
            kept.collect()
        })
        .collect()
}

#[test]
fn every_page_is_in_the_book_and_every_link_leads_somewhere() {
    let summary = page("SUMMARY.md");
    let listed: BTreeSet<PathBuf> = targets(&summary).into_iter().map(PathBuf::from).collect();
    let there: BTreeSet<PathBuf> = pages()
        .into_iter()
        .filter(|path| path != Path::new("SUMMARY.md"))
        .collect();
    assert_eq!(
        listed, there,
        "SUMMARY.md on the left, the pages on the right"
    );

    let mut wrong = Vec::new();
    let outside = [
        "../README.md",
        "../templates/README.md",
        "../tests/README.md",
    ];
    for from in pages().into_iter().chain(outside.map(PathBuf::from)) {
        let text = page(&from);
        for target in targets(&text) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let (file, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let at = from.parent().unwrap().join(file);
            let path = root().join("docs").join(&at);
            let is_page = path.extension().is_some_and(|end| end == "md") || file.is_empty();
            let to = if file.is_empty() { from.clone() } else { at };
            // What is outside the folder is not in the book.
            let depth = |path: &Path| {
                path.components()
                    .try_fold(0_usize, |depth, part| match part {
                        std::path::Component::ParentDir => depth.checked_sub(1),
                        _ => Some(depth + 1),
                    })
            };
            let is_inside = from.starts_with("..") || depth(&to).is_some();
            let is_there = is_inside && (file.is_empty() || path.exists());
            let is_named = || anchor.is_empty() || !is_page || anchors(&page(&to)).contains(anchor);
            if !is_there || !is_named() {
                wrong.push(format!("{}: `{target}`", from.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "lead nowhere:\n{}", wrong.join("\n"));
}

/// The blocks of TOML in it, each with its line.
fn toml_blocks(text: &str) -> Vec<(usize, String)> {
    let mut blocks = Vec::new();
    let mut inside: Option<(usize, String)> = None;
    for (number, line) in text.lines().enumerate() {
        match (&mut inside, line) {
            (Some(_), "```") => blocks.extend(inside.take()),
            (Some((_, block)), line) => writeln!(block, "{line}").unwrap(),
            (None, "```toml") => inside = Some((number + 2, String::new())),
            (None, _) => {}
        }
    }
    blocks
}

/// A block of a config in place of what the newsroom's says at the same key.
fn over(config: &str, block: &str) -> String {
    let mut config: DocumentMut = config.parse().unwrap();
    let block: DocumentMut = match block.parse() {
        Ok(block) => block,
        Err(_) => return format!("{config}\n{block}"),
    };
    for (key, item) in block.iter() {
        match (config.get_mut(key), item) {
            (Some(Item::Table(old)), Item::Table(new)) => {
                for (key, item) in new {
                    old.insert(key, item.clone());
                }
            }
            _ => drop(config.insert(key, item.clone())),
        }
    }
    // What lies in an outbox goes to no relay.
    let relay = config.get("relay").and_then(Item::as_table);
    let is_relay = |key| block.get("relay").is_some_and(|new| new.get(key).is_some());
    if relay.is_some() && (is_relay("host") || is_relay("sendmail")) {
        config["relay"].as_table_mut().unwrap().remove("outbox");
    }
    config.to_string()
}

/// The variables and files of keys that documents name.
const KEYS: [&str; 8] = [
    "SMTP_PASSWORD",
    "POSTMARK_TOKEN",
    "PLAUSIBLE_KEY",
    "GOATCOUNTER_KEY",
    "PARSELY_SECRET",
    "CHARTBEAT_KEY",
    "CLOUDFLARE_TOKEN",
    "CLICKHOUSE_PASSWORD",
];
const SECRETS: [&str; 3] = ["matomo.token", "umami.password", "db.password"];

/// What `check` finds wrong with a newsroom in which that block is.
fn problems(block: &str) -> String {
    let mut room = Newsroom::new()
        .config("public", "url = \"https://news.harbourtimes.example/\"")
        .config("schedule", "send_at = \"07:00\"");
    for key in KEYS {
        room = room.environment(key, "0123456789abcdef");
    }
    for file in SECRETS {
        room.secret(file, "0123456789abcdef");
    }
    if block.contains("google.json") {
        let server = "https://oauth2.googleapis.com";
        room.secret("google.json", Google::new().key_file(server));
    }
    let config = room.read("newsdigest.toml");
    let first = block.lines().next().unwrap_or_default();
    for (file, text) in [
        ("holidays.txt", "2026-12-25\n"),
        ("welcome/01.md", "# Welcome\n\nGood to have you.\n"),
    ] {
        room.file(file, text);
    }
    let file = first.strip_prefix("# ").filter(|name| {
        Path::new(name.split(' ').next().unwrap_or_default())
            .extension()
            .is_some_and(|end| end == "toml")
    });
    match file {
        Some(name) if name.starts_with("editions/") => {
            room.file(&format!("editions/{TODAY}.toml"), block);
        }
        Some(name) if name.starts_with("newsletters/") => {
            let shared = config
                .replace("id = \"harbour\"\nname = \"Harbour in your inbox\"\n", "")
                .replacen("[[source]]\n", "[[source]]\nname = \"sport\"\n", 1);
            let results = "[[source]]\nname = \"results\"\nstories = \"stories/*.toml\"\n";
            room.file("newsdigest.toml", format!("{shared}{results}"));
            room.file(
                "newsletters/morning.toml",
                "[newsletter]\nname = \"Morning\"\n",
            );
            room.file(name, block);
        }
        Some(name) if name.starts_with("our-template/") => {
            room.file(name, block);
            let template = "[template]\nuse = \"our-template\"\n";
            room.file("newsdigest.toml", format!("{config}{template}"));
        }
        _ if block.contains("[[subscriber]]") => room.file("subscribers.toml", block),
        _ => {
            let config = over(&config, block);
            if config.contains("dkim.pem") {
                room.run(&["dkim", "keygen"]).exits(0);
            }
            room.file("newsdigest.toml", config);
        }
    }
    // Warnings are about the paper: that it is the invented one, that its log is not there.
    let said = room.run(&["check"]).words();
    let is_wrong = said.lines().any(|line| line.starts_with("error"));
    if is_wrong { said } else { String::new() }
}

#[test]
fn every_config_and_file_in_a_document_is_understood() {
    let mut tried = 0;
    let mut wrong = String::new();
    let outside = ["../README.md", "../templates/README.md"];
    for path in pages().into_iter().chain(outside.map(PathBuf::from)) {
        for (line, block) in toml_blocks(&page(&path)) {
            let found = problems(&block);
            if !found.is_empty() {
                writeln!(wrong, "docs/{}:{line}:\n{found}", path.display()).unwrap();
            }
            tried += 1;
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(tried > 35, "only {tried}");
}

/// Keys that only `check` knows are asked of it: a key that it does not know makes it name those that it knows.
#[test]
fn every_key_of_the_config_and_of_readers_is_in_its_page() {
    let odd = "zzzzzzzz = 1\n";
    let mut config = odd.to_owned();
    for section in "newsletter selection sections links template relay dkim schedule alerts public bounces ledger lapsed approval opening welcome pictures question sign_off".split(' ') {
        write!(config, "[{section}]\n{odd}").unwrap();
    }
    for list in [
        "line",
        "selection.boost",
        "schedule.more",
        "events]]
from = \"ses\"
#[[",
    ] {
        write!(
            config,
            "[[{list}]]
{odd}"
        )
        .unwrap();
    }
    for source in [
        "feed = \"https://a.example/\"",
        "page = \"https://a.example/\"",
    ] {
        write!(config, "[[source]]\n{source}\n{odd}").unwrap();
    }
    let services = "ga4 plausible umami parsely chartbeat cloudflare goatcounter clickhouse postgres bigquery counts access_log page";
    for kind in services.split(' ') {
        write!(
            config,
            "[[readership]]\n{kind} = \"https://a.example/\"\n{odd}"
        )
        .unwrap();
    }
    write!(
        config,
        "[[readership]]\nmatomo = 1\n{odd}[[readership]]\ncommand = [\"x\"]\n{odd}"
    )
    .unwrap();
    let of_config = Newsroom::bare();
    of_config.file("newsdigest.toml", config);
    let of_readers = Newsroom::new();
    let reader = format!("[[subscriber]]\nemail = \"ada@example.org\"\n{odd}");
    of_readers.file("subscribers.toml", reader);
    for (room, name, sections) in [
        (of_config, "config.md", 41),
        (of_readers, "subscribers.md", 1),
    ] {
        let text = page(name);
        let words = room.run(&["check"]).exits(1).words();
        let hints: Vec<&str> = words.split("known keys here: ").skip(1).collect();
        assert_eq!(hints.len(), sections, "{words}");
        let keys = hints.iter().flat_map(|hint| {
            let line = hint.lines().next().unwrap();
            line.split('`').skip(1).step_by(2)
        });
        let code = text.split('`').skip(1).step_by(2);
        let is_in_key = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let said: BTreeSet<&str> = code
            .flat_map(|code| code.split(|c| !is_in_key(c)))
            .collect();
        let missing: Vec<&str> = keys.filter(|key| !said.contains(key)).collect();
        assert!(missing.is_empty(), "docs/{name} does not have {missing:?}");
    }
}

/// Every verb with what its help says, but for the options that all have.
fn commands() -> String {
    let room = Newsroom::bare();
    let help = |words: &[&str]| {
        let output = room.run(&[words, &["--help"]].concat()).exits(0);
        output.stdout.replace("\r\n", "\n")
    };
    let verbs_of = |help: &str| -> Vec<String> {
        let lines = help.lines().skip_while(|line| !line.starts_with("Usage:"));
        lines
            .take_while(|line| !line.starts_with("Everywhere:") && !line.starts_with("Options:"))
            .filter_map(|line| line.strip_prefix("  "))
            .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
            .filter_map(|line| Some(line.split_once("  ")?.0.trim().to_owned()))
            .filter(|verb| verb != "help")
            .collect()
    };
    let own = |help: &str| {
        let (before, after) = help.split_once("Everywhere:\n").unwrap_or((help, ""));
        let after = after.split_once("\n\n").map_or("", |(_, after)| after);
        format!("{}\n\n{}", before.trim_end(), after.trim())
            .trim()
            .to_owned()
    };
    let main = help(&[]);
    let mut text = "# Commands\n\nWhat `newsdigest help VERB` says. The options under *Everywhere* are those of all verbs.\n".to_owned();
    writeln!(text, "\n```text\n{}\n```", main.trim()).unwrap();
    for verb in verbs_of(&main) {
        let said = help(&[&verb]);
        writeln!(text, "\n## {verb}\n\n```text\n{}\n```", own(&said)).unwrap();
        for inner in verbs_of(&said) {
            let said = help(&[&verb, &inner]);
            writeln!(text, "\n### {verb} {inner}\n\n```text\n{}\n```", own(&said)).unwrap();
        }
    }
    text
}

/// `NEWSDIGEST_WRITE=1` writes the page anew.
#[test]
fn the_page_of_commands_is_what_the_program_says() {
    let says = commands();
    let path = root().join("docs/commands.md");
    #[expect(clippy::disallowed_methods, reason = "a knob of the test itself")]
    let is_to_write = std::env::var("NEWSDIGEST_WRITE").is_ok();
    if is_to_write {
        fs::write(&path, &says).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    let pair = written.lines().zip(says.lines()).find(|(a, b)| a != b);
    assert!(
        written == says,
        "docs/commands.md is not what the program says: {pair:?}\nhint: NEWSDIGEST_WRITE=1 cargo test --test it page_of_commands"
    );
}
