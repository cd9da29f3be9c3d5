//! Whose turn it is, and waiting for it: the queue, the clock, and what is written down before a wait.
//!
//! A copy comes back to the queue only once it is written down as queued: whoever claimed it before would find it still being handed over,
//! and it would be nobody's for the rest of the run.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use super::super::queue::{Next, Queues, Turn, WINDOW, Waiting};
use super::super::turn::AGAIN;
use super::super::{Halt, SendEvent};
use super::shared::Shared;
use super::way::Way;
use crate::ledger::{CommitRequest, LockOf, Refused, SendLock, Settlement};
use crate::model::line::Line;

/// So long at most is slept before the clock is looked at again.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

/// What became of copies, not written down yet.
#[derive(Default)]
pub(super) struct Unwritten {
    pub(super) settled: Vec<Settlement>,
    /// Refusals to be counted against mailboxes.
    pub(super) refused: Vec<Refused>,
    /// Those of them that are tried again, and when.
    pub(super) again: Vec<(Turn, Option<Instant>)>,
}

impl Unwritten {
    pub(super) fn is_empty(&self) -> bool {
        self.settled.is_empty() && self.refused.is_empty()
    }
}

impl Shared {
    pub(super) fn queue(&self) -> MutexGuard<'_, Queues> {
        self.waiting
            .queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Says that a ticket came back, to those who wait for it.
    pub(super) fn wake(&self) {
        self.waiting.landed.notify_waiters();
    }

    /// A copy of that relay is not on its way any more; whether it is settled for good.
    pub(super) fn landed(&self, way: &Way, ticket: &Turn, for_good: bool) {
        let mut queue = self.queue();
        queue.of(way.number).landed(ticket, Instant::now());
        if for_good {
            queue.done(way.number);
        }
        drop(queue);
        self.wake();
    }

    fn next(&self, way: &Way) -> Next {
        let mut queue = self.queue();
        queue.of(way.number).quota.it_is((self.clock)());
        queue.next(way.number, Instant::now())
    }

    /// Why nothing more goes to a relay whose day's quota is used up.
    fn used_up(&self, way: &Way) -> Halt {
        let mut queue = self.queue();
        let quota = &queue.of(way.number).quota;
        let renewed = quota.renewed();
        let (daily, key) = quota.most().unwrap_or_default();
        Halt::QuotaUsedUp {
            daily,
            key,
            left: self.counts.left.load(Ordering::Relaxed),
            until: self.zone.at(renewed).fixed_offset(),
            is_too_late: self.not_after.is_some_and(|end| end <= renewed),
        }
    }

    /// All that is not written down yet, to be written down.
    pub(super) fn order(way: &Way, unwritten: &Unwritten) -> CommitRequest {
        CommitRequest {
            settled: unwritten.settled.clone(),
            refused: unwritten.refused.clone(),
            relay: way.counted_as.clone(),
            ..CommitRequest::default()
        }
    }

    /// Who is next, as far as that is known without waiting.
    pub(super) fn at_once(&self, way: &Way) -> Option<Turn> {
        match self.next(way) {
            Next::Copy(ticket) => Some(ticket),
            _ => None,
        }
    }

    /// Waits for whoever is next; `None` when nobody is left, or the run stops. Nothing stays unwritten meanwhile.
    pub(super) async fn turn(
        &self,
        way: &Way,
        unwritten: &mut Unwritten,
    ) -> Result<Option<Turn>, Halt> {
        while !way.breaker.is_stopping() {
            // Whoever lands from here on is heard.
            let landed = self.waiting.landed.notified();
            let next = self.next(way);
            let (until, is_deferred) = match next {
                Next::Copy(ticket) => return Ok(Some(ticket)),
                Next::Read { after } => {
                    self.read(after).await?;
                    continue;
                }
                // Whoever comes back by that may be next.
                Next::Done | Next::UsedUp | Next::Wait { .. } if !unwritten.is_empty() => {
                    self.flush(way, unwritten).await?;
                    continue;
                }
                Next::Done => return Ok(None),
                Next::UsedUp => return Err(self.used_up(way)),
                Next::Wait { until, is_deferred } => (until, is_deferred),
            };
            let now = Instant::now();
            if let (true, Some(until)) = (is_deferred, until) {
                let due = (self.clock)() + until.saturating_duration_since(now);
                if self.not_after.is_some_and(|end| due >= end) {
                    return Err(Halt::TooLate);
                }
                _ = self.events.send(SendEvent::Waiting { until: due });
                if self.shares_relay {
                    return Err(Halt::OthersFirst(due));
                }
            }
            tokio::select! {
                () = sleep_until(until.unwrap_or(now + LONGEST_SLEEP)) => {}
                () = landed => {}
                () = way.breaker.stopping() => {}
            }
        }
        Ok(None)
    }

    /// Reads the window behind that row, unless another conversation has done so meanwhile.
    async fn read(&self, after: i64) -> Result<(), Halt> {
        let _reading = self.waiting.reading.lock().await;
        if self.queue().next_read() != Some(after) {
            return Ok(());
        }
        let clock = (self.clock)();
        let rows = self.writer.queued(after, WINDOW, clock).await;
        let now = Instant::now();
        let rows = rows.map_err(Halt::Ledger)?.into_iter().map(|row| {
            let wait = (row.next_try - clock).to_std().ok();
            let due = wait.filter(|wait| !wait.is_zero()).map(|wait| now + wait);
            let relay = row.relay;
            let relay = relay.and_then(|id| self.ways.iter().position(|way| way.id == Some(id)));
            Waiting {
                copy: row.copy,
                domain: row.domain,
                due,
                relay,
                is_doubtful: row.is_doubtful,
            }
        });
        self.queue().fill(rows);
        // Others may be waiting for the one thing that was known before.
        self.wake();
        Ok(())
    }

    /// Writes down what is settled.
    pub(super) async fn flush(&self, way: &Way, unwritten: &mut Unwritten) -> Result<(), Halt> {
        if unwritten.is_empty() {
            return Ok(());
        }
        let written = self
            .writer
            .commit(Self::order(way, unwritten), (self.clock)())
            .await;
        let set_aside = written.map_err(Halt::Ledger)?.set_aside;
        self.written(way, unwritten, set_aside);
        Ok(())
    }

    /// All of it is on the disk, or was set aside: copies to be tried again may be claimed by anybody.
    pub(super) fn written(&self, way: &Way, unwritten: &mut Unwritten, set_aside: Vec<Line>) {
        for why in set_aside {
            _ = self.events.send(SendEvent::SetAside(why));
        }
        unwritten.settled.clear();
        unwritten.refused.clear();
        for (ticket, later) in unwritten.again.drain(..) {
            self.queue().again(way.number, ticket, later);
            self.wake();
        }
    }

    /// Stops the run at `not_after`. The clock may jump and a laptop sleep, so it is looked at now and then.
    pub(super) async fn watch_the_clock(&self) {
        let Some(end) = self.not_after else {
            return;
        };
        while let Ok(left) = (end - (self.clock)()).to_std()
            && !left.is_zero()
        {
            sleep(left.min(LONGEST_SLEEP)).await;
        }
        self.halt(Halt::TooLate);
    }

    /// Stops the run when an alert wants the relay.
    pub(super) async fn watch_for_alerts(&self, ledger: &Path) {
        while SendLock::holder(ledger, LockOf::Alert).is_none() {
            sleep(AGAIN).await;
        }
        self.halt(Halt::AlertFirst);
    }
}
