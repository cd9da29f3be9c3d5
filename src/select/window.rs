//! Spans of time as people write them, and the span of publication times an edition draws from.

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::line::Line;

/// The span of publication times an edition draws from. It always ends now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// From the last edition really sent, but at least 24 and at most 96 hours, so that neither a second edition of a day nor one
    /// after a holiday gets an odd choice. Without a last edition: 24 hours.
    SinceLastEdition,
    /// Always this long.
    Length(TimeDelta),
}

/// A text that is not a length of time, or not a useful one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LengthError {
    /// Neither of the forms that are understood.
    #[error(
        "`{0}` is not a length of time: expected a number and `s`, `m`, `h` or `d`, such as `90m`, `24h` or `7d`"
    )]
    Form(Line),
    /// Longer than ten years.
    #[error("`{0}` is too long: expected at most `3650d`")]
    TooLong(Line),
    /// A window in which nothing can be published.
    #[error("`{0}` leaves no time to publish in: expected at least `1m`")]
    Empty(Line),
    /// Not a window.
    #[error(
        "`{0}` is not a window: expected `since last edition` or a length of time such as `24h`"
    )]
    Window(Line),
    /// Nothing that a most-read list may count.
    #[error(
        "`{0}` is no time to count readers of: expected `today`, or a length from `1h` to `7d` such as `24h`"
    )]
    MostReadOf(Line),
}

/// The longest length that is accepted, in days.
const LONGEST: i64 = 3_650;

impl Window {
    /// Reads `since last edition` or a length such as `24h`.
    ///
    /// # Errors
    /// It is neither, or the length is nothing at all.
    pub fn parse(text: &str) -> Result<Self, LengthError> {
        let shown = || Line::clean_to(text, 40);
        if text
            .split_whitespace()
            .map(str::to_lowercase)
            .eq(["since", "last", "edition"])
        {
            return Ok(Self::SinceLastEdition);
        }
        match parse_length(text) {
            Ok(length) if length.is_zero() => Err(LengthError::Empty(shown())),
            Ok(length) => Ok(Self::Length(length)),
            Err(LengthError::Form(_)) => Err(LengthError::Window(shown())),
            Err(error) => Err(error),
        }
    }

    /// When the window opens.
    #[must_use]
    pub fn opens(self, last_edition: Option<DateTime<Utc>>, now: DateTime<Utc>) -> DateTime<Utc> {
        let length = match self {
            Self::Length(length) => length,
            Self::SinceLastEdition => last_edition
                .map_or(TimeDelta::hours(24), |last| now - last)
                .clamp(TimeDelta::hours(24), TimeDelta::hours(96)),
        };
        now.checked_sub_signed(length)
            .unwrap_or(DateTime::<Utc>::MIN_UTC)
    }
}

/// Reads a length of time: a whole number of seconds (`30s`), minutes (`90m`), hours (`3h`) or days (`7d`). Zero is a length.
///
/// # Errors
/// It is of no such form, or longer than ten years.
pub fn parse_length(text: &str) -> Result<TimeDelta, LengthError> {
    let form = || LengthError::Form(Line::clean_to(text, 40));
    let compact = text.trim();
    let digits = compact.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = compact.split_at(digits);
    if number.is_empty() {
        return Err(form());
    }
    let unit = match unit.trim() {
        "s" => TimeDelta::seconds(1),
        "m" | "min" => TimeDelta::minutes(1),
        "h" => TimeDelta::hours(1),
        "d" => TimeDelta::days(1),
        _ => return Err(form()),
    };
    number
        .parse::<i32>()
        .ok()
        .and_then(|number| unit.checked_mul(number))
        .filter(|length| *length <= TimeDelta::days(LONGEST))
        .ok_or_else(|| LengthError::TooLong(Line::clean_to(text, 40)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths() {
        for (text, minutes) in [
            ("90m", 90),
            ("3h", 180),
            (" 7 d ", 10_080),
            ("0d", 0),
            ("45 min", 45),
        ] {
            assert_eq!(
                parse_length(text),
                Ok(TimeDelta::minutes(minutes)),
                "{text}"
            );
        }
    }

    #[test]
    fn windows() {
        assert_eq!(
            Window::parse("Since  last edition"),
            Ok(Window::SinceLastEdition)
        );
        assert_eq!(
            Window::parse("7d"),
            Ok(Window::Length(TimeDelta::hours(168)))
        );
        let now: DateTime<Utc> = "2026-08-24T06:00:00Z".parse().unwrap();
        let hours = |last: Option<i64>| {
            let last = last.map(|hours| now - TimeDelta::hours(hours));
            (now - Window::SinceLastEdition.opens(last, now)).num_hours()
        };
        assert_eq!(
            [None, Some(2), Some(-5), Some(30), Some(400)].map(hours),
            [24, 24, 24, 30, 96]
        );
        assert_eq!(
            Window::Length(TimeDelta::MAX).opens(None, now),
            DateTime::<Utc>::MIN_UTC
        );
    }

    #[test]
    fn what_is_wrong() {
        let lengths = [
            "",
            "h",
            "3",
            "-3h",
            "1h30m",
            "3 weeks",
            "4000d",
            "99999999999h",
            "7dä",
        ]
        .map(|text| parse_length(text).unwrap_err().to_string());
        insta::assert_snapshot!(lengths.join("\n"), @"
        `` is not a length of time: expected a number and `s`, `m`, `h` or `d`, such as `90m`, `24h` or `7d`
        `h` is not a length of time: expected a number and `s`, `m`, `h` or `d`, such as `90m`, `24h` or `7d`
        `3` is not a length of time: expected a number and `s`, `m`, `h` or `d`, such as `90m`, `24h` or `7d`
        `-3h` is not a length of time: expected a number and `s`, `m`, `h` or `d`, such as `90m`, `24h` or `7d`
        `1h30m` is not a length of time: expected a number and `s`, `m`, `h` or `d`, such as `90m`, `24h` or `7d`
        `3 weeks` is not a length of time: expected a number and `s`, `m`, `h` or `d`, such as `90m`, `24h` or `7d`
        `4000d` is too long: expected at most `3650d`
        `99999999999h` is too long: expected at most `3650d`
        `7dä` is not a length of time: expected a number and `s`, `m`, `h` or `d`, such as `90m`, `24h` or `7d`
        ");
        let windows =
            ["today", "0h", "5000d"].map(|text| Window::parse(text).unwrap_err().to_string());
        insta::assert_snapshot!(windows.join("\n"), @"
        `today` is not a window: expected `since last edition` or a length of time such as `24h`
        `0h` leaves no time to publish in: expected at least `1m`
        `5000d` is too long: expected at most `3650d`
        ");
    }
}
