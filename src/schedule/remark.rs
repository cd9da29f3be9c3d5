//! What a change of the clocks does to a run.

use std::fmt;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Offset as _, Utc};

use super::written::hm;
use super::{Planned, Schedule};

/// Something about a run that its times alone do not say. `Display` gives the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remark {
    /// The clocks change on that day.
    Change {
        /// The offset at the day's beginning.
        from: FixedOffset,
        /// At its end.
        to: FixedOffset,
    },
    /// The clocks skip this time, or all the time before it.
    Moved {
        /// The key in the config.
        key: &'static str,
        /// The time as written.
        time: NaiveTime,
        /// The time that it is instead.
        to: NaiveTime,
    },
    /// The clocks show this time twice, and the first is meant.
    Twice {
        /// The key in the config.
        key: &'static str,
        /// The time as written.
        time: NaiveTime,
    },
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Change { from, to } => write!(f, "the clocks change from {from} to {to}"),
            Self::Moved { key, time, to } => {
                write!(
                    f,
                    "the clocks move `{key}` from {} to {}",
                    hm(*time),
                    hm(*to)
                )
            }
            Self::Twice { key, time } => {
                write!(
                    f,
                    "{} (`{key}`) comes twice, and the first is meant",
                    hm(*time)
                )
            }
        }
    }
}

impl Schedule {
    /// What a change of the clocks does to that run; nothing on most days.
    #[must_use]
    pub fn remarks(&self, run: &Planned) -> Vec<Remark> {
        let (zone, day) = (&self.zone, run.slug.day());
        let mut editions = self.editions();
        let Some((_, _, times)) = editions.find(|(name, ..)| *name == run.slug.name()) else {
            return Vec::new();
        };
        let offset = |day: NaiveDate| zone.at(zone.begins(day)).offset().fix();
        let (from, to) = (
            offset(day),
            day.succ_opt().map_or_else(|| offset(day), offset),
        );
        let mut remarks = Vec::new();
        if from != to {
            remarks.push(Remark::Change { from, to });
        }
        let times: [(&'static str, NaiveDateTime, DateTime<Utc>); 3] = [
            ("cut_off", day.and_time(times.cut_off()), run.cut_off),
            ("send_at", day.and_time(times.send_at()), run.send_at),
            ("not_after", times.not_after().of(day), run.not_after),
        ];
        let is_local = self.is_local(&run.slug);
        // By readers' clocks it has no end of its own.
        let own = times
            .into_iter()
            .filter(|(key, ..)| !is_local || *key != "not_after");
        for (key, written, instant) in own {
            let (time, to) = (written.time(), zone.at(instant).time());
            if to != time {
                remarks.push(Remark::Moved { key, time, to });
            } else if zone.is_twice(written) {
                remarks.push(Remark::Twice { key, time });
            }
        }
        remarks
    }
}
