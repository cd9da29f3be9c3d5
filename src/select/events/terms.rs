//! From texts to stories that can be compared: which words each has, and what each word counts in this harvest.

use std::collections::{BTreeSet, HashMap};

use super::Text;
use super::words::{self, Kind, Word};

/// What a word of the headline counts, in words of the dek.
const HEADLINE: f64 = 2.0;
/// Up to so many words before a colon are a label. They name the series or the subject (`Weather: Monday`), not the event, and count as
/// the dek does.
const LABEL_WORDS: usize = 4;
/// What a name counts, in other words.
const NAME: f64 = 2.0;
/// What a number counts.
const NUMBER: f64 = 1.5;
/// So many words are read of a headline, and of a dek: what matters comes first, and a source cannot make more work.
const READ: usize = 120;
/// So many numbers are looked at of a headline.
const NUMBERS: usize = 8;
/// A dek under so many different headlines says nothing of any of them.
const BOILERPLATE: usize = 3;
/// The harvest is taken for so many stories more than it has, in which a word is the more frequent the shorter it is (Zipf): with three
/// stories in all, that is what tells `the` from `ferry`, and with a hundred it keeps a `why` from being rare.
const IMAGINED: f64 = 20.0;

/// A story as a direction in the space of words. A word is a number, the rarer the lower.
#[derive(Debug, Default)]
pub(super) struct Story<'a> {
    /// Each word once, the rarest first. The squares of the weights add up to 1, or to 0 when there is no word.
    pub(super) terms: Vec<Term<'a>>,
    /// The words of the headline, in its order.
    pub(super) headline: Vec<usize>,
    /// The numbers among them, at most [`NUMBERS`].
    pub(super) numbers: Vec<usize>,
    /// In days.
    pub(super) published: Option<f64>,
}

/// A word of a story.
#[derive(Clone, Copy, Debug)]
pub(super) struct Term<'a> {
    pub(super) word: usize,
    pub(super) weight: f64,
    /// As in [`Worth`].
    pub(super) rarity: f64,
    /// Whether it is in the label of the headline.
    pub(super) in_label: bool,
    /// The word before it, where it was first.
    pub(super) before: Option<usize>,
    /// The lower rarity of the two, 0 without a word before.
    pub(super) with_before: f64,
    /// As it was there first.
    pub(super) written: &'a str,
}

/// What a word is worth in this harvest.
#[derive(Clone, Copy, Debug)]
pub(super) struct Worth {
    /// 0 for a word of every story, 1 for a word of two, a little more for a word of one: the bits it tells, over those that tell two
    /// stories from all others.
    pub(super) rarity: f64,
    /// The same, more for names and numbers.
    pub(super) weight: f64,
}

/// Every text as a story, and what each word is worth in any.
pub(super) fn stories<'a>(texts: &[Text<'a>]) -> (Vec<Story<'a>>, Vec<Worth>) {
    let mut headlines: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    for text in texts {
        let dek = text.dek.unwrap_or_default();
        headlines.entry(dek).or_default().insert(text.headline);
    }
    let mut vocabulary = Vocabulary::default();
    let read = |text: &Text<'a>| {
        let dek = text.dek.filter(|dek| headlines[dek].len() < BOILERPLATE);
        vocabulary.read(text, dek.unwrap_or_default())
    };
    let mut stories: Vec<Story<'a>> = texts.iter().map(read).collect();
    let (renumbered, worth) = vocabulary.by_rarity(texts.len() as f64);
    for story in &mut stories {
        for word in story.headline.iter_mut().chain(&mut story.numbers) {
            *word = renumbered[*word];
        }
        for term in &mut story.terms {
            term.word = renumbered[term.word];
            term.before = term.before.map(|before| renumbered[before]);
            term.rarity = worth[term.word].rarity;
            let before = term.before.map_or(0.0, |before| worth[before].rarity);
            term.with_before = term.rarity.min(before);
            // A word said again says little more.
            term.weight = (1.0 + term.weight.ln()) * worth[term.word].weight;
        }
        story.terms.sort_unstable_by_key(|term| term.word);
        let squares: f64 = story.terms.iter().map(|term| term.weight.powi(2)).sum();
        for term in &mut story.terms {
            term.weight /= squares.sqrt().max(f64::MIN_POSITIVE);
        }
    }
    (stories, worth)
}

/// The words of the harvest, numbered as they were met.
#[derive(Default)]
struct Vocabulary {
    numbers: HashMap<String, usize>,
    known: Vec<WordFacts>,
}

/// What the harvest tells of a word.
struct WordFacts {
    /// How many stories have it.
    stories: f64,
    /// In how many of the imagined stories it is.
    imagined: f64,
    is_number: bool,
    /// How often it was where a capital would say something, and how often it had one.
    cased: f64,
    capitals: f64,
}

impl Vocabulary {
    /// The story of a text; its weights are yet how often each word is said.
    fn read<'a>(&mut self, text: &Text<'a>, dek: &'a str) -> Story<'a> {
        let day = |published: chrono::DateTime<_>| published.timestamp() as f64 / 86_400.0;
        let mut story = Story {
            published: text.published.map(day),
            ..Story::default()
        };
        let headline = words::words(text.headline);
        let label = label(text.headline, &headline);
        let in_label = |word: &Word<'a>| word.at < label;
        story.terms = self.terms(&headline, HEADLINE, in_label);
        story.headline = story.terms.iter().map(|term| term.word).collect();
        let words = story.headline.iter().copied();
        let numbers = words.filter(|&word| self.known[word].is_number);
        story.numbers = numbers.take(NUMBERS).collect();
        story
            .terms
            .extend(self.terms(&words::words(dek), 1.0, |_| false));
        // Stable: the first writing of a word is the one that is kept.
        story.terms.sort_by_key(|term| term.word);
        story.terms.dedup_by(|again, first| {
            let same = again.word == first.word;
            first.weight += if same { again.weight } else { 0.0 };
            same
        });
        for term in &story.terms {
            self.known[term.word].stories += 1.0;
        }
        story
    }

    /// The terms of some words, in their order, learning from them. Capitals tell a name only inside a sentence, and not where most
    /// words have one, as in the headlines of some papers.
    fn terms<'a>(
        &mut self,
        words: &[Word<'a>],
        weight: f64,
        in_label: impl Fn(&Word<'a>) -> bool,
    ) -> Vec<Term<'a>> {
        let words = &words[..words.len().min(READ)];
        let capitals = words.iter().filter(|word| word.is_capital()).count();
        let tells_names = 2 * capitals <= words.len();
        let mut before = None;
        let term = |word: &Word<'a>| {
            let next = self.known.len();
            let number = *self.numbers.entry(word.key()).or_insert(next);
            if number == next {
                self.known.push(WordFacts::of(word));
            }
            let known = &mut self.known[number];
            if tells_names && !word.opens {
                known.cased += 1.0;
                known.capitals += f64::from(u8::from(word.is_capital()));
            }
            let in_label = in_label(word);
            Term {
                word: number,
                weight: if in_label { 1.0 } else { weight },
                rarity: 0.0,
                in_label,
                before: before.replace(number),
                with_before: 0.0,
                written: word.written,
            }
        };
        words.iter().map(term).collect()
    }

    /// The words numbered anew, the rarest first, so that what matters of what two stories share comes early in both: by old number the
    /// new one, and by new number what the word is worth.
    fn by_rarity(&self, stories: f64) -> (Vec<usize>, Vec<Worth>) {
        let mut order: Vec<(f64, &str, usize)> = self
            .numbers
            .iter()
            .map(|(key, &number)| (self.known[number].stories, key.as_str(), number))
            .collect();
        order.sort_unstable_by(|(a, key, _), (b, other, _)| {
            a.total_cmp(b).then_with(|| key.cmp(other))
        });
        let mut renumbered = vec![0; order.len()];
        let mut worth = Vec::with_capacity(order.len());
        for (new, (_, _, old)) in order.into_iter().enumerate() {
            renumbered[old] = new;
            worth.push(self.known[old].worth(stories));
        }
        (renumbered, worth)
    }
}

impl WordFacts {
    fn of(word: &Word<'_>) -> Self {
        let length = match word.kind {
            // As rare as a word of middling length.
            Kind::Gram(_) => 5,
            Kind::Letters | Kind::Number => word.written.chars().count(),
        };
        Self {
            stories: 0.0,
            imagined: IMAGINED * (1.0 - length as f64).exp2(),
            is_number: word.kind == Kind::Number,
            cased: 0.0,
            capitals: 0.0,
        }
    }

    /// By how many of so many stories have it.
    fn worth(&self, stories: f64) -> Worth {
        let all = stories + IMAGINED + 1.0;
        let rarity = (all / (self.stories + self.imagined)).ln() / (all / 2.0).ln();
        let rarity = rarity.max(0.0);
        let name = self.capitals / self.cased.max(1.0);
        let kind = if self.is_number {
            NUMBER
        } else {
            1.0 + (NAME - 1.0) * name
        };
        let weight = rarity * kind;
        Worth { rarity, weight }
    }
}

/// Where the label of a headline ends, in bytes; 0 when it has none.
fn label(headline: &str, words: &[Word<'_>]) -> usize {
    let ends = ["：", ": ", " | "]
        .iter()
        .filter_map(|end| headline.find(end));
    let end = ends.min().unwrap_or(0);
    let long = words.iter().filter(|word| word.at < end).count();
    if long <= LABEL_WORDS && long < words.len() {
        end
    } else {
        0
    }
}
