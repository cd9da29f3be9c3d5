use super::*;
use crate::model::rhythm::Frequency;
use crate::newsroom::subscribers::read;

fn said(problems: &[Problem]) -> String {
    let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
    all.join("\n\n")
}

fn addresses(text: &str) -> Vec<String> {
    let reading = read("s.toml", text);
    assert_eq!(said(&reading.problems), "");
    reading
        .subscribers
        .iter()
        .map(|one| one.address.reveal().to_owned())
        .collect()
}

#[test]
fn every_key() {
    let text = "\u{feff}# ours\r\n[[subscriber]]\r\nemail = \"Ada@Example.org\"\r\nname = \"Ada\"\r\nsections = [\r\n  \"News\", # and\r\n  \"City\",\r\n]\r\nsince = 2026-08-01\r\nconsent = \"sign-up form\"\r\npaused = 2026-09-01\r\nfrequency = \"weekly\"\r\nalerts = true\r\ntime_zone = \"America/New_York\"\r\n[[ subscriber ]] # him\r\nemail = 'info@b\u{fc}cher.example'\r\npaused = true";
    let reading = read("s.toml", text);
    assert_eq!(said(&reading.problems), "");
    let day = |text: &str| text.parse().unwrap();
    assert_eq!(
        reading.subscribers,
        [
            Subscriber {
                newsletters: None,
                address: Address::parse("Ada@example.org").unwrap(),
                name: Line::non_empty("Ada"),
                sections: vec![Line::clean("News"), Line::clean("City")],
                since: Some(day("2026-08-01")),
                consent: Line::non_empty("sign-up form"),
                paused: Paused::Until(day("2026-09-01")),
                rhythm: Rhythm {
                    frequency: Frequency::Weekly,
                    alerts: true,
                    time_zone: Some("America/New_York".parse().unwrap()),
                },
            },
            Subscriber {
                paused: Paused::Yes,
                ..Subscriber::new(Address::parse("info@xn--bcher-kva.example").unwrap())
            },
        ]
    );
}

#[test]
fn a_problem_costs_its_own_subscriber() {
    let text = "owner = 1\n\n[[subscriber]]\nemial = \"a@example.org\"\nname = 5\n\n[[subscriber]]\nemail = \"b.example.org\"\nsections = \"News\"\nsince = 2026-02-30\n\n[[subscriber]]\nemail = \"c@example.org\"\n\n[[subscriber]]\nemail = \"d@example.org\n\n[[subscriber]]\nemail = \"e@example.org\"\npaused = \"soon\"\n";
    let reading = read("subscribers.toml", text);
    assert_eq!(reading.subscribers.len(), 1);
    assert_eq!(reading.subscribers[0].address.local(), "c");
    insta::assert_snapshot!(said(&reading.problems), @r#"
    unknown key `owner`
      ──▶ subscribers.toml:1:1
      │
    1 │ owner = 1
      │ ^^^^^

    a subscriber must have an `email`
      ──▶ subscribers.toml:3:1
      │
    3 │ [[subscriber]]
      │ ^^^^^^^^^^^^^^

    unknown key `emial`
      ──▶ subscribers.toml:4:1
      │
    4 │ emial = "a@example.org"
      │ ^^^^^
    hint: did you mean `email`?

    `name` must be a string, but found integer
      ──▶ subscribers.toml:5:8
      │
    5 │ name = 5
      │        ^

    `b.example.org` is not an email address: expected `name@domain`, but found no `@`
      ──▶ subscribers.toml:8:9
      │
    8 │ email = "b.example.org"
      │         ^^^^^^^^^^^^^^^

    `sections` must be a list of strings, but found string
      ──▶ subscribers.toml:9:12
      │
    9 │ sections = "News"
      │            ^^^^^^

    invalid date, expected day between 01 and 28
       ──▶ subscribers.toml:10:9
       │
    10 │ since = 2026-02-30
       │         ^^^^^^^^^^

    the text has no closing quote
       ──▶ subscribers.toml:16:23
       │
    16 │ email = "d@example.org
       │                       ^

    `paused` must be true, false or a day such as 2026-08-24, but found string
       ──▶ subscribers.toml:20:10
       │
    20 │ paused = "soon"
       │          ^^^^^^
    "#);
}

#[test]
fn a_header_in_a_string_is_no_header() {
    let trap = "[[subscriber]]\nemail = \"a@example.org\"\nconsent = \"\"\"\n[[subscriber]]\nemail = \"no@example.org\"\n\"\"\"\n[[subscriber]]\nemail = \"b@example.org\"\nname = '''\n[[subscriber]]\n\n[[subscriber]]\n'''\n[[subscriber]]\nemail = \"c@example.org\"\n";
    assert_eq!(
        addresses(trap),
        ["a@example.org", "b@example.org", "c@example.org"]
    );
    // What never closes is a problem of its own subscriber, on its own lines; the rest is read.
    let open = "[[subscriber]]\nemail = \"a@example.org\"\nsections = [\"News\"\n\n[[subscriber]]\nemail = \"b@example.org\"\n";
    insta::assert_snapshot!(said(&read("s.toml", open).problems), @r#"
    unclosed array, expected `]`
      ──▶ s.toml:3:19
      │
    3 │ sections = ["News"
      │                   ^
    "#);
    let open = "[[subscriber]]\nemail = \"a@example.org\"\nname = \"\"\"\n[[subscriber]]\nemail = \"b@example.org\"\n";
    let reading = read("s.toml", open);
    assert_eq!(reading.subscribers.len(), 1);
    insta::assert_snapshot!(said(&reading.problems), @r#"
    this string is not closed
      ──▶ s.toml:3:8
      │
    3 │ name = """
      │        ^^^
    "#);
}

#[test]
fn only_under_headers() {
    let text = "subscriber = [{ email = \"a@example.org\" }]\n";
    insta::assert_snapshot!(said(&read("s.toml", text).problems), @r#"
    `subscriber` must not be a list in brackets or a single table
      ──▶ s.toml:1:1
      │
    1 │ subscriber = [{ email = "a@example.org" }]
      │ ^
    hint: write each subscriber under a line `[[subscriber]]` of their own
    "#);
    let text = "[[subscriber]]\nemail = \"a@example.org\"\n[[\"subscriber\"]]\nemail = \"b@example.org\"\n[other]\nx = 1\n";
    insta::assert_snapshot!(said(&read("s.toml", text).problems), @r#"
    write `[[subscriber]]` without quotes
      ──▶ s.toml:3:1
      │
    3 │ [["subscriber"]]
      │ ^^^^^^^^^^^^^^^^

    unknown key `other`
      ──▶ s.toml:5:2
      │
    5 │ [other]
      │  ^^^^^
    hint: known keys here: `subscriber`
    "#);
    assert_eq!(addresses("# nobody yet\n"), [""; 0]);
    assert_eq!(addresses(""), [""; 0]);
}

#[test]
fn a_hundred_thousand() {
    use std::fmt::Write as _;
    let mut text = String::from("# the whole town\n");
    for n in 0..100_000 {
        _ = write!(
            text,
            "\n[[subscriber]]\nemail = \"reader{n}@example.org\"\nname = \"Reader {n}\"\nsections = [\"News\", \"City\"]\nsince = 2026-08-01\nconsent = \"sign-up form\"\n"
        );
    }
    let reading = read("s.toml", &text);
    assert_eq!(
        (reading.subscribers.len(), reading.problems.len()),
        (100_000, 0)
    );
    let last = &reading.subscribers[99_999];
    assert_eq!(last.address.reveal(), "reader99999@example.org");
    let of = |index: usize| reading.subscribers[index].sections[0].as_str().as_ptr();
    assert_eq!(of(0), of(99_999), "one allocation for `News`");
}
