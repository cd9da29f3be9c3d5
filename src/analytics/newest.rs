//! How old the totals of a service are that knows no hours: it is asked for the last minutes alone, and for ever longer until something was read.

use chrono::{DateTime, TimeDelta, Utc};

use super::span::Span;
use super::tally::Tally;

/// What is asked for first.
const FIRST: TimeDelta = TimeDelta::minutes(20);

/// The search for the newest views within a span.
pub(super) struct Newest {
    within: Span,
    length: TimeDelta,
    /// Nothing was read since then.
    silent_since: DateTime<Utc>,
}

impl Newest {
    pub(super) const fn new(within: Span) -> Self {
        Self {
            within,
            length: FIRST,
            silent_since: within.to,
        }
    }

    /// The time to ask for.
    pub(super) fn span(&self) -> Span {
        Span {
            from: (self.within.to - self.length).max(self.within.from),
            to: self.within.to,
        }
    }

    /// Whether to go on, after it was told whether anything was read in that time.
    pub(super) fn goes_on(&mut self, is_read: bool, tally: &mut Tally) -> bool {
        let asked = self.span();
        if !is_read {
            self.silent_since = asked.from;
            self.length = self.length * 2;
        }
        let is_over = is_read || asked.from == self.within.from;
        if is_over {
            tally.newest_is(self.silent_since);
        }
        !is_over
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::letter_links::LetterLinks;

    #[test]
    fn the_last_views_are_found() {
        let at = |minutes: i64| DateTime::from_timestamp(minutes * 60, 0).unwrap();
        let within = Span {
            from: at(0),
            to: at(1_000),
        };
        // When the last views were, how old they are taken for, and how often was asked.
        for (read, expected, asked) in [(999, 1_000, 1), (975, 980, 2), (700, 840, 5), (-1, 0, 7)] {
            let mut tally = Tally::new(within, &[], &LetterLinks::default());
            let mut newest = Newest::new(within);
            let mut times = 1;
            while newest.goes_on(at(read) >= newest.span().from, &mut tally) {
                times += 1;
            }
            let report = tally.report(&crate::model::line::Line::clean("x"), None, &[]);
            assert_eq!((report.as_of, times), (Some(at(expected)), asked), "{read}");
        }
    }
}
