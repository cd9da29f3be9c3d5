//! What readers ask, written down: one thread writes for all requests, and whatever waits while one commit runs goes into the next.
//! Nobody is answered before the commit.

use chrono::{DateTime, Utc};
use tokio::sync::{mpsc, oneshot};

use super::error::LedgerError;
use super::sqlite::Ledger;
use crate::model::ask::{Answer, Ask};

/// A handle to the thread; every request may hold one.
#[derive(Clone, Debug)]
pub struct Asks(mpsc::Sender<Request>);

/// The thread itself. It ends when the last [`Asks`] is dropped, after all that was asked is on the disk.
pub struct AsksThread(std::thread::JoinHandle<()>);

#[derive(Debug)]
struct Request {
    ask: Ask,
    now: DateTime<Utc>,
    answer: oneshot::Sender<Result<Answer, LedgerError>>,
}

/// The most asks in one transaction: with more, the first in line would wait too long.
const GROUP: usize = 500;
/// The most asks in line; whoever comes then is told to come again.
const LINE: usize = 10_000;

impl Asks {
    /// Starts the thread; it keeps the ledger until it ends.
    #[must_use]
    pub fn start(ledger: Ledger) -> (Self, AsksThread) {
        let (send, receive) = mpsc::channel(LINE);
        let thread = std::thread::spawn(move || work(ledger, receive));
        (Self(send), AsksThread(thread))
    }

    /// Does what is asked; when this returns, it is on the disk. What only looks at things is not answered here: [`Answer::Later`].
    ///
    /// # Errors
    /// The ledger cannot be written: nothing was done.
    pub async fn put(&self, ask: Ask, now: DateTime<Utc>) -> Result<Answer, LedgerError> {
        let (answer, answered) = oneshot::channel();
        match self.0.try_send(Request { ask, now, answer }) {
            Ok(()) => answered.await.map_err(|_| LedgerError::Stopped)?,
            Err(mpsc::error::TrySendError::Full(_)) => Ok(Answer::Later),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(LedgerError::Stopped),
        }
    }
}

impl AsksThread {
    /// Waits for the thread to end. To be called where waiting is allowed.
    ///
    /// # Errors
    /// The thread died.
    pub fn finish(self) -> Result<(), LedgerError> {
        self.0.join().map_err(|_| LedgerError::Stopped)
    }
}

fn work(mut ledger: Ledger, mut requests: mpsc::Receiver<Request>) {
    let mut group = Vec::new();
    while let Some(first) = requests.blocking_recv() {
        group.push(first);
        while group.len() < GROUP
            && let Ok(next) = requests.try_recv()
        {
            group.push(next);
        }
        let asks: Vec<_> = (group.iter())
            .map(|request| (&request.ask, request.now))
            .collect();
        let answers = ledger.settle_asks(&asks);
        for (request, answer) in group.drain(..).zip(answers) {
            // Whoever does not wait any more has what they wanted all the same.
            _ = request.answer.send(answer);
        }
    }
}
