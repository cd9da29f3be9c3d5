//! N conversations with the relay, each claiming, handing over and settling one letter at a time.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::carrier::{Carrier, CarrierError};
use super::{Clock, Event, Halt, Job, Outcome, Progress};
use crate::config::Handover;
use crate::delivery::{Reply, Verdict};
use crate::ledger::{Claim, LedgerError, Settled, Settlement, Writer};
use crate::line::Line;
use crate::mailer::{Pace, SessionError, Stage, Streak, is_throttling};
use crate::message::Press;

/// So often a conversation is opened in vain before the run stops.
const OPENINGS: u32 = 5;
/// The wait after the first opening in vain; it doubles.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// A letter that ends so many conversations before its dot is deferred like one that the relay refuses for now: else it could stand in
/// everybody's way for ever.
const LOSSES: u32 = 3;
/// So often it is tried, a second apart, to write down the last answers when the ledger fails.
const LAST_WORDS: u32 = 3;

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
    /// How often a copy's letter ended its conversation.
    losses: Mutex<HashMap<i64, u32>>,
    events: mpsc::UnboundedSender<Event>,
}

#[derive(Default)]
struct Counts {
    accepted: AtomicU64,
    rejected: AtomicU64,
    deferred: AtomicU64,
    left: AtomicU64,
    /// Letters that the relay answered in whatever way.
    answered: AtomicU64,
}

/// Openings and letters in vain of one conversation, since its last answer.
#[derive(Default)]
struct Failures {
    number: u32,
    /// What [`Counts::answered`] was at the first.
    answered: u64,
}

/// How a conversation goes on after a failure.
enum Onward {
    Again,
    /// Others fare better: the relay may allow fewer conversations than we want.
    Leave,
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
        losses: Mutex::default(),
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
    while let Some(ended) = conversations.join_next().await {
        if ended.is_err() {
            shared.halt(Halt::Broken);
        }
    }
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
    // What was answered is written down even if the run stops. The file may be locked or the disk full for a moment only, and an answer
    // that is lost here is a copy in doubt.
    for rest in (0..LAST_WORDS).rev() {
        let Err(halt) = flush(&shared, &mut settled).await else {
            break;
        };
        shared.halt(halt);
        if rest > 0 {
            tokio::time::sleep(FIRST_WAIT).await;
        }
    }
    carrier.close().await;
}

/// Letter after letter, until none is left or the run stops.
async fn letters(
    shared: &Shared,
    carrier: &mut Carrier,
    settled: &mut Vec<Settlement>,
) -> Result<(), Halt> {
    let mut failures = Failures::default();
    while !shared.is_stopping() {
        let ready = tokio::select! {
            ready = carrier.ready(0) => ready,
            () = shared.stopping() => break,
        };
        if let Err(error) = ready {
            flush(shared, settled).await?;
            match shared.after_failure(error, &mut failures).await? {
                Onward::Again => continue,
                Onward::Leave => break,
            }
        }
        shared.turn(settled).await?;
        if shared.is_stopping() {
            break;
        }
        let claimed = shared
            .writer
            .settle_and_claim(settled.clone(), 1, (shared.clock)())
            .await
            .map_err(Halt::Ledger)?;
        settled.clear();
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
            settled.push(Settlement {
                copy: claim.copy,
                settled: Settled::Untouched,
            });
            return Err(Halt::Ledger(LedgerError::Nonsense {
                what: format!("pages number {}", claim.page_set),
            }));
        };
        let letter = press.letter(claim.reader, &claim.address, claim.name.as_ref());
        let letter = match letter {
            Ok(letter) => letter,
            Err(error) => {
                settled.push(Settlement {
                    copy: claim.copy,
                    settled: Settled::Untouched,
                });
                return Err(Halt::Unsigned(error));
            }
        };
        match carrier.hand_over(&letter, None, shared.stopping()).await {
            Ok((_, verdict)) => {
                failures = Failures::default();
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
                settled.push(shared.lost(&claim, &error));
                flush(shared, settled).await?;
                match shared.after_failure(error, &mut failures).await? {
                    Onward::Again => {}
                    Onward::Leave => break,
                }
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
        .settle_and_claim(settled.clone(), 0, (shared.clock)())
        .await
        .map_err(Halt::Ledger)?;
    settled.clear();
    Ok(())
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
        // A ledger that has stopped is the echo of what stopped it.
        if matches!(&*first, None | Some(Halt::Ledger(LedgerError::Stopped))) {
            *first = Some(halt);
        }
        self.halted.send_replace(true);
    }

    /// What a conversation that ended before the dot means for its letter: it is queued again, attempts unchanged, unless it has ended too
    /// many of them.
    fn lost(&self, claim: &Claim, error: &SessionError) -> Settlement {
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
    async fn after_failure(
        &self,
        error: SessionError,
        failures: &mut Failures,
    ) -> Result<Onward, Halt> {
        if error.is_about_us() {
            return Err(Halt::AboutUs(error));
        }
        // A refused opening slows this conversation alone: `too many connections` is no reason for the others to go slower.
        if let (Stage::Reset | Stage::Sender, Some(reply)) = (error.stage, error.reply()) {
            self.pace.refused(reply);
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
                let next_try = (self.clock)() + self.handover.wait(claim.attempts);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Ledger, RunId};
    use crate::mailer::{Cause, Relay};

    fn shared(folder: &std::path::Path) -> Shared {
        let ledger = Ledger::open(&folder.join("l.db")).unwrap();
        let began = chrono::DateTime::UNIX_EPOCH;
        Shared {
            writer: Writer::start(ledger, RunId::none()).0,
            presses: Vec::new(),
            handover: Handover {
                relay: Relay::Outbox(folder.join("outbox")),
                connections: 8,
                rate: None,
                attempts: 5,
                stop_after: 20,
                retry_after: Duration::from_mins(1),
            },
            pace: Pace::new(None),
            clock: Arc::new(move || began),
            stop: watch::channel(false).1,
            halted: watch::Sender::new(false),
            halt: Mutex::new(None),
            streak: Mutex::default(),
            counts: Counts {
                left: AtomicU64::new(100),
                ..Counts::default()
            },
            losses: Mutex::default(),
            events: mpsc::unbounded_channel().0,
        }
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
