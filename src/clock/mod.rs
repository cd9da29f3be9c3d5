//! The newsroom's clock: it drafts and sends when `[schedule]` says so, by the same steps as the verbs. What is due is decided by
//! [`crate::schedule`]; that no edition is drafted or sent twice, by the files on disk, the ledger and its lock.
//!
//! After the stop nothing more is begun: sources under way are dropped, nothing is frozen, and letters under way are finished.

mod alerts;
mod error;
mod keeper;
mod morning;
mod sampler;
mod shared;
#[cfg(test)]
mod tests;

pub use error::MorningError;
pub use morning::{DryRun, Step, Tell, dry_run, proof, send};
pub use sampler::take_samples;
pub use shared::SharedHarvests;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::TimeDelta;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use crate::config::{Config, Newsroom, ReadNewsroom};
use crate::draft::Draft;
use crate::ledger::{FileWatch, Ledger, LedgerError};
use crate::model::address::Address;
use crate::model::delivery::Verdict;
use crate::model::edition::Slug;
use crate::model::newsletter_name::NewsletterName;
use crate::model::page_views::ReadershipReport;
use crate::model::results::Results;
use crate::model::world::World;
use crate::newsroom::editions;
use crate::schedule::{EditionStage, NameOfEdition, Planned, Schedule};
use crate::send::{self as sends, Sent};
use keeper::Keeper;

/// The longest nap: so soon it is seen that the clock was set, that the machine slept, or that somebody changed the config or took a hold away.
const NAP: TimeDelta = TimeDelta::minutes(1);

/// What the clock does and meets.
pub enum ClockEvent<'a> {
    /// The config was read again, as it is once a minute.
    Read(&'a Newsroom),
    NoSchedule,
    /// What it waits for from now on.
    Next {
        run: &'a Planned,
        schedule: &'a Schedule,
    },
    /// A run is over and its edition was not sent to its end; it had come so far.
    Missed {
        run: &'a Planned,
        stage: EditionStage,
        schedule: &'a Schedule,
    },
    /// What is due is held by its editor.
    Held(&'a Planned),
    /// What is due waits to be approved.
    Unapproved(&'a Planned),
    /// Drafted and written; on a quiet day nothing was written.
    Drafted {
        draft: &'a Draft,
        config: &'a Config,
    },
    /// Somebody else wrote the edition while it was drafted.
    CameUp(PathBuf),
    /// Proofs of the draft left for the addresses of `proof_to`.
    Proofs {
        verdicts: &'a [(Address, Verdict)],
        slug: &'a Slug,
        config: &'a Config,
    },
    /// A step on the way to a send.
    Step {
        step: Step<'a>,
        config: &'a Config,
    },
    /// A send goes on when its next readers' hour has come.
    NextHour(&'a Sent),
    /// A send is over.
    Sent(Sent),
    /// It is tried again later.
    Failed(MorningError),
    /// A sample of a source of readership was taken, or was missed; said when that changes.
    Sampled(&'a ReadershipReport),
    /// A sample could not be kept.
    SampleFailed(&'a LedgerError),
    /// What the edition of that day brought was gathered.
    Results(&'a Slug, &'a Results),
    /// A turn broke off: a bug.
    Stumbled,
}

/// Hears what happens, and of which of several newsletters.
pub type TellOf = Box<dyn Fn(Option<&NewsletterName>, ClockEvent<'_>) + Send + Sync>;

/// What the clock needs.
pub struct ClockSetup {
    /// The config is read anew at every turn.
    pub read_newsroom: ReadNewsroom,
    /// The ledger in which readers' answers are kept: once its file is removed or replaced, nothing is drafted or sent.
    pub ledger: FileWatch,
    pub world: World,
    pub tell: TellOf,
    pub shared: SharedHarvests,
}

/// Whose clock is kept by itself.
#[derive(Clone, PartialEq, Eq, Hash)]
struct KeptClock {
    newsletter: Option<NewsletterName>,
    /// An edition of a day that is not over before the next one begins; `None`: all.
    edition: Option<NameOfEdition>,
}

/// Keeps the clock of every newsletter until the stop is asked for, each by itself: none waits until another one is sent. It ends within the
/// letters under way. A newsletter that is added or removed meanwhile is kept, or no longer kept, within a minute.
pub async fn keep(setup: Arc<ClockSetup>) {
    let stop = setup.world.stop.clone();
    let mut kept: HashMap<KeptClock, JoinHandle<()>> = HashMap::new();
    let mut gates: HashMap<Option<NewsletterName>, Arc<Mutex<()>>> = HashMap::new();
    let alerts = tokio::spawn(alerts::take_up(Arc::clone(&setup)));
    while !stop.is_asked() {
        kept.retain(|_, keeping| !keeping.is_finished());
        let newsroom = (setup.read_newsroom)();
        if let Ok(newsroom) = &newsroom {
            (setup.tell)(None, ClockEvent::Read(newsroom));
        }
        for one in clocks(newsroom.ok(), kept.is_empty()) {
            let gate = gates.entry(one.newsletter.clone()).or_default();
            kept.entry(one.clone()).or_insert_with(|| {
                let keeper = Keeper::of(one.newsletter).keeping(one.edition, Arc::clone(gate));
                tokio::spawn(keep_one(Arc::clone(&setup), keeper))
            });
        }
        let nap = tokio::time::sleep(NAP.to_std().unwrap_or_default());
        _ = stop.unless_asked(nap).await;
    }
    for keeping in kept.into_values().chain([alerts]) {
        _ = keeping.await;
    }
}

/// The clocks that are kept, also of newsletters that cannot be used for now. Where nothing can be read, those that are kept say why; if none
/// `is_first`, the only one does.
fn clocks(newsroom: Option<Newsroom>, is_first: bool) -> Vec<KeptClock> {
    let whole = |newsletter| KeptClock {
        newsletter,
        edition: None,
    };
    match newsroom {
        Some(newsroom) => {
            let broken = newsroom.broken.iter().map(|(name, _)| Some(name.clone()));
            let mut all: Vec<KeptClock> = broken.map(whole).collect();
            for config in &newsroom.newsletters {
                let apart = config.schedule.as_ref().map(Schedule::apart);
                let apart = apart.unwrap_or_else(|| vec![None]).into_iter();
                all.extend(apart.map(|edition| KeptClock {
                    newsletter: config.name.clone(),
                    edition,
                }));
            }
            all
        }
        None if !is_first => Vec::new(),
        None => vec![whole(None)],
    }
}

async fn keep_one(setup: Arc<ClockSetup>, mut keeper: Keeper) {
    let stop = setup.world.stop.clone();
    let (name, anew) = (keeper.newsletter.clone(), keeper.anew());
    while !stop.is_asked() {
        let here = Arc::clone(&setup);
        let runtime = tokio::runtime::Handle::current();
        // A freeze keeps its thread for seconds, and readers' pages must not wait for it.
        let turn = tokio::task::spawn_blocking(move || {
            let wake = runtime.block_on(keeper.turn(&here));
            let nap = wake.map_or(NAP, |wake| wake - here.world.now());
            (keeper, nap.clamp(TimeDelta::zero(), NAP))
        });
        let nap;
        (keeper, nap) = turn.await.unwrap_or_else(|_| {
            (setup.tell)(name.as_ref(), ClockEvent::Stumbled);
            (anew.anew(), NAP)
        });
        let nap = tokio::time::sleep(nap.to_std().unwrap_or_default());
        if keeper.is_gone || stop.unless_asked(nap).await.is_err() {
            return;
        }
    }
}

/// Frozen editions before that one of which copies still wait for their readers' hours.
///
/// # Errors
/// The ledger fails.
pub fn waiting_before(
    config: &Config,
    slug: &Slug,
    world: &World,
) -> Result<Vec<Slug>, LedgerError> {
    let (Some(schedule), Some(ledger)) = (&config.schedule, Ledger::open_if_any(&config.ledger)?)
    else {
        return Ok(Vec::new());
    };
    let unfinished = ledger.unfinished(config.runs_of(), &sends::target(config))?;
    let has_copies = |run: &Planned| unfinished.rows.iter().any(|one| one.slug == run.slug);
    let waiting = schedule.waiting(world.now());
    let others = waiting.filter(|run| run.slug != *slug && has_copies(run));
    Ok(others.map(|run| run.slug).collect())
}

/// How far that edition is, as the ledger and the edition file have it.
///
/// # Errors
/// The ledger fails.
pub fn stage(config: &Config, slug: &Slug) -> Result<EditionStage, LedgerError> {
    let target = sends::target(config);
    let ledger = Ledger::open_if_any(&config.ledger)?;
    if let Some(ledger) = &ledger
        && ledger.run(config.runs_of(), slug, &target)?.is_some()
    {
        let unfinished = ledger.unfinished(config.runs_of(), &target)?;
        return Ok(if unfinished.rows.iter().any(|run| run.slug == *slug) {
            EditionStage::Drafted
        } else {
            EditionStage::Over
        });
    }
    Ok(match editions::read(&config.editions(), slug) {
        Ok(None) => EditionStage::Missing,
        Ok(Some(edition)) if edition.hold => EditionStage::Held,
        Ok(Some(edition)) if sends::waits_for_approval(config, &edition, ledger.as_ref())? => {
            EditionStage::Unapproved
        }
        // What is wrong with it will be said when it is to be sent.
        Ok(Some(_)) | Err(_) => EditionStage::Drafted,
    })
}
