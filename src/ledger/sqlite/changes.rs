//! What readers changed, on its way into the subscribers file.
//!
//! A change is here from the commit on which the reader was answered. It is merged into the file, and stays for a day longer: an editor
//! who had the file open may save it as it was before, and then the file says again exactly what it said before the change. Erasing leaves
//! nothing here.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};

use super::rows::{Unread, rows};
use super::{Ledger, instant, is_about_a_row, millis, suppression, text_of};
use crate::ledger::policy::CHANGES_KEPT;
use crate::ledger::state::ChangeKind;
use crate::ledger::{Change, Changes, LedgerError, ReaderChange};
use crate::model::address::Address;
use crate::model::line::Line;
use crate::model::newsletter_name::{NewsletterKey, NewsletterName};
use crate::model::reader::Preferences;
use crate::model::rhythm::Rhythm;
use crate::model::subscriber::Paused;

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

/// Preferences as the ledger keeps them.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StoredPreferences {
    name: Option<String>,
    sections: Vec<String>,
    /// Of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    newsletters: Option<Vec<NewsletterName>>,
    /// Of a sign-up: what readers get who do not say which.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    defaults: Vec<NewsletterName>,
    /// `no`, `yes` or the first day on which the reader gets letters again.
    paused: String,
    #[serde(flatten)]
    rhythm: Rhythm,
}

impl StoredPreferences {
    /// As the form asked for it.
    pub(super) fn signed_up(
        name: Option<&str>,
        sections: &str,
        newsletters: Vec<NewsletterName>,
    ) -> Self {
        let sections: Vec<String> = serde_json::from_str(sections).unwrap_or_default();
        Self::of(&Preferences {
            name: name.and_then(Line::non_empty),
            sections: sections
                .iter()
                .map(|section| Line::clean(section))
                .collect(),
            newsletters: Some(newsletters).filter(|chosen| !chosen.is_empty()),
            ..Preferences::NONE
        })
    }

    /// Whether that newsletter was chosen.
    pub(super) fn names(&self, newsletter: &NewsletterName) -> bool {
        let mut chosen = self.newsletters.iter().flatten();
        chosen.any(|one| one == newsletter)
    }

    /// Notes which of these readers get who do not say.
    pub(super) fn beside(&mut self, newsletters: &[NewsletterKey]) {
        let defaults = newsletters.iter().filter(|one| one.is_default);
        self.defaults = defaults.map(|one| one.name.clone()).collect();
    }

    pub(super) fn of(preferences: &Preferences) -> Self {
        Self {
            name: preferences.name.as_ref().map(ToString::to_string),
            sections: preferences
                .sections
                .iter()
                .map(ToString::to_string)
                .collect(),
            newsletters: preferences.newsletters.clone(),
            defaults: Vec::new(),
            paused: match preferences.paused {
                Paused::No => "no".to_owned(),
                Paused::Yes => "yes".to_owned(),
                Paused::Until(day) => day.to_string(),
            },
            rhythm: preferences.rhythm.clone(),
        }
    }

    pub(super) fn to_text(&self) -> String {
        serde_json::json!(self).to_string()
    }

    /// `None`: nothing that this program wrote.
    pub(super) fn parse(text: &str) -> Option<Preferences> {
        let kept: Self = serde_json::from_str(text).ok()?;
        Some(Preferences {
            name: kept.name.as_deref().and_then(Line::non_empty),
            sections: kept
                .sections
                .iter()
                .map(|section| Line::clean(section))
                .collect(),
            newsletters: kept.newsletters,
            paused: match kept.paused.as_str() {
                "no" => Paused::No,
                "yes" => Paused::Yes,
                day => Paused::Until(day.parse().ok()?),
            },
            rhythm: kept.rhythm,
        })
    }
}

/// Changes, as [`read_change`] reads them.
pub(super) const CHANGES: &str =
    "SELECT id, kind, address, preferences, form, at, merged, before FROM change";

pub(super) fn read_change(row: &Row<'_>) -> Result<Change, Unread> {
    let kept = |column: usize| -> Result<Option<Preferences>, Unread> {
        let text: Option<String> = row.get(column)?;
        text.map(|text| StoredPreferences::parse(&text).ok_or(Unread::words("broken preferences")))
            .transpose()
    };
    let (preferences, before) = (kept(3)?, kept(7)?);
    let stored: Option<String> = row.get(3)?;
    let stored = stored.and_then(|text| serde_json::from_str::<StoredPreferences>(&text).ok());
    let defaults = stored.map(|stored| stored.defaults).unwrap_or_default();
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

/// Writes a change down: what the reader chose, and the sentence they agreed to.
pub(super) fn note(
    db: &Connection,
    reader: i64,
    kind: ChangeKind,
    address: &str,
    said: Option<(&StoredPreferences, Option<&str>)>,
    now: DateTime<Utc>,
) -> rusqlite::Result<()> {
    let (kept, consent) = said.unzip();
    db.prepare_cached(
        "INSERT INTO change (reader, kind, address, preferences, form, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute((
        reader,
        kind as i64,
        address,
        kept.map(StoredPreferences::to_text),
        consent.flatten(),
        millis(now),
    ))
    .map(drop)
}
