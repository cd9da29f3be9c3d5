//! The house rules, held by a test. The map stands in the crate doc of `src/lib.rs`; this file reads it from there, so it cannot lie.
//!
//! - Floors: a room names only lower floors. Nouns (floor 0) may name one another; rooms of any other floor never do.
//! - A foreign crate of the second table is named only in its rooms.
//! - Nothing unfinished, no room called util, a reason beside every dependency, every command in a document runs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::newsroom::Newsroom;

#[test]
fn rooms_name_only_lower_floors() {
    let house = House::read();
    let mut wrong = Vec::new();
    for file in sources("src").iter().filter(|file| file.room().is_some()) {
        wrong.extend(house.wrong_names(file));
    }
    assert_none(&wrong, "src/lib.rs has the floors");
}

#[test]
fn foreign_crates_stay_in_their_rooms() {
    let house = House::read();
    let mut wrong = Vec::new();
    for file in sources("src") {
        wrong.extend(house.wrong_crates(&file));
    }
    assert_none(&wrong, "src/lib.rs has the table of foreign crates");
}

#[test]
fn every_room_stands_on_the_map() {
    let house = House::read();
    let wrong: Vec<String> = rooms_on_disk()
        .difference(&house.rooms())
        .map(|room| format!("src/{room}: not in the table of floors"))
        .collect();
    assert_none(&wrong, "src/lib.rs has the floors");
}

#[test]
fn every_room_of_the_map_exists() {
    let house = House::read();
    let disk = rooms_on_disk();
    let mut wrong: Vec<String> = house
        .rooms()
        .difference(&disk)
        .map(|room| format!("src/lib.rs: `{room}` is on the map, but not in src/"))
        .collect();
    let cargo = read("Cargo.toml");
    for (name, rooms) in &house.crates {
        if !cargo
            .lines()
            .any(|line| line.replace('-', "_").starts_with(&format!("{name} ")))
        {
            wrong.push(format!(
                "src/lib.rs: `{name}` is in the table of foreign crates, but not in Cargo.toml"
            ));
        }
        wrong.extend(rooms.iter().filter(|room| !house.floors.contains_key(*room)).map(|room| {
            format!("src/lib.rs: `{name}` is allowed to `{room}`, which is not in the table of floors")
        }));
    }
    assert_none(&wrong, "the map must not promise what is not there");
}

#[test]
fn nothing_is_left_unfinished() {
    let mark = concat!("FIX", "ME");
    let mut wrong = Vec::new();
    for file in ["src", "tests", "benches"].into_iter().flat_map(sources) {
        for (number, line) in file.code.lines().enumerate() {
            for name in ["todo!", "unimplemented!", "dbg!"] {
                if line.contains(name) {
                    wrong.push(format!("{}:{}: `{name}`", file.path, number + 1));
                }
            }
        }
        for (number, line) in file.text.lines().enumerate() {
            if line.contains(mark) {
                wrong.push(format!("{}:{}: `{mark}`", file.path, number + 1));
            }
        }
    }
    assert_none(&wrong, "finish it, or open an issue");
}

#[test]
fn names_say_what_is_inside() {
    let empty = [
        "util", "utils", "common", "helper", "helpers", "manager", "managers", "misc",
    ];
    let wrong: Vec<String> = ["src", "tests", "benches"]
        .into_iter()
        .flat_map(sources)
        .filter(|file| {
            file.path
                .split(['/', '.'])
                .any(|part| empty.contains(&part))
        })
        .map(|file| format!("{}: the name does not say what is inside", file.path))
        .collect();
    assert_none(&wrong, "name the thing it holds");
}

#[test]
fn every_dependency_has_its_reason() {
    let wrong = without_reason(&read("Cargo.toml"));
    assert_none(&wrong, "write `# the reason` behind it");
}

#[test]
fn the_changelog_has_a_place_for_the_next_change() {
    let text = read("CHANGELOG.md");
    let unreleased = text
        .split("\n## ")
        .find(|section| section.starts_with("[Unreleased]") || section.starts_with("Unreleased"));
    assert!(
        unreleased.is_some_and(|section| section.contains("\n- ")),
        "CHANGELOG.md: expected a section `## [Unreleased]` with at least one line `- ..`"
    );
}

#[test]
fn every_command_in_a_document_runs() {
    let room = Newsroom::bare();
    let mut wrong = Vec::new();
    for path in documents() {
        for (number, words) in commands(&read(&path)) {
            let mut arguments: Vec<&str> = words.iter().map(String::as_str).collect();
            // Every word before it is parsed as usual, so an option that does not exist fails, and nothing is done.
            arguments.push("--help");
            let output = room.run(&arguments);
            if output.status != Some(0) {
                wrong.push(format!(
                    "{path}:{number}: `newsdigest {}` is not a command: {}",
                    words.join(" "),
                    output.stderr.lines().next().unwrap_or_default()
                ));
            }
        }
    }
    assert_none(&wrong, "`newsdigest --help` lists the commands");
}

#[test]
fn the_readme_runs_and_tests_the_program_in_two_commands() {
    let readme = read("README.md");
    for command in ["cargo run", "cargo test"] {
        assert!(
            blocks(&readme, "sh")
                .iter()
                .any(|(_, line)| line.starts_with(command)),
            "README.md: no line in a ```sh block starts with `{command}`"
        );
    }
}

#[track_caller]
fn assert_none(wrong: &[String], advice: &str) {
    assert!(wrong.is_empty(), "\n{}\nhint: {advice}\n", wrong.join("\n"));
}

/// The two tables of the crate doc.
struct House {
    floors: BTreeMap<String, usize>,
    crates: BTreeMap<String, BTreeSet<String>>,
}

impl House {
    fn read() -> Self {
        Self::parse(&read("src/lib.rs"))
    }

    fn parse(text: &str) -> Self {
        let mut house = Self {
            floors: BTreeMap::new(),
            crates: BTreeMap::new(),
        };
        let mut table = "";
        for line in text.lines() {
            let Some(row) = line.strip_prefix("//! |") else {
                table = "";
                continue;
            };
            let mut cells = row.split('|').map(str::trim);
            let (first, second) = (
                cells.next().unwrap_or_default(),
                cells.next().unwrap_or_default(),
            );
            match table {
                "" => table = first,
                _ if first.starts_with("---") => {}
                "floor" => {
                    let floor = first
                        .split(' ')
                        .next()
                        .and_then(|number| number.parse().ok());
                    let floor = floor.unwrap_or_else(|| {
                        panic!("src/lib.rs: `{first}` does not start with the number of a floor")
                    });
                    for room in in_backticks(second) {
                        assert!(
                            house.floors.insert(room.clone(), floor).is_none(),
                            "src/lib.rs: `{room}` stands on two floors"
                        );
                    }
                }
                "foreign crate" => {
                    for name in in_backticks(first) {
                        house
                            .crates
                            .insert(name, in_backticks(second).into_iter().collect());
                    }
                }
                other => panic!(
                    "src/lib.rs: a table headed `{other}`: expected `floor` or `foreign crate`"
                ),
            }
        }
        assert!(
            !house.floors.is_empty() && !house.crates.is_empty(),
            "src/lib.rs: the two tables are missing"
        );
        house
    }

    fn rooms(&self) -> BTreeSet<String> {
        self.floors.keys().cloned().collect()
    }

    fn wrong_names(&self, file: &Source) -> Vec<String> {
        let room = file.room().expect("only rooms are asked");
        // Not on the map: another test says so.
        let Some(&own) = self.floors.get(&room) else {
            return Vec::new();
        };
        let mut wrong = Vec::new();
        for (line, named) in file.names() {
            match self.floors.get(&named) {
                _ if named == room => {}
                _ if named == "*" => wrong.push(format!(
                    "{}:{line}: everything of the crate is imported; name what is needed",
                    file.path
                )),
                Some(0) if own == 0 => {}
                Some(&other) if other < own => {}
                Some(&other) => wrong.push(format!(
                    "{}:{line}: floor {own} `{room}` may not name `{named}` of floor {other}",
                    file.path
                )),
                // An item of lib.rs itself; it has none, and the compiler would say so.
                None => {}
            }
        }
        wrong
    }

    fn wrong_crates(&self, file: &Source) -> Vec<String> {
        let room = file.room().unwrap_or_default();
        let tokens = tokens(&file.code);
        let mut wrong = Vec::new();
        for (at, token) in tokens.iter().enumerate() {
            let Some(rooms) = self.crates.get(token.text) else {
                continue;
            };
            let before = |back: usize| at.checked_sub(back).map_or("", |at| tokens[at].text);
            let is_path = tokens.get(at + 1).is_some_and(|next| next.text == "::");
            let is_import = before(1) == "use" || (before(1) == "crate" && before(2) == "extern");
            // `self::csv::` and `source::csv::` are modules of ours; `::csv::` and `use csv` are the crate.
            let is_inner = before(1) == "::"
                && before(2).starts_with(|c: char| c.is_alphanumeric() || c == '_');
            if (is_path || is_import) && !is_inner && !rooms.contains(&room) {
                let rooms: Vec<String> = rooms.iter().map(|room| format!("`{room}`")).collect();
                wrong.push(format!(
                    "{}:{}: only {} may name `{}`",
                    file.path,
                    token.line,
                    rooms.join(" and "),
                    token.text
                ));
            }
        }
        wrong
    }
}

fn in_backticks(text: &str) -> Vec<String> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// A file of Rust.
struct Source {
    /// From the package's root, with slashes.
    path: String,
    text: String,
    /// The text with comments, strings and character literals blanked out, line by line.
    code: String,
}

impl Source {
    fn new(path: String, text: String) -> Self {
        let code = blank(&text);
        Self { path, text, code }
    }

    /// `src/ledger/mod.rs` and `src/ledger/schema.rs` are in the room `ledger`, `src/line.rs` is the room `line`. `lib.rs` and `main.rs`
    /// are in none.
    fn room(&self) -> Option<String> {
        self.modules().first().cloned()
    }

    /// The path of its module, from the crate's root.
    fn modules(&self) -> Vec<String> {
        let inner = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let parts = inner.trim_end_matches(".rs").split('/').map(str::to_owned);
        parts
            .filter(|part| !["mod", "lib", "main"].contains(&part.as_str()))
            .collect()
    }

    /// What it names of the crate's root, with the line: `crate::ROOM`, `super::ROOM` and both with braces.
    fn names(&self) -> Vec<(usize, String)> {
        let tokens = tokens(&self.code);
        let mut modules = self.modules();
        // For each open brace, whether it is an inline module's.
        let mut braces = Vec::new();
        let mut names = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            let text = |ahead: usize| {
                tokens
                    .get(at + ahead)
                    .map_or("", |token: &Token<'_>| token.text)
            };
            match (text(0), text(1), text(2)) {
                ("mod", name, "{") => {
                    modules.push(name.to_owned());
                    braces.push(true);
                    at += 2;
                }
                ("{", ..) => braces.push(false),
                ("}", ..) => {
                    if braces.pop() == Some(true) {
                        modules.pop();
                    }
                }
                // The next segment of a path, not the start of one.
                ("::", "super" | "crate", _) => at += 1,
                ("crate", "::", _) => {
                    at = named(&tokens, at + 2, &mut names);
                    continue;
                }
                ("super", "::", _) => {
                    let mut depth = modules.len();
                    while tokens.get(at).map(|token| token.text) == Some("super")
                        && tokens.get(at + 1).map(|token| token.text) == Some("::")
                    {
                        depth = depth.saturating_sub(1);
                        at += 2;
                    }
                    if depth == 0 {
                        at = named(&tokens, at, &mut names);
                    }
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
        names
    }
}

/// Notes the first names of what stands at `at`: one name, a star, or a group in braces. Gives the place behind it.
fn named(tokens: &[Token<'_>], at: usize, names: &mut Vec<(usize, String)>) -> usize {
    let Some(first) = tokens.get(at) else {
        return at;
    };
    if first.text != "{" {
        names.push((first.line, first.text.to_owned()));
        return at + 1;
    }
    let mut depth = 0;
    let mut is_first = true;
    for (index, token) in tokens.iter().enumerate().skip(at) {
        match token.text {
            "{" => depth += 1,
            "}" if depth == 1 => return index + 1,
            "}" => depth -= 1,
            "," if depth == 1 => is_first = true,
            name if depth == 1 && is_first => {
                names.push((token.line, name.to_owned()));
                is_first = false;
            }
            _ => {}
        }
    }
    tokens.len()
}

#[derive(Clone, Copy)]
struct Token<'a> {
    text: &'a str,
    line: usize,
}

/// Words, `::` and single marks.
fn tokens(code: &str) -> Vec<Token<'_>> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut tokens = Vec::new();
    for (number, line) in code.lines().enumerate() {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let length = if is_word(first) {
                rest.find(|c| !is_word(c)).unwrap_or(rest.len())
            } else if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            tokens.push(Token {
                text: &rest[..length],
                line: number + 1,
            });
            rest = rest[length..].trim_start();
        }
    }
    tokens
}

/// Blanks out comments, strings and character literals; line ends stay.
fn blank(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_after_word = out.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            comment(rest)
        } else if let Some(length) = (!is_after_word).then(|| raw_string(rest)).flatten() {
            length
        } else if first == '"' {
            quoted(rest, '"')
        } else if first == '\'' && is_character(rest) {
            quoted(rest, '\'')
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        let (gone, after) = rest.split_at(length);
        out.push(' ');
        out.extend(gone.chars().filter(|&c| c == '\n'));
        rest = after;
    }
    out
}

/// The length of a block comment, which may hold others.
fn comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        let step = if rest.starts_with(b"/*") {
            depth += 1;
            2
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            2
        } else {
            1
        };
        at += step;
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// The length of `r"..."`, `r#"..."#`, `br"..."`; `None` when none starts here.
fn raw_string(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('b').unwrap_or(text).strip_prefix('r')?;
    let hashes = inner.len() - inner.trim_start_matches('#').len();
    let inner = inner[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let from = text.len() - inner.len();
    Some(
        inner
            .find(&end)
            .map_or(text.len(), |at| from + at + end.len()),
    )
}

/// The length of a literal between two marks, with its escapes.
fn quoted(text: &str, mark: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == mark {
            return at + 1;
        }
    }
    text.len()
}

/// Whether a character literal starts here, and not a lifetime.
fn is_character(text: &str) -> bool {
    let mut chars = text.chars().skip(1);
    match chars.next() {
        Some('\\') => true,
        Some(_) => chars.next() == Some('\''),
        None => false,
    }
}

/// All Rust files below a folder of the package, in order; none when it does not exist.
fn sources(folder: &str) -> Vec<Source> {
    let mut sources: Vec<Source> = files(&root().join(folder))
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| {
            let name = path
                .strip_prefix(root())
                .unwrap()
                .to_str()
                .unwrap()
                .replace('\\', "/");
            Source::new(name, fs::read_to_string(&path).unwrap())
        })
        .collect();
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

fn rooms_on_disk() -> BTreeSet<String> {
    sources("src").iter().filter_map(Source::room).collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Dependencies without a comment behind them.
fn without_reason(cargo: &str) -> Vec<String> {
    let mut in_table = false;
    let mut wrong = Vec::new();
    for (number, line) in cargo.lines().enumerate() {
        if let Some(table) = line.strip_prefix('[') {
            in_table = table.trim_end_matches(']').ends_with("dependencies");
        } else if in_table
            && !line.trim().is_empty()
            && !line.starts_with('#')
            && !line.contains(" # ")
        {
            let name = line.split([' ', '=']).next().unwrap_or_default();
            wrong.push(format!(
                "Cargo.toml:{}: `{name}` stands without a reason",
                number + 1
            ));
        }
    }
    wrong
}

/// The documents with commands in them.
fn documents() -> Vec<String> {
    let mut all: Vec<String> = ["docs", ".github", "templates"]
        .into_iter()
        .flat_map(|folder| files(&root().join(folder)))
        .map(|path| {
            path.strip_prefix(root())
                .unwrap()
                .to_str()
                .unwrap()
                .replace('\\', "/")
        })
        .chain(["README.md".to_owned(), "tests/README.md".to_owned()])
        .filter(|path| path.ends_with(".md") && root().join(path).exists())
        .collect();
    all.sort();
    all
}

/// The lines of all code blocks of a language, with their numbers.
fn blocks<'a>(markdown: &'a str, language: &str) -> Vec<(usize, &'a str)> {
    let mut inside = None;
    let mut lines = Vec::new();
    for (number, line) in markdown.lines().enumerate() {
        match (line.trim_start().strip_prefix("```"), inside) {
            (Some(_), Some(_)) => inside = None,
            (Some(opened), None) => inside = Some(opened.trim() == language),
            (None, Some(true)) => lines.push((number + 1, line.trim())),
            (None, _) => {}
        }
    }
    lines
}

/// The words behind `newsdigest`, or behind `cargo run [--release] --`, of every command in ```sh blocks: also behind `&&`, `;` and `|`.
fn commands(markdown: &str) -> Vec<(usize, Vec<String>)> {
    let mut commands = Vec::new();
    for (number, line) in blocks(markdown, "sh") {
        for words in shell(line) {
            let mut words = words
                .into_iter()
                .skip_while(|word| word == "$" || word.contains('=') || word.ends_with("sudo"))
                .peekable();
            match words.next().as_deref() {
                Some("newsdigest") => commands.push((number, words.collect())),
                Some("cargo") if words.peek().is_some_and(|word| word == "run") => {
                    commands.push((
                        number,
                        words.skip_while(|word| word != "--").skip(1).collect(),
                    ));
                }
                _ => {}
            }
        }
    }
    commands
}

/// A line of shell as commands of words; comments and redirections are dropped.
fn shell(line: &str) -> Vec<Vec<String>> {
    let mut commands = vec![Vec::new()];
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in line.chars().chain([' ']) {
        match (quote, c) {
            (Some(mark), c) if c == mark => quote = None,
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '#') if word.is_none() => break,
            (None, c) if c.is_whitespace() || "|;&".contains(c) => {
                commands.last_mut().unwrap().extend(word.take());
                if !c.is_whitespace() {
                    commands.push(Vec::new());
                }
            }
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    for command in &mut commands {
        if let Some(at) = command
            .iter()
            .position(|word| word.starts_with(['>', '<']) || word.starts_with("2>"))
        {
            command.truncate(at);
        }
    }
    commands.retain(|command| !command.is_empty());
    commands
}

mod tests {
    use super::*;

    const MAP: &str = "//! | floor | rooms |\n//! |---|---|\n//! | 0 nouns | `line` `link` |\n//! | 1 stages | `select` `render` |\n//! | 2 outside | `ledger` `mailer` |\n//!\n\
        //! | foreign crate | rooms that may name it |\n//! |---|---|\n//! | `lettre` | `mailer` |\n//! | `csv` | `ledger` `select` |\n";

    fn check(path: &str, text: &str, expected: &[&str]) {
        let house = House::parse(MAP);
        let file = Source::new(path.into(), text.into());
        let mut wrong = if file.room().is_some() {
            house.wrong_names(&file)
        } else {
            Vec::new()
        };
        wrong.extend(house.wrong_crates(&file));
        assert_eq!(wrong, expected, "{path}: {text}");
    }

    #[test]
    fn floors() {
        let wrong = &["src/ledger/mod.rs:1: floor 2 `ledger` may not name `mailer` of floor 2"];
        check("src/ledger/mod.rs", "use crate::mailer::Session;", wrong);
        check(
            "src/ledger/mod.rs",
            "fn f(x: &crate::mailer::Session) {}",
            wrong,
        );
        check("src/ledger/mod.rs", "use super::mailer;", wrong);
        check(
            "src/ledger/mod.rs",
            "use crate::{line::Line, mailer::{Pace, Session}, select};",
            wrong,
        );
        check(
            "src/ledger/mod.rs",
            "use super::{link, mailer as post};",
            wrong,
        );
        check(
            "src/ledger/mod.rs",
            "mod tests { use super::super::mailer; }",
            wrong,
        );
        check(
            "src/ledger/mod.rs",
            "mod tests { use super::*; use super::mailer; } use crate::ledger::x; use crate::render;",
            &[],
        );
        check(
            "src/ledger/rows.rs",
            "use super::mailer; use super::super::link;",
            &[],
        );
        check(
            "src/ledger/rows.rs",
            "use super::super::mailer;",
            &["src/ledger/rows.rs:1: floor 2 `ledger` may not name `mailer` of floor 2"],
        );
        check("src/line.rs", "use crate::link::Link;", &[]);
        check(
            "src/line.rs",
            "\n\nuse crate::select;",
            &["src/line.rs:3: floor 0 `line` may not name `select` of floor 1"],
        );
        check(
            "src/select/mod.rs",
            "use crate::*;",
            &["src/select/mod.rs:1: everything of the crate is imported; name what is needed"],
        );
        check("src/main.rs", "use newsdigest::mailer;", &[]);
    }

    #[test]
    fn words_and_comments_name_nothing() {
        check(
            "src/line.rs",
            "/// [`crate::mailer`]\n// crate::mailer\n/* /* */ crate::mailer */ const A: &str = \"crate::mailer \\\" crate::mailer\";",
            &[],
        );
        check(
            "src/line.rs",
            "const A: &str = r#\"crate::mailer \" \"#; const B: char = '\"'; pub(crate) fn f<'a>(x: &'a str) {} const C: &str = \"crate::mailer\";",
            &[],
        );
        check(
            "src/line.rs",
            "const Q: char = '\\''; use crate::mailer;",
            &["src/line.rs:1: floor 0 `line` may not name `mailer` of floor 2"],
        );
    }

    #[test]
    fn foreign_crates() {
        check("src/mailer/mod.rs", "use lettre::Address;", &[]);
        check(
            "src/ledger/mod.rs",
            "use lettre::Address;",
            &["src/ledger/mod.rs:1: only `mailer` may name `lettre`"],
        );
        check(
            "src/main.rs",
            "fn f() { ::lettre::x(); }",
            &["src/main.rs:1: only `mailer` may name `lettre`"],
        );
        check(
            "src/line.rs",
            "use csv as table;",
            &["src/line.rs:1: only `ledger` and `select` may name `csv`"],
        );
        check(
            "src/line.rs",
            "let csv = 1; csv.x(); self::csv::y(); mod csv;",
            &[],
        );
    }

    #[test]
    fn reasons() {
        let cargo = "[package]\nname = \"x\"\n[dependencies]\na = \"1\" # because\nb = { version = \"1\" }\n\n[profile.dev]\ndebug = 1\n[dev-dependencies]\nc = \"1\"\n";
        assert_eq!(
            without_reason(cargo),
            [
                "Cargo.toml:5: `b` stands without a reason",
                "Cargo.toml:10: `c` stands without a reason"
            ]
        );
    }

    #[test]
    fn commands_are_found_in_documents() {
        let text = "```sh\n$ newsdigest init paper && cd paper   # a newsroom\ncargo run -- send --sample | less\nA=1 newsdigest subscribers add 'a b' > x\ncargo run --release\n```\n```toml\nnewsdigest = 1\n```\n";
        let found: Vec<String> = commands(text)
            .into_iter()
            .map(|(line, words)| format!("{line} {}", words.join("|")))
            .collect();
        assert_eq!(
            found,
            [
                "2 init|paper",
                "3 send|--sample",
                "4 subscribers|add|a b",
                "5 "
            ]
        );
    }
}
