//! A story in Markdown with front matter, as the generators of sites keep it: Hugo, Jekyll, Eleventy, Astro.
//!
//! Keys are known by the names these give them, in any case; a key that is not known is the site's own affair. What the generator would
//! not publish yet (a draft, a date in the future) is no story, and nothing is said of it.

mod body;
mod front;
#[cfg(test)]
mod tests;

use std::path::Path;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::feed::AHEAD;
use super::image::Image;
use super::item::{Category, Item, Setting, story};
use super::sections::Sections;
use super::story_text;
use crate::model::dates::{self, Date, DateStyle};
use crate::model::line::Line;
use crate::model::link::Link;
use crate::model::story::{Precision, Story};
use front::{FRONT, Fault, Front, is_blank, texts};

/// The most paragraphs of a story's text.
const PARAGRAPHS: usize = 10;

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
/// Where the whole address is; in the others generators keep a path.
const ADDRESS: [&str; 7] = [
    "canonical",
    "canonical_url",
    "canonicalurl",
    "url",
    "link",
    "permalink",
    "slug",
];

/// Whether a story file is one story in Markdown: by its name, or by how it begins.
pub(super) fn is(file: &str, text: &str) -> bool {
    let ending = Path::new(file).extension().unwrap_or_default();
    ["md", "markdown", "mdx"]
        .iter()
        .any(|known| ending.eq_ignore_ascii_case(known))
        || text.trim_start_matches(is_blank).starts_with("---")
}

/// Reads the story; a path in its front matter is one on `site`. `None` if it is not published yet. What keeps it from being used are lines `FILE:LINE: what`.
pub(super) fn read(
    file: &str,
    text: &str,
    site: &Link,
    style: &DateStyle,
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
    let published = match front.published(&name.to_string_lossy(), style, now) {
        Ok(Published::NotYet) => return Ok(None),
        Ok(Published::At(date)) => date,
        Err(fault) => {
            faults.push(fault);
            None
        }
    };
    let url = front.address(site).map_err(|fault| faults.push(fault)).ok();
    let told = url.and_then(|url| front.story(&url, published, now));
    // Without an address there is no story either; then the headline is looked at by itself.
    if told.is_none() && (front.text(&HEADLINE).is_none() || faults.is_empty()) {
        faults.push((front.line, "a story must have a `title`".to_owned()));
    }
    match told {
        Some(story) if faults.is_empty() => Ok(Some(story)),
        _ => {
            faults.sort();
            Err(faults.into_iter().map(said).collect())
        }
    }
}

/// When a story was published.
enum Published {
    At(Option<Date>),
    NotYet,
}

impl Front<'_> {
    /// The story; `None` without a headline.
    fn story(&self, url: &Link, date: Option<Date>, now: DateTime<Utc>) -> Option<Story> {
        let item = Item {
            headline: self.text(&HEADLINE)?,
            links: vec![url.as_str().to_owned()],
            summary: self.text(&DEK).unwrap_or_default(),
            content: body::html(self.body),
            authors: self.texts(&AUTHOR),
            categories: self
                .texts(&SECTION)
                .into_iter()
                .map(|name| Category::named(&name))
                .collect(),
            pictures: self.pictures(),
            ..Item::default()
        };
        let setting = Setting {
            base: Some(url),
            title: "",
            section: None,
            sections: &Sections::default(),
            dates: &DateStyle::universal(),
            now,
        };
        let kicker = self
            .text(&["kicker"])
            .and_then(|text| Line::non_empty(&text));
        Some(Story {
            kicker,
            published: date.map(|date| date.middle(now).min(now)),
            precision: match date {
                Some(date) if date.is_day => Precision::Day,
                _ => Precision::Time,
            },
            ..story_text::told(story(&item, &setting)?, &item, PARAGRAPHS)
        })
    }

    /// The date, from a key or from the name of Jekyll's files: `2026-08-24-ferry.md`.
    fn published(
        &self,
        name: &str,
        style: &DateStyle,
        now: DateTime<Utc>,
    ) -> Result<Published, Fault> {
        // `published: true` is no date, and one may be beside it.
        let dated = DATE.into_iter().find_map(|key| {
            let (_, value) = self.first(&[key])?;
            (!value.is_boolean()).then(|| (key, texts(value).concat()))
        });
        let (key, text) = match (dated, name.get(..11)) {
            (Some(found), _) => found,
            (None, Some(day))
                if day.ends_with('-') && dates::parse(&day[..10], style).is_some() =>
            {
                ("date", day[..10].to_owned())
            }
            (None, _) => return Ok(Published::At(None)),
        };
        let Some(date) = dates::parse(&text, style) else {
            let what = format!(
                "`{key}` is `{}`: expected a date such as 2026-08-24T05:10:00+01:00",
                Line::clean_to(&text, 40)
            );
            return Err((self.line_of(key), what));
        };
        if date.at > now + AHEAD {
            return Ok(Published::NotYet);
        }
        Ok(Published::At(Some(date)))
    }

    /// The whole address on the web.
    fn address(&self, site: &Link) -> Result<Link, Fault> {
        let mut refused = None;
        for key in ADDRESS {
            let Some(text) = self.text(&[key]) else {
                continue;
            };
            // A path is one on the paper's own site; a slug says nothing of the folders above it.
            let link = if text.starts_with('/') && key != "slug" {
                site.join(&text)
            } else {
                Link::parse(&text)
            };
            match link {
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

    /// All of them: the first key is often there and empty.
    fn pictures(&self) -> Vec<Image> {
        let given = PICTURE
            .into_iter()
            .filter_map(|key| Some(self.first(&[key])?.1));
        given
            .flat_map(|value| {
                value
                    .as_array()
                    .map_or(std::slice::from_ref(value), Vec::as_slice)
            })
            .filter_map(picture)
            .collect()
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
        ..Image::default()
    })
}

/// Whether the address is whole, or begins at the site's root. Other paths are the generator's: it moves what they name.
fn on_the_web(url: &str) -> bool {
    url.starts_with(['/', 'h'])
}
