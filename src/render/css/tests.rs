//! What is read of a style sheet, and what is said of the rest.

use super::super::{Template, sample};
use crate::render::keys::Class;

/// What a sheet of one's own makes of the link's style and of the media rules it adds.
fn check(css: &str) -> (String, String) {
    let base = sample::own("extends = \"broadsheet\"", "").unwrap();
    let template = sample::own("extends = \"broadsheet\"", css).unwrap();
    let media = |template: &Template| template.look().media(|_| true);
    let (old, new) = (media(&base), media(&template));
    let added = new.strip_prefix(old.as_str()).unwrap_or(&new).to_owned();
    let link = template.look().style(Class::Link).unwrap();
    (link.0.to_owned(), added)
}

fn problems(css: &str) -> String {
    let found = sample::own("extends = \"broadsheet\"", css).unwrap_err();
    found
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n\n")
}

#[test]
fn rules_of_ones_own_follow_the_base() {
    assert_eq!(
        check(".link { color : RED }").0,
        "text-decoration:none;color:RED"
    );
    assert_eq!(
        check("/* a */ .label, .link{font:1px /*b*/ \"A  B\" , serif;;}").0,
        "color:#222;text-decoration:none;font:1px 'A  B',serif"
    );
    assert_eq!(
        check(".link { width: calc( 100% - var( --width ) ) }").0,
        "color:#222;text-decoration:none;width:calc(100% - 600px)"
    );
    assert_eq!(check("").1, "");
    assert_eq!(
        check("@media (max-width: 320px) { .link { color: var(--accent)!important } }").1,
        "@media (max-width:320px){.link,.lede-link,.rank-link,.entry-link{color:#a11 !important}}"
    );
}

#[test]
fn a_class_like_none_gets_the_list() {
    insta::assert_snapshot!(problems(".sidebar-left { color: red }"), @"
    no block has the class `sidebar-left`
      ──▶ style.css:1:1
      │
    1 │ .sidebar-left { color: red }
      │ ^^^^^^^^^^^^^
    hint: the classes are `.paper`, `.page`, `.column`, `.inset`, `.masthead`, `.name`, `.long-name`, `.longest-name`, `.name-link`, `.logo`, `.band`, `.date`, `.ear`, `.ear-link`, `.day-line`, `.opening`, `.note`, `.paragraph`, `.points`, `.text-link`, `.notice`, `.notice-side`, `.notice-main`, `.notice-picture`, `.notice-label`, `.notice-text`, `.notice-points`, `.notice-link`, `.lede`, `.lede-row`, `.lede-words`, `.lede-picture`, `.lede-headline`, `.long-lede`, `.longest-lede`, `.lede-dek`, `.lede-text`, `.read-on`, `.meta`, `.picture`, `.credit`, `.related`, `.related-entry`, `.pair`, `.half`, `.second-half`, `.gap`, `.story`, `.next-story`, `.row`, `.row-picture`, `.row-text`, `.thumbnail`, `.headline`, `.second`, `.plate`, `.link`, `.lede-link`, `.rank-link`, `.entry-link`, `.label`, `.lede-label`, `.plate-label`, `.author`, `.dek`, `.story-related`, `.part`, `.lede-part`, `.side`, `.main`, `.heading`, `.headlines`, `.headlines-entry`, `.ranking`, `.long-ranking`, `.rank`, `.stamp`, `.latest`, `.entry`, `.time`, `.sign-off`, `.sign-off-picture`, `.portrait`, `.sign-off-text`, `.signature`, `.question`, `.question-text`, `.answer`, `.footer`, `.line`
    ");
}

#[test]
fn all_that_cannot_stand_in_a_mail_is_named() {
    insta::assert_snapshot!(problems(
        "@import 'x.css';\n.headlin { color: red }\n.link:hover { color: red }\n.link { color: var(--inkk); background: url(http://x.example/p.gif) }\n\
         .dek { color: \"</style>\" !important }\n@media print { .dek { color: red } }\n.meta { color red }\n.dek {"
    ), @r#"
    `@import 'x.css'` cannot be used in a mail
      ──▶ style.css:1:1
      │
    1 │ @import 'x.css';
      │ ^^^^^^^^^^^^^^^
    hint: expected `.class { .. }`, `@media (prefers-color-scheme: dark) { .. }` or `@media (max-width: 480px) { .. }`

    no block has the class `headlin`
      ──▶ style.css:2:1
      │
    2 │ .headlin { color: red }
      │ ^^^^^^^^
    hint: did you mean `.headline`?

    `.link:hover` is not a single class such as `.headline`
      ──▶ style.css:3:1
      │
    3 │ .link:hover { color: red }
      │ ^^^^^^^^^^^

    no token `--inkk` in `[colors]`, `[type]` or `[layout]` of template.toml
      ──▶ style.css:4:20
      │
    4 │ .link { color: var(--inkk); background: url(http://x.example/p.gif) }
      │                    ^^^^^^

    `url(..)` cannot be used in a mail: it would load from the network
      ──▶ style.css:4:41
      │
    4 │ .link { color: var(--inkk); background: url(http://x.example/p.gif) }
      │                                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^

    `"</style>"` cannot be used in a value
      ──▶ style.css:5:15
      │
    5 │ .dek { color: "</style>" !important }
      │               ^^^^^^^^^^

    `@media print` cannot be used in a mail
      ──▶ style.css:6:1
      │
    6 │ @media print { .dek { color: red } }
      │ ^^^^^^^^^^^^
    hint: expected `.class { .. }`, `@media (prefers-color-scheme: dark) { .. }` or `@media (max-width: 480px) { .. }`

    expected `property: value;`, but found `color red`
      ──▶ style.css:7:9
      │
    7 │ .meta { color red }
      │         ^^^^^^^^^
    "#);
}

#[test]
fn no_sheet_can_leave_its_element() {
    for css in [
        ".dek { color: </style> }",
        ".dek { font: '</style><script>' }",
        ".dek { color: \\3c }",
        "</style>",
        ".dek { color: \"a\nb\" }",
        ".dek{color:{}}",
    ] {
        assert!(!problems(css).is_empty(), "{css}");
    }
}
