//! What is known about who read what.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::edition::Place;
use crate::model::line::Line;
use crate::model::link::StoryKey;
use crate::model::story::Miss;

/// Readership of a harvest's stories: a report for each source of it, in the order of the config. None: no source is configured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Readership {
    /// What each source of readership said.
    pub reports: Vec<ReadershipReport>,
}

/// What one source of readership said.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadershipReport {
    /// As the config names it.
    pub source: Line,
    /// When the newest figure was taken; `None` when nothing is known.
    pub as_of: Option<DateTime<Utc>>,
    /// By whole key or, where the source has only paths, by path alone. [`KnownViews`] finds the stories they mean.
    pub readings: HashMap<StoryKey, Reading>,
    /// That it failed, or what was wrong with some of its lines.
    pub misses: Vec<Miss>,
    /// What a person should know of figures that are used all the same: they are estimates, or some are held back.
    pub notes: Vec<Miss>,
    /// Older figures of this source are not used; `None`: as `[selection] readership_max_age` says.
    pub max_age: Option<TimeDelta>,
    /// Views that came from our own letters and are in no reading.
    pub from_letters: u64,
    /// Of them, those of the edition that was asked about, by the place in it.
    pub arrivals: BTreeMap<Place, u64>,
    /// Whether it would know of arrivals if there were any: where it says none, nobody came.
    pub knows_arrivals: bool,
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
    /// Views up to [`ReadershipReport::as_of`], without knowing when.
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

impl ReadershipReport {
    /// All views that it knows.
    #[must_use]
    pub fn views(&self) -> u64 {
        let views = self.readings.values().map(Reading::total);
        views.fold(0, u64::saturating_add)
    }

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
            arrivals: BTreeMap::new(),
            knows_arrivals: false,
        }
    }

    /// Counts views that came from that place of the edition that was asked about.
    pub fn arrived(&mut self, place: Place, views: u64) {
        let known = self.arrivals.entry(place).or_default();
        *known = known.saturating_add(views);
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
            all.knows_arrivals |= part.knows_arrivals;
            for (place, views) in part.arrivals {
                all.arrived(place, views);
            }
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
            Self::Series(points) => {
                let views = points.iter().map(|(_, views)| *views);
                views.fold(0, u64::saturating_add)
            }
        }
    }

    /// Both together. What says more counts: a series over a total, a total over a rank; series and totals add up, of two ranks the
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

/// What several reports know of the stories there are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KnownViews {
    /// When the newest figure was taken.
    pub as_of: Option<DateTime<Utc>>,
    /// Whether the reports hold anything, of whichever pages.
    pub holds_any: bool,
    readings: HashMap<StoryKey, Reading>,
}

impl KnownViews {
    /// All that `reports` know of `stories`.
    #[must_use]
    pub fn from_reports<'a>(
        reports: impl IntoIterator<Item = &'a ReadershipReport>,
        stories: impl IntoIterator<Item = StoryKey>,
    ) -> Self {
        let stories = Stories::new(stories);
        let mut known = Self::default();
        for report in reports {
            known.as_of = known.as_of.max(report.as_of);
            known.holds_any |= !report.readings.is_empty();
            // What a story has under several addresses is put together in one order.
            let mut readings: Vec<_> = report.readings.iter().collect();
            readings.sort_unstable_by_key(|(key, _)| *key);
            for (key, reading) in readings {
                for story in stories.meant_by(key) {
                    let together = match known.readings.remove(story) {
                        Some(before) => before.with(reading.clone()),
                        None => reading.clone(),
                    };
                    known.readings.insert(story.clone(), together);
                }
            }
        }
        known
    }

    /// What is known of the story with that key.
    #[must_use]
    pub fn of(&self, key: &StoryKey) -> Option<&Reading> {
        self.readings.get(key)
    }
}

/// Stories by the ways in which pages are named.
#[derive(Clone, Debug)]
pub struct Stories {
    /// By whole key, and by path and query alone.
    exact: HashMap<StoryKey, Vec<StoryKey>>,
    /// The same without query.
    pages: HashMap<StoryKey, Vec<StoryKey>>,
}

impl Stories {
    #[must_use]
    pub fn new(stories: impl IntoIterator<Item = StoryKey>) -> Self {
        let (mut exact, mut pages) = (HashMap::new(), HashMap::new());
        let all: BTreeSet<StoryKey> = stories.into_iter().collect();
        for story in all {
            for key in [story.clone(), story.path_only()] {
                let add = |map: &mut HashMap<StoryKey, Vec<StoryKey>>, key| {
                    map.entry(key).or_default().push(story.clone());
                };
                add(&mut pages, key.without_query().0);
                add(&mut exact, key);
            }
        }
        Self { exact, pages }
    }

    /// The stories that a page's name means. Parameters that no story has do not make it another page where one story fits.
    #[must_use]
    pub fn meant_by(&self, key: &StoryKey) -> &[StoryKey] {
        let page = key.page();
        if let Some(stories) = self.exact.get(key).or_else(|| self.exact.get(&page)) {
            return stories;
        }
        let (path, asked) = page.without_query();
        let on_path = self.pages.get(&path).map_or(&[][..], Vec::as_slice);
        // Where several stories share a path, the query tells them apart: one without a query is no longer every page of that path.
        let own = |story: &StoryKey| {
            let (_, own) = story.without_query();
            let fits = own.iter().all(|pair| asked.contains(pair));
            (fits && (on_path.len() == 1 || !own.is_empty())).then_some(own.len())
        };
        let most = on_path.iter().filter_map(own).max();
        let mut fitting =
            (0..on_path.len()).filter(|&at| most.is_some() && own(&on_path[at]) == most);
        match (fitting.next(), fitting.next()) {
            (Some(at), None) => &on_path[at..=at],
            _ => &[],
        }
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

    #[test]
    fn a_page_means_a_story_whatever_its_query_says() {
        let key = |text: &str| StoryKey::restore(text);
        let stories = || {
            [
                "a.example/ferry",
                "a.example/s?id=7",
                "a.example/two?id=1",
                "a.example/two?id=2",
                "a.example/archive#1",
                "b.example/sport",
                "a.example/sport",
            ]
            .map(key)
        };
        let known = |page: &str| {
            let mut report = ReadershipReport::of(Line::clean("counts"));
            report.readings.insert(key(page), Reading::Total(1));
            let known = KnownViews::from_reports([&report], stories());
            assert!(known.holds_any);
            let found = stories()
                .into_iter()
                .filter(|story| known.of(story).is_some());
            let found: Vec<String> = found.map(|story| story.as_str().to_owned()).collect();
            found.join(" ")
        };
        for (page, found) in [
            ("a.example/ferry", "a.example/ferry"),
            ("a.example/ferry?box=mostread", "a.example/ferry"),
            ("/ferry?page=2", "a.example/ferry"),
            ("a.example/ferry?box=1#live", "a.example/ferry"),
            ("a.example/s?box=1&id=7", "a.example/s?id=7"),
            ("a.example/s?id=8", ""),
            ("a.example/s", ""),
            ("a.example/two?box=1&id=1", "a.example/two?id=1"),
            ("a.example/two?box=1", ""),
            ("a.example/archive", ""),
            ("a.example/archive#1", "a.example/archive#1"),
            ("/sport", "b.example/sport a.example/sport"),
            ("/sport?box=1", ""),
            ("b.example/sport?box=1", "b.example/sport"),
            ("c.example/ferry", ""),
        ] {
            assert_eq!(known(page), found, "{page}");
        }
    }
}
