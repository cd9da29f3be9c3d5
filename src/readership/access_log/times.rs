//! When there were requests, and whether the first of them was the first there was.

use std::collections::BTreeSet;

/// Times are told apart by so many seconds.
const PIECE: i64 = 10 * 60;
/// A log with requests in fewer pieces is of a paper with few readers ...
const FEW: usize = 12;
/// ... where nobody comes for so long, in seconds.
const QUIET: i64 = 3 * 60 * 60;

/// The times of requests, in unix seconds.
#[derive(Default)]
pub(super) struct Times {
    pub(super) oldest: Option<i64>,
    pieces: BTreeSet<i64>,
    last: i64,
}

impl Times {
    pub(super) fn add(&mut self, at: i64) {
        self.oldest = Some(self.oldest.map_or(at, |oldest| oldest.min(at)));
        let piece = at.div_euclid(PIECE);
        if self.last != piece {
            self.last = piece;
            self.pieces.insert(piece);
        }
    }

    pub(super) fn append(&mut self, mut other: Self) {
        self.oldest = [self.oldest, other.oldest].into_iter().flatten().min();
        self.pieces.append(&mut other.pieces);
    }

    /// When the log begins if that is later than it should: nobody came for longer than is usual in it after `sent`.
    pub(super) fn begins_after(&self, sent: i64) -> Option<i64> {
        let silences = self.pieces.iter().zip(self.pieces.iter().skip(1));
        let longest = silences.map(|(then, next)| (next - then) * PIECE).max();
        let usual = match longest {
            Some(longest) if self.pieces.len() >= FEW => longest.max(PIECE),
            _ => QUIET,
        };
        self.oldest.filter(|oldest| oldest - sent > usual)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_begins_late_was_rotated_unless_it_is_quiet() {
        let begins = |minutes: &[i64]| {
            let mut times = Times::default();
            for minute in minutes {
                times.add(minute * 60);
            }
            times.begins_after(0).map(|at| at / 60)
        };
        let every = |step: i64, from: i64| {
            (0..100)
                .map(|number| from + number * step)
                .collect::<Vec<_>>()
        };
        assert_eq!(begins(&[]), None);
        assert_eq!(begins(&[80]), None, "nobody came in the first hour");
        assert_eq!(begins(&[900]), Some(900));
        assert_eq!(begins(&every(2, 9)), None);
        assert_eq!(
            begins(&every(2, 45)),
            Some(45),
            "a busy paper is never silent for so long"
        );
        assert_eq!(begins(&every(60, 45)), None, "a quiet one is");
        assert_eq!(begins(&every(60, 200)), Some(200));
        assert_eq!(begins(&[-300, 900]), None);
    }
}
