//! One item of a feed, as the feed wrote it, made into a [`Story`].

mod picture;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};

use picture::{first_image, picture};

use super::dek::{dek, same_words};
pub(super) use super::image::Image;
use super::plain::{self, words};
use super::sections::Sections;
use crate::model::dates::{self, DateStyle};
use crate::model::line::Line;
use crate::model::link::Link;
use crate::model::story::{Picture, Precision, Story, unseen};

/// What one item says. All text may hold HTML.
#[derive(Debug, Default)]
pub(super) struct Item {
    pub headline: String,
    /// Addresses of the story, the best first; may be relative.
    pub links: Vec<String>,
    /// What the feed tells its items apart by.
    pub id: String,
    pub summary: String,
    pub content: String,
    pub authors: Vec<String>,
    pub categories: Vec<Category>,
    /// When it was published, as written; the first that can be read counts.
    pub dates: Vec<String>,
    pub pictures: Vec<Image>,
    /// What its relative addresses are relative to, as written; empty: what all others are.
    pub base: Option<String>,
}

/// A category and the vocabulary it is from.
#[derive(Debug, Default)]
pub(super) struct Category {
    pub name: String,
    pub scheme: String,
}

impl Category {
    /// A category of no vocabulary.
    pub(super) fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            scheme: String::new(),
        }
    }
}

/// What is the same for all items of a feed.
pub(super) struct Setting<'f> {
    /// What relative addresses are relative to.
    pub base: Option<&'f Link>,
    /// The feed's own name.
    pub title: &'f str,
    /// The section the config gives it.
    pub section: Option<&'f Line>,
    /// What the paper calls its sections.
    pub sections: &'f Sections,
    pub dates: &'f DateStyle,
    pub now: DateTime<Utc>,
}

impl Item {
    /// When it was published, and how exactly that is known.
    fn published(&self, setting: &Setting<'_>) -> (Option<DateTime<Utc>>, Precision) {
        let found = self
            .dates
            .iter()
            .find_map(|text| dates::parse(text, setting.dates));
        match found {
            Some(date) => (
                Some(date.middle(setting.now)),
                if date.is_day {
                    Precision::Day
                } else {
                    Precision::Time
                },
            ),
            None if self.dates.iter().any(|text| !text.trim().is_empty()) => {
                (None, Precision::Unreadable)
            }
            None => (None, Precision::Time),
        }
    }
}

/// What is said of the items whose dates cannot be read; `None` if there are none.
pub(super) fn unread_dates(items: &[Item], style: &DateStyle) -> Option<String> {
    let unread = |item: &&Item| {
        !item
            .dates
            .iter()
            .any(|text| dates::parse(text, style).is_some())
    };
    let mut unread = items.iter().filter(unread).filter_map(|item| {
        let mut texts = item.dates.iter().filter_map(|text| Line::non_empty(text));
        texts.next()
    });
    let first = Line::clean_to(unread.next()?.as_str(), 60);
    Some(match unread.count() {
        0 => format!("`{first}` is no date we know: its story is taken for an old one"),
        more => format!(
            "`{first}` is no date we know, nor are those of {more} others: their stories are taken for old ones"
        ),
    })
}

/// What an item's relative addresses are relative to.
fn base(item: &Item, setting: &Setting<'_>) -> Option<Link> {
    let own = item.base.as_deref();
    own.and_then(|own| resolve(own, setting.base))
        .or_else(|| setting.base.cloned())
}

/// The addresses of an item's story, the best first.
pub(super) fn links(item: &Item, setting: &Setting<'_>) -> impl Iterator<Item = Link> {
    let base = base(item, setting);
    let links = item.links.iter();
    links.filter_map(move |link| Some(resolve(link, base.as_ref())?.without_tracking()))
}

/// The story an item tells; `None` without a headline or a link.
pub(super) fn story(item: &Item, setting: &Setting<'_>) -> Option<Story> {
    let base = base(item, setting);
    let base = base.as_ref();
    let byline = byline(&item.authors, setting.title);
    let headline = Line::clean(&words(&item.headline));
    let headline = without_author(headline, byline.as_ref())?;
    let url = links(item, setting).next()?;
    let (published, precision) = item.published(setting);
    let summary = plain::fragment(&item.summary);
    let mut below = dek(&summary, &headline);
    let mut pictures = vec![picture(&item.pictures, &headline, base)];
    let seen = |picture: &Option<Picture>| {
        (picture.as_ref()).is_some_and(|picture| unseen(&picture.url).is_none())
    };
    if (below.is_none() || !seen(&pictures[0])) && !item.content.is_empty() {
        let content = plain::fragment(&item.content);
        below = below.or_else(|| dek(&content, &headline));
        pictures.push(first_image(&content, &headline, base));
    }
    pictures.push(first_image(&summary, &headline, base));
    Some(Story {
        picture: Picture::best(pictures.into_iter().flatten()),
        section: setting
            .section
            .cloned()
            .or_else(|| section(&item.categories, &url, setting)),
        byline,
        published,
        precision,
        dek: below,
        ..Story::new(headline, url)
    })
}

/// `We demand more | Jessica Valenti`: the byline says the name.
fn without_author(headline: Line, byline: Option<&Line>) -> Option<Line> {
    match headline.as_str().rsplit_once(" | ") {
        Some((rest, name)) if byline.is_some_and(|byline| same_words(byline.as_str(), name)) => {
            Line::non_empty(rest)
        }
        _ => Some(headline).filter(|headline| !headline.is_empty()),
    }
}

pub(super) fn resolve(text: &str, base: Option<&Link>) -> Option<Link> {
    let text = text.trim();
    // `https://redir.paper.example/online/*https://paper.example/story`: Folha and Yahoo count clicks so.
    let text = text
        .rsplit_once("/*http")
        .map_or(text, |(counter, _)| &text[counter.len() + 2..]);
    if text.is_empty() {
        return None;
    }
    match base {
        Some(base) => base.join(text),
        None => Link::parse(text),
    }
    .ok()
}

/// Categories that name no section.
const NO_SECTION: [&str; 14] = [
    "uncategorized",
    "uncategorised",
    "all",
    "home",
    "homepage",
    "front page",
    "blog",
    "article",
    "articles",
    "story",
    "stories",
    "featured",
    "show types",
    "tv shows",
];

/// The category that the story's own path names, by its words or by the end of its own address; else the first that may be a section; none
/// if that is the paper's initials, since keywords follow. Those that the paper has no section for come last. Without any, a path that begins
/// with `/video/` is one.
fn section(categories: &[Category], url: &Link, setting: &Setting<'_>) -> Option<Line> {
    let (mut first, mut unknown) = (None, None);
    for category in categories {
        let Some(name) = section_name(category) else {
            continue;
        };
        if setting.sections.of(&name).is_none() {
            unknown = unknown.or(Some(name));
            continue;
        }
        let slug = slug(name.as_str());
        let own = category.scheme.rsplit('/').next().unwrap_or_default();
        let parts = url.url().path_segments();
        if parts.is_some_and(|mut parts| {
            parts.any(|part| !part.is_empty() && (part.eq_ignore_ascii_case(&slug) || part == own))
        }) {
            return Some(name);
        }
        first = first.or(Some(name));
    }
    let capitals: String = setting.title.chars().filter(|c| c.is_uppercase()).collect();
    match first.or(unknown) {
        Some(name) if name.as_str() == capitals => None,
        Some(name) => Some(name),
        None => url
            .url()
            .path_segments()
            .and_then(|mut parts| parts.next())
            .filter(|part| ["video", "videos"].contains(part))
            .map(|_| Line::clean("Video")),
    }
}

/// The category's name, if a section may be called so.
fn section_name(category: &Category) -> Option<Line> {
    if ["keyword", "tag"]
        .iter()
        .any(|word| category.scheme.contains(word))
    {
        return None;
    }
    let name = Line::non_empty(&words(&category.name))?;
    let text = name.as_str();
    let sensible = text.chars().count() <= 40
        && text.split(' ').count() <= 5
        && text.contains(char::is_alphabetic)
        && !text.contains(['/', ':', '_', '@'])
        && !NO_SECTION.contains(&text.to_lowercase().as_str());
    sensible.then_some(name)
}

/// `US news` as a path would write it: `us-news`.
fn slug(name: &str) -> String {
    let mut slug = String::with_capacity(name.len());
    for c in name.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            slug.push(c);
        } else if c.is_whitespace() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug
}

/// The most authors looked at.
const AUTHORS: usize = 20;

/// Accounts that are nobody's name.
const NOBODY: [&str; 9] = [
    "admin",
    "administrator",
    "author",
    "editor",
    "noreply",
    "no-reply",
    "root",
    "unknown",
    "webmaster",
];

/// The authors' names, joined; without mail addresses, without "By", without the paper itself.
fn byline(authors: &[String], feed: &str) -> Option<Line> {
    let mut names: Vec<Line> = Vec::new();
    for author in authors.iter().take(AUTHORS) {
        let name = words(author);
        let name = name_of(&name);
        let lower = name.as_str().to_lowercase();
        if !name.is_empty()
            && !NOBODY.contains(&lower.as_str())
            && !lower.starts_with("special to ")
            && !feed.to_lowercase().starts_with(&lower)
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    let names: Vec<&str> = names.iter().map(Line::as_str).collect();
    Some(Line::clean_to(&names.join(", "), 160)).filter(|line| !line.is_empty())
}

/// `x@y.org (Jane Doe)`, `Jane Doe <x@y.org>`, `By Jane Doe`: Jane Doe.
fn name_of(author: &str) -> Line {
    let line = Line::clean(author);
    let mut name = line
        .as_str()
        .split(' ')
        .filter(|word| !word.contains('@') && !word.contains("://"))
        .collect::<Vec<_>>()
        .join(" ");
    if name.len() < line.as_str().len() {
        name = name
            .trim_matches(|c: char| {
                matches!(c, '(' | ')' | '<' | '>' | ',' | ';' | '[' | ']' | ' ')
            })
            .to_owned();
    }
    for by in ["By ", "by ", "BY "] {
        if let Some(rest) = name.strip_prefix(by) {
            name = rest.to_owned();
        }
    }
    Line::clean_to(&name, 120)
}
