//! RSS, RDF and Atom as the web writes it, made into one small well-formed document an item.
//!
//! feed-rs refuses a whole feed for one stray `&`, one unclosed tag, one empty `<summary/>` or a missing `version`; it knows only exact
//! namespaces, and leaves out pictures without a `media:content`, FeedBurner's real links and `dc:subject`. So every item is written anew
//! in the one dialect it reads best, and what it leaves out is kept beside it. A broken item then costs itself only.

use super::item::Image;
use super::reader::{Dialect, Reader, Space};
use super::scan::{Scan, Token, local};
use crate::model::line::Line;

/// How far into a document its root is looked for; before it may stand a server's warnings.
const JUNK: usize = 65_536;

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
    /// What another kind of source reads.
    #[error("is a sitemap, not a feed: use `sitemap = ..` for it")]
    Sitemap,
    /// Another kind of XML.
    #[error("has `<{0}>` at its root: expected RSS, Atom or JSON Feed")]
    Root(Line),
    /// No markup at all.
    #[error("is neither XML nor JSON: expected RSS, Atom or JSON Feed")]
    NoMarkup,
}

/// Takes a feed apart, at most `most` items of it.
pub(super) fn repair(text: &str, most: usize) -> Result<Repaired, NotXmlFeed> {
    let mut scan = Scan::new(text);
    let found = root(&mut scan, |name| match name {
        "rss" | "RSS" | "RDF" | "rdf" | "channel" => Some(Dialect::Rss),
        "feed" => Some(Dialect::Atom),
        _ => None,
    });
    let (name, written, dialect) = found.map_err(|first| match first {
        None => NotXmlFeed::NoMarkup,
        Some(name) if matches!(local(name).0, "urlset" | "sitemapindex") => NotXmlFeed::Sitemap,
        Some(_) if is_html(text) => NotXmlFeed::Html,
        Some(name) => NotXmlFeed::Root(Line::clean_to(name, 40)),
    })?;
    let mut reader = Reader::new(scan, dialect);
    reader.declare(written);
    let mut repaired = Repaired {
        base: reader.attribute(written, "xml:base"),
        ..Repaired::default()
    };
    reader.feed(name, most, &mut repaired);
    Ok(repaired)
}

/// The first tag whose local name `wanted` knows, with its attributes; if there is none, the first tag of all.
pub(super) fn root<'t, T>(
    scan: &mut Scan<'t>,
    wanted: impl Fn(&str) -> Option<T>,
) -> Result<(&'t str, &'t str, T), Option<&'t str>> {
    let mut first = None;
    loop {
        match (scan.at() < JUNK).then(|| scan.next()).flatten() {
            None => return Err(first),
            Some(Token::Open {
                name, attributes, ..
            }) => {
                if let Some(found) = wanted(local(name).0) {
                    return Ok((name, attributes, found));
                }
                first.get_or_insert(name);
            }
            Some(_) => {}
        }
    }
}

/// Whether a text that is not what was expected is a page.
pub(super) fn is_html(text: &str) -> bool {
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
}

#[cfg(test)]
mod tests {
    use super::super::piece::{ATOM, RSS};
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
            "is a sitemap, not a feed: use `sitemap = ..` for it",
        );
        check(
            "<kml><Document/></kml>",
            "has `<kml>` at its root: expected RSS, Atom or JSON Feed",
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
                ("e.png", None),
                ("i.jpg", None),
                ("p.jpg", None),
                ("t.jpg", Some(90))
            ]
        );
        assert_eq!(
            (
                kept.pictures[0].credit.as_deref(),
                kept.pictures[0].alt.as_deref()
            ),
            (Some("Cy"), Some("A seal"))
        );
        assert_eq!(kept.pictures[4].credit, None);
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
