//! Who gets which place, once all are ranked.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};

use super::{Overlap, SelectionOptions};
use crate::model::edition::List;
use crate::model::story::Candidate;

/// A story that may be printed. Stories go by their rank for `top`, from 0.
pub(super) struct Ranked<'a> {
    pub(super) candidate: &'a Candidate,
    /// The score for `most_read`; `None`: not for that list.
    pub(super) most_read: Option<f64>,
    /// When it came out, never later than now.
    pub(super) published: Option<DateTime<Utc>>,
    /// A better story of the same event.
    pub(super) follows: Option<usize>,
}

/// Who got which place; stories go by their rank for `top`, from 0.
pub(super) struct Places {
    /// By story, its place in each list, from 1.
    pub(super) slots: Vec<BTreeMap<List, usize>>,
    /// The rank of each story by the score of `most_read`, from 1, with or without a place.
    pub(super) by_day: HashMap<usize, usize>,
    /// Stories that their section's cap kept out of `top`, and which one of the section each was, from 1.
    pub(super) crowded: HashMap<usize, usize>,
}

impl Places {
    pub(super) fn give(ranked: &[Ranked<'_>], options: &SelectionOptions) -> Self {
        let (top, crowded) = top(ranked, options);
        let by_day = by_day(ranked);
        let most_read: Vec<usize> = by_day
            .iter()
            .copied()
            .filter(|story| options.overlap == Overlap::Allowed || !top.contains(story))
            .take(options.most_read)
            .collect();
        let mut latest: Vec<usize> = (0..ranked.len())
            .filter(|&story| ranked[story].follows.is_none())
            .filter(|story| !top.contains(story) && !most_read.contains(story))
            .collect();
        // Newest first; `None` is less than any date, so stories without one come last.
        latest.sort_by_key(|&story| std::cmp::Reverse(ranked[story].published));
        latest.truncate(options.latest);
        let mut slots = vec![BTreeMap::new(); ranked.len()];
        for (list, stories) in List::ALL.into_iter().zip([top, most_read, latest]) {
            for (story, place) in stories.into_iter().zip(1..) {
                slots[story].insert(list, place);
            }
        }
        Self {
            slots,
            by_day: by_day.into_iter().zip(1..).collect(),
            crowded,
        }
    }
}

/// Every story by its score for `most_read`, best first.
fn by_day(ranked: &[Ranked<'_>]) -> Vec<usize> {
    let mut by_day: Vec<usize> = (0..ranked.len())
        .filter(|&story| ranked[story].most_read.is_some() && ranked[story].follows.is_none())
        .collect();
    // Stable: equals stay in the order of `top`, which no input order can change.
    by_day.sort_by(|&a, &b| {
        let day = |story: usize| ranked[story].most_read.unwrap_or_default();
        day(b).total_cmp(&day(a))
    });
    by_day
}

/// The best, but at most `per_section` of one section as long as others can fill the slots.
fn top(ranked: &[Ranked<'_>], options: &SelectionOptions) -> (Vec<usize>, HashMap<usize, usize>) {
    let mut sections = SectionCount::default();
    let mut top = Vec::with_capacity(options.top.min(ranked.len()));
    let mut crowded = Vec::new();
    for (story, ranked) in ranked.iter().enumerate() {
        if top.len() == options.top {
            break;
        }
        if ranked.follows.is_some() {
            continue;
        }
        let nth = sections.add(ranked.candidate);
        if nth > options.per_section && options.per_section > 0 {
            crowded.push((story, nth));
        } else {
            top.push(story);
        }
    }
    let filling = (options.top - top.len()).min(crowded.len());
    top.extend(crowded.drain(..filling).map(|(story, _)| story));
    top.sort_unstable();
    in_the_papers_order(&mut top, ranked, options);
    (top, crowded.into_iter().collect())
}

/// The lede stays; the others follow the order of their sections, where the paper has one.
fn in_the_papers_order(top: &mut [usize], ranked: &[Ranked<'_>], options: &SelectionOptions) {
    let order: Vec<String> = options
        .sections
        .iter()
        .map(|section| section.as_str().to_lowercase())
        .collect();
    if let Some((_, others)) = top.split_first_mut() {
        others.sort_by_key(|&story| {
            let section = ranked[story].candidate.story.section.as_ref();
            let section = section.map(|section| section.as_str().to_lowercase());
            let place =
                section.and_then(|section| order.iter().position(|other| *other == section));
            place.unwrap_or(order.len())
        });
    }
}

/// Counts stories by section, without regard to case. Stories without a section are not counted.
#[derive(Default)]
pub(super) struct SectionCount(HashMap<String, usize>);

impl SectionCount {
    /// Which one of its section this story is, from 1; 0 without a section.
    pub(super) fn add(&mut self, candidate: &Candidate) -> usize {
        let Some(section) = &candidate.story.section else {
            return 0;
        };
        let count = self.0.entry(section.as_str().to_lowercase()).or_default();
        *count += 1;
        *count
    }
}
