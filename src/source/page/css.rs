//! CSS selectors as a newsroom writes them, and what is wrong with those that are none.

use scraper::{ElementRef, Html, Selector};

use crate::model::line::Line;

/// The longest selector, in octets; one is nested as deep as it is long.
const LONGEST: usize = 1_000;

/// A CSS selector that is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Css {
    text: Line,
    selector: Selector,
}

impl Css {
    /// Parses a selector, or several with commas between.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = |what: &str| {
            let shown = Line::clean_to(text, 60);
            Err(format!("`{shown}` is not a CSS selector: {what}"))
        };
        if text.trim().is_empty() {
            return Err(
                "a CSS selector is empty: expected one such as `.story` or `article h2 a`".into(),
            );
        }
        if text.len() > LONGEST {
            return wrong("it is longer than 1,000 octets");
        }
        match Selector::parse(text) {
            Ok(selector) => Ok(Self {
                text: Line::clean(text),
                selector,
            }),
            Err(_) => wrong(&fault(text.trim())),
        }
    }

    /// As it was written.
    pub(super) fn text(&self) -> &Line {
        &self.text
    }

    pub(super) fn on<'p>(&self, page: &'p Html) -> impl Iterator<Item = ElementRef<'p>> {
        page.select(&self.selector)
    }

    /// The element itself or those in it.
    pub(super) fn within<'p>(
        &self,
        element: ElementRef<'p>,
    ) -> impl Iterator<Item = ElementRef<'p>> {
        let own = self.selector.matches(&element).then_some(element);
        own.into_iter().chain(element.select(&self.selector))
    }
}

/// The likeliest fault, told from the text: the parser's own words are for programmers.
fn fault(text: &str) -> String {
    let inside =
        |open: char, close: char| text.matches(open).count() != text.matches(close).count();
    if text.starts_with('/') || text.contains("//") {
        return "it looks like XPath; expected one such as `.story` or `article h2 a`".into();
    }
    if text.starts_with('<') {
        return "it looks like HTML; expected one such as `.story` or `article h2 a`".into();
    }
    if text.contains('{') {
        return "it looks like a rule; only what is before its `{` is one".into();
    }
    for (open, close) in [('[', ']'), ('(', ')')] {
        if inside(open, close) {
            return format!("a `{open}` or `{close}` has no partner");
        }
    }
    for mark in ['>', '+', '~', ','] {
        if text.starts_with(mark) || text.ends_with(mark) {
            return format!("nothing is on one side of `{mark}`");
        }
    }
    for (mark, name) in [('.', "class"), ('#', "id")] {
        let bad = text.match_indices(mark).find_map(|(at, _)| {
            let rest = &text[at + 1..];
            let good = rest.starts_with(|c: char| c.is_alphabetic() || "_-\\".contains(c));
            (!good).then(|| rest.chars().next())
        });
        if let Some(found) = bad {
            return match found {
                Some(found) if !found.is_control() => {
                    format!("the name of a {name} must follow `{mark}`, but found `{found}`")
                }
                _ => format!("the name of a {name} must follow `{mark}`"),
            };
        }
    }
    if text.contains('[') {
        return "brackets must hold a name, or a name, `=` and a value in quotes: `[data-type=\"story\"]`".into();
    }
    if let Some(at) = text.find(':') {
        let rest = text[at..].trim_start_matches(':');
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '-');
        if end == Some(0) || rest.is_empty() {
            return "a name must follow `:`".into();
        }
        return format!(
            "of `{}` nothing is known here; `:not(..)`, `:is(..)`, `:has(..)`, `:first-child` and `:nth-child(..)` are",
            Line::clean_to(
                &text[at..text.len() - rest.len() + end.unwrap_or(rest.len())],
                30
            )
        );
    }
    "expected one such as `.story` or `article h2 a`".into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_wrong_with_a_selector() {
        let all = [
            " ",
            "//div[@class='story']",
            "<article>",
            ".story)",
            "> a",
            ".story >",
            ".story,",
            ".2col",
            "ul > .",
            "a[href=]",
            "[=x]",
            "a:hover",
            "p::first-line",
            "a:",
            "a!b",
            "h2 { color: red }",
        ];
        let all: Vec<String> = all
            .iter()
            .map(|text| Css::parse(text).unwrap_err())
            .collect();
        insta::assert_snapshot!(all.join("\n"), @r#"
        a CSS selector is empty: expected one such as `.story` or `article h2 a`
        `//div[@class='story']` is not a CSS selector: it looks like XPath; expected one such as `.story` or `article h2 a`
        `<article>` is not a CSS selector: it looks like HTML; expected one such as `.story` or `article h2 a`
        `.story)` is not a CSS selector: a `(` or `)` has no partner
        `> a` is not a CSS selector: nothing is on one side of `>`
        `.story >` is not a CSS selector: nothing is on one side of `>`
        `.story,` is not a CSS selector: nothing is on one side of `,`
        `.2col` is not a CSS selector: the name of a class must follow `.`, but found `2`
        `ul > .` is not a CSS selector: the name of a class must follow `.`
        `a[href=]` is not a CSS selector: brackets must hold a name, or a name, `=` and a value in quotes: `[data-type="story"]`
        `[=x]` is not a CSS selector: brackets must hold a name, or a name, `=` and a value in quotes: `[data-type="story"]`
        `a:hover` is not a CSS selector: of `:hover` nothing is known here; `:not(..)`, `:is(..)`, `:has(..)`, `:first-child` and `:nth-child(..)` are
        `p::first-line` is not a CSS selector: of `::first-line` nothing is known here; `:not(..)`, `:is(..)`, `:has(..)`, `:first-child` and `:nth-child(..)` are
        `a:` is not a CSS selector: a name must follow `:`
        `a!b` is not a CSS selector: expected one such as `.story` or `article h2 a`
        `h2 { color: red }` is not a CSS selector: it looks like a rule; only what is before its `{` is one
        "#);
        assert!(Css::parse(&".a".repeat(501)).is_err());
        for deep in [":not(", ":is(", ":has(a ", "[", "("] {
            _ = Css::parse(&deep.repeat(LONGEST / deep.len()));
        }
    }

    #[test]
    fn what_a_newsroom_writes_is_understood() {
        for text in [
            ".story",
            "article h2 > a, #top a[href^='/news/']",
            "div:not(.ad):has(h3) a:nth-child(2n+1)",
            ".md\\:col-2",
            "#mvp-content .größe",
            "[data-testid=\"card\" i]",
        ] {
            assert!(Css::parse(text).is_ok(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "([.#:>+~,()\\[\\]\"'=*| a-z0-9]|\\PC){0,40}") {
            _ = Css::parse(&text);
        }
    }
}
