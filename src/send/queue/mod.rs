//! Who is next: the queued copies of a run in the order of the file, domains that are slow beside them, deferred copies when their time
//! comes. It never claims one: the ledger does, and may refuse.
//!
//! Only domains with a limit of their own, or that asked for patience, have a lane; a copy for one of them waits there while the others
//! go on. A domain whose letters take long, or that asked for patience, holds half of the conversations at most while others wait. Of the rest
//! a short window is read ahead. So a letter costs the same whatever most of the list is waiting for, and memory grows by a number for
//! every copy that waits in a lane.

mod quota;

pub(super) use quota::Quota;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use crate::config::DomainLimit;
use crate::mailer::{Beat, Rate, Stage, is_throttling};
use crate::model::delivery::{Reply, Verdict};

/// So many copies are read at a time.
pub(super) const WINDOW: usize = 500;
/// When so many domains ask for patience within [`CROWD_TIME`], it is the relay that asks.
const CROWD: usize = 3;
const CROWD_TIME: Duration = Duration::from_secs(10);
/// A domain of which a letter takes longer is slow.
const SLOW: Duration = Duration::from_secs(10);
/// When there are more lanes than this, it is the relay that is slow, and not one domain more.
const LANES: usize = 1_000;

/// A copy that is somebody's turn; it comes back to the queue with [`Queue::landed`] or [`Queue::give_back`].
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
    /// Rows behind this one are to be read and given to [`Queue::fill`].
    Read { after: i64 },
    /// The day's quota is used up, no letter is on its way, and copies are left.
    UsedUp,
    /// Nothing is left but what others have in hand.
    Done,
}

/// The queue of a run.
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
    /// Who asked for patience lately.
    asked: VecDeque<(Instant, Box<str>)>,
}

/// The copies for one domain.
struct Lane {
    beat: Beat,
    /// At most so many letters on the wire, if that is configured.
    most: Option<usize>,
    /// It takes long or asked for patience: beyond half of the conversations it lets others go first.
    is_slow: bool,
    flying: usize,
    /// When the last one left: whoever waited longest is next.
    left: Option<Instant>,
    waiting: VecDeque<i64>,
}

impl Lane {
    fn new(rate: Option<Rate>, most: Option<usize>) -> Self {
        Self {
            beat: Beat::new(rate),
            most,
            is_slow: false,
            flying: 0,
            left: None,
            waiting: VecDeque::new(),
        }
    }

    /// The first one of it leaves.
    fn leave(&mut self, domain: &str, now: Instant) -> Option<Turn> {
        let copy = self.waiting.pop_front()?;
        self.flying += 1;
        self.left = Some(now);
        self.beat.leave(now);
        Some(Turn {
            since: Some(now),
            is_counted: true,
            ..Turn::new(copy, domain.into())
        })
    }
}

impl Queue {
    pub(super) fn new(conversations: usize, rate: Option<Rate>, limits: &[DomainLimit]) -> Self {
        let lane = |limit: &DomainLimit| {
            let lane = Lane::new(limit.rate, limit.connections);
            (limit.domain.as_str().into(), lane)
        };
        Self {
            half: conversations.div_ceil(2),
            everybody: Beat::new(rate),
            lanes: limits.iter().map(lane).collect(),
            free: VecDeque::new(),
            later: BinaryHeap::new(),
            read: Some(0),
            quota: Quota::default(),
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
            let ticket = Turn::new(copy, domain);
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
            if lane.most.is_some_and(|most| lane.flying >= most) {
                continue;
            }
            if let Some(ready) = lane.beat.ready(now) {
                until = Some(until.map_or(ready, |until| until.min(ready)));
            } else if lane.is_slow && lane.most.is_none() && lane.flying >= self.half {
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
        if ticket.since.is_some_and(|since| now - since > SLOW)
            && (self.lanes.len() < LANES || self.lanes.contains_key(&ticket.domain))
        {
            self.slow_lane(&ticket.domain);
        }
        if let Some(lane) = self.lanes.get_mut(&ticket.domain)
            && ticket.is_counted
        {
            lane.flying = lane.flying.saturating_sub(1);
        }
    }

    fn slow_lane(&mut self, domain: &str) -> &mut Lane {
        let lane = self.lanes.entry(domain.into());
        let lane = lane.or_insert_with(|| Lane::new(None, None));
        lane.is_slow = true;
        lane
    }

    /// The copy was not handed over: it is the next of its kind, or comes `later`.
    pub(super) fn give_back(&mut self, ticket: Turn, later: Option<Instant>, now: Instant) {
        self.landed(&ticket, now);
        self.again(ticket, later);
    }

    /// The copy that landed is queued again, as above.
    pub(super) fn again(&mut self, ticket: Turn, later: Option<Instant>) {
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
                    lane.beat.quicken();
                }
            }
            Verdict::Deferred(reply) if is_throttling(reply) => {
                // 4.3.x is the relay's own state (RFC 3463 section 3.4).
                let is_the_relay = matches!(reply.enhanced, Some((_, 3, _)));
                if stage == Stage::Sender || is_the_relay || self.is_crowd(&ticket.domain, now) {
                    self.everybody.slow_down(now);
                } else {
                    self.slow_lane(&ticket.domain).beat.slow_down(now);
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
