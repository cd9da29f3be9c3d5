//! How many letters each relay took on a day, for the daily quotas of providers. Kept over runs; the days are those of UTC.

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{Connection, OptionalExtension as _};

use super::Ledger;
use crate::ledger::LedgerError;
use crate::ledger::policy::QUOTA_KEPT;

impl Ledger {
    /// How many letters the relay of that name took, or may have taken, on that day.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn handed(&self, relay: &str, day: NaiveDate) -> Result<u64, LedgerError> {
        self.read(|db| {
            let count = db
                .prepare_cached("SELECT letters FROM handed WHERE relay = ?1 AND day = ?2")?
                .query_row((relay, day.to_string()), |row| row.get(0))
                .optional()?;
            Ok(count.unwrap_or_default())
        })
    }

    /// Counts letters that belong to no run. Those of a run are counted by the commit that settles them ([`crate::ledger::CommitRequest::relay`]).
    ///
    /// # Errors
    /// The ledger cannot be written; nothing is counted then.
    pub fn count_handed(
        &mut self,
        relay: &str,
        letters: u64,
        now: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        self.write(|db| count(db, relay, letters, now))
    }
}

pub(super) fn count(
    db: &Connection,
    relay: &str,
    letters: u64,
    now: DateTime<Utc>,
) -> rusqlite::Result<()> {
    let day = now.date_naive();
    let updated = db
        .prepare_cached("UPDATE handed SET letters = letters + ?3 WHERE relay = ?1 AND day = ?2")?
        .execute((relay, day.to_string(), letters))?;
    if updated == 0 {
        db.execute(
            "DELETE FROM handed WHERE day < ?1",
            [(day - QUOTA_KEPT).to_string()],
        )?;
        db.execute(
            "INSERT INTO handed (relay, day, letters) VALUES (?1, ?2, ?3)",
            (relay, day.to_string(), letters),
        )?;
    }
    Ok(())
}
