//! The date that numbers and words come to.

use chrono::{NaiveDate, TimeDelta, Timelike as _};

use super::{Number, Parts};
use crate::model::dates::{Date, calendar};
use crate::model::zone::Zone;

impl Parts {
    /// The date, if enough of it was said. A time without a zone is of `zone`.
    pub(in crate::model::dates) fn date(self, zone: &Zone) -> Option<Date> {
        let day = match self.day {
            // A second date, or a time that looks like one.
            Some(_) if self.month.is_some() && self.numbers.len() > 1 => return None,
            Some(day) => day,
            None => self.in_words()?,
        };
        let Some(mut clock) = self.clock else {
            return Some(Date {
                at: zone.begins(day),
                is_day: true,
            });
        };
        match self.afternoon {
            Some(false) if clock.hour() > 12 => return None,
            Some(false) => clock = clock.with_hour(clock.hour() % 12)?,
            Some(true) => clock = clock.with_hour(clock.hour() % 12 + 12)?,
            None => {}
        }
        let local = day.and_time(clock);
        Some(Date::of(match self.offset {
            Some(minutes) => local
                .checked_sub_signed(TimeDelta::minutes(minutes.into()))?
                .and_utc(),
            None => self.rules.as_ref().unwrap_or(zone).first(local),
        }))
    }

    /// `24 August 2026`, `August 24, 2026`, `2026. 8. 23.`, `2026年8月23日`.
    fn in_words(&self) -> Option<NaiveDate> {
        let day = |year, month, day: Number| calendar::day(year, month, day.value, self.persian);
        match (self.year, self.month, &self.numbers[..]) {
            (Some(year), Some(month), [only, ..]) => day(year, month, *only),
            (None, Some(month), [year, other, ..]) if year.digits == 4 => {
                day(year.value, month, *other)
            }
            (None, Some(month), [first, year, ..]) => day(year.year()?, month, *first),
            (None, None, [year, month, last, ..]) if year.digits == 4 && year.point => {
                day(year.value, month.value, *last)
            }
            (None, None, [first, month, year, ..]) if first.point && month.point => {
                day(year.year()?, month.value, *first)
            }
            _ => None,
        }
    }
}
