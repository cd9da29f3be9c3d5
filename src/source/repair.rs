//! RSS, RDF and Atom as the web writes it, made into one small well-formed document an item.
//!
//! feed-rs refuses a whole feed for one stray `&`, one unclosed tag, one empty `<summary/>` or a missing `version`; it knows only exact
//! namespaces, and leaves out pictures without a `media:content`, FeedBurner's real links and `dc:subject`. So every item is written anew
//! in the one dialect it reads best, and what it leaves out is kept beside it. A broken item then costs itself only.

use std::collections::HashMap;

use super::item::Image;
use super::scan::{Entities, Scan, Token, attributes, local};
use crate::line::Line;

/// How far into a document its root is looked for; before it may stand a server's warnings.
const JUNK: usize = 65_536;

/// How often in one feed an element that is never closed is gone back to, to read what stands in it as if it had been.
const REWINDS: u32 = 200;

const RSS: &str = r#"<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><item>"#;
const ATOM: &str = r#"<feed xmlns="http://www.w3.org/2005/Atom"><entry>"#;

/// A feed in pieces.
#[derive(Debug, Default)]
pub(super) struct Repaired {
    /// Its name; may hold HTML.
    pub title: String,
    /// The address of its site, as written.
    pub link: Option<String>,
    /// `xml:base` of its root, as written.
    pub base: Option<String>,
    /// Its items, in order.
    pub items: Vec<Piece>,
    /// Whether it ends too early; the item it broke off in is not among `items`.
    pub cut: bool,
    /// Whether it holds more items than were asked for.
    pub more: bool,
}

/// One item.
#[derive(Debug, Default)]
pub(super) struct Piece {
    /// A well-formed RSS 2.0 or Atom document with this item alone, without pictures and authors.
    pub xml: String,
    /// Its own `xml:base`, as written.
    pub base: Option<String>,
    /// FeedBurner's address of the story itself.
    pub original: Option<String>,
    /// Authors, as written.
    pub authors: Vec<String>,
    /// Pictures, addresses as written.
    pub pictures: Vec<Image>,
}

/// Why a text is no XML feed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotXmlFeed {
    /// An error page, a log-in page, a site instead of its feed.
    #[error("is an HTML page, not a feed")]
    Html,
    /// Another kind of XML.
    #[error("has `<{0}>` at its root: expected RSS, Atom or JSON Feed")]
    Root(Line),
    /// No markup at all.
    #[error("is neither XML nor JSON: expected RSS, Atom or JSON Feed")]
    NoMarkup,
}

/// Which dialect the items are written in.
#[derive(Clone, Copy, PartialEq)]
enum Dialect {
    Rss,
    Atom,
}

/// What an element's prefix means.
#[derive(Clone, Copy, PartialEq)]
enum Space {
    /// The feed's own.
    Main,
    Atom,
    Content,
    DublinCore,
    FeedBurner,
    Itunes,
    Media,
    Other,
}

struct Reader<'t> {
    scan: Scan<'t>,
    entities: Entities,
    spaces: HashMap<&'t str, Space>,
    dialect: Dialect,
    /// The name of an item's element.
    wanted: &'static str,
    rewinds: u32,
}

/// Takes a feed apart, at most `most` items of it.
pub(super) fn repair(text: &str, most: usize) -> Result<Repaired, NotXmlFeed> {
    let mut scan = Scan::new(text);
    let mut first = None;
    let (name, written, dialect) = loop {
        let token = (scan.at() < JUNK).then(|| scan.next()).flatten();
        match token {
            None => {
                return Err(match first {
                    None => NotXmlFeed::NoMarkup,
                    Some(_) if is_html(text) => NotXmlFeed::Html,
                    Some(name) => NotXmlFeed::Root(Line::clean_to(name, 40)),
                });
            }
            Some(Token::Open {
                name, attributes, ..
            }) => {
                match local(name).0 {
                    "rss" | "RSS" | "RDF" | "rdf" | "channel" => {
                        break (name, attributes, Dialect::Rss);
                    }
                    "feed" => break (name, attributes, Dialect::Atom),
                    _ => {}
                }
                first.get_or_insert(name);
            }
            Some(_) => {}
        }
    };
    let mut reader = Reader {
        scan,
        entities: Entities::default(),
        spaces: HashMap::new(),
        dialect,
        wanted: match dialect {
            Dialect::Rss => "item",
            Dialect::Atom => "entry",
        },
        rewinds: 0,
    };
    reader.declare(written);
    let mut repaired = Repaired {
        base: reader.attribute(written, "xml:base"),
        ..Repaired::default()
    };
    reader.feed(name, most, &mut repaired);
    Ok(repaired)
}

fn is_html(text: &str) -> bool {
    let head = text[..text.floor_char_boundary(2_000)].to_ascii_lowercase();
    ["<html", "<!doctype html", "<head", "<body", "<p>", "<div"]
        .iter()
        .any(|tag| head.contains(tag))
}

impl<'t> Reader<'t> {
    fn feed(&mut self, root: &str, most: usize, repaired: &mut Repaired) {
        loop {
            let Some(token) = self.scan.next() else {
                repaired.cut = true;
                return;
            };
            match token {
                Token::Close(name) if name == root => return,
                Token::Open {
                    name,
                    attributes,
                    empty,
                } => {
                    self.declare(attributes);
                    match (self.space(name, attributes), local(name).0) {
                        (Space::Main, tag) if tag == self.wanted => {
                            if repaired.items.len() == most {
                                repaired.more = true;
                                return;
                            }
                            let base = self.attribute(attributes, "xml:base");
                            if let Some(mut piece) = self.item() {
                                piece.base = base;
                                repaired.items.push(piece);
                            }
                        }
                        (Space::Main, "title") if repaired.title.is_empty() && !empty => {
                            repaired.title = self.capture(name);
                        }
                        (Space::Main, "link") => self.feed_link(name, attributes, empty, repaired),
                        (Space::Main, "channel" | "items") => {}
                        _ => self.skip_unless(empty, name),
                    }
                }
                _ => {}
            }
        }
    }

    fn feed_link(&mut self, name: &'t str, written: &'t str, empty: bool, repaired: &mut Repaired) {
        let href = self.attribute(written, "href");
        let alternate = self
            .attribute(written, "rel")
            .is_none_or(|rel| rel == "alternate");
        let text = if empty {
            String::new()
        } else {
            self.capture(name)
        };
        if repaired.link.is_none() && alternate {
            repaired.link = href.or_else(|| Some(text).filter(|text| !text.is_empty()));
        }
    }

    /// One item, its opening tag already read; `None` if the document ends in it.
    fn item(&mut self) -> Option<Piece> {
        let mut piece = Piece::default();
        piece.xml.push_str(match self.dialect {
            Dialect::Rss => RSS,
            Dialect::Atom => ATOM,
        });
        let mut inside: Option<usize> = None;
        let (mut credit, mut caption, mut title) = (None, None, None);
        loop {
            let from = self.scan.at();
            match self.scan.next()? {
                Token::Close(name) if local(name).0 == self.wanted => break,
                Token::Close(name) if local(name).0 == "content" => inside = None,
                token if self.ends_item(token) => {
                    self.scan.back_to(from);
                    break;
                }
                Token::Open {
                    name,
                    attributes,
                    empty,
                } => {
                    self.declare(attributes);
                    let tag = local(name).0;
                    match (self.space(name, attributes), tag) {
                        (Space::Media, "group") => {}
                        (Space::Media, "content") => {
                            inside = self
                                .media(attributes, &mut piece.pictures)
                                .filter(|_| !empty);
                        }
                        (Space::Media, "thumbnail") => {
                            let image = self.image(attributes, "url");
                            piece.pictures.extend(image);
                            self.skip_unless(empty, name);
                        }
                        (Space::Itunes, "image") => {
                            let image = self.image(attributes, "href");
                            piece.pictures.extend(image);
                            self.skip_unless(empty, name);
                        }
                        (Space::Media, "credit" | "description" | "title") if !empty => {
                            let text =
                                Some(self.capture(name)).filter(|text| !text.trim().is_empty());
                            let picture = inside.and_then(|at| piece.pictures.get_mut(at));
                            match (tag, picture) {
                                ("credit", Some(picture)) if picture.credit.is_none() => {
                                    picture.credit = text
                                }
                                ("description", Some(picture)) => picture.alt = text,
                                ("title", Some(picture)) if picture.alt.is_none() => {
                                    picture.alt = text
                                }
                                (_, Some(_)) => {}
                                ("credit", None) => credit = credit.or(text),
                                ("description", None) => caption = caption.or(text),
                                (_, None) => title = title.or(text),
                            }
                        }
                        (Space::Main, "enclosure") => {
                            self.enclosure(attributes, "url", &mut piece.pictures);
                            self.skip_unless(empty, name);
                        }
                        (Space::Main, "image") if !empty => {
                            let urls = self.texts(name, "url");
                            piece.pictures.extend(urls.into_iter().map(|url| Image {
                                url,
                                ..Image::default()
                            }));
                        }
                        (Space::Main | Space::Atom, "author") | (Space::DublinCore, "creator")
                            if !empty =>
                        {
                            piece.authors.extend(self.texts(name, "name"));
                        }
                        (Space::FeedBurner, "origLink") if !empty => {
                            piece.original = Some(self.capture(name));
                        }
                        (space, _) => self.element(space, name, attributes, empty, &mut piece),
                    }
                }
                _ => {}
            }
        }
        for picture in &mut piece.pictures {
            picture.credit = picture.credit.take().or_else(|| credit.clone());
            picture.alt = picture
                .alt
                .take()
                .or_else(|| caption.clone())
                .or_else(|| title.clone());
        }
        piece.xml.push_str(match self.dialect {
            Dialect::Rss => "</item></channel></rss>",
            Dialect::Atom => "</entry></feed>",
        });
        Some(piece)
    }

    /// Writes an element that feed-rs is to read; skips one that nobody needs.
    fn element(
        &mut self,
        space: Space,
        name: &'t str,
        written: &'t str,
        empty: bool,
        piece: &mut Piece,
    ) {
        let atom = self.dialect == Dialect::Atom;
        let to = match (space, local(name).0) {
            (Space::Main, tag @ ("title" | "link" | "category")) => tag,
            (Space::Main, tag @ "content") if atom => tag,
            (Space::Main | Space::Atom, "summary" | "description") => {
                if atom {
                    "summary"
                } else {
                    "description"
                }
            }
            (Space::Content, "encoded") => {
                if atom {
                    "content"
                } else {
                    "content:encoded"
                }
            }
            (Space::Atom, "link") => "link",
            (Space::Main, tag @ "guid") if !atom => tag,
            (Space::DublinCore, "subject") => "category",
            (Space::Main | Space::Atom, "pubDate" | "published" | "issued" | "created")
            | (Space::Main | Space::DublinCore, "date") => {
                if atom {
                    "published"
                } else {
                    "pubDate"
                }
            }
            (Space::Main | Space::Atom, "updated" | "modified") => "updated",
            _ => return self.skip_unless(empty, name),
        };
        let attributes = attributes(written, &mut self.entities);
        let value = |key: &str| {
            attributes
                .iter()
                .find(|(name, _)| *name == key)
                .map(|(_, value)| value.trim())
        };
        let text = if empty {
            String::new()
        } else {
            self.capture(name)
        };
        let text = match to {
            "title" | "summary" | "content" | "description" | "content:encoded" => text.as_str(),
            _ => text.trim(),
        };
        match to {
            "link" => {
                let rel = value("rel").unwrap_or("alternate");
                let href = value("href").unwrap_or(text);
                if rel == "enclosure" {
                    let image = value("type").is_some_and(|kind| kind.starts_with("image/"));
                    piece.pictures.extend(image.then(|| Image {
                        url: href.to_owned(),
                        ..Image::default()
                    }));
                } else if rel == "alternate" && !href.is_empty() {
                    if atom {
                        let kind = value("type").unwrap_or("text/html");
                        write_tag(
                            &mut piece.xml,
                            "link",
                            &[("rel", rel), ("type", kind), ("href", href)],
                            "",
                        );
                    } else {
                        write_tag(&mut piece.xml, "link", &[], href);
                    }
                }
            }
            "category" => {
                let term = value("label").or(value("term")).unwrap_or(text);
                let scheme = value("scheme").or(value("domain")).unwrap_or_default();
                if term.is_empty() {
                } else if atom {
                    write_tag(
                        &mut piece.xml,
                        to,
                        &[("term", term), ("scheme", scheme)],
                        "",
                    );
                } else {
                    write_tag(&mut piece.xml, to, &[("domain", scheme)], term);
                }
            }
            "guid"
                if value("isPermaLink")
                    .is_some_and(|value| value.eq_ignore_ascii_case("false")) => {}
            // An empty text is an error to feed-rs.
            _ if text.trim().is_empty() => {}
            "title" | "summary" | "content" if atom => {
                write_tag(&mut piece.xml, to, &[("type", "html")], text)
            }
            _ => write_tag(&mut piece.xml, to, &[], text),
        }
    }

    /// `media:content`: a picture and its place in the list, if it is one.
    fn media(&mut self, written: &'t str, pictures: &mut Vec<Image>) -> Option<usize> {
        let kind = self.attribute(written, "type").unwrap_or_default();
        let medium = self.attribute(written, "medium").unwrap_or_default();
        let image = self.image(written, "url")?;
        let is_image = kind.starts_with("image/")
            || medium == "image"
            || (kind.is_empty() && medium.is_empty() && looks_like_image(&image.url));
        is_image.then(|| {
            pictures.push(image);
            pictures.len() - 1
        })
    }

    fn enclosure(&mut self, written: &'t str, key: &str, pictures: &mut Vec<Image>) {
        let kind = self.attribute(written, "type").unwrap_or_default();
        let image = self.image(written, key);
        pictures.extend(image.filter(|image| {
            kind.starts_with("image/") || (kind.is_empty() && looks_like_image(&image.url))
        }));
    }

    fn image(&mut self, written: &'t str, key: &str) -> Option<Image> {
        let attributes = attributes(written, &mut self.entities);
        let value = |key: &str| {
            attributes
                .iter()
                .find(|(name, value)| *name == key && !value.trim().is_empty())
                .map(|(_, value)| value.trim())
        };
        Some(Image {
            url: value(key)?.to_owned(),
            width: value("width").and_then(|width| width.parse().ok()),
            height: value("height").and_then(|height| height.parse().ok()),
            alt: None,
            credit: None,
        })
    }

    /// The text of an element up to its end: entities decoded once. If tags stand in it unescaped it is HTML, and stays as written.
    /// One that is never closed ends at the first tag.
    fn capture(&mut self, name: &str) -> String {
        let start = self.scan.at();
        let (mut text, mut depth) = (String::new(), 1_usize);
        let mut first_tag = None;
        loop {
            let from = self.scan.at();
            let token = self.scan.next();
            if token.is_none_or(|token| token != Token::Close(name) && self.ends_item(token)) {
                if let Some(tag) = first_tag.filter(|_| self.rewind()) {
                    self.scan.back_to(tag);
                } else if token.is_some() {
                    self.scan.back_to(from);
                }
                return text;
            }
            match token {
                Some(Token::Text(piece)) if first_tag.is_none() => {
                    text.push_str(&self.entities.decode(piece))
                }
                Some(Token::Data(piece)) if first_tag.is_none() => text.push_str(piece),
                Some(Token::Close(tag)) => {
                    depth -= usize::from(tag == name);
                    if depth == 0 {
                        if first_tag.is_some() {
                            let inner = self.scan.between(start, from);
                            text = inner.replace("<![CDATA[", "").replace("]]>", "");
                        }
                        return text;
                    }
                    first_tag.get_or_insert(from);
                }
                Some(Token::Open {
                    name: tag, empty, ..
                }) => {
                    depth += usize::from(tag == name && !empty);
                    first_tag.get_or_insert(from);
                }
                _ => {}
            }
        }
    }

    /// The texts of an element: its own, or those of its children called `child`.
    fn texts(&mut self, name: &str, child: &str) -> Vec<String> {
        let (mut own, mut texts) = (String::new(), Vec::new());
        loop {
            let from = self.scan.at();
            let Some(token) = self.scan.next() else { break };
            match token {
                Token::Text(piece) => own.push_str(&self.entities.decode(piece)),
                Token::Data(piece) => own.push_str(piece),
                Token::Close(tag) if tag == name => break,
                token if self.ends_item(token) => {
                    self.scan.back_to(from);
                    break;
                }
                Token::Open { empty: true, .. } | Token::Close(_) => {}
                Token::Open { name: tag, .. } if local(tag).0 == child => {
                    texts.push(self.capture(tag))
                }
                Token::Open { name: tag, .. } => self.skip(tag),
            }
        }
        if texts.is_empty() {
            texts.push(own);
        }
        texts.retain(|text| !text.trim().is_empty());
        texts
    }

    fn skip_unless(&mut self, empty: bool, name: &str) {
        if !empty {
            self.skip(name);
        }
    }

    /// Passes over an element; over its opening tag only, if it is never closed.
    fn skip(&mut self, name: &str) {
        let start = self.scan.at();
        let mut depth = 1_usize;
        loop {
            let from = self.scan.at();
            match self.scan.next() {
                None => return,
                Some(Token::Close(tag)) if tag == name => {
                    depth -= 1;
                    if depth == 0 {
                        return;
                    }
                }
                Some(Token::Open {
                    name: tag, empty, ..
                }) if tag == name => depth += usize::from(!empty),
                Some(token) if self.ends_item(token) => {
                    let to = if self.rewind() { start } else { from };
                    return self.scan.back_to(to);
                }
                Some(_) => {}
            }
        }
    }

    /// Whether an item cannot go on past this token, closed or not.
    fn ends_item(&self, token: Token<'_>) -> bool {
        match token {
            Token::Open { name, .. } => local(name).0 == self.wanted,
            Token::Close(name) => {
                let tag = local(name).0;
                tag == self.wanted || matches!(tag, "channel" | "feed" | "rss" | "RDF")
            }
            _ => false,
        }
    }

    fn rewind(&mut self) -> bool {
        self.rewinds += 1;
        self.rewinds <= REWINDS
    }

    fn attribute(&mut self, written: &'t str, key: &str) -> Option<String> {
        if !written.contains(key) {
            return None;
        }
        attributes(written, &mut self.entities)
            .into_iter()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| value)
    }

    /// Notes the prefixes a tag declares.
    fn declare(&mut self, written: &'t str) {
        if written.contains("xmlns:") {
            for (name, value) in attributes(written, &mut self.entities) {
                if let Some(prefix) = name.strip_prefix("xmlns:") {
                    self.spaces.insert(prefix, space_of(&value, self.dialect));
                }
            }
        }
    }

    fn space(&mut self, name: &str, written: &'t str) -> Space {
        let (_, prefix) = local(name);
        if prefix.is_empty() {
            let own = self.attribute(written, "xmlns");
            return own.map_or(Space::Main, |uri| space_of(&uri, self.dialect));
        }
        let known = self.spaces.get(prefix).copied();
        known.unwrap_or(match prefix {
            "media" => Space::Media,
            "dc" => Space::DublinCore,
            "content" => Space::Content,
            "itunes" => Space::Itunes,
            "feedburner" => Space::FeedBurner,
            "atom" | "atom10" | "a10" if self.dialect == Dialect::Rss => Space::Atom,
            "atom" | "rss" => Space::Main,
            _ => Space::Other,
        })
    }
}

/// What a namespace means. Feeds write them without the last slash, with `https`, in old versions.
fn space_of(uri: &str, dialect: Dialect) -> Space {
    let has = |part: &str| uri.contains(part);
    if has("search.yahoo.com/mrss") {
        Space::Media
    } else if has("purl.org/dc/") {
        Space::DublinCore
    } else if has("rss/1.0/modules/content") {
        Space::Content
    } else if has("itunes.com/dtds/podcast") {
        Space::Itunes
    } else if has("feedburner") {
        Space::FeedBurner
    } else if has("w3.org/2005/Atom") || has("purl.org/atom/ns") {
        match dialect {
            Dialect::Rss => Space::Atom,
            Dialect::Atom => Space::Main,
        }
    } else if (has("purl.org/rss/1.0") && !has("modules"))
        || has("my.netscape.com/rdf")
        || has("backend.userland.com/rss")
    {
        Space::Main
    } else {
        Space::Other
    }
}

fn looks_like_image(url: &str) -> bool {
    let path = url
        .split(['?', '#'])
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    [".jpg", ".jpeg", ".png", ".gif", ".webp"]
        .iter()
        .any(|ending| path.ends_with(ending))
}

fn write_tag(out: &mut String, name: &str, attributes: &[(&str, &str)], text: &str) {
    out.push('<');
    out.push_str(name);
    for (key, value) in attributes {
        out.push(' ');
        out.push_str(key);
        out.push_str("=\"");
        escape(out, value);
        out.push('"');
    }
    out.push('>');
    escape(out, text);
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // Allowed in no XML document.
            '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The pieces' inner XML, one a line; `!` at the end if the feed was cut.
    fn check(text: &str, expected: &str) {
        let found = match repair(text, 100) {
            Ok(repaired) => {
                let mut lines: Vec<String> = repaired
                    .items
                    .iter()
                    .map(|piece| {
                        let body = piece.xml.trim_start_matches(RSS).trim_start_matches(ATOM);
                        body.trim_end_matches("</item></channel></rss>")
                            .trim_end_matches("</entry></feed>")
                            .to_owned()
                    })
                    .collect();
                lines.extend(repaired.cut.then(|| "!".to_owned()));
                lines.join("\n")
            }
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expected, "{text}");
    }

    fn check_item(inside: &str, expected: &str) {
        check(
            &format!("<rss><channel><item>{inside}</item></channel></rss>"),
            expected,
        );
    }

    fn piece(inside: &str) -> Piece {
        let text = format!("<rss><channel><item>{inside}</item></channel></rss>");
        repair(&text, 1).unwrap().items.remove(0)
    }

    #[test]
    fn text_is_escaped_once() {
        check_item(
            "<title>R&D &amp; caf&eacute;</title>",
            "<title>R&amp;D &amp; café</title>",
        );
        check_item(
            "<title><![CDATA[A <b>&amp;</b>]]></title>",
            "<title>A &lt;b&gt;&amp;amp;&lt;/b&gt;</title>",
        );
        check_item(
            "<title>A <b>bold &amp; new</b> day</title>",
            "<title>A &lt;b&gt;bold &amp;amp; new&lt;/b&gt; day</title>",
        );
        check_item("<title>5 < 6</title>", "<title>5 &lt; 6</title>");
        check_item("<description/><title></title>", "");
    }

    #[test]
    fn every_dialect_becomes_one() {
        check(
            "<rdf:RDF xmlns='http://my.netscape.com/rdf/simple/0.9/'><channel><link>x</link></channel><item><title>A</title></item></rdf:RDF>",
            "<title>A</title>",
        );
        check(
            "<x:rss xmlns:c='http://purl.org/rss/1.0/modules/content'><channel><item><c:encoded>A</c:encoded></item></channel></x:rss>",
            "<content:encoded>A</content:encoded>",
        );
        check(
            "<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:entry><a:title type='xhtml'><div>A &amp; B</div></a:title></a:entry></a:feed>",
            "<title type=\"html\">&lt;div&gt;A &amp;amp; B&lt;/div&gt;</title>",
        );
        check(
            "<feed><entry><issued>2026</issued><link href='/a'/><link rel='edit' href='/b'/></entry></feed>",
            "<published>2026</published><link rel=\"alternate\" type=\"text/html\" href=\"/a\"></link>",
        );
        check_item(
            "<dc:date>2026</dc:date><dc:subject>City</dc:subject>",
            "<pubDate>2026</pubDate><category domain=\"\">City</category>",
        );
        check_item(
            "<a10:link href='/x'/><site xmlns='other'><title>no</title></site>",
            "<link>/x</link>",
        );
        check_item(
            "<source><title>no</title></source><guid isPermaLink='false'>7</guid><guid>8</guid>",
            "<guid>8</guid>",
        );
    }

    #[test]
    fn broken_feeds_keep_their_whole_items() {
        let item = "<item><title>A</title></item>";
        check(
            &format!("<rss><channel>{item}{item}<item><title>B"),
            "<title>A</title>\n<title>A</title>\n!",
        );
        check(
            &format!("<rss><channel>{item}<item><title>B</title><descr"),
            "<title>A</title>\n!",
        );
        check(&format!("<rss><channel>{item}"), "<title>A</title>\n!");
        check(
            "<rss><channel><item><title>A<item><title>B</title></item></channel></rss>",
            "<title>A</title>\n<title>B</title>",
        );
        check_item("<title>A<link>b</link>", "<title>A</title><link>b</link>");
        check_item("<br><title>A</title>", "<title>A</title>");
        check(
            &format!(
                "\n<b>Warning</b>: x in y<br />\n<?xml version='1.0'?><rss><channel>{item}</channel></rss> junk <"
            ),
            "<title>A</title>",
        );
    }

    #[test]
    fn what_is_no_feed_is_named() {
        check(
            "<!DOCTYPE html><html><body>Not found</body></html>",
            "is an HTML page, not a feed",
        );
        check(
            "<urlset><url/></urlset>",
            "has `<urlset>` at its root: expected RSS, Atom or JSON Feed",
        );
        check(
            "Service unavailable",
            "is neither XML nor JSON: expected RSS, Atom or JSON Feed",
        );
    }

    #[test]
    fn what_feed_rs_leaves_out_is_kept() {
        let kept = piece(
            "<feedburner:origLink>https://a.example/1</feedburner:origLink><dc:creator>Ann</dc:creator><author><name>Bo</name><email>b@c.de</email></author>\
             <media:group><media:content url='v.mp4' type='video/mp4'/><media:content url='a.jpg?x' width='900' height='600'>\
             <media:credit>Cy</media:credit><media:description>A seal</media:description></media:content></media:group>\
             <media:thumbnail url='t.jpg' width='90'/><enclosure url='e.png' type='image/png'/><image><url>i.jpg</url></image><itunes:image href='p.jpg'/>",
        );
        assert_eq!(kept.original.as_deref(), Some("https://a.example/1"));
        assert_eq!(kept.authors, ["Ann", "Bo"]);
        let pictures: Vec<(&str, Option<u32>)> = kept
            .pictures
            .iter()
            .map(|picture| (picture.url.as_str(), picture.width))
            .collect();
        assert_eq!(
            pictures,
            [
                ("a.jpg?x", Some(900)),
                ("t.jpg", Some(90)),
                ("e.png", None),
                ("i.jpg", None),
                ("p.jpg", None)
            ]
        );
        assert_eq!(
            (
                kept.pictures[0].credit.as_deref(),
                kept.pictures[0].alt.as_deref()
            ),
            (Some("Cy"), Some("A seal"))
        );
        assert_eq!(kept.pictures[1].credit, None);
    }

    #[test]
    fn no_more_items_than_asked_for() {
        let text = format!(
            "<rss><channel>{}</channel></rss>",
            "<item><title>A</title></item>".repeat(5)
        );
        let repaired = repair(&text, 3).unwrap();
        assert!(repaired.items.len() == 3 && repaired.more && !repaired.cut);
    }

    proptest! {
        #[test]
        fn never_panics(parts in proptest::collection::vec(prop_oneof![
            Just("<rss>"), Just("<feed>"), Just("<item>"), Just("</item>"), Just("<entry>"), Just("</entry>"), Just("<title>"), Just("</title>"),
            Just("<link href='x'/>"), Just("<media:content url='x'>"), Just("<author>"), Just("<![CDATA["), Just("]]>"), Just("<!--"), Just("&eacute;"), Just("<"), Just("é"),
        ], 0..40), noise in "\\PC{0,40}") {
            _ = repair(&parts.concat(), 10);
            _ = repair(&(parts.concat() + &noise), 10);
        }
    }
}
