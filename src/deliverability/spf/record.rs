//! The text of an SPF record, read (RFC 7208 sections 4.6, 5, 6 and 12).

use std::net::IpAddr;

use super::macros::Pattern;
use crate::model::line::Line;
use crate::model::network::Network;

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Policy {
    pub(super) directives: Vec<Directive>,
    /// Whose record counts where no directive matches.
    pub(super) redirect: Option<Pattern>,
}

/// What follows if the mechanism matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Directive {
    pub(super) qualifier: Qualifier,
    pub(super) mechanism: Mechanism,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Qualifier {
    Pass,
    Fail,
    SoftFail,
    Neutral,
}

/// How many leading bits of an address count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bits {
    four: u32,
    six: u32,
}

impl Bits {
    pub(super) fn around(self, address: IpAddr) -> Network {
        Network::around(address, self.four, self.six)
    }
}

/// Without a pattern it is about the domain of the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mechanism {
    All,
    Include(Pattern),
    A(Option<Pattern>, Bits),
    Mx(Option<Pattern>, Bits),
    Ptr(Option<Pattern>),
    Ip { network: Network, is_four: bool },
    Exists(Pattern),
}

impl Mechanism {
    /// Whether it counts among the ten look-ups (section 4.6.4).
    pub(super) const fn looks_up(&self) -> bool {
        !matches!(self, Self::All | Self::Ip { .. })
    }
}

/// Whether a text at a name is meant as an SPF record (section 4.5).
pub(super) fn is_policy(text: &str) -> bool {
    let version = text.get(..6).unwrap_or_default();
    version.eq_ignore_ascii_case("v=spf1") && matches!(text.as_bytes().get(6), None | Some(b' '))
}

impl Policy {
    /// Reads a text for which [`is_policy`] holds.
    ///
    /// # Errors
    /// The sentence that says what is wrong with it: a receiver then gives up the whole record.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut policy = Self {
            directives: Vec::new(),
            redirect: None,
        };
        let mut is_explained = false;
        for term in text.split(' ').skip(1).filter(|term| !term.is_empty()) {
            let shown = || format!("`{}`", Line::clean_to(term, 60));
            let Some((name, value)) = modifier(term) else {
                let directive = directive(term).map_err(|what| format!("{} {what}", shown()))?;
                policy.directives.push(directive);
                continue;
            };
            let pattern =
                |value| Pattern::parse(value).map_err(|what| format!("{} {what}", shown()));
            if name.eq_ignore_ascii_case("redirect") {
                if policy.redirect.replace(pattern(value)?).is_some() {
                    return Err("`redirect` is given twice".to_owned());
                }
            } else if name.eq_ignore_ascii_case("exp") {
                pattern(value)?;
                if std::mem::replace(&mut is_explained, true) {
                    return Err("`exp` is given twice".to_owned());
                }
            }
        }
        Ok(policy)
    }
}

/// `name=value`; an equals sign behind `:` or `/` belongs to a mechanism.
fn modifier(term: &str) -> Option<(&str, &str)> {
    let (name, value) = term.split_once('=')?;
    let mut octets = name.bytes();
    let begins = octets
        .next()
        .is_some_and(|octet| octet.is_ascii_alphabetic());
    let goes_on = octets.all(|octet| octet.is_ascii_alphanumeric() || b"-_.".contains(&octet));
    (begins && goes_on).then_some((name, value))
}

fn directive(term: &str) -> Result<Directive, &'static str> {
    let (qualifier, rest) = match term.as_bytes().first() {
        Some(b'+') => (Qualifier::Pass, &term[1..]),
        Some(b'-') => (Qualifier::Fail, &term[1..]),
        Some(b'~') => (Qualifier::SoftFail, &term[1..]),
        Some(b'?') => (Qualifier::Neutral, &term[1..]),
        _ => (Qualifier::Pass, term),
    };
    let end = rest.find([':', '/']).unwrap_or(rest.len());
    let (name, rest) = rest.split_at(end);
    let mechanism = mechanism(&name.to_ascii_lowercase(), rest)?;
    Ok(Directive {
        qualifier,
        mechanism,
    })
}

fn mechanism(name: &str, rest: &str) -> Result<Mechanism, &'static str> {
    let needed = || {
        let pattern = rest.strip_prefix(':').ok_or("names no domain")?;
        Pattern::parse(pattern)
    };
    let optional = |text: &str| match text.strip_prefix(':') {
        Some(pattern) => Pattern::parse(pattern).map(Some),
        None if text.is_empty() => Ok(None),
        None => Err("has something behind it that it cannot have"),
    };
    Ok(match name {
        "all" if rest.is_empty() => Mechanism::All,
        "all" => return Err("has something behind it that it cannot have"),
        "include" => Mechanism::Include(needed()?),
        "exists" => Mechanism::Exists(needed()?),
        "ptr" => Mechanism::Ptr(optional(rest)?),
        "a" | "mx" => {
            let (pattern, bits) = bits(rest)?;
            let pattern = optional(pattern)?;
            if name == "a" {
                Mechanism::A(pattern, bits)
            } else {
                Mechanism::Mx(pattern, bits)
            }
        }
        "ip4" | "ip6" => network(rest, name == "ip4")?,
        _ => return Err("is no mechanism that SPF knows"),
    })
}

/// Cuts `/24`, `//64` or `/24//64` off the end.
fn bits(text: &str) -> Result<(&str, Bits), &'static str> {
    let (text, six) = match text.rsplit_once("//") {
        Some((text, six)) => (text, length(six, 128)?),
        None => (text, 128),
    };
    // A slash may be a delimiter within a macro: `%{d/}`.
    let begins = text.rfind('}').map_or(0, |at| at + 1);
    match text[begins..].rsplit_once('/') {
        Some((before, four)) => {
            let four = length(four, 32)?;
            Ok((&text[..begins + before.len()], Bits { four, six }))
        }
        None => Ok((text, Bits { four: 32, six })),
    }
}

fn length(text: &str, most: u32) -> Result<u32, &'static str> {
    const WRONG: &str = "has a length of a network that there is not";
    let is_plain =
        text.bytes().all(|octet| octet.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    let length = text
        .parse()
        .ok()
        .filter(|length| is_plain && *length <= most);
    length.ok_or(WRONG)
}

fn network(rest: &str, is_four: bool) -> Result<Mechanism, &'static str> {
    let text = rest.strip_prefix(':').ok_or("names no address")?;
    let most = if is_four { 32 } else { 128 };
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, length(bits, most)?),
        None => (text, most),
    };
    let address: IpAddr = address.parse().map_err(|_| "is no address")?;
    if address.is_ipv4() != is_four {
        return Err("is no address of that kind");
    }
    let network = Bits {
        four: bits,
        six: bits,
    }
    .around(address);
    Ok(Mechanism::Ip { network, is_four })
}
