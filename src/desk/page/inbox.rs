//! The same letter as inboxes list it, before anybody opens it.

use maud::{Markup, html};

use super::super::{Showing, Variant};
use super::counted;
use crate::model::line::Line;

/// The two that are over everything: one row on a desktop, three lines on a phone.
pub(super) fn strip(showing: &Showing, variant: &Variant) -> Markup {
    html! {
        figure { figcaption { "Gmail, desktop" } (gmail(showing, variant)) (lengths(variant)) }
        figure { figcaption { "Apple Mail, phone" } (apple(showing, variant)) }
    }
}

/// All that are known, with what each shows.
pub(super) fn inboxes(showing: &Showing, variant: Option<&Variant>) -> Markup {
    html! {
        header { h2 #inbox-title { "In the inbox" } }
        @if let Some(variant) = variant {
            figure { figcaption { "Gmail, desktop" small { "subject and opening share a row" } } (gmail(showing, variant)) (lengths(variant)) }
            figure { figcaption { "Outlook, desktop" small { "a line each" } } (lines("outlook", showing, variant)) }
            div.phones {
                figure { figcaption { "Apple Mail, phone" small { "two lines of opening" } } (apple(showing, variant)) }
                figure { figcaption { "Gmail, phone" small { "a line each" } } (lines("android", showing, variant)) }
                figure { figcaption { "Locked screen" small { "what a glance takes in" } } (lines("locked", showing, variant)) }
            }
        } @else { p.empty { "No pages yet." } }
    }
}

/// One row: the subject, and as much of the opening as there is room for.
pub(in super::super) fn gmail(showing: &Showing, variant: &Variant) -> Markup {
    html! {
        p.mail.gmail {
            b { (showing.from) }
            span { b { (variant.subject) } @if !variant.opening.is_empty() { " – " (variant.opening) } }
        }
    }
}

fn apple(showing: &Showing, variant: &Variant) -> Markup {
    lines("apple", showing, variant)
}

fn lines(client: &str, showing: &Showing, variant: &Variant) -> Markup {
    html! {
        p.mail.(client) {
            b { (showing.from) }
            span { (variant.subject) }
            span { (variant.opening) }
        }
    }
}

fn lengths(variant: &Variant) -> Markup {
    let characters = |line: &Line| counted(line.as_str().chars().count(), "character");
    html! {
        p.fine {
            span { "Subject of " (characters(&variant.subject)) }
            span { "opening of " (characters(&variant.opening)) }
        }
    }
}
