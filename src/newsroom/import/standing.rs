//! What a word says about whether somebody may be mailed: the headers and values of list programs.
//!
//! A column is known by its header (`Status`, `Unsubscribed`, `abgemeldet_am`), a value by itself (`cleaned`, `désabonné`). What is not known
//! here is nobody's guess: the import ends and asks.

use chrono::NaiveDate;

use super::vocabulary::{Vocabulary, words};
use super::when;
use crate::model::subscriber::Suppression;

/// Whether somebody may be mailed, by a foreign list. Of several words about one person the last in this order counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    Subscribed,
    /// Never agreed, or did not confirm yet.
    Unconfirmed,
    /// Taken off by whoever kept the list.
    Suppressed,
    Left,
    Bounced,
    Complained,
}

impl Standing {
    pub(super) const NAMES: [(&str, Self); 6] = [
        ("subscribed", Self::Subscribed),
        ("unconfirmed", Self::Unconfirmed),
        ("suppressed", Self::Suppressed),
        ("left", Self::Left),
        ("bounced", Self::Bounced),
        ("complained", Self::Complained),
    ];

    /// The standing of that name, as a person writes it behind `--means`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let found = Self::NAMES.iter().find(|(known, _)| *known == name);
        found.map(|(_, standing)| *standing)
    }

    /// Why such a person is on the suppression list; `None`: they are not put on it.
    #[must_use]
    pub const fn suppression(self) -> Option<Suppression> {
        match self {
            Self::Subscribed | Self::Unconfirmed => None,
            Self::Suppressed => Some(Suppression::ByHand),
            Self::Left => Some(Suppression::Unsubscribed),
            Self::Bounced => Some(Suppression::Bounced),
            Self::Complained => Some(Suppression::Complained),
        }
    }
}

/// What a column says of a person, known by its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speaks {
    /// A word: `active`, `bounced`.
    Word,
    /// Yes, or a day: may be mailed. No: this.
    Yes(Standing),
    /// Yes, or a day: this. No, or nothing: the column says nothing.
    Gone(Standing),
    /// Any text, or a day however it is written: this. Nothing: the column says nothing.
    Text(Standing),
    /// A day: confirmed. Nothing: not yet.
    Confirmed,
    /// A word or yes and no, if all its values are such; else free text that says nothing.
    Perhaps,
    /// Nothing by its header; its values may be such words all the same.
    Told,
}

/// What the column of that header says of a person; `None`: nothing that is known.
pub(super) fn header(vocabulary: &Vocabulary, text: &str) -> Option<Speaks> {
    let words = words(text);
    let joined = words.concat();
    let has = |section: &str| {
        let mut parts = vocabulary.section(section).iter();
        parts.any(|part| joined.contains(&**part))
    };
    let any = |section: &str| {
        let mut known = vocabulary.section(section).iter();
        known.any(|known| words.contains(known))
    };
    let is = |word: &str| words.iter().any(|one| one == word);
    if has("elsewhere") || is("ip") || words.last().is_some_and(|word| word == "id") {
        return None;
    }
    let kind = match &*words {
        [one] => one == "type",
        [kind, of] => of == "type" && vocabulary.section("kind").contains(kind),
        _ => false,
    };
    if kind || has("status") || any("status word") {
        return Some(Speaks::Word);
    }
    let day = any("day");
    let gone = |standing| {
        if day || any("text") {
            Speaks::Text(standing)
        } else {
            Speaks::Gone(standing)
        }
    };
    let (gone_standings, fine_standings) = (
        ["unconfirmed", "complained", "bounced", "suppressed", "left"],
        ["unconfirmed", "bounced", "left"],
    );
    let named = |kind: &str, names: &[&str]| {
        let name = names.iter().find(|name| has(&format!("{kind} {name}")));
        name.and_then(|name| Standing::named(name))
    };
    if let Some(standing) = named("gone", &gone_standings) {
        return Some(gone(standing));
    }
    if is("left") {
        return Some(gone(Standing::Left));
    }
    if has("agreed") {
        return Some(Speaks::Perhaps);
    }
    if let Some(standing) = named("fine", &fine_standings) {
        return match (standing, day || any("how")) {
            (Standing::Unconfirmed, true) => Some(Speaks::Confirmed),
            (_, true) => None,
            _ => Some(Speaks::Yes(standing)),
        };
    }
    let fine = vocabulary.section("fine word").contains(&joined);
    fine.then_some(Speaks::Yes(Standing::Left))
}

/// A list of returned mail may give the server's code: `550`, `5.1.1`.
fn code(text: &str) -> Option<Standing> {
    let code = text.split_whitespace().next()?;
    let mut parts = code.split('.');
    let class = parts.next()?;
    let digits = code
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let is_code = match parts.count() {
        0 => class.len() == 3 && class.starts_with(['4', '5']),
        2 => class == "4" || class == "5",
        _ => false,
    };
    (digits && is_code).then_some(Standing::Bounced)
}

/// What the cell of such a column says; `Ok(None)`: nothing. With the day on which somebody left, or was confirmed.
///
/// # Errors
/// The value is not known: nobody may guess.
pub(super) fn cell(
    vocabulary: &Vocabulary,
    speaks: Speaks,
    text: &str,
) -> Result<Option<(Standing, Option<NaiveDate>)>, ()> {
    let text = text.trim();
    let plain = |standing| Ok(Some((standing, None)));
    if text.is_empty() {
        return match speaks {
            Speaks::Gone(_) | Speaks::Text(_) | Speaks::Perhaps | Speaks::Told => Ok(None),
            Speaks::Confirmed => plain(Standing::Unconfirmed),
            Speaks::Word | Speaks::Yes(_) => Err(()),
        };
    }
    let day = when::day(text);
    match (speaks, vocabulary.yes_or_no(text)) {
        (Speaks::Yes(_) | Speaks::Perhaps | Speaks::Confirmed, Some(true)) => {
            return plain(Standing::Subscribed);
        }
        (Speaks::Yes(standing), Some(false)) => return plain(standing),
        (Speaks::Perhaps | Speaks::Confirmed, Some(false)) => return plain(Standing::Unconfirmed),
        (Speaks::Gone(_) | Speaks::Text(_), Some(false)) => return Ok(None),
        (Speaks::Gone(standing) | Speaks::Text(standing), Some(true)) => return plain(standing),
        _ => {}
    }
    match speaks {
        Speaks::Yes(_) | Speaks::Confirmed if day.is_some() => {
            Ok(Some((Standing::Subscribed, day)))
        }
        Speaks::Gone(standing) if day.is_some() => Ok(Some((standing, day))),
        Speaks::Text(standing) => Ok(Some((standing, day))),
        Speaks::Word => vocabulary
            .standing(text)
            .or_else(|| code(text))
            .map_or(Err(()), plain),
        _ => vocabulary.standing(text).map_or(Err(()), plain),
    }
}
