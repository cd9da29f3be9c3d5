//! By whose clocks the copies of a run leave, where `send_at` says `local`.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::error::SendError;
use super::{Halt, SendEvent, Tell};
use crate::config::Config;
use crate::ledger::{Ledger, LedgerError, Release, Run};
use crate::model::edition::Slug;
use crate::model::rhythm::ZoneName;
use crate::model::subscriber::Subscriber;
use crate::model::world::World;
use crate::model::zone::Zone;
use crate::schedule::LocalHours;

/// The hours of a run, and whose copies leave in which.
pub(super) struct ReadersHours {
    pub(super) releases: Vec<Release>,
    /// The number of the hours of each zone that a reader names and that is known.
    by_zone: HashMap<ZoneName, u32>,
    /// Of the others.
    own: u32,
}

impl ReadersHours {
    /// `None`: all copies leave at once.
    pub(super) fn of(
        config: &Config,
        slug: &Slug,
        readers: impl Iterator<Item = Result<Subscriber, LedgerError>>,
    ) -> Result<Option<Self>, SendError> {
        // A correction goes at once.
        let schedule = config.schedule.as_ref();
        let schedule = schedule.filter(|_| !slug.is_correction());
        let Some((schedule, own)) =
            schedule.and_then(|schedule| Some((schedule, schedule.hours_in(slug, None)?)))
        else {
            return Ok(None);
        };
        let mut zones: HashMap<ZoneName, LocalHours> = HashMap::new();
        for reader in readers {
            let Some(name) = reader?.rhythm.time_zone else {
                continue;
            };
            if !zones.contains_key(&name)
                && let Ok(zone) = Zone::bundled(name.as_str())
            {
                let hours = schedule.hours_in(slug, Some(&zone)).unwrap_or(own);
                zones.insert(name, hours);
            }
        }
        let mut all: Vec<LocalHours> = zones.values().copied().chain([own]).collect();
        all.sort_unstable();
        all.dedup();
        let number = |hours: &LocalHours| {
            let place = all.iter().position(|one| one == hours).unwrap_or_default();
            u32::try_from(place + 1).unwrap_or(1)
        };
        let releases = all.iter().map(|hours| {
            let here = zones.iter().filter(|(_, theirs)| *theirs == hours);
            let mut names: Vec<&str> = here.map(|(name, _)| name.as_str()).collect();
            if *hours == own {
                names.push(config.newsletter.zone.name());
            }
            names.sort_unstable();
            names.dedup();
            Release {
                zones: names.join(", "),
                // Readers without a zone of their own never wait for an hour.
                at: (*hours != own).then_some(hours.at),
                until: hours.until,
            }
        });
        let releases = releases.collect();
        let own = number(&own);
        let by_zone = zones
            .iter()
            .map(|(name, hours)| (name.clone(), number(hours)));
        Ok(Some(Self {
            releases,
            by_zone: by_zone.collect(),
            own,
        }))
    }

    /// The number of that reader's hours, from 1 on.
    pub(super) fn number_of(&self, reader: &Subscriber) -> u32 {
        let zone = reader.rhythm.time_zone.as_ref();
        let known = zone.and_then(|zone| self.by_zone.get(zone));
        known.copied().unwrap_or(self.own)
    }
}

/// What may leave now of a run.
pub(super) enum Round {
    /// Letters, until `not_after`; `by_clocks`: of readers whose hour has come.
    Leave {
        not_after: Option<DateTime<Utc>>,
        by_clocks: bool,
    },
    /// Nothing: all that is left waits for its hour, or nothing is left.
    Wait(Option<Halt>),
}

/// Gives up what is too late by its readers' clocks, and says what may leave now. `not_after` is that of the whole run; without one nothing is too late.
pub(super) fn round(
    ledger: &mut Ledger,
    run: &Run,
    not_after: Option<DateTime<Utc>>,
    (config, world): (&Config, &World),
    tell: Tell<'_>,
) -> Result<Round, LedgerError> {
    let mut open = ledger.open_releases(run.id)?;
    if open.is_empty() {
        return Ok(Round::Leave {
            not_after,
            by_clocks: false,
        });
    }
    let now = world.now();
    if not_after.is_some() && open.iter().any(|hours| hours.until <= now) {
        let late = ledger.close_late(run.id, now)? as u64;
        tell(SendEvent::LateThere(late));
        open.retain(|hours| now < hours.until);
    }
    let is_due = |hours: &&Release| hours.at.is_none_or(|at| at <= now);
    let due = open.iter().filter(is_due).map(|hours| hours.until).min();
    match due {
        Some(until) => Ok(Round::Leave {
            not_after: not_after.map(|_| until),
            by_clocks: true,
        }),
        None => Ok(Round::Wait(next(ledger, run, (config, world))?)),
    }
}

/// The next hour that copies wait for.
pub(super) fn next(
    ledger: &Ledger,
    run: &Run,
    (config, world): (&Config, &World),
) -> Result<Option<Halt>, LedgerError> {
    let now = world.now();
    let open = ledger.open_releases(run.id)?;
    let mut to_come = open
        .into_iter()
        .filter_map(|hours| Some((hours.at?, hours.zones)));
    let Some((at, zones)) = to_come.find(|(at, _)| now < *at) else {
        return Ok(None);
    };
    Ok(Some(Halt::NextHour {
        at: config.newsletter.zone.at(at).fixed_offset(),
        zones,
        left: ledger.tally(run.id)?.queued,
    }))
}

/// Whether all that is left of a run waits for its readers' hour.
pub(super) fn only_waits(
    ledger: &Ledger,
    run: &Run,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let open = ledger.open_releases(run.id)?;
    let waits = |hours: &Release| hours.at.is_some_and(|at| now < at);
    Ok(!open.is_empty() && open.iter().all(waits))
}
