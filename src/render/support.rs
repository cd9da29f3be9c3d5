//! What of a template's CSS some mail program drops, by a small table of our own after <https://www.caniemail.com> (MIT; its data of June
//! 2026), for Gmail, Outlook, Apple Mail and Yahoo. Only rules outside `@media` are judged: the others merely improve, and who knows no
//! `@media` drops them whole.

use std::collections::BTreeMap;

use super::css::{Rule, When};
use crate::model::finding::{Finding, Gravity};
use crate::model::line::Line;

/// Properties that all of them know, or whose loss the program's own frame makes up for (`max-width`) or nobody misses (`border-radius`).
const KNOWN: [&str; 66] = [
    "background",
    "background-color",
    "background-image",
    "border",
    "border-bottom",
    "border-bottom-color",
    "border-bottom-style",
    "border-bottom-width",
    "border-collapse",
    "border-color",
    "border-left",
    "border-left-color",
    "border-left-style",
    "border-left-width",
    "border-radius",
    "border-right",
    "border-right-color",
    "border-right-style",
    "border-right-width",
    "border-style",
    "border-top",
    "border-top-color",
    "border-top-style",
    "border-top-width",
    "border-width",
    "color",
    "direction",
    "display",
    "font",
    "font-family",
    "font-size",
    "font-style",
    "font-variant",
    "font-weight",
    "height",
    "letter-spacing",
    "line-height",
    "list-style",
    "list-style-type",
    "margin",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "margin-top",
    "max-width",
    "mso-line-height-rule",
    "mso-padding-alt",
    "mso-table-lspace",
    "mso-table-rspace",
    "overflow-wrap",
    "padding",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "text-align",
    "text-decoration",
    "text-decoration-color",
    "text-indent",
    "text-transform",
    "vertical-align",
    "width",
    "word-break",
    "word-wrap",
    "-ms-text-size-adjust",
    "-webkit-text-size-adjust",
];

const OUTLOOK: &str = "Outlook for Windows";
const OUTLOOK_YAHOO: &str = "Outlook for Windows and Yahoo";
const GMAIL_OUTLOOK: &str = "Gmail and Outlook";
const GMAIL_OUTLOOK_YAHOO: &str = "Gmail, Outlook and Yahoo";

/// Properties that are dropped, and by whom.
const LOST: [(&str, &[&str]); 4] = [
    (
        OUTLOOK,
        &[
            "background-position",
            "background-repeat",
            "border-spacing",
            "caption-side",
            "clear",
            "float",
            "list-style-position",
            "max-height",
            "min-height",
            "min-width",
            "outline",
            "overflow",
            "table-layout",
            "white-space",
            "word-spacing",
        ],
    ),
    (
        OUTLOOK_YAHOO,
        &[
            "box-sizing",
            "column-count",
            "font-kerning",
            "font-stretch",
            "object-fit",
            "object-position",
            "text-overflow",
            "writing-mode",
        ],
    ),
    (
        GMAIL_OUTLOOK,
        &[
            "background-size",
            "opacity",
            "position",
            "text-shadow",
            "visibility",
            "z-index",
        ],
    ),
    (
        GMAIL_OUTLOOK_YAHOO,
        &[
            "align-items",
            "animation",
            "aspect-ratio",
            "bottom",
            "box-shadow",
            "clip-path",
            "cursor",
            "filter",
            "flex-direction",
            "flex-wrap",
            "gap",
            "grid-template-columns",
            "hyphens",
            "inset",
            "justify-content",
            "left",
            "list-style-image",
            "margin-inline",
            "padding-inline",
            "right",
            "text-underline-offset",
            "text-wrap",
            "top",
            "transform",
            "transition",
        ],
    ),
];

/// Words, functions and units in values that are dropped with their whole declaration, and by whom.
const LOST_VALUES: [(&str, &[&str]); 2] = [
    (
        OUTLOOK,
        &[
            "flex",
            "grid",
            "inline-flex",
            "inline-grid",
            "rgba(",
            "vh",
            "vw",
        ],
    ),
    (
        OUTLOOK_YAHOO,
        &["calc(", "ch", "clamp(", "initial", "max(", "min(", "rem"],
    ),
];

/// One for each property or value that is dropped somewhere, with all classes that use it.
pub(super) fn findings(rules: &[Rule]) -> Vec<Finding> {
    let mut lost: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for rule in rules.iter().filter(|rule| rule.when == When::Always) {
        for declaration in &rule.declarations {
            if let Some(what) = judged(&declaration.property, &declaration.value) {
                let classes = lost.entry(what).or_default();
                if !classes.contains(&rule.class.key()) {
                    classes.push(rule.class.key());
                }
            }
        }
    }
    lost.into_iter()
        .map(|(what, classes)| Finding {
            name: "unsupported-css",
            gravity: Gravity::Warning,
            place: Line::clean(&format!("the template's `.{}`", classes.join("`, `."))),
            what: Line::clean(&what),
            why: "readers there see the page without it",
            hint: "leave it out of style.css, or see that the page is sound without it; caniemail.com says who knows what",
        })
        .collect()
}

fn judged(property: &str, value: &str) -> Option<String> {
    let of = |table: &[(&'static str, &[&str])], word: &str| {
        let row = table.iter().find(|(_, words)| words.contains(&word));
        row.map(|(who, _)| *who)
    };
    if let Some(who) = of(&LOST, property) {
        return Some(format!("`{property}` is dropped by {who}"));
    }
    if !KNOWN.contains(&property) {
        return Some(format!(
            "`{property}` is not among the properties that mail programs are known to know"
        ));
    }
    value.split([' ', ',', '/']).find_map(|part| {
        if property.starts_with("margin") && part.starts_with('-') {
            return Some(format!(
                "the negative `{property}` is dropped by {GMAIL_OUTLOOK_YAHOO}"
            ));
        }
        let word = match part.split_once('(') {
            Some((name, _)) => format!("{name}("),
            None => part
                .trim_start_matches(|c: char| c.is_ascii_digit() || "+-.".contains(c))
                .trim_end_matches(')')
                .to_owned(),
        };
        let who = of(&LOST_VALUES, &word)?;
        Some(format!(
            "`{property}` with `{}` is dropped by {who}",
            word.trim_end_matches('(')
        ))
    })
}

#[cfg(test)]
mod tests {
    use crate::render::{Template, sample};

    #[test]
    fn what_is_dropped_is_named_with_those_who_drop_it() {
        let css = ".story, .lede { float: left } .headline { position: relative; margin: 0 -20px } .dek { display: flex; font: 1rem/1.5 var(--sans) }\n\
                   .label { color: rgba(0, 0, 0, .5); width: calc(100% - 3px); border: thin dotted; shape-outside: none } .meta { margin: 4px 0 }\n\
                   @media (max-width: 480px) { .row { display: grid } }";
        let template = sample::own("extends = \"broadsheet\"", css).unwrap();
        let lines: Vec<String> = (template.findings().iter())
            .filter(|finding| finding.name == "unsupported-css")
            .map(|finding| format!("{}: {}", finding.place, finding.what))
            .collect();
        insta::assert_snapshot!(lines.join("\n"), @"
        the template's `.label`: `color` with `rgba` is dropped by Outlook for Windows
        the template's `.dek`: `display` with `flex` is dropped by Outlook for Windows
        the template's `.story`, `.lede`: `float` is dropped by Outlook for Windows
        the template's `.dek`: `font` with `rem` is dropped by Outlook for Windows and Yahoo
        the template's `.headline`: `position` is dropped by Gmail and Outlook
        the template's `.label`: `shape-outside` is not among the properties that mail programs are known to know
        the template's `.label`: `width` with `calc` is dropped by Outlook for Windows and Yahoo
        the template's `.headline`: the negative `margin` is dropped by Gmail, Outlook and Yahoo
        ");
    }

    #[test]
    fn ours_lose_nothing() {
        for name in Template::NAMES {
            assert_eq!(sample::built_in(name, "ar").findings(), [], "{name}");
        }
    }
}
