//! Stories about the same event: one event, one slot.
//!
//! Two stories are alike by the words of headline and dek, each word counting the more the fewer stories have it (TF-IDF, cosine; Salton
//! and Buckley 1988, doi:10.1016/0306-4573(88)90021-0); names and numbers count more, and time draws stories apart. What a rare word is,
//! and what a name, is learned from the harvest itself, so that it serves any language.
//!
//! A story wrongly taken for another's is lost to the reader; one not recognized is only a repeat. So the less text, the fewer groups, and
//! one name in common never makes one. Figures: `docs/choosing.md`.

mod groups;
mod likeness;
mod terms;
mod words;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use groups::Bounds;
use terms::{Story, Term, Worth};

/// When stories join. With averages from .18 to .26 F1 on ECB+ is between .86 and .89; the higher, the more precise.
const BOUNDS: Bounds = Bounds {
    average: 0.22,
    each: 0.08,
};

/// What is compared of a story.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text<'a> {
    /// The story's headline.
    pub headline: &'a str,
    /// Its dek.
    pub dek: Option<&'a str>,
    /// When it was published; a missing date neither draws together nor apart.
    pub published: Option<DateTime<Utc>>,
}

/// The events of a harvest: every story is in one, most of them alone. Stories go by their index in what [`Events::of`] was given; their
/// order does not matter.
#[derive(Debug)]
pub(super) struct Events<'a> {
    /// In an order of their own.
    stories: Vec<Story<'a>>,
    /// By story, where it is there.
    place: Vec<usize>,
    /// By word, what it counts.
    worth: Vec<Worth>,
    /// The stories of each event, sorted.
    groups: Vec<Vec<usize>>,
    /// By story, which of them is its own.
    group: Vec<usize>,
}

impl<'a> Events<'a> {
    /// Groups stories by event.
    pub(super) fn of(texts: &[Text<'a>]) -> Self {
        // In an order of their own, so that sums, ties and bounds come out the same in whatever order the stories came.
        let mut order: Vec<usize> = (0..texts.len()).collect();
        order.sort_by_key(|&index| {
            (
                texts[index].published,
                texts[index].headline,
                texts[index].dek,
            )
        });
        let ordered: Vec<Text<'a>> = order.iter().map(|&index| texts[index]).collect();
        let (stories, worth) = terms::stories(&ordered);
        let near = likeness::near(&stories, worth.len());
        let alike = |a: usize, b: usize| stories[a].alike(&stories[b]);
        let mut groups = groups::groups(stories.len(), &near, alike, BOUNDS);

        let mut group = vec![0; texts.len()];
        for (number, stories) in groups.iter_mut().enumerate() {
            for story in stories.iter_mut() {
                *story = order[*story];
                group[*story] = number;
            }
            stories.sort_unstable();
        }
        let mut place = vec![0; texts.len()];
        for (ordered, story) in order.into_iter().enumerate() {
            place[story] = ordered;
        }
        Self {
            stories,
            place,
            worth,
            groups,
            group,
        }
    }

    /// The event of a story: the first story in it, so the same number for all its stories.
    pub(super) fn event(&self, story: usize) -> usize {
        self.groups[self.group[story]][0]
    }

    /// What most makes `a` and `b` alike: up to three words that both have, as `a` writes them, the weightiest first.
    pub(super) fn shared(&self, a: usize, b: usize) -> Vec<&'a str> {
        let shared = likeness::common(self.terms(a), self.terms(b));
        let mut shared: Vec<(f64, &'a str)> = shared
            .map(|(a, b)| (a.weight * b.weight, a.written))
            .collect();
        // Stable, rarest first: the order of the input does not show.
        shared.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        shared.truncate(3);
        shared.into_iter().map(|(_, written)| written).collect()
    }

    /// How much of a story is new beside others: the share (0 to 1) of what its words tell that is in words none of `known` has. Names count
    /// as other words do: whom it is about stays the same when something new happens.
    pub(super) fn news(&self, story: usize, known: &[usize]) -> f64 {
        let known = known.iter().flat_map(|&known| self.terms(known));
        let known: BTreeSet<usize> = known.map(|term| term.word).collect();
        let (mut new, mut all) = (0.0, 0.0);
        for term in self.terms(story) {
            let rarity = self.worth[term.word].rarity;
            all += rarity;
            if !known.contains(&term.word) {
                new += rarity;
            }
        }
        if all > 0.0 { new / all } else { 0.0 }
    }

    fn terms(&self, story: usize) -> &[Term<'a>] {
        &self.stories[self.place[story]].terms
    }
}
