//! What a sent edition brought: who came by which of its links, and whether its stories were those that were read.

use chrono::{DateTime, Utc};

use crate::model::edition::Place;
use crate::model::line::Line;

/// How many came by a link. Fewer than five could tell of single readers, so they are neither shown nor kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arrivals(Option<u64>);

impl Arrivals {
    /// The smallest number that is known.
    pub const FEWEST: u64 = 5;

    #[must_use]
    pub fn of(count: u64) -> Self {
        Self((count >= Self::FEWEST).then_some(count))
    }

    /// `None`: fewer than [`Arrivals::FEWEST`].
    #[must_use]
    pub const fn known(self) -> Option<u64> {
        self.0
    }

    /// The middle one of them, rounded down; `None` of none. Of two in the middle, one that is not known counts as nobody.
    #[must_use]
    pub fn median(mut all: Vec<Self>) -> Option<Self> {
        all.sort_unstable();
        let high = *all.get(all.len() / 2)?;
        let low = if all.len().is_multiple_of(2) {
            all[all.len() / 2 - 1]
        } else {
            high
        };
        let middle = low.0.unwrap_or(0).midpoint(high.0.unwrap_or(0));
        Some(Self::of(middle))
    }
}

/// Who came by the links of one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    pub place: Place,
    pub headline: Line,
    pub url: String,
    pub arrivals: Arrivals,
}

/// An order of a morning's stories.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ranking {
    /// As the edition prints them, then as they were ranked.
    Edition,
    NewestFirst,
    /// By the views that they had when the edition was drafted.
    ViewsSoFar,
}

impl Ranking {
    pub const ALL: [Self; 3] = [Self::Edition, Self::NewestFirst, Self::ViewsSoFar];

    /// What scripts and the ledger call it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Edition => "edition",
            Self::NewestFirst => "newest_first",
            Self::ViewsSoFar => "views_so_far",
        }
    }

    /// The order that scripts and the ledger call so.
    #[must_use]
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.key() == key)
    }

    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Edition => "our lists",
            Self::NewestFirst => "newest first",
            Self::ViewsSoFar => "views so far",
        }
    }
}

/// How good the first ten of an order were, by what was read afterwards; both from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RankScore {
    /// Normalised discounted cumulative gain.
    pub ndcg: f64,
    /// Their views, of the views that the ten most read had.
    pub capture: f64,
}

/// How many of an order are looked at.
const FIRST: usize = 10;

impl RankScore {
    /// The score of an order, given as the views that each story had afterwards; `None` if nothing was read.
    #[must_use]
    pub fn of(order: &[u64]) -> Option<Self> {
        let mut ideal = order.to_vec();
        ideal.sort_unstable_by(|a, b| b.cmp(a));
        let sum = |views: &[u64]| {
            views
                .iter()
                .take(FIRST)
                .map(|views| *views as f64)
                .sum::<f64>()
        };
        let gain = |views: &[u64]| {
            let first = views.iter().take(FIRST).zip(2_u32..);
            first
                .map(|(views, rank)| *views as f64 / f64::from(rank).log2())
                .sum::<f64>()
        };
        (sum(&ideal) > 0.0).then(|| Self {
            ndcg: gain(order) / gain(&ideal),
            capture: sum(order) / sum(&ideal),
        })
    }
}

/// What is known of one edition.
#[derive(Clone, Debug, PartialEq)]
pub struct Results {
    pub gathered: DateTime<Utc>,
    /// Arrivals are counted up to here.
    pub until: DateTime<Utc>,
    /// Nothing more will be gathered.
    pub is_complete: bool,
    /// Whose figures these are; `None`: no source could tell.
    pub source: Option<Line>,
    /// A row for every place of the edition, in printing order; empty if no source could tell.
    pub arrived: Vec<Arrived>,
    /// Empty where the views of the next hours are not known.
    pub rankings: Vec<(Ranking, RankScore)>,
    /// What a person should know of these figures.
    pub notes: Vec<Line>,
}

impl Results {
    /// All arrivals that are known, without those of places that fewer than five came from.
    #[must_use]
    pub fn total(&self) -> u64 {
        let known = self.arrived.iter().filter_map(|row| row.arrivals.known());
        known.fold(0, u64::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_are_not_known() {
        let known = |count| Arrivals::of(count).known();
        assert_eq!([0, 4, 5].map(known), [None, None, Some(5)]);
        let median = |counts: &[u64]| {
            Arrivals::median(counts.iter().copied().map(Arrivals::of).collect())
                .map(Arrivals::known)
        };
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[9]), Some(Some(9)));
        assert_eq!(median(&[9, 2]), Some(None));
        assert_eq!(median(&[20, 2, 9]), Some(Some(9)));
        assert_eq!(median(&[20, 2, 9, 12]), Some(Some(10)));
        assert_eq!(median(&[1, 2, 3, 400]), Some(None));
        assert_eq!(median(&[100, 3]), Some(Some(50)));
    }

    #[test]
    fn orders_are_scored() {
        assert_eq!(RankScore::of(&[]), None);
        assert_eq!(RankScore::of(&[0, 0]), None);
        let best = RankScore::of(&[8, 4, 0]).unwrap();
        assert_eq!((best.ndcg, best.capture), (1.0, 1.0));
        // 4 + 8 / log2(3) of 8 + 4 / log2(3).
        let turned = RankScore::of(&[4, 8]).unwrap();
        assert!((turned.ndcg - 0.859_719).abs() < 1e-5, "{turned:?}");
        let mut late = vec![0; 10];
        late.push(7);
        let late = RankScore::of(&late).unwrap();
        assert_eq!((late.ndcg, late.capture), (0.0, 0.0));
    }
}
