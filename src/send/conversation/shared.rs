//! What all conversations of a run share, and what they decide by it: what an answer means, how a lost conversation goes on, when to stop.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::Instant;

use super::super::queue::{Queue, Ticket};
use super::super::{Event, Halt, Progress};
use crate::config::Handover;
use crate::ledger::{Claim, LedgerError, Settled, Settlement, Writer};
use crate::mailer::{Cause, SessionError, Stage, Streak, is_throttling};
use crate::message::LetterTemplate;
use crate::model::delivery::{Reply, Verdict};
use crate::model::line::Line;
use crate::model::zone::Clock;

/// So often a conversation is opened in vain before the run stops.
const OPENINGS: u32 = 5;
/// The wait after the first opening in vain; it doubles.
pub(super) const FIRST_WAIT: Duration = Duration::from_secs(1);
/// A letter that ends so many conversations before its dot is deferred like one that the relay refuses for now: else it could stand in
/// everybody's way for ever.
const LOSSES: u32 = 3;

/// What all conversations of a run share.
pub(super) struct Shared {
    pub(super) writer: Writer,
    pub(super) presses: Vec<LetterTemplate>,
    pub(super) handover: Handover,
    /// Nothing leaves from then on.
    pub(super) not_after: Option<DateTime<Utc>>,
    pub(super) queue: Mutex<Queue>,
    /// Held by whoever reads the next window.
    pub(super) reading: tokio::sync::Mutex<()>,
    /// A letter of a domain with a limit landed, or a copy came back.
    pub(super) landed: Notify,
    pub(super) clock: Clock,
    pub(super) stop: watch::Receiver<bool>,
    /// Raised by the first conversation that meets a halt; the others finish their letter and end.
    halted: watch::Sender<bool>,
    pub(super) halt: Mutex<Option<Halt>>,
    streak: Mutex<Streak>,
    pub(super) counts: Counts,
    /// Copies that the relay took in earlier runs of the program.
    pub(super) accepted_before: u64,
    /// How often a copy's letter ended its conversation.
    losses: Mutex<HashMap<i64, u32>>,
    pub(super) events: mpsc::UnboundedSender<Event>,
}

#[derive(Default)]
pub(super) struct Counts {
    accepted: AtomicU64,
    rejected: AtomicU64,
    deferred: AtomicU64,
    pub(super) left: AtomicU64,
    /// Letters that the relay answered in whatever way.
    answered: AtomicU64,
}

/// Openings and letters in vain of one conversation, since its last answer.
#[derive(Default)]
pub(super) struct Failures {
    number: u32,
    /// What [`Counts::answered`] was at the first.
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
        presses: Vec<LetterTemplate>,
        handover: Handover,
        clock: Clock,
        stop: watch::Receiver<bool>,
        events: mpsc::UnboundedSender<Event>,
    ) -> Self {
        Self {
            writer,
            presses,
            queue: Mutex::new(Queue::new(
                handover.connections,
                handover.rate,
                &handover.per_domain,
            )),
            handover,
            not_after: None,
            reading: tokio::sync::Mutex::default(),
            landed: Notify::new(),
            clock,
            stop,
            halted: watch::Sender::new(false),
            halt: Mutex::new(None),
            streak: Mutex::default(),
            counts: Counts::default(),
            accepted_before: 0,
            losses: Mutex::default(),
            events,
        }
    }

    /// Octets of the largest letter, or nearly.
    pub(super) fn heaviest(&self) -> usize {
        self.presses
            .iter()
            .map(LetterTemplate::size)
            .max()
            .unwrap_or(0)
    }

    pub(super) fn is_stopping(&self) -> bool {
        *self.stop.borrow() || *self.halted.borrow()
    }

    /// Resolves when the run stops.
    pub(super) async fn stopping(&self) {
        let (mut stop, mut halted) = (self.stop.clone(), self.halted.subscribe());
        // A closed channel means that nobody can ask any more; the other one still can.
        tokio::select! {
            true = async { stop.wait_for(|stop| *stop).await.is_ok() } => {}
            true = async { halted.wait_for(|halted| *halted).await.is_ok() } => {}
            else => std::future::pending().await,
        }
    }

    /// The first halt counts: those after it are its echoes.
    pub(super) fn halt(&self, halt: Halt) {
        let mut first = self.halt.lock().unwrap_or_else(PoisonError::into_inner);
        // A ledger that has stopped is the echo of what stopped it.
        if matches!(&*first, None | Some(Halt::Ledger(LedgerError::Stopped))) {
            *first = Some(halt);
        }
        self.halted.send_replace(true);
    }

    /// A refusal at RCPT that reads as if it were about us is about her after all if the relay takes other letters of this run: a closed group, or
    /// her own server's words. Else one address could stop everybody's letters for good. It is deferred and counted, and `stop_after` of
    /// them running are about us again.
    pub(super) fn about_her(&self, error: &SessionError) -> Option<Verdict> {
        let taken = self.accepted_before + self.counts.accepted.load(Ordering::Relaxed);
        match &error.cause {
            Cause::Refused(reply)
                if error.stage == Stage::Recipient && reply.code >= 500 && taken > 0 =>
            {
                Some(Verdict::Deferred(reply.clone()))
            }
            _ => None,
        }
    }

    /// What a conversation that ended before the dot means for its letter: it is queued again, attempts unchanged, unless it has ended too
    /// many of them.
    pub(super) fn lost(&self, claim: &Claim, error: &SessionError) -> Settlement {
        let untouched = Settlement {
            copy: claim.copy,
            settled: Settled::Untouched,
        };
        let with_this_letter = matches!(
            error.stage,
            Stage::Sender | Stage::Recipient | Stage::Data | Stage::Content
        );
        if !with_this_letter || error.is_about_us() {
            return untouched;
        }
        let mut losses = self.losses.lock().unwrap_or_else(PoisonError::into_inner);
        let times = losses.entry(claim.copy).or_default();
        *times += 1;
        if *times < LOSSES {
            return untouched;
        }
        losses.remove(&claim.copy);
        // RFC 3463 section 3.5: bad connection.
        let reply = Reply::new(421, &format!("4.4.2 {LOSSES} times running: {error}"));
        self.settle(claim, Verdict::Deferred(reply))
    }

    /// What a lost or unopened conversation means: stop, open it again after a while, or leave the rest to the others.
    pub(super) async fn after_failure(
        &self,
        error: SessionError,
        failures: &mut Failures,
    ) -> Result<Onward, Halt> {
        if error.is_about_us() {
            return Err(Halt::AboutUs(error));
        }
        // A refused opening slows this conversation alone: `too many connections` is no reason for the others to go slower.
        if let (Stage::Reset | Stage::Sender, Some(reply)) = (error.stage, error.reply()) {
            self.queue().refused(reply, Instant::now());
        }
        let answered = self.counts.answered.load(Ordering::Relaxed);
        if failures.number == 0 {
            failures.answered = answered;
        }
        failures.number += 1;
        if !error.is_worth_retrying() {
            return Err(Halt::Unreachable(error));
        }
        if self.counts.left.load(Ordering::Relaxed) == 0 {
            // The others have handed over everything meanwhile.
            return Ok(Onward::Leave);
        }
        if failures.number >= OPENINGS {
            // Whoever had the last answer of all never leaves, so somebody stays to hand over the rest or to stop the run.
            if answered == failures.answered {
                return Err(Halt::Unreachable(error));
            }
            _ = self.events.send(Event::Fewer {
                why: Line::clean(&error.to_string()),
            });
            return Ok(Onward::Leave);
        }
        let wait = FIRST_WAIT.min(self.handover.retry_after) * 2_u32.pow(failures.number - 1);
        _ = self.events.send(Event::Reconnecting {
            why: Line::clean(&error.to_string()),
            wait,
        });
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = self.stopping() => {}
        }
        Ok(Onward::Again)
    }

    /// Slows down for a relay that asks for it, and stops when the same refusal comes so often that it must be about us.
    pub(super) fn weigh(
        &self,
        ticket: &Ticket,
        stage: Stage,
        verdict: &Verdict,
    ) -> Result<(), Halt> {
        self.queue().heard(ticket, stage, verdict, Instant::now());
        self.counts.answered.fetch_add(1, Ordering::Relaxed);
        let times = self
            .streak
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .add(verdict);
        match verdict {
            Verdict::Deferred(reply) if is_throttling(reply) => {
                _ = self.events.send(Event::Throttled(reply.clone()));
            }
            Verdict::Deferred(reply) | Verdict::Rejected(reply)
                if times >= self.handover.stop_after =>
            {
                return Err(Halt::SameRefusal {
                    reply: reply.clone(),
                    times,
                });
            }
            _ => {}
        }
        Ok(())
    }

    /// The row that a verdict becomes.
    pub(super) fn settle(&self, claim: &Claim, verdict: Verdict) -> Settlement {
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
            Verdict::Deferred(reply) if claim.attempts + 1 >= self.handover.attempts => {
                self.counts.left.fetch_sub(1, Ordering::Relaxed);
                Settled::GivenUp(reply)
            }
            Verdict::Deferred(reply) => {
                self.counts.deferred.fetch_add(1, Ordering::Relaxed);
                let next_try = (self.clock)() + self.handover.wait(claim.attempts);
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
        _ = self.events.send(Event::Progress(progress));
    }
}

impl Counts {
    fn settle(&self, count: &AtomicU64) {
        count.fetch_add(1, Ordering::Relaxed);
        self.left.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::ledger::{Ledger, RunId};
    use crate::mailer::Relay;

    pub(in super::super) fn shared(folder: &std::path::Path) -> Shared {
        let ledger = Ledger::open(&folder.join("l.db")).unwrap();
        let began = chrono::DateTime::UNIX_EPOCH;
        let handover = Handover::to(Relay::Outbox(folder.join("outbox")));
        let writer = Writer::start(ledger, RunId::none()).0;
        let (stop, events) = (watch::channel(false).1, mpsc::unbounded_channel().0);
        let clock: Clock = Arc::new(move || began);
        let shared = Shared::new(writer, Vec::new(), handover, clock, stop, events);
        shared.counts.left.store(100, Ordering::Relaxed);
        shared
    }

    /// How a conversation ends that cannot be opened, and how many seconds that takes, with so many answers to others after its first try.
    async fn in_vain(answers: u64) -> (&'static str, u64) {
        let folder = tempfile::tempdir().unwrap();
        let shared = shared(folder.path());
        let mut failures = Failures::default();
        let start = tokio::time::Instant::now();
        let outcome = loop {
            let error = SessionError {
                relay: "relay:25".into(),
                stage: Stage::Greeting,
                cause: Cause::Refused(Reply::new(421, "4.7.0 too many connections")),
            };
            match shared.after_failure(error, &mut failures).await {
                Ok(Onward::Again) => {}
                Ok(Onward::Leave) => break "leave",
                Err(Halt::Unreachable(_)) => break "stop",
                Err(halt) => panic!("{halt}"),
            }
            if failures.number == 1 {
                shared.counts.answered.fetch_add(answers, Ordering::Relaxed);
            }
        };
        (outcome, start.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn one_conversation_in_vain_stops_the_run_only_if_no_other_is_answered() {
        assert_eq!(in_vain(0).await, ("stop", 15));
        assert_eq!(in_vain(1).await, ("leave", 15));
    }
}
