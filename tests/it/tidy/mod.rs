//! The house rules, held by a test. The map is in the crate doc of `src/lib.rs`; this file reads it from there, so it cannot lie.
//!
//! - Floors: a room names only lower floors. Nouns (floor 0) may name one another; rooms of any other floor never do.
//! - A foreign crate of the second table is named only in its rooms.
//! - Modules of one folder name one another in no circle.
//! - No room called util, a reason beside every dependency, every command in a document runs.

mod documents;
mod house;
mod rust;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::newsroom::Newsroom;
use documents::commands;
use house::{House, circles};
use rust::Source;

#[test]
fn rooms_name_only_lower_floors() {
    let house = House::parse(&read("src/lib.rs"));
    let mut wrong = Vec::new();
    for file in sources("src").iter().filter(|file| file.room().is_some()) {
        wrong.extend(house.wrong_names(file));
    }
    assert_none(&wrong, "src/lib.rs has the floors");
}

#[test]
fn foreign_crates_stay_in_their_rooms() {
    let house = House::parse(&read("src/lib.rs"));
    let mut wrong = Vec::new();
    for file in sources("src") {
        wrong.extend(house.wrong_crates(&file));
    }
    assert_none(&wrong, "src/lib.rs has the table of foreign crates");
}

#[test]
fn every_room_stands_on_the_map() {
    let house = House::parse(&read("src/lib.rs"));
    let wrong: Vec<String> = rooms_on_disk()
        .difference(&house.rooms())
        .map(|room| format!("src/{room}: not in the table of floors"))
        .collect();
    assert_none(&wrong, "src/lib.rs has the floors");
}

#[test]
fn every_room_of_the_map_exists() {
    let house = House::parse(&read("src/lib.rs"));
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
fn no_modules_of_a_folder_name_one_another_in_a_circle() {
    let found = circles(&sources("src"));
    assert_none(&found, "move what both need into a third file");
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

#[track_caller]
fn assert_none(wrong: &[String], advice: &str) {
    assert!(wrong.is_empty(), "\n{}\nhint: {advice}\n", wrong.join("\n"));
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
            Source::new(name, &fs::read_to_string(&path).unwrap())
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
                "Cargo.toml:{}: `{name}` is without a reason",
                number + 1
            ));
        }
    }
    wrong
}

#[test]
fn every_test_that_a_promise_names_exists() {
    /// Names of others' things: a setting of Postfix, a function of lettre. Keys of our files are strings in the code.
    const OTHERS: [&str; 2] = ["relay_domains", "read_response"];
    let code: String = ["src", "tests"]
        .into_iter()
        .flat_map(sources_text)
        .collect();
    let papers =
        ["reliability", "security", "readers", "bounces"].map(|name| format!("docs/{name}.md"));
    let text: String = papers.iter().map(|path| read(path)).collect();
    let named: Vec<&str> = text
        .split('`')
        .skip(1)
        .step_by(2)
        .filter_map(|word| word.rsplit("::").next())
        .filter(|name| {
            let is_name = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
            name.contains('_') && name.bytes().all(is_name) && !OTHERS.contains(name)
        })
        .collect();
    assert!(named.len() > 20, "only {named:?}");
    let wrong: Vec<&str> = named
        .into_iter()
        .filter(|name| !code.contains(&format!("fn {name}(")))
        .filter(|name| !code.contains(&format!("\"{name}\"")))
        .collect();
    assert!(
        wrong.is_empty(),
        "one of {papers:?} names tests that are not there: {wrong:?}"
    );
}

/// The text of every Rust file in that folder.
fn sources_text(folder: &str) -> Vec<String> {
    files(&root().join(folder))
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect()
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
        .filter(|path| {
            Path::new(path).extension().is_some_and(|end| end == "md") && root().join(path).exists()
        })
        .collect();
    all.sort();
    all
}

mod tests {
    use super::*;

    #[test]
    fn reasons() {
        let cargo = "[package]\nname = \"x\"\n[dependencies]\na = \"1\" # because\nb = { version = \"1\" }\n\n[profile.dev]\ndebug = 1\n[dev-dependencies]\nc = \"1\"\n";
        assert_eq!(
            without_reason(cargo),
            [
                "Cargo.toml:5: `b` is without a reason",
                "Cargo.toml:10: `c` is without a reason"
            ]
        );
    }
}
