//! N conversations with the relay, each claiming, handing over and settling one letter at a time.
//!
//! Where the relay takes commands ahead, the letter that is next in line is looked at and rendered before it is claimed, so that its MAIL, RCPT and
//! DATA can leave with the dot of the letter before. Its content leaves after its claim is committed, together with what became of the
//! letter before. A claim that is refused then ends the session instead: nothing arrives.

mod blame;
mod breaker;
mod shared;
mod turns;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::carrier::{Carrier, CarrierError};
use super::queue::{Quota, Turn};
use super::{Halt, HandoverOutcome, Job, SendEvent};
use crate::ledger::{Claim, CommitRequest, LedgerError, Settled, Settlement, Writer};
use crate::mailer::Stage;
use crate::model::delivery::{Letter, Verdict};
use crate::model::line::Line;
use crate::model::stop::Stop;
use shared::{FIRST_WAIT, Failures, Onward, Plan, Shared};
use turns::Unwritten;

/// So often it is tried, a second apart, to write down the last answers when the ledger fails.
const LAST_WORDS: u32 = 3;

pub(super) async fn all(
    job: Job,
    stop: Stop,
    events: mpsc::UnboundedSender<SendEvent>,
) -> Result<HandoverOutcome, LedgerError> {
    let before = job.ledger.tally(job.run)?;
    let now = (job.clock)();
    let relay = job.handover.counted_as();
    let taken = relay.map_or(Ok(0), |relay| job.ledger.handed(relay, now.date_naive()))?;
    let quota = Quota::new(relay.and(job.handover.daily), now, taken);
    let path = (!job.is_alert).then(|| job.ledger.path().to_owned());
    let (writer, thread) = Writer::start(job.ledger, job.run);
    let plan = Plan {
        templates: job.templates,
        handover: job.handover,
        patience: job.patience,
        not_after: job.not_after,
        clock: job.clock,
        zone: job.zone,
        shares_relay: job.shares_relay,
        quota,
    };
    let shared = Arc::new(Shared::new(writer, plan, &before, stop, events));
    let useful = usize::try_from(before.queued)
        .unwrap_or(usize::MAX)
        .clamp(1, shared.handover.connections);
    let mut conversations = JoinSet::new();
    for _ in 0..useful {
        conversations.spawn(converse(Arc::clone(&shared)));
    }
    let ticker = tokio::spawn(tick(Arc::clone(&shared)));
    let watch = tokio::spawn({
        let shared = Arc::clone(&shared);
        async move { shared.watch_the_clock().await }
    });
    let alerts = tokio::spawn({
        let shared = Arc::clone(&shared);
        async move {
            if let Some(ledger) = path {
                shared.watch_for_alerts(&ledger).await;
            }
        }
    });
    while let Some(ended) = conversations.join_next().await {
        if ended.is_err() {
            shared.breaker.halt(Halt::Broken);
        }
    }
    for task in [ticker, watch, alerts] {
        task.abort();
        _ = task.await;
    }
    shared.progress();
    let interrupted = shared.breaker.is_asked_to_stop();
    let mut halt = shared.breaker.take_halt();
    if matches!(
        halt,
        None | Some(
            Halt::Interrupted
                | Halt::TooLate
                | Halt::QuotaUsedUp { .. }
                | Halt::OthersFirst(_)
                | Halt::AlertFirst
        )
    ) {
        let mut rest = Unwritten {
            refused: shared.blame().counted_at_the_end(),
            ..Unwritten::default()
        };
        if let Err(failed) = shared.flush(&mut rest).await {
            halt = halt.or(Some(failed));
        }
    }
    drop(shared);
    let ledger = thread.finish().await?;
    let tally = ledger.tally(job.run)?;
    // At the last instant the clock may have been faster than the last letter.
    let may_be_over = |halt: &Halt| {
        matches!(
            halt,
            Halt::TooLate | Halt::OthersFirst(_) | Halt::AlertFirst
        )
    };
    let halt = halt.filter(|halt| tally.queued > 0 || !may_be_over(halt));
    let halt = halt.or((interrupted && tally.queued > 0).then_some(Halt::Interrupted));
    let place = ledger.close_file();
    Ok(HandoverOutcome { tally, halt, place })
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

/// One conversation of the run.
struct Conversation<'s> {
    shared: &'s Shared,
    carrier: Carrier,
    /// To be written down with the next claim.
    unwritten: Unwritten,
    /// The next copy, and its letter if it has already been rendered: its commands may have left with the dot of the one before.
    ahead: Option<(Turn, Option<Letter>)>,
    failures: Failures,
}

async fn converse(shared: Arc<Shared>) {
    let mut talk = Conversation::new(&shared);
    if let Err(halt) = talk.letters().await {
        shared.breaker.halt(halt);
    }
    talk.drop_ahead();
    // What was answered is written down even if the run stops. The file may be locked or the disk full for a moment only, and an answer
    // that is lost here is a copy in doubt.
    for rest in (0..LAST_WORDS).rev() {
        let Err(halt) = shared.flush(&mut talk.unwritten).await else {
            break;
        };
        shared.breaker.halt(halt);
        if rest > 0 {
            tokio::time::sleep(FIRST_WAIT).await;
        }
    }
    talk.carrier.close().await;
}

impl<'s> Conversation<'s> {
    fn new(shared: &'s Shared) -> Self {
        Self {
            shared,
            carrier: Carrier::new(&shared.handover.relay),
            unwritten: Unwritten::default(),
            ahead: None,
            failures: Failures::default(),
        }
    }
}

impl Conversation<'_> {
    /// Letter after letter, until none is left or the run stops.
    async fn letters(&mut self) -> Result<(), Halt> {
        let shared = self.shared;
        while !shared.breaker.is_stopping() {
            // Before the relay is spoken to: a conversation that was opened and then waits for long is one that the relay ends.
            if self.ahead.is_none() {
                let turn = shared.turn(&mut self.unwritten).await?;
                self.ahead = turn.map(|ticket| (ticket, None));
            }
            if self.ahead.is_none() {
                break;
            }
            if !self.carrier.is_open() {
                // It may take minutes, and a kill meanwhile makes a doubt of every answer that is not written down.
                shared.flush(&mut self.unwritten).await?;
            }
            let ready = tokio::select! {
                ready = self.carrier.ready(shared.heaviest()) => ready,
                () = shared.breaker.stopping() => break,
            };
            if let Err(error) = ready {
                self.drop_ahead();
                match shared.after_failure(error, &mut self.failures).await? {
                    Onward::Again => continue,
                    Onward::Leave => break,
                }
            }
            if shared.breaker.is_stopping() {
                break;
            }
            let Some((ticket, rendered)) = self.ahead.take() else {
                break;
            };
            let Some(claim) = self.claim(&ticket).await? else {
                shared.queue().landed(&ticket, Instant::now());
                shared.counts.left.fetch_sub(1, Ordering::Relaxed);
                shared.wake();
                continue;
            };
            let letter = match rendered {
                Some(letter) => Ok(Some(letter)),
                None => self.render(&claim),
            };
            let letter = match letter {
                Ok(Some(letter)) => letter,
                Ok(None) => {
                    let why = format!("a copy has pages number {}", claim.page_set);
                    _ = shared.events.send(SendEvent::SetAside(Line::clean(&why)));
                    shared.counts.left.fetch_sub(1, Ordering::Relaxed);
                    let settlement = Settlement {
                        copy: claim.copy,
                        settled: Settled::Unusable,
                    };
                    self.settle(ticket, settlement);
                    continue;
                }
                Err(halt) => {
                    self.untouched(&claim);
                    return Err(halt);
                }
            };
            let next = self.ahead.as_ref().and_then(|(_, letter)| letter.as_ref());
            let answer = self
                .carrier
                .hand_over(&letter, next, shared.breaker.stopping());
            match answer.await {
                Ok((stage, verdict)) => self.answered(ticket, &claim, stage, verdict)?,
                Err(CarrierError::Outbox(error)) => {
                    self.untouched(&claim);
                    return Err(Halt::Outbox(error));
                }
                Err(CarrierError::Session(error)) => {
                    if let Some(verdict) = shared.about_the_reader(&error) {
                        self.answered(ticket, &claim, error.stage, verdict)?;
                        continue;
                    }
                    let settlement = shared.lost(&claim, &error);
                    self.drop_ahead();
                    self.settle(ticket, settlement);
                    shared.flush(&mut self.unwritten).await?;
                    match shared.after_failure(error, &mut self.failures).await? {
                        Onward::Again => {}
                        Onward::Leave => break,
                    }
                }
            }
        }
        Ok(())
    }

    /// Claims that copy, and writes down what is settled in the same commit; where commands can leave ahead, looks who is next.
    async fn claim(&mut self, ticket: &Turn) -> Result<Option<Claim>, Halt> {
        let shared = self.shared;
        let next = self.carrier.announces().then(|| shared.at_once()).flatten();
        let order = CommitRequest {
            claim: Some(ticket.copy),
            look: next.as_ref().map(|next| next.copy),
            ..shared.order(&self.unwritten)
        };
        let claimed = shared.writer.commit(order, (shared.clock)()).await;
        if let Some(next) = next {
            // A copy that cannot be announced is claimed in its turn, which says why.
            let look = claimed
                .as_ref()
                .ok()
                .and_then(|claimed| claimed.ahead.as_ref());
            let letter = look.and_then(|look| self.render(look).ok().flatten());
            self.ahead = Some((next, letter));
        }
        let claimed = claimed.map_err(Halt::Ledger)?;
        shared.written(&mut self.unwritten, claimed.set_aside);
        Ok(claimed.claim)
    }

    /// The letter; `None` if the run has no such pages.
    fn render(&self, claim: &Claim) -> Result<Option<Letter>, Halt> {
        let Some(template) = self.shared.templates.get(claim.page_set) else {
            return Ok(None);
        };
        let letter = template.letter(claim.reader, &claim.address, claim.name.as_ref())?;
        Ok(Some(letter))
    }

    fn answered(
        &mut self,
        ticket: Turn,
        claim: &Claim,
        stage: Stage,
        verdict: Verdict,
    ) -> Result<(), Halt> {
        self.failures = Failures::default();
        let shared = self.shared;
        let (verdict, is_doubtful) = shared.doubted(stage, verdict);
        let (is_last, stop) = self.shared.weigh(&ticket, claim, stage, &verdict);
        let mut settlement = self.shared.settle(claim, verdict, is_last);
        if let (true, Settled::Deferred { next_try, .. }) = (is_doubtful, &mut settlement.settled) {
            *next_try = (shared.clock)() + FIRST_WAIT.min(shared.handover.retry_after);
        }
        self.settle(ticket, settlement);
        let counted = self.shared.blame().counted();
        self.unwritten.refused.extend(counted);
        stop
    }

    /// Notes what became of a copy, for the next commit and for the queue.
    fn settle(&mut self, ticket: Turn, settlement: Settlement) {
        let shared = self.shared;
        shared.queue().landed(&ticket, Instant::now());
        shared.wake();
        match &settlement.settled {
            Settled::Untouched => self.unwritten.again.push((ticket, None)),
            Settled::Deferred { next_try, .. } => {
                let wait = (*next_try - (shared.clock)()).to_std().unwrap_or_default();
                let due = Instant::now() + wait;
                self.unwritten.again.push((ticket, Some(due)));
            }
            _ => {}
        }
        self.unwritten.settled.push(settlement);
    }

    /// The run stops, and that copy is as if nobody had claimed it.
    fn untouched(&mut self, claim: &Claim) {
        self.unwritten.settled.push(Settlement {
            copy: claim.copy,
            settled: Settled::Untouched,
        });
    }

    /// Leaves whoever was next to the others.
    fn drop_ahead(&mut self) {
        if let Some((ticket, _)) = self.ahead.take() {
            self.shared.queue().give_back(ticket, None, Instant::now());
            self.shared.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::shared::tests::shared;
    use super::*;
    use crate::model::delivery::Reply;

    /// Else another conversation would find it being handed over still, and nobody would ever send it in this run.
    #[tokio::test]
    async fn a_copy_is_nobodys_until_it_is_written_down_that_it_is_queued() {
        let folder = tempfile::tempdir().unwrap();
        let shared = shared(folder.path());
        let mut talk = Conversation::new(&shared);
        let rows = [1, 2].map(|copy| (copy, "example.org".into(), None));
        shared.queue().fill(rows);
        shared.queue().fill([]);
        let reply = Reply::new(451, "4.2.1 later");
        let next_try = (shared.clock)();
        for settled in [Settled::Untouched, Settled::Deferred { reply, next_try }] {
            let ticket = shared.at_once().unwrap();
            let copy = ticket.copy;
            talk.settle(ticket, Settlement { copy, settled });
        }
        assert_eq!(shared.at_once(), None);
        // A conversation that would have nothing to do writes this down first.
        let first = shared.turn(&mut talk.unwritten).await.unwrap().unwrap();
        assert!(talk.unwritten.settled.is_empty());
        let second = shared.at_once().unwrap();
        assert_eq!([first.copy, second.copy], [1, 2]);
    }
}
