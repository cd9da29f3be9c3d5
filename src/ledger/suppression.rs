//! Readers' numbers, and the suppression list.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _};

use super::audit::restore;
use super::{Ledger, LedgerError, instant, millis};
use crate::address::Address;
use crate::subscriber::Suppression;

/// One entry of the suppression list.
#[derive(Clone, Debug)]
pub struct Suppressed {
    /// Who.
    pub address: Address,
    /// Why.
    pub reason: Suppression,
    /// Since when.
    pub since: DateTime<Utc>,
}

impl Ledger {
    /// Puts addresses on the list; the reason of one that stands there already stays. How many were new.
    ///
    /// # Errors
    /// The ledger cannot be written; none is on the list then.
    pub fn suppress(
        &mut self,
        addresses: &[Address],
        reason: Suppression,
        now: DateTime<Utc>,
    ) -> Result<usize, LedgerError> {
        self.write(|db| {
            let mut new = 0;
            for address in addresses {
                let reader = reader(db, &address.key())?;
                new += db.prepare_cached("INSERT OR IGNORE INTO suppressed (reader, reason, since) VALUES (?1, ?2, ?3)")?.execute((reader, reason.code(), millis(now)))?;
            }
            Ok(new)
        })
    }

    /// Takes addresses off the list. How many stood on it.
    ///
    /// # Errors
    /// The ledger cannot be written; all are still on the list then.
    pub fn unsuppress(&mut self, addresses: &[Address]) -> Result<usize, LedgerError> {
        self.write(|db| {
            let mut lifted = 0;
            for address in addresses {
                lifted += db.execute(
                    "DELETE FROM suppressed WHERE reader = (SELECT id FROM reader WHERE key = ?1)",
                    [&*address.key()],
                )?;
            }
            Ok(lifted)
        })
    }

    /// The whole list, oldest first.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn suppressed(&self) -> Result<Vec<Suppressed>, LedgerError> {
        let rows = self.read(|db| {
            db.prepare("SELECT key, reason, since FROM suppressed JOIN reader ON reader.id = suppressed.reader ORDER BY since / 1000, key")?
                .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?)))?
                .collect::<rusqlite::Result<Vec<_>>>()
        })?;
        rows.into_iter()
            .map(|(key, reason, since)| {
                let reason =
                    Suppression::of_code(&reason).ok_or(LedgerError::Nonsense { what: reason })?;
                Ok(Suppressed {
                    address: restore(&key)?,
                    reason,
                    since: instant(since),
                })
            })
            .collect()
    }
}

/// The reader's number; a new one if she was never seen.
pub(super) fn reader(db: &Connection, key: &str) -> rusqlite::Result<i64> {
    let known = db
        .prepare_cached("SELECT id FROM reader WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()?;
    if let Some(reader) = known {
        Ok(reader)
    } else {
        db.prepare_cached("INSERT INTO reader (key) VALUES (?1)")?
            .execute([key])?;
        Ok(db.last_insert_rowid())
    }
}

/// Whether the reader is on the list.
pub(super) fn holds(db: &Connection, reader: i64) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT 1 FROM suppressed WHERE reader = ?1")?
        .exists([reader])
}
