use super::*;
use crate::model::dates::DateStyle;
use proptest::prelude::*;

fn read_at(bytes: &[u8], url: Option<&str>) -> Result<Read, NotFeed> {
    let url = url.map(|url| Link::parse(url).unwrap());
    read(
        bytes,
        &FeedContext {
            url: url.as_ref(),
            section: None,
            sections: &Sections::default(),
            items: 100,
            paragraphs: 3,
            now: "2026-08-24T06:00:00Z".parse().unwrap(),
            dates: &DateStyle::universal(),
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
fn relative_links_of_a_file_are_relative_to_what_it_says_of_itself() {
    let of_file = |text: &str| {
        let read = read_at(text.as_bytes(), None).unwrap();
        let links: Vec<String> = read
            .stories
            .iter()
            .map(|story| story.url.to_string())
            .collect();
        links.join(" ")
    };
    let atom = |links: &str, entry: &str| {
        of_file(&format!(
            "<feed xmlns='http://www.w3.org/2005/Atom'>{links}<entry><title>A</title>{entry}</entry></feed>"
        ))
    };
    let own = "<link rel='self' href='https://a.example/feeds/all.xml'/>";
    assert_eq!(atom(own, "<link href='../a'/>"), "https://a.example/a");
    assert_eq!(
        atom(own, "<link rel='self' href='/a'/>"),
        "https://a.example/a"
    );
    let both = own.to_owned() + "<link href='https://b.example/'/>";
    assert_eq!(atom(&both, "<link href='a'/>"), "https://b.example/a");
    assert_eq!(
        of_file(
            "<rss xmlns:atom='http://www.w3.org/2005/Atom'><channel><atom:link rel='self' href='https://a.example/rss'/><item><title>A</title><link>/a</link></item></channel></rss>"
        ),
        "https://a.example/a"
    );
    assert_eq!(
        of_file(
            "{\"feed_url\": \"https://a.example/feed.json\", \"items\": [{\"title\": \"A\", \"url\": \"/a\"}]}"
        ),
        "https://a.example/a"
    );
}

#[test]
fn items_at_one_address_are_told_apart_or_named() {
    let item = |title: &str, link: &str, guid: &str| {
        format!("<item><title>{title}</title><link>{link}</link>{guid}</item>")
    };
    let guid = |id: &str| format!("<guid isPermaLink='false'>{id}</guid>");
    let check = |items: &[String], expected: &str| {
        let text = format!("<rss><channel>{}</channel></rss>", items.concat());
        let read = read_at(text.as_bytes(), Some("https://paper.example/rss")).unwrap();
        let stories = read.stories.iter();
        let mut said: Vec<String> = stories
            .map(|story| format!("{} {}", story.headline, story.url.url().path()))
            .collect();
        said.extend(read.notes.into_iter().filter(|note| !note.contains("date")));
        assert_eq!(said.join("; "), expected);
    };
    let (a, b, c) = (guid("a"), guid("b"), guid("c"));
    check(
        &[item("A", "/", &a), item("B", "/", &b)],
        "A /; 2 items have the one address `https://paper.example/`: only the first is a story",
    );
    check(
        &[
            item("A", "/t", &a),
            item("B", "/t?ref=2", &b),
            item("C", "/t", &c),
        ],
        "A /t; 2 items have the address of another one, such as `https://paper.example/t`: of one address only the first is a story",
    );
    check(
        &[item("A", "/t", ""), item("B", "/t", "")],
        "A /t; 2 items have the one address `https://paper.example/t`: only the first is a story",
    );
    check(
        &[
            item("A", "/t", ""),
            item("B", "/t", "<guid>https://paper.example/b</guid>"),
        ],
        "A /t; B /b",
    );
    // The same item again, its words changed.
    check(&[item("A", "/t", &a), item("A2", "/t", &a)], "A /t; A2 /t");
    check(&[item("A", "/t", &a), item("A", "/t", &b)], "A /t; A /t");
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
fn titles_of_other_vocabularies_and_packed_ones() {
    let title = |inside: &str| {
        let feed = format!(
            r#"<rss xmlns:media="http://search.yahoo.com/mrss/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel><item>{inside}<link>/1</link></item></channel></rss>"#
        );
        shown(&feed).lines().next().unwrap_or_default().to_owned()
    };
    for inside in [
        "<dc:title>A seal</dc:title>",
        "<media:title>A seal</media:title>",
        "<itunes:title>A seal</itunes:title>",
        "<title> </title><dc:title>A seal</dc:title>",
        "<media:content url='/a.jpg' medium='image'><media:title>A seal</media:title></media:content>",
        "<title mode='base64'>QSBzZWFs</title>",
        "<title type='text/plain;base64'>QSBz\nZWFs</title>",
    ] {
        assert_eq!(title(inside), "A seal", "{inside}");
    }
    // Latin-1.
    assert_eq!(title("<title mode='base64'>QuRy</title>"), "Bär");
}

#[test]
fn what_an_enclosure_is() {
    let picture = |inside: &str| {
        let feed = format!(
            "<rss><channel><item><title>A</title><link>/1</link>{inside}</item></channel></rss>"
        );
        shown(&feed).contains("picture: ")
    };
    for (attributes, expected) in [
        ("url='/a.jpg' type='application/octet-stream'", true),
        ("url='/a?id=7' type='jpg'", true),
        ("url='/a?id=7' type='image/jpeg'", true),
        ("url='/a.jpg'", true),
        ("url='/a.jpg' type=''", true),
        ("url='/a.jpg' type='audio/mpeg'", false),
        ("url='/a?id=7' type='application/octet-stream'", false),
        ("url='/a.mp3' type='mp3'", false),
    ] {
        assert_eq!(
            picture(&format!("<enclosure {attributes}/>")),
            expected,
            "{attributes}"
        );
    }
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

    1 item is dated before 1995 and taken for old
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
