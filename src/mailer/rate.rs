//! How many letters may leave in a time, as people write it.

use std::fmt;
use std::time::Duration;

use crate::model::line::Line;

/// Letters per time: `50/s`, `600/min`, `10000/h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    letters: u32,
    per: Per,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Per {
    Second,
    Minute,
    Hour,
}

/// What `[relay] rate` says: how fast letters leave, how many leave in a day, or both: `50/s, 40000/day`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateLimits {
    pub rate: Option<Rate>,
    /// Letters in a day of UTC.
    pub daily: Option<u32>,
}

/// A text that does not say [`RateLimits`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RateLimitsError {
    #[error(
        "`{0}` is not a rate: expected a number of letters per time, such as `50/s`, `600/min`, `10000/h` or `50/s, 40000/day`"
    )]
    NoRate(Line),
    #[error(
        "`{0}` names two of a kind: expected one speed (`/s`, `/min` or `/h`) and one number a day at most, such as `50/s, 40000/day`"
    )]
    Twice(Line),
}

impl RateLimits {
    /// Parses a rate, a number of letters and `/day`, or both with a comma between them.
    ///
    /// # Errors
    /// Says what was expected.
    pub fn parse(text: &str) -> Result<Self, RateLimitsError> {
        let shown = || Line::clean_to(text, 40);
        let mut limits = Self::default();
        for part in text.split(',') {
            let is_second = if let Some(letters) = daily(part) {
                limits.daily.replace(letters).is_some()
            } else if let Ok(rate) = Rate::parse(part) {
                limits.rate.replace(rate).is_some()
            } else {
                return Err(RateLimitsError::NoRate(shown()));
            };
            if is_second {
                return Err(RateLimitsError::Twice(shown()));
            }
        }
        Ok(limits)
    }
}

fn daily(text: &str) -> Option<u32> {
    let (letters, per) = text.split_once('/')?;
    let letters = letters.trim().parse().ok().filter(|&letters| letters > 0)?;
    (per.trim() == "day").then_some(letters)
}

/// A text that is not a rate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a rate: expected a number of letters per time, such as `50/s`, `600/min` or `10000/h`"
)]
pub struct RateError(Line);

impl Rate {
    /// Parses a positive number, a slash and `s`, `min` or `h`.
    ///
    /// # Errors
    /// Says what was expected.
    pub fn parse(text: &str) -> Result<Self, RateError> {
        let parse = || {
            let (letters, per) = text.split_once('/')?;
            let letters = letters.trim().parse().ok().filter(|&letters| letters > 0)?;
            let per = match per.trim() {
                "s" => Per::Second,
                "min" => Per::Minute,
                "h" => Per::Hour,
                _ => return None,
            };
            Some(Self { letters, per })
        };
        parse().ok_or_else(|| RateError(Line::clean_to(text, 40)))
    }

    /// The time from one letter to the next.
    #[must_use]
    pub fn gap(self) -> Duration {
        let per = match self.per {
            Per::Second => 1,
            Per::Minute => 60,
            Per::Hour => 3_600,
        };
        Duration::from_secs(per) / self.letters
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let per = match self.per {
            Per::Second => "s",
            Per::Minute => "min",
            Per::Hour => "h",
        };
        write!(f, "{}/{per}", self.letters)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_and_days() {
        for (text, rate, daily) in [
            ("50/s", Some("50/s"), None),
            ("40000/day", None, Some(40_000)),
            ("50/s, 40000/day", Some("50/s"), Some(40_000)),
            (" 1 / day,2000/h ", Some("2000/h"), Some(1)),
        ] {
            let rate = rate.map(|rate| Rate::parse(rate).unwrap());
            assert_eq!(
                RateLimits::parse(text),
                Ok(RateLimits { rate, daily }),
                "{text}"
            );
        }
        for text in [
            "",
            ",",
            "50/s,",
            "0/day",
            "40,000/day",
            "5000000000/day",
            "9/d",
            "50/s 40000/day",
        ] {
            assert!(
                matches!(RateLimits::parse(text), Err(RateLimitsError::NoRate(_))),
                "{text}"
            );
        }
        for text in ["50/s, 600/min", "1/day, 2/day", "1/day, 2/s, 3/day"] {
            assert!(
                matches!(RateLimits::parse(text), Err(RateLimitsError::Twice(_))),
                "{text}"
            );
        }
    }

    #[test]
    fn rates() {
        for (text, gap) in [
            ("50/s", 20_000),
            (" 600 / min", 100_000),
            ("10000/h", 360_000),
            ("5500/s", 181),
        ] {
            let rate = Rate::parse(text).unwrap();
            assert_eq!(rate.gap().as_micros(), gap, "{text}");
            assert_eq!(Rate::parse(&rate.to_string()), Ok(rate));
        }
        for text in ["", "50", "0/s", "-1/s", "50/d", "50/s/s", "1.5/s"] {
            assert!(Rate::parse(text).is_err(), "{text}");
        }
        insta::assert_snapshot!(Rate::parse("fast\u{7}").unwrap_err(), @"`fast` is not a rate: expected a number of letters per time, such as `50/s`, `600/min` or `10000/h`");
    }
}
