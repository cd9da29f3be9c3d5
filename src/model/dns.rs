//! Questions to DNS and its answers, as values: whoever judges answers asks nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::net::IpAddr;

/// What is asked for of a name (RFC 1035 section 3.2.2, RFC 3596).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKind {
    /// TXT.
    Text,
    /// A.
    Address4,
    /// AAAA.
    Address6,
    /// MX.
    Exchange,
    /// PTR.
    Pointer,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Question {
    /// In lower case, without a dot at its end.
    pub name: String,
    pub kind: RecordKind,
}

impl Question {
    #[must_use]
    pub fn new(name: &str, kind: RecordKind) -> Self {
        Self {
            name: plain_name(name),
            kind,
        }
    }

    /// The names of an address (RFC 1035 section 3.5, RFC 3596 section 2.5).
    #[must_use]
    pub fn names_of(address: IpAddr) -> Self {
        let name = match address {
            IpAddr::V4(address) => {
                let [a, b, c, d] = address.octets();
                format!("{d}.{c}.{b}.{a}.in-addr.arpa")
            }
            IpAddr::V6(address) => {
                let mut name = String::new();
                for octet in address.octets().iter().rev() {
                    let _ = write!(name, "{:x}.{:x}.", octet & 15, octet >> 4);
                }
                name + "ip6.arpa"
            }
        };
        Self::new(&name, RecordKind::Pointer)
    }

    /// The addresses of a name, of the same family as `like`.
    #[must_use]
    pub fn addresses_like(like: IpAddr, name: &str) -> Self {
        let kind = if like.is_ipv4() {
            RecordKind::Address4
        } else {
            RecordKind::Address6
        };
        Self::new(name, kind)
    }
}

/// A name as it is compared: in lower case, without a dot at its end.
#[must_use]
pub fn plain_name(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

/// One record of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// A text, joined from its pieces.
    Text(String),
    Address(IpAddr),
    /// Who takes mail for the name; the lowest preference first.
    Exchange {
        preference: u16,
        host: String,
    },
    /// The name of an address.
    Name(String),
}

/// Why nothing is known of a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// No resolver answered in time.
    #[error("no DNS resolver answered in time")]
    Silent,
    /// A resolver could not say, such as with SERVFAIL.
    #[error("the DNS resolver answered `{0}`")]
    Refused(String),
    /// The name cannot be asked for: a label is empty, or has more than 63 octets.
    #[error("is no name that DNS can know")]
    NoName,
    /// What came is no answer to the question.
    #[error("the DNS resolver answered nonsense")]
    Nonsense,
}

/// What DNS said to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The name is there; perhaps without a record of that kind.
    Records(Vec<Record>),
    /// There is no such name (NXDOMAIN).
    NoSuchName,
    /// Nothing is known.
    Unanswered(Unanswered),
}

impl Answer {
    /// The records; none where there is no such name.
    ///
    /// # Errors
    /// Nothing is known.
    pub fn records(self) -> Result<Vec<Record>, Unanswered> {
        match self {
            Self::Records(records) => Ok(records),
            Self::NoSuchName => Ok(Vec::new()),
            Self::Unanswered(why) => Err(why),
        }
    }

    /// The texts among the records.
    ///
    /// # Errors
    /// Nothing is known.
    pub fn texts(self) -> Result<Vec<String>, Unanswered> {
        let texts = self.records()?.into_iter();
        let texts = texts.filter_map(|record| match record {
            Record::Text(text) => Some(text),
            _ => None,
        });
        Ok(texts.collect())
    }

    /// The addresses among the records.
    ///
    /// # Errors
    /// Nothing is known.
    pub fn addresses(self) -> Result<Vec<IpAddr>, Unanswered> {
        let all = self.records()?.into_iter();
        let all = all.filter_map(|record| match record {
            Record::Address(address) => Some(address),
            _ => None,
        });
        Ok(all.collect())
    }
}

/// An answer is missing: it must be asked for first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing;

/// The answers so far, and the questions that came up meanwhile.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    known: BTreeMap<Question, Answer>,
    wanted: BTreeSet<Question>,
}

impl Answers {
    /// The answer.
    ///
    /// # Errors
    /// It is not known yet; from now on it is wanted.
    pub fn to(&mut self, question: Question) -> Result<Answer, Missing> {
        if let Some(answer) = self.known.get(&question) {
            return Ok(answer.clone());
        }
        self.wanted.insert(question);
        Err(Missing)
    }

    /// What DNS said.
    pub fn learn(&mut self, question: Question, answer: Answer) {
        self.wanted.remove(&question);
        self.known.insert(question, answer);
    }

    /// The questions that are still to be asked.
    pub fn wanted(&self) -> impl Iterator<Item = &Question> {
        self.wanted.iter()
    }

    /// Why nothing is known of anything, if so: DNS cannot be asked at all.
    #[must_use]
    pub fn is_nothing_known(&self) -> Option<&Unanswered> {
        let mut reasons = self.known.values().map(|answer| match answer {
            Answer::Unanswered(why) => Some(why),
            _ => None,
        });
        let first = reasons.next()??;
        reasons.all(|reason| reason.is_some()).then_some(first)
    }
}
