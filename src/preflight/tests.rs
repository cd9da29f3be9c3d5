//! Every finding, in the words a person meets.

use super::*;
use crate::model::edition::{Placed, Slug};
use crate::model::finding::Gravity;
use crate::model::line::Line;
use crate::model::link::Link;
use crate::model::newsletter::{Language, Unsubscribe};
use crate::model::pages::{Slot, Slotted};
use crate::model::picture::{Format, Found, Look, PictureCopy, Seen};
use crate::model::story::{Picture, Story};
use crate::model::zone::Zone;

fn link(text: &str) -> Link {
    Link::parse(text).unwrap()
}

fn newsletter() -> Newsletter {
    Newsletter {
        id: "harbour".into(),
        name: Line::clean("Harbour"),
        from: crate::model::address::Mailbox::parse("The Harbour <digest@harbour.example>")
            .unwrap(),
        reply_to: None,
        site: link("https://harbour.example/"),
        address: Line::clean("1 Quay Street"),
        unsubscribe: Unsubscribe::parse("mailto:leave@harbour.example").ok(),
        language: Language::english(),
        zone: Zone::utc(),
        link_query: None,
        public: None,
        bounces: None,
        is_complaint_address_told: false,
        headers: Vec::new(),
    }
}

fn placed(name: &str, headline: &str, days: i64, picture: Option<&str>) -> Placed {
    Placed {
        story: Story {
            published: Some(now() - chrono::TimeDelta::days(days)),
            picture: picture.map(|url| Picture {
                alt: (!url.ends_with("mute.jpg")).then(|| Line::clean("A ferry")),
                ..Picture::at(link(url))
            }),
            ..Story::new(
                Line::clean(headline),
                link(&format!("https://harbour.example/{name}")),
            )
        },
        pin: false,
        why: None,
    }
}

fn now() -> DateTime<Utc> {
    "2026-08-24T05:45:00Z".parse().unwrap()
}

fn edition(top: Vec<Placed>, latest: Vec<Placed>) -> Edition {
    Edition {
        top,
        latest,
        ..Edition::new("2026-08-24".parse::<Slug>().unwrap())
    }
}

fn pages(subject: &str, html: &str) -> Pages {
    let leave = Slot::Unsubscribe.marker();
    Pages {
        subject: Line::clean(subject),
        opening: Line::clean("Good morning."),
        html: Slotted::cut(&format!("{html}<a href=\"{leave}\">Leave</a>")),
        text: Slotted::cut(&format!("Ferry\n1 Quay Street\n{leave}\n")),
    }
}

fn told(edition: &Edition, pages: &Pages, letter: usize) -> String {
    told_of(&Inspection {
        edition,
        pages,
        letter,
        newsletter: &newsletter(),
        wants: &[List::Top],
        sections: &[],
        now: now(),
    })
}

fn told_of(proof: &Inspection<'_>) -> String {
    let lines: Vec<String> = inspect(proof)
        .iter()
        .map(|finding| {
            // What the project says about it; the names with errors are those that `--despite` takes.
            let (_, row) = include_str!("../../docs/findings.md")
                .split_once(&format!("\n| `{}` |", finding.name))
                .unwrap_or_else(|| panic!("docs/findings.md has no `{}`", finding.name));
            let (row, _) = row.split_once('\n').unwrap();
            assert_eq!(row.contains("**error**"), GRAVE.contains(&finding.name));
            let gravity = match finding.gravity {
                Gravity::Error => "!",
                Gravity::Warning => "-",
            };
            format!(
                "{gravity} {}: {} {}; {}; {}",
                finding.name, finding.place, finding.what, finding.why, finding.hint
            )
        })
        .collect();
    lines.join("\n")
}

#[test]
fn a_sound_edition_has_no_finding() {
    let edition = edition(
        vec![placed(
            "ferry",
            "Ferry fares rise",
            0,
            Some("https://harbour.example/f.jpg"),
        )],
        vec![placed("fish", "Fish market moves", 1, None)],
    );
    assert_eq!(
        told(&edition, &pages("Ferry fares rise", "<p>"), 28_000),
        ""
    );
}

#[test]
fn the_letter() {
    let sound = edition(
        vec![placed("ferry", "Ferry fares rise", 0, None)],
        Vec::new(),
    );
    let style = format!(
        "<style>{}a{{color:#fff!important}}</style>",
        "a{color:#123}".repeat(700)
    );
    let mut bare = pages("Ferry", &style);
    insta::assert_snapshot!(told(&sound, &bare, 90_000), @"
    - size: the letter is 90 kB; Gmail clips from about 100 kB on; a little more, and readers miss the end; cut stories from the end, or shorten deks
    - style-size: the letter has 9123 bytes of style, expected at most 8192; Gmail drops a large style element whole: no dark colors, no narrow layout; shorten the template's style.css
    - important: the letter has 1 `!important` without a space before it; Outlook drops the whole declaration; write ` !important` in the template's style.css
    ");
    bare.text = Slotted::cut("Ferry\n");
    insta::assert_snapshot!(told(&sound, &Pages { html: Slotted::cut("<p>"), ..bare }, 130_000), @"
    ! size: the letter is 130 kB, expected at most 100 kB; Gmail clips it, and with the end goes the way to leave; cut stories from the end, or shorten deks
    ! unsubscribe: the letter has no link to leave; Gmail, Yahoo and Microsoft refuse bulk mail without one, and the law does in most countries; put the block `footer` back into the template
    ! postal-address: the letter does not print the newsroom's postal address; most countries demand one in every newsletter; put the block `footer` back into the template
    ");
}

#[test]
fn the_words() {
    let long = "word ".repeat(30);
    let edition = edition(vec![placed("ferry", &long, 0, None)], Vec::new());
    for (subject, names) in [
        ("Ferry fares, the fish market and a very fat seal", ""),
        (long.as_str(), "long-subject"),
        ("FERRY FARES RISE", "shouting"),
        ("Паром дорожает! Снова!", "shouting"),
        ("ПАРОМ СНОВА ДОРОЖАЕТ", "shouting"),
        ("NATO and EU meet", ""),
        ("渡し船の運賃が月曜日に上がる", ""),
        ("Re: your ferry", "false-answer"),
        ("Rehearsal at the quay", ""),
        ("🚢🐟 Ferry, fish", "emoji"),
        ("🚢", "emoji"),
        ("A seal 🦭 on the slipway", ""),
        ("Fares from £3 to £4", "currency"),
        ("Fares rise to £4", ""),
    ] {
        let found = told(&edition, &pages(subject, "<p>"), 1);
        let found: Vec<&str> = found
            .lines()
            .filter_map(|line| {
                line.strip_prefix("- ")?
                    .split_once(": the subject")
                    .map(|(name, _)| name)
            })
            .collect();
        assert_eq!(found.join(" "), names, "{subject}");
    }
    insta::assert_snapshot!(told(&edition, &pages("🚢 RE: £5, £6! NOW! 🐟", "<p>"), 1), @"
    - shouting: the subject is in capitals, or has several exclamation marks; it looks like spam, to readers and to filters; write it as a sentence
    - emoji: the subject has 2 emoji; screen readers read each one's name aloud, and filters count them; keep one at most, and never instead of words
    - currency: the subject has several currency signs; filters take it for an offer; write the sum once, or in words
    - long-headline: top: word word word word word word word word word word word… the headline has 149 characters, expected at most 120; on a phone it fills the screen; shorten it in the edition file
    ");
}

#[test]
fn the_stories() {
    let odd = edition(
        vec![placed(
            "ferry",
            "Ferry fares rise",
            9,
            Some("https://harbour.example/f.webp"),
        )],
        vec![
            placed("other", "ferry fares rise", 0, None),
            placed("ferry", "Ferry fares rise", 0, None),
        ],
    );
    insta::assert_snapshot!(told(&odd, &pages("Ferry", "<p>"), 1), @"
    - picture-kind: top: Ferry fares rise the picture is WebP and was left out; Outlook for Windows does not show WebP and AVIF, Gmail no SVG; give the JPEG or PNG of it in `picture.url`
    - old-story: top: Ferry fares rise was published 9 days ago; readers take it for news; drop it, or say in its headline that it is a look back
    - same-headline: latest: ferry fares rise another story has the same headline; the same words lead to two places: who hears the links cannot tell them apart; change one of the headlines in the edition file
    ");
    let mute = "https://harbour.example/mute.jpg";
    let mute = edition(vec![placed("ferry", "Ferry", 0, Some(mute))], Vec::new());
    // A picture that the template does not show needs no words.
    assert_eq!(told(&mute, &pages("Ferry", "<p>"), 1), "");
    let shown = pages("Ferry", "<img src=\"https://harbour.example/mute.jpg\">");
    insta::assert_snapshot!(told(&mute, &shown, 1), @"- alt: top: Ferry the picture has no `alt`; where pictures are blocked, and for readers who listen, nothing is in its place; say in `picture.alt` what it shows");
    let only_latest = edition(Vec::new(), vec![placed("other", "Ferry", 0, None)]);
    insta::assert_snapshot!(told(&only_latest, &pages("Ferry", "<p>"), 1), @"- no-lede: top holds no story; the letter begins with a list; move the best story to `[[top]]` in the edition file");
}

#[test]
fn what_is_not_there() {
    let mut edition = edition(
        vec![placed("ferry", "Ferry fares rise", 0, None)],
        Vec::new(),
    );
    edition.further = 6;
    let proof = Inspection {
        edition: &edition,
        pages: &pages("Ferry", "<p>"),
        letter: 1,
        newsletter: &newsletter(),
        wants: &List::ALL,
        sections: &[],
        now: now(),
    };
    insta::assert_snapshot!(told_of(&proof), @"
    - left-out: the letter leaves out 6 stories, and says so at its end; with them it would have been longer than Gmail shows; choose fewer stories in `[selection]`, or remove `further` from the edition file
    - no-most-read: most read holds no story, and is left out; nothing was known of the readers when it was drafted, or too little; `newsdigest check --online` says how each source of readership is doing
    - no-latest: latest holds no story, and is left out; all that is new is above, or nothing is: readers miss a part they know; fewer `top` in `[selection]` leave it some stories, `latest = 0` ends it
    ");
}

#[test]
fn readers_for_whom_nothing_is_left() {
    let mut ferry = placed("ferry", "Ferry fares rise", 0, None);
    ferry.story.section = Line::non_empty("News");
    let edition = edition(vec![ferry], Vec::new());
    let set = |names: &[&str]| names.iter().copied().map(Line::clean).collect::<Vec<_>>();
    let mut sections = vec![set(&["news"]), set(&["Sport", "Weather"]), set(&[])];
    let told = |sections: &[Vec<Line>]| {
        told_of(&Inspection {
            edition: &edition,
            pages: &pages("Ferry", "<p>"),
            letter: 1,
            newsletter: &newsletter(),
            wants: &[],
            sections,
            now: now(),
        })
    };
    insta::assert_snapshot!(told(&sections), @"- empty-section: subscribers of `Sport`, `Weather` get no letter: the edition holds no story of theirs; they asked for one; if the name is misspelt, they never get any; compare `sections` in the subscribers file with the stories' sections");
    sections.extend((0..64).map(|number| set(&[&number.to_string()])));
    assert_eq!(told(&sections).lines().count(), 5);
}

#[test]
fn pictures_as_they_were_found() {
    let url = |name: &str| format!("https://harbour.example/{name}");
    let seen = |name: &str, octets, copies: &[(&str, u64)]| Look {
        of: link(&url(name)),
        found: Found::Picture(Seen {
            format: if name.ends_with("webp") {
                Format::WebP
            } else {
                Format::Jpeg
            },
            width: 900,
            height: 600,
            octets: Some(octets),
            copies: copies
                .iter()
                .map(|(name, octets)| PictureCopy {
                    url: link(&url(name)),
                    width: 900,
                    height: 600,
                    octets: *octets,
                })
                .collect(),
        }),
    };
    let nothing = |name: &str, story: &str| Look {
        of: link(&url(name)),
        found: Found::Nothing {
            story: link(&url(story)),
            why: Line::clean("answered 404"),
        },
    };
    let told_with = |picture: &str, looks: Vec<Look>, shown: &str| {
        let mut edition = edition(
            vec![placed("ferry", "Ferry", 0, Some(&url(picture)))],
            Vec::new(),
        );
        edition.looks = looks;
        let html = format!("<img src=\"{}\">", url(shown));
        told(&edition, &pages("Ferry", &html), 1)
    };
    insta::assert_snapshot!(told_with("a.jpg", vec![seen("a.jpg", 3_400_000, &[])], "a.jpg"), @"- heavy-picture: top: Ferry the picture has 3400 kB; readers wait for it, and pay for it where their data is metered; `[pictures] fit = true` sends copies in the size that is shown; or give a smaller one in `picture.url`");
    // Its copy is what readers load.
    assert_eq!(
        told_with(
            "a.jpg",
            vec![seen("a.jpg", 3_400_000, &[("c.jpg", 90_000)])],
            "c.jpg"
        ),
        ""
    );
    assert_eq!(
        told_with(
            "a.webp",
            vec![seen("a.webp", 9, &[("c.jpg", 90_000)])],
            "c.jpg"
        ),
        ""
    );
    insta::assert_snapshot!(told_with("named.jpg", vec![Look { of: link(&url("named.jpg")), ..seen("a.webp", 9, &[]) }], "none"), @"- picture-kind: top: Ferry the picture is WebP and was left out; Outlook for Windows does not show WebP and AVIF, Gmail no SVG; give the JPEG or PNG of it in `picture.url`");
    insta::assert_snapshot!(told_with("a.jpg", vec![nothing("a.jpg", "ferry")], "none"), @"- dead-picture: top: Ferry `https://harbour.example/a.jpg` answered 404: it was left out; readers would see a gap in its place; give another in `picture.url`; `newsdigest draft --force` asks again");
    insta::assert_snapshot!(told_with("b.jpg", vec![nothing("a.jpg", "ferry"), nothing("x.jpg", "other")], "b.jpg"), @"- dead-picture: top: Ferry `https://harbour.example/a.jpg` answered 404: another one of the story is shown; readers would see a gap in its place; give another in `picture.url`; `newsdigest draft --force` asks again");
}
