//! When a reader last gave a sign of life, whether they were asked for one, and whether silence has paused them.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _};

use super::changes::{Said, note};
use super::preferences::StoredPreferences;
use super::rows::rows;
use super::{Ledger, instant, millis, readers, suppression};
use crate::ledger::state::ChangeKind;
use crate::ledger::{LedgerError, Silent};
use crate::model::address::Address;
use crate::model::reader::{Preferences, ReaderId};

/// So many readers are written down in one transaction: those who ask for something meanwhile wait for no more.
const BATCH: usize = 2_000;

/// The reader does something: they are not asked for a long time.
pub(super) fn alive(db: &Connection, reader: i64, now: DateTime<Utc>) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO sign_of_life (reader, at) VALUES (?1, ?2)
         ON CONFLICT (reader) DO UPDATE SET at = ?2, asked = NULL, paused = NULL",
    )?
    .execute((reader, millis(now)))
    .map(drop)
}

/// The reader wants to go on: they are also no longer paused, if `resumed` are their preferences without the pause. `false`: there is no such reader.
pub(super) fn stay(
    db: &Connection,
    reader: ReaderId,
    resumed: Option<&Preferences>,
    now: DateTime<Utc>,
) -> rusqlite::Result<bool> {
    match readers::key_of(db, reader)? {
        Some((reader, key)) if !suppression::is_erased(&key) => {
            alive(db, reader, now)?;
            if let Some(resumed) = resumed {
                prefers(db, reader, &key, resumed, now)?;
            }
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// Only the pause changes: what they left of several newsletters stays left.
fn prefers(
    db: &Connection,
    reader: i64,
    key: &str,
    preferences: &Preferences,
    now: DateTime<Utc>,
) -> rusqlite::Result<()> {
    let kept = StoredPreferences::of(preferences);
    let said = Said {
        preferences: &kept,
        consent: None,
    };
    note(db, reader, ChangeKind::Prefer, key, Some(said), now)
}

impl Ledger {
    /// Writes down who gets letters, each with the day from when on nothing is known of them, where nothing is known yet. Whoever was paused by
    /// silence and gets letters again was taken up again by hand: that is a sign of life.
    ///
    /// # Errors
    /// The ledger cannot be written; those before are written down.
    pub fn known_to_get(
        &mut self,
        readers: &[(Address, DateTime<Utc>)],
        now: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        for some in readers.chunks(BATCH) {
            self.write(|db| {
                for (address, since) in some {
                    let reader = suppression::reader(db, &address.key())?;
                    db.prepare_cached(
                        "INSERT INTO sign_of_life (reader, at) VALUES (?1, ?2) ON CONFLICT (reader) DO NOTHING",
                    )?
                    .execute((reader, millis(*since)))?;
                    // A pause comes into the file within a day.
                    db.prepare_cached(
                        "UPDATE sign_of_life SET at = ?2, asked = NULL, paused = NULL
                         WHERE reader = ?1 AND paused < ?2 - 86400000
                         AND NOT EXISTS (SELECT 1 FROM change WHERE change.reader = ?1 AND merged IS NULL)",
                    )?
                    .execute((reader, millis(now)))?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Nothing was to be heard of that reader, who gets no letters: they are looked at again much later.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn gets_none(&mut self, reader: ReaderId, now: DateTime<Utc>) -> Result<(), LedgerError> {
        self.write(|db| alive(db, reader.number().cast_signed(), now))
    }

    /// How many were asked since then.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn asked_since(&self, then: DateTime<Utc>) -> Result<u32, LedgerError> {
        let sql = "SELECT count(*) FROM sign_of_life WHERE asked > ?1";
        self.read(|db| {
            db.prepare_cached(sql)?
                .query_row([millis(then)], |row| row.get(0))
        })
    }

    /// Who gave no sign of life since `last` and was not asked, longest first.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn silent(&self, last: DateTime<Utc>, most: u32) -> Result<Vec<Silent>, LedgerError> {
        self.silent_of("at <= ?1 AND asked IS NULL ORDER BY at", last, most)
    }

    /// Who was asked before `then` and has not answered.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn silent_since(&self, then: DateTime<Utc>, most: u32) -> Result<Vec<Silent>, LedgerError> {
        self.silent_of("asked <= ?1 AND paused IS NULL ORDER BY asked", then, most)
    }

    fn silent_of(
        &self,
        which: &str,
        then: DateTime<Utc>,
        most: u32,
    ) -> Result<Vec<Silent>, LedgerError> {
        let sql = format!(
            "SELECT reader, key, at FROM sign_of_life JOIN reader ON reader.id = sign_of_life.reader
             WHERE reader NOT IN (SELECT reader FROM suppressed) AND {which} LIMIT ?2"
        );
        let found = self.read(|db| {
            rows(db, &sql, (millis(then), most), |row| {
                Ok(Silent {
                    reader: ReaderId::from_ledger(row.get::<_, i64>(0)?.cast_unsigned()),
                    address: Address::parse(&row.get::<_, String>(1)?)?,
                    last: row.get(2).map(instant)?,
                })
            })
        })?;
        Ok(found.rows)
    }

    /// Notes that the reader is being asked, before the letter is handed over, or that the letter did not leave (`None`). `false`: they gave a sign
    /// meanwhile, or somebody else asks them.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn asks_silent(
        &mut self,
        silent: &Silent,
        asked: Option<DateTime<Utc>>,
    ) -> Result<bool, LedgerError> {
        let sql = "UPDATE sign_of_life SET asked = ?3 WHERE reader = ?1 AND at = ?2 AND (asked IS NULL) = (?3 IS NOT NULL)";
        let reader = silent.reader.number().cast_signed();
        self.write(|db| {
            let values = (reader, millis(silent.last), asked.map(millis));
            Ok(db.prepare_cached(sql)?.execute(values)? > 0)
        })
    }

    /// Pauses a reader who was asked and did not answer, unless they gave a sign meanwhile; without preferences nothing is to be paused any more.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn pauses_silent(
        &mut self,
        silent: &Silent,
        paused: Option<&Preferences>,
        now: DateTime<Utc>,
    ) -> Result<bool, LedgerError> {
        let sql = "UPDATE sign_of_life SET paused = ?3 WHERE reader = ?1 AND at = ?2 AND asked IS NOT NULL AND paused IS NULL";
        let reader = silent.reader.number().cast_signed();
        self.write(|db| {
            let values = (reader, millis(silent.last), millis(now));
            if db.prepare_cached(sql)?.execute(values)? == 0 {
                return Ok(false);
            }
            if let Some(paused) = paused {
                prefers(db, reader, &silent.address.key(), paused, now)?;
            }
            Ok(true)
        })
    }

    /// Whether silence has paused that reader.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn is_paused_by_silence(&self, reader: ReaderId) -> Result<bool, LedgerError> {
        let sql = "SELECT paused IS NOT NULL FROM sign_of_life WHERE reader = ?1";
        self.read(|db| {
            let paused = db
                .prepare_cached(sql)?
                .query_row([reader.number().cast_signed()], |row| row.get(0))
                .optional()?;
            Ok(paused.unwrap_or(false))
        })
    }
}
