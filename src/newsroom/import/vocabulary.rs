//! The words of `words.txt`: what the headers and values of other programs' tables mean.

use std::collections::HashMap;

use aho_corasick::AhoCorasick;
use icu_normalizer::DecomposingNormalizerBorrowed;

use super::standing::Standing;

/// The words, by section, as [`key`] leaves them.
pub(super) struct Vocabulary {
    sections: HashMap<&'static str, Vec<String>>,
    values: HashMap<String, Standing>,
    answers: HashMap<String, bool>,
    leaving: Option<AhoCorasick>,
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
            leaving: AhoCorasick::new(of("unmistakable")).ok(),
            sections,
        }
    }

    pub(super) fn section(&self, name: &str) -> &[String] {
        self.sections.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether a header, its words in one, has a part that gives a standing or says that somebody is not to be mailed.
    pub(super) fn speaks_of_standing(&self, joined: &str) -> bool {
        let mut sections = self.sections.iter();
        sections.any(|(name, parts)| {
            (*name == "status" || name.starts_with("gone ") && *name != "gone word")
                && parts.iter().any(|part| joined.contains(&**part))
        })
    }

    /// What a value says by itself.
    pub(super) fn standing(&self, text: &str) -> Option<Standing> {
        self.values.get(&key(text)).copied()
    }

    /// Whether a text of any kind says that somebody left.
    pub(super) fn is_about_leaving(&self, text: &str) -> bool {
        let words = words(text);
        let any = |section: &str| {
            words
                .iter()
                .any(|word| self.section(section).contains(word))
        };
        let is_about_letters =
            any("letters") || words.iter().any(|word| word.starts_with("newsletter"));
        self.is_unmistakable(&words) || is_about_letters && (any("not") || any("stop"))
    }

    /// Whether one of the words that are about leaving is in it: within a word, or from the beginning of one. `Jun Subramanian` holds no `unsub`.
    fn is_unmistakable(&self, words: &[String]) -> bool {
        let joined = words.concat();
        let mut ends: Vec<usize> = Vec::with_capacity(words.len());
        for word in words {
            ends.push(ends.last().unwrap_or(&0) + word.len());
        }
        let leaving = self.leaving.iter();
        let mut found = leaving.flat_map(|leaving| leaving.find_overlapping_iter(&joined));
        found.any(|found| {
            let before = ends.partition_point(|end| *end <= found.start());
            let begins = before.checked_sub(1).map_or(0, |before| ends[before]);
            found.start() == begins || found.end() <= ends[before]
        })
    }

    /// Whether a name, or what stands where an address belongs, says that somebody left: `Ada (unsubscribed)`, `--- opted out ---`.
    pub(super) fn is_note_of_leaving(&self, text: &str) -> bool {
        let gone = |text: &str| {
            self.standing(text)
                .is_some_and(|standing| standing > Standing::Unconfirmed)
        };
        let brackets = [
            '(', ')', '[', ']', '{', '}', '<', '>', '（', '）', '【', '】',
        ];
        let behind = text.rsplit_once([':', '-', '–', '—', '|', '/', '*']);
        // `Held` is a name.
        gone(text) && key(text).len() > 5
            || text.split(brackets).skip(1).any(gone)
            || behind.is_some_and(|(before, note)| before.ends_with(' ') && gone(note))
            || self.is_unmistakable(&words(text))
    }

    /// The same as [`Self::yes_or_no`], of a text that may say more than that: `No, thanks`.
    pub(super) fn leans(&self, text: &str) -> Option<bool> {
        let first = || self.yes_or_no(text.split([' ', ',', '.']).next()?);
        self.yes_or_no(text).or_else(first)
    }

    /// `Some(true)`: yes; `Some(false)`: no.
    pub(super) fn yes_or_no(&self, text: &str) -> Option<bool> {
        self.answers.get(&key(text)).copied()
    }
}

/// All [`words`] as one; of a text that has none, such as `-`, or of a number below zero, the text.
fn key(text: &str) -> String {
    let joined = words(text).concat();
    let is_below_zero =
        text.trim().starts_with(['-', '−']) && joined.starts_with(|c: char| c.is_ascii_digit());
    if joined.is_empty() || is_below_zero {
        // What makes a picture of a mark is no part of it.
        text.trim().trim_end_matches('\u{fe0f}').to_owned()
    } else {
        joined
    }
}

/// Small letters and digits without accents, as wide as Latin letters are; everything else parts words, and so does a capital after a small letter.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut small = false;
    for c in DecomposingNormalizerBorrowed::new_nfkd()
        .normalize(text)
        .chars()
    {
        // The accents and vowel points that the letters before them are now parted from, and what only shapes letters.
        if matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{3099}' | '\u{309a}')
        {
            continue;
        }
        if !c.is_alphanumeric() || small && c.is_uppercase() {
            words.push(String::new());
        }
        small = c.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            let plain = match c {
                'ł' | 'Ł' => 'l',
                'đ' | 'Đ' => 'd',
                'ø' | 'Ø' => 'o',
                'ı' => 'i',
                // Keyboards of Arabic and of Persian write the same words.
                'ى' | 'ی' => 'ي',
                'ک' => 'ك',
                'ة' => 'ه',
                other => other,
            };
            word.extend(plain.to_lowercase().filter(|c| c.is_alphanumeric()));
        }
    }
    words.retain(|word| !word.is_empty());
    words
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
        let answers = ["yes", "no"].map(|name| vocabulary.section(name).len());
        assert_eq!(answers[0] + answers[1], vocabulary.answers.len());
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
        assert_eq!(words("de\u{301}sabonne\u{301}"), ["desabonne"]);
        assert_eq!(words("İPTAL Wyłączony"), ["iptal", "wylaczony"]);
        assert_eq!(key("ｕｎｓｕｂ ﾊﾞｳﾝｽ"), key("unsub バウンス"));
        assert_eq!(words("unsubscribedAt"), ["unsubscribed", "at"]);
        assert_eq!(key(" - "), "-");
    }
}
