//! Every candidate with its reason and the parts of its score.

use maud::{Markup, html};

use super::ticked;
use crate::model::figures::{counted, rounded};
use crate::newsroom::reasons::Reason;

pub(super) fn why(reasons: &[Reason]) -> Markup {
    let (chosen, passed_over): (Vec<&Reason>, Vec<&Reason>) =
        reasons.iter().partition(|reason| !reason.slots.is_empty());
    let best = best_score(reasons);
    html! {
        header {
            h2 #why-title { "Why these stories" }
            @if !reasons.is_empty() {
                input #find.scripted type="search" placeholder="Find a story" aria-label="Find a story" aria-keyshortcuts="/" autocomplete="off";
            }
        }
        @if reasons.is_empty() { p.empty { "No reasons are known for this edition." } }
        @if !chosen.is_empty() {
            h3 { "Chosen" small { (counted(chosen.len(), "story", "stories")) } }
            ol.reasons { @for reason in chosen { (row(reason, best)) } }
        }
        @if !passed_over.is_empty() {
            h3 { "Passed over" small { (counted(passed_over.len(), "story", "stories")) } }
            ol.reasons.passed { @for reason in passed_over { (row(reason, best)) } }
        }
    }
}

fn row(reason: &Reason, best: f64) -> Markup {
    html! {
        li {
            p.slots { @for (list, place) in &reason.slots { span class={ "slot " (list.key()) } { (list.words()) " " b { (place) } } } }
            div {
                p.headline { a href=(reason.url.as_str()) target="_blank" rel="noreferrer" { (reason.headline) } }
                p.because { (ticked(reason.why.as_str())) }
                p.fine { @if let Some(section) = &reason.section { span { (section) } } span { (reason.url.host()) } }
                @if !reason.parts.is_empty() {
                    dl.parts { @for (name, part) in &reason.parts { div { dt { (name.replace('_', " ")) } dd { (number(*part)) } } } }
                }
            }
            div.score {
                @if let Some(score) = reason.score {
                    p { (number(score)) span.unseen { " points" } }
                    (score_bar(score, best))
                }
            }
        }
    }
}

pub(in super::super) fn best_score(reasons: &[Reason]) -> f64 {
    let scores = reasons.iter().filter_map(|reason| reason.score);
    scores.fold(0.0, f64::max)
}

/// The score against the best of all; drawn as SVG because the page's policy allows no inline style.
pub(in super::super) fn score_bar(score: f64, best: f64) -> Markup {
    let length = if best > 0.0 {
        (100.0 * score / best).clamp(0.0, 100.0)
    } else {
        0.0
    };
    html! {
        svg viewBox="0 0 100 3" preserveAspectRatio="none" aria-hidden="true" {
            rect.rail width="100" height="3" {}
            rect.fill width=(format!("{length:.1}")) height="3" {}
        }
    }
}

/// Scores differ by orders of magnitude; three figures are enough to compare them.
fn number(value: f64) -> String {
    let digits = match value.abs() {
        v if v >= 99.95 => return rounded(value).replace('-', "−"),
        v if v >= 9.995 => 1,
        _ => 2,
    };
    format!("{value:.digits$}").replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_figures() {
        for (value, shown) in [
            (0.0, "0.00"),
            (-0.058, "−0.06"),
            (12.34, "12.3"),
            (999.6, "1,000"),
            (1_204_000.0, "1,204,000"),
            (-1_204.0, "−1,204"),
        ] {
            assert_eq!(number(value), shown);
        }
    }
}
