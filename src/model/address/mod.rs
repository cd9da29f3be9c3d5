//! Mail addresses: parsed once, compared by one key, masked wherever they are shown.

use std::borrow::Cow;
use std::fmt;

use icu_normalizer::ComposingNormalizerBorrowed;

use crate::model::line::Line;

/// A deliverable mail address, `local@domain`.
///
/// Invariants: syntax of RFC 5321 section 4.1.2 without quoted local parts and address literals, local part in Unicode's composed form
/// (NFC, RFC 6532 section 3.1) and at most 64 octets, whole at most 254, domain in A-labels (IDNA), lower case, with at least one dot or
/// equal to `localhost`. The [`key`](Address::key) is an address too, and its own key: the ledger keeps keys and reads them as addresses.
///
/// `Display` and `Debug` mask it (`a***@e***.org`), so that it cannot reach a log by accident; [`Address::reveal`] is for letters,
/// files and people who asked.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    whole: Box<str>,
    at: usize,
}

/// Why a text is not an address. The text itself is shown masked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// No `@` in it.
    #[error("`{0}` is not an email address: expected `name@domain`, but found no `@`")]
    NoAt(Line),
    /// The part before the `@`.
    #[error("`{0}` is not an email address: {1}")]
    Local(Line, &'static str),
    /// The part behind the `@`.
    #[error("`{0}` is not an email address: {1}")]
    Domain(Line, &'static str),
}

impl Address {
    /// Parses `name@domain`; spaces around it are dropped, the name is composed (NFC), the domain is turned into A-labels.
    /// Every address in the program comes from here.
    ///
    /// # Errors
    /// Says which part is wrong.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        let shown = || masked(text);
        let Some((local, domain)) = text.rsplit_once('@') else {
            return Err(AddressError::NoAt(Line::clean_to(text, 80)));
        };
        if local.len() > LONGEST_LOCAL * 4 {
            return Err(AddressError::Local(shown(), TOO_LONG));
        }
        let local = composed(local);
        check_local(&local).map_err(|why| AddressError::Local(shown(), why))?;
        let domain = ascii_domain(domain).map_err(|why| AddressError::Domain(shown(), why))?;
        let address = Self {
            at: local.len(),
            whole: format!("{local}@{domain}").into(),
        };
        if address.whole.len() > LONGEST {
            return Err(AddressError::Domain(
                shown(),
                "it is longer than 254 octets",
            ));
        }
        if !address.has_a_key() {
            let why = "the name before the `@` cannot be written in small letters";
            return Err(AddressError::Local(shown(), why));
        }
        Ok(address)
    }

    /// Whether the key is an address, and its own key. Small letters can be longer than capitals, or no letters at all (`İ` becomes `i` and
    /// a dot above it). In ASCII they never are.
    fn has_a_key(&self) -> bool {
        if self.whole.is_ascii() {
            return true;
        }
        let key = small(&self.whole);
        let local = key
            .strip_suffix(self.domain())
            .and_then(|key| key.strip_suffix('@'));
        local.is_some_and(|local| check_local(local).is_ok())
            && key.len() <= LONGEST
            && small(&key) == key
    }

    /// The address in full. For letters, files, and people who asked for it; never for logs.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.whole
    }

    /// The part before the `@`.
    #[must_use]
    pub fn local(&self) -> &str {
        &self.whole[..self.at]
    }

    /// The domain, in A-labels, lower case.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.whole[self.at + 1..]
    }

    /// What makes two addresses the same reader: all in lower case, composed (NFC); dots and plus tags kept.
    #[must_use]
    pub fn key(&self) -> Cow<'_, str> {
        if self.whole.is_ascii() && !self.whole.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Borrowed(&*self.whole)
        } else {
            small(&self.whole).into()
        }
    }

    /// Whether a relay must offer SMTPUTF8 (RFC 6531) to take it.
    #[must_use]
    pub fn needs_smtputf8(&self) -> bool {
        !self.whole.is_ascii()
    }
}

/// The most octets before the `@`, and of the whole (RFC 5321 section 4.5.3.1).
const LONGEST_LOCAL: usize = 64;
const LONGEST: usize = 254;
const TOO_LONG: &str = "the part before the `@` is longer than 64 octets";

fn composed(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        text.into()
    } else {
        ComposingNormalizerBorrowed::new_nfc().normalize(text)
    }
}

fn small(text: &str) -> String {
    if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        composed(&text.to_lowercase()).into_owned()
    }
}

fn check_local(local: &str) -> Result<(), &'static str> {
    if local.is_empty() {
        return Err("nothing is before the `@`");
    }
    if local.len() > LONGEST_LOCAL {
        return Err(TOO_LONG);
    }
    if let Some(c) = local.chars().find(|&c| !is_atext(c) && c != '.') {
        return Err(if c.is_whitespace() {
            "a space is before the `@`"
        } else if c == '"' {
            "a quoted name before the `@` is not supported"
        } else {
            "a character before the `@` is not allowed"
        });
    }
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return Err("a dot is at the edge of the name or twice in a row");
    }
    Ok(())
}

/// The domain in A-labels, checked.
///
/// # Errors
/// Says what is wrong with it.
pub fn ascii_domain(domain: &str) -> Result<String, &'static str> {
    if domain.is_empty() {
        return Err("nothing is behind the `@`");
    }
    // The common case needs no IDNA tables: plain lower-case letters, digits, dots, hyphens.
    let plain = domain
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-')
        && !domain.to_ascii_lowercase().contains("xn--");
    let ascii = if plain {
        domain.to_ascii_lowercase()
    } else {
        idna::domain_to_ascii_strict(domain).map_err(|_| "the domain is not a valid name")?
    };
    let label_ok = |label: &str| {
        !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-')
    };
    if ascii.len() > 253 || !ascii.split('.').all(label_ok) {
        return Err("the domain is not a valid name");
    }
    if !ascii.contains('.') && ascii != "localhost" {
        return Err("the domain has no dot");
    }
    Ok(ascii)
}

/// `atext` of RFC 5321, and any letter beyond ASCII (RFC 6531).
fn is_atext(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || "!#$%&'*+-/=?^_`{|}~".contains(c)
        || (!c.is_ascii() && c.is_alphanumeric())
}

/// What is no address, but is where one should be, as it may be shown and logged.
#[must_use]
pub fn masked(text: &str) -> Line {
    Line::clean_to(&mask(text), 80)
}

/// `a***@e***.org`: enough to recognise one's own, too little to write to.
fn mask(text: &str) -> String {
    let first = |part: &str| {
        part.chars()
            .next()
            .map_or(String::new(), |c| format!("{c}***"))
    };
    match text.rsplit_once('@') {
        Some((local, domain)) => match domain.rsplit_once('.') {
            Some((name, end)) => format!("{}@{}.{end}", first(local), first(name)),
            None => format!("{}@{}", first(local), first(domain)),
        },
        None => first(text),
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&mask(&self.whole))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask(&self.whole))
    }
}

/// A name and an address, as in `The Harbour Times <digest@harbourtimes.example>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    /// The display name.
    pub name: Option<Line>,
    /// The address.
    pub address: Address,
}

impl Mailbox {
    /// Parses `Name <name@domain>`, `"Name" <name@domain>` or `name@domain`.
    ///
    /// # Errors
    /// As [`Address::parse`].
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        if let Some(inner) = text.strip_suffix('>')
            && let Some((name, address)) = inner.rsplit_once('<')
        {
            let name = name.trim();
            let name = name
                .strip_prefix('"')
                .and_then(|name| name.strip_suffix('"'))
                .unwrap_or(name);
            return Ok(Self {
                name: Line::non_empty(name),
                address: Address::parse(address)?,
            });
        }
        Ok(Self {
            name: None,
            address: Address::parse(text)?,
        })
    }
}

#[cfg(test)]
mod tests;
