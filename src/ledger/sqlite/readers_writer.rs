//! What readers ask for, written down: one thread writes for all requests, and whatever waits while one commit runs goes into the next.
//! Nobody is answered before the commit.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::Ledger;
use super::answers;
use super::asked::{erase, leave, leave_one, prefer};
use super::reported;
use super::sign_of_life::stay;
use super::sign_ups::{confirm, sign, touch};
use crate::bounce::provider::Once;
use crate::ledger::{BounceOutcome, LedgerError, LedgerPlace, Patience, Reported, RunId};
use crate::model::newsletter_name::NewsletterKey;
use crate::model::reader::{LeftNewsletter, Preferences, ReaderId, SignUp, SignUpId, Switched};

/// A handle to the thread; every request may hold one.
#[derive(Clone, Debug)]
pub struct ReadersWriter {
    requests: mpsc::Sender<Request>,
    /// All that there are, where there are several.
    newsletters: Arc<[NewsletterKey]>,
}

/// The thread itself. It ends when the last [`ReadersWriter`] is dropped, after all that was asked for is on the disk.
pub struct ReadersWriterThread(std::thread::JoinHandle<Ledger>);

type Write = dyn Fn(&Connection) -> rusqlite::Result<()> + Send;

struct Request {
    /// Keeps its answer for the one who asked. It may be called again if somebody else's write spoils the transaction.
    write: Box<Write>,
    committed: oneshot::Sender<Result<(), LedgerError>>,
}

/// The most writes in one transaction: with more, the first in line would wait too long.
const GROUP: usize = 500;
/// The most writes in line; whoever comes then is told to come again.
const LINE: usize = 10_000;
/// When one of these returns, what was asked for is on the disk. On an error nothing was done.
#[expect(clippy::missing_errors_doc, reason = "the ledger cannot be written")]
impl ReadersWriter {
    /// Starts the thread; it keeps the ledger until it ends.
    #[must_use]
    pub fn start(ledger: Ledger) -> (Self, ReadersWriterThread) {
        let (send, receive) = mpsc::channel(LINE);
        let thread = std::thread::spawn(move || work(ledger, receive));
        let writer = Self {
            requests: send,
            newsletters: Arc::new([]),
        };
        (writer, ReadersWriterThread(thread))
    }

    /// The same for a newsroom with these newsletters.
    #[must_use]
    pub fn among(self, newsletters: Vec<NewsletterKey>) -> Self {
        Self {
            newsletters: newsletters.into(),
            ..self
        }
    }

    /// No letter any more, also if they left before; `false`: there is no such reader.
    pub async fn leave(&self, reader: ReaderId, now: DateTime<Utc>) -> Result<bool, LedgerError> {
        self.put(move |db| leave(db, reader, now)).await
    }

    /// No letter any more of that one of several newsletters; `false`: there is no such reader.
    pub async fn leave_one(
        &self,
        reader: ReaderId,
        newsletter: LeftNewsletter,
        now: DateTime<Utc>,
    ) -> Result<bool, LedgerError> {
        self.put(move |db| leave_one(db, reader, &newsletter, now))
            .await
    }

    /// A letter to confirm will go out, or not: whether it does is nobody's business. `false`: too many wait, or have signed up within the hour.
    pub async fn sign_up(&self, sign_up: SignUp, now: DateTime<Utc>) -> Result<bool, LedgerError> {
        self.put(move |db| sign(db, &sign_up, now)).await
    }

    /// The sign-up was meant; the second time too. `None`: it is older than seven days, or the reader has left since. `today` is the day in the
    /// newsroom's zone, and `alerts` the id of the alerts, if there are any.
    pub async fn confirm(
        &self,
        id: SignUpId,
        now: DateTime<Utc>,
        today: NaiveDate,
        alerts: Option<String>,
    ) -> Result<Option<ReaderId>, LedgerError> {
        let newsletters = Arc::clone(&self.newsletters);
        self.put(move |db| confirm(db, id, (&newsletters, alerts.as_deref()), (now, today)))
            .await
    }

    /// Other preferences, and what the reader gets from now on or no more without choosing it by name. `false`: there is no such reader.
    pub async fn change(
        &self,
        reader: ReaderId,
        preferences: Preferences,
        switched: Switched,
        now: DateTime<Utc>,
    ) -> Result<bool, LedgerError> {
        let newsletters = Arc::clone(&self.newsletters);
        self.put(move |db| prefer(db, reader, &preferences, (&newsletters, &switched), now))
            .await
    }

    /// The reader wants to go on, and without the pause if these are their preferences without it; `false`: there is no such reader.
    pub async fn stay(
        &self,
        reader: ReaderId,
        resumed: Option<Preferences>,
        now: DateTime<Utc>,
    ) -> Result<bool, LedgerError> {
        self.put(move |db| stay(db, reader, resumed.as_ref(), now))
            .await
    }

    /// Forgets the reader, but for what it takes never to write to them again; `false`: there is no such reader.
    pub async fn erase(&self, reader: ReaderId, now: DateTime<Utc>) -> Result<bool, LedgerError> {
        self.put(move |db| erase(db, reader, now)).await
    }

    /// Counts an answer to the question of an edition.
    pub async fn answer(&self, run: RunId, answer: usize) -> Result<(), LedgerError> {
        self.put(move |db| answers::count(db, run, answer)).await
    }

    /// What one request of a provider told. `once`: its signature is good for one body only; `None`: it came with another one before, and nothing
    /// is written down.
    pub async fn report(
        &self,
        all: Vec<Reported>,
        once: Option<Once>,
        patience: Patience,
        now: DateTime<Utc>,
    ) -> Result<Option<Vec<BounceOutcome>>, LedgerError> {
        self.put(move |db| reported::take_once(db, &all, once, patience, now))
            .await
    }

    /// Changes nothing, and proves that the disk takes what is written.
    pub async fn touch(&self) -> Result<(), LedgerError> {
        self.put(touch).await
    }

    /// Writes with others in one commit; the answer is read after it.
    async fn put<T: Send + 'static>(
        &self,
        write: impl Fn(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let answer = Arc::new(Mutex::new(None));
        let kept = Arc::clone(&answer);
        let write = move |db: &Connection| {
            let written = write(db)?;
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(written);
            Ok(())
        };
        let (committed, is_committed) = oneshot::channel();
        let request = Request {
            write: Box::new(write),
            committed,
        };
        self.requests
            .try_send(request)
            .map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => LedgerError::Crowded,
                mpsc::error::TrySendError::Closed(_) => LedgerError::Stopped,
            })?;
        is_committed.await.map_err(|_| LedgerError::Stopped)??;
        let answer = answer.lock().unwrap_or_else(PoisonError::into_inner).take();
        answer.ok_or(LedgerError::Stopped)
    }
}

impl ReadersWriterThread {
    /// Waits for the thread to end, and closes its ledger as [`Ledger::close_file`] does. To be called where waiting is allowed.
    ///
    /// # Errors
    /// The thread died.
    pub fn finish(self) -> Result<LedgerPlace, LedgerError> {
        let ledger = self.0.join().map_err(|_| LedgerError::Stopped)?;
        Ok(ledger.close_file())
    }
}

fn work(mut ledger: Ledger, mut requests: mpsc::Receiver<Request>) -> Ledger {
    let mut group = Vec::new();
    while let Some(first) = requests.blocking_recv() {
        group.push(first);
        while group.len() < GROUP
            && let Ok(next) = requests.try_recv()
        {
            group.push(next);
        }
        let committed = ledger.write_together(&group, |db, request| (request.write)(db));
        for (request, committed) in group.drain(..).zip(committed) {
            // Whoever does not wait any more has what they wanted all the same.
            _ = request.committed.send(committed);
        }
    }
    ledger
}
