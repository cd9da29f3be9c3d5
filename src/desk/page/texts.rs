//! What is read as text: the letter's plain part, its HTML, the edition file.

use maud::{Markup, html};

use super::super::changes::{DiffLine, rows};
use super::super::{EditionFile, Showing};
use super::{Sight, kilobytes};
use crate::model::link::Link;

pub(super) fn text(sight: &Sight<'_>) -> Markup {
    html! {
        header {
            h2 #text-title { "Plain text" @if sight.before.is_some() { small { "with what went and what came" } } }
            @if sight.variant.is_some() { p { a href={ "text?" (sight.switches.sent()) } { "As a file" } } }
        }
        @if let Some(variant) = sight.variant {
            pre.sheet.plain tabindex="0" {
                @if let Some((_, before)) = sight.before {
                    @for row in rows(&before.text, &variant.text) { (row_of(&row)) "\n" }
                } @else {
                    @for line in variant.text.lines() { (linked(line)) "\n" }
                }
            }
        } @else { p.empty { "No pages yet." } }
    }
}

fn row_of(row: &DiffLine<'_>) -> Markup {
    html! {
        @match row {
            DiffLine::Both(line) => (linked(line)),
            DiffLine::Went(line) => del { (line) },
            DiffLine::Came(line) => ins { (line) },
        }
    }
}

/// A line that is nothing but a web address becomes a link, as in most mail programs.
fn linked(line: &str) -> Markup {
    let bare = line.trim_start();
    let link = bare
        .starts_with("http")
        .then(|| Link::parse(bare).ok())
        .flatten();
    html! {
        @if let Some(link) = link {
            (line[..line.len() - bare.len()]) a href=(link.as_str()) target="_blank" rel="noreferrer" { (bare) }
        } @else { (line) }
    }
}

pub(super) fn source(showing: &Showing) -> Markup {
    html! {
        header { h2 #source-title { "Edition file" @if let Some(source) = &showing.source { small { code { (source.file) } } } } }
        @if let Some(EditionFile { text, .. }) = &showing.source {
            pre.sheet.numbered tabindex="0" {
                @for line in text.lines() {
                    span class={ "line" (ink(line)) } { (line) "\n" }
                }
            }
        } @else {
            p.empty { "There is no edition file yet. " code { "newsdigest draft" } " writes one; edit it freely and this page follows." }
        }
    }
}

/// How a line of TOML is set: enough to find one's way, no more.
fn ink(line: &str) -> &'static str {
    match line.trim_start().as_bytes() {
        [b'#', ..] => " comment",
        [b'[', ..] => " table",
        _ => "",
    }
}

/// The letter's HTML, a line of it a line here; what does not fit is broken where it must be.
pub(super) fn code(sight: &Sight<'_>) -> Markup {
    // As it is sent, whatever the switches imitate.
    let query = sight.switches.sent();
    html! {
        header {
            h2 #code-title { "The letter's HTML" @if let Some(variant) = sight.variant { small { (kilobytes(variant.html.len())) } } }
            @if sight.variant.is_some() {
                p {
                    button #copy.scripted type="button" data-from={ "html?" (query) } aria-keyshortcuts="c" { "Copy as HTML" kbd aria-hidden="true" { "c" } }
                    a href={ "html?" (query) } download={ (sight.showing.slug) ".html" } { "Download .html" }
                    a href={ "html?" (query) } target="_blank" { "HTML alone" }
                    @if sight.showing.web.is_some() { a href="web" target="_blank" { "Web edition" } }
                }
            }
        }
        @if let Some(variant) = sight.variant {
            pre.sheet.numbered.broken tabindex="0" {
                @for line in variant.html.lines() { span.line { (line) "\n" } }
            }
        } @else { p.empty { "No pages yet." } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_line_becomes_a_link() {
        for (text, html) in [
            (
                "   https://harbour.example/a?b=1&c",
                "   <a href=\"https://harbour.example/a?b=1&amp;c\" target=\"_blank\" rel=\"noreferrer\">https://harbour.example/a?b=1&amp;c</a>",
            ),
            (
                "see https://harbour.example/",
                "see https://harbour.example/",
            ),
            ("httpd is down", "httpd is down"),
            ("<b>", "&lt;b&gt;"),
        ] {
            assert_eq!(linked(text).into_string(), html);
        }
    }
}
