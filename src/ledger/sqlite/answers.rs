//! How often each answer to an edition's question was given. Who gave it is not known.

use rusqlite::Connection;

use super::Ledger;
use crate::ledger::{LedgerError, RunId};

/// Counts an answer, by its place in the question. There are never more answers than copies: beyond that it is a flood, and nothing is counted.
pub(super) fn count(db: &Connection, run: RunId, answer: usize) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO answer (run, answer, times) SELECT id, ?2, 1 FROM run
         WHERE id = ?1 AND frozen IS NOT NULL
             AND (SELECT coalesce(sum(times), 0) FROM answer WHERE run = ?1) <= last_copy - first_copy
         ON CONFLICT (run, answer) DO UPDATE SET times = times + 1",
    )?
    .execute((run.0, answer))?;
    Ok(())
}

impl Ledger {
    /// How often each of the two answers was given.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn answers(&self, run: RunId) -> Result<[u64; 2], LedgerError> {
        let rows = self.read(|db| {
            db.prepare_cached("SELECT answer, times FROM answer WHERE run = ?1")?
                .query_map([run.0], |row| Ok((row.get::<_, usize>(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<Vec<(usize, u64)>>>()
        })?;
        let mut answers = [0; 2];
        for (answer, times) in rows {
            if let Some(place) = answers.get_mut(answer) {
                *place = times;
            }
        }
        Ok(answers)
    }
}
