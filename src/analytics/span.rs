//! The time that is asked about.

use chrono::{DateTime, Utc};

/// The time that a service is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub from: DateTime<Utc>,
    /// Now.
    pub to: DateTime<Utc>,
}
