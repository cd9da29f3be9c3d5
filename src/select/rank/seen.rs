//! What the counters saw of each story: how often it was read lately, today and in a day.

use chrono::{DateTime, Utc};

use crate::model::page_views::Reading;

use super::{CountingTimes, Facts, hours};
use crate::select::MostReadOf;

/// The least time, in hours, a story that was read counts as having been there: counters are read every few minutes at best.
const BRIEFEST: f64 = 0.25;
/// Of a story of which only the total is known: its views per hour are taken to fall to 1/e every so many hours.
const THINNING: f64 = 16.0;
/// A second, in hours: sums of lengths of time are not exact.
const SECOND: f64 = 1.0 / 3_600.0;
/// Hours in the day of [`Seen::day`].
const DAY: f64 = 24.0;

/// What was seen of one story's readers.
#[derive(Clone, Copy, Default)]
pub(super) struct Seen {
    /// Hours since it came out.
    pub(super) age: f64,
    /// Views, each fading with age.
    pub(super) recent: f64,
    /// Hours in which it could have been read, weighted likewise.
    pub(super) watched: f64,
    /// Views since midnight.
    pub(super) today: f64,
    /// Views in the last 24 hours.
    pub(super) day: f64,
    /// Views in the last hours that the most-read list is of.
    pub(super) counted: f64,
}

impl Seen {
    /// Views per hour lately; 0 where there was no time to be read.
    pub(super) fn rate(&self) -> f64 {
        if self.watched > 0.0 {
            self.recent / self.watched
        } else {
            0.0
        }
    }
}

/// The instants at which anything was counted.
pub(super) struct Counters {
    times: CountingTimes,
    /// The hours that the most-read list is of.
    span: f64,
    /// Hours ago, oldest first. A count covers the time since the one before, of whichever story: one that nobody opened has no row.
    readings: Vec<f64>,
}

impl Counters {
    pub(super) fn of(facts: &[Facts<'_>], times: CountingTimes, of: MostReadOf) -> Self {
        let mut instants: Vec<DateTime<Utc>> = facts
            .iter()
            .filter_map(|facts| match facts.reading {
                Some(Reading::Series(points)) => Some(points),
                _ => None,
            })
            .flatten()
            .map(|(at, _)| (*at).min(times.counted))
            .collect();
        instants.sort_unstable();
        instants.dedup();
        Self {
            times,
            span: match of {
                MostReadOf::Today => DAY,
                MostReadOf::Last(length) => hours(length),
            },
            readings: instants.into_iter().map(|at| times.ago(at)).collect(),
        }
    }

    /// What was seen of one story. `neutral` is the age of one of which none is known; a view `memory` hours ago counts 1/e of one now.
    pub(super) fn see(&self, facts: &Facts<'_>, neutral: f64, memory: f64) -> Seen {
        let age = facts.age.unwrap_or_else(|| self.noticed(facts, neutral));
        let life = (age - self.times.lag()).max(0.0);
        let mut seen = Seen {
            age,
            ..Seen::default()
        };
        let today = self.times.ago(self.times.day_began).max(0.0);
        let at_least = match facts.reading {
            Some(Reading::Series(points)) if !points.is_empty() => {
                for &(at, views) in points {
                    self.add(&mut seen, (at, views as f64), life, today, memory);
                }
                BRIEFEST
            }
            Some(Reading::Total(views)) if *views > 0 => {
                let views = *views as f64;
                seen.recent = views * weight(life, 0.0, memory);
                seen.today = views * lately(today, life);
                seen.day = views * lately(DAY, life);
                seen.counted = views * lately(self.span, life);
                BRIEFEST
            }
            // Nobody opened it, or no counter has been read since it came out.
            _ => 0.0,
        };
        seen.watched = memory * (1.0 - (-life.max(at_least) / memory).exp());
        seen
    }

    /// The age of a story that does not say: since it was first counted, unless the counting itself began then.
    fn noticed(&self, facts: &Facts<'_>, neutral: f64) -> f64 {
        let first = match facts.reading {
            Some(Reading::Series(points)) => points.first(),
            _ => None,
        };
        let Some((at, _)) = first else {
            return neutral;
        };
        let to = self.times.ago(*at).max(0.0);
        let age = to + self.times.lag();
        if self.readings.first().is_some_and(|began| *began > to) {
            age
        } else {
            age.max(neutral)
        }
    }

    fn add(
        &self,
        seen: &mut Seen,
        (at, views): (DateTime<Utc>, f64),
        life: f64,
        today: f64,
        memory: f64,
    ) {
        let to = self.times.ago(at).max(0.0);
        let before = self.readings.partition_point(|reading| *reading > to);
        let since = before
            .checked_sub(1)
            .and_then(|before| self.readings.get(before));
        let since = since.map_or(life, |since| match *since {
            since if life > to + SECOND => since.min(life),
            // Its date is when it was first seen, or wrong.
            since => since,
        });
        let since = since.max(to);
        let within = |start: f64| {
            if since <= start {
                views
            } else if to >= start {
                0.0
            } else {
                views * (start - to) / (since - to)
            }
        };
        seen.recent += views * weight(since, to, memory);
        seen.today += within(today);
        seen.day += within(DAY);
        seen.counted += within(self.span);
    }
}

/// The mean weight of views spread evenly over a time, given in hours ago.
fn weight(since: f64, to: f64, memory: f64) -> f64 {
    let (since, to) = (since / memory, to / memory);
    if since - to < 1e-6 {
        (-to).exp()
    } else {
        ((-to).exp() - (-since).exp()) / (since - to)
    }
}

/// The part of a total that falls within the last hours of a life, when views thin out all the while.
fn lately(hours: f64, life: f64) -> f64 {
    if life <= hours {
        1.0
    } else {
        (hours / THINNING).exp_m1() / (life / THINNING).exp_m1()
    }
}
