//! What all conversations of a run share, and what they decide by it: what an answer means, how a lost conversation goes on, when to stop.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;

use super::super::queue::{Queue, Quota, Turn};
use super::super::{Halt, Progress, SendEvent};
use super::blame::{AnswerMeaning, Blame, LOSSES, RunStop};
use super::breaker::Breaker;
use crate::config::Handover;
use crate::ledger::{Claim, Patience, Settled, Settlement, Writer};
use crate::mailer::{Cause, SessionError, Stage, is_our_limit, is_throttling};
use crate::model::delivery::{Reply, Tally, Verdict};
use crate::model::line::Line;
use crate::model::stop;
use crate::model::zone::{Clock, Zone};
use crate::send::templates::Templates;

/// So often a conversation is opened in vain before the run stops.
const OPENINGS: u32 = 5;
/// The wait after the first opening in vain; it doubles.
pub(super) const FIRST_WAIT: Duration = Duration::from_secs(1);
/// What all conversations of a run share.
pub(super) struct Shared {
    pub(super) writer: Writer,
    pub(super) templates: Templates,
    pub(super) handover: Handover,
    /// Nothing leaves from then on.
    pub(super) not_after: Option<DateTime<Utc>>,
    pub(super) clock: Clock,
    pub(super) zone: Zone,
    pub(super) shares_relay: bool,
    /// Under which name the ledger counts the letters of the day, if they are limited.
    pub(super) counted_as: Option<Arc<str>>,
    pub(super) events: mpsc::UnboundedSender<SendEvent>,
    pub(super) waiting: TurnQueue,
    pub(super) breaker: Breaker,
    pub(super) counts: LiveCounts,
    blame: Mutex<Blame>,
}

/// What a run is to do.
pub(super) struct Plan {
    pub(super) templates: Templates,
    pub(super) handover: Handover,
    pub(super) patience: Patience,
    pub(super) not_after: Option<DateTime<Utc>>,
    pub(super) clock: Clock,
    pub(super) zone: Zone,
    pub(super) shares_relay: bool,
    pub(super) quota: Quota,
}

/// The queue, and waiting for it.
pub(super) struct TurnQueue {
    pub(super) queue: Mutex<Queue>,
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
    /// Letters that the relay answered in whatever way.
    answered: AtomicU64,
}

/// Openings and letters in vain of one conversation, since its last answer.
#[derive(Default)]
pub(super) struct Failures {
    number: u32,
    /// What [`LiveCounts::answered`] was at the first.
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
        let Plan {
            templates,
            handover,
            patience,
            not_after,
            clock,
            zone,
            shares_relay,
            quota,
        } = plan;
        let counted_as = handover.counted_as().map(Arc::from);
        let mut queue = Queue::new(handover.connections, handover.rate, &handover.per_domain);
        queue.quota = quota;
        let blame = Blame::new(
            handover.attempts,
            handover.stop_after,
            patience,
            before.accepted,
        );
        let counts = LiveCounts::default();
        counts.left.store(before.queued, Ordering::Relaxed);
        Self {
            writer,
            templates,
            handover,
            not_after,
            clock,
            zone,
            shares_relay,
            counted_as,
            events,
            waiting: TurnQueue {
                queue: Mutex::new(queue),
                reading: tokio::sync::Mutex::default(),
                landed: Notify::new(),
            },
            breaker: Breaker::new(stop),
            counts,
            blame: Mutex::new(blame),
        }
    }

    /// Octets of the largest letter, or nearly.
    pub(super) fn heaviest(&self) -> usize {
        self.templates.heaviest()
    }

    pub(super) fn blame(&self) -> MutexGuard<'_, Blame> {
        self.blame.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A refusal at RCPT that reads as if it were about us is about the reader after all if the relay takes other letters of this edition: a
    /// closed group, or the words of the reader's own server. Else one address could stop everybody's letters for good.
    pub(super) fn about_the_reader(&self, error: &SessionError) -> Option<Verdict> {
        match &error.cause {
            Cause::Refused(reply)
                if error.stage == Stage::Recipient
                    && reply.code >= 500
                    && !is_our_limit(reply)
                    && self.blame().takes_letters() =>
            {
                Some(Verdict::Deferred(reply.clone()))
            }
            _ => None,
        }
    }

    /// Until the relay has taken a letter of this edition, a rejection at RCPT that says nothing of the mailbox is asked again soon, when it is known what others hear.
    pub(super) fn doubted(&self, stage: Stage, verdict: Verdict) -> (Verdict, bool) {
        let left = self.counts.left.load(Ordering::Relaxed);
        match verdict {
            Verdict::Rejected(reply) if self.blame().is_doubtful(stage, &reply, left) => {
                (Verdict::Deferred(reply), true)
            }
            other => (other, false),
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
        if !self.blame().lost(claim.copy) {
            return untouched;
        }
        // RFC 3463 section 3.5: bad connection.
        let reply = Reply::new(421, &format!("4.4.2 {LOSSES} times running: {error}"));
        let is_last = claim.attempts + 1 >= self.handover.attempts;
        self.settle(claim, Verdict::Deferred(reply), is_last)
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
        if self.counts.left.load(Ordering::Relaxed) == 0 {
            // The others have handed over everything meanwhile.
            return Ok(Onward::Leave);
        }
        if failures.number >= OPENINGS {
            // Whoever had the last answer of all never leaves, so somebody stays to hand over the rest or to stop the run.
            if answered == failures.answered {
                return Err(Halt::Unreachable(error));
            }
            _ = self.events.send(SendEvent::Fewer {
                why: Line::clean(&error.to_string()),
            });
            return Ok(Onward::Leave);
        }
        let wait = FIRST_WAIT.min(self.handover.retry_after) * 2_u32.pow(failures.number - 1);
        _ = self.events.send(SendEvent::Reconnecting {
            why: Line::clean(&error.to_string()),
            wait,
        });
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = self.breaker.stopping() => {}
        }
        Ok(Onward::Again)
    }

    /// Slows down for a relay that asks for it, and says what an answer means for its copy and for the run.
    pub(super) fn weigh(
        &self,
        ticket: &Turn,
        claim: &Claim,
        stage: Stage,
        verdict: &Verdict,
    ) -> (bool, Result<(), Halt>) {
        self.queue().heard(ticket, stage, verdict, Instant::now());
        self.counts.answered.fetch_add(1, Ordering::Relaxed);
        let left = self.counts.left.load(Ordering::Relaxed);
        let AnswerMeaning { is_last, stop } =
            self.blame()
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
    pub(super) fn settle(&self, claim: &Claim, verdict: Verdict, is_last: bool) -> Settlement {
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
pub(super) mod tests {
    use super::*;
    use crate::ledger::{Ledger, LedgerFile, RunId};
    use crate::mailer::Relay;

    pub(in super::super) fn shared(folder: &std::path::Path) -> Shared {
        let ledger = Ledger::open(&LedgerFile::new(folder.join("l.db"), folder, "x")).unwrap();
        let began = chrono::DateTime::UNIX_EPOCH;
        let handover = Handover::to(Relay::Outbox(folder.join("outbox")));
        let writer = Writer::start(ledger, RunId::none()).0;
        let (stop, events) = (stop::Stop::never(), mpsc::unbounded_channel().0);
        let clock: Clock = Arc::new(move || began);
        let plan = Plan {
            templates: Templates::new(Vec::new(), |_| unreachable!("there are no pages")),
            handover,
            patience: Patience {
                soft: 3,
                within: chrono::TimeDelta::days(14),
            },
            not_after: None,
            clock,
            zone: Zone::bundled("UTC").unwrap(),
            shares_relay: false,
            quota: Quota::default(),
        };
        let before = Tally {
            queued: 100,
            ..Tally::default()
        };
        Shared::new(writer, plan, &before, stop, events)
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
