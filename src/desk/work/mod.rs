//! The desk: what an editor does on one side, what readers get on the other. The server draws every part for what the file says; the script
//! moves, asks and puts new parts in place of old ones, and keeps what is typed until the file has it. Without a script it can be read.
//!
//! Parts marked `data-part` are put in place whole; those marked `data-unit` (a line of the envelope, a story) only while nobody writes in them.

mod envelope;
mod keys;
mod offers;
mod rows;
mod side;
mod versions;

use maud::{DOCTYPE, Markup, html};

use super::page::{ProofFormView, notices, proof, shown_variant, ticked, weight};
use super::switches::Switches;
use super::{EditionState, Showing};
use crate::model::edition::List;
use crate::model::line::Line;

/// The views: anchor, words, key. The letter is one only where there is no room for it beside the stories.
const VIEWS: [(&str, &str, &str); 3] = [
    ("stories", "Stories", "1"),
    ("letter", "Letter", "2"),
    ("versions", "Versions", "3"),
];

/// What the page is drawn from.
pub(super) struct DeskView<'v> {
    pub(super) showing: &'v Showing,
    pub(super) switches: &'v Switches,
    pub(super) form: &'v ProofFormView<'v>,
    pub(super) token: &'v str,
    /// Who asks for it; empty where nobody says.
    pub(super) who: &'v Line,
    /// Whether there are other editions to go to.
    pub(super) is_teams: bool,
}

pub(super) fn page(view: &DeskView<'_>) -> Markup {
    let DeskView {
        showing,
        switches,
        form,
        token,
        who,
        is_teams,
    } = *view;
    let number = shown_variant(showing, switches);
    let variant = showing.variants.get(number);
    let is_open = matches!(showing.state, EditionState::Draft { .. });
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content";
                meta name="color-scheme" content="light dark";
                title { (showing.newsletter) " · desk" }
                link rel="icon" href="icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="desk.css";
                script type="module" src="desk/main.js" {}
            }
            body data-view="stories" data-version=(showing.version) data-edition=(showing.edition_version.unwrap_or_default())
                data-slug=(showing.slug) data-token=(token) data-who=(who) data-open=(is_open) .stale[!showing.problems.is_empty()] {
                a.skip href="#work" { "Skip to the stories" }
                header #masthead {
                    div.title data-part id="title" { (title(showing, is_teams)) }
                    div.gauge.clock data-part id="clock" { (clock(showing)) }
                    @if let Some(variant) = variant { div.gauge data-part id="weight" { (weight(variant)) } }
                }
                div #notices data-part aria-live="polite" { (notices(showing, form)) (after_freeze(showing)) }
                div #kept {}
                div #bar {
                    nav #views aria-label="Desk" {
                        @for (id, words, key) in VIEWS {
                            a href={ "#" (id) } class={ "v-" (id) } aria-keyshortcuts=(key) aria-current=[(id == "stories").then_some("page")] { (words) }
                        }
                    }
                    section #tools aria-label="Tools" {
                        p #here {}
                        p #saved role="status" {
                            @if let Some(version) = showing.edition_version { "Version " (version) }
                        }
                        div.pair.scripted {
                            button #undo type="button" disabled aria-keyshortcuts="u" { "Undo" }
                            button #redo type="button" disabled aria-keyshortcuts="Shift+U" { "Redo" }
                        }
                        details #proof {
                            summary aria-keyshortcuts="m" { "Proof" }
                            form data-part id="ask" method="post" action="proof" { (proof(showing, form, "")) }
                        }
                        div #holding data-part { (holding(showing)) }
                        button #keys.scripted type="button" aria-keyshortcuts="?" { "Keys" }
                    }
                }
                main {
                    div #work tabindex="-1" {
                        (envelope::envelope(showing, variant, is_open))
                        div #lists { (rows::lists(showing)) }
                        div #more data-part { (rows::more(showing)) }
                    }
                    section #versions data-part aria-labelledby="versions-title" { (versions::versions(showing)) }
                    (side::letter(showing, number, switches))
                }
                aside #margin data-part aria-label="Beside the edition" { (side::margin(showing)) }
                div #offers data-part hidden { (offers::offers(showing)) }
                (keys::keys())
                p #say.unseen role="status" aria-live="polite" {}
                p #say-now.unseen aria-live="assertive" {}
            }
        }
    }
}

fn title(showing: &Showing, is_teams: bool) -> Markup {
    html! {
        p.brand {
            @if is_teams { a href="/editions" { "newsdigest" span { " desk" } " · all editions" } } @else { "newsdigest" span { " desk" } }
        }
        h1 { (showing.newsletter) }
        p.edition {
            time datetime=(showing.slug.day()) { (showing.slug.day().format("%A, %-d %B %Y")) }
            @match &showing.state {
                EditionState::Draft { file, held } => {
                    @if *held { span.state.would { "Held" } } @else { span.state.draft { "Draft" } }
                    code { (file) }
                }
                EditionState::WouldDraft => { span.state.would { "Not drafted yet" } }
                EditionState::Frozen { .. } => { span.state.frozen { "Frozen" } }
            }
        }
    }
}

/// How long there is until it goes; the script counts.
fn clock(showing: &Showing) -> Markup {
    html! {
        p {
            span {
                @match &showing.state {
                    EditionState::Frozen { when, .. } => { strong { (when.format("%H:%M")) } " frozen" }
                    EditionState::Draft { held: true, .. } => { b.asks { "held" } " until you let it go" }
                    _ => @match showing.send_at {
                        Some(at) => { strong #left data-at=(at.to_rfc3339()) { (at.format("%H:%M")) } " it goes" }
                        None => { "sent by hand: " code { "newsdigest send" } }
                    },
                }
            }
            @if let Some(audience) = &showing.audience { span { (audience) } }
        }
    }
}

/// What came too late.
fn after_freeze(showing: &Showing) -> Markup {
    html! {
        @match &showing.state {
            EditionState::Frozen { when, changed_since: false } => {
                section.notice.frozen-notice aria-label="Frozen" {
                    p { strong { "Frozen at " (when.format("%H:%M")) "." } " What readers get is what you see; nothing here changes it." }
                }
            }
            EditionState::WouldDraft => {
                section.notice.frozen-notice aria-label="Not drafted yet" {
                    p { strong { "There is no edition file yet." } " This is what would be drafted now. " code { "newsdigest draft" } " writes it, then it can be edited here." }
                }
            }
            _ => {}
        }
    }
}

fn holding(showing: &Showing) -> Markup {
    html! {
        @if let EditionState::Draft { held, .. } = &showing.state {
            button #hold.scripted type="button" aria-pressed=(held) title="A held edition is not sent" { @if *held { "Held" } @else { "Hold" } }
        }
    }
}

/// What a list is called over its stories.
const fn heading(list: List) -> &'static str {
    match list {
        List::Top => "Top stories",
        List::MostRead => "Most read",
        List::Latest => "Latest",
    }
}
