//! Templates of one's own, and what is said about their slips.

use super::*;
use crate::render::keys::Class;
use crate::render::sample;

fn check(toml: &str, css: &str) -> String {
    let found = sample::own(toml, css).map(|_| ()).unwrap_err();
    found
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n\n")
}

#[test]
fn built_in_templates_have_no_problems() {
    for name in Template::NAMES {
        assert_eq!(
            Template::built_in(name, &Language::english())
                .unwrap()
                .map(|_| ()),
            Ok(()),
            "{name}"
        );
    }
    assert!(Template::built_in("tabloid", &Language::english()).is_none());
}

#[test]
fn a_copy_of_a_built_in_template_stands_alone() {
    for name in Template::NAMES {
        let [(_, toml), (_, css), _] = Template::files(name).unwrap();
        let html = |template| {
            let pages = crate::render::pages(&sample::full(), &sample::newsletter(), &template);
            pages.html
        };
        assert_eq!(
            html(sample::own(toml, css).unwrap()),
            html(sample::built_in(name, "en")),
            "{name}"
        );
    }
    assert!(Template::files("tabloid").is_none());
}

#[test]
fn slips_in_a_logo_are_named() {
    let toml = "extends = \"broadsheet\"\n[logo]\nurl = \"https://harbour.example/logo.svg\"\nwidth = 9\nheigth = 60\n";
    insta::assert_snapshot!(check(toml, ""), @r#"
    a logo must be PNG or JPEG, but found SVG, which Outlook or Gmail do not show
      ──▶ template.toml:3:7
      │
    3 │ url = "https://harbour.example/logo.svg"
      │       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

    `width` must be from 16 to 900, but found 9
      ──▶ template.toml:4:9
      │
    4 │ width = 9
      │         ^

    unknown key `heigth`
      ──▶ template.toml:5:1
      │
    5 │ heigth = 60
      │ ^^^^^^
    hint: did you mean `height`?
    "#);
    let url = |url: &str| {
        check(
            &format!("extends = \"broadsheet\"\nlogo = {{ url = \"{url}\" }}"),
            "",
        )
    };
    insta::assert_snapshot!(url("http://harbour.example/logo.png"), @r#"
    `http://harbour.example/logo.png` must begin with `https://`
      ──▶ template.toml:2:16
      │
    2 │ logo = { url = "http://harbour.example/logo.png" }
      │                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#);
    insta::assert_snapshot!(url("https://harbour.example/logo.png"), @r#"
    `[logo]` needs `url`, `width` and `height`: without its size the page jumps when it appears
      ──▶ template.toml:2:8
      │
    2 │ logo = { url = "https://harbour.example/logo.png" }
      │        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#);
}

#[test]
fn threads_may_share_one() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&sample::broadsheet("en"));
}

#[test]
fn a_base_is_named() {
    insta::assert_snapshot!(check("[colors]\nink = \"#000\"", ""), @r#"
    without `extends` nothing is inherited, but these are missing: `blocks`, `date`, `section`, `dek`, `byline`, `time`, `picture`, `thumbnails`, `credit`, `related`, `width`, `thumbnail`
      ──▶ template.toml:1:1
      │
    1 │ [colors]
      │ ^
    hint: write `extends = "broadsheet"`, the template whose blocks and words yours builds on
    "#);
    insta::assert_snapshot!(check("extends = \"tabloid\"", ""), @r#"
    `extends` must be one of: `broadsheet`, `bulletin`, `gallery`
      ──▶ template.toml:1:11
      │
    1 │ extends = "tabloid"
      │           ^^^^^^^^^
    "#);
}

#[test]
fn all_problems_of_the_file_are_named() {
    let toml = "extends = \"broadsheet\"\nblocks = [\"lede\", \"sidebar\", \"lede\"]\n[words]\nmost_red = \"Most read\"\nwhy = \"Bye\"\ndate = \"%H:%M\"\n\
                [show]\ndek = \"no\"\n[layout]\nwidth = 5000\n[colors]\nink = \"black\"\nacent = \"#123\"\nstart = \"#123\"\n[colors.dark]\nextra = \"#123\"\n[type]\nserif = \"Georgia; }\"\n";
    insta::assert_snapshot!(check(toml, ""), @r##"
    `footer` must be among the `blocks`: it holds the way to unsubscribe
      ──▶ template.toml:2:11
      │
    2 │ blocks = ["lede", "sidebar", "lede"]
      │           ^^^^^^

    `sidebar` is not a block
      ──▶ template.toml:2:19
      │
    2 │ blocks = ["lede", "sidebar", "lede"]
      │                   ^^^^^^^^^
    hint: the blocks are `masthead`, `opening`, `note`, `lede`, `top`, `most_read`, `latest`, `sign_off`, `question`, `footer`

    `lede` is in `blocks` twice
      ──▶ template.toml:2:30
      │
    2 │ blocks = ["lede", "sidebar", "lede"]
      │                              ^^^^^^

    unknown key `most_red`
      ──▶ template.toml:4:1
      │
    4 │ most_red = "Most read"
      │ ^^^^^^^^
    hint: did you mean `most_read`?

    `why` must hold `{name}` once, but found `Bye`
      ──▶ template.toml:5:7
      │
    5 │ why = "Bye"
      │       ^^^^^

    `date` must be a date's format such as `%A, %-d %B %Y`, but found `%H:%M`
      ──▶ template.toml:6:8
      │
    6 │ date = "%H:%M"
      │        ^^^^^^^

    `dek` must be true or false, but found string
      ──▶ template.toml:8:7
      │
    8 │ dek = "no"
      │       ^^^^

    `width` must be from 320 to 900, but found 5000
       ──▶ template.toml:10:9
       │
    10 │ width = 5000
       │         ^^^^

    `ink` must be a color such as `#1f2328`, but found `black`
       ──▶ template.toml:12:7
       │
    12 │ ink = "black"
       │       ^^^^^^^

    `start` cannot be the name of a token: expected letters, digits, `-` and `_`, and none of `width`, `thumbnail`, `half`, `first-half`, `start`, `end`
       ──▶ template.toml:14:1
       │
    14 │ start = "#123"
       │ ^^^^^

    `extra` has a dark color but no light one in `[colors]`
       ──▶ template.toml:16:1
       │
    16 │ extra = "#123"
       │ ^^^^^

    `serif` must be typefaces such as `Georgia, serif`, but found `Georgia; }`
       ──▶ template.toml:18:9
       │
    18 │ serif = "Georgia; }"
       │         ^^^^^^^^^^^^

    no rule of style.css uses the token `acent`
       ──▶ template.toml:13:1
       │
    13 │ acent = "#123"
       │ ^^^^^
    hint: did you mean `accent`?
    "##);
}

#[test]
fn words_of_ones_own() {
    let language = |tag| Language::parse(tag).unwrap();
    let toml = "extends = \"broadsheet\"\n[words]\nlatest = \"New\"\n[words.pt-BR]\nlatest = \"Novas\"\n[words.pt]\nlatest = \"Recentes\"\nbetween = \" /\"\n\
                [words.ca]\nlatest = \"Últimes\"\nmonths = [\"de gener\", \"de febrer\", \"de març\", \"d’abril\", \"de maig\", \"de juny\", \"de juliol\", \"d’agost\", \"de setembre\", \"d’octubre\", \"de novembre\", \"de desembre\"]\ndate = \"%-d %B de %Y\"\n";
    let words = |tag| {
        let template = Template::parse("t", toml, "c", "", &language(tag)).unwrap();
        let day = template.words().day("2026-08-24".parse().unwrap());
        (
            format!(
                "{}, {}, {day}",
                template.word(Word::Latest),
                template.word(Word::Between)
            ),
            template.remark(),
        )
    };
    assert_eq!(words("en"), ("New, ;, Monday, 24 August 2026".into(), None));
    assert_eq!(
        words("pt-BR"),
        (
            "Novas,  /, segunda-feira, 24 de agosto de 2026".into(),
            None
        )
    );
    assert_eq!(
        words("pt"),
        (
            "Recentes,  /, segunda-feira, 24 de agosto de 2026".into(),
            None
        )
    );
    let (catalan, remark) = words("ca");
    assert_eq!(catalan, "Últimes, ;, 24 d’agost de 2026");
    insta::assert_snapshot!(remark.unwrap(), @"an edition in `ca` says in English what `[words.ca]` of a template does not give: `also`, `between`, `most_read`, `more_read`, `related`, `unsubscribe`, `subscribe`, `web`, `forwarded`, `read_on`, `in_words`, `first`, `digits`, `label`, `byline`, `credit`, `why`, `time`, `earlier`, `halves`, `days`, `days_short`, `months_short`, `further`, `reading_time`, `door`");
}

#[test]
fn a_new_language_is_a_copy_of_english() {
    let english = include_str!("../../../templates/words/en.toml");
    let words = ["further", "reading_time", "door"]
        .iter()
        .fold(english.to_owned(), |words, table| {
            words.replace(&format!("[{table}]"), &format!("[words.ca.{table}]"))
        });
    let toml = format!("extends = \"broadsheet\"\n[words.ca]\n{words}");
    let catalan = Language::parse("ca").unwrap();
    let template = Template::parse("t", &toml, "c", "", &catalan).unwrap();
    assert_eq!(template.remark(), None);
}

#[test]
fn slips_in_words_are_named_in_every_language() {
    let toml = "extends = \"broadsheet\"\n[words]\ndays = [\"Mon\"]\ndigits = \"012\"\n[words.ru]\nlatset = \"x\"\nmonths_short = []\n[words.ru.further]\none = \"{cuont}\"\nfuw = \"x\"\n[words.russian]\nlatest = \"x\"\n";
    insta::assert_snapshot!(check(toml, ""), @r#"
    `days` must hold 7 names, but found 1
      ──▶ template.toml:3:9
      │
    3 │ days = ["Mon"]
      │         ^^^^^

    `digits` must be ten digits from nought to nine, but found `012`
      ──▶ template.toml:4:10
      │
    4 │ digits = "012"
      │          ^^^^^

    `months_short` must hold 12 names, but found 0
      ──▶ template.toml:5:1
      │
    5 │ [words.ru]
      │ ^^^^^^^^^^

    unknown key `latset`
      ──▶ template.toml:6:1
      │
    6 │ latset = "x"
      │ ^^^^^^
    hint: did you mean `latest`?

    `other` is missing, the form for all numbers that have no other
      ──▶ template.toml:8:1
      │
    8 │ [words.ru.further]
      │ ^^^^^^^^^^^^^^^^^^

    `one` must hold `{count}` once, but found `{cuont}`
      ──▶ template.toml:9:7
      │
    9 │ one = "{cuont}"
      │       ^^^^^^^^^

    unknown key `fuw`
       ──▶ template.toml:10:1
       │
    10 │ fuw = "x"
       │ ^^^
    hint: did you mean `few`?

    `russian` is not a language tag: expected one such as `en` or `pt-BR`
       ──▶ template.toml:11:8
       │
    11 │ [words.russian]
       │        ^^^^^^^
    "#);
}

#[test]
fn tokens_of_ones_own_reach_the_rules() {
    let toml = "extends = \"broadsheet\"\n[colors]\naccent = \"#005500\"\nbox = \"#eeeeee\"\n[colors.dark]\nbox = \"#222222\"\n[layout]\nwidth = 640";
    let css = ".note { background-color: var(--box) }\n@media (prefers-color-scheme: dark) { .note { background-color: var(--box) } }";
    let template = sample::own(toml, css).unwrap();
    let look = template.look();
    assert!(
        look.style(Class::Label)
            .unwrap()
            .0
            .ends_with("color:#005500")
    );
    assert!(
        look.style(Class::Note)
            .unwrap()
            .0
            .ends_with("background-color:#eeeeee")
    );
    assert!(
        look.style(Class::Column)
            .unwrap()
            .0
            .starts_with("max-width:640px")
    );
    assert!(
        look.media(|_| true)
            .contains("background-color:#222222 !important")
    );
    assert_eq!(
        (look.class(Class::Note), look.class(Class::Column)),
        (Some("note"), None)
    );
}

#[test]
fn too_much_for_gmail_is_a_problem() {
    let css = (1..200)
        .map(|width| format!("@media (max-width: {width}px) {{ .note {{ color: red }} }}"))
        .collect::<Vec<_>>()
        .join("\n");
    let found = check("extends = \"broadsheet\"", &css);
    assert!(
        found.ends_with("octets, but Gmail ignores more than 8000"),
        "{found}"
    );
}
