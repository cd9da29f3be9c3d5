//! The name of an edition: its day, and a name or a letter for a further one; and of a correction of it.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;

use crate::model::line::Line;
use crate::model::newsletter_name::is_plain_id;

/// `2026-08-24`; `2026-08-24-evening` for an edition of that day that `[[schedule.more]]` names, `2026-08-24b` for a second one by hand. It names the
/// file and the run in the ledger.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slug {
    day: NaiveDate,
    suffix: Option<Suffix>,
    /// Which correction of that edition it is, from 1 on; `None`: it is the edition itself.
    correction: Option<u8>,
}

/// What tells editions of one day apart.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Suffix {
    Name(EditionName),
    Letter(char),
}

/// The name of an edition among those of a day, such as `evening`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EditionName(String);

/// A text that cannot name an edition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` cannot name an edition: expected up to 20 small letters, digits and hyphens")]
pub struct EditionNameError(Line);

/// A text that is not a slug.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a day: expected `YYYY-MM-DD`, or `YYYY-MM-DDb` for a second edition of that day"
)]
pub struct SlugError(String);

impl EditionName {
    const LONGEST: usize = 20;

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EditionName {
    type Err = EditionNameError;

    fn from_str(text: &str) -> Result<Self, EditionNameError> {
        (text.len() <= Self::LONGEST && is_plain_id(text))
            .then(|| Self(text.to_owned()))
            .ok_or_else(|| EditionNameError(Line::clean_to(text, 40)))
    }
}

impl Slug {
    /// The first edition of a day.
    #[must_use]
    pub const fn of(day: NaiveDate) -> Self {
        Self {
            day,
            suffix: None,
            correction: None,
        }
    }

    /// The edition of that name.
    #[must_use]
    pub const fn named(day: NaiveDate, name: EditionName) -> Self {
        Self {
            day,
            suffix: Some(Suffix::Name(name)),
            correction: None,
        }
    }

    /// The most corrections of one edition.
    pub const MOST_CORRECTIONS: u8 = 9;

    /// The correction of that number of this edition.
    #[must_use]
    pub fn correction(&self, number: u8) -> Self {
        Self {
            correction: Some(number),
            ..self.clone()
        }
    }

    #[must_use]
    pub const fn is_correction(&self) -> bool {
        self.correction.is_some()
    }

    /// The edition that it corrects, if it is a correction.
    #[must_use]
    pub fn corrected(&self) -> Option<Self> {
        self.correction.map(|_| Self {
            correction: None,
            ..self.clone()
        })
    }

    /// Its day.
    #[must_use]
    pub const fn day(&self) -> NaiveDate {
        self.day
    }

    /// Which of the day's editions it is; `None`: the first, or a second one by hand.
    #[must_use]
    pub const fn name(&self) -> Option<&EditionName> {
        match &self.suffix {
            Some(Suffix::Name(name)) => Some(name),
            Some(Suffix::Letter(_)) | None => None,
        }
    }
}

impl FromStr for Slug {
    type Err = SlugError;

    fn from_str(text: &str) -> Result<Self, SlugError> {
        let wrong = || SlugError(text.chars().filter(|c| !c.is_control()).take(40).collect());
        let (edition, correction) = match text.split_once(".correction") {
            None => (text, None),
            Some((edition, "")) => (edition, Some(1)),
            Some((edition, rest)) => {
                let number = rest
                    .strip_prefix('-')
                    .and_then(|number| number.parse().ok());
                let number = number.filter(|number| (2..=Self::MOST_CORRECTIONS).contains(number));
                let number = number.filter(|number| rest.len() == format!("-{number}").len());
                (edition, Some(number.ok_or_else(wrong)?))
            }
        };
        let (day, rest) = edition.split_at_checked(10).ok_or_else(wrong)?;
        let day = NaiveDate::parse_from_str(day, "%Y-%m-%d").map_err(|_| wrong())?;
        let suffix = match (rest.as_bytes(), rest.strip_prefix('-')) {
            ([], _) => None,
            ([letter @ b'b'..=b'z'], _) => Some(Suffix::Letter(char::from(*letter))),
            (_, Some(name)) => Some(Suffix::Name(name.parse().map_err(|_| wrong())?)),
            _ => return Err(wrong()),
        };
        Ok(Self {
            day,
            suffix,
            correction,
        })
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.day.format("%Y-%m-%d"))?;
        match &self.suffix {
            None => {}
            Some(Suffix::Letter(letter)) => write!(f, "{letter}")?,
            Some(Suffix::Name(name)) => write!(f, "-{}", name.0)?,
        }
        match self.correction {
            None => Ok(()),
            Some(1) => f.write_str(".correction"),
            Some(number) => write!(f, ".correction-{number}"),
        }
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
        for text in [
            "2026-08-24",
            "2026-08-24b",
            "2026-08-24z",
            "2026-08-24-evening",
            "2026-08-24-b",
            "2026-08-24.correction",
            "2026-08-24b.correction-2",
            "2026-08-24-evening.correction-9",
        ] {
            assert_eq!(text.parse::<Slug>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "2026-8-24",
            "2026-08-24a",
            "2026-08-24bb",
            "2026-08-24-",
            "2026-08-24-Evening",
            "2026-08-24-../x",
            "2026-08-24-a-name-that-is-too-long",
            "2026-08-24.correction-1",
            "2026-08-24.correction-10",
            "2026-08-24.correction-02",
            "2026-08-24.correction.correction",
            "2026-08-24.corrections",
            "2026-13-01",
            "../../etc/x",
            "2026-08-2é",
        ] {
            assert!(text.parse::<Slug>().is_err(), "{text}");
        }
    }
}
