//! The letters by which sign-ups are confirmed, while they wait for the relay.

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::rows::{Unread, rows};
use super::{Ledger, instant, millis, suppression, text_of};
use crate::ledger::policy::{self, CHANGES_KEPT, LONGEST_WAIT, SIGN_UP_VALID};
use crate::ledger::state::LetterState;
use crate::ledger::{Handed, LedgerError, Letters, WaitingLetter};
use crate::model::address::Address;
use crate::model::line::Line;

const WAITING: LetterState = LetterState::Waiting;

impl Ledger {
    /// The letters that may go to the relay now, and when the next one may. A reader whose address bounced gets none any more;
    /// a sign-up that nobody confirmed is forgotten.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn letters_waiting(
        &mut self,
        most: u32,
        now: DateTime<Utc>,
    ) -> Result<Letters, LedgerError> {
        let over = millis(now - SIGN_UP_VALID - CHANGES_KEPT);
        let any = format!(
            "SELECT 1 FROM sign_up WHERE letter = {WAITING} OR confirmed IS NULL AND at < ?1"
        );
        if !self.read(|db| db.prepare_cached(&any)?.exists([over]))? {
            return Ok(Letters::default());
        }
        let due = format!(
            "SELECT id, address, at, tries, newsletters FROM sign_up
             WHERE letter = {WAITING} AND (next_try <= ?1 OR next_try > ?2)
             ORDER BY next_try, id LIMIT ?3"
        );
        let next =
            format!("SELECT min(next_try) FROM sign_up WHERE letter = {WAITING} AND next_try > ?1");
        self.write(|db| {
            db.prepare_cached("DELETE FROM sign_up WHERE confirmed IS NULL AND at < ?1")?
                .execute([over])?;
            let times = (millis(now), millis(now + LONGEST_WAIT), most);
            let found = rows(db, &due, times, |row| {
                let id: i64 = row.get(0)?;
                let address = Address::parse(&text_of(row, 1).map_err(Unread::from)?);
                let newsletters = text_of(row, 4).map_err(Unread::from)?;
                let newsletters = serde_json::from_str(&newsletters).unwrap_or_default();
                Ok((
                    id,
                    address,
                    row.get(2).map(instant)?,
                    row.get(3)?,
                    newsletters,
                ))
            })?;
            let mut letters = Letters::default();
            for (id, address, at, tries, newsletters) in found.rows {
                match address {
                    Ok(address) if is_wanted(db, &address)? => {
                        let id = id.cast_unsigned();
                        letters.waiting.push(WaitingLetter {
                            id,
                            address,
                            at,
                            tries,
                            newsletters,
                        });
                        continue;
                    }
                    Ok(_) => {}
                    Err(error) => letters.broken.push(Line::clean(&error.to_string())),
                }
                let unwanted = LetterState::Unwanted as i64;
                db.execute(
                    "UPDATE sign_up SET letter = ?2 WHERE id = ?1",
                    (id, unwanted),
                )?;
            }
            let next: Option<i64> = db
                .prepare_cached(&next)?
                .query_row([millis(now)], |row| row.get(0))?;
            letters.next = next.map(instant);
            Ok(letters)
        })
    }

    /// What became of the letter of that sign-up.
    ///
    /// # Errors
    /// The ledger cannot be written; the letter goes out once more then, with the same Message-ID.
    pub fn letter_handed(&mut self, id: u64, handed: Handed) -> Result<(), LedgerError> {
        let (letter, next_try) = match handed {
            Handed::Over => (LetterState::HandedOver, 0),
            Handed::Later(at) => (WAITING, millis(at)),
            Handed::GivenUp => (LetterState::GivenUp, 0),
        };
        let sql = format!(
            "UPDATE sign_up SET letter = ?2, next_try = ?3, tries = tries + 1
             WHERE id = ?1 AND letter = {WAITING}"
        );
        self.write(|db| {
            db.prepare_cached(&sql)?
                .execute((id.cast_signed(), letter as i64, next_try))
        })
        .map(drop)
    }
}

/// Whether a letter to confirm may still go there. A reader who left and has not asked since has no sign-up any more.
fn is_wanted(db: &Connection, address: &Address) -> rusqlite::Result<bool> {
    let Some(reader) = suppression::known(db, &address.key())? else {
        return Ok(true);
    };
    let suppressed = suppression::of(db, reader)?;
    Ok(policy::may_come_back(suppressed.map(|(why, _)| why)))
}
