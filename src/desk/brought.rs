//! What an edition brought that was sent, for the page of the next one.

use chrono::{DateTime, TimeDelta, Utc};

use super::showing::ShownResults;
use crate::config::Config;
use crate::ledger::Ledger;
use crate::model::edition::Slug;

/// What the newest edition before that of `slug` brought, of those of the last week. Whatever fails, the page is shown without it.
pub(super) fn brought(
    ledger: &Ledger,
    config: &Config,
    slug: &Slug,
    now: DateTime<Utc>,
) -> Option<ShownResults> {
    let run = ledger.newest_run(config.runs_of(), Some(slug)).ok()??;
    if run.frozen < now - TimeDelta::days(7) {
        return None;
    }
    let results = ledger.results(run.id).ok().flatten()?;
    Some(ShownResults {
        accepted: ledger.tally(run.id).ok()?.accepted,
        day: run.slug,
        results,
    })
    .filter(|shown| !shown.results.arrived.is_empty())
}
