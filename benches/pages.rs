//! What is done once an edition, and what is done once a reader. `cargo bench`; the figures are in docs/performance.md.

#![expect(
    clippy::unwrap_used,
    reason = "a bench that panics has said what it had to say"
)]

use divan::{Bencher, black_box};
use newsdigest::address::{Address, Mailbox};
use newsdigest::edition::{Edition, Placed};
use newsdigest::line::Line;
use newsdigest::link::Link;
use newsdigest::message::{Copy, Press, RunKey};
use newsdigest::newsletter::{Language, Newsletter, Unsubscribe};
use newsdigest::render::{self, Template};
use newsdigest::story::{Picture, Story};
use newsdigest::zone::Zone;

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

/// The edition's letter encoded, all but what differs from reader to reader.
#[divan::bench]
fn press(bencher: Bencher<'_, '_>) {
    let (edition, newsletter) = (edition(), newsletter());
    let pages = render::pages(&edition, &newsletter, &template());
    let date = "2026-08-24T06:00:00Z".parse().unwrap();
    let key = RunKey([7; 16]);
    bencher.bench(|| {
        Press::new(
            &newsletter,
            &edition.slug,
            &pages,
            &key,
            date,
            Copy::Edition,
        )
    });
}

/// One reader's letter.
#[divan::bench]
fn letter(bencher: Bencher<'_, '_>) {
    let (edition, newsletter) = (edition(), newsletter());
    let pages = render::pages(&edition, &newsletter, &template());
    let date = "2026-08-24T06:00:00Z".parse().unwrap();
    let press = Press::new(
        &newsletter,
        &edition.slug,
        &pages,
        &RunKey([7; 16]),
        date,
        Copy::Edition,
    );
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
        link_query: Some("utm_source=newsletter&utm_medium=email".into()),
        public: None,
        bounces: None,
    }
}

fn edition() -> Edition {
    let placed = |number: usize| Placed {
        story: story(number),
        pin: false,
        why: None,
    };
    Edition {
        slug: "2026-08-24".parse().unwrap(),
        subject: None,
        opening: None,
        drop: Vec::new(),
        note: None,
        top: (0..6).map(placed).collect(),
        most_read: (0..5).map(placed).collect(),
        latest: (6..15).map(placed).collect(),
        notices: Vec::new(),
        hold: false,
        further: 0,
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
        published: Some("2026-08-24T05:10:00Z".parse().unwrap()),
        picture: (number < 6).then(|| Picture {
            url: link("pictures", ".jpg"),
            alt: Line::non_empty("The ferry leaves the quay at dawn"),
            credit: Line::non_empty("Rui Falk / The Harbour Times"),
            width: Some(1_200),
            height: Some(800),
        }),
        related: Vec::new(),
    }
}
