//! Who is next with each relay: its queued copies of the run in the order of the file, domains that are slow beside them, deferred copies when their time
//! comes. It never claims one: the ledger does, and may refuse.
//!
//! Only domains with a limit of their own, or that asked for patience, have a lane; a copy for one of them waits there while the others
//! go on. A domain whose letters take long, or that asked for patience, holds half of the conversations at most while others wait. Of the rest
//! a short window is read ahead. So a letter costs the same whatever most of the list is waiting for, and memory grows by a number for
//! every copy that waits in a lane.

mod choice;
mod lane;
mod queues;
mod quota;

pub(super) use choice::{Candidate, Choice};
pub(super) use lane::SharedLimit;
pub(super) use queues::{Queues, Waiting};
pub(super) use quota::Quota;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use crate::config::DomainLimit;
use crate::mailer::{Beat, Rate, Stage, is_throttling};
use crate::model::delivery::{Reply, Verdict};
use lane::Lane;

/// So many copies are read at a time.
pub(super) const WINDOW: usize = 500;
/// When so many domains ask for patience within [`CROWD_TIME`], it is the relay that asks.
const CROWD: usize = 3;
const CROWD_TIME: Duration = Duration::from_secs(10);
/// A domain of which a letter takes longer is slow.
const SLOW: Duration = Duration::from_secs(10);
/// When there are more lanes than this, it is the relay that is slow, and not one domain more.
const LANES: usize = 1_000;

/// A copy that is somebody's turn; it comes back with [`Queue::landed`] and [`Queues::again`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Turn {
    /// The row.
    pub(super) copy: i64,
    domain: Box<str>,
    /// When it left the queue.
    since: Option<Instant>,
    /// Whether it left a lane, which counts it.
    is_counted: bool,
}

impl Turn {
    const fn new(copy: i64, domain: Box<str>) -> Self {
        Self {
            copy,
            domain,
            since: None,
            is_counted: false,
        }
    }
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Hand this copy over.
    Copy(Turn),
    /// Nothing may leave before then, or before a letter lands.
    Wait {
        until: Option<Instant>,
        /// All that is left was deferred.
        is_deferred: bool,
    },
    /// Rows behind this one are to be read and given to [`Queues::fill`].
    Read { after: i64 },
    /// The day's quota is used up, no letter is on its way, and copies are left.
    UsedUp,
    /// Nothing is left but what others have in hand.
    Done,
}

/// The queue of one of a run's relays.
pub(super) struct Queue {
    /// Half of the conversations.
    half: usize,
    everybody: Beat,
    lanes: BTreeMap<Box<str>, Lane>,
    /// The window: next in the order of the file.
    free: VecDeque<Turn>,
    /// Deferred copies by their time.
    later: BinaryHeap<Reverse<(Instant, Turn)>>,
    /// The last row read; `None` when there is no further one.
    read: Option<i64>,
    /// What the relay takes in a day.
    pub(super) quota: Quota,
    /// Since when nothing was heard of the letters on their way; `None`: there are none.
    silent_since: Option<Instant>,
    /// Who asked for patience lately.
    asked: VecDeque<(Instant, Box<str>)>,
}

impl Queue {
    /// `limits` are its own; `over_all` those that hold over all relays, but for domains of which it says something itself.
    pub(super) fn new(
        conversations: usize,
        rate: Option<Rate>,
        limits: &[DomainLimit],
        over_all: &[SharedLimit],
    ) -> Self {
        let lane = |limit: &DomainLimit| {
            let lane = Lane::new(limit.rate, limit.connections);
            (limit.domain.as_str().into(), lane)
        };
        let shared = |limit: &SharedLimit| {
            let lane = Lane {
                over_all: Some(limit.clone()),
                ..Lane::new(None, None)
            };
            (limit.domain.clone(), lane)
        };
        let lanes = over_all.iter().map(shared);
        Self {
            half: conversations.div_ceil(2),
            everybody: Beat::new(rate),
            lanes: lanes.chain(limits.iter().map(lane)).collect(),
            free: VecDeque::new(),
            later: BinaryHeap::new(),
            read: Some(0),
            quota: Quota::default(),
            silent_since: None,
            asked: VecDeque::new(),
        }
    }

    fn put(&mut self, turn: Turn, due: Option<Instant>) {
        match due {
            Some(due) => self.later.push(Reverse((due, turn))),
            None => self.queue(turn),
        }
    }

    /// Takes out all that waits, and when it is due.
    fn drain(&mut self) -> Vec<(Turn, Option<Instant>)> {
        let free = self.free.drain(..).map(|turn| (turn, None));
        let later = self
            .later
            .drain()
            .map(|Reverse((due, turn))| (turn, Some(due)));
        let lanes = self.lanes.iter_mut().flat_map(|(domain, lane)| {
            let waiting = lane.waiting.drain(..);
            waiting.map(|copy| (Turn::new(copy, domain.clone()), None))
        });
        let mut all: Vec<_> = free.chain(later).chain(lanes).collect();
        all.sort_unstable_by_key(|(turn, _)| turn.copy);
        all
    }

    fn queue(&mut self, ticket: Turn) {
        match self.lanes.get_mut(&ticket.domain) {
            Some(lane) => lane.waiting.push_back(ticket.copy),
            None => self.free.push_back(ticket),
        }
    }

    /// What to do now. No more copies leave than the day's quota has room for if the relay takes all that are on their way.
    pub(super) fn next(&mut self, now: Instant) -> Next {
        if self.quota.is_used_up() && self.holds_copies() {
            return if self.quota.flying == 0 {
                Next::UsedUp
            } else {
                let (until, is_deferred) = (None, false);
                Next::Wait { until, is_deferred }
            };
        }
        let next = self.first(now);
        if let Next::Copy(_) = next {
            self.quota.flying += 1;
            self.silent_since = Some(now);
        }
        next
    }

    fn holds_copies(&self) -> bool {
        !self.free.is_empty()
            || !self.later.is_empty()
            || self.lanes.values().any(|lane| !lane.waiting.is_empty())
    }

    fn first(&mut self, now: Instant) -> Next {
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
        let mut waiting = 0;
        let mut first: Option<(&Box<str>, &mut Lane)> = None;
        let mut crowded = None;
        for (domain, lane) in &mut self.lanes {
            if lane.waiting.is_empty() {
                continue;
            }
            waiting += 1;
            if lane.is_full() {
                continue;
            }
            if let Some(ready) = lane.ready(now) {
                until = Some(until.map_or(ready, |until| until.min(ready)));
            } else if lane.is_slow && lane.gate.most.is_none() && lane.gate.flying >= self.half {
                crowded = Some((domain, lane));
            } else if first
                .as_ref()
                .is_none_or(|(_, other)| lane.left < other.left)
            {
                first = Some((domain, lane));
            }
        }
        let ticket = first
            .and_then(|(domain, lane)| lane.leave(domain, now))
            .or_else(|| {
                let mut ticket = self.free.pop_front()?;
                (ticket.since, ticket.is_counted) = (Some(now), false);
                Some(ticket)
            });
        if let Some(ticket) = ticket {
            self.everybody.leave(now);
            return Next::Copy(ticket);
        }
        if let Some(after) = self.read {
            return Next::Read { after };
        }
        if waiting == 1
            && let Some(ticket) = crowded.and_then(|(domain, lane)| lane.leave(domain, now))
        {
            self.everybody.leave(now);
            return Next::Copy(ticket);
        }
        let waits = waiting > 0;
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
    pub(super) fn landed(&mut self, ticket: &Turn, now: Instant) {
        self.quota.flying = self.quota.flying.saturating_sub(1);
        self.silent_since = (self.quota.flying > 0).then_some(now);
        if ticket.since.is_some_and(|since| now - since > SLOW)
            && (self.lanes.len() < LANES || self.lanes.contains_key(&ticket.domain))
        {
            self.slow_lane(&ticket.domain);
        }
        if let Some(lane) = self.lanes.get_mut(&ticket.domain)
            && ticket.is_counted
        {
            lane.land();
        }
    }

    fn slow_lane(&mut self, domain: &str) -> &mut Lane {
        let lane = self.lanes.entry(domain.into());
        let lane = lane.or_insert_with(|| Lane::new(None, None));
        lane.is_slow = true;
        lane
    }

    /// The copy that landed was not handed over: it is the next of its kind, or comes `later`.
    fn again(&mut self, ticket: Turn, later: Option<Instant>) {
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
    pub(super) fn heard(&mut self, ticket: &Turn, stage: Stage, verdict: &Verdict, now: Instant) {
        if matches!(verdict, Verdict::Accepted(_) | Verdict::InDoubt) {
            self.quota.taken += 1;
        }
        match verdict {
            Verdict::Accepted(_) => {
                self.everybody.quicken();
                if let Some(lane) = self.lanes.get_mut(&ticket.domain) {
                    lane.gate.beat.quicken();
                }
            }
            Verdict::Deferred(reply) if is_throttling(reply) => {
                // 4.3.x is the relay's own state (RFC 3463 section 3.4).
                let is_the_relay = matches!(reply.enhanced, Some((_, 3, _)));
                if stage == Stage::Sender || is_the_relay || self.is_crowd(&ticket.domain, now) {
                    self.everybody.slow_down(now);
                } else {
                    self.slow_lane(&ticket.domain).gate.beat.slow_down(now);
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
mod tests;
