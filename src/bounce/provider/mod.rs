//! What mail providers tell over HTTP of the letters they took from us: the body of a request becomes events, each about one address.
//!
//! Pure. Whether a provider really said it is `proof`'s business; whom and which edition it is about is the ledger's. An event's class comes from the same table of
//! codes and words as that of a message that came back; the provider's own verdict makes it milder, or stands in where no code and no word says anything.
//! The shapes are those of the providers' manuals, each named in its file.

mod brevo;
mod json;
mod mailgun;
mod mailjet;
mod postmark;
mod proof;
mod sendgrid;
mod ses;
mod sns;
mod sparkpost;

use std::fmt;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::class::{Class, Refusal};
use super::reply::Told;
use super::{Failure, Said, Status};
use crate::model::address::Address;
use crate::model::line::Line;

pub use proof::{Once, ProofError, PublicKey, Signatures, SigningKey};
pub(super) use ses::said as said_by_ses;
pub use sns::{Certificate, Envelope, EnvelopeKind, Topic};

/// A provider whose events are understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Provider {
    Ses,
    Postmark,
    Mailgun,
    SendGrid,
    Brevo,
    SparkPost,
    Mailjet,
}

/// How a provider's requests are proved, apart from the secret in their address.
#[derive(Debug)]
pub enum Proof {
    /// By the address alone.
    Address,
    /// Nothing is believed: the key is not known yet.
    Unknown,
    /// Mailgun's webhook signing key.
    SigningKey(Box<SigningKey>),
    /// The verification key of SendGrid's signed event webhook.
    PublicKey(Box<PublicKey>),
    /// Topics of Amazon SNS.
    Topics(Vec<Topic>),
}

/// One thing that a provider tells about one address.
#[derive(Clone, Debug)]
pub struct Event {
    /// About whom.
    pub to: Address,
    /// What became of the letter, or what the reader did.
    pub said: Said,
    /// The Message-ID of the letter as the provider tells it, without `<` and `>`. Some providers set one of their own.
    pub letter: Option<String>,
    /// Texts that may be a token of ours: the envelope sender and the header that a provider gives back.
    pub tokens: Vec<String>,
    /// When it happened, by the provider's clock.
    pub at: Option<DateTime<Utc>>,
    /// The same for the same event, however often it is told: SHA-256 of the provider, its own id of the event and the address, cut to 16 bytes.
    pub digest: [u8; 16],
}

/// What was in one body.
#[derive(Debug, Default)]
pub struct Batch {
    pub events: Vec<Event>,
    /// Events of other kinds: opened, clicked, a test of the connection.
    pub others: u64,
    /// Events without an address that can be read.
    pub unreadable: u64,
}

/// Why a body holds no events at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoEvents {
    #[error("it is not JSON, or nested too deeply")]
    NotJson,
    #[error("it is JSON of another shape than the provider's")]
    OtherShape,
}

impl Provider {
    pub const ALL: [Self; 7] = [
        Self::Ses,
        Self::Postmark,
        Self::Mailgun,
        Self::SendGrid,
        Self::Brevo,
        Self::SparkPost,
        Self::Mailjet,
    ];

    /// The name in the config and in the addresses that providers call.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ses => "ses",
            Self::Postmark => "postmark",
            Self::Mailgun => "mailgun",
            Self::SendGrid => "sendgrid",
            Self::Brevo => "brevo",
            Self::SparkPost => "sparkpost",
            Self::Mailjet => "mailjet",
        }
    }

    /// The provider of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// The provider whose SMTP server that is, if it is one of them.
    #[must_use]
    pub fn of_relay(host: &str) -> Option<Self> {
        let below = |domain: &str| {
            let front = host.strip_suffix(domain);
            front.is_some_and(|front| front.is_empty() || front.ends_with('.'))
        };
        let any = |domains: &[&str]| domains.iter().any(|domain| below(domain));
        let is_ses = host.starts_with("email-smtp.") || host.starts_with("email-smtp-fips.");
        if is_ses && any(&["amazonaws.com", "amazonaws.com.cn"]) {
            return Some(Self::Ses);
        }
        [
            (Self::Postmark, &["postmarkapp.com"][..]),
            (Self::Mailgun, &["mailgun.org"]),
            (Self::SendGrid, &["sendgrid.net"]),
            (Self::Brevo, &["brevo.com", "sendinblue.com"]),
            (Self::SparkPost, &["sparkpostmail.com", "sparkpost.com"]),
            (Self::Mailjet, &["mailjet.com"]),
        ]
        .into_iter()
        .find_map(|(provider, domains)| any(domains).then_some(provider))
    }

    /// Reads the body of a request.
    ///
    /// # Errors
    /// Nothing in it is an event of that provider.
    pub fn read(self, body: &[u8]) -> Result<Batch, NoEvents> {
        let value = serde_json::from_slice(body).map_err(|_| NoEvents::NotJson)?;
        let mut batch = Batch::default();
        if self.add(&value, &mut batch) {
            Ok(batch)
        } else {
            Err(NoEvents::OtherShape)
        }
    }

    /// Adds what is in `value`; `false`: it has another shape than this provider's.
    fn add(self, value: &Value, batch: &mut Batch) -> bool {
        match self {
            Self::Ses => ses::add(value, batch),
            Self::Postmark => postmark::add(value, batch),
            Self::Mailgun => mailgun::add(value, batch),
            Self::SendGrid => sendgrid::add(value, batch),
            Self::Brevo => brevo::add(value, batch),
            Self::SparkPost => sparkpost::add(value, batch),
            Self::Mailjet => mailjet::add(value, batch),
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ses => "Amazon SES",
            Self::Postmark => "Postmark",
            Self::Mailgun => "Mailgun",
            Self::SendGrid => "SendGrid",
            Self::Brevo => "Brevo",
            Self::SparkPost => "SparkPost",
            Self::Mailjet => "Mailjet",
        })
    }
}

/// Reads one saved value, of whichever providers: a list, a single event, an envelope of SNS or what is in it. What is no provider's is
/// counted as unreadable, and so is an empty list.
pub fn read_saved(value: &Value, batch: &mut Batch) {
    let all = json::each(value);
    batch.unreadable += u64::from(all.is_empty());
    for one in all {
        let mut providers = Provider::ALL.into_iter();
        let is_read = providers.any(|provider| provider.add(one, batch));
        batch.unreadable += u64::from(!is_read);
    }
}

/// What a provider makes of a failure.
#[derive(Clone, Copy)]
enum Verdict {
    /// For good: hard, unless codes or words say otherwise.
    Permanent,
    /// At most that class.
    AtMost(Class),
    /// The provider keeps the address on a list of dead ones and does not try.
    Dead,
}

/// The failure that codes and words amount to, beside the provider's own verdict.
fn failed(words: &str, status: Option<Status>, verdict: Verdict) -> Said {
    let words = words.split_once(';').map_or(words, |(front, behind)| {
        // `smtp; 550 5.1.1 ..`
        if front.trim().eq_ignore_ascii_case("smtp") {
            behind
        } else {
            words
        }
    });
    let mut failure = Told::read(words).failure(status);
    let mut statuses = <[Option<Status>; super::class::STATUSES]>::default();
    statuses[0] = failure.status;
    let speaks = Refusal {
        code: failure.code,
        statuses,
        text: failure.words.as_str(),
        after_content: false,
    }
    .speaks_of_mailbox();
    failure.class = match verdict {
        Verdict::Dead => Class::Hard,
        Verdict::AtMost(most) => failure.class.min(most),
        // No code and no word speaks of the mailbox: then the provider's word is the only evidence.
        Verdict::Permanent if failure.class == Class::Soft && !speaks => Class::Hard,
        Verdict::Permanent => failure.class,
    };
    Said::Failed(failure)
}

/// A failure that the provider tells without any reply of a mail server.
fn refused(class: Class, words: &str) -> Said {
    Said::Failed(Failure {
        class,
        code: None,
        status: None,
        words: Line::clean_to(words, 200),
    })
}

#[cfg(test)]
mod tests;
