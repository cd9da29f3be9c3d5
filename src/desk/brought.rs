//! What the ledger knows beside an edition: the versions of its file, and what the one before it brought.

use chrono::{DateTime, TimeDelta, Utc};

use super::showing::ShownResults;
use crate::config::Config;
use crate::ledger::Ledger;
use crate::model::edition::{EditionVersion, Slug};

/// The most versions that are listed.
const MOST_VERSIONS: usize = 40;

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

/// The newest versions of the file, newest first.
pub(super) fn versions(ledger: &Ledger, config: &Config, slug: &Slug) -> Vec<EditionVersion> {
    let found = ledger.versions(&config.newsletter.id, slug);
    let rows = found.map(|found| found.rows).unwrap_or_default();
    rows.into_iter().rev().take(MOST_VERSIONS).collect()
}
