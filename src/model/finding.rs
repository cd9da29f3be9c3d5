//! What a look before sending found: nothing that a machine must refuse, but something a reader would meet.

use crate::model::line::Line;

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// Its kind, by a stable name that a person can type: `send --despite long-subject`.
    pub name: &'static str,
    /// How bad it is.
    pub gravity: Gravity,
    /// Where it is: a story's headline, a part of the letter.
    pub place: Line,
    /// What is there.
    pub what: Line,
    /// What readers meet because of it.
    pub why: &'static str,
    /// What to do about it.
    pub hint: &'static str,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gravity {
    /// The letter does harm, or many will not get it: `send` stops.
    Error,
    /// Worth a look.
    Warning,
}
