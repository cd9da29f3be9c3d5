//! Whose turn it is: one at a time, and of those who wait the one that must be done first.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::oneshot;

/// Those who wait for their turn.
#[derive(Debug, Default)]
pub struct TurnQueue(Mutex<Queue>);

#[derive(Debug, Default)]
struct Queue {
    is_taken: bool,
    /// How many have ever waited.
    count: u64,
    waiting: BTreeMap<Urgency, oneshot::Sender<Turn>>,
}

/// Whether it does not matter when they are done, until when, and who came first.
type Urgency = (bool, Option<DateTime<Utc>>, u64);

/// A place in the queue.
#[derive(Debug)]
pub struct QueuePlace {
    queue: Arc<TurnQueue>,
    called: oneshot::Receiver<Turn>,
}

/// The turn, while it lives.
#[derive(Debug)]
pub struct Turn(Arc<TurnQueue>);

impl TurnQueue {
    /// Waits from now on; to be done by then, if that matters.
    #[must_use]
    pub fn wait(self: &Arc<Self>, by: Option<DateTime<Utc>>) -> QueuePlace {
        let (call, called) = oneshot::channel();
        self.with(|queue| {
            queue.count += 1;
            let place = (by.is_none(), by, queue.count);
            queue.waiting.insert(place, call);
        });
        QueuePlace {
            queue: Arc::clone(self),
            called,
        }
    }

    /// Calls the next if it is nobody's turn.
    fn call(self: &Arc<Self>) {
        let next = self.with(|queue| {
            let is_free = !queue.is_taken;
            let next = is_free.then(|| queue.waiting.pop_first()).flatten();
            queue.is_taken |= next.is_some();
            next
        });
        if let Some((_, call)) = next {
            // Whoever waits no longer passes it on by dropping it.
            drop(call.send(Turn(Arc::clone(self))));
        }
    }

    fn with<T>(&self, work: impl FnOnce(&mut Queue) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl QueuePlace {
    /// The turn, when it comes.
    pub async fn turn(self) -> Turn {
        self.queue.call();
        match self.called.await {
            Ok(turn) => turn,
            // The queue keeps the other end until it calls.
            Err(_) => std::future::pending().await,
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.with(|queue| queue.is_taken = false);
        self.0.call();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_urgent_is_next_and_who_waits_no_longer_is_passed_over() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(async {
            let queue = Arc::new(TurnQueue::default());
            let at = |minute: i64| DateTime::from_timestamp(minute * 60, 0);
            let first = queue.wait(at(9)).turn().await;
            let mut order = Vec::new();
            let places = [
                (None, "whenever"),
                (at(8), "later"),
                (at(3), "gone"),
                (at(5), "soon"),
                (at(5), "soon too"),
            ];
            let mut waiting: Vec<_> = places
                .map(|(by, name)| (name, queue.wait(by)))
                .into_iter()
                .collect();
            waiting.retain(|(name, _)| *name != "gone");
            let waiting = waiting.into_iter().map(async |(name, place)| {
                let turn = place.turn().await;
                (name, turn)
            });
            let mut all: futures_util::stream::FuturesUnordered<_> = waiting.collect();
            drop(first);
            while let Some((name, turn)) = futures_util::StreamExt::next(&mut all).await {
                order.push(name);
                drop(turn);
            }
            assert_eq!(order, ["soon", "soon too", "later", "whenever"]);
        });
    }
}
