//! Times as exports write them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

use crate::model::zone::Zone;

/// When views were counted: at an instant, or over a span of which only the name is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    /// The instant, or the beginning of the span.
    pub from: DateTime<Utc>,
    /// The instant, or the end of the span.
    pub to: DateTime<Utc>,
}

/// Reads RFC 3339, `YYYY-MM-DD HH:MM[:SS][+HHMM]`, `YYYY-MM-DD`, `YYYYMMDD[HH[MM]]` (GA4) and unix seconds, also with decimals, milliseconds
/// or microseconds (BigQuery): what programs write. What people's spreadsheets write is read by [`super::dates`]. A time without an offset is of `zone`; one that a
/// change of clocks skipped is as much later as they skipped, one that it doubled is the first. A bare day or a GA4 hour is a span.
#[must_use]
pub fn read(text: &str, zone: &Zone) -> Option<When> {
    written(text)?.lasting(TimeDelta::zero(), zone)
}

/// As [`read`], for a time that names the hour which begins then. An hour that the clocks show twice is both of them: a service that counts by the
/// clocks puts their views together.
#[must_use]
pub fn hour(text: &str, zone: &Zone) -> Option<When> {
    written(text)?.lasting(TimeDelta::hours(1), zone)
}

/// What a text says.
enum Written {
    Instant(DateTime<Utc>),
    /// What clocks show, and for how long.
    Local(NaiveDateTime, TimeDelta),
}

impl Written {
    /// In `zone`, and for so long at least.
    fn lasting(self, shortest: TimeDelta, zone: &Zone) -> Option<When> {
        let (from, to) = match self {
            Self::Instant(from) => (from, from.checked_add_signed(shortest)?),
            Self::Local(local, length) => {
                let end = local.checked_add_signed(length.max(shortest))?;
                (zone.earliest(local)?, zone.earliest(end)?)
            }
        };
        Some(When { from, to })
    }
}

fn written(text: &str) -> Option<Written> {
    let text = text.trim();
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return digits(text);
    }
    if let Some((seconds, fraction)) = text.split_once('.')
        && matches!(seconds.len(), 9 | 10)
        && [seconds, fraction]
            .concat()
            .bytes()
            .all(|byte| byte.is_ascii_digit())
    {
        return digits(seconds);
    }
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Some(whole(day));
    }
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(Written::Instant(instant.to_utc()));
    }
    let with_offset = [
        "%Y-%m-%d %H:%M:%S%.f%#z",
        "%Y-%m-%dT%H:%M:%S%.f%#z",
        "%Y-%m-%d %H:%M%#z",
        "%Y-%m-%dT%H:%M%#z",
    ];
    let instant = |form: &&str| DateTime::parse_from_str(text, form).ok();
    if let Some(instant) = with_offset.iter().find_map(instant) {
        return Some(Written::Instant(instant.to_utc()));
    }
    let universal = text.strip_suffix('Z').or_else(|| text.strip_suffix(" UTC"));
    let clocks = [
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M",
        "%Y-%m-%dT%H:%M",
    ];
    let shown = |form: &&str| NaiveDateTime::parse_from_str(universal.unwrap_or(text), form).ok();
    let shown = clocks.iter().find_map(shown)?;
    Some(match universal {
        Some(_) => Written::Instant(shown.and_utc()),
        None => Written::Local(shown, TimeDelta::zero()),
    })
}

/// Ten digits are an hour if they begin like a year of this century, else a unix time: those begin with 1 until the year 2033.
fn digits(text: &str) -> Option<Written> {
    let span = |text: &str, length| {
        let from = NaiveDateTime::parse_from_str(text, "%Y%m%d%H%M").ok()?;
        Some(Written::Local(from, length))
    };
    let instant = match text.len() {
        8 => return NaiveDate::parse_from_str(text, "%Y%m%d").ok().map(whole),
        10 if text.starts_with("20") => return span(&format!("{text}00"), TimeDelta::hours(1)),
        12 => return span(text, TimeDelta::minutes(1)),
        9 | 10 => DateTime::from_timestamp(text.parse().ok()?, 0),
        16 => DateTime::from_timestamp_micros(text.parse().ok()?),
        13 => DateTime::from_timestamp_millis(text.parse().ok()?),
        _ => None,
    };
    instant.map(Written::Instant)
}

const fn whole(day: NaiveDate) -> Written {
    Written::Local(day.and_time(NaiveTime::MIN), TimeDelta::days(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(when: Option<When>) -> String {
        let when = when.map_or_else(
            || "no time".to_owned(),
            |when| match when.to - when.from {
                none if none.is_zero() => when.from.to_rfc3339(),
                length => format!(
                    "{} for {} min",
                    when.from.to_rfc3339(),
                    length.num_minutes()
                ),
            },
        );
        when.replace("+00:00", "Z")
    }

    fn check(text: &str, expected: &str) {
        let zone = Zone::bundled("Europe/Berlin").unwrap();
        assert_eq!(shown(read(text, &zone)), expected, "{text}");
    }

    #[test]
    fn as_exports_write_them() {
        for (text, shown) in [
            ("2026-08-24T06:00:00Z", "2026-08-24T06:00:00Z"),
            ("2026-08-24T06:00:00.250+02:00", "2026-08-24T04:00:00.250Z"),
            ("2026-08-24 06:00:00+00:00", "2026-08-24T06:00:00Z"),
            ("2026-08-24 06:00:00 UTC", "2026-08-24T06:00:00Z"),
            ("2026-08-24 06:00", "2026-08-24T04:00:00Z"),
            ("2026-08-24T06:00:30", "2026-08-24T04:00:30Z"),
            ("2026-03-29 02:30", "2026-03-29T01:30:00Z"),
            ("2026-10-25 02:30", "2026-10-25T00:30:00Z"),
            ("2026082406", "2026-08-24T04:00:00Z for 60 min"),
            ("202608240615", "2026-08-24T04:15:00Z for 1 min"),
            ("20260824", "2026-08-23T22:00:00Z for 1440 min"),
            ("2026-03-29", "2026-03-28T23:00:00Z for 1380 min"),
            ("1787551200", "2026-08-24T06:00:00Z"),
            ("1787551200000", "2026-08-24T06:00:00Z"),
            ("1787551200000000", "2026-08-24T06:00:00Z"),
            ("1787551200.0", "2026-08-24T06:00:00Z"),
            ("1787551200.", "2026-08-24T06:00:00Z"),
            ("2026-08-24T06:00:00+0200", "2026-08-24T04:00:00Z"),
            ("2026-08-24 06:00:00.5 +0200", "2026-08-24T04:00:00.500Z"),
            ("2026-08-24T06:00+02:00", "2026-08-24T04:00:00Z"),
            ("2026-08-24 06:00+02", "2026-08-24T04:00:00Z"),
            ("2026-08-24T06:00Z", "2026-08-24T06:00:00Z"),
            ("", "no time"),
            ("yesterday", "no time"),
            ("2026-13-01", "no time"),
            ("2026082499", "no time"),
            ("7", "no time"),
            ("24/08/2026 06:00", "no time"),
            ("08/09/2026", "no time"),
            ("-1787551200", "no time"),
            ("12.5", "no time"),
        ] {
            check(text, shown);
        }
    }

    #[test]
    fn hours_that_a_change_of_clocks_skips_or_doubles() {
        for (zone, text, expected) in [
            // Berlin: an hour forward, an hour back.
            (
                "Europe/Berlin",
                "2026-03-29 01:00",
                "2026-03-29T00:00:00Z for 60 min",
            ),
            (
                "Europe/Berlin",
                "2026-03-29 03:00",
                "2026-03-29T01:00:00Z for 60 min",
            ),
            (
                "Europe/Berlin",
                "2026-10-25 01:00:00",
                "2026-10-24T23:00:00Z for 60 min",
            ),
            (
                "Europe/Berlin",
                "2026-10-25 02:00:00",
                "2026-10-25T00:00:00Z for 120 min",
            ),
            (
                "Europe/Berlin",
                "2026102502",
                "2026-10-25T00:00:00Z for 120 min",
            ),
            (
                "Europe/Berlin",
                "2026-10-25 03:00",
                "2026-10-25T02:00:00Z for 60 min",
            ),
            (
                "Europe/Berlin",
                "2026-10-25 02:00:00+02:00",
                "2026-10-25T00:00:00Z for 60 min",
            ),
            (
                "Europe/Berlin",
                "2026-10-25T01:00:00Z",
                "2026-10-25T01:00:00Z for 60 min",
            ),
            (
                "Europe/Berlin",
                "2026-10-25",
                "2026-10-24T22:00:00Z for 1500 min",
            ),
            // Newfoundland is three hours and a half behind.
            (
                "America/St_Johns",
                "2026-11-01 01:00",
                "2026-11-01T03:30:00Z for 120 min",
            ),
            (
                "America/St_Johns",
                "2026-11-01 02:00",
                "2026-11-01T05:30:00Z for 60 min",
            ),
            // Lord Howe goes half an hour forward and back.
            (
                "Australia/Lord_Howe",
                "2026-10-04 01:00",
                "2026-10-03T14:30:00Z for 60 min",
            ),
            (
                "Australia/Lord_Howe",
                "2026-10-04 02:00",
                "2026-10-03T15:30:00Z for 30 min",
            ),
            (
                "Australia/Lord_Howe",
                "2026100402",
                "2026-10-03T15:30:00Z for 30 min",
            ),
            (
                "Australia/Lord_Howe",
                "2026-04-05 01:00",
                "2026-04-04T14:00:00Z for 90 min",
            ),
            (
                "Australia/Lord_Howe",
                "2026-04-05 02:00",
                "2026-04-04T15:30:00Z for 60 min",
            ),
            (
                "Asia/Kathmandu",
                "2026-08-24 05:00",
                "2026-08-23T23:15:00Z for 60 min",
            ),
        ] {
            let zone = Zone::bundled(zone).unwrap();
            assert_eq!(shown(hour(text, &zone)), expected, "{text} {zone:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "[0-9TZ:. +-]{0,32}") {
            _ = read(&text, &Zone::utc());
            _ = hour(&text, &Zone::bundled("Australia/Lord_Howe").unwrap());
        }
    }
}
