//! What the ledger knows of a reader, and what it counts for those who watch. Nothing here writes.

use chrono::{DateTime, SecondsFormat, Utc};
use rusqlite::{Connection, OptionalExtension as _};
use serde_json::{Value, json};

use super::audit::text;
use super::copies::COPIES;
use super::journal::Kept;
use super::memory::SENT;
use super::{Ledger, LedgerError, instant, suppression};
use crate::model::address::Address;
use crate::model::edition::Slug;
use crate::model::metric::Metric;
use crate::model::reader::{Preferences, ReaderId};
use crate::model::subscriber::Suppression;

/// What the ledger knows of a reader.
#[derive(Clone, Debug)]
pub struct Known {
    /// Her address, in small letters.
    pub address: Address,
    /// Why no letter goes to her, if none does.
    pub suppressed: Option<Suppression>,
    /// What she chose last, where that does not stand in the file yet.
    pub pending: Option<Preferences>,
    /// Whether a confirmed sign-up of hers does not stand in the file yet.
    pub joins: bool,
}

impl Ledger {
    /// What is known of that reader; `None`: there is none of that number, they were erased, or their key cannot be read.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn known(&self, reader: ReaderId) -> Result<Option<Known>, LedgerError> {
        let Ok(number) = i64::try_from(reader.number()) else {
            return Ok(None);
        };
        let found = self.read(|db| {
            let key = db
                .prepare_cached("SELECT key FROM reader WHERE id = ?1")?
                .query_row([number], |row| Ok(text(row.get_ref(0)?).into_owned()))
                .optional()?;
            let pending = db
                .prepare_cached("SELECT preferences, kind = 1 FROM change WHERE reader = ?1 AND merged IS NULL AND kind IN (1, 2) ORDER BY id")?
                .query_map([number], |row| Ok((row.get::<_, Option<String>>(0)?, row.get::<_, bool>(1)?)))?
                .collect::<rusqlite::Result<Vec<_>>>()?;
            let suppressed = suppression::of(db, number)?.map(|(why, _)| why);
            Ok(key.map(|key| (key, suppressed, pending)))
        })?;
        let Some((key, suppressed, pending)) = found else {
            return Ok(None);
        };
        let address = Address::parse(&key).ok();
        let Some(address) = address.filter(|_| !suppression::is_erased(&key)) else {
            return Ok(None);
        };
        let last = pending.last().and_then(|(text, _)| text.as_deref());
        Ok(Some(Known {
            address,
            suppressed,
            pending: last.and_then(Kept::parse),
            joins: pending.iter().any(|(_, joins)| *joins),
        }))
    }

    /// All that is held of that reader here, for herself; an empty object where nothing is.
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
            let sign_ups = rows(
                db,
                "SELECT name, sections, form, consent, client, at, confirmed FROM sign_up WHERE key = (SELECT key FROM reader WHERE id = ?1) ORDER BY id",
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
                    }))
                },
            )?;
            let changes = rows(
                db,
                "SELECT preferences, at FROM change WHERE reader = ?1 AND preferences IS NOT NULL ORDER BY id",
                number,
                |row| Ok(json!({ "preferences": parsed(row.get(0)?), "at": moment(row.get(1)?) })),
            )?;
            let copies = rows(
                db,
                &format!("SELECT slug, state, changed, name, reply FROM copy JOIN run ON run.id = copy.run WHERE copy.id IN ({COPIES} ?1) AND frozen IS NOT NULL ORDER BY copy.id"),
                number,
                |row| {
                    Ok(json!({
                        "edition": row.get::<_, String>(0)?,
                        "state": STATES.get(row.get::<_, usize>(1)?),
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
            Ok(json!({ "suppressed": suppressed, "sign_ups": sign_ups, "changes": changes, "copies": copies, "bounces": bounces }))
        })
    }

    /// The runs whose letters really went to people, newest first: their editions, and when they were frozen.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn sent(&self) -> Result<Vec<(Slug, DateTime<Utc>)>, LedgerError> {
        let rows = self.read(|db| {
            db.prepare_cached(&format!(
                "SELECT slug, frozen FROM run WHERE {SENT} ORDER BY frozen DESC, id DESC"
            ))?
            .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<Vec<_>>>()
        })?;
        // A day that cannot be read has no page.
        let days = rows.into_iter();
        Ok(days
            .filter_map(|(slug, frozen)| Some((slug.parse().ok()?, instant(frozen))))
            .collect())
    }

    /// What can be counted. Copies are those of the newest run to the relay: to count all that ever went out would take longer every day.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn metrics(&self) -> Result<Vec<Metric>, LedgerError> {
        self.read(|db| {
            let mut numbers = Vec::new();
            let mut of = |name, help, label: &'static str, rows: Vec<(String, f64)>| {
                numbers.extend(rows.into_iter().map(|(text, value)| Metric {
                    name,
                    help,
                    is_counter: false,
                    labels: if label.is_empty() { Vec::new() } else { vec![(label, text)] },
                    value,
                }));
            };
            let newest: Option<i64> = db
                .query_row("SELECT id FROM run WHERE frozen IS NOT NULL AND outbox = '' ORDER BY frozen DESC LIMIT 1", [], |row| row.get(0))
                .optional()?;
            of("newsdigest_runs", "Editions frozen for the relay.", "", counts(db, "SELECT '', count(*) FROM run WHERE frozen IS NOT NULL AND outbox = ''", [])?);
            of("newsdigest_last_run_timestamp_seconds", "When the newest of them was frozen.", "", counts(db, "SELECT '', frozen / 1000.0 FROM run WHERE id = ?1", [newest])?);
            let copies = counts(db, "SELECT state, count(*) FROM copy WHERE id BETWEEN (SELECT first_copy FROM run WHERE id = ?1) AND (SELECT last_copy FROM run WHERE id = ?1) GROUP BY state", [newest])?;
            let copies = copies
                .into_iter()
                .map(|(state, count)| {
                    let name = state.parse::<usize>().ok().and_then(|state| STATES.get(state));
                    ((*name.unwrap_or(&"unknown")).to_owned(), count)
                })
                .collect();
            of("newsdigest_copies", "Copies of the newest run, by what became of them.", "state", copies);
            of("newsdigest_answers", "The relay's last answers about copies of the newest run, by class.", "class", counts(db, "SELECT substr(reply, 1, 1) || 'xx' AS class, count(*) FROM copy WHERE id BETWEEN (SELECT first_copy FROM run WHERE id = ?1) AND (SELECT last_copy FROM run WHERE id = ?1) AND state <> 5 AND substr(reply, 1, 1) IN ('2', '4', '5') GROUP BY class", [newest])?);
            of("newsdigest_refused", "Copies of the newest run that were rejected or given up, by domain; the ten with most.", "domain", counts(db, "SELECT substr(key, instr(key, '@') + 1) AS domain, count(*) AS n FROM copy JOIN reader ON reader.id = copy.reader WHERE copy.id BETWEEN (SELECT first_copy FROM run WHERE id = ?1) AND (SELECT last_copy FROM run WHERE id = ?1) AND state IN (3, 4) GROUP BY domain ORDER BY n DESC, domain LIMIT 10", [newest])?);
            of("newsdigest_suppressed", "Readers on the suppression list, by reason.", "reason", counts(db, "SELECT reason, count(*) FROM suppressed GROUP BY reason", [])?);
            of("newsdigest_bounces", "Letters that came back, by class.", "class", counts(db, "SELECT column1, count(bounce.id) FROM (VALUES ('hard'), ('soft'), ('temporary'), ('about-us'), ('complaint')) LEFT JOIN bounce ON class = column1 GROUP BY column1", [])?);
            of("newsdigest_sign_ups", "Sign-ups that are held, by whether they were confirmed.", "state", counts(db, "SELECT iif(confirmed IS NULL, 'open', 'confirmed') AS s, count(*) FROM sign_up GROUP BY s", [])?);
            of("newsdigest_letters_waiting", "Letters to confirm that wait for the relay.", "", counts(db, "SELECT '', count(*) FROM sign_up WHERE letter = 0", [])?);
            of("newsdigest_changes_waiting", "Changes of readers that do not stand in the subscribers file yet.", "", counts(db, "SELECT '', count(*) FROM change WHERE merged IS NULL", [])?);
            Ok(numbers)
        })
    }
}

/// The states of a copy by their numbers.
const STATES: [&str; 7] = [
    "queued", "handing", "accepted", "rejected", "given up", "left out", "in doubt",
];

fn counts(
    db: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
) -> rusqlite::Result<Vec<(String, f64)>> {
    db.prepare_cached(sql)?
        .query_map(values, |row| {
            let label = match row.get::<_, rusqlite::types::Value>(0)? {
                rusqlite::types::Value::Integer(number) => number.to_string(),
                rusqlite::types::Value::Text(text) => text,
                _ => String::new(),
            };
            Ok((label, row.get(1)?))
        })?
        .collect()
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
