//! Dates as feeds write them: RFC 3339, RFC 2822, and what is neither.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

/// Months by the beginning of their names: English, Portuguese, Spanish, French, German, Italian, Dutch. A longer beginning stands
/// before a shorter one that would also match.
const MONTHS: &[(&str, u32)] = &[
    ("jan", 1),
    ("ene", 1),
    ("gen", 1),
    ("fe", 2),
    ("fé", 2),
    ("mars", 3),
    ("märz", 3),
    ("mrz", 3),
    ("maart", 3),
    ("mrt", 3),
    ("mar", 3),
    ("mär", 3),
    ("apr", 4),
    ("abr", 4),
    ("avr", 4),
    ("may", 5),
    ("mai", 5),
    ("mei", 5),
    ("mag", 5),
    ("juin", 6),
    ("juil", 7),
    ("jun", 6),
    ("giu", 6),
    ("jul", 7),
    ("lug", 7),
    ("aug", 8),
    ("ago", 8),
    ("aoû", 8),
    ("sep", 9),
    ("set", 9),
    ("oct", 10),
    ("okt", 10),
    ("out", 10),
    ("ott", 10),
    ("nov", 11),
    ("dec", 12),
    ("dez", 12),
    ("dic", 12),
    ("déc", 12),
];

/// Zones by name, in minutes east, where only one zone of that name is likely in a feed.
const ZONES: &[(&str, i32)] = &[
    ("gmt", 0),
    ("utc", 0),
    ("ut", 0),
    ("z", 0),
    ("wet", 0),
    ("west", 60),
    ("bst", 60),
    ("cet", 60),
    ("mez", 60),
    ("cest", 120),
    ("mesz", 120),
    ("eet", 120),
    ("eest", 180),
    ("msk", 180),
    ("jst", 540),
    ("aest", 600),
    ("aedt", 660),
    ("nzst", 720),
    ("brt", -180),
    ("est", -300),
    ("edt", -240),
    ("cst", -360),
    ("cdt", -300),
    ("mst", -420),
    ("mdt", -360),
    ("pst", -480),
    ("pdt", -420),
];

/// The instant `text` names, if it can be told. A date without a zone is taken as UTC, a day without a time as its midnight.
pub(super) fn parse(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if text.len() > 100 {
        return None;
    }
    DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_rfc2822(text))
        .map(|instant| instant.to_utc())
        .ok()
        .or_else(|| numeric(text))
        .or_else(|| worded(text))
        .or_else(|| since_1970(text))
}

/// Seconds or milliseconds since 1970.
fn since_1970(text: &str) -> Option<DateTime<Utc>> {
    let number = text.parse().ok()?;
    match text.len() {
        10 => DateTime::from_timestamp(number, 0),
        13 => DateTime::from_timestamp_millis(number),
        _ => None,
    }
}

/// Whether `date` is midnight in universal time, which [`parse`] makes of a day without a time.
pub(super) fn is_day(date: DateTime<Utc>) -> bool {
    date.time() == NaiveTime::MIN
}

/// `date`; of a mere day its middle, or the middle of what has passed of it. Taken as published at midnight, the stories of a whole day
/// would be too old for the edition of the next morning, and be in none.
pub(super) fn of_day(date: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    if !is_day(date) {
        return date;
    }
    let passed = (now - date).clamp(TimeDelta::zero(), TimeDelta::days(1));
    date + passed / 2
}

/// `2026-08-24 05:10`, `2026-08-24T05:10:00.000+0100`, `2026-08-24`.
fn numeric(text: &str) -> Option<DateTime<Utc>> {
    let day = NaiveDate::parse_from_str(text.get(..10)?, "%Y-%m-%d").ok()?;
    let rest = text[10..].trim_start_matches('T').trim();
    let end = rest
        .find(|c: char| !matches!(c, '0'..='9' | ':' | '.'))
        .unwrap_or(rest.len());
    let (clock, zone) = rest.split_at(end);
    let time = if clock.is_empty() {
        NaiveTime::MIN
    } else {
        time(clock)?
    };
    instant(day.and_time(time), zone.trim())
}

/// `Seg, 24 Set 2018 19:42:40 -0300`, `August 24, 2026 5:10 pm EST`.
fn worded(text: &str) -> Option<DateTime<Utc>> {
    let (mut day, mut month, mut year) = (None, None, None);
    let (mut clock, mut noon, mut zone) = (None, None, "");
    for word in text.split([' ', ',', '\t', '\n', '\r']) {
        let word = word.trim_matches('.');
        if word.is_empty() {
            continue;
        }
        if word.contains(':') && clock.is_none() {
            clock = Some(time(word)?);
        } else if let Ok(number) = word
            .trim_end_matches(|c: char| c.is_ascii_alphabetic())
            .parse::<u32>()
            && !word.starts_with('+')
        {
            match number {
                1..=31 if day.is_none() => day = Some(number),
                1000..=9999 => year = Some(number),
                0..=99 if year.is_none() => year = Some(2000 + number),
                _ => return None,
            }
        } else if word.eq_ignore_ascii_case("am") || word.eq_ignore_ascii_case("pm") {
            noon = Some(word.eq_ignore_ascii_case("pm"));
        } else if word.starts_with(['+', '-']) || (clock.is_some() && zone_minutes(word).is_some())
        {
            zone = word;
        } else {
            // The last word that may be a month is it: a Spanish Tuesday begins like March.
            let word = word.to_lowercase();
            let named = MONTHS.iter().find(|(name, _)| word.starts_with(name));
            month = named.map(|(_, month)| *month).or(month);
        }
    }
    let day = NaiveDate::from_ymd_opt(i32::try_from(year?).ok()?, month?, day?)?;
    let mut time = clock.unwrap_or(NaiveTime::MIN);
    if let Some(afternoon) = noon {
        use chrono::Timelike as _;
        time = time.with_hour(time.hour() % 12 + if afternoon { 12 } else { 0 })?;
    }
    instant(day.and_time(time), zone)
}

fn time(text: &str) -> Option<NaiveTime> {
    let mut parts = text.split([':', '.']);
    let mut next = || parts.next().map_or(Some(0), |part| part.parse().ok());
    let (hour, minute, second): (u32, u32, u32) = (next()?, next()?, next()?);
    NaiveTime::from_hms_opt(hour % 24, minute, second.min(59)).filter(|_| hour <= 24)
}

fn instant(local: NaiveDateTime, zone: &str) -> Option<DateTime<Utc>> {
    let minutes = if zone.is_empty() {
        0
    } else {
        zone_minutes(zone)?
    };
    local
        .checked_sub_signed(TimeDelta::minutes(minutes.into()))
        .map(|utc| utc.and_utc())
}

/// Minutes east of UTC: `+0100`, `-03:00`, `+2`, `EST`.
fn zone_minutes(zone: &str) -> Option<i32> {
    if let Ok(offset) = zone.parse::<FixedOffset>() {
        return Some(offset.local_minus_utc() / 60);
    }
    if let Some(hours) = zone.strip_prefix(['+', '-'])
        && let Ok(hours @ 0..=14) = hours.parse::<i32>()
    {
        return Some(if zone.starts_with('-') { -hours } else { hours } * 60);
    }
    let zone = zone.to_ascii_lowercase();
    ZONES
        .iter()
        .find(|(name, _)| *name == zone)
        .map(|(_, minutes)| *minutes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: &str) {
        let found = parse(text).map_or("none".into(), |instant| {
            instant.format("%Y-%m-%d %H:%M:%S").to_string()
        });
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn a_mere_day_is_taken_at_its_middle() {
        let at = |text: &str| parse(text).unwrap();
        let now = at("2026-08-24 06:30");
        let taken = |text: &str| of_day(at(text), now).format("%d %H:%M").to_string();
        assert_eq!(taken("2026-08-23"), "23 12:00");
        assert_eq!(taken("2026-08-24"), "24 03:15");
        assert_eq!(taken("2026-08-25"), "25 00:00");
        assert_eq!(taken("2026-08-23 00:01"), "23 00:01");
    }

    #[test]
    fn reads_what_feeds_write() {
        check("2026-08-24T05:10:00+01:00", "2026-08-24 04:10:00");
        check("Mon, 24 Aug 2026 05:10:00 GMT", "2026-08-24 05:10:00");
        check("Tue, 24 Aug 2026 05:10:00 +0000", "2026-08-24 05:10:00");
        check("Seg, 24 Set 2018 19:42:40 -0300", "2018-09-24 22:42:40");
        check("mar, 24 feb 2026 08:00:00 +0100", "2026-02-24 07:00:00");
        check("Di, 24 März 2026 08:00 CET", "2026-03-24 07:00:00");
        check("mer. 3 juin 2026 08:00:00", "2026-06-03 08:00:00");
        check("August 24, 2026 5:10 pm EST", "2026-08-24 22:10:00");
        check("24th August 2026", "2026-08-24 00:00:00");
        check("Wed, 03 Jan 18 14:11:52 UT", "2018-01-03 14:11:52");
        check("2026-08-24 05:10", "2026-08-24 05:10:00");
        check("2026-08-24T05:10:00.123+0100", "2026-08-24 04:10:00");
        check("2026-08-24", "2026-08-24 00:00:00");
        check("Mon, 24 Aug 2026 24:00:00 +2", "2026-08-23 22:00:00");
    }

    #[test]
    fn does_not_guess() {
        for text in [
            "",
            "yesterday",
            "08/09/2026",
            "2026-13-40",
            "24 Aug",
            "32 Aug 2026 10:00",
            "24 Aug 2026 99:00:00",
            "1",
        ] {
            check(text, "none");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,60}", close in "[0-9A-Za-z:+, .-]{0,40}") {
            _ = parse(&text);
            _ = parse(&close);
        }
    }
}
