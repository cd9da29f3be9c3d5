//! The rules: who may be printed, and who gets which place once all are ranked.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};

use crate::edition::{List, Slug};
use crate::story::Candidate;

use super::{History, Options, Overlap};

/// Why a story may not be printed at all.
#[derive(Clone, Debug)]
pub(super) enum Barred {
    /// It ran in that edition.
    Ran(Slug),
    /// It came out before the window opened.
    BeforeWindow(DateTime<Utc>),
}

/// Whether a story may be printed. Without a date it may: it is taken as published at some time in the window.
pub(super) fn admit(
    candidate: &Candidate,
    history: &History,
    opens: DateTime<Utc>,
) -> Option<Barred> {
    if !history.ran.is_empty()
        && let Some(slug) = history.ran.get(&candidate.story.url.key())
    {
        return Some(Barred::Ran(slug.clone()));
    }
    let published = candidate.story.published?;
    (published < opens).then_some(Barred::BeforeWindow(published))
}

/// A story as the rules see it: stories are named by their number among those that may be printed, best first for `top`.
pub(super) struct Ranked<'a> {
    pub(super) candidate: &'a Candidate,
    /// The score for `most_read`; `None`: not for that list.
    pub(super) most_read: Option<f64>,
    /// When it came out, never later than now.
    pub(super) published: Option<DateTime<Utc>>,
}

/// Which stories stand where.
#[derive(Default)]
pub(super) struct Placement {
    /// Each list, in order.
    pub(super) lists: BTreeMap<List, Vec<usize>>,
    /// Every story by its score for `most_read`, best first, with or without a place.
    pub(super) by_day: Vec<usize>,
    /// Stories that their section's cap kept out of `top`, and the how-manieth of the section each was.
    pub(super) crowded: HashMap<usize, usize>,
}

/// Gives out the places.
pub(super) fn place(ranked: &[Ranked<'_>], options: &Options) -> Placement {
    let (top, crowded) = top(ranked, options);
    let mut by_day: Vec<usize> = (0..ranked.len())
        .filter(|&story| ranked[story].most_read.is_some())
        .collect();
    // Stable: equals stay in the order of `top`, which no input order can change.
    by_day.sort_by(|&a, &b| {
        let day = |story: usize| ranked[story].most_read.unwrap_or_default();
        day(b).total_cmp(&day(a))
    });
    let most_read: Vec<usize> = by_day
        .iter()
        .copied()
        .filter(|story| options.overlap == Overlap::Allowed || !top.contains(story))
        .take(options.most_read)
        .collect();
    let mut latest: Vec<usize> = (0..ranked.len())
        .filter(|story| !top.contains(story) && !most_read.contains(story))
        .collect();
    // Newest first; `None` is less than any date, so stories without one come last.
    latest.sort_by_key(|&story| std::cmp::Reverse(ranked[story].published));
    latest.truncate(options.latest);
    Placement {
        lists: BTreeMap::from([
            (List::Top, top),
            (List::MostRead, most_read),
            (List::Latest, latest),
        ]),
        by_day,
        crowded,
    }
}

/// The best, but at most `per_section` of one section as long as others can fill the slots.
fn top(ranked: &[Ranked<'_>], options: &Options) -> (Vec<usize>, HashMap<usize, usize>) {
    let mut sections = SectionCount::default();
    let mut top = Vec::with_capacity(options.top.min(ranked.len()));
    let mut crowded = Vec::new();
    for (story, ranked) in ranked.iter().enumerate() {
        if top.len() == options.top {
            break;
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
    (top, crowded.into_iter().collect())
}

/// Counts stories by section, without regard to case. Stories without a section are not counted.
#[derive(Default)]
pub(super) struct SectionCount(HashMap<String, usize>);

impl SectionCount {
    /// The how-manieth of its section this one is, from 1; 0 without a section.
    pub(super) fn add(&mut self, candidate: &Candidate) -> usize {
        let Some(section) = &candidate.story.section else {
            return 0;
        };
        let count = self.0.entry(section.as_str().to_lowercase()).or_default();
        *count += 1;
        *count
    }
}
