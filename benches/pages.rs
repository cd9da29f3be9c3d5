//! What is done once an edition, and what is done once a reader. `cargo bench`; the figures are in docs/performance.md.

#![expect(
    clippy::unwrap_used,
    reason = "a bench that panics has said what it had to say"
)]

use std::fmt::Write as _;
use std::sync::Arc;

use divan::{Bencher, black_box};
use newsdigest::message::{Key, LetterKind, LetterTemplate, RunKey, Signer};
use newsdigest::model::address::{Address, Mailbox};
use newsdigest::model::edition::{Edition, Placed};
use newsdigest::model::letter_links::LinkQuery;
use newsdigest::model::line::Line;
use newsdigest::model::link::Link;
use newsdigest::model::newsletter::{Language, Newsletter, Unsubscribe};
use newsdigest::model::public::Public;
use newsdigest::model::story::{Picture, Story};
use newsdigest::model::token::Keys;
use newsdigest::model::zone::Zone;
use newsdigest::render::{self, Template};

fn main() {
    divan::main();
}

/// The template read, with all that depends on it alone.
#[divan::bench]
fn template() -> Template {
    Template::built_in(black_box("broadsheet"), &Language::english())
        .unwrap()
        .unwrap()
}

/// An edition of 15 stories with 6 pictures rendered to HTML and plain text.
#[divan::bench]
fn pages(bencher: Bencher<'_, '_>) {
    let (edition, newsletter, template) = (edition(), newsletter(), template());
    bencher.bench(|| render::pages(&edition, &newsletter, &template));
}

/// The same stories and pictures through MJML, as others do it: written, parsed and rendered, with the same headlines, deks, bylines and
/// addresses; no plain text, no dark colors, no language.
#[divan::bench]
fn mjml(bencher: Bencher<'_, '_>) {
    let (edition, newsletter) = (edition(), newsletter());
    bencher.bench(|| {
        mrml::parse(written_as_mjml(&edition, &newsletter))
            .unwrap()
            .element
            .render(&mrml::prelude::render::RenderOptions::default())
            .unwrap()
    });
}

fn written_as_mjml(edition: &Edition, newsletter: &Newsletter) -> String {
    let mut out = format!(
        "<mjml><mj-body><mj-section><mj-column><mj-text font-size=\"38px\">{}</mj-text></mj-column></mj-section>",
        newsletter.name
    );
    for Placed { story, .. } in &edition.top {
        out.push_str("<mj-section>");
        if let Some(picture) = &story.picture {
            _ = write!(
                out,
                "<mj-column><mj-image src=\"{}\" alt=\"{}\" /></mj-column>",
                picture.url,
                picture.alt.as_ref().unwrap()
            );
        }
        _ = write!(
            out,
            "<mj-column><mj-text><h2><a href=\"{}\">{}</a></h2><p>{}</p><p>{}</p></mj-text></mj-column></mj-section>",
            story.url,
            story.headline,
            story.dek.as_ref().unwrap(),
            story.byline.as_ref().unwrap()
        );
    }
    for Placed { story, .. } in edition.most_read.iter().chain(&edition.latest) {
        _ = write!(
            out,
            "<mj-section><mj-column><mj-text><a href=\"{}\">{}</a></mj-text></mj-column></mj-section>",
            story.url, story.headline
        );
    }
    _ = write!(
        out,
        "<mj-section><mj-column><mj-text>{}</mj-text></mj-column></mj-section></mj-body></mjml>",
        newsletter.address
    );
    out
}

/// The edition's letter encoded, all but what differs from reader to reader.
#[divan::bench]
fn press(bencher: Bencher<'_, '_>) {
    let (edition, newsletter) = (edition(), newsletter());
    let pages = render::pages(&edition, &newsletter, &template());
    let date = "2026-08-24T06:00:00Z".parse().unwrap();
    let key = RunKey([7; 16]);
    bencher.bench(|| {
        LetterTemplate::new(
            &newsletter,
            &edition.slug,
            &pages,
            &key,
            date,
            LetterKind::Edition,
        )
    });
}

/// One reader's letter.
#[divan::bench]
fn letter(bencher: Bencher<'_, '_>) {
    letters(bencher, |press| press);
}

/// One reader's letter with a link and a bounce address of their own.
#[divan::bench]
fn letter_sealed(bencher: Bencher<'_, '_>) {
    letters(bencher, sealed);
}

/// The same, signed with RSA-2048.
#[divan::bench]
fn letter_signed(bencher: Bencher<'_, '_>) {
    let keys = vec![("s1".to_owned(), Key::generate_rsa().unwrap())];
    letters(bencher, |press| sealed(press).signed(Some(&signer(keys))));
}

/// The same, signed with RSA-2048 and Ed25519.
#[divan::bench]
fn letter_signed_twice(bencher: Bencher<'_, '_>) {
    let keys = vec![
        ("s1".to_owned(), Key::generate_rsa().unwrap()),
        ("e1".to_owned(), Key::generate_ed25519().unwrap()),
    ];
    letters(bencher, |press| sealed(press).signed(Some(&signer(keys))));
}

fn signer(keys: Vec<(String, Key)>) -> Arc<Signer> {
    Arc::new(Signer::new("harbourtimes.example".to_owned(), keys))
}

fn sealed(press: LetterTemplate) -> LetterTemplate {
    let newsletter = Newsletter {
        public: Some(Public::parse("https://news.harbourtimes.example/").unwrap()),
        bounces: Some("bounce.harbourtimes.example".to_owned()),
        is_complaint_address_told: true,
        ..newsletter()
    };
    let keys = Arc::new(Keys::parse(&Keys::file(&[7; 32])).unwrap());
    press.sealed(&newsletter, Some(&keys), 1)
}

fn letters(bencher: Bencher<'_, '_>, with: impl FnOnce(LetterTemplate) -> LetterTemplate) {
    let (edition, newsletter) = (edition(), newsletter());
    let pages = render::pages(&edition, &newsletter, &template());
    let date = "2026-08-24T06:00:00Z".parse().unwrap();
    let key = RunKey([7; 16]);
    let kind = LetterKind::Edition;
    let press = with(LetterTemplate::new(
        &newsletter,
        &edition.slug,
        &pages,
        &key,
        date,
        kind,
    ));
    let ada = Address::parse("ada@example.org").unwrap();
    bencher.bench(|| press.letter(black_box(7), &ada, None).unwrap());
}

fn newsletter() -> Newsletter {
    Newsletter {
        id: "harbour".into(),
        name: Line::clean("Harbour in your inbox"),
        from: Mailbox::parse("The Harbour Times <digest@harbourtimes.example>").unwrap(),
        reply_to: None,
        site: Link::parse("https://harbourtimes.example/").unwrap(),
        address: Line::clean("1 Quay Street, Port Ellery"),
        unsubscribe: Some(Unsubscribe::parse("mailto:leave@harbourtimes.example").unwrap()),
        language: Language::english(),
        zone: Zone::bundled("Europe/Lisbon").unwrap(),
        link_query: LinkQuery::parse("utm_source=newsletter&utm_medium=email").ok(),
        public: None,
        bounces: None,
        is_complaint_address_told: false,
        headers: Vec::new(),
    }
}

fn edition() -> Edition {
    let placed = |number: usize| Placed {
        story: story(number),
        pin: false,
        why: None,
    };
    Edition {
        top: (0..6).map(placed).collect(),
        most_read: (0..5).map(placed).collect(),
        latest: (6..15).map(placed).collect(),
        ..Edition::new("2026-08-24".parse().unwrap())
    }
}

fn story(number: usize) -> Story {
    let link = |kind: &str, end: &str| {
        Link::parse(&format!(
            "https://harbourtimes.example/{kind}/2026/08/24/story-{number}{end}"
        ))
        .unwrap()
    };
    Story {
        headline: Line::clean(&format!(
            "Number {number}: ferry fares rise on Monday, and the 6.40 gets a second deck"
        )),
        url: link("news", ""),
        dek: Line::non_empty(
            "The company says diesel. The council says it found out from a poster. Islanders keep their free return on Sundays.",
        ),
        kicker: None,
        section: Line::non_empty(["News", "Business", "City", "Opinion"][number % 4]),
        byline: Line::non_empty("Inês Duarte"),
        precision: newsdigest::model::story::Precision::Time,
        published: Some("2026-08-24T05:10:00Z".parse().unwrap()),
        picture: (number < 6).then(|| Picture {
            alt: Line::non_empty("The ferry leaves the quay at dawn"),
            credit: Line::non_empty("Rui Falk / The Harbour Times"),
            width: Some(1_200),
            height: Some(800),
            ..Picture::at(link("pictures", ".jpg"))
        }),
        related: Vec::new(),
        paragraphs: Vec::new(),
    }
}
