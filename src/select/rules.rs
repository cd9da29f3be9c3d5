//! The rules: who may be printed, and who gets which place once all are ranked.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};

use crate::model::edition::{List, Ran, Slug};
use crate::model::line::Line;
use crate::model::link::StoryKey;
use crate::model::story::{Candidate, Story};

use super::events::Events;
use super::{History, Options, Overlap};

/// Why a story may not be printed at all.
#[derive(Clone, Debug)]
pub(super) enum Barred {
    /// The editor took it out.
    Dropped,
    /// The config bars this section, or this word.
    Never(Line),
    /// It ran in that edition.
    Ran(Slug),
    /// Its event ran in that edition, under that headline, and nothing much is new.
    EventRan(Slug, Line),
    /// It came out before the window opened.
    BeforeWindow(DateTime<Utc>),
}

/// Who may be printed.
pub(super) struct Rules<'a> {
    history: &'a History,
    ran: HashMap<&'a StoryKey, &'a Slug>,
    /// What the config bars, in lower case.
    never: Vec<(&'a Line, String)>,
    opens: DateTime<Utc>,
}

impl<'a> Rules<'a> {
    pub(super) fn new(history: &'a History, options: &'a Options, opens: DateTime<Utc>) -> Self {
        Self {
            history,
            ran: history
                .ran
                .iter()
                .map(|ran| (&ran.story.key, &ran.slug))
                .collect(),
            never: options
                .never
                .iter()
                .map(|never| (never, never.as_str().to_lowercase()))
                .collect(),
            opens,
        }
    }

    /// Why a story may not be printed, whatever its event. Without a date it may: it is taken as published at some time in the window.
    pub(super) fn bar(&self, candidate: &Candidate) -> Option<Barred> {
        let story = &candidate.story;
        let key = story.url.key();
        if self.history.dropped.contains(&key) {
            return Some(Barred::Dropped);
        }
        if let Some((never, _)) = self.never.iter().find(|(_, never)| is_named(story, never)) {
            return Some(Barred::Never((*never).clone()));
        }
        if let Some(slug) = self.ran.get(&key) {
            return Some(Barred::Ran((*slug).clone()));
        }
        let published = story.published?;
        (published < self.opens).then_some(Barred::BeforeWindow(published))
    }
}

/// Whether the story's section is that, or its kicker or headline has it as a word, or as words. `never` is in lower case.
fn is_named(story: &Story, never: &str) -> bool {
    let holds = |line: &Line| {
        let text = line.as_str().to_lowercase();
        text.match_indices(never).any(|(at, _)| {
            let end = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
            end(text[..at].chars().next_back()) && end(text[at + never.len()..].chars().next())
        })
    };
    story
        .section
        .as_ref()
        .is_some_and(|section| section.as_str().to_lowercase() == never)
        || story.kicker.as_ref().is_some_and(holds)
        || holds(&story.headline)
}

/// So much of a story must be new beside what ran of its event for the event to have moved on. Of 35 headlines of a front page whose event
/// had run, 5 of the 6 with less than a third new tell the same again, and 4 of the 29 with more.
const MOVED_ON: f64 = 1.0 / 3.0;

/// The newest edition in which a story's event ran.
pub(super) struct Earlier<'a> {
    pub(super) ran: &'a Ran,
    /// Whether the event has moved on since: the story came out after that edition, and says enough that none of them said.
    pub(super) moved_on: bool,
}

/// What ran, by event.
pub(super) struct Memory<'a> {
    events: &'a Events<'a>,
    ran: &'a [Ran],
    /// How many candidates stand before what ran in `events`.
    candidates: usize,
    by_event: HashMap<usize, Vec<usize>>,
}

impl<'a> Memory<'a> {
    pub(super) fn new(events: &'a Events<'a>, candidates: usize, ran: &'a [Ran]) -> Self {
        let mut by_event: HashMap<usize, Vec<usize>> = HashMap::new();
        for text in candidates..candidates + ran.len() {
            by_event.entry(events.event(text)).or_default().push(text);
        }
        Self {
            events,
            ran,
            candidates,
            by_event,
        }
    }

    /// Whether that candidate's event ran.
    pub(super) fn earlier(
        &self,
        candidate: usize,
        published: Option<DateTime<Utc>>,
    ) -> Option<Earlier<'a>> {
        let same = self.by_event.get(&self.events.event(candidate))?;
        // Oldest edition first.
        let ran = &self.ran[same.last()? - self.candidates];
        let since = published.is_some_and(|published| published > ran.at);
        Some(Earlier {
            ran,
            moved_on: since && self.events.news(candidate, same) >= MOVED_ON,
        })
    }
}

/// A story as the rules see it: stories are named by their number among those that may be printed, best first for `top`.
pub(super) struct Ranked<'a> {
    pub(super) candidate: &'a Candidate,
    /// The score for `most_read`; `None`: not for that list.
    pub(super) most_read: Option<f64>,
    /// When it came out, never later than now.
    pub(super) published: Option<DateTime<Utc>>,
    /// A better story of the same event.
    pub(super) follows: Option<usize>,
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
        .filter(|&story| ranked[story].most_read.is_some() && ranked[story].follows.is_none())
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
        .filter(|&story| ranked[story].follows.is_none())
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

/// The lede stays; the others stand in the order of their sections, where the paper has one.
fn in_the_papers_order(top: &mut [usize], ranked: &[Ranked<'_>], options: &Options) {
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
