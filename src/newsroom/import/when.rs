//! Days as list programs write them.

use chrono::{DateTime, NaiveDate};

/// The day that begins a text: `2026-08-24`, `2026-08-24T05:10:00Z`, `24.08.2026 07:10`, `2026/08/24`, `Aug 24, 2026`, or seconds since 1970.
/// `None`: none of these, or one that may be two days, such as `03/04/2026`.
pub(super) fn day(text: &str) -> Option<NaiveDate> {
    let text = text.trim().trim_matches('"');
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        let number: i64 = text.parse().ok()?;
        let seconds = match text.len() {
            9 | 10 => number,
            13 => number / 1_000,
            _ => return None,
        };
        return Some(DateTime::from_timestamp(seconds, 0)?.date_naive());
    }
    let first = text.split([' ', 'T', '\t']).next()?;
    for (separator, order) in [
        ('-', "ymd"),
        ('/', "ymd"),
        ('.', "dmy"),
        ('.', "ymd"),
        ('/', "?"),
        ('-', "?"),
    ] {
        let parts: Vec<&str> = first
            .trim_end_matches([',', '.'])
            .split(separator)
            .collect();
        let [a, b, c] = *parts else { continue };
        let number = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| text.parse::<u32>().ok()).flatten()
        };
        let (Some(first), Some(second), Some(third)) = (number(a), number(b), number(c)) else {
            continue;
        };
        let date =
            |year: u32, month, day| NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day);
        let found = match order {
            "ymd" if a.len() == 4 => date(first, second, third),
            "dmy" if c.len() == 4 => date(third, second, first),
            "?" if c.len() == 4 && (first > 12 || first == second) => date(third, second, first),
            "?" if c.len() == 4 && second > 12 => date(third, first, second),
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    ["%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y"]
        .iter()
        .find_map(|form| NaiveDate::parse_and_remainder(text, form).ok())
        .map(|(day, _)| day)
}
