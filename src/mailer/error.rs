//! Why a conversation ended. It never says what became of a letter, but that this one was not handed over.

use std::error::Error as _;
use std::fmt;
use std::io;
use std::time::Duration;

use lettre::transport::smtp::Error as LettreError;

use crate::bounce::Refusal;
use crate::model::delivery::Reply;
use crate::model::line::Line;
use crate::model::problem::system_words;

/// The end of a conversation. No letter was handed over by the step that failed, so nothing can arrive twice by trying again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct SessionError {
    /// Host and port.
    pub relay: String,
    /// The step that failed.
    pub stage: Stage,
    /// What happened.
    pub cause: Cause,
}

/// A step of the conversation (RFC 5321 section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Finding and reaching the host.
    Connect,
    /// What the relay says first.
    Greeting,
    /// EHLO.
    Hello,
    /// STARTTLS and the handshake.
    Tls,
    /// AUTH.
    Login,
    /// RSET after a refusal.
    Reset,
    /// MAIL.
    Sender,
    /// RCPT.
    Recipient,
    /// DATA.
    Data,
    /// The letter and its final dot.
    Content,
}

impl Stage {
    /// What its success looks like.
    const fn success(self) -> &'static str {
        match self {
            Self::Connect | Self::Greeting | Self::Tls => "`220`",
            Self::Login => "`235`",
            Self::Data => "`354`",
            Self::Hello | Self::Reset | Self::Sender | Self::Recipient | Self::Content => "`250`",
        }
    }
}

/// What ended a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// It answered 4xx or 5xx.
    Refused(Reply),
    /// It answered with success of another kind than this step has: we no longer know which question it answers.
    OutOfStep(Reply),
    /// What it said is not SMTP: why not.
    Garbled(Line),
    /// It said this before we said anything: whatever it answers is no answer to us.
    Unasked(Line),
    /// It closed the connection.
    HungUp,
    /// It took longer than that.
    Silent(Duration),
    /// The network failed, in the system's words.
    Network(Line),
    /// The handshake failed, mostly by its certificate.
    Insecure(Line),
    /// This arrived in plain text behind its answer to STARTTLS, where only TLS may follow.
    SlippedIn(Line),
    /// STARTTLS is asked for but not offered.
    NoStartTls,
    /// It offers no way to log in that we know.
    NoLogin,
    /// Our own sender address needs SMTPUTF8, which it does not offer.
    NoSmtpUtf8,
    /// The letter is larger than it takes (RFC 1870).
    TooLarge {
        /// Octets of the letter.
        size: u64,
        /// The most it takes.
        limit: u64,
    },
    /// A program that should take letters cannot be run, or refuses to: why.
    NotRun(Line),
    /// This session was over before, by an error, a 421, or because its last step was dropped half-way.
    Over,
}

impl SessionError {
    /// Whether it is about us (the sender, the account, the settings) and would be the same with the next letter: stop.
    #[must_use]
    pub fn is_about_us(&self) -> bool {
        match &self.cause {
            // A refusal at RCPT that is not about the mailbox ends the conversation only if it is about us.
            Cause::Refused(reply) => {
                reply.code >= 500 || self.stage == Stage::Recipient || is_our_limit(reply)
            }
            Cause::Garbled(_) => matches!(self.stage, Stage::Greeting | Stage::Hello),
            Cause::Insecure(_)
            | Cause::SlippedIn(_)
            | Cause::NoStartTls
            | Cause::NoLogin
            | Cause::NoSmtpUtf8
            | Cause::NotRun(_)
            | Cause::TooLarge { .. } => true,
            Cause::OutOfStep(_)
            | Cause::Unasked(_)
            | Cause::HungUp
            | Cause::Silent(_)
            | Cause::Network(_)
            | Cause::Over => false,
        }
    }

    /// Whether it may go better later without anybody's doing: the relay is away or busy, or our limit there is renewed.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        !self.is_about_us() || self.reply().is_some_and(is_our_limit)
    }

    /// The relay's own words, if it had any.
    #[must_use]
    pub fn reply(&self) -> Option<&Reply> {
        match &self.cause {
            Cause::Refused(reply) | Cause::OutOfStep(reply) => Some(reply),
            _ => None,
        }
    }
}

impl Cause {
    /// Why there is no TLS: lettre's error has it at the end of its chain.
    pub(super) fn of_tls(error: &LettreError) -> Self {
        let chain = || std::iter::successors(error.source(), |&error| error.source());
        let words = chain().last().map(ToString::to_string).unwrap_or_default();
        let hung_up = chain()
            .filter_map(|error| error.downcast_ref::<io::Error>())
            .last()
            .is_some_and(is_hang_up);
        if hung_up {
            Self::HungUp
        } else {
            Self::Insecure(shown(&words))
        }
    }

    pub(super) fn of_io(error: &io::Error) -> Self {
        let words = error.to_string();
        match error.kind() {
            _ if is_hang_up(error) => Self::HungUp,
            io::ErrorKind::InvalidData => Self::Garbled(shown(&words)),
            _ => Self::Network(shown(&system_words(&words))),
        }
    }
}

/// Whether what we may hand over in a day is used up.
#[must_use]
pub fn is_our_limit(reply: &Reply) -> bool {
    Refusal::at_recipient(reply).is_our_limit()
}

fn is_hang_up(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(
        error.kind(),
        BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof
    )
}

/// Text that came from outside: one line, short, addresses in it masked.
pub(super) fn shown(text: &str) -> Line {
    Line::clean_to(Reply::new(0, text).text.as_str(), 120)
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            relay,
            stage,
            cause,
        } = self;
        match cause {
            Cause::Refused(reply) => write!(f, "`{relay}` refused {stage}: `{reply}`"),
            Cause::OutOfStep(reply) => write!(
                f,
                "`{relay}` is out of step at {stage}: expected {}, but found `{reply}`",
                stage.success()
            ),
            Cause::Garbled(what) => write!(f, "`{relay}` gave no SMTP answer at {stage}: {what}"),
            Cause::Unasked(words) => {
                write!(
                    f,
                    "`{relay}` spoke before it was asked at {stage}: `{words}`"
                )
            }
            Cause::HungUp => write!(f, "`{relay}` hung up at {stage}"),
            Cause::Silent(limit) => {
                write!(f, "`{relay}` did not answer within {limit:?} at {stage}")
            }
            Cause::Network(words) if *stage == Stage::Connect => {
                write!(f, "cannot reach `{relay}`: {words}")
            }
            Cause::Network(words) => write!(f, "lost `{relay}` at {stage}: {words}"),
            Cause::Insecure(words) => write!(f, "no secure connection to `{relay}`: {words}"),
            Cause::SlippedIn(words) => write!(
                f,
                "no secure connection to `{relay}`: `{words}` arrived in plain text behind its answer to STARTTLS; \
                 somebody may be listening in between"
            ),
            Cause::NoStartTls => write!(
                f,
                "`{relay}` does not offer STARTTLS, so the connection would not be secure"
            ),
            Cause::NoLogin => write!(
                f,
                "`{relay}` offers no log-in: expected `AUTH PLAIN` or `AUTH LOGIN`"
            ),
            Cause::NoSmtpUtf8 => write!(
                f,
                "`{relay}` does not offer SMTPUTF8, which our own sender address needs"
            ),
            Cause::TooLarge { size, limit } => write!(
                f,
                "`{relay}` takes letters of at most {limit} octets, but this one has {size}"
            ),
            Cause::NotRun(words) => write!(f, "`{relay}` takes no letters: {words}"),
            Cause::Over => write!(f, "the conversation with `{relay}` is over"),
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "the connection",
            Self::Greeting => "the greeting",
            Self::Hello => "EHLO",
            Self::Tls => "TLS",
            Self::Login => "the log-in",
            Self::Reset => "RSET",
            Self::Sender => "MAIL",
            Self::Recipient => "RCPT",
            Self::Data => "DATA",
            Self::Content => "the letter",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence() {
        let reply = || Reply::new(535, "5.7.8 no such log-in");
        let words = || Line::clean("connection refused");
        let all = [
            (Stage::Login, Cause::Refused(reply())),
            (Stage::Recipient, Cause::OutOfStep(Reply::new(220, "hello"))),
            (
                Stage::Greeting,
                Cause::Garbled(Line::clean(
                    "expected a three-digit code, but found `HTTP/1.1`",
                )),
            ),
            (Stage::Data, Cause::Unasked(Line::clean("250 ok"))),
            (Stage::Content, Cause::HungUp),
            (Stage::Greeting, Cause::Silent(Duration::from_mins(5))),
            (Stage::Connect, Cause::Network(words())),
            (Stage::Data, Cause::Network(Line::clean("no route to host"))),
            (
                Stage::Tls,
                Cause::Insecure(Line::clean("the certificate has expired")),
            ),
            (Stage::Tls, Cause::SlippedIn(Line::clean("235 ok"))),
            (Stage::Tls, Cause::NoStartTls),
            (Stage::Login, Cause::NoLogin),
            (Stage::Sender, Cause::NoSmtpUtf8),
            (
                Stage::Sender,
                Cause::TooLarge {
                    size: 104_858,
                    limit: 100_000,
                },
            ),
            (Stage::Reset, Cause::Over),
        ]
        .map(|(stage, cause)| {
            let relay = "smtp.example.org:587".to_owned();
            SessionError {
                relay,
                stage,
                cause,
            }
            .to_string()
        });
        insta::assert_snapshot!(all.join("\n"), @"
        `smtp.example.org:587` refused the log-in: `535 5.7.8 no such log-in`
        `smtp.example.org:587` is out of step at RCPT: expected `250`, but found `220 hello`
        `smtp.example.org:587` gave no SMTP answer at the greeting: expected a three-digit code, but found `HTTP/1.1`
        `smtp.example.org:587` spoke before it was asked at DATA: `250 ok`
        `smtp.example.org:587` hung up at the letter
        `smtp.example.org:587` did not answer within 300s at the greeting
        cannot reach `smtp.example.org:587`: connection refused
        lost `smtp.example.org:587` at DATA: no route to host
        no secure connection to `smtp.example.org:587`: the certificate has expired
        no secure connection to `smtp.example.org:587`: `235 ok` arrived in plain text behind its answer to STARTTLS; somebody may be listening in between
        `smtp.example.org:587` does not offer STARTTLS, so the connection would not be secure
        `smtp.example.org:587` offers no log-in: expected `AUTH PLAIN` or `AUTH LOGIN`
        `smtp.example.org:587` does not offer SMTPUTF8, which our own sender address needs
        `smtp.example.org:587` takes letters of at most 100000 octets, but this one has 104858
        the conversation with `smtp.example.org:587` is over
        ");
    }
}
