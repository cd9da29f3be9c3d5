//! What a service says, without the secrets that it was told.

use std::collections::HashSet;

use secrecy::{ExposeSecret, SecretString};
use url::form_urlencoded;

/// So many letters and digits of a secret in a row are too many.
const TELLING: usize = 8;
/// Of a longer secret this is looked at.
const LOOKED_AT: usize = 500;
/// So often one spelling may be wrapped into another.
const LAYERS: usize = 5;

/// The words without any of the secrets. Words that hold a part of one in another spelling are not shown at all.
pub(super) fn without(secrets: &[SecretString], words: &str) -> String {
    let mut words = words.to_owned();
    for secret in secrets.iter().map(ExposeSecret::expose_secret) {
        if secret.is_empty() {
            continue;
        }
        words = words.replace(secret, "..");
        if holds_part(&words, secret) {
            return "words that hold the key are not shown".to_owned();
        }
    }
    words
}

fn holds_part(words: &str, secret: &str) -> bool {
    let secret: Vec<char> = letters(secret).chars().take(LOOKED_AT).collect();
    let length = secret.len().min(TELLING);
    if length < TELLING / 2 {
        return false;
    }
    let parts: HashSet<String> = secret.windows(length).map(String::from_iter).collect();
    let mut spelling = words.to_owned();
    for _ in 0..LAYERS {
        for plain in [letters(&spelling), letters(&without_entities(&spelling))] {
            let plain: Vec<char> = plain.chars().collect();
            let mut pieces = plain.windows(length).map(String::from_iter);
            if pieces.any(|piece| parts.contains(&piece)) {
                return true;
            }
        }
        let inner = unescaped(&decoded(&without_entities(&spelling)));
        if inner == spelling {
            return false;
        }
        spelling = inner;
    }
    false
}

/// A text without its percent signs.
fn decoded(text: &str) -> String {
    let one_name = text
        .replace('&', "%26")
        .replace('=', "%3D")
        .replace('+', "%2B");
    let pairs = form_urlencoded::parse(one_name.as_bytes());
    pairs.map(|(name, _)| name).collect()
}

/// HTML with `&` and the characters that are written as numbers; others that have names are no letters of a secret, and go.
fn without_entities(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain += before;
        let name = after.split_once(';').filter(|(name, _)| {
            (1..=12).contains(&name.len())
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'#')
        });
        let Some((name, behind)) = name else {
            plain.push('&');
            rest = after;
            continue;
        };
        let number =
            name.strip_prefix('#')
                .and_then(|number| match number.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16).ok(),
                    None => number.parse().ok(),
                });
        plain.extend(number.and_then(char::from_u32));
        if name.eq_ignore_ascii_case("amp") {
            plain.push('&');
        }
        rest = behind;
    }
    plain + rest
}

/// A text out of JSON or a program, with the characters that it writes as `\u006b` or `\x6b`.
fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        plain += before;
        let digits = match after.as_bytes().first() {
            Some(b'u') => after.get(1..5),
            Some(b'x') => after.get(1..3),
            _ => None,
        };
        let letter = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let letter = letter.and_then(char::from_u32);
        plain.extend(letter);
        rest = match (letter, digits) {
            (Some(_), Some(digits)) => &after[1 + digits.len()..],
            _ => after,
        };
    }
    plain + rest
}

fn letters(text: &str) -> String {
    let letters = text.chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_in_no_words_however_it_is_written() {
        let secrets = [SecretString::from("pk/live+secret=42&\"ä\"")];
        let shown = |words: &str| without(&secrets, words);
        for words in [
            "GET /?key=pk%2Flive%2Bsecret%3D42",
            "GET /?key=pk%252Flive%252Bsecret%253D42",
            "key pk%2flive+secret=42",
            "key pk/live secret=42",
            "key PK/LIVE+SECRET",
            "key pk/live+sec...",
            "&quot;pk/live+secret=42&amp;&quot;ä",
            "{\"key\":\"pk\\/live+secret=42&\\\"ä\\\"\"}",
            "a=1&b=pk%2Flive&c",
            "pk%25252Flive%25252Bsecret%25253D42",
            "pk&#x2f;live&#43;secret&equals;42",
            "p&#107;&sol;l&#x69;ve&plus;secret",
            "%26%23112%3Bk%2Flive%2Bsecret",
            "\\u0070k\\/l\\x69ve+secret",
            "&amp;#112;k/live+secret",
        ] {
            let shown = shown(words);
            let is_hidden = !shown.to_lowercase().contains("live") || words.len() < 20;
            assert!(is_hidden, "{words}: {shown}");
        }
        assert_eq!(
            shown("no such key: pk/live+secret=42&\"ä\", sorry"),
            "no such key: .., sorry"
        );
        for plain in ["no such key", "site live is secret", "/pk/liv", ""] {
            assert_eq!(shown(plain), plain);
        }
    }

    #[test]
    fn short_and_empty_secrets() {
        let shown = |secret: &str, words| without(&[SecretString::from(secret)], words);
        assert_eq!(shown("", "words"), "words");
        assert_eq!(shown("ab", "cab"), "c..");
        assert_eq!(shown("a%b", "a b"), "a b");
        assert_eq!(
            shown("12345", "id 1-2-3-4-5"),
            "words that hold the key are not shown"
        );
    }
}
