//! Words as they are printed: set in the edition's language, never longer than their place.

use super::*;

#[test]
fn everything_that_is_read_is_set() {
    let mut edition = sample::full();
    edition.opening = Some(Line::clean("It's late..."));
    edition.subject = Some(Line::clean("\"Late\" - again"));
    let lede = &mut edition.top[0].story;
    lede.headline = Line::clean("\"Fares\" rise");
    lede.dek = Some(Line::clean("It's 4.20 - or more"));
    lede.related[0].headline = Line::clean("'Never again'");
    let (html, text) = check(&edition, &broadsheet());
    for page in [&html, &text] {
        for words in [
            "It’s late…",
            "“Fares” rise",
            "It’s 4.20 – or more",
            "‘Never again’",
        ] {
            assert!(page.contains(words), "no `{words}` in:\n{page}");
        }
    }
    let pages = pages(&edition, &sample::newsletter(), &broadsheet());
    assert_eq!(pages.subject, "“Late” – again");
    assert!(web(&edition, &sample::newsletter(), &broadsheet(), None).contains("“Fares” rise"));
}

#[test]
fn a_byline_says_by_once() {
    let printed = |tag: &str, byline: &str| {
        let mut edition = sample::full();
        edition.top[0].story.byline = Some(Line::clean(byline));
        check(&edition, &sample::broadsheet(tag)).1
    };
    for (tag, byline, wanted) in [
        ("en", "By Staff and agencies", "By Staff and agencies"),
        ("en", "BY ANA REIS", "By ANA REIS"),
        ("en", "by: Ana Reis", "By Ana Reis"),
        ("en", "Byron Reis", "By Byron Reis"),
        ("en", "By", "By By"),
        ("de", "Von Ana Reis", "Von Ana Reis"),
        ("de", "By Reuters", "Von Reuters"),
        ("ja", "By Reuters", "Reuters"),
    ] {
        let text = printed(tag, byline);
        assert!(text.contains(wanted), "{tag} {byline}: {text}");
        assert!(!text.contains(&format!("By {byline}")) || !byline.starts_with("By "));
    }
}

#[test]
fn a_picture_fits_its_place_and_leaves_no_empty_box() {
    let image = |place: usize, change: &dyn Fn(&mut crate::model::story::Picture)| {
        let mut edition = sample::full();
        let picture = edition.top[place].story.picture.as_mut().unwrap();
        picture.alt = Some(Line::clean(&"word ".repeat(30)));
        change(picture);
        let (html, _) = check(&edition, &broadsheet());
        let (_, after) = html
            .split_once(&format!(
                "<img src=\"{}\"",
                edition.top[place].story.picture.as_ref().unwrap().url
            ))
            .unwrap();
        after.split('>').next().unwrap().to_owned()
    };
    let thumbnail = image(1, &|_| {});
    let alt = thumbnail
        .split("alt=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    assert!(alt.chars().count() <= 80 && alt.ends_with("word…"), "{alt}");
    assert!(thumbnail.contains("background-color:#eed") && thumbnail.contains("max-height:101px"));
    assert!(image(0, &|_| {}).contains(&"word ".repeat(29)));
    for place in [0, 1] {
        let bare = image(place, &|picture| picture.alt = None);
        assert!(
            bare.contains("background-color:transparent !important") && !bare.contains("#eed"),
            "{bare}"
        );
    }
    let unknown = image(0, &|picture| picture.height = None);
    assert!(
        unknown.contains("width:auto;max-width:100%;max-height:400px"),
        "{unknown}"
    );
    let portrait = image(0, &|picture| picture.height = Some(1_800));
    assert!(
        portrait.contains("width=\"240\" height=\"360\""),
        "{portrait}"
    );
}

#[test]
fn a_long_word_beside_a_thumbnail_may_break() {
    let mut edition = sample::full();
    let word = "Rindfleischetikettierungsüberwachungsaufgabenübertragung";
    edition.top[1].story.headline = Line::clean(word);
    let (html, text) = check(&edition, &sample::broadsheet("de"));
    assert!(html.contains('\u{ad}') && !html.contains(word));
    assert!(text.contains(word) && !text.contains('\u{ad}'));
}
