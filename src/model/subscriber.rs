//! Those who asked for the newsletter, and who of them gets an edition.

use chrono::NaiveDate;

use crate::model::address::Address;
use crate::model::line::Line;
use crate::model::newsletter_name::NewsletterName;
use crate::model::rhythm::Rhythm;

/// Someone in the subscribers file. Programs get them without the address: who shows it says so.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Subscriber {
    /// The address letters go to.
    #[serde(skip)]
    pub address: Address,
    /// What to call them.
    pub name: Option<Line>,
    /// Only these sections; empty: all.
    pub sections: Vec<Line>,
    /// Which of several newsletters they want; `None`: those that everybody gets who does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newsletters: Option<Vec<NewsletterName>>,
    /// Since when.
    pub since: Option<NaiveDate>,
    /// How they asked for it.
    pub consent: Option<Line>,
    /// Whether they get nothing for now.
    pub paused: Paused,
    /// How often, and by which clocks.
    #[serde(flatten)]
    pub rhythm: Rhythm,
}

impl Subscriber {
    /// Of whom nothing is known but the address.
    #[must_use]
    pub const fn new(address: Address) -> Self {
        Self {
            address,
            name: None,
            sections: Vec::new(),
            newsletters: None,
            since: None,
            consent: None,
            paused: Paused::No,
            rhythm: Rhythm::DEFAULT,
        }
    }

    /// Whether they ask for the newsletter of that name; `is_default`: it goes to all who do not say.
    #[must_use]
    pub fn asks_for(&self, newsletter: &str, is_default: bool) -> bool {
        match &self.newsletters {
            Some(wanted) => wanted.iter().any(|name| name.as_str() == newsletter),
            None => is_default,
        }
    }

    /// What makes two subscribers want the same stories.
    #[must_use]
    pub fn section_set(&self) -> Vec<String> {
        section_set(&self.sections)
    }
}

/// Sections in small letters, sorted, each once. Empty: all.
#[must_use]
pub fn section_set(sections: &[Line]) -> Vec<String> {
    let mut set: Vec<String> = sections
        .iter()
        .map(|section| section.as_str().to_lowercase())
        .collect();
    set.sort_unstable();
    set.dedup();
    set
}

/// Where a newsroom keeps its list of readers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListPlace {
    /// In a file that people edit.
    #[default]
    File,
    Ledger,
}

/// A word that is no such place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no place for the list of readers: expected `file` or `ledger`")]
pub struct UnknownPlace(Line);

impl std::str::FromStr for ListPlace {
    type Err = UnknownPlace;

    fn from_str(text: &str) -> Result<Self, UnknownPlace> {
        match text {
            "file" => Ok(Self::File),
            "ledger" => Ok(Self::Ledger),
            _ => Err(UnknownPlace(Line::clean_to(text, 40))),
        }
    }
}

/// Whether a subscriber gets nothing for now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Paused {
    /// They get every edition.
    #[default]
    No,
    /// Until they say otherwise.
    Yes,
    /// Up to and without that day.
    Until(NaiveDate),
}

impl Paused {
    /// Whether it holds on `day`.
    #[must_use]
    pub fn on(self, day: NaiveDate) -> bool {
        match self {
            Self::No => false,
            Self::Yes => true,
            Self::Until(end) => day < end,
        }
    }
}

/// `false`, `true` or the day.
impl serde::Serialize for Paused {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::No => serializer.serialize_bool(false),
            Self::Yes => serializer.serialize_bool(true),
            Self::Until(day) => day.serialize(serializer),
        }
    }
}

/// Why a subscriber gets no copy of an edition. Every subscriber without a copy has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeftOut {
    /// `paused` in the file.
    Paused,
    /// On the suppression list.
    Suppressed,
    /// The same address is in the file a second time.
    Duplicate,
    /// None of the edition's stories is in the reader's sections.
    NoStory,
    /// The ledger's row cannot be read, its address for one.
    Unreadable,
    /// The ledger refuses to write the copy's row, or its pages are not there.
    BrokenRow,
    /// They left this one of several newsletters.
    Left,
}

impl LeftOut {
    /// Each with the name kept in the ledger and the words for it.
    const ALL: [(Self, &'static str, &'static str); 7] = [
        (Self::Paused, "paused", "paused"),
        (Self::Suppressed, "suppressed", "on the suppression list"),
        (
            Self::Duplicate,
            "duplicate",
            "the address is in the file twice",
        ),
        (Self::NoStory, "no-story", "no story in their sections"),
        (
            Self::Unreadable,
            "unreadable",
            "the address in the ledger cannot be read",
        ),
        (
            Self::BrokenRow,
            "broken-row",
            "the ledger fails at this reader's row",
        ),
        (Self::Left, "left", "left this newsletter"),
    ];

    /// The words for it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        Self::ALL[self as usize].2
    }

    /// The name kept in the ledger.
    #[must_use]
    pub const fn code(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// The reason of that code.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|(_, known, _)| *known == code)
            .map(|(why, ..)| why)
    }
}

/// Why an address is on the suppression list, which always wins over the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Suppression {
    /// The reader left.
    Unsubscribed,
    /// The address is dead.
    Bounced,
    /// The reader called it spam.
    Complained,
    /// Somebody typed `suppress`.
    ByHand,
}

impl Suppression {
    /// All reasons.
    pub const ALL: [Self; 4] = [
        Self::Unsubscribed,
        Self::Bounced,
        Self::Complained,
        Self::ByHand,
    ];

    /// The name kept in the ledger, and shown.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unsubscribed => "unsubscribed",
            Self::Bounced => "bounced",
            Self::Complained => "complained",
            Self::ByHand => "by hand",
        }
    }

    /// The reason of that code.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_set_however_it_is_written() {
        let set = |sections: &[&str]| {
            let subscriber = Subscriber {
                sections: sections.iter().map(|name| Line::clean(name)).collect(),
                ..Subscriber::new(Address::parse("a@example.org").unwrap())
            };
            subscriber.section_set()
        };
        assert_eq!(set(&["News", "City"]), set(&["city", "NEWS", "News"]));
        assert_eq!(set(&[]), Vec::<String>::new());
    }
}
