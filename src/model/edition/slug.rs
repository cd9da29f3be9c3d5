//! The name of an edition: its day, and a letter for a second one.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;

/// `2026-08-24`, or `2026-08-24b` for a second edition of that day. It names the file and the run in the ledger.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slug {
    day: NaiveDate,
    suffix: Option<char>,
}

/// A text that is not a slug.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a day: expected `YYYY-MM-DD`, or `YYYY-MM-DDb` for a second edition of that day"
)]
pub struct SlugError(String);

impl Slug {
    /// The first edition of a day.
    #[must_use]
    pub const fn of(day: NaiveDate) -> Self {
        Self { day, suffix: None }
    }

    /// Its day.
    #[must_use]
    pub const fn day(&self) -> NaiveDate {
        self.day
    }
}

impl FromStr for Slug {
    type Err = SlugError;

    fn from_str(text: &str) -> Result<Self, SlugError> {
        let wrong = || SlugError(text.chars().filter(|c| !c.is_control()).take(40).collect());
        let (day, rest) = text.split_at_checked(10).ok_or_else(wrong)?;
        let day = NaiveDate::parse_from_str(day, "%Y-%m-%d").map_err(|_| wrong())?;
        let suffix = match rest.as_bytes() {
            [] => None,
            [letter @ b'b'..=b'z'] => Some(char::from(*letter)),
            _ => return Err(wrong()),
        };
        Ok(Self { day, suffix })
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.day.format("%Y-%m-%d"))?;
        self.suffix.map_or(Ok(()), |letter| write!(f, "{letter}"))
    }
}

impl fmt::Debug for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_and_shown() {
        for text in ["2026-08-24", "2026-08-24b", "2026-08-24z"] {
            assert_eq!(text.parse::<Slug>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "2026-8-24",
            "2026-08-24a",
            "2026-08-24bb",
            "2026-13-01",
            "../../etc/x",
            "2026-08-2é",
        ] {
            assert!(text.parse::<Slug>().is_err(), "{text}");
        }
    }
}
