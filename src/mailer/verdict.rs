//! What an answer means, by the step it answers: the table of the room, as one function. It never looks at a socket.

use crate::bounce::{Class, Refusal};
use crate::model::delivery::{Reply, Verdict};

use super::error::{Cause, Stage, is_our_limit};

/// What follows from an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ruling {
    /// The next step.
    GoOn,
    /// This letter is done with, the session may live.
    Settled(Verdict),
    /// No further, with this letter untouched.
    Stop(Cause),
}

/// Rules on an answer.
pub(super) fn rule(stage: Stage, reply: Reply) -> Ruling {
    use Stage::{Content, Data, Greeting, Hello, Login, Recipient, Reset, Sender, Tls};
    match (stage, reply.code) {
        (Greeting | Tls, 220)
        | (Hello | Reset | Sender, 250)
        | (Recipient, 250..=252)
        | (Data, 354)
        | (Login, 235) => Ruling::GoOn,
        (Content, 200..=299) => Ruling::Settled(Verdict::Accepted(reply)),
        // Postfix's default (`defer_unauth_destination`) is 454 4.7.1: tried again, it would be the same for every reader.
        (Recipient, 400..=499) if denies_relaying(&reply) => Ruling::Stop(Cause::Refused(reply)),
        (Sender | Recipient | Data | Content, 400..) if is_our_limit(&reply) => {
            Ruling::Stop(Cause::Refused(reply))
        }
        (Sender | Recipient | Data | Content, 400..=499) => {
            Ruling::Settled(Verdict::Deferred(reply))
        }
        (Recipient, 500..) => match class_at_recipient(&reply) {
            Class::Hard | Class::Soft => Ruling::Settled(Verdict::Rejected(reply)),
            Class::Temporary => Ruling::Settled(Verdict::Deferred(reply)),
            Class::AboutUs => Ruling::Stop(Cause::Refused(reply)),
        },
        // One content in forty thousand may be refused by a filter's whim; the caller counts how often it happens.
        (Data | Content, 500..) => Ruling::Settled(Verdict::Deferred(reply)),
        (_, 400..) => Ruling::Stop(Cause::Refused(reply)),
        (Content, _) => Ruling::Settled(Verdict::InDoubt),
        _ => Ruling::Stop(Cause::OutOfStep(reply)),
    }
}

/// Whether it says that it does not relay for us. With a code about the reader's mailbox they are the words of the reader's own server, which a
/// relay that asks it first hands on.
fn denies_relaying(reply: &Reply) -> bool {
    !matches!(reply.enhanced, Some((_, 1 | 2 | 4, _)))
        && Refusal::at_recipient(reply).denies_relaying()
}

/// The class of a refusal at RCPT, by the table of bounces. What only SMTP knows goes before: an address that needs SMTPUTF8 is refused for what
/// it is, and `503 bad sequence` is no word about a mailbox.
pub(super) fn class_at_recipient(reply: &Reply) -> Class {
    match (reply.code, reply.enhanced) {
        (_, Some((_, 6, 7))) => Class::Soft,
        (500..=509 | 530..=549, enhanced) if !matches!(enhanced, Some((_, 1 | 2 | 4, _))) => {
            Class::AboutUs
        }
        _ => Refusal::at_recipient(reply).class(),
    }
}

/// What a rejection at RCPT says of the mailbox, if it says anything that bounces are counted by.
#[must_use]
pub fn counts_as(reply: &Reply) -> Option<Class> {
    let needs_smtputf8 = matches!(reply.enhanced, Some((_, 6, 7)));
    (!needs_smtputf8).then(|| class_at_recipient(reply))
}

/// Whether a refusal says anything of the mailbox: that it is there, or that it is gone.
#[must_use]
pub fn speaks_of_mailbox(reply: &Reply) -> bool {
    Refusal::at_recipient(reply).speaks_of_mailbox()
}

/// Whether a deferral reads as if it were about us: by its words, by a code of the relay's own system, or because it answers the sender or the letter, in words that may be
/// of any language, and says nothing of the mailbox. Whether it is, the answers to others tell.
#[must_use]
pub fn reads_as_about_us(stage: Stage, reply: &Reply) -> bool {
    let refusal = Refusal {
        after_content: stage == Stage::Content,
        ..Refusal::at_recipient(reply)
    };
    let is_of_the_letter = matches!(stage, Stage::Data | Stage::Content);
    let is_of_the_system = matches!(reply.enhanced, Some((_, 3 | 5 | 6, _)));
    // At MAIL the relay has heard of no reader yet: whatever it says is unknown there is the sender.
    stage == Stage::Sender
        || refusal.class() == Class::AboutUs
        || (is_of_the_letter || is_of_the_system) && !refusal.speaks_of_mailbox()
}

/// Whether the relay asks us to slow down: 421, 450, 451, 452, 454 or 4.7.x. An enhanced code about the address or the mailbox (4.1.x,
/// 4.2.x: full, greylisted) is the reader's matter, whatever the number before it.
#[must_use]
pub fn is_throttling(reply: &Reply) -> bool {
    match (reply.code, reply.enhanced) {
        (421, _) | (400..=499, Some((4, 7, _))) => true,
        (_, Some((_, 1 | 2, _))) => false,
        (450 | 451 | 452 | 454, _) => true,
        _ => false,
    }
}

/// How often the same 5xx came running, whoever the reader: twenty times the same is about us. Texts differ by queue numbers, so codes
/// are compared; anything else in between begins anew.
#[derive(Clone, Debug, Default)]
pub struct Streak {
    last: Option<Reply>,
    length: u32,
}

impl Streak {
    /// Counts a verdict in and says how long the streak is now; 0 when it was no refusal.
    pub fn add(&mut self, verdict: &Verdict) -> u32 {
        let refusal = match verdict {
            // An address beyond ASCII (5.6.7) is never about us, and a list may hold many of them.
            Verdict::Rejected(reply) | Verdict::Deferred(reply)
                if reply.code >= 500 && reply.enhanced != Some((5, 6, 7)) =>
            {
                Some(reply)
            }
            _ => None,
        };
        self.length = match (refusal, &self.last) {
            (None, _) => 0,
            (Some(now), Some(last)) if (now.code, now.enhanced) == (last.code, last.enhanced) => {
                self.length.saturating_add(1)
            }
            (Some(_), _) => 1,
        };
        self.last = refusal.cloned();
        self.length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ruling(stage: Stage, reply: &str) -> String {
        match rule(stage, Reply::restore(reply).unwrap()) {
            Ruling::GoOn => "go on".into(),
            Ruling::Settled(verdict) => format!("{verdict:?}").split('(').next().unwrap().into(),
            Ruling::Stop(cause) => format!("stop, {cause:?}").split('(').next().unwrap().into(),
        }
    }

    #[test]
    fn the_table() {
        use Stage::{Content, Data, Login, Recipient, Reset, Sender};
        for (stage, reply, expected) in [
            (Sender, "250 ok", "go on"),
            (Sender, "354 go", "stop, OutOfStep"),
            (Sender, "421 4.7.0 too many messages", "Deferred"),
            (Sender, "451 4.3.0 later", "Deferred"),
            (Sender, "550 5.7.1 blocked", "stop, Refused"),
            (Sender, "553 who are you", "stop, Refused"),
            (Recipient, "250 ok", "go on"),
            (Recipient, "251 will forward", "go on"),
            (Recipient, "354 go", "stop, OutOfStep"),
            (Recipient, "450 4.2.0 greylisted", "Deferred"),
            (
                Recipient,
                "454 4.7.1 <a@b.example>: Relay access denied",
                "stop, Refused",
            ),
            (
                Recipient,
                "450 4.1.1 unverified address: host mx said: 550 relay access denied",
                "Deferred",
            ),
            (
                Recipient,
                "450 4.1.8 Sender address rejected: Domain not found",
                "Deferred",
            ),
            (Recipient, "550 5.1.1 no such user", "Rejected"),
            (Recipient, "524 5.2.4 no such user", "Rejected"),
            (
                Recipient,
                "550 5.4.1 Recipient address rejected: Access denied",
                "Rejected",
            ),
            (Recipient, "556 5.1.10 null MX", "Rejected"),
            (Recipient, "553 5.6.7 needs SMTPUTF8", "Rejected"),
            (Recipient, "550 no such user", "Rejected"),
            (Recipient, "552 mailbox full", "Rejected"),
            (Recipient, "553", "Rejected"),
            (Recipient, "554 no", "Rejected"),
            (
                Recipient,
                "501 5.1.3 bad recipient address syntax",
                "Rejected",
            ),
            (
                Recipient,
                "550 5.2.1 The user is receiving mail at a rate that prevents delivery",
                "Deferred",
            ),
            (
                Recipient,
                "550 5.1.1 blocked, see https://www.spamhaus.org/x",
                "stop, Refused",
            ),
            (
                Recipient,
                "554 5.1.90 daily limit for recipients reached",
                "stop, Refused",
            ),
            (
                Recipient,
                "450 4.2.1 over the daily limit of this mailbox",
                "Deferred",
            ),
            (
                Recipient,
                "550 5.1.1 user unknown in relay recipient table",
                "Rejected",
            ),
            (
                Recipient,
                "550 5.1.8 sender domain not found",
                "stop, Refused",
            ),
            (
                Recipient,
                "550 Sender address rejected: not owned",
                "stop, Refused",
            ),
            (Recipient, "554 5.7.1 Relay access denied", "stop, Refused"),
            (Recipient, "550 relay not permitted", "stop, Refused"),
            (
                Recipient,
                "550 5.1.0 Authentication required",
                "stop, Refused",
            ),
            (Recipient, "550 5.7.1 policy", "stop, Refused"),
            (Recipient, "554 policy", "stop, Refused"),
            (Recipient, "503 bad sequence", "stop, Refused"),
            (
                Recipient,
                "550 Limite quotidienne d'envoi atteinte",
                "stop, Refused",
            ),
            (
                Recipient,
                "554 Message throttled: maximum sending rate exceeded",
                "stop, Refused",
            ),
            (
                Sender,
                "421 4.7.0 hourly limit of your account",
                "stop, Refused",
            ),
            (
                Data,
                "454 Throttling failure: Daily message quota exceeded.",
                "stop, Refused",
            ),
            (
                Content,
                "550 5.4.5 Daily user sending limit exceeded",
                "stop, Refused",
            ),
            (
                Content,
                "550 Domain x has exceeded the max emails per hour",
                "stop, Refused",
            ),
            (Data, "354 go", "go on"),
            (Data, "250 ok", "stop, OutOfStep"),
            (Data, "451 later", "Deferred"),
            (Data, "554 no", "Deferred"),
            (Content, "250 2.0.0 queued", "Accepted"),
            (Content, "354 go", "InDoubt"),
            (Content, "451 4.3.0 later", "Deferred"),
            (Content, "554 5.7.1 spam", "Deferred"),
            (Login, "235 welcome", "go on"),
            (Login, "250 welcome", "stop, OutOfStep"),
            (Login, "454 4.7.0 later", "stop, Refused"),
            (Login, "535 5.7.8 wrong password", "stop, Refused"),
            (Reset, "250 ok", "go on"),
            (Reset, "421 bye", "stop, Refused"),
        ] {
            assert_eq!(ruling(stage, reply), expected, "{stage}: {reply}");
        }
    }

    #[test]
    fn what_asks_us_to_slow_down() {
        for (reply, expected) in [
            ("421 too many", true),
            ("421 4.2.1 too many for this mailbox", true),
            ("450 later", true),
            ("451 4.3.2 busy", true),
            ("450 4.7.1 rate", true),
            ("430 4.7.28 rate", true),
            ("454 4.7.0 later", true),
            ("450 4.2.0 greylisted", false),
            ("452 4.2.2 full", false),
            ("455 what", false),
            ("550 5.7.1 no", false),
            ("250 ok", false),
        ] {
            let reply = Reply::restore(reply).unwrap();
            assert_eq!(is_throttling(&reply), expected, "{reply}");
        }
    }

    #[test]
    fn the_same_refusal_running() {
        let reply = |text| Reply::restore(text).unwrap();
        let mut streak = Streak::default();
        let counted = [
            Verdict::Deferred(reply("554 5.7.1 spam, id 1")),
            Verdict::Deferred(reply("554 5.7.1 spam, id 2")),
            Verdict::Rejected(reply("550 5.1.1 unknown")),
            Verdict::Rejected(reply("550 5.1.1 unknown too")),
            Verdict::Deferred(reply("451 later")),
            Verdict::Rejected(reply("550 5.1.1 unknown")),
            Verdict::Accepted(reply("250 ok")),
        ]
        .map(|verdict| streak.add(&verdict));
        assert_eq!(counted, [1, 2, 1, 2, 0, 1, 0]);
    }
}
