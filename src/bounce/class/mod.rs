//! What follows from a refusal: one table for a bounce that comes back and for a reply at RCPT during a send.
//!
//! **The principle.** A hard class ends a subscription, so it needs positive evidence that the mailbox or its domain does not exist, and no evidence that the refusal is about
//! us (sender, relay, letter) or about today (network, load, a full mailbox). Codes and words are evidence alike; where they contradict each other the milder one wins.
//! A bare `550` says nothing about the mailbox.

use serde::Serialize;

use super::Status;
use super::words::{self, any, fold};
use crate::model::delivery::Reply;

/// What follows from a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// It failed for a while, however long that was: never a reason to stop.
    Temporary,
    /// The sender, the relay or the letter is refused: never a reason to stop mailing this reader.
    AboutUs,
    /// The mailbox exists but takes nothing now, or the reason is not clear: too many of them are a reason to stop.
    Soft,
    /// The mailbox or its domain does not exist: reason enough to stop.
    Hard,
}

impl Class {
    /// The name kept in the ledger, and shown.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Temporary => "temporary",
            Self::AboutUs => "about-us",
            Self::Soft => "soft",
            Self::Hard => "hard",
        }
    }
}

/// How many status codes of one refusal are looked at.
pub(super) const STATUSES: usize = 8;

/// One refusal, as a mail system told it. Everything may be missing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Refusal<'a> {
    /// SMTP's reply code.
    pub code: Option<u16>,
    /// Status codes of RFC 3463: that of a report, those of the replies which it quotes.
    pub statuses: [Option<Status>; STATUSES],
    /// The words, addresses masked: an address may look like a word of the relay.
    pub text: &'a str,
    /// Whether the letter itself had been handed over. A server that does not know a mailbox says so at RCPT; after the letter, `user unknown` is often the word of a filter.
    pub after_content: bool,
}

impl<'a> Refusal<'a> {
    /// A refusal at RCPT, such as `550 5.1.1 user unknown`.
    #[must_use]
    pub fn at_recipient(reply: &'a Reply) -> Self {
        let mut statuses = [None; STATUSES];
        statuses[0] = reply.enhanced;
        Self {
            code: Some(reply.code),
            statuses,
            text: reply.text.as_str(),
            after_content: false,
        }
    }

    /// Whether the server says that it does not relay for us: that is the same for every reader, and never for a while only.
    #[must_use]
    pub fn denies_relaying(&self) -> bool {
        any(&fold(self.text), words::NO_RELAYING)
    }

    /// Whether our own limit at the relay is used up (`Daily user sending limit exceeded`): nobody gets a letter before it is renewed. What is said of a mailbox is
    /// that mailbox's limit.
    #[must_use]
    pub fn is_our_limit(&self) -> bool {
        let is_theirs = |status: &Status| matches!(status, (_, 1, ..90) | (_, 2, _));
        !self.statuses.iter().flatten().any(is_theirs) && any(&fold(self.text), words::OUR_LIMIT)
    }

    /// Whether a code or the words say anything of the mailbox: that it is there, or that it is gone.
    #[must_use]
    pub fn speaks_of_mailbox(&self) -> bool {
        let is_theirs = |status: &Status| matches!(status, (_, 1, 0..=6 | 10) | (_, 2, _));
        let text = fold(self.text);
        self.statuses.iter().flatten().any(is_theirs)
            || any(&text, words::GONE)
            || any(&text, words::EXISTS)
    }

    /// What follows from it.
    #[must_use]
    pub fn class(&self) -> Class {
        let text = words::without_courtesy(fold(self.text));
        let said = |list| any(&text, list);
        let has = |wanted: fn(Status) -> bool| self.statuses.iter().flatten().any(|&s| wanted(s));
        // 5.1.7 and 5.1.8 are the sender's address (RFC 3463 section 3.2), 5.1.9 a relay between; 5.1.20 and 5.1.90 are Microsoft's for a bad From and a daily limit.
        if has(|status| matches!(status, (_, 7, _) | (_, 1, 7 | 8 | 9 | 20 | 90))) {
            return Class::AboutUs;
        }
        if has(|(class, ..)| class == 4)
            || (self.statuses[0].is_none() && matches!(self.code, Some(400..=499)))
        {
            return Class::Temporary;
        }
        // Two systems word it unlike all others when they do not know a recipient: Exchange Online and OpenSMTPD.
        if has(|status| status == (5, 4, 1)) && said("recipient address rejected access denied")
            || self.code == Some(524) && has(|status| status == (5, 2, 4))
        {
            return Class::Hard;
        }
        if said(words::NO_RELAYING) || said(words::ABOUT_US) || answers_mail(self.text) {
            return Class::AboutUs;
        }
        if said(words::TODAY) {
            return Class::Temporary;
        }
        // 5.2.x says that there is a mailbox, whatever the words.
        if said(words::EXISTS) || has(|(_, subject, _)| subject == 2) {
            return Class::Soft;
        }
        // RFC 7504: neither the host nor the domain takes mail.
        let takes_no_mail =
            self.code == Some(556) || (self.code == Some(521) && has(|s| s == (5, 3, 2)));
        let is_gone = said(words::GONE) || text.ends_with(" recipient address rejected ");
        if has(|status| matches!(status, (5, 1, 0..=3 | 6 | 10) | (5, 4, 4)))
            || takes_no_mail
            || (is_gone && !self.after_content)
        {
            return Class::Hard;
        }
        if has(|(_, subject, _)| matches!(subject, 5 | 6)) {
            return Class::AboutUs;
        }
        Class::Soft
    }
}

/// Whether it names SMTP's command for the sender, as in `no such domain in MAIL`: in capitals, beside other words.
fn answers_mail(text: &str) -> bool {
    let words = || text.split(|c: char| !c.is_alphanumeric());
    let is_shouted = !text.chars().any(char::is_lowercase);
    let is_verb = words()
        .zip(words().skip(1))
        .any(|(before, word)| word == "MAIL" && !before.eq_ignore_ascii_case("e"));
    is_verb && !is_shouted && words().all(|word| word != "RCPT")
}

/// The one that says more: `5.0.0` may mean anything.
pub(super) fn exact(status: Option<Status>, replied: Option<Status>) -> Option<Status> {
    let says = |status: &Status| status.1 != 0;
    status
        .filter(says)
        .or(replied.filter(says))
        .or(status)
        .or(replied)
}

#[cfg(test)]
mod tests;
