//! What receivers demand of whoever sends to many, judged from what DNS says. It asks nobody: a judgement either is made, or
//! says which answers it misses; the caller gets them and judges again.

mod bimi;
mod demands;
mod dkim;
mod dmarc;
mod exchange;
mod relay_names;
mod spf;
#[cfg(test)]
mod tests;
mod verdicts;

use std::net::IpAddr;

use crate::model::finding::{Finding, Gravity};
use crate::model::line::Line;

pub use demands::{Demand, demands};
pub use exchange::first_exchange;
pub use verdicts::verdicts;

/// What is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Topic {
    /// Whether DNS answers at all.
    Dns,
    Spf,
    Dkim,
    Dmarc,
    /// Who takes what comes back.
    BounceDomain,
    /// PTR and EHLO of the relay.
    RelayNames,
    Tls,
    OneClick,
    Bimi,
}

impl Topic {
    /// The name of its findings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Spf => "spf",
            Self::Dkim => "dkim-record",
            Self::Dmarc => "dmarc",
            Self::BounceDomain => "bounce-domain",
            Self::RelayNames => "relay-names",
            Self::Tls => "tls",
            Self::OneClick => "one-click",
            Self::Bimi => "bimi",
        }
    }

    /// What readers or receivers make of it if it is wrong.
    const fn why(self) -> &'static str {
        match self {
            Self::Dns => "nobody knows what receivers see",
            Self::Spf => {
                "receivers doubt that the relay may send for the domain; Microsoft refuses the letter"
            }
            Self::Dkim => "receivers take the signature for a forged one",
            Self::Dmarc => "Gmail, Yahoo and Microsoft refuse bulk mail that does not pass DMARC",
            Self::BounceDomain => {
                "what comes back reaches nobody, and dead addresses are written to for ever"
            }
            Self::RelayNames => {
                "Gmail and Yahoo refuse relays whose address has no name that leads back to it"
            }
            Self::Tls => "Gmail refuses letters that are not encrypted on their way",
            Self::OneClick => "readers who cannot leave with one click press \"spam\"",
            Self::Bimi => "no mail program shows the paper's logo",
        }
    }
}

/// How good it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Good,
    /// Worth a look; nobody refuses letters for it.
    Weak,
    /// It could not be found out.
    Unknown,
    Wrong,
}

/// One judgement.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Verdict {
    pub topic: Topic,
    pub state: State,
    /// The domain, name or address that it is about.
    pub place: Line,
    pub what: Line,
    /// How to mend it; empty where nothing is to be mended.
    pub hint: &'static str,
}

impl Verdict {
    /// One that is good.
    #[must_use]
    pub fn good(topic: Topic, place: &str, what: &str) -> Self {
        Self::new(topic, State::Good, place, what, "")
    }

    #[must_use]
    pub fn new(topic: Topic, state: State, place: &str, what: &str, hint: &'static str) -> Self {
        Self {
            topic,
            state,
            place: Line::clean_to(place, 200),
            what: Line::clean_to(what, 400),
            hint,
        }
    }

    /// As a finding, if it is to be mended.
    #[must_use]
    pub fn finding(&self) -> Option<Finding> {
        (self.state == State::Wrong).then(|| Finding {
            name: self.topic.name(),
            gravity: Gravity::Warning,
            place: self.place.clone(),
            what: self.what.clone(),
            why: self.topic.why(),
            hint: self.hint,
        })
    }
}

/// What letters say of themselves, and who hands them over.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The domain of `From`.
    pub from: String,
    /// The domain of envelope senders; that of `From` unless the newsroom has another.
    pub envelope: String,
    /// Whether what comes back to it is read.
    pub takes_bounces: bool,
    /// The domain that signs, and its keys.
    pub signing: Option<(String, Vec<SigningKey>)>,
    /// The addresses that the relay sends from.
    pub sends_from: Vec<IpAddr>,
    /// The provider whose relay it is; such a one has an envelope domain, addresses and names of its own.
    pub provider: Option<&'static str>,
    /// What the relay calls itself in its greeting.
    pub relay_name: Option<String>,
    /// The host of readers' links, if letters offer one-click.
    pub public_host: Option<String>,
}

/// A key that signs.
#[derive(Clone, Debug)]
pub struct SigningKey {
    pub selector: String,
    /// The text that must be in DNS.
    pub record: String,
    /// `rsa-sha256`, or one that not all receivers know.
    pub algorithm: &'static str,
}
