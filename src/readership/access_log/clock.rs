//! Times as servers write them. A log says the same minute thousands of times: it is read once, then only its seconds are.

use crate::model::when;
use crate::model::zone::Zone;

const MONTHS: [&[u8]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];

/// Reads times; remembers the last minute.
pub(super) struct LogTime<'z> {
    zone: &'z Zone,
    minute: Vec<u8>,
    offset: Vec<u8>,
    /// When `minute` with `offset` began, in unix seconds.
    began: i64,
}

impl<'z> LogTime<'z> {
    /// A clock for times of which those without an offset are of `zone`.
    pub(super) fn new(zone: &'z Zone) -> Self {
        Self {
            zone,
            minute: Vec::new(),
            offset: Vec::new(),
            began: 0,
        }
    }

    /// Unix seconds of `24/Aug/2026:06:00:00 +0200`, ISO 8601 with or without fraction and offset, or unix seconds, milli-, micro- or
    /// nanoseconds. A leap second belongs to the next minute.
    pub(super) fn read(&mut self, text: &[u8]) -> Option<i64> {
        let minute = match text {
            [_, _, b'/', ..] => 17,
            [_, _, _, _, b'-', ..] => 16,
            _ => return unix(text),
        };
        let (minute, rest) = text.split_at_checked(minute)?;
        let [b':', tens @ b'0'..=b'6', ones @ b'0'..=b'9', rest @ ..] = rest else {
            return None;
        };
        let seconds = i64::from(tens - b'0') * 10 + i64::from(ones - b'0');
        let offset = without_fraction(rest);
        if !(same(minute, &self.minute) && same(offset, &self.offset)) {
            self.began = began(minute, offset, self.zone)?;
            self.minute = minute.to_vec();
            self.offset = offset.to_vec();
        }
        (seconds <= 60).then_some(self.began + seconds)
    }
}

/// As `==`, which calls `memcmp` for a few octets.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a == b)
}

fn without_fraction(rest: &[u8]) -> &[u8] {
    let [b'.' | b',', digits @ ..] = rest else {
        return rest;
    };
    let end = digits.iter().position(|byte| !byte.is_ascii_digit());
    &digits[end.unwrap_or(digits.len())..]
}

fn began(minute: &[u8], offset: &[u8], zone: &Zone) -> Option<i64> {
    let minute = std::str::from_utf8(minute).ok()?;
    let offset = std::str::from_utf8(offset).ok()?.trim();
    let day = if minute.as_bytes()[2] == b'/' {
        let month = MONTHS
            .iter()
            .position(|name| *name == &minute.as_bytes()[3..6])?
            + 1;
        format!(
            "{}-{month:02}-{}T{}",
            minute.get(7..11)?,
            minute.get(..2)?,
            minute.get(12..)?
        )
    } else {
        minute.replacen(' ', "T", 1)
    };
    let offset = match (offset, offset.split_at_checked(3)) {
        ("" | "Z", _) => offset.to_owned(),
        ("UTC" | "GMT", _) => "Z".to_owned(),
        (_, Some((hours, minutes))) if !minutes.starts_with(':') => {
            format!(
                "{hours}:{}",
                if minutes.is_empty() { "00" } else { minutes }
            )
        }
        _ => offset.to_owned(),
    };
    when::read(&format!("{day}:00{offset}"), zone).map(|when| when.from.timestamp())
}

fn unix(text: &[u8]) -> Option<i64> {
    let end = text.iter().position(|byte| *byte == b'.');
    let whole = std::str::from_utf8(&text[..end.unwrap_or(text.len())]).ok()?;
    if !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let divisor = match whole.len() {
        9 | 10 => 1,
        13 => 1_000,
        16 => 1_000_000,
        19 => 1_000_000_000,
        _ => return None,
    };
    whole.parse::<i64>().ok().map(|number| number / divisor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use proptest::prelude::*;

    #[test]
    fn as_servers_write_them() {
        let zone = Zone::bundled("Europe/Berlin").unwrap();
        let mut clock = LogTime::new(&zone);
        for (text, shown) in [
            ("24/Aug/2026:06:00:07 +0200", "2026-08-24T04:00:07Z"),
            ("24/Aug/2026:06:00:59 +0200", "2026-08-24T04:00:59Z"),
            ("24/Aug/2026:06:00:59 -0330", "2026-08-24T09:30:59Z"),
            ("24/Aug/2026:06:00:59", "2026-08-24T04:00:59Z"),
            ("31/Dec/2026:23:59:60 +0000", "2027-01-01T00:00:00Z"),
            ("2026-08-24T06:00:07+02:00", "2026-08-24T04:00:07Z"),
            ("2026-08-24T06:00:07.123456Z", "2026-08-24T06:00:07Z"),
            ("2026-08-24 06:00:07,5 +0200", "2026-08-24T04:00:07Z"),
            ("2026-08-24 06:00:07", "2026-08-24T04:00:07Z"),
            ("2026-08-24T06:00:07 UTC", "2026-08-24T06:00:07Z"),
            ("1787551207", "2026-08-24T06:00:07Z"),
            ("1787551207.994", "2026-08-24T06:00:07Z"),
            ("1787551207994", "2026-08-24T06:00:07Z"),
            ("1787551207994000", "2026-08-24T06:00:07Z"),
            ("", "no time"),
            ("24/Aug/2026:06:00", "no time"),
            ("24/Agu/2026:06:00:07 +0200", "no time"),
            ("32/Aug/2026:06:00:07 +0200", "no time"),
            ("24/Aug/2026:06:00:67 +0200", "no time"),
            ("Aug 24 06:00:07", "no time"),
            ("12.5", "no time"),
        ] {
            let read = clock.read(text.as_bytes());
            let read = read.map_or("no time".to_owned(), |at| {
                let at = DateTime::from_timestamp(at, 0).unwrap();
                at.to_rfc3339().replace("+00:00", "Z")
            });
            assert_eq!(read, shown, "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in proptest::collection::vec(any::<u8>(), 0..40), like in "[0-9]{2}/[A-Zé]..[/é0-9:]{14}.{0,8}") {
            let zone = Zone::utc();
            let mut clock = LogTime::new(&zone);
            _ = clock.read(&text);
            _ = clock.read(like.as_bytes());
        }
    }
}
