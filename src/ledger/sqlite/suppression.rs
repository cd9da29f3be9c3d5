//! Readers' numbers, and the suppression list.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _};

use super::rows::{FoundRows, rows};
use super::{Ledger, instant, millis, text_of};
use crate::ledger::policy;
use crate::ledger::{LedgerError, Suppressed};
use crate::model::address::Address;
use crate::model::subscriber::{LeftOut, Suppression};
use crate::model::token::keyed_hash;

impl Ledger {
    /// Puts addresses on the list; where there is a reason already, the one that counts more is kept. How many were new.
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
                new += usize::from(put(db, reader, reason, now)?);
            }
            Ok(new)
        })
    }

    /// Puts each on the list with its own reason and date, as above. How many were new.
    ///
    /// # Errors
    /// The ledger cannot be written; none of them is on the list then.
    pub fn suppress_each(&mut self, entries: &[Suppressed]) -> Result<usize, LedgerError> {
        self.write(|db| {
            let mut new = 0;
            for entry in entries {
                let reader = reader(db, &entry.address.key())?;
                new += usize::from(put(db, reader, entry.reason, entry.since)?);
            }
            Ok(new)
        })
    }

    /// Takes addresses off the list, and forgets which of several newsletters they left. How many were on it or had left one.
    ///
    /// # Errors
    /// The ledger cannot be written; all are still on the list then.
    pub fn unsuppress(&mut self, addresses: &[Address]) -> Result<usize, LedgerError> {
        self.write(|db| {
            let mut lifted = 0;
            for address in addresses {
                let reader = known(db, &address.key())?;
                let on_list = db.execute("DELETE FROM suppressed WHERE reader = ?1", [reader])?;
                let sql = "DELETE FROM left_newsletter WHERE reader = ?1";
                lifted += on_list.max(db.execute(sql, [reader])?.min(1));
            }
            Ok(lifted)
        })
    }

    /// Who left the newsletter of that id, of several.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn who_left(&self, newsletter: &str) -> Result<FoundRows<Address>, LedgerError> {
        self.read(|db| {
            let sql =
                "SELECT key FROM left_newsletter JOIN reader ON reader.id = left_newsletter.reader
                WHERE newsletter = ?1";
            rows(db, sql, [newsletter], |row| {
                Ok(Address::parse(&row.get::<_, String>(0)?)?)
            })
        })
    }

    /// Who left one of several newsletters and is not on the list, oldest first: the address, the newsletter's id, since when.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn left_one(&self) -> Result<FoundRows<(Address, String, DateTime<Utc>)>, LedgerError> {
        self.read(|db| {
            let sql = "SELECT key, newsletter, since FROM left_newsletter JOIN reader ON reader.id = left_newsletter.reader
                WHERE reader NOT IN (SELECT reader FROM suppressed) ORDER BY since / 1000, key, newsletter";
            rows(db, sql, [], |row| {
                let address = Address::parse(&row.get::<_, String>(0)?)?;
                Ok((address, row.get(1)?, instant(row.get(2)?)))
            })
        })
    }

    /// The whole list, oldest first.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn suppressed(&self) -> Result<FoundRows<Suppressed>, LedgerError> {
        self.read(|db| {
            let sql = "SELECT key, reason, since FROM suppressed JOIN reader ON reader.id = suppressed.reader
                ORDER BY since / 1000, key";
            rows(db, sql, [], |row| {
                Ok(Suppressed {
                    address: Address::parse(&row.get::<_, String>(0)?)?,
                    reason: reason(&row.get::<_, String>(1)?),
                    since: instant(row.get(2)?),
                })
            })
        })
    }

    /// Why and since when that address is on the list.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn suppression_of(&self, address: &Address) -> Result<Option<Suppressed>, LedgerError> {
        self.read(|db| {
            let Some(reader) = known(db, &address.key())? else {
                return Ok(None);
            };
            Ok(of(db, reader)?.map(|(reason, since)| Suppressed {
                address: address.clone(),
                reason,
                since: instant(since),
            }))
        })
    }
}

/// The reader's number; a new one if they were never seen.
pub(super) fn reader(db: &Connection, key: &str) -> rusqlite::Result<i64> {
    if let Some(reader) = known(db, key)? {
        return Ok(reader);
    }
    db.prepare_cached("INSERT INTO reader (key) VALUES (?1)")?
        .execute([key])?;
    Ok(db.last_insert_rowid())
}

/// The number of a reader who has one, also of one who was erased and is known by a hash.
pub(super) fn known(db: &Connection, key: &str) -> rusqlite::Result<Option<i64>> {
    let find = |key: &str| {
        db.prepare_cached("SELECT id FROM reader WHERE key = ?1")?
            .query_row([key], |row| row.get(0))
            .optional()
    };
    if let Some(reader) = find(key)? {
        return Ok(Some(reader));
    }
    // Few newsrooms ever erase anybody, and a hash for every newcomer of a large file takes its time.
    let mut any = db.prepare_cached("SELECT 1 FROM reader WHERE key >= ?1 AND key < ?2")?;
    if any.exists([format!("{ERASED}."), format!("{ERASED}/")])? {
        find(&erased_key(db, key)?)
    } else {
        Ok(None)
    }
}

/// What the key of an erased reader begins with. It is an address, which goes nowhere (RFC 2606 section 2), so that lists that show keys
/// go on working.
pub(super) const ERASED: &str = "erased";

/// The key under which that reader is known once they are erased.
pub(super) fn erased_key(db: &Connection, key: &str) -> rusqlite::Result<String> {
    let salt: Vec<u8> = db
        .prepare_cached("SELECT value FROM salt")?
        .query_row([], |row| row.get(0))?;
    Ok(format!(
        "{ERASED}.{}@erased.invalid",
        keyed_hash(&salt, key)
    ))
}

/// Whether that key is an erased reader's.
pub(super) fn is_erased(key: &str) -> bool {
    key.ends_with("@erased.invalid")
}

/// Why and since when the reader is on the list.
pub(super) fn of(db: &Connection, reader: i64) -> rusqlite::Result<Option<(Suppression, i64)>> {
    let row = db
        .prepare_cached("SELECT reason, since FROM suppressed WHERE reader = ?1")?
        .query_row([reader], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))
        .optional()?;
    Ok(row.map(|(code, since)| (reason(&code), since)))
}

/// A reason that this program does not know is a person's, whom no reader overrules.
fn reason(code: &str) -> Suppression {
    Suppression::of_code(code).unwrap_or(Suppression::ByHand)
}

/// Puts the reader on the list, unless the reason that is there counts more. Whether that changed anything.
pub(super) fn put(
    db: &Connection,
    reader: i64,
    why: Suppression,
    now: DateTime<Utc>,
) -> rusqlite::Result<bool> {
    let old = of(db, reader)?.map(|(why, _)| why);
    let is_new = policy::outranks(why, old);
    if is_new {
        db.prepare_cached(
            "INSERT OR REPLACE INTO suppressed (reader, reason, since) VALUES (?1, ?2, ?3)",
        )?
        .execute((reader, why.code(), millis(now)))?;
    }
    Ok(is_new)
}

/// Whether the reader left, and has not come back.
pub(super) fn has_left(db: &Connection, reader: i64) -> rusqlite::Result<bool> {
    let why = of(db, reader)?.map(|(why, _)| why);
    Ok(why == Some(Suppression::Unsubscribed))
}

/// The reader's key as it is written, whatever it is.
pub(super) fn key_of(db: &Connection, reader: i64) -> rusqlite::Result<Option<String>> {
    db.prepare_cached("SELECT key FROM reader WHERE id = ?1")?
        .query_row([reader], |row| text_of(row, 0))
        .optional()
}

/// Why the reader gets no copy of that run, if they get none: they are on the list, or left its newsletter.
pub(super) fn bars(db: &Connection, reader: i64, run: i64) -> rusqlite::Result<Option<LeftOut>> {
    let listed = "SELECT 1 FROM suppressed WHERE reader = ?1";
    if db.prepare_cached(listed)?.exists([reader])? {
        return Ok(Some(LeftOut::Suppressed));
    }
    let left = "SELECT 1 FROM left_newsletter
        WHERE reader = ?1 AND newsletter = (SELECT newsletter FROM run WHERE id = ?2)";
    let has_left = db.prepare_cached(left)?.exists([reader, run])?;
    Ok(has_left.then_some(LeftOut::Left))
}

/// Which of several newsletters the reader left, and when.
pub(super) fn left_by(db: &Connection, reader: i64) -> rusqlite::Result<Vec<(String, i64)>> {
    let sql = "SELECT newsletter, since FROM left_newsletter WHERE reader = ?1 ORDER BY newsletter";
    db.prepare_cached(sql)?
        .query_map([reader], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// The reader wants that newsletter, perhaps after they had left it.
pub(super) fn wants(db: &Connection, reader: i64, newsletter: &str) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM left_newsletter WHERE reader = ?1 AND newsletter = ?2")?
        .execute((reader, newsletter))
        .map(drop)
}

/// The reader left that newsletter, perhaps before.
pub(super) fn leaves(
    db: &Connection,
    reader: i64,
    newsletter: &str,
    now: DateTime<Utc>,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT OR IGNORE INTO left_newsletter (reader, newsletter, since) VALUES (?1, ?2, ?3)",
    )?
    .execute((reader, newsletter, millis(now)))
    .map(drop)
}
