//! The formulas: from what is known about readers to a number for each question.
//!
//! Two questions, two formulas (no one formula answers both), and for each an honest substitute where less is known. The parameters were
//! tuned on the first half, by date, of two development sets (mornings of a link site with votes, and of a newspaper's front page) and
//! judged on the second; the figures are nDCG@10 there, beside the best of eleven simple formulas on the same half:
//!
//! | known | top, next 12 hours: votes, front page | most read, the day: votes, front page |
//! |---|---|---|
//! | views by time | .816, .772 | .947, .854 |
//! | best peer, a formula for each column | .813, .765 | .944, .860 |
//! | totals only | .692, .683 | .850, .790 |
//! | gravity of Hacker News, totals | .692, .677 | .827, .780 |
//! | no readership | .544, .403 | left empty |
//!
//! With views by time, *drawing the rate towards the typical story* gained most, then spreading each count over the time since the
//! counter was last read (for any story, not for this one: a story nobody opened has no row).

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveTime, TimeDelta, TimeZone as _, Utc};

use crate::readers::{Known, Readership, Reading};
use crate::story::Candidate;
use crate::zone::Zone;

/// A view this many hours ago counts 1/e of one now. From half an hour to one hour and a half the figures hardly move.
pub(super) const FORGET: f64 = 0.75;
/// Every story's rate is drawn towards the typical one as if it had been seen there for this many hours more: a story ten minutes old
/// with nine views is not yet the day's best.
pub(super) const DOUBT: f64 = 1.0;
/// The least time, in hours, a story counts as having been there: counters are read every few minutes at best.
pub(super) const BRIEFEST: f64 = 0.25;
/// How strongly age counts against a story of which the rate is known: the rate itself says most of it.
pub(super) const AGING: f64 = 0.1;
/// Hours added to every age, so that the first minutes do not decide.
pub(super) const GRACE: f64 = 2.0;
/// How strongly age counts against a story of which only the total is known.
pub(super) const AGING_OF_TOTALS: f64 = 1.8;
/// As [`GRACE`], for the day's list from totals: it forgives age longer.
pub(super) const GRACE_OF_TOTALS: f64 = 4.0;
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
pub(super) struct Clock {
    /// Up to when readers were counted, never later than now.
    counted: DateTime<Utc>,
    now: DateTime<Utc>,
    /// Midnight in the newsletter's zone.
    day_began: DateTime<Utc>,
    day_ends: DateTime<Utc>,
}

impl Clock {
    pub(super) fn new(now: DateTime<Utc>, as_of: Option<DateTime<Utc>>, zone: &Zone) -> Self {
        let midnight = |days: u64| {
            let day = zone.day(now) + chrono::Days::new(days);
            // Where clocks change at midnight, the day begins at one.
            (0..3)
                .find_map(|hour| {
                    let local = day.and_time(NaiveTime::MIN) + TimeDelta::hours(hour);
                    zone.from_local_datetime(&local).earliest()
                })
                .map_or(now, |local| local.to_utc())
        };
        Self {
            counted: as_of.unwrap_or(now).min(now),
            now,
            day_began: midnight(0),
            day_ends: midnight(1),
        }
    }

    /// Hours from `then` to the newest count; negative when it came later.
    fn ago(&self, then: DateTime<Utc>) -> f64 {
        hours(self.counted - then)
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
    known: &Known,
    now: DateTime<Utc>,
    facts: &[Facts<'_>],
) -> Evidence {
    let reports = || readership.reports.iter();
    if reports().next().is_none() {
        return Evidence::Nothing(NoReadership::NotConfigured);
    }
    if reports().all(|report| report.readings.is_empty()) {
        return Evidence::Nothing(NoReadership::Empty);
    }
    if known.is_empty() {
        let newest = reports().filter_map(|report| report.as_of).max();
        return Evidence::Nothing(
            newest.map_or(NoReadership::Empty, |as_of| NoReadership::Old(now - as_of)),
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
pub(super) fn scores(facts: &[Facts<'_>], evidence: Evidence, clock: Clock) -> Vec<Score> {
    let neutral = neutral_age(facts);
    match evidence {
        Evidence::Series => by_series(facts, clock, neutral),
        Evidence::Totals => facts.iter().map(|facts| by_total(facts, neutral)).collect(),
        Evidence::Nothing(_) => facts
            .iter()
            .map(|facts| unread(facts.candidate, facts.age.unwrap_or(neutral)))
            .collect(),
    }
}

/// The age of a story that does not say: the middle one, so that a missing date neither helps nor harms.
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

fn by_series(facts: &[Facts<'_>], clock: Clock, neutral: f64) -> Vec<Score> {
    let readings = counter_readings(facts, clock);
    let seen: Vec<Seen> = facts
        .iter()
        .map(|facts| {
            let age = facts.age.unwrap_or(neutral);
            facts.reading.map_or_else(
                || Seen::never(age, clock),
                |reading| Seen::by(reading, age, &readings, clock),
            )
        })
        .collect();
    let (views, time) = seen
        .iter()
        .zip(facts)
        .filter(|(_, facts)| facts.eligible)
        .fold((0.0, 0.0), |(views, time), (seen, _)| {
            (views + seen.recent, time + seen.watched)
        });
    let typical = if time > 0.0 { views / time } else { 0.0 };
    let left = hours(clock.day_ends - clock.now).max(0.0);
    facts
        .iter()
        .zip(seen)
        .map(|(facts, seen)| {
            let age = facts.age.unwrap_or(neutral);
            let expected = (seen.recent + DOUBT * typical) / (seen.watched + DOUBT);
            let aging = (age + GRACE).powf(-AGING);
            let editor = editor(facts.candidate);
            let day = seen.today + left * expected;
            let read = facts.reading.is_some_and(|reading| reading.total() > 0);
            Score {
                top: expected * aging * editor,
                most_read: read.then_some(day),
                parts: BTreeMap::from([
                    ("views_per_hour", seen.recent / seen.watched),
                    ("expected_views_per_hour", expected),
                    ("age_hours", age),
                    ("aging", aging),
                    ("editor", editor),
                    ("views_today", seen.today),
                    ("expected_today", day),
                ]),
            }
        })
        .collect()
}

/// The instants at which anything was counted, oldest first: a count covers the time since the one before.
fn counter_readings(facts: &[Facts<'_>], clock: Clock) -> Vec<f64> {
    let mut ago: Vec<f64> = facts
        .iter()
        .filter_map(|facts| match facts.reading {
            Some(Reading::Series(points)) => Some(points),
            _ => None,
        })
        .flatten()
        .map(|(at, _)| clock.ago(*at).max(0.0))
        .collect();
    ago.sort_unstable_by(|a, b| b.total_cmp(a));
    ago.dedup();
    ago
}

/// What was seen of one story's readers.
struct Seen {
    /// Views, each weighted by [`FORGET`].
    recent: f64,
    /// Hours in which it could have been read, weighted likewise.
    watched: f64,
    /// Views since midnight.
    today: f64,
}

impl Seen {
    fn never(age: f64, clock: Clock) -> Self {
        let life = (age - hours(clock.now - clock.counted)).max(BRIEFEST);
        Self {
            recent: 0.0,
            watched: FORGET * (1.0 - (-life / FORGET).exp()),
            today: 0.0,
        }
    }

    fn by(reading: &Reading, age: f64, readings: &[f64], clock: Clock) -> Self {
        let mut seen = Self::never(age, clock);
        let life = (age - hours(clock.now - clock.counted)).max(0.0);
        let today = clock.ago(clock.day_began).max(0.0);
        let mut add = |from: f64, to: f64, views: f64| {
            seen.recent += views * weight(from, to);
            seen.today += views
                * if from <= today {
                    1.0
                } else if to >= today {
                    0.0
                } else {
                    (today - to) / (from - to)
                };
        };
        match reading {
            Reading::Rank(_) => {}
            Reading::Total(views) => add(life, 0.0, *views as f64),
            Reading::Series(points) => {
                for &(at, views) in points {
                    let to = clock.ago(at).max(0.0);
                    let before = readings.partition_point(|reading| *reading > to);
                    let since = before
                        .checked_sub(1)
                        .and_then(|before| readings.get(before));
                    let since = since.map_or(life, |since| match *since {
                        since if life > to => since.min(life),
                        // Its date is when it was first seen, or wrong.
                        since => since,
                    });
                    add(since.max(to), to, views as f64);
                }
            }
        }
        seen
    }
}

/// The mean weight of views spread evenly over a time, given in hours ago.
fn weight(from: f64, to: f64) -> f64 {
    let (from, to) = (from / FORGET, to / FORGET);
    if from - to < 1e-6 {
        (-to).exp()
    } else {
        ((-to).exp() - (-from).exp()) / (from - to)
    }
}

fn by_total(facts: &Facts<'_>, neutral: f64) -> Score {
    let age = facts.age.unwrap_or(neutral);
    let views = facts.reading.map_or(0, Reading::total);
    let aging = (age + GRACE).powf(-AGING_OF_TOTALS);
    let editor = editor(facts.candidate);
    let day = views as f64 * (age + GRACE_OF_TOTALS).powf(-AGING_OF_TOTALS);
    Score {
        top: views as f64 * aging * editor,
        most_read: (views > 0).then_some(day),
        parts: BTreeMap::from([
            ("views", views as f64),
            ("age_hours", age),
            ("aging", aging),
            ("editor", editor),
            ("most_read", day),
        ]),
    }
}

fn unread(candidate: &Candidate, age: f64) -> Score {
    let story = &candidate.story;
    let present = |there: bool| if there { FURNISHED } else { 0.0 };
    let parts = BTreeMap::from([
        ("fresh", HALF_FRESH / (age + HALF_FRESH)),
        (
            "editor",
            candidate
                .position
                .map_or(0.0, |position| 5.0 / (f64::from(position) + 5.0)),
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
