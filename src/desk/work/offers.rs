//! The candidates that may be put in for a story. The script shows those for a place, or those with the words that are sought.

use maud::{Markup, html};

use super::super::editor::why;
use super::super::showing::Showing;
use super::rows::views;
use super::ticked;
use crate::model::edition::List;
use crate::model::figures::rounded;
use crate::newsroom::reasons::Reason;

/// The most candidates that the page has; the best are first.
const MOST: usize = 400;

pub(super) fn offers(showing: &Showing) -> Markup {
    let reasons = showing.reasons.iter();
    let best = reasons
        .filter_map(|reason| reason.score)
        .fold(0.0, f64::max);
    let mut offered: Vec<&Reason> = showing.reasons.iter().collect();
    offered.sort_by(|a, b| b.score.unwrap_or(-1.0).total_cmp(&a.score.unwrap_or(-1.0)));
    html! {
        ol {
            @for reason in offered.into_iter().take(MOST) {
                li data-url=(reason.url.as_str()) data-score=(reason.score.unwrap_or(-1.0)) data-views=(reason.views.unwrap_or_default())
                    data-published=(reason.published.map(|at| at.timestamp()).unwrap_or_default()) data-lists=(lists(showing, reason)) data-dropped=(is_dropped(showing, reason)) {
                    span.offer-what {
                        b { (reason.headline) }
                        span.fine { @if let Some(section) = &reason.section { (section) " · " } (ticked(why(reason))) }
                    }
                    span.score {
                        @if let Some(score) = reason.score {
                            b { (rounded(score)) } " points"
                            svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" {
                                rect.rail width="100" height="4" {}
                                rect.fill width=(format!("{:.1}", if best > 0.0 { (100.0 * score / best).clamp(0.0, 100.0) } else { 0.0 })) height="4" {}
                            }
                        }
                    }
                    (views(Some(reason)))
                }
            }
        }
    }
}

/// Whether somebody took it out: then it is found by its words only.
fn is_dropped(showing: &Showing, reason: &Reason) -> bool {
    let mut dropped = showing.edition.iter().flat_map(|edition| &edition.drop);
    dropped.any(|dropped| dropped.key() == reason.url.key())
}

/// The lists in which it is printed.
fn lists(showing: &Showing, reason: &Reason) -> String {
    let edition = showing.edition.as_ref();
    let key = reason.url.key();
    let is_in = |list: &List| {
        let mut placed = edition.into_iter().flat_map(|edition| edition.list(*list));
        placed.any(|placed| placed.story.url.key() == key)
    };
    let lists = List::ALL.into_iter().filter(is_in).map(List::key);
    lists.collect::<Vec<_>>().join(" ")
}
