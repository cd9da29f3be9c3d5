//! What readers get, and what is beside the edition.

use maud::{Markup, html};

use super::super::showing::Showing;
use super::super::switches::Switches;
use super::ticked;
use crate::model::figures::counted;

/// The letter beside the stories; how the readers of each set of sections get it.
pub(super) fn letter(showing: &Showing, number: usize, switches: &Switches) -> Markup {
    let switches = Switches {
        variant: number,
        ..*switches
    };
    html! {
        section #letter aria-labelledby="letter-title" {
            header {
                h2 #letter-title.unseen { "What readers get" }
                form method="get" aria-label="The letter" {
                    label.unseen for="variant" { "For readers of" }
                    select #variant name="variant" data-part aria-keyshortcuts="v" {
                        @for (index, variant) in showing.variants.iter().enumerate() {
                            option value=(index) selected[index == number] {
                                (variant.name) @if let Some(readers) = variant.readers { " · " (readers) }
                            }
                        }
                    }
                    button.unscripted { "Show" }
                }
                fieldset.scripted {
                    legend { "Colors" }
                    button type="button" data-scheme="light" aria-keyshortcuts="l" { "Light" }
                    button type="button" data-scheme="dark" aria-keyshortcuts="d" { "Dark" }
                }
                p.links data-part id="letter-links" { a href={ "text?" (switches.sent()) } target="_blank" { "Text" } " " a href={ "preview?" (switches.sent()) } target="_blank" { "Preview" } }
            }
            p #as-of role="status" {}
            @if let Some(variant) = showing.variants.get(number) {
                p.mail.apple data-part id="apple" {
                    b { (showing.from) }
                    i { "Apple Mail" }
                    span { (variant.subject) }
                    span { (variant.opening) }
                }
                div #pane tabindex="0" role="region" aria-label="The letter, 375 pixels wide" {
                    div.screen {
                        span #mark hidden {}
                        iframe name="letter" title="The letter" width="375" sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"
                            src={ "html?" (switches.sent()) "&v=" (showing.version) } {}
                    }
                }
            } @else { p.empty { "No pages yet." } }
        }
    }
}

pub(super) fn margin(showing: &Showing) -> Markup {
    html! {
        section #findings {
            h2 { "Findings" }
            @if showing.findings.is_empty() { p.fine { "None." } }
            ul {
                @for finding in &showing.findings {
                    li { code { (finding.name) } " " b { (finding.place) } " " (ticked(finding.what.as_str())) span.fine { (ticked(finding.hint)) } }
                }
            }
        }
        section { h2 { "Why it is there" } p #because { "Choose a story." } }
        @if let Some(shown) = &showing.results {
            section {
                h2 { "What " (shown.day.day().format("%-d %B")) " brought" }
                p { (counted(shown.accepted, "letter", "letters")) " accepted" }
            }
        }
        p #how.fine { "Space picks a story up by its number; then arrow keys move it, Enter puts it down, Escape puts it back. Alt with J or K moves it at once." }
    }
}
