//! Pictures as pages and feeds write them.

use super::*;
use scraper::Html;

fn check(markup: &str, expected: &str) {
    let page = Html::parse_document(markup);
    let found: Vec<String> = pictures(page.root_element())
        .into_iter()
        .map(|image| format!("{} {:?}", image.url, image.width))
        .collect();
    assert_eq!(found.join(" | "), expected, "{markup}");
}

#[test]
fn the_size_that_suits_a_letter() {
    check("<img src=/a.jpg>", "/a.jpg None");
    check("<img src=/a.jpg width=600 height=400>", "/a.jpg Some(600)");
    check(
        "<img src=/s.jpg srcset='/300.jpg 300w, /900.jpg 900w,/1280.jpg 1280w, /4000.jpg 4000w'>",
        "/1280.jpg Some(1280)",
    );
    check(
        "<img src=/a.jpg?w=90 srcset='/b.jpg, /c.jpg 2x'>",
        "/c.jpg None",
    );
    check(
        "<img srcset='/w_300,h_200/a.jpg 300w, /w_1200,h_800/a.jpg 1200w'>",
        "/w_1200,h_800/a.jpg Some(1200)",
    );
}

#[test]
fn lazy_pictures_are_found() {
    check(
        "<img src='data:image/gif;base64,R0' data-src=/a.jpg>",
        "/a.jpg None",
    );
    check(
        "<img src=/img/placeholder.png data-srcset='/a.jpg 800w'>",
        "/a.jpg Some(800)",
    );
    check(
        "<img class=lazy src=/spacer.gif><noscript><img src=/a.jpg></noscript>",
        "/a.jpg None",
    );
    for attribute in [
        "data-hi-res-src",
        "data-large-file",
        "data-flickity-lazyload",
        "data-cfsrc",
        "data-anything",
    ] {
        check(
            &format!("<img src=/spinner.gif style='display: none' {attribute}=/a.jpg?id=7>"),
            "/a.jpg?id=7 None",
        );
    }
    check(
        "<img src=/grey.gif data-url=/image/7 data-title=a>",
        "/image/7 None",
    );
    check(
        "<img src=/grey.gif data-hd-srcset='/a.jpg 900w'>",
        "/a.jpg Some(900)",
    );
    check("<img src=/count?x=1 style='display:none'>", "");
    check("<img src=/count?x=1 style='border:0; width: 1px;'>", "");
    check("<img src=/a.jpg style='border-width:1px'>", "/a.jpg None");
    check("<img src=/img/no-image.png>", "");
    check(
        "<img src=/px.gif width=1 height=1><img src=/logo.svg><img src=/{width}/a.jpg>",
        "",
    );
}

#[test]
fn what_outlook_shows_comes_first() {
    let sources = "<source type=image/avif srcset='/a.avif 1200w'><source srcset='/a.webp 1200w'>";
    check(
        &format!("<picture>{sources}<img src=/a.jpg></picture>"),
        "/a.jpg None",
    );
    check(
        &format!("<picture>{sources}<img src=/a.jpg?w=40></picture>"),
        "/a.avif Some(1200)",
    );
    check(
        "<picture><source srcset='/a.jpg 1000w'><img src=/a?format=webp></picture>",
        "/a.jpg Some(1000)",
    );
}

#[test]
fn what_only_keeps_a_place() {
    for url in [
        "",
        "data:image/gif;base64,R0",
        "https://a.example/img/lazyload.gif",
        "/static/LazyLoad-300x200.png",
        "/1x1.png",
        "/img/pixel-1x1.gif",
        "/blank.jpg",
        "/blank_16x9.png",
        "/grey-placeholder.png",
        "/placeholders/16x9.png",
        "/ajax-loader.gif",
        "/transparent.gif?v=2",
        "/spacer.gif",
        "/logo.svg?x=1",
        "/{width}/a.jpg",
        "undefined",
    ] {
        assert!(!is_picture(url), "{url}");
    }
    for url in [
        "/a.jpg",
        "/1x1/a.jpg",
        "/photo-631x1000.jpg",
        "/point-blank.jpg",
        "/default/hash/a.jpg",
        "/grey-seal.jpg",
        "/loading-dock-fire.jpg",
        "/image?id=7",
    ] {
        assert!(is_picture(url), "{url}");
    }
}

#[test]
fn sizes_of_one_picture() {
    for (one, other, same) in [
        ("/a.jpg?width=140", "/a.jpg?width=700", true),
        ("/a-300x200.jpg", "/a.jpg", true),
        ("/a-300x200.jpg", "/a-1200x800.jpg", true),
        ("/crop/7698x5155/a.jpg", "/crop/300x200/a.jpg", true),
        ("/standard/240/hash/a.jpg", "/standard/976/hash/a.jpg", true),
        ("/photo1.jpg", "/photo2.jpg", false),
        ("/a/img.jpg", "/b/img.jpg", false),
        (
            "https://one.example/a.jpg",
            "https://two.example/a.jpg",
            false,
        ),
    ] {
        assert_eq!(is_same(one, other), same, "{one} {other}");
    }
    let image = |url: &str, width| Image {
        width,
        ..Image::at(url.to_owned())
    };
    let all = [
        image("/s", Some(140)),
        image("/x", Some(4_000)),
        image("/l", Some(1_200)),
    ];
    let best = Image::of_sizes(&all).unwrap();
    assert_eq!(best.url, "/l");
    assert_eq!(
        best.sizes,
        [("/s".to_owned(), 140), ("/x".to_owned(), 4_000)]
    );
}

#[test]
fn what_an_address_says_of_its_size() {
    for (url, size) in [
        ("/crop/7698x5155+0+0/a.jpg", Some((7_698, Some(5_155)))),
        (
            "/crop/3000x2000/resize/1100x733!/a.jpg",
            Some((1_100, Some(733))),
        ),
        ("/a-12000x8000.jpg", Some((12_000, Some(8_000)))),
        ("/a.jpg?w=1200&h=800", Some((1_200, Some(800)))),
        ("/a.jpg?quality=80&width=700", Some((700, None))),
        ("/w_600,h_400/a.jpg", Some((600, Some(400)))),
        ("/a.jpg?resize=300%2C200", Some((300, Some(200)))),
        ("/a.jpg?fit=1024,683&ssl=1", Some((1_024, Some(683)))),
        ("/scale/geometry/264/q80/a.jpeg", Some((264, None))),
        ("/2x4/a.jpg", None),
        ("/0x00/a.jpg", None),
        ("/a.jpg?w=99999999999", None),
        ("/a.jpg", None),
    ] {
        assert_eq!(size_in(url), size, "{url}");
    }
}

#[test]
fn what_stands_for_those_without_scripts() {
    // In the order of the text, and only where the picture itself did not come.
    check(
        "<img src=/blank.gif><noscript><img src=/first.jpg></noscript><img src=/second.jpg>",
        "/first.jpg None | /second.jpg None",
    );
    check(
        "<img src=/first.jpg><noscript><img src=/counts.jpg></noscript>",
        "/first.jpg None",
    );
    check(
        "<noscript><a href=/x><img alt='>' src=/a.jpg width=600></a></noscript>",
        "/a.jpg Some(600)",
    );
    check(
        "<noscript><img src=/px.png width=1 height=1></noscript>",
        "",
    );
    check(
        "<amp-img src=/a.jpg width=900 height=600></amp-img>",
        "/a.jpg Some(900)",
    );
}
