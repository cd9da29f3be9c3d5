//! Entities of XML and HTML, decoded once.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::source::plain;

/// The most different entities of one document; HTML has about as many.
const NAMES: usize = 2_300;

/// Decodes entities; HTML's names are looked up once each.
#[derive(Default)]
pub(in crate::source) struct Entities(HashMap<String, Option<String>>);

impl Entities {
    /// The text without entities. What is none stays as written.
    pub(in crate::source) fn decode<'t>(&mut self, text: &'t str) -> Cow<'t, str> {
        if !text.contains('&') {
            return Cow::Borrowed(text);
        }
        let mut decoded = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('&') {
            decoded.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            let reference = rest
                .bytes()
                .take(40)
                .position(|b| b == b';')
                .map(|end| &rest[..end])
                .filter(|reference| plain::is_reference(reference));
            match reference
                .and_then(|reference| Some((reference.len(), self.character(reference)?)))
            {
                Some((length, character)) => {
                    decoded.push_str(&character);
                    rest = &rest[length + 1..];
                }
                None => decoded.push('&'),
            }
        }
        decoded.push_str(rest);
        Cow::Owned(decoded)
    }

    fn character(&mut self, reference: &str) -> Option<Cow<'static, str>> {
        let known = match reference {
            "amp" => "&",
            "lt" => "<",
            "gt" => ">",
            "quot" => "\"",
            "apos" => "'",
            "nbsp" => "\u{a0}",
            _ => "",
        };
        if !known.is_empty() {
            return Some(Cow::Borrowed(known));
        }
        if let Some(number) = reference.strip_prefix('#') {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            // As HTML has it, 128 to 159 are Windows-1252.
            if let Ok(code @ (32..=126 | 160..)) = code {
                return Some(Cow::Owned(
                    char::from_u32(code).map(String::from).unwrap_or_default(),
                ));
            }
        }
        if self.0.len() >= NAMES && !self.0.contains_key(reference) {
            return None;
        }
        self.0
            .entry(reference.to_owned())
            .or_insert_with(|| plain::entity(reference))
            .clone()
            .map(Cow::Owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities() {
        let decode = |text: &str| Entities::default().decode(text).into_owned();
        assert_eq!(
            decode("R&D &amp; caf&eacute; &#8217;&#x27;&#146;"),
            "R&D & café ’'’"
        );
        assert_eq!(decode("&company; &; & &amp"), "&company; &; & &amp");
        assert_eq!(
            decode("&#xD800;&#99999999999;&#7;x").trim_start_matches(|c: char| c != 'x'),
            "x"
        );
    }
}
