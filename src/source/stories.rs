//! Story files: `[[story]]` tables in TOML, or a list of objects in JSON, with the keys a story has in an edition file.

use std::fmt::Write as _;

use serde_json::Value;

use super::json;
use crate::model::edition::read_story;
use crate::model::line::Line;
use crate::model::problem::{Problem, Written};
use crate::model::story::Story;
use crate::model::toml_table::{MOST_PROBLEMS, Problems, TomlTable};

/// Reads the stories of a file, at most `most`; every one that cannot be used is a line `FILE:LINE:COLUMN: what`.
pub(super) fn read(file: &str, text: &str, most: usize) -> (Vec<Story>, Vec<String>) {
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if start.is_empty() {
        return (Vec::new(), vec![format!("{file}: is empty")]);
    }
    if start.starts_with('<') {
        return (
            Vec::new(),
            vec![format!("{file}: is HTML or XML: expected TOML or JSON")],
        );
    }
    let list = start
        .strip_prefix('[')
        .is_some_and(|rest| rest.trim_start().starts_with(['{', ']']));
    let (mut stories, mut misses) = if list || start.starts_with('{') {
        read_json(file, text, most)
    } else {
        read_toml(file, text, most)
    };
    if stories.len() > most {
        stories.truncate(most);
        misses.push(format!(
            "{file}: holds more than {most} stories; the rest was not read"
        ));
    }
    if stories.is_empty() && misses.is_empty() {
        misses.push(format!(
            "{file}: has no stories: expected tables under `[[story]]`, or a JSON list"
        ));
    }
    (stories, misses)
}

fn read_toml(file: &str, text: &str, most: usize) -> (Vec<Story>, Vec<String>) {
    let (mut stories, mut found) = (Vec::new(), Vec::new());
    let whole = Problems::default();
    let text = text.trim_start_matches('\u{feff}');
    let mut table = TomlTable::parse(Written::new(file, text), text, &whole);
    for table in table.tables("story", &whole).into_iter().take(most + 1) {
        let problems = Problems::default();
        let story = read_story(table, &problems);
        match problems.or(story) {
            Ok(story) => stories.push(story.value),
            Err(problems) => found.extend(problems),
        }
        if found.len() >= MOST_PROBLEMS {
            break;
        }
    }
    table.finish(&whole);
    found.extend(whole.into_vec());
    found.sort_by_key(|problem| {
        problem
            .place
            .as_ref()
            .map(|place| (place.line, place.column))
    });
    (
        stories,
        found.iter().map(|problem| placed(problem, file)).collect(),
    )
}

/// `FILE:LINE:COLUMN: what`, and the hint.
fn placed(problem: &Problem, file: &str) -> String {
    let mut line = match &problem.place {
        Some(place) => format!("{file}:{}:{}: {}", place.line, place.column, problem.what),
        None => format!("{file}: {}", problem.what),
    };
    if let Some(hint) = &problem.hint {
        _ = write!(line, "; {hint}");
    }
    line
}

/// Each object is read as the TOML table that says the same, so that both kinds of file follow the same rules in the same words.
fn read_json(file: &str, text: &str, most: usize) -> (Vec<Story>, Vec<String>) {
    let Some(list) = json::list(text, "stories", most + 1) else {
        return (
            Vec::new(),
            vec![format!(
                "{file}: has no stories: expected a list, or an object with a list `stories`"
            )],
        );
    };
    let (mut stories, mut misses) = (Vec::new(), Vec::new());
    let written = Written::new(file, text);
    for (at, value) in &list.elements {
        let Value::Object(object) = value else {
            misses.push(placed(
                &written.problem(*at..*at, "a story must be an object"),
                file,
            ));
            continue;
        };
        let mut table = String::new();
        for (key, value) in object {
            if !value.is_null() {
                quoted(&mut table, key);
                table.push_str(" = ");
                inline(&mut table, value);
                table.push('\n');
            }
        }
        let problems = Problems::default();
        let story = read_story(
            TomlTable::parse(Written::new(file, &table), &table, &problems),
            &problems,
        );
        match problems.or(story) {
            Ok(story) => stories.push(story.value),
            Err(problems) => misses.extend(problems.into_iter().map(|problem| {
                let place = written.problem(*at..*at, "").place;
                placed(&Problem { place, ..problem }, file)
            })),
        }
        if misses.len() >= MOST_PROBLEMS {
            break;
        }
    }
    if let Some((at, fault)) = list.fault {
        misses.push(placed(
            &written.problem(at..at, Line::clean(&fault).to_string()),
            file,
        ));
    }
    (stories, misses)
}

fn inline(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("\"\""),
        Value::Bool(_) | Value::Number(_) => _ = write!(out, "{value}"),
        Value::String(text) => quoted(out, text),
        Value::Array(list) => {
            out.push('[');
            for value in list.iter().filter(|value| !value.is_null()) {
                inline(out, value);
                out.push(',');
            }
            out.push(']');
        }
        Value::Object(object) => {
            out.push('{');
            let mut comma = "";
            for (key, value) in object.iter().filter(|(_, value)| !value.is_null()) {
                out.push_str(comma);
                quoted(out, key);
                out.push('=');
                inline(out, value);
                comma = ",";
            }
            out.push('}');
        }
    }
}

/// A TOML string. JSON's escapes as serde_json writes them are TOML's; only DEL may not be bare.
fn quoted(out: &mut String, text: &str) {
    _ = write!(out, "{}", Value::from(text.replace('\u{7f}', "")));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, stories: &[&str]) -> String {
        let (found, misses) = read("s.toml", text, 5);
        let found: Vec<String> = found
            .iter()
            .map(|story| format!("{} {}", story.headline, story.url))
            .collect();
        assert_eq!(found, stories, "{text}");
        misses.join("\n")
    }

    #[test]
    fn toml() {
        let misses = check(
            "[[story]]\nheadline = \"A\"\nurl = \"https://a.example/a\"\ndek = \"x\"\n\n[[story]]\nheadline = \"B\"\nurl = \"/relative\"\n\n\
             [[story]]\nurl = \"https://a.example/c\"\n\n[[story]]\nheadlin = \"D\"\n\n[[story]]\nheadline = \"E\"\nurl = \"https://a.example/e\"\n[storys]\n",
            &["A https://a.example/a", "E https://a.example/e"],
        );
        insta::assert_snapshot!(misses, @"
        s.toml:8:7: `/relative` is not a web address: expected `https://..`
        s.toml:10:1: a story must have a `headline`
        s.toml:13:1: a story must have a `headline`
        s.toml:13:1: a story must have a `url`
        s.toml:14:1: unknown key `headlin`; did you mean `headline`?
        s.toml:19:2: unknown key `storys`; did you mean `story`?
        ");
    }

    #[test]
    fn json() {
        let misses = check(
            "[\n {\"headline\": \"A\", \"url\": \"https://a.example/a\", \"dek\": null, \"picture\": {\"url\": \"https://a.example/p.jpg\", \"width\": 800}},\n\
             {\"headline\": 5, \"url\": \"https://a.example/b\"},\n 7,\n {\"headline\": \"C \\u007f\\\"\\n\", \"url\": \"https://a.example/c\", \"published\": \"2026-08-24T05:10:00+01:00\"},\n {\"he",
            &["A https://a.example/a", "C \" https://a.example/c"],
        );
        insta::assert_snapshot!(misses, @"
        s.toml:3:1: `headline` must be a string, but found integer
        s.toml:4:2: a story must be an object
        s.toml:6:5: EOF while parsing a string
        ");
        assert_eq!(
            check(
                "{\"stories\": [{\"headline\": \"A\", \"url\": \"https://a.example/\"}]}",
                &["A https://a.example/"]
            ),
            ""
        );
    }

    #[test]
    fn what_is_no_story_file() {
        let all =
            ["", "<html>", "{}", "[]", "x = 1", "{\"stories\": 5}"].map(|text| check(text, &[]));
        insta::assert_snapshot!(all.join("\n"), @"
        s.toml: is empty
        s.toml: is HTML or XML: expected TOML or JSON
        s.toml: has no stories: expected a list, or an object with a list `stories`
        s.toml: has no stories: expected tables under `[[story]]`, or a JSON list
        s.toml:1:1: unknown key `x`; known keys here: `story`
        s.toml: has no stories: expected a list, or an object with a list `stories`
        ");
    }

    #[test]
    fn no_more_than_asked_for() {
        let all = (0..7)
            .map(|n| format!("[[story]]\nheadline = \"S\"\nurl = \"https://a.example/{n}\"\n"))
            .collect::<Vec<_>>()
            .concat();
        let (stories, misses) = read("s.toml", &all, 5);
        assert_eq!(
            (stories.len(), misses.join("")),
            (
                5,
                "s.toml: holds more than 5 stories; the rest was not read".into()
            )
        );
    }
}
