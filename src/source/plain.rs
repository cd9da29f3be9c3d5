//! Fragments of HTML to plain words. It never fails and never keeps markup; what looks like HTML but is not stays as written.

use std::borrow::Cow;

use scraper::{ElementRef, Html, Node};

use super::image::{Found, Image};

/// How much of a fragment is read, in octets. A dek and a picture are at its beginning.
const FRAGMENT: usize = 16_384;

/// How deep elements may be in one another; a parser's time grows with the square of it.
const DEPTH: usize = 100;

/// Elements that need no end, and so do not nest.
const ENDLESS: [&str; 12] = [
    "br", "dd", "dt", "hr", "img", "input", "li", "p", "td", "th", "tr", "wbr",
];

/// How often words that still look encoded are decoded again: systems that escape twice are common, four times is nobody.
const LAYERS: usize = 3;

/// Elements whose text is no part of the running text. Pictures in them count.
const MUTED: [&str; 12] = [
    "aside",
    "audio",
    "button",
    "figcaption",
    "figure",
    "form",
    "head",
    "math",
    "nav",
    "object",
    "title",
    "video",
];

/// Elements of which nothing is read.
const SKIPPED: [&str; 7] = [
    "iframe", "noscript", "script", "style", "svg", "template", "textarea",
];

/// Elements that run on within a line. All others end a paragraph.
const INLINE: [&str; 38] = [
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del", "dfn",
    "em", "font", "i", "img", "ins", "kbd", "label", "mark", "nobr", "q", "rp", "rt", "ruby", "s",
    "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "wbr",
];

/// Elements that swallow everything up to their closing tag.
const GREEDY: [&str; 9] = [
    "iframe", "noembed", "noframes", "noscript", "script", "style", "textarea", "title", "xmp",
];

/// What a fragment says and shows.
#[derive(Debug, Default)]
pub(super) struct Fragment {
    /// Its paragraphs, none of them blank; white space is not yet collapsed.
    pub paragraphs: Vec<String>,
    /// Its pictures, each in the size that suits a letter.
    pub images: Vec<Image>,
}

/// The words of a headline, a name, a caption.
pub(super) fn words(markup: &str) -> Cow<'_, str> {
    if markup.contains(['<', '&']) {
        Cow::Owned(fragment(markup).paragraphs.join(" "))
    } else {
        Cow::Borrowed(markup)
    }
}

/// Markup that says `text`, whatever looks like markup in it.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

/// Reads a fragment of HTML, or of plain text.
pub(super) fn fragment(markup: &str) -> Fragment {
    let mut found = read(markup);
    for _ in 1..LAYERS {
        let text = found.paragraphs.join("\n");
        if !looks_encoded(&text) {
            break;
        }
        let next = read(&text);
        found.paragraphs = next.paragraphs;
        found.images.extend(next.images);
    }
    found
}

/// The characters of a named entity such as `eacute`; `None` if HTML knows none of that name.
pub(super) fn entity(name: &str) -> Option<String> {
    let written = format!("&{name};");
    let read = read(&written).paragraphs.join("");
    (read != written && !read.is_empty()).then_some(read)
}

fn read(markup: &str) -> Fragment {
    let markup = shielded(&markup[..markup.floor_char_boundary(FRAGMENT)]);
    let html = Html::parse_fragment(&markup);
    let (mut paragraphs, mut found) = (Vec::new(), Found::default());
    let (mut paragraph, mut muted) = (String::new(), 0_usize);
    walk(&html, |step| {
        match step {
            Step::Text(text) if muted == 0 => paragraph.push_str(text),
            Step::Text(_) => {}
            Step::Open(element) => {
                let name = element.value().name();
                muted += usize::from(MUTED.contains(&name));
                found.take(element);
                return !SKIPPED.contains(&name);
            }
            Step::Break => paragraph.push(' '),
            Step::Close(name) => muted -= usize::from(MUTED.contains(&name)),
            Step::End => end(&mut paragraph, &mut paragraphs),
        }
        true
    });
    Fragment {
        paragraphs,
        images: found.images,
    }
}

/// What is met on the way through a text in HTML.
pub(super) enum Step<'a> {
    /// A piece of text.
    Text(&'a str),
    /// An element begins.
    Open(ElementRef<'a>),
    /// A line ends within a paragraph.
    Break,
    /// The element of that name ends, also one that was not entered.
    Close(&'a str),
    /// A paragraph ends: before and after what is no part of a line, at two breaks, and at the end of the text.
    End,
}

/// Goes through a text, in its order and without recursion: hostile trees are deep. `meet` says of an element that begins whether to go into it.
pub(super) fn walk<'a>(html: &'a Html, mut meet: impl FnMut(Step<'a>) -> bool) {
    let mut breaks = 0;
    let mut node = html.tree.root();
    loop {
        let mut enter = true;
        match node.value() {
            Node::Text(text) => {
                if !text.trim().is_empty() {
                    breaks = 0;
                }
                meet(Step::Text(text));
            }
            Node::Element(element) => {
                if let Some(element) = ElementRef::wrap(node) {
                    enter = meet(Step::Open(element));
                }
                let name = element.name();
                if name == "br" {
                    breaks += 1;
                    meet(Step::Break);
                }
                if breaks == 2 || !INLINE.contains(&name) {
                    breaks = 0;
                    meet(Step::End);
                }
            }
            _ => {}
        }
        if enter && let Some(child) = node.first_child() {
            node = child;
            continue;
        }
        loop {
            if let Node::Element(element) = node.value() {
                meet(Step::Close(element.name()));
                if !INLINE.contains(&element.name()) {
                    meet(Step::End);
                }
            }
            if let Some(next) = node.next_sibling() {
                node = next;
                break;
            }
            let Some(parent) = node.parent() else {
                meet(Step::End);
                return;
            };
            node = parent;
        }
    }
}

fn end(paragraph: &mut String, paragraphs: &mut Vec<String>) {
    if paragraph
        .chars()
        .all(|c| c.is_whitespace() && c != '\u{a0}')
    {
        paragraph.clear();
    } else {
        paragraphs.push(std::mem::take(paragraph));
    }
}

/// The same markup with every `<` escaped that begins no tag; cut where a tag at the end is broken off, or too many are open.
fn shielded(markup: &str) -> Cow<'_, str> {
    let last_close = markup.rfind('>').unwrap_or(0);
    let mut shielded = String::new();
    let (mut kept, mut depth) = (0, 0_usize);
    for (at, _) in markup.match_indices('<') {
        let after = &markup[at + 1..];
        let tag =
            after.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
        if after.starts_with('/') {
            depth = depth.saturating_sub(1);
        } else if tag && !ENDLESS.contains(&name_of(after)) {
            depth += 1;
        }
        if tag && at < last_close && depth <= DEPTH && !swallows(after) {
            continue;
        }
        let broken = at > last_close && (after.contains('=') || after.starts_with(['/', '!']));
        if tag && (broken || depth > DEPTH) {
            shielded.push_str(&markup[kept..at]);
            return Cow::Owned(shielded);
        }
        shielded.push_str(&markup[kept..at]);
        shielded.push_str("&lt;");
        kept = at + 1;
    }
    if kept == 0 {
        return Cow::Borrowed(markup);
    }
    shielded.push_str(&markup[kept..]);
    Cow::Owned(shielded)
}

/// Whether the tag that begins here would swallow the rest of the text.
fn swallows(tag: &str) -> bool {
    let name = name_of(tag);
    if name.eq_ignore_ascii_case("plaintext") {
        return true;
    }
    GREEDY
        .iter()
        .any(|greedy| name.eq_ignore_ascii_case(greedy))
        && !tag
            .match_indices("</")
            .any(|(at, _)| starts_with_ignoring_case(&tag[at + 2..], name))
}

fn name_of(tag: &str) -> &str {
    let end = tag.find(|c: char| !c.is_ascii_alphanumeric());
    &tag[..end.unwrap_or(tag.len())]
}

fn starts_with_ignoring_case(text: &str, start: &str) -> bool {
    text.as_bytes()
        .get(..start.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(start.as_bytes()))
}

/// Whether words that were decoded once hold entities, or tags that are closed again.
fn looks_encoded(text: &str) -> bool {
    text.match_indices('&').any(|(at, _)| {
        text[at + 1..]
            .find(';')
            .is_some_and(|end| (2..32).contains(&end) && is_reference(&text[at + 1..at + 1 + end]))
    }) || (text.contains('<')
        && (text.contains("</") || text.contains("/>"))
        && text.match_indices('<').any(|(at, _)| {
            let name = name_of(text[at + 1..].trim_start_matches('/'));
            matches!(
                name,
                "p" | "div" | "h1" | "h2" | "h3" | "li" | "ul" | "ol" | "blockquote"
            ) || INLINE.contains(&name)
        }))
}

/// Whether `reference` may be between `&` and `;`.
pub(super) fn is_reference(reference: &str) -> bool {
    match reference.strip_prefix('#') {
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(hex) => !hex.is_empty() && hex.bytes().all(|b| b.is_ascii_hexdigit()),
            None => !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()),
        },
        None => {
            reference.starts_with(|c: char| c.is_ascii_alphabetic())
                && reference.bytes().all(|b| b.is_ascii_alphanumeric())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::line::Line;
    use proptest::prelude::*;

    fn check(markup: &str, expected: &str) {
        let clean = Line::clean(&words(markup));
        assert_eq!(clean, expected, "{markup}");
    }

    #[test]
    fn markup_becomes_words() {
        check("Ferry fares rise", "Ferry fares rise");
        check("AT&T &amp; friends", "AT&T & friends");
        check("Caf&eacute;&nbsp;noir", "Café\u{a0}noir");
        check("A <b>fat</b> <i>seal</i>", "A fat seal");
        check("un<b>believ</b>able", "unbelievable");
        check("<p>One</p><p>Two</p>", "One Two");
        check("One<br/>Two", "One Two");
        check("A<script>alert(1)</script>B<style>p{}</style>", "A B");
        check("A<!-- SC_OFF -->B", "AB");
        check("It&amp;#39;s &amp;quot;on&amp;quot;", "It's \"on\"");
        check("&lt;b&gt;Bold&lt;/b&gt; claim", "Bold claim");
        check("R&amp;amp;D", "R&D");
    }

    #[test]
    fn what_is_no_markup_stays() {
        check("Profits < 5%", "Profits < 5%");
        check("I <3 you", "I <3 you");
        check("x<y", "x<y");
        check(
            "Why the <script> tag matters",
            "Why the <script> tag matters",
        );
        check("Tom & Jerry; a pair", "Tom & Jerry; a pair");
        check("Why &lt;b&gt; is dead", "Why <b> is dead");
        check(&format!("A{}B", "<div>".repeat(3_000)), "A");
        check("Read on <a href=\"https://exam", "Read on");
    }

    #[test]
    fn paragraphs_and_pictures() {
        let found = fragment(
            "<figure><img src='a.jpg' width=600 height='400px' alt='A seal'><figcaption>Photo: X</figcaption></figure>\
             First<br><br>Second<img src='t.gif' width=1 height=1><ul><li>Third</li></ul>",
        );
        assert_eq!(found.paragraphs, ["First  ", "Second", "Third"]);
        assert_eq!(
            found.images,
            [Image {
                url: "a.jpg".into(),
                width: Some(600),
                height: Some(400),
                alt: Some("A seal".into()),
                ..Image::default()
            }]
        );
    }

    #[test]
    fn entities_by_name() {
        assert_eq!(entity("eacute").as_deref(), Some("é"));
        assert_eq!(entity("nbsp").as_deref(), Some("\u{a0}"));
        assert_eq!(entity("hellip").as_deref(), Some("…"));
        assert_eq!(entity("company"), None);
    }

    proptest! {
        #[test]
        fn never_panics(markup in "([<>&;/a-z =\"'!-]|\\PC){0,200}") {
            _ = fragment(&markup);
        }

        #[test]
        fn tags_go(word in "[a-z]{1,8}") {
            let marked = format!("<p class=\"{word}\"><em>{word}</em></p>");
            prop_assert_eq!(words(&marked), word);
        }
    }
}
