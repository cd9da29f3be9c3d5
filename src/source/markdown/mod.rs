//! A story in Markdown with front matter, as the generators of sites keep it: Hugo, Jekyll, Eleventy, Astro.
//!
//! Keys are known by the names these give them, in any case; a key that is not known is the site's own affair. What the generator would
//! not publish yet (a draft, a date in the future) is no story, and nothing is said of it.

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};

use super::feed::AHEAD;
use super::item::{Category, Image, Item, Setting, story};
use super::piece::{escape, write_tag};
use super::{dates, json};
use crate::line::Line;
use crate::link::Link;
use crate::problem::Written;
use crate::sheet::{Problems, Sheet};
use crate::story::Story;

/// The longest front matter, in octets.
const FRONT: usize = 65_536;

/// How much of the text under it is looked at, in octets: enough for a first paragraph and a first picture.
const BODY: usize = 65_536;

/// A day without a time and a zone may have begun this long before it begins in UTC.
const FIRST_ZONE: TimeDelta = TimeDelta::hours(14);

const HEADLINE: [&str; 2] = ["title", "headline"];
const DEK: [&str; 8] = [
    "dek",
    "description",
    "summary",
    "excerpt",
    "subtitle",
    "lead",
    "teaser",
    "standfirst",
];
const DATE: [&str; 7] = [
    "publishdate",
    "pubdate",
    "published",
    "publishedat",
    "published_at",
    "datepublished",
    "date",
];
const AUTHOR: [&str; 3] = ["authors", "author", "byline"];
const SECTION: [&str; 3] = ["section", "category", "categories"];
const PICTURE: [&str; 10] = [
    "image",
    "cover",
    "picture",
    "hero",
    "heroimage",
    "coverimage",
    "cover_image",
    "featured_image",
    "featuredimage",
    "images",
];
/// Where the whole address stands; in the others generators keep a path.
const ADDRESS: [&str; 7] = [
    "canonical",
    "canonical_url",
    "canonicalurl",
    "url",
    "link",
    "permalink",
    "slug",
];

/// What is wrong, and in which line.
type Fault = (usize, String);

/// Whether a story file is one story in Markdown: by its name, or by how it begins.
pub(super) fn is(file: &str, text: &str) -> bool {
    let ending = Path::new(file).extension().unwrap_or_default();
    ["md", "markdown", "mdx"]
        .iter()
        .any(|known| ending.eq_ignore_ascii_case(known))
        || text.trim_start_matches(is_blank).starts_with("---")
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{feff}'
}

/// Reads the story; `None` if it is not published yet. What keeps it from being used are lines `FILE:LINE: what`.
pub(super) fn read(
    file: &str,
    text: &str,
    now: DateTime<Utc>,
) -> Result<Option<Story>, Vec<String>> {
    let said = |(line, what): Fault| format!("{file}:{line}: {what}");
    if text.trim_start_matches(is_blank).is_empty() {
        return Err(vec![format!("{file}: is empty")]);
    }
    // Markdown holds no such letter, and every binary format does.
    if text[..text.floor_char_boundary(FRONT)].contains('\0') {
        return Err(vec![format!("{file}: is not text")]);
    }
    let front = Front::read(file, text).map_err(|fault| vec![said(fault)])?;
    let name = Path::new(file).file_stem().unwrap_or_default();
    // Hugo's `_index.md` is the page of a section.
    if front.is("draft", true) || front.is("published", false) || name == "_index" {
        return Ok(None);
    }
    let mut faults = Vec::new();
    let published = match front.published(&name.to_string_lossy(), now) {
        Ok(Published::NotYet) => return Ok(None),
        Ok(Published::At(date)) => date,
        Err(fault) => {
            faults.push(fault);
            None
        }
    };
    let headline = front.text(&HEADLINE).filter(|text| !text.trim().is_empty());
    if headline.is_none() {
        faults.push((front.line, "a story must have a `title`".to_owned()));
    }
    match front.address() {
        Ok(url) => {
            let item = Item {
                headline: headline.unwrap_or_default(),
                links: vec![url.as_str().to_owned()],
                summary: front.text(&DEK).unwrap_or_default(),
                content: html(front.body),
                authors: front.texts(&AUTHOR),
                categories: front
                    .texts(&SECTION)
                    .into_iter()
                    .map(|name| Category {
                        name,
                        scheme: String::new(),
                    })
                    .collect(),
                published,
                pictures: front.pictures(),
            };
            let setting = Setting {
                base: Some(&url),
                title: "",
                section: None,
            };
            if faults.is_empty()
                && let Some(mut story) = story(&item, &setting)
            {
                story.kicker = front
                    .text(&["kicker"])
                    .and_then(|text| Line::non_empty(&text));
                return Ok(Some(story));
            }
        }
        Err(fault) => faults.push(fault),
    }
    faults.sort();
    Err(faults.into_iter().map(said).collect())
}

/// When a story was published.
enum Published {
    At(Option<DateTime<Utc>>),
    NotYet,
}

/// The keys and values above the text.
struct Front<'t> {
    /// Keys in lower case.
    fields: Map<String, Value>,
    written: &'t str,
    /// The line in which `written` begins, from 1.
    line: usize,
    body: &'t str,
}

impl<'t> Front<'t> {
    fn read(file: &str, text: &'t str) -> Result<Self, Fault> {
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
    fn first(&self, keys: &[&'static str]) -> Option<(&'static str, &Value)> {
        keys.iter().find_map(|key| {
            let value = self.fields.get(*key)?;
            (!value.is_null() && value != "").then_some((*key, value))
        })
    }

    fn text(&self, keys: &[&'static str]) -> Option<String> {
        texts(self.first(keys)?.1).into_iter().next()
    }

    fn texts(&self, keys: &[&'static str]) -> Vec<String> {
        self.first(keys)
            .map_or_else(Vec::new, |(_, value)| texts(value))
    }

    fn is(&self, key: &str, flag: bool) -> bool {
        self.fields.get(key).is_some_and(|value| match value {
            Value::Bool(value) => *value == flag,
            Value::String(text) => text.eq_ignore_ascii_case(if flag { "true" } else { "false" }),
            _ => false,
        })
    }

    /// The line in which a key stands, as far as that can be told.
    fn line_of(&self, key: &str) -> usize {
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

    /// The date, from a key or from the name of Jekyll's files: `2026-08-24-ferry.md`.
    fn published(&self, name: &str, now: DateTime<Utc>) -> Result<Published, Fault> {
        let dated = self
            .first(&DATE)
            .filter(|(_, value)| !value.is_boolean())
            .map(|(key, value)| (key, texts(value).concat()));
        let (key, text) = match (dated, name.get(..11)) {
            (Some(found), _) => found,
            (None, Some(day)) if day.ends_with('-') && dates::parse(&day[..10]).is_some() => {
                ("date", day[..10].to_owned())
            }
            (None, _) => return Ok(Published::At(None)),
        };
        let Some(date) = dates::parse(&text) else {
            let what = format!(
                "`{key}` is `{}`: expected a date such as 2026-08-24T05:10:00+01:00",
                Line::clean_to(&text, 40)
            );
            return Err((self.line_of(key), what));
        };
        let ahead = if text.contains(':') {
            AHEAD
        } else {
            FIRST_ZONE
        };
        if date > now + ahead {
            return Ok(Published::NotYet);
        }
        Ok(Published::At(Some(date.min(now))))
    }

    /// The whole address on the web.
    fn address(&self) -> Result<Link, Fault> {
        let mut refused = None;
        for key in ADDRESS {
            let Some(text) = self.text(&[key]) else {
                continue;
            };
            match Link::parse(&text) {
                Ok(link) => return Ok(link),
                Err(_) => _ = refused.get_or_insert((key, text)),
            }
        }
        let need =
            "a story must have its whole address: add the key `canonical_url` with `https://..`";
        Err(match refused {
            Some((key, text)) => (
                self.line_of(key),
                format!("`{key}` is `{}`, and {need}", Line::clean_to(&text, 60)),
            ),
            None => (self.line, need.to_owned()),
        })
    }

    fn pictures(&self) -> Vec<Image> {
        let Some((_, value)) = self.first(&PICTURE) else {
            return Vec::new();
        };
        let list = value
            .as_array()
            .map_or(std::slice::from_ref(value), Vec::as_slice);
        list.iter().filter_map(picture).collect()
    }
}

fn no_end(expected: &str) -> String {
    format!("the front matter has no end: expected `{expected}` within 64 kB")
}

/// The texts that a value gives: itself, its elements, or the names in them.
fn texts(value: &Value) -> Vec<String> {
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

/// A picture: its address, or a table with what else is known of it.
fn picture(value: &Value) -> Option<Image> {
    let text = |keys: &[&str]| {
        let text = keys.iter().find_map(|key| value[*key].as_str())?;
        Some(text.to_owned())
    };
    let pixels = |key: &str| {
        value[key]
            .as_u64()
            .and_then(|pixels| u32::try_from(pixels).ok())
    };
    let url = match value {
        Value::String(url) => url.clone(),
        _ => text(&["url", "src", "image", "path"])?,
    };
    on_the_web(&url).then(|| Image {
        url,
        width: pixels("width"),
        height: pixels("height"),
        alt: text(&["alt", "caption"]),
        credit: text(&["credit"]),
    })
}

/// Whether the address is whole, or begins at the site's root. Other paths are the generator's: it moves what they name.
fn on_the_web(url: &str) -> bool {
    url.starts_with(['/', 'h'])
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
            "a colon with a space behind it stands in a value: put the value between quotes"
        } else {
            words
        };
        (line, Line::clean_to(what, 160).to_string())
    })
}

/// TOML's values; what is wrong is said in the words for TOML everywhere.
fn toml(file: &str, text: &str, from: usize, piece: &str) -> Result<Value, Fault> {
    let problems = Problems::default();
    Sheet::parse(Written { file, text, from }, piece, &problems);
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

/// The paragraphs and pictures of the text, as the HTML from which a dek and a picture are taken.
fn html(body: &str) -> String {
    let body = without_calls(&body[..body.floor_char_boundary(BODY)]);
    let (mut html, mut paragraph) = (String::new(), false);
    let mut image: Option<(String, String)> = None;
    for event in Parser::new_ext(
        &body,
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH,
    ) {
        match (event, &mut image) {
            (Event::Text(text) | Event::Code(text), Some((_, alt))) => alt.push_str(&text),
            (Event::Text(text) | Event::Code(text), None) if paragraph => escape(&mut html, &text),
            (Event::SoftBreak | Event::HardBreak, _) => html.push(' '),
            (Event::InlineHtml(raw) | Event::Html(raw), _) => html.push_str(&raw),
            (Event::Start(Tag::Paragraph), _) => {
                paragraph = true;
                html.push_str("<p>");
            }
            (Event::End(TagEnd::Paragraph), _) => {
                paragraph = false;
                html.push_str("</p>");
            }
            (Event::Start(Tag::Image { dest_url, .. }), _) => {
                image = Some((dest_url.into_string(), String::new()));
            }
            (Event::End(TagEnd::Image), Some((url, alt))) => {
                if on_the_web(url) {
                    write_tag(&mut html, "img", &[("src", url), ("alt", alt)], "");
                }
                image = None;
            }
            _ => {}
        }
    }
    html
}

/// The text without calls of the generator's own functions: `{{< figure .. >}}`, `{% include .. %}`.
fn without_calls(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("{{").into_iter().chain(rest.find("{%")).min() {
        let closing = if rest[at..].starts_with("{{") {
            "}}"
        } else {
            "%}"
        };
        let Some(end) = rest[at..].find(closing) else {
            break;
        };
        kept.push_str(&rest[..at]);
        rest = &rest[at + end + closing.len()..];
    }
    kept + rest
}

#[cfg(test)]
mod tests;
