//! What a service says, without the secrets that it was told.

use secrecy::{ExposeSecret, SecretString};
use url::form_urlencoded;

/// So many letters and digits of a secret in a row are too many.
const TELLING: usize = 8;
/// Of a longer secret this is looked at.
const LOOKED_AT: usize = 500;
/// What HTML writes for marks that a secret may hold.
const ENTITIES: [&str; 7] = [
    "&amp;", "&quot;", "&#34;", "&#39;", "&#x27;", "&lt;", "&gt;",
];

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
    let plain = ENTITIES
        .iter()
        .fold(words.to_owned(), |plain, entity| plain.replace(entity, ""));
    let once = decoded(&plain);
    let twice = decoded(&once);
    [plain, once, twice].iter().any(|spelling| {
        let spelling = letters(spelling);
        let mut parts = secret.windows(length).map(String::from_iter);
        parts.any(|part| spelling.contains(&part))
    })
}

/// An address without its percent signs; `&` and `=` go too.
fn decoded(text: &str) -> String {
    let pairs = form_urlencoded::parse(text.as_bytes());
    pairs.flat_map(|(name, value)| [name, value]).collect()
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
