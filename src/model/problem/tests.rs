use super::*;

#[test]
fn a_caret_stands_under_its_word() {
    let text = "[a]\nname = \"日本\" # x\nemail = \"jane\"\n";
    let at = text.find("\"jane\"").unwrap();
    let problem = Written::new("subscribers.toml", text)
        .problem(at..at + 6, "`jane` is not an address")
        .hint("write `jane@example.org`");
    insta::assert_snapshot!(problem, @r#"
    `jane` is not an address
      ──▶ subscribers.toml:3:9
      │
    3 │ email = "jane"
      │         ^^^^^^
    hint: write `jane@example.org`
    "#);
    let at = text.find("# x").unwrap();
    insta::assert_snapshot!(Written::new("f", text).problem(at..at + 3, "no"), @r#"
    no
      ──▶ f:2:13
      │
    2 │ name = "日本" # x
      │               ^^^
    "#);
}

#[test]
fn of_a_long_line_what_is_around_the_place_is_shown() {
    let of = |text: &str, value: &str| {
        let at = text.find(value).unwrap();
        let what = format!("`{value}` is no place");
        Written::new("f", text).problem(at..at + value.len(), what)
    };
    let long = format!("use = \"{}\"", "y".repeat(300));
    insta::assert_snapshot!(of(&long, &"y".repeat(300)), @r#"
    `yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy…` is no place
      ──▶ f:1:8
      │
    1 │ use = "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy…
      │        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#);
    let around = format!("{}here{}", "ab ".repeat(99), " cd".repeat(99));
    insta::assert_snapshot!(of(&around, "here"), @"
    `here` is no place
      ──▶ f:1:298
      │
    1 │ …b ab ab ab ab ab ab ab ab ab ab ab here cd cd cd cd cd cd cd cd cd cd …
      │                                     ^^^^
    ");
    let wide = format!("a = \"{}\"", "日".repeat(90));
    insta::assert_snapshot!(of(&wide, &"日".repeat(90)), @r#"
    `日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日…` is no place
      ──▶ f:1:6
      │
    1 │ a = "日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日日…
      │      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#);
    for (text, value) in [(long.as_str(), "yy"), (&"日本\u{200d}é".repeat(80), "é")] {
        let shown = of(text, value).to_string();
        let wide = shown
            .lines()
            .skip(1)
            .map(|line| line.chars().map(columns).sum());
        assert!(wide.max().is_some_and(|wide: usize| wide <= 80), "{shown}");
    }
}

/// Letters that take no column, or are shown in place of one that is not: no line grows by them, and the caret finds its place.
#[test]
fn of_letters_without_width_a_few_hundred_are_shown() {
    for letter in [
        "\u{feff}",
        "\u{202e}",
        "e\u{301}\u{301}\u{301}",
        "\u{200b}",
        "\u{ad}",
    ] {
        let text = format!("a = {}here", letter.repeat(100_000));
        for value in ["a", "here"] {
            let at = text.find(value).unwrap();
            let shown = Written::new("f", &text).problem(at..at + value.len(), "no");
            let shown = shown.to_string();
            assert!(shown.chars().count() < 800, "{}", shown.chars().count());
        }
    }
}

#[test]
fn the_system_speaks_like_us() {
    let said = |text| system_words(text);
    assert_eq!(said("Permission denied (os error 13)"), "permission denied");
    assert_eq!(
        said("No space left on device (os error 28) at path \"/tmp/.x.new\""),
        "no space left on device"
    );
    assert_eq!(said("DNS is down"), "DNS is down");
    assert_eq!(said(""), "");
}

#[test]
fn a_password_is_never_shown() {
    let text = "password = hunter2\n";
    insta::assert_snapshot!(Written::new("f", text).problem(11..18, "no"), @r"
    no
      ──▶ f:1:12
      │
    1 │ password = …
      │            ^
    ");
}

#[test]
fn a_place_past_the_end_is_the_end() {
    let problem = Written {
        file: "f",
        text: "ab\ncd",
        from: 3,
    }
    .problem(90..99, "truncated");
    assert_eq!(problem.place.map(|p| (p.line, p.column)), Some((2, 3)));
}

/// What a person typed in the wrong place, and its twins: neither the excerpt nor the sentence shows it.
#[test]
fn a_secret_is_in_no_sentence_either() {
    for line in [
        "server = \"u:hush@h.example\"",
        "server = \"u:hush pw@h.example\"",
        "server = 'u:hush/pw@h.example'",
        "server = \"https://u:hush/pw@h.example/\"",
        "server = \":hush@h.example\"",
        "postgres = \"postgres://u:hu@sh@h.example/web\"",
        "a = [\"h.example\", \"u:hush@h.example\"]",
        "server = u:hush@h.example",
        "key_env = \"sk-hush-1\"",
        "key_file = \"sk-hush-0123456789\"",
        "password_env = 'hush'",
        "matomo = 1, token = \"hush\"",
    ] {
        let value = line.split(['"', '\'']).rfind(|piece| piece.contains("hu"));
        let value = value.unwrap().trim_start_matches("server = ");
        let at = line.find(value).unwrap();
        let what = format!("`{value}` is no host: expected one such as `h.example`");
        let shown = Written::new("f", line).problem(at..at + value.len(), what);
        let shown = shown.to_string();
        assert!(!shown.contains("hu"), "{shown}");
        assert!(shown.contains("is no host"), "{shown}");
    }
    for line in [
        "reply_to = \"mailto:desk@paper.example\"",
        "from = \"The Times: desk@paper.example\"",
        "site = \"https://paper.example:8443/@desk\"",
        "site = \"https://paper.example/@desk:x\"",
        "key_env = \"PAPER_KEY\"",
        "key_file = \"paper.key\"",
        "not_before = \"06:45\" # desk@paper.example",
    ] {
        let shown = Written::new("f", line).problem(0..4, "no").to_string();
        assert!(shown.contains(line), "{shown}");
    }
}

/// The line is longer than what is looked at, and the secret is long itself.
#[test]
fn a_long_secret_in_a_long_line_is_not_shown() {
    let far = "[\"://a\", ".repeat(100_000);
    let line = format!("a = {far}\"u:{}@h.example\"", "hush".repeat(700));
    let at = line.find("u:hush").unwrap();
    for place in [at, at + 20, at + 2_700] {
        let shown = Written::new("f", &line).problem(place..place + 3, "no");
        assert!(!shown.to_string().contains("hush"), "{shown}");
    }
}

/// Each of these took a second, when every mark was followed to the end of its value.
#[test]
fn lines_full_of_marks_are_read_in_one_pass() {
    for mark in [
        "=",
        "[",
        "a={",
        "://",
        "\"'",
        "['\"",
        ",x:",
        "[:1",
        "key_file=/",
        "=x:y@",
    ] {
        let line = format!("a = {}@", mark.repeat(20_000));
        for at in (0..line.len()).step_by(line.len() / 12) {
            let shown = Written::new("f", &line).problem(at..at + 1, "no");
            assert!(shown.place.is_some(), "{mark}");
        }
    }
}
