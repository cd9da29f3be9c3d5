//! Subject, opening and note: lines to write on, and how a mail program cuts the first two.

use maud::{Markup, html};

use super::super::page::gmail;
use super::super::{Showing, Variant};
use crate::model::line::Line;

/// What most mail programs show of a subject, and of the line behind it, in characters.
const SUBJECT: usize = 60;
const OPENING: usize = 140;

pub(super) fn envelope(showing: &Showing, variant: Option<&Variant>, is_open: bool) -> Markup {
    let edition = showing.edition.as_ref();
    let composed = |words: Option<&Line>| words.map(Line::as_str).unwrap_or_default().to_owned();
    let subject = edition.and_then(|edition| edition.subject.as_ref());
    let opening = edition.and_then(|edition| edition.opening.as_ref());
    let drafted = showing.drafted.as_ref();
    let note = edition.and_then(|edition| edition.note.as_deref());
    html! {
        section #envelope aria-label="Subject and opening" {
            (line("subject", "Subject", &composed(subject), SUBJECT, (variant.map(|variant| variant.subject.as_str()), is_open),
                false))
            (line("opening", "Opening", &composed(opening), OPENING, (variant.map(|variant| variant.opening.as_str()), is_open),
                drafted.is_some_and(|drafted| opening.is_none() || drafted.opening.as_ref() == opening)))
            div.line.note data-unit id="line-note" hidden[note.is_none()] {
                label for="note" { "Note" }
                textarea #note rows="2" data-field="note" placeholder="Your words, in Markdown; they stand above the lede" readonly[!is_open] { (note.unwrap_or_default()) }
                p.measure {}
            }
            @if let Some(variant) = variant {
                figure #gmail data-part {
                    figcaption { "Gmail" }
                    (gmail(showing, variant))
                }
            }
        }
    }
}

fn line(
    id: &str,
    words: &str,
    value: &str,
    most: usize,
    (shown, is_open): (Option<&str>, bool),
    is_composed: bool,
) -> Markup {
    let shown = shown.unwrap_or_default();
    let length = if value.is_empty() { shown } else { value }.chars().count();
    html! {
        div.line data-unit id={ "line-" (id) } {
            label for=(id) { (words) }
            textarea id=(id) rows="1" data-field=(id) data-most=(most) placeholder=(shown) readonly[!is_open] aria-describedby={ (id) "-measure" } { (value) }
            p.measure id={ (id) "-measure" } {
                span { b.asks[length > most] { (length) } " of " (most) }
                @if is_composed { span.flag.soft { "machine's words" } }
            }
        }
    }
}
