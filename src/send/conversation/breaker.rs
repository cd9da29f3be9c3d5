//! Stopping a run, or going on without a relay: because somebody asked for it, or because of the first halt that a conversation met.

use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

use super::super::Halt;
use crate::ledger::LedgerError;
use crate::model::stop::Stop;

pub(super) struct Breaker {
    stop: Stop,
    /// Raised by the first conversation that meets a halt; the others finish their letter and end.
    halted: watch::Sender<bool>,
    halt: Mutex<Option<Halt>>,
}

impl Breaker {
    pub(super) fn new(stop: Stop) -> Self {
        Self {
            stop,
            halted: watch::Sender::new(false),
            halt: Mutex::default(),
        }
    }

    pub(super) fn is_asked_to_stop(&self) -> bool {
        self.stop.is_asked()
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.is_asked_to_stop() || *self.halted.borrow()
    }

    /// Resolves when the run stops.
    pub(super) async fn stopping(&self) {
        let mut halted = self.halted.subscribe();
        tokio::select! {
            () = self.stop.asked() => {}
            // It cannot fail: its sender is ours.
            _ = halted.wait_for(|halted| *halted) => {}
        }
    }

    /// The first halt counts: those after it are its echoes. Whether it is the first.
    pub(super) fn halt(&self, halt: Halt) -> bool {
        let mut first = self.halt.lock().unwrap_or_else(PoisonError::into_inner);
        // A ledger that has stopped is the echo of what stopped it.
        if matches!(&*first, None | Some(Halt::Ledger(LedgerError::Stopped))) {
            *first = Some(halt);
        }
        !self.raise()
    }

    /// Stops without a reason of its own. Whether it had stopped before.
    pub(super) fn raise(&self) -> bool {
        self.halted.send_replace(true)
    }

    pub(super) fn take_halt(&self) -> Option<Halt> {
        self.halt
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}
