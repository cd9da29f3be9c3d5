//! What was counted of one page.

use chrono::{DateTime, Utc};

/// Points of one page before they are put in order and added up.
const LOOSE_POINTS: usize = 256;

#[derive(Default)]
pub(super) struct PageCounts {
    /// Views without a time.
    pub(super) total: u64,
    /// By the end of the hour.
    pub(super) points: Vec<(DateTime<Utc>, u64)>,
    /// How many points there were when they were last in order.
    in_order: usize,
    pub(super) people: u64,
    /// Views an hour that so many people make.
    pub(super) hourly: f64,
}

impl PageCounts {
    pub(super) fn add(&mut self, at: DateTime<Utc>, views: u64) {
        match self.points.last_mut() {
            Some(last) if last.0 == at => last.1 = last.1.saturating_add(views),
            _ => self.points.push((at, views)),
        }
        if self.points.len() >= 2 * self.in_order.max(LOOSE_POINTS) {
            self.put_in_order();
        }
    }

    /// Views so far, or those that its people make in an hour.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "never negative, and a sum of counts"
    )]
    pub(super) fn count(&self) -> u64 {
        let counted = self.points.iter().map(|(_, views)| *views);
        counted.fold(
            self.total.saturating_add(self.hourly.round() as u64),
            u64::saturating_add,
        )
    }

    pub(super) fn put_in_order(&mut self) {
        self.points.sort_unstable_by_key(|(at, _)| *at);
        self.points.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 = kept.1.saturating_add(next.1);
            }
            same
        });
        self.in_order = self.points.len();
    }
}
