//! Which stories a source had last time, so that a new one is known as new even where its date cannot be read.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::fetch::Remembered;
use super::kind::Source;
use super::reading::Reading;
use crate::model::link::StoryKey;
use crate::model::story::Precision;

/// The most stories kept of one source, beside those that it has now.
const KEPT: usize = 4_000;

#[derive(Default, Serialize, Deserialize)]
struct Seen {
    looked: DateTime<Utc>,
    /// When each appeared; `None`: it was there when the source was read for the first time.
    stories: HashMap<String, Option<DateTime<Utc>>>,
}

impl Source {
    /// Under what its stories of last time are remembered.
    #[must_use]
    pub fn seen_key(&self) -> String {
        format!("stories seen in {}", self.name)
    }
}

/// Dates the stories of which the source gave no date that can be read: those that were not there last time came between then and now.
/// What is returned is to be kept for the next time; of a source that gave nothing there is nothing to keep.
pub(super) fn date(
    source: &Source,
    remembered: Option<&Remembered>,
    now: DateTime<Utc>,
    reading: &mut Reading,
) -> Option<Remembered> {
    if reading.stories.is_empty() {
        return None;
    }
    let before = remembered.and_then(|kept| serde_json::from_slice::<Seen>(&kept.body).ok());
    let before = before.filter(|before| before.looked <= now);
    let appeared = before
        .as_ref()
        .map(|before| before.looked + (now - before.looked) / 2);
    let mut stories = before.map(|before| before.stories).unwrap_or_default();
    if stories.len() > KEPT {
        let present: HashSet<StoryKey> = reading
            .stories
            .iter()
            .map(|(story, _)| story.url.key())
            .collect();
        stories.retain(|story, _| present.contains(&StoryKey::restore(story)));
    }
    for (story, _) in &mut reading.stories {
        let since = *stories
            .entry(story.url.key().as_str().to_owned())
            .or_insert(appeared);
        if story.precision == Precision::Unreadable && since.is_some() {
            (story.published, story.precision) = (since, Precision::Day);
        }
    }
    let seen = Seen {
        looked: now,
        stories,
    };
    Some(Remembered {
        url: source.seen_key(),
        etag: None,
        last_modified: None,
        body: serde_json::to_vec(&seen).ok()?,
    })
}
