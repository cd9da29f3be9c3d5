//! What is known about who read what.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::link::StoryKey;
use crate::story::Miss;

/// Readership of a harvest's stories, from every source of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Readership {
    /// When the newest figure was taken; `None` when nothing is known.
    pub as_of: Option<DateTime<Utc>>,
    /// By whole key or, where the source has only paths, by path alone. Use [`Readership::of`].
    pub readings: HashMap<StoryKey, Reading>,
    /// Readership sources that failed, and bad lines of those that did not.
    pub misses: Vec<Miss>,
    /// Whether any source of readership is configured at all.
    pub configured: bool,
}

/// What is known of one story's readers.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// Views up to [`Readership::as_of`], without knowing when.
    Total(u64),
    /// Views by time, oldest first: each entry is the views *since the one before*, stamped with the time they were counted.
    Series(Vec<(DateTime<Utc>, u64)>),
}

impl Reading {
    /// All views.
    #[must_use]
    pub fn total(&self) -> u64 {
        match self {
            Self::Total(views) => *views,
            Self::Series(points) => points.iter().map(|(_, views)| views).sum(),
        }
    }
}

impl Readership {
    /// What is known of the story with that key: by host and path, else by path alone.
    #[must_use]
    pub fn of(&self, key: &StoryKey) -> Option<&Reading> {
        self.readings
            .get(key)
            .or_else(|| self.readings.get(&key.path_only()))
    }
}
