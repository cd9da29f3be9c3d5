//! The words of a text, in any script: no list of a language's words and no rule of its grammar.

/// This many first letters stand for a word, so that `ferry` meets `ferries`, and `выборы` meets `выборах`. Prefixes stem nearly as
/// well as the stemmers of single languages (McNamee and Mayfield, "Character N-Gram Tokenization", Information Retrieval 7, 2004).
const STEM: usize = 6;

/// A word as it is in a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Word<'a> {
    /// As written.
    pub(super) written: &'a str,
    /// Where it begins, in bytes.
    pub(super) at: usize,
    /// What kind of word it is.
    pub(super) kind: Kind,
    /// Whether it begins a sentence or a quotation, where a capital says nothing.
    pub(super) opens: bool,
}

/// What a run of characters is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// Letters between spaces.
    Letters,
    /// Digits; the points and commas inside do not count.
    Number,
    /// So many characters running, out of a script that puts no spaces between its words (or, Korean, puts endings on them).
    Gram(usize),
}

impl Word<'_> {
    /// What words are compared by.
    pub(super) fn key(&self) -> String {
        let narrow = self.written.chars().map(narrow);
        match self.kind {
            Kind::Letters => narrow.flat_map(char::to_lowercase).take(STEM).collect(),
            Kind::Number => narrow.filter(|c| c.is_numeric()).collect(),
            Kind::Gram(_) => narrow.collect(),
        }
    }

    pub(super) fn is_capital(&self) -> bool {
        self.written.starts_with(char::is_uppercase)
    }
}

/// The words of `text`, in its order, without single letters.
pub(super) fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut opens = true;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let Some(kind) = kind(c) else {
            opens |= matches!(c, '.' | '!' | '?' | ':' | '"' | '“' | '„' | '«' | '‘' | '|');
            continue;
        };
        let mut end = at + c.len_utf8();
        while let Some((at, c)) = chars.next_if(|&(at, c)| goes_on(kind, c, &text[at..])) {
            end = at + c.len_utf8();
        }
        let run = Word {
            written: &text[at..end],
            at,
            kind,
            opens: std::mem::take(&mut opens),
        };
        match kind {
            Kind::Gram(length) => grams(run, length, &mut words),
            Kind::Letters if run.written.chars().nth(1).is_none() => {}
            Kind::Letters | Kind::Number => words.push(run),
        }
    }
    words
}

/// Whether `c`, at the start of `rest`, belongs to the run before it.
fn goes_on(run: Kind, c: char, rest: &str) -> bool {
    let separates = || {
        let next = rest.chars().nth(1);
        run == Kind::Number && matches!(c, '.' | ',') && next.is_some_and(char::is_numeric)
    };
    kind(c) == Some(run) || is_mark(c) || separates()
}

fn grams<'a>(run: Word<'a>, length: usize, words: &mut Vec<Word<'a>>) {
    let ends = |(at, c): (usize, char)| at + c.len_utf8();
    let starts: Vec<usize> = run.written.char_indices().map(|(at, _)| at).collect();
    let ends: Vec<usize> = run.written.char_indices().map(ends).collect();
    let length = length.min(starts.len());
    words.extend(
        starts
            .iter()
            .zip(&ends[length - 1..])
            .map(|(&start, &end)| Word {
                written: &run.written[start..end],
                at: run.at + start,
                ..run
            }),
    );
}

fn kind(c: char) -> Option<Kind> {
    match c {
        // Han, kana and Hangul: a syllable or a meaning each.
        '\u{1100}'..='\u{11ff}'
        | '\u{3005}'..='\u{3007}'
        | '\u{3041}'..='\u{30fa}'
        | '\u{30fc}'..='\u{318f}'
        | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7ff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{ff66}'..='\u{ffdc}'
        | '\u{20000}'..='\u{3ffff}' => Some(Kind::Gram(2)),
        _ if c.is_numeric() => Some(Kind::Number),
        // Thai, Lao, Burmese, Khmer: letters, several to a syllable.
        '\u{e01}'..='\u{eff}'
        | '\u{1000}'..='\u{1049}'
        | '\u{1050}'..='\u{109f}'
        | '\u{1780}'..='\u{17d3}' => Some(Kind::Gram(4)),
        _ if c.is_alphabetic() => Some(Kind::Letters),
        _ => None,
    }
}

/// Marks that `char::is_alphabetic` does not count, yet are within words: accents, points, viramas, joiners.
fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{64b}'..='\u{65f}' | '\u{900}'..='\u{963}' | '\u{971}'..='\u{dff}'
        | '\u{200c}' | '\u{200d}')
}

/// A full-width letter or digit as the usual one.
fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn keys(text: &str) -> String {
        let keys: Vec<String> = words(text).iter().map(Word::key).collect();
        keys.join(" ")
    }

    #[test]
    fn words_of_any_script() {
        let cases = [
            (
                "The Mayor’s ferry, the mayor's FERRIES",
                "the mayor ferry the mayor ferrie",
            ),
            (
                "a 1,200-tonne ship; 3.5 m. 27bn",
                "1200 tonne ship 35 27 bn",
            ),
            ("Ｆｕｌｌ ｗｉｄｔｈ １２", "full width 12"),
            ("東京都 は", "東京 京都 は"),
            ("हिन्दी में", "हिन्दी में"),
            ("ไทยแลนด์", "ไทยแ ทยแล ยแลน แลนด ลนด์"),
            ("…—?!", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(keys(text), expected, "{text}");
        }
    }

    #[test]
    fn where_a_capital_says_nothing() {
        let opens =
            |text: &str| -> Vec<bool> { words(text).iter().map(|word| word.opens).collect() };
        assert_eq!(
            opens("Mayor says: “No more.” Then what"),
            [true, false, true, false, true, false]
        );
    }

    proptest! {
        #[test]
        fn words_stand_in_the_text(text in "\\PC{0,60}") {
            for word in words(&text) {
                prop_assert_eq!(&text[word.at..word.at + word.written.len()], word.written);
                prop_assert!(!word.key().is_empty());
            }
        }
    }
}
