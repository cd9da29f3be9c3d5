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
use crate::schedule::{EditionStage, Planned, Schedule};
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

/// Keeps the clock of every newsletter until the stop is asked for, each by itself: none waits until another one is sent. It ends within the
/// letters under way. A newsletter that is added or removed meanwhile is kept, or no longer kept, within a minute.
pub async fn keep(setup: Arc<ClockSetup>) {
    let stop = setup.world.stop.clone();
    let mut kept: HashMap<Option<NewsletterName>, JoinHandle<()>> = HashMap::new();
    let alerts = tokio::spawn(alerts::take_up(Arc::clone(&setup)));
    while !stop.is_asked() {
        kept.retain(|_, keeping| !keeping.is_finished());
        let newsroom = (setup.read_newsroom)();
        if let Ok(newsroom) = &newsroom {
            (setup.tell)(None, ClockEvent::Read(newsroom));
        }
        for name in newsletters(newsroom.ok(), kept.is_empty()) {
            kept.entry(name.clone())
                .or_insert_with(|| tokio::spawn(keep_one(Arc::clone(&setup), Keeper::of(name))));
        }
        let nap = tokio::time::sleep(NAP.to_std().unwrap_or_default());
        _ = stop.unless_asked(nap).await;
    }
    for keeping in kept.into_values().chain([alerts]) {
        _ = keeping.await;
    }
}

/// The newsletters there are, also those that cannot be used for now. Where nothing can be read, those that are kept say why; if none `is_first`,
/// the only one does.
fn newsletters(newsroom: Option<Newsroom>, is_first: bool) -> Vec<Option<NewsletterName>> {
    match newsroom {
        Some(newsroom) if !newsroom.is_of_one() => newsroom.names().into_iter().map(Some).collect(),
        None if !is_first => Vec::new(),
        _ => vec![None],
    }
}

async fn keep_one(setup: Arc<ClockSetup>, mut keeper: Keeper) {
    let stop = setup.world.stop.clone();
    let name = keeper.newsletter.clone();
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
            (Keeper::of(name.clone()), NAP)
        });
        let nap = tokio::time::sleep(nap.to_std().unwrap_or_default());
        if keeper.is_gone || stop.unless_asked(nap).await.is_err() {
            return;
        }
    }
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
