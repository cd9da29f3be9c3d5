//! Stopping a run: because somebody asked for it, or because of the first halt that a conversation met.

use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

use super::super::Halt;
use crate::ledger::LedgerError;

pub(super) struct Breaker {
    /// Somebody asked for it.
    stop: watch::Receiver<bool>,
    /// Raised by the first conversation that meets a halt; the others finish their letter and end.
    halted: watch::Sender<bool>,
    halt: Mutex<Option<Halt>>,
}

impl Breaker {
    pub(super) fn new(stop: watch::Receiver<bool>) -> Self {
        Self {
            stop,
            halted: watch::Sender::new(false),
            halt: Mutex::default(),
        }
    }

    pub(super) fn is_asked_to_stop(&self) -> bool {
        *self.stop.borrow()
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.is_asked_to_stop() || *self.halted.borrow()
    }

    /// Resolves when the run stops.
    pub(super) async fn stopping(&self) {
        let (mut stop, mut halted) = (self.stop.clone(), self.halted.subscribe());
        // A closed channel means that nobody can ask any more; the other one still can.
        tokio::select! {
            true = async { stop.wait_for(|stop| *stop).await.is_ok() } => {}
            true = async { halted.wait_for(|halted| *halted).await.is_ok() } => {}
            else => std::future::pending().await,
        }
    }

    /// The first halt counts: those after it are its echoes.
    pub(super) fn halt(&self, halt: Halt) {
        let mut first = self.halt.lock().unwrap_or_else(PoisonError::into_inner);
        // A ledger that has stopped is the echo of what stopped it.
        if matches!(&*first, None | Some(Halt::Ledger(LedgerError::Stopped))) {
            *first = Some(halt);
        }
        self.halted.send_replace(true);
    }

    pub(super) fn take_halt(&self) -> Option<Halt> {
        self.halt
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}
