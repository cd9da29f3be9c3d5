//! Days and times as a person writes them.

use std::ops::Range;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike as _, Weekday};

use super::local::WEST;

use crate::model::line::Line;

/// Days of the week: at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days([bool; 7]);

const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Days {
    /// Monday to Friday.
    pub const WORKDAYS: Self = Self([true, true, true, true, true, false, false]);

    /// Parses `daily`, or days and spans of days with commas between: `mon-fri`, `mon,wed,fri`, `sat-mon`. Upper case is as good as lower.
    ///
    /// # Errors
    /// The sentence that says what it should be.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut days = [false; 7];
        for part in text.to_lowercase().split(',') {
            let part = part.trim();
            if part == "daily" {
                days = [true; 7];
                continue;
            }
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let place = |name: &str| NAMES.iter().position(|known| *known == name.trim());
            let (Some(first), Some(last)) = (place(first), place(last)) else {
                return Err(format!(
                    "`{}` are no days: expected `daily`, or such as `mon-fri` or `mon,wed,fri`",
                    Line::clean_to(text, 60)
                ));
            };
            // A span may go over Sunday.
            for step in 0..=(last + 7 - first) % 7 {
                days[(first + step) % 7] = true;
            }
        }
        Ok(Self(days))
    }

    /// Whether a day of these is one of `others` too, or the day after it is.
    pub(super) fn meet(self, others: Self, is_next_day: bool) -> bool {
        let shift = usize::from(is_next_day);
        (0..7).any(|day| self.0[day] && others.0[(day + shift) % 7])
    }

    /// Whether that day is one of them.
    #[must_use]
    pub fn has(self, day: Weekday) -> bool {
        self.0[day.num_days_from_monday() as usize]
    }
}

/// The times of a run, on the clocks of the newsletter's zone.
///
/// Invariant: `cut_off <= send_at < not_after`; the first two are on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    cut_off: NaiveTime,
    send_at: NaiveTime,
    not_after: EndTime,
    /// By readers' own clocks.
    is_local: bool,
}

/// When a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndTime {
    pub time: NaiveTime,
    /// On the day after the edition's own.
    pub is_next_day: bool,
}

impl EndTime {
    /// Parses `HH:MM`, or `HH:MM next day`.
    ///
    /// # Errors
    /// The sentence that says what it should be.
    pub fn parse(text: &str) -> Result<Self, String> {
        let next = text.trim_end().strip_suffix("next day");
        Ok(Self {
            time: parse_time(next.map_or(text, str::trim_end))?,
            is_next_day: next.is_some(),
        })
    }

    /// On the clocks, for the edition of that day.
    pub(super) fn of(self, day: NaiveDate) -> NaiveDateTime {
        let next = self.is_next_day.then(|| day.succ_opt()).flatten();
        next.unwrap_or(day).and_time(self.time)
    }

    const fn today(time: NaiveTime) -> Self {
        Self {
            time,
            is_next_day: false,
        }
    }
}

/// Times in an order that makes no run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimesError {
    /// Drafted after it is sent.
    #[error("`cut_off` must not be later than `send_at` ({}), but found `{}`", hm(*.send_at), hm(*.cut_off))]
    CutOff {
        /// As written.
        cut_off: NaiveTime,
        /// As written.
        send_at: NaiveTime,
    },
    /// Too late before it is sent.
    #[error("`not_after` must be later than `send_at` ({}) on the same day, but found `{}`; `{} next day` is on the day after", hm(*.send_at), hm(*.not_after), hm(*.not_after))]
    NotAfter {
        /// As written.
        not_after: NaiveTime,
        /// As written.
        send_at: NaiveTime,
    },
}

/// The last minute of a day: a run ends on the day on which it begins, unless `not_after` says otherwise.
const LAST: NaiveTime = match NaiveTime::from_hms_opt(23, 59, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};

impl Times {
    /// Drafted a quarter of an hour before `send_at` unless `cut_off` says when, too late two hours after it unless `not_after` does; neither
    /// leaves the day.
    ///
    /// # Errors
    /// They are in no order that makes a run.
    pub fn new(
        cut_off: Option<NaiveTime>,
        send_at: NaiveTime,
        not_after: Option<EndTime>,
    ) -> Result<Self, TimesError> {
        let before = |(time, days): (NaiveTime, i64)| if days == 0 { time } else { NaiveTime::MIN };
        let after = |(time, days): (NaiveTime, i64)| if days == 0 { time } else { LAST };
        let cut_off = cut_off
            .unwrap_or_else(|| before(send_at.overflowing_sub_signed(TimeDelta::minutes(15))));
        let not_after = not_after.unwrap_or_else(|| {
            EndTime::today(after(send_at.overflowing_add_signed(TimeDelta::hours(2))))
        });
        if cut_off > send_at {
            Err(TimesError::CutOff { cut_off, send_at })
        } else if not_after.time <= send_at && !not_after.is_next_day {
            Err(TimesError::NotAfter {
                not_after: not_after.time,
                send_at,
            })
        } else {
            Ok(Self {
                cut_off,
                send_at,
                not_after,
                is_local: false,
            })
        }
    }

    /// The same by readers' own clocks, if that is so.
    #[must_use]
    pub const fn local(self, is_local: bool) -> Self {
        Self { is_local, ..self }
    }

    /// Whether readers get it at these times by their own clocks.
    #[must_use]
    pub const fn is_local(&self) -> bool {
        self.is_local
    }

    /// When it is drafted.
    #[must_use]
    pub const fn cut_off(&self) -> NaiveTime {
        self.cut_off
    }

    /// When it is sent.
    #[must_use]
    pub const fn send_at(&self) -> NaiveTime {
        self.send_at
    }

    /// From when on it is too late.
    #[must_use]
    pub const fn not_after(&self) -> EndTime {
        self.not_after
    }

    /// From the draft until it is too late for all readers, in seconds since the day began.
    pub(super) fn span(&self) -> Range<i64> {
        let waits = if self.is_local { WEST.num_seconds() } else { 0 };
        let Range { start, end } = self.span_here();
        start..end + waits
    }

    /// The same by the newsletter's clocks.
    pub(super) fn span_here(&self) -> Range<i64> {
        let second = |time: NaiveTime| i64::from(time.num_seconds_from_midnight());
        let days = i64::from(self.not_after.is_next_day);
        let end = second(self.not_after.time) + days * 86_400;
        second(self.cut_off)..end
    }
}

/// Parses `HH:MM`, or `HH:MM local`: by readers' own clocks.
///
/// # Errors
/// The sentence that says what it should be.
pub fn parse_send_at(text: &str) -> Result<(NaiveTime, bool), String> {
    let local = text.trim_end().strip_suffix("local");
    let time = parse_time(local.map_or(text, str::trim_end))?;
    Ok((time, local.is_some()))
}

/// Parses `HH:MM`, from `00:00` to `23:59`.
///
/// # Errors
/// The sentence that says what it should be.
pub fn parse_time(text: &str) -> Result<NaiveTime, String> {
    let digits = |text: &str| {
        let ok = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
        ok.then(|| text.parse().ok()).flatten()
    };
    text.split_once(':')
        .and_then(|(hour, minute)| NaiveTime::from_hms_opt(digits(hour)?, digits(minute)?, 0))
        .ok_or_else(|| {
            format!(
                "`{}` is no time: expected `HH:MM` from `00:00` to `23:59`, such as `07:00`",
                Line::clean_to(text, 40)
            )
        })
}

/// `07:00`
pub(super) fn hm(time: NaiveTime) -> String {
    time.format("%H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(text: &str) -> String {
        match Days::parse(text) {
            Ok(days) => NAMES
                .iter()
                .zip(days.0)
                .filter_map(|(name, is)| is.then_some(*name))
                .collect::<Vec<_>>()
                .join(" "),
            Err(what) => what,
        }
    }

    #[test]
    fn days_of_the_week() {
        assert_eq!(days("mon-fri"), "mon tue wed thu fri");
        assert_eq!(Days::parse("mon-fri"), Ok(Days::WORKDAYS));
        assert_eq!(days("daily"), "mon tue wed thu fri sat sun");
        assert_eq!(days(" Mon , WED,fri "), "mon wed fri");
        assert_eq!(days("sat-mon"), "mon sat sun");
        assert_eq!(days("tue"), "tue");
        assert_eq!(days("wed-wed,sun"), "wed sun");
        insta::assert_snapshot!(days("mon-"), @"`mon-` are no days: expected `daily`, or such as `mon-fri` or `mon,wed,fri`");
        for wrong in ["", ",", "monday", "mon-tue-wed", "weekdays", "mon fri"] {
            assert!(Days::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn times_of_a_day() {
        let said = |cut_off: &str, send_at: &str, not_after: &str| {
            let time = |text: &str| (!text.is_empty()).then(|| parse_time(text).unwrap());
            let end = (!not_after.is_empty()).then(|| EndTime::parse(not_after).unwrap());
            match Times::new(time(cut_off), time(send_at).unwrap(), end) {
                Ok(times) => {
                    let next = if times.not_after.is_next_day {
                        " next day"
                    } else {
                        ""
                    };
                    [times.cut_off, times.send_at, times.not_after.time]
                        .map(hm)
                        .join(" ")
                        + next
                }
                Err(error) => error.to_string(),
            }
        };
        assert_eq!(said("", "07:00", ""), "06:45 07:00 09:00");
        assert_eq!(said("", "00:10", ""), "00:00 00:10 02:10");
        assert_eq!(said("", "22:30", ""), "22:15 22:30 23:59");
        assert_eq!(said("07:00", "07:00", "07:01"), "07:00 07:00 07:01");
        assert_eq!(
            said("", "23:30", "01:00 next day"),
            "23:15 23:30 01:00 next day"
        );
        assert!(EndTime::parse("next day").is_err() && EndTime::parse("01:00 tomorrow").is_err());
        insta::assert_snapshot!(said("07:15", "07:00", ""), @"`cut_off` must not be later than `send_at` (07:00), but found `07:15`");
        insta::assert_snapshot!(said("", "23:30", "00:30"), @"`not_after` must be later than `send_at` (23:30) on the same day, but found `00:30`; `00:30 next day` is on the day after");
        insta::assert_snapshot!(said("", "23:59", ""), @"`not_after` must be later than `send_at` (23:59) on the same day, but found `23:59`; `23:59 next day` is on the day after");
        insta::assert_snapshot!(parse_time("7:00").unwrap_err(), @"`7:00` is no time: expected `HH:MM` from `00:00` to `23:59`, such as `07:00`");
        for wrong in [
            "",
            "07",
            "24:00",
            "07:60",
            "07:00:00",
            "+7:00",
            "०७:००",
            "07h00",
        ] {
            assert!(parse_time(wrong).is_err(), "{wrong}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in ".{0,40}") {
            _ = Days::parse(&text);
            _ = parse_time(&text);
        }
    }
}
