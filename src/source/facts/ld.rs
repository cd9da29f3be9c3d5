//! JSON-LD: what a page says of stories in the words of schema.org.

use serde_json::{Deserializer, Value};

use super::{FEW, Facts, text, whole};
use crate::model::dates::{self, DateStyle};
use crate::model::link::Link;
use crate::source::image::Image;
use crate::source::json::paired;
use crate::source::plain;
use crate::source::tags::{Tags, is_any};

/// The most stories that one page's JSON-LD tells of.
const STORIES: usize = 2_000;

/// What is said of a story, and the story's address if that is said too.
pub(super) type Told<T> = (Option<Link>, T);

/// All stories of a page's JSON-LD.
pub(super) fn told(page: &str, base: &Link) -> Vec<Told<Facts>> {
    stories(page, base, facts)
}

/// The text of each story of a page's JSON-LD; of one that is not free to read, none.
pub(super) fn texts(page: &str, base: &Link) -> Vec<Told<String>> {
    stories(page, base, |story, _| {
        let free = &story["isAccessibleForFree"];
        let is_closed = *free == Value::Bool(false)
            || free
                .as_str()
                .is_some_and(|free| free.to_ascii_lowercase().ends_with("false"));
        let texts = each(&story["articleBody"]).filter(|_| !is_closed);
        let texts: Vec<&str> = texts.filter_map(Value::as_str).collect();
        texts.join("\n\n")
    })
}

fn stories<T>(page: &str, base: &Link, read: fn(&Value, &Link) -> T) -> Vec<Told<T>> {
    let mut found = Vec::new();
    for tag in Tags::new(page).filter(|tag| !tag.raw.is_empty() && is_any(tag.name, &["script"])) {
        if tag.attributes.to_ascii_lowercase().contains("ld+json") {
            // Line breaks inside strings are many a system's habit, and comment marks around it all.
            let json = tag.raw.replace(|c: char| c.is_ascii_control(), " ");
            let json = json
                .split_once("<![CDATA[")
                .map_or(&*json, |(_, rest)| rest);
            let start = json.find(['{', '[']).unwrap_or(json.len());
            let json = paired(&json[start..]);
            let mut values = Deserializer::from_str(&json).into_iter();
            if let Some(Ok(value)) = values.next() {
                walk(&value, base, read, &mut found);
            }
        }
    }
    found
}

fn walk<T>(value: &Value, base: &Link, read: fn(&Value, &Link) -> T, found: &mut Vec<Told<T>>) {
    if found.len() >= STORIES {
        return;
    }
    if let Value::Array(list) = value {
        for value in list {
            walk(value, base, read, found);
        }
    }
    if !value.is_object() {
        return;
    }
    let kind = |ends: &[&str]| {
        each(&value["@type"])
            .filter_map(Value::as_str)
            .any(|kind| ends.iter().any(|end| kind.ends_with(end)))
    };
    if kind(&["Article", "Posting", "ListItem"]) {
        found.push((address(value, base), read(value, base)));
    }
    for inner in ["@graph", "mainEntity", "itemListElement", "item", "hasPart"] {
        walk(&value[inner], base, read, found);
    }
}

/// The elements of a list, or the one thing that is none.
fn each(value: &Value) -> impl Iterator<Item = &Value> {
    let list = value.as_array();
    list.into_iter()
        .flatten()
        .chain(list.is_none().then_some(value))
}

fn address(value: &Value, base: &Link) -> Option<Link> {
    let page = &value["mainEntityOfPage"];
    [
        &value["url"],
        page,
        &page["@id"],
        &value["@id"],
        &value["item"],
        &value["item"]["@id"],
    ]
    .into_iter()
    .filter_map(Value::as_str)
    .find_map(|url| base.join(url).ok())
}

fn facts(value: &Value, base: &Link) -> Facts {
    let words = |key: &str| each(&value[key]).find_map(Value::as_str).and_then(text);
    let name = |value: &Value| {
        value
            .as_str()
            .or_else(|| value["name"].as_str())
            .and_then(text)
    };
    Facts {
        headline: words("headline")
            .or_else(|| words("name"))
            .unwrap_or_default(),
        dek: words("description").unwrap_or_default(),
        authors: each(&value["author"]).filter_map(name).take(FEW).collect(),
        section: words("articleSection").unwrap_or_default(),
        published: words("datePublished")
            .filter(|date| dates::parse(date, &DateStyle::universal()).is_some()),
        pictures: each(&value["image"])
            .filter_map(|image| picture(image, base))
            .take(FEW)
            .collect(),
        site: name(&value["publisher"]).unwrap_or_default(),
    }
}

fn picture(image: &Value, base: &Link) -> Option<Image> {
    let pixels = |key: &str| {
        let value = &image[key];
        let said = value.as_u64().and_then(|pixels| pixels.try_into().ok());
        said.or_else(|| value.as_str()?.trim_end_matches("px").trim().parse().ok())
    };
    let url = [image, &image["url"], &image["contentUrl"]]
        .into_iter()
        .find_map(Value::as_str)?;
    Some(Image {
        url: whole(&plain::words(url), base)?,
        width: pixels("width"),
        height: pixels("height"),
        ..Image::default()
    })
}
