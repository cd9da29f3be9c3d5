//! Which stories a source had last time, so that a new one is known as new even where its date cannot be read.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::fetch::Remembered;
use super::kind::Source;
use crate::model::story::{Precision, Story};

/// How many stories of one source are kept; beyond, only those that it has now.
const KEPT: usize = 4_000;

/// What is known of a source from the last time it was read.
#[derive(Default, Serialize, Deserialize)]
struct Seen {
    looked: DateTime<Utc>,
    /// When each story appeared; `None`: it was there when the source was read for the first time.
    stories: HashMap<String, Option<DateTime<Utc>>>,
    /// Those that it has now.
    #[serde(skip)]
    present: HashSet<String>,
    /// When what was not there last time came: halfway between then and now.
    #[serde(skip)]
    between: Option<DateTime<Utc>>,
}

/// What is known of all sources.
pub(super) struct Memory<'r> {
    remembered: &'r HashMap<String, Remembered>,
    now: DateTime<Utc>,
    sources: BTreeMap<String, Seen>,
}

impl Source {
    /// Under what its stories of last time are remembered.
    #[must_use]
    pub fn seen_key(&self) -> String {
        format!("stories seen in {}", self.kind.origin())
    }
}

impl<'r> Memory<'r> {
    pub(super) fn new(remembered: &'r HashMap<String, Remembered>, now: DateTime<Utc>) -> Self {
        Self {
            remembered,
            now,
            sources: BTreeMap::new(),
        }
    }

    /// Dates those of a source's stories whose own date cannot be read, and that were not there last time.
    pub(super) fn date(&mut self, source: &Source, stories: &mut [(Story, Option<u32>)]) {
        // A source that gave nothing has not been seen.
        if stories.is_empty() {
            return;
        }
        let key = source.seen_key();
        let before = self.remembered.get(&key);
        let now = self.now;
        // Two sources may be parts of one page: they have one memory.
        let seen = self.sources.entry(key).or_insert_with(|| {
            let seen: Option<Seen> =
                before.and_then(|kept| serde_json::from_slice(&kept.body).ok());
            seen.filter(|seen| seen.looked <= now)
                .map(|seen| Seen {
                    between: Some(seen.looked + (now - seen.looked) / 2),
                    ..seen
                })
                .unwrap_or_default()
        });
        for (story, _) in stories {
            let key = story.url.key();
            let appeared = *seen
                .stories
                .entry(key.as_str().to_owned())
                .or_insert(seen.between);
            seen.present.insert(key.as_str().to_owned());
            if story.precision == Precision::Unreadable && appeared.is_some() {
                (story.published, story.precision) = (appeared, Precision::Day);
            }
        }
    }

    /// What is to be kept for the next time.
    pub(super) fn kept(self) -> impl Iterator<Item = Remembered> {
        let now = self.now;
        self.sources.into_iter().filter_map(move |(url, mut seen)| {
            if seen.stories.len() > KEPT {
                seen.stories.retain(|story, _| seen.present.contains(story));
            }
            seen.looked = now;
            Some(Remembered {
                url,
                etag: None,
                last_modified: None,
                body: serde_json::to_vec(&seen).ok()?,
            })
        })
    }
}
