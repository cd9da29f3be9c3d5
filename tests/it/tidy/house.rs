//! The two tables of `src/lib.rs`, and what breaks them.

use std::collections::{BTreeMap, BTreeSet};

use super::rust::{Source, tokens};

/// The two tables of the crate doc.
pub(super) struct House {
    pub(super) floors: BTreeMap<String, usize>,
    pub(super) crates: BTreeMap<String, BTreeSet<String>>,
}

impl House {
    pub(super) fn parse(text: &str) -> Self {
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
                            "src/lib.rs: `{room}` is on two floors"
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

    pub(super) fn rooms(&self) -> BTreeSet<String> {
        self.floors.keys().cloned().collect()
    }

    pub(super) fn wrong_names(&self, file: &Source) -> Vec<String> {
        let room = file.room().expect("only rooms are asked");
        // Not on the map: another test says so.
        let Some(&own) = self.floors.get(&room) else {
            return Vec::new();
        };
        let mut wrong = Vec::new();
        for path in file.paths() {
            let (line, named) = (path.line, &path.path[0]);
            match self.floors.get(named) {
                _ if *named == room => {}
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
        wrong.dedup();
        wrong
    }

    pub(super) fn wrong_crates(&self, file: &Source) -> Vec<String> {
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

/// Modules of one folder that name one another in a circle, as `a -> b -> a`. What a folder's own file and its files have of one another
/// counts for nothing, nor what tests name.
pub(super) fn circles(files: &[Source]) -> Vec<String> {
    let modules: BTreeSet<Vec<String>> = files.iter().map(Source::modules).collect();
    let mut names: BTreeMap<Vec<String>, BTreeSet<Vec<String>>> = BTreeMap::new();
    for named in files.iter().flat_map(Source::paths) {
        if named.from.iter().any(|module| module == "tests") {
            continue;
        }
        // Where the two ways from the root part, they name two modules of one folder.
        let same = named
            .from
            .iter()
            .zip(&named.path)
            .take_while(|(a, b)| a == b)
            .count();
        let (Some(from), Some(to)) = (named.from.get(..=same), named.path.get(..=same)) else {
            continue;
        };
        if modules.iter().any(|module| module.starts_with(to)) {
            names.entry(from.to_vec()).or_default().insert(to.to_vec());
        }
    }
    let mut circles = BTreeSet::new();
    for start in names.keys() {
        let mut ways = vec![vec![start]];
        let mut seen = BTreeSet::new();
        while let Some(way) = ways.pop() {
            for next in names.get(way[way.len() - 1]).into_iter().flatten() {
                if next == start && way.iter().min() == Some(&start) {
                    let way: Vec<String> = way.iter().map(|module| module.join("::")).collect();
                    circles.insert(format!("{} -> {}", way.join(" -> "), way[0]));
                } else if seen.insert(next) {
                    ways.push([&way[..], &[next]].concat());
                }
            }
        }
    }
    circles.into_iter().collect()
}

fn in_backticks(text: &str) -> Vec<String> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

mod tests {
    use super::*;

    const MAP: &str = "//! | floor | rooms |\n//! |---|---|\n//! | 0 nouns | `line` `link` |\n//! | 1 stages | `select` `render` |\n//! | 2 outside | `ledger` `mailer` |\n//!\n\
        //! | foreign crate | rooms that may name it |\n//! |---|---|\n//! | `lettre` | `mailer` |\n//! | `csv` | `ledger` `select` |\n";

    fn check(path: &str, text: &str, expected: &[&str]) {
        let house = House::parse(MAP);
        let file = Source::new(path.into(), text);
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
        check("src/line.rs", "use crate::model::link::Link;", &[]);
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
    fn a_circle_is_found_whatever_its_length() {
        let circles = |files: &[(&str, &str)]| {
            let files: Vec<Source> = files
                .iter()
                .map(|(path, text)| Source::new((*path).into(), text))
                .collect();
            circles(&files).join("; ")
        };
        let tree = [
            ("src/ledger/mod.rs", "mod a; mod b; mod c; use a::X;"),
            ("src/ledger/a.rs", "use super::{Ledger, b::Y};"),
            ("src/ledger/b/mod.rs", "use crate::ledger::c::Z;"),
            (
                "src/ledger/b/inner.rs",
                "use super::Y; fn f() { crate::ledger::c::g(); }",
            ),
        ];
        let with = |c: &'static str| circles(&[&tree[..], &[("src/ledger/c.rs", c)]].concat());
        let circle = "ledger::a -> ledger::b -> ledger::c -> ledger::a";
        assert_eq!(with("use super::a;"), circle);
        assert_eq!(with("fn f() { super::a::g(); }"), circle);
        assert_eq!(
            with("use super::Ledger; mod tests { use super::super::a; }"),
            ""
        );
        assert_eq!(
            with("mod tests { use std::io::{Read, Write}; use crate::ledger::a; }"),
            ""
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
}
