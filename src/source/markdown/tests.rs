use super::*;
use proptest::prelude::*;

fn at(file: &str, text: &str) -> Result<Option<Story>, Vec<String>> {
    let site = crate::model::link::Link::parse("https://harbourtimes.example/").unwrap();
    read(
        file,
        text,
        &site,
        &DateStyle::universal(),
        "2026-08-24T06:00:00Z".parse().unwrap(),
    )
}

/// What the file gives, in one line for each thing.
fn shown(text: &str) -> String {
    let line = |line: Option<&Line>| line.map_or("-", Line::as_str).to_owned();
    match at("ferry.md", text) {
        Ok(None) => "not published".to_owned(),
        Err(misses) => misses.join("\n"),
        Ok(Some(story)) => {
            let picture = story.picture.as_ref();
            [
                story.headline.to_string(),
                story.url.to_string(),
                line(story.dek.as_ref()),
                format!(
                    "{} | {} | {}",
                    line(story.kicker.as_ref()),
                    line(story.section.as_ref()),
                    line(story.byline.as_ref())
                ),
                story.published.map_or("-".into(), |at| at.to_rfc3339()),
                picture.map_or("-".into(), |picture| {
                    format!(
                        "{} {:?} {:?} {:?} {:?}",
                        picture.url, picture.alt, picture.credit, picture.width, picture.height
                    )
                }),
            ]
            .join("\n")
        }
    }
}

#[test]
fn hugo_in_toml() {
    insta::assert_snapshot!(shown(
        "+++\ntitle = \"Ferry fares *rise*\"\ndate = 2026-08-24T05:10:00+01:00\ndraft = false\ntags = [\"a\"]\nauthors = [\"By Jane Doe\", \"jd@paper.example\"]\n\
         canonicalURL = \"https://paper.example/news/ferry?utm_source=x\"\nurl = \"/news/ferry/\"\ncategories = [\"Ferries\", \"News\"]\ncover = { image = \"\" }\nimages = [\"cover.jpg\", \"/img/a.jpg\"]\n[params]\nx = 0x10\n+++\n\
         {{< figure src=\"x.jpg\" >}}\n\n# Heading\n\nThe ferry to *Skye* will cost 12 &amp; more from [Monday](/monday), says `the` council.\n"
    ), @r"
    Ferry fares *rise*
    https://paper.example/news/ferry
    The ferry to Skye will cost 12 & more from Monday, says the council.
    - | News | Jane Doe
    2026-08-24T04:10:00+00:00
    https://paper.example/img/a.jpg None None None None
    ");
}

#[test]
fn jekyll_and_astro_in_yaml() {
    insta::assert_snapshot!(shown(
        "\u{feff}---\r\nTitle: 'Fähre: der Preis'\r\nexcerpt: Ab Montag teurer.\r\npubDate: 2026-08-23 21:00:00 +0200\r\nauthor: {name: Jörg Müller, email: j@paper.example}\r\n\
         permalink: https://paper.example/f\r\ncategory: Stadt\r\nkicker: Preise\r\nheroImage:\r\n  src: https://cdn.example/a.jpg\r\n  caption: Die Fähre im Hafen\r\n  credit: Foto Eins\r\n  width: 800\r\n  height: 600\r\n---\r\nText\r\n"
    ), @r#"
    Fähre: der Preis
    https://paper.example/f
    Ab Montag teurer.
    Preise | Stadt | Jörg Müller
    2026-08-23T19:00:00+00:00
    https://cdn.example/a.jpg Some("Die Fähre im Hafen") Some("Foto Eins") Some(800) Some(600)
    "#);
}

#[test]
fn json_and_the_text_under_it() {
    insta::assert_snapshot!(shown(
        "{\n \"headline\": \"フェリー\",\n \"link\": \"https://paper.example/j\",\n \"authors\": [{\"name\": \"A B\"}, {\"name\": \"C D\"}]\n}\n\n\
         ![local](./x.jpg) ![The ferry *in* port](https://cdn.example/p.jpg)\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- A list\n\n> Quoted 2 < 3 & so on, a paragraph that is long enough.\n\n<p>Raw</p>\n"
    ), @r#"
    フェリー
    https://paper.example/j
    Quoted 2 < 3 & so on, a paragraph that is long enough.
    - | - | A B, C D
    -
    https://cdn.example/p.jpg Some("The ferry in port") None None None
    "#);
}

#[test]
fn what_is_not_published_is_passed_over() {
    let with = |keys: &str| {
        shown(&format!(
            "---\ntitle: A\nurl: https://a.example/a\n{keys}\n---\n"
        ))
    };
    for keys in [
        "draft: true",
        "published: false",
        "draft: \"True\"",
        "date: 2026-08-24T07:30:00Z",
        "date: 2026-08-25",
    ] {
        assert_eq!(with(keys), "not published", "{keys}");
    }
    let story = at(
        "a.md",
        "---\ntitle: A\nurl: https://a.example/a\npublished: true\ndate: 2026-08-24T06:30:00Z\n---\n",
    );
    assert_eq!(
        story.unwrap().unwrap().published,
        Some("2026-08-24T06:00:00Z".parse().unwrap())
    );
    let draft = "+++\ndraft = true\n+++\n";
    assert_eq!(at("a.md", draft), Ok(None));
    assert_eq!(at("posts/_index.md", "---\ntitle: A\n---\n"), Ok(None));
}

#[test]
fn a_date_in_the_name_of_the_file() {
    let text = "---\ntitle: A\nurl: https://a.example/a\n---\n";
    let date = |name: &str| at(name, text).unwrap().unwrap().published;
    assert_eq!(
        date("posts/2026-08-23-ferry.md"),
        Some("2026-08-23T12:00:00Z".parse().unwrap())
    );
    assert_eq!(date("2026-08-2é-ferry.md"), None);
    assert_eq!(date("ferry.md"), None);
}

#[test]
fn every_sentence() {
    let bomb = "---\na: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n---\n";
    let deep = format!("---\na: {}\n---\n", "[".repeat(10_000));
    let long = format!("---\na: {}\n---\n", "x".repeat(FRONT));
    let all = [
        "",
        " \n\u{feff}",
        "\u{7f}ELF\0\0",
        "# A heading\n\nAnd a text.\n",
        "---\ntitle: A\n\nAnd a text.\n",
        "+++\ntitle = \"A\"\n",
        "{\"title\": \"A\"",
        "{\n\"title\": 'A'}",
        &long,
        bomb,
        &deep,
        "---\ntitle: Ferry: the price\n---\n",
        "---\ntitle: \"open\n---\n",
        "---\nurl: *x\n---\n",
        "---\n- a\n---\n",
        "---\n---\n",
        "---\ntitle: <script>A</script>\nurl: https://a.example/\n---\n",
        "\n\n---\ntitle: \"\"\nurl: https://a.example/\n---\n",
        "+++\ntitle = \"A\"\n\nurl = \"/a/b/\"\ndate = \"soon\"\n+++\n",
        "+++\ntitle = \"A\"\nurl = x\n+++\n",
        "{\"title\": \"A\",\n \"slug\": \"ferry\"}\n",
    ]
    .map(shown);
    insta::assert_snapshot!(all.join("\n"), @"
    ferry.md: is empty
    ferry.md: is empty
    ferry.md: is not text
    ferry.md:1: has no front matter: expected a line `---`, and under it `title` and `url`
    ferry.md:1: the front matter has no end: expected `---` within 64 kB
    ferry.md:1: the front matter has no end: expected `+++` within 64 kB
    ferry.md:1: the front matter has no end: expected `}` within 64 kB
    ferry.md:2: expected value
    ferry.md:1: the front matter has no end: expected `---` within 64 kB
    ferry.md:4: the front matter nests or repeats its values too often
    ferry.md:2: the front matter nests or repeats its values too often
    ferry.md:2: the value holds a colon with a space behind it: put the value between quotes
    ferry.md:2: unclosed quote
    ferry.md:2: alias references unknown anchor
    ferry.md:2: the front matter must be keys with values
    ferry.md:2: a story must have a `title`
    ferry.md:2: a story must have its whole address: add the key `canonical_url` with `https://..`
    ferry.md:2: a story must have a `title`
    ferry.md:4: a story must have a `title`
    ferry.md:5: `date` is `soon`: expected a date such as 2026-08-24T05:10:00+01:00
    ferry.md:3: text must be between straight quotes
    ferry.md:2: `slug` is `ferry`, and a story must have its whole address: add the key `canonical_url` with `https://..`
    ");
}

#[test]
fn a_text_of_any_length_is_read_at_its_beginning() {
    let text = format!(
        "---\ntitle: A\nurl: https://a.example/\n---\n{}",
        "Words and words. ".repeat(500_000)
    );
    assert!(at("a.md", &text).unwrap().unwrap().dek.is_some());
    let nested = format!(
        "---\ntitle: A\nurl: https://a.example/\n---\n{}x",
        "> ".repeat(30_000)
    );
    assert!(at("a.md", &nested).unwrap().is_some());
    for (open, shut) in [("[", "]"), ("{a=", "}"), ("[", ""), ("{a=", "")] {
        let value = format!("{}1{}", open.repeat(10_000), shut.repeat(10_000));
        assert!(at("a.md", &format!("+++\na = {value}\n+++\n")).is_err());
        assert!(at("a.md", &format!("{{\"a\": {value}}}")).is_err());
    }
    let calls = "---\ntitle: A\nurl: https://a.example/\n---\n{{ open {% x %} text";
    assert!(at("a.md", calls).unwrap().is_some());
}

#[test]
fn told_from_story_files() {
    assert!(is("a.MD", "") && is("a", "\u{feff}---\n") && is("a.markdown", "{}"));
    assert!(!is("a.toml", "[[story]]") && !is("a.json", "[]"));
}

proptest! {
    #[test]
    fn never_panics(fence in "(---|\\+\\+\\+|\\{)", front in "([a-z:=\\[\\]{}&*!|>'\",#0-9 \n-]|\\PC){0,200}", body in "([!\\[\\]()*_`<>#|{}% \n-]|\\PC){0,200}") {
        let file = "2026-08-24.md";
        _ = at(file, &format!("{fence}\n{front}\n{fence}\n{body}"));
        _ = at(file, &format!("{fence}\ntitle: A\nurl: https://a.example/\n{fence}\n{body}"));
        _ = at(file, &format!("+++\ntitle = 'A'\nurl = 'https://a.example/'\n{front}\n+++\n{body}"));
        _ = at(file, &front);
    }
}
