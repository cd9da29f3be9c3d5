//! The words of `words.txt`: what the headers and values of other programs' tables mean.

use std::collections::HashMap;

use super::standing::Standing;

/// The words, by section, as [`key`] leaves them.
pub(super) struct Vocabulary {
    sections: HashMap<&'static str, Vec<String>>,
    values: HashMap<String, Standing>,
    answers: HashMap<String, bool>,
}

impl Vocabulary {
    pub(super) fn new() -> Self {
        let mut sections: HashMap<_, Vec<String>> = HashMap::new();
        let mut section = "";
        for line in include_str!("words.txt").lines() {
            let name = line
                .strip_prefix('[')
                .and_then(|line| line.strip_suffix(']'));
            if let Some(name) = name {
                section = name;
            } else if !line.starts_with('#') {
                let words = line.split_whitespace().map(key);
                sections.entry(section).or_default().extend(words);
            }
        }
        let of = |section: &str| sections.get(section).into_iter().flatten().cloned();
        let values = Standing::NAMES.iter().flat_map(|(name, standing)| {
            of(&format!("value {name}")).map(move |word| (word, *standing))
        });
        let answers = of("yes").map(|word| (word, true));
        let answers = answers.chain(of("no").map(|word| (word, false)));
        Self {
            values: values.collect(),
            answers: answers.collect(),
            sections,
        }
    }

    pub(super) fn section(&self, name: &str) -> &[String] {
        self.sections.get(name).map_or(&[], Vec::as_slice)
    }

    /// What a value says by itself.
    pub(super) fn standing(&self, text: &str) -> Option<Standing> {
        self.values.get(&key(text)).copied()
    }

    /// `Some(true)`: yes; `Some(false)`: no.
    pub(super) fn yes_or_no(&self, text: &str) -> Option<bool> {
        self.answers.get(&key(text)).copied()
    }
}

/// All [`words`] as one; of a text that has none, such as `-`, the text.
fn key(text: &str) -> String {
    let joined = words(text).concat();
    if joined.is_empty() {
        text.trim().to_owned()
    } else {
        joined
    }
}

/// Small letters and digits without accents; everything else parts words, and so does a capital after a small letter.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut small = false;
    for c in text.chars() {
        if !c.is_alphanumeric() || small && c.is_uppercase() {
            words.push(String::new());
        }
        small = c.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase().filter(|c| c.is_alphanumeric()).map(plain));
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The letter without its accent.
fn plain(c: char) -> char {
    match c {
        'à'..='å' | 'ą' | 'ă' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'è'..='ë' | 'ę' | 'ě' => 'e',
        'ì'..='ï' | 'ı' => 'i',
        'ñ' | 'ń' => 'n',
        'ò'..='ö' | 'ø' => 'o',
        'ù'..='ü' => 'u',
        'ł' => 'l',
        'ś' | 'ş' | 'š' => 's',
        'ź' | 'ż' | 'ž' => 'z',
        'ğ' => 'g',
        'ё' => 'е',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_means_one_thing() {
        let vocabulary = Vocabulary::new();
        let of = |prefix: &str| -> Vec<&String> {
            let sections = vocabulary.sections.iter();
            let sections = sections.filter(|(name, _)| name.starts_with(prefix));
            sections.flat_map(|(_, words)| words).collect()
        };
        assert_eq!(of("value ").len(), vocabulary.values.len());
        assert_eq!(of("yes").len() + of("no").len(), vocabulary.answers.len());
        for section in [
            "column ", "time ", "client ", "gone ", "fine ", "status", "value ",
        ] {
            let mut all = of(section);
            let before = all.len();
            all.sort();
            all.dedup();
            assert!(before > 0 && all.len() == before, "{section}");
        }
    }

    #[test]
    fn texts_as_words() {
        assert_eq!(
            words("Opted-Out of eMail"),
            ["opted", "out", "of", "e", "mail"]
        );
        assert_eq!(words("DÉSABONNÉ(E)"), ["desabonne", "e"]);
        assert_eq!(words("unsubscribedAt"), ["unsubscribed", "at"]);
        assert_eq!(key(" - "), "-");
    }
}
