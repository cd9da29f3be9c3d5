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

/// All stories of a page's JSON-LD, with their addresses if those are said.
pub(super) fn told(page: &str, base: &Link) -> Vec<(Option<Link>, Facts)> {
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
                walk(&value, base, &mut found);
            }
        }
    }
    found
}

fn walk(value: &Value, base: &Link, found: &mut Vec<(Option<Link>, Facts)>) {
    if found.len() >= STORIES {
        return;
    }
    if let Value::Array(list) = value {
        for value in list {
            walk(value, base, found);
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
        found.push((address(value, base), facts(value, base)));
    }
    for inner in ["@graph", "mainEntity", "itemListElement", "item", "hasPart"] {
        walk(&value[inner], base, found);
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
