//! When an edition is due: the days and times of `[schedule]` as instants, and what is to be done at one of them. It asks no clock, and what
//! became of an edition is told to it.
//!
//! A time that the clocks skip is the first instant behind the gap; one that they show twice is the first of the two. A day that a zone
//! skips (Samoa, 30 December 2011) has no run.

mod due;
mod local;
mod remark;
#[cfg(test)]
mod tests;
mod written;

pub use due::{Due, EditionStage};
pub use local::LocalHours;
pub use remark::Remark;
pub use written::{Days, EndTime, Times, TimesError, parse_send_at, parse_time};

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};

use crate::model::edition::{EditionName, Slug};
use crate::model::zone::Zone;

/// The days and times at which a newsroom drafts and sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The days of the week.
    pub days: Days,
    /// The times of such a day.
    pub times: Times,
    /// Further editions of a day, each with a name.
    pub more: Vec<FurtherEdition>,
    /// Days without an edition.
    pub holidays: BTreeSet<NaiveDate>,
    /// The newsletter's zone, in which all this is meant.
    pub zone: Zone,
    /// The only edition of a day that is meant; `None`: all.
    pub only: Option<NameOfEdition>,
}

/// An edition of a day; `None`: the first.
pub type NameOfEdition = Option<EditionName>;

/// An edition of a day beside the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FurtherEdition {
    pub name: EditionName,
    pub days: Days,
    pub times: Times,
}

/// One run: the instants of one edition.
///
/// Invariant: `cut_off <= send_at < not_after`. All lie on the edition's day, or at its end where the clocks skip the day's last minutes; `not_after`
/// lies on the next one where it is meant to. A run by readers' own clocks ends behind the last readers' hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The edition.
    pub slug: Slug,
    /// When it is drafted.
    pub cut_off: DateTime<Utc>,
    /// When it is sent.
    pub send_at: DateTime<Utc>,
    /// From when on it is too late to send it.
    pub not_after: DateTime<Utc>,
}

/// Beyond it no time zone database knows anything.
const LAST_YEAR: i32 = 9_000;

impl Schedule {
    /// The runs that are not over at `after` (their `not_after` lies behind it), in order.
    pub fn runs(&self, after: DateTime<Utc>) -> impl Iterator<Item = Planned> {
        // A run may last into the next day, and end a little behind that.
        let first = self.zone.day(after).checked_sub_days(chrono::Days::new(2));
        std::iter::successors(first, NaiveDate::succ_opt)
            .take_while(|day| day.year() < LAST_YEAR)
            .flat_map(|day| self.runs_of(day))
            // One by readers' clocks may be over behind those that begin after it.
            .filter(move |run| run.not_after > after)
    }

    /// The runs of that day, in order.
    #[must_use]
    pub fn runs_of(&self, day: NaiveDate) -> Vec<Planned> {
        if !self.is_there(day) || self.holidays.contains(&day) {
            return Vec::new();
        }
        let here = self.editions();
        let here = here.filter(|(_, days, _)| days.has(day.weekday()));
        let mut runs: Vec<Planned> = here
            .map(|(name, _, times)| self.planned(day, name, times))
            .collect();
        runs.sort_by_key(|run| (run.send_at, run.cut_off));
        runs
    }

    /// The run of that edition, if it has one; a second one by hand has that of the first.
    #[must_use]
    pub fn run_of(&self, slug: &Slug) -> Option<Planned> {
        let mut runs = self.runs_of(slug.day()).into_iter();
        runs.find(|run| run.slug.name() == slug.name())
    }

    /// The edition that it is time for: the last whose run has begun, and that is not over if there is one; also yesterday's until it is over; before the first, that one.
    #[must_use]
    pub fn edition(&self, now: DateTime<Utc>) -> Slug {
        let today = self.zone.day(now);
        let yesterday = today.pred_opt().map(|day| self.runs_of(day));
        let mut yesterday = yesterday.into_iter().flatten().rev();
        let runs = self.runs_of(today);
        let mut begun = runs.iter().filter(|run| run.cut_off <= now).rev();
        let begun = begun
            .clone()
            .find(|run| now < run.not_after)
            .or(begun.next());
        (yesterday.find(|run| now < run.not_after))
            .or_else(|| begun.or(runs.first()).cloned())
            .map_or_else(|| Slug::of(today), |run| run.slug)
    }

    /// The editions of a day that are to be kept apart: where one goes out by readers' clocks, another begins before it is over. One that is all: none is.
    #[must_use]
    pub fn apart(&self) -> Vec<Option<NameOfEdition>> {
        let is_local = self.editions().any(|(_, _, times)| times.is_local());
        if !is_local || self.more.is_empty() {
            return vec![None];
        }
        let names = self.editions().map(|(name, ..)| Some(name.cloned()));
        names.collect()
    }

    /// The same of that edition of a day only.
    #[must_use]
    pub fn only(&self, edition: &NameOfEdition) -> Self {
        Self {
            only: Some(edition.clone()),
            ..self.clone()
        }
    }

    /// Of the editions that have begun and go out by readers' clocks: those that may have letters that wait for their hour.
    pub fn waiting(&self, now: DateTime<Utc>) -> impl Iterator<Item = Planned> {
        let begun = self.runs(now).take_while(move |run| run.cut_off <= now);
        begun.filter(|run| self.is_local(&run.slug))
    }

    /// When that edition is too late, also if it is sent by hand; never on a day without a run.
    #[must_use]
    pub fn not_after(&self, slug: &Slug) -> Option<DateTime<Utc>> {
        self.run_of(slug).map(|run| run.not_after)
    }

    /// Two editions (`None`: the first of the day) of which the later is drafted before the earlier is over: the first of these would hold up the
    /// other one.
    #[must_use]
    pub fn overlap(&self) -> Option<[Option<&EditionName>; 2]> {
        let all: Vec<_> = self.editions().collect();
        for (name, days, times) in &all {
            for (other, other_days, other_times) in &all {
                for shift in [0, 1] {
                    // What waits for readers' hours holds up no other edition, but that of the next day is the same once more.
                    let spans = |times: &Times| {
                        if name == other {
                            times.span()
                        } else {
                            times.span_here()
                        }
                    };
                    let (one, two) = (spans(times), spans(other_times));
                    let two = two.start + shift * 86_400..two.end + shift * 86_400;
                    let meet = days.meet(*other_days, shift == 1);
                    let is_itself = name == other && shift == 0;
                    if meet && !is_itself && one.start < two.end && two.start < one.end {
                        return Some([*name, *other]);
                    }
                }
            }
        }
        None
    }

    /// The holidays from `from` to `to`, both included, on which there would be a run.
    pub fn left_out(&self, from: NaiveDate, to: NaiveDate) -> impl Iterator<Item = NaiveDate> {
        let holidays = self.holidays.iter().copied();
        let has = |day: &NaiveDate| {
            let mut editions = self.editions();
            editions.any(|(_, days, _)| days.has(day.weekday())) && self.is_there(*day)
        };
        holidays.filter(move |day| (from..=to).contains(day) && has(day))
    }

    /// The editions of a day: name, days of the week, times.
    fn editions(&self) -> impl Iterator<Item = (Option<&EditionName>, Days, &Times)> {
        let more = self.more.iter();
        let more = more.map(|one| (Some(&one.name), one.days, &one.times));
        let all = std::iter::once((None, self.days, &self.times)).chain(more);
        let is_meant = |name: Option<&EditionName>| {
            let only = self.only.as_ref();
            only.is_none_or(|only| only.as_ref() == name)
        };
        all.filter(move |(name, ..)| is_meant(*name))
    }

    /// Whether it is a day that the zone does not skip.
    fn is_there(&self, day: NaiveDate) -> bool {
        self.zone.day(self.zone.begins(day)) == day
    }

    fn planned(&self, day: NaiveDate, name: Option<&EditionName>, times: &Times) -> Planned {
        let begin = day.and_time(times.send_at());
        let end = times.not_after().of(day);
        let (send_at, not_after) = (self.zone.first(begin), self.zone.first(end));
        Planned {
            slug: name.map_or(Slug::of(day), |name| Slug::named(day, name.clone())),
            cut_off: self.zone.first(day.and_time(times.cut_off())),
            send_at,
            // A gap that swallows both would leave no time to send: then the run is as long as the clock says it is.
            not_after: match (times.is_local(), not_after > send_at) {
                (true, _) => send_at + local::WEST + (end - begin),
                (false, true) => not_after,
                (false, false) => send_at + (end - begin),
            },
        }
    }
}
