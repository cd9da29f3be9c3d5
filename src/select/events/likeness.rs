//! How alike two stories are: the cosine of their words, and what chance, the numbers and the days between them leave of it.
//!
//! A cosine says how much of two texts is the same, not how much that tells: one name in common is a quarter of a headline, and proves
//! nothing. So what two stories share is also weighed on a scale that does not shrink with the text: the bits it tells, over the bits that
//! tell two stories from all others. A word that only these two have counts one, however large the harvest.

use super::BOUNDS;
use super::terms::{Story, Term};

/// With so many words in common that no other story has, likeness counts half; with one alone a twelfth. By 1.8 or 2.6 instead F1 on ECB+ is
/// .87 or .86, and of a morning's headlines a third more are grouped, and more of them wrongly, or a third fewer.
const ENOUGH: f64 = 2.2;
/// What a shared word counts that is written otherwise in the two (`America`, `Americans`).
const OTHER_FORM: f64 = 0.75;
/// How much of a shared word is nothing new because both have it after the same word: `South Africa` is hardly more than `South`.
const ONE_NAME: f64 = 0.75;
/// What likeness is left when both headlines have numbers and share none: another match, another quake.
const OTHER_NUMBERS: f64 = 0.6;
/// After so many days between them stories are half as alike, after twice as many a sixteenth: news comes back in other words, and what
/// comes back in the same words is a column.
const HALF_DAYS: f64 = 3.0;
/// Of stories that share a word, so many are compared with each other: those nearest in time.
const COMPARED: usize = 32;

impl Story<'_> {
    /// From 0, nothing in common, to 1.
    pub(super) fn alike(&self, other: &Self) -> f64 {
        let (mut cosine, mut evidence) = (0.0, 0.0);
        for (a, b) in common(&self.terms, &other.terms) {
            cosine += a.weight * b.weight;
            if a.in_label && b.in_label {
                continue;
            }
            let form = if a.is_written_as(b) { 1.0 } else { OTHER_FORM };
            evidence += form * a.rarity;
            if a.before == b.before {
                evidence -= ONE_NAME * a.with_before;
            }
        }
        let evidence = (evidence / ENOUGH).powi(3);
        let borne_out = (evidence / (1.0 + evidence)).max(cosine.powi(4));
        let days = self
            .published
            .zip(other.published)
            .map_or(0.0, |(a, b)| a - b);
        let by_days = (-(days / HALF_DAYS).powi(2)).exp2();
        cosine * borne_out * by_days * self.by_numbers(other)
    }

    /// What the numbers of both headlines leave of likeness: nothing, when one is the other with the next number (`Weather: Monday 23
    /// November`, `Weather: Tuesday 24 November`).
    fn by_numbers(&self, other: &Self) -> f64 {
        if self.numbers.is_empty() || other.numbers.is_empty() {
            return 1.0;
        }
        let places = || self.headline.iter().zip(&other.headline);
        let same = places().filter(|(a, b)| a == b).count();
        let series = self.headline.len() == other.headline.len()
            && 2 * same >= self.headline.len()
            && places()
                .any(|(a, b)| a != b && self.numbers.contains(a) && other.numbers.contains(b));
        let shared = self
            .numbers
            .iter()
            .any(|number| other.numbers.contains(number));
        match (series, shared) {
            (true, _) => 0.0,
            (false, true) => 1.0,
            (false, false) => OTHER_NUMBERS,
        }
    }
}

impl Term<'_> {
    /// Without regard to case.
    fn is_written_as(&self, other: &Self) -> bool {
        self.written == other.written || self.written.to_lowercase() == other.written.to_lowercase()
    }
}

/// The words that two stories have both.
pub(super) fn common<'s, 'a>(
    mut a: &'s [Term<'a>],
    mut b: &'s [Term<'a>],
) -> impl Iterator<Item = (&'s Term<'a>, &'s Term<'a>)> {
    std::iter::from_fn(move || {
        while let ([first_a, rest_a @ ..], [first_b, rest_b @ ..]) = (a, b) {
            if first_a.word <= first_b.word {
                a = rest_a;
            }
            if first_b.word <= first_a.word {
                b = rest_b;
            }
            if first_a.word == first_b.word {
                return Some((first_a, first_b));
            }
        }
        None
    })
}

/// The pairs of stories that are alike enough to begin a group, and how alike they are.
///
/// Only stories that share a word are looked at, and of those only such as can be alike enough by what they have from their rarest shared
/// word on (prefix filtering; Bayardo, Ma and Srikant 2007, doi:10.1145/1242572.1242591). So the common words make no work.
pub(super) fn near(stories: &[Story<'_>], words: usize) -> Vec<(usize, usize, f64)> {
    let enough = BOUNDS.average.powi(2);
    // By word, the stories that have it, and the squares of what each has from this word on.
    let mut having: Vec<Vec<(usize, f64)>> = vec![Vec::new(); words];
    let mut seen = vec![usize::MAX; stories.len()];
    let mut near = Vec::new();
    // The story's weights by word, so that its cosine with another takes one walk through the other.
    let mut weights = vec![0.0; words];
    for (index, story) in stories.iter().enumerate() {
        for term in &story.terms {
            weights[term.word] = term.weight;
        }
        let mut rest = 1.0;
        for term in &story.terms {
            if rest < enough {
                break;
            }
            let having = &mut having[term.word];
            for &(other, others_rest) in having.iter().rev().take(COMPARED) {
                if seen[other] == index || rest * others_rest < enough {
                    continue;
                }
                seen[other] = index;
                let other_terms = &stories[other].terms;
                let cosine: f64 = other_terms
                    .iter()
                    .map(|term| term.weight * weights[term.word])
                    .sum();
                if cosine < BOUNDS.average {
                    continue;
                }
                let alike = story.alike(&stories[other]);
                if alike >= BOUNDS.average {
                    near.push((other, index, alike));
                }
            }
            having.push((index, rest));
            rest -= term.weight.powi(2);
        }
        for term in &story.terms {
            weights[term.word] = 0.0;
        }
    }
    near
}
