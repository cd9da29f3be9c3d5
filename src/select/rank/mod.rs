//! The formulas: from what is known about readers to a number for each question.
//!
//! With views by time, or totals, both questions rest on one forecast: how many views per hour a story will have over the next 12 hours.
//! It is read from a table by the story's age and by its rate now, compared with the ten best of the same morning (`table`), and raised
//! or lowered by how well its section is read. `top` ranks by it; `most_read` adds it up until midnight, on top of what was seen today, or
//! counts what was seen in the last hours.
//! Where less is known there are honest substitutes. `docs/choosing.md` has the figures, `docs/fit` the program that fits the tables.

mod seen;
mod table;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};

use super::MostReadOf;
use crate::model::page_views::{KnownViews, Readership, Reading};
use crate::model::story::Candidate;
use crate::model::zone::Zone;

use seen::{Counters, Seen};
use table::Table;

/// How many of the best set the level that rates are compared with: few enough that stories nobody reads any more do not change it,
/// enough that one story everybody reads hardly does.
pub(super) const BEST: usize = 10;
/// After how many hours a view counts 1/e, where there are views enough ...
const MEMORY: f64 = 0.5;
/// ... which means this many for each of the ten best within that time; with fewer, the memory is doubled ...
const ENOUGH: f64 = 2.0;
/// ... up to this many hours. A small paper is remembered longer, because its last half hour is mostly chance.
const LONGEST: f64 = 4.0;
/// Every story's rate is drawn towards a newcomer's as if it had been seen there for this many memories more, and for at least as long
/// as a newcomer needs for one view: a story ten minutes old with nine views is not yet the day's best, nor is one with the only view.
const DOUBT: f64 = 0.7;
/// What a newcomer is taken to have, in units of the level of the ten best.
const NOVICE: f64 = 0.2;
/// A section is judged by its own stories and by this many that are read like the average one.
const NEIGHBOURS: f64 = 8.0;
/// The least level, in views per hour, so that views of long ago never divide by nothing.
const LEAST: f64 = 1e-6;
/// From ranks only: the power of a place in the list, counted from 2.
pub(super) const PLACES: f64 = 0.8;
/// From ranks only: what the freshest story outside the list is worth; the tenth within it has 0.147.
pub(super) const UNPLACED: f64 = 0.1;
/// Without readers: the age in hours at which a story is half as fresh.
pub(super) const HALF_FRESH: f64 = 12.0;
/// Without readers: what a picture and a dek are each worth; the freshest story and the editor's first are worth 1 each.
pub(super) const FURNISHED: f64 = 0.1;

/// What the scores rest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Evidence {
    /// Views by time; a story of which only the total is known is taken as read evenly since it came out.
    Series,
    /// Views without times.
    Totals,
    /// Only places in a most-read list.
    Ranks,
    /// Nothing that could be used.
    Nothing(NoReadership),
}

/// Why readership was not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoReadership {
    /// None is configured.
    NotConfigured,
    /// It is configured, but nothing came of it.
    Empty,
    /// It is this old.
    Old(TimeDelta),
    /// So many of the stories in the window are in it.
    Matches(usize, usize),
}

/// A story with all that its score depends on.
pub(super) struct Facts<'a> {
    pub(super) candidate: &'a Candidate,
    pub(super) reading: Option<&'a Reading>,
    /// Hours since it came out; `None` without a date.
    pub(super) age: Option<f64>,
    /// Whether it may be printed at all. What is typical is learned from these only.
    pub(super) eligible: bool,
}

/// What one story got.
#[derive(Default)]
pub(super) struct Score {
    /// By which stories are ranked for `top`; the product or the sum of its parts.
    pub(super) top: f64,
    /// By which they are ranked for `most_read`; `None`: nobody is known to have read it.
    pub(super) most_read: Option<f64>,
    pub(super) parts: BTreeMap<&'static str, f64>,
}

/// The times that rates are measured by.
#[derive(Clone, Copy)]
pub(super) struct CountingTimes {
    /// Up to when readers were counted, never later than now.
    counted: DateTime<Utc>,
    now: DateTime<Utc>,
    /// Midnight in the newsletter's zone.
    day_began: DateTime<Utc>,
    day_ends: DateTime<Utc>,
}

impl CountingTimes {
    pub(super) fn new(now: DateTime<Utc>, as_of: Option<DateTime<Utc>>, zone: &Zone) -> Self {
        let today = zone.day(now);
        Self {
            counted: as_of.unwrap_or(now).min(now),
            now,
            day_began: zone.begins(today),
            day_ends: zone.begins(today + chrono::Days::new(1)),
        }
    }

    /// Hours from `then` to the newest count; negative when it came later.
    fn ago(&self, then: DateTime<Utc>) -> f64 {
        hours(self.counted - then)
    }

    /// Hours since the newest count.
    fn lag(&self) -> f64 {
        hours(self.now - self.counted)
    }
}

/// A length in hours.
pub(super) fn hours(length: TimeDelta) -> f64 {
    length.num_seconds() as f64 / 3_600.0
}

/// Chooses what the scores rest on. `known` are the reports that are not too old; readership that knows next to none of the stories is not
/// used.
pub(super) fn evidence(
    readership: &Readership,
    known: &KnownViews,
    now: DateTime<Utc>,
    facts: &[Facts<'_>],
) -> Evidence {
    let reports = || readership.reports.iter();
    if reports().next().is_none() {
        return Evidence::Nothing(NoReadership::NotConfigured);
    }
    if !known.holds_any {
        // What is fresh has an age that `known` has taken over.
        let stale = reports().filter_map(|report| report.as_of).max();
        let stale = stale.filter(|_| known.as_of.is_none());
        return Evidence::Nothing(
            stale.map_or(NoReadership::Empty, |as_of| NoReadership::Old(now - as_of)),
        );
    }
    let eligible = facts.iter().filter(|facts| facts.eligible);
    let read = || {
        eligible
            .clone()
            .filter_map(|facts| facts.reading)
            .filter(|reading| reading.total() > 0)
    };
    let (matched, all) = (read().count(), eligible.clone().count());
    let mut readings = eligible.clone().filter_map(|facts| facts.reading);
    if matched == 0 && readings.any(|reading| matches!(reading, Reading::Rank(_))) {
        return Evidence::Ranks;
    }
    if matched == 0 || (matched < 5 && matched * 10 < all) {
        return Evidence::Nothing(NoReadership::Matches(matched, all));
    }
    if read().any(|reading| matches!(reading, Reading::Series(_))) {
        Evidence::Series
    } else {
        Evidence::Totals
    }
}

/// The score of every story, in the order of `facts`.
pub(super) fn scores(
    facts: &[Facts<'_>],
    evidence: Evidence,
    times: CountingTimes,
    of: MostReadOf,
) -> Vec<Score> {
    let neutral = neutral_age(facts);
    let each = |score: fn(&Facts<'_>, f64) -> Score| {
        let score = |facts: &Facts<'_>| score(facts, facts.age.unwrap_or(neutral));
        facts.iter().map(score).collect()
    };
    match evidence {
        Evidence::Series => forecast(facts, &table::SERIES, times, neutral, of),
        Evidence::Totals => forecast(facts, &table::TOTALS, times, neutral, of),
        Evidence::Ranks => each(by_rank),
        Evidence::Nothing(_) => each(unread),
    }
}

/// The age of a story of which none is known: the middle one, so that a missing date neither helps nor harms.
fn neutral_age(facts: &[Facts<'_>]) -> f64 {
    let mut ages: Vec<f64> = facts
        .iter()
        .filter(|facts| facts.eligible)
        .filter_map(|facts| facts.age)
        .collect();
    ages.sort_unstable_by(f64::total_cmp);
    ages.get(ages.len() / 2).copied().unwrap_or(HALF_FRESH)
}

/// The factor for a place in an editor's order: 1.5 for the first, 1.33, 1.25 ...; 1 without one.
fn editor(candidate: &Candidate) -> f64 {
    candidate
        .position
        .map_or(1.0, |position| 1.0 + 1.0 / (f64::from(position) + 2.0))
}

/// Both scores from views.
fn forecast(
    facts: &[Facts<'_>],
    table: &Table,
    times: CountingTimes,
    neutral: f64,
    of: MostReadOf,
) -> Vec<Score> {
    let counters = Counters::of(facts, times, of);
    let mut memory = MEMORY;
    let (seen, level) = loop {
        let see = |facts| counters.see(facts, neutral, memory);
        let seen: Vec<Seen> = facts.iter().map(see).collect();
        let level = level(facts, &seen, DOUBT * memory);
        if level * memory >= ENOUGH || memory >= LONGEST {
            break (seen, level);
        }
        memory *= 2.0;
    };
    let newcomer = NOVICE * level;
    let doubt = (DOUBT * memory).max(1.0 / newcomer);
    let sections = Sections::of(facts, &seen);
    let left = hours(times.day_ends - times.now).max(0.0);
    facts
        .iter()
        .zip(seen)
        .map(|(facts, seen)| {
            let rate = (seen.recent + doubt * newcomer) / (seen.watched + doubt);
            let keeps = table.keeps(seen.age, rate / level);
            let section = sections.readers(facts.candidate).powf(table.section);
            let editor = editor(facts.candidate);
            let hourly = level * keeps * section;
            let day = seen.today + left * hourly;
            let read = facts.reading.is_some_and(|reading| reading.total() > 0);
            let most_read = match of {
                MostReadOf::Today => Some(day).filter(|_| read),
                MostReadOf::Last(_) => Some(seen.counted).filter(|counted| *counted > 0.0),
            };
            let counted = match of {
                MostReadOf::Today => None,
                MostReadOf::Last(_) => Some(("views_counted", seen.counted)),
            };
            Score {
                top: hourly * editor,
                most_read,
                parts: [
                    ("views_today", seen.today),
                    ("age_hours", seen.age),
                    ("views_per_hour", seen.rate()),
                    ("ten_best_per_hour", level),
                    ("of_ten_best", keeps),
                    ("section", section),
                    ("expected_per_hour", hourly),
                    ("editor", editor),
                    ("expected_today", day),
                ]
                .into_iter()
                .chain(counted)
                .collect(),
            }
        })
        .collect()
}

/// The level of the ten best: the geometric mean of the ten highest rates, in views per hour; of fewer, where fewer are read.
fn level(facts: &[Facts<'_>], seen: &[Seen], doubt: f64) -> f64 {
    let mut rates: Vec<f64> = facts
        .iter()
        .zip(seen)
        .filter(|(facts, _)| facts.eligible)
        .map(|(_, seen)| seen.recent / (seen.watched + doubt))
        .filter(|rate| *rate > 0.0)
        .collect();
    rates.sort_unstable_by(|a, b| b.total_cmp(a));
    rates.truncate(BEST);
    let logarithms: f64 = rates.iter().map(|rate| rate.ln()).sum();
    (logarithms / rates.len().max(1) as f64).exp().max(LEAST)
}

/// How well each section is read.
struct Sections {
    /// Stories and their views in the last 24 hours, by section in lower case.
    read: HashMap<String, (f64, f64)>,
    /// Views of the average story.
    mean: f64,
}

impl Sections {
    fn of(facts: &[Facts<'_>], seen: &[Seen]) -> Self {
        let mut read: HashMap<String, (f64, f64)> = HashMap::new();
        let (mut stories, mut views) = (0.0, 0.0);
        for (facts, seen) in facts.iter().zip(seen).filter(|(facts, _)| facts.eligible) {
            (stories, views) = (stories + 1.0, views + seen.day);
            if let Some(section) = &facts.candidate.story.section {
                let of = read.entry(section.as_str().to_lowercase()).or_default();
                *of = (of.0 + 1.0, of.1 + seen.day);
            }
        }
        Self {
            read,
            mean: if views > 0.0 { views / stories } else { 0.0 },
        }
    }

    /// Readers of a story of its section, in units of the average story's; 1 without a section.
    fn readers(&self, candidate: &Candidate) -> f64 {
        let section = candidate.story.section.as_ref();
        let section = section.map(|section| section.as_str().to_lowercase());
        match section.and_then(|section| self.read.get(&section)) {
            Some((stories, views)) if self.mean > 0.0 => {
                (views / self.mean + NEIGHBOURS) / (stories + NEIGHBOURS)
            }
            _ => 1.0,
        }
    }
}

/// Places only: the list's own order, and after it what is fresh.
fn by_rank(facts: &Facts<'_>, age: f64) -> Score {
    let place = match facts.reading {
        Some(Reading::Rank(place)) => Some(f64::from((*place).max(1))),
        _ => None,
    };
    let listed = place.map_or_else(
        || UNPLACED * fresh(age),
        |place| (place + 1.0).powf(-PLACES),
    );
    let editor = editor(facts.candidate);
    let mut parts = BTreeMap::from([("age_hours", age), ("listed", listed), ("editor", editor)]);
    parts.extend(place.map(|place| ("place", place)));
    Score {
        top: listed * editor,
        most_read: place.map(|place| 1.0 / place),
        parts,
    }
}

/// For a week that is over: what was read in all counts, and that a story is new does not.
pub(super) fn look_back(scores: &mut [Score], facts: &[Facts<'_>], evidence: Evidence) {
    for (score, facts) in scores.iter_mut().zip(facts) {
        let editor = editor(facts.candidate);
        score.top = match evidence {
            Evidence::Series | Evidence::Totals => {
                facts.reading.map_or(0.0, |reading| reading.total() as f64) * editor
            }
            Evidence::Ranks => match score.parts.get("place") {
                Some(place) => (place + 1.0).powf(-PLACES) * editor,
                None => UNPLACED * (editor - 1.0),
            },
            Evidence::Nothing(_) => {
                score.parts.remove("fresh");
                score.parts.values().sum()
            }
        };
    }
}

fn fresh(age: f64) -> f64 {
    HALF_FRESH / (age + HALF_FRESH)
}

fn unread(facts: &Facts<'_>, age: f64) -> Score {
    let Candidate {
        story, position, ..
    } = facts.candidate;
    let present = |there: bool| if there { FURNISHED } else { 0.0 };
    let parts = BTreeMap::from([
        ("fresh", fresh(age)),
        (
            "editor",
            position.map_or(0.0, |position| 5.0 / (f64::from(position) + 5.0)),
        ),
        ("picture", present(story.picture.is_some())),
        ("dek", present(story.dek.is_some())),
    ]);
    Score {
        top: parts.values().sum(),
        most_read: None,
        parts,
    }
}
