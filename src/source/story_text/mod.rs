//! The first paragraphs of a story, as a front page prints them: from the feed's own text, or from the story's page by the rules of reader
//! views. What is no running text goes: adverts, captions, lists of links, appeals, names of authors. No sentence is cut.

mod judge;
#[cfg(test)]
mod tests;

use dom_smoothie::{Config, Readability};
use scraper::node::Element;
use scraper::{ElementRef, Html};

use super::item::Item;
use super::plain::{self, Step};
use super::tags;
use crate::model::line::Line;
use crate::model::link::Link;
use crate::model::story::Story;
use judge::{CLOSING, Judge};

/// How much of a feed's text is read, in octets: a lede's paragraphs are at its beginning.
const MARKUP: usize = 65_536;
/// The most elements of a page.
const ELEMENTS: usize = 50_000;

/// Elements of which nothing is running text.
const SKIPPED: [&str; 35] = [
    "aside",
    "audio",
    "blockquote",
    "button",
    "dialog",
    "dl",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "iframe",
    "math",
    "menu",
    "nav",
    "noscript",
    "object",
    "ol",
    "pre",
    "script",
    "select",
    "style",
    "svg",
    "table",
    "template",
    "textarea",
    "title",
    "ul",
    "video",
];

/// Words of `class` and `id` by which papers mark what is no running text.
const MARKS: [&str; 76] = [
    "ad",
    "addtoany",
    "ads",
    "adslot",
    "adunit",
    "adv",
    "advert",
    "advertisement",
    "advertising",
    "adverts",
    "also",
    "audio",
    "author",
    "authors",
    "banner",
    "bio",
    "breadcrumb",
    "breadcrumbs",
    "byline",
    "caption",
    "comment",
    "comments",
    "consent",
    "cookie",
    "copyright",
    "credit",
    "credits",
    "dfp",
    "donate",
    "donation",
    "embed",
    "factbox",
    "gallery",
    "gdpr",
    "gpt",
    "hidden",
    "infobox",
    "instagram",
    "meta",
    "newsletter",
    "outbrain",
    "paywall",
    "player",
    "poll",
    "promo",
    "promoted",
    "promotion",
    "promos",
    "pubdate",
    "pullquote",
    "quiz",
    "readmore",
    "recirc",
    "recirculation",
    "recommended",
    "recommendations",
    "related",
    "share",
    "sharedaddy",
    "sharing",
    "sidebar",
    "signup",
    "slideshow",
    "social",
    "sponsor",
    "sponsored",
    "sponsors",
    "subscribe",
    "subscription",
    "taboola",
    "tags",
    "timestamp",
    "toolbar",
    "twitter",
    "video",
    "widget",
];

/// The story with at most so many first paragraphs of what its feed or file says of it.
pub(super) fn told(story: Story, item: &Item, most: usize) -> Story {
    if most == 0 || is_live_address(&story.url) {
        return story;
    }
    let text = if item.content.is_empty() {
        &item.summary
    } else {
        &item.content
    };
    Story {
        paragraphs: paragraphs(text, &story.headline, most),
        ..story
    }
}

/// Whether an address is that of a live blog, whose text begins with its newest minutes.
pub(super) fn is_live_address(url: &Link) -> bool {
    const LIVE: [&str; 11] = [
        "live",
        "liveblog",
        "live-blog",
        "live-news",
        "live-updates",
        "liveticker",
        "live-ticker",
        "en-direct",
        "direct",
        "en-vivo",
        "ao-vivo",
    ];
    let path = url.as_str().split(['?', '#']).next().unwrap_or_default();
    let segments = path.split('/').skip(3).map(str::to_ascii_lowercase);
    segments.into_iter().any(|segment| {
        let name = segment.trim_end_matches(".html");
        // Of a slug, its ends: `storm-live-updates`, `live-ferry-talks`; a street of that name stays.
        let marked = |mark: &&str| {
            let long = mark.len() > "direct".len();
            name == *mark
                || long
                    && (name.ends_with(&format!("-{mark}"))
                        || name.starts_with(&format!("{mark}-")))
        };
        LIVE.iter().any(marked)
    })
}

/// Whether a page says that it is a live blog (schema.org).
pub(super) fn is_live_page(page: &str) -> bool {
    page.contains("LiveBlogPosting")
}

/// The first paragraphs of a text in HTML, at most so many.
pub(super) fn paragraphs(markup: &str, headline: &Line, most: usize) -> Vec<Line> {
    let kept = &markup[..markup.floor_char_boundary(MARKUP)];
    let bounded = tags::bounded(kept);
    let is_cut = bounded.len() < markup.len();
    let in_lines;
    let text = if ["<p", "<P", "<br", "<BR", "<div"]
        .iter()
        .any(|tag| bounded.contains(tag))
    {
        bounded
    } else {
        // Plain text has its paragraphs by empty lines.
        in_lines = bounded.replace("\r\n", "\n").replace("\n\n", "<p>");
        &in_lines
    };
    let mut found = written(&Html::parse_fragment(text));
    if is_cut {
        // The last one may be half of one.
        found.pop();
    }
    let mut judge = Judge::new(headline, most);
    for paragraph in &found {
        if !judge.take(paragraph) {
            break;
        }
    }
    judge.finish()
}

/// The first paragraphs of a story's page.
pub(super) fn of_page(page: &str, url: &Link, headline: &Line, most: usize) -> Vec<Line> {
    let config = Config {
        keep_classes: true,
        disable_json_ld: true,
        max_elements_to_parse: ELEMENTS,
        ..Config::default()
    };
    let page = without_asides(page);
    let reader = Readability::new(page, Some(url.as_str()), Some(config));
    let article = reader.and_then(|mut reader| reader.parse());
    article.map_or_else(
        |_| Vec::new(),
        |article| paragraphs(&article.content, headline, most),
    )
}

/// The paragraphs that a page shows; or, where a program of the page draws its text, so that none of what is shown is in the longer text for
/// machines (`articleBody`), those of that text.
pub(super) fn or_for_machines(
    shown: Vec<Line>,
    text: &str,
    headline: &Line,
    most: usize,
) -> Vec<Line> {
    let text = &text[..text.floor_char_boundary(MARKUP)];
    let told = paragraphs(&in_paragraphs(text), headline, most);
    let whole = Line::clean(&plain::words(text));
    let is_of_it = |line: &Line| whole.as_str().contains(line.as_str());
    let length = |lines: &[Line]| lines.iter().map(|line| line.as_str().len()).sum::<usize>();
    if shown.iter().any(is_of_it) || length(&told) <= length(&shown) {
        shown
    } else {
        told
    }
}

/// A text in which tags or empty lines part the paragraphs: some have their tags escaped, part them by single lines, or run them together
/// without a space (`quay.The`, `1998.Two`, never `U.S.A`).
fn in_paragraphs(text: &str) -> String {
    let mut text = text.replace("\r\n", "\n");
    if ["&lt;p", "&lt;br", "&lt;div"]
        .iter()
        .any(|tag| text.contains(tag))
    {
        text = text
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&");
    }
    if text.contains("\n\n") || text.contains("</") {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 16);
    // `“` opens in English and closes in German.
    let is_low = text.contains('„');
    let mut small = false;
    // A sentence that has ended and what comes right behind it: whether its last letter was a small one.
    let mut ended = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let opens = matches!(c, '„' | '«' | '¿' | '¡') || c == '“' && !is_low;
        let next = chars.peek().is_some_and(|next| next.is_uppercase());
        if ended.is_some() && c == '\n'
            || ended == Some(true) && (c.is_uppercase() || opens && next)
        {
            out.push_str("\n\n");
            ended = None;
        }
        out.push(c);
        match c {
            '.' | '!' | '?' | '…' | '。' | '！' | '？' | '؟' | '۔' | '।' => {
                ended = Some(small);
            }
            ' ' | '\t' | '"' => ended = ended.map(|_| false),
            _ if CLOSING.contains(&c) => {}
            _ => {
                let digits =
                    c.is_numeric() && out.chars().rev().nth(1).is_some_and(char::is_numeric);
                (ended, small) = (None, c.is_lowercase() || digits);
            }
        }
    }
    out
}

/// The page without what its marks say is no running text: the rules of reader views keep an advert among paragraphs. Building a tree, and
/// those rules, take time with the square of the depth, which is bounded before.
fn without_asides(page: &str) -> String {
    let mut html = Html::parse_document(tags::bounded(page));
    let whole: usize = html.root_element().text().map(str::len).sum();
    let mut asides = Vec::new();
    for node in html.tree.nodes() {
        let aside = ElementRef::wrap(node)
            .is_some_and(|element| is_hidden(element.value()) || is_aside(element, whole));
        asides.extend(aside.then(|| node.id()));
    }
    for aside in asides {
        if let Some(mut aside) = html.tree.get_mut(aside) {
            aside.detach();
        }
    }
    html.html()
}

/// A paragraph as it is written; white space is not yet collapsed.
#[derive(Debug, Default)]
struct Paragraph {
    text: String,
    /// Octets of it that are links.
    linked: usize,
}

/// The running text of a tree, in paragraphs.
fn written(html: &Html) -> Vec<Paragraph> {
    let whole: usize = html.root_element().text().map(str::len).sum();
    let (mut paragraphs, mut open) = (Vec::new(), Paragraph::default());
    let mut links = 0_usize;
    plain::walk(html, |step| {
        match step {
            Step::Text(text) => {
                open.text.push_str(text);
                open.linked += if links > 0 { text.trim().len() } else { 0 };
            }
            Step::Open(element) => {
                let name = element.value().name();
                links += usize::from(name == "a");
                return !SKIPPED.contains(&name)
                    && !is_hidden(element.value())
                    && !is_aside(element, whole);
            }
            Step::Break => open.text.push(' '),
            Step::Close(name) => links -= usize::from(name == "a"),
            Step::End => {
                let ended = std::mem::take(&mut open);
                if !ended.text.trim().is_empty() {
                    paragraphs.push(ended);
                }
            }
        }
        true
    });
    paragraphs
}

/// Whether it is not to be seen, or is beside the text.
fn is_hidden(element: &Element) -> bool {
    let is = |name, value: &str| {
        let own = element.attr(name);
        own.is_some_and(|own| own.trim().eq_ignore_ascii_case(value))
    };
    let style = element.attr("style").unwrap_or_default().replace(' ', "");
    element.attr("hidden").is_some()
        || is("aria-hidden", "true")
        || ["complementary", "navigation", "note"]
            .iter()
            .any(|role| is("role", role))
        || style.to_ascii_lowercase().contains("display:none")
}

/// Whether its marks say that it is no running text. What holds a third of the whole text is the text, whatever its marks.
fn is_aside(element: ElementRef<'_>, whole: usize) -> bool {
    let of = element.value();
    let marks = [of.attr("class"), of.attr("id")];
    let is_marked = marks
        .into_iter()
        .flatten()
        .flat_map(|marks| marks.split(|c: char| !c.is_alphanumeric()))
        .flat_map(humps)
        .any(|mark| MARKS.iter().any(|known| mark.eq_ignore_ascii_case(known)));
    is_marked && element.text().map(str::len).sum::<usize>() * 3 < whole
}

/// `articleShareTools` as `article`, `Share`, `Tools`.
fn humps(word: &str) -> impl Iterator<Item = &str> {
    let mut rest = word;
    std::iter::from_fn(move || {
        let mut letters = rest.char_indices().skip(1);
        let hump = letters.find(|(_, c)| c.is_ascii_uppercase());
        // `AD` and `SocialBAR` are no humps of one letter each.
        let end = hump.filter(|(at, _)| rest[..*at].ends_with(|c: char| !c.is_ascii_uppercase()));
        let (word, after) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
        rest = after;
        (!word.is_empty()).then_some(word)
    })
}
