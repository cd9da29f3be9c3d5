//! `send`: freezes the edition and hands a letter over for every subscriber; run again, it resumes.

mod freeze;
mod late;
mod progress;
mod tally;

pub(super) use late::LATE;
pub(super) use tally::tally_in_words;

use std::sync::Arc;
use std::time::Instant;

use crate::check;
use crate::cli::arguments::{InDoubt, Send};
use crate::cli::open::{self, Setting};
use crate::cli::report::{Failure, Report, counted, grouped};
use crate::cli::{Exit, draft};
use crate::config::Config;
use crate::ledger::{Doubtful, Held, Ledger, Run, SendLock, Target};
use crate::mailer::Relay;
use crate::message::{Copy, LetterTemplate, RunKey};
use crate::model::edition::{Edition, Slug};
use crate::model::newsletter::Letterhead;
use crate::model::token::Keys;
use crate::newsroom::editions::{self, Overwrite};

pub(in crate::cli) fn run(verb: &Send, setting: &Setting, report: Report) -> Result<Exit, Failure> {
    let config = setting.config()?;
    let slug = setting.slug(&config);
    let target = target(&config);
    if matches!(config.handover.relay, Relay::Smtp(_))
        && let Some(problem) = check::unsendable(&config)
    {
        return Err(Failure::problems(vec![problem]).still("nothing was sent"));
    }
    if verb.dry_run {
        return freeze::dry_run(&config, &slug, setting, report);
    }
    let _lock = SendLock::take(&config.ledger, setting.now()).map_err(|held| {
        let exit = match &held {
            Held::Other { .. } => Exit::TryAgain,
            Held::Broken { .. } => Exit::Problem,
        };
        let failure = Failure::error(held)
            .exit(exit)
            .still("this run sent nothing");
        if exit == Exit::TryAgain {
            failure.hint("`newsdigest status` says how far it is")
        } else {
            failure
        }
    })?;
    let mut ledger = open::ledger(&config)?;
    let frozen = ledger.run(&slug, &target).map_err(Failure::error)?;
    let not_after = late::not_after(&config, &slug, &target, verb);
    late::in_time(not_after, &slug, &config, setting)?;
    for other in ledger.unfinished(&target).map_err(Failure::error)? {
        if other.slug != slug {
            older(
                &other,
                frozen.is_some(),
                &config,
                &mut ledger,
                setting,
                report,
            )?;
        }
    }
    let run = match frozen {
        Some(run) => resume(verb, run, &config, &mut ledger, setting, report)?,
        None => {
            match freeze::freeze(verb, &config, &slug, &target, &mut ledger, setting, report)? {
                Some(run) => run,
                None => return Ok(Exit::Done),
            }
        }
    };
    let tally = ledger.tally(run.id).map_err(Failure::error)?;
    if tally.queued == 0 {
        report.say(format!("{}: nothing is left to hand over", run.slug));
        return tally::finish(&config, &run, &tally, None, setting, report);
    }
    let presses = presses(&config, &run, &ledger)?;
    let began = Instant::now();
    let outcome = progress::hand_over(&config, ledger, &run, presses, not_after, setting, report)?;
    report.detail(format!(
        "the letters took {:.2} s",
        began.elapsed().as_secs_f64()
    ));
    tally::finish(&config, &run, &outcome.tally, outcome.halt, setting, report)
}

/// Another edition that is not sent to its end. What is too late of it is given up. One with letters still queued comes before a new one is
/// frozen; whatever is frozen already may always go on, so that no two ever wait for one another. Copies in doubt block nothing, but are
/// named until someone decides.
fn older(
    other: &Run,
    is_frozen: bool,
    config: &Config,
    ledger: &mut Ledger,
    setting: &Setting,
    report: Report,
) -> Result<(), Failure> {
    let send = format!("newsdigest send --date {}", other.slug);
    let mut tally = ledger.tally(other.id).map_err(Failure::error)?;
    if tally.queued > 0 && late::close(other, config, ledger, setting, report)? {
        tally = ledger.tally(other.id).map_err(Failure::error)?;
    }
    if tally.queued == 0 {
        if tally.in_doubt > 0 {
            report.warn(format!(
                "{} of the edition of {} may have arrived or not: `{send}` sends them again, `{send} --in-doubt skip` leaves them so",
                counted(tally.in_doubt, "copy", "copies"),
                other.slug
            ));
        }
        return Ok(());
    }
    let what = format!("the edition of {} is not sent to its end", other.slug);
    let hint = format!("`{send}` finishes it, {} to go", grouped(tally.queued));
    if is_frozen {
        report.warn(format!("{what}: {hint}"));
        return Ok(());
    }
    Err(Failure::says(what).still("nothing was sent").hint(hint))
}

/// Where letters go, as the ledger keeps it.
pub(in crate::cli) fn target(config: &Config) -> Target {
    match &config.handover.relay {
        Relay::Outbox(folder) => Target::Outbox(
            std::path::absolute(folder)
                .unwrap_or_else(|_| folder.clone())
                .display()
                .to_string(),
        ),
        Relay::Smtp(_) => Target::Relay,
    }
}

/// The edition file of that day; without one it is drafted first, as cron needs it. `None` on a quiet day.
pub(in crate::cli) fn edition(
    config: &Config,
    slug: &Slug,
    setting: &Setting,
    report: Report,
) -> Result<Option<Edition>, Failure> {
    let found = || {
        editions::read(&config.editions(), slug).map_err(|problems| {
            Failure::problems(problems)
                .still("nothing was sent")
                .hint("`newsdigest check` shows every problem in every file")
        })
    };
    if let Some(edition) = found()? {
        return Ok(Some(edition));
    }
    let chosen = draft::choose(config, setting, report)?;
    let path = editions::path_of(&config.editions(), slug);
    match draft::write(config, &chosen, Overwrite::Refuse, setting, report) {
        // Somebody else was faster, and may be editing it already.
        Err(_) if path.exists() => found(),
        Ok(Some(edition)) => {
            report.say(format!("written to `{}`", path.display()));
            Ok(Some(edition))
        }
        other => other,
    }
}

/// Takes up a frozen run: what a crash left in doubt is sent again or skipped, and the number is said either way.
fn resume(
    verb: &Send,
    run: Run,
    config: &Config,
    ledger: &mut Ledger,
    setting: &Setting,
    report: Report,
) -> Result<Run, Failure> {
    if run.newsletter != config.newsletter.id {
        return Err(Failure::says(format!(
            "the edition of {} in `{}` belongs to the newsletter `{}`, not to `{}`",
            run.slug,
            config.ledger.display(),
            run.newsletter,
            config.newsletter.id
        ))
        .still("nothing was sent")
        .hint("each newsletter needs a `path` of its own in `[ledger]`"));
    }
    let which = match verb.in_doubt {
        None | Some(InDoubt::Skip) => Doubtful::Unskipped,
        Some(InDoubt::Resend) => Doubtful::All,
    };
    let lost = ledger.in_doubt(run.id, which).map_err(Failure::error)?;
    if lost > 0 {
        let copies = counted(lost, "copy", "copies");
        // Said before it is done: a kill in between must not leave doubles unsaid.
        if verb.in_doubt == Some(InDoubt::Skip) {
            report.warn(format!("{copies} stay in doubt: the last run stopped while the relay held them; they are not sent again"));
            ledger.skip_in_doubt(run.id, setting.now())
        } else {
            // What cannot be sent again stays in doubt.
            presses(config, &run, ledger)?;
            report.warn(format!("{copies} may arrive twice: the last run stopped while the relay held them; they go out again with the same Message-ID"));
            ledger.resend_in_doubt(run.id, which, setting.now())
        }
        .map_err(Failure::error)?;
    }
    let latest = setting.now() + config.handover.longest_wait();
    ledger
        .wait_no_longer(run.id, latest)
        .map_err(Failure::error)?;
    let tally = ledger.tally(run.id).map_err(Failure::error)?;
    if tally.queued > 0 {
        report.say(format!(
            "{}: goes on where it stopped, {} to go",
            run.slug,
            grouped(tally.queued)
        ));
    }
    Ok(run)
}

/// Letters come from pages and letterhead as they were frozen, whatever the files say now: a copy sent again is the same to the byte.
fn presses(config: &Config, run: &Run, ledger: &Ledger) -> Result<Vec<LetterTemplate>, Failure> {
    let key = RunKey(run.key);
    let newsletter = run.newsletter(&config.newsletter).ok_or_else(|| {
        Failure::says(format!(
            "the letterhead of {} in the ledger is broken",
            run.slug
        ))
        .still("nothing was sent")
    })?;
    let keys = keys_of(config, run)?;
    let pages = ledger.pages(run.id).map_err(Failure::error)?;
    Ok(pages
        .iter()
        .map(|pages| {
            LetterTemplate::new(
                &newsletter,
                &run.slug,
                pages,
                &key,
                run.frozen,
                Copy::Edition,
            )
            .sealed(&newsletter, keys.as_ref(), run.id.number())
            .signed(config.signer.as_ref())
        })
        .collect())
}

/// The keys that seal this run's tokens: those of its freeze, so that a letter sent again is the same.
fn keys_of(config: &Config, run: &Run) -> Result<Option<Arc<Keys>>, Failure> {
    let Some(id) = run.letterhead.as_ref().and_then(Letterhead::sealed_by) else {
        return Ok(None);
    };
    let keys = config.serving.keys();
    let keys =
        keys.map_err(|problem| Failure::problems(vec![problem]).still("nothing was sent"))?;
    let keys = keys.and_then(|keys| keys.sealing_with(id)).ok_or_else(|| {
        Failure::says(format!(
            "key {id}, with which {} was frozen, is not in `{}`",
            run.slug,
            config.serving.secret.display()
        ))
        .still("nothing was sent")
        .hint("old keys stay in the file, below the new one")
    })?;
    Ok(Some(Arc::new(keys)))
}

/// Fresh random bytes: they make this run's Message-IDs unlike any other's.
pub(in crate::cli) fn random_key() -> Result<[u8; 16], Failure> {
    open::random().map_err(|failure| failure.still("nothing was sent"))
}
