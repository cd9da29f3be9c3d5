//! Names with macros in them (RFC 7208 section 7).

use std::net::IpAddr;

use super::Sender;

/// A name, perhaps with macros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Plain(String),
    Macro {
        letter: u8,
        /// So many of the last parts; 0: all.
        parts: usize,
        is_reversed: bool,
        delimiters: Vec<char>,
        /// A capital letter: what is special in a URL is written with `%`.
        is_escaped: bool,
    },
}

const WRONG: &str = "has a macro that SPF does not know";

impl Pattern {
    /// Reads a `domain-spec`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if !('!'..='~').contains(&first) {
                return Err("has a sign that no name can have");
            }
            if first != '%' {
                plain.push(first);
                rest = &rest[1..];
                continue;
            }
            match rest.as_bytes().get(1) {
                Some(b'%') => plain.push('%'),
                Some(b'_') => plain.push(' '),
                Some(b'-') => plain += "%20",
                Some(b'{') => {
                    let end = rest.find('}').ok_or(WRONG)?;
                    if !plain.is_empty() {
                        pieces.push(Piece::Plain(std::mem::take(&mut plain)));
                    }
                    pieces.push(parse_macro(&rest[2..end])?);
                    rest = &rest[end + 1..];
                    continue;
                }
                _ => return Err(WRONG),
            }
            rest = &rest[2..];
        }
        if plain.is_empty() {
            if pieces.is_empty() {
                return Err("names no domain");
            }
        } else {
            // The name must end with a label of a domain, which is no number (section 7.1).
            let name = plain.strip_suffix('.').unwrap_or(&plain);
            let label = name.rsplit_once('.').map(|(_, label)| label);
            let is_label = |label: &str| {
                !label.is_empty()
                    && label
                        .bytes()
                        .all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
                    && !label.bytes().all(|octet| octet.is_ascii_digit())
                    && !label.starts_with('-')
                    && !label.ends_with('-')
            };
            if !label.is_some_and(is_label) {
                return Err("does not end like the name of a domain");
            }
            pieces.push(Piece::Plain(plain));
        }
        Ok(Self(pieces))
    }

    /// Whether the name is the same for every sender.
    pub(super) fn is_plain(&self) -> bool {
        self.0.iter().all(|piece| matches!(piece, Piece::Plain(_)))
    }

    /// The name that is meant, for this sender and the domain whose record it is in.
    pub(super) fn name(&self, sender: &Sender, domain: &str) -> String {
        let mut name = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Plain(text) => name += text,
                Piece::Macro {
                    letter,
                    parts,
                    is_reversed,
                    delimiters,
                    is_escaped,
                } => {
                    let value = value(*letter, sender, domain);
                    let mut split: Vec<&str> = value.split(&delimiters[..]).collect();
                    if *is_reversed {
                        split.reverse();
                    }
                    let from = if *parts == 0 {
                        0
                    } else {
                        split.len().saturating_sub(*parts)
                    };
                    let value = split[from..].join(".");
                    if *is_escaped {
                        name.extend(url::form_urlencoded::byte_serialize(value.as_bytes()));
                    } else {
                        name += &value;
                    }
                }
            }
        }
        // A name that is too long loses labels on its left (section 7.3).
        let mut short = name.as_str();
        while short.len() > 253 {
            short = short.split_once('.').map_or("", |(_, rest)| rest);
        }
        short.to_owned()
    }
}

/// What is between the braces.
fn parse_macro(text: &str) -> Result<Piece, &'static str> {
    let letter = *text.as_bytes().first().ok_or(WRONG)?;
    // `c`, `r` and `t` are for explanations only.
    if !b"slodiphv".contains(&letter.to_ascii_lowercase()) {
        return Err(WRONG);
    }
    let rest = &text[1..];
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let parts = match &rest[..digits] {
        "" => 0,
        number => match number.parse() {
            Ok(0) => return Err(WRONG),
            Ok(number) => number,
            // More parts than any name has.
            Err(_) => usize::MAX,
        },
    };
    let rest = &rest[digits..];
    let reversed = rest.strip_prefix(['r', 'R']);
    let delimiters = reversed.unwrap_or(rest);
    if !delimiters.chars().all(|sign| ".-+,/_=".contains(sign)) {
        return Err(WRONG);
    }
    Ok(Piece::Macro {
        letter: letter.to_ascii_lowercase(),
        parts,
        is_reversed: reversed.is_some(),
        delimiters: if delimiters.is_empty() {
            vec!['.']
        } else {
            delimiters.chars().collect()
        },
        is_escaped: letter.is_ascii_uppercase(),
    })
}

fn value(letter: u8, sender: &Sender, domain: &str) -> String {
    match letter {
        b's' => format!("{}@{}", sender.local, sender.domain),
        b'l' => sender.local.clone(),
        b'o' => sender.domain.clone(),
        b'd' => domain.to_owned(),
        b'i' => match sender.address {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let nibbles = address
                    .octets()
                    .into_iter()
                    .flat_map(|octet| [octet >> 4, octet & 15]);
                let nibbles: Vec<String> = nibbles.map(|nibble| format!("{nibble:x}")).collect();
                nibbles.join(".")
            }
        },
        b'v' if sender.address.is_ipv4() => "in-addr".to_owned(),
        b'v' => "ip6".to_owned(),
        b'h' => sender.hello.clone(),
        // `p`, the name of the address, should not be used (section 7.2); a receiver may say this.
        _ => "unknown".to_owned(),
    }
}
