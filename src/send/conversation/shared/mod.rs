//! What all conversations of a run share, and what they decide by it: what an answer means, how a lost conversation goes on, when to stop.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;

use super::super::queue::{Queues, Turn};
use super::super::{Halt, Progress, SendEvent};
use super::blame::{AnswerMeaning, RunStop};
use super::breaker::Breaker;
use super::way::Way;
use crate::ledger::{Claim, CommitRequest, RelayLeft, RunId, Settled, Settlement, Writer};
use crate::mailer::{SessionError, Stage, is_throttling};
use crate::model::delivery::{Tally, Verdict};
use crate::model::line::Line;
use crate::model::stop;
use crate::model::zone::{Clock, Zone};

/// So often a conversation is opened in vain before the run stops.
const OPENINGS: u32 = 5;
/// The same before the run goes on without a relay.
const OPENINGS_OF_ONE: u32 = 2;
/// The wait after the first opening in vain; it doubles.
pub(super) const FIRST_WAIT: Duration = Duration::from_secs(1);
/// What all conversations of a run share.
pub(super) struct Shared {
    pub(super) writer: Writer,
    run: RunId,
    /// The run's relays, in the order of the config.
    pub(super) ways: Vec<Way>,
    /// Nothing leaves from then on.
    pub(super) not_after: Option<DateTime<Utc>>,
    pub(super) clock: Clock,
    pub(super) zone: Zone,
    pub(super) shares_relay: bool,
    pub(super) events: mpsc::UnboundedSender<SendEvent>,
    pub(super) waiting: TurnQueue,
    /// The run's own; each relay has one besides.
    pub(super) breaker: Breaker,
    pub(super) counts: LiveCounts,
}

/// What a run is to do.
pub(super) struct Plan {
    pub(super) run: RunId,
    pub(super) ways: Vec<Way>,
    pub(super) queues: Queues,
    pub(super) not_after: Option<DateTime<Utc>>,
    pub(super) clock: Clock,
    pub(super) zone: Zone,
    pub(super) shares_relay: bool,
}

/// The queue, and waiting for it.
pub(super) struct TurnQueue {
    pub(super) queue: Mutex<Queues>,
    /// Held by whoever reads the next window.
    pub(super) reading: tokio::sync::Mutex<()>,
    /// A letter of a domain with a limit landed, or a copy came back.
    pub(super) landed: Notify,
}

#[derive(Default)]
pub(super) struct LiveCounts {
    accepted: AtomicU64,
    rejected: AtomicU64,
    deferred: AtomicU64,
    pub(super) left: AtomicU64,
}

/// Openings and letters in vain of one conversation, since its last answer.
#[derive(Default)]
pub(super) struct Failures {
    number: u32,
    /// What [`Way::answered`] was at the first.
    answered: u64,
}

/// How a conversation goes on after a failure.
pub(super) enum Onward {
    Again,
    /// Others fare better: the relay may allow fewer conversations than we want.
    Leave,
}

impl Shared {
    pub(super) fn new(
        writer: Writer,
        plan: Plan,
        before: &Tally,
        stop: stop::Stop,
        events: mpsc::UnboundedSender<SendEvent>,
    ) -> Self {
        let counts = LiveCounts::default();
        counts.left.store(before.queued, Ordering::Relaxed);
        Self {
            writer,
            run: plan.run,
            ways: plan.ways,
            not_after: plan.not_after,
            clock: plan.clock,
            zone: plan.zone,
            shares_relay: plan.shares_relay,
            events,
            waiting: TurnQueue {
                queue: Mutex::new(plan.queues),
                reading: tokio::sync::Mutex::default(),
                landed: Notify::new(),
            },
            breaker: Breaker::new(stop),
            counts,
        }
    }

    /// Stops the run.
    pub(super) fn halt(&self, halt: Halt) {
        self.breaker.halt(halt);
        for way in &self.ways {
            way.breaker.raise();
        }
    }

    /// Goes on without that relay if it is the relay that failed and another one is there; else the run stops.
    pub(super) async fn halted(&self, way: &Way, halt: Halt) {
        if !halt.is_of_the_relay() {
            return self.halt(halt);
        }
        let why = Line::clean(&halt.with_its_source());
        if !way.breaker.halt(halt) {
            return;
        }
        let is_somebody_there = self.queue().leave(way.number);
        self.wake();
        if let Some((relay, name)) = way.id.zip(way.handover.name.as_ref()) {
            let left = RelayLeft {
                run: self.run,
                relay,
                why: why.clone(),
            };
            let order = CommitRequest {
                left: Some(left),
                ..CommitRequest::default()
            };
            if let Err(failed) = self.writer.commit(order, (self.clock)()).await {
                self.halt(Halt::Ledger(failed));
            }
            if is_somebody_there {
                let relay = name.to_string();
                _ = self.events.send(SendEvent::RelayLeft { relay, why });
            }
        }
        if !is_somebody_there && let Some(halt) = way.breaker.take_halt() {
            self.halt(halt);
        }
    }

    /// Of the copies that are left, how many may be that relay's.
    pub(super) fn left_to(&self, way: &Way) -> u64 {
        let left = self.counts.left.load(Ordering::Relaxed);
        self.queue().left_to(way.number, left)
    }

    /// What became of a copy whose conversation ended before the dot.
    pub(super) fn lost(&self, way: &Way, claim: &Claim, error: &SessionError) -> Settlement {
        match way.lost(claim, error) {
            Some((verdict, is_last)) => self.settle(way, claim, verdict, is_last),
            None => Settlement {
                copy: claim.copy,
                settled: Settled::Untouched,
            },
        }
    }

    /// What a lost or unopened conversation means: stop, open it again after a while, or leave the rest to the others.
    pub(super) async fn after_failure(
        &self,
        way: &Way,
        error: SessionError,
        failures: &mut Failures,
    ) -> Result<Onward, Halt> {
        if error.is_about_us() {
            return Err(Halt::AboutUs(error));
        }
        // A refused opening slows this conversation alone: `too many connections` is no reason for the others to go slower.
        if let (Stage::Reset | Stage::Sender, Some(reply)) = (error.stage, error.reply()) {
            let now = Instant::now();
            self.queue().of(way.number).refused(reply, now);
        }
        let answered = way.answered();
        if failures.number == 0 {
            failures.answered = answered;
        }
        failures.number += 1;
        if self.counts.left.load(Ordering::Relaxed) == 0 {
            // The others have handed over everything meanwhile.
            return Ok(Onward::Leave);
        }
        let openings = if !way.is_open() && self.queue().has_others(way.number) {
            OPENINGS_OF_ONE
        } else {
            OPENINGS
        };
        if failures.number >= openings {
            // Whoever had the last answer of all never leaves, so somebody stays to hand over the rest or to stop the run.
            if answered == failures.answered {
                return Err(Halt::Unreachable(error));
            }
            _ = self.events.send(SendEvent::Fewer {
                why: Line::clean(&error.to_string()),
            });
            return Ok(Onward::Leave);
        }
        let wait = FIRST_WAIT.min(way.handover.retry_after) * 2_u32.pow(failures.number - 1);
        _ = self.events.send(SendEvent::Reconnecting {
            why: Line::clean(&error.to_string()),
            wait,
        });
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = way.breaker.stopping() => {}
        }
        Ok(Onward::Again)
    }

    /// Slows down for a relay that asks for it, and says what an answer means for its copy and for the run.
    pub(super) fn weigh(
        &self,
        way: &Way,
        ticket: &Turn,
        claim: &Claim,
        stage: Stage,
        verdict: &Verdict,
    ) -> (bool, Result<(), Halt>) {
        let left = {
            let mut queue = self.queue();
            let relay = queue.of(way.number);
            relay.heard(ticket, stage, verdict, Instant::now());
            queue.left_to(way.number, self.counts.left.load(Ordering::Relaxed))
        };
        way.has_answered();
        let AnswerMeaning { is_last, stop } =
            way.blame()
                .hear(claim.copy, claim.attempts, stage, verdict, left);
        let (Verdict::Deferred(reply) | Verdict::Rejected(reply)) = verdict else {
            return (is_last, Ok(()));
        };
        if is_throttling(reply) {
            _ = self.events.send(SendEvent::Throttled(reply.clone()));
        }
        let reply = reply.clone();
        let stop = match stop {
            None => Ok(()),
            Some(RunStop::Same(times)) => Err(Halt::SameRefusal { reply, times }),
            Some(RunStop::Everybody(left)) => Err(Halt::RefusesEverybody { reply, left }),
        };
        (is_last, stop)
    }

    /// The row that a verdict becomes; the last deferral of a copy gives it up.
    pub(super) fn settle(
        &self,
        way: &Way,
        claim: &Claim,
        verdict: Verdict,
        is_last: bool,
    ) -> Settlement {
        let settled = match verdict {
            Verdict::Accepted(reply) => {
                self.counts.settle(&self.counts.accepted);
                Settled::Accepted(reply)
            }
            Verdict::Rejected(reply) => {
                self.counts.settle(&self.counts.rejected);
                Settled::Rejected(reply)
            }
            Verdict::InDoubt => {
                self.counts.left.fetch_sub(1, Ordering::Relaxed);
                Settled::InDoubt
            }
            Verdict::Deferred(reply) if is_last => {
                self.counts.left.fetch_sub(1, Ordering::Relaxed);
                Settled::GivenUp(reply)
            }
            Verdict::Deferred(reply) => {
                self.counts.deferred.fetch_add(1, Ordering::Relaxed);
                let next_try = (self.clock)() + way.handover.wait(claim.attempts);
                Settled::Deferred { reply, next_try }
            }
        };
        Settlement {
            copy: claim.copy,
            settled,
        }
    }

    pub(super) fn progress(&self) {
        let load = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let counts = &self.counts;
        let progress = Progress {
            accepted: load(&counts.accepted),
            rejected: load(&counts.rejected),
            deferred: load(&counts.deferred),
            left: load(&counts.left),
        };
        _ = self.events.send(SendEvent::Progress(progress));
    }
}

impl LiveCounts {
    fn settle(&self, count: &AtomicU64) {
        count.fetch_add(1, Ordering::Relaxed);
        self.left.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
pub(super) mod tests;
