//! Blocks that newsrooms ask for: lines of the day, a speaking lede, the sign-off, the question, notices with pictures, the footer's links.

use super::*;

/// HTML and text of a letter whose readers have pages.
fn letter(edition: &Edition, template: &Template) -> (String, String) {
    let pages = pages(edition, &sample::with_pages(), template);
    let fill = |slot: Slot| match slot {
        Slot::Unsubscribe => "https://harbour.example/leave".to_owned(),
        Slot::Preferences => "https://harbour.example/preferences".to_owned(),
    };
    (pages.html.fill(fill), pages.text.fill(fill))
}

#[test]
fn nothing_is_printed_of_what_is_not_there() {
    let (html, text) = letter(&sample::edition(&["Ferry fares rise"]), &broadsheet());
    for page in [html, text] {
        for words in ["worth", "Weather", "whole story", "Marta", "min read"] {
            assert!(!page.contains(words), "{words}: {page}");
        }
    }
}

#[test]
fn the_question_is_asked_where_a_page_counts_and_names_no_reader() {
    let asked = "https://news.harbour.example/answer/2026-08-24/";
    let (html, text) = letter(&sample::full(), &broadsheet());
    for page in [&html, &text] {
        assert!(page.contains("Was this worth your time?"), "{page}");
        assert_eq!(page.matches(asked).count(), 2, "{page}");
    }
    assert!(html.contains(&format!("href=\"{asked}1\"")) && html.contains(">Not today</a>"));
    assert!(text.contains(&format!("Not today:\n{asked}2\n")));
    // Without `[public]` nothing would answer, and on the web it was asked long ago.
    assert!(
        !check(&sample::full(), &broadsheet())
            .0
            .contains("worth your")
    );
    let web = web(&sample::full(), &sample::with_pages(), &broadsheet(), None);
    assert!(!web.contains("worth your") && !web.contains("/answer/"));
}

#[test]
fn the_footer_leads_to_preferences_and_those_who_got_it_from_a_friend_to_the_form() {
    let (html, text) = letter(&sample::full(), &broadsheet());
    assert!(
        html.contains("\"https://harbour.example/preferences\"")
            && html.contains(">Your subscription</a> · ")
    );
    assert!(html.contains("Forwarded to you? <a href=\"https://news.harbour.example/\""));
    assert!(text.contains("Your subscription:\nhttps://harbour.example/preferences\n"));
    assert!(text.contains("Forwarded to you? Subscribe:\nhttps://news.harbour.example/\n"));
    let (html, text) = check(&sample::full(), &broadsheet());
    for page in [html, text] {
        assert!(
            !page.contains("preferences") && !page.contains("Forwarded"),
            "{page}"
        );
    }
}

#[test]
fn the_lede_speaks_and_leads_on_once() {
    let mut edition = sample::full();
    edition.top[1].story.paragraphs = vec![Line::clean("Never printed: it is no lede.")];
    let (html, text) = letter(&edition, &broadsheet());
    for page in [&html, &text] {
        let at = |words: &str| {
            page.find(words)
                .unwrap_or_else(|| panic!("{words}: {page}"))
        };
        assert!(at("4.20") < at("diesel") && at("diesel") < at("a poster"));
        assert!(
            at("a poster") < at("Read the whole story")
                && at("Read the whole story") < at("What commuters say")
        );
        assert_eq!(page.matches("Read the whole story").count(), 1);
        assert!(!page.contains("Never printed"));
    }
    let dek = |dek: &str| {
        let mut edition = sample::full();
        edition.top[0].story.dek = Line::non_empty(dek);
        letter(&edition, &broadsheet())
            .1
            .matches("The ferry company says")
            .count()
    };
    assert_eq!(
        dek("The ferry company says that diesel…"),
        1,
        "a feed made the dek of it"
    );
    assert_eq!(dek("The ferry company says it is the oil."), 2);
}

#[test]
fn a_notice_has_a_picture_for_light_and_for_dark_screens() {
    let (html, text) = letter(&sample::full_of_pictures(), &broadsheet());
    insta::assert_snapshot!(html.split_once("<picture>").unwrap().1.split_once("</picture>").unwrap().0.replace("><", ">\n<"), @r#"
    <source media="(prefers-color-scheme:dark)" srcset="https://img.example/boats-dark.jpg">
    <img src="https://img.example/boats.jpg" width="200" height="133" alt="boats" class="notice-picture" style="display:block;width:100%;height:auto;background-color:#eed;font-size:14px;max-width:200px">
    "#);
    assert!(html.contains("<a href=\"https://boats.example/\"><picture>"));
    assert!(html.contains(">Advertisement · Ellery Boats</p>"));
    assert!(text.contains("Advertisement · Ellery Boats\n"));
    let mut mute = sample::full_of_pictures();
    mute.notices[0].picture.as_mut().unwrap().light.alt = None;
    let (html, _) = letter(&mute, &broadsheet());
    assert!(
        !html.contains("\"https://boats.example/\"><picture>"),
        "a link without words"
    );
}

#[test]
fn what_an_editor_wrote_outlives_a_template_that_does_not_place_it() {
    let toml = "extends = \"broadsheet\"\nblocks = [\"question\", \"top\", \"footer\"]";
    let template = sample::own(toml, "").unwrap();
    let (html, text) = letter(&sample::full(), &template);
    for page in [html.split_once("<body").unwrap().1, &text] {
        let at = |words: &str| page.find(words).unwrap();
        assert!(at("Was this worth") < at("Forty stalls"));
        assert!(at("Forty stalls") < at("Marta Ilves") && at("Marta Ilves") < at("You get this"));
    }
}

#[test]
fn the_reading_time_is_told_where_it_is_asked_for() {
    let shown = |tag: &str| {
        let toml = "extends = \"broadsheet\"\n[show]\nreading_time = true";
        let language = crate::model::newsletter::Language::parse(tag).unwrap();
        let template = Template::parse("t", toml, "c", "", &language).unwrap();
        check(&sample::full(), &template).1
    };
    assert!(shown("en").contains("Monday, 24 August 2026 · 1 min read\n"));
    assert!(shown("ar").contains("قراءة في دقيقة"));
    assert!(shown("ja").contains("約1分で読めます"));
}

#[test]
fn an_opening_for_want_of_words_is_not_said_under_the_date() {
    let mut edition = sample::full();
    edition.opening = None;
    edition.top.truncate(1);
    edition.top[0].story.dek = None;
    edition.most_read.clear();
    edition.latest.clear();
    for name in Template::NAMES {
        let (html, text) = letter(&edition, &sample::built_in(name, "en"));
        for page in [html, text] {
            assert_eq!(
                page.matches("Monday, 24 August 2026").count(),
                1,
                "{name}: {page}"
            );
        }
    }
}

#[test]
fn the_lines_of_the_day_are_under_the_date() {
    let (html, text) = check(&sample::full(), &broadsheet());
    assert!(
        html.contains("Weather <a href=\"https://harbour.example/weather?utm_source=newsletter\"")
    );
    let line =
        "Weather: 14°, rain by noon\nhttps://harbour.example/weather?utm_source=newsletter\n";
    assert!(text.contains(&format!("the seal is back.\n\n{line}")));
    // Short ones are beside the date: the opening still begins early enough.
    let mut short = sample::full();
    short.lines[0].label = None;
    short.lines[0].text = Line::clean("14°");
    let (html, text) = check(&short, &broadsheet());
    assert!(html.contains(">14°</a></td></tr></table></div>"));
    assert!(text.contains("24 August 2026\n14°\nhttps://harbour.example/weather"));
}
