//! The beginning of a send: nobody else sends, it is not too late, no older edition comes first. Then it is frozen, or it was.

use std::time::Duration;

use chrono::{DateTime, FixedOffset, Utc};

use super::error::SendError;
use super::hours;
use super::turn::SenderTurn;
use super::{SendEvent, Tell};
use crate::config::Config;
use crate::ledger::{Ledger, LockOf, Run, SendLock, Target};
use crate::mailer::Relay;
use crate::model::edition::Slug;
use crate::model::world::World;

/// What `--despite` calls a send past `not_after`.
pub const LATE: &str = "late";

/// What a person asked for.
#[derive(Clone, Debug)]
pub struct SendOrder {
    pub slug: Slug,
    /// What becomes of copies in doubt. Unsaid, those that were never skipped are sent again.
    pub in_doubt: Option<InDoubt>,
    /// The findings that do not stop it; [`LATE`] is one.
    pub despite: Vec<&'static str>,
    /// Whether it is fine that nobody gets it, as where all newsletters of a newsroom are sent and one is everybody's; of a newsletter of the week it always is.
    pub may_be_nobodys: bool,
    /// So long it lets others go first that come now and must be out earlier.
    pub gives_way: Duration,
}

/// What becomes of copies whose fate a stopped run left unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InDoubt {
    /// Handed over again with the same Message-ID and bytes, those once skipped too.
    Resend,
    /// Left in doubt, today and whenever this edition is sent again.
    Skip,
}

/// A send that has begun. While it lives, no other one begins.
pub struct Begun<'a> {
    pub(super) config: &'a Config,
    pub(super) order: &'a SendOrder,
    pub(super) world: &'a World,
    pub(super) ledger: Ledger,
    pub(super) target: Target,
    pub(super) not_after: Option<DateTime<Utc>>,
    /// The run, if the edition is frozen already.
    pub(super) frozen: Option<Run>,
    /// An alert has none: of alerts one at a time is begun because one at a time has the turn.
    pub(super) lock: Option<SendLock>,
    /// Taken at the freeze, unless it was before.
    pub(super) turn: Option<SenderTurn>,
}

/// Begins a send: takes the lock, and closes older editions that are past their `not_after`.
///
/// # Errors
/// Somebody else sends, it is too late, or an older edition comes first.
pub fn begin<'a>(
    config: &'a Config,
    order: &'a SendOrder,
    world: &'a World,
    tell: Tell<'_>,
) -> Result<Begun<'a>, SendError> {
    sendable(config)?;
    let own = LockOf::Newsletter(config.name.as_ref());
    let lock = SendLock::take(&config.ledger.path, own, world.now())?;
    let mut ledger = Ledger::open(&config.ledger)?;
    let target = target(config);
    let frozen = ledger.run(config.runs_of(), &order.slug, &target)?;
    let not_after = not_after(config, order, &target);
    in_time(config, order, not_after, world)?;
    let unfinished = ledger.unfinished(config.runs_of(), &target)?;
    tell(SendEvent::BrokenRows(unfinished.broken));
    for run in unfinished.rows {
        if run.slug != order.slug {
            older(&run, frozen.is_some(), config, &mut ledger, world, tell)?;
        }
    }
    Ok(Begun {
        config,
        order,
        world,
        ledger,
        target,
        not_after,
        frozen,
        lock: Some(lock),
        turn: None,
    })
}

/// Whether it is not too late to freeze it.
pub(super) fn in_time(
    config: &Config,
    order: &SendOrder,
    not_after: Option<DateTime<Utc>>,
    world: &World,
) -> Result<(), SendError> {
    match not_after.filter(|&end| end <= world.now()) {
        None => Ok(()),
        Some(end) => Err(SendError::TooLate {
            slug: order.slug.clone(),
            end: local(config, end),
        }),
    }
}

/// The relay's password must be there.
pub(super) fn sendable(config: &Config) -> Result<(), SendError> {
    says_how_to_leave(config)?;
    match config.relays.password_missing() {
        Some(problem) => Err(SendError::Problems(vec![problem.clone()])),
        None => Ok(()),
    }
}

/// Letters to people must say how to leave.
pub(super) fn says_how_to_leave(config: &Config) -> Result<(), SendError> {
    match config.unsendable() {
        Some(problem) if config.relays.is_real() => Err(SendError::Problems(vec![problem])),
        _ => Ok(()),
    }
}

/// Another edition that is not sent to its end. What is too late of it is given up. One with letters still queued comes before a new one is
/// frozen; whatever is frozen already may always go on, so that no two ever wait for one another. Copies in doubt block nothing, but are
/// named until someone decides.
fn older(
    run: &Run,
    is_frozen: bool,
    config: &Config,
    ledger: &mut Ledger,
    world: &World,
    tell: Tell<'_>,
) -> Result<(), SendError> {
    let slug = run.slug.clone();
    let mut tally = ledger.tally(run.id)?;
    let end = end(config, &slug).filter(|&end| run.target == Target::Relay && end <= world.now());
    if let Some(end) = end.filter(|_| tally.queued > 0) {
        let given_up = ledger.close(run.id, world.now())? as u64;
        tell(SendEvent::OlderGivenUp {
            slug: slug.clone(),
            end: local(config, end),
            given_up,
        });
        tally = ledger.tally(run.id)?;
    }
    match (tally.queued, tally.in_doubt) {
        (0, 0) => {}
        (0, in_doubt) => tell(SendEvent::OlderInDoubt { slug, in_doubt }),
        // What is left of it waits for its readers' hour.
        (_, _) if hours::only_waits(ledger, run, world.now())? => {}
        // No morning waits for the correction of another one.
        (queued, _)
            if is_frozen || slug.is_correction() || is_over_here(config, &slug, world.now()) =>
        {
            tell(SendEvent::OlderUnfinished { slug, queued });
        }
        (queued, _) => return Err(SendError::Unfinished { slug, queued }),
    }
    Ok(())
}

/// Where letters go, as the ledger keeps it.
#[must_use]
pub fn target(config: &Config) -> Target {
    match &config.relays.first().relay {
        Relay::Outbox(folder) => Target::Outbox(
            std::path::absolute(folder)
                .unwrap_or_else(|_| folder.clone())
                .display()
                .to_string(),
        ),
        Relay::Smtp(_) | Relay::Sendmail(_) => Target::Relay,
    }
}

/// From when on the edition may not leave any more: what is news in the morning is none in the evening. A rehearsal always may.
fn not_after(config: &Config, order: &SendOrder, target: &Target) -> Option<DateTime<Utc>> {
    if *target != Target::Relay || order.despite.contains(&LATE) {
        return None;
    }
    end(config, &order.slug)
}

/// Whether an edition by readers' clocks is over by the newsletter's own: the next one of a day does not wait for the others.
fn is_over_here(config: &Config, slug: &Slug, now: DateTime<Utc>) -> bool {
    let schedule = config.schedule.as_ref();
    let hours = schedule.and_then(|schedule| schedule.hours_in(slug, None));
    hours.is_some_and(|hours| hours.until <= now)
}

fn end(config: &Config, slug: &Slug) -> Option<DateTime<Utc>> {
    // It is never too late to correct.
    if slug.is_correction() {
        return None;
    }
    config.schedule.as_ref()?.not_after(slug)
}

/// On the newsroom's clocks.
pub(super) fn local(config: &Config, at: DateTime<Utc>) -> DateTime<FixedOffset> {
    config.newsletter.zone.at(at).fixed_offset()
}
