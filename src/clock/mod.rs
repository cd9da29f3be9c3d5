//! The newsroom's clock: it drafts and sends when `[schedule]` says so, by the same steps as the verbs. What is due is decided by
//! [`crate::schedule`]; that no edition is drafted or sent twice, by the files on disk, the ledger and its lock.
//!
//! After the stop nothing more is begun: sources under way are dropped, nothing is frozen, and letters under way are finished.

mod error;
mod morning;
mod sampler;
#[cfg(test)]
mod tests;

pub use error::MorningError;
pub use morning::{DryRun, Step, Tell, dry_run, proof, send};
pub use sampler::take_samples;

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::config::Config;
use crate::draft::{self, Draft, DraftError};
use crate::ledger::{FileWatch, Ledger, LedgerError};
use crate::model::address::Address;
use crate::model::delivery::Verdict;
use crate::model::edition::Slug;
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

/// What the clock needs.
pub struct Newsroom {
    /// The config is read anew at every turn.
    pub read_config: Box<dyn Fn() -> Result<Config, Vec<Problem>> + Send + Sync>,
    /// The ledger in which readers' answers are kept: once its file is removed or replaced, nothing is drafted or sent.
    pub ledger: FileWatch,
    pub world: World,
    pub tell: Box<dyn Fn(ClockEvent<'_>) + Send + Sync>,
}

/// Keeps the newsroom's clock until the stop is asked for. It ends within the letter under way.
pub async fn keep(newsroom: Arc<Newsroom>) {
    let stop = newsroom.world.stop.clone();
    let mut keeper = Keeper::default();
    while !stop.is_asked() {
        let room = Arc::clone(&newsroom);
        let runtime = tokio::runtime::Handle::current();
        // A freeze keeps its thread for seconds, and readers' pages must not wait for it.
        let turn = tokio::task::spawn_blocking(move || {
            let wake = runtime.block_on(keeper.turn(&room));
            let nap = wake.map_or(NAP, |wake| wake - room.world.now());
            (keeper, nap.clamp(TimeDelta::zero(), NAP))
        });
        let nap;
        (keeper, nap) = turn.await.unwrap_or_else(|_| {
            (newsroom.tell)(ClockEvent::Stumbled);
            (Keeper::default(), NAP)
        });
        let nap = tokio::time::sleep(nap.to_std().unwrap_or_default());
        if stop.unless_asked(nap).await.is_err() {
            return;
        }
    }
}

/// How far the edition of that day is, as the ledger and the edition file have it.
///
/// # Errors
/// The ledger fails.
pub fn stage(config: &Config, day: NaiveDate) -> Result<EditionStage, LedgerError> {
    let (slug, target) = (Slug::of(day), sends::target(config));
    if let Some(ledger) = Ledger::open_if_any(&config.ledger)?
        && ledger.run(&slug, &target)?.is_some()
    {
        let unfinished = ledger.unfinished(&target)?;
        return Ok(if unfinished.rows.iter().any(|run| run.slug == slug) {
            EditionStage::Drafted
        } else {
            EditionStage::Over
        });
    }
    Ok(match editions::read(&config.editions(), &slug) {
        Ok(None) => EditionStage::Missing,
        Ok(Some(edition)) if edition.hold => EditionStage::Held,
        // What is wrong with it will be said when it is to be sent.
        Ok(Some(_)) | Err(_) => EditionStage::Drafted,
    })
}

/// What is remembered of the run that is waited for; everything else is on the disk.
#[derive(Debug, Default)]
struct Keeper {
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
    /// Does what is due, and says when it must be asked again at the latest; `None`: there is no schedule, or it was stopped.
    async fn turn(&mut self, newsroom: &Newsroom) -> Option<DateTime<Utc>> {
        let world = &newsroom.world;
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
        match self.act(newsroom).await {
            Ok(wake) => {
                (self.failures, self.again) = (0, None);
                wake
            }
            Err(error) => {
                if error.is_stop() {
                    return None;
                }
                if let Some((until, run)) = error.quota_until().zip(self.run) {
                    let wake = run.not_after.min(until);
                    self.paused = Some(wake);
                    (newsroom.tell)(ClockEvent::Failed(error));
                    return Some(wake);
                }
                (newsroom.tell)(ClockEvent::Failed(error));
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

    async fn act(&mut self, newsroom: &Newsroom) -> Result<Option<DateTime<Utc>>, MorningError> {
        let (world, tell) = (&newsroom.world, &newsroom.tell);
        newsroom.ledger.check()?;
        let config = (newsroom.read_config)().map_err(MorningError::Config)?;
        let Some(schedule) = &config.schedule else {
            if !std::mem::replace(&mut self.said, true) {
                tell(ClockEvent::NoSchedule);
            }
            return Ok(None);
        };
        self.look_up(schedule, &config, newsroom)?;
        let mut unknown = None;
        let due = schedule.due(world.now(), |run| {
            if self.reached == EditionStage::Over {
                return EditionStage::Over;
            }
            match stage(&config, run.day) {
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
                self.draft(&config, &run, newsroom).await?;
                Ok(Some(run.send_at))
            }
            Due::Send(run) => {
                self.send(&config, &run, newsroom).await?;
                Ok(Some(run.not_after))
            }
        }
    }

    /// Turns to the next run when the last one is over, and tells when that one was not sent.
    fn look_up(
        &mut self,
        schedule: &Schedule,
        config: &Config,
        newsroom: &Newsroom,
    ) -> Result<(), MorningError> {
        let now = newsroom.world.now();
        let next = schedule.runs(now).next();
        if self.awake && next == self.run {
            return Ok(());
        }
        let last = if self.awake {
            self.run
        } else {
            schedule.run_of(schedule.zone.day(now))
        };
        if let Some(run) =
            last.filter(|run| run.not_after <= now && self.reached != EditionStage::Over)
        {
            let stage = stage(config, run.day)?;
            if stage != EditionStage::Over {
                (newsroom.tell)(ClockEvent::Missed {
                    run: &run,
                    stage,
                    schedule,
                });
            }
        }
        if let Some(run) = &next {
            (newsroom.tell)(ClockEvent::Next { run, schedule });
        }
        *self = Self {
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
        newsroom: &Newsroom,
    ) -> Result<(), MorningError> {
        let (world, tell) = (&newsroom.world, &newsroom.tell);
        let slug = &Slug::of(run.day);
        let path = editions::path_of(&config.editions(), slug);
        match draft::to_file(config, slug, Overwrite::Refuse, world).await {
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
        newsroom: &Newsroom,
    ) -> Result<(), MorningError> {
        let order = SendOrder {
            slug: Slug::of(run.day),
            in_doubt: None,
            despite: Vec::new(),
        };
        let tell = &newsroom.tell;
        let step = &mut |step: Step<'_>| tell(ClockEvent::Step { step, config });
        if let Some(sent) = send(config, &order, &newsroom.world, step).await? {
            if !sent.is_over() {
                return Err(MorningError::Halted(Box::new(sent)));
            }
            tell(ClockEvent::Sent(sent));
        }
        self.reached = EditionStage::Over;
        Ok(())
    }
}
