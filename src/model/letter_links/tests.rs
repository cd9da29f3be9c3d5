use super::*;
use crate::model::edition::List;

fn query(text: &str) -> LinkQuery {
    LinkQuery::parse(text).unwrap()
}

#[test]
fn every_fixed_pair_must_be_there() {
    let ours = LetterLinks::of(
        Some(&query(
            "utm_source=news+letter&utm_medium=email&utm_content={slot}",
        )),
        "harbour",
    );
    for (address, expected) in [
        (
            "/a?utm_medium=email&utm_source=news%20letter&utm_content=top-1",
            true,
        ),
        (
            "https://h.example/a?id=1&utm_source=news+letter&utm_medium=email#top",
            true,
        ),
        ("/a?utm_source=news+letter", false),
        ("/a?utm_source=news+letter&utm_medium=emails", false),
        ("/a?xutm_source=news+letter&utm_medium=email", false),
        ("/a#utm_source=news+letter&utm_medium=email", false),
        ("/a", false),
    ] {
        assert_eq!(ours.are_in_address(address), expected, "{address}");
    }
    for none in [None, Some(""), Some("utm_content={slot}")] {
        let none = none.map(query);
        assert!(!LetterLinks::of(none.as_ref(), "h").are_in_address("/a?utm_content=x"));
    }
}

#[test]
fn queries() {
    let day: Slug = "2026-08-24b".parse().unwrap();
    let place = Place {
        list: List::MostRead,
        number: 3,
    };
    let add = query("?utm_source=news&utm_campaign={newsletter}-{day}&utm_content={slot}&x");
    assert_eq!(
        add.written("harbour", &day, Some(place)),
        "utm_source=news&utm_campaign=harbour-2026-08-24b&utm_content=most-read-3&x"
    );
    assert_eq!(
        add.written("harbour", &day, None),
        "utm_source=news&utm_campaign=harbour-2026-08-24b&x"
    );
    assert_eq!(query("utm_content={slot}").written("h", &day, None), "");
    for (bad, said) in [
        ("utm_content={reader}", "placeholder"),
        ("a={day", "placeholder"),
        ("a={{day}}", "placeholder"),
        ("a={d{newsletter}ay}", "placeholder"),
        ("a=b c", "no query"),
        ("a=<b>", "no query"),
    ] {
        let error = LinkQuery::parse(bad).unwrap_err();
        assert!(error.contains(said), "{bad}: {error}");
    }
}

/// The ferry is second of the top stories and first of the most read; the seal is fourth.
fn links(add: &str) -> EditionLinks {
    let printed = [
        "top-1 /fish",
        "top-2 /ferry",
        "top-4 /seal",
        "most-read-1 /ferry",
    ]
    .map(|line| {
        let (place, path) = line.split_once(' ').unwrap();
        let key = StoryKey::written(&format!("https://www.h.example{path}")).unwrap();
        (place.parse().unwrap(), key)
    });
    let at = |text: &str| text.parse().unwrap();
    EditionLinks::new(
        &query(add),
        ("harbour", &"2026-08-24".parse().unwrap()),
        &printed,
        (at("2026-08-24T06:00:00Z"), at("2026-08-25T06:00:00Z")),
    )
}

fn came(links: &EditionLinks, address: &str) -> String {
    let story = StoryKey::written(address).unwrap();
    let place = links.place_in(query_of(address), &story);
    place.map_or_else(|| "-".to_owned(), |place| place.to_string())
}

#[test]
fn a_place_counts_for_the_story_that_is_there() {
    let links = links("utm_source=letter&utm_campaign={day}&utm_content={slot}");
    let day = "utm_source=letter&utm_campaign=2026-08-24";
    for (path, query, expected) in [
        ("/ferry", "&utm_content=top-2", "top-2"),
        (
            "https://m.h.example/ferry/",
            "&utm_content=most-read-1#live",
            "most-read-1",
        ),
        ("/ferry", "&id=1&utm_content=TOP-2", "top-2"),
        // First in the letter of one who reads a single section.
        ("/seal", "&utm_content=top-1", "top-4"),
        // What somebody made up.
        ("/fish", "&utm_content=top-2", "-"),
        ("/fish", "&utm_content=latest-1", "-"),
        ("/fish", "&utm_content=top-9", "-"),
        ("/other", "&utm_content=top-1", "-"),
        ("https://elsewhere.example/ferry", "&utm_content=top-2", "-"),
        ("/ferry", "", "-"),
        ("/ferry", "&utm_content=top-2&utm_content=top-1", "top-2"),
        ("/ferry", "&utm_content=", "-"),
    ] {
        assert_eq!(
            came(&links, &format!("{path}?{day}{query}")),
            expected,
            "{path}{query}"
        );
    }
    for other in [
        "utm_source=x&utm_campaign=2026-08-24",
        "utm_source=letter&utm_campaign=2026-08-23",
    ] {
        assert_eq!(
            came(&links, &format!("/ferry?{other}&utm_content=top-2")),
            "-"
        );
    }
}

#[test]
fn without_a_slot_the_story_tells() {
    let plain = links("utm_source=letter");
    assert!(!plain.is_dated);
    assert_eq!(came(&plain, "/ferry?utm_source=letter"), "top-2");
    assert_eq!(came(&plain, "/ferry?utm_source=other"), "-");
    let dated = links("c={newsletter}_{day}");
    assert!(dated.is_dated);
    assert_eq!(came(&dated, "/seal?c=harbour_2026-08-24"), "top-4");
    assert_eq!(dated.place(&["harbour_2026-08-24".to_owned()], None), None);
}

#[test]
fn a_query_without_a_name_tells_nothing() {
    for add in ["&", "=letter"] {
        let links = links(add);
        for address in ["/ferry", "/ferry?x=1", "/ferry?=letter"] {
            assert_eq!(came(&links, address), "-", "{add} {address}");
        }
    }
}

/// Without a fixed pair, the newsletter's own words beside the day or the place tell.
#[test]
fn words_beside_a_placeholder_tell() {
    let is = |add: &str, value: &str| {
        let links = LetterLinks::of(Some(&query(&format!("c={add}&p={{slot}}"))), "harbour");
        links.are_in_address(&format!("/a?p=top-1&c={value}"))
    };
    for (add, value, expected) in [
        ("{newsletter}-{day}", "harbour-2026-08-24", true),
        ("{newsletter}-{day}", "sport-2026-08-24", false),
        ("{newsletter}-{day}", "harbour-summer-sale", false),
        ("{newsletter}-{day}", "harbour-sport-2026-08-24", false),
        ("{newsletter}-{day}", "harbour-2026-99-99", false),
        ("a-{slot}", "a-most-read-3", true),
        ("a-{slot}", "a-pple", false),
        ("{newsletter}", "harbour", true),
        ("{newsletter}", "harbour-x", false),
        ("{day}-mail", "2026-08-24-mail", true),
        ("{day}-mail", "2026-08-24-web", false),
        ("{day}", "2026-08-24", false),
        ("{day}-{slot}", "2026-08-24-top-1", false),
    ] {
        assert_eq!(is(add, value), expected, "{add} {value}");
    }
}
