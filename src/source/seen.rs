//! Which stories a source had last time, so that a new one is known as new even where its date cannot be read.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::fetch::Remembered;
use super::kind::Source;
use crate::model::link::StoryKey;
use crate::model::story::{Precision, Story};

/// How many stories of one source are kept; beyond, only those that it has now.
const KEPT: usize = 4_000;
/// So many stories must have a later date than before for that to be said; of a few it is an update.
const MOVED: usize = 3;

/// What is known of a source from the last time it was read.
#[derive(Default, Serialize, Deserialize)]
struct Seen {
    looked: DateTime<Utc>,
    stories: HashMap<String, Sighting>,
    /// Those that it has now.
    #[serde(skip)]
    present: HashSet<String>,
    /// When what was not there last time came: halfway between then and now.
    #[serde(skip)]
    between: Option<DateTime<Utc>>,
}

/// A story as it was when a source first had it.
#[derive(Clone, Serialize, Deserialize)]
struct Sighting {
    /// When it was seen.
    at: DateTime<Utc>,
    /// When it appeared; `None`: it was there when the source was read for the first time.
    appeared: Option<DateTime<Utc>>,
    /// The date it had.
    dated: Option<DateTime<Utc>>,
    /// A checksum of its headline.
    headline: u32,
}

impl Sighting {
    /// Whether the story has another date now, under the same words, and one after it was seen: that says when the feed was made.
    fn is_before(&self, story: &Story) -> bool {
        let moved = |date| date > self.at && Some(date) != self.dated;
        self.headline == checksum(story) && story.published.is_some_and(moved)
    }
}

fn checksum(story: &Story) -> u32 {
    let mut checksum = flate2::Crc::new();
    checksum.update(story.headline.as_str().as_bytes());
    checksum.sum()
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

    /// Dates those of a source's stories whose own date cannot be read, and that were not there last time; a story that was, under the same
    /// headline, keeps the date it had. Says what is to be said of dates that move on.
    pub(super) fn date(
        &mut self,
        source: &Source,
        stories: &mut [(Story, Option<u32>)],
    ) -> Option<String> {
        let now = self.now;
        let seen = self.of(source);
        let (mut known, mut moved) = (0, 0);
        for (story, _) in stories {
            let key = story.url.key();
            let mut is_known = true;
            let sighting = seen.stories.entry(key.as_str().to_owned());
            let sighting = sighting.or_insert_with(|| {
                is_known = false;
                Sighting {
                    at: now,
                    appeared: seen.between,
                    dated: story.published,
                    headline: checksum(story),
                }
            });
            seen.present.insert(key.as_str().to_owned());
            known += usize::from(is_known && story.published.is_some());
            if sighting.is_before(story) {
                moved += 1;
                story.published = sighting.dated.or(Some(sighting.at));
            } else if story.precision == Precision::Unreadable && sighting.appeared.is_some() {
                (story.published, story.precision) = (sighting.appeared, Precision::Day);
            }
        }
        (moved >= MOVED && moved * 2 >= known).then(|| {
            format!("gives {moved} stories later dates than when they were first seen: those of then count")
        })
    }

    /// The pages on which sources had several stories before.
    pub(super) fn shared_pages(&mut self, sources: &[Source]) -> HashSet<StoryKey> {
        let mut shared = HashSet::new();
        for source in sources {
            let stories = self.of(source).stories.keys();
            let parts = stories.filter(|story| story.contains('#'));
            shared.extend(parts.map(|story| StoryKey::restore(story).page()));
        }
        shared
    }

    /// What is known of a source. Two sources may be parts of one page: they have one memory.
    fn of(&mut self, source: &Source) -> &mut Seen {
        let key = source.seen_key();
        let (before, now) = (self.remembered.get(&key), self.now);
        self.sources.entry(key).or_insert_with(|| {
            let seen: Option<Seen> =
                before.and_then(|kept| serde_json::from_slice(&kept.body).ok());
            seen.filter(|seen| seen.looked <= now)
                .map(|seen| Seen {
                    between: Some(seen.looked + (now - seen.looked) / 2),
                    ..seen
                })
                .unwrap_or_default()
        })
    }

    /// What is to be kept for the next time.
    pub(super) fn kept(self) -> impl Iterator<Item = Remembered> {
        let now = self.now;
        self.sources.into_iter().filter_map(move |(url, mut seen)| {
            if seen.present.is_empty() {
                return None;
            }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::line::Line;
    use crate::model::link::{Link, Origin};
    use crate::source::Kind;

    /// A story's path, and behind a `/` more of its headline; the hour it is dated.
    type Given<'g> = (&'g str, Option<&'g str>);

    /// Looks at a source again and again: what it gives at each hour, and the dates that are believed.
    fn looks(hours: &[(&str, &[Given<'_>])]) -> Vec<String> {
        let site = Link::parse("https://a.example/").unwrap();
        let source = Source {
            site: site.clone(),
            ..Source::of(Line::clean("feed"), Kind::Feed(Origin::Url(site.clone())))
        };
        let mut known = HashMap::new();
        let at = |hour: &str| format!("2026-08-24T{hour}:00:00Z").parse::<DateTime<Utc>>();
        let mut told = Vec::new();
        for (hour, given) in hours {
            let mut stories: Vec<(Story, Option<u32>)> = given
                .iter()
                .map(|(name, date)| {
                    let place = name.split('/').next().unwrap();
                    let url = Link::parse(&format!("https://a.example/{place}")).unwrap();
                    let mut story = Story::new(Line::clean(name), url);
                    story.published = date.map(|date| at(date).unwrap());
                    if date.is_none() {
                        story.precision = Precision::Unreadable;
                    }
                    (story, None)
                })
                .collect();
            let mut memory = Memory::new(&known, at(hour).unwrap());
            let note = memory.date(&source, &mut stories);
            let dates = stories.iter().map(|(story, _)| {
                let date = story.published.map(|date| date.format("%H:%M").to_string());
                format!("{} {}", story.headline, date.unwrap_or_default())
            });
            told.push(dates.chain(note).collect::<Vec<_>>().join(", "));
            let kept: Vec<Remembered> = memory.kept().collect();
            known = kept
                .into_iter()
                .map(|page| (page.url.clone(), page))
                .collect();
        }
        told
    }

    #[test]
    fn a_date_that_moves_on_is_that_of_the_feed() {
        let all = |hour: &'static str| ["a", "b", "c"].map(|name| (name, Some(hour)));
        assert_eq!(
            looks(&[
                ("04", &all("03")),
                ("05", &all("05")),
                ("08", &[&all("08")[..], &[("d", Some("08"))]].concat()),
                (
                    "09",
                    &[("a", Some("02")), ("d", Some("09")), ("b/2", Some("09"))]
                ),
            ]),
            [
                "a 03:00, b 03:00, c 03:00",
                "a 03:00, b 03:00, c 03:00, gives 3 stories later dates than when they were first seen: those of then count",
                "a 03:00, b 03:00, c 03:00, d 08:00, gives 3 stories later dates than when they were first seen: those of then count",
                // An earlier date is believed, and one under other words.
                "a 02:00, d 08:00, b/2 09:00",
            ]
        );
    }

    #[test]
    fn a_date_that_cannot_be_read_is_that_of_its_coming() {
        assert_eq!(
            looks(&[
                ("04", &[("a", None)]),
                ("06", &[("a", None), ("b", None)]),
                ("07", &[("b", None)])
            ]),
            ["a ", "a , b 05:00", "b 05:00"]
        );
    }
}
