//! What readers changed on its way into the subscribers file, and the letters by which sign-ups are confirmed.
//!
//! A change stands here from the commit on which the reader was answered. It is merged into the file, and stays for a day longer: an editor
//! who had the file open may save it as it was before, and then the file says again exactly what it said before the change. Erasing leaves
//! nothing here.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::Row;
use serde::{Deserialize, Serialize};

use super::asks::VALID;
use super::audit::text;
use super::rows::{Unread, rows};
use super::{Ledger, LedgerError, instant, millis, suppression};
use crate::model::address::Address;
use crate::model::line::Line;
use crate::model::reader::Preferences;
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

/// The changes that belong into the file.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Oldest first.
    pub readable: Vec<Change>,
    /// Those that cannot be read and were never merged: the number, and what is wrong. Told to [`Ledger::merged`], they are set aside.
    pub broken: Vec<(i64, Line)>,
}

impl Changes {
    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.readable.is_empty() && self.broken.is_empty()
    }
}

/// The letters to confirm sign-ups.
#[derive(Clone, Debug, Default)]
pub struct Letters {
    /// Those that may go to the relay now.
    pub waiting: Vec<Waiting>,
    /// When the next one may.
    pub next: Option<DateTime<Utc>>,
    /// What is wrong with those that cannot be read; they are not tried again.
    pub broken: Vec<Line>,
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

impl Ledger {
    /// The changes that belong into the file, oldest first: those that were never merged, and the latest of those that were.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn changes(&self) -> Result<Changes, LedgerError> {
        let sql = "SELECT id, kind, address, preferences, form, at, merged, before FROM change WHERE id IN (SELECT id FROM change WHERE merged IS NULL ORDER BY id LIMIT ?1) OR id IN (SELECT id FROM change WHERE merged IS NOT NULL ORDER BY id DESC LIMIT ?1) ORDER BY id";
        let found = self.read(|db| {
            rows(db, sql, [BATCH], |row| {
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
        let any = self.read(|db| {
            db.prepare_cached("SELECT 1 FROM change WHERE kind = ?1")?
                .exists([Kind::Erase as i64])
        })?;
        if any {
            self.write(|db| {
                let erased = "UPDATE copy SET address = NULL, name = NULL WHERE (address IS NOT NULL OR name IS NOT NULL) AND id IN
                    (SELECT copy.id FROM change CROSS JOIN run CROSS JOIN copy ON copy.run = run.id AND copy.reader = change.reader WHERE kind = ?1)";
                db.execute(erased, [Kind::Erase as i64])
            })?;
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
    ) -> Result<Letters, LedgerError> {
        let any = self.read(|db| {
            db.prepare_cached(
                "SELECT 1 FROM sign_up WHERE letter = 0 OR confirmed IS NULL AND at < ?1",
            )?
            .exists([millis(now - VALID - KEPT)])
        })?;
        if !any {
            return Ok(Letters::default());
        }
        self.write(|db| {
            db.prepare_cached("DELETE FROM sign_up WHERE confirmed IS NULL AND at < ?1")?
                .execute([millis(now - VALID - KEPT)])?;
            let sql = "SELECT id, address, at, tries FROM sign_up WHERE letter = 0 AND (next_try <= ?1 OR next_try > ?2) ORDER BY next_try, id LIMIT ?3";
            let found = rows(db, sql, (millis(now), millis(now + LONGEST), most), |row| {
                let id: i64 = row.get(0)?;
                let address = Address::parse(&text(row.get_ref(1).map_err(Unread::from)?));
                Ok((id, address, row.get(2).map(instant)?, row.get(3)?))
            })?;
            let mut letters = Letters::default();
            for (id, address, at, tries) in found.rows {
                match address {
                    Ok(address) if is_wanted(db, &address)? => {
                        let id = id.cast_unsigned();
                        letters.waiting.push(Waiting { id, address, at, tries });
                        continue;
                    }
                    Ok(_) => {}
                    Err(error) => letters.broken.push(Line::clean(&error.to_string())),
                }
                db.execute("UPDATE sign_up SET letter = 3 WHERE id = ?1", [id])?;
            }
            let next: Option<i64> = db
                .prepare_cached("SELECT min(next_try) FROM sign_up WHERE letter = 0 AND next_try > ?1")?
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
            paused: match kept.paused.as_str() {
                "no" => Paused::No,
                "yes" => Paused::Yes,
                day => Paused::Until(day.parse().ok()?),
            },
        })
    }
}

fn read_change(row: &Row<'_>) -> Result<Change, Unread> {
    let kept = |column: usize| -> Result<Option<Preferences>, Unread> {
        let text: Option<String> = row.get(column)?;
        text.map(|text| Kept::parse(&text).ok_or(Unread::words("broken preferences")))
            .transpose()
    };
    let (preferences, before) = (kept(3)?, kept(7)?);
    let consent: Option<String> = row.get(4)?;
    let merged: Option<i64> = row.get(6)?;
    Ok(Change {
        id: row.get(0)?,
        address: Address::parse(&text(row.get_ref(2)?))?,
        wish: match (row.get(1)?, preferences) {
            (1, Some(preferences)) => Wish::Join {
                preferences,
                consent: Line::clean(&consent.unwrap_or_default()),
            },
            (2, Some(preferences)) => Wish::Prefer(preferences),
            (3, None) => Wish::Erase,
            (kind, _) => return Err(Unread::words(&format!("a change of kind {kind}"))),
        },
        at: instant(row.get(5)?),
        merged_over: merged.map(|_| before),
    })
}

/// Whether a letter to confirm may still go there: to nobody whose address bounced, who complained, or whom a person suppressed.
fn is_wanted(db: &rusqlite::Connection, address: &Address) -> rusqlite::Result<bool> {
    let Some(reader) = suppression::known(db, &address.key())? else {
        return Ok(true);
    };
    // Who left and has not asked since is not here any more.
    let why = suppression::of(db, reader)?;
    Ok(why.is_none_or(|(why, _)| why == Suppression::Unsubscribed))
}
