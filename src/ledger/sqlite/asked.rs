//! What a reader who is known asks for: to leave, other preferences, to be forgotten.

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::changes::{Said, note};
use super::copies::COPIES;
use super::preferences::StoredPreferences;
use super::sign_of_life::alive;
use super::{Ledger, readers, suppression};
use crate::ledger::policy::PREFERENCES_KEPT;
use crate::ledger::state::ChangeKind;
use crate::ledger::{ErasedRows, LedgerError};
use crate::model::address::Address;
use crate::model::newsletter_name::NewsletterKey;
use crate::model::reader::{LeftNewsletter, Preferences, ReaderId, Switched};
use crate::model::rhythm::Frequency;
use crate::model::subscriber::Suppression;

/// `false`, here and below: there is no such reader.
pub(super) fn leave(
    db: &Connection,
    reader: ReaderId,
    now: DateTime<Utc>,
) -> rusqlite::Result<bool> {
    let Some((reader, key)) = readers::key_of(db, reader)? else {
        return Ok(false);
    };
    suppression::put(db, reader, Suppression::Unsubscribed, now)?;
    drop_open_sign_ups(db, &key)?;
    Ok(true)
}

/// What was asked for before does not bring a reader back who left. To compare instants would not do: clocks are set.
pub(super) fn drop_open_sign_ups(db: &Connection, key: &str) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM sign_up WHERE key = ?1 AND confirmed IS NULL")?
        .execute([key])
        .map(drop)
}

/// Leaves one of several newsletters; the others come as before.
pub(super) fn leave_one(
    db: &Connection,
    reader: ReaderId,
    newsletter: &LeftNewsletter,
    now: DateTime<Utc>,
) -> rusqlite::Result<bool> {
    let Some((reader, key)) = readers::key_of(db, reader)? else {
        return Ok(false);
    };
    suppression::leaves(db, reader, &newsletter.id, now)?;
    // What was asked for before does not bring the reader back, as above.
    if newsletter.is_alerts {
        db.prepare_cached("UPDATE sign_up SET alerts = 0 WHERE key = ?1 AND confirmed IS NULL")?
            .execute([key])?;
        return Ok(true);
    }
    let name = newsletter.name.as_ref().map(|name| format!("\"{name}\""));
    db.prepare_cached(
        "DELETE FROM sign_up WHERE key = ?1 AND confirmed IS NULL AND instr(newsletters, ?2) > 0",
    )?
    .execute((key, name))?;
    Ok(true)
}

/// `newsletters` are all that there are, where there are several: from the commit on the reader gets those they chose and no other.
pub(super) fn prefer(
    db: &Connection,
    reader: ReaderId,
    preferences: &Preferences,
    (newsletters, switched): (&[NewsletterKey], &Switched),
    now: DateTime<Utc>,
) -> rusqlite::Result<bool> {
    match readers::key_of(db, reader)? {
        Some((reader, key)) if !suppression::is_erased(&key) && Address::parse(&key).is_ok() => {
            // The last word replaces those that have not come into the file yet. Nobody fills the ledger with those that have.
            db.prepare_cached(
                "DELETE FROM change WHERE reader = ?1 AND kind = ?2 AND (
                     merged IS NULL
                     OR id <= (SELECT id FROM change WHERE reader = ?1 AND kind = ?2 ORDER BY id DESC LIMIT 1 OFFSET ?3)
                 )",
            )?
            .execute((reader, ChangeKind::Prefer as i64, PREFERENCES_KEPT))?;
            // What they left of newsletters that are not there now stays as it is: they may come back.
            if let Some(chosen) = &preferences.newsletters {
                let is_weekly = preferences.rhythm.frequency == Frequency::Weekly;
                for one in newsletters {
                    if chosen.contains(&one.name) {
                        suppression::wants(db, reader, &one.id)?;
                    } else if !(is_weekly && one.is_instead_of_any(chosen)) {
                        suppression::leaves(db, reader, &one.id, now)?;
                    }
                }
            }
            for id in &switched.on {
                suppression::wants(db, reader, id)?;
            }
            for id in &switched.off {
                suppression::leaves(db, reader, id, now)?;
            }
            alive(db, reader, now)?;
            let kept = StoredPreferences::of(preferences);
            let said = Said {
                preferences: &kept,
                consent: None,
            };
            note(db, reader, ChangeKind::Prefer, &key, Some(said), now)?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

impl Ledger {
    /// The number of that reader, also of one who was erased; `None`: nobody of that address was ever heard of.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn reader_of(&self, address: &Address) -> Result<Option<ReaderId>, LedgerError> {
        let number = self.read(|db| suppression::known(db, &address.key()))?;
        Ok(number.map(|number| ReaderId::from_ledger(number.cast_unsigned())))
    }

    /// Forgets the reader, as they can do themselves, and says what was held of them: one who was never heard of too, so that no list brings
    /// them back. Copies and file are cleaned when the change is merged.
    ///
    /// # Errors
    /// The ledger cannot be written; nothing is erased then.
    pub fn erase(
        &mut self,
        address: &Address,
        now: DateTime<Utc>,
    ) -> Result<ErasedRows, LedgerError> {
        self.write(|db| {
            let key = address.key();
            let number = suppression::reader(db, &key)?;
            let count = |sql: &str| db.query_row(sql, [number], |row| row.get::<_, u64>(0));
            let rows = ErasedRows {
                sign_ups: db.query_row(
                    "SELECT count(*) FROM sign_up WHERE key = ?1",
                    [&*key],
                    |row| row.get(0),
                )?,
                changes: count("SELECT count(*) FROM change WHERE reader = ?1")?,
                bounces: count("SELECT count(*) FROM bounce WHERE reader = ?1")?,
                copies: count(&format!(
                    "SELECT count(*) FROM copy WHERE id IN ({COPIES} ?1)"
                ))?,
            };
            erase(db, ReaderId::from_ledger(number.cast_unsigned()), now)?;
            Ok(rows)
        })
    }
}

/// The address becomes a hash; name, consent and wishes go. What is left in copies and in the file goes when the change is merged.
pub(super) fn erase(
    db: &Connection,
    reader: ReaderId,
    now: DateTime<Utc>,
) -> rusqlite::Result<bool> {
    let Some((reader, key)) = readers::key_of(db, reader)? else {
        return Ok(false);
    };
    if suppression::is_erased(&key) {
        return Ok(true);
    }
    suppression::put(db, reader, Suppression::Unsubscribed, now)?;
    db.execute("DELETE FROM sign_up WHERE key = ?1", [&key])?;
    for table in ["change", "bounce", "left_newsletter", "sign_of_life"] {
        db.execute(&format!("DELETE FROM {table} WHERE reader = ?1"), [reader])?;
    }
    db.execute(
        "UPDATE reader SET key = ?2 WHERE id = ?1",
        (reader, suppression::erased_key(db, &key)?),
    )?;
    note(db, reader, ChangeKind::Erase, &key, None, now)?;
    Ok(true)
}
