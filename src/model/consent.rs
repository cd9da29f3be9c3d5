//! What a reader agrees to when they subscribe.

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};

use crate::model::line::Line;

/// The sentence on a form, and the version by which the form names it when it is sent: a form on the paper's own site may be older than the config.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    pub text: Line,
    /// Eight hexadecimal digits that follow from the sentence.
    pub version: String,
}

impl Consent {
    #[must_use]
    pub fn new(text: Line) -> Self {
        let hash = digest(&SHA256, text.as_str().as_bytes());
        let mut version = String::new();
        for octet in &hash.as_ref()[..4] {
            _ = write!(version, "{octet:02x}");
        }
        Self { text, version }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_sentence_is_another_version() {
        let version = |text: &str| Consent::new(Line::clean(text)).version;
        assert_eq!(version("I would like it."), "a17d314d");
        assert_ne!(version("I would like it."), version("I would like it!"));
    }
}
