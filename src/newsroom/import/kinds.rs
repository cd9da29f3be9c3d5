//! What a word says about whether somebody may be mailed: the headers and values of list programs.
//!
//! A column is known by its header (`Status`, `Unsubscribed`, `abgemeldet_am`), a value by itself (`cleaned`, `désabonné`). What is not known
//! here is nobody's guess: the import ends and asks.

use chrono::NaiveDate;

use super::standing::Standing;
use super::vocabulary::{Vocabulary, words};
use super::when;

/// What a column says of a person, known by its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speaks {
    /// A word: `active`, `bounced`.
    Word,
    /// Yes, or a day: may be mailed. No: this.
    Yes(Standing),
    /// Yes, or a day: this. No, or nothing: the column says nothing.
    Gone(Standing),
    /// As [`Speaks::Gone`], but a number is not known: how often is too often is for a person to say.
    Counted(Standing),
    /// A word for it. Any other text, or a day however it is written: this. Nothing: the column says nothing.
    Text(Standing),
    /// A day: confirmed. Nothing: not yet.
    Confirmed,
    /// A word or yes and no, if all its values are such; else free text that says nothing.
    Perhaps,
    /// To which newsletters or lists somebody is subscribed, by name. None: left. An empty cell is not known.
    Lists,
    /// Nothing by its header; its values may be such words all the same.
    Told,
    /// What somebody is called; some write beside it that they left.
    Name,
}

impl Speaks {
    /// Why people who are in such a list are not to be mailed.
    pub(super) fn gone(self) -> Option<Standing> {
        match self {
            Self::Gone(standing) | Self::Counted(standing) | Self::Text(standing) => Some(standing),
            _ => None,
        }
    }
}

/// Whether a column is about something else than email, such as text messages; whatever its cells hold then judges nobody. Parts are looked for where a word begins or ends:
/// `has hard bounced` holds no hash, and `our list` no URL.
pub(super) fn is_elsewhere(vocabulary: &Vocabulary, header: &str) -> bool {
    let words = words(header);
    let ends = |section: &str| {
        let mut parts = vocabulary.section(section).iter();
        parts.any(|part| words.iter().any(|word| word.ends_with(&**part)))
    };
    let begins = |section: &str| {
        let rests: Vec<String> = (0..words.len()).map(|at| words[at..].concat()).collect();
        let mut parts = vocabulary.section(section).iter();
        parts.any(|part| rests.iter().any(|rest| rest.starts_with(&**part)))
    };
    let is_about_mail = words
        .iter()
        .any(|word| word.contains("mail") || word.contains("newsletter"));
    let is_number =
        words.iter().any(|word| word == "ip") || words.last().is_some_and(|word| word == "id");
    ends("elsewhere thing")
        || !is_about_mail && (begins("elsewhere") || ends("elsewhere"))
        || is_number && !vocabulary.speaks_of_standing(&words.concat())
}

/// Whether a header is about the person, what they pay or what they did, and so not about whether they may be mailed.
pub(super) fn is_other_matter(vocabulary: &Vocabulary, header: &str) -> bool {
    let known = vocabulary.section("other matter");
    words(header).iter().any(|word| {
        let mut known = known.iter();
        known.any(|part| word == part || part.len() > 3 && word.starts_with(&**part))
    })
}

/// What the column of that header says of a person; `None`: nothing that is known.
pub(super) fn header(vocabulary: &Vocabulary, text: &str) -> Option<Speaks> {
    if is_elsewhere(vocabulary, text) {
        return None;
    }
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
    let kind = match &*words {
        [one] => one == "type",
        [kind, of] => of == "type" && vocabulary.section("kind").contains(kind),
        _ => false,
    };
    if kind || has("status") || any("status word") {
        return Some(Speaks::Word);
    }
    if vocabulary.section("lists").contains(&joined) {
        return Some(Speaks::Lists);
    }
    let day = any("day");
    let gone = |standing| {
        if day || any("text") {
            Speaks::Text(standing)
        } else if any("count") {
            Speaks::Counted(standing)
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
    if any("gone word") {
        return Some(gone(Standing::Left));
    }
    let fine_standing = named("fine", &fine_standings);
    if any("not") && !any("yes") && (has("agreed") || fine_standing.is_some()) {
        return Some(gone(Standing::Left));
    }
    if has("agreed") {
        return Some(Speaks::Perhaps);
    }
    if let Some(standing) = fine_standing {
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
    if speaks == Speaks::Name {
        return if vocabulary.is_note_of_leaving(text) {
            Err(())
        } else {
            Ok(None)
        };
    }
    if speaks == Speaks::Lists {
        return match vocabulary.yes_or_no(text) {
            _ if text.is_empty() => Err(()),
            Some(false) => plain(Standing::Left),
            _ => plain(vocabulary.standing(text).unwrap_or(Standing::Subscribed)),
        };
    }
    if text.is_empty() || when::is_never(text) {
        return match speaks {
            Speaks::Confirmed => plain(Standing::Unconfirmed),
            Speaks::Word | Speaks::Yes(_) => Err(()),
            _ => Ok(None),
        };
    }
    let word = vocabulary.standing(text);
    let known = word.map_or(Err(()), plain);
    let day = when::day(text);
    match (speaks, vocabulary.yes_or_no(text)) {
        (Speaks::Counted(_), _) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            if text.bytes().all(|byte| byte == b'0') {
                Ok(None)
            } else {
                Err(())
            }
        }
        (Speaks::Word, _) => word.or_else(|| code(text)).map_or(Err(()), plain),
        (Speaks::Yes(_) | Speaks::Perhaps | Speaks::Confirmed, Some(true)) => {
            plain(Standing::Subscribed)
        }
        (Speaks::Perhaps | Speaks::Confirmed, Some(false)) => plain(Standing::Unconfirmed),
        (Speaks::Gone(_) | Speaks::Counted(_) | Speaks::Text(_), Some(false)) => Ok(None),
        (Speaks::Yes(standing), Some(false))
        | (
            Speaks::Gone(standing) | Speaks::Counted(standing) | Speaks::Text(standing),
            Some(true),
        ) => plain(standing),
        (Speaks::Yes(_) | Speaks::Confirmed, None) if when::is_day(text) => {
            Ok(Some((Standing::Subscribed, day)))
        }
        (Speaks::Gone(standing) | Speaks::Counted(standing), None) if when::is_day(text) => {
            Ok(Some((standing, day)))
        }
        (Speaks::Text(standing), None) => {
            let worse = word.filter(|word| *word > Standing::Unconfirmed);
            Ok(Some((worse.unwrap_or(standing), day)))
        }
        _ => known,
    }
}
