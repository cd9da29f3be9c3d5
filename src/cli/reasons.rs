//! The reasons of a choice, as `explain --json` tells them and `editions/DAY.why.json` keeps them: read back for people.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::draft;
use super::open::Setting;
use super::report::{Failure, Report};
use crate::config::Config;
use crate::model::line::Line;
use crate::model::story::Miss;
use crate::newsroom::editions;

/// A choice, told.
#[derive(Deserialize)]
pub(super) struct Reasons {
    pub(super) window: Window,
    /// How each list was ranked, by its key.
    pub(super) formulas: BTreeMap<String, Line>,
    #[serde(default)]
    pub(super) misses: Vec<Miss>,
    /// Best first.
    pub(super) candidates: Vec<Told>,
}

/// A span of publication times.
#[derive(Deserialize)]
pub(super) struct Window {
    pub(super) from: DateTime<Utc>,
    pub(super) to: DateTime<Utc>,
}

/// One candidate.
#[derive(Deserialize)]
pub(super) struct Told {
    pub(super) headline: Line,
    pub(super) url: String,
    pub(super) section: Option<Line>,
    pub(super) published: Option<DateTime<Utc>>,
    #[serde(default)]
    pub(super) sources: Vec<Line>,
    pub(super) views: Option<u64>,
    pub(super) parts: BTreeMap<String, f64>,
    pub(super) score: Option<f64>,
    pub(super) slots: BTreeMap<String, usize>,
    /// The address of the better story of its event, if there is one.
    #[serde(default)]
    pub(super) event: Option<String>,
    pub(super) why: Line,
}

/// The reasons of the day's draft if there is one, else of a choice made now; as text.
pub(super) fn of_the_day(
    config: &Config,
    setting: &Setting,
    report: Report,
) -> Result<String, Failure> {
    let slug = setting.slug(config);
    if let Some(text) = editions::read_why(&config.editions(), &slug).map_err(Failure::error)? {
        report.say(format!(
            "the reasons of the draft of {slug}; `newsdigest draft --force` chooses anew"
        ));
        return Ok(text);
    }
    let draft = draft::choose(config, setting, report)?;
    serde_json::to_string_pretty(&draft.selection).map_err(Failure::error)
}
