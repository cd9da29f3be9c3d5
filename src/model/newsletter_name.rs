//! The name of one newsletter among several of a newsroom: of its file, its folder of editions and its pages.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::model::line::Line;

/// `sport`, of `newsletters/sport.toml`. Never a day, so that `editions/sport` and `editions/2026-08-24` are told apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NewsletterName(String);

/// One of several newsletters, as the ledger and the list of readers know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewsletterKey {
    /// In the ledger and in links.
    pub id: String,
    /// In the list of readers.
    pub name: NewsletterName,
    /// Whether readers get it who do not say which they want.
    pub is_default: bool,
    /// A newsletter of the week: those instead of which weekly readers get it.
    pub week_of: Vec<NewsletterName>,
}

impl NewsletterKey {
    /// Whether a weekly reader who asks for these newsletters gets it, also if they do not ask for it.
    #[must_use]
    pub fn is_instead_of_any(&self, asked: &[NewsletterName]) -> bool {
        self.week_of.iter().any(|one| asked.contains(one))
    }
}

/// A text that cannot name a newsletter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NewsletterNameError {
    #[error("`{0}` cannot name a newsletter: expected up to 40 small letters, digits and hyphens")]
    Letters(Line),
    #[error("`{0}` cannot name a newsletter: it begins with a day, as the names of editions do")]
    Day(Line),
}

impl NewsletterName {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a text is made of what names and ids are made of: up to 40 small letters, digits and inner hyphens.
#[must_use]
pub fn is_plain_id(text: &str) -> bool {
    let letters = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=40).contains(&text.len())
        && text.bytes().all(letters)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

impl FromStr for NewsletterName {
    type Err = NewsletterNameError;

    fn from_str(text: &str) -> Result<Self, NewsletterNameError> {
        let shown = || Line::clean_to(text, 60);
        if !is_plain_id(text) {
            return Err(NewsletterNameError::Letters(shown()));
        }
        let day = text.get(..10).unwrap_or_default();
        if NaiveDate::parse_from_str(day, "%Y-%m-%d").is_ok() {
            return Err(NewsletterNameError::Day(shown()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for NewsletterName {
    type Error = NewsletterNameError;

    fn try_from(text: String) -> Result<Self, NewsletterNameError> {
        text.parse()
    }
}

impl From<NewsletterName> for String {
    fn from(name: NewsletterName) -> Self {
        name.0
    }
}

impl fmt::Display for NewsletterName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_never_a_day_and_never_a_path() {
        for text in ["sport", "morning-2", "2026", "2026-8", "a", "0"] {
            assert_eq!(text.parse::<NewsletterName>().unwrap().as_str(), text);
        }
        let long = "a".repeat(41);
        for text in [
            "", "-a", "a-", "Sport", "spört", "../x", "a/b", "a.b", "a b", &long,
        ] {
            let error = text.parse::<NewsletterName>().unwrap_err();
            assert!(matches!(error, NewsletterNameError::Letters(_)), "{text}");
        }
        for text in ["2026-08-24", "2026-08-24b", "2026-08-24-evening"] {
            let error = text.parse::<NewsletterName>().unwrap_err();
            assert!(matches!(error, NewsletterNameError::Day(_)), "{text}");
        }
    }
}
