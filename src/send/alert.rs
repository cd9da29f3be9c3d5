//! An alert: a letter of one story, for which every other send stops. It is frozen, claimed and settled like an edition.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::begin::{Begun, SendOrder, local, sendable, target};
use super::dry_run::{WouldGo, would_go};
use super::error::{AlertRefused, SendError};
use super::sending::{Sent, count_unanswered, keep_in_doubt};
use super::turn::SenderTurn;
use super::{SendEvent, Tell, turn};
use crate::config::Config;
use crate::ledger::{Doubtful, Ledger, LedgerError, LockOf, Run, RunId, SendLock, Target};
use crate::model::edition::{Edition, EditionName, Slug};
use crate::model::line::Line;
use crate::model::world::World;

/// Within this the same story is not sent again, unless somebody insists.
const TWICE: TimeDelta = TimeDelta::days(1);

/// What a person asked for.
#[derive(Clone, Debug)]
pub struct AlertOrder {
    /// The letter, of one story; its slug is that of its day, and gets the alert's number.
    pub edition: Edition,
    /// Whether it goes out although its story was in an alert within a day.
    pub again: bool,
}

/// What an alert would do.
pub struct WouldAlert {
    pub edition: Edition,
    pub would: WouldGo,
}

/// Says what [`alert`] would do; nothing is frozen or sent.
///
/// # Errors
/// What would keep it from being frozen.
pub fn would_alert(
    config: &Config,
    order: &AlertOrder,
    world: &World,
    tell: Tell<'_>,
) -> Result<WouldAlert, SendError> {
    let ledger = Ledger::open_if_any(&config.ledger)?;
    let slug = allowed(config, ledger.as_ref(), order, world.now())?;
    drop(ledger);
    let edition = numbered(order, slug);
    let would = would_go(config, &edition, world, tell)?;
    Ok(WouldAlert { edition, would })
}

/// Sends an alert to the readers who want alerts. A send in progress stops for it between two letters and goes on behind it. The alert exists from
/// the ledger's commit on; the same one typed twice waits for the first, and is refused then.
///
/// # Errors
/// It is not allowed now, or something keeps it from being sent; nothing is frozen then.
pub async fn alert(
    config: &Config,
    order: &AlertOrder,
    world: &World,
    tell: Tell<'_>,
) -> Result<Sent, SendError> {
    sendable(config)?;
    if turn::is_taken(config) {
        tell(SendEvent::OthersStop);
    }
    let turn = turn::take(config, world, None, Duration::ZERO).await?;
    let ledger = Ledger::open(&config.ledger)?;
    let slug = allowed(config, Some(&ledger), order, world.now())?;
    let unfinished = ledger.unfinished(config.runs_of(), &target(config))?;
    tell(SendEvent::BrokenRows(unfinished.broken));
    for run in unfinished.rows {
        let queued = ledger.tally(run.id)?.queued;
        tell(SendEvent::AlertUnfinished {
            slug: run.slug,
            queued,
        });
    }
    let send = send_order(slug.clone());
    let not_after = end(config, world.now());
    let begun = begun(config, &send, world, (ledger, turn), not_after, None);
    // What the look before sending finds was told when it was shown.
    let told = &mut |event| {
        if !matches!(event, SendEvent::Found(_)) {
            tell(event);
        }
    };
    let sending = begun.freeze(&numbered(order, slug), told).await?;
    sending.hand_over(tell).await
}

/// Whether an alert was stopped before its end and nobody is sending one: [`finish_alerts`] goes on with it.
///
/// # Errors
/// The ledger cannot be read.
pub fn is_alert_stopped(config: &Config) -> Result<bool, LedgerError> {
    if SendLock::holder(&config.ledger.path, LockOf::Alert).is_some() {
        return Ok(false);
    }
    let Some(ledger) = Ledger::open_if_any(&config.ledger)? else {
        return Ok(false);
    };
    let found = ledger.unfinished(config.runs_of(), &target(config))?;
    Ok(!found.rows.is_empty())
}

/// Goes on with the alerts that were stopped, the oldest first, until one is stopped again. What is too late of them is given up.
///
/// # Errors
/// One could not be taken up; what the others came to is in the ledger.
pub async fn finish_alerts(
    config: &Config,
    world: &World,
    tell: Tell<'_>,
) -> Result<Vec<Sent>, SendError> {
    sendable(config)?;
    let (mut finished, mut looked_at): (Vec<Sent>, Vec<RunId>) = Default::default();
    while finished.last().is_none_or(|sent| sent.halt.is_none()) {
        let turn = turn::take(config, world, None, Duration::ZERO).await?;
        let mut ledger = Ledger::open(&config.ledger)?;
        let found = ledger.unfinished(config.runs_of(), &target(config))?;
        tell(SendEvent::BrokenRows(found.broken));
        let mut runs = found.rows.into_iter();
        let Some(run) = runs.find(|run| !looked_at.contains(&run.id)) else {
            break;
        };
        looked_at.push(run.id);
        let not_after = end(config, run.frozen);
        if let Some(end) = not_after.filter(|&end| end <= world.now()) {
            let given_up = ledger.close(run.id, world.now())? as u64;
            // What was on its way is not sent again.
            keep_in_doubt(config, &run, (&mut ledger, world), tell)?;
            let in_doubt = ledger.in_doubt(run.id, Doubtful::Unskipped)?;
            if in_doubt > 0 {
                tell(SendEvent::StayInDoubt(in_doubt));
                count_unanswered(config, &run, &mut ledger)?;
                ledger.skip_in_doubt(run.id, world.now())?;
            }
            tell(SendEvent::OlderGivenUp {
                slug: run.slug,
                end: local(config, end),
                given_up,
            });
            continue;
        }
        let send = send_order(run.slug.clone());
        let begun = begun(config, &send, world, (ledger, turn), not_after, Some(run));
        if let Some(sending) = begun.resume(tell)? {
            finished.push(sending.hand_over(tell).await?);
        }
    }
    Ok(finished)
}

/// Nothing is overlooked, and it lets nobody go first.
const fn send_order(slug: Slug) -> SendOrder {
    SendOrder {
        slug,
        in_doubt: None,
        despite: Vec::new(),
        may_be_nobodys: false,
        gives_way: Duration::ZERO,
    }
}

/// An alert that has the turn already.
fn begun<'a>(
    config: &'a Config,
    order: &'a SendOrder,
    world: &'a World,
    (ledger, turn): (Ledger, SenderTurn),
    not_after: Option<DateTime<Utc>>,
    frozen: Option<Run>,
) -> Begun<'a> {
    Begun {
        config,
        order,
        world,
        ledger,
        target: target(config),
        not_after,
        frozen,
        lock: None,
        turn: Some(turn),
    }
}

/// From when on no letter leaves of an alert that is frozen at that instant: it is no news any more, or quiet. A rehearsal always may.
fn end(config: &Config, frozen: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let alerts = config.alerts.as_ref();
    let alerts = alerts.filter(|_| target(config) == Target::Relay)?;
    let stale = frozen + alerts.give_up_after;
    let quiet = alerts
        .quiet
        .map(|quiet| quiet.begin(frozen, &config.newsletter.zone));
    Some(quiet.map_or(stale, |quiet| quiet.min(stale)))
}

/// The slug of this alert, if it may go out now.
fn allowed(
    config: &Config,
    ledger: Option<&Ledger>,
    order: &AlertOrder,
    now: DateTime<Utc>,
) -> Result<Slug, SendError> {
    let alerts = config.alerts.as_ref().ok_or(AlertRefused::Unknown)?;
    let zone = &config.newsletter.zone;
    if let Some(until) = alerts.quiet.and_then(|quiet| quiet.until(now, zone)) {
        let until = local(config, until);
        return Err(AlertRefused::Quiet { until }.into());
    }
    let story = order
        .edition
        .stories()
        .next()
        .map(|(_, placed)| &placed.story);
    let section = story.and_then(|story| story.section.as_ref());
    let same = |of: &Line| {
        section.is_some_and(|own| own.as_str().to_lowercase() == of.as_str().to_lowercase())
    };
    if !alerts.sections.is_empty() && !alerts.sections.iter().any(same) {
        let (section, of) = (section.cloned(), alerts.sections.clone());
        return Err(AlertRefused::Section { section, of }.into());
    }
    let day = order.edition.slug.day();
    let before = match (ledger, story) {
        (Some(ledger), Some(story)) => {
            let since = now - TimeDelta::days(2);
            ledger.alerts_since(&alerts.id, &target(config), since, &story.url.key())?
        }
        _ => Vec::new(),
    };
    let mut same = before
        .iter()
        .filter(|sent| sent.has_story && now - sent.frozen < TWICE);
    if let Some(sent) = same.next().filter(|_| !order.again) {
        return Err(AlertRefused::SentBefore(sent.slug.clone()).into());
    }
    let sent = before.iter().filter(|sent| sent.slug.day() == day).count();
    let most = alerts.max_per_day;
    let name = format!("alert-{}", sent + 1).parse::<EditionName>();
    match name {
        Ok(name) if sent < most => Ok(Slug::named(day, name)),
        _ => Err(AlertRefused::Enough { sent, most, day }.into()),
    }
}

fn numbered(order: &AlertOrder, slug: Slug) -> Edition {
    Edition {
        slug,
        ..order.edition.clone()
    }
}
