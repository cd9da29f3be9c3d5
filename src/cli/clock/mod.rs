//! The newsroom's clock: it drafts and sends when `[schedule]` says so, by the same code as the verbs. What is due is decided by
//! [`crate::schedule`]; that no edition is drafted or sent twice, by the files on disk, the ledger and its lock.

#[cfg(test)]
mod tests;
mod words;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use tokio::sync::watch;

use super::arguments::Send;
use super::open::{self, Setting};
use super::report::{Failure, Report};
use super::{draft, proof, send};
use crate::config::Config;
use crate::model::address::Address;
use crate::model::edition::Slug;
use crate::newsroom::editions;
use crate::schedule::{Due, Planned, Schedule, Stage};

/// The longest nap: so soon it is seen that the clock was set, that the machine slept, or that somebody changed the config or took a hold away.
const NAP: TimeDelta = TimeDelta::minutes(1);

/// The longest wait after something failed, again and again. Each wait is twice the one before.
const LONGEST: TimeDelta = TimeDelta::minutes(5);

/// Keeps the newsroom's clock until `stop` becomes true or nobody is left who could say so. The config is read anew at every turn. What is under
/// way is finished first; a send listens to Ctrl-C and SIGTERM itself.
pub(in crate::cli) async fn keep(
    setting: Arc<Setting>,
    report: Report,
    mut stop: watch::Receiver<bool>,
) {
    let mut clock = Clock::default();
    while !*stop.borrow() {
        let setting = Arc::clone(&setting);
        let turn = tokio::task::spawn_blocking(move || {
            let wake = clock.turn(&setting.anew(), report);
            let nap = wake.map_or(NAP, |wake| wake - setting.anew().now());
            (clock, nap.clamp(TimeDelta::zero(), NAP))
        });
        let nap;
        (clock, nap) = turn.await.unwrap_or_else(|_| {
            report.warn("the clock stumbled: this is a bug of newsdigest; it goes on");
            (Clock::default(), NAP)
        });
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(nap.to_std().unwrap_or_default()) => {}
        }
    }
}

/// How far the edition of that day is, as the ledger and the edition file have it.
pub(super) fn stage(config: &Config, day: NaiveDate) -> Result<Stage, Failure> {
    let (slug, target) = (Slug::of(day), send::target(config));
    if let Some(ledger) = open::ledger_if_any(config)?
        && ledger
            .run(&slug, &target)
            .map_err(Failure::error)?
            .is_some()
    {
        let unfinished = ledger.unfinished(&target).map_err(Failure::error)?;
        return Ok(if unfinished.rows.iter().any(|run| run.slug == slug) {
            Stage::Drafted
        } else {
            Stage::Over
        });
    }
    Ok(match editions::read(&config.editions(), &slug) {
        Ok(None) => Stage::Missing,
        Ok(Some(edition)) if edition.hold => Stage::Held,
        // What is wrong with it will be said when it is to be sent.
        Ok(Some(_)) | Err(_) => Stage::Drafted,
    })
}

/// What the clock remembers of the run it waits for; all else stands on the disk.
#[derive(Debug, Default)]
struct Clock {
    /// Whether it has looked at the schedule at all.
    awake: bool,
    /// The first run that is not over.
    run: Option<Planned>,
    /// How far it has brought that run. A quiet day leaves nothing on the disk: no file when it was drafted, no letter when it was sent.
    reached: Stage,
    /// It was said that an editor holds it, or that there is no schedule.
    said: bool,
    /// How often something failed running.
    failures: u32,
    /// Nothing is tried before.
    again: Option<DateTime<Utc>>,
}

impl Clock {
    /// Does what is due, and says when it need be asked again at the latest; `None`: there is no schedule.
    fn turn(&mut self, setting: &Setting, report: Report) -> Option<DateTime<Utc>> {
        let now = setting.now();
        if let Some(again) = self.again
            && now < again
            && again <= now + LONGEST
        {
            return Some(again);
        }
        match self.act(setting, report) {
            Ok(wake) => {
                (self.failures, self.again) = (0, None);
                wake
            }
            Err(failure) => {
                report.failure(&failure);
                // The send may have taken its time.
                let now = setting.now();
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

    fn act(&mut self, setting: &Setting, report: Report) -> Result<Option<DateTime<Utc>>, Failure> {
        let config = setting.config()?;
        let Some(schedule) = &config.schedule else {
            if !std::mem::replace(&mut self.said, true) {
                report.say(words::NO_SCHEDULE);
            }
            return Ok(None);
        };
        self.look_up(schedule, &config, setting, report)?;
        let mut unknown = None;
        let due = schedule.due(setting.now(), |run| {
            if self.reached == Stage::Over {
                return Stage::Over;
            }
            match stage(&config, run.day) {
                Ok(Stage::Missing) => self.reached,
                Ok(stage) => stage,
                Err(failure) => {
                    unknown = Some(failure);
                    Stage::Over
                }
            }
        });
        if let Some(failure) = unknown {
            return Err(failure);
        }
        match due {
            Due::Nothing { until } => Ok(until),
            Due::Held(run) => {
                if !std::mem::replace(&mut self.said, true) {
                    report.warn(words::held(&run));
                }
                Ok(Some(run.not_after))
            }
            Due::Draft(run) => {
                self.draft(&config, &run, &setting.anew().of(Slug::of(run.day)), report)?;
                Ok(Some(run.send_at))
            }
            Due::Send(run) => {
                let verb = Send {
                    dry_run: false,
                    in_doubt: None,
                    despite: Vec::new(),
                };
                send::run(&verb, &setting.anew().of(Slug::of(run.day)), report)?;
                self.reached = Stage::Over;
                Ok(Some(run.not_after))
            }
        }
    }

    /// Turns to the next run when the last one is over, and says so when that one was not sent.
    fn look_up(
        &mut self,
        schedule: &Schedule,
        config: &Config,
        setting: &Setting,
        report: Report,
    ) -> Result<(), Failure> {
        let now = setting.now();
        let next = schedule.runs(now).next();
        if self.awake && next == self.run {
            return Ok(());
        }
        let last = if self.awake {
            self.run
        } else {
            schedule.run_of(schedule.zone.day(now))
        };
        if let Some(last) = last.filter(|run| run.not_after <= now && self.reached != Stage::Over) {
            let stage = stage(config, last.day)?;
            if let Some(words) = words::missed(&last, stage, schedule) {
                report.warn(words);
            }
        }
        if let Some(run) = &next {
            report.say(words::next(run, schedule));
        }
        *self = Self {
            awake: true,
            run: next,
            ..Self::default()
        };
        Ok(())
    }

    fn draft(
        &mut self,
        config: &Config,
        run: &Planned,
        setting: &Setting,
        report: Report,
    ) -> Result<(), Failure> {
        let path = editions::path_of(&config.editions(), &Slug::of(run.day));
        if let Err(failure) = draft::for_log(setting, report) {
            if !path.exists() {
                return Err(failure);
            }
            report.say(format!("`{}` came up meanwhile, and stays", path.display()));
            return Ok(());
        }
        self.reached = Stage::Drafted;
        if path.exists() && !config.proof_to.is_empty() {
            // Nobody asked for addresses: they stay masked.
            let proofs = proof::hand_over(
                config,
                &config.proof_to,
                Address::to_string,
                setting,
                report,
            );
            // A draft without its proof is a draft all the same.
            if let Err(failure) = proofs {
                report.failure(&failure);
            }
        }
        Ok(())
    }
}
