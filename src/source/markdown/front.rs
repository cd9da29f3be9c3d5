//! Front matter: the keys and values above a text, in YAML between `---`, in TOML between `+++`, or as one object in JSON.

use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};

use crate::model::line::Line;
use crate::model::problem::Written;
use crate::model::toml_table::{Problems, TomlTable};
use crate::source::json;

/// The longest front matter, in octets.
pub(super) const FRONT: usize = 65_536;

/// What is wrong, and in which line.
pub(super) type Fault = (usize, String);

/// The keys and values above the text.
pub(super) struct Front<'t> {
    /// Keys in lower case.
    fields: Map<String, Value>,
    written: &'t str,
    /// The line in which `written` begins, from 1.
    pub line: usize,
    pub body: &'t str,
}

impl<'t> Front<'t> {
    pub(super) fn read(file: &str, text: &'t str) -> Result<Self, Fault> {
        let start = text.trim_start_matches(is_blank);
        let from = text.len() - start.len();
        let line = text[..from].matches('\n').count() + 1;
        let fence = start.lines().next().unwrap_or_default().trim_end();
        let head = &start[..start.floor_char_boundary(FRONT)];
        if start.starts_with('{') {
            let (value, end) = json::one::<Value>(head, 0).map_err(|(at, what)| {
                if what.starts_with("EOF") {
                    return (line, no_end("}"));
                }
                (line + head[..at].matches('\n').count(), what)
            })?;
            return Self::new(value, &start[..end], line, &start[end..]);
        }
        if fence != "---" && fence != "+++" {
            let what = "has no front matter: expected a line `---`, and under it `title` and `url`";
            return Err((line, what.to_owned()));
        }
        let (open, mut at) = (start.find('\n').map_or(start.len(), |end| end + 1), 0);
        let closes = |line: &str| line == fence || (fence == "---" && line == "...");
        let inside = head.get(open..).unwrap_or_default();
        for piece in inside.split_inclusive('\n') {
            if closes(piece.trim_end()) {
                let written = &inside[..at];
                let value = if fence == "---" {
                    yaml(written).map_err(|(at, what)| (line + at, what))?
                } else {
                    toml(file, text, from + open, written)?
                };
                return Self::new(value, written, line + 1, &start[open + at + piece.len()..]);
            }
            at += piece.len();
        }
        Err((line, no_end(fence)))
    }

    fn new(value: Value, written: &'t str, line: usize, body: &'t str) -> Result<Self, Fault> {
        let fields = match value {
            Value::Object(fields) => fields,
            Value::Null => Map::new(),
            _ => return Err((line, "the front matter must be keys with values".to_owned())),
        };
        Ok(Self {
            fields: fields
                .into_iter()
                .map(|(key, value)| (key.to_lowercase(), value))
                .collect(),
            written,
            line,
            body,
        })
    }

    /// The first of `keys` that is given, and what it is.
    pub(super) fn first(&self, keys: &[&'static str]) -> Option<(&'static str, &Value)> {
        keys.iter().find_map(|key| {
            let value = self.fields.get(*key)?;
            (!value.is_null() && value != "").then_some((*key, value))
        })
    }

    pub(super) fn text(&self, keys: &[&'static str]) -> Option<String> {
        texts(self.first(keys)?.1).into_iter().next()
    }

    pub(super) fn texts(&self, keys: &[&'static str]) -> Vec<String> {
        self.first(keys)
            .map_or_else(Vec::new, |(_, value)| texts(value))
    }

    pub(super) fn is(&self, key: &str, flag: bool) -> bool {
        self.fields.get(key).is_some_and(|value| match value {
            Value::Bool(value) => *value == flag,
            Value::String(text) => text.eq_ignore_ascii_case(if flag { "true" } else { "false" }),
            _ => false,
        })
    }

    /// The line in which a key is, as far as that can be told.
    pub(super) fn line_of(&self, key: &str) -> usize {
        let is_key = |line: &str| {
            let line = line
                .trim_start_matches(['"', '\'', ' ', '{', ',', '\t'])
                .to_lowercase();
            line.strip_prefix(key).is_some_and(|rest| {
                rest.trim_start_matches(['"', '\'', ' '])
                    .starts_with([':', '='])
            })
        };
        self.line + self.written.lines().position(is_key).unwrap_or(0)
    }
}

fn no_end(expected: &str) -> String {
    format!("the front matter has no end: expected `{expected}` within 64 kB")
}

/// The texts that a value gives: itself, its elements, or the names in them.
pub(super) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Number(number) => vec![number.to_string()],
        Value::Array(list) => list.iter().flat_map(texts).collect(),
        Value::Object(fields) => ["name", "title"]
            .iter()
            .find_map(|key| fields.get(*key)?.as_str())
            .map(|text| vec![text.to_owned()])
            .unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// YAML's values. Its aliases may multiply: what a page writes by hand stays far below these bounds.
fn yaml(text: &str) -> Result<Value, Fault> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: 10_000,
            max_nodes: 10_000,
            max_aliases: 100,
            max_depth: 20,
            flow_nesting_limit: 20,
            max_documents: 1,
            max_total_scalar_bytes: 4 * FRONT,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 1_000,
        },
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::LastWins,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let line = error
            .location()
            .and_then(|at| usize::try_from(at.line()).ok())
            .unwrap_or(1);
        let words = error.without_snippet().to_string();
        let words = words.split(" at line ").next().unwrap_or_default();
        let what = if ["limit", "budget"]
            .iter()
            .any(|bound| words.contains(bound))
        {
            "the front matter nests or repeats its values too often"
        } else if words.starts_with("mapping values are not allowed") {
            "the value holds a colon with a space behind it: put the value between quotes"
        } else {
            words
        };
        (line, Line::clean_to(what, 160).to_string())
    })
}

/// TOML's values; what is wrong is said in the words for TOML everywhere.
fn toml(file: &str, text: &str, from: usize, piece: &str) -> Result<Value, Fault> {
    let problems = Problems::default();
    TomlTable::parse(Written { file, text, from }, piece, &problems);
    if let Some(problem) = problems.into_vec().into_iter().next() {
        let line = problem.place.map_or(1, |place| place.line);
        return Err((line, problem.what));
    }
    let (table, _) = DeTable::parse_recoverable(piece);
    Ok(plain(DeValue::Table(table.into_inner())))
}

fn plain(value: DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::from(text.into_owned()),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).map_or(Value::Null, Value::from)
        }
        DeValue::Float(number) => Value::from(number.as_str()),
        DeValue::Boolean(flag) => Value::from(flag),
        DeValue::Datetime(moment) => Value::from(moment.to_string()),
        DeValue::Array(list) => list
            .into_iter()
            .map(|value| plain(value.into_inner()))
            .collect(),
        DeValue::Table(table) => table
            .into_iter()
            .map(|(key, value)| (key.into_inner().into_owned(), plain(value.into_inner())))
            .collect(),
    }
}

pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{feff}'
}
