use std::io::Write as _;

use super::*;
use crate::model::dates::DateStyle;
use crate::model::story::Story;
use crate::source::sections::Sections;
use proptest::prelude::*;

const NEWS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1" xmlns:video="http://www.google.com/schemas/sitemap-video/1.1">
<url>
 <loc>https://paper.example/news/ferry?utm_source=sitemap&amp;id=7</loc>
 <lastmod>2026-08-24T05:30:00Z</lastmod>
 <news:news>
  <news:publication><news:name>The Paper</news:name><news:language>en</news:language></news:publication>
  <news:genres>PressRelease, OpEd</news:genres>
  <news:publication_date>2026-08-24T05:10:00+01:00</news:publication_date>
  <news:title>Ferry fares rise: 5 &lt; 6 &amp;amp; so&nbsp;on</news:title>
  <news:keywords>ferry, prices</news:keywords>
 </news:news>
 <image:image><image:loc>/img/a.jpg</image:loc><image:title>A ferry</image:title><image:caption><![CDATA[The ferry in port]]></image:caption></image:image>
 <image:image><image:loc>https://cdn.example/b.jpg</image:loc></image:image>
 <video:video><video:title>Not this</video:title><video:thumbnail_loc>https://v.example/t.jpg</video:thumbnail_loc></video:video>
</url>
<url><loc>/news/second</loc><n:news xmlns:n="x"><n:title><![CDATA[Zweite Fähre]]></n:title></n:news><lastmod>2026-08-24</lastmod></url>
</urlset>"#;

fn known() -> (Link, DateTime<Utc>) {
    (
        Link::parse("https://paper.example/sitemap-news.xml").unwrap(),
        "2026-08-24T06:00:00Z".parse().unwrap(),
    )
}

fn of(bytes: &[u8], most: usize) -> Result<Sitemap, NotSitemap> {
    let (url, now) = known();
    read(
        bytes,
        &FeedContext {
            url: Some(&url),
            section: None,
            sections: &Sections::default(),
            items: most,
            paragraphs: 0,
            dates: &DateStyle::universal(),
            now,
        },
    )
}

fn given(bytes: &[u8], most: usize) -> (Vec<Story>, Vec<String>) {
    match of(bytes, most).unwrap() {
        Sitemap::Stories(read) => (read.stories, read.notes),
        Sitemap::Index(children, _) => panic!("{children:?}"),
    }
}

fn notes(text: &str) -> String {
    match of(text.as_bytes(), 5) {
        Ok(Sitemap::Stories(read)) => {
            let count = [format!("gives {}", read.stories.len())];
            [count.to_vec(), read.notes].concat().join(": ")
        }
        Ok(Sitemap::Index(children, notes)) => {
            let count = [format!("names {}", children.len())];
            [count.to_vec(), notes].concat().join(": ")
        }
        Err(error) => error.to_string(),
    }
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

fn entry(number: usize, date: &str) -> String {
    format!(
        "<url><loc>https://paper.example/{number}</loc><news:news><news:publication_date>{date}</news:publication_date><news:title>Story {number}</news:title></news:news></url>"
    )
}

#[test]
fn stories_with_what_a_sitemap_says_of_them() {
    let (stories, notes) = given(NEWS.as_bytes(), 10);
    let shown: Vec<String> = stories
        .iter()
        .map(|story| {
            let picture = story.picture.as_ref();
            format!(
                "{}\n{}\n{:?} {:?} {:?}",
                story.headline,
                story.url,
                story.section,
                story.published.map(|date| date.to_rfc3339()),
                picture.map(|picture| (&picture.url, &picture.alt)),
            )
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    Ferry fares rise: 5 < 6 & so on
    https://paper.example/news/ferry?id=7
    Some("Opinion") Some("2026-08-24T04:10:00+00:00") Some(("https://paper.example/img/a.jpg", Some("The ferry in port")))
    Zweite Fähre
    https://paper.example/news/second
    None Some("2026-08-24T03:00:00+00:00") None
    "#);
    assert_eq!(notes, [""; 0]);
}

#[test]
fn packed_or_in_another_encoding_it_is_the_same() {
    let (plain, _) = given(NEWS.as_bytes(), 10);
    let mut two = packed(&NEWS.as_bytes()[..500]);
    two.extend(packed(&NEWS.as_bytes()[500..]));
    let latin_1: Vec<u8> = NEWS
        .replace("UTF-8", "ISO-8859-1")
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    for bytes in [
        packed(NEWS.as_bytes()),
        two,
        latin_1.clone(),
        packed(&latin_1),
    ] {
        assert_eq!(given(&bytes, 10).0, plain);
    }
}

#[test]
fn opinion_is_a_section_only_where_it_is_a_word() {
    let section = |language: &str| {
        let text = NEWS.replace(">en<", &format!(">{language}<"));
        given(text.as_bytes(), 10).0[0].section.clone()
    };
    assert_eq!(section("en"), Line::non_empty("Opinion"));
    assert_eq!(section("de"), None);
}

#[test]
fn of_too_many_the_newest_are_kept() {
    let dated = |number: usize| {
        let (day, minute) = (number % 20 + 1, number / 20);
        entry(number, &format!("2026-08-{day:02}T05:{minute:02}:00Z"))
    };
    let many: String = (0..1_000).map(dated).collect();
    let future = entry(5_000, "2099-01-01T00:00:00Z");
    let text = format!("<urlset>{future}{many}{}</urlset>", dated(19));
    let (stories, notes) = given(text.as_bytes(), 50);
    assert_eq!((stories.len(), notes), (50, Vec::new()));
    let day: DateTime<Utc> = "2026-08-20T05:00:00Z".parse().unwrap();
    assert!(stories.iter().all(|story| story.published >= Some(day)));
    let undated = entry(5_001, "");
    let (_, notes) = given(format!("<urlset>{undated}{many}</urlset>").as_bytes(), 50);
    assert_eq!(notes, ["holds more than 50 items; the rest was not read"]);
}

#[test]
fn an_index_names_sitemaps() {
    let text = "<sm:sitemapindex xmlns:sm='x'><sm:sitemap><sm:loc> a.xml </sm:loc><sm:lastmod>2026-08-24</sm:lastmod></sm:sitemap>\
        <sm:sitemap><sm:loc>https://cdn.example/b.xml.gz?x=1&y=2</sm:loc></sm:sitemap><sm:sitemap><sm:loc>file:///etc/passwd</sm:loc></sm:sitemap>";
    let Ok(Sitemap::Index(children, notes)) = of(text.as_bytes(), 5) else {
        panic!("no index");
    };
    let urls: Vec<&str> = children.iter().map(|child| child.url.as_str()).collect();
    assert_eq!(
        urls,
        [
            "https://paper.example/a.xml",
            "https://cdn.example/b.xml.gz?x=1&y=2"
        ]
    );
    assert!(children[0].modified.is_some());
    assert_eq!(notes, ["breaks off after 2 sitemaps"]);
}

#[test]
fn every_sentence() {
    let one = entry(1, "2026-08-24T05:00:00Z");
    let bomb = "<!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY lol2 \"&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;\">]><urlset><url><loc>https://a.example/&lol2;</loc>\
        <news:title>A &lol2;</news:title><lastmod>2026-08-24</lastmod></url></urlset>";
    let all = [
        "",
        " \n",
        "https://a.example/\nhttps://a.example/b\n",
        "<!DOCTYPE html><html><body>Not found</body></html>",
        "<rss version=\"2.0\"><channel></channel></rss>",
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"></feed>",
        "<soap:Envelope></soap:Envelope>",
        "<urlset></urlset>",
        "<urlset/>",
        "<sitemapindex></sitemapindex>",
        "<urlset><url><loc>https://a.example/a</loc></url><url><loc>https://a.example/b</loc></url></urlset>",
        &format!("<urlset>{one}<url><loc>https://a.example/a</loc></url></urlset>"),
        &format!("<urlset>{one}<url><news:title>No link</news:title></url></urlset>"),
        &format!("<urlset>{one}<url><loc>mailto:a@b.example</loc><news:title>No link</news:title></url></urlset>"),
        &format!("<urlset>{one}{one}<url><loc>https://a.exam"),
        &format!("<urlset>{one}{one}{one}</urlset>"),
        &format!("<urlset>{}</urlset>", entry(1, "2027-01-01")),
        &format!("<urlset><url><loc>https://a.example/<title>Unclosed</title>{one}<url><loc>https://a.example/x</loc><news><title>Last</title></urlset>"),
        bomb,
        &format!("<sitemapindex>{}</sitemapindex>", "<sitemap><loc>/a</loc></sitemap>".repeat(30)),
        &format!("<sitemapindex>{}</sitemapindex>", "<sitemap><loc>/a</loc><lastmod>2026-08-24</lastmod></sitemap>".repeat(30)),
    ]
    .map(notes);
    insta::assert_snapshot!(all.join("\n"), @"
    is empty
    is empty
    is not XML: expected a sitemap
    is an HTML page, not a sitemap
    is a feed, not a sitemap: use `feed = ..` for it
    is a feed, not a sitemap: use `feed = ..` for it
    has `<soap:Envelope>` at its root: expected a sitemap
    gives 0: has no items
    gives 0: has no items
    is an index without sitemaps
    is a plain sitemap: it has 2 items, none with a `news:title`, and a story needs a headline
    gives 1: 1 of 2 items has no `news:title`
    gives 1: 1 of 2 items has no headline or link
    gives 1: 1 of 2 items has no headline or link
    gives 2: breaks off after 2 items
    gives 3: all 3 items carry the same date
    gives 1: 1 item is dated in the future
    gives 3
    gives 1
    names 10: names 30 sitemaps, not all with their `lastmod`; only 10 were read
    names 10
    ");
}

#[test]
fn damaged_gzip_gives_what_came() {
    let text: String = (0..2_000)
        .map(|n| entry(n, "2026-08-24T05:00:00Z"))
        .collect();
    let whole = packed(format!("<urlset>{text}</urlset>").as_bytes());
    let (stories, notes) = given(&whole[..whole.len() / 2], 10_000);
    assert!((100..2_000).contains(&stories.len()), "{}", stories.len());
    assert!(
        notes[0].ends_with(" items: its gzip data is cut short or damaged"),
        "{notes:?}"
    );
    // Filler behind the end is nobody's loss.
    let mut longer = packed(NEWS.as_bytes());
    longer.extend([0; 100]);
    assert_eq!(given(&longer, 10).1, [""; 0]);
    assert_eq!(
        of(&[0x1f, 0x8b, 8, 0, 0], 5).unwrap_err().to_string(),
        "is gzip data that cannot be unpacked"
    );
}

#[test]
fn gzip_grows_no_further_than_the_protocol_allows() {
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    bomb.write_all(b"<urlset>").unwrap();
    bomb.write_all(entry(1, "2026-08-24T05:00:00Z").as_bytes())
        .unwrap();
    let spaces = vec![b' '; 1 << 20];
    for _ in 0..60 {
        bomb.write_all(&spaces).unwrap();
    }
    let (stories, notes) = given(&bomb.finish().unwrap(), 5);
    assert_eq!(
        (stories.len(), notes.join("")),
        (
            1,
            "breaks off after 1 item: it is larger than 52 MB".to_owned()
        )
    );
}

proptest! {
    #[test]
    fn never_panics(inner in "(</?(url|loc|lastmod|sitemap|urlset|news:news|n:title|news:publication|image:image|image:loc|!\\[CDATA\\[)>?|]]>|[&;<>/a-z0-9:.-]|\\PC){0,120}") {
        _ = of(format!("<urlset><url>{inner}").as_bytes(), 3);
        _ = of(format!("<sitemapindex><sitemap>{inner}").as_bytes(), 3);
        _ = of(inner.as_bytes(), 3);
    }

    #[test]
    fn never_panics_on_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        _ = of(&bytes, 3);
        let mut packed = packed(&bytes);
        _ = of(&packed, 3);
        packed.truncate(packed.len() / 2);
        _ = of(&packed, 3);
    }
}
