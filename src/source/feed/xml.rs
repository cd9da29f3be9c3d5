//! RSS, RDF and Atom as the web writes them. Nothing is refused for a stray `&`, an unclosed tag, a missing `version` or a namespace
//! written a little differently: a broken item costs only itself.

use super::{Feed, NotFeed};
use crate::model::line::Line;
use crate::source::xml::{Reader, Scan, Space, Tag, Token, is_html, local, root};

/// Reads a feed, at most `most` items of it.
pub(super) fn read(text: &str, most: usize) -> Result<Feed, NotFeed> {
    let mut scan = Scan::new(text);
    let found = root(&mut scan, |name| match name {
        "rss" | "RSS" | "RDF" | "rdf" | "channel" => Some("item"),
        "feed" => Some("entry"),
        _ => None,
    });
    let (tag, wanted) = found.map_err(|first| match first {
        None => NotFeed::NoMarkup,
        Some(name) if matches!(local(name).0, "urlset" | "sitemapindex") => NotFeed::Sitemap,
        Some(_) if is_html(text) => NotFeed::Html,
        Some(name) => NotFeed::Root(Line::clean_to(name, 40)),
    })?;
    let mut reader = Reader::new(scan, wanted);
    reader.declare(tag);
    let mut feed = Feed {
        base: reader.attribute(tag, "xml:base"),
        ..Feed::default()
    };
    feed.fill(&mut reader, tag.name, most);
    Ok(feed)
}

impl Feed {
    fn fill(&mut self, reader: &mut Reader<'_>, root: &str, most: usize) {
        loop {
            match reader.scan.next() {
                None => {
                    self.cut = true;
                    return;
                }
                Some(Token::Close(name)) if name == root => return,
                Some(Token::Open(tag)) => {
                    reader.declare(tag);
                    match (reader.space(tag), local(tag.name).0) {
                        (Space::Main, name) if name == reader.wanted => {
                            if self.items.len() == most {
                                self.more = true;
                                return;
                            }
                            let (item, whole) = reader.item(tag);
                            let is_story = !item.headline.is_empty() && !item.links.is_empty();
                            self.items.extend((whole || is_story).then_some(item));
                        }
                        (Space::Main, "title") if self.title.is_empty() => {
                            self.title = reader.capture(tag);
                        }
                        (Space::Main, "link") => self.site(reader, tag),
                        (Space::Main, "channel" | "items") => {}
                        _ => reader.skip(tag),
                    }
                }
                Some(_) => {}
            }
        }
    }

    fn site<'t>(&mut self, reader: &mut Reader<'t>, tag: Tag<'t>) {
        let href = reader.attribute(tag, "href");
        let rel = reader.attribute(tag, "rel");
        let text = reader.capture(tag);
        let link = href.or_else(|| Some(text).filter(|text| !text.is_empty()));
        let field = match rel.as_deref() {
            None | Some("alternate") => &mut self.link,
            Some("self") => &mut self.own,
            Some(_) => return,
        };
        *field = field.take().or(link);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Of each item what it says, a line; `!` at the end if the feed breaks off.
    fn check(text: &str, expected: &str) {
        let found = match read(text, 100) {
            Ok(feed) => {
                let mut lines: Vec<String> = feed
                    .items
                    .iter()
                    .map(|item| {
                        let mut words = vec![item.headline.clone()];
                        words.extend(item.links.iter().map(|link| format!("@{link}")));
                        words.extend([&item.summary, &item.content].into_iter().cloned());
                        words.extend(item.dates.iter().map(|date| format!("on {date}")));
                        words.extend(item.categories.iter().map(|one| format!("#{}", one.name)));
                        words.retain(|word| !word.is_empty());
                        words.join(" ")
                    })
                    .collect();
                lines.extend(feed.cut.then(|| "!".to_owned()));
                lines.join("\n")
            }
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expected, "{text}");
    }

    fn check_item(inside: &str, expected: &str) {
        let text = format!("<rss><channel><item>{inside}</item></channel></rss>");
        check(&text, expected);
    }

    fn check_entry(inside: &str, expected: &str) {
        let space = "http://www.w3.org/2005/Atom";
        let text = format!("<feed xmlns='{space}'><entry>{inside}</entry></feed>");
        check(&text, expected);
    }

    #[test]
    fn text_is_decoded_once() {
        check_item("<title>R&D &amp; caf&eacute;</title>", "R&D & café");
        check_item(
            "<title><![CDATA[A <b>&amp;</b>]]></title>",
            "A <b>&amp;</b>",
        );
        check_item(
            "<title>A <b>bold &amp; new</b> day</title>",
            "A <b>bold &amp; new</b> day",
        );
        check_item("<title>5 < 6</title>", "5 < 6");
        check_item("<description/><title></title>", "");
    }

    #[test]
    fn every_dialect_says_the_same() {
        check(
            "<rdf:RDF xmlns='http://my.netscape.com/rdf/simple/0.9/'><channel><link>x</link></channel><item><title>A</title></item></rdf:RDF>",
            "A",
        );
        check(
            "<x:rss xmlns:c='http://purl.org/rss/1.0/modules/content'><channel><item><c:encoded>A</c:encoded></item></channel></x:rss>",
            "A",
        );
        check(
            "<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:entry><a:title type='xhtml'><div>A &amp; B</div></a:title></a:entry></a:feed>",
            "<div>A &amp; B</div>",
        );
        check_entry(
            "<issued>2026</issued><link href='/a'/><link rel='edit' href='/b'/>",
            "@/a on 2026",
        );
        check_item(
            "<dc:date>2026</dc:date><dc:subject>City</dc:subject>",
            "on 2026 #City",
        );
        check_item(
            "<a10:link href='/x'/><site xmlns='other'><title>no</title></site>",
            "@/x",
        );
        check_item(
            "<source><title>no</title></source><guid isPermaLink='false'>7</guid><guid>http://8</guid>",
            "@http://8",
        );
        check(
            "<rss xmlns='http://x.example/'><channel><item xmlns=''><title xmlns=''>A</title></item></channel></rss>",
            "A",
        );
    }

    #[test]
    fn the_best_address_comes_first() {
        check_entry(
            "<id>https://a.example/id</id><link rel='self' href='own'/><link type='application/json' href='a.json'/><link href='a'/>",
            "@a @a.json @https://a.example/id @own",
        );
        check_entry("<link rel='self' href='/own'/>", "@/own");
        check_entry("<id>https://a.example/1</id>", "@https://a.example/1");
        check_item(
            "<guid isPermaLink='false'>https://a.example/?p=1</guid><link>/1</link>",
            "@/1 @https://a.example/?p=1",
        );
    }

    #[test]
    fn titles_of_other_vocabularies_are_titles() {
        check_item("<dc:title>A</dc:title>", "A");
        check_item("<media:title>A</media:title><title> </title>", "A");
        check_item("<media:title>B</media:title><title>A</title>", "A");
        check_entry(
            "<title mode='base64'>QSBmYXQg\nc2VhbA==</title>",
            "A fat seal",
        );
        check_entry("<title mode='base64'>A seal</title>", "A seal");
    }

    #[test]
    fn broken_feeds_keep_what_was_whole() {
        let item = "<item><title>A</title></item>";
        check(
            &format!("<rss><channel>{item}{item}<item><title>B"),
            "A\nA\n!",
        );
        check(
            &format!("<rss><channel>{item}<item><title>B</title><descr"),
            "A\n!",
        );
        let cut = format!(
            "<rss><channel>{item}<item><title>B</title><link>/b</link><description>Half a sen"
        );
        check(&cut, "A\nB @/b\n!");
        check(&format!("<rss><channel>{item}"), "A\n!");
        check(
            "<rss><channel><item><title>A<item><title>B</title></item></channel></rss>",
            "A\nB",
        );
        check_item("<title>A<link>b</link>", "A @b");
        check_item("<br><title>A</title>", "A");
        check(
            &format!(
                "\n<b>Warning</b>: x in y<br />\n<?xml version='1.0'?><rss><channel>{item}</channel></rss> junk <"
            ),
            "A",
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
    fn pictures_and_authors() {
        let text = "<rss><channel><item><feedburner:origLink>https://a.example/1</feedburner:origLink><dc:creator>Ann</dc:creator><author><name>Bo</name><email>b@c.de</email></author>\
             <media:group><media:content url='v.mp4' type='video/mp4'/><media:content url='a.jpg?x' width='900' height='600'>\
             <media:credit>Cy</media:credit><media:description>A seal</media:description></media:content></media:group>\
             <media:thumbnail url='t.jpg' width='90'/><enclosure url='e.png' type='image/png'/><image><url>i.jpg</url></image><itunes:image href='p.jpg'/></item></channel></rss>";
        let item = read(text, 1).unwrap().items.remove(0);
        assert_eq!(item.links, ["https://a.example/1"]);
        assert_eq!(item.authors, ["Ann", "Bo"]);
        let pictures: Vec<(&str, Option<u32>)> = item
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
        let first = &item.pictures[0];
        assert_eq!(
            (first.credit.as_deref(), first.alt.as_deref()),
            (Some("Cy"), Some("A seal"))
        );
        assert_eq!(item.pictures[4].credit, None);
    }

    #[test]
    fn no_more_items_than_asked_for() {
        let text = format!(
            "<rss><channel>{}</channel></rss>",
            "<item><title>A</title></item>".repeat(5)
        );
        let feed = read(&text, 3).unwrap();
        assert!(feed.items.len() == 3 && feed.more && !feed.cut);
    }

    proptest! {
        #[test]
        fn never_panics(parts in proptest::collection::vec(prop_oneof![
            Just("<rss>"), Just("<feed>"), Just("<item>"), Just("</item>"), Just("<entry>"), Just("</entry>"), Just("<title>"), Just("</title>"),
            Just("<link href='x'/>"), Just("<media:content url='x'>"), Just("<author>"), Just("<![CDATA["), Just("]]>"), Just("<!--"), Just("&eacute;"), Just("<"), Just("é"),
        ], 0..40), noise in "\\PC{0,40}") {
            _ = read(&parts.concat(), 10);
            _ = read(&(parts.concat() + &noise), 10);
        }
    }
}
