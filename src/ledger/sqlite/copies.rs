//! The states of copies: counting them, and what becomes of those in doubt.

use chrono::{DateTime, Utc};
use rusqlite::{Row, ToSql};

use super::{Ledger, instant, millis};
use crate::ledger::state::CopyState::{self, Handing, InDoubt, Queued};
use crate::ledger::{CopyStatus, Doubtful, LedgerError, RelayId, RunId, Unanswered};
use crate::model::delivery::Tally;

impl Ledger {
    /// How many copies were claimed by a sender that never came back, or left in doubt by one that did.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn in_doubt(&self, run: RunId, which: Doubtful) -> Result<u64, LedgerError> {
        let sql = format!(
            "SELECT count(*) FROM copy WHERE {OF_RUN} AND {}",
            condition(which)
        );
        self.read(|db| db.query_row(&sql, [run.0], |row| row.get(0)))
    }

    /// The copies that a sender took and never came back for.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn unanswered(&self, run: RunId) -> Result<Vec<Unanswered>, LedgerError> {
        let sql = format!(
            "SELECT changed, (SELECT name FROM relay WHERE id = copy.relay) FROM copy
             WHERE {OF_RUN} AND state = {Handing}"
        );
        let one = |row: &Row<'_>| {
            Ok(Unanswered {
                claimed: row.get(0).map(instant)?,
                relay: row.get(1)?,
            })
        };
        self.read(|db| db.prepare(&sql)?.query_map([run.0], one)?.collect())
    }

    /// Queues copies in doubt again: they go out with the same Message-ID and bytes. Of several relays only the one that may have a copy gets it
    /// again, unless a person asked for [`Doubtful::All`].
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn resend_in_doubt(
        &mut self,
        run: RunId,
        which: Doubtful,
        now: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let doubt = match which {
            Doubtful::Unskipped => "nullif(relay IS NOT NULL, 0)",
            Doubtful::All => "NULL",
        };
        let set = format!("state = {Queued}, next_try = 0, changed = ?2, doubt = {doubt}");
        let aside = (CopyState::InDoubt, now);
        self.change_all(run, (&condition(which), &set), &[&millis(now)], aside)
            .map(drop)
    }

    /// Leaves copies in doubt as they are that this relay may have, which is not in the config any more, until a person asks for [`Doubtful::All`]. Says
    /// how many.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn keep_in_doubt(
        &mut self,
        run: RunId,
        relay: RelayId,
        now: DateTime<Utc>,
    ) -> Result<u64, LedgerError> {
        let which = format!(
            "({} OR (state = {Queued} AND doubt = 1)) AND relay = {}",
            condition(Doubtful::Unskipped),
            relay.0
        );
        let set = format!(
            "state = {InDoubt}, next_try = 0, changed = ?2, doubt = NULL,
             reply = 'the relay `' || (SELECT name FROM relay WHERE id = copy.relay) || '` may have it, and is not in the config; not sent by another'"
        );
        let aside = (CopyState::InDoubt, now);
        let kept = self.change_all(run, (&which, &set), &[&millis(now)], aside)?;
        Ok(kept as u64)
    }

    /// Leaves the copies in doubt as they are, until a person asks for [`Doubtful::All`] of them.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn skip_in_doubt(&mut self, run: RunId, now: DateTime<Utc>) -> Result<(), LedgerError> {
        let set = format!("state = {InDoubt}, next_try = 0, changed = ?2, reply = ?3");
        let values: [&dyn ToSql; 2] = [&millis(now), &SKIPPED];
        let which = condition(Doubtful::Unskipped);
        self.change_all(run, (&which, &set), &values, (CopyState::InDoubt, now))
            .map(drop)
    }

    /// No queued copy waits beyond `latest`: not after a clock that ran ahead, nor after a longer back-off than the config's of today.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn wait_no_longer(&mut self, run: RunId, latest: DateTime<Utc>) -> Result<(), LedgerError> {
        let which = format!("state = {Queued} AND next_try > ?2");
        let aside = (CopyState::LeftOut, latest);
        self.change_all(run, (&which, "next_try = ?2"), &[&millis(latest)], aside)
            .map(drop)
    }

    /// How many copies of the run are in each state.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn tally(&self, run: RunId) -> Result<Tally, LedgerError> {
        self.read(|db| {
            let mut tally = Tally::default();
            let sql = format!(
                "SELECT state, count(*) FROM copy
                 WHERE {OF_RUN} AND NOT EXISTS (SELECT 1 FROM run_tally WHERE run = ?1) GROUP BY state
                 UNION ALL SELECT state, copies FROM run_tally WHERE run = ?1"
            );
            let mut statement = db.prepare_cached(&sql)?;
            let mut rows = statement.query([run.0])?;
            while let Some(row) = rows.next()? {
                count_in(&mut tally, row.get(0).ok(), row.get(1)?);
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

/// Unknown states are counted nowhere, so the tally does not balance and says so.
pub(super) fn count_in(tally: &mut Tally, state: Option<i64>, count: u64) {
    let place = match state.and_then(CopyState::of_number).map(CopyStatus::of) {
        Some(CopyStatus::Queued) => &mut tally.queued,
        Some(CopyStatus::InDoubt) => &mut tally.in_doubt,
        Some(CopyStatus::Accepted) => &mut tally.accepted,
        Some(CopyStatus::Rejected) => &mut tally.rejected,
        Some(CopyStatus::GivenUp) => &mut tally.given_up,
        Some(CopyStatus::LeftOut) => &mut tally.left_out,
        None => return,
    };
    *place += count;
}

/// The copies of the reader whose number follows. Each run is asked in turn: the index begins with it.
pub(super) const COPIES: &str =
    "SELECT copy.id FROM run CROSS JOIN copy ON copy.run = run.id AND copy.reader =";

/// The copies of run ?1. They lie together, so this reads no other run's.
pub(super) const OF_RUN: &str = "copy.id BETWEEN (SELECT first_copy FROM run WHERE id = ?1)
        AND (SELECT last_copy FROM run WHERE id = ?1)";

/// What marks a copy that was skipped, and says so in `status`.
const SKIPPED: &str = "the relay did not answer after the letter; not sent again, as asked";

fn condition(which: Doubtful) -> String {
    match which {
        Doubtful::Unskipped => {
            format!("(state = {Handing} OR (state = {InDoubt} AND reply IS NULL))")
        }
        Doubtful::All => {
            format!("(state IN ({Handing}, {InDoubt}) OR (state = {Queued} AND doubt = 1))")
        }
    }
}
