//! Views made visits: whoever asks for a story again and again reads it once.

use std::collections::BTreeMap;

/// A visit to a story ends when its client has not asked for it for this long, in seconds. A reload, a tab that comes back to life and
/// a live page that refreshes itself are the same visit; only its first view counts.
pub(super) const GAP: u32 = 30 * 60;

/// Views, each as story (32 bits), client (64) and seconds since the window began (32, less than 2^31: no two clients meet). Which visits they make does not depend on the
/// order in which they come; of a visit only every view in 15 minutes or so is kept.
#[derive(Default)]
pub(super) struct Visits {
    views: Vec<u128>,
    tidy_at: usize,
}

/// The fewest views that are worth sorting in between.
const FEW: usize = 1 << 18;

impl Visits {
    /// Adds a view of `story`.
    pub(super) fn push(&mut self, story: u32, client: u64, at: u32) {
        if self.views.len() >= self.tidy_at.max(FEW) {
            self.tidy();
            self.tidy_at = self.views.len() * 3 / 2;
        }
        self.views
            .push(u128::from(story) << 96 | u128::from(client) << 32 | u128::from(at));
    }

    /// Both together.
    pub(super) fn append(&mut self, mut other: Self) {
        other.tidy();
        self.views.append(&mut other.views);
    }

    /// Sorts, and drops each view between two others that are of one visit without it. Whatever view is nearer to it than the gap is
    /// nearer to one of them, so no visit ever breaks or joins by this.
    fn tidy(&mut self) {
        self.views.sort_unstable();
        let mut kept = 0;
        for at in 0..self.views.len() {
            let view = self.views[at];
            if kept > 0 && self.views[kept - 1] == view {
                continue;
            }
            if kept > 1 && same_visit(self.views[kept - 2], view) {
                kept -= 1;
            }
            self.views[kept] = view;
            kept += 1;
        }
        self.views.truncate(kept);
    }

    /// By story, in order: how many visits began in each `bucket` (seconds), by the bucket's number. A bucket takes in its end, not its
    /// beginning.
    pub(super) fn counted(mut self, bucket: u32) -> BTreeMap<u32, BTreeMap<u32, u64>> {
        self.tidy();
        let mut stories: BTreeMap<u32, BTreeMap<u32, u64>> = BTreeMap::new();
        let mut before = None;
        for view in self.views {
            if !before.is_some_and(|before| same_visit(before, view)) {
                let story = u32::try_from(view >> 96).unwrap_or_default();
                let at = u32::try_from(view & u128::from(u32::MAX)).unwrap_or_default();
                let buckets = stories.entry(story).or_default();
                *buckets.entry(at.div_ceil(bucket)).or_default() += 1;
            }
            before = Some(view);
        }
        stories
    }
}

/// Whether the client and story are the same and the views nearer than the gap.
fn same_visit(earlier: u128, later: u128) -> bool {
    later - earlier < u128::from(GAP)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn again_and_again_is_once() {
        let check = |times: &[u32], counted: u64| {
            let mut visits = Visits::default();
            for at in times {
                visits.push(0, 7, *at);
            }
            let total: u64 = visits.counted(300)[&0].values().sum();
            assert_eq!(total, counted, "{times:?}");
        };
        check(&[0], 1);
        check(&[0, 1799], 1);
        check(&[0, 1800], 2);
        // A page that refreshes itself.
        check(&[0, 1000, 2000, 3000, 4000], 1);
        check(&[4000, 0, 3000, 1000, 2000], 1);
        check(&[0, 1000, 3000], 2);
    }

    #[test]
    fn clients_and_stories_are_apart() {
        let mut visits = Visits::default();
        visits.push(1, 7, 0);
        visits.push(1, 8, 300);
        visits.push(2, 7, 301);
        visits.push(1, u64::MAX, 1);
        visits.push(2, 0, 2);
        let counted = visits.counted(300);
        assert_eq!(counted[&1], BTreeMap::from([(0, 1), (1, 2)]));
        assert_eq!(counted[&2], BTreeMap::from([(1, 1), (2, 1)]));
    }

    proptest! {
        #[test]
        fn tidying_between_changes_nothing(times in proptest::collection::vec(0_u32..20_000, 1..60), every in 1_usize..9) {
            let (mut whole, mut tidied) = (Visits::default(), Visits::default());
            for (at, time) in times.iter().enumerate() {
                whole.push(0, u64::from(time % 2), *time);
                tidied.push(0, u64::from(time % 2), *time);
                if at % every == 0 {
                    tidied.tidy();
                }
            }
            prop_assert!(tidied.views.len() <= whole.views.len());
            prop_assert_eq!(tidied.counted(300), whole.counted(300));
        }
    }
}
