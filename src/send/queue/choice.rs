//! Which of several relays takes a copy. Pure: it knows weights, domains, who is away, and whom a new relay begins with.
//!
//! 1. A relay that warms up takes the copies that were picked for it.
//! 2. All others are shared among the relays by their weights, at every moment within one letter (R. Tijdeman, "The chairman assignment
//!    problem", Discrete Mathematics 32, 1980). A relay that names the domain comes before those that take all.
//! 3. If none is left of these, one that warms up takes the copy too.
//!
//! A relay that is away, or whose day's letters are all given out, is passed over. Nobody gets a copy whose domain they do not take.

use std::collections::HashSet;

/// What is known of a relay.
#[derive(Debug)]
pub(in crate::send) struct Candidate {
    pub(in crate::send) weight: u32,
    /// The domains whose letters it takes; none: all.
    pub(in crate::send) domains: HashSet<String>,
    /// The copies that it begins with while it warms up, in order; `None`: it does not warm up.
    pub(in crate::send) picked: Option<Vec<i64>>,
}

impl Candidate {
    /// Whether it takes letters to that domain.
    pub(in crate::send) fn takes(&self, domain: &str) -> bool {
        self.domains.is_empty() || self.domains.contains(domain)
    }
}

#[derive(Debug)]
pub(in crate::send) struct Choice {
    candidates: Vec<Candidate>,
    /// How far each is behind its share, in letters times the weights of all.
    behind: Vec<i64>,
    is_away: Vec<bool>,
}

impl Choice {
    pub(in crate::send) fn new(candidates: Vec<Candidate>) -> Self {
        Self {
            behind: vec![0; candidates.len()],
            is_away: vec![false; candidates.len()],
            candidates,
        }
    }

    pub(in crate::send) fn is_away(&self, relay: usize) -> bool {
        self.is_away.get(relay).copied().unwrap_or(true)
    }

    /// Whether it is there and takes letters to that domain.
    pub(in crate::send) fn may_take(&self, relay: usize, domain: &str) -> bool {
        !self.is_away(relay) && (self.candidates.get(relay)).is_some_and(|one| one.takes(domain))
    }

    /// Nothing more goes to that relay. Whether another one is there.
    pub(in crate::send) fn leave(&mut self, relay: usize) -> bool {
        if let Some(away) = self.is_away.get_mut(relay) {
            *away = true;
        }
        self.behind.fill(0);
        self.is_away.iter().any(|away| !away)
    }

    /// Whether other relays are there.
    pub(in crate::send) fn has_others(&self, relay: usize) -> bool {
        let mut others = self.is_away.iter().enumerate();
        others.any(|(other, away)| other != relay && !away)
    }

    /// Who takes that copy; `None`: nobody who is there. `has_room` tells whether a relay's day has letters left.
    pub(in crate::send) fn choose(
        &mut self,
        copy: i64,
        domain: &str,
        has_room: impl Fn(usize) -> bool,
    ) -> Option<usize> {
        if let [only] = &*self.candidates {
            return (!self.is_away(0) && only.takes(domain)).then_some(0);
        }
        let there: Vec<usize> = (0..self.candidates.len())
            .filter(|&relay| !self.is_away[relay] && self.candidates[relay].takes(domain))
            .collect();
        let mut among: Vec<usize> = there
            .iter()
            .copied()
            .filter(|&relay| has_room(relay))
            .collect();
        let picked = |&relay: &usize| {
            let picked = self.candidates[relay].picked.as_ref();
            picked.is_some_and(|picked| picked.binary_search(&copy).is_ok())
        };
        if let Some(picked) = among.iter().copied().find(picked) {
            return Some(picked);
        }
        let place = |relay: usize| {
            let of = &self.candidates[relay];
            (of.picked.is_some(), of.domains.is_empty())
        };
        let first = among.iter().map(|&relay| place(relay)).min();
        among.retain(|&relay| Some(place(relay)) == first);
        if let Some(chosen) = self.fairest(&among) {
            return Some(chosen);
        }
        // It waits there for the day's end.
        there.first().copied()
    }

    /// Of those who may be ahead of their share without being a letter ahead, whoever would be a letter behind first.
    fn fairest(&mut self, among: &[usize]) -> Option<usize> {
        let weight = |relay: usize| i64::from(self.candidates[relay].weight);
        if let [only] = among {
            return Some(*only);
        }
        let all: i64 = among.iter().map(|&relay| weight(relay)).sum();
        let scale = 2 * i64::try_from(among.len()).unwrap_or(1) - 2;
        let due = |relay: usize| self.behind[relay] + weight(relay);
        let until = |relay: usize| i128::from((scale - 1) * all - scale * due(relay));
        let first = among
            .iter()
            .copied()
            .filter(|&relay| scale * due(relay) >= all)
            .min_by(|&one, &other| {
                let (left, right) = (
                    until(one) * i128::from(weight(other)),
                    until(other) * i128::from(weight(one)),
                );
                left.cmp(&right)
            })
            .or_else(|| among.iter().copied().max_by_key(|&relay| due(relay)))?;
        for &relay in among {
            self.behind[relay] += i64::from(self.candidates[relay].weight);
        }
        self.behind[first] -= all;
        Some(first)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn candidate(weight: u32, domains: &[&str], picked: Option<Vec<i64>>) -> Candidate {
        Candidate {
            weight,
            domains: domains.iter().map(|&domain| domain.to_owned()).collect(),
            picked,
        }
    }

    const DOMAINS: [&str; 3] = ["a.example", "b.example", "c.example"];

    prop_compose! {
        fn some_relay()(
            weight in 1_u32..50,
            domains in prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(0_usize..3, 1..3)],
            room in prop_oneof![2 => Just(u64::MAX), 1 => 0_u64..30],
            picked in prop::option::weighted(0.3, prop::collection::btree_set(0_i64..120, 0..40)),
        ) -> (Candidate, u64) {
            let domains: Vec<&str> = domains.into_iter().map(|domain| DOMAINS[domain]).collect();
            (candidate(weight, &domains, picked.map(|picked| picked.into_iter().collect())), room)
        }
    }

    proptest! {
        #[test]
        fn shares_are_within_one_letter_of_the_weights_at_every_moment(
            weights in prop::collection::vec(1_u32..1_000, 1..7),
            letters in 1_i64..400,
        ) {
            let mut choice = Choice::new(weights.iter().map(|&weight| candidate(weight, &[], None)).collect());
            let all: i64 = weights.iter().map(|&weight| i64::from(weight)).sum();
            let mut given = vec![0_i64; weights.len()];
            for letter in 1..=letters {
                given[choice.choose(letter, "a.example", |_| true).unwrap()] += 1;
                for (given, &weight) in given.iter().zip(&weights) {
                    prop_assert!((given * all - letter * i64::from(weight)).abs() < all.max(2));
                }
            }
        }

        /// Also when relays go away on the way.
        #[test]
        fn everybody_goes_somewhere_while_one_is_there_that_takes_them(
            relays in prop::collection::vec(some_relay(), 1..6),
            letters in prop::collection::vec((0_usize..3, prop::option::weighted(0.05, 0_usize..6)), 1..120),
        ) {
            let (candidates, mut room): (Vec<Candidate>, Vec<u64>) = relays.into_iter().unzip();
            let mut choice = Choice::new(candidates);
            for (copy, (domain, goes)) in (0_i64..).zip(letters) {
                if let Some(goes) = goes.filter(|&goes| goes < room.len()) {
                    choice.leave(goes);
                }
                let domain = DOMAINS[domain];
                let chosen = choice.choose(copy, domain, |relay| room[relay] > 0);
                let there = |&relay: &usize| !choice.is_away(relay) && choice.candidates[relay].takes(domain);
                let with_room = (0..room.len()).filter(there).any(|relay| room[relay] > 0);
                prop_assert_eq!(chosen.is_some(), (0..room.len()).any(|relay| there(&relay)));
                if let Some(chosen) = chosen {
                    prop_assert!(there(&chosen));
                    // More than its day has goes to a relay only if all are so.
                    prop_assert_eq!(room[chosen] > 0, with_room);
                    room[chosen] = room[chosen].saturating_sub(1);
                }
            }
        }

        #[test]
        fn while_another_is_there_a_new_relay_gets_those_picked_for_it_and_nobody_else(
            picked in prop::collection::btree_set(0_i64..200, 0..60),
            room in 0_usize..60,
            weight in 1_u32..1_000,
        ) {
            let picked: Vec<i64> = picked.into_iter().collect();
            let mut choice = Choice::new(vec![
                candidate(1, &[], None),
                candidate(weight, &[], Some(picked.clone())),
            ]);
            let mut given = Vec::new();
            for copy in 0..200 {
                if choice.choose(copy, "a.example", |relay| relay == 0 || given.len() < room) == Some(1) {
                    given.push(copy);
                }
            }
            prop_assert_eq!(&given[..], &picked[..picked.len().min(room)]);
        }
    }

    #[test]
    fn who_names_the_domain_comes_first_and_the_others_follow_when_they_are_away() {
        let mut choice = Choice::new(vec![
            candidate(9, &[], None),
            candidate(1, &["a.example"], None),
            candidate(1, &[], Some(Vec::new())),
        ]);
        let to = |choice: &mut Choice, domain| choice.choose(0, domain, |_| true);
        assert_eq!(to(&mut choice, "a.example"), Some(1));
        assert_eq!(to(&mut choice, "b.example"), Some(0));
        assert!(choice.leave(1));
        assert_eq!(to(&mut choice, "a.example"), Some(0));
        assert!(choice.leave(0));
        assert_eq!(to(&mut choice, "a.example"), Some(2));
        assert!(!choice.leave(2));
        assert_eq!(to(&mut choice, "a.example"), None);
    }
}
