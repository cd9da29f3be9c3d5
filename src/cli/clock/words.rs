//! What the clock says.

use std::fmt;

use crate::model::zone::Zone;
use crate::schedule::{Planned, Schedule, Stage};

/// There is nothing to keep.
pub(super) const NO_SCHEDULE: &str =
    "there is no `[schedule]`: nothing is drafted or sent by the clock";

/// What it waits for.
pub(super) fn next(run: &Planned, schedule: &Schedule) -> String {
    format!(
        "the next edition is that of {}: drafted at {}, sent at {}",
        run.day.format("%a %Y-%m-%d"),
        local(run.cut_off, &schedule.zone),
        local(run.send_at, &schedule.zone)
    )
}

/// Why it does not send what is due.
pub(super) fn held(run: &Planned) -> String {
    format!(
        "{} is held by the editor: it is not sent as long as `hold = true` stands in its file",
        run.day
    )
}

/// That a run is over and its edition was not sent; nothing if it was.
pub(super) fn missed(run: &Planned, stage: Stage, schedule: &Schedule) -> Option<String> {
    let why = match stage {
        Stage::Over => return None,
        Stage::Held => "its editor holds it",
        Stage::Missing => "it was not drafted",
        Stage::Drafted => "it was drafted",
    };
    Some(format!(
        "{} was not sent to its end by {}, and now it is too late; {why}",
        run.day,
        local(run.not_after, &schedule.zone)
    ))
}

fn local(instant: chrono::DateTime<chrono::Utc>, zone: &Zone) -> impl fmt::Display {
    zone.at(instant).format("%H:%M %:z")
}
