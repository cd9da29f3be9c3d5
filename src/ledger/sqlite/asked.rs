//! What a reader who is known asks for: to leave, other preferences, to be forgotten.

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::changes::{StoredPreferences, note};
use super::{readers, suppression};
use crate::ledger::policy::PREFERENCES_KEPT;
use crate::ledger::state::ChangeKind;
use crate::model::address::Address;
use crate::model::reader::{Preferences, ReaderId};
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
    // What was asked for before does not bring the reader back. To compare instants would not do: clocks are set.
    db.prepare_cached("DELETE FROM sign_up WHERE key = ?1 AND confirmed IS NULL")?
        .execute([key])?;
    Ok(true)
}

pub(super) fn prefer(
    db: &Connection,
    reader: ReaderId,
    preferences: &Preferences,
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
            let kept = StoredPreferences::of(preferences);
            note(
                db,
                reader,
                ChangeKind::Prefer,
                &key,
                Some((&kept, None)),
                now,
            )?;
            Ok(true)
        }
        _ => Ok(false),
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
    for table in ["change", "bounce"] {
        db.execute(&format!("DELETE FROM {table} WHERE reader = ?1"), [reader])?;
    }
    db.execute(
        "UPDATE reader SET key = ?2 WHERE id = ?1",
        (reader, suppression::erased_key(db, &key)?),
    )?;
    note(db, reader, ChangeKind::Erase, &key, None, now)?;
    Ok(true)
}
