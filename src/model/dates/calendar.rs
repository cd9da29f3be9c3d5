//! Days by year, month and day, in the calendars that newspapers print.

use chrono::{Datelike as _, NaiveDate};

/// The years that are of the Persian calendar if nothing else is said.
const PERSIAN_YEARS: std::ops::Range<u32> = 1300..1500;

/// The day of that date; `persian`: its month has a Persian name.
pub(super) fn day(year: u32, month: u32, day: u32, persian: bool) -> Option<NaiveDate> {
    if persian || PERSIAN_YEARS.contains(&year) {
        return PERSIAN_YEARS
            .contains(&year)
            .then(|| from_persian(year, month, day))?;
    }
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

/// By the cycle of 33 years, which agrees with the calendar of Iran from 1300 to 1500 (1921 to 2121).
fn from_persian(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    let (year, month, day) = (
        i32::try_from(year).ok()? + 1595,
        i32::try_from(month).ok()?,
        i32::try_from(day).ok()?,
    );
    let longest = if month <= 6 { 31 } else { 30 };
    if !(1..=12).contains(&month) || !(1..=longest).contains(&day) {
        return None;
    }
    let before = if month < 7 {
        (month - 1) * 31
    } else {
        (month - 7) * 30 + 186
    };
    // Days since 1 January of the year 0; of the year 1 is day 1 for chrono.
    let since = 365 * year + year / 33 * 8 + (year % 33 + 3) / 4 + before + day - 355_668;
    NaiveDate::from_num_days_from_ce_opt(since - 365).filter(|date| date.year() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn persian_days() {
        let of = |y, m, d| day(y, m, d, true).map_or("none".into(), |day| day.to_string());
        assert_eq!(of(1405, 6, 1), "2026-08-23");
        assert_eq!(of(1405, 1, 1), "2026-03-21");
        assert_eq!(of(1403, 12, 30), "2025-03-20");
        assert_eq!(of(1404, 1, 1), "2025-03-21");
        assert_eq!(of(1399, 12, 30), "2021-03-20");
        assert_eq!(of(1405, 7, 31), "none");
        assert_eq!(of(2026, 7, 30), "none");
        assert_eq!(day(2026, 8, 23, false).unwrap().to_string(), "2026-08-23");
    }
}
