//! One thread writes for all conversations. Commits are grouped without a timer: whatever waits while one commit runs goes into the next.

use chrono::{DateTime, Utc};
use tokio::sync::{mpsc, oneshot};

use super::copies::{Claimed, CommitRequest, QueuedCopy};
use super::error::LedgerError;
use super::run::RunId;
use super::sqlite::Ledger;

/// A handle to the thread; every conversation may hold one.
#[derive(Clone, Debug)]
pub struct Writer(mpsc::UnboundedSender<Request>);

/// The thread itself. It ends when the last [`Writer`] is dropped.
pub struct WriterThread(std::thread::JoinHandle<Ledger>);

#[derive(Debug)]
enum Request {
    Commit(Box<Commit>),
    Read {
        after: i64,
        most: usize,
        now: DateTime<Utc>,
        answer: oneshot::Sender<Result<Vec<QueuedCopy>, LedgerError>>,
    },
}

#[derive(Debug)]
struct Commit {
    order: CommitRequest,
    now: DateTime<Utc>,
    answer: oneshot::Sender<Result<Claimed, LedgerError>>,
}

/// The most requests in one transaction: with more, the first in line would wait too long.
const GROUP: usize = 200;

impl Writer {
    /// Starts the thread; it keeps the ledger until it ends.
    #[must_use]
    pub fn start(ledger: Ledger, run: RunId) -> (Self, WriterThread) {
        let (send, receive) = mpsc::unbounded_channel();
        (
            Self(send),
            WriterThread(std::thread::spawn(move || work(ledger, run, receive))),
        )
    }

    /// Writes down what became of copies and claims another, in one commit. When this returns, it is on the disk.
    ///
    /// # Errors
    /// The ledger cannot be written: nothing was settled or claimed.
    pub async fn commit(
        &self,
        order: CommitRequest,
        now: DateTime<Utc>,
    ) -> Result<Claimed, LedgerError> {
        let (answer, answered) = oneshot::channel();
        let commit = Commit { order, now, answer };
        self.0
            .send(Request::Commit(Box::new(commit)))
            .map_err(|_| LedgerError::Stopped)?;
        answered.await.map_err(|_| LedgerError::Stopped)?
    }

    /// As [`Ledger::queued`].
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub async fn queued(
        &self,
        after: i64,
        most: usize,
        now: DateTime<Utc>,
    ) -> Result<Vec<QueuedCopy>, LedgerError> {
        let (answer, answered) = oneshot::channel();
        let read = Request::Read {
            after,
            most,
            now,
            answer,
        };
        self.0.send(read).map_err(|_| LedgerError::Stopped)?;
        answered.await.map_err(|_| LedgerError::Stopped)?
    }
}

impl WriterThread {
    /// Waits for the thread to end, and gives the ledger back.
    ///
    /// # Errors
    /// The thread died.
    pub async fn finish(self) -> Result<Ledger, LedgerError> {
        tokio::task::spawn_blocking(move || self.0.join())
            .await
            .ok()
            .and_then(Result::ok)
            .ok_or(LedgerError::Stopped)
    }
}

fn work(mut ledger: Ledger, run: RunId, mut requests: mpsc::UnboundedReceiver<Request>) -> Ledger {
    let mut group = Vec::new();
    while let Some(first) = requests.blocking_recv() {
        let mut next = Some(first);
        while let Some(request) = next {
            match request {
                Request::Commit(commit) => group.push(commit),
                Request::Read {
                    after,
                    most,
                    now,
                    answer,
                } => _ = answer.send(ledger.queued(run, after, most, now)),
            }
            next = (group.len() < GROUP)
                .then(|| requests.try_recv().ok())
                .flatten();
        }
        if group.is_empty() {
            continue;
        }
        let orders: Vec<_> = (group.iter())
            .map(|request| (&request.order, request.now))
            .collect();
        let answers = ledger.commit_together(&orders);
        for (request, answer) in group.drain(..).zip(answers) {
            // Whoever does not wait any more left a claim behind; it will be found in doubt.
            _ = request.answer.send(answer);
        }
    }
    ledger
}
