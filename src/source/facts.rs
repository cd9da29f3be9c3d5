//! What pages say of stories for machines: JSON-LD (schema.org), Open Graph (ogp.me) and `<meta>`. All of it is only what a page claims;
//! [`super::item::story`] judges the words and pictures.

use std::collections::HashMap;

use chrono::{DateTime, Datelike as _, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Deserializer, Value};

use super::feed::AHEAD;
use super::item::{Category, Image, Item};
use super::scan::{self, Entities};
use super::tags::{Tags, is_any};
use super::{dates, plain};
use crate::link::{Link, StoryKey};

/// The longest text kept, in octets.
const TEXT: usize = 2_000;
/// The most authors, and the most pictures, of one story.
const FEW: usize = 8;
/// The most stories that one page's JSON-LD tells of.
const STORIES: usize = 2_000;

/// No news is of an earlier year.
const OLDEST: i32 = 1995;

/// What is said of one story. Empty: nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Facts {
    pub headline: String,
    pub dek: String,
    pub authors: Vec<String>,
    pub section: String,
    pub published: Option<DateTime<Utc>>,
    /// Their addresses are whole.
    pub pictures: Vec<Image>,
    /// The name of the paper.
    pub site: String,
}

impl Facts {
    /// Takes from `other` what is missing.
    pub(super) fn fill(&mut self, other: Self) {
        let text = |mine: &mut String, other: String| {
            if mine.is_empty() {
                *mine = other;
            }
        };
        text(&mut self.headline, other.headline);
        text(&mut self.dek, other.dek);
        text(&mut self.section, other.section);
        text(&mut self.site, other.site);
        if self.authors.is_empty() {
            self.authors = other.authors;
        }
        self.published = self.published.or(other.published);
        self.pictures.extend(other.pictures);
        self.pictures.truncate(FEW);
    }

    /// The same as an item of a feed.
    pub(super) fn into_item(self, link: String) -> Item {
        Item {
            headline: self.headline,
            links: vec![link],
            summary: self.dek,
            authors: self.authors,
            categories: vec![Category {
                name: self.section,
                scheme: String::new(),
            }],
            published: self.published,
            pictures: self.pictures,
            ..Item::default()
        }
    }
}

/// Whether news may carry this date: the publisher's clock may be a little ahead, and a year long ago is a zero that became a date.
pub(super) fn is_believable(date: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    date <= now + AHEAD && date.year() >= OLDEST
}

/// What a page's JSON-LD says of the stories it lists.
pub(super) fn listed(page: &str, base: &Link) -> HashMap<StoryKey, Facts> {
    let mut all: HashMap<StoryKey, Facts> = HashMap::new();
    for (url, facts) in told(page, base) {
        if let Some(url) = url {
            all.entry(url.key()).or_default().fill(facts);
        }
    }
    all
}

/// What a story's page, asked for as `asked` and found at `url`, says of that story.
pub(super) fn of(page: &str, asked: &Link, url: &Link) -> Facts {
    let mut entities = Entities::default();
    let mut metas = Metas::default();
    for tag in Tags::new(page).filter(|tag| !tag.close && is_any(tag.name, &["meta"])) {
        let attributes = scan::attributes(tag.attributes, &mut entities);
        let value = |name: &str| {
            let found = attributes
                .iter()
                .find(|(own, _)| own.eq_ignore_ascii_case(name));
            found.map_or("", |(_, value)| value.trim())
        };
        let name = [value("property"), value("name"), value("itemprop")]
            .into_iter()
            .find(|name| !name.is_empty());
        if let Some(name) = name {
            metas.take(&name.to_ascii_lowercase(), value("content"), url);
        }
    }
    let address = metas.address.as_ref().map(Link::key);
    let own = |told: &&(Option<Link>, Facts)| {
        told.0.as_ref().is_some_and(|told| {
            let key = told.key();
            key == asked.key() || key == url.key() || Some(&key) == address.as_ref()
        })
    };
    let told = told(page, url);
    let mut facts = told
        .iter()
        .find(own)
        .or_else(|| told.iter().find(|(url, _)| url.is_none()))
        .map(|(_, facts)| facts.clone())
        .unwrap_or_default();
    // The words for sharing are an editor's; those for machines are often the story's first words, cut.
    if !metas.facts.dek.is_empty() {
        facts.dek.clear();
    }
    facts.fill(metas.facts);
    if metas.no_words {
        facts.dek.clear();
    }
    if metas.no_picture {
        facts.pictures.clear();
    }
    facts
}

#[derive(Default)]
struct Metas {
    facts: Facts,
    address: Option<Link>,
    /// What search engines are told is meant for us too.
    no_words: bool,
    no_picture: bool,
}

impl Metas {
    fn take(&mut self, name: &str, content: &str, base: &Link) {
        let facts = &mut self.facts;
        let image = facts.pictures.last_mut();
        let target = match name {
            "og:title" => &mut facts.headline,
            "og:description" => {
                facts.dek.clear();
                &mut facts.dek
            }
            "description" | "twitter:description" => &mut facts.dek,
            "og:site_name" => &mut facts.site,
            "article:section" | "parsely-section" => &mut facts.section,
            "article:author" | "author" | "parsely-author" => {
                // Open Graph wants the address of a profile here.
                if !content.contains("://") && facts.authors.len() < FEW {
                    facts.authors.extend(text(content));
                    facts.authors.dedup();
                }
                return;
            }
            "article:published_time"
            | "datepublished"
            | "parsely-pub-date"
            | "date"
            | "dc.date"
            | "dcterms.created"
            | "pubdate" => {
                facts.published = facts.published.or_else(|| dates::parse(content));
                return;
            }
            "og:url" => {
                self.address = base.join(content).ok();
                return;
            }
            "og:image" | "og:image:url" | "og:image:secure_url" | "twitter:image" => {
                // `og:image:url` says the same again.
                let url = whole(content, base).filter(|url| {
                    facts.pictures.len() < FEW
                        && facts.pictures.iter().all(|image| image.url != *url)
                });
                facts.pictures.extend(url.map(|url| Image {
                    url,
                    ..Image::default()
                }));
                return;
            }
            "og:image:width" => {
                if let Some(image) = image {
                    image.width = content.parse().ok();
                }
                return;
            }
            "og:image:height" => {
                if let Some(image) = image {
                    image.height = content.parse().ok();
                }
                return;
            }
            "og:image:alt" => {
                if let Some(image) = image {
                    image.alt = text(content);
                }
                return;
            }
            "robots" | "newsdigest" => {
                for word in content.to_ascii_lowercase().split(',') {
                    match word.replace(' ', "").as_str() {
                        "nosnippet" | "max-snippet:0" => self.no_words = true,
                        "noimageindex" | "max-image-preview:none" => self.no_picture = true,
                        _ => {}
                    }
                }
                return;
            }
            _ => return,
        };
        if target.is_empty() {
            target.extend(text(content));
        }
    }
}

fn text(text: &str) -> Option<String> {
    let text = text[..text.floor_char_boundary(TEXT)].trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn whole(url: &str, base: &Link) -> Option<String> {
    let url = (!url.trim().is_empty()).then(|| base.join(url))?;
    url.ok().map(|url| url.as_str().to_owned())
}

/// All stories of a page's JSON-LD, with their addresses if those are said.
fn told(page: &str, base: &Link) -> Vec<(Option<Link>, Facts)> {
    let mut found = Vec::new();
    for tag in Tags::new(page).filter(|tag| !tag.raw.is_empty() && is_any(tag.name, &["script"])) {
        if tag.attributes.to_ascii_lowercase().contains("ld+json") {
            // Line breaks inside strings are many a system's habit, and comment marks around it all.
            let json = tag.raw.replace(|c: char| c.is_ascii_control(), " ");
            let json = json
                .split_once("<![CDATA[")
                .map_or(&*json, |(_, rest)| rest);
            let start = json.find(['{', '[']).unwrap_or(json.len());
            let mut values = Deserializer::from_str(&json[start..]).into_iter();
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
        published: words("datePublished").and_then(|date| dates::parse(&date)),
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn link(text: &str) -> Link {
        Link::parse(text).unwrap()
    }

    fn shown(facts: &Facts) -> String {
        serde_json::to_string_pretty(facts).unwrap()
    }

    #[test]
    fn a_storys_page_says_what_it_is() {
        let page = r#"<!DOCTYPE html><html><head><title>Ferry | The Paper</title>
            <meta property="og:title" content="Ferry fares rise &amp; rise">
            <meta name=description content="Short.">
            <meta property="og:description" content="Fares go up on Monday, &quot;and not only those&quot; > ever.">
            <META PROPERTY='og:image' CONTENT='/i/ferry-1200.jpg'><meta property="og:image:width" content="1200">
            <meta property="og:image:alt" content="A ferry"><meta property="og:site_name" content="The Paper">
            <meta property="article:author" content="https://facebook.com/ana"><meta name="author" content="Ana Reis">
            <script type="application/ld+json">
            {"@context":"https://schema.org","@graph":[
              {"@type":"WebPage","url":"https://paper.example/ferry","description":"no"},
              {"@type":["NewsArticle"],"mainEntityOfPage":{"@id":"https://www.paper.example/ferry/"},"headline":"Ferry
 fares","description":"First words ...",
               "datePublished":"2026-08-24T05:00:00+01:00","articleSection":["City","News"],"author":[{"name":"Ana Reis"},{"name":"Bo"}],
               "image":{"url":"https://cdn.example/a.jpg","width":"800px","height":450},"publisher":{"name":"Paper"}},
              {"@type":"NewsArticle","url":"/other","headline":"Other"}]}
            </script></head>"#;
        let at = link("https://paper.example/ferry");
        insta::assert_snapshot!(shown(&of(page, &at, &at)), @r#"
        {
          "headline": "Ferry  fares",
          "dek": "Fares go up on Monday, \"and not only those\" > ever.",
          "authors": [
            "Ana Reis",
            "Bo"
          ],
          "section": "City",
          "published": "2026-08-24T04:00:00Z",
          "pictures": [
            {
              "url": "https://cdn.example/a.jpg",
              "width": 800,
              "height": 450,
              "alt": null,
              "credit": null
            },
            {
              "url": "https://paper.example/i/ferry-1200.jpg",
              "width": 1200,
              "height": null,
              "alt": "A ferry",
              "credit": null
            }
          ],
          "site": "Paper"
        }
        "#);
    }

    #[test]
    fn what_a_page_does_not_want_taken_is_not() {
        let at = link("https://paper.example/ferry");
        let page = "<meta name=description content=Words><meta property=og:image content=/a.jpg>";
        let facts = of(
            &format!(
                "{page}<meta name=robots content='index, nosnippet, max-image-preview: none'>"
            ),
            &at,
            &at,
        );
        assert_eq!(facts, Facts::default());
        assert_eq!(of(page, &at, &at).dek, "Words");
    }

    #[test]
    fn another_storys_article_is_not_this_storys() {
        let at = link("https://paper.example/ferry");
        let script = |json: &str| format!("<script type='application/ld+json'>{json}</script>");
        let other = script(r#"{"@type":"NewsArticle","url":"/other","headline":"Other"}"#);
        assert_eq!(of(&other, &at, &at), Facts::default());
        let nameless = script(r#"{"@type":"BlogPosting","headline":"Own"}"#);
        assert_eq!(of(&(other + &nameless), &at, &at).headline, "Own");
        assert_eq!(of(&script("{\"@type\":"), &at, &at), Facts::default());
    }

    #[test]
    fn lists_of_stories() {
        let page = r#"<script type=application/ld+json>//<![CDATA[
            [{"@type":"ItemList","itemListElement":[
              {"@type":"ListItem","position":1,"url":"/a"},
              {"@type":"ListItem","position":2,"item":{"@type":"NewsArticle","@id":"https://paper.example/b","name":"B","author":"Ana"}},
              {"@type":"ListItem","position":3,"item":"https://paper.example/c","name":"C","image":["/c.jpg"]}]}]
            //]]></script>"#;
        let all = listed(page, &link("https://paper.example/"));
        let of = |path: &str| &all[&link(&format!("https://paper.example{path}")).key()];
        assert_eq!(of("/a"), &Facts::default());
        assert_eq!(
            (of("/b").headline.as_str(), of("/b").authors.join("")),
            ("B", "Ana".to_owned())
        );
        assert_eq!(
            (
                of("/c").headline.as_str(),
                of("/c").pictures[0].url.as_str()
            ),
            ("C", "https://paper.example/c.jpg")
        );
    }

    proptest! {
        #[test]
        fn never_panics(page in "(<meta |<script type=ld\\+json>|</script>|property=og:|image|\\{\"@type\":\"Article\",|\"url\":|\\}|\\[|[<>=\"' ,:a-z]|\\PC){0,60}") {
            let at = link("https://paper.example/");
            _ = of(&page, &at, &at);
            _ = listed(&page, &at);
        }
    }
}
