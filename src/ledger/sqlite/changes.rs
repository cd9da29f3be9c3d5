//! What readers changed, on its way into the subscribers file.
//!
//! A change is here from the commit on which the reader was answered. It is merged into the file, and stays for a day longer: an editor
//! who had the file open may save it as it was before, and then the file says again exactly what it said before the change. Erasing leaves
//! nothing here.

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{Connection, Row};

use super::preferences::StoredPreferences;
use super::rows::{Unread, rows};
use super::{Ledger, instant, is_about_a_row, millis, subscribers, suppression, text_of};
use crate::ledger::policy::CHANGES_KEPT;
use crate::ledger::state::ChangeKind;
use crate::ledger::{Change, Changes, LedgerError, ReaderChange};
use crate::model::address::Address;
use crate::model::line::Line;
use crate::model::reader::Preferences;

/// So many changes are merged in one go, and looked at again; what is more comes next.
const BATCH: u32 = 10_000;

impl Ledger {
    /// The changes that belong into the file, oldest first: those that were never merged, and the latest of those that were.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn changes(&self) -> Result<Changes, LedgerError> {
        let sql = format!(
            "{CHANGES}
            WHERE id IN (SELECT id FROM change WHERE merged IS NULL ORDER BY id LIMIT ?1)
            OR id IN (SELECT id FROM change WHERE merged IS NOT NULL ORDER BY id DESC LIMIT ?1)
            ORDER BY id"
        );
        let found = self.read(|db| {
            rows(db, &sql, [BATCH], |row| {
                let (id, merged) = (row.get(0)?, row.get::<_, Option<i64>>(6)?);
                match read_change(row) {
                    Ok(change) => Ok(Ok(change)),
                    Err(Unread::Value(what)) => Ok(Err((id, merged.is_none(), what))),
                    Err(failed) => Err(failed),
                }
            })
        })?;
        let mut changes = Changes::default();
        for row in found.rows {
            match row {
                Ok(change) => changes.readable.push(change),
                Err((id, true, what)) => changes.broken.push((id, what)),
                // It was set aside before.
                Err((_, false, _)) => {}
            }
        }
        Ok(changes)
    }

    /// Whether a change has never been merged.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn has_unmerged_changes(&self) -> Result<bool, LedgerError> {
        self.read(|db| {
            db.prepare_cached("SELECT 1 FROM change WHERE merged IS NULL")?
                .exists([])
        })
    }

    /// These changes are in the file now; with what it said before. What was merged a day ago is forgotten, erased readers at once. A row that the
    /// ledger refuses stays as it is, and [`Ledger::take_refused`] says so: that change is merged once more.
    ///
    /// # Errors
    /// The ledger cannot be written; they are merged once more then.
    pub fn merged(
        &mut self,
        changes: &[(i64, Option<Preferences>)],
        now: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let erases = self.forget_erased()?;
        let refused = self.write(|db| {
            let mut refused = Vec::new();
            let mut mark = db.prepare_cached(
                "UPDATE change SET merged = coalesce(merged, ?2), before = ?3 WHERE id = ?1",
            )?;
            for (id, before) in changes {
                let before = before
                    .as_ref()
                    .map(|before| StoredPreferences::of(before).to_text());
                refused.extend(refusal(mark.execute((id, millis(now), before)))?);
            }
            let mut forget = db.prepare_cached("DELETE FROM change WHERE id = ?1")?;
            let old = rows(
                db,
                "SELECT id FROM change WHERE merged < ?1 OR merged IS NOT NULL AND kind = ?2",
                (millis(now - CHANGES_KEPT), ChangeKind::Erase as i64),
                |row| Ok(row.get::<_, i64>(0)?),
            )?;
            for id in old.rows {
                refused.extend(refusal(forget.execute([id]))?);
            }
            Ok(refused)
        })?;
        self.refused.extend(refused);
        if erases {
            // What was deleted is still in the log of the writes before; while somebody reads, it stays there for a while.
            self.read(|db| db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())))?;
        }
        Ok(())
    }

    /// Copies of erased readers keep neither name nor address. Whether there were such readers.
    fn forget_erased(&mut self) -> Result<bool, LedgerError> {
        let any = self.read(|db| {
            db.prepare_cached("SELECT 1 FROM change WHERE kind = ?1")?
                .exists([ChangeKind::Erase as i64])
        })?;
        if any {
            let refused = self.write(|db| {
                // Each run is asked in turn: the index begins with it.
                let theirs = "SELECT copy.id FROM change CROSS JOIN run CROSS JOIN copy
                    ON copy.run = run.id AND copy.reader = change.reader
                    WHERE kind = ?1 AND (copy.address IS NOT NULL OR copy.name IS NOT NULL)";
                let copies = rows(db, theirs, [ChangeKind::Erase as i64], |row| {
                    Ok(row.get::<_, i64>(0)?)
                })?;
                let mut refused = Vec::new();
                let mut forget =
                    db.prepare_cached("UPDATE copy SET address = NULL, name = NULL WHERE id = ?1")?;
                for id in copies.rows {
                    refused.extend(refusal(forget.execute([id]))?);
                }
                Ok(refused)
            })?;
            self.refused.extend(refused);
        }
        Ok(any)
    }

    /// A person took these readers out of the file: what they asked for before does not bring them back.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn forget_changes(&mut self, addresses: &[Address]) -> Result<(), LedgerError> {
        self.write(|db| {
            for address in addresses {
                db.execute(
                    "DELETE FROM change WHERE kind <> ?2 AND reader = ?1",
                    (
                        suppression::known(db, &address.key())?,
                        ChangeKind::Erase as i64,
                    ),
                )?;
            }
            Ok(())
        })
    }
}

/// Why one row was not written; an error if it is the file that fails.
fn refusal(written: rusqlite::Result<usize>) -> rusqlite::Result<Option<Line>> {
    match written {
        Err(error) if is_about_a_row(&error) => Ok(Some(Line::clean(&format!(
            "a reader's change cannot be noted: {error}"
        )))),
        written => written.map(|_| None),
    }
}

/// Changes, as [`read_change`] reads them.
pub(super) const CHANGES: &str =
    "SELECT id, kind, address, preferences, form, at, merged, before FROM change";

pub(super) fn read_change(row: &Row<'_>) -> Result<Change, Unread> {
    let stored = |column: usize| -> Result<Option<StoredPreferences>, Unread> {
        let text: Option<String> = row.get(column)?;
        text.map(|text| StoredPreferences::parse(&text).ok_or_else(broken))
            .transpose()
    };
    let kept = |stored: &Option<StoredPreferences>| {
        let stored = stored.as_ref();
        stored
            .map(|stored| stored.preferences().ok_or_else(broken))
            .transpose()
    };
    let said = stored(3)?;
    let (preferences, before) = (kept(&said)?, kept(&stored(7)?)?);
    let defaults = said.map_or_else(Vec::new, |said| said.defaults().to_vec());
    let consent: Option<String> = row.get(4)?;
    let merged: Option<i64> = row.get(6)?;
    Ok(Change {
        id: row.get(0)?,
        address: Address::parse(&text_of(row, 2)?)?,
        wish: match (row.get::<_, i64>(1)?, preferences) {
            (kind, Some(preferences)) if kind == ChangeKind::Join as i64 => ReaderChange::Join {
                preferences,
                defaults,
                consent: Line::clean(&consent.unwrap_or_default()),
            },
            (kind, Some(preferences)) if kind == ChangeKind::Prefer as i64 => {
                ReaderChange::Prefer(preferences)
            }
            (kind, None) if kind == ChangeKind::Erase as i64 => ReaderChange::Erase,
            (kind, _) => return Err(Unread::words(&format!("a change of kind {kind}"))),
        },
        at: instant(row.get(5)?),
        merged_over: merged.map(|_| before),
    })
}

fn broken() -> Unread {
    Unread::words("broken preferences")
}

/// What a reader said.
pub(super) struct Said<'a> {
    pub(super) preferences: &'a StoredPreferences,
    /// Of one who joins: the sentence they agreed to, and the day.
    pub(super) consent: Option<(&'a str, NaiveDate)>,
}

/// Does what the reader asks for: at once if the list is in the ledger, else the change is written down for the file. Of a reader who is erased the
/// change stays in both cases, until copies are cleaned.
pub(super) fn note(
    db: &Connection,
    reader: i64,
    kind: ChangeKind,
    address: &str,
    said: Option<Said<'_>>,
    now: DateTime<Utc>,
) -> rusqlite::Result<()> {
    if subscribers::version(db)?.is_some() {
        match (kind, &said) {
            (ChangeKind::Erase, _) => subscribers::remove(db, reader).map(drop)?,
            (_, Some(said)) => {
                subscribers::choose(db, reader, address, said.preferences, said.consent)?;
            }
            (_, None) => {}
        }
        if kind != ChangeKind::Erase {
            return Ok(());
        }
    }
    let consent = said.as_ref().and_then(|said| said.consent);
    db.prepare_cached(
        "INSERT INTO change (reader, kind, address, preferences, form, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute((
        reader,
        kind as i64,
        address,
        said.map(|said| said.preferences.to_text()),
        consent.map(|(sentence, _)| sentence),
        millis(now),
    ))
    .map(drop)
}
