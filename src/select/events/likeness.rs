//! How alike two stories are: the cosine of their words, and what the numbers and the days between them leave of it.

use super::BOUNDS;
use super::terms::{Story, Term};

/// One word in common, however rare, may be chance: likeness is drawn towards none as if this many more words had been looked at.
const DOUBT: f64 = 1.0;
/// What likeness is left when both headlines have numbers and share none: another match, another quake.
const OTHER_NUMBERS: f64 = 0.6;
/// After so many days between them stories are half as alike, after twice as many a sixteenth: news comes back in other words, and what
/// comes back in the same words is a column.
const HALF_DAYS: f64 = 3.0;
/// Of stories that share a word, so many are compared with each other: those nearest in time.
const COMPARED: usize = 64;

impl Story<'_> {
    /// From 0, nothing in common, to 1.
    pub(super) fn alike(&self, other: &Self) -> f64 {
        let (mut cosine, mut squares) = (0.0, 0.0_f64);
        for (a, b) in common(&self.terms, &other.terms) {
            let product = a.weight * b.weight;
            cosine += product;
            squares += product.powi(2);
        }
        // As many words of equal weight would have made the same sum and the same sum of squares.
        let words = cosine * cosine / squares.max(f64::MIN_POSITIVE);
        let borne_out = words / (words + DOUBT);
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

/// The pairs of stories that are alike enough to begin a group.
///
/// Only stories that share a word are looked at, and of those only such as can be alike enough by what they have from their rarest shared
/// word on (prefix filtering; Bayardo, Ma and Srikant 2007, doi:10.1145/1242572.1242591). So the common words make no work.
pub(super) fn near(stories: &[Story<'_>], words: usize) -> Vec<(usize, usize)> {
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
                if cosine >= BOUNDS.average && story.alike(&stories[other]) >= BOUNDS.average {
                    near.push((other, index));
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
