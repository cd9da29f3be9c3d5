//! What a relay offers in its answer to EHLO (RFC 5321 section 4.1.1.1). It never asks for it, and what it does not know it passes over.

/// The extensions that change what we say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Offer {
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
    pub(super) fn read<'l>(lines: impl IntoIterator<Item = &'l str>) -> Self {
        let mut offer = Self::default();
        for line in lines.into_iter().skip(1) {
            let mut words = line.split_ascii_whitespace();
            let Some(keyword) = words.next() else {
                continue;
            };
            match keyword.to_ascii_uppercase().as_str() {
                "PIPELINING" => offer.pipelining = true,
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

    #[test]
    fn what_is_offered() {
        let offer = Offer::read(["post", "pipelining ", "SIZE 1000", "DSN", "X-SMTPUTF8 on"]);
        let expected = Offer {
            pipelining: true,
            size: Some(1_000),
            dsn: true,
            smtputf8: false,
        };
        assert_eq!(offer, expected);
        assert_eq!(Offer::read(["PIPELINING"]), Offer::default(), "a name");
        for unlimited in ["SIZE", "SIZE 0", "SIZE much", "SIZE -1"] {
            assert_eq!(Offer::read(["post", unlimited]).size, Some(u64::MAX));
        }
    }

    proptest! {
        #[test]
        fn never_panics(lines in proptest::collection::vec(".*", 0..5)) {
            Offer::read(lines.iter().map(String::as_str));
        }
    }
}
