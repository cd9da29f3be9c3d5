//! Old copies go (`[ledger] keep`). What stays of a run is its edition, its stories, its pages and its tally.
//!
//! The tally of a run is written down in one commit before the first of its copies goes: from that instant on it is what the run says of
//! itself, so a crash in between loses nothing and the next pruning goes on. Copies go in small batches with pauses between them: whoever
//! else writes waits for one batch at most.

use chrono::{DateTime, Utc};
use rusqlite::OptionalExtension as _;

use super::{Ledger, approvals, millis, versions};
use crate::ledger::state::CopyState::{Handing, Queued};
use crate::ledger::{LedgerError, Pruned};

/// How many copies go in one transaction.
const BATCH: u64 = 5_000;

/// The pause between two transactions, in which others may write.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(5);

impl Ledger {
    /// Deletes the copies of runs frozen before `until`, oldest first, up to about `most` copies. Never those of a run that is not sent to
    /// its end, nor those of the newest run. Versions of edition files and approvals that are as old go too.
    ///
    /// # Errors
    /// The ledger cannot be written; what went before is gone.
    pub fn prune(&mut self, until: DateTime<Utc>, most: u64) -> Result<Pruned, LedgerError> {
        let mut pruned = Pruned::default();
        self.write(|db| {
            approvals::forget(db, millis(until))?;
            versions::forget(db, millis(until))
        })?;
        while let Some((run, first, last)) = self.next_to_prune(until)? {
            if pruned.copies >= most {
                pruned.more = true;
                break;
            }
            self.write(|db| {
                db.execute(
                    "INSERT OR IGNORE INTO run_tally (run, state, copies)
                     SELECT ?1, state, count(*) FROM copy WHERE id BETWEEN ?2 AND ?3 GROUP BY state",
                    (run, first, last),
                )
            })?;
            let mut from = first;
            while from <= last {
                let to = last.min(from + BATCH.cast_signed() - 1);
                pruned.copies += self.write(|db| {
                    db.prepare_cached("DELETE FROM copy WHERE id BETWEEN ?1 AND ?2")?
                        .execute((from, to))
                })? as u64;
                from = to + 1;
                std::thread::sleep(PAUSE);
            }
            pruned.runs += 1;
        }
        Ok(pruned)
    }

    /// The oldest run that has copies which may go, and where they lie.
    fn next_to_prune(&self, until: DateTime<Utc>) -> Result<Option<(i64, i64, i64)>, LedgerError> {
        self.read(|db| {
            db.prepare_cached(&format!(
                "SELECT id, first_copy, last_copy FROM run
                 WHERE frozen < ?1 AND last_copy < (SELECT max(last_copy) FROM run)
                 AND EXISTS (SELECT 1 FROM copy WHERE copy.id BETWEEN first_copy AND last_copy)
                 AND NOT EXISTS (SELECT 1 FROM copy INDEXED BY copy_queued WHERE run = run.id AND state = {Queued})
                 AND NOT EXISTS (SELECT 1 FROM copy INDEXED BY copy_handing WHERE run = run.id AND state = {Handing})
                 ORDER BY frozen LIMIT 1"
            ))?
            .query_row([millis(until)], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()
        })
    }

    /// Gives the room of what was deleted back to the disk. It takes as much room again while it works, and others who write wait for it.
    /// How many bytes the file has now, and had before.
    ///
    /// # Errors
    /// The ledger cannot be written, or the disk has no room for a second one; nothing is lost.
    pub fn compact(&mut self) -> Result<(u64, u64), LedgerError> {
        let bytes = |ledger: &Self| {
            ledger.read(|db| {
                let pages: u64 = db.pragma_query_value(None, "page_count", |row| row.get(0))?;
                let size: u64 = db.pragma_query_value(None, "page_size", |row| row.get(0))?;
                Ok(pages * size)
            })
        };
        let before = bytes(self)?;
        self.read(|db| db.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)"))?;
        Ok((bytes(self)?, before))
    }
}
