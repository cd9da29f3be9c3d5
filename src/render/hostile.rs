//! Bad input: whatever words, links and sizes come in, the page stays one page.

use proptest::prelude::*;

use super::tests::check;
use super::{Template, sample, web};
use crate::model::edition::{Edition, List};
use crate::model::line::{Line, clean_lines};
use crate::model::pages::Slot;
use crate::model::story::Picture;

/// Words that try to end what they are in.
pub(super) fn edition() -> Edition {
    let words = [
        "<script>alert('1')</script>",
        "\"quotes\" & 'more' --> ]]> <![endif]-->",
        "&lt;b&gt; &#2;",
    ];
    let mut edition = sample::edition(&words);
    edition
        .top
        .push(sample::placed(sample::story(7, &"x".repeat(300))));
    edition
        .top
        .push(sample::placed(sample::story(8, "عودة سوق السمك في Porto")));
    edition.opening = Some(Line::clean("--> <![endif]--> ]]>"));
    edition.note = Some("<!-- note --> <b>bold</b>".into());
    edition
}

#[test]
fn hostile_words_stay_words() {
    let (html, text) = check(&edition(), &sample::broadsheet("en"));
    assert!(!html.contains("<script") && !html.contains("<b>"));
    assert_eq!(
        (html.matches("<!--").count(), html.matches("-->").count()),
        (2, 2)
    );
    assert_eq!(html.matches("<![endif]").count(), 2);
    assert_eq!(html.matches("dir=\"auto\"").count(), 1);
    assert!(html.contains(&format!("{}<wbr>", "x".repeat(12))));
    assert!(text.contains("<script>alert(‘1’)</script>\n"));
}

/// The elements of a page, in order: the classes from the outermost to its own, and whether words are in it directly (for a picture,
/// its own). It panics at an element that is not closed, or not where it was opened.
pub(super) fn elements(html: &str) -> Vec<(Vec<String>, bool)> {
    let mut open: Vec<(String, usize)> = Vec::new();
    let mut all: Vec<(Vec<String>, bool)> = vec![(Vec::new(), false)];
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        if !rest[..at].trim().is_empty() {
            let inner = open.last().map_or(0, |(_, index)| *index);
            all[inner].1 = true;
        }
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix("!--[if mso]>") {
            let (inside, after) = comment.split_once("<![endif]-->").unwrap();
            assert!(
                !inside.contains("-->") && !inside.contains("<!"),
                "{inside}"
            );
            rest = after;
            continue;
        }
        let mut quoted = false;
        let end = rest.find(|c| {
            quoted ^= c == '"';
            c == '>' && !quoted
        });
        let (tag, after) = (&rest[..end.unwrap()], &rest[end.unwrap() + 1..]);
        rest = after;
        let name = tag.split(' ').next().unwrap();
        if let Some(name) = name.strip_prefix('/') {
            assert_eq!(open.pop().unwrap().0, name);
        } else if name != "!DOCTYPE" {
            let around = open.last().map_or(0, |(_, index)| *index);
            let own = tag
                .split_once(" class=\"")
                .and_then(|(_, class)| class.split('"').next());
            let path = all[around]
                .0
                .iter()
                .cloned()
                .chain(own.map(str::to_owned))
                .collect();
            let index = all.len();
            // Words in an element without a class are its surroundings'.
            if own.is_some() || around == 0 {
                all.push((path, name == "img"));
            }
            let index = if own.is_some() || around == 0 {
                index
            } else {
                around
            };
            if !["img", "source", "br", "wbr", "meta", "link"].contains(&name) {
                open.push((name.to_owned(), index));
            }
        }
    }
    assert!(open.is_empty(), "{open:?} stays open");
    all
}

fn words() -> impl Strategy<Value = String> {
    let hostile = [
        "]]>",
        "<![endif]-->",
        "-->",
        "--!>",
        "<!--[if mso]>",
        "</style>",
        "</title>",
        "\"",
        "'",
        "&",
        "&amp",
        "<wbr",
        "\u{85}",
        "\u{92}",
        "\u{9f}",
        "\u{202e}",
        "\u{2066}",
        "\u{feff}",
        "\u{0}",
        "\u{1f}",
        "\r\n",
        " ",
        "😀",
        "علم",
        "港",
        "e\u{301}",
        "<script>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,x)",
    ];
    prop_oneof![
        prop::collection::vec(
            prop_oneof![
                3 => prop::sample::select(hostile.to_vec()).prop_map(str::to_owned),
                1 => ".{0,12}",
            ],
            1..12
        )
        .prop_map(|parts| parts.concat()),
        Just("word & <b> ".repeat(900)),
        Just("x".repeat(300)),
        Just(Slot::Unsubscribe.marker().to_owned()),
    ]
}

/// What must hold of every page, whatever is in it.
fn whole(html: &str, comments: usize) {
    elements(html);
    for (mark, count) in [
        ("<!--", comments),
        ("-->", comments),
        ("<![endif]-->", comments),
        ("<style", 1),
        ("<script", 0),
        ("=\"javascript:", 0),
        ("=\"data:", 0),
    ] {
        assert_eq!(html.matches(mark).count(), count, "{mark}");
    }
    assert!(!html.contains(unseen));
}

fn unseen(c: char) -> bool {
    c.is_control() && c != '\n' || "\u{202e}\u{2066}\u{feff}".contains(c)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_page_stays_whole(
        words in prop::collection::vec(words(), 11),
        note in words(),
        sizes in prop::collection::vec(prop::option::of(prop_oneof![Just(0), Just(1), Just(u32::MAX), any::<u32>()]), 2),
        counts in prop::collection::vec(0_usize..15, 3),
        name in prop::sample::select(Template::NAMES.to_vec()),
        tag in prop::sample::select(vec!["en", "ar"]),
    ) {
        let line = |at: usize| Line::non_empty(&words[at]);
        let mut edition = sample::full_of_pictures();
        edition.subject = line(8);
        edition.opening = line(0);
        edition.note = Some(clean_lines(&note));
        let story = &mut edition.top[0].story;
        story.headline = Line::clean(&format!("a{}", words[1]));
        story.dek = line(2);
        story.paragraphs = line(10).into_iter().chain(line(7)).collect();
        story.kicker = line(3);
        story.byline = line(4);
        story.picture = Some(Picture {
            alt: line(5),
            credit: line(6),
            width: sizes[0],
            height: sizes[1],
            ..Picture::at(sample::link("https://img.example/a.jpg?\"'><b>"))

        });
        story.related[0].headline = Line::clean(&format!("r{}", words[9]));
        edition.latest[0].story.section = line(7);
        let notice = &mut edition.notices[0];
        notice.label = Line::clean(&format!("n{}", words[10]));
        notice.headline = line(9);
        notice.sponsor = line(8);
        notice.picture.as_mut().unwrap().light.alt = line(5);
        notice.picture.as_mut().unwrap().dark = Some(sample::link("https://img.example/d.jpg?\"'><b>,"));
        let day = &mut edition.lines[0];
        (day.label, day.text) = (line(3), Line::clean(&format!("d{}", words[2])));
        let sign_off = edition.sign_off.as_mut().unwrap();
        (sign_off.role, sign_off.text) = (line(4), Some(clean_lines(&note)));
        let question = edition.question.as_mut().unwrap();
        question.text = Line::clean(&format!("q{}", words[6]));
        question.answers = [7, 8].map(|at: usize| Line::clean(&format!("a{}", words[at])));
        notice.text = clean_lines(&note);
        for (list, count) in List::ALL.into_iter().zip(counts) {
            let list = edition.list_mut(list);
            *list = list.iter().cycle().take(count).cloned().collect();
        }
        let toml = format!("extends = \"{name}\"\n[show]\npicture = true\nthumbnails = true");
        let language = crate::model::newsletter::Language::parse(tag).unwrap();
        let template = Template::parse("t", &toml, "c", "", &language).unwrap();
        let (html, text) = check(&edition, &template);
        whole(&html, 2);
        prop_assert_eq!(html.matches("harbour.example/leave\"").count(), 1);
        prop_assert!(!text.contains(unseen));
        let canonical = sample::link("https://harbour.example/2026?\"'><b>");
        whole(&web(&edition, &sample::newsletter(), &template, Some(&canonical)), 0);
    }
}
