//! What pages say of stories for machines: JSON-LD (schema.org), Open Graph (ogp.me) and `<meta>`. All of it is only what a page claims;
//! [`super::item::story`] judges the words and pictures.

mod ld;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use chrono::{DateTime, Datelike as _, Utc};
use serde::{Deserialize, Serialize};

use super::feed::AHEAD;
use super::image::Image;
use super::item::{Category, Item};
use super::plain::words;
use super::tags::{Tags, is_any};
use super::xml::{self, Entities};
use crate::model::dates::{self, DateStyle};
use crate::model::line::Line;
use crate::model::link::{Link, StoryKey};
use ld::told;

/// The longest text kept, in octets.
const TEXT: usize = 2_000;
/// The most authors, and the most pictures, of one story.
const FEW: usize = 8;

/// No news is of an earlier year.
const OLDEST: i32 = 1995;

/// What is said of one story. Empty: nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Facts {
    pub headline: String,
    pub dek: String,
    pub authors: Vec<String>,
    pub section: String,
    /// As written; it can be read.
    pub published: Option<String>,
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
        self.published = self.published.take().or(other.published);
        self.pictures.extend(other.pictures);
        self.pictures.truncate(FEW);
    }

    /// The headline as words, without the paper's name behind it.
    pub(super) fn whole_headline(&self) -> Line {
        let whole = Line::clean(&words(&self.headline));
        let mut bars = [" | ", " - ", " – ", " — "].iter();
        let shorter =
            bars.find_map(|bar| whole.as_str().strip_suffix(&format!("{bar}{}", self.site)));
        Line::clean(shorter.unwrap_or(whole.as_str()))
    }

    /// The same as an item of a feed.
    pub(super) fn into_item(self, link: String) -> Item {
        Item {
            headline: self.headline,
            links: vec![link],
            summary: self.dek,
            authors: self.authors,
            categories: vec![Category::named(&self.section)],
            dates: self.published.into_iter().collect(),
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
    let metas = metas(page, url);
    let address = metas.address.as_ref();
    let mut facts = own(told(page, url), &[Some(asked), Some(url), address]).unwrap_or_default();
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

/// The text that a story's page, asked for as `asked` and found at `url`, gives to machines; empty if none, `None` if it forbids to quote it.
pub(super) fn text_of(page: &str, asked: &Link, url: &Link) -> Option<String> {
    let metas = metas(page, url);
    let addresses = [Some(asked), Some(url), metas.address.as_ref()];
    (!metas.no_words).then(|| own(ld::texts(page, url), &addresses).unwrap_or_default())
}

/// What is told of the story with one of those addresses, else of one that has none.
fn own<T>(told: Vec<ld::Told<T>>, addresses: &[Option<&Link>]) -> Option<T> {
    let keys: Vec<StoryKey> = addresses.iter().flatten().map(|url| url.key()).collect();
    let (named, nameless): (Vec<_>, Vec<_>) = told.into_iter().partition(|(url, _)| url.is_some());
    let is_own = |told: &ld::Told<T>| told.0.as_ref().is_some_and(|url| keys.contains(&url.key()));
    let told = named
        .into_iter()
        .find(is_own)
        .or_else(|| nameless.into_iter().next());
    told.map(|(_, told)| told)
}

fn metas(page: &str, url: &Link) -> Metas {
    let mut entities = Entities::default();
    let mut metas = Metas::default();
    for tag in Tags::new(page).filter(|tag| !tag.close && is_any(tag.name, &["meta"])) {
        let attributes = xml::attributes(tag.attributes, &mut entities);
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
    metas
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
                let readable =
                    || dates::parse(content, &DateStyle::universal()).map(|_| content.to_owned());
                facts.published = facts.published.take().or_else(readable);
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
                facts.pictures.extend(url.map(Image::at));
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
