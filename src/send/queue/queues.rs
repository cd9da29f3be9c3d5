//! The queues of all relays of a run: each copy is in one of them. It is put there when it is read, and again when its relay is left.

use std::collections::HashSet;
use std::time::Duration;

use tokio::time::Instant;

use super::{Choice, Next, Queue, Turn};

/// A relay that has letters and says nothing for so long leaves those that wait for it to others that have none.
const SILENCE: Duration = Duration::from_secs(4);

/// A queued copy as the ledger has it.
pub(in crate::send) struct Waiting {
    pub(in crate::send) copy: i64,
    pub(in crate::send) domain: Box<str>,
    /// Not before then.
    pub(in crate::send) due: Option<Instant>,
    /// The relay that had it last: it keeps it as long as it is there. A server that greylists would begin anew with another sender's address.
    pub(in crate::send) relay: Option<usize>,
    /// That relay may have it: it goes to no other.
    pub(in crate::send) is_doubtful: bool,
}

pub(in crate::send) struct Queues {
    relays: Vec<Queue>,
    /// How many copies each relay has that are not settled for good, those on their way included.
    held: Vec<u64>,
    choice: Choice,
    /// Copies that go to no other relay.
    doubtful: HashSet<i64>,
}

impl Queues {
    pub(in crate::send) fn new(queues: Vec<Queue>, choice: Choice) -> Self {
        Self {
            held: vec![0; queues.len()],
            relays: queues,
            choice,
            doubtful: HashSet::new(),
        }
    }

    /// Takes in what was read behind the row that [`Next::Read`] named; an empty window is the last.
    pub(in crate::send) fn fill(&mut self, rows: impl IntoIterator<Item = Waiting>) {
        let mut read = None;
        for row in rows {
            read = Some(row.copy);
            if row.is_doubtful {
                self.doubtful.insert(row.copy);
            }
            self.put(Turn::new(row.copy, row.domain), row.due, row.relay);
        }
        for queue in &mut self.relays {
            queue.read = read;
        }
    }

    /// Chooses a relay. A copy that none may have who is there stays in the ledger.
    fn put(&mut self, turn: Turn, due: Option<Instant>, before: Option<usize>) {
        let before = before.filter(|&relay| !self.choice.is_away(relay));
        let (relays, held) = (&self.relays, &self.held);
        let chosen = match before {
            None if self.doubtful.contains(&turn.copy) => None,
            None => (self.choice).choose(turn.copy, &turn.domain, |relay| {
                relays[relay].quota.has_room(held[relay])
            }),
            before => before,
        };
        if let Some(relay) = chosen {
            self.held[relay] += 1;
            self.relays[relay].put(turn, due);
        }
    }

    /// Behind which row the next window begins; `None` when all are read.
    pub(in crate::send) fn next_read(&self) -> Option<i64> {
        self.relays.first().and_then(|queue| queue.read)
    }

    /// What a conversation with that relay does now. It is not over while another relay has copies that may come to it.
    pub(in crate::send) fn next(&mut self, relay: usize, now: Instant) -> Next {
        let mut next = self.relays[relay].next(now);
        let mut until = None;
        if next == Next::Done {
            until = self.take_over(relay, now);
            next = self.relays[relay].next(now);
        }
        let mut others = (0..self.relays.len()).filter(|&other| other != relay);
        match next {
            Next::Done if others.any(|other| self.held[other] > 0) => Next::Wait {
                until,
                is_deferred: false,
            },
            Next::Wait {
                until,
                is_deferred: true,
            } => Next::Wait {
                until,
                is_deferred: others
                    .all(|other| self.held[other] == self.relays[other].later.len() as u64),
            },
            next => next,
        }
    }

    /// Gives a relay that has nothing to do what waits for those that are silent; when the next one will have been so for too long.
    fn take_over(&mut self, relay: usize, now: Instant) -> Option<Instant> {
        let mut next: Option<Instant> = None;
        for other in 0..self.relays.len() {
            let silent = self.relays[other].silent_since.filter(|_| other != relay);
            let Some(end) = silent.map(|since| since + SILENCE) else {
                continue;
            };
            if now < end {
                next = Some(next.map_or(end, |next| next.min(end)));
                continue;
            }
            for (turn, due) in self.relays[other].drain() {
                let may_go = due.is_none()
                    && !self.doubtful.contains(&turn.copy)
                    && self.choice.may_take(relay, &turn.domain)
                    && self.relays[relay].quota.has_room(self.held[relay]);
                let to = if may_go { relay } else { other };
                self.done(other);
                self.held[to] += 1;
                self.relays[to].put(turn, due);
            }
        }
        next
    }

    /// The queue of that relay.
    pub(in crate::send) fn of(&mut self, relay: usize) -> &mut Queue {
        &mut self.relays[relay]
    }

    /// Whether another relay is there.
    pub(in crate::send) fn has_others(&self, relay: usize) -> bool {
        self.choice.has_others(relay)
    }

    /// Of `all` copies that are left, how many may be that relay's.
    pub(in crate::send) fn left_to(&self, relay: usize, all: u64) -> u64 {
        let others = (self.held.iter().enumerate()).filter(|(other, _)| *other != relay);
        all.saturating_sub(others.map(|(_, held)| held).sum())
    }

    /// A copy of that relay is settled for good, or was left out.
    pub(in crate::send) fn done(&mut self, relay: usize) {
        self.held[relay] = self.held[relay].saturating_sub(1);
    }

    /// The copy that landed is queued again, at once or `later`: with its relay, or with another one if that was left.
    pub(in crate::send) fn again(&mut self, relay: usize, turn: Turn, later: Option<Instant>) {
        if self.choice.is_away(relay) {
            self.done(relay);
            self.put(Turn::new(turn.copy, turn.domain), later, None);
        } else {
            self.relays[relay].again(turn, later);
        }
    }

    /// The copy was not handed over: it is the next of its kind.
    pub(in crate::send) fn give_back(&mut self, relay: usize, turn: Turn, now: Instant) {
        self.relays[relay].landed(&turn, now);
        self.again(relay, turn, None);
    }

    /// The run goes on without that relay: its copies go to the others. Whether one of them is there.
    pub(in crate::send) fn leave(&mut self, relay: usize) -> bool {
        let is_somebody_there = self.choice.leave(relay);
        for (turn, due) in self.relays[relay].drain() {
            self.done(relay);
            self.put(turn, due, None);
        }
        is_somebody_there
    }
}

#[cfg(test)]
mod tests {
    use super::super::Candidate;
    use super::*;

    fn queues(domains: &[&[&str]]) -> Queues {
        let candidates = domains.iter().map(|domains| Candidate {
            weight: 1,
            domains: domains.iter().map(|&domain| domain.to_owned()).collect(),
            picked: None,
        });
        let candidates: Vec<_> = candidates.collect();
        let one = |_: &Candidate| Queue::new(8, None, &[], &[]);
        Queues::new(
            candidates.iter().map(one).collect(),
            Choice::new(candidates),
        )
    }

    fn row(copy: i64, domain: &str) -> Waiting {
        Waiting {
            copy,
            domain: domain.into(),
            due: None,
            relay: None,
            is_doubtful: false,
        }
    }

    fn leave(queues: &mut Queues, relay: usize, now: Instant) -> Vec<Turn> {
        std::iter::from_fn(|| match queues.next(relay, now) {
            Next::Copy(turn) => Some(turn),
            _ => None,
        })
        .collect()
    }

    fn copies(turns: &[Turn]) -> Vec<i64> {
        turns.iter().map(|turn| turn.copy).collect()
    }

    #[test]
    fn when_a_relay_is_left_its_copies_go_to_the_others_but_for_those_it_may_have() {
        let now = Instant::now();
        let mut all = queues(&[&[], &[], &["a.example"]]);
        let doubtful = Waiting {
            relay: Some(0),
            is_doubtful: true,
            ..row(1, "b.example")
        };
        let deferred = Waiting {
            relay: Some(0),
            due: Some(now + std::time::Duration::from_mins(1)),
            ..row(2, "b.example")
        };
        all.fill([
            doubtful,
            deferred,
            row(3, "b.example"),
            row(4, "b.example"),
            row(5, "a.example"),
            row(6, "b.example"),
        ]);
        all.fill([]);
        let first = leave(&mut all, 0, now);
        assert_eq!(copies(&first), [1, 3, 6]);
        let second = leave(&mut all, 1, now);
        assert_eq!(copies(&second), [4]);
        all.of(1).landed(&second[0], now);
        all.done(1);
        let next = all.next(1, now);
        assert!(
            matches!(next, Next::Wait { .. }),
            "others may come: {next:?}"
        );
        assert_eq!(all.left_to(1, 7), 2, "5 of the 7 are the others'");
        // 1 and 3 are on their way; 6 comes back before, 3 after it is left.
        all.give_back(0, first[2].clone(), now);
        assert!(all.leave(0));
        assert_eq!(copies(&leave(&mut all, 1, now)), [6]);
        all.give_back(0, first[1].clone(), now);
        assert_eq!(copies(&leave(&mut all, 1, now)), [3]);
        all.give_back(0, first[0].clone(), now);
        assert!(
            matches!(all.next(1, now), Next::Wait { .. }),
            "2 is not due"
        );
        assert_eq!(
            copies(&leave(&mut all, 1, now + std::time::Duration::from_mins(1))),
            [2]
        );
        assert!(all.leave(1));
        assert_eq!(copies(&leave(&mut all, 2, now)), [5]);
        assert!(!all.leave(2));
    }

    #[test]
    fn what_waits_for_a_silent_relay_goes_by_another_that_has_nothing_to_do() {
        let now = Instant::now();
        let mut all = queues(&[&[], &[], &["b.example"]]);
        let for_one = |copy| Waiting {
            relay: Some(0),
            ..row(copy, "a.example")
        };
        let for_two = Waiting {
            relay: Some(1),
            ..row(4, "a.example")
        };
        all.fill([for_one(1), for_one(2), for_one(3), for_two]);
        all.fill([]);
        let Next::Copy(first) = all.next(0, now) else {
            panic!("nothing for the first");
        };
        let second = leave(&mut all, 1, now);
        assert_eq!(copies(&second), [4]);
        all.of(1).landed(&second[0], now);
        all.done(1);
        let later = now + SILENCE;
        let (until, is_deferred) = (Some(later), false);
        assert_eq!(all.next(1, now), Next::Wait { until, is_deferred });
        assert!(leave(&mut all, 2, later).is_empty(), "not its domain");
        assert_eq!(copies(&leave(&mut all, 1, later)), [2, 3]);
        // What is on its way stays, and comes back to it.
        all.give_back(0, first, later);
        assert_eq!(copies(&leave(&mut all, 0, later)), [1]);
    }

    #[test]
    fn a_relay_waits_for_its_deferred_copies_alone() {
        let now = Instant::now();
        let mut all = queues(&[&[], &[]]);
        all.fill([row(1, "a.example"), row(2, "a.example")]);
        all.fill([]);
        let first = leave(&mut all, 0, now);
        let second = leave(&mut all, 1, now);
        let due = Some(now + std::time::Duration::from_mins(1));
        all.of(0).landed(&first[0], now);
        all.again(0, first[0].clone(), due);
        let waits = |is_deferred| Next::Wait {
            until: due,
            is_deferred,
        };
        assert_eq!(all.next(0, now), waits(false), "the other one is at work");
        all.of(1).landed(&second[0], now);
        all.done(1);
        assert_eq!(all.next(0, now), waits(true));
    }

    #[test]
    fn a_limit_over_all_relays_is_one_limit_unless_a_relay_has_its_own() {
        let now = Instant::now();
        let limit = |connections| crate::config::DomainLimit {
            domain: "a.example".to_owned(),
            rate: None,
            connections: Some(connections),
        };
        let over_all = [super::super::SharedLimit::new(&limit(3))];
        let own = [limit(1)];
        let relays = [&[][..], &[], &own].map(|own| Queue::new(8, None, own, &over_all));
        let candidate = || Candidate {
            weight: 1,
            domains: HashSet::new(),
            picked: None,
        };
        let choice = Choice::new(vec![candidate(), candidate(), candidate()]);
        let mut all = Queues::new(relays.into(), choice);
        all.fill((1..=12).map(|copy| row(copy, "a.example")));
        all.fill([]);
        let first = leave(&mut all, 0, now);
        assert_eq!(first.len(), 3);
        assert!(leave(&mut all, 1, now).is_empty());
        assert_eq!(leave(&mut all, 2, now).len(), 1);
        all.of(0).landed(&first[0], now);
        assert_eq!(leave(&mut all, 1, now).len(), 1);
    }
}
