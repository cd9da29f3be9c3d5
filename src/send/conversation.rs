//! N conversations with the relay, each claiming, handing over and settling one letter at a time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::carrier::{Carrier, CarrierError};
use super::{Clock, Event, Halt, Job, Outcome, Progress};
use crate::config::Handover;
use crate::delivery::Verdict;
use crate::ledger::{Claim, LedgerError, Settled, Settlement, Writer};
use crate::line::Line;
use crate::mailer::{Pace, SessionError, Streak, is_throttling};
use crate::message::Press;

/// So often a conversation is opened in vain before the run stops.
const OPENINGS: u32 = 5;
/// The wait after the first opening in vain; it doubles.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// What all conversations of a run share.
struct Shared {
    writer: Writer,
    presses: Vec<Press>,
    handover: Handover,
    pace: Pace,
    clock: Clock,
    stop: watch::Receiver<bool>,
    /// Raised by the first conversation that meets a halt; the others finish their letter and end.
    halted: watch::Sender<bool>,
    halt: Mutex<Option<Halt>>,
    streak: Mutex<Streak>,
    counts: Counts,
    events: mpsc::UnboundedSender<Event>,
}

#[derive(Default)]
struct Counts {
    accepted: AtomicU64,
    rejected: AtomicU64,
    deferred: AtomicU64,
    left: AtomicU64,
}

pub(super) async fn all(
    job: Job,
    stop: watch::Receiver<bool>,
    events: mpsc::UnboundedSender<Event>,
) -> Result<Outcome, LedgerError> {
    let before = job.ledger.tally(job.run)?;
    let (writer, thread) = Writer::start(job.ledger, job.run);
    let shared = Arc::new(Shared {
        writer,
        presses: job.presses,
        pace: Pace::new(job.handover.rate),
        handover: job.handover,
        clock: job.clock,
        stop,
        halted: watch::Sender::new(false),
        halt: Mutex::new(None),
        streak: Mutex::new(Streak::default()),
        counts: Counts::default(),
        events,
    });
    shared.counts.left.store(before.queued, Ordering::Relaxed);
    let useful = usize::try_from(before.queued)
        .unwrap_or(usize::MAX)
        .clamp(1, shared.handover.connections);
    let mut conversations = JoinSet::new();
    for _ in 0..useful {
        conversations.spawn(converse(Arc::clone(&shared)));
    }
    let ticker = tokio::spawn(tick(Arc::clone(&shared)));
    while conversations.join_next().await.is_some() {}
    ticker.abort();
    _ = ticker.await;
    shared.progress();
    let interrupted = *shared.stop.borrow();
    let halt = shared
        .halt
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    drop(shared);
    let ledger = thread.finish().await?;
    let tally = ledger.tally(job.run)?;
    let halt = halt.or((interrupted && tally.queued > 0).then_some(Halt::Interrupted));
    Ok(Outcome { tally, halt })
}

/// Reports counts once a second.
async fn tick(shared: Arc<Shared>) {
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    seconds.tick().await;
    loop {
        seconds.tick().await;
        shared.progress();
    }
}

async fn converse(shared: Arc<Shared>) {
    let mut carrier = Carrier::new(&shared.handover.relay);
    let mut settled = Vec::new();
    if let Err(halt) = letters(&shared, &mut carrier, &mut settled).await {
        shared.halt(halt);
    }
    // What was answered is written down even if the run stops.
    if !settled.is_empty()
        && let Err(error) = shared
            .writer
            .settle_and_claim(settled, 0, (shared.clock)())
            .await
    {
        shared.halt(Halt::Ledger(error));
    }
    carrier.close().await;
}

/// Letter after letter, until none is left or the run stops.
async fn letters(
    shared: &Shared,
    carrier: &mut Carrier,
    settled: &mut Vec<Settlement>,
) -> Result<(), Halt> {
    let mut failures = 0;
    while !shared.is_stopping() {
        if let Err(error) = carrier.ready().await {
            flush(shared, settled).await?;
            shared.after_failure(error, &mut failures).await?;
            continue;
        }
        shared.turn(settled).await?;
        if shared.is_stopping() {
            break;
        }
        let claimed = shared
            .writer
            .settle_and_claim(std::mem::take(settled), 1, (shared.clock)())
            .await
            .map_err(Halt::Ledger)?;
        let Some(claim) = claimed.claims.into_iter().next() else {
            let Some(due) = claimed.next_try else {
                return Ok(());
            };
            _ = shared.events.send(Event::Waiting { until: due });
            let wait = (due - (shared.clock)()).to_std().unwrap_or_default();
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = shared.stopping() => {}
            }
            continue;
        };
        let Some(press) = shared.presses.get(claim.page_set) else {
            continue;
        };
        let letter = press.letter(claim.reader, &claim.address, claim.name.as_ref());
        match carrier.hand_over(&letter).await {
            Ok(verdict) => {
                failures = 0;
                let stop = shared.weigh(&verdict);
                settled.push(shared.settle(&claim, verdict));
                stop?;
            }
            Err(CarrierError::Outbox(error)) => {
                settled.push(Settlement {
                    copy: claim.copy,
                    settled: Settled::Untouched,
                });
                return Err(Halt::Outbox(error));
            }
            Err(CarrierError::Session(error)) => {
                settled.push(Settlement {
                    copy: claim.copy,
                    settled: Settled::Untouched,
                });
                flush(shared, settled).await?;
                shared.after_failure(error, &mut failures).await?;
            }
        }
    }
    Ok(())
}

async fn flush(shared: &Shared, settled: &mut Vec<Settlement>) -> Result<(), Halt> {
    if settled.is_empty() {
        return Ok(());
    }
    shared
        .writer
        .settle_and_claim(std::mem::take(settled), 0, (shared.clock)())
        .await
        .map(drop)
        .map_err(Halt::Ledger)
}

impl Shared {
    fn is_stopping(&self) -> bool {
        *self.stop.borrow() || *self.halted.borrow()
    }

    /// Resolves when the run stops.
    async fn stopping(&self) {
        let (mut stop, mut halted) = (self.stop.clone(), self.halted.subscribe());
        // A closed channel means that nobody can ask any more; the other one still can.
        tokio::select! {
            true = async { stop.wait_for(|stop| *stop).await.is_ok() } => {}
            true = async { halted.wait_for(|halted| *halted).await.is_ok() } => {}
            else => std::future::pending().await,
        }
    }

    /// The first halt counts: those after it are its echoes.
    fn halt(&self, halt: Halt) {
        let mut first = self.halt.lock().unwrap_or_else(PoisonError::into_inner);
        if first.is_none() {
            *first = Some(halt);
        }
        self.halted.send_replace(true);
    }

    /// What a lost or unopened conversation means: stop, or open it again after a while.
    async fn after_failure(&self, error: SessionError, failures: &mut u32) -> Result<(), Halt> {
        if error.is_about_us() {
            return Err(Halt::AboutUs(error));
        }
        if let Some(reply) = error.reply() {
            self.pace.refused(reply);
        }
        *failures += 1;
        if !error.is_worth_retrying() || *failures >= OPENINGS {
            return Err(Halt::Unreachable(error));
        }
        let wait = FIRST_WAIT.min(self.handover.retry_after) * 2_u32.pow(*failures - 1);
        _ = self.events.send(Event::Reconnecting {
            why: Line::clean(&error.to_string()),
            wait,
        });
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = self.stopping() => {}
        }
        Ok(())
    }

    /// Waits until a letter may leave; if that takes a while, nothing stays unwritten meanwhile.
    async fn turn(&self, settled: &mut Vec<Settlement>) -> Result<(), Halt> {
        let turn = self.pace.turn();
        tokio::pin!(turn);
        tokio::select! {
            biased;
            () = &mut turn => return Ok(()),
            () = std::future::ready(()) => {}
        }
        flush(self, settled).await?;
        tokio::select! {
            () = turn => {}
            () = self.stopping() => {}
        }
        Ok(())
    }

    /// Slows down for a relay that asks for it, and stops when the same refusal comes so often that it must be about us.
    fn weigh(&self, verdict: &Verdict) -> Result<(), Halt> {
        self.pace.heard(verdict);
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
    fn settle(&self, claim: &Claim, verdict: Verdict) -> Settlement {
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
                let gap = self.handover.retry_after * 2_u32.saturating_pow(claim.attempts.min(10));
                let next_try = (self.clock)() + TimeDelta::from_std(gap).unwrap_or(TimeDelta::MAX);
                Settled::Deferred { reply, next_try }
            }
        };
        Settlement {
            copy: claim.copy,
            settled,
        }
    }

    fn progress(&self) {
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
