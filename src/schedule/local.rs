//! `send_at = "07:00 local"`: one edition, sent to each reader at that time by their own clocks.
//!
//! It is frozen at that time by the newsletter's clocks. Who lives west of it gets it later, at that time by their own; who lives east of it, where
//! that time has passed, gets it with the newsletter's own readers.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Schedule, Times};
use crate::model::edition::Slug;
use crate::model::zone::Zone;

/// The longest that readers in the west are waited for: an edition is over before the next one of a day is drafted.
pub(super) const WEST: TimeDelta = TimeDelta::hours(20);

/// When readers of one zone get an edition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LocalHours {
    pub at: DateTime<Utc>,
    /// From then on it is too late.
    pub until: DateTime<Utc>,
}

impl Schedule {
    /// The times of that edition.
    pub(super) fn times_of(&self, slug: &Slug) -> Option<&Times> {
        match slug.name() {
            None => Some(&self.times),
            Some(name) => {
                let mut more = self.more.iter();
                more.find(|one| one.name == *name).map(|one| &one.times)
            }
        }
    }

    /// Whether that edition goes out by readers' own clocks.
    #[must_use]
    pub fn is_local(&self, slug: &Slug) -> bool {
        self.times_of(slug).is_some_and(Times::is_local)
    }

    /// When readers in `zone` get that edition, if it goes out by their clocks. `None` as zone: readers of whom no zone is known.
    #[must_use]
    pub fn hours_in(&self, slug: &Slug, zone: Option<&Zone>) -> Option<LocalHours> {
        let times = self.times_of(slug).filter(|times| times.is_local())?;
        let day = slug.day();
        let (begin, end) = (day.and_time(times.send_at()), times.not_after().of(day));
        let hours = |zone: &Zone| {
            let (at, until) = (zone.first(begin), zone.first(end));
            // A gap that swallows both: as long as the clock says it is.
            let until = if until > at {
                until
            } else {
                at + (end - begin)
            };
            LocalHours { at, until }
        };
        let own = hours(&self.zone);
        let Some(zone) = zone else {
            return Some(own);
        };
        let theirs = hours(zone);
        let latest = own.at + WEST;
        Some(if theirs.at <= own.at {
            LocalHours {
                until: own.until,
                ..theirs
            }
        } else if theirs.at > latest {
            LocalHours {
                at: latest,
                until: latest + (theirs.until - theirs.at),
            }
        } else {
            theirs
        })
    }
}
