//! Which story becomes what.

use super::*;
use crate::render::arrangement::{Arrangement, LedePicture, Part, Row};

/// Stories written as `News*`: of a section (`-`: of none), the star for a picture. What becomes of them: numbers in their order, a star for a
/// picture that is shown, headlines in brackets.
fn check(name: &str, stories: &str) -> String {
    let mut edition = sample::edition(&vec!["Headline"; stories.split_whitespace().count()]);
    for (placed, written) in edition.top.iter_mut().zip(stories.split_whitespace()) {
        let section = written.trim_end_matches('*');
        placed.story.section = Line::non_empty(section).filter(|_| section != "-");
        placed.story.picture = sample::full().top[0]
            .story
            .picture
            .clone()
            .filter(|_| written.ends_with('*'));
    }
    let template = sample::built_in(name, "en");
    let arrangement = Arrangement::new(&edition, template.settings());
    let number =
        |url: &crate::model::link::Link| url.as_str().rsplit('/').next().unwrap().to_owned();
    let row = |row: &Row<'_>| number(&row.story.url) + if row.picture.is_some() { "*" } else { "" };
    let lede = arrangement.lede.iter().map(|lede| match lede.picture {
        Some(LedePicture::Across(_)) => "lede*",
        Some(LedePicture::Beside(_)) => "lede beside",
        None => "lede",
    });
    let parts = arrangement.parts.iter().map(|part| match part {
        Part::Pair([one, two]) => format!("pair {} {}", row(one), row(two)),
        Part::Plate(one) => format!("plate {}", row(one)),
        Part::Group(group) => {
            let heading = group
                .section
                .map_or_else(String::new, |section| format!("{section}: "));
            let rows = group.rows.iter().map(row);
            let headlines = group
                .headlines
                .iter()
                .map(|story| format!("[{}]", number(&story.url)));
            heading + &rows.chain(headlines).collect::<Vec<_>>().join(" ")
        }
    });
    lede.map(str::to_owned)
        .chain(parts)
        .collect::<Vec<_>>()
        .join(" | ")
}

#[test]
fn a_front_page_of_any_length() {
    for (stories, expected) in [
        ("", ""),
        ("News", "lede"),
        ("News* City*", "lede* | 1*"),
        ("News* City* Sport*", "lede* | pair 1* 2*"),
        // One of the two has no picture: neither is shown larger than the other.
        ("News* City* Sport", "lede* | 1* 2"),
        ("News City* Sport* News* City", "lede | pair 1* 2* | 3* 4"),
        (
            "News* City* Sport* News* News*",
            "lede* | pair 1* 2* | News: 3* 4*",
        ),
        (
            "News* City* Sport* News news - City",
            "lede* | pair 1* 2* | News: 3 4 | 5 | City: 6",
        ),
        // Those of no section are before those that rank below them.
        (
            "N* C* S* - News - News",
            "lede* | pair 1* 2* | 3 5 | News: 4 6",
        ),
        // Most sections have one story: only the others are headings.
        (
            "N* C* S* News News City Sport Arts",
            "lede* | pair 1* 2* | News: 3 4 | 5 6 7",
        ),
    ] {
        assert_eq!(check("broadsheet", stories), expected, "{stories}");
    }
}

#[test]
fn a_long_one_has_seven_pictures_and_ends_its_sections_in_headlines() {
    let sections = [
        "News* ".repeat(6),
        "City* ".repeat(6),
        "Sport* ".repeat(6),
        "Arts ".repeat(4),
    ];
    let stories = format!("A* B* C* {}", sections.concat());
    insta::assert_snapshot!(check("broadsheet", &stories), @"lede* | pair 1* 2* | News: 3* 4* 5 6 [7] [8] | City: 9* 10* 11 12 [13] [14] | Sport: 15 16 17 18 [19] [20] | Arts: 21 22 23 24");
    insta::assert_snapshot!(check("broadsheet", &"- ".repeat(14)), @"lede | 1 2 | 3 4 5 6 7 8 9 10 [11] [12] [13]");
}

#[test]
fn an_axis_names_every_section_and_a_gallery_shows_what_it_can() {
    assert_eq!(
        check("bulletin", "News* City* Sport* News -"),
        "lede | City: 1 | Sport: 2 | News: 3 | 4"
    );
    assert_eq!(
        check("bulletin", "News - - City -"),
        "lede | 1 2 4 | City: 3"
    );
    assert_eq!(
        check("gallery", "A* B* C D* E* F* G* H* I* J"),
        "lede* | pair 1* 3* | plate 4* | pair 5* 6* | plate 7* | [2] [8] [9]"
    );
    assert_eq!(check("gallery", "A B*"), "lede | plate 1*");
    assert_eq!(check("gallery", "A B C"), "lede | [1] [2]");
}

#[test]
fn a_picture_too_small_or_too_high_stands_beside_the_words() {
    let place = |width, height| {
        let mut edition = sample::full();
        let picture = edition.top[0].story.picture.as_mut().unwrap();
        (picture.width, picture.height) = (Some(width), Some(height));
        let template = broadsheet();
        let arrangement = Arrangement::new(&edition, template.settings());
        arrangement
            .lede
            .unwrap()
            .picture
            .map(|picture| match picture {
                LedePicture::Across(shown) => ("across", shown.width, shown.height.unwrap()),
                LedePicture::Beside(shown) => ("beside", shown.width, shown.height.unwrap()),
            })
    };
    assert_eq!(place(1_200, 800), Some(("across", 600, 400)));
    assert_eq!(place(1_000, 750), Some(("across", 600, 450)));
    assert_eq!(place(599, 400), Some(("beside", 240, 160)));
    assert_eq!(place(1_000, 1_000), Some(("beside", 240, 240)));
    assert_eq!(place(800, 1_600), Some(("beside", 200, 400)));
    assert_eq!(place(90, 60), None);
}

/// A column of times is as wide as a time or the name of a weekday, whatever the day of a story.
#[test]
fn no_day_is_too_long_for_the_column_of_times() {
    let column = |published: &str| {
        let mut edition = sample::full();
        edition.latest[0].story.published = Some(published.parse().unwrap());
        let (_, text) = super::check(&edition, &broadsheet());
        let line = text.lines().find(|line| line.contains("Port closed"));
        let (time, _) = line.unwrap().split_once("  ").unwrap();
        time.to_owned()
    };
    let found = [
        "2026-08-24T05:40:00Z",
        "2026-08-23T05:40:00Z",
        "2026-08-18T05:40:00Z",
        "2026-08-17T05:40:00Z",
        "2026-08-25T05:40:00Z",
        "2026-08-30T05:40:00Z",
        "2026-08-31T05:40:00Z",
        "2027-01-01T05:40:00Z",
    ]
    .map(column);
    assert_eq!(
        found,
        ["06:40", "Sun", "Tue", "17/8", "Tue", "Sun", "31/8", "1/1"]
    );
}

/// Whatever the lines of the day, the name and the language.
#[test]
fn the_opening_begins_within_the_first_sixty_letters() {
    let long = "A newsletter with a name that is longer than any inbox shows of a letter";
    for template in Template::NAMES {
        for tag in ["en", "pt", "ar", "ja"] {
            for (name, lines) in [
                ("Harbour", true),
                ("Harbour in your inbox", true),
                ("Harbour in your inbox", false),
                ("Harbour in your inbox each and every day", false),
                (long, true),
            ] {
                let mut edition = sample::full();
                edition.lines.truncate(usize::from(lines));
                let newsletter = Newsletter {
                    name: Line::clean(name),
                    ..sample::newsletter()
                };
                let pages = pages(&edition, &newsletter, &sample::built_in(template, tag));
                let html = pages.html.fill(|_| String::new());
                let body = html.split_once("<body").unwrap().1;
                let mut seen = String::new();
                for piece in body.split('<').skip(1) {
                    seen += piece.split_once('>').map_or("", |(_, words)| words);
                }
                let before = seen.split("Good morning.").next().unwrap().trim();
                let columns = crate::render::columns::width(before);
                assert!(
                    columns <= 60,
                    "{template}, {tag}, {name}: {columns} columns before it: {before}"
                );
                assert!(!lines || seen.contains("rain by noon"));
            }
        }
    }
}
