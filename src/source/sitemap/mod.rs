//! News sitemaps (<https://www.google.com/schemas/sitemap-news/0.9>) and indexes of sitemaps (<https://www.sitemaps.org/protocol.html>).
//!
//! An element is known by what it is in (a `title` in a `news`, a `loc` in an `image`), so that prefixes and namespaces may be called
//! anything. The text is taken apart as a feed's is, broken or not; nothing in a document type is read, so nothing in it can grow.

#[cfg(test)]
mod tests;

use std::cmp::Reverse;

use chrono::{DateTime, Utc};

use super::decode;
use super::feed::{self, AHEAD, FeedContext, items};
use super::image::Image;
use super::item::{Category, Item, Setting, story, unread_dates};
use super::xml::{Reader, Scan, Tag, Token, is_html, local, root};
use crate::model::dates::{self, DateStyle};
use crate::model::line::Line;
use crate::model::link::Link;

/// The octets of one sitemap, unpacked: what the protocol allows.
pub(super) const BYTES: u64 = 52_428_800;

/// The most sitemaps read for one index.
pub(super) const CHILDREN: usize = 10;

/// What a sitemap is.
#[derive(Debug)]
pub(super) enum Sitemap {
    /// Stories.
    Stories(feed::Read),
    /// Those of the sitemaps named in an index that are worth reading, the best first and at least one; and what was odd about it.
    Index(Vec<Child>, Vec<String>),
}

/// A sitemap that an index names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Child {
    pub url: Link,
    pub modified: Option<DateTime<Utc>>,
}

/// Why nothing can be read from a sitemap.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotSitemap {
    /// No bytes, or only white space.
    #[error("is empty")]
    Empty,
    /// An error page, a log-in page.
    #[error("is an HTML page, not a sitemap")]
    Html,
    /// RSS or Atom.
    #[error("is a feed, not a sitemap: use `feed = ..` for it")]
    Feed,
    /// Another kind of XML.
    #[error("has `<{0}>` at its root: expected a sitemap")]
    Root(Line),
    /// No markup at all.
    #[error("is not XML: expected a sitemap")]
    NoMarkup,
    /// Not one octet of it.
    #[error("is gzip data that cannot be unpacked")]
    Gzip,
    /// Addresses without headlines.
    #[error(
        "is a plain sitemap: it has {}, none with a `news:title`, and a story needs a headline",
        items(*.0)
    )]
    Plain(usize),
    /// An index that names nothing that can be read.
    #[error("is an index without sitemaps")]
    NoChildren,
}

/// One `url` or `sitemap` element.
#[derive(Default)]
struct Entry {
    item: Item,
    modified: String,
    language: String,
    opinion: bool,
}

/// Reads a sitemap as far as it can be read; of more than `known.items` stories the newest.
pub(super) fn read(bytes: &[u8], known: &FeedContext<'_>) -> Result<Sitemap, NotSitemap> {
    let (bytes, fault) = decode::unpacked(bytes, BYTES);
    if bytes.is_empty() && fault.is_some() {
        return Err(NotSitemap::Gzip);
    }
    let text = decode::text(&bytes, None);
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\0');
    if text.is_empty() {
        return Err(NotSitemap::Empty);
    }
    let mut scan = Scan::new(text);
    let found = root(&mut scan, |name| match name {
        "urlset" => Some("url"),
        "sitemapindex" => Some("sitemap"),
        _ => None,
    });
    let (tag, wanted) = found.map_err(|first| match first {
        None => NotSitemap::NoMarkup,
        Some(name) if matches!(local(name).0, "rss" | "feed" | "RDF") => NotSitemap::Feed,
        Some(_) if is_html(text) => NotSitemap::Html,
        Some(name) => NotSitemap::Root(Line::clean_to(name, 40)),
    })?;
    let reader = Reader::new(scan, wanted);
    if wanted == "sitemap" {
        index(reader, tag.name, fault, known.url, known.dates)
    } else {
        stories(reader, tag, fault, known)
    }
}

fn index(
    mut reader: Reader<'_>,
    root: &str,
    fault: Option<String>,
    base: Option<&Link>,
    style: &DateStyle,
) -> Result<Sitemap, NotSitemap> {
    let mut children = Vec::new();
    let cut = reader.entries(root, |entry| {
        children.extend(entry.item.links.first().and_then(|link| {
            Some(Child {
                url: base
                    .map_or_else(|| Link::parse(link), |base| base.join(link))
                    .ok()?,
                modified: dates::parse(&entry.modified, style).map(|date| date.at),
            })
        }));
    });
    if children.is_empty() {
        return Err(NotSitemap::NoChildren);
    }
    let mut notes = Vec::new();
    if cut {
        notes.push(broken(&format!("{} sitemaps", children.len()), fault));
    }
    let mut children = worth_reading(children);
    let left_out = children.get(CHILDREN..).unwrap_or_default();
    // Where all say how old they are, it is the old ones that are left out.
    if left_out.iter().any(|child| child.modified.is_none()) {
        notes.push(format!(
            "names {} sitemaps, not all with their `lastmod`; only {CHILDREN} were read",
            children.len()
        ));
    }
    children.truncate(CHILDREN);
    Ok(Sitemap::Index(children, notes))
}

/// Those called `news` if there are any, else all of them; the newest first.
pub(super) fn worth_reading(mut children: Vec<Child>) -> Vec<Child> {
    let is_news = |child: &Child| {
        let url = child.url.url();
        let name = format!("{}?{}", url.path(), url.query().unwrap_or_default());
        let name = name.to_ascii_lowercase().replace("newsletter", "");
        name.contains("news")
    };
    if children.iter().any(is_news) {
        children.retain(is_news);
    }
    children.sort_by_key(|child| Reverse(child.modified));
    children
}

fn broken(after: &str, fault: Option<String>) -> String {
    let why = fault.map_or_else(String::new, |fault| format!(": {fault}"));
    format!("breaks off after {after}{why}")
}

fn stories(
    mut reader: Reader<'_>,
    root: Tag<'_>,
    fault: Option<String>,
    known: &FeedContext<'_>,
) -> Result<Sitemap, NotSitemap> {
    let (mut total, mut titled, mut more) = (0, 0, false);
    let mut kept: Vec<Item> = Vec::new();
    // A date that is not believed must not push out one that is.
    let dated = |item: &Item| {
        let date = item
            .dates
            .iter()
            .find_map(|date| dates::parse(date, known.dates));
        date.map(|date| date.at)
    };
    let believed = |item: &Item| dated(item).filter(|date| *date <= known.now + AHEAD);
    let mut keep_newest = |kept: &mut Vec<Item>| {
        if kept.len() > known.items {
            kept.sort_by_cached_key(|item| Reverse(believed(item)));
            let left_out = kept.drain(known.items..);
            more |= left_out.into_iter().any(|item| dated(&item).is_none());
        }
    };
    let read = |mut entry: Entry| {
        total += 1;
        if entry.item.headline.trim().is_empty() {
            return;
        }
        titled += 1;
        entry.item.dates.push(entry.modified);
        if entry.opinion && (entry.language.is_empty() || entry.language.starts_with("en")) {
            entry.item.categories.push(Category::named("Opinion"));
        }
        kept.push(entry.item);
        if kept.len() >= known.items.saturating_mul(2) {
            keep_newest(&mut kept);
        }
    };
    let cut = !root.empty && reader.entries(root.name, read);
    keep_newest(&mut kept);
    if total > 0 && titled == 0 {
        return Err(NotSitemap::Plain(total));
    }
    let mut notes = Vec::new();
    if cut {
        notes.push(broken(&items(total), fault));
    }
    if titled < total {
        let without = total - titled;
        notes.push(format!(
            "{without} of {} {} no `news:title`",
            items(total),
            if without == 1 { "has" } else { "have" }
        ));
    }
    let setting = Setting {
        base: known.url,
        title: "",
        section: known.section,
        sections: known.sections,
        dates: known.dates,
        now: known.now,
    };
    notes.extend(unread_dates(&kept, known.dates));
    let stories = kept.iter().filter_map(|item| story(item, &setting));
    let stories = stories.collect();
    Ok(Sitemap::Stories(feed::finish(
        stories,
        kept.len(),
        more,
        notes,
        known,
    )))
}

impl Reader<'_> {
    /// Reads all entries up to the root's end; whether the document ends before it.
    fn entries(&mut self, root: &str, mut each: impl FnMut(Entry)) -> bool {
        loop {
            match self.scan.next() {
                None => return true,
                Some(Token::Close(name)) if name == root => return false,
                Some(Token::Open(tag)) => {
                    if local(tag.name).0 != self.wanted {
                        self.skip(tag);
                    } else if !tag.empty {
                        let Some(entry) = self.entry(root) else {
                            return true;
                        };
                        each(entry);
                    }
                }
                Some(_) => {}
            }
        }
    }

    /// One entry, its opening tag already read; `None` if the document ends in it.
    fn entry(&mut self, root: &str) -> Option<Entry> {
        let mut entry = Entry::default();
        let mut inside = "";
        loop {
            let from = self.scan.at();
            match self.scan.next()? {
                Token::Close(name) if local(name).0 == self.wanted => return Some(entry),
                token if token == Token::Close(root) || self.ends_item(token) => {
                    self.scan.back_to(from);
                    return Some(entry);
                }
                Token::Close(name) => {
                    inside = match local(name).0 {
                        "publication" => "news",
                        "news" | "image" => "",
                        _ => inside,
                    };
                }
                Token::Open(Tag { empty: true, .. }) => {}
                Token::Open(tag) => {
                    let (item, name) = (&mut entry.item, local(tag.name).0);
                    match (inside, name) {
                        ("" | "news", "news" | "publication" | "image") => {
                            inside = name;
                            if name == "image" {
                                item.pictures.push(Image::default());
                            }
                        }
                        ("" | "news", "loc") => item.links.push(self.capture(tag)),
                        ("", "lastmod") => entry.modified = self.capture(tag),
                        ("" | "news", "title") => item.headline = self.capture(tag),
                        ("" | "news", "publication_date") => {
                            item.dates.push(self.capture(tag));
                        }
                        ("" | "news", "genres") => {
                            entry.opinion = self
                                .capture(tag)
                                .split(',')
                                .any(|genre| matches!(genre.trim(), "Opinion" | "OpEd"));
                        }
                        ("publication", "language") => {
                            entry.language = self.capture(tag).trim().to_ascii_lowercase();
                        }
                        ("image", "loc" | "title" | "caption") => {
                            let text = self.capture(tag).trim().to_owned();
                            if let Some(image) = item.pictures.last_mut() {
                                match name {
                                    "loc" => image.url = text,
                                    // It says more of what is seen than a title.
                                    "caption" => image.alt = Some(text),
                                    _ => image.alt = image.alt.take().or(Some(text)),
                                }
                            }
                        }
                        _ => self.skip(tag),
                    }
                }
                _ => {}
            }
        }
    }
}
