//! What readers changed on its way into the subscribers file, and the letters by which sign-ups are confirmed.
//!
//! A change stands here from the commit on which the reader was answered. It is merged into the file, and stays for a day longer: an editor
//! who had the file open may save it as it was before, and then the file says again exactly what it said before the change. Erasing leaves
//! nothing here.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::Row;
use serde::{Deserialize, Serialize};

use super::asks::VALID;
use super::audit::restore;
use super::{Ledger, LedgerError, instant, millis, suppression};
use crate::model::address::Address;
use crate::model::ask::Preferences;
use crate::model::line::Line;
use crate::model::subscriber::{Paused, Suppression};

/// What becomes of a reader's block in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// She confirmed a sign-up: she stands there, with these preferences.
    Join {
        /// What she chose.
        preferences: Preferences,
        /// The sentence the reader agreed to, and when.
        consent: Line,
    },
    /// She wants it otherwise, if she stands there.
    Prefer(Preferences),
    /// She stands there no more.
    Erase,
}

/// A change that belongs into the file.
#[derive(Clone, Debug)]
pub struct Change {
    /// Its number; a later one counts more.
    pub id: i64,
    /// Whose.
    pub address: Address,
    /// What.
    pub wish: Wish,
    /// When she was answered.
    pub at: DateTime<Utc>,
    /// What the file said of her before it was merged, if it has been: only where it says so again is it to be merged again.
    pub merged_over: Option<Option<Preferences>>,
}

/// A letter that waits for the relay.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The sign-up's number.
    pub id: u64,
    /// Where to.
    pub address: Address,
    /// When she asked: the letter's date, whenever it leaves.
    pub at: DateTime<Utc>,
    /// How often the relay put it off.
    pub tries: u32,
}

/// What became of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handed {
    /// The relay has it, or may have it.
    Over,
    /// Not before that instant.
    Later(DateTime<Utc>),
    /// It is not tried any more.
    GivenUp,
}

#[derive(Clone, Copy)]
pub(super) enum Kind {
    Join = 1,
    Prefer = 2,
    Erase = 3,
}

/// How long a merged change is kept for an editor's older copy of the file.
const KEPT: TimeDelta = TimeDelta::days(1);
/// So many changes are merged in one go, and looked at again; what is more comes next.
const BATCH: u32 = 10_000;
/// No letter is put off for so long: what waits longer waits for a clock that ran ahead.
const LONGEST: TimeDelta = TimeDelta::hours(2);
/// So many rows of copies are looked through in one transaction.
const RANGE: i64 = 100_000;

impl Ledger {
    /// The changes that belong into the file, oldest first: those that were never merged, and the latest of those that were.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn changes(&self) -> Result<Vec<Change>, LedgerError> {
        let rows = self.read(|db| {
            db.prepare_cached("SELECT id, kind, address, preferences, form, at, merged, before FROM change WHERE id IN (SELECT id FROM change WHERE merged IS NULL ORDER BY id LIMIT ?1) OR id IN (SELECT id FROM change WHERE merged IS NOT NULL ORDER BY id DESC LIMIT ?1) ORDER BY id")?
                .query_map([BATCH], ChangeRow::read)?
                .collect::<rusqlite::Result<Vec<_>>>()
        })?;
        rows.into_iter().map(ChangeRow::parse).collect()
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

    /// These changes stand in the file now; with what it said before. What was merged a day ago is forgotten, erased readers at once.
    ///
    /// # Errors
    /// The ledger cannot be written; they are merged once more then.
    pub fn merged(
        &mut self,
        changes: &[(i64, Option<Preferences>)],
        now: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let erases = self.forget_erased()?;
        self.write(|db| {
            for (id, before) in changes {
                let before = before.as_ref().map(|before| Kept::of(before).to_text());
                db.prepare_cached(
                    "UPDATE change SET merged = coalesce(merged, ?2), before = ?3 WHERE id = ?1",
                )?
                .execute((id, millis(now), before))?;
            }
            db.execute(
                "DELETE FROM change WHERE merged < ?1 OR merged IS NOT NULL AND kind = ?2",
                (millis(now - KEPT), Kind::Erase as i64),
            )
        })?;
        if erases {
            // What was deleted still stands in the log of the writes before; while somebody reads, it stays there for a while.
            self.read(|db| db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())))?;
        }
        Ok(())
    }

    /// Copies of erased readers keep neither name nor address. Whether there were such readers.
    fn forget_erased(&mut self) -> Result<bool, LedgerError> {
        let (any, last) = self.read(|db| {
            let any = db
                .prepare_cached("SELECT 1 FROM change WHERE kind = ?1")?
                .exists([Kind::Erase as i64])?;
            let last = db.query_row("SELECT coalesce(max(id), 0) FROM copy", [], |row| {
                row.get(0)
            })?;
            Ok((any, last))
        })?;
        if !any {
            return Ok(false);
        }
        let mut first: i64 = 0;
        while first <= last {
            self.write(|db| {
                db.prepare_cached("UPDATE copy SET address = NULL, name = NULL WHERE id BETWEEN ?1 AND ?2 AND (address IS NOT NULL OR name IS NOT NULL) AND reader IN (SELECT reader FROM change WHERE kind = 3)")?
                    .execute((first, first + RANGE - 1))
            })?;
            first += RANGE;
        }
        Ok(true)
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
                    (suppression::known(db, &address.key())?, Kind::Erase as i64),
                )?;
            }
            Ok(())
        })
    }

    /// The letters that may go to the relay now, and when the next one may. Whose address bounced gets none any more;
    /// who never said yes is forgotten.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn letters_waiting(
        &mut self,
        most: u32,
        now: DateTime<Utc>,
    ) -> Result<(Vec<Waiting>, Option<DateTime<Utc>>), LedgerError> {
        let any = self.read(|db| {
            db.prepare_cached(
                "SELECT 1 FROM sign_up WHERE letter = 0 OR confirmed IS NULL AND at < ?1",
            )?
            .exists([millis(now - VALID - KEPT)])
        })?;
        if !any {
            return Ok((Vec::new(), None));
        }
        let (rows, next) = self.write(|db| {
            db.prepare_cached("DELETE FROM sign_up WHERE confirmed IS NULL AND at < ?1")?
                .execute([millis(now - VALID - KEPT)])?;
            let rows = db
                .prepare_cached("SELECT id, key, address, at, tries FROM sign_up WHERE letter = 0 AND (next_try <= ?1 OR next_try > ?2) ORDER BY next_try, id LIMIT ?3")?
                .query_map((millis(now), millis(now + LONGEST), most), WaitingRow::read)?
                .collect::<rusqlite::Result<Vec<_>>>()?;
            let mut wanted = Vec::with_capacity(rows.len());
            for row in rows {
                if row.is_wanted(db)? {
                    wanted.push(row);
                } else {
                    db.execute("UPDATE sign_up SET letter = 3 WHERE id = ?1", [row.id])?;
                }
            }
            let next: Option<i64> = db
                .prepare_cached("SELECT min(next_try) FROM sign_up WHERE letter = 0 AND next_try > ?1")?
                .query_row([millis(now)], |row| row.get(0))?;
            Ok((wanted, next))
        })?;
        let waiting: Result<_, _> = rows.into_iter().map(WaitingRow::parse).collect();
        Ok((waiting?, next.map(instant)))
    }

    /// What became of the letter of that sign-up.
    ///
    /// # Errors
    /// The ledger cannot be written; the letter goes out once more then, with the same Message-ID.
    pub fn letter_handed(&mut self, id: u64, handed: Handed) -> Result<(), LedgerError> {
        let (letter, next_try) = match handed {
            Handed::Over => (1, 0),
            Handed::Later(at) => (0, millis(at)),
            Handed::GivenUp => (2, 0),
        };
        self.write(|db| {
            db.prepare_cached("UPDATE sign_up SET letter = ?2, next_try = ?3, tries = tries + 1 WHERE id = ?1 AND letter = 0")?
                .execute((id.cast_signed(), letter, next_try))
        })
        .map(drop)
    }
}

/// Preferences as the ledger keeps them.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    name: Option<String>,
    sections: Vec<String>,
    /// `no`, `yes` or the first day she gets letters again.
    paused: String,
}

impl Kept {
    pub(super) fn of(preferences: &Preferences) -> Self {
        Self {
            name: preferences.name.as_ref().map(ToString::to_string),
            sections: preferences
                .sections
                .iter()
                .map(ToString::to_string)
                .collect(),
            paused: match preferences.paused {
                Paused::No => "no".to_owned(),
                Paused::Yes => "yes".to_owned(),
                Paused::Until(day) => day.to_string(),
            },
        }
    }

    pub(super) fn to_text(&self) -> String {
        serde_json::json!({ "name": self.name, "sections": self.sections, "paused": self.paused })
            .to_string()
    }

    pub(super) fn parse(text: &str) -> Result<Preferences, LedgerError> {
        let nonsense = || LedgerError::Nonsense {
            what: "broken preferences".into(),
        };
        let kept: Self = serde_json::from_str(text).map_err(|_| nonsense())?;
        Ok(Preferences {
            name: kept.name.as_deref().and_then(Line::non_empty),
            sections: kept
                .sections
                .iter()
                .map(|section| Line::clean(section))
                .collect(),
            paused: match kept.paused.as_str() {
                "no" => Paused::No,
                "yes" => Paused::Yes,
                day => Paused::Until(day.parse().map_err(|_| nonsense())?),
            },
        })
    }
}

struct ChangeRow {
    id: i64,
    kind: i64,
    address: String,
    preferences: Option<String>,
    consent: Option<String>,
    at: i64,
    merged: Option<i64>,
    before: Option<String>,
}

impl ChangeRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            kind: row.get(1)?,
            address: row.get(2)?,
            preferences: row.get(3)?,
            consent: row.get(4)?,
            at: row.get(5)?,
            merged: row.get(6)?,
            before: row.get(7)?,
        })
    }

    fn parse(self) -> Result<Change, LedgerError> {
        let preferences = self.preferences.as_deref().map(Kept::parse).transpose()?;
        let before = self.before.as_deref().map(Kept::parse).transpose()?;
        Ok(Change {
            id: self.id,
            address: restore(&self.address)?,
            wish: match (self.kind, preferences) {
                (1, Some(preferences)) => Wish::Join {
                    preferences,
                    consent: Line::clean(&self.consent.unwrap_or_default()),
                },
                (2, Some(preferences)) => Wish::Prefer(preferences),
                (3, None) => Wish::Erase,
                (kind, _) => {
                    return Err(LedgerError::Nonsense {
                        what: format!("a change of kind {kind}"),
                    });
                }
            },
            at: instant(self.at),
            merged_over: self.merged.map(|_| before),
        })
    }
}

struct WaitingRow {
    id: i64,
    key: String,
    address: String,
    at: i64,
    tries: u32,
}

impl WaitingRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            key: row.get(1)?,
            address: row.get(2)?,
            at: row.get(3)?,
            tries: row.get(4)?,
        })
    }

    fn is_wanted(&self, db: &rusqlite::Connection) -> rusqlite::Result<bool> {
        let Some(reader) = suppression::known(db, &self.key)? else {
            return Ok(true);
        };
        // She who left and has not asked since is not here any more.
        let why = suppression::of(db, reader)?;
        Ok(why.is_none_or(|(why, _)| why == Suppression::Unsubscribed))
    }

    fn parse(self) -> Result<Waiting, LedgerError> {
        Ok(Waiting {
            id: self.id.cast_unsigned(),
            address: restore(&self.address)?,
            at: instant(self.at),
            tries: self.tries,
        })
    }
}
