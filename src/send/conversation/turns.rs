//! Whose turn it is, and waiting for it: the queue, the clock, and what is written down before a wait.
//!
//! A copy comes back to the queue only once it is written down as queued: whoever claimed it before would find it still being handed over,
//! and it would be nobody's for the rest of the run.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use super::super::queue::{Next, Queue, Turn, WINDOW};
use super::super::turn::AGAIN;
use super::super::{Halt, SendEvent};
use super::shared::Shared;
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
    pub(super) fn queue(&self) -> MutexGuard<'_, Queue> {
        self.waiting
            .queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Says that a ticket came back, to those who wait for it.
    pub(super) fn wake(&self) {
        self.waiting.landed.notify_waiters();
    }

    fn next(&self) -> Next {
        let mut queue = self.queue();
        queue.quota.it_is((self.clock)());
        queue.next(Instant::now())
    }

    /// Why the run stops when the day's quota is used up.
    fn used_up(&self) -> Halt {
        let queue = self.queue();
        let renewed = queue.quota.renewed();
        Halt::QuotaUsedUp {
            daily: queue.quota.daily.unwrap_or_default(),
            left: self.counts.left.load(Ordering::Relaxed),
            until: self.zone.at(renewed).fixed_offset(),
            is_too_late: self.not_after.is_some_and(|end| end <= renewed),
        }
    }

    /// All that is not written down yet, to be written down.
    pub(super) fn order(&self, unwritten: &Unwritten) -> CommitRequest {
        CommitRequest {
            settled: unwritten.settled.clone(),
            refused: unwritten.refused.clone(),
            relay: self.counted_as.clone(),
            ..CommitRequest::default()
        }
    }

    /// Who is next, as far as that is known without waiting.
    pub(super) fn at_once(&self) -> Option<Turn> {
        match self.next() {
            Next::Copy(ticket) => Some(ticket),
            _ => None,
        }
    }

    /// Waits for whoever is next; `None` when nobody is left, or the run stops. Nothing stays unwritten meanwhile.
    pub(super) async fn turn(&self, unwritten: &mut Unwritten) -> Result<Option<Turn>, Halt> {
        while !self.breaker.is_stopping() {
            // Whoever lands from here on is heard.
            let landed = self.waiting.landed.notified();
            let next = self.next();
            let (until, is_deferred) = match next {
                Next::Copy(ticket) => return Ok(Some(ticket)),
                Next::Read { after } => {
                    self.read(after).await?;
                    continue;
                }
                // Whoever comes back by that may be next.
                Next::Done | Next::UsedUp | Next::Wait { .. } if !unwritten.is_empty() => {
                    self.flush(unwritten).await?;
                    continue;
                }
                Next::Done => return Ok(None),
                Next::UsedUp => return Err(self.used_up()),
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
                () = self.breaker.stopping() => {}
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
            (row.copy, row.domain, due)
        });
        self.queue().fill(rows);
        // Others may be waiting for the one thing that was known before.
        self.wake();
        Ok(())
    }

    /// Writes down what is settled.
    pub(super) async fn flush(&self, unwritten: &mut Unwritten) -> Result<(), Halt> {
        if unwritten.is_empty() {
            return Ok(());
        }
        let written = self
            .writer
            .commit(self.order(unwritten), (self.clock)())
            .await;
        self.written(unwritten, written.map_err(Halt::Ledger)?.set_aside);
        Ok(())
    }

    /// All of it is on the disk, or was set aside: copies to be tried again may be claimed by anybody.
    pub(super) fn written(&self, unwritten: &mut Unwritten, set_aside: Vec<Line>) {
        for why in set_aside {
            _ = self.events.send(SendEvent::SetAside(why));
        }
        unwritten.settled.clear();
        unwritten.refused.clear();
        for (ticket, later) in unwritten.again.drain(..) {
            self.queue().again(ticket, later);
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
        self.breaker.halt(Halt::TooLate);
    }

    /// Stops the run when an alert wants the relay.
    pub(super) async fn watch_for_alerts(&self, ledger: &Path) {
        while SendLock::holder(ledger, LockOf::Alert).is_none() {
            sleep(AGAIN).await;
        }
        self.breaker.halt(Halt::AlertFirst);
    }
}
