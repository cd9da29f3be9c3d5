//! Times as exports write them.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, TimeDelta, TimeZone as _, Utc};

use crate::model::zone::Zone;

/// When views were counted: at an instant, or over a span of which only the name is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    /// The instant, or the beginning of the span.
    pub from: DateTime<Utc>,
    /// The instant, or the end of the span.
    pub to: DateTime<Utc>,
}

impl When {
    /// The hour that begins then, where an instant names one.
    #[must_use]
    pub fn hour(self) -> Self {
        Self {
            from: self.from,
            to: self
                .from
                .checked_add_signed(TimeDelta::hours(1))
                .unwrap_or(self.to)
                .max(self.to),
        }
    }
}

/// Reads RFC 3339, `YYYY-MM-DD HH:MM[:SS][+HHMM]`, `YYYY-MM-DD`, `YYYYMMDD[HH[MM]]` (GA4) and unix seconds, also with decimals, milliseconds
/// or microseconds (BigQuery): what programs write. What people's spreadsheets write is read by [`super::dates`]. A time without an offset is of `zone`; one that a
/// change of clocks skipped is an hour later, one that it doubled is the first. A bare day or a GA4 hour is a span.
#[must_use]
pub fn read(text: &str, zone: &Zone) -> Option<When> {
    let text = text.trim();
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return digits(text, zone);
    }
    if let Some((seconds, fraction)) = text.split_once('.')
        && matches!(seconds.len(), 9 | 10)
        && [seconds, fraction]
            .concat()
            .bytes()
            .all(|byte| byte.is_ascii_digit())
    {
        return digits(seconds, zone);
    }
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return whole_day(day, zone);
    }
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(at(instant.to_utc()));
    }
    let with_offset = [
        "%Y-%m-%d %H:%M:%S%.f%#z",
        "%Y-%m-%dT%H:%M:%S%.f%#z",
        "%Y-%m-%d %H:%M%#z",
        "%Y-%m-%dT%H:%M%#z",
    ];
    let instant = |form: &&str| DateTime::parse_from_str(text, form).ok();
    if let Some(instant) = with_offset.iter().find_map(instant) {
        return Some(at(instant.to_utc()));
    }
    let (text, zone) = match text.strip_suffix('Z').or_else(|| text.strip_suffix(" UTC")) {
        Some(rest) => (rest, &Zone::utc()),
        None => (text, zone),
    };
    [
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M",
        "%Y-%m-%dT%H:%M",
    ]
    .iter()
    .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
    .and_then(|local| on_the_clock(local, zone))
    .map(at)
}

/// Ten digits are an hour if they begin like a year of this century, else a unix time: those begin with 1 until the year 2033.
fn digits(text: &str, zone: &Zone) -> Option<When> {
    let span = |form: &str, text: &str, length| {
        let from = on_the_clock(NaiveDateTime::parse_from_str(text, form).ok()?, zone)?;
        Some(When {
            from,
            to: from.checked_add_signed(length)?,
        })
    };
    match text.len() {
        8 => whole_day(NaiveDate::parse_from_str(text, "%Y%m%d").ok()?, zone),
        10 if text.starts_with("20") => {
            span("%Y%m%d%H%M", &format!("{text}00"), TimeDelta::hours(1))
        }
        12 => span("%Y%m%d%H%M", text, TimeDelta::minutes(1)),
        9 | 10 => DateTime::from_timestamp(text.parse().ok()?, 0).map(at),
        16 => DateTime::from_timestamp_micros(text.parse().ok()?).map(at),
        13 => DateTime::from_timestamp_millis(text.parse().ok()?).map(at),
        _ => None,
    }
}

fn at(instant: DateTime<Utc>) -> When {
    When {
        from: instant,
        to: instant,
    }
}

fn whole_day(day: NaiveDate, zone: &Zone) -> Option<When> {
    let midnight = |day: NaiveDate| on_the_clock(day.and_hms_opt(0, 0, 0)?, zone);
    Some(When {
        from: midnight(day)?,
        to: midnight(day.checked_add_days(Days::new(1))?)?,
    })
}

fn on_the_clock(local: NaiveDateTime, zone: &Zone) -> Option<DateTime<Utc>> {
    let known = |local: &NaiveDateTime| zone.from_local_datetime(local).earliest();
    known(&local)
        .or_else(|| known(&local.checked_add_signed(TimeDelta::hours(1))?))
        .map(|local| local.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, shown: &str) {
        let when = read(text, &Zone::bundled("Europe/Berlin").unwrap());
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
        assert_eq!(when.replace("+00:00", "Z"), shown, "{text}");
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

    proptest! {
        #[test]
        fn never_panics(text in "[0-9TZ:. +-]{0,32}") {
            _ = read(&text, &Zone::utc());
        }
    }
}
