//! The newsroom's clock: it drafts and sends when `[schedule]` says so, by the same steps as the verbs. What is due is decided by
//! [`crate::schedule`]; that no edition is drafted or sent twice, by the files on disk, the ledger and its lock.
//!
//! After the stop nothing more is begun: sources under way are dropped, nothing is frozen, and letters under way are finished.

mod error;
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

use chrono::{DateTime, TimeDelta, Utc};
use tokio::task::JoinHandle;

use crate::config::{Config, Newsroom, Unchosen};
use crate::draft::{self, Draft, DraftError};
use crate::ledger::{FileWatch, Ledger, LedgerError};
use crate::model::address::Address;
use crate::model::delivery::Verdict;
use crate::model::edition::Slug;
use crate::model::newsletter_name::NewsletterName;
use crate::model::page_views::ReadershipReport;
use crate::model::problem::Problem;
use crate::model::results::Results;
use crate::model::world::World;
use crate::newsroom::editions::{self, Overwrite};
use crate::schedule::{Due, EditionStage, Planned, Schedule};
use crate::send::{self as sends, SendOrder, Sent};

/// The longest nap: so soon it is seen that the clock was set, that the machine slept, or that somebody changed the config or took a hold away.
const NAP: TimeDelta = TimeDelta::minutes(1);

/// The longest wait after something failed, again and again. Each wait is twice the one before.
const LONGEST: TimeDelta = TimeDelta::minutes(5);

/// What the clock does and meets.
pub enum ClockEvent<'a> {
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

/// Reads the config of all newsletters anew.
pub type ReadNewsroom = Box<dyn Fn() -> Result<Newsroom, Vec<Problem>> + Send + Sync>;

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
    while !stop.is_asked() {
        kept.retain(|_, keeping| !keeping.is_finished());
        for name in newsletters(&setup, kept.is_empty()) {
            kept.entry(name.clone()).or_insert_with(|| {
                let keeper = Keeper {
                    newsletter: name,
                    ..Keeper::default()
                };
                tokio::spawn(keep_one(Arc::clone(&setup), keeper))
            });
        }
        let nap = tokio::time::sleep(NAP.to_std().unwrap_or_default());
        _ = stop.unless_asked(nap).await;
    }
    for (_, keeping) in kept {
        _ = keeping.await;
    }
}

/// The newsletters there are, also those that cannot be used for now. Where nothing can be read, those that are kept say why; if none `is_first`,
/// the only one does.
fn newsletters(setup: &ClockSetup, is_first: bool) -> Vec<Option<NewsletterName>> {
    match (setup.read_newsroom)() {
        Ok(newsroom) if !newsroom.is_of_one() => newsroom.names().into_iter().map(Some).collect(),
        Err(_) if !is_first => Vec::new(),
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
            let keeper = Keeper {
                newsletter: name.clone(),
                ..Keeper::default()
            };
            (keeper, NAP)
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
    if let Some(ledger) = Ledger::open_if_any(&config.ledger)?
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
        // What is wrong with it will be said when it is to be sent.
        Ok(Some(_)) | Err(_) => EditionStage::Drafted,
    })
}

/// What is remembered of the run that is waited for; everything else is on the disk.
#[derive(Debug, Default)]
struct Keeper {
    /// Whose clock it keeps, of several newsletters.
    newsletter: Option<NewsletterName>,
    /// The newsletter is there no more.
    is_gone: bool,
    /// Whether it has looked at the schedule at all.
    awake: bool,
    /// The first run that is not over.
    run: Option<Planned>,
    /// How far it has brought that run. A quiet day leaves nothing on the disk: no file when it was drafted, no letter when it was sent.
    reached: EditionStage,
    /// It was said that an editor holds it, or that there is no schedule.
    said: bool,
    /// How often something failed running.
    failures: u32,
    /// Nothing is tried before.
    again: Option<DateTime<Utc>>,
    /// The relay's quota is used up until then.
    paused: Option<DateTime<Utc>>,
}

impl Keeper {
    fn tell(&self, setup: &ClockSetup, event: ClockEvent<'_>) {
        (setup.tell)(self.newsletter.as_ref(), event);
    }

    /// Does what is due, and says when it must be asked again at the latest; `None`: there is no schedule, or it was stopped.
    async fn turn(&mut self, setup: &ClockSetup) -> Option<DateTime<Utc>> {
        let world = &setup.world;
        let now = world.now();
        if let Some(paused) = self.paused.filter(|&paused| now < paused) {
            return Some(paused);
        }
        if let Some(again) = self.again
            && now < again
            && again <= now + LONGEST
        {
            return Some(again);
        }
        match self.act(setup).await {
            Ok(wake) => {
                (self.failures, self.again) = (0, None);
                wake
            }
            Err(error) => {
                if error.is_stop() {
                    return None;
                }
                if let Some((until, run)) = error.quota_until().zip(self.run.as_ref()) {
                    let wake = run.not_after.min(until);
                    self.paused = Some(wake);
                    self.tell(setup, ClockEvent::Failed(error));
                    return Some(wake);
                }
                self.tell(setup, ClockEvent::Failed(error));
                // The send may have taken its time.
                let now = world.now();
                let wait = NAP * (1 << self.failures.min(3));
                let mut again = now + wait.min(LONGEST);
                // An edition that could not be drafted is sent in time if it can be by then.
                if let Some(run) = &self.run
                    && now < run.send_at
                {
                    again = again.min(run.send_at);
                }
                self.failures += 1;
                self.again = Some(again);
                self.again
            }
        }
    }

    async fn act(&mut self, setup: &ClockSetup) -> Result<Option<DateTime<Utc>>, MorningError> {
        let world = &setup.world;
        let newsletter = self.newsletter.clone();
        let tell = |event: ClockEvent<'_>| (setup.tell)(newsletter.as_ref(), event);
        setup.ledger.check()?;
        let config = match (setup.read_newsroom)()
            .map_err(MorningError::Config)?
            .into_one(self.newsletter.as_ref())
        {
            Ok(config) if config.name == self.newsletter => config,
            Err(Unchosen::Broken(problems)) => return Err(MorningError::Config(problems)),
            // The only newsletter got a name or lost it: another keeper has it by now.
            Ok(_) | Err(Unchosen::Several(_) | Unchosen::Unknown(..)) => {
                self.is_gone = true;
                return Ok(None);
            }
        };
        let Some(schedule) = &config.schedule else {
            if !std::mem::replace(&mut self.said, true) {
                tell(ClockEvent::NoSchedule);
            }
            return Ok(None);
        };
        self.look_up(schedule, &config, setup)?;
        if let Some(run) = &self.run
            && let Some(mut ledger) = Ledger::open_if_any(&config.ledger)?
        {
            draft::keep_saved(&config, &mut ledger, &run.slug, &world.clock)?;
        }
        let mut unknown = None;
        let due = schedule.due(world.now(), |run| {
            if self.reached == EditionStage::Over {
                return EditionStage::Over;
            }
            match stage(&config, &run.slug) {
                Ok(EditionStage::Missing) => self.reached,
                Ok(stage) => stage,
                Err(error) => {
                    unknown = Some(error);
                    EditionStage::Over
                }
            }
        });
        if let Some(error) = unknown {
            return Err(error.into());
        }
        world.stop.check()?;
        match due {
            Due::Nothing { until } => Ok(until),
            Due::Held(run) => {
                if !std::mem::replace(&mut self.said, true) {
                    tell(ClockEvent::Held(&run));
                }
                Ok(Some(run.not_after))
            }
            Due::Draft(run) => {
                self.draft(&config, &run, setup).await?;
                Ok(Some(run.send_at))
            }
            Due::Send(run) => {
                self.send(&config, &run, setup).await?;
                Ok(Some(run.not_after))
            }
        }
    }

    /// Turns to the next run when the last one is over, and tells when that one was not sent.
    fn look_up(
        &mut self,
        schedule: &Schedule,
        config: &Config,
        setup: &ClockSetup,
    ) -> Result<(), MorningError> {
        let now = setup.world.now();
        let next = schedule.runs(now).next();
        if self.awake && next == self.run {
            return Ok(());
        }
        let last = if self.awake {
            self.run.take().into_iter().collect()
        } else {
            schedule.runs_of(schedule.zone.day(now))
        };
        let is_missed = |run: &Planned| run.not_after <= now && self.reached != EditionStage::Over;
        for run in last.into_iter().filter(is_missed) {
            let stage = stage(config, &run.slug)?;
            if stage != EditionStage::Over {
                self.tell(
                    setup,
                    ClockEvent::Missed {
                        run: &run,
                        stage,
                        schedule,
                    },
                );
            }
        }
        if let Some(run) = &next {
            self.tell(setup, ClockEvent::Next { run, schedule });
        }
        *self = Self {
            newsletter: self.newsletter.take(),
            awake: true,
            run: next,
            ..Self::default()
        };
        Ok(())
    }

    async fn draft(
        &mut self,
        config: &Config,
        run: &Planned,
        setup: &ClockSetup,
    ) -> Result<(), MorningError> {
        let world = &setup.world;
        let newsletter = self.newsletter.clone();
        let tell = |event: ClockEvent<'_>| (setup.tell)(newsletter.as_ref(), event);
        let slug = &run.slug;
        let path = editions::path_of(&config.editions(), slug);
        let gathered = setup.shared.gathered(setup, config, slug).await?;
        match draft::to_file(config, slug, Overwrite::Refuse, gathered, world).await {
            Ok(draft) => tell(ClockEvent::Drafted {
                draft: &draft,
                config,
            }),
            Err(DraftError::Exists(_) | DraftError::Write(_)) if path.exists() => {
                tell(ClockEvent::CameUp(path));
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        }
        self.reached = EditionStage::Drafted;
        if path.exists() && !config.proof_to.is_empty() {
            let step = &mut |step: Step<'_>| tell(ClockEvent::Step { step, config });
            match proof(config, slug, &config.proof_to, world, step).await {
                Ok(verdicts) => tell(ClockEvent::Proofs {
                    verdicts: &verdicts,
                    slug,
                    config,
                }),
                Err(error) if error.is_stop() => return Err(error),
                // A draft without its proof is a draft all the same.
                Err(error) => tell(ClockEvent::Failed(error)),
            }
        }
        Ok(())
    }

    async fn send(
        &mut self,
        config: &Config,
        run: &Planned,
        setup: &ClockSetup,
    ) -> Result<(), MorningError> {
        let order = SendOrder {
            slug: run.slug.clone(),
            in_doubt: None,
            despite: Vec::new(),
        };
        let newsletter = self.newsletter.clone();
        let tell = |event: ClockEvent<'_>| (setup.tell)(newsletter.as_ref(), event);
        let step = &mut |step: Step<'_>| tell(ClockEvent::Step { step, config });
        if let Some(sent) = send(config, &order, &setup.world, step).await? {
            if !sent.is_over() {
                return Err(MorningError::Halted(Box::new(sent)));
            }
            tell(ClockEvent::Sent(sent));
        }
        self.reached = EditionStage::Over;
        Ok(())
    }
}
