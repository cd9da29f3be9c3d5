//! `ledger prune`, and the pruning of a freeze: the copies of old editions go.

use chrono::{DateTime, Utc};

use super::Exit;
use super::arguments::Ledger as Verb;
use super::open::{self, Setting};
use super::report::{Failure, Report, counted};
use crate::config::Config;
use crate::draft;
use crate::ledger::{Ledger, Pruned, SendLock};

/// The most copies that go at one freeze; the letters wait for it. What is older still goes at the next ones.
const AT_A_FREEZE: u64 = 500_000;

pub(super) fn run(verb: &Verb, setting: &Setting, report: Report) -> Result<Exit, Failure> {
    let Verb::Prune { compact } = verb;
    let config = setting.config()?;
    let Some(until) = until(&config, setting.now()) else {
        return Err(
            Failure::says("`[ledger] keep` is not set: everything is kept").hint(
                "`keep = \"400d\"` in `[ledger]` keeps what became of each copy for 400 days",
            ),
        );
    };
    let _lock = SendLock::take(&config.ledger, setting.now()).map_err(|held| {
        Failure::error(held)
            .exit(Exit::TryAgain)
            .still("nothing was deleted")
    })?;
    let Some(mut ledger) = open::ledger_if_any(&config)? else {
        report.say("there is no ledger yet");
        return Ok(Exit::Done);
    };
    let pruned = ledger.prune(until, u64::MAX).map_err(Failure::error)?;
    report.say(words(pruned));
    if *compact {
        let (now, before) = ledger.compact().map_err(Failure::error)?;
        report.say(format!(
            "`{}` has {:.1} MB, {:.1} MB less than before",
            config.ledger.display(),
            megabytes(now),
            megabytes(before.saturating_sub(now))
        ));
    }
    Ok(Exit::Done)
}

/// What goes at a freeze. It never stops a send.
pub(super) fn at_freeze(config: &Config, ledger: &mut Ledger, now: DateTime<Utc>, report: Report) {
    let Some(until) = until(config, now) else {
        return;
    };
    match ledger.prune(until, AT_A_FREEZE) {
        Ok(Pruned { copies: 0, .. }) => {}
        Ok(pruned) => report.detail(words(pruned)),
        Err(error) => report.warn(format!("old copies stay in the ledger for now: {error}")),
    }
}

/// Copies of runs frozen before that instant may go: never of one that `no_repeat_for` still looks at.
fn until(config: &Config, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    Some((now - config.keep?).min(draft::remembers_since(config, now)))
}

fn words(pruned: Pruned) -> String {
    format!(
        "{} of {} deleted: older than `[ledger] keep`; their tallies, stories and pages stay",
        counted(pruned.copies, "copy", "copies"),
        counted(pruned.runs, "edition", "editions")
    )
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
