//! Rows by what they are of, for a service that has one row for each page (and hour): while it is asked page by page, its order changes.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher as _};

/// A service gave what it had given before.
pub(in crate::analytics) const SAME_PAGE: &str =
    "gave the same page twice: only what came before is counted";
/// After so many answers without a row that can be read it is asked no further.
const UNREADABLE: u32 = 10;

#[derive(Default)]
pub(super) struct ToldApart {
    /// Those of earlier answers.
    earlier: HashSet<u64>,
    /// Those of this answer that are in no earlier one.
    new: Vec<u64>,
    /// Rows of this answer that came before, and those that could not be read.
    again: u64,
    odd: u64,
    /// Answers until now, one after another, of odd rows alone.
    unreadable: u32,
}

impl ToldApart {
    /// Whether no earlier answer had the row.
    pub(super) fn is_new(&mut self, of: impl Hash) -> bool {
        let mut hasher = DefaultHasher::new();
        of.hash(&mut hasher);
        let of = hasher.finish();
        if self.earlier.contains(&of) {
            self.again += 1;
            return false;
        }
        self.new.push(of);
        true
    }

    /// A row that could not be read.
    pub(super) const fn add_odd(&mut self) {
        self.odd += 1;
    }

    /// An answer is over; why the service is asked no further.
    pub(super) fn ends_with(&mut self) -> Option<&'static str> {
        let (is_new, is_again) = (!self.new.is_empty(), self.again > 0);
        self.unreadable = if !is_new && self.odd > 0 {
            self.unreadable + 1
        } else {
            0
        };
        self.earlier.extend(self.new.drain(..));
        (self.again, self.odd) = (0, 0);
        if !is_new && is_again {
            return Some(SAME_PAGE);
        }
        (self.unreadable == UNREADABLE).then_some("gave ten answers without a row that can be read")
    }
}
