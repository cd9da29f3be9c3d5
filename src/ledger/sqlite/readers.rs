//! What the ledger knows of one reader, and the editions that readers can look at. Nothing here writes.

use chrono::{DateTime, SecondsFormat, Utc};
use rusqlite::{Connection, OptionalExtension as _};
use serde_json::{Value, json};

use super::changes::{CHANGES, read_change};
use super::copies::COPIES;
use super::memory::sent;
use super::{Ledger, instant, suppression};
use crate::ledger::state::CopyState;
use crate::ledger::{LedgerError, ReaderRecord, SentRun};
use crate::model::address::Address;
use crate::model::reader::ReaderId;

impl Ledger {
    /// What is known of that reader; `None`: there is none of that number, they were erased, or their key cannot be read.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn known(&self, reader: ReaderId) -> Result<Option<ReaderRecord>, LedgerError> {
        let pending = format!("{CHANGES} WHERE reader = ?1 AND merged IS NULL ORDER BY id");
        let found = self.read(|db| {
            let Some((number, key)) = key_of(db, reader)? else {
                return Ok(None);
            };
            // One that cannot be read never comes into the file.
            let pending = super::rows::rows(db, &pending, [number], read_change)?.rows;
            let suppressed = suppression::of(db, number)?.map(|(why, _)| why);
            let left = suppression::left_by(db, number)?;
            Ok(Some((key, suppressed, left, pending)))
        })?;
        let Some((key, suppressed, left, pending)) = found else {
            return Ok(None);
        };
        let address = Address::parse(&key).ok();
        let Some(address) = address.filter(|_| !suppression::is_erased(&key)) else {
            return Ok(None);
        };
        Ok(Some(ReaderRecord {
            address,
            suppressed,
            left: left.into_iter().map(|(id, _)| id).collect(),
            pending: pending.into_iter().map(|change| change.wish).collect(),
        }))
    }

    /// All that is held of that reader here, for themselves; an empty object where nothing is.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn held_of(&self, reader: ReaderId) -> Result<Value, LedgerError> {
        let number = reader.number().cast_signed();
        self.read(|db| {
            let suppressed = db
                .prepare_cached("SELECT reason, since FROM suppressed WHERE reader = ?1")?
                .query_row([number], |row| {
                    Ok(json!({ "reason": row.get::<_, String>(0)?, "since": moment(row.get(1)?) }))
                })
                .optional()?;
            let left = suppression::left_by(db, number)?;
            let left: Vec<Value> = left
                .into_iter()
                .map(|(id, since)| json!({ "newsletter": id, "since": moment(since) }))
                .collect();
            let heard = db
                .prepare_cached("SELECT at, asked, paused FROM sign_of_life WHERE reader = ?1")?
                .query_row([number], |row| {
                    Ok(json!({
                        "last": moment(row.get(0)?),
                        "asked": row.get::<_, Option<i64>>(1)?.map(moment),
                        "paused": row.get::<_, Option<i64>>(2)?.map(moment),
                    }))
                })
                .optional()?;
            let sign_ups = rows(
                db,
                "SELECT name, sections, form, consent, client, at, confirmed, alerts FROM sign_up
                 WHERE key = (SELECT key FROM reader WHERE id = ?1) ORDER BY id",
                number,
                |row| {
                    Ok(json!({
                        "name": row.get::<_, Option<String>>(0)?,
                        "sections": parsed(row.get(1)?),
                        "form": row.get::<_, String>(2)?,
                        "consent": row.get::<_, String>(3)?,
                        "client": row.get::<_, Option<String>>(4)?,
                        "asked": moment(row.get(5)?),
                        "confirmed": row.get::<_, Option<i64>>(6)?.map(moment),
                        "alerts": row.get::<_, bool>(7)?,
                    }))
                },
            )?;
            let changes = rows(
                db,
                "SELECT preferences, at FROM change
                 WHERE reader = ?1 AND preferences IS NOT NULL ORDER BY id",
                number,
                |row| Ok(json!({ "preferences": parsed(row.get(0)?), "at": moment(row.get(1)?) })),
            )?;
            let copies = rows(
                db,
                &format!(
                    "SELECT slug, state, changed, name, reply FROM copy JOIN run ON run.id = copy.run
                     WHERE copy.id IN ({COPIES} ?1) AND frozen IS NOT NULL ORDER BY copy.id"
                ),
                number,
                |row| {
                    Ok(json!({
                        "edition": row.get::<_, String>(0)?,
                        "state": row.get(1).ok().and_then(CopyState::of_number).map(CopyState::word),
                        "at": moment(row.get(2)?),
                        "name": row.get::<_, Option<String>>(3)?,
                        "answer": row.get::<_, Option<String>>(4)?,
                    }))
                },
            )?;
            let bounces = rows(
                db,
                "SELECT class, words, at FROM bounce WHERE reader = ?1 ORDER BY id",
                number,
                |row| {
                    Ok(json!({ "class": row.get::<_, String>(0)?, "words": row.get::<_, String>(1)?, "at": moment(row.get(2)?) }))
                },
            )?;
            let mut held = json!({ "suppressed": suppressed, "sign_ups": sign_ups, "changes": changes, "copies": copies, "bounces": bounces });
            if !left.is_empty() {
                held["left"] = left.into();
            }
            if heard.is_some() {
                held["sign_of_life"] = heard.into();
            }
            Ok(held)
        })
    }

    /// The runs whose letters really went to people, newest first; `of` that newsletter, if it is one of several.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn sent(&self, of: Option<&str>) -> Result<Vec<SentRun>, LedgerError> {
        let rows = self.read(|db| {
            db.prepare_cached(&format!(
                "SELECT slug, frozen, newsletter FROM run
                 WHERE (newsletter = ?1 OR ?1 IS NULL AND NOT alert) AND {} ORDER BY frozen DESC, id DESC",
                sent()
            ))?
            .query_map([of], |row| {
                // A day that cannot be read has no page.
                let Ok(slug) = row.get::<_, String>(0)?.parse() else {
                    return Ok(None);
                };
                Ok(Some(SentRun {
                    slug,
                    frozen: instant(row.get(1)?),
                    newsletter: row.get(2)?,
                }))
            })?
            .collect::<rusqlite::Result<Vec<_>>>()
        })?;
        Ok(rows.into_iter().flatten().collect())
    }
}

fn rows(
    db: &Connection,
    sql: &str,
    reader: i64,
    read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<Value>,
) -> rusqlite::Result<Vec<Value>> {
    db.prepare_cached(sql)?.query_map([reader], read)?.collect()
}

fn parsed(text: String) -> Value {
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}

fn moment(millis: i64) -> String {
    let at: DateTime<Utc> = instant(millis);
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The reader's number as the table has it, and their key; `None`: no link of ours has that number.
pub(super) fn key_of(db: &Connection, reader: ReaderId) -> rusqlite::Result<Option<(i64, String)>> {
    // SQLite's numbers end where ours have their last bit.
    let Ok(number) = i64::try_from(reader.number()) else {
        return Ok(None);
    };
    let key = suppression::key_of(db, number)?;
    Ok(key.map(|key| (number, key)))
}
