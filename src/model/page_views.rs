//! What is known about who read what.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::line::Line;
use crate::model::link::StoryKey;
use crate::model::story::Miss;

/// Readership of a harvest's stories: a report for each source of it, in the order of the config. None: no source is configured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Readership {
    /// What each source of readership said.
    pub reports: Vec<Report>,
}

/// What one source of readership said.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// As the config names it.
    pub source: Line,
    /// When the newest figure was taken; `None` when nothing is known.
    pub as_of: Option<DateTime<Utc>>,
    /// By whole key or, where the source has only paths, by path alone. Use [`Known::of`].
    pub readings: HashMap<StoryKey, Reading>,
    /// That it failed, or what was wrong with some of its lines.
    pub misses: Vec<Miss>,
    /// What a person should know of figures that are used all the same: they are estimates, or some are held back.
    pub notes: Vec<Miss>,
    /// Older figures of this source are not used; `None`: as `[selection] readership_max_age` says.
    pub max_age: Option<TimeDelta>,
    /// Views that came from our own letters and are in no reading.
    pub from_letters: u64,
}

/// What a source said of a page at one time, to be compared with what it says later: a total so far, or views an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    pub page: StoryKey,
    pub at: DateTime<Utc>,
    pub count: u64,
}

/// What is known of one story's readers.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// Its place in a most-read list, from 1: an order without numbers.
    Rank(u32),
    /// Views up to [`Report::as_of`], without knowing when.
    Total(u64),
    /// Views by time, oldest first, no instant twice: each entry is the views *since the one before*, stamped with the time they were counted.
    Series(Vec<(DateTime<Utc>, u64)>),
}

impl Readership {
    /// What went wrong in any of them.
    pub fn misses(&self) -> impl Iterator<Item = &Miss> {
        self.reports.iter().flat_map(|report| &report.misses)
    }

    /// What a person should know of any of them.
    pub fn notes(&self) -> impl Iterator<Item = &Miss> {
        self.reports.iter().flat_map(|report| &report.notes)
    }
}

impl Report {
    /// A report that knows nothing yet.
    #[must_use]
    pub fn of(source: Line) -> Self {
        Self {
            source,
            as_of: None,
            readings: HashMap::new(),
            misses: Vec::new(),
            notes: Vec::new(),
            max_age: None,
            from_letters: 0,
        }
    }

    /// The parts of one source as its report.
    #[must_use]
    pub fn together(source: Line, parts: Vec<Self>) -> Self {
        let mut all = Self::of(source);
        for part in parts {
            all.as_of = all.as_of.max(part.as_of);
            all.misses.extend(part.misses);
            all.notes.extend(part.notes);
            all.from_letters += part.from_letters;
            for (key, reading) in part.readings {
                let together = match all.readings.remove(&key) {
                    Some(before) => before.with(reading),
                    None => reading,
                };
                all.readings.insert(key, together);
            }
        }
        all
    }
}

impl Reading {
    /// All views; none are known of a rank.
    #[must_use]
    pub fn total(&self) -> u64 {
        match self {
            Self::Rank(_) => 0,
            Self::Total(views) => *views,
            Self::Series(points) => points.iter().map(|(_, views)| views).sum(),
        }
    }

    /// Both together. What says more stands: a series over a total, a total over a rank; series and totals add up, of two ranks the
    /// better one stays.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        match (self, other) {
            (Self::Series(a), Self::Series(b)) => Self::Series(joined(a, b)),
            (Self::Series(points), _) | (_, Self::Series(points)) => Self::Series(points),
            (Self::Total(a), Self::Total(b)) => Self::Total(a.saturating_add(b)),
            (Self::Total(views), _) | (_, Self::Total(views)) => Self::Total(views),
            (Self::Rank(a), Self::Rank(b)) => Self::Rank(a.min(b)),
        }
    }
}

/// Two series of the same story, counted apart.
fn joined(
    mut a: Vec<(DateTime<Utc>, u64)>,
    b: Vec<(DateTime<Utc>, u64)>,
) -> Vec<(DateTime<Utc>, u64)> {
    a.extend(b);
    a.sort_unstable_by_key(|(at, _)| *at);
    a.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 = kept.1.saturating_add(next.1);
        }
        same
    });
    a
}

/// Several reports as one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    /// When the newest figure was taken.
    pub as_of: Option<DateTime<Utc>>,
    readings: HashMap<StoryKey, Reading>,
}

impl Known {
    /// All that `reports` know.
    #[must_use]
    pub fn from_reports<'a>(reports: impl IntoIterator<Item = &'a Report>) -> Self {
        let mut known = Self::default();
        for report in reports {
            known.as_of = known.as_of.max(report.as_of);
            for (key, reading) in &report.readings {
                let together = match known.readings.remove(key) {
                    Some(before) => before.with(reading.clone()),
                    None => reading.clone(),
                };
                known.readings.insert(key.clone(), together);
            }
        }
        known
    }

    /// Whether nothing is known at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.readings.is_empty()
    }

    /// What is known of the story with that key: by host and path, else by path alone.
    #[must_use]
    pub fn of(&self, key: &StoryKey) -> Option<&Reading> {
        self.readings
            .get(key)
            .or_else(|| self.readings.get(&key.path_only()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_more_stands() {
        let at = |minute: i64| DateTime::from_timestamp(minute * 60, 0).unwrap();
        let series = |points: &[(i64, u64)]| {
            Reading::Series(
                points
                    .iter()
                    .map(|&(minute, views)| (at(minute), views))
                    .collect(),
            )
        };
        assert_eq!(
            series(&[(1, 5), (3, 1)]).with(series(&[(2, 2), (3, 4)])),
            series(&[(1, 5), (2, 2), (3, 5)])
        );
        assert_eq!(Reading::Total(9).with(series(&[(1, 5)])), series(&[(1, 5)]));
        assert_eq!(Reading::Rank(1).with(Reading::Total(9)), Reading::Total(9));
        assert_eq!(
            Reading::Total(2).with(Reading::Total(9)),
            Reading::Total(11)
        );
        assert_eq!(Reading::Rank(4).with(Reading::Rank(2)), Reading::Rank(2));
    }
}
