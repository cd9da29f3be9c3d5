//! What tells the views that our own letters brought from all others.

/// The pairs that `[links] add` puts on every link of every letter: an address whose query holds them all was reached from a letter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LetterLinks(Vec<(String, String)>);

impl LetterLinks {
    /// Those of `[links] add`; pairs with a `{placeholder}` differ from letter to letter and tell nothing.
    #[must_use]
    pub fn of(add: Option<&str>) -> Self {
        let add = add.unwrap_or_default().trim_start_matches('?');
        let pairs = url::form_urlencoded::parse(add.as_bytes()).into_owned();
        Self(
            pairs
                .filter(|(name, value)| !name.is_empty() && !value.contains('{'))
                .collect(),
        )
    }

    /// Whether a query, without its `?`, holds every one of the pairs.
    #[must_use]
    pub fn are_in(&self, query: &[u8]) -> bool {
        // The fragment is no part of it, wherever it was copied from.
        let query = query.split(|byte| *byte == b'#').next().unwrap_or_default();
        let has = |(name, value): &(String, String)| {
            url::form_urlencoded::parse(query).any(|pair| pair.0 == *name && pair.1 == *value)
        };
        !self.0.is_empty() && !query.is_empty() && self.0.iter().all(has)
    }

    /// Whether the query of an address, whole or a path, holds every one of the pairs.
    #[must_use]
    pub fn are_in_address(&self, address: &str) -> bool {
        address
            .split_once('?')
            .is_some_and(|(_, query)| self.are_in(query.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fixed_pair_must_be_there() {
        let ours = LetterLinks::of(Some(
            "utm_source=news+letter&utm_medium=email&utm_content={slot}",
        ));
        for (address, expected) in [
            (
                "/a?utm_medium=email&utm_source=news%20letter&utm_content=top-1",
                true,
            ),
            (
                "https://h.example/a?id=1&utm_source=news+letter&utm_medium=email#top",
                true,
            ),
            ("/a?utm_source=news+letter", false),
            ("/a?utm_source=news+letter&utm_medium=emails", false),
            ("/a?xutm_source=news+letter&utm_medium=email", false),
            ("/a#utm_source=news+letter&utm_medium=email", false),
            ("/a", false),
        ] {
            assert_eq!(ours.are_in_address(address), expected, "{address}");
        }
        for none in [None, Some(""), Some("utm_content={slot}")] {
            assert!(!LetterLinks::of(none).are_in_address("/a?utm_content=x"));
        }
    }
}
