//! The reasons of a choice, as `explain --json` prints them and `editions/DAY.why.json` keeps them: read back for people.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::model::edition::List;
use crate::model::line::Line;
use crate::model::link::Link;
use crate::model::story::{Miss, Picture};

/// Why the stories of a day were chosen or passed over.
#[derive(Deserialize)]
pub struct Reasons {
    pub window: Window,
    /// How each list was ranked.
    pub formulas: BTreeMap<List, Line>,
    /// Views that came from our own letters, and count for no story.
    #[serde(default)]
    pub views_from_letters: u64,
    #[serde(default)]
    pub misses: Vec<Miss>,
    /// Best first.
    pub candidates: Vec<Reason>,
}

/// A span of publication times.
#[derive(Deserialize)]
pub struct Window {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
}

/// One candidate: what was known of it, and what became of it.
#[derive(Clone, Debug, Deserialize)]
pub struct Reason {
    pub headline: Line,
    pub url: Link,
    /// Of these an older program wrote nothing down.
    #[serde(default)]
    pub dek: Option<Line>,
    #[serde(default)]
    pub byline: Option<Line>,
    #[serde(default)]
    pub picture: Option<Picture>,
    pub section: Option<Line>,
    pub published: Option<DateTime<Utc>>,
    #[serde(default)]
    pub sources: Vec<Line>,
    pub views: Option<u64>,
    /// What the score is made of, by name.
    pub parts: BTreeMap<String, f64>,
    /// What it was ranked by; `None` when it was never ranked.
    pub score: Option<f64>,
    /// Its place in each list, from 1. Empty: passed over.
    pub slots: BTreeMap<List, usize>,
    /// The address of the better story of its event, if there is one.
    #[serde(default)]
    pub event: Option<Link>,
    pub why: Line,
}

impl Reasons {
    /// Reads them.
    ///
    /// # Errors
    /// It is no such file; a person may have changed it.
    pub fn parse(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }
}
