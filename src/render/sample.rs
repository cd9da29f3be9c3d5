//! Editions for the tests of this room.

use super::Template;
use crate::model::address::Mailbox;
use crate::model::edition::{
    After, DayLine, Edition, Notice, NoticePicture, Placed, Question, SignOff,
};
use crate::model::letter_links::LinkQuery;
use crate::model::line::Line;
use crate::model::link::Link;
use crate::model::newsletter::{Language, Newsletter, Unsubscribe};
use crate::model::problem::Problem;
use crate::model::public::Public;
use crate::model::story::{Picture, Related, Story};
use crate::model::zone::Zone;

fn line(text: &str) -> Line {
    Line::clean(text)
}

pub(super) fn link(text: &str) -> Link {
    Link::parse(text).unwrap()
}

pub(super) fn newsletter() -> Newsletter {
    Newsletter {
        id: "harbour".into(),
        name: Line::clean("Harbour in your inbox"),
        from: Mailbox::parse("The Harbour Times <digest@harbour.example>").unwrap(),
        reply_to: None,
        site: link("https://harbour.example/"),
        address: Line::clean("1 Quay Street, Port Ellery"),
        unsubscribe: Some(Unsubscribe::parse("mailto:leave@harbour.example").unwrap()),
        language: Language::parse("en").unwrap(),
        zone: Zone::bundled("Europe/Lisbon").unwrap(),
        public: None,
        bounces: None,
        is_complaint_address_told: false,
        headers: Vec::new(),
        link_query: LinkQuery::parse("utm_source=newsletter").ok(),
    }
}

/// The same, with pages for its readers.
pub(super) fn with_pages() -> Newsletter {
    Newsletter {
        public: Some(Public::parse("https://news.harbour.example/").unwrap()),
        ..newsletter()
    }
}

pub(super) fn broadsheet(tag: &str) -> Template {
    built_in("broadsheet", tag)
}

/// A built-in template for a language.
pub(super) fn built_in(name: &str, tag: &str) -> Template {
    let language = Language::parse(tag).unwrap();
    Template::built_in(name, &language).unwrap().unwrap()
}

/// A template of one's own, for English.
pub(super) fn own(toml: &str, css: &str) -> Result<Template, Vec<Problem>> {
    Template::parse(
        "template.toml",
        toml,
        "style.css",
        css,
        &Language::english(),
    )
}

/// A story with nothing but a headline and an address made of its number.
pub(super) fn story(number: usize, headline: &str) -> Story {
    Story::new(
        Line::clean(headline),
        link(&format!("https://harbour.example/{number}")),
    )
}

pub(super) fn placed(story: Story) -> Placed {
    Placed {
        story,
        pin: false,
        why: None,
    }
}

/// These headlines as top stories, and nothing else.
pub(super) fn edition(headlines: &[&str]) -> Edition {
    Edition {
        top: headlines
            .iter()
            .enumerate()
            .map(|(number, headline)| placed(story(number, headline)))
            .collect(),
        ..Edition::new("2026-08-24".parse().unwrap())
    }
}

/// The same, with a sponsor, their picture, and a portrait of the editor.
pub(super) fn full_of_pictures() -> Edition {
    let mut edition = full();
    edition.notices[0].sponsor = Some(line("Ellery Boats"));
    edition.notices[0].picture = Some(NoticePicture {
        light: picture("boats"),
        dark: Some(link("https://img.example/boats-dark.jpg")),
    });
    let sign_off = edition.sign_off.as_mut();
    sign_off.unwrap().picture = Some(picture("marta"));
    edition
}

/// A picture of that name.
fn picture(name: &str) -> Picture {
    Picture {
        alt: Some(line(name)),
        width: Some(1200),
        height: Some(800),
        ..Picture::at(link(&format!("https://img.example/{name}.jpg")))
    }
}

/// Something of everything.
pub(super) fn full() -> Edition {
    let mut edition = edition(&[
        "Ferry fares rise on Monday",
        "Fish market reopens after the flood",
    ]);
    edition.opening = Some(line(
        "Good morning. Fares rise on Monday, and the seal is back.",
    ));
    edition.note = Some("We moved. *Thank you* for your [letters](https://harbour.example/letters).\n\n- post\n- mail".into());
    edition.notices = vec![Notice {
        label: line("Advertisement"),
        sponsor: None,
        picture: None,
        headline: Some(line("Boats for a summer")),
        text: "Oars *included*. [Terms](https://boats.example/terms) apply.".into(),
        url: Some(link("https://boats.example/")),
        after: After::Top,
    }];
    edition.lines = vec![DayLine {
        label: Some(line("Weather")),
        text: line("14°, rain by noon"),
        url: Some(link("https://harbour.example/weather")),
    }];
    edition.sign_off = Some(SignOff {
        name: line("Marta Ilves"),
        role: Some(line("morning editor")),
        text: Some("That is the harbour *this morning*.".into()),
        picture: None,
    });
    edition.question = Some(Question {
        text: line("Was this worth your time?"),
        answers: [line("Yes, it was"), line("Not today")],
    });
    let lede = &mut edition.top[0].story;
    lede.paragraphs = vec![
        line("The ferry company says that diesel has become dear."),
        line("The council found out from a poster."),
    ];
    lede.dek = Some(line(
        "The council lost its appeal; a single will cost 4.20 from next week.",
    ));
    lede.section = Some(line("News"));
    lede.byline = Some(line("Ana Reis"));
    lede.published = Some("2026-08-24T05:10:00Z".parse().unwrap());
    lede.picture = Some(Picture {
        alt: Some(line("The evening ferry")),
        credit: Some(line("Rui Pinto")),
        width: Some(1200),
        height: Some(800),
        ..Picture::at(link("https://img.example/ferry.jpg"))
    });
    lede.related = vec![Related {
        headline: Line::clean("What commuters say"),
        url: link("https://harbour.example/90"),
    }];
    let second = &mut edition.top[1].story;
    second.dek = Some(line("Forty stalls are back."));
    second.kicker = Some(line("City"));
    second.published = Some("2026-08-23T17:40:00Z".parse().unwrap());
    second.picture = Some(Picture::at(link("https://img.example/fish.jpg")));
    edition.most_read = vec![
        placed(story(1, "Fish market reopens after the flood")),
        placed(story(20, "The seal that came to school")),
    ];
    edition.most_read[1].story.section = Some(line("City"));
    let mut late = story(30, "Port closed for an hour");
    late.section = Some(line("News"));
    late.published = Some("2026-08-24T05:40:00Z".parse().unwrap());
    late.url = link("https://other.example/port?id=1&x=2");
    edition.latest = vec![placed(late)];
    edition
}
