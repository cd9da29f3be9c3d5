//! Edition files, read and written back; one file, since all of it goes by one edition.

use super::*;
use crate::model::edition::{After, Notice, NoticePicture};
use crate::model::picture::{Format, Found, Look, PictureCopy, Seen};
use crate::model::story::Picture;
use crate::model::zone::Zone;

fn link(text: &str) -> Link {
    Link::parse(text).unwrap()
}

fn sample() -> Edition {
    let story = Story {
        headline: Line::clean(r#"Ferry "fares" \ rise"#),
        url: link("https://harbour.example/ferry"),
        dek: Some(Line::clean("On Monday.")),
        kicker: None,
        section: Some(Line::clean("News")),
        byline: Some(Line::clean("Ines Duarte")),
        precision: crate::model::story::Precision::Time,
        published: Some("2026-08-24T04:10:00Z".parse().unwrap()),
        picture: Some(Picture {
            alt: Some(Line::clean("A ferry")),
            width: Some(1200),
            height: Some(800),
            ..Picture::at(link("https://harbour.example/ferry.jpg"))
        }),
        related: vec![Related {
            headline: Line::clean("Old fares"),
            url: link("https://harbour.example/old"),
        }],
        paragraphs: vec![
            Line::clean("The company says \"diesel\"."),
            Line::clean(r"The council \ says nothing."),
        ],
    };
    let second = Story {
        headline: Line::clean("日本の船"),
        url: link("https://harbour.example/jp"),
        dek: None,
        section: None,
        byline: None,
        precision: crate::model::story::Precision::Time,
        published: None,
        picture: None,
        related: vec![],
        paragraphs: vec![],
        ..story.clone()
    };
    let placed = |story: &Story, why: &str| Placed {
        story: story.clone(),
        pin: why.is_empty(),
        why: Line::non_empty(why),
    };
    Edition {
        slug: "2026-08-24".parse().unwrap(),
        newsletter: None,
        subject: Some(Line::clean("Ferry fares")),
        opening: None,
        machine_written: vec![Line::clean("opening aaaaaaaa")],
        drop: vec![
            link("https://harbour.example/a"),
            link("https://harbour.example/b"),
        ],
        note: Some("Hello \"you\"\n\n*Bye* \\o/".into()),
        top: vec![placed(&story, "rank 1 of 42"), placed(&second, "")],
        most_read: vec![placed(&story, "1,204 views")],
        latest: vec![],
        looks: Vec::new(),
        notices: vec![Notice {
            label: Line::clean("Advertisement"),
            sponsor: Some(Line::clean("Ellery \"Boats\"")),
            picture: Some(NoticePicture {
                light: story.picture.clone().unwrap(),
                dark: Some(link("https://boats.example/dark.jpg?a=\\")),
            }),
            headline: Some(Line::clean("Boats")),
            text: "Oars,\n\n*half* \\o/ \"price\"".into(),
            url: Some(link("https://boats.example/")),
            after: After::MostRead,
        }],
        lines: vec![
            DayLine {
                label: Some(Line::clean("Weather")),
                text: Line::clean("14°, \"rain\""),
                url: Some(link("https://harbour.example/weather")),
            },
            DayLine {
                label: None,
                text: Line::clean("[[top]]"),
                url: None,
            },
        ],
        sign_off: Some(SignOff {
            name: Line::clean("Marta Ilves"),
            role: Some(Line::clean("morning editor")),
            text: Some("*Bye*\n\n[[top]]\n# why: not".into()),
            picture: story.picture.clone(),
        }),
        question: Some(Question {
            text: Line::clean("Was this worth it?"),
            answers: [Line::clean("\"Yes\""), Line::clean("No")],
        }),
        hold: true,
        further: 6,
    }
}

#[test]
fn written_for_people_and_read_back_the_same() {
    let edition = sample();
    let text = edition.to_toml(
        "2026-08-24T05:45:00Z".parse().unwrap(),
        &Zone::bundled("Europe/Lisbon").unwrap(),
    );
    insta::assert_snapshot!(text, @r#"
    # drafted 2026-08-24 06:45 +01:00; edit freely, then preview
    # drafted again with --force, your words stay, and a story with `pin = true` keeps its place

    hold = true
    subject = "Ferry fares"
    # opening = ""   # composed from the stories
    machine_written = ["opening aaaaaaaa"]   # change the words, or take this line away, and they are yours
    drop = [
        "https://harbour.example/a",
        "https://harbour.example/b",
    ]
    note = """
    Hello \"you\"

    *Bye* \\o/"""
    further = 6   # so many stories did not fit: the end of the letter says so

    [[line]]
    label = "Weather"
    text = "14°, \"rain\""
    url = "https://harbour.example/weather"

    [[line]]
    text = "[[top]]"

    [[top]]   # the lede
    # why: rank 1 of 42
    headline = "Ferry \"fares\" \\ rise"
    dek = "On Monday."
    url = "https://harbour.example/ferry"
    section = "News"
    byline = "Ines Duarte"
    published = 2026-08-24T05:10:00+01:00
    picture = { url = "https://harbour.example/ferry.jpg", alt = "A ferry", width = 1200, height = 800 }
    related = [
        { headline = "Old fares", url = "https://harbour.example/old" },
    ]
    paragraphs = [
        "The company says \"diesel\".",
        "The council \\ says nothing.",
    ]

    [[top]]
    headline = "日本の船"
    pin = true
    url = "https://harbour.example/jp"

    [[most_read]]
    # why: 1,204 views
    headline = "Ferry \"fares\" \\ rise"
    dek = "On Monday."
    url = "https://harbour.example/ferry"
    section = "News"
    byline = "Ines Duarte"
    published = 2026-08-24T05:10:00+01:00
    picture = { url = "https://harbour.example/ferry.jpg", alt = "A ferry", width = 1200, height = 800 }
    related = [
        { headline = "Old fares", url = "https://harbour.example/old" },
    ]
    paragraphs = [
        "The company says \"diesel\".",
        "The council \\ says nothing.",
    ]

    [[notice]]
    label = "Advertisement"
    sponsor = "Ellery \"Boats\""
    headline = "Boats"
    text = """
    Oars,

    *half* \\o/ \"price\""""
    url = "https://boats.example/"
    picture = { url = "https://harbour.example/ferry.jpg", alt = "A ferry", width = 1200, height = 800, dark = "https://boats.example/dark.jpg?a=\\" }
    after = "most_read"

    [sign_off]
    name = "Marta Ilves"
    role = "morning editor"
    text = """
    *Bye*

    [[top]]
    # why: not"""
    picture = { url = "https://harbour.example/ferry.jpg", alt = "A ferry", width = 1200, height = 800 }

    [question]
    text = "Was this worth it?"
    answers = ["\"Yes\"", "No"]
    "#);
    assert_eq!(
        Edition::from_toml(edition.slug.clone(), "e.toml", &text).unwrap(),
        edition
    );
}

#[test]
fn every_problem_at_once() {
    let text = "subject = 5\nteaser = \"x\"\n[[top]]\nheadline = \"A\"\nurl = \"javascript:alert(1)\"\n[[top]]\nurl = \"https://a.example/\"\n[[latest]]\nheadline = \"B\"\nurl = \"https://a.example/b\"\n[[latest]]\nheadline = \"B\"\nurl = \"https://a.example/b/\"\npublished = \"yesterday\"\n";
    let problems = Edition::from_toml(
        "2026-08-24".parse().unwrap(),
        "editions/2026-08-24.toml",
        text,
    )
    .unwrap_err();
    insta::assert_snapshot!(shown(&problems));
}

#[test]
fn pin_and_drop_are_read_with_care() {
    let text = "drop = [\"a.example\", \"https://a.example/\", 5]\n[[top]]\npin = \"yes\"\nheadline = \"A\"\nurl = \"https://a.example/a\"\n[[top]]\npin = true\nheadline = \"B\"\nurl = \"http://www.a.example\"\n[[latest]]\nheadline = \"C\"\nurl = \"https://a.example/\"\n";
    let slug = "2026-08-24".parse().unwrap();
    let problems = Edition::from_toml(slug, "e.toml", text).unwrap_err();
    insta::assert_snapshot!(shown(&problems), @r#"
    `a.example` is not a web address: expected `https://..`
      ──▶ e.toml:1:9
      │
    1 │ drop = ["a.example", "https://a.example/", 5]
      │         ^^^^^^^^^^^

    `drop` must be a list of strings, but found integer in it
      ──▶ e.toml:1:44
      │
    1 │ drop = ["a.example", "https://a.example/", 5]
      │                                            ^

    `pin` must be true or false, but found string
      ──▶ e.toml:3:7
      │
    3 │ pin = "yes"
      │       ^^^^^

    `http://www.a.example/` is pinned here, and is in `drop`
      ──▶ e.toml:9:7
      │
    9 │ url = "http://www.a.example"
      │       ^^^^^^^^^^^^^^^^^^^^^^
    "#);
}

#[test]
fn a_story_file_knows_no_pin() {
    let problems = Problems::default();
    let text = "headline = \"A\"\nurl = \"https://a.example/\"\npin = true\n";
    let table = TomlTable::parse(Written::new("s.toml", text), text, &problems);
    read_story(table, &problems);
    assert_eq!(problems.into_vec()[0].what, "unknown key `pin`");
}

fn shown(problems: &[Problem]) -> String {
    let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
    all.join("\n\n")
}

#[test]
fn sections_filter_and_recompose() {
    let edition = sample();
    let news = edition.for_sections(&[Line::clean("news")]).unwrap();
    assert_eq!(
        (news.top.len(), news.most_read.len(), news.subject.is_some()),
        (1, 1, true)
    );
    assert_eq!(edition.for_sections(&[Line::clean("Sport")]), None);
    assert_eq!(edition.for_sections(&[]), Some(edition.clone()));
    let mut other = edition;
    other.top[0].story.section = Some(Line::clean("City"));
    other.most_read[0].story.url = Link::parse("https://harbour.example/other").unwrap();
    assert_eq!(
        other.for_sections(&[Line::clean("News")]).unwrap().subject,
        None
    );
}

#[test]
fn a_notice_says_what_it_is() {
    let text = "further = -1\n[[notice]]\ntext = \"Boats\"\n[[notice]]\nlabel = \" \"\n[[notice]]\nlabel = \"Ad\"\ntext = \"\"\n[[notice]]\nlabel = \"Ad\"\ntext = \"x\"\nurl = \"boats\"\nafter = \"footer\"\nadvertiser = 1\n[[notice]]\nlabel = \"Ad\"\ntext = \"x\"\n[[notice]]\nlabel = \"Ad\"\ntext = \"x\"\n";
    let problems = Edition::from_toml("2026-08-24".parse().unwrap(), "e.toml", text).unwrap_err();
    insta::assert_snapshot!(shown(&problems), @r#"
    `further` must be from 0 to 10000, but found -1
      ──▶ e.toml:1:11
      │
    1 │ further = -1
      │           ^^

    a notice must have a `label`, so that nobody takes it for a story
      ──▶ e.toml:2:1
      │
    2 │ [[notice]]
      │ ^^^^^^^^^^
    hint: `label = "Advertisement"`

    a notice must have a `label`, so that nobody takes it for a story
      ──▶ e.toml:4:1
      │
    4 │ [[notice]]
      │ ^^^^^^^^^^
    hint: `label = "Advertisement"`

    a notice must have a `text`
      ──▶ e.toml:4:1
      │
    4 │ [[notice]]
      │ ^^^^^^^^^^

    a notice must have a `text`
      ──▶ e.toml:6:1
      │
    6 │ [[notice]]
      │ ^^^^^^^^^^

    `boats` is not a web address: expected `https://..`
       ──▶ e.toml:12:7
       │
    12 │ url = "boats"
       │       ^^^^^^^

    `footer` is no place for a notice: expected `opening`, `note`, `lede`, `top`, `most_read`, `latest`
       ──▶ e.toml:13:9
       │
    13 │ after = "footer"
       │         ^^^^^^^^

    unknown key `advertiser`
       ──▶ e.toml:14:1
       │
    14 │ advertiser = 1
       │ ^^^^^^^^^^
    hint: known keys here: `label`, `sponsor`, `headline`, `text`, `picture`, `url`, `after`

    an edition has at most 5 notices
       ──▶ e.toml:18:1
       │
    18 │ [[notice]]
       │ ^^^^^^^^^^
    "#);
}

#[test]
fn a_notice_stays_whatever_sections_a_reader_wants() {
    let news = sample().for_sections(&[Line::clean("News")]).unwrap();
    assert_eq!((news.notices, news.further), (sample().notices, 0));
}

#[test]
fn what_pictures_were_is_read_back_the_same() {
    let copy = |name: &str, width, height| PictureCopy {
        url: link(&format!("https://news.example/pictures/{name}.jpg")),
        width,
        height,
        octets: 9_000,
    };
    let mut edition = sample();
    edition.looks = vec![
        Look {
            of: link("https://harbour.example/ferry.jpg"),
            found: Found::Picture(Seen {
                format: Format::Jpeg,
                width: 4_000,
                height: 3_000,
                octets: Some(3_400_000),
                copies: vec![
                    copy("a", 1_200, 800),
                    copy("b", 576, 384),
                    copy("c", 304, 202),
                ],
            }),
        },
        Look {
            of: link("https://harbour.example/gone.jpg"),
            found: Found::Nothing {
                story: link("https://harbour.example/ferry"),
                why: Line::clean("answered 404"),
            },
        },
    ];
    let text = edition.to_toml("2026-08-24T05:45:00Z".parse().unwrap(), &Zone::utc());
    let at = text.find("# What the pictures").unwrap();
    insta::assert_snapshot!(&text[at..], @r#"
    # What the pictures above were when this was drafted. A picture that is not named here is shown as it is.

    [[picture]]
    of = "https://harbour.example/ferry.jpg"
    format = "JPEG"
    width = 4000
    height = 3000
    bytes = 3400000
    copies = [
        { url = "https://news.example/pictures/a.jpg", width = 1200, height = 800, bytes = 9000 },
        { url = "https://news.example/pictures/b.jpg", width = 576, height = 384, bytes = 9000 },
        { url = "https://news.example/pictures/c.jpg", width = 304, height = 202, bytes = 9000 },
    ]

    [[picture]]
    of = "https://harbour.example/gone.jpg"
    story = "https://harbour.example/ferry"
    nothing = "answered 404"
    "#);
    let read = Edition::from_toml(edition.slug.clone(), "e.toml", &text).unwrap();
    assert_eq!(read.looks, edition.looks);
    // The smallest copy that is sharp, else the largest; what nobody sees is not shown.
    let shown = |name: &str, width| {
        let picture = Picture::at(link(&format!("https://harbour.example/{name}.jpg")));
        let shown = edition.as_shown(&picture, width)?;
        Some(format!("{} {:?}", shown.url, shown.width))
    };
    let of = |name: &str, width: u32| {
        Some(format!(
            "https://news.example/pictures/{name}.jpg Some({width})"
        ))
    };
    assert_eq!(shown("ferry", 600), of("a", 1_200));
    assert_eq!(shown("ferry", 289), of("a", 1_200));
    assert_eq!(shown("ferry", 288), of("b", 576));
    assert_eq!(shown("ferry", 152), of("c", 304));
    assert_eq!(shown("ferry", 900), of("a", 1_200));
    assert_eq!(shown("gone", 600), None);
    // Another address is another picture: nobody has looked at it.
    assert_eq!(
        shown("other", 600).as_deref(),
        Some("https://harbour.example/other.jpg None")
    );
}

#[test]
fn words_about_what_pictures_were() {
    let said = |text: &str| {
        let read = Edition::from_toml(sample().slug, "e.toml", text);
        let problems = read.err().unwrap_or_default();
        let lines: Vec<String> = problems.into_iter().map(|problem| problem.what).collect();
        lines.join("\n")
    };
    assert_eq!(
        said("[[picture]]\nof = \"https://h.example/a.jpg\"\n"),
        "a `[[picture]]` must say `of` which it is, and its `format`, `width` and `height`"
    );
    let all = said(
        "[[picture]]\nof = \"https://h.example/a\"\nformat = \"TIFF\"\nwidth = 0\nheight = 20001\ncopies = [{ url = \"https://h.example/a\" }]\n",
    );
    for what in ["`PNG`", "`width` must be from 1", "`height` must be from 1"] {
        assert!(all.contains(what), "{what}: {all}");
    }
    let copy = "[[picture]]\nof = \"https://h.example/a\"\nformat = \"PNG\"\nwidth = 9\nheight = 9\ncopies = [{ width = 3 }]\n";
    assert_eq!(said(copy), "a copy must have `url`, `width` and `height`");
}
