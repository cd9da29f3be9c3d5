//! How far the letters of welcome are, in the row of the sign-up that was confirmed. `welcome` is the number of the last one that was begun or passed
//! over: it is written before that letter is handed over, so a kill costs a letter at most, and never sends it again.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension as _};

use super::rows::{Unread, rows};
use super::{Ledger, instant, millis, text_of};
use crate::ledger::state::CopyState;
use crate::ledger::{LedgerError, RunId, WELCOMES, WelcomeDue};
use crate::model::address::Address;
use crate::model::reader::ReaderId;

/// Later than this after a confirmation nobody is welcomed.
const OVER: TimeDelta = TimeDelta::days(10);
/// Who confirms again within this time is not welcomed again.
const AGAIN: TimeDelta = TimeDelta::days(30);
/// Of such sign-ups; the condition of their index.
const OPEN: &str = "confirmed IS NOT NULL AND welcome < 4";

impl Ledger {
    /// The letters of welcome that may be due now, the first of each sign-up that is not done with, and when the next one may.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn welcomes_due(
        &self,
        most: u32,
        now: DateTime<Utc>,
    ) -> Result<(Vec<WelcomeDue>, Option<DateTime<Utc>>), LedgerError> {
        let due = format!(
            "SELECT id, reader, address, newsletters, confirmed, welcome FROM sign_up
             WHERE {OPEN} AND welcome_next <= ?1 AND confirmed > ?2 ORDER BY id LIMIT ?3"
        );
        let next =
            format!("SELECT min(welcome_next) FROM sign_up WHERE {OPEN} AND welcome_next > ?1");
        self.read(|db| {
            let times = (millis(now), millis(now - OVER), most);
            let found = rows(db, &due, times, |row| {
                let address = Address::parse(&text_of(row, 2).map_err(Unread::from)?)?;
                let newsletters = text_of(row, 3).map_err(Unread::from)?;
                Ok(WelcomeDue {
                    sign_up: row.get(0)?,
                    reader: ReaderId::from_ledger(row.get::<_, i64>(1)?.cast_unsigned()),
                    address,
                    newsletters: serde_json::from_str(&newsletters).unwrap_or_default(),
                    confirmed: row.get(4).map(instant)?,
                    number: row.get::<_, u8>(5)? + 1,
                })
            })?;
            let next: Option<i64> = db
                .prepare_cached(&next)?
                .query_row([millis(now)], |row| row.get(0))?;
            Ok((found.rows, next.map(instant)))
        })
    }

    /// Notes that this letter is begun or passed over, and before when the next one is not due. `false`: somebody else has, or the reader was
    /// welcomed lately by another sign-up; nothing is noted then.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn welcome_begun(
        &mut self,
        due: &WelcomeDue,
        next: DateTime<Utc>,
    ) -> Result<bool, LedgerError> {
        let again = "SELECT 1 FROM sign_up AS other WHERE other.key = sign_up.key AND other.id <> sign_up.id
             AND other.welcome > 0 AND other.confirmed > sign_up.confirmed - ?4";
        let sql = format!(
            "UPDATE sign_up SET welcome = ?2, welcome_next = ?3
             WHERE id = ?1 AND welcome = ?2 - 1 AND (welcome > 0 OR NOT EXISTS ({again}))"
        );
        self.write(|db| {
            let values = (
                due.sign_up,
                due.number,
                millis(next),
                AGAIN.num_milliseconds(),
            );
            Ok(db.prepare_cached(&sql)?.execute(values)? > 0)
        })
    }

    /// The letter did not leave, or is not due yet: it is looked at again then.
    ///
    /// # Errors
    /// The ledger cannot be written; if the letter was begun it never leaves.
    pub fn welcome_later(
        &mut self,
        due: &WelcomeDue,
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        self.set_welcome(due, due.number - 1, at)
    }

    /// There are no more letters for that sign-up.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn welcome_over(&mut self, due: &WelcomeDue) -> Result<(), LedgerError> {
        self.set_welcome(due, WELCOMES, due.confirmed)
    }

    fn set_welcome(
        &mut self,
        due: &WelcomeDue,
        welcome: u8,
        next: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        self.write(|db| {
            db.prepare_cached("UPDATE sign_up SET welcome = ?2, welcome_next = ?3 WHERE id = ?1")?
                .execute((due.sign_up, welcome, millis(next)))
        })
        .map(drop)
    }

    /// When a copy of that newsletter last went to the reader, or was queued for them, since then.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn last_copy(
        &self,
        reader: ReaderId,
        newsletter: &str,
        since: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, LedgerError> {
        // A long send may reach a reader a day after the freeze.
        let frozen = since - TimeDelta::days(1);
        self.read(|db| {
            let runs = "SELECT id FROM run WHERE newsletter = ?1 AND frozen > ?2";
            let mut latest = None;
            let mut runs = db.prepare_cached(runs)?;
            for run in runs.query_map((newsletter, millis(frozen)), |row| row.get(0))? {
                let copy = copy_of(db, run?, reader)?;
                latest = latest.max(copy.filter(|at| *at > millis(since)));
            }
            Ok(latest.map(instant))
        })
    }

    /// Whether the reader is among those who get that run.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn has_copy(&self, run: RunId, reader: ReaderId) -> Result<bool, LedgerError> {
        self.read(|db| Ok(copy_of(db, run.0, reader)?.is_some()))
    }
}

/// When the reader's copy of a run last changed; of one who was left out there is none.
fn copy_of(db: &Connection, run: i64, reader: ReaderId) -> rusqlite::Result<Option<i64>> {
    let left_out = CopyState::LeftOut;
    let sql =
        format!("SELECT changed FROM copy WHERE run = ?1 AND reader = ?2 AND state <> {left_out}");
    db.prepare_cached(&sql)?
        .query_row((run, reader.number().cast_signed()), |row| row.get(0))
        .optional()
}
