//! Where there are several relays: which of them a copy was claimed for, and which a run goes on without.

use chrono::{DateTime, Utc};

use super::run::RunId;
use crate::model::delivery::Tally;
use crate::model::line::Line;

/// The number of one of several relays, known by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelayId(pub(super) i64);

/// A copy that was claimed, and whose relay's answer nobody heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unanswered {
    pub claimed: DateTime<Utc>,
    /// The name of the relay, if it was one of several.
    pub relay: Option<String>,
}

/// A relay that a run goes on without.
#[derive(Clone, Debug)]
pub struct RelayLeft {
    pub run: RunId,
    pub relay: RelayId,
    pub why: Line,
}

/// What became of the copies that were last claimed for one of several relays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayTally {
    /// Its name.
    pub relay: String,
    /// Of its copies alone.
    pub tally: Tally,
    /// Since when the run goes on without it, and why.
    pub left: Option<(DateTime<Utc>, Line)>,
}
