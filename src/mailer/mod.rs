//! The conversation with the relay, and the folder that is used in place of one.
//! It never decides who gets a letter and never writes the ledger; no other room names lettre.
//!
//! # What an answer means
//! A verdict is data: what became of this letter. An error is the end of a conversation, and then this letter was **not** handed over.
//! The table is in `verdict.rs`; these are its lines. Classes are those of bounces ([`crate::bounce::Refusal`]).
//!
//! | at | answer | so |
//! |---|---|---|
//! | EHLO | SIZE below the letter's | error, about us: stop |
//! | MAIL, log-in, greeting | 5xx | error, about us: stop |
//! | EHLO | no SMTPUTF8, and the address needs it | rejected, 5.6.7 |
//! | RCPT | 5xx of the class hard or soft, 5.6.7 | rejected; counted like a bounce of that class |
//! | RCPT | 5xx of the class temporary | deferred |
//! | RCPT | 5xx of the class about us | error, about us: stop |
//! | anywhere | 4xx or 5xx: our own daily limit is used up | error, about us: stop |
//! | RCPT | relaying denied in words, with 4xx too, but for 4.1.x 4.2.x 4.4.x | error, about us: stop |
//! | MAIL, RCPT, DATA, after the dot | 4xx | deferred; some of them mean slow down |
//! | DATA, after the dot | 5xx | deferred; the caller counts them ([`Streak`]) |
//! | after the dot | 2xx | accepted |
//! | after the dot | silence, hang-up, nonsense | in doubt |
//! | before the dot | silence, hang-up, nonsense | error, worth retrying |
//! | MAIL, after another letter | 421 | error, worth retrying: the session is over, the letter was not looked at |
//! | anywhere else | 421 | as above, and the session is over |
//!
//! # What lettre does and does not do
//! Its stream, its TLS and its log-in are used, over our own socket (no delay for small packets, a count of what left). Its transport and
//! pool are not: their time limit covers the connect only, a dropped future leaves a connection that answers off by one, and every
//! refusal costs a new connection. Nor is its reading of answers, for the reasons in `connection.rs`. Every step has a time limit, every
//! answer a bound, and the letter leaves with its final dot in one write.

mod answer;
mod connection;
mod error;
mod hello;
mod outbox;
mod pace;
mod rate;
mod sendmail;
mod session;
mod verdict;

#[cfg(test)]
mod tests;

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

pub use error::{Cause, SessionError, Stage, is_our_limit};
pub use hello::machine_name;
pub use outbox::{Outbox, OutboxError};
pub use pace::Beat;
pub use rate::{Rate, RateError, RateLimits, RateLimitsError};
pub use sendmail::Sendmail;
pub use session::{Opened, Session};
pub use verdict::{Streak, counts_as, is_throttling, reads_as_about_us, speaks_of_mailbox};

/// Where letters are handed over.
#[derive(Clone, Debug)]
pub enum Relay {
    /// A folder: a rehearsal.
    Outbox(PathBuf),
    /// An SMTP server.
    Smtp(Box<Smtp>),
    /// The `sendmail` of a mail system on this machine.
    Sendmail(PathBuf),
}

impl Relay {
    /// Where a letter is once it is handed over, in words: ``handed to `smtp.example.org:587` ``.
    #[must_use]
    pub fn place(&self) -> String {
        match self {
            Self::Outbox(_) => format!("in `{self}`"),
            Self::Smtp(_) | Self::Sendmail(_) => format!("handed to `{self}`"),
        }
    }

    /// Whether letters reach people; else it is a rehearsal.
    #[must_use]
    pub const fn is_real(&self) -> bool {
        !matches!(self, Self::Outbox(_))
    }
}

impl fmt::Display for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outbox(path) | Self::Sendmail(path) => path.display().fmt(f),
            Self::Smtp(smtp) => smtp.fmt(f),
        }
    }
}

/// An SMTP relay and how to speak with it. `Display` gives host and port.
#[derive(Clone, Debug)]
pub struct Smtp {
    /// Its name or address; with TLS, the name its certificate must bear.
    pub host: String,
    /// Its port: 587 with STARTTLS, 465 with TLS, 25 inside a network.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// With which account, if it wants one.
    pub login: Option<Login>,
    /// The name we give ourselves in EHLO (RFC 5321 section 4.1.1.1); without one the address that the relay sees.
    pub hello: Option<String>,
    /// Whether commands may leave together where it offers that.
    pub pipelining: Pipelining,
    /// How long to wait for it.
    pub limits: StepLimits,
}

impl fmt::Display for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl Smtp {
    /// Whether it is on this machine, so that nothing said to it leaves the machine.
    #[must_use]
    pub fn is_here(&self) -> bool {
        let address = self.host.parse::<IpAddr>();
        self.host == "localhost" || address.is_ok_and(|ip| ip.to_canonical().is_loopback())
    }
}

/// Whether commands leave together (RFC 2920).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pipelining {
    /// Never: each waits for the answer to the one before.
    Off,
    /// MAIL, RCPT and DATA leave in one turn where the relay offers it: two turns a letter instead of four.
    On,
    /// They leave with the final dot of the letter before: one turn a letter.
    Full,
}

/// How a connection is protected. What is asked for is what happens: there is no falling back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Not at all: for a relay on this machine or in this house.
    None,
    /// Plain at first, then STARTTLS (RFC 3207), which the relay must offer.
    StartTls,
    /// TLS from the first octet (RFC 8314).
    Tls,
}

/// An account at the relay.
#[derive(Clone, Debug)]
pub struct Login {
    /// Its name.
    pub user: String,
    /// Its password; never printed.
    pub password: SecretString,
}

/// How long one step of the conversation may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepLimits {
    /// Finding the host and reaching it.
    pub connect: Duration,
    /// The TLS handshake.
    pub tls: Duration,
    /// The greeting and the answer to EHLO.
    pub greeting: Duration,
    /// The log-in.
    pub login: Duration,
    /// The answer to MAIL.
    pub sender: Duration,
    /// The answer to RCPT.
    pub recipient: Duration,
    /// The answer to DATA.
    pub data: Duration,
    /// The letter and the answer after its final dot.
    pub content: Duration,
    /// The answer to RSET.
    pub reset: Duration,
    /// The answer to QUIT.
    pub quit: Duration,
}

impl StepLimits {
    /// Those of RFC 5321 section 4.5.3.2. For the steps it does not name: half a minute to connect, and little for RSET and QUIT, on
    /// which nothing hangs.
    pub const RFC_5321: Self = Self {
        connect: Duration::from_secs(30),
        tls: Duration::from_mins(1),
        greeting: Duration::from_mins(5),
        login: Duration::from_mins(2),
        sender: Duration::from_mins(5),
        recipient: Duration::from_mins(5),
        data: Duration::from_mins(2),
        content: Duration::from_mins(10),
        reset: Duration::from_secs(20),
        quit: Duration::from_secs(5),
    };

    /// How long a step may take.
    const fn of(&self, stage: Stage) -> Duration {
        match stage {
            Stage::Connect => self.connect,
            Stage::Greeting | Stage::Hello => self.greeting,
            Stage::Tls => self.tls,
            Stage::Login => self.login,
            Stage::Reset => self.reset,
            Stage::Sender => self.sender,
            Stage::Recipient => self.recipient,
            Stage::Data => self.data,
            Stage::Content => self.content,
        }
    }
}
