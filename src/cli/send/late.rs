//! Past `not_after`: an edition of the morning is no news in the evening, so nothing leaves then unless a person says so.

use chrono::{DateTime, Utc};

use crate::cli::arguments::Send;
use crate::cli::open::Setting;
use crate::cli::report::{Failure, Report, counted};
use crate::config::Config;
use crate::ledger::{Ledger, Run, Target};
use crate::model::edition::Slug;

/// What `--despite` calls it.
pub(in crate::cli) const LATE: &str = "late";

/// From when on that edition may not leave any more; a rehearsal always may.
pub(super) fn not_after(
    config: &Config,
    slug: &Slug,
    target: &Target,
    verb: &Send,
) -> Option<DateTime<Utc>> {
    if *target != Target::Relay || verb.despite.iter().any(|name| name == LATE) {
        return None;
    }
    end(config, slug)
}

fn end(config: &Config, slug: &Slug) -> Option<DateTime<Utc>> {
    config.schedule.as_ref()?.not_after(slug.day())
}

/// Refuses to begin when it is too late already.
pub(super) fn in_time(
    not_after: Option<DateTime<Utc>>,
    slug: &Slug,
    config: &Config,
    setting: &Setting,
) -> Result<(), Failure> {
    match not_after {
        Some(end) if end <= setting.now() => Err(Failure::says(format!(
            "it is too late for the edition of {slug}: nothing of it leaves after {}",
            time(config, end)
        ))
        .still("nothing was sent")
        .hint(despite(slug))),
        _ => Ok(()),
    }
}

/// How to send it all the same.
pub(super) fn despite(slug: &Slug) -> String {
    format!("`newsdigest send --date {slug} --despite {LATE}` sends it all the same")
}

/// Gives up what is queued of an older edition that is past its `not_after`; false if it is not.
pub(super) fn close(
    run: &Run,
    config: &Config,
    ledger: &mut Ledger,
    setting: &Setting,
    report: Report,
) -> Result<bool, Failure> {
    let now = setting.now();
    let Some(end) = end(config, &run.slug).filter(|&end| run.target == Target::Relay && end <= now)
    else {
        return Ok(false);
    };
    let given_up = ledger.close(run.id, now).map_err(Failure::error)? as u64;
    report.warn(format!(
        "the edition of {} was not sent to its end by {}: {} given up, too late",
        run.slug,
        time(config, end),
        counted(given_up, "copy is", "copies are")
    ));
    Ok(true)
}

/// The time of that instant at the newsroom.
fn time(config: &Config, at: DateTime<Utc>) -> String {
    config.newsletter.zone.at(at).format("%H:%M").to_string()
}
