use super::*;

#[test]
fn only_the_web() {
    let errors: Vec<String> = [
        "javascript:alert(1)",
        "/relative",
        "data:text/html,x",
        "https://u:p@example.org/",
        "mailto:a@b.org",
    ]
    .iter()
    .map(|text| Link::parse(text).unwrap_err().to_string())
    .collect();
    insta::assert_snapshot!(errors.join("\n"), @"
    `javascript:alert(1)` is not a web address: expected `https` or `http`, but found `javascript`
    `/relative` is not a web address: expected `https://..`
    `data:text/html,x` is not a web address: expected `https` or `http`, but found `data`
    `example.org` carries a user name or password
    `mailto:a@b.org` is not a web address: expected `https` or `http`, but found `mailto`
    ");
    let base = Link::parse("https://example.org/a/b").unwrap();
    assert_eq!(
        base.join("../c?d").unwrap().as_str(),
        "https://example.org/c?d"
    );
    assert!(base.join("javascript:x").is_err());
}

#[test]
fn the_same_story_has_one_key() {
    for text in [
        "https://www.example.org/news/ferry",
        "http://EXAMPLE.org/news/ferry/",
        "https://example.org/news/ferry?utm_source=rss&fbclid=1#top",
        "https://example.org/news/ferry/index.html",
        "https://example.org/news/ferry/amp/",
    ] {
        assert_eq!(
            Link::parse(text).unwrap().key().as_str(),
            "example.org/news/ferry",
            "{text}"
        );
    }
    assert_eq!(
        Link::parse("https://example.org/s?b=2&a=1&utm_x=3")
            .unwrap()
            .key()
            .as_str(),
        "example.org/s?a=1&b=2"
    );
    assert_eq!(
        Link::parse("https://example.org/").unwrap().key().as_str(),
        "example.org/"
    );
    assert_eq!(
        StoryKey::of_path("/news/ferry/?utm_source=x"),
        Link::parse("https://example.org/news/ferry")
            .unwrap()
            .key()
            .path_only()
    );
}

/// As browsers, servers and services write them.
#[test]
fn percent_signs_have_one_spelling() {
    let key = |text: &str| StoryKey::written(text).map(|key| key.as_str().to_owned());
    for (one, other) in [
        ("/caf%C3%A9-news", "/caf%c3%a9-news"),
        ("/caf%C3%A9-news", "/café-news"),
        ("/story-1", "/%73tory%2D1"),
        ("/s%20p", "/s p"),
        ("/a?b=%D0%9F", "/a?b=%d0%9f"),
        (
            "https://paper.example/%D0%9F",
            "https://www.paper.example./%d0%9f/",
        ),
        ("paper.example/a", "https://paper.example./a"),
    ] {
        assert_eq!(key(one), key(other), "{one} {other}");
        assert!(key(one).is_some(), "{one}");
    }
    // These are no twins.
    for (one, other) in [
        ("/a/b", "/a%2Fb"),
        ("/story-1", "/story-1%zz"),
        ("/story-1", "/story-1%"),
        ("/100%25", "/100%"),
        ("/100%2525", "/100%25"),
        ("/a%é", "/a%"),
    ] {
        assert_ne!(key(one), key(other), "{one} {other}");
    }
    assert_eq!(key("/story\n-1"), None);
    let old = StoryKey::restore("paper.example/caf%c3%a9");
    assert_eq!(old.as_str(), "paper.example/caf%C3%A9");
}

#[test]
fn a_fragment_counts_unless_it_is_a_place_on_the_page() {
    let key = |text: &str| Link::parse(text).unwrap().key();
    for (text, shown, page) in [
        (
            "https://a.example/#!/article/1",
            "a.example/#!/article/1",
            "a.example/#!/article/1",
        ),
        (
            "https://a.example/app#/article/2",
            "a.example/app#/article/2",
            "a.example/app#/article/2",
        ),
        (
            "https://a.example/archive.html#1",
            "a.example/archive.html#1",
            "a.example/archive.html",
        ),
        (
            "https://a.example/a#item=3",
            "a.example/a#item=3",
            "a.example/a",
        ),
        ("https://a.example/a#Comments", "a.example/a", "a.example/a"),
        (
            "https://a.example/a#:~:text=Ferry",
            "a.example/a",
            "a.example/a",
        ),
        (
            "https://a.example/a#xtor=RSS-1",
            "a.example/a",
            "a.example/a",
        ),
        (
            "https://a.example/a#?ref=rss&utm_source=x",
            "a.example/a",
            "a.example/a",
        ),
        ("https://a.example/a#", "a.example/a", "a.example/a"),
    ] {
        assert_eq!(key(text).as_str(), shown, "{text}");
        assert_eq!(key(text).page().as_str(), page, "{text}");
        assert_eq!(StoryKey::restore(shown), key(text), "{text}");
    }
}

#[test]
fn a_host_for_phones_is_the_site() {
    let key = |host: &str| Link::parse(&format!("https://{host}/a")).unwrap().key();
    for host in [
        "www.a.example",
        "m.a.example",
        "amp.a.example",
        "www.m.a.example",
        "mobile.a.example",
    ] {
        assert_eq!(key(host).as_str(), "a.example/a", "{host}");
        assert_eq!(
            StoryKey::restore(&format!("{host}/a")).as_str(),
            "a.example/a"
        );
    }
    for host in ["m.example", "news.a.example", "mm.a.example"] {
        assert_eq!(key(host).as_str(), format!("{host}/a"));
    }
}

#[test]
fn where_a_click_came_from_is_told_from_what_a_story_is() {
    let kept = |query: &str| {
        let link = Link::parse(&format!("https://a.example/a?{query}")).unwrap();
        link.without_tracking()
            .url()
            .query()
            .unwrap_or("")
            .to_owned()
    };
    for gone in [
        "ref=rss",
        "ref=home",
        "source=rss",
        "Source=RSS",
        "partner=x",
        "ns_mchannel=rss&ns_source=y",
        "from=feed",
        "via=newsletter",
        "ref_src=x",
        "mkt_tok=1",
        "at_medium=RSS&at_campaign=rss",
    ] {
        assert_eq!(kept(gone), "", "{gone}");
    }
    for stays in [
        "source=reuters",
        "id=7",
        "from=2026",
        "referendum=1",
        "p=1",
        "feed=12",
    ] {
        assert_eq!(kept(stays), stays);
    }
}

#[test]
fn tracking_goes_and_static_parameters_come() {
    let link = Link::parse("https://example.org/a?id=7&utm_source=rss&at_medium=x")
        .unwrap()
        .without_tracking();
    assert_eq!(link.as_str(), "https://example.org/a?id=7");
    assert_eq!(
        link.with_query("utm_source=newsletter").as_str(),
        "https://example.org/a?id=7&utm_source=newsletter"
    );
}
