//! `[lapsed]`: readers who give no sign of life for a long time.

use chrono::TimeDelta;

use crate::model::toml_table::{Problems, TomlTable};
use crate::select::parse_length;

/// When such a reader is asked, and how long an answer is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lapsed {
    pub ask_after: TimeDelta,
    pub grace: TimeDelta,
}

/// Nobody is asked sooner than after a quarter, nor paused within a week.
const SOONEST: TimeDelta = TimeDelta::days(90);
const SHORTEST: TimeDelta = TimeDelta::days(7);

pub(super) fn read(table: &mut TomlTable<'_>, problems: &Problems) -> Option<Lapsed> {
    let mut table = table.table("lapsed", problems)?;
    let lapsed = Lapsed {
        ask_after: table
            .value("ask_after", problems, |text| length(text, SOONEST))
            .unwrap_or(TimeDelta::days(365)),
        grace: table
            .value("grace", problems, |text| length(text, SHORTEST))
            .unwrap_or(TimeDelta::days(30)),
    };
    table.finish(problems);
    Some(lapsed)
}

/// A length in days or, of 365 days each, years.
fn length(text: &str, least: TimeDelta) -> Result<TimeDelta, String> {
    let years = text.trim().strip_suffix('y').map(str::trim);
    let years = years.and_then(|years| years.parse::<u8>().ok());
    let length = match years {
        Some(years) => TimeDelta::days(365 * i64::from(years)),
        None => parse_length(text).map_err(|error| error.to_string())?,
    };
    if length < least {
        let days = least.num_days();
        return Err(format!(
            "expected at least {days} days, such as `{days}d` or `1y`"
        ));
    }
    Ok(length)
}
