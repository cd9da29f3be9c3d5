//! The whole room: pages as a reader gets them.

mod blocks;
mod web;
mod words;

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::model::edition::{After, Edition, List};
use crate::model::line::Line;
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
    assert!(text.contains("2. Letters (2)\n"));
}

#[test]
fn only_our_own_links_carry_the_query() {
    let (html, _) = check(&sample::full(), &broadsheet());
    assert!(html.contains("https://harbour.example/0?utm_source=newsletter"));
    assert!(html.contains("\"https://other.example/port?id=1&amp;x=2\""));
    assert!(html.contains("\"https://img.example/ferry.jpg\""));
}

#[test]
fn arabic_runs_from_the_right() {
    let (html, _) = check(&sample::full(), &sample::broadsheet("ar"));
    assert_eq!(html.matches("dir=\"rtl\"").count(), 3);
    assert!(
        html.contains("text-align:right")
            && html.matches("text-align:left").count() == html.matches("<img").count() - 1
    );
    assert!(!html.contains("letter-spacing"));
    assert!(html.contains("Ana Reis</span>\u{200f} · 06:10"));
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

#[test]
fn every_class_is_styled_and_printed_where_it_is_said_to_stand() {
    let rule = |class: &Class| {
        format!(
            "@media (max-width: 99px) {{ .{} {{ color: #123 }} }}",
            class.key()
        )
    };
    let css = Class::ALL.iter().map(rule).collect::<Vec<_>>().join("\n");
    let show = "[show]\npicture = true\nthumbnails = true\n";
    let mut edition = sample::full_of_pictures();
    edition.top[1].story.related = edition.top[0].story.related.clone();
    edition
        .top
        .push(sample::placed(sample::story(3, "No picture")));
    edition.top[2].story.section = Line::non_empty("News");
    for name in Template::NAMES {
        let own = |more: &str| {
            let toml = format!("extends = \"{name}\"\n{show}{more}");
            let template = sample::own(&toml, &css).unwrap();
            let pages = pages(&edition, &sample::with_pages(), &template);
            pages.html.fill(|_| "https://harbour.example/".to_owned())
        };
        let (html, with_logo) = (own(""), own(LOGO));
        for class in Class::ALL {
            let printed = format!("class=\"{}\"", class.key());
            assert!(
                html.contains(&printed) || with_logo.contains(&printed),
                "{name} does not print `{}`",
                class.key()
            );
            assert!(
                sample::built_in(name, "en").look().style(*class).is_some(),
                "{name} does not style `{}`",
                class.key()
            );
        }
        for page in [html, with_logo] {
            for (path, has_text) in hostile::elements(&page) {
                let classes: Vec<Class> = path.iter().filter_map(|key| Class::named(key)).collect();
                let Some((last, outer)) = classes.split_last() else {
                    continue;
                };
                assert!(!has_text || last.has_text(), "{path:?} has text");
                let near = outer.iter().rev().find(|outer| *outer != last);
                assert!(
                    near.is_none_or(|near| last.within().contains(near)),
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
}

#[test]
fn the_bulletin_s_sections_stand_beside_the_bylines() {
    let (html, text) = check(&sample::full(), &sample::built_in("bulletin", "en"));
    assert!(html.contains(">City</span> · Sun 23 Aug</p>") && !html.contains("<p class=\"label\""));
    assert!(!html.contains("<img") && !html.contains("Georgia"));
    assert_eq!(text, check(&sample::full(), &broadsheet()).1);
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
        let other = match key {
            "halves" => "time = \"%p\"",
            "months" => "date = \"%B\"",
            "first" => "date = \"%-d\"",
            _ => "",
        };
        let shown = |toml: &str| {
            let template = sample::own(
                &format!("extends = \"broadsheet\"\n[show]\nreading_time = true\n[words]\n{toml}"),
                "",
            )
            .unwrap();
            let mut first = sample::full();
            first.slug = "2026-08-01".parse().unwrap();
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
        (After::Opening, "Good morning.", "Monday, 24 August"),
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
    insta::assert_snapshot!(bare, @r#" aria-label="Advertisement" class="notice"><p class="notice-label">Advertisement</p><p>&lt;b&gt;Boats&lt;/b&gt; </p><p><a href="https://boats.example/" class="text-link">boats.example</a></p>"#);
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
        let media = template.look().media().0;
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
