use super::picture::{shown, without_label};
use super::*;
use crate::model::dates::DateStyle;

fn item(headline: &str, link: &str) -> Item {
    Item {
        headline: headline.into(),
        links: vec![link.into()],
        ..Item::default()
    }
}

fn told(item: &Item) -> Option<Story> {
    let base = Link::parse("https://paper.example/feeds/").unwrap();
    let setting = Setting {
        base: Some(&base),
        title: "The Paper: News",
        section: None,
        sections: &Sections::default(),
        dates: &DateStyle::universal(),
        now: DateTime::UNIX_EPOCH,
    };
    story(item, &setting)
}

#[test]
fn a_story_needs_a_headline_and_a_link() {
    assert!(
        told(&item("Ferry", "/a?utm_source=rss"))
            .is_some_and(|story| story.url.as_str() == "https://paper.example/a")
    );
    assert_eq!(told(&item("<b> </b>", "/a")), None);
    assert_eq!(told(&item("Ferry", "javascript:alert(1)")), None);
    assert_eq!(told(&item("Ferry", " ")), None);
}

#[test]
fn a_credit_is_a_name() {
    for (credit, name) in [
        ("Photograph: Adrian Dennis/AFP", "Adrian Dennis/AFP"),
        ("FOTO: dpa", "dpa"),
        ("Ines Duarte", "Ines Duarte"),
        ("Composite: Getty", "Composite: Getty"),
    ] {
        assert_eq!(without_label(credit), name);
    }
}

#[test]
fn bylines() {
    let check = |authors: &[&str], expected: &str| {
        let authors: Vec<String> = authors.iter().map(|&author| author.to_owned()).collect();
        let found = byline(&authors, "The Paper: News");
        assert_eq!(
            found.as_ref().map_or("", Line::as_str),
            expected,
            "{authors:?}"
        );
    };
    check(&["x@y.org (Jane Doe)"], "Jane Doe");
    check(&["Jane Doe <x@y.org>"], "Jane Doe");
    check(
        &["By Jane Doe", "Jane Doe", "Bob &amp; Co"],
        "Jane Doe, Bob & Co",
    );
    check(&["x@y.org"], "");
    check(&["—x@y.org— Ana"], "Ana");
    check(&["the paper", "admin"], "");
    check(&["Special to The New York Times"], "");
    check(&["Byron Li (Lisbon)"], "Byron Li (Lisbon)");
}

#[test]
fn the_author_is_said_once() {
    let check = |headline: &str, expected: &str| {
        let item = Item {
            authors: vec!["Jessica Valenti".into()],
            ..item(headline, "https://a.example/x")
        };
        assert_eq!(told(&item).unwrap().headline.as_str(), expected);
    };
    check("We demand more | Jessica Valenti", "We demand more");
    check("We demand more | Opinion", "We demand more | Opinion");
    check("| Jessica Valenti", "| Jessica Valenti");
}

#[test]
fn an_address_that_counts_clicks_gives_way_to_the_story() {
    let story = told(&item(
        "Ferry",
        "https://redir.a.example/online/rss/*https://www.a.example/ferry",
    ));
    assert_eq!(story.unwrap().url.as_str(), "https://www.a.example/ferry");
}

#[test]
fn a_width_in_the_address_is_believed() {
    let width = |url: &str| {
        let image = Image {
            url: format!("https://a.example/{url}"),
            ..Image::default()
        };
        shown(&image, &Line::clean("Ferry"), None).unwrap().width
    };
    assert_eq!(width("logo.png?w=150"), Some(150));
    assert_eq!(width("a_142x100.jpg"), Some(142));
    assert_eq!(width("scale/geometry/264/q80/a.jpeg"), Some(264));
    assert_eq!(width("a.jpg"), None);
}

#[test]
fn sections() {
    let only = |only: &[&str]| Sections {
        only: only.iter().map(|name| Line::clean(name)).collect(),
        ..Sections::default()
    };
    let check_by = |sections: &Sections, names: &[(&str, &str)], url: &str, expected: &str| {
        let categories: Vec<Category> = names
            .iter()
            .map(|&(name, scheme)| Category {
                name: name.into(),
                scheme: scheme.into(),
            })
            .collect();
        let setting = Setting {
            base: None,
            title: "TownCouncil News",
            section: None,
            sections,
            dates: &DateStyle::universal(),
            now: DateTime::UNIX_EPOCH,
        };
        let found = section(&categories, &Link::parse(url).unwrap(), &setting);
        assert_eq!(
            found.as_ref().map_or("", Line::as_str),
            expected,
            "{names:?}"
        );
    };
    let check = |names: &[(&str, &str)], url: &str, expected: &str| {
        check_by(&Sections::default(), names, url, expected);
    };
    check(
        &[("Uncategorized", ""), ("City", "")],
        "https://a.example/x",
        "City",
    );
    check(
        &[("Ferries", ""), ("US news", "")],
        "https://a.example/us-news/x",
        "US news",
    );
    check(
        &[("Iran", "http://a.example/keywords/geo")],
        "https://a.example/x",
        "",
    );
    check(
        &[("Arts &amp; Culture", "")],
        "https://a.example/x",
        "Arts & Culture",
    );
    check(&[("post/1", ""), ("2026", "")], "https://a.example/x", "");
    check(
        &[("TCN", ""), ("angie's list", "")],
        "https://a.example/x",
        "",
    );
    check(&[("Show Types", "")], "https://a.example/x", "");
    check(&[("Show Types", "")], "https://a.example/video/x", "Video");
    // What the paper has a section for comes first.
    let world = only(&["World", "Local"]);
    let tags = [("Iran", ""), ("world", ""), ("Local", "")];
    check_by(&world, &tags, "https://a.example/x", "world");
    check_by(&world, &tags, "https://a.example/local/iran/x", "Local");
    check_by(&world, &tags[..1], "https://a.example/x", "Iran");
}

#[test]
fn pictures() {
    let check = |images: &[(&str, Option<u32>)], expected: &str| {
        let images: Vec<Image> = images
            .iter()
            .map(|&(url, width)| Image {
                url: url.into(),
                width,
                ..Image::default()
            })
            .collect();
        let base = Link::parse("https://a.example/feed").unwrap();
        let found = picture(&images, &Line::clean("Ferry"), Some(&base));
        assert_eq!(
            found.as_ref().map_or("", |picture| picture.url.as_str()),
            expected,
            "{images:?}"
        );
    };
    check(
        &[
            ("/s.jpg", Some(140)),
            ("/l.jpg", Some(1200)),
            ("/xl.jpg", Some(4000)),
        ],
        "https://a.example/l.jpg",
    );
    // Outlook shows no WebP: a smaller JPEG it is, and the WebP only where there is nothing else.
    check(
        &[
            ("/l.webp", Some(1200)),
            ("/m.jpg", Some(700)),
            ("/a?fm=avif", None),
        ],
        "https://a.example/m.jpg",
    );
    check(
        &[("/l.webp", Some(1200)), ("/i.png", Some(40))],
        "https://a.example/l.webp",
    );
    check(&[("/xl.jpg", Some(4000))], "https://a.example/xl.jpg");
    check(
        &[("/s.jpg", Some(140)), ("/unknown.jpg", None)],
        "https://a.example/unknown.jpg",
    );
    check(
        &[("/icon.png", Some(32)), ("/thumbnail/60x60/a.jpg", None)],
        "",
    );
    check(&[("data:image/png;base64,AA", None)], "");
    check(
        &[
            ("undefined", None),
            ("/a.jpg?w=90", None),
            ("/1920x1080/60x60.jpg", None),
        ],
        "",
    );
}

#[test]
fn feeds_name_pictures_as_pages_do() {
    let check = |content: &str, expected: &str| {
        let mut item = item("Ferry", "/ferry");
        item.content = content.into();
        let found = told(&item).unwrap().picture;
        let found = found.map(|picture| {
            let sizes: Vec<u32> = picture.sizes.iter().map(|(_, width)| *width).collect();
            format!(
                "{} {:?}x{:?} {sizes:?}",
                picture.url.url().path(),
                picture.width,
                picture.height
            )
        });
        assert_eq!(found.as_deref().unwrap_or_default(), expected, "{content}");
    };
    check(
        "<p>Text<img src=/lazyload.gif data-src=/a.jpg>",
        "/a.jpg NonexNone []",
    );
    check(
        "&lt;p&gt;Text&lt;/p&gt;&lt;img src='data:image/gif;base64,R0' data-srcset='/s.jpg 400w, /l.jpg 1200w'/&gt;",
        "/l.jpg Some(1200)xNone [400]",
    );
    check(
        "<picture><source type=image/webp srcset='/a.webp 1200w'><source srcset='/a.jpg 1000w'><img src=/t.jpg?w=90></picture>",
        "/a.jpg Some(1000)xNone []",
    );
    check(
        "<img src=/1x1.gif><noscript><img src=/a-7698x5155.jpg></noscript><img src=/b.jpg>",
        "/a-7698x5155.jpg Some(7698)xSome(5155) []",
    );
    check(
        "<img src=/px.gif width=1 height=1><img src=/dot.gif><img src=/t.gif height=0>",
        "",
    );
}

#[test]
fn sizes_and_other_pictures_are_kept_apart() {
    let mut item = item("Ferry", "/ferry");
    for (url, width) in [
        ("/a.jpg?w=140", 140),
        ("/b.jpg", 500),
        ("/a.jpg?w=1200", 1_200),
        ("/lazyload.gif", 900),
    ] {
        item.pictures.push(Image {
            width: Some(width),
            ..Image::at(url.into())
        });
    }
    item.content = "<img src=/c.jpg>".into();
    let picture = told(&item).unwrap().picture.unwrap();
    let path = |link: &Link| link.url().path().to_owned();
    assert_eq!(picture.url.as_str(), "https://paper.example/a.jpg?w=1200");
    assert_eq!(picture.sizes.len(), 1);
    assert_eq!(picture.sizes[0].1, 140);
    let instead: Vec<String> = picture
        .instead
        .iter()
        .map(|other| path(&other.url))
        .collect();
    assert_eq!(instead, ["/b.jpg", "/c.jpg"]);
}

#[test]
fn a_picture_that_outlook_does_not_show_gives_way() {
    let mut item = item("Ferry", "/ferry");
    item.pictures.push(Image {
        url: "/named.webp".into(),
        ..Image::default()
    });
    let told = |item: &Item| told(item).unwrap().picture.unwrap().url.to_string();
    assert_eq!(told(&item), "https://paper.example/named.webp");
    item.summary = "<img src=/summary.avif>".into();
    assert_eq!(told(&item), "https://paper.example/named.webp");
    item.content = "<p>Text<img src=/first.webp><img src=/second.jpg>".into();
    assert_eq!(told(&item), "https://paper.example/second.jpg");
}

#[test]
fn a_caption_that_says_nothing_goes() {
    let check = |alt: &str, expected: Option<&str>| {
        let image = Image {
            url: "https://a.example/a.jpg".into(),
            alt: Some(alt.into()),
            ..Image::default()
        };
        let found = shown(&image, &Line::clean("Ferry fares rise"), None).unwrap();
        assert_eq!(found.alt.as_ref().map(Line::as_str), expected);
    };
    check("IMG_2041", None);
    check("Ferry fares rise.", None);
    check("A &quot;ferry&quot;", Some("A \"ferry\""));
    check("フェリー", Some("フェリー"));
}
