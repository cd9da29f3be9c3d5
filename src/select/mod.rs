//! Which stories, where, and why: from what the sources gave and what is known of the readers to three lists, with a stated reason for
//! every story that is in and every story that is not.
//!
//! It never reads a file or a clock and never fails: whatever it lacked it names, and it never leaves a list empty that it can fill
//! honestly. The same input gives the same choice, in whatever order the stories come.
//!
//! `eligible` says who may be printed, `rank` turns readers into scores, `places` gives out the places, `why` puts it all into words, and
//! `judge` puts what became of each story together.

mod eligible;
mod events;
mod explain;
mod judge;
mod options;
mod places;
mod rank;
mod record;
mod selection;
mod why;
mod window;

#[cfg(test)]
mod tests;

pub use options::{Boost, MostReadOf, Overlap, SelectionOptions};
pub use record::SectionRecord;
pub use selection::{Judged, Selection};
pub use window::{LengthError, Window, parse_length};

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::edition::Ran;
use crate::model::line::Line;
use crate::model::link::StoryKey;
use crate::model::page_views::{KnownViews, Readership, ReadershipReport};
use crate::model::story::{Harvest, Miss};

use eligible::Eligibility;
use events::{Events, Text};
use judge::Ranking;
use places::Places;
use rank::{CountingTimes, Evidence, Facts, Score};

/// What was sent before.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// When the last edition was really sent.
    pub last_edition: Option<DateTime<Utc>>,
    /// What editions really sent within [`SelectionOptions::no_repeat_for`] printed, oldest edition first.
    pub ran: Vec<Ran>,
    /// Stories that the editor took out of this edition.
    pub dropped: HashSet<StoryKey>,
    /// How sections did at earlier drafts.
    pub record: SectionRecord,
}

/// Chooses.
#[must_use]
pub fn select(
    harvest: &Harvest,
    readership: &Readership,
    history: &History,
    options: &SelectionOptions,
    now: DateTime<Utc>,
) -> Selection {
    let from = options.window.opens(history.last_edition, now);
    let events = events(harvest, history);
    let eligibility = Eligibility::of(harvest, history, options, from, &events);
    let aged = AgedReadership::of(readership, options.readership_max_age, now);
    let stories = harvest.candidates.iter();
    let stories = stories.map(|candidate| candidate.story.url.key());
    let known = KnownViews::from_reports(aged.fresh.iter().copied(), stories);
    let facts = facts(harvest, &eligibility, &known, now);
    let evidence = rank::evidence(readership, &known, now, &facts);
    let times = CountingTimes::new(now, known.as_of, &options.zone);
    let mut scores = rank::scores(&facts, evidence, times, options.most_read_of);
    let mut record = history.record.clone();
    if options.looks_back {
        rank::look_back(&mut scores, &facts, evidence);
    } else if evidence == Evidence::Series {
        record.learn(&facts, known.as_of.unwrap_or(now).min(now));
        record.expect(&facts, &scores, now);
        record.raise(&mut scores, &facts, options.most_read_of);
    }
    boost(&mut scores, harvest, options);
    let ranking = Ranking::new(facts, scores, evidence, &events);
    let places = Places::give(&ranking.eligible(now), options);
    let misses = harvest
        .misses
        .iter()
        .chain(readership.misses())
        .chain(readership.notes())
        .cloned();
    Selection {
        now,
        from,
        formulas: why::formulas(evidence, options),
        unread: match evidence {
            Evidence::Nothing(reason) => Some(why::unread(reason)),
            Evidence::Series | Evidence::Totals | Evidence::Ranks => None,
        },
        readership_as_of: readership
            .reports
            .iter()
            .filter_map(|report| report.as_of)
            .max(),
        from_letters: readership
            .reports
            .iter()
            .map(|report| report.from_letters)
            .fold(0, u64::saturating_add),
        misses: misses
            .chain(aged.misses(evidence, options.readership_max_age, now))
            .collect(),
        candidates: ranking.judged(&places, &eligibility, options, now),
        record,
        minimum: options.minimum,
    }
}

/// Reports of readership by whether they are new enough to be used.
struct AgedReadership<'a> {
    fresh: Vec<&'a ReadershipReport>,
    stale: Vec<&'a ReadershipReport>,
}

impl<'a> AgedReadership<'a> {
    fn of(readership: &'a Readership, max_age: TimeDelta, now: DateTime<Utc>) -> Self {
        let is_fresh = |report: &&ReadershipReport| {
            let max_age = report.max_age.unwrap_or(max_age);
            report.as_of.is_none_or(|as_of| now - as_of <= max_age)
        };
        let (fresh, stale) = readership.reports.iter().partition(is_fresh);
        Self { fresh, stale }
    }

    /// What was not used of them.
    fn misses(&self, evidence: Evidence, max_age: TimeDelta, now: DateTime<Utc>) -> Vec<Miss> {
        let stale = self.stale.iter().filter_map(|report| {
            Some(Miss {
                source: report.source.clone(),
                what: why::stale(now - report.as_of?, report.max_age.unwrap_or(max_age)),
            })
        });
        let unused = match evidence {
            Evidence::Nothing(reason) => why::fallback(reason, &self.fresh),
            Evidence::Series | Evidence::Totals | Evidence::Ranks => None,
        };
        stale.chain(unused).collect()
    }
}

/// Which candidates, and which stories that ran, are about the same event; the candidates come first.
fn events<'a>(harvest: &'a Harvest, history: &'a History) -> Events<'a> {
    let candidates = harvest.candidates.iter().map(|candidate| Text {
        headline: candidate.story.headline.as_str(),
        dek: candidate.story.dek.as_ref().map(Line::as_str),
        published: candidate.story.published,
    });
    let ran = history.ran.iter().map(|ran| Text {
        headline: ran.story.headline.as_str(),
        dek: ran.story.dek.as_ref().map(Line::as_str),
        published: ran.story.published,
    });
    Events::of(&candidates.chain(ran).collect::<Vec<_>>())
}

/// What the score of each candidate depends on.
fn facts<'a>(
    harvest: &'a Harvest,
    eligibility: &Eligibility<'_>,
    known: &'a KnownViews,
    now: DateTime<Utc>,
) -> Vec<Facts<'a>> {
    let candidates = harvest.candidates.iter().zip(&eligibility.barred);
    candidates
        .map(|(candidate, barred)| {
            let published = candidate.story.published;
            Facts {
                candidate,
                reading: known.of(&candidate.story.url.key()),
                age: published.map(|published| rank::hours(now - published).max(0.0)),
                eligible: barred.is_none(),
            }
        })
        .collect()
}

/// Lets the config's factors count.
fn boost(scores: &mut [Score], harvest: &Harvest, options: &SelectionOptions) {
    let factors: HashMap<String, f64> = options
        .boosts
        .iter()
        .map(|boost| (boost.section.as_str().to_lowercase(), boost.by))
        .collect();
    if factors.is_empty() {
        return;
    }
    for (score, candidate) in scores.iter_mut().zip(&harvest.candidates) {
        let section = candidate.story.section.as_ref();
        if let Some(by) = section.and_then(|section| factors.get(&section.as_str().to_lowercase()))
        {
            score.top *= by;
            score.parts.insert("boost", *by);
        }
    }
}
