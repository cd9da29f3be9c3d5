//! "Most read" and other lists of which only the order counts: a page, a widget, or the JSON behind it.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{Css, PageTree, card};
use crate::files;
use crate::model::dates::{self, DateStyle};
use crate::model::link::{Link, Origin};
use crate::source::fetch::{Wanted, Web};
use crate::source::limits::Limits;
use crate::source::{json, tags};

/// Where JSON has the address of a story.
const ADDRESSES: [&str; 8] = [
    "url",
    "link",
    "href",
    "webUrl",
    "canonicalUrl",
    "permalink",
    "path",
    "uri",
];
/// How deep in JSON the list may lie.
const DEPTH: usize = 4;

/// The links of a page in order, each story once, and when the page was made if that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The first is the first on the page.
    pub links: Vec<Link>,
    /// The file's time, or `Last-Modified`; `None`: now.
    pub taken: Option<DateTime<Utc>>,
}

/// Reads a page's list, such as a "most read" widget: `story` selects the links, or elements that each hold one. JSON is read too: a
/// list of addresses, or of objects with a `url`, `link` or `href`, at the top or as a value. Relative addresses are relative to the
/// page's own; those of a file, to `base`.
///
/// # Errors
/// What is wrong with the page, in the form of [`crate::model::story::Miss::what`].
pub async fn listed(
    origin: &Origin,
    story: &Css,
    base: &Link,
    limits: &Limits,
) -> Result<Listed, String> {
    let (bytes, url, taken) = match origin {
        Origin::Path(path) => {
            let (path, limit) = (path.clone(), limits.bytes);
            let read = tokio::task::spawn_blocking(move || {
                let (bytes, about) =
                    files::read(&path, limit).map_err(|error| error.to_string())?;
                let taken = about.modified().ok();
                Ok((bytes, taken.map(DateTime::from)))
            });
            let (bytes, taken) = read.await.unwrap_or_else(|_| Err(fault()))?;
            (bytes, base.clone(), taken)
        }
        Origin::Url(link) => {
            let web = Web::new(vec![base.clone()]).map_err(|error| error.explained())?;
            let fetched = web.fetch(link, Wanted::Page, None, limits).await;
            let fetched = fetched.map_err(|error| error.explained())?;
            let taken = fetched
                .remember
                .and_then(|remember| {
                    dates::parse(&remember.last_modified?, &DateStyle::universal())
                })
                .map(|date| date.at);
            (fetched.body, fetched.url, taken)
        }
    };
    let (story, items) = (story.clone(), limits.items);
    let links = tokio::task::spawn_blocking(move || links(&bytes, &story, &url, items));
    let links = links.await.unwrap_or_else(|_| Err(fault()))?;
    Ok(Listed { links, taken })
}

fn fault() -> String {
    "could not be read: a fault of ours, please report it".into()
}

pub(super) fn links(
    bytes: &[u8],
    story: &Css,
    url: &Link,
    items: usize,
) -> Result<Vec<Link>, String> {
    let text = tags::decoded(bytes);
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let mut found: Vec<Link> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    let mut add = |link: Link| {
        let page = link.key().page();
        if found.len() < items && page != url.key().page() && seen.insert(page) {
            found.push(link.without_tracking());
        }
    };
    if start.starts_with(['{', '[']) {
        let value = serde_json::from_str(&json::paired(start)).map_err(|_| "is not whole JSON")?;
        let list = list(&value, DEPTH).ok_or(
            "is JSON without a list of stories: expected addresses, or objects with a `url`, `link` or `href`",
        )?;
        list.iter()
            .filter_map(|story| url.join(address(story)?).ok())
            .for_each(&mut add);
    } else {
        let page = PageTree::open(start, url)?;
        let mut cards = story.on(&page.html).take(items).peekable();
        if cards.peek().is_none() {
            return Err(page.without(story));
        }
        for card in cards {
            let headline = card::headline(card, None);
            let links = card::links(card, headline, &page.base);
            links
                .first()
                .and_then(|link| page.base.join(link).ok())
                .into_iter()
                .for_each(&mut add);
        }
        if found.is_empty() {
            return Err(format!("`{}` matches nothing with a link", story.text()));
        }
    }
    Ok(found)
}

/// The first list of stories in JSON: the value itself, or one in it.
fn list(value: &Value, depth: usize) -> Option<&Vec<Value>> {
    match value {
        Value::Array(list) if list.iter().any(|story| address(story).is_some()) => Some(list),
        Value::Object(object) if depth > 0 => {
            object.values().find_map(|inner| list(inner, depth - 1))
        }
        _ => None,
    }
}

fn address(story: &Value) -> Option<&str> {
    story
        .as_str()
        .or_else(|| ADDRESSES.iter().find_map(|key| story[key].as_str()))
        .filter(|address| address.starts_with('/') || address.starts_with("http"))
}
