//! The clock of one newsletter: what it remembers from turn to turn, and what it does in one.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;

use super::{ClockEvent, ClockSetup, MorningError, NAP, Step, proof, send, stage};
use crate::config::{Config, Unchosen};
use crate::draft::{self, DraftError};
use crate::ledger::Ledger;
use crate::model::newsletter_name::NewsletterName;
use crate::newsroom::editions::{self, Overwrite};
use crate::schedule::{Due, EditionStage, NameOfEdition, Planned, Schedule};
use crate::send::{Halt, SendOrder};

/// The clocks of newsletters of one minute wake together, and each reads its files before it waits for its turn.
const GIVES_WAY: Duration = Duration::from_millis(500);

/// The longest wait after something failed, again and again. Each wait is twice the one before.
const LONGEST: TimeDelta = TimeDelta::minutes(5);

/// What is remembered of the run that is waited for; everything else is on the disk.
#[derive(Debug, Default)]
pub(super) struct Keeper {
    /// Whose clock it keeps, of several newsletters.
    pub(super) newsletter: Option<NewsletterName>,
    /// The edition of a day whose clock it keeps, where each has its own; `None`: that of all.
    edition: Option<NameOfEdition>,
    /// Held while an edition of this newsletter is drafted or sent.
    one_at_a_time: Arc<Mutex<()>>,
    /// The newsletter is there no more.
    pub(super) is_gone: bool,
    /// Whether it has looked at the schedule at all.
    awake: bool,
    /// The first run that is not over.
    pub(super) run: Option<Planned>,
    /// How far it has brought that run. A quiet day leaves nothing on the disk: no file when it was drafted, no letter when it was sent.
    pub(super) reached: EditionStage,
    /// It was said that there is no schedule.
    said: bool,
    /// What it was said to wait for: that its editor lets it go, or that it is approved.
    waits: Option<EditionStage>,
    /// How often something failed running.
    pub(super) failures: u32,
    /// Nothing is tried before.
    pub(super) again: Option<DateTime<Utc>>,
    /// No letter leaves until then: the relay's quota is used up, or the next readers' hour has not come.
    pub(super) paused: Option<DateTime<Utc>>,
}

impl Keeper {
    pub(super) fn of(newsletter: Option<NewsletterName>) -> Self {
        Self {
            newsletter,
            ..Self::default()
        }
    }

    /// The same for one edition of a day beside others.
    pub(super) fn keeping(
        self,
        edition: Option<NameOfEdition>,
        one_at_a_time: Arc<Mutex<()>>,
    ) -> Self {
        Self {
            edition,
            one_at_a_time,
            ..self
        }
    }

    /// What it is before it has looked at the schedule.
    pub(super) fn anew(&self) -> Self {
        let keeper = Self::of(self.newsletter.clone());
        keeper.keeping(self.edition.clone(), Arc::clone(&self.one_at_a_time))
    }

    fn tell(&self, setup: &ClockSetup, event: ClockEvent<'_>) {
        (setup.tell)(self.newsletter.as_ref(), event);
    }

    /// Does what is due, and says when it must be asked again at the latest; `None`: there is no schedule, or it was stopped.
    pub(super) async fn turn(&mut self, setup: &ClockSetup) -> Option<DateTime<Utc>> {
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
        setup.ledger.check()?;
        let newsroom = (setup.read_newsroom)().map_err(MorningError::Config)?;
        let may_be_nobodys = newsroom.has_default();
        let config = match newsroom.into_one(self.newsletter.as_ref()) {
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
                self.tell(setup, ClockEvent::NoSchedule);
            }
            // Of several keepers one goes on to look.
            self.is_gone = self.edition.is_some();
            return Ok(None);
        };
        if !schedule.apart().contains(&self.edition) {
            self.is_gone = true;
            return Ok(None);
        }
        let own = self.edition.as_ref();
        let schedule = &own.map_or_else(|| schedule.clone(), |edition| schedule.only(edition));
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
        let gate = Arc::clone(&self.one_at_a_time);
        let _turn = match &due {
            Due::Draft(_) | Due::Send(_) => Some(world.stop.unless_asked(gate.lock()).await?),
            Due::Held(_) | Due::Unapproved(_) | Due::Nothing { .. } => None,
        };
        match due {
            Due::Nothing { until } => Ok(until),
            Due::Held(run) => {
                if self.waits.replace(EditionStage::Held) != Some(EditionStage::Held) {
                    self.tell(setup, ClockEvent::Held(&run));
                }
                Ok(Some(run.not_after))
            }
            Due::Unapproved(run) => {
                let why = EditionStage::Unapproved;
                if self.waits.replace(why) != Some(why) {
                    self.tell(setup, ClockEvent::Unapproved(&run));
                }
                Ok(Some(run.not_after))
            }
            Due::Draft(run) => {
                self.draft(&config, &run, setup).await?;
                Ok(Some(run.send_at))
            }
            Due::Send(run) => {
                self.paused = None;
                let order = SendOrder {
                    slug: run.slug.clone(),
                    in_doubt: None,
                    despite: Vec::new(),
                    may_be_nobodys,
                    gives_way: GIVES_WAY,
                };
                self.send(&config, &order, setup).await?;
                Ok(Some(self.paused.unwrap_or(run.not_after)))
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
        let last: Vec<Planned> = if self.awake {
            // It is looked up again if the ledger fails, so it stays until it was told.
            self.run.clone().into_iter().collect()
        } else {
            // All that ended today, also those of yesterday.
            let today = schedule.zone.begins(schedule.zone.day(now));
            let over = |run: &Planned| run.not_after <= now;
            schedule.runs(today).take_while(over).collect()
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
            awake: true,
            run: next,
            ..self.anew()
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
        let tell = |event: ClockEvent<'_>| (setup.tell)(self.newsletter.as_ref(), event);
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
        order: &SendOrder,
        setup: &ClockSetup,
    ) -> Result<(), MorningError> {
        let tell = |event: ClockEvent<'_>| (setup.tell)(self.newsletter.as_ref(), event);
        let step = &mut |step: Step<'_>| tell(ClockEvent::Step { step, config });
        if let Some(sent) = send(config, order, &setup.world, step).await? {
            if let Some(Halt::NextHour { at, .. }) = &sent.halt {
                self.paused = Some(at.to_utc());
                tell(ClockEvent::NextHour(&sent));
                return Ok(());
            }
            if !sent.is_over() {
                return Err(MorningError::Halted(Box::new(sent)));
            }
            tell(ClockEvent::Sent(sent));
        }
        self.reached = EditionStage::Over;
        Ok(())
    }
}
