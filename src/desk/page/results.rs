//! What the edition before brought.

use maud::{Markup, html};

use crate::desk::showing::ShownResults;
use crate::model::figures::{counted, grouped};
use crate::model::results::Arrivals;

pub(super) fn results(shown: &ShownResults) -> Markup {
    let day = shown.day.day().format("%-d %B");
    html! {
        h3 { "What " (day) " brought" small { (counted(shown.accepted, "letter", "letters")) " accepted; arrivals by its links" } }
        ol.reasons {
            @for row in &shown.results.arrived {
                li {
                    p.slots { span class={ "slot " (row.place.list.key()) } { (row.place.list.words()) " " b { (row.place.number) } } }
                    div { p.headline { a href=(row.url) target="_blank" rel="noreferrer" { (row.headline) } } }
                    div.score { p { @match row.arrivals.known() {
                        Some(known) => { (grouped(known)) span.unseen { " arrivals" } }
                        None => { "under " (Arrivals::FEWEST) }
                    } } }
                }
            }
        }
    }
}
