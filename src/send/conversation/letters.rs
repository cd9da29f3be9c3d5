//! One conversation: letter after letter is claimed, handed over and settled.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::time::Instant;

use super::super::carrier::{Carrier, CarrierError};
use super::super::queue::Turn;
use super::super::{Halt, SendEvent};
use super::shared::{FIRST_WAIT, Failures, Onward, Shared};
use super::turns::Unwritten;
use super::way::Way;
use crate::ledger::{Claim, CommitRequest, Settled, Settlement};
use crate::mailer::Stage;
use crate::model::delivery::{Letter, Verdict};
use crate::model::line::Line;

/// So often it is tried, a second apart, to write down the last answers when the ledger fails.
const LAST_WORDS: u32 = 3;

/// One conversation of the run.
struct Conversation<'s> {
    shared: &'s Shared,
    way: &'s Way,
    carrier: Carrier,
    /// To be written down with the next claim.
    unwritten: Unwritten,
    /// The next copy, and its letter if it has already been rendered: its commands may have left with the dot of the one before.
    ahead: Option<(Turn, Option<Letter>)>,
    failures: Failures,
    /// Whether its relay counts it as open.
    is_open: bool,
}

pub(super) async fn converse(shared: Arc<Shared>, relay: usize) {
    let Some(way) = shared.ways.get(relay) else {
        return;
    };
    let mut talk = Conversation::new(&shared, way);
    if let Err(halt) = talk.letters().await {
        shared.halted(way, halt).await;
    }
    talk.is_open(false);
    talk.drop_ahead();
    // What was answered is written down even if the run stops. The file may be locked or the disk full for a moment only, and an answer
    // that is lost here is a copy in doubt.
    for rest in (0..LAST_WORDS).rev() {
        let Err(halt) = shared.flush(way, &mut talk.unwritten).await else {
            break;
        };
        shared.halt(halt);
        if rest > 0 {
            tokio::time::sleep(FIRST_WAIT).await;
        }
    }
    talk.carrier.close().await;
}

impl<'s> Conversation<'s> {
    /// Notes whether it is open.
    fn is_open(&mut self, is_open: bool) {
        if self.is_open != is_open {
            self.is_open = is_open;
            self.way.opened(is_open);
        }
    }

    fn new(shared: &'s Shared, way: &'s Way) -> Self {
        Self {
            shared,
            way,
            is_open: false,
            carrier: Carrier::new(&way.handover.relay),
            unwritten: Unwritten::default(),
            ahead: None,
            failures: Failures::default(),
        }
    }
}

impl Conversation<'_> {
    /// Letter after letter, until none is left or the run stops.
    async fn letters(&mut self) -> Result<(), Halt> {
        let (shared, way) = (self.shared, self.way);
        while !way.breaker.is_stopping() {
            // Before the relay is spoken to: a conversation that was opened and then waits for long is one that the relay ends.
            if self.ahead.is_none() {
                let turn = shared.turn(way, &mut self.unwritten).await?;
                self.ahead = turn.map(|ticket| (ticket, None));
            }
            if self.ahead.is_none() {
                break;
            }
            if !self.carrier.is_open() {
                // It may take minutes, and a kill meanwhile makes a doubt of every answer that is not written down.
                shared.flush(way, &mut self.unwritten).await?;
            }
            self.is_open(self.carrier.is_open());
            let others = !self.carrier.is_open() && shared.queue().has_others(way.number);
            let ready = tokio::select! {
                ready = way.open(&mut self.carrier, others) => ready?,
                () = way.breaker.stopping() => break,
            };
            if let Err(error) = ready {
                self.drop_ahead();
                match shared.after_failure(way, error, &mut self.failures).await? {
                    Onward::Again => continue,
                    Onward::Leave => break,
                }
            }
            self.is_open(true);
            if way.breaker.is_stopping() {
                break;
            }
            let Some((ticket, rendered)) = self.ahead.take() else {
                break;
            };
            let Some(claim) = self.claim(&ticket).await? else {
                shared.landed(way, &ticket, true);
                shared.counts.left.fetch_sub(1, Ordering::Relaxed);
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
                .hand_over(&letter, next, way.breaker.stopping());
            match answer.await {
                Ok((stage, verdict)) => self.answered(ticket, &claim, stage, verdict)?,
                Err(CarrierError::Outbox(error)) => {
                    self.untouched(&claim);
                    return Err(Halt::Outbox(error));
                }
                Err(CarrierError::Session(error)) => {
                    if let Some(verdict) = way.about_the_reader(&error) {
                        self.answered(ticket, &claim, error.stage, verdict)?;
                        continue;
                    }
                    self.is_open(self.carrier.is_open());
                    let settlement = shared.lost(way, &claim, &error);
                    self.drop_ahead();
                    self.settle(ticket, settlement);
                    shared.flush(way, &mut self.unwritten).await?;
                    match shared.after_failure(way, error, &mut self.failures).await? {
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
        let (shared, way) = (self.shared, self.way);
        let announces = self.carrier.announces();
        let next = announces.then(|| shared.at_once(way)).flatten();
        let order = CommitRequest {
            claim: Some(ticket.copy),
            claimed_for: way.id,
            look: next.as_ref().map(|next| next.copy),
            ..Shared::order(way, &self.unwritten)
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
        shared.written(way, &mut self.unwritten, claimed.set_aside);
        Ok(claimed.claim)
    }

    /// The letter; `None` if the run has no such pages.
    fn render(&self, claim: &Claim) -> Result<Option<Letter>, Halt> {
        let Some(template) = self.way.templates.get(claim.page_set) else {
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
        let (shared, way) = (self.shared, self.way);
        let (verdict, is_doubtful) = way.doubted(stage, verdict, shared.left_to(way));
        let (is_last, stop) = shared.weigh(way, &ticket, claim, stage, &verdict);
        let mut settlement = shared.settle(way, claim, verdict, is_last);
        if let (true, Settled::Deferred { next_try, .. }) = (is_doubtful, &mut settlement.settled) {
            *next_try = (shared.clock)() + FIRST_WAIT.min(way.handover.retry_after);
        }
        self.settle(ticket, settlement);
        let counted = way.blame().counted();
        self.unwritten.refused.extend(counted);
        stop
    }

    /// Notes what became of a copy, for the next commit and for the queue.
    fn settle(&mut self, ticket: Turn, settlement: Settlement) {
        let shared = self.shared;
        let comes_back = matches!(
            settlement.settled,
            Settled::Untouched | Settled::Deferred { .. }
        );
        shared.landed(self.way, &ticket, !comes_back);
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
            let mut queue = self.shared.queue();
            queue.give_back(self.way.number, ticket, Instant::now());
            drop(queue);
            self.shared.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::shared::tests::shared;
    use super::*;
    use crate::model::delivery::Reply;
    use crate::send::queue::Waiting;

    /// Else another conversation would find it being handed over still, and nobody would ever send it in this run.
    #[tokio::test]
    async fn a_copy_is_nobodys_until_it_is_written_down_that_it_is_queued() {
        let folder = tempfile::tempdir().unwrap();
        let shared = shared(folder.path(), 1);
        let way = &shared.ways[0];
        let mut talk = Conversation::new(&shared, way);
        let rows = [1, 2].map(|copy| Waiting {
            copy,
            domain: "example.org".into(),
            due: None,
            relay: None,
            is_doubtful: false,
        });
        shared.queue().fill(rows);
        shared.queue().fill([]);
        let reply = Reply::new(451, "4.2.1 later");
        let next_try = (shared.clock)();
        for settled in [Settled::Untouched, Settled::Deferred { reply, next_try }] {
            let ticket = shared.at_once(way).unwrap();
            let copy = ticket.copy;
            talk.settle(ticket, Settlement { copy, settled });
        }
        assert_eq!(shared.at_once(way), None);
        // A conversation that would have nothing to do writes this down first.
        let first = shared
            .turn(way, &mut talk.unwritten)
            .await
            .unwrap()
            .unwrap();
        assert!(talk.unwritten.settled.is_empty());
        let second = shared.at_once(way).unwrap();
        assert_eq!([first.copy, second.copy], [1, 2]);
    }
}
