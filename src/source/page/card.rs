//! One story's element on a page, taken apart.

use scraper::ElementRef;

use super::{Css, Layout};
use crate::model::line::Line;
use crate::model::link::Link;
use crate::source::image::pictures;
use crate::source::item::{Category, Image, Item, resolve};
use crate::source::plain::escaped;

/// The fewest characters of a paragraph that is taken for a dek unasked.
const SENTENCE: usize = 25;

/// Elements, or attributes, that name a time.
const TIMES: [&str; 6] = [
    "data-published",
    "data-publish-date",
    "data-timestamp",
    "data-datetime",
    "data-date",
    "data-time",
];

/// What the page says of a story: all but what is the same for the whole page.
pub(super) fn item(card: ElementRef<'_>, layout: &Layout, base: &Link) -> Item {
    let chosen = headline(card, layout.headline.as_ref());
    let links = links(card, chosen, base);
    let first = |css: &Option<Css>| {
        let css = css.as_ref()?;
        css.within(card).find(|element| speaks(*element))
    };
    let mut pictures: Vec<Image> = match &layout.picture {
        Some(css) => css.within(card).flat_map(pictures).collect(),
        None => pictures(card),
    };
    for picture in &mut pictures {
        picture.alt = picture.alt.take().map(|alt| escaped(&alt));
    }
    if let Some(picture) = pictures.first_mut() {
        picture.credit = card
            .descendent_elements()
            .find(|element| {
                (has(*element, "class", "credit")
                    || has(*element, "class", "copyright")
                    || has(*element, "itemprop", "copyrightHolder"))
                    && speaks(*element)
            })
            .map(markup);
    }
    Item {
        headline: chosen.map(markup).unwrap_or_default(),
        links,
        summary: match &layout.dek {
            Some(_) => first(&layout.dek),
            None => dek(card, chosen),
        }
        .map(markup)
        .unwrap_or_default(),
        authors: authors(card, layout.byline.as_ref()),
        categories: first(&layout.section)
            .map(|section| Category::named(&markup(section)))
            .into_iter()
            .collect(),
        dates: dates(card, layout.time.as_ref()),
        pictures,
        ..Item::default()
    }
}

/// The addresses in an element that may be the story's, the likeliest first.
pub(super) fn links(
    card: ElementRef<'_>,
    headline: Option<ElementRef<'_>>,
    base: &Link,
) -> Vec<String> {
    let mut found: Vec<ElementRef<'_>> = Vec::new();
    if let Some(headline) = headline {
        found.extend(headline.descendent_elements().find(|inner| is_link(*inner)));
        found.extend(around(headline));
        // A link that lies over the whole card repeats the headline for those who cannot see it.
        let words = Line::clean(&headline.text().collect::<String>());
        let says = |link: &ElementRef<'_>| {
            ["aria-label", "title"]
                .iter()
                .filter_map(|name| link.attr(name))
                .any(|label| Line::clean(label) == words)
        };
        found.extend(
            card.descendent_elements()
                .filter(|link| is_link(*link) && says(link)),
        );
    }
    found.extend(card.descendent_elements().filter(|inner| is_link(*inner)));
    found.extend(around(card));
    found
        .into_iter()
        .filter_map(|link| link.attr("href"))
        .filter(|href| {
            resolve(href, Some(base)).is_some_and(|link| link.key().page() != base.key().page())
        })
        .map(str::to_owned)
        .collect()
}

fn around(element: ElementRef<'_>) -> Option<ElementRef<'_>> {
    let mut above = element.ancestors().filter_map(ElementRef::wrap);
    above.find(|above| is_link(*above))
}

/// The chosen one; else the first heading that has to do with a link, or any heading; else the link with the longest text.
pub(super) fn headline<'p>(card: ElementRef<'p>, css: Option<&Css>) -> Option<ElementRef<'p>> {
    if let Some(css) = css {
        return css.within(card).find(|element| speaks(*element));
    }
    let headings = || {
        card.descendent_elements().filter(|element| {
            let name = element.value().name();
            (matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
                || has(*element, "itemprop", "headline"))
                && speaks(*element)
        })
    };
    let linked = |heading: &ElementRef<'_>| {
        heading.descendent_elements().any(is_link) || around(*heading).is_some()
    };
    headings()
        .find(linked)
        .or_else(|| headings().next())
        .or_else(|| {
            let length = |link: &ElementRef<'_>| {
                let text: String = link.text().collect();
                Line::clean(&text).as_str().chars().count()
            };
            card.descendent_elements()
                .filter(|element| is_link(*element))
                .map(|link| (length(&link), link))
                .filter(|(length, _)| *length > 0)
                // Of several, the first.
                .reduce(|best, next| if next.0 > best.0 { next } else { best })
                .map(|(_, link)| link)
        })
}

pub(super) fn is_link(element: ElementRef<'_>) -> bool {
    element.value().name() == "a" && element.attr("href").is_some()
}

/// The words of an element, as markup; of one that only machines read, its content.
fn markup(element: ElementRef<'_>) -> String {
    match element.attr("content") {
        Some(content) => escaped(content),
        None => element.inner_html(),
    }
}

fn speaks(element: ElementRef<'_>) -> bool {
    element.attr("content").map_or_else(
        || element.text().any(|text| !text.trim().is_empty()),
        |text| !text.trim().is_empty(),
    )
}

/// Whether `word` is one of the words of an attribute.
fn has(element: ElementRef<'_>, name: &str, word: &str) -> bool {
    element
        .attr(name)
        .is_some_and(|value| value.split_ascii_whitespace().any(|own| own == word))
}

/// What says that it is one; else the only paragraph that looks like a sentence.
fn dek<'p>(card: ElementRef<'p>, headline: Option<ElementRef<'p>>) -> Option<ElementRef<'p>> {
    let described =
        |element: &ElementRef<'_>| has(*element, "itemprop", "description") && speaks(*element);
    if let Some(element) = card.descendent_elements().find(described) {
        return Some(element);
    }
    let holds_headline = |element: &ElementRef<'_>| {
        headline.is_some_and(|headline| {
            headline.id() == element.id()
                || headline.ancestors().any(|above| above.id() == element.id())
        })
    };
    let mut sentences = card.descendent_elements().filter(|element| {
        element.value().name() == "p"
            && !holds_headline(element)
            && element.text().flat_map(str::chars).count() >= SENTENCE
    });
    let only = sentences.next();
    only.filter(|_| sentences.next().is_none())
}

/// All that the selector names; else links to authors; else what is called a byline.
fn authors(card: ElementRef<'_>, css: Option<&Css>) -> Vec<String> {
    if let Some(css) = css {
        return css.within(card).map(markup).collect();
    }
    let named = |name: &str, word: &str| -> Vec<String> {
        card.descendent_elements()
            .filter(|element| has(*element, name, word) && speaks(*element))
            .map(markup)
            .collect()
    };
    let marked = [("rel", "author"), ("itemprop", "author")]
        .into_iter()
        .map(|(name, word)| named(name, word))
        .find(|names| !names.is_empty());
    marked.unwrap_or_else(|| {
        let mut names = named("class", "byline");
        names.extend(named("class", "author"));
        names.truncate(1);
        names
    })
}

/// What may say when the story was published, the likeliest first.
fn dates(card: ElementRef<'_>, css: Option<&Css>) -> Vec<String> {
    let text = |element: ElementRef<'_>| Line::clean_to(&element.text().collect::<String>(), 100);
    let mut found = Vec::new();
    let mut add = |element: ElementRef<'_>, attributes: bool, words: bool| {
        if attributes {
            let names = ["datetime", "content"].iter().chain(&TIMES);
            let values = names.filter_map(|name| element.attr(name));
            found.extend(values.map(|value| Line::clean_to(value, 100).to_string()));
        }
        if words {
            found.push(text(element).to_string());
        }
    };
    match css {
        Some(css) => css
            .within(card)
            .flat_map(|element| element.descendent_elements())
            .for_each(|element| add(element, true, true)),
        None => card.descendent_elements().for_each(|element| {
            let is_time = element.value().name() == "time";
            let told = is_time
                || has(element, "itemprop", "datePublished")
                || TIMES.iter().any(|name| element.attr(name).is_some());
            add(element, told, is_time);
        }),
    }
    found.retain(|text| !text.is_empty());
    found
}
