//! The whole room: pages as a reader gets them. One file, since each test goes through all pages.

mod arrangement;
mod blocks;
mod web;
mod words;

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::model::edition::{After, Edition, List};
use crate::model::letter_links::LinkQuery;
use crate::model::line::Line;
use crate::model::newsletter::Newsletter;
use crate::model::pages::Slot;
use crate::model::public::Public;
use crate::render::keys::{Block, Class, Counted, Format, Names, Phrase, Switch, Word};
use crate::render::{Template, hostile, pages, sample, web};

fn broadsheet() -> Template {
    sample::broadsheet("en")
}

/// HTML and text with the slots filled.
pub(super) fn check(edition: &Edition, template: &Template) -> (String, String) {
    let pages = pages(edition, &sample::newsletter(), template);
    let fill = |slot: Slot| match slot {
        Slot::Unsubscribe => "https://harbour.example/leave".to_owned(),
        Slot::Preferences => "https://harbour.example/preferences".to_owned(),
    };
    (pages.html.fill(fill), pages.text.fill(fill))
}

fn links(html: &str) -> BTreeSet<String> {
    html.split("<a href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(|url| url.replace("&amp;", "&").replace("&quot;", "\""))
        .collect()
}

#[test]
fn a_small_edition() {
    let (html, text) = check(&sample::full(), &broadsheet());
    insta::assert_snapshot!("html", html.replace("><", ">\n<"));
    insta::assert_snapshot!("text", text);
}

#[test]
fn lists_without_stories_print_nothing() {
    let (html, text) = check(&sample::edition(&["Ferry fares rise"]), &broadsheet());
    for page in [&html, &text] {
        assert!(
            !page.contains("Most read")
                && !page.contains("Latest")
                && !page.contains("More on this"),
            "{page}"
        );
    }
    assert!(!html.contains("<img") && !html.contains("<ol") && !html.contains("<ul"));
    let (html, _) = check(&sample::edition(&[]), &broadsheet());
    assert!(html.contains("<h1") && !html.contains("<h2"));
}

#[test]
fn the_same_words_never_lead_to_two_places() {
    let mut edition = sample::edition(&["Letters", "Letters"]);
    edition.most_read = vec![edition.top[0].clone()];
    let (html, text) = check(&edition, &broadsheet());
    assert_eq!(
        (
            html.matches(">Letters<").count(),
            html.matches(">Letters (2)<").count()
        ),
        (3, 1),
        "the title, the story and the list"
    );
    assert!(text.contains("\nLetters (2)\n"));
}

#[test]
fn only_our_own_links_carry_the_query() {
    let (html, _) = check(&sample::full(), &broadsheet());
    assert!(html.contains("https://harbour.example/0?utm_source=newsletter"));
    assert!(html.contains("\"https://other.example/port?id=1&amp;x=2\""));
    assert!(html.contains("\"https://img.example/ferry.jpg\""));
}

#[test]
fn links_of_stories_say_their_place() {
    let newsletter = Newsletter {
        link_query: LinkQuery::parse("c={newsletter}-{day}&s={slot}").ok(),
        ..sample::newsletter()
    };
    let (edition, template) = (sample::full(), broadsheet());
    let letter = pages(&edition, &newsletter, &template);
    let [html, text] = [letter.html, letter.text].map(|page| page.fill(|_| String::new()));
    let day = format!("c=harbour-{}", edition.slug);
    for (place, placed) in edition
        .places()
        .filter(|(_, placed)| placed.story.url.host() == "harbour.example")
    {
        let url = placed.story.url.as_str();
        assert!(
            text.contains(&format!("{url}?{day}&s={place}\n")),
            "{place} in {text}"
        );
        let href = format!("\"{url}?{day}&amp;s={place}\"");
        assert!(html.contains(&href), "{place}");
    }
    // The paper's own name is in no place, and nobody comes to the web edition by a letter.
    assert!(html.contains(&format!("\"https://harbour.example/?{day}\"")));
    let web = web(&edition, &newsletter, &template, None);
    assert!(web.contains(&format!("?{day}\"")) && !web.contains("s=top-1"));
}

#[test]
fn arabic_runs_from_the_right() {
    let (html, _) = check(&sample::full(), &sample::broadsheet("ar"));
    assert_eq!(
        html.matches("dir=\"rtl\"").count(),
        5,
        "page, wrapper, Outlook's table, both cells of a row: its words, and those of a blocked picture"
    );
    assert!(html.contains("text-align:right") && !html.contains("text-align:left"));
    // The table of a row runs the other way, so that the picture, which is first, is at the end side.
    assert!(
        html.contains("<table role=\"none\" dir=\"ltr\" style=\"width:100%")
            && html.contains("padding:4px 16px 0 0")
    );
    assert!(!html.contains("letter-spacing"));
    assert!(html.contains("Ana Reis</span>\u{200f} · 06:10"));
}

#[test]
fn scripts_without_italics_have_none() {
    let html = |name, tag| check(&sample::full(), &sample::built_in(name, tag)).0;
    assert!(html("broadsheet", "ru").contains("font:italic"));
    for tag in ["ar", "ja"] {
        for name in Template::NAMES {
            assert!(!html(name, tag).contains("italic"), "{tag}, {name}");
        }
    }
}

#[test]
fn a_shortened_edition_says_so() {
    let shown = |further| {
        let mut edition = sample::full();
        edition.further = further;
        let pages = pages(&edition, &sample::newsletter(), &sample::broadsheet("uk"));
        [pages.html, pages.text].map(|page| page.fill(|_| String::new()))
    };
    let [html, text] = shown(4);
    assert!(html.contains(">Ще 4 матеріали на нашому сайті</a>"));
    assert!(text.contains(
        "Ще 4 матеріали на нашому сайті:\nhttps://harbour.example/?utm_source=newsletter\n"
    ));
    assert_eq!(shown(0), {
        let (html, text) = check(&sample::full(), &sample::broadsheet("uk"));
        [html, text].map(|page| page.replace("https://harbour.example/leave", ""))
    });
}

const LOGO: &str = "[logo]\nurl = \"https://harbour.example/logo.png\"\nwidth = 300\nheight = 60\n";

/// Editions that have all between them: pairs and rows, lede pictures across and beside, sections and none, long and short.
fn editions() -> Vec<Edition> {
    let mut full = sample::full_of_pictures();
    full.top[1].story.related = full.top[0].story.related.clone();
    for number in 0..8 {
        let mut story = sample::story(100 + number, "Another story");
        story.section = Line::non_empty(if number < 6 { "News" } else { "Opinion" });
        story.dek = Line::non_empty("Its dek.");
        story.byline = Line::non_empty("Ana Reis");
        story.kicker = Line::non_empty("Exclusive").filter(|_| number == 1);
        story.picture = full.top[0].story.picture.clone().filter(|_| number < 4);
        story.related = full.top[0].story.related.clone();
        full.top.push(sample::placed(story));
    }
    full.notices[0]
        .text
        .push_str("\n\n- [one](https://boats.example/one)");
    let mut long = full.clone();
    full.lines[0].label = None;
    full.lines[0].text = Line::clean("14°");
    long.top[0].story.headline = Line::clean(&"long ".repeat(20));
    long.top[0].story.picture.as_mut().unwrap().width = Some(300);
    long.top[1].story.picture = None;
    long.most_read = long.top.clone();
    let mut longer = full.clone();
    longer.top[0].story.headline = Line::clean(&"long ".repeat(14));
    longer.top.truncate(4);
    vec![full, long, longer]
}

#[test]
fn every_class_is_styled_and_printed_where_it_is_said_to_be() {
    let rule = |class: &Class| {
        format!(
            "@media (max-width: 99px) {{ .{} {{ color: #123 }} }}",
            class.key()
        )
    };
    let css = Class::ALL.iter().map(rule).collect::<Vec<_>>().join("\n");
    let show = "[show]\npicture = true\nthumbnails = true\ndek = true\nbyline = true\nmost_read_section = true\n";
    for name in Template::NAMES {
        let template =
            |more: &str| sample::own(&format!("extends = \"{name}\"\n{show}{more}"), &css).unwrap();
        let form = template("").settings().form;
        let names = [
            "Harbour in your inbox",
            "Harbour in your inbox each day",
            "Harbour in your inbox on every day of the week",
        ];
        let pages: Vec<String> = (editions().iter().zip(names))
            .flat_map(|(edition, name)| {
                ["", LOGO].map(|more| {
                    let newsletter = Newsletter {
                        name: Line::clean(name),
                        ..sample::with_pages()
                    };
                    pages(edition, &newsletter, &template(more))
                        .html
                        .fill(|_| String::new())
                })
            })
            .collect();
        let built_in = sample::built_in(name, "en");
        let mut wrong = Vec::new();
        for class in Class::ALL {
            let printed = format!("class=\"{}\"", class.key());
            let is_printed = pages.iter().any(|page| page.contains(&printed));
            let is_said_to_be = *class == Class::Paper || !class.within(form).is_empty();
            // What only holds others needs no looks.
            let is_styled = built_in.look().style(*class).is_some() || !class.has_text();
            if is_printed != is_said_to_be || is_printed && !is_styled {
                wrong.push(class.key());
            }
        }
        assert!(
            wrong.is_empty(),
            "{name}: printed, but not where it is said to be, or not styled: {wrong:?}"
        );
        for page in pages {
            for (path, has_text) in hostile::elements(&page) {
                let classes: Vec<Class> = path.iter().filter_map(|key| Class::named(key)).collect();
                let Some((last, outer)) = classes.split_last() else {
                    continue;
                };
                assert!(
                    !has_text || last.has_text() || last.base().is_some_and(Class::has_text),
                    "{path:?} has text"
                );
                let near = outer.iter().rev().find(|outer| *outer != last);
                let is_within = |outer: &Class| last.within(form).contains(outer);
                assert!(
                    near.is_none_or(
                        |near| is_within(near) || near.base().is_some_and(|base| is_within(&base))
                    ),
                    "{path:?}"
                );
            }
        }
    }
}

#[test]
fn a_logo_stands_for_the_name() {
    let logo = |more: &str| {
        let toml = format!("extends = \"bulletin\"\n{LOGO}{more}");
        check(&sample::full(), &sample::own(&toml, "").unwrap()).0
    };
    assert!(logo("").contains("<img src=\"https://harbour.example/logo.png\" width=\"300\" height=\"60\" alt=\"Harbour in your inbox\""));
    assert!(logo("alt = \"The Harbour\"").contains("alt=\"The Harbour\""));
    let dark = logo("dark = \"https://harbour.example/dark.png\"");
    assert!(dark.contains("<picture><source media=\"(prefers-color-scheme:dark)\" srcset=\"https://harbour.example/dark.png\"><img src=\"https://harbour.example/logo.png\""));
}

#[test]
fn the_bulletin_s_name_opening_and_lede_are_on_one_panel() {
    let (html, _) = check(&sample::full(), &sample::built_in("bulletin", "en"));
    let panel = html.split_once("class=\"masthead\"").unwrap().1;
    let (panel, behind) = panel.split_once("</td>").unwrap();
    for words in ["<h1", "24 August", "Good morning.", "<h2", "4.20"] {
        assert!(panel.contains(words), "{words}");
    }
    assert!(behind.contains("By Ana Reis") && !panel.contains("Ana Reis"));
    assert!(!html.contains("<img") && !html.contains("Georgia"));
}

#[test]
fn every_word_and_switch_is_used() {
    let whole = check(&sample::full(), &broadsheet());
    let mut plain_opening = sample::full();
    plain_opening.opening = None;
    plain_opening
        .top
        .push(sample::placed(sample::story(3, "Third")));
    let words = Word::ALL.iter().map(|word| match word {
        Word::Digits => (word.key(), "\"abcdefghij\"".to_owned()),
        word => (word.key(), "\"Changed\"".to_owned()),
    });
    let phrases = Phrase::ALL
        .iter()
        .map(|phrase| (phrase.key(), "\"Changed {name}\"".to_owned()));
    let formats = Format::ALL
        .iter()
        .map(|format| (format.key(), "\"%Y!\"".to_owned()));
    let names = Names::ALL
        .iter()
        .map(|names| (names.key(), format!("{:?}", vec!["Changed"; names.count()])));
    let counted = Counted::ALL
        .iter()
        .map(|counted| (counted.key(), "{ other = \"{count}!\" }".to_owned()));
    let newsletter = sample::with_pages();
    for (key, value) in words
        .chain(phrases)
        .chain(formats)
        .chain(names)
        .chain(counted)
    {
        let base = if key == "in_words" {
            "gallery"
        } else {
            "broadsheet"
        };
        let other = match key {
            "halves" => "time = \"%p\"",
            "months" => "date = \"%B\"",
            "first" => "date = \"%-d\"",
            _ => "",
        };
        let shown = |toml: &str| {
            let template = sample::own(
                &format!("extends = \"{base}\"\n[show]\nreading_time = true\n[words]\n{toml}"),
                "",
            )
            .unwrap();
            let mut first = sample::full();
            first.slug = "2026-08-01".parse().unwrap();
            // A list without the stories above it.
            first.most_read.clone_from(&first.latest);
            [&sample::full(), &plain_opening, &first].map(|edition| {
                let mut edition = edition.clone();
                edition.further = 2;
                let pages = pages(&edition, &newsletter, &template);
                let web = web(&edition, &newsletter, &template, None);
                (pages.html, pages.text, web)
            })
        };
        assert!(
            shown(other)
                != shown(&format!(
                    "{}\n{key} = {value}",
                    if other.starts_with(key) { "" } else { other }
                )),
            "`{key}` changes nothing"
        );
    }
    for switch in Switch::ALL {
        let other = !broadsheet().shows(*switch);
        let toml = format!(
            "extends = \"broadsheet\"\n[show]\n{} = {other}",
            switch.key()
        );
        let template = sample::own(&toml, "").unwrap();
        assert_ne!(
            check(&sample::full(), &template),
            whole,
            "`{}` changes nothing",
            switch.key()
        );
    }
}

#[test]
fn blocks_stand_in_the_template_s_order() {
    let template = sample::own(
        "extends = \"broadsheet\"\nblocks = [\"latest\", \"footer\", \"most_read\"]",
        "",
    )
    .unwrap();
    let (html, text) = check(&sample::full(), &template);
    for page in [html, text] {
        let at = |words: &str| page.find(words).unwrap();
        assert!(
            at("Port closed") < at("You get this")
                && at("You get this") < at("Most read")
                && !page.contains("4.20")
        );
    }
    assert_eq!(Block::ALL.len(), broadsheet().blocks().len());
}

#[test]
fn a_notice_stands_behind_its_block_and_says_what_it_is() {
    let mut edition = sample::full();
    let order = |edition: &Edition, template: &Template, words: [&str; 3]| {
        let (html, text) = check(edition, template);
        for page in [html.split_once("<body").unwrap().1, &text] {
            let places = words.map(|words| page.find(words));
            let all = places.iter().all(Option::is_some);
            assert!(all && places.is_sorted(), "{words:?}: {page}");
        }
    };
    let words = "Advertisement";
    for (after, before, behind) in [
        (After::Opening, "Good morning.", "Thank you"),
        (After::Note, "Thank you", "Ferry fares rise on Monday"),
        (After::Lede, "4.20", "Fish market reopens"),
        (After::Top, "Forty stalls", "The seal that came"),
        (After::MostRead, "The seal that came", "Port closed"),
        (After::Latest, "Port closed", "You get this"),
    ] {
        edition.notices[0].after = after;
        order(&edition, &broadsheet(), [before, words, behind]);
    }
    let toml = "extends = \"broadsheet\"\nblocks = [\"lede\", \"footer\"]";
    let short = sample::own(toml, "").unwrap();
    order(&edition, &short, ["4.20", words, "You get this"]);
}

#[test]
fn a_notice_is_small() {
    let size = |edition: &Edition| check(edition, &broadsheet()).0.len();
    let mut without = sample::full();
    without.notices.clear();
    let octets = size(&sample::full()) - size(&without);
    assert!(octets <= 900, "{octets} octets");
}

#[test]
fn a_notice_without_headline_is_named_by_its_host() {
    let mut edition = sample::edition(&["Ferry fares rise"]);
    edition.notices = sample::full().notices;
    edition.notices[0].headline = None;
    edition.notices[0].text = "<b>Boats</b> &#2;".into();
    let (html, text) = check(&edition, &broadsheet());
    let html = html.split_once("role=\"complementary\"").unwrap().1;
    let html = html.split("</div>").next().unwrap();
    let bare: String = html
        .split(" style=\"")
        .enumerate()
        .map(|(at, part)| {
            if at == 0 {
                part
            } else {
                part.split_once('"').unwrap().1
            }
        })
        .collect();
    insta::assert_snapshot!(bare, @r#" aria-label="Advertisement"><table role="none" class="notice"><tr><td><p class="notice-label">Advertisement</p><p>&lt;b&gt;Boats&lt;/b&gt; </p><p><a href="https://boats.example/" class="notice-link">boats.example</a></p></td></tr></table>"#);
    let text = text.split_once("Advertisement").unwrap().1;
    insta::assert_snapshot!(text.split("You get").next().unwrap(), @"


    <b>Boats</b>

    https://boats.example/
    --------------------------------
    ");
}

#[test]
fn the_style_element_is_small() {
    for name in Template::NAMES {
        let template = sample::built_in(name, "en");
        let media = template.look().media(|_| true);
        assert!(media.len() < 2_000, "{name}: {} octets", media.len());
        assert!(!media.replace(" !important", "").contains("!important"));
    }
}

fn any_words() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{1,90}",
        "[a-z<>&\"'-]{1,30}( [a-z]{1,12}){0,20}",
        Just(Slot::Unsubscribe.marker().to_owned())
    ]
}
