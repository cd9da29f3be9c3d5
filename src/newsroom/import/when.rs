//! Days as list programs write them.

use chrono::{DateTime, Datelike as _, NaiveDate};

/// The day that begins a text: `2026-08-24`, `2026-08-24T05:10:00Z`, `24.08.2026 07:10`, `2026/08/24`, `Aug 24, 2026`, or seconds since 1970.
/// `None`: none of these, or one that may be two days, such as `03/04/2026`.
pub(super) fn day(text: &str) -> Option<NaiveDate> {
    any_day(text).filter(|day| !is_too_old(*day))
}

/// Whether a text is a day, if also one that may be two.
pub(super) fn is_day(text: &str) -> bool {
    day(text).is_some()
        || numbers(text).is_some_and(|numbers| {
            numbers
                .iter()
                .any(|number| (1_971..=9_999).contains(number))
        })
}

/// Whether a text is how a database writes that there is no day: `0000-00-00`, `1970-01-01 00:00:00`, `0001-01-01T00:00:00Z`, `9999-12-31`.
pub(super) fn is_never(text: &str) -> bool {
    let zeros = text.contains('0') && !text.contains(|c: char| c.is_alphanumeric() && c != '0');
    zeros && text.len() > 1
        || any_day(text).is_some_and(|day| is_too_old(day) || day.year() > 2_100)
}

/// Whether a text looks like a day or a month in whatever form: a year beside something, or three numbers of two digits.
pub(super) fn looks_like_day(text: &str) -> bool {
    let groups: Vec<&str> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|group| !group.is_empty())
        .collect();
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let year =
        |group: &&str| group.len() == 4 && (group.starts_with("19") || group.starts_with("20"));
    let beside_year = groups.iter().any(year) && (groups.len() > 1 || letters > 2);
    is_day(text)
        || letters <= 16
            && (beside_year || groups.len() == 3 && groups.iter().all(|group| group.len() <= 2))
}

/// Nobody subscribed by email before 1971: such days stand for none.
fn is_too_old(day: NaiveDate) -> bool {
    day.year() < 1_971
}

/// The three numbers that begin a text, if between them are `-`, `/` or `.`.
fn numbers(text: &str) -> Option<[u32; 3]> {
    let first = text.split([' ', 'T', '\t', ',']).next()?;
    let parts: Vec<u32> = first
        .split(['-', '/', '.'])
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    parts.try_into().ok()
}

fn any_day(text: &str) -> Option<NaiveDate> {
    let text = text.trim().trim_matches('"');
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        let number: i64 = text.parse().ok()?;
        let seconds = match text.len() {
            8 => return NaiveDate::parse_from_str(text, "%Y%m%d").ok(),
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
    [
        "%b %d, %Y",
        "%B %d, %Y",
        "%d %b %Y",
        "%d %B %Y",
        "%d-%b-%Y",
        "%a, %d %b %Y",
        "%a %b %d %Y",
    ]
    .iter()
    .find_map(|form| NaiveDate::parse_and_remainder(text, form).ok())
    .map(|(day, _)| day)
}
