//! A showing for tests.

use super::super::showing::{EditionFile, EditionState, Showing, Spot, Variant};
use crate::model::edition::List;
use crate::model::finding::{Finding, Gravity};
use crate::model::line::Line;
use crate::model::link::Link;
use crate::model::story::Miss;
use crate::newsroom::reasons::Reason;

pub(in crate::desk) fn line(text: &str) -> Line {
    Line::clean(text)
}

pub(in crate::desk) fn showing(version: u64) -> Showing {
    Showing {
        version,
        newsletter: line("Harbour in your inbox"),
        from: line("The Harbour Times"),
        slug: "2026-08-24".parse().unwrap(),
        state: EditionState::Draft {
            file: line("editions/2026-08-24.toml"),
            held: false,
        },
        variants: vec![
            variant("Everyone", "Ferry fares & a very fat seal"),
            variant("News, City", "Ferry fares"),
        ],
        source: Some(EditionFile {
            file: line("editions/2026-08-24.toml"),
            text: "subject = \"Ferry fares\"\n# why: first\n".into(),
        }),
        reasons: vec![
            reason(
                "Ferry fares rise <script>alert(1)</script>",
                vec![(List::Top, 1), (List::MostRead, 3)],
            ),
            reason("The fish market", vec![]),
        ],
        misses: vec![Miss {
            source: line("BBC"),
            what: line("timed out after 20 s"),
        }],
        findings: vec![Finding {
            name: "alt",
            gravity: Gravity::Warning,
            place: line("top: Ferry fares"),
            what: line("the picture has no `alt`"),
            why: "nothing is in its place",
            hint: "say in `picture.alt` what it shows",
        }],
        problems: vec![],
        audience: Some(line("12 subscribers")),
        relay: Some(line("handed to `smtp.harbour.example:587`")),
        web: Some("<!doctype html><title>On the web</title>".into()),
        pictures: None,
        before: None,
        results: None,
        edition: None,
        drafted: None,
        edition_version: None,
        versions: vec![],
        send_at: None,
    }
}

pub(in crate::desk) fn variant(name: &str, subject: &str) -> Variant {
    Variant {
        name: line(name),
        readers: Some(3),
        stories: spots(&["Ferry fares rise", "The fish market"]),
        subject: line(subject),
        opening: line("Good morning."),
        html: format!(
            "<!doctype html><head><title>{name}</title></head><p>Fares rise<img src=https://x.example/a.jpg>"
        ),
        text: format!("{name}\n\nFares rise\nhttps://harbour.example/ferry\n"),
        letter: format!("Subject: {name}\r\nList-Id: <harbour>\r\n\r\nbody\r\n").into_bytes(),
    }
}

/// Top stories, each at an address made of its headline.
pub(in crate::desk) fn spots(headlines: &[&str]) -> Vec<Spot> {
    let spot = |(place, headline): (usize, &&str)| Spot {
        list: List::Top,
        place,
        headline: line(headline),
        url: Link::parse(&format!(
            "https://harbour.example/{}",
            headline.replace(' ', "-")
        ))
        .unwrap(),
        why: Some(line("3 views/h; 4 h old")),
    };
    (1..).zip(headlines).map(spot).collect()
}

fn reason(headline: &str, slots: Vec<(List, usize)>) -> Reason {
    Reason {
        headline: line(headline),
        url: Link::parse("https://harbour.example/ferry").unwrap(),
        dek: Some(line("On Monday.")),
        byline: None,
        picture: None,
        section: Some(line("News")),
        published: None,
        sources: vec![],
        views: None,
        parts: [("velocity".into(), 0.9), ("age".into(), -0.058)].into(),
        score: Some(0.842),
        slots: slots.into_iter().collect(),
        event: None,
        why: line("rank 1 of 42: 1,204 views/h, 2 h old"),
    }
}
