//! Every save of the edition file, newest first, and the way back to it.

use maud::{Markup, html};

use super::super::showing::{EditionState, Showing};

pub(super) fn versions(showing: &Showing) -> Markup {
    let is_open = matches!(showing.state, EditionState::Draft { .. });
    html! {
        header.head {
            h2 #versions-title tabindex="-1" { "Versions" }
            p.fine { "Every save is one, also of the file in another program. To go back makes a new one: nothing is lost. " code { "newsdigest edition diff " (showing.slug) } " shows what each changed." }
        }
        @if showing.versions.is_empty() { p.empty { "None is known yet." } }
        ol.timeline {
            @for version in &showing.versions {
                @let is_now = Some(version.number) == showing.edition_version;
                li .on[is_now] {
                    b { (version.number) }
                    time datetime=(version.seen.to_rfc3339()) { (version.seen.format("%H:%M")) " UTC" }
                    span { (version.origin.words()) @if let Some(by) = &version.by { " by " (by) } }
                    @if is_now { span.flag.soft { "in the letter" } }
                    @else if is_open { button.link.scripted type="button" data-restore=(version.number) { "Go back to version " (version.number) } }
                }
            }
        }
    }
}
