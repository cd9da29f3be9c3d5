//! What readers ask is kept here: written to the ledger before they are answered, then merged into the subscribers file, and letters sent to
//! those who sign up. It speaks no HTTP: the pages ask at [`Service::door`].
//!
//! Nothing here ends because something fails. A ledger that is locked or full is answered with [`Answer::Later`], a file with problems or a
//! relay that is away is tried again each minute, and each is told once.

mod drafted;
mod letters;
mod sent;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

pub use letters::LetterError;

use crate::config::Config;
use crate::ledger::{Asks, AsksThread, Ledger, LedgerError};
use crate::mailer::Relay;
use crate::merge::{MergeError, Merged, merge};
use crate::message::Signer;
use crate::model::address::Address;
use crate::model::ask::{Answer, Ask, Door, Number, Preferences, ReaderId, Standing};
use crate::model::delivery::Reply;
use crate::model::line::Line;
use crate::model::newsletter::Newsletter;
use crate::model::public::Public;
use crate::model::subscriber::{Paused, Subscriber};
use crate::model::token::Keys;
use crate::model::zone::Clock;
use crate::newsroom::subscribers::{Index, Stamp};
use crate::render::Template;
use sent::Archive;

/// What happens meanwhile. Nothing in it names a reader.
#[derive(Debug)]
pub enum Event {
    /// Changes came into the subscribers file.
    Merged(Merged),
    /// They cannot for now.
    Unmerged(MergeError),
    /// A letter to confirm has left.
    LetterLeft,
    /// The relay did not take a letter.
    LetterRefused(Reply),
    /// A letter cannot be written: what is wrong with its row in the ledger. It is not tried again.
    LetterBroken(Line),
    /// No letter leaves for now.
    Unposted(LetterError),
    /// A reader was told to come later.
    Failed(LedgerError),
}

/// Who answers what readers ask.
pub struct Service {
    subscribers: PathBuf,
    editions: PathBuf,
    newsletter: Newsletter,
    public: Public,
    template: Template,
    keys: Arc<Keys>,
    relay: Relay,
    signer: Option<Arc<Signer>>,
    keep_client: bool,
    ledger: PathBuf,
    clock: Clock,
    told: Box<dyn Fn(&Event) + Send + Sync>,
    asks: Asks,
    /// Each with a connection of its own, and none is locked while another one is: no reader's question waits for a count of copies, nor for
    /// pages of the archive to be rendered.
    questions: Mutex<Ledger>,
    archive: Mutex<(Ledger, Archive)>,
    counts: Mutex<(Ledger, Option<Counted>)>,
    index: Mutex<Option<Index>>,
    changed: Notify,
    signed_up: Notify,
    failing: AtomicBool,
}

/// Numbers, and when they were counted.
type Counted = (DateTime<Utc>, Vec<Number>);

/// How long numbers are good for: to count copies takes a while.
const COUNTED: chrono::TimeDelta = chrono::TimeDelta::seconds(10);
/// What is not told to be due is looked at so often.
const POLL: Duration = Duration::from_mins(1);

impl Service {
    /// Opens the ledger. The thread ends when the service is gone.
    ///
    /// # Errors
    /// The ledger cannot be used.
    pub fn open(
        config: &Config,
        public: Public,
        keys: Arc<Keys>,
        clock: Clock,
        told: Box<dyn Fn(&Event) + Send + Sync>,
    ) -> Result<(Arc<Self>, AsksThread), LedgerError> {
        let open = || Ledger::open(&config.ledger)?.for_readers();
        let (asks, thread) = Asks::start(open()?);
        let service = Self {
            subscribers: config.subscribers.clone(),
            editions: config.editions(),
            newsletter: config.newsletter.clone(),
            public,
            template: config.template.clone(),
            keys,
            relay: config.handover.relay.clone(),
            signer: config.signer.clone(),
            keep_client: config.serving.keep_client,
            ledger: config.ledger.clone(),
            clock,
            told,
            asks,
            questions: Mutex::new(open()?),
            archive: Mutex::new((open()?, Archive::default())),
            counts: Mutex::new((open()?, None)),
            index: Mutex::new(None),
            changed: Notify::new(),
            signed_up: Notify::new(),
            failing: AtomicBool::new(false),
        };
        Ok((Arc::new(service), thread))
    }

    /// Where the pages ask.
    #[must_use]
    pub fn door(self: &Arc<Self>) -> Door {
        let service = Arc::clone(self);
        Arc::new(move |ask| {
            let service = Arc::clone(&service);
            // A task of its own: what was begun is finished, merged and told of, also when nobody waits for it any more.
            Box::pin(async move {
                let answered = tokio::spawn(service.answer(ask)).await;
                answered.unwrap_or(Answer::Later)
            })
        })
    }

    async fn answer(self: Arc<Self>, ask: Ask) -> Answer {
        let now = (self.clock)();
        let wakes = match &ask {
            Ask::SignUp(_) => Some(&self.signed_up),
            Ask::Confirm(_) | Ask::Prefer(..) | Ask::Erase(_) => Some(&self.changed),
            Ask::Leave(_) | Ask::Ready => None,
            _ => {
                let service = Arc::clone(&self);
                let looked = tokio::task::spawn_blocking(move || service.look(&ask, now)).await;
                return looked.map_or(Answer::Later, |looked| self.or_later(looked));
            }
        };
        let ask = match ask {
            Ask::SignUp(mut sign_up) => {
                sign_up.client = sign_up.client.filter(|_| self.keep_client);
                Ask::SignUp(sign_up)
            }
            ask => ask,
        };
        let answer = self.asks.put(ask, now).await;
        if answer.is_ok()
            && let Some(wakes) = wakes
        {
            wakes.notify_one();
        }
        self.or_later(answer)
    }

    /// The first failure is told, the others of its row are the same.
    fn or_later(&self, answer: Result<Answer, LedgerError>) -> Answer {
        let failed = self.failing.swap(answer.is_err(), Ordering::Relaxed);
        answer.unwrap_or_else(|error| {
            if !failed {
                self.tell(&Event::Failed(error));
            }
            Answer::Later
        })
    }

    fn tell(&self, event: &Event) {
        (self.told)(event);
    }

    /// Answers what changes nothing.
    fn look(&self, ask: &Ask, now: DateTime<Utc>) -> Result<Answer, LedgerError> {
        match ask {
            Ask::Standing(reader) => {
                let known = lock(&self.questions).known(*reader)?;
                let Some(known) = known else {
                    return Ok(Answer::Unknown);
                };
                let Ok(listed) = self.listed(&known.address) else {
                    return Ok(Answer::Later);
                };
                let mut preferences = preferences(listed.as_ref());
                if listed.is_some() || known.joins {
                    preferences = known.pending.unwrap_or(preferences);
                }
                Ok(Answer::Standing(Box::new(Standing {
                    address: known.address,
                    subscribed: known.suppressed.is_none() && (listed.is_some() || known.joins),
                    preferences,
                    since: listed.and_then(|listed| listed.since),
                })))
            }
            Ask::SignedUp(id) => lock(&self.questions).can_confirm(*id, now),
            Ask::Export(reader) => self.export(*reader),
            Ask::Editions => {
                let (ledger, archive) = &mut *lock(&self.archive);
                self.editions(ledger, archive)
            }
            Ask::Edition(slug) => {
                let (ledger, archive) = &mut *lock(&self.archive);
                self.page(slug, ledger, archive)
            }
            Ask::Numbers => {
                let (ledger, counted) = &mut *lock(&self.counts);
                let fresh = counted.take().filter(|(at, _)| (now - *at).abs() < COUNTED);
                let numbers = if let Some((_, numbers)) = fresh {
                    numbers
                } else {
                    let mut numbers = ledger.numbers()?;
                    numbers.extend(drafted::numbers(&self.editions));
                    numbers
                };
                *counted = Some((now, numbers.clone()));
                Ok(Answer::Numbers(numbers))
            }
            _ => Ok(Answer::Later),
        }
    }

    fn export(&self, reader: ReaderId) -> Result<Answer, LedgerError> {
        let known = lock(&self.questions).known(reader)?;
        let Some(known) = known else {
            return Ok(Answer::Unknown);
        };
        let Ok(listed) = self.listed(&known.address) else {
            return Ok(Answer::Later);
        };
        let subscriber = listed.map(|one| {
            serde_json::json!({
                "address": one.address.reveal(),
                "name": one.name,
                "sections": one.sections,
                "paused": match one.paused {
                    Paused::No => serde_json::Value::Bool(false),
                    Paused::Yes => serde_json::Value::Bool(true),
                    Paused::Until(day) => day.to_string().into(),
                },
                "since": one.since.map(|day| day.to_string()),
                "consent": one.consent,
            })
        });
        let mut held = lock(&self.questions).held_of(reader)?;
        held["newsletter"] = self.newsletter.name.as_str().into();
        held["address"] = known.address.reveal().into();
        held["subscriber"] = subscriber.into();
        Ok(Answer::Exported(format!("{held:#}\n")))
    }

    /// What the file says of that reader.
    fn listed(
        &self,
        address: &Address,
    ) -> Result<Option<Subscriber>, crate::newsroom::NewsroomError> {
        let mut index = lock(&self.index);
        if !index.as_ref().is_some_and(Index::is_current) {
            *index = None;
            *index = Some(Index::of(&self.subscribers)?);
        }
        index.as_ref().map_or(Ok(None), |index| index.find(address))
    }

    /// Merges and posts until `stop` becomes true; then merges what has come last.
    ///
    /// # Errors
    /// The ledger cannot be opened.
    pub async fn work(self: Arc<Self>, stop: watch::Receiver<bool>) -> Result<(), LedgerError> {
        let open = || Ledger::open(&self.ledger)?.for_readers();
        let (merges, posts) = (open()?, open()?);
        tokio::join!(
            Arc::clone(&self).keep_merging(merges, stop.clone()),
            self.keep_posting(posts, stop)
        );
        Ok(())
    }

    async fn keep_merging(self: Arc<Self>, mut ledger: Ledger, mut stop: watch::Receiver<bool>) {
        let mut told = String::new();
        let mut waiting = Vec::new();
        let mut seen = None;
        loop {
            let service = Arc::clone(&self);
            let began = Instant::now();
            let done = tokio::task::spawn_blocking(move || {
                let stamp = Stamp::of(&service.subscribers);
                let done = match ledger.has_unmerged_changes() {
                    // Only another file than the last one can lack what was merged.
                    Ok(false) if stamp.is_some() && stamp == seen => Ok(Merged::default()),
                    Ok(_) => {
                        let zone = &service.newsletter.zone;
                        merge(&mut ledger, &service.subscribers, zone, (service.clock)())
                    }
                    Err(error) => Err(error.into()),
                };
                // A file that was looked at and found right, not the one that was just written: an editor may have been faster.
                let right = matches!(&done, Ok(merged) if *merged == Merged::default());
                (ledger, stamp.filter(|_| right), done)
            });
            let Ok((back, stamp, done)) = done.await else {
                return;
            };
            (ledger, seen) = (back, stamp);
            let failed = done.as_ref().err().map(ToString::to_string);
            match done {
                Ok(mut merged) => {
                    // Who waits is named once.
                    let same = std::mem::replace(&mut waiting, merged.waiting.clone()) == waiting;
                    if same {
                        merged.waiting.clear();
                    }
                    if merged != Merged::default() {
                        self.tell(&Event::Merged(merged));
                    }
                }
                Err(error) if failed.as_ref() != Some(&told) => self.tell(&Event::Unmerged(error)),
                Err(_) => {}
            }
            told = failed.unwrap_or_default();
            if *stop.borrow() {
                return;
            }
            // A large file takes a while, and one reader can change their mind all day long: it rests four fifths of the time.
            tokio::select! {
                () = tokio::time::sleep((began.elapsed() * 4).min(POLL)) => {}
                _ = stop.changed() => continue,
            }
            tokio::select! {
                () = self.changed.notified() => {}
                () = tokio::time::sleep(POLL) => {}
                // Once more: what was answered last is merged too.
                _ = stop.changed() => {}
            }
        }
    }

    async fn keep_posting(&self, mut ledger: Ledger, mut stop: watch::Receiver<bool>) {
        let mut told = String::new();
        loop {
            let posted = tokio::select! {
                posted = self.post(&mut ledger) => posted,
                _ = stop.wait_for(|stop| *stop) => return,
            };
            let (wait, failed) = match posted {
                Ok(next) => {
                    let until = next.and_then(|next| (next - (self.clock)()).to_std().ok());
                    (until.unwrap_or(POLL).min(POLL), String::new())
                }
                Err(error) => {
                    let failed = error.to_string();
                    if failed != told {
                        self.tell(&Event::Unposted(error));
                    }
                    (POLL, failed)
                }
            };
            let is_well = failed.is_empty();
            told = failed;
            tokio::select! {
                () = self.signed_up.notified(), if is_well => {}
                () = tokio::time::sleep(wait) => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }
}

fn preferences(listed: Option<&Subscriber>) -> Preferences {
    Preferences {
        name: listed.and_then(|one| one.name.clone()),
        sections: listed.map(|one| one.sections.clone()).unwrap_or_default(),
        paused: listed.map_or(Paused::No, |one| one.paused),
    }
}

/// What a thread that died held is still as it was: nothing here is changed half.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
