//! What is to be done now.

use chrono::{DateTime, Utc};

use super::{Planned, Schedule};

/// How far the edition of a day is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EditionStage {
    /// There is none yet.
    #[default]
    Missing,
    /// There is one, and it has not been sent to its end.
    Drafted,
    /// There is one that its editor holds.
    Held,
    /// There is one that waits to be approved.
    Unapproved,
    /// It was sent, or it will never be.
    Over,
}

/// What is to be done at some instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// Draft the edition of that run.
    Draft(Planned),
    /// Send the edition of that run, which is drafted first if there is none.
    Send(Planned),
    /// It is time to send the edition of that run, but its editor holds it.
    Held(Planned),
    /// The same, but it is not approved.
    Unapproved(Planned),
    /// Nothing before that instant.
    Nothing {
        /// When to ask again; `None`: never.
        until: Option<DateTime<Utc>>,
    },
}

impl Schedule {
    /// What is due at `now`. `stage` says how far the edition of a run is; it is asked only of runs that have begun. A run that was missed is
    /// caught up until its `not_after`. A clock that was set back asks again of a run it has seen, and `stage` says that it is over.
    pub fn due(&self, now: DateTime<Utc>, mut stage: impl FnMut(&Planned) -> EditionStage) -> Due {
        for run in self.runs(now) {
            let nothing = |until| Due::Nothing { until: Some(until) };
            if now < run.cut_off {
                return nothing(run.cut_off);
            }
            return match (stage(&run), now < run.send_at) {
                (EditionStage::Over, _) => continue,
                (EditionStage::Missing, true) => Due::Draft(run),
                (EditionStage::Drafted | EditionStage::Held | EditionStage::Unapproved, true) => {
                    nothing(run.send_at)
                }
                (EditionStage::Held, false) => Due::Held(run),
                (EditionStage::Unapproved, false) => Due::Unapproved(run),
                (EditionStage::Missing | EditionStage::Drafted, false) => Due::Send(run),
            };
        }
        Due::Nothing { until: None }
    }
}
