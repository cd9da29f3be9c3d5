//! HTML pages that list stories: by CSS selector, with what the page says of them in JSON-LD.
//!
//! The order of the page is its editor's. A selector that matches nothing is a miss that says what the page has instead.

mod card;
mod css;
mod listed;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use scraper::{ElementRef, Html};

use super::feed::{FeedContext, Read};
use super::item::{Item, Setting, story};
use super::tags::{self, Tags};
use super::{facts, plain};
use crate::model::line::Line;
use crate::model::link::{Link, StoryKey};
use crate::model::story::Precision;

pub use css::Css;
pub use listed::{Listed, listed};

/// The most places named where a page has links.
const PLACES: usize = 3;
/// The fewest characters of a link that may be a headline.
const HEADLINE: usize = 20;

/// Where on a page the stories are, and their parts within each. A part that is `None` is looked for where pages usually have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// What relative addresses of a page on disk are relative to.
    pub base: Link,
    /// Each story's element.
    pub story: Css,
    /// Its headline, and with it the link. Else the first heading with a link in or around it, or the link with the longest text.
    pub headline: Option<Css>,
    /// Its section. Else what JSON-LD says.
    pub section: Option<Css>,
    /// When it was published. Else `<time>` or an attribute such as `data-timestamp`.
    pub time: Option<Css>,
    /// Who wrote it. Else `rel=author`, or what is called a byline.
    pub byline: Option<Css>,
    /// The sentence under the headline. Else the paragraph, if there is just one.
    pub dek: Option<Css>,
    /// Its picture, or what holds it. Else all pictures of the element are looked at.
    pub picture: Option<Css>,
}

/// The stories of a page in its order, and what was odd about it.
///
/// # Errors
/// Why it has none, in the form of [`crate::model::story::Miss::what`].
pub(super) fn read(bytes: &[u8], layout: &Layout, known: &FeedContext<'_>) -> Result<Read, String> {
    let text = tags::decoded(bytes);
    let page = PageTree::open(&text, known.url.unwrap_or(&layout.base))?;
    let mut notes = Vec::new();
    if page.cut {
        notes.push("is nested too deep to be read whole; its beginning was".into());
    }
    let cards: Vec<ElementRef<'_>> = layout.story.on(&page.html).take(known.items + 1).collect();
    if cards.is_empty() {
        return Err(page.without(&layout.story));
    }
    if cards.len() > known.items {
        notes.push(format!(
            "holds more than {} stories; the rest was not read",
            known.items
        ));
    }
    let cards = &cards[..cards.len().min(known.items)];
    notes.extend(unmatched(cards, layout));
    let said = facts::listed(&text, &page.base);
    let title = page.title();
    let (mut stories, mut misdated) = (Vec::new(), 0);
    let (items, mut unusable) = items(cards, layout, &page.base);
    for (key, mut item) in items {
        let section = item
            .categories
            .drain(..)
            .next()
            .and_then(|section| Line::non_empty(&plain::words(&section.name)));
        if let Some(said) = said.get(&key) {
            complete(&mut item, said.clone().into_item(String::new()));
        }
        let setting = Setting {
            base: Some(&page.base),
            title: &title,
            section: section.as_ref(),
            sections: known.sections,
            dates: known.dates,
            now: known.now,
        };
        match story(&item, &setting) {
            Some(mut story) => {
                let date = story.published;
                story.published = date.filter(|date| facts::is_believable(*date, known.now));
                misdated += usize::from(date.is_some() && story.published.is_none());
                // Without a selector it may be any text near a clock: `3 hours ago`.
                if story.precision == Precision::Unreadable && layout.time.is_none() {
                    story.precision = Precision::Time;
                }
                stories.push(story);
            }
            None => unusable += 1,
        }
    }
    if unusable > 0 {
        notes.push(format!(
            "{unusable} of the {} elements that match `{}` {} no headline or link",
            cards.len(),
            layout.story.text(),
            if unusable == 1 { "has" } else { "have" }
        ));
    }
    if misdated > 0 {
        notes.push(match misdated {
            1 => "1 story is dated in the future, or long ago".into(),
            more => format!("{more} stories are dated in the future, or long ago"),
        });
    }
    if stories.is_empty() {
        return Err(notes.join("; "));
    }
    Ok(Read { stories, notes })
}

/// The items of the cards, each address once: of a picture with a link and a headline with the same link, neither alone is the story.
/// Also the number of cards without a link.
fn items(cards: &[ElementRef<'_>], layout: &Layout, base: &Link) -> (Vec<(StoryKey, Item)>, usize) {
    let mut items: Vec<(StoryKey, Item)> = Vec::new();
    let mut places: HashMap<StoryKey, usize> = HashMap::new();
    let mut unusable = 0;
    for card in cards {
        let item = card::item(*card, layout, base);
        let Some(key) = item
            .links
            .first()
            .and_then(|link| Some(base.join(link).ok()?.key()))
        else {
            unusable += 1;
            continue;
        };
        let place = *places.entry(key.clone()).or_insert(items.len());
        match items.get_mut(place) {
            None => items.push((key, item)),
            Some((_, first)) => complete(first, item),
        }
    }
    (items, unusable)
}

/// Fills what an item lacks.
fn complete(item: &mut Item, other: Item) {
    if item.headline.is_empty() {
        item.headline = other.headline;
    }
    if item.summary.is_empty() {
        item.summary = other.summary;
    }
    if item.authors.is_empty() {
        item.authors = other.authors;
    }
    item.categories.extend(other.categories);
    item.dates.extend(other.dates);
    item.pictures.extend(other.pictures);
}

/// The parts for which a selector is given that matches nothing in any story.
fn unmatched(cards: &[ElementRef<'_>], layout: &Layout) -> Vec<String> {
    [
        &layout.headline,
        &layout.section,
        &layout.time,
        &layout.byline,
        &layout.dek,
        &layout.picture,
    ]
    .into_iter()
    .flatten()
    .filter(|css| cards.iter().all(|card| css.within(*card).next().is_none()))
    .map(|css| {
        format!(
            "`{}` matches nothing in any `{}`",
            css.text(),
            layout.story.text()
        )
    })
    .collect()
}

/// A page's tree.
struct PageTree {
    html: Html,
    /// What relative addresses in it are relative to.
    base: Link,
    /// Whether only its beginning was read.
    cut: bool,
}

impl PageTree {
    fn open(text: &str, url: &Link) -> Result<Self, String> {
        let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        let head = start[..start.floor_char_boundary(1_000)].to_lowercase();
        let feed = ["<rss", "<feed", "<rdf:rdf", "<urlset", "<sitemapindex"];
        let what = if start.is_empty() {
            "is empty"
        } else if head.contains('\0') {
            "is no text: expected an HTML page"
        } else if start.starts_with(['{', '[']) {
            "is JSON: expected an HTML page"
        } else if feed.iter().any(|root| head.contains(root)) && !head.contains("<html") {
            "is a feed or a sitemap: expected an HTML page"
        } else if Tags::new(start).next().is_none() {
            "is text without a tag: expected an HTML page"
        } else {
            let kept = tags::bounded(start);
            let html = Html::parse_document(kept);
            let base = html
                .root_element()
                .descendent_elements()
                .filter(|element| element.value().name() == "base")
                .find_map(|element| url.join(element.attr("href")?).ok())
                .unwrap_or_else(|| url.clone());
            return Ok(Self {
                html,
                base,
                cut: kept.len() < start.len(),
            });
        };
        Err(what.into())
    }

    /// The page's own name.
    fn title(&self) -> String {
        let mut elements = self.html.root_element().descendent_elements();
        elements
            .find(|element| element.value().name() == "title")
            .map(|title| {
                Line::clean(&title.text().collect::<String>())
                    .as_str()
                    .to_owned()
            })
            .unwrap_or_default()
    }

    /// That `css` matches nothing, and where on the page long links stand: likely its headlines.
    fn without(&self, css: &Css) -> String {
        let links = self.html.root_element().descendent_elements();
        let links: Vec<ElementRef<'_>> = links.filter(|element| card::is_link(*element)).collect();
        let mut places: HashMap<String, usize> = HashMap::new();
        for link in &links {
            let length = link.text().flat_map(|text| text.trim().chars()).count();
            if let Some(place) = place(*link).filter(|_| length >= HEADLINE) {
                *places.entry(place).or_default() += 1;
            }
        }
        let mut places: Vec<(String, usize)> = places.into_iter().collect();
        places.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let places: Vec<String> = places
            .iter()
            .take(PLACES)
            .map(|(place, _)| format!("`{place}`"))
            .collect();
        let has = match links.len() {
            0 => "no links; scripts may write them, and those are not run".into(),
            1 => "one link".to_owned(),
            more => format!("{more} links"),
        };
        let most = if places.is_empty() {
            String::new()
        } else {
            format!(", those with long texts mostly in {}", places.join(", "))
        };
        format!("`{}` matches nothing; the page has {has}{most}", css.text())
    }
}

/// A selector for links such as this: by its own class, or the nearest one around it.
fn place(link: ElementRef<'_>) -> Option<String> {
    let class = |element: ElementRef<'_>| {
        let class = element.attr("class")?.split_ascii_whitespace().next()?;
        Some(Line::clean_to(class, 40))
    };
    match class(link) {
        Some(class) => Some(format!("a.{class}")),
        None => link
            .ancestors()
            .filter_map(ElementRef::wrap)
            .find_map(class)
            .map(|class| format!(".{class} a")),
    }
}
