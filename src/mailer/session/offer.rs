//! What a relay offers in its answer to EHLO (RFC 5321 section 4.1.1.1). It never asks for it, and what it does not know it passes over.

use lettre::transport::smtp::authentication::{DEFAULT_MECHANISMS, Mechanism};

/// The extensions that change what we say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is offered or not")]
pub(super) struct Offer {
    /// TLS can begin (RFC 3207).
    pub(super) starttls: bool,
    /// The first of lettre's ways to log in that it knows (RFC 4954).
    pub(super) login: Option<Mechanism>,
    /// Commands may leave together (RFC 2920).
    pub(super) pipelining: bool,
    /// MAIL may say how many octets the letter has, and this is the most it takes; `u64::MAX` where it names no limit (RFC 1870).
    pub(super) size: Option<u64>,
    /// It can be told what to report (RFC 3461).
    pub(super) dsn: bool,
    /// Addresses may be beyond ASCII (RFC 6531).
    pub(super) smtputf8: bool,
}

impl Offer {
    /// Reads the lines of the answer, codes taken off; the first is the relay's name.
    pub(super) fn read(lines: &[String]) -> Self {
        let mut offer = Self::default();
        for line in lines.iter().skip(1) {
            // Old relays write `AUTH=LOGIN`.
            let mut words = line
                .split(|c: char| c.is_ascii_whitespace() || c == '=')
                .filter(|word| !word.is_empty());
            let Some(keyword) = words.next() else {
                continue;
            };
            match keyword.to_ascii_uppercase().as_str() {
                "PIPELINING" => offer.pipelining = true,
                "STARTTLS" => offer.starttls = true,
                "AUTH" => {
                    let offered: Vec<&str> = words.collect();
                    let known = |mechanism: &&Mechanism| {
                        let name = mechanism.to_string();
                        offered.iter().any(|word| word.eq_ignore_ascii_case(&name))
                    };
                    offer.login = offer
                        .login
                        .or(DEFAULT_MECHANISMS.iter().find(known).copied());
                }
                "DSN" => offer.dsn = true,
                "SMTPUTF8" => offer.smtputf8 = true,
                "SIZE" => {
                    let limit = words.next().and_then(|limit| limit.parse().ok());
                    offer.size = Some(limit.filter(|&limit| limit > 0).unwrap_or(u64::MAX));
                }
                _ => {}
            }
        }
        offer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(lines: &[&str]) -> Offer {
        Offer::read(
            &lines
                .iter()
                .map(|&line| line.to_owned())
                .collect::<Vec<_>>(),
        )
    }

    #[test]
    fn what_is_offered() {
        let offer = read(&["post", "pipelining ", "SIZE 1000", "DSN", "X-SMTPUTF8 on"]);
        let expected = Offer {
            pipelining: true,
            size: Some(1_000),
            dsn: true,
            ..Offer::default()
        };
        assert_eq!(offer, expected);
        assert_eq!(read(&["PIPELINING"]), Offer::default(), "a name");
        for unlimited in ["SIZE", "SIZE 0", "SIZE much", "SIZE -1"] {
            assert_eq!(read(&["post", unlimited]).size, Some(u64::MAX));
        }
        for (line, login) in [
            ("AUTH LOGIN PLAIN", Some(Mechanism::Plain)),
            ("auth login", Some(Mechanism::Login)),
            ("AUTH=LOGIN", Some(Mechanism::Login)),
            ("AUTH CRAM-MD5", None),
            ("AUTH", None),
        ] {
            assert_eq!(read(&["post", "STARTTLS", line]).login, login, "{line}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(lines in proptest::collection::vec(".*", 0..5)) {
            Offer::read(&lines);
        }
    }
}
