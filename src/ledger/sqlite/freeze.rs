//! Freezing: staged in batches, then one commit.

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::{Ledger, is_about_a_row, millis, packed, suppression};
use crate::ledger::state::CopyState;
use crate::ledger::{Freeze, LedgerError, RunId, Seat};
use crate::model::address::Address;
use crate::model::line::Line;
use crate::model::pages::Pages;
use crate::model::stop::Stop;
use crate::model::subscriber::LeftOut;

/// So many subscribers are staged in one transaction: long enough to be fast, short enough to let others write in between.
const BATCH: usize = 10_000;

/// The most rows that may be refused: with more of them it is the file that fails.
const MOST_REFUSED: u64 = 1_000;

impl Ledger {
    /// Freezes an edition for its audience. The send exists from the last commit on; before that, nothing does. Whoever is on the
    /// suppression list, or comes a second time, is left out with that reason, and so is a reader whose row the ledger refuses; if it refuses even that,
    /// [`Ledger::take_refused`] says so. Memory does not grow with the audience but for a bit a
    /// reader, nor with the number of pages.
    ///
    /// # Errors
    /// The ledger cannot be written, the audience cannot be read to its end, or the stop was asked for before that last commit; nothing is frozen then.
    pub fn freeze(
        &mut self,
        order: &Freeze,
        pages: impl IntoIterator<Item = Pages>,
        audience: impl IntoIterator<Item = Result<Seat, LedgerError>>,
        now: DateTime<Utc>,
        stop: &Stop,
    ) -> Result<RunId, LedgerError> {
        self.remove_staged()?;
        let run = self.write(|db| stage_run(db, order))?;
        for (number, pages) in pages.into_iter().enumerate() {
            stop.check()?;
            let packed = packed::pack(&pages);
            self.write(|db| stage_pages(db, run, number, packed))?;
        }
        let mut staged = Staged::default();
        let mut audience = audience.into_iter().peekable();
        while audience.peek().is_some() {
            stop.check()?;
            let batch: Vec<Seat> = audience.by_ref().take(BATCH).collect::<Result<_, _>>()?;
            self.write(|db| stage_copies(db, run, batch, &mut staged, now))?;
            if staged.failed > MOST_REFUSED {
                break;
            }
        }
        if staged.failed > MOST_REFUSED || (staged.failed > 0 && staged.taken == 0) {
            // It is not the rows.
            return Err(LedgerError::Row {
                path: self.path.clone(),
                what: staged.why,
            });
        }
        self.refused.append(&mut staged.refused);
        stop.check()?;
        self.write(|db| {
            let frozen = "UPDATE run SET frozen = ?2,
                first_copy = (SELECT coalesce(max(last_copy), 0) + 1 FROM run),
                last_copy = (SELECT coalesce(max(id), 0) FROM copy)
                WHERE id = ?1";
            db.execute(frozen, (run, millis(now)))
        })?;
        Ok(RunId(run))
    }

    /// Removes what a crash left half staged.
    fn remove_staged(&mut self) -> Result<(), LedgerError> {
        self.write(|db| {
            let frozen: i64 =
                db.query_row("SELECT coalesce(max(last_copy), 0) FROM run", [], |row| {
                    row.get(0)
                })?;
            // Staged copies lie behind all frozen ones: only one run is staged at a time.
            db.execute("DELETE FROM copy WHERE id > ?1", [frozen])?;
            for table in ["page_set", "story", "release"] {
                db.execute(
                    &format!(
                        "DELETE FROM {table} WHERE run IN (SELECT id FROM run WHERE frozen IS NULL)"
                    ),
                    [],
                )?;
            }
            db.execute("DELETE FROM run WHERE frozen IS NULL", [])
        })
        .map(drop)
    }
}

fn stage_run(db: &Connection, order: &Freeze) -> rusqlite::Result<i64> {
    let letterhead = serde_json::to_string(&order.letterhead)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    let let_go = order.let_go.as_ref().map(serde_json::to_string);
    let let_go = let_go
        .transpose()
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    db.execute(
        "INSERT INTO run (slug, newsletter, outbox, key, edition, letterhead, alert, let_go, corrects)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        (
            order.slug.to_string(),
            &order.newsletter,
            order.target.outbox(),
            &order.key[..],
            &order.edition,
            letterhead,
            order.is_alert,
            let_go,
            order.corrects.map(|run| run.0),
        ),
    )?;
    let run = db.last_insert_rowid();
    for (number, hours) in (1..).zip(&order.releases) {
        let (at, until) = (hours.at.map_or(0, millis), millis(hours.until));
        let number: u32 = number;
        db.execute(
            "INSERT INTO release (run, number, zones, at, until) VALUES (?1, ?2, ?3, ?4, ?5)",
            (run, number, &hours.zones, at, until),
        )?;
    }
    for story in &order.stories {
        db.execute(
            "INSERT OR IGNORE INTO story (run, key, headline, dek, published)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            (
                run,
                story.key.as_str(),
                story.headline.as_str(),
                story.dek.as_ref().map(Line::as_str),
                story.published.map(millis),
            ),
        )?;
    }
    Ok(run)
}

fn stage_pages(
    db: &Connection,
    run: i64,
    number: usize,
    packed: std::io::Result<Vec<u8>>,
) -> rusqlite::Result<usize> {
    let packed = packed.map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    db.execute(
        "INSERT INTO page_set (run, number, pages) VALUES (?1, ?2, ?3)",
        (run, number, packed),
    )
}

fn stage_copies(
    db: &Connection,
    run: i64,
    batch: Vec<Seat>,
    staged: &mut Staged,
    now: DateTime<Utc>,
) -> rusqlite::Result<()> {
    let mut insert = db.prepare_cached(
        "INSERT INTO copy (run, reader, state, page_set, attempts, next_try, changed, address, name, reply, release)
         VALUES (?1, ?2, ?3, ?4, 0, 0, ?5, ?6, ?7, ?8, ?9)",
    )?;
    for seat in batch {
        let (address, name, page_set, why) = match seat {
            Seat::Recipient {
                address,
                name,
                page_set,
                release,
            } => (address, name, (page_set, release), None),
            Seat::LeftOut { address, why } => (address, None, (0, None), Some(why)),
        };
        let (page_set, release) = page_set;
        let key = address.key();
        let reader = match suppression::reader(db, &key) {
            Err(error) if is_about_a_row(&error) => {
                staged.refuse(&error);
                staged.refused.push(refusal(&address, &error));
                continue;
            }
            found => found?,
        };
        let barred = suppression::bars(db, reader, run)?;
        let is_suppressed = barred.is_some();
        let why = if staged.seen.first(reader) {
            barred.or(why)
        } else {
            Some(LeftOut::Duplicate)
        };
        let state = if why.is_some() {
            CopyState::LeftOut
        } else {
            CopyState::Queued
        };
        // The reader may have been erased after the file was read: nothing of them is kept.
        let name = name.filter(|_| !is_suppressed);
        let written = (!is_suppressed && address.reveal() != key).then(|| address.reveal());
        let put = insert.execute((
            run,
            reader,
            state as i64,
            page_set,
            millis(now),
            written,
            name.as_ref().map(Line::as_str),
            why.map(LeftOut::code),
            release,
        ));
        let Err(error) = put else {
            staged.taken += 1;
            continue;
        };
        if !is_about_a_row(&error) {
            return Err(error);
        }
        staged.refuse(&error);
        let (state, why) = (CopyState::LeftOut as i64, LeftOut::BrokenRow.code());
        let none = None::<&str>;
        match insert.execute((run, reader, state, 0, millis(now), none, none, why, release)) {
            Err(error) if is_about_a_row(&error) => {
                staged.refused.push(refusal(&address, &error));
            }
            put => drop(put?),
        }
    }
    Ok(())
}

/// Why a reader has no row in a run.
fn refusal(address: &Address, error: &rusqlite::Error) -> Line {
    Line::clean(&format!(
        "the ledger has no row for {address}, who gets no copy: {error}"
    ))
}

/// What was staged so far.
#[derive(Default)]
struct Staged {
    seen: SeenReaders,
    taken: u64,
    /// Rows that were refused as they should be.
    failed: u64,
    /// Why the last of them was.
    why: String,
    /// Readers who have no row at all.
    refused: Vec<Line>,
}

impl Staged {
    fn refuse(&mut self, error: &rusqlite::Error) {
        self.failed += 1;
        self.why = error.to_string();
    }
}

/// Which readers have come already: a bit each.
#[derive(Default)]
struct SeenReaders(Vec<u64>);

impl SeenReaders {
    /// Whether this is the first time.
    fn first(&mut self, reader: i64) -> bool {
        let reader = usize::try_from(reader).unwrap_or_default();
        let (word, bit) = (reader / 64, 1 << (reader % 64));
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        let first = self.0[word] & bit == 0;
        self.0[word] |= bit;
        first
    }
}
