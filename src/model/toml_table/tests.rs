use super::*;

fn problems_of(text: &str, read: impl FnOnce(&mut TomlTable<'_>, &Problems)) -> String {
    let problems = Problems::default();
    let mut table = TomlTable::parse(Written::new("x.toml", text), text, &problems);
    read(&mut table, &problems);
    table.finish(&problems);
    problems
        .into_vec()
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n\n")
}

#[test]
fn all_problems_at_once() {
    let text = "nmae = \"x\"\ntop = \"five\"\nflag = 1\nday = 2026-13-40\nwindow = 7\n";
    insta::assert_snapshot!(problems_of(text, |table, problems| {
        table.line("name", problems);
        table.whole("top", 1, 30, problems);
        table.flag("flag", problems);
        table.text("window", problems);
        table.day("day", problems);
    }), @r#"
    unknown key `nmae`
      ──▶ x.toml:1:1
      │
    1 │ nmae = "x"
      │ ^^^^
    hint: did you mean `name`?

    `top` must be a whole number, but found string
      ──▶ x.toml:2:7
      │
    2 │ top = "five"
      │       ^^^^^^

    `flag` must be true or false, but found integer
      ──▶ x.toml:3:8
      │
    3 │ flag = 1
      │        ^

    invalid date, expected month between 01 and 12
      ──▶ x.toml:4:7
      │
    4 │ day = 2026-13-40
      │       ^^^^^^^^^^

    `window` must be a string, but found integer
      ──▶ x.toml:5:10
      │
    5 │ window = 7
      │          ^
    "#);
}

#[test]
fn slips_of_an_editor() {
    let text = "a = Fares\nb = 6 things\nc = \"The \"big\" day\"\nd =\ne = \"open\n";
    insta::assert_snapshot!(problems_of(text, |table, problems| {
        for key in ["a", "b", "c", "d", "e"] {
            table.text(key, problems);
        }
        problems.add_missing(table.problem_here("`f` is missing"));
    }), @r#"
    text must be between straight quotes
      ──▶ x.toml:1:5
      │
    1 │ a = Fares
      │     ^^^^^
    hint: write it as `key = "the text"`; numbers, days, `true` and `false` are without

    text must be between straight quotes
      ──▶ x.toml:2:5
      │
    2 │ b = 6 things
      │     ^^^^^^^^
    hint: write it as `key = "the text"`; numbers, days, `true` and `false` are without

    nothing may follow the value on its line
      ──▶ x.toml:3:11
      │
    3 │ c = "The "big" day"
      │           ^
    hint: a quote within the text is written `\"`

    the value is missing
      ──▶ x.toml:4:4
      │
    4 │ d =
      │    ^

    the text has no closing quote
      ──▶ x.toml:5:10
      │
    5 │ e = "open
      │          ^
    "#);
}

#[test]
fn as_many_brackets_behind_as_before() {
    let text = "[top]]\na = 1\n[[notice]\nb = 1\n";
    insta::assert_snapshot!(problems_of(text, |_, _| {}), @r#"
    unknown key `top`
      ──▶ x.toml:1:2
      │
    1 │ [top]]
      │  ^^^

    there is a bracket too many
      ──▶ x.toml:1:6
      │
    1 │ [top]]
      │      ^
    hint: `[relay]` begins a table, `[[top]]` one of a list: as many brackets behind the name as before it

    unclosed array table, expected `]`
      ──▶ x.toml:3:10
      │
    3 │ [[notice]
      │          ^
    hint: `[relay]` begins a table, `[[top]]` one of a list: as many brackets behind the name as before it

    unknown key `b`
      ──▶ x.toml:4:1
      │
    4 │ b = 1
      │ ^
    "#);
}

#[test]
fn a_hundred_problems_are_told_and_the_rest_counted() {
    let lines = |line: &str| {
        (0..50_000)
            .map(|n| line.replace('N', &n.to_string()))
            .collect::<String>()
    };
    for line in [
        "[section-N]\n",
        "key-N = 1\n",
        "key-N\n",
        "[[list]]\nkey-N = 1\n",
    ] {
        let text = lines(line);
        let problems = Problems::default();
        let mut table = TomlTable::parse(Written::new("x.toml", &text), &text, &problems);
        for table in table.tables("list", &problems) {
            table.finish(&problems);
        }
        table.finish(&problems);
        assert_eq!(problems.len(), 50_000, "{line}");
        let told = problems.into_vec();
        assert_eq!(told.len(), MOST_PROBLEMS + 1);
        assert!(told[..100].iter().all(|problem| problem.place.is_some()));
        assert_eq!(told[100].what, "and 49900 more problems");
    }
}

#[test]
fn too_deep_and_too_much() {
    let said = |text: &str| {
        problems_of(text, |_, _| {})
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    let deep = "it is nested too deep: expected at most 64 levels";
    for piece in ["[", "{", "a.", "a = [", "a = {b = ", "\"a\" . "] {
        assert_eq!(said(&piece.repeat(500_000)), deep, "{piece}");
        assert_eq!(
            said(&("x = ".to_owned() + &piece.repeat(500_000))),
            deep,
            "{piece}"
        );
    }
    assert_eq!(
        said(&"\n".repeat(1_000_001)),
        "there is too much in this file: expected at most 1000000 keys, values and marks"
    );
    let long = format!("a = \"{}\"", ".[{".repeat(500_000));
    assert_eq!(said(&long), "unknown key `a`");
}

/// Of a line with many mistakes the first is told, however long the line is.
#[test]
fn a_line_of_mistakes_is_one_problem() {
    for (line, said) in [
        (format!("a = \"{}\"", "\\q".repeat(400_000)), 1),
        ("\r".repeat(400_000), 1),
        (
            format!("a = \"{}\"\nb = \"\\q\"", "\u{1}".repeat(400_000)),
            2,
        ),
    ] {
        let problems = Problems::default();
        TomlTable::parse(Written::new("x.toml", &line), &line, &problems);
        assert_eq!(problems.len(), said);
    }
}
