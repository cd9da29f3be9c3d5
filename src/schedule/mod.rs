//! When an edition is due: the days and times of `[schedule]` as instants, and what is to be done at one of them. It asks no clock, and what
//! became of an edition is told to it.
//!
//! A time that the clocks skip is the first instant behind the gap; one that they show twice is the first of the two. A day that a zone
//! skips (Samoa, 30 December 2011) has no run.

mod due;
mod remark;
#[cfg(test)]
mod tests;
mod written;

pub use due::{Due, EditionStage};
pub use remark::Remark;
pub use written::{Days, Times, TimesError, parse_time};

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime, Utc};

use crate::model::zone::Zone;

/// The days and times at which a newsroom drafts and sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The days of the week.
    pub days: Days,
    /// The times of such a day.
    pub times: Times,
    /// Days without an edition.
    pub holidays: BTreeSet<NaiveDate>,
    /// The newsletter's zone, in which all this is meant.
    pub zone: Zone,
}

/// One run: the instants of one day's edition.
///
/// Invariant: `cut_off <= send_at < not_after`. All lie on the day, or at its end where the clocks skip the day's last minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The edition's day.
    pub day: NaiveDate,
    /// When it is drafted.
    pub cut_off: DateTime<Utc>,
    /// When it is sent.
    pub send_at: DateTime<Utc>,
    /// From when on it is too late to send it.
    pub not_after: DateTime<Utc>,
}

/// Beyond it no time zone database knows anything.
const LAST_YEAR: i32 = 9_000;

impl Schedule {
    /// The runs that are not over at `after` (their `not_after` lies behind it), in order.
    pub fn runs(&self, after: DateTime<Utc>) -> impl Iterator<Item = Planned> {
        // A run may lie a little behind its day's end, never a day.
        let first = self.zone.day(after).pred_opt();
        std::iter::successors(first, NaiveDate::succ_opt)
            .take_while(|day| day.year() < LAST_YEAR)
            .filter_map(|day| self.run_of(day))
            .skip_while(move |run| run.not_after <= after)
    }

    /// The run of that day, if it has one.
    #[must_use]
    pub fn run_of(&self, day: NaiveDate) -> Option<Planned> {
        (self.has(day) && !self.holidays.contains(&day)).then(|| self.planned(day))
    }

    /// When the edition of that day is too late, also if it is sent by hand; never on a day without a run.
    #[must_use]
    pub fn not_after(&self, day: NaiveDate) -> Option<DateTime<Utc>> {
        self.run_of(day).map(|run| run.not_after)
    }

    /// The holidays from `from` to `to`, both included, on which there would be a run.
    pub fn left_out(&self, from: NaiveDate, to: NaiveDate) -> impl Iterator<Item = NaiveDate> {
        let holidays = self.holidays.iter().copied();
        holidays.filter(move |day| (from..=to).contains(day) && self.has(*day))
    }

    /// Whether it is a day of the week that has a run, and a day that the zone does not skip.
    fn has(&self, day: NaiveDate) -> bool {
        self.days.has(day.weekday()) && self.zone.day(self.zone.begins(day)) == day
    }

    fn planned(&self, day: NaiveDate) -> Planned {
        let first = |time: NaiveTime| self.zone.first(day.and_time(time));
        let times = &self.times;
        let (send_at, not_after) = (first(times.send_at()), first(times.not_after()));
        Planned {
            day,
            cut_off: first(times.cut_off()),
            send_at,
            // A gap that swallows both would leave no time to send: then the run is as long as the clock says it is.
            not_after: if not_after > send_at {
                not_after
            } else {
                send_at + (times.not_after() - times.send_at())
            },
        }
    }
}
