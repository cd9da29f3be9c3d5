//! The bar: views, switches, the form for a proof, and the keys for all of them.

use maud::{Markup, html};

use super::super::Showing;
use super::super::switches::{Scheme, Styles};
use super::{ProofFormView, Sight, counted, ticked};

/// The views: anchor, words, key.
const VIEWS: [(&str, &str, &str); 10] = [
    ("both", "Both", "0"),
    ("phone", "Phone", "1"),
    ("desktop", "Desktop", "2"),
    ("inbox", "Inbox", "3"),
    ("text", "Text", "4"),
    ("why", "Why", "5"),
    ("findings", "Findings", "6"),
    ("source", "File", "7"),
    ("code", "HTML", "8"),
    ("headers", "Headers", "9"),
];

/// The other keys, with what they do.
const KEYS: [(&str, &str); 10] = [
    ("l d i", "Light, dark, inverted"),
    ("s", "All styles, no <style>, no CSS"),
    ("p", "Pictures on or off"),
    ("b", "Before and after"),
    ("v", "Next audience"),
    ("/", "Find a story"),
    ("c", "Copy the letter as HTML"),
    ("m", "Send a proof"),
    ("Esc", "Close what is open"),
    ("?", "This list"),
];

pub(super) fn bar(sight: &Sight<'_>, form: &ProofFormView<'_>) -> Markup {
    html! {
        div #bar {
            nav #views data-part aria-label="Views" { (tabs(sight)) }
            p #live role="status" {}
            details #proof {
                summary aria-keyshortcuts="m" { "Proof" }
                form data-part id="ask" method="post" action="proof" { (proof(sight.showing, form, &sight.switches.query())) }
            }
            button #keys.scripted type="button" aria-keyshortcuts="?" { "Keys" }
            form #switches data-part method="get" aria-label="Switches" { (switches(sight)) }
        }
    }
}

fn tabs(sight: &Sight<'_>) -> Markup {
    html! {
        @for (id, words, key) in VIEWS {
            a href={ "#" (id) } aria-keyshortcuts=(key) {
                (words)
                @if id == "findings" && !sight.showing.findings.is_empty() {
                    " " span.count { (sight.showing.findings.len()) }
                }
            }
        }
    }
}

fn switches(sight: &Sight<'_>) -> Markup {
    let (showing, switches) = (sight.showing, sight.switches);
    html! {
        input type="hidden" name="scheme" value=(switches.scheme.names().0);
        @if switches.pictures_off { input type="hidden" name="pictures" value="off"; }
        @if switches.compare { input type="hidden" name="compare" value="1"; }
        @if !showing.problems.is_empty() { a.trouble href="#notices" { (counted(showing.problems.len(), "problem")) } }
        @if showing.variants.len() > 1 {
            label for="variant" { "For" }
            select #variant name="variant" aria-keyshortcuts="v" {
                @for (index, variant) in showing.variants.iter().enumerate() {
                    option value=(index) selected[index == switches.variant] {
                        (variant.name) @if let Some(readers) = variant.readers { " · " (counted(readers, "subscriber")) }
                    }
                }
            }
        }
        fieldset {
            legend { "Colors" }
            @for scheme in Scheme::ALL {
                @let (value, words, key) = scheme.names();
                button id=(value) name="scheme" value=(value) aria-pressed=(scheme == switches.scheme) aria-keyshortcuts=(key) { (words) }
            }
        }
        label.unseen for="styles" { "Styles" }
        select #styles name="styles" aria-keyshortcuts="s" {
            @for styles in Styles::ALL {
                @let (value, words) = styles.names();
                option value=(value) selected[styles == switches.styles] { (words) }
            }
        }
        button.unscripted type="submit" { "Show" }
        button #pictures name="pictures" value=(if switches.pictures_off { "on" } else { "off" }) aria-pressed=(!switches.pictures_off)
            aria-keyshortcuts="p" { "Pictures" }
        button #compare name="compare" value=(if switches.compare { "0" } else { "1" }) aria-pressed=(switches.compare) aria-keyshortcuts="b" {
            "Before and after"
        }
    }
}

/// What is in the form that asks for a proof; it leads back to the page with these switches.
pub(in super::super) fn proof(
    showing: &Showing,
    form: &ProofFormView<'_>,
    switches: &str,
) -> Markup {
    html! {
        input type="hidden" name="token" value=(form.token);
        input type="hidden" name="switches" value=(switches);
        label for="to" { "Send a proof to" }
        input #to type="email" name="to" required autocomplete="email" placeholder="you@example.org";
        button disabled[form.token.is_empty()] { "Send" }
        p.fine {
            "One letter to this address, marked [Proof]"
            @if let Some(relay) = &showing.relay { ", " (ticked(relay.as_str())) }
            ". Subscribers get nothing."
        }
    }
}

pub(super) fn help() -> Markup {
    html! {
        dialog #help aria-labelledby="help-title" {
            h2 #help-title { "Keys" }
            dl {
                @for (_, words, key) in VIEWS { div { dt { kbd { (key) } } dd { (words) } } }
                @for (keys, words) in KEYS { div { dt { @for key in keys.split(' ') { kbd { (key) } " " } } dd { (words) } } }
            }
            form method="dialog" {
                // Who talks to a computer, or whose hand shakes, wants no single letters (WCAG 2.1.4).
                label { input #keyed type="checkbox" checked; " Keys are on" }
                button { "Close" }
            }
        }
    }
}
