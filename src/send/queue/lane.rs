//! The copies for one domain, and what limits them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use super::Turn;
use crate::config::DomainLimit;
use crate::mailer::{Beat, Rate};

/// How fast letters to a domain leave, and how many are on the wire.
pub(super) struct Gate {
    pub(super) beat: Beat,
    /// At most so many letters on the wire, if that is configured.
    pub(super) most: Option<usize>,
    pub(super) flying: usize,
}

impl Gate {
    fn new(rate: Option<Rate>, most: Option<usize>) -> Self {
        Self {
            beat: Beat::new(rate),
            most,
            flying: 0,
        }
    }

    fn is_full(&self) -> bool {
        self.most.is_some_and(|most| self.flying >= most)
    }

    fn leave(&mut self, now: Instant) {
        self.flying += 1;
        self.beat.leave(now);
    }

    fn land(&mut self) {
        self.flying = self.flying.saturating_sub(1);
    }
}

/// A limit that the queues of several relays share.
#[derive(Clone)]
pub(in crate::send) struct SharedLimit {
    pub(super) domain: Box<str>,
    gate: Arc<Mutex<Gate>>,
}

impl SharedLimit {
    pub(in crate::send) fn new(limit: &DomainLimit) -> Self {
        Self {
            domain: limit.domain.as_str().into(),
            gate: Arc::new(Mutex::new(Gate::new(limit.rate, limit.connections))),
        }
    }

    fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The copies for one domain.
pub(super) struct Lane {
    pub(super) gate: Gate,
    /// What holds over all relays.
    pub(super) over_all: Option<SharedLimit>,
    /// It takes long or asked for patience: beyond half of the conversations it lets others go first.
    pub(super) is_slow: bool,
    /// When the last one left: whoever waited longest is next.
    pub(super) left: Option<Instant>,
    pub(super) waiting: VecDeque<i64>,
}

impl Lane {
    pub(super) fn new(rate: Option<Rate>, most: Option<usize>) -> Self {
        Self {
            gate: Gate::new(rate, most),
            over_all: None,
            is_slow: false,
            left: None,
            waiting: VecDeque::new(),
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.gate.is_full() || (self.over_all.as_ref()).is_some_and(|all| all.gate().is_full())
    }

    pub(super) fn ready(&self, now: Instant) -> Option<Instant> {
        let over_all = self.over_all.as_ref();
        let over_all = over_all.and_then(|all| all.gate().beat.ready(now));
        self.gate.beat.ready(now).max(over_all)
    }

    /// The first one of it leaves.
    pub(super) fn leave(&mut self, domain: &str, now: Instant) -> Option<Turn> {
        let copy = self.waiting.pop_front()?;
        self.left = Some(now);
        self.gate.leave(now);
        if let Some(all) = &self.over_all {
            all.gate().leave(now);
        }
        Some(Turn {
            since: Some(now),
            is_counted: true,
            ..Turn::new(copy, domain.into())
        })
    }

    pub(super) fn land(&mut self) {
        self.gate.land();
        if let Some(all) = &self.over_all {
            all.gate().land();
        }
    }
}
