//! One thread writes for all conversations. Commits are grouped without a timer: whatever waits while one commit runs goes into the next.

use chrono::{DateTime, Utc};
use tokio::sync::{mpsc, oneshot};

use super::copies::{Claimed, Settlement, settle_and_claim};
use super::{Ledger, LedgerError, RunId};

/// A handle to the thread; every conversation may hold one.
#[derive(Clone, Debug)]
pub struct Writer(mpsc::UnboundedSender<Request>);

/// The thread itself. It ends when the last [`Writer`] is dropped.
pub struct WriterThread(std::thread::JoinHandle<Ledger>);

#[derive(Debug)]
struct Request {
    settled: Vec<Settlement>,
    want: usize,
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

    /// Writes down what became of copies and claims up to `want` further ones, in one commit. When this returns, it is on the disk.
    ///
    /// # Errors
    /// The ledger cannot be written: nothing was settled or claimed.
    pub async fn settle_and_claim(
        &self,
        settled: Vec<Settlement>,
        want: usize,
        now: DateTime<Utc>,
    ) -> Result<Claimed, LedgerError> {
        let (answer, answered) = oneshot::channel();
        self.0
            .send(Request {
                settled,
                want,
                now,
                answer,
            })
            .map_err(|_| LedgerError::Stopped)?;
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
        group.push(first);
        while group.len() < GROUP
            && let Ok(next) = requests.try_recv()
        {
            group.push(next);
        }
        let done = ledger.write(|db| {
            group
                .iter()
                .map(|request| {
                    settle_and_claim(db, run, &request.settled, request.want, request.now)
                })
                .collect::<rusqlite::Result<Vec<_>>>()
        });
        match done {
            Ok(answers) => {
                for (request, answer) in group.drain(..).zip(answers) {
                    // Whoever does not wait any more left a claim behind; it will be found in doubt.
                    _ = request.answer.send(Ok(answer));
                }
            }
            // All or nothing: the group's transaction was rolled back. If it is the file that fails, it fails for all; the first is told
            // why, the others that there is no more. If it is one of them, each is tried alone, so that it fails for itself only.
            Err(error) => {
                let alone = group.len() > 1 && error.is_about_a_row();
                let mut error = Some(error);
                for request in group.drain(..) {
                    let answer = if alone {
                        ledger.settle_and_claim(run, &request.settled, request.want, request.now)
                    } else {
                        Err(error.take().unwrap_or(LedgerError::Stopped))
                    };
                    _ = request.answer.send(answer);
                }
            }
        }
    }
    ledger
}
