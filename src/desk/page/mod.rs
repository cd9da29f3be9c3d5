//! The page itself, drawn whole on the server for every position of its switches. It decides nothing about routes and holds no state:
//! the script only asks for the same page again and puts the changed parts in their place (elements marked `data-part`).

use maud::{DOCTYPE, Markup, html};

use super::orders::ProofAnswer;
use super::switches::{Scheme, Switches};
use super::{EditionState, Showing, Variant};
use crate::model::finding::Gravity;
use crate::model::problem::Problem;

mod bar;
mod findings;
mod headers;
mod inbox;
mod letters;
mod results;
mod texts;
mod why;

pub(super) use bar::proof;
pub(super) use inbox::gmail;
pub(super) use why::{best_score, score_bar};

/// What Gmail shows of a letter before it clips: not documented, measured at 102 to 105 KB of HTML. The whole letter is held against it, which
/// is the safe side.
const GMAIL_CLIPS: usize = 102_400;

/// The form that asks for a proof, as it is now.
pub(super) struct ProofFormView<'f> {
    pub(super) token: &'f str,
    /// What came of the last one.
    pub(super) answer: Option<&'f ProofAnswer>,
}

/// What every part of the page is drawn from.
struct Sight<'s> {
    showing: &'s Showing,
    switches: &'s Switches,
    variant: Option<&'s Variant>,
    /// The letter to the same readers before its last change, and its number among those before; only when it is compared.
    before: Option<(usize, &'s Variant)>,
}

/// The number of the variant that is shown: instead of one that is not there, the first.
pub(super) fn shown_variant(showing: &Showing, switches: &Switches) -> usize {
    let wanted = Some(switches.variant).filter(|number| *number < showing.variants.len());
    wanted.unwrap_or_default()
}

/// The whole page.
pub(super) fn page(showing: &Showing, switches: &Switches, form: &ProofFormView<'_>) -> Markup {
    let switches = &Switches {
        variant: shown_variant(showing, switches),
        before: false,
        ..*switches
    };
    let variant = showing.variants.get(switches.variant);
    let before = showing
        .before
        .as_ref()
        .filter(|_| switches.compare)
        .zip(variant);
    let sight = &Sight {
        showing,
        switches,
        variant,
        before: before.and_then(|(before, variant)| {
            let mut all = before.variants.iter().enumerate();
            all.find(|(_, old)| old.name == variant.name)
        }),
    };
    let subject = variant.map_or(&showing.newsletter, |variant| &variant.subject);
    let broken = !showing.problems.is_empty();
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { @if broken { (counted(showing.problems.len(), "problem")) " · " } (subject) " · preview" }
                link rel="icon" href="icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="style.css";
                script src="script.js" defer {}
            }
            body data-view="both" data-version=(showing.version) .stale[broken] .dark[switches.scheme != Scheme::Light]
                .inverted[switches.scheme == Scheme::Inverted] .compared[sight.before.is_some()] {
                a.skip href="#stage" { "Skip to the letter" }
                header #masthead data-part {
                    (masthead(showing))
                    @if let Some(variant) = variant { (weight(variant)) }
                }
                div #notices data-part aria-live="polite" { (notices(showing, form)) }
                section #strip data-part aria-label="In the inbox" {
                    @if let Some(variant) = variant { (inbox::strip(showing, variant)) }
                }
                (bar::bar(sight, form))
                main #stage tabindex="-1" {
                    div #said data-part { (letters::said(sight)) }
                    div #both { (letters::letters(sight)) }
                    section #inbox data-part aria-labelledby="inbox-title" { (inbox::inboxes(showing, variant)) }
                    section #text data-part aria-labelledby="text-title" { (texts::text(sight)) }
                    section #why data-part aria-labelledby="why-title" {
                        (why::why(&showing.reasons))
                        @if let Some(shown) = &showing.results { (results::results(shown)) }
                    }
                    section #findings data-part aria-labelledby="findings-title" { (findings::findings(&showing.findings)) }
                    section #source data-part aria-labelledby="source-title" { (texts::source(showing)) }
                    section #code data-part aria-labelledby="code-title" { (texts::code(sight)) }
                    section #headers data-part aria-labelledby="headers-title" { (headers::headers(sight)) }
                }
                (bar::help())
            }
        }
    }
}

fn masthead(showing: &Showing) -> Markup {
    html! {
        div.title {
            p.brand { "newsdigest" span { " preview" } }
            h1 { (showing.newsletter) }
            p.edition {
                time datetime=(showing.slug.day()) { (showing.slug.day().format("%A, %-d %B %Y")) }
                @match &showing.state {
                    EditionState::Draft { file, held } => {
                        @if *held { span.state.would { "Held" } code { "hold = true" } " is in " } @else { span.state.draft { "Draft" } }
                        code { (file) }
                    }
                    EditionState::WouldDraft => { span.state.would { "Not drafted yet" } "this is what " code { "newsdigest draft" } " would write; its pictures are still the sources' own" }
                    EditionState::Frozen { when, .. } => { span.state.frozen { "Frozen" } (when.format("%-d %B %Y, %H:%M %:z")) }
                }
                @if let Some(audience) = &showing.audience { span.audience { "to " (audience) } }
            }
        }
    }
}

/// The letter's size, with a bar against what Gmail shows.
pub(super) fn weight(variant: &Variant) -> Markup {
    let letter = variant.letter.len();
    let percent = letter.saturating_mul(100).div_ceil(GMAIL_CLIPS);
    html! {
        div.weight {
            p { span { strong { (kilobytes(letter)) } " letter" } span { (percent) "% of what Gmail shows" } }
            meter min="0" max=(GMAIL_CLIPS) low="70000" high="95000" optimum="0" value=(letter)
                aria-label="The letter against the 102,400 bytes at which Gmail clips" {}
            p.fine { span { (kilobytes(variant.html.len())) " HTML" } span { (kilobytes(variant.text.len())) " text" } }
        }
    }
}

pub(super) fn notices(showing: &Showing, form: &ProofFormView<'_>) -> Markup {
    let grave = showing
        .findings
        .iter()
        .filter(|finding| finding.gravity == Gravity::Error)
        .count();
    html! {
        @if let Some(answer) = form.answer {
            p.notice.answer.refused[!answer.accepted] { strong { "Proof: " } (ticked(answer.words.as_str())) }
        }
        @if !showing.problems.is_empty() {
            section.notice.problems aria-labelledby="problems-title" {
                h2 #problems-title { (counted(showing.problems.len(), "problem")) }
                p.fine {
                    @if showing.variants.is_empty() { "Nothing can be shown yet. The page looks again as soon as a file is saved." }
                    @else { "Below are the last pages that were good. They are replaced as soon as this is repaired." }
                }
                ul { @for problem in &showing.problems { li { (trouble(problem)) } } }
            }
        }
        @if matches!(showing.state, EditionState::Frozen { changed_since: true, .. }) {
            section.notice.changed aria-label="The file has changed" {
                p { strong { "The edition file has changed since it was frozen." } " What is sent is what you see here, not what the file says now." }
            }
        }
        @if !showing.misses.is_empty() {
            section.notice.misses aria-labelledby="misses-title" {
                h2 #misses-title { (counted(showing.misses.len(), "source")) " missed" }
                ul { @for miss in &showing.misses { li { b { (miss.source) } span { (ticked(miss.what.as_str())) } } } }
            }
        }
        @if grave > 0 {
            p.notice.grave {
                strong { (counted(grave, "finding")) " would stop the send" }
                a href="#findings" { "What to do" }
            }
        }
    }
}

fn trouble(problem: &Problem) -> Markup {
    html! {
        p.what { (ticked(&problem.what)) }
        @if let Some(place) = &problem.place { pre tabindex="0" role="group" aria-label="Where it is" { (place) } }
        @if let Some(hint) = &problem.hint { p.hint { "hint: " (ticked(hint)) } }
    }
}

/// Words with what is between backticks set as code, the way our messages mark values.
pub(super) fn ticked(words: &str) -> Markup {
    html! {
        @for (index, piece) in words.split('`').enumerate() {
            @if index % 2 == 1 { code { (piece) } } @else { (piece) }
        }
    }
}

pub(super) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Thousands of bytes, with one decimal.
fn kilobytes(bytes: usize) -> String {
    format!("{:.1} KB", bytes as f64 / 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_in_messages_are_set_as_code() {
        insta::assert_snapshot!(ticked("unknown key `a<b`, expected `b`").into_string(), @"unknown key <code>a&lt;b</code>, expected <code>b</code>");
    }
}
