//! Whose turn it is, and waiting for it: the queue, the clock, and what is written down before a wait.

use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use super::super::queue::{Next, Queue, Ticket, WINDOW};
use super::super::{Event, Halt};
use super::shared::Shared;
use crate::ledger::{Order, Settlement};

/// So long at most is slept before the clock is looked at again.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

impl Shared {
    pub(super) fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says that a ticket came back, to those who wait for it.
    pub(super) fn wake(&self) {
        self.landed.notify_waiters();
    }

    /// Who is next, as far as that is known without waiting.
    pub(super) fn at_once(&self) -> Option<Ticket> {
        match self.queue().next(Instant::now()) {
            Next::Copy(ticket) => Some(ticket),
            _ => None,
        }
    }

    /// Waits for whoever is next; `None` when nobody is left, or the run stops. If it takes a while, `settled` does not stay unwritten meanwhile.
    pub(super) async fn turn(&self, settled: &mut Vec<Settlement>) -> Result<Option<Ticket>, Halt> {
        while !self.is_stopping() {
            // Whoever lands from here on is heard.
            let landed = self.landed.notified();
            let next = self.queue().next(Instant::now());
            let (until, is_deferred) = match next {
                Next::Copy(ticket) => return Ok(Some(ticket)),
                Next::Done => return Ok(None),
                Next::Read { after } => {
                    self.read(after).await?;
                    continue;
                }
                Next::Wait { until, is_deferred } => (until, is_deferred),
            };
            self.flush(settled).await?;
            let now = Instant::now();
            if let (true, Some(until)) = (is_deferred, until) {
                let due = (self.clock)() + until.saturating_duration_since(now);
                if self.not_after.is_some_and(|end| due >= end) {
                    return Err(Halt::TooLate);
                }
                _ = self.events.send(Event::Waiting { until: due });
            }
            tokio::select! {
                () = sleep_until(until.unwrap_or(now + LONGEST_SLEEP)) => {}
                () = landed => {}
                () = self.stopping() => {}
            }
        }
        Ok(None)
    }

    /// Reads the window behind that row, unless another conversation has done so meanwhile.
    async fn read(&self, after: i64) -> Result<(), Halt> {
        let _reading = self.reading.lock().await;
        if self.queue().next_read() != Some(after) {
            return Ok(());
        }
        let rows = self.writer.queued(after, WINDOW).await;
        let (now, clock) = (Instant::now(), (self.clock)());
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
    pub(super) async fn flush(&self, settled: &mut Vec<Settlement>) -> Result<(), Halt> {
        if settled.is_empty() {
            return Ok(());
        }
        let order = Order {
            settled: settled.clone(),
            ..Order::default()
        };
        self.writer
            .commit(order, (self.clock)())
            .await
            .map_err(Halt::Ledger)?;
        settled.clear();
        Ok(())
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
}
