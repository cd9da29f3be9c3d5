//! From how alike two stories are to groups of stories that are all alike.
//!
//! Average linkage, the two nearest groups first: groups join while their stories are alike *on average*, and only while *every* story
//! of one is somewhat like every story of the other. So a chain of stories, each like the next, does not become one group.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

/// The most stories of one event; what is more begins another. It bounds the work that thousands of equal stories would make.
const MOST: usize = 64;

/// When groups may join.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    /// The least that two groups are alike, on average over the pairs between them.
    pub(super) average: f64,
    /// The least that any such pair is alike.
    pub(super) each: f64,
}

/// How alike two groups are.
#[derive(Clone, Copy)]
struct Tie {
    /// Over all pairs between them.
    sum: f64,
    pairs: usize,
}

impl Tie {
    fn average(self) -> f64 {
        self.sum / self.pairs as f64
    }

    fn and(self, other: Self) -> Self {
        Self {
            sum: self.sum + other.sum,
            pairs: self.pairs + other.pairs,
        }
    }
}

/// The groups of `stories` stories. `near` are the pairs that are alike enough to begin
/// a group; `alike` answers for any pair, the same both ways, from 0 to 1.
pub(super) fn groups(
    stories: usize,
    near: &[(usize, usize, f64)],
    alike: impl Fn(usize, usize) -> f64,
    bounds: Bounds,
) -> Vec<Vec<usize>> {
    let mut members: Vec<Vec<usize>> = (0..stories).map(|story| vec![story]).collect();
    // Only ties that may still join: a pair that is too little alike stays too little alike however the groups grow.
    let mut ties: Vec<BTreeMap<usize, Tie>> = vec![BTreeMap::new(); stories];
    let mut queue = BinaryHeap::new();
    for &(a, b, sum) in near {
        let tie = Tie { sum, pairs: 1 };
        ties[a].insert(b, tie);
        ties[b].insert(a, tie);
        queue.extend(join(a, b, tie, bounds));
    }
    while let Some((Nearness(average), Reverse(a), Reverse(b))) = queue.pop() {
        // What was queued before one of the two changed is out of date.
        if ties[a].get(&b).map(|tie| tie.average()) != Some(average) {
            continue;
        }
        let of_a = std::mem::take(&mut ties[a]);
        let of_b = std::mem::take(&mut ties[b]);
        let others = of_a
            .keys()
            .chain(of_b.keys())
            .filter(|&&other| other != a && other != b);
        let others: BTreeSet<usize> = others.copied().collect();
        for other in others {
            ties[other].remove(&a);
            ties[other].remove(&b);
            if members[a].len() + members[b].len() + members[other].len() > MOST {
                continue;
            }
            let known = |of: &BTreeMap<usize, Tie>, group: usize| {
                let known = of.get(&other).copied();
                known.or_else(|| tie(&members[group], &members[other], &alike, bounds.each))
            };
            let Some(tie) = known(&of_a, a).zip(known(&of_b, b)).map(|(a, b)| a.and(b)) else {
                continue;
            };
            ties[other].insert(a, tie);
            ties[a].insert(other, tie);
            queue.extend(join(a, other, tie, bounds));
        }
        let joining = std::mem::take(&mut members[b]);
        members[a].extend(joining);
    }
    members.retain(|group| !group.is_empty());
    members
}

/// How alike two groups are; `None` when two stories of them are too little alike.
fn tie(a: &[usize], b: &[usize], alike: impl Fn(usize, usize) -> f64, each: f64) -> Option<Tie> {
    let mut sum = 0.0;
    for &a in a {
        for &b in b {
            let alike = alike(a, b);
            if alike < each {
                return None;
            }
            sum += alike;
        }
    }
    let pairs = a.len() * b.len();
    Some(Tie { sum, pairs })
}

type Join = (Nearness, Reverse<usize>, Reverse<usize>);

fn join(a: usize, b: usize, tie: Tie, bounds: Bounds) -> Option<Join> {
    let average = tie.average();
    (average >= bounds.average).then_some((Nearness(average), Reverse(a.min(b)), Reverse(a.max(b))))
}

/// A number that can be put in order.
#[derive(PartialEq)]
struct Nearness(f64);

impl Eq for Nearness {}

impl Ord for Nearness {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Nearness {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds {
        average: 0.4,
        each: 0.2,
    };

    /// The groups of four stories, of which these pairs are so much alike, and the others not at all.
    fn check(pairs: &[(usize, usize, f64)], expected: &[&[usize]]) {
        let alike = |a: usize, b: usize| {
            let pair = pairs
                .iter()
                .find(|&&(c, d, _)| (c, d) == (a.min(b), a.max(b)));
            pair.map_or(0.0, |&(_, _, alike)| alike)
        };
        let near = pairs
            .iter()
            .filter(|(_, _, alike)| *alike >= BOUNDS.average);
        let near: Vec<_> = near.copied().collect();
        let mut groups = groups(4, &near, alike, BOUNDS);
        for group in &mut groups {
            group.sort_unstable();
        }
        assert_eq!(groups, expected);
    }

    #[test]
    fn groups_join_by_their_average_and_never_over_a_pair_too_little_alike() {
        check(&[], &[&[0], &[1], &[2], &[3]]);
        check(
            &[(0, 1, 0.9), (1, 2, 0.9), (2, 3, 0.9)],
            &[&[0, 1], &[2, 3]],
        );
        check(
            &[(0, 1, 0.9), (0, 2, 0.6), (1, 2, 0.3)],
            &[&[0, 1, 2], &[3]],
        );
        check(
            &[(0, 1, 0.9), (0, 2, 0.8), (1, 2, 0.1)],
            &[&[0, 1], &[2], &[3]],
        );
        check(
            &[(0, 1, 0.9), (0, 2, 0.5), (1, 2, 0.2)],
            &[&[0, 1], &[2], &[3]],
        );
        // Two pairs join though one story of each is near no story of the other.
        check(
            &[
                (0, 1, 0.9),
                (2, 3, 0.8),
                (0, 2, 0.7),
                (0, 3, 0.3),
                (1, 2, 0.3),
                (1, 3, 0.3),
            ],
            &[&[0, 1, 2, 3]],
        );
    }
}
