//! A feed's bytes to stories: RSS 0.9x to 2.0, RDF, Atom, JSON Feed.

use chrono::{DateTime, TimeDelta, Utc};
use feed_rs::model::Entry;
use serde_json::Value;

use super::item::{Category, Image, Item, Setting, story};
use super::repair::{self, NotXmlFeed, Piece, Repaired};
use super::{dates, decode, json, plain};
use crate::model::line::Line;
use crate::model::link::Link;
use crate::model::story::Story;

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
pub(super) struct Known<'k> {
    /// Where it was fetched from, after redirects; `None` for a file.
    pub url: Option<&'k Link>,
    /// The section the config gives it.
    pub section: Option<&'k Line>,
    /// The most items to read.
    pub items: usize,
    /// The time it is.
    pub now: DateTime<Utc>,
}

/// Why nothing can be read from a feed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotFeed {
    /// No bytes, or only white space.
    #[error("is empty")]
    Empty,
    /// No XML feed.
    #[error(transparent)]
    Xml(#[from] NotXmlFeed),
    /// JSON, but no JSON Feed.
    #[error("is JSON without a list of `items`: expected RSS, Atom or JSON Feed")]
    Json,
}

/// Reads a feed as far as it can be read.
pub(super) fn read(bytes: &[u8], known: &Known<'_>) -> Result<Read, NotFeed> {
    let text = decode::text(bytes, None);
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\0');
    if text.is_empty() {
        return Err(NotFeed::Empty);
    }
    if text.starts_with(['{', '[']) {
        read_json(text, known)
    } else {
        Ok(read_xml(&repair::repair(text, known.items)?, known))
    }
}

fn read_xml(repaired: &Repaired, known: &Known<'_>) -> Read {
    let base = base(
        repaired.link.as_deref(),
        repaired.base.as_deref(),
        known.url,
    );
    let title = Line::clean(&plain::words(&repaired.title));
    let mut stories = Vec::with_capacity(repaired.items.len());
    for piece in &repaired.items {
        let own = piece
            .base
            .as_deref()
            .and_then(|own| join(own, base.as_ref()));
        let setting = Setting {
            base: own.as_ref().or(base.as_ref()),
            title: title.as_str(),
            section: known.section,
        };
        stories.extend(
            entry(piece, setting.base).and_then(|entry| story(&item(entry, piece), &setting)),
        );
    }
    let mut notes = Vec::new();
    if repaired.cut {
        notes.push(format!("breaks off after {}", items(repaired.items.len())));
    }
    finish(stories, repaired.items.len(), repaired.more, notes, known)
}

/// What relative addresses are relative to: the root's `xml:base`, else the document's address. On a feed service's host that is of no
/// use; there it is the address of the site.
fn base(site: Option<&str>, xml_base: Option<&str>, url: Option<&Link>) -> Option<Link> {
    let site = site.and_then(|site| join(site, url));
    let document = match (url, site) {
        (Some(url), Some(site)) if url.host() != site.host() => Some(site),
        (Some(url), _) => Some(url.clone()),
        (None, site) => site,
    };
    xml_base
        .and_then(|base| join(base, document.as_ref()))
        .or(document)
}

fn join(text: &str, base: Option<&Link>) -> Option<Link> {
    match base {
        Some(base) => base.join(text),
        None => Link::parse(text),
    }
    .ok()
}

/// The one entry of a piece. A parser is made for each: one that met an error cannot be used again.
fn entry(piece: &Piece, base: Option<&Link>) -> Option<Entry> {
    let feed = feed_rs::parser::Builder::new()
        .base_uri(base.map(Link::as_str))
        .timestamp_parser(dates::parse)
        .id_generator(|_, _, _| String::new())
        .sanitize_content(false)
        .build()
        .parse(piece.xml.as_bytes());
    feed.ok()?.entries.pop()
}

fn item(entry: Entry, piece: &Piece) -> Item {
    let text =
        |text: Option<feed_rs::model::Text>| text.map(|text| text.content).unwrap_or_default();
    let mut links: Vec<String> = piece.original.iter().cloned().collect();
    let (pages, others): (Vec<_>, Vec<_>) = entry.links.into_iter().partition(|link| {
        link.media_type
            .as_deref()
            .is_none_or(|kind| kind.contains("html"))
    });
    links.extend(pages.into_iter().chain(others).map(|link| link.href));
    if entry.id.starts_with("http") {
        links.push(entry.id);
    }
    Item {
        headline: text(entry.title),
        links,
        summary: text(entry.summary),
        content: entry
            .content
            .and_then(|content| content.body)
            .unwrap_or_default(),
        authors: piece.authors.clone(),
        categories: entry
            .categories
            .into_iter()
            .map(|category| Category {
                name: category.term,
                scheme: category.scheme.unwrap_or_default(),
            })
            .collect(),
        published: entry.published.or(entry.updated),
        pictures: piece.pictures.clone(),
    }
}

fn read_json(text: &str, known: &Known<'_>) -> Result<Read, NotFeed> {
    let list = json::list(text, "items", known.items).ok_or(NotFeed::Json)?;
    let beside = |key: &str| list.beside.get(key).and_then(Value::as_str);
    let base = base(beside("home_page_url"), None, known.url);
    let title = Line::clean(beside("title").unwrap_or_default());
    let setting = Setting {
        base: base.as_ref(),
        title: title.as_str(),
        section: known.section,
    };
    let stories = list
        .elements
        .iter()
        .filter_map(|(_, value)| story(&json_item(value), &setting))
        .collect();
    let mut notes = Vec::new();
    if list.fault.is_some() {
        notes.push(format!("breaks off after {}", items(list.elements.len())));
    }
    Ok(finish(
        stories,
        list.elements.len(),
        list.more,
        notes,
        known,
    ))
}

/// An item of JSON Feed 1 or 1.1 (jsonfeed.org). The feed's own author is nobody's byline: it names the paper.
fn json_item(value: &Value) -> Item {
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let list = |key: &str| value[key].as_array().into_iter().flatten();
    let date = |key: &str| value[key].as_str().and_then(dates::parse);
    // `content_text` is text: what looks like markup in it is none.
    let content = match value["content_html"].as_str() {
        Some(html) => html.to_owned(),
        None => text("content_text")
            .replace('&', "&amp;")
            .replace('<', "&lt;"),
    };
    let pictures = [&value["image"], &value["banner_image"]]
        .into_iter()
        .chain(list("attachments").filter_map(|attachment| {
            let image = attachment["mime_type"].as_str()?.starts_with("image/");
            image.then(|| &attachment["url"])
        }))
        .filter_map(Value::as_str)
        .map(|url| Image {
            url: url.to_owned(),
            ..Image::default()
        })
        .collect();
    Item {
        headline: text("title"),
        links: vec![text("url"), text("external_url"), text("id")],
        summary: text("summary"),
        content,
        authors: list("authors")
            .chain([&value["author"]])
            .filter_map(|author| author["name"].as_str())
            .map(str::to_owned)
            .collect(),
        categories: list("tags")
            .filter_map(Value::as_str)
            .map(|tag| Category {
                name: tag.to_owned(),
                scheme: String::new(),
            })
            .collect(),
        published: date("date_published").or_else(|| date("date_modified")),
        pictures,
    }
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
    known: &Known<'_>,
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
    let mut future = 0;
    for story in &mut stories {
        let ahead = story.published.is_some_and(|date| date > known.now + AHEAD);
        future += usize::from(ahead);
        story.published = story.published.filter(|date| !ahead && *date >= oldest);
    }
    if future > 0 {
        notes.push(format!(
            "{} dated in the future",
            if future == 1 {
                "1 item is".into()
            } else {
                format!("{future} items are")
            }
        ));
    }
    let dates: Vec<DateTime<Utc>> = stories.iter().filter_map(|story| story.published).collect();
    let (first, last) = (dates.iter().min().copied(), dates.iter().max().copied());
    let together = last.zip(first).map(|(last, first)| last - first);
    let all_dated = dates.len() == stories.len();
    match together {
        None if future == 0 && !stories.is_empty() => {
            notes.push(match stories.len() {
                1 => "its item has no date".into(),
                all => format!("none of its {all} items has a date"),
            });
        }
        Some(apart) if all_dated && is_one_moment(stories.len(), apart) => {
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
        Some(_) if dates.len() >= 3 && dates.iter().all(|date| dates::is_day(*date)) => {
            notes.push(
                "its dates name days, not times: each is taken as the middle of its day".into(),
            );
            for story in &mut stories {
                story.published = story.published.map(|date| dates::of_day(date, known.now));
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_at(bytes: &[u8], url: Option<&str>) -> Result<Read, NotFeed> {
        let url = url.map(|url| Link::parse(url).unwrap());
        read(
            bytes,
            &Known {
                url: url.as_ref(),
                section: None,
                items: 100,
                now: "2026-08-24T06:00:00Z".parse().unwrap(),
            },
        )
    }

    /// What a reader would see, a story a block.
    fn shown(text: &str) -> String {
        let read = match read_at(text.as_bytes(), Some("https://paper.example/rss")) {
            Ok(read) => read,
            Err(error) => return error.to_string(),
        };
        let line = |name: &str, line: &Option<Line>| {
            line.as_ref()
                .map(|line| format!("  {name}: {line}\n"))
                .unwrap_or_default()
        };
        let mut out: Vec<String> = read
            .stories
            .iter()
            .map(|story| {
                format!(
                    "{}\n  {}\n{}{}{}{}{}",
                    story.headline,
                    story.url,
                    line("dek", &story.dek),
                    line("section", &story.section),
                    line("byline", &story.byline),
                    story
                        .published
                        .map(|date| format!("  published: {date}\n"))
                        .unwrap_or_default(),
                    story
                        .picture
                        .as_ref()
                        .map(|picture| format!(
                            "  picture: {} {:?} {:?} {:?}\n",
                            picture.url, picture.width, picture.alt, picture.credit
                        ))
                        .unwrap_or_default(),
                )
            })
            .collect();
        out.extend(read.notes.iter().map(|note| format!("! {note}\n")));
        out.concat()
    }

    #[test]
    fn rss() {
        insta::assert_snapshot!(shown(r#"<?xml version="1.0"?>
            <rss version="2.0" xmlns:media="http://search.yahoo.com/mrss" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
            <title>The Paper</title><link>https://paper.example/</link>
            <item><title>R&D at the port &amp;amp; beyond</title><link>/port?utm_source=rss&id=4</link>
              <description>&lt;p&gt;Caf&eacute; owners &lt;b&gt;object&lt;/b&gt; to the plan, the port said on Monday.&lt;/p&gt;</description>
              <category>City</category><dc:creator>By Ines Duarte</dc:creator><author>desk@paper.example (The Paper)</author>
              <pubDate>Seg, 24 Ago 2026 05:10:00 +0100</pubDate>
              <media:content url="/port.jpg" medium="image" width="1200"><media:credit>A. Lima</media:credit></media:content></item>
            <item><title>Second</title><guid>https://paper.example/2</guid><pubDate>Mon, 24 Aug 2026 01:00:00 GMT</pubDate></item>
            <item><title>No link</title></item>
            <item><title>Tomorrow</title><link>/3</link><pubDate>Tue, 25 Aug 2026 01:00:00 GMT</pubDate></item>
            </channel></rss>"#), @r#"
        R&D at the port & beyond
          https://paper.example/port?id=4
          dek: Café owners object to the plan, the port said on Monday.
          section: City
          byline: Ines Duarte
          published: 2026-08-24 04:10:00 UTC
          picture: https://paper.example/port.jpg Some(1200) None Some("A. Lima")
        Second
          https://paper.example/2
          published: 2026-08-24 01:00:00 UTC
        Tomorrow
          https://paper.example/3
        ! 1 of 4 items has no headline or link
        ! 1 item is dated in the future
        "#);
    }

    #[test]
    fn atom() {
        insta::assert_snapshot!(shown(r#"<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://paper.example/news/"><title>The Paper</title>
            <entry xml:base="port/"><title type="html">A &lt;em&gt;fat&lt;/em&gt; seal</title><id>tag:1</id>
              <link rel="alternate" type="application/json" href="seal.json"/><link href="seal.html"/>
              <link rel="enclosure" type="image/jpeg" href="/seal.jpg"/>
              <author><name>Ana</name><email>a@b.example</email></author><author><name>Bo</name></author>
              <category term="c1" label="Animals"/><updated>2026-08-24T05:00:00Z</updated><summary/>
              <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>It lay on the quay &amp; slept, and nobody could move it.</p><p>More.</p></div></content></entry>
            </feed>"#), @r#"
        A fat seal
          https://paper.example/news/port/seal.html
          dek: It lay on the quay & slept, and nobody could move it.
          section: Animals
          byline: Ana, Bo
          published: 2026-08-24 05:00:00 UTC
          picture: https://paper.example/seal.jpg None None None
        "#);
    }

    #[test]
    fn json_feed() {
        insta::assert_snapshot!(shown(r#"{"version": "https://jsonfeed.org/version/1.1", "title": "The Paper", "authors": [{"name": "The Paper"}], "items": [
            {"id": 7, "url": "/seal", "title": "A seal", "content_text": "Nobody expected <it> & yet it came, on a Monday morning.", "image": "/seal.png",
             "authors": [{"name": "Ana"}], "tags": ["Animals"], "date_published": "2026-08-24T05:00:00+01:00"},
            {"id": "x", "ti"#), @r#"
        A seal
          https://paper.example/seal
          dek: Nobody expected <it> & yet it came, on a Monday morning.
          section: Animals
          byline: Ana
          published: 2026-08-24 04:00:00 UTC
          picture: https://paper.example/seal.png None None None
        ! breaks off after 1 item
        "#);
    }

    #[test]
    fn notes_and_refusals() {
        let feed = |items: &str| format!("<rss><channel>{items}</channel></rss>");
        let item = |n: u8, date: &str| {
            format!("<item><title>S{n}</title><link>/{n}</link><pubDate>{date}</pubDate></item>")
        };
        let notes = |text: &str| {
            read_at(text.as_bytes(), Some("https://a.example/"))
                .map_or_else(|error| error.to_string(), |read| read.notes.join("; "))
        };
        let date = "Mon, 24 Aug 2026 05:00:00 GMT";
        insta::assert_snapshot!([
            notes(" \n"),
            notes("<html><body>503</body></html>"),
            notes("{\"a\": 1}"),
            notes("Not found"),
            notes(&feed("")),
            notes(&feed(&[item(1, date), item(2, date), item(3, date)].concat())),
            notes(&feed(&[item(1, date), item(2, date)].concat())),
            notes(&feed(&[item(1, ""), item(2, "Thu, 01 Jan 1970 00:00:00 GMT")].concat())),
            notes(&format!("<rss><channel>{}", item(1, date))),
            notes(&feed(&item(1, date).repeat(101))),
            notes(&feed(&(10..20).map(|n| item(n, &date.replace("00:00", &format!("00:{n}")))).collect::<String>())),
            notes(&feed(&(10..19).map(|n| item(n, &date.replace("00:00", &format!("00:{n}")))).collect::<String>())),
            notes(&feed(&[item(1, "2026-08-23"), item(2, "2026-08-23"), item(3, "2026-08-24")].concat())),
        ]
        .join("\n"), @"
        is empty
        is an HTML page, not a feed
        is JSON without a list of `items`: expected RSS, Atom or JSON Feed
        is neither XML nor JSON: expected RSS, Atom or JSON Feed
        has no items
        all 3 items carry the same date

        none of its 2 items has a date
        breaks off after 1 item
        holds more than 100 items; the rest was not read; all 100 items carry the same date
        all 10 items are dated within one minute

        its dates name days, not times: each is taken as the middle of its day
        ");
    }

    #[test]
    fn links_of_a_feed_service_are_those_of_the_site() {
        let text = "<rss><channel><link>https://paper.example/</link><item><title>A</title><link>/a</link></item></channel></rss>";
        let url = |at| {
            read_at(text.as_bytes(), at).unwrap().stories[0]
                .url
                .to_string()
        };
        assert_eq!(
            url(Some("https://feeds.example/x")),
            "https://paper.example/a"
        );
        assert_eq!(url(None), "https://paper.example/a");
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            _ = read_at(&bytes, None);
        }

        #[test]
        fn any_damage_is_survived(from in 0_usize..600, length in 0_usize..20, with in "\\PC{0,8}") {
            let mut text = String::from(r#"<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>T</title><item><title>A &amp; <![CDATA[<b>b</b>]]></title>
                <link>https://a.example/1</link><author>«a@b.pt» Ana</author><description>&lt;p&gt;x&lt;/p&gt;</description><media:content url="a.jpg"><media:credit>é</media:credit>
                </media:content><pubDate>Mon, 24 Aug 2026 05:00:00 GMT</pubDate></item><item><title>B</title><link>https://a.example/2</link></item></channel></rss>"#);
            let from = text.floor_char_boundary(from);
            let to = text.ceil_char_boundary((from + length).min(text.len()));
            text.replace_range(from..to, &with);
            _ = read_at(text.as_bytes(), None);
        }
    }
}
