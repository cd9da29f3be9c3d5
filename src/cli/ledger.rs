//! `ledger new`: an empty ledger in place of one that is lost. `ledger prune`: the copies of old editions go.

use super::arguments::LedgerVerb;
use super::exit::Exit;
use super::open::{self, Setting};
use super::report::{Failure, Report, counted};
use crate::config::Config;
use crate::ledger::{Ledger, LockOf, Pruned, SendLock};
use crate::model::newsletter_name::NewsletterName;

pub(super) fn run(verb: &LedgerVerb, setting: &Setting, report: Report) -> Result<Exit, Failure> {
    let newsroom = setting.newsroom()?;
    let names = newsroom.names();
    let config = setting.shared_config()?;
    match verb {
        LedgerVerb::New => new(&config, report),
        LedgerVerb::Prune { compact } => prune(*compact, &config, &names, setting, report),
    }
}

fn new(config: &Config, report: Report) -> Result<Exit, Failure> {
    Ledger::start_anew(&config.ledger)
        .map_err(|error| Failure::error(error).still("nothing was changed"))?;
    report.say(format!(
        "`{}` is an empty ledger: nobody is on its suppression list, and no edition counts as sent",
        config.ledger.path.display()
    ));
    report.hint("`newsdigest suppress --import FILE` tells it who left, before anything is sent");
    Ok(Exit::Done)
}

fn prune(
    compact: bool,
    config: &Config,
    names: &[NewsletterName],
    setting: &Setting,
    report: Report,
) -> Result<Exit, Failure> {
    let Some(until) = config.prunes_until(setting.now()) else {
        return Err(
            Failure::says("`[ledger] keep` is not set: everything is kept").hint(
                "`keep = \"400d\"` in `[ledger]` keeps what became of each copy for 400 days",
            ),
        );
    };
    // Nobody freezes, and no newsletter or alert is being sent.
    let own = names.iter().map(|name| LockOf::Newsletter(Some(name)));
    let relay = [LockOf::Relay, LockOf::RelayOfOne, LockOf::Alert];
    let locks = (relay.into_iter().chain(own))
        .map(|of| SendLock::take(&config.ledger.path, of, setting.now()));
    let _locks: Vec<SendLock> = locks.collect::<Result<_, _>>().map_err(|held| {
        Failure::error(held)
            .exit(Exit::TryAgain)
            .still("nothing was deleted")
    })?;
    let Some(mut ledger) = open::ledger_if_any(config)? else {
        report.say("there is no ledger yet");
        return Ok(Exit::Done);
    };
    let pruned = ledger.prune(until, u64::MAX)?;
    report.say(words(pruned));
    if compact {
        let (now, before) = ledger.compact()?;
        report.say(format!(
            "`{}` has {:.1} MB, {:.1} MB less than before",
            config.ledger.path.display(),
            megabytes(now),
            megabytes(before.saturating_sub(now))
        ));
    }
    Ok(Exit::Done)
}

pub(super) fn words(pruned: Pruned) -> String {
    format!(
        "{} of {} deleted: older than `[ledger] keep`; their tallies, stories and pages stay",
        counted(pruned.copies, "copy", "copies"),
        counted(pruned.runs, "edition", "editions")
    )
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
