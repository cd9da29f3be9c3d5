//! What providers tell of our letters.

use std::sync::Arc;

use super::{NotDone, Service};
use crate::bounce::provider::{Batch, Once};
use crate::bounces::{Opener, reported};
use crate::ledger::BounceOutcome;

/// What became of the events of one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventCounts {
    /// Written down now.
    pub noted: u64,
    /// Told before.
    pub known: u64,
    /// About addresses that never were in the ledger.
    pub strangers: u64,
    /// Put on the suppression list.
    pub suppressed: u64,
    /// Delivered, still being tried, opened and their like: nothing to write down.
    pub passed: u64,
    /// Without an address that can be read.
    pub unreadable: u64,
}

/// Whether a request was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is on the disk.
    Yes(EventCounts),
    /// Its signature came with another body before.
    Used,
}

impl Service {
    /// Writes down what a provider told; on the disk when it is answered.
    ///
    /// # Errors
    /// [`NotDone::Later`]: the ledger cannot be written.
    pub async fn take_events(
        self: Arc<Self>,
        batch: Batch,
        once: Option<Once>,
    ) -> Result<Taken, NotDone> {
        let now = self.now();
        let ids: Vec<String> = self.ids();
        let opener = Opener {
            keys: &self.keys,
            newsletters: &ids,
        };
        let mut counts = EventCounts {
            passed: batch.others,
            unreadable: batch.unreadable,
            ..EventCounts::default()
        };
        let mut all = Vec::with_capacity(batch.events.len());
        for event in batch.events {
            match reported(event, opener, now) {
                Some(one) => all.push(one),
                None => counts.passed += 1,
            }
        }
        if all.is_empty() && once.is_none() {
            return Ok(Taken::Yes(counts));
        }
        let written = self.writer.report(all, once, self.patience, now).await;
        let Some(outcomes) = self.or_later(written)? else {
            return Ok(Taken::Used);
        };
        for outcome in outcomes {
            match outcome {
                BounceOutcome::Noted => counts.noted += 1,
                BounceOutcome::Known => counts.known += 1,
                BounceOutcome::Stranger => counts.strangers += 1,
                BounceOutcome::Suppressed(_) => {
                    counts.noted += 1;
                    counts.suppressed += 1;
                }
            }
        }
        Ok(Taken::Yes(counts))
    }
}
