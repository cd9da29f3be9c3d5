//! What readers ask for is kept here: written to the ledger before they are answered, then merged into the subscribers file, and letters sent to
//! those who sign up. It speaks no HTTP.
//!
//! Nothing here ends because something fails. With a ledger that is locked or full readers are told [`NotDone::Later`], a file with problems or a
//! relay that is away is tried again each minute, and each is told once.

mod alerts;
mod approving;
mod drafted;
mod fared;
mod lapsed;
mod letters;
mod links;
mod merging;
mod readers;
mod reported;
mod sent;
mod welcome;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;

pub use approving::Pressing;
pub use letters::LetterError;
pub use readers::Profile;
pub use reported::{EventCounts, Taken};
pub use sent::{Archived, Asked, EditionPage};

use self::alerts::ServedAlerts;
use self::links::SentIds;
use super::Publication;
use crate::bounce::provider::{ProofError, Provider};
use crate::config::{Config, EventSource, Lapsed, Newsroom, ReadNewsroom, Relays};
use crate::ledger::{
    FileWatch, Ledger, LedgerError, LedgerFile, Patience, ReadersWriter, ReadersWriterThread,
};
use crate::model::address::Address;
use crate::model::approval::Pressed;
use crate::model::delivery::Reply;
use crate::model::edition::Slug;
use crate::model::line::Line;
use crate::model::metric::Metric;
use crate::model::newsletter_name::{NewsletterKey, NewsletterName};
use crate::model::subscriber::ListPlace;
use crate::model::token::Keys;
use crate::model::zone::{Clock, Zone};
use crate::newsroom::subscribers::Index;
use crate::subscriber_list::{ListError, Merged};
use sent::RenderedArchive;

/// What happens meanwhile. Nothing in it names a reader.
#[derive(Debug)]
pub enum SiteEvent {
    /// Changes came into the subscribers file.
    Merged(Merged),
    /// They cannot for now.
    Unmerged(ListError),
    /// A letter to confirm has left.
    LetterLeft,
    /// A reader of whom nothing was heard for long was asked.
    AskedSilent,
    /// The relay did not take such a letter; it is tried again.
    NotAskedSilent(Reply),
    /// A reader did not answer, and is paused.
    PausedBySilence,
    /// A letter of welcome has left.
    Welcomed,
    /// The relay did not take a letter of welcome.
    NotWelcomed(Reply),
    /// The relay did not take a letter to confirm.
    LetterRefused(Reply),
    /// A letter cannot be written: what is wrong with its row in the ledger. It is not tried again.
    LetterBroken(Line),
    /// No letter leaves for now.
    Unposted(LetterError),
    /// What a provider's address got is not believed.
    EventsRefused(Provider, ProofError),
    /// Amazon SNS was told to send a topic here.
    Subscribed,
    /// An approver pressed a button behind the link of a proof.
    ByLink {
        slug: Slug,
        by: Address,
        pressed: Pressed,
    },
    /// A reader was told to come later.
    Failed(LedgerError),
}

/// Why a reader does not get what they asked for. Nothing was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotDone {
    /// There is no such reader or edition.
    Unknown,
    /// The sign-up is older than its seven days, or the reader has left since.
    Expired,
    /// The ledger is locked, full or damaged, or too many ask. Asking again later may help.
    Later,
}

/// Answers readers. What is awaited of it and done is on the disk.
pub struct Service {
    /// By name; one at least.
    pub(super) publications: Vec<Arc<Publication>>,
    served_alerts: ServedAlerts,
    /// All of several newsletters; none: there is one.
    pub(super) newsletters: Vec<NewsletterKey>,
    /// Also those of newsletters that are there no more, or cannot be used for now: their readers can still leave.
    sent_ids: Mutex<SentIds>,
    zone: Zone,
    clock: Clock,
    subscribers: PathBuf,
    subscribers_in: ListPlace,
    pub(super) pictures: PathBuf,
    relays: Relays,
    keep_client: bool,
    lapsed: Option<Lapsed>,
    pub(super) events: Vec<Arc<EventSource>>,
    pub(super) keys: Arc<Keys>,
    patience: Patience,
    /// When it was last looked for readers who are silent.
    looked: Mutex<DateTime<Utc>>,
    ledger: LedgerFile,
    read_newsroom: ReadNewsroom,
    told: Box<dyn Fn(&SiteEvent) + Send + Sync>,
    writer: ReadersWriter,
    /// Each with a connection of its own, and none is locked while another one is: no reader's question waits for a count of copies, nor for
    /// pages of the archive to be rendered.
    questions: Mutex<Ledger>,
    archive: Mutex<(Ledger, HashMap<String, RenderedArchive>)>,
    counts: Mutex<Counts>,
    index: Mutex<Option<Index>>,
    changed: Notify,
    signed_up: Notify,
    failing: AtomicBool,
}

/// What is counted, over a ledger of its own.
struct Counts {
    ledger: Ledger,
    newest: Counted,
    month: Counted,
}

/// What was counted last, and when.
#[derive(Default)]
struct Counted(Option<(DateTime<Utc>, Vec<Metric>)>);

/// How long metrics are good for: to count the newest run's copies takes a while.
const NEWEST_GOOD_FOR: TimeDelta = TimeDelta::seconds(10);
/// To count the copies of thirty days takes thirty times as long.
const MONTH_GOOD_FOR: TimeDelta = TimeDelta::minutes(10);
/// What is not told to be due is looked at so often.
const POLL: Duration = Duration::from_mins(1);

impl Service {
    /// Opens the ledger that the newsletters share. `read_newsroom` reads the config anew, for approvers. The thread ends when the service is gone.
    ///
    /// # Errors
    /// The ledger cannot be used.
    pub fn open(
        newsroom: &Newsroom,
        shared: &Config,
        keys: &Arc<Keys>,
        clock: &Clock,
        read_newsroom: ReadNewsroom,
        told: Box<dyn Fn(&SiteEvent) + Send + Sync>,
    ) -> Result<(Arc<Self>, ReadersWriterThread), LedgerError> {
        let open = || Ledger::open(&shared.ledger)?.for_readers();
        let (writer, thread) = ReadersWriter::start(open()?);
        let newsletters = &newsroom.newsletters;
        let newsletters_known: Vec<NewsletterKey> =
            newsletters.iter().filter_map(Config::key).collect();
        let writer = writer.among(newsletters_known.clone());
        let questions = open()?;
        let sent_ids = SentIds::read(&questions, DateTime::<Utc>::MIN_UTC)?;
        let service = Self {
            sent_ids: Mutex::new(sent_ids),
            served_alerts: ServedAlerts::default(),
            newsletters: newsletters_known,
            publications: newsletters
                .iter()
                .filter_map(|config| Publication::of(config, keys, clock))
                .collect(),
            zone: shared.newsletter.zone.clone(),
            clock: Arc::clone(clock),
            subscribers: shared.subscribers.clone(),
            subscribers_in: shared.subscribers_in,
            pictures: shared.pictures.folder.clone(),
            relays: shared.relays.clone(),
            keep_client: shared.serving.keep_client,
            lapsed: shared.lapsed,
            events: shared.events.clone(),
            keys: Arc::clone(keys),
            patience: shared.patience,
            looked: Mutex::new(DateTime::<Utc>::MIN_UTC),
            ledger: shared.ledger.clone(),
            read_newsroom,
            told,
            writer,
            questions: Mutex::new(questions),
            archive: Mutex::new((open()?, HashMap::new())),
            counts: Mutex::new(Counts {
                ledger: open()?,
                newest: Counted::default(),
                month: Counted::default(),
            }),
            index: Mutex::new(None),
            changed: Notify::new(),
            signed_up: Notify::new(),
            failing: AtomicBool::new(false),
        };
        service.follow_alerts(newsroom);
        Ok((Arc::new(service), thread))
    }

    /// The place of the newsletter as which pages look that are none's own: the first that is every reader's, else the first.
    #[must_use]
    pub fn front(&self) -> usize {
        let mut all = self.publications.iter();
        all.position(|one| one.is_default).unwrap_or(0)
    }

    /// The newsletter that sends a letter to confirm: the first that was asked for and is still there.
    fn publication_of(&self, asked: &[NewsletterName]) -> &Arc<Publication> {
        let find = |name| {
            let mut all = self.publications.iter();
            all.find(|one| one.name() == Some(name))
        };
        let first = asked.iter().find_map(find);
        first.unwrap_or(&self.publications[self.front()])
    }

    /// Tells whether the ledger's file is still the one that was opened.
    pub fn watch(&self) -> FileWatch {
        lock(&self.questions).watch()
    }

    /// Whether asking makes sense at all: whether the ledger can be written.
    ///
    /// # Errors
    /// It does not.
    pub async fn ready(self: Arc<Self>) -> Result<(), NotDone> {
        let touched = self.writer.touch().await;
        self.or_later(touched)
    }

    /// What is counted in the ledger and of the newest draft.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub async fn metrics(self: Arc<Self>) -> Result<Vec<Metric>, NotDone> {
        self.look(|service| {
            let now = service.now();
            let Counts {
                ledger,
                newest,
                month,
            } = &mut *lock(&service.counts);
            let newest = newest.or_anew(now, NEWEST_GOOD_FOR, || {
                let mut metrics = service.or_later(ledger.metrics(
                    &service.newsletters,
                    service.alerts().and_then(|one| one.key.clone()).as_ref(),
                ))?;
                metrics.extend(drafted::metrics(&service.publications));
                Ok(metrics)
            })?;
            let month = month.or_anew(now, MONTH_GOOD_FOR, || {
                service.or_later(fared::metrics(service, ledger, now))
            })?;
            Ok([newest, month].concat())
        })
        .await
    }

    /// Reads where waiting is allowed.
    async fn look<T: Send + 'static>(
        self: Arc<Self>,
        look: impl FnOnce(&Self) -> Result<T, NotDone> + Send + 'static,
    ) -> Result<T, NotDone> {
        let looked = tokio::task::spawn_blocking(move || look(&self)).await;
        looked.unwrap_or(Err(NotDone::Later))
    }

    /// The first failure is told, the others of its row are the same.
    fn or_later<T>(&self, answer: Result<T, LedgerError>) -> Result<T, NotDone> {
        let failed = self.failing.swap(answer.is_err(), Ordering::Relaxed);
        answer.map_err(|error| {
            if !failed {
                self.tell(&SiteEvent::Failed(error));
            }
            NotDone::Later
        })
    }

    pub(super) fn tell(&self, event: &SiteEvent) {
        (self.told)(event);
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }
}

impl Counted {
    /// What was counted last, if that is good still; else it is counted anew.
    fn or_anew(
        &mut self,
        now: DateTime<Utc>,
        good_for: TimeDelta,
        count: impl FnOnce() -> Result<Vec<Metric>, NotDone>,
    ) -> Result<&[Metric], NotDone> {
        let is_good = |(at, _): &(DateTime<Utc>, _)| (now - *at).abs() < good_for;
        if !self.0.as_ref().is_some_and(is_good) {
            self.0 = Some((now, count()?));
        }
        Ok(self.0.as_ref().map_or(&[], |(_, metrics)| metrics))
    }
}

/// What a thread that died held is still as it was: nothing here is changed half.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who asks more often than figures are good for is told new ones all the same.
    #[test]
    fn what_is_asked_for_often_is_counted_again() {
        let start: DateTime<Utc> = "2026-08-24T06:00:00Z".parse().unwrap();
        let (mut counted, mut times) = (Counted::default(), Vec::new());
        for seconds in [0, 4, 8, 12, 16, 20, 24] {
            let now = start + TimeDelta::seconds(seconds);
            let count = || {
                times.push(seconds);
                Ok(Vec::new())
            };
            counted.or_anew(now, NEWEST_GOOD_FOR, count).unwrap();
        }
        assert_eq!(times, [0, 12, 24]);
    }
}
