//! What an edition file said at a time: every save that was seen is one.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::model::line::Line;

/// How a version came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum VersionOrigin {
    /// The program drafted it.
    Draft,
    /// Somebody had saved the file by the time it was looked at.
    File,
    /// An earlier version was written into the file again.
    Restore,
    /// Somebody saved it at the desk.
    Desk,
    /// Somebody held it by the link of a proof.
    Link,
}

impl VersionOrigin {
    pub const ALL: [Self; 5] = [
        Self::Draft,
        Self::File,
        Self::Restore,
        Self::Desk,
        Self::Link,
    ];

    /// As the ledger and scripts call it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::File => "file",
            Self::Restore => "restore",
            Self::Desk => "desk",
            Self::Link => "link",
        }
    }

    /// The one that scripts and the ledger call so.
    #[must_use]
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.key() == key)
    }

    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Draft => "drafted",
            Self::File => "saved",
            Self::Restore => "restored",
            Self::Desk => "edited at the desk",
            Self::Link => "held by a proof's link",
        }
    }
}

/// One of them, without its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EditionVersion {
    /// From 1 on.
    pub number: u64,
    /// When it was first seen.
    pub seen: DateTime<Utc>,
    pub origin: VersionOrigin,
    /// The name under which whoever ran the program was logged in. Of a file that somebody had saved it is not known who did.
    pub by: Option<Line>,
    /// Of its text.
    pub bytes: u64,
}
