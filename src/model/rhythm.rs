//! How often a reader wants letters, and by which clocks.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::model::line::Line;

/// How often and by which clocks letters come. The default is what readers get who never said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rhythm {
    #[serde(default, skip_serializing_if = "Frequency::is_daily")]
    pub frequency: Frequency,
    /// Whether they want single stories too, as soon as they break.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub alerts: bool,
    /// Where they live; `None`: where the newsletter does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<ZoneName>,
}

impl Rhythm {
    pub const DEFAULT: Self = Self {
        frequency: Frequency::Daily,
        alerts: false,
        time_zone: None,
    };
}

/// How often letters come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Frequency {
    /// Every edition.
    #[default]
    Daily,
    /// The newsletter of the week instead, where there is one; else as daily.
    Weekly,
}

impl Frequency {
    #[must_use]
    pub const fn is_daily(&self) -> bool {
        matches!(self, Self::Daily)
    }

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Weekly => "weekly",
        }
    }
}

/// A word that is no frequency.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no frequency: expected `daily` or `weekly`")]
pub struct UnknownFrequency(Line);

impl FromStr for Frequency {
    type Err = UnknownFrequency;

    fn from_str(text: &str) -> Result<Self, UnknownFrequency> {
        [Self::Daily, Self::Weekly]
            .into_iter()
            .find(|one| one.as_str() == text)
            .ok_or_else(|| UnknownFrequency(Line::clean_to(text, 40)))
    }
}

/// What looks like the name of a time zone, such as `Europe/Lisbon`. Whether a database knows it is asked where it is used: a reader whose zone
/// was renamed still gets their letters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ZoneName(String);

/// A text that names no time zone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time zone: expected a name such as `Europe/Lisbon`")]
pub struct NoZoneName(Line);

impl ZoneName {
    /// The longest name in the database has 32 letters.
    const LONGEST: usize = 64;

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ZoneName {
    type Err = NoZoneName;

    fn from_str(text: &str) -> Result<Self, NoZoneName> {
        let letters = |b: u8| b.is_ascii_alphanumeric() || b"_+-/".contains(&b);
        let is_name = text.len() <= Self::LONGEST
            && text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.bytes().all(letters);
        is_name
            .then(|| Self(text.to_owned()))
            .ok_or_else(|| NoZoneName(Line::clean_to(text, 60)))
    }
}

impl TryFrom<String> for ZoneName {
    type Error = NoZoneName;

    fn try_from(text: String) -> Result<Self, NoZoneName> {
        text.parse()
    }
}

impl From<ZoneName> for String {
    fn from(name: ZoneName) -> Self {
        name.0
    }
}

impl fmt::Display for ZoneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_zone() {
        for text in [
            "Europe/Lisbon",
            "America/Argentina/Ushuaia",
            "UTC",
            "Etc/GMT+5",
        ] {
            assert_eq!(text.parse::<ZoneName>().unwrap().as_str(), text);
        }
        for text in [
            "",
            "../etc/passwd",
            "Europe Lisbon",
            "/UTC",
            "+01:00",
            &"a".repeat(65),
        ] {
            assert!(text.parse::<ZoneName>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_default_says_nothing_and_an_older_row_is_one() {
        assert_eq!(serde_json::json!(Rhythm::default()).to_string(), "{}");
        let all = r#"{"frequency":"weekly","alerts":true,"time_zone":"Asia/Tokyo"}"#;
        let read = |text: &str| serde_json::from_str::<Rhythm>(text).unwrap();
        assert_eq!(read("{}"), Rhythm::default());
        assert_eq!(serde_json::to_string(&read(all)).unwrap(), all);
    }
}
