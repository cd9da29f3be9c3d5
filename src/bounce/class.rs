//! What follows from a failure, by RFC 3463 and, where codes say little, by words. In doubt the milder class: a reader is lost for good.

use serde::Serialize;

use super::Status;
use crate::model::delivery::ABOUT_US;

/// What follows from a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// It failed for a while (4.x.x), however long that was: never a reason to stop.
    Temporary,
    /// It is the sender or the content that is refused (5.7.x, 5.6.x, 5.5.x): never a reason to stop mailing her.
    AboutUs,
    /// The mailbox exists but takes nothing now, or it is not clear why: too many of them are a reason.
    Soft,
    /// The mailbox or its domain is not there: reason enough.
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

/// Words of refusals that are no judgement of the mailbox.
const REFUSED: [&str; 17] = [
    "spam",
    "blocked",
    "blacklist",
    "blocklist",
    "block list",
    "policy",
    "prohibit",
    "reputation",
    "dmarc",
    "dkim",
    "spf ",
    "banned",
    "denied",
    "virus",
    "rate limit",
    "too many",
    "not authorized",
];

/// Words of trying that ended.
const TIRED: [&str; 9] = [
    "retry timeout exceeded",
    "retry time not reached",
    "queue too long",
    "timed out",
    "time expired",
    "temporar",
    "try again later",
    "greylist",
    "connection refused",
];

/// Words of a mailbox that is full.
const FULL: [&str; 7] = [
    "quota",
    "mailbox full",
    "mailbox is full",
    "is full",
    "storage",
    "over the limit",
    "too large",
];

/// Words of a mailbox that is not there. Exim, qmail, Sendmail, Exchange, Domino, and large providers.
const UNKNOWN: [&str; 38] = [
    "user unknown",
    "unknown user",
    "unknown local",
    "unknown recipient",
    "recipient unknown",
    "unknown address",
    "address unknown",
    "unknown or illegal alias",
    "no such user",
    "no such recipient",
    "no such mailbox",
    "no such address",
    "no such domain",
    "no such person",
    "no mailbox here",
    "no account by that name",
    "mailbox not found",
    "mailbox unavailable",
    "mailbox has been removed",
    "mailbox is disabled",
    "mailbox disabled",
    "user not found",
    "recipient not found",
    "recipientnotfound",
    "not found by smtp address lookup",
    "host not found",
    "domain not found",
    "does not exist",
    "doesn't exist",
    "invalid recipient",
    "invalid mailbox",
    "not a valid mailbox",
    "unrouteable address",
    "account is disabled",
    "account has been disabled",
    "no longer available",
    "not listed in",
    "non-existent hosts",
];

/// The class of a failure: the status of the report, the reply it quotes, its words in lower case with addresses masked.
pub(super) fn class(
    status: Option<Status>,
    code: Option<u16>,
    replied: Option<Status>,
    words: &str,
) -> Class {
    let any = |list: &[&str]| list.iter().any(|one| words.contains(one));
    let both = [status, replied];
    // 5.1.7 and 5.1.8 are the sender's address (RFC 3463 section 3.2).
    let about_us = |status: &Status| matches!(status, (_, 7, _) | (_, 1, 7 | 8));
    if both.iter().flatten().any(about_us) || any(&ABOUT_US) {
        return Class::AboutUs;
    }
    let has_status = both.iter().any(Option::is_some);
    if both.iter().flatten().any(|&(class, ..)| class == 4)
        || (!has_status && matches!(code, Some(400..=499)))
    {
        return Class::Temporary;
    }
    let unless = |mild: Class| if any(&UNKNOWN) { Class::Hard } else { mild };
    match exact(status, replied) {
        Some((_, 1, _) | (_, 2, 1) | (_, 4, 1 | 4)) => Class::Hard,
        // A full mailbox, and a letter too long for it.
        Some((_, 2, 2 | 3)) => Class::Soft,
        // OpenSMTPD's `524 5.2.4 Mailing list expansion problem` is its answer to every unknown name.
        Some((_, 2, 4)) if code == Some(524) => Class::Hard,
        Some((_, 5 | 6, _)) => unless(Class::AboutUs),
        Some((_, 2..=4, _)) if any(&FULL) => Class::Soft,
        Some((_, 2..=4, _)) => unless(Class::Soft),
        _ if any(&REFUSED) => Class::AboutUs,
        _ if any(&TIRED) => Class::Temporary,
        _ if any(&FULL) => Class::Soft,
        _ if matches!(code, Some(550 | 551 | 553)) => Class::Hard,
        _ => unless(Class::Soft),
    }
}

/// The one that says more: `5.0.0` stands for anything.
pub(super) fn exact(status: Option<Status>, replied: Option<Status>) -> Option<Status> {
    let says = |status: &Status| status.1 != 0;
    status
        .filter(says)
        .or(replied.filter(says))
        .or(status)
        .or(replied)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounce::told::Told;

    #[test]
    fn the_table() {
        use Class::{AboutUs, Hard, Soft, Temporary};
        for (status, told, expected) in [
            // Of RFC 3463, alone.
            ("5.1.0", "", Hard),
            ("5.1.1", "", Hard),
            ("5.1.2", "", Hard),
            ("5.1.3", "", Hard),
            ("5.1.6", "", Hard),
            ("5.1.10", "", Hard),
            ("5.1.7", "", AboutUs),
            ("5.1.8", "", AboutUs),
            ("5.2.0", "", Soft),
            ("5.2.1", "", Hard),
            ("5.2.2", "", Soft),
            ("5.2.3", "", Soft),
            ("5.2.4", "", Soft),
            ("5.3.0", "", Soft),
            ("5.3.4", "", Soft),
            ("5.4.0", "", Soft),
            ("5.4.1", "", Hard),
            ("5.4.4", "", Hard),
            ("5.4.6", "", Soft),
            ("5.4.7", "", Soft),
            ("5.5.0", "", AboutUs),
            ("5.6.1", "", AboutUs),
            ("5.7.1", "", AboutUs),
            ("5.7.515", "", AboutUs),
            ("4.2.2", "", Temporary),
            ("4.4.7", "", Temporary),
            ("4.7.1", "", AboutUs),
            ("5.0.0", "", Soft),
            ("", "", Soft),
            // With the reply they quote.
            ("5.1.1", "550 5.1.1 <a@b.example>: user unknown", Hard),
            (
                "5.2.4",
                "524 5.2.4 Mailing list expansion problem: <a@b.example>",
                Hard,
            ),
            (
                "5.4.1",
                "550 5.4.1 Recipient address rejected: Access denied",
                Hard,
            ),
            (
                "5.2.0",
                "550 5.2.0 mailbox over quota, it does not exist for you",
                Soft,
            ),
            ("5.3.0", "550 5.3.0 no such user", Hard),
            (
                "5.5.0",
                "550 5.5.0 Requested action not taken: mailbox unavailable",
                Hard,
            ),
            ("5.0.0", "550 5.1.1 gone", Hard),
            ("5.0.0", "452 4.2.2 full", Temporary),
            ("5.0.0", "450 later", Soft),
            ("5.1.1", "550 5.7.1 blocked", AboutUs),
            ("5.1.1", "550 5.1.1 Relay access denied", AboutUs),
            ("5.1.0", "550 Sender address rejected: not owned", AboutUs),
            // By code and words only.
            ("5.0.0", "550 user unknown", Hard),
            ("", "550 whatever", Hard),
            ("", "553 sorry", Hard),
            ("", "552 mailbox is full", Soft),
            ("", "554 something", Soft),
            ("", "554 delivery error: This user doesn't exist here", Hard),
            ("", "550 High probability of spam", AboutUs),
            ("", "550 blocked by policy, mailbox unavailable", AboutUs),
            ("", "421 too busy", Temporary),
            ("5.0.0", "Unrouteable address", Hard),
            ("5.0.0", "5.1.1 mailbox has been removed", Hard),
            ("5.0.0", "retry timeout exceeded", Temporary),
            ("5.0.0", "mailbox is full", Soft),
            // Words of an address are no words of the relay.
            ("", "554 <spam@user-unknown.example>: something", Soft),
        ] {
            let reported = Told::read(status).status;
            let failure = Told::read(told).failure(reported);
            assert_eq!(failure.class, expected, "`{status}` and `{told}`");
        }
    }
}
