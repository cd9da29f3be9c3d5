//! The states of copies: counting them, and what becomes of those in doubt.

use chrono::{DateTime, Utc};
use rusqlite::ToSql;

use super::{Ledger, LedgerError, RunId, Standing, instant, millis};
use crate::model::delivery::Tally;

/// The states as the table keeps them; see the table in [`crate::ledger`].
#[derive(Clone, Copy)]
#[repr(i64)]
pub(super) enum State {
    Queued = 0,
    Handing = 1,
    Accepted = 2,
    Rejected = 3,
    GivenUp = 4,
    LeftOut = 5,
    InDoubt = 6,
}

/// Which of the copies in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubtful {
    /// Those of which nobody has said yet that they are to be left so.
    Unskipped,
    /// Those that were skipped before, too.
    All,
}

impl Doubtful {
    /// A skipped copy carries these words for `status`.
    const SKIPPED: &str = "the relay did not answer after the letter; not sent again, as asked";

    const fn condition(self) -> &'static str {
        match self {
            Self::Unskipped => "(state = 1 OR (state = 6 AND reply IS NULL))",
            Self::All => "state IN (1, 6)",
        }
    }
}

impl Ledger {
    /// How many copies were claimed by a sender that never came back, or left in doubt by one that did.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn in_doubt(&self, run: RunId, which: Doubtful) -> Result<u64, LedgerError> {
        let sql = format!(
            "SELECT count(*) FROM copy WHERE {OF_RUN} AND {}",
            which.condition()
        );
        self.read(|db| db.query_row(&sql, [run.0], |row| row.get(0)))
    }

    /// When each copy was claimed that a sender took and never came back for.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn unanswered(&self, run: RunId) -> Result<Vec<DateTime<Utc>>, LedgerError> {
        let sql = format!("SELECT changed FROM copy WHERE {OF_RUN} AND state = 1");
        self.read(|db| {
            db.prepare(&sql)?
                .query_map([run.0], |row| row.get(0).map(instant))?
                .collect()
        })
    }

    /// Queues copies in doubt again: they go out with the same Message-ID and bytes.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn resend_in_doubt(
        &mut self,
        run: RunId,
        which: Doubtful,
        now: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let set = "state = 0, next_try = 0, changed = ?2";
        let aside = (State::InDoubt, now);
        self.change_all(run, (which.condition(), set), &[&millis(now)], aside)
            .map(drop)
    }

    /// Leaves the copies in doubt as they are, until a person asks for [`Doubtful::All`] of them.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn skip_in_doubt(&mut self, run: RunId, now: DateTime<Utc>) -> Result<(), LedgerError> {
        let set = "state = 6, next_try = 0, changed = ?2, reply = ?3";
        let aside = (State::InDoubt, now);
        let values: [&dyn ToSql; 2] = [&millis(now), &Doubtful::SKIPPED];
        self.change_all(run, (Doubtful::Unskipped.condition(), set), &values, aside)
            .map(drop)
    }

    /// No queued copy waits beyond `latest`: not after a clock that ran ahead, nor after a longer back-off than the config's of today.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn wait_no_longer(&mut self, run: RunId, latest: DateTime<Utc>) -> Result<(), LedgerError> {
        let which = ("state = 0 AND next_try > ?2", "next_try = ?2");
        let aside = (State::LeftOut, latest);
        self.change_all(run, which, &[&millis(latest)], aside)
            .map(drop)
    }

    /// Where every subscriber of the run stands.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn tally(&self, run: RunId) -> Result<Tally, LedgerError> {
        self.read(|db| {
            let mut tally = Tally::default();
            let sql = format!(
                "SELECT state, count(*) FROM copy WHERE {OF_RUN} AND NOT EXISTS (SELECT 1 FROM run_tally WHERE run = ?1) GROUP BY state
                 UNION ALL SELECT state, copies FROM run_tally WHERE run = ?1"
            );
            let mut statement = db.prepare_cached(&sql)?;
            let mut rows = statement.query([run.0])?;
            while let Some(row) = rows.next()? {
                let (state, count): (Option<i64>, u64) = (row.get(0).ok(), row.get(1)?);
                let place = match state.and_then(Standing::of_state) {
                    Some(Standing::Queued) => &mut tally.queued,
                    Some(Standing::InDoubt) => &mut tally.in_doubt,
                    Some(Standing::Accepted) => &mut tally.accepted,
                    Some(Standing::Rejected) => &mut tally.rejected,
                    Some(Standing::GivenUp) => &mut tally.given_up,
                    Some(Standing::LeftOut) => &mut tally.left_out,
                    // Unknown states are counted nowhere, so the tally does not balance and says so.
                    None => continue,
                };
                *place += count;
            }
            // Counted apart from the states: this is what they must add up to.
            tally.subscribers = db.query_row(
                "SELECT last_copy - first_copy + 1 FROM run WHERE id = ?1",
                [run.0],
                |row| row.get(0),
            )?;
            Ok(tally)
        })
    }
}

/// The copies of the reader whose number follows. Each run is asked in turn: the index begins with it.
pub(super) const COPIES: &str =
    "SELECT copy.id FROM run CROSS JOIN copy ON copy.run = run.id AND copy.reader =";

/// The copies of run ?1. They lie together, so this reads no other run's.
pub(super) const OF_RUN: &str = "copy.id BETWEEN (SELECT first_copy FROM run WHERE id = ?1) AND (SELECT last_copy FROM run WHERE id = ?1)";
