//! The candidates that may be put in for a story. The script shows those for a place, or those with the words that are sought.

use std::collections::HashSet;

use maud::{Markup, html};

use super::super::editor::why;
use super::super::page::{best_score, score_bar};
use super::super::showing::Showing;
use super::rows::views;
use super::ticked;
use crate::model::edition::{Edition, List};
use crate::model::figures::rounded;
use crate::model::link::{Link, StoryKey};
use crate::newsroom::reasons::Reason;

/// The most candidates that the page has; the best are first.
const MOST: usize = 400;

pub(super) fn offers(showing: &Showing) -> Markup {
    let best = best_score(&showing.reasons);
    let printed: Vec<(List, StoryKey)> = (showing.edition.iter().flat_map(Edition::stories))
        .map(|(list, placed)| (list, placed.story.url.key()))
        .collect();
    // What somebody took out is found by its words only.
    let dropped = showing.edition.iter().flat_map(|edition| &edition.drop);
    let dropped: HashSet<StoryKey> = dropped.map(Link::key).collect();
    let mut offered: Vec<&Reason> = showing.reasons.iter().collect();
    offered.sort_by(|a, b| b.score.unwrap_or(-1.0).total_cmp(&a.score.unwrap_or(-1.0)));
    html! {
        ol {
            @for reason in offered.into_iter().take(MOST) {
                @let key = reason.url.key();
                li data-url=(reason.url.as_str()) data-score=(reason.score.unwrap_or(-1.0)) data-views=(reason.views.unwrap_or_default())
                    data-published=(reason.published.map(|at| at.timestamp()).unwrap_or_default()) data-lists=(lists(&printed, &key)) data-dropped=(dropped.contains(&key)) {
                    span.offer-what {
                        b { (reason.headline) }
                        span.fine { @if let Some(section) = &reason.section { (section) " · " } (ticked(why(reason))) }
                    }
                    span.score {
                        @if let Some(score) = reason.score {
                            b { (rounded(score)) } " points"
                            (score_bar(score, best))
                        }
                    }
                    (views(Some(reason)))
                }
            }
        }
    }
}

/// The lists in which a story is printed.
fn lists(printed: &[(List, StoryKey)], key: &StoryKey) -> String {
    let lists = printed.iter().filter(|(_, printed)| printed == key);
    let mut lists: Vec<&str> = lists.map(|(list, _)| list.key()).collect();
    lists.dedup();
    lists.join(" ")
}
