//! A feed's bytes to stories: RSS 0.9x to 2.0, RDF, Atom, JSON Feed.

mod json;
#[cfg(test)]
mod tests;
mod xml;
mod xml_item;

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::item::{Item, Setting, links, resolve, story, unread_dates};
use super::sections::Sections;
use super::{decode, plain, story_text};
use crate::model::dates::{self, DateStyle};
use crate::model::line::Line;
use crate::model::link::{Link, StoryKey};
use crate::model::story::{Precision, Story};

/// How far a publisher's clock may be ahead.
pub(super) const AHEAD: TimeDelta = TimeDelta::hours(1);

/// Dates before this year are a zero that became a date. No news is older.
const OLDEST: &str = "1995-01-01T00:00:00Z";

/// What a feed gave.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// Its stories, in its order.
    pub stories: Vec<Story>,
    /// What was odd about it, in the form of [`crate::model::problem::Problem::what`].
    pub notes: Vec<String>,
}

/// What is known of a feed before it is read.
pub(super) struct FeedContext<'k> {
    /// Where it was fetched from, after redirects; `None` for a file.
    pub url: Option<&'k Link>,
    /// The section the config gives it.
    pub section: Option<&'k Line>,
    /// What the paper calls its sections.
    pub sections: &'k Sections,
    /// The most items to read.
    pub items: usize,
    /// The most paragraphs to read of an item's text.
    pub paragraphs: usize,
    /// The time it is.
    pub now: DateTime<Utc>,
    /// How its source writes dates.
    pub dates: &'k DateStyle,
}

/// Why nothing can be read from a feed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotFeed {
    /// No bytes, or only white space.
    #[error("is empty")]
    Empty,
    /// An error page, a log-in page, a site instead of its feed.
    #[error("is an HTML page, not a feed")]
    Html,
    /// What another kind of source reads.
    #[error("is a sitemap, not a feed: use `sitemap = ..` for it")]
    Sitemap,
    /// Another kind of XML.
    #[error("has `<{0}>` at its root: expected RSS, Atom or JSON Feed")]
    Root(Line),
    #[error("is neither XML nor JSON: expected RSS, Atom or JSON Feed")]
    NoMarkup,
    /// JSON, but no JSON Feed.
    #[error("is JSON without a list of `items`: expected RSS, Atom or JSON Feed")]
    Json,
}

/// A feed's items, and what is the same for all of them.
#[derive(Debug, Default)]
struct Feed {
    /// Its name; may hold HTML.
    title: String,
    /// The address of its site, as written.
    link: Option<String>,
    /// Its own address, as written.
    own: Option<String>,
    /// `xml:base` of its root, as written.
    base: Option<String>,
    items: Vec<Item>,
    /// Whether it ends too early.
    cut: bool,
    /// Whether it holds more items than were asked for.
    more: bool,
}

/// Reads a feed as far as it can be read.
pub(super) fn read(bytes: &[u8], known: &FeedContext<'_>) -> Result<Read, NotFeed> {
    let text = decode::text(bytes, None);
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\0');
    let feed = if text.is_empty() {
        return Err(NotFeed::Empty);
    } else if text.starts_with(['{', '[']) {
        json::read(text, known.items).ok_or(NotFeed::Json)?
    } else {
        xml::read(text, known.items)?
    };
    // A file does not know where it is from, but its feed may.
    let own = feed.own.as_deref().and_then(|own| Link::parse(own).ok());
    let site = feed.link.as_deref();
    let base = base(site, feed.base.as_deref(), known.url.or(own.as_ref()));
    let title = Line::clean(&plain::words(&feed.title));
    let written = feed.items.iter().flat_map(|item| &item.dates);
    let dates = known.dates.of_document(written.map(String::as_str));
    let setting = Setting {
        base: base.as_ref(),
        title: title.as_str(),
        section: known.section,
        sections: known.sections,
        dates: &dates,
        now: known.now,
    };
    let mut notes = Vec::new();
    let (stories, one_address) = apart(&feed.items, &setting, known.paragraphs);
    if feed.cut {
        notes.push(format!("breaks off after {}", items(feed.items.len())));
    }
    notes.extend(unread_dates(&feed.items, &dates));
    notes.extend(one_address.told());
    let total = feed.items.len() - one_address.items;
    Ok(finish(stories, total, feed.more, notes, known))
}

/// Items that are stories of their own, by headline and id if they have one, and are all said to be at the address of another one.
#[derive(Default)]
struct OneAddress {
    items: usize,
    first: Option<Link>,
}

impl OneAddress {
    fn told(&self) -> Option<String> {
        let first = Line::clean_to(self.first.as_ref()?.as_str(), 80);
        Some(match self.items {
            1 => format!("2 items have the one address `{first}`: only the first is a story"),
            more => format!(
                "{} have the address of another one, such as `{first}`: of one address only the first is a story",
                items(more)
            ),
        })
    }
}

/// The stories that items tell. Where several have one address, the later ones are looked for at their next address.
fn apart(items: &[Item], setting: &Setting<'_>, paragraphs: usize) -> (Vec<Story>, OneAddress) {
    let (mut stories, mut one_address) = (Vec::new(), OneAddress::default());
    let mut first: HashMap<StoryKey, (&str, Line)> = HashMap::new();
    for item in items {
        let Some(mut story) = story(item, setting) else {
            continue;
        };
        let is_other = |first: &HashMap<StoryKey, (&str, Line)>, story: &Story| {
            first.get(&story.url.key()).is_some_and(|(id, headline)| {
                (item.id.is_empty() || *id != item.id) && *headline != story.headline
            })
        };
        if is_other(&first, &story) {
            let is_free = |link: &Link| !first.contains_key(&link.key());
            let Some(link) = links(item, setting).find(is_free) else {
                one_address.items += 1;
                one_address.first.get_or_insert(story.url);
                continue;
            };
            story.url = link;
        }
        first
            .entry(story.url.key())
            .or_insert((&item.id, story.headline.clone()));
        stories.push(story_text::told(story, item, paragraphs));
    }
    (stories, one_address)
}

/// What relative addresses are relative to: the root's `xml:base`, else the document's address. On a feed service's host that is of no
/// use; there it is the address of the site.
fn base(site: Option<&str>, xml_base: Option<&str>, url: Option<&Link>) -> Option<Link> {
    let site = site.and_then(|site| resolve(site, url));
    let document = match (url, site) {
        (Some(url), Some(site)) if url.host() != site.host() => Some(site),
        (Some(url), _) => Some(url.clone()),
        (None, site) => site,
    };
    xml_base
        .and_then(|base| resolve(base, document.as_ref()))
        .or(document)
}

/// Whether dates so near to each other are those of the feed rather than of its items.
fn is_one_moment(items: usize, apart: TimeDelta) -> bool {
    (items >= 3 && apart.is_zero()) || (items >= 10 && apart < TimeDelta::minutes(1))
}

/// Looks at the feed as a whole: what is missing, which dates to believe.
pub(super) fn finish(
    mut stories: Vec<Story>,
    total: usize,
    more: bool,
    mut notes: Vec<String>,
    known: &FeedContext<'_>,
) -> Read {
    if more {
        notes.push(format!(
            "holds more than {}; the rest was not read",
            items(known.items)
        ));
    }
    if total == 0 && notes.is_empty() {
        notes.push("has no items".into());
    }
    let unusable = total - stories.len();
    if unusable > 0 {
        notes.push(format!(
            "{unusable} of {} {} no headline or link",
            items(total),
            if unusable == 1 { "has" } else { "have" }
        ));
    }
    let oldest = OLDEST.parse().unwrap_or(known.now);
    let (mut future, mut past) = (0, 0);
    for story in &mut stories {
        let ahead = story.published.is_some_and(|date| date > known.now + AHEAD);
        let long_ago = story.published.is_some_and(|date| date < oldest);
        future += usize::from(ahead);
        past += usize::from(long_ago);
        if ahead || long_ago {
            story.published = None;
        }
        if long_ago {
            // Whatever that is, it says nothing new.
            story.precision = Precision::Unreadable;
        }
    }
    for (count, when) in [
        (future, "in the future"),
        (past, "before 1995 and taken for old"),
    ] {
        match count {
            0 => {}
            1 => notes.push(format!("1 item is dated {when}")),
            _ => notes.push(format!("{count} items are dated {when}")),
        }
    }
    let unread = |story: &Story| story.precision == Precision::Unreadable;
    let any_unread = stories.iter().any(unread);
    let is_day = |story: &Story| story.precision == Precision::Day;
    let may_be_day =
        |story: &Story| is_day(story) || story.published.is_none_or(dates::is_midnight);
    let any_day = stories.iter().any(is_day);
    let dates: Vec<DateTime<Utc>> = stories.iter().filter_map(|story| story.published).collect();
    let (first, last) = (dates.iter().min().copied(), dates.iter().max().copied());
    let together = last.zip(first).map(|(last, first)| last - first);
    let all_dated = dates.len() == stories.len();
    match together {
        None if future == 0 && !stories.is_empty() && !any_unread => {
            notes.push(match stories.len() {
                1 => "its item has no date".into(),
                all => format!("none of its {all} items has a date"),
            });
        }
        Some(apart) if all_dated && !any_day && is_one_moment(stories.len(), apart) => {
            let all = stories.len();
            notes.push(if apart.is_zero() {
                format!("all {all} items carry the same date")
            } else {
                format!("all {all} items are dated within one minute")
            });
            for story in &mut stories {
                story.published = None;
            }
        }
        Some(_) if dates.len() >= 3 && stories.iter().all(may_be_day) => {
            notes.push(
                "its dates name days, not times: each is taken as the middle of its day".into(),
            );
            for story in stories.iter_mut().filter(|story| !is_day(story)) {
                if let Some(date) = story.published {
                    story.published = Some(dates::of_day(date, known.now));
                    story.precision = Precision::Day;
                }
            }
        }
        _ => {}
    }
    Read { stories, notes }
}

/// A number of items in words.
pub(super) fn items(count: usize) -> String {
    let digits = count.to_string();
    let grouped: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .filter_map(|group| std::str::from_utf8(group).ok())
        .collect();
    format!(
        "{} {}",
        grouped.join(","),
        if count == 1 { "item" } else { "items" }
    )
}
