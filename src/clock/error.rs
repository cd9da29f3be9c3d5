//! Why a morning's step was not done.

use chrono::{DateTime, Utc};

use crate::draft::DraftError;
use crate::ledger::LedgerError;
use crate::model::problem::Problem;
use crate::model::stop::Stopped;
use crate::send::{Halt, SendError, Sent};

/// Why a step was not done, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum MorningError {
    /// The config has problems.
    #[error("the config has problems")]
    Config(Vec<Problem>),
    #[error(transparent)]
    Draft(#[from] DraftError),
    #[error(transparent)]
    Send(#[from] SendError),
    #[error(transparent)]
    Proof(Halt),
    /// A send ended before its end.
    #[error("the send is not over")]
    Halted(Box<Sent>),
    /// How far an edition is cannot be told.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

impl MorningError {
    /// Whether it was not done because the program was asked to stop before anything was frozen.
    #[must_use]
    pub const fn is_stop(&self) -> bool {
        matches!(
            self,
            Self::Stopped(_)
                | Self::Draft(DraftError::Stopped(_))
                | Self::Send(SendError::Stopped(_) | SendError::Ledger(LedgerError::Asked(_)))
                | Self::Proof(Halt::Interrupted)
        )
    }

    /// Until when the relay's quota is used up, if that is why.
    pub(super) fn quota_until(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Halted(sent) => match &sent.halt {
                Some(Halt::QuotaUsedUp { until, .. }) => Some(until.to_utc()),
                _ => None,
            },
            _ => None,
        }
    }
}
