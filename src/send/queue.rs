//! Who is next: the queued copies of a run in the order of the file, domains that are slow beside them, deferred copies when their time
//! comes. It never claims one: the ledger does, and may refuse.
//!
//! Only domains with a limit of their own, or that asked for patience, have a lane; a copy for one of them waits there while the others
//! go on. Of the rest a short window is read ahead. So a letter costs the same whatever most of the list is waiting for, and memory grows by a number for
//! every copy that waits in a lane.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use crate::config::DomainLimit;
use crate::delivery::{Reply, Verdict};
use crate::mailer::{Beat, Rate, Stage, is_throttling};

/// So many copies are read at a time.
pub(super) const WINDOW: usize = 500;
/// When so many domains ask for patience within [`CROWD_TIME`], it is the relay that asks.
const CROWD: usize = 3;
const CROWD_TIME: Duration = Duration::from_secs(10);

/// A copy that is somebody's turn; it comes back to the queue with [`Queue::landed`] or [`Queue::give_back`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ticket {
    /// The row.
    pub(super) copy: i64,
    domain: Box<str>,
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Hand this copy over.
    Copy(Ticket),
    /// Nothing may leave before then, or before a letter lands.
    Wait {
        until: Option<Instant>,
        /// All that is left was deferred.
        is_deferred: bool,
    },
    /// Rows behind this one are to be read and given to [`Queue::fill`].
    Read { after: i64 },
    /// Nothing is left but what others have in hand.
    Done,
}

/// The queue of a run.
pub(super) struct Queue {
    everybody: Beat,
    lanes: BTreeMap<Box<str>, Lane>,
    /// The window: next in the order of the file.
    free: VecDeque<Ticket>,
    /// Deferred copies by their time.
    later: BinaryHeap<Reverse<(Instant, Ticket)>>,
    /// The last row read; `None` when there is no further one.
    read: Option<i64>,
    /// Who asked for patience lately.
    asked: VecDeque<(Instant, Box<str>)>,
}

/// The copies for one domain.
struct Lane {
    beat: Beat,
    /// At most so many letters on the wire.
    most: usize,
    flying: usize,
    /// When the last one left: whoever waited longest is next.
    left: Option<Instant>,
    waiting: VecDeque<i64>,
}

impl Lane {
    fn new(rate: Option<Rate>, most: Option<usize>) -> Self {
        Self {
            beat: Beat::new(rate),
            most: most.unwrap_or(usize::MAX),
            flying: 0,
            left: None,
            waiting: VecDeque::new(),
        }
    }
}

impl Queue {
    pub(super) fn new(rate: Option<Rate>, limits: &[DomainLimit]) -> Self {
        let lane = |limit: &DomainLimit| {
            let lane = Lane::new(limit.rate, limit.connections);
            (limit.domain.as_str().into(), lane)
        };
        Self {
            everybody: Beat::new(rate),
            lanes: limits.iter().map(lane).collect(),
            free: VecDeque::new(),
            later: BinaryHeap::new(),
            read: Some(0),
            asked: VecDeque::new(),
        }
    }

    /// Takes in what was read behind the row that [`Next::Read`] named; an empty window is the last.
    pub(super) fn fill(
        &mut self,
        rows: impl IntoIterator<Item = (i64, Box<str>, Option<Instant>)>,
    ) {
        self.read = None;
        for (copy, domain, due) in rows {
            self.read = Some(copy);
            let ticket = Ticket { copy, domain };
            match due {
                Some(due) => self.later.push(Reverse((due, ticket))),
                None => self.queue(ticket),
            }
        }
    }

    /// Behind which row the next window begins; `None` when all are read.
    pub(super) const fn next_read(&self) -> Option<i64> {
        self.read
    }

    fn queue(&mut self, ticket: Ticket) {
        match self.lanes.get_mut(&ticket.domain) {
            Some(lane) => lane.waiting.push_back(ticket.copy),
            None => self.free.push_back(ticket),
        }
    }

    /// What to do now.
    pub(super) fn next(&mut self, now: Instant) -> Next {
        if let until @ Some(_) = self.everybody.ready(now) {
            return Next::Wait {
                until,
                is_deferred: false,
            };
        }
        while let Some(Reverse((due, _))) = self.later.peek()
            && *due <= now
        {
            if let Some(Reverse((_, ticket))) = self.later.pop() {
                self.queue(ticket);
            }
        }
        // A window read before its domain got a lane.
        while let Some(first) = self
            .free
            .pop_front_if(|first| self.lanes.contains_key(&first.domain))
        {
            self.queue(first);
        }
        let mut until: Option<Instant> = None;
        let mut waits = false;
        let mut first: Option<(&Box<str>, &mut Lane)> = None;
        for (domain, lane) in &mut self.lanes {
            if lane.waiting.is_empty() {
                continue;
            }
            waits = true;
            if lane.flying >= lane.most {
                continue;
            }
            if let Some(ready) = lane.beat.ready(now) {
                until = Some(until.map_or(ready, |until| until.min(ready)));
            } else if first
                .as_ref()
                .is_none_or(|(_, other)| lane.left < other.left)
            {
                first = Some((domain, lane));
            }
        }
        if let Some((domain, lane)) = first
            && let Some(copy) = lane.waiting.pop_front()
        {
            lane.flying += 1;
            lane.left = Some(now);
            lane.beat.leave(now);
            self.everybody.leave(now);
            let domain = domain.clone();
            return Next::Copy(Ticket { copy, domain });
        }
        if let Some(ticket) = self.free.pop_front() {
            self.everybody.leave(now);
            return Next::Copy(ticket);
        }
        if let Some(after) = self.read {
            return Next::Read { after };
        }
        let due = self.later.peek().map(|Reverse((due, _))| *due);
        if !waits && due.is_none() {
            return Next::Done;
        }
        Next::Wait {
            until: until.into_iter().chain(due).min(),
            is_deferred: !waits,
        }
    }

    /// The copy is settled, or was left out.
    pub(super) fn landed(&mut self, ticket: &Ticket) {
        if let Some(lane) = self.lanes.get_mut(&ticket.domain) {
            lane.flying = lane.flying.saturating_sub(1);
        }
    }

    /// The copy is still queued: it is the next of its kind, or comes `later`.
    pub(super) fn give_back(&mut self, ticket: Ticket, later: Option<Instant>) {
        self.landed(&ticket);
        if let Some(due) = later {
            self.later.push(Reverse((due, ticket)));
        } else if let Some(lane) = self.lanes.get_mut(&ticket.domain) {
            lane.waiting.push_front(ticket.copy);
        } else {
            self.free.push_front(ticket);
        }
    }

    /// Takes note of an answer: a request to slow down brakes the domain, or everybody where it is not about one; a letter that is taken
    /// loosens both.
    pub(super) fn heard(&mut self, ticket: &Ticket, stage: Stage, verdict: &Verdict, now: Instant) {
        match verdict {
            Verdict::Accepted(_) => {
                self.everybody.quicken();
                if let Some(lane) = self.lanes.get_mut(&ticket.domain) {
                    lane.beat.quicken();
                }
            }
            Verdict::Deferred(reply) if is_throttling(reply) => {
                // 4.3.x is the relay's own state (RFC 3463 section 3.4).
                let is_the_relay = matches!(reply.enhanced, Some((_, 3, _)));
                if stage == Stage::Sender || is_the_relay || self.is_crowd(&ticket.domain, now) {
                    self.everybody.slow_down(now);
                } else {
                    let lane = || Lane::new(None, None);
                    let lane = self.lanes.entry(ticket.domain.clone()).or_insert_with(lane);
                    lane.beat.slow_down(now);
                }
            }
            Verdict::Deferred(_) | Verdict::Rejected(_) | Verdict::InDoubt => {}
        }
    }

    /// Takes note of a refusal that was of no letter.
    pub(super) fn refused(&mut self, reply: &Reply, now: Instant) {
        if is_throttling(reply) {
            self.everybody.slow_down(now);
        }
    }

    /// Whether that domain is one of many that ask for patience.
    fn is_crowd(&mut self, domain: &str, now: Instant) -> bool {
        self.asked
            .retain(|(at, other)| now < *at + CROWD_TIME && **other != *domain);
        self.asked.push_back((now, domain.into()));
        self.asked.len() >= CROWD
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::Reply;

    fn limit(domain: &str, rate: Option<&str>, connections: Option<usize>) -> DomainLimit {
        DomainLimit {
            domain: domain.into(),
            rate: rate.map(|rate| Rate::parse(rate).unwrap()),
            connections,
        }
    }

    fn rows(domains: &[&str]) -> Vec<(i64, Box<str>, Option<Instant>)> {
        (1..)
            .zip(domains)
            .map(|(copy, &domain)| (copy, domain.into(), None))
            .collect()
    }

    /// The copies that may leave one after another at that instant.
    fn leave(queue: &mut Queue, now: Instant) -> Vec<Ticket> {
        std::iter::from_fn(|| match queue.next(now) {
            Next::Copy(ticket) => Some(ticket),
            _ => None,
        })
        .collect()
    }

    fn copies(tickets: &[Ticket]) -> Vec<i64> {
        tickets.iter().map(|ticket| ticket.copy).collect()
    }

    #[test]
    fn a_slow_domain_stands_aside() {
        let now = Instant::now();
        let after = |millis| now + Duration::from_millis(millis);
        let mut queue = Queue::new(None, &[limit("slow.example", Some("10/s"), None)]);
        assert_eq!(queue.next(now), Next::Read { after: 0 });
        let (slow, fast) = ("slow.example", "fast.example");
        queue.fill(rows(&[slow, slow, fast, slow, fast]));
        assert_eq!(copies(&leave(&mut queue, now)), [1, 3, 5]);
        assert_eq!(queue.next(now), Next::Read { after: 5 });
        queue.fill([]);
        let until = Some(after(100));
        let is_deferred = false;
        assert_eq!(queue.next(now), Next::Wait { until, is_deferred });
        assert_eq!(copies(&leave(&mut queue, after(100))), [2]);
        assert_eq!(copies(&leave(&mut queue, after(200))), [4]);
        assert_eq!(queue.next(now + Duration::from_secs(1)), Next::Done);
    }

    #[test]
    fn a_domain_has_its_number_of_letters_on_the_wire() {
        let now = Instant::now();
        let mut queue = Queue::new(None, &[limit("a.example", None, Some(2))]);
        queue.fill(rows(&["a.example"; 4]));
        queue.fill([]);
        let first = leave(&mut queue, now);
        assert_eq!(copies(&first), [1, 2]);
        let (until, is_deferred) = (None, false);
        assert_eq!(queue.next(now), Next::Wait { until, is_deferred });
        queue.landed(&first[0]);
        assert_eq!(copies(&leave(&mut queue, now)), [3]);
        queue.give_back(first[1].clone(), None);
        assert_eq!(copies(&leave(&mut queue, now)), [2]);
    }

    #[test]
    fn deferred_copies_come_when_they_are_due() {
        let now = Instant::now();
        let due = now + Duration::from_mins(1);
        let mut queue = Queue::new(None, &[]);
        queue.fill([
            (1, "a.example".into(), None),
            (2, "a.example".into(), Some(due)),
        ]);
        queue.fill([]);
        let first = leave(&mut queue, now);
        queue.give_back(first[0].clone(), Some(due + Duration::from_secs(1)));
        let (until, is_deferred) = (Some(due), true);
        assert_eq!(queue.next(now), Next::Wait { until, is_deferred });
        assert_eq!(copies(&leave(&mut queue, due)), [2]);
        assert_eq!(
            copies(&leave(&mut queue, due + Duration::from_secs(1))),
            [1]
        );
        assert_eq!(queue.next(due + Duration::from_secs(2)), Next::Done);
    }

    #[test]
    fn who_is_braked() {
        let now = Instant::now();
        let braked = |stage, replies: &[(&str, &str)]| {
            let mut queue = Queue::new(None, &[]);
            for &(domain, reply) in replies {
                let (copy, domain) = (1, domain.into());
                let verdict = Verdict::Deferred(Reply::restore(reply).unwrap());
                queue.heard(&Ticket { copy, domain }, stage, &verdict, now);
            }
            let lanes = queue.lanes.iter();
            let mut braked: Vec<String> = lanes.map(|(domain, _)| domain.to_string()).collect();
            if !queue.everybody.gap().is_zero() {
                braked.push("everybody".into());
            }
            braked.join(" ")
        };
        let (a, b, c) = ("a.example", "b.example", "c.example");
        let slow = "451 4.7.1 too fast";
        assert_eq!(braked(Stage::Recipient, &[(a, slow)]), "a.example");
        assert_eq!(braked(Stage::Content, &[(a, "421 busy")]), "a.example");
        assert_eq!(braked(Stage::Sender, &[(a, slow)]), "everybody");
        assert_eq!(
            braked(Stage::Content, &[(a, "452 4.3.1 full")]),
            "everybody"
        );
        assert_eq!(
            braked(Stage::Recipient, &[(a, "452 4.2.2 her box is full")]),
            ""
        );
        let often = [(a, slow), (a, slow), (b, slow), (b, slow)];
        assert_eq!(braked(Stage::Recipient, &often), "a.example b.example");
        let crowd = [(a, slow), (b, slow), (c, slow)];
        assert_eq!(
            braked(Stage::Recipient, &crowd),
            "a.example b.example everybody"
        );
    }

    /// Virtual time: 100,000 copies, every five with three for one domain at 20/s, the rest as fast as eight conversations of 1.6 ms a letter.
    #[test]
    fn a_slow_domain_slows_nobody_else() {
        let elapsed = |limits: &[DomainLimit], domain: &dyn Fn(usize) -> &'static str| {
            let start = Instant::now();
            let mut now = start;
            let mut queue = Queue::new(None, limits);
            let (mut read, mut others, mut slow) = (0, 0, 0);
            while others < 40_000 {
                match queue.next(now) {
                    Next::Copy(ticket) => {
                        let is_other = &*ticket.domain == "other.example";
                        *(if is_other { &mut others } else { &mut slow }) += 1;
                        now += Duration::from_micros(200);
                        queue.landed(&ticket);
                    }
                    Next::Read { .. } => {
                        let end = (read + WINDOW).min(100_000);
                        let window = (read..end)
                            .map(|n| (i64::try_from(n).unwrap() + 1, domain(n).into(), None));
                        queue.fill(window.collect::<Vec<_>>());
                        read = end;
                    }
                    other => panic!("{other:?}"),
                }
            }
            (now - start, slow)
        };
        let (alone, _) = elapsed(&[], &|_| "other.example");
        let limits = [limit("gmail.com", Some("20/s"), None)];
        let mixed = |n: usize| {
            if n % 5 < 3 {
                "gmail.com"
            } else {
                "other.example"
            }
        };
        let (beside, slow) = elapsed(&limits, &mixed);
        assert!(
            beside < alone * 11 / 10,
            "{beside:?} beside, {alone:?} alone"
        );
        assert!((150..=180).contains(&slow), "{slow} in eight seconds");
        // The worst order: all of the slow domain first.
        let sorted = |n: usize| {
            if n < 60_000 {
                "gmail.com"
            } else {
                "other.example"
            }
        };
        assert!(elapsed(&limits, &sorted).0 < alone * 11 / 10);
    }
}
