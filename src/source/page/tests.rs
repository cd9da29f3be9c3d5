//! Pages that list stories; one file, since all of it goes by one layout.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::listed::links;
use super::*;
use crate::model::dates::DateStyle;
use crate::model::link::Origin;
use crate::source::sections::Sections;

fn css(text: &str) -> Css {
    Css::parse(text).unwrap()
}

fn link(text: &str) -> Link {
    Link::parse(text).unwrap()
}

fn layout(story: &str) -> Layout {
    Layout {
        base: link("https://paper.example/"),
        story: css(story),
        headline: None,
        section: None,
        time: None,
        byline: None,
        dek: None,
        picture: None,
    }
}

fn read_with(page: &str, layout: &Layout) -> Result<Read, String> {
    let known = FeedContext {
        url: Some(&link("https://paper.example/front/")),
        section: None,
        sections: &Sections::default(),
        items: 100,
        paragraphs: 0,
        dates: &DateStyle::universal(),
        now: "2026-08-24T06:00:00Z".parse().unwrap(),
    };
    read(page.as_bytes(), layout, &known)
}

/// What a reader would see, a story a block; then what was odd.
fn shown(page: &str, layout: &Layout) -> String {
    let Read { stories, notes } = match read_with(page, layout) {
        Ok(read) => read,
        Err(what) => return what,
    };
    let mut shown = String::new();
    for story in stories {
        _ = writeln!(shown, "{} <{}>", story.headline, story.url);
        for (name, line) in [
            ("dek", &story.dek),
            ("section", &story.section),
            ("byline", &story.byline),
        ] {
            if let Some(line) = line {
                _ = writeln!(shown, "  {name}: {line}");
            }
        }
        if let Some(date) = story.published {
            _ = writeln!(shown, "  published: {date}");
        }
        if let Some(picture) = story.picture {
            let words =
                |line: Option<Line>| line.map_or(String::new(), |line| format!(" \"{line}\""));
            _ = writeln!(
                shown,
                "  picture: {} {:?}{}{}",
                picture.url,
                picture.width,
                words(picture.alt),
                words(picture.credit)
            );
        }
    }
    for note in notes {
        _ = writeln!(shown, "! {note}");
    }
    shown
}

fn miss(page: &str, story: &str) -> String {
    shown(page, &layout(story))
}

#[test]
fn a_wordpress_front() {
    let page = r#"<!DOCTYPE html><html lang="de"><head><meta charset="utf-8"><title>Der Bote</title></head><body>
      <nav><a href="/">Start</a><a href="/politik">Politik</a></nav>
      <article id="post-7" class="post type-post"><div class="post-thumbnail"><a href="https://paper.example/faehre/" aria-hidden="true">
        <img width="300" height="200" src="https://paper.example/wp/f-300x200.jpg" class="wp-post-image" alt="Die Fähre „Tejo“ am Kai"
          srcset="https://paper.example/wp/f-300x200.jpg 300w, https://paper.example/wp/f-1024x683.jpg 1024w, https://paper.example/wp/f.jpg 2048w"></a></div>
        <span class="cat-links"><a href="/politik" rel="category tag">Politik &amp; Stadt</a></span>
        <h2 class="entry-title"><a href="https://paper.example/faehre/?utm_source=home" rel="bookmark">Fähre wird <em>deutlich</em> teurer</a></h2>
        <div class="entry-meta"><time class="entry-date" datetime="2026-08-24T05:10:00+02:00">24. August 2026</time>
          <span class="byline">von <span class="author vcard"><a rel="author" href="/a">Jana Groß</a></span></span></div>
        <div class="entry-summary"><p>Ab Montag kostet die Überfahrt zehn Prozent mehr, teilt der Hafen mit. <a href="/faehre/">Weiterlesen</a></p></div></article>
      <article class="post"><h2 class="entry-title"><a href="/ohne-bild/">Ohne Bild &lt;3</a></h2></article>
      <article class="post"><h2 class="entry-title">Anzeige</h2></article></body></html>"#;
    let layout = Layout {
        section: Some(css(".cat-links")),
        ..layout("article.post")
    };
    insta::assert_snapshot!(shown(page, &layout), @r#"
    Fähre wird deutlich teurer <https://paper.example/faehre/>
      dek: Ab Montag kostet die Überfahrt zehn Prozent mehr, teilt der Hafen mit.
      section: Politik & Stadt
      byline: Jana Groß
      published: 2026-08-24 03:10:00 UTC
      picture: https://paper.example/wp/f-1024x683.jpg Some(1024) "Die Fähre „Tejo“ am Kai"
    Ohne Bild <3 <https://paper.example/ohne-bild/>
    ! 1 of the 3 elements that match `article.post` has no headline or link
    "#);
}

#[test]
fn cards_with_a_link_over_them_and_lazy_pictures() {
    let page = r#"<html><head><base href="https://www.paper.example/"><meta property="og:site_name" content="The Paper"></head><body><ul>
      <li><div class="card"><a href="/politics" class="kicker">Politics</a><a href="/2026/aug/24/ferry" aria-label="Ferry fares to rise" class="overlay"></a>
        <h3><span>Ferry fares to rise</span></h3><picture><source type="image/webp" srcset="/i/ferry.webp?width=1200 1200w"><img alt="" src="data:image/gif;base64,R0lGOD" data-src="/i/ferry.jpg"></picture>
        <figcaption>A ferry. <span class="credit">Ana Reis/EPA</span></figcaption></div></li>
      <li><div class="card"><a href="/2026/aug/24/seal"><img src="/i/seal.jpg" alt="A fat seal on a beach"></a></div></li>
      <li><div class="card"><a href="/2026/aug/24/seal#comments">12</a><a href="/2026/aug/24/seal"><h4>Fat seal</h4></a></div></li>
      <li><div class="card"><a href="javascript:void(0)">Menu</a> <a href="mailto:a@b.example">Write</a></div></li>
      <li><a class="card" href="/2026/aug/24/live" data-timestamp="1787547600">Live: the debate <noscript><img src="/i/live.jpg"></noscript></a></li>
      </ul></body></html>"#;
    insta::assert_snapshot!(miss(page, ".card"), @r#"
    Ferry fares to rise <https://www.paper.example/2026/aug/24/ferry>
      picture: https://www.paper.example/i/ferry.jpg None "Ana Reis/EPA"
    Fat seal <https://www.paper.example/2026/aug/24/seal>
      picture: https://www.paper.example/i/seal.jpg None "A fat seal on a beach"
    Live: the debate <https://www.paper.example/2026/aug/24/live>
      published: 2026-08-24 05:00:00 UTC
      picture: https://www.paper.example/i/live.jpg None
    ! 1 of the 5 elements that match `.card` has no headline or link
    "#);
}

#[test]
fn headlines_of_all_scripts() {
    let page = "<div class=t><a href=/ru>Паром подорожает на десять процентов</a></div>\
        <div class=t dir=rtl><h2><a href=/ar>العبّارة ترفع أسعارها</a></h2></div>\
        <div class=t><a href=/s>速報</a> <a href=/ja>フェリー運賃、月曜日から値上げ</a></div>\
        <p class=t><a href=/p>Ferry fares rise</a> on Monday, the port said.</p>";
    insta::assert_snapshot!(miss(page, ".t"), @"
    Паром подорожает на десять процентов <https://paper.example/ru>
    العبّارة ترفع أسعارها <https://paper.example/ar>
    フェリー運賃、月曜日から値上げ <https://paper.example/ja>
    Ferry fares rise <https://paper.example/p>
    ");
}

#[test]
fn json_ld_fills_what_the_page_does_not_show() {
    let page = r#"<html><head><title>Paper</title><script type="application/ld+json">{"@context":"https://schema.org","@graph":[
        {"@type":"NewsArticle","url":"https://paper.example/ferry","headline":"Ferry (machine)","description":"Fares go up on Monday.","datePublished":"2026-08-24T05:00:00Z",
         "image":{"url":"/i/ferry.jpg","width":1200},"author":{"name":"Ana Reis"},"articleSection":"City"},
        {"@type":"NewsArticle","url":"https://paper.example/later","headline":"Later","datePublished":"2027-01-01"}]}</script></head>
        <p><a class=h href=/ferry/>Ferry fares rise</a></p><p><a class=h href=/later>Later</a></p></html>"#;
    insta::assert_snapshot!(miss(page, ".h"), @"
    Ferry fares rise <https://paper.example/ferry/>
      dek: Fares go up on Monday.
      section: City
      byline: Ana Reis
      published: 2026-08-24 05:00:00 UTC
      picture: https://paper.example/i/ferry.jpg Some(1200)
    Later <https://paper.example/later>
    ! 1 story is dated in the future, or long ago
    ");
}

#[test]
fn parts_by_selector() {
    let page = r"<section><b>City</b><i><a href=/x>Not this</a></i><u><a href=/ferry>Ferry</a></u><s class=when>24 August 2026</s>
        <q>Ana</q><q>Bo</q><em>On Monday.</em><span class=pic><img src=/a.jpg></span><img src=/b-1200x800.jpg></section>";
    let layout = Layout {
        headline: Some(css("u")),
        section: Some(css("b")),
        time: Some(css(".when")),
        byline: Some(css("q")),
        dek: Some(css("em")),
        picture: Some(css(".pic")),
        ..layout("section")
    };
    insta::assert_snapshot!(shown(page, &layout), @"
    Ferry <https://paper.example/ferry>
      dek: On Monday.
      section: City
      byline: Ana, Bo
      published: 2026-08-24 03:00:00 UTC
      picture: https://paper.example/a.jpg None
    ");
    let layout = Layout {
        dek: Some(css(".dek")),
        headline: Some(css("h2, u")),
        ..layout
    };
    assert!(shown(page, &layout).ends_with("! `.dek` matches nothing in any `section`\n"));
}

#[test]
fn what_is_no_page_of_stories() {
    let front = "<div class='teaser big'><a href=/1>A headline that is long enough</a></div>"
        .repeat(9)
        + &"<a class='headline x' href=/2>Another headline that is long</a>".repeat(12)
        + &"<li class=nav><a href=/3>News</a></li>".repeat(50);
    let all = [
        miss("", ".x"),
        miss(" {\"items\": []}", ".x"),
        miss("<?xml version='1.0'?><rss><channel/></rss>", ".x"),
        miss("%PDF-1.4 \0\0", ".x"),
        miss("Moved.", ".x"),
        miss(
            "<html><body><div id=root></div><script>load()</script>",
            ".x",
        ),
        miss("<p><a href=/1>One</a>", ".x"),
        miss(&front, ".latest .item"),
        miss("<p>One</p><p>Two <a href='/front/#top'>Up</a></p>", "p"),
    ];
    insta::assert_snapshot!(all.join("\n"), @"
    is empty
    is JSON: expected an HTML page
    is a feed or a sitemap: expected an HTML page
    is no text: expected an HTML page
    is text without a tag: expected an HTML page
    `.x` matches nothing; the page has no links; scripts may write them, and those are not run
    `.x` matches nothing; the page has one link
    `.latest .item` matches nothing; the page has 71 links, those with long texts mostly in `a.headline`, `.teaser a`
    2 of the 2 elements that match `p` have no headline or link
    ");
}

#[test]
fn a_bottomless_page_ends() {
    let page = "<p class=s><a href=/1>One</a></p>".to_owned() + &"<div>".repeat(100_000);
    let shown = miss(&page, ".s");
    assert_eq!(
        shown,
        "One <https://paper.example/1>\n! is nested too deep to be read whole; its beginning was\n"
    );
}

#[test]
fn no_more_than_asked_for() {
    let pages: Vec<String> = (0..150)
        .map(|n| format!("<p><a href=/{n}>S{n}</a></p>"))
        .collect();
    let page = pages.concat();
    let Read { stories, notes } = read_with(&page, &layout("p")).unwrap();
    assert_eq!(
        (stories.len(), notes.join("")),
        (
            100,
            "holds more than 100 stories; the rest was not read".into()
        )
    );
}

#[test]
fn lists_keep_their_order() {
    let check = |page: &str, story: &str, expected: &str| {
        let found = links(
            page.as_bytes(),
            &css(story),
            &link("https://paper.example/most-read"),
            5,
        );
        let found = found.map_or_else(
            |what| what,
            |links| {
                let paths: Vec<&str> = links.iter().map(|link| link.url().path()).collect();
                paths.join(" ")
            },
        );
        assert_eq!(found, expected, "{page}");
    };
    let page = "<ol class=most><li><a href=/b?utm_source=x>B</a><li><a href=/a><img></a> <a href=/a>A</a><li><a href=/b>B</a></ol><a href=/c>C</a>";
    check(page, ".most li", "/b /a");
    check(page, ".most a", "/b /a");
    check(page, "a", "/b /a /c");
    check("<li>x</li>", "li", "`li` matches nothing with a link");
    check(
        "<li>x</li>",
        "ol a",
        "`ol a` matches nothing; the page has no links; scripts may write them, and those are not run",
    );
    check(
        "[\"/b\", {\"link\": \"https://paper.example/a\"}, 5, {\"url\": \"/b\"}]",
        "a",
        "/b /a",
    );
    check(
        "{\"data\": {\"title\": \"x\", \"items\": [{\"href\": \"/b\"}, {\"href\": \"/a\"}]}}",
        "a",
        "/b /a",
    );
    check(
        "{\"items\": [1]}",
        "a",
        "is JSON without a list of stories: expected addresses, or objects with a `url`, `link` or `href`",
    );
    check("[\"/b\"", "a", "is not whole JSON");
    check(
        &format!(
            "[{}]",
            (0..9)
                .map(|n| format!("\"/{n}\""))
                .collect::<Vec<_>>()
                .join(",")
        ),
        "a",
        "/0 /1 /2 /3 /4",
    );
}

#[tokio::test]
async fn a_list_on_disk_is_as_old_as_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("most.json");
    std::fs::write(&path, "[\"/b\", \"/a\"]").unwrap();
    let time: std::time::SystemTime = DateTime::<Utc>::from_timestamp(1_787_547_600, 0)
        .unwrap()
        .into();
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(time).unwrap();
    let base = link("https://paper.example/");
    let read = async |path| {
        listed(
            &Origin::Path(path),
            &css("a"),
            &base,
            &crate::source::LIMITS,
        )
        .await
    };
    let found = read(path.clone()).await.unwrap();
    assert_eq!(
        found.links,
        [
            link("https://paper.example/b"),
            link("https://paper.example/a")
        ]
    );
    assert_eq!(found.taken, Some(time.into()));
    assert_eq!(
        read(folder.path().join("none")).await.unwrap_err(),
        "does not exist"
    );
}

#[tokio::test]
async fn a_page_is_a_source() {
    use crate::source::fetch::tests::{answer, serve};
    use crate::source::{Kind, LIMITS, Source, gather};

    let server = serve(|request| {
        assert!(request.contains("accept: text/html"), "{request}");
        answer(
            "200 OK",
            "ETag: \"1\"\r\n",
            "<h2><a href=b>B</a></h2><h2><a href=/a>A</a></h2>",
        )
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("front.html");
    std::fs::write(&path, "<h2><a href=/c>C</a></h2><h2>D</h2>").unwrap();
    let source = |name: &str, origin| {
        Source::of(
            Line::clean(name),
            Kind::Page(origin, Box::new(layout("h2"))),
        )
    };
    let sources = [
        source("front", Origin::Url(link(&format!("{server}/x/")))),
        source("file", Origin::Path(path)),
    ];
    let found = gather(&sources, &HashMap::new(), &LIMITS, DateTime::UNIX_EPOCH).await;
    let stories: Vec<String> = found
        .harvest
        .candidates
        .iter()
        .map(|candidate| format!("{} {:?}", candidate.story.url, candidate.position))
        .collect();
    assert_eq!(
        stories.join("\n").replace(&server, "SERVER"),
        "SERVER/x/b Some(0)\nSERVER/a Some(1)\nhttps://paper.example/c Some(0)"
    );
    let pages = found.remember.iter().filter(|kept| kept.etag.is_some());
    assert_eq!(pages.count(), 1);
    assert_eq!(
        found.harvest.misses[0].what,
        "1 of the 2 elements that match `h2` has no headline or link"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn never_panics(page in "(<(div|a|img|h2|p|time|base|picture|source|noscript|svg|table|script type=ld\\+json)( class=s| href=/x| src=a.jpg| srcset=a 1w,b 2x| datetime=1)*>|</(div|a|p|table)>|[<>\"' a-z]|\\PC){0,40}") {
        _ = read_with(&page, &layout("div, a, p"));
        _ = links(page.as_bytes(), &css("*"), &link("https://paper.example/"), 10);
    }

    #[test]
    fn never_panics_on_bytes(page in proptest::collection::vec(any::<u8>(), 0..200)) {
        let known = FeedContext { url: None, section: None, sections: &Sections::default(), items: 10, paragraphs: 0, now: DateTime::UNIX_EPOCH, dates: &DateStyle::universal() };
        _ = read(&page, &layout("*"), &known);
        _ = links(&page, &css("*"), &link("https://paper.example/"), 10);
    }
}
