//! What readers ask, each in its own words to the tables. Many are written in one commit.

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::changes::{Kept, note};
use super::{Ledger, readers, sign_ups, suppression};
use crate::ledger::LedgerError;
use crate::ledger::policy::PREFERENCES_KEPT;
use crate::ledger::state::ChangeKind;
use crate::model::address::Address;
use crate::model::ask::{Answer, Ask, Preferences, ReaderId};
use crate::model::subscriber::Suppression;

impl Ledger {
    /// Does what is asked, all in one commit if none of it is refused. What only looks at things is not answered here: [`Answer::Later`].
    pub(in crate::ledger) fn settle_asks(
        &mut self,
        asks: &[(&Ask, DateTime<Utc>)],
    ) -> Vec<Result<Answer, LedgerError>> {
        self.write_together(asks, |db, (ask, now)| settle(db, ask, *now))
    }
}

fn settle(db: &Connection, ask: &Ask, now: DateTime<Utc>) -> rusqlite::Result<Answer> {
    match ask {
        Ask::Leave(reader) => leave(db, *reader, now),
        Ask::SignUp(sign_up) => sign_ups::sign(db, sign_up, now),
        Ask::Confirm(id) => sign_ups::confirm(db, *id, now),
        Ask::Prefer(reader, preferences) => prefer(db, *reader, preferences, now),
        Ask::Erase(reader) => erase(db, *reader, now),
        Ask::Ready => sign_ups::touch(db),
        _ => Ok(Answer::Later),
    }
}

fn leave(db: &Connection, reader: ReaderId, now: DateTime<Utc>) -> rusqlite::Result<Answer> {
    let Some((reader, key)) = readers::key_of(db, reader)? else {
        return Ok(Answer::Unknown);
    };
    suppression::put(db, reader, Suppression::Unsubscribed, now)?;
    // What was asked for before does not bring the reader back. To compare instants would not do: clocks are set.
    db.prepare_cached("DELETE FROM sign_up WHERE key = ?1 AND confirmed IS NULL")?
        .execute([key])?;
    Ok(Answer::Done)
}

fn prefer(
    db: &Connection,
    reader: ReaderId,
    preferences: &Preferences,
    now: DateTime<Utc>,
) -> rusqlite::Result<Answer> {
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
            let kept = Kept::of(preferences);
            note(
                db,
                reader,
                ChangeKind::Prefer,
                &key,
                Some((&kept, None)),
                now,
            )?;
            Ok(Answer::Done)
        }
        _ => Ok(Answer::Unknown),
    }
}

/// The address becomes a hash; name, consent and wishes go. What is left in copies and in the file goes when the change is merged.
fn erase(db: &Connection, reader: ReaderId, now: DateTime<Utc>) -> rusqlite::Result<Answer> {
    let Some((reader, key)) = readers::key_of(db, reader)? else {
        return Ok(Answer::Unknown);
    };
    if suppression::is_erased(&key) {
        return Ok(Answer::Done);
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
    Ok(Answer::Done)
}
