//! Header fields that a relay wants of every letter, such as `X-SES-CONFIGURATION-SET` (`[relay] headers`).

use serde::{Deserialize, Serialize};

use crate::model::line::Line;

/// One such field: a name that no field of ours bears, and plain text that needs no encoding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtraHeader {
    name: String,
    value: String,
}

/// Fields that a letter has already, or that only mail systems write; small letters.
const OURS: [&str; 19] = [
    "from",
    "sender",
    "reply-to",
    "to",
    "cc",
    "bcc",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "mime-version",
    "precedence",
    "auto-submitted",
    "feedback-id",
    "return-path",
    "received",
    "dkim-signature",
    "authentication-results",
];
/// Families of such fields.
const FAMILIES: [&str; 4] = ["content-", "list-", "resent-", "arc-"];

impl ExtraHeader {
    /// Checks a name and a value.
    ///
    /// # Errors
    /// Says what is wrong with them.
    pub fn parse(name: &str, value: &str) -> Result<Self, String> {
        let shown = Line::clean_to(name, 60);
        let lower = name.to_ascii_lowercase();
        let is_name = !name.is_empty()
            && name.len() <= 60
            && name.bytes().all(|b| b.is_ascii_graphic() && b != b':');
        if !is_name {
            return Err(format!("`{shown}` is not the name of a header field"));
        }
        if OURS.contains(&&*lower) || FAMILIES.iter().any(|family| lower.starts_with(family)) {
            return Err(format!(
                "`{shown}` is a field that newsdigest or a mail system writes"
            ));
        }
        let is_plain = !value.is_empty()
            && value.len() <= 500
            && value.trim() == value
            && !value.contains("  ")
            && !value.contains("=?")
            && value.bytes().all(|b| matches!(b, b' '..=b'~'))
            && value.split(' ').all(|word| word.len() < 76 - 2);
        if !is_plain {
            return Err(format!(
                "the value of `{shown}` must be one line of plain ASCII, 500 characters at most, words of fewer than 74"
            ));
        }
        Ok(Self {
            name: name.to_owned(),
            value: value.to_owned(),
        })
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_relay_may_want_and_what_it_may_not() {
        for (name, value) in [
            ("X-SES-CONFIGURATION-SET", "digest"),
            ("X-PM-Message-Stream", "broadcast"),
            ("X-Mailin-Tag", "harbour, morning"),
            ("X-MC-Tags", "a b c"),
        ] {
            let header = ExtraHeader::parse(name, value).unwrap();
            assert_eq!((header.name(), header.value()), (name, value));
        }
        for (name, value) in [
            ("", "x"),
            ("X Y", "x"),
            ("X:Y", "x"),
            ("X-Y\r\nBcc", "x"),
            ("X-\u{e9}", "x"),
            ("bcc", "eve@example.org"),
            ("BCC", "eve@example.org"),
            ("Message-Id", "<x@y>"),
            ("List-Unsubscribe-Post", "x"),
            ("Content-Type", "text/html"),
            ("ARC-Seal", "x"),
            ("Resent-To", "eve@example.org"),
            ("X-Y", ""),
            ("X-Y", "a\r\nBcc: eve@example.org"),
            ("X-Y", "a\nb"),
            ("X-Y", "\u{e9}"),
            ("X-Y", "=?utf-8?q?x?="),
            ("X-Y", " a"),
        ] {
            assert!(ExtraHeader::parse(name, value).is_err(), "{name}: {value}");
        }
        assert!(ExtraHeader::parse("X-Y", &"x".repeat(74)).is_err());
        assert!(ExtraHeader::parse("X-Y", &"x ".repeat(300)).is_err());
    }
}
