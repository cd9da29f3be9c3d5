//! How many letters a relay takes in a day: what its provider sells, and what a new one begins with. The days are those of UTC.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};

use crate::config::{Handover, WarmUp};

/// The day's quota, and what is gone of it.
#[derive(Default)]
pub(in crate::send) struct Quota {
    /// `None`: as many as there are.
    daily: Option<u32>,
    /// While it warms up, so many at most.
    share: Option<WarmUp>,
    /// The day that is counted.
    day: NaiveDate,
    /// Letters that the relay took on that day, or may have taken; those of earlier runs of the program included.
    pub(super) taken: u64,
    /// Letters on their way.
    pub(super) flying: u64,
}

impl Quota {
    pub(in crate::send) fn new(relay: &Handover, now: DateTime<Utc>, taken: u64) -> Self {
        Self {
            // A rehearsal has none.
            daily: relay.daily.filter(|_| relay.relay.is_real()),
            share: relay.share,
            day: now.date_naive(),
            taken,
            flying: 0,
        }
    }

    /// A new day begins with nothing taken. A clock that is set back begins none.
    pub(in crate::send) fn it_is(&mut self, now: DateTime<Utc>) {
        if now.date_naive() > self.day {
            (self.day, self.taken) = (now.date_naive(), 0);
        }
    }

    /// The most letters of the day, and the key in the config that says so.
    pub(in crate::send) fn most(&self) -> Option<(u32, &'static str)> {
        let share = self.share.and_then(|share| share.most(self.day));
        let daily = self.daily.map(|daily| (daily, "rate"));
        let share = share.map(|share| (share, "share"));
        daily.into_iter().chain(share).min()
    }

    /// Whether more may leave than the copies that it has already.
    pub(super) fn has_room(&self, held: u64) -> bool {
        let most = self.most();
        most.is_none_or(|(most, _)| self.taken + held < u64::from(most))
    }

    /// How many may leave today; `None`: as many as there are.
    pub(in crate::send) fn room(&self) -> Option<u64> {
        let (most, _) = self.most()?;
        Some(u64::from(most).saturating_sub(self.taken))
    }

    /// Whether it warms up.
    pub(in crate::send) fn warms_up(&self) -> bool {
        let share = self.share.and_then(|share| share.most(self.day));
        share.is_some()
    }

    pub(super) fn is_used_up(&self) -> bool {
        !self.has_room(self.flying)
    }

    /// When the next day begins.
    pub(in crate::send) fn renewed(&self) -> DateTime<Utc> {
        let next = self.day.checked_add_days(Days::new(1));
        next.unwrap_or(self.day).and_time(NaiveTime::MIN).and_utc()
    }
}
