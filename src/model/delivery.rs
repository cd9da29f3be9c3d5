//! A letter on its way: what is handed over, what the relay answers, where every copy is.

use std::fmt;

use serde::Serialize;

use crate::model::address::Address;
use crate::model::line::Line;

/// One message for one recipient, ready for the wire.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Envelope sender (RFC 5321 MAIL FROM): where bounces go.
    pub from: Address,
    /// Envelope recipient.
    pub to: Address,
    /// The Message-ID without angle brackets; the same on every resend.
    pub message_id: String,
    /// The whole message: CRLF line ends, 7-bit, not dot-stuffed.
    pub bytes: Vec<u8>,
}

/// What became of one attempt to hand a letter over. A verdict is data; an error of the conversation is not a verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// 250 after the dot: the relay took responsibility.
    Accepted(Reply),
    /// The relay refuses this mailbox for good.
    Rejected(Reply),
    /// Not now: 4xx anywhere, or a 5xx that is not about the mailbox. Tried again, attempts + 1.
    Deferred(Reply),
    /// No answer after the dot: it may have arrived.
    InDoubt,
}

/// A relay's answer.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Reply {
    /// Three digits.
    pub code: u16,
    /// Enhanced status code (RFC 3463), such as 5.1.1.
    pub enhanced: Option<(u8, u16, u16)>,
    /// The text, cleaned, one line.
    pub text: Line,
}

impl Reply {
    /// Reads the text lines of a reply; an enhanced code at its beginning is taken off, addresses in it are masked.
    #[must_use]
    pub fn new(code: u16, text: &str) -> Self {
        // Cleaned first: an address with an invisible character in it is one afterwards.
        let line = Line::clean_to(&mask_addresses(Line::clean(text).as_str()), 300);
        let first = line.as_str().split(' ').next().unwrap_or_default();
        let mut numbers = first.splitn(3, '.').map(str::parse::<u16>);
        let enhanced = match (numbers.next(), numbers.next(), numbers.next()) {
            (Some(Ok(class @ (2 | 4 | 5))), Some(Ok(subject)), Some(Ok(detail))) => {
                u8::try_from(class)
                    .ok()
                    .map(|class| (class, subject, detail))
            }
            _ => None,
        };
        let text = if enhanced.is_some() {
            Line::clean(&line.as_str()[first.len()..])
        } else {
            line
        };
        Self {
            code,
            enhanced,
            text,
        }
    }

    /// The same without the name of that reader.
    #[must_use]
    pub fn about(self, reader: &Address) -> Self {
        Self {
            text: hide(&self.text, reader),
            ..self
        }
    }

    /// Reads what `Display` wrote (`550 5.1.1 no such user`), as kept in the ledger.
    #[must_use]
    pub fn restore(text: &str) -> Option<Self> {
        let (code, rest) = text.split_once(' ').unwrap_or((text, ""));
        Some(Self::new(code.parse().ok()?, rest))
    }
}

impl Verdict {
    /// The same, its words without the name of that reader.
    #[must_use]
    pub fn about(self, reader: &Address) -> Self {
        match self {
            Self::Accepted(reply) => Self::Accepted(reply.about(reader)),
            Self::Rejected(reply) => Self::Rejected(reply.about(reader)),
            Self::Deferred(reply) => Self::Deferred(reply.about(reader)),
            Self::InDoubt => Self::InDoubt,
        }
    }
}

/// Words without the part of that address before the `@`, wherever it is a word of its own: relays quote it alone, too. Two letters name
/// nobody, and would take half of the words with them.
#[must_use]
pub fn hide(words: &Line, reader: &Address) -> Line {
    let name = reader.local().to_lowercase();
    if name.chars().count() < 3 {
        return words.clone();
    }
    let edge = |c: char| !(c.is_alphanumeric() || "._-+".contains(c));
    let hidden: String = words
        .as_str()
        .split_inclusive(edge)
        .map(|word| {
            let bare = word.trim_end_matches(edge);
            let (named, dots) = bare.split_at(bare.trim_end_matches('.').len());
            if named.to_lowercase() == name {
                format!("***{dots}{}", &word[bare.len()..])
            } else {
                word.to_owned()
            }
        })
        .collect();
    Line::clean(&hidden)
}

/// Relays quote the address they refuse; a reply is shown and kept, so the address in it is masked like any other.
fn mask_addresses(text: &str) -> String {
    let edge = |c: char| c.is_whitespace() || c.is_control() || "<>()[]{}\"',;:".contains(c);
    text.split_inclusive(edge)
        .map(|word| {
            let bare = word.trim_end_matches(edge);
            match Address::parse(bare.trim_end_matches('.')) {
                Ok(address) => format!("{address}{}", &word[bare.len()..]),
                Err(_) => word.to_owned(),
            }
        })
        .collect()
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if let Some((class, subject, detail)) = self.enhanced {
            write!(f, " {class}.{subject}.{detail}")?;
        }
        if !self.text.is_empty() {
            write!(f, " {}", self.text)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// How many subscribers are where. Every subscriber is counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// All who were in the file at the freeze.
    pub subscribers: u64,
    /// The relay took it.
    pub accepted: u64,
    /// The relay refused the mailbox for good.
    pub rejected: u64,
    /// Still to be handed over.
    pub queued: u64,
    /// May have arrived.
    pub in_doubt: u64,
    /// Not tried any more.
    pub given_up: u64,
    /// Gets no copy, with a reason.
    pub left_out: u64,
}

impl Tally {
    /// Whether every subscriber is accounted for. If this is false, the program has a bug and says so.
    #[must_use]
    pub const fn balances(&self) -> bool {
        self.subscribers
            == self.accepted
                + self.rejected
                + self.queued
                + self.in_doubt
                + self.given_up
                + self.left_out
    }

    /// Whether nothing is left to do.
    #[must_use]
    pub const fn is_settled(&self) -> bool {
        self.queued == 0 && self.in_doubt == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_read_and_shown() {
        let reply = Reply::new(550, "5.1.1 <ada@example.org>: no such\r\nuser\u{7}");
        assert_eq!(
            (reply.enhanced, reply.to_string().as_str()),
            (Some((5, 1, 1)), "550 5.1.1 <a***@e***.org>: no such user")
        );
        assert_eq!(Reply::restore(&reply.to_string()), Some(reply));
        assert_eq!(Reply::new(421, "4.7 busy").enhanced, None);
        assert_eq!(
            Reply::restore("250").map(|reply| reply.to_string()),
            Some("250".into())
        );
    }

    #[test]
    fn an_address_with_something_invisible_in_it_is_masked() {
        for gap in ["\u{6}", "\u{0}", "\u{200b}", "\u{ad}", "\u{feff}"] {
            let reply = Reply::new(550, &format!("5.1.1 ada@{gap}example.org: no such user"));
            assert!(!reply.to_string().contains("ada@"), "{gap:?} {reply}");
            assert_eq!(Reply::restore(&reply.to_string()), Some(reply));
        }
    }

    #[test]
    fn a_name_alone_is_hidden_too() {
        let told = |text, reader| {
            let reader = Address::parse(reader).unwrap();
            Reply::new(550, text).about(&reader).text.to_string()
        };
        assert_eq!(
            told("5.1.1 Ada.Byron... User unknown", "ada.byron@example.org"),
            "***... User unknown"
        );
        assert_eq!(
            told("5.1.1 no mailbox <ada> here, ada.", "ada@example.org"),
            "no mailbox <***> here, ***."
        );
        assert_eq!(told("5.1.1 adamant", "ada@example.org"), "adamant");
        assert_eq!(told("5.1.1 a mailbox", "a@example.org"), "a mailbox");
    }
}
