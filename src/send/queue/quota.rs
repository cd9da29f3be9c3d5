//! How many letters the relay takes in a day, for providers that sell so many. The days are those of UTC.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};

/// The day's quota, and what is gone of it.
#[derive(Default)]
pub(in crate::send) struct Quota {
    /// `None`: as many as there are.
    pub(in crate::send) daily: Option<u32>,
    /// The day that is counted.
    day: NaiveDate,
    /// Letters that the relay took on that day, or may have taken; those of earlier runs of the program included.
    pub(super) taken: u64,
    /// Letters on their way.
    pub(super) flying: u64,
}

impl Quota {
    pub(in crate::send) fn new(daily: Option<u32>, now: DateTime<Utc>, taken: u64) -> Self {
        Self {
            daily,
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

    pub(super) fn is_used_up(&self) -> bool {
        let daily = self.daily.map(u64::from);
        daily.is_some_and(|daily| self.taken + self.flying >= daily)
    }

    /// When the next day begins.
    pub(in crate::send) fn renewed(&self) -> DateTime<Utc> {
        let next = self.day.checked_add_days(Days::new(1));
        next.unwrap_or(self.day).and_time(NaiveTime::MIN).and_utc()
    }
}
