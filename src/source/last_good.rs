//! The last good answer of a source that an edition must have, kept for a morning on which it fails.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::fetch::Remembered;
use super::kind::Source;
use super::reading::Reading;
use crate::model::story::Story;

/// What is kept.
#[derive(Serialize, Deserialize)]
struct Kept<S> {
    taken: DateTime<Utc>,
    /// With their places if the order is an editor's.
    stories: Vec<(S, Option<u32>)>,
}

impl Source {
    /// Under what its last good answer is remembered; `None` if none is kept.
    #[must_use]
    pub fn last_good_key(&self) -> Option<String> {
        self.must
            .map(|_| format!("last good answer of {} {}", self.name, self.kind.origin()))
    }
}

/// What a source gave, to be kept for later.
pub(super) fn keep(source: &Source, reading: &Reading, now: DateTime<Utc>) -> Option<Remembered> {
    let stories = reading.stories.iter();
    let kept = Kept {
        taken: now,
        stories: stories.map(|(story, place)| (story, *place)).collect(),
    };
    Some(Remembered {
        url: source.last_good_key()?,
        etag: None,
        last_modified: None,
        body: serde_json::to_vec(&kept).ok()?,
    })
}

/// Gives a source that failed its last good answer, if that is younger than the source allows. Whether it did.
pub(super) fn fall_back(
    source: &Source,
    remembered: Option<&Remembered>,
    now: DateTime<Utc>,
    reading: &mut Reading,
) -> bool {
    let kept = remembered.and_then(|kept| serde_json::from_slice::<Kept<Story>>(&kept.body).ok());
    let (Some(kept), Some(max_stale)) = (kept, source.must) else {
        return false;
    };
    let age = (now - kept.taken).num_minutes();
    let is_fresh = kept.taken <= now && now - kept.taken <= max_stale;
    // Before the others: they may be too many to be told.
    let told = if is_fresh {
        reading.stories = kept.stories;
        format!("its last good answer is used instead, {age} min old")
    } else {
        let most = max_stale.num_minutes();
        format!("its last good answer is {age} min old, and `max_stale` allows {most}")
    };
    reading.misses.insert(0, told);
    is_fresh
}
