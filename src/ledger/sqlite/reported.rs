//! What providers tell of letters they took: believed by its address, since the provider proved that it says so.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _};

use super::bounces::note;
use super::{Ledger, millis, suppression};
use crate::bounce::provider::Once;
use crate::ledger::policy::{ABOUT_THE_LAST, CLOCKS_DIFFER, SIGNATURES_KEPT};
use crate::ledger::state::CopyState::{Accepted, Handing, InDoubt};
use crate::ledger::{BounceOutcome, LedgerError, Patience, Reported, Returned};
use crate::message::{RunKey, letter_id};

impl Ledger {
    /// Writes down what a provider told, in one commit, as [`Ledger::note_returned`] does what came back by mail.
    ///
    /// # Errors
    /// The ledger cannot be written; nothing is then.
    pub fn note_reported(
        &mut self,
        all: &[Reported],
        patience: Patience,
        now: DateTime<Utc>,
    ) -> Result<Vec<BounceOutcome>, LedgerError> {
        self.write(|db| take(db, all, patience, now))
    }
}

/// Writes down what one request told. `once`: its signature is good for one body only; `None`: it came with another one before, and nothing is written.
pub(super) fn take_once(
    db: &Connection,
    all: &[Reported],
    once: Option<Once>,
    patience: Patience,
    now: DateTime<Utc>,
) -> rusqlite::Result<Option<Vec<BounceOutcome>>> {
    if let Some(once) = once {
        let body: Option<[u8; 16]> = db
            .prepare_cached("SELECT body FROM event_signature WHERE token = ?1")?
            .query_row([once.token], |row| row.get(0))
            .optional()?;
        if body.is_some_and(|body| body != once.body) {
            return Ok(None);
        }
        db.prepare_cached("DELETE FROM event_signature WHERE at < ?1")?
            .execute([millis(now - SIGNATURES_KEPT)])?;
        db.prepare_cached(
            "INSERT OR IGNORE INTO event_signature (token, body, at) VALUES (?1, ?2, ?3)",
        )?
        .execute((once.token, once.body, millis(now)))?;
    }
    take(db, all, patience, now).map(Some)
}

fn take(
    db: &Connection,
    all: &[Reported],
    patience: Patience,
    now: DateTime<Utc>,
) -> rusqlite::Result<Vec<BounceOutcome>> {
    let runs = if all.is_empty() {
        Vec::new()
    } else {
        lately(db)?
    };
    all.iter()
        .map(|one| {
            let Some(reader) = suppression::known(db, &one.address.key())? else {
                return Ok(BounceOutcome::Stranger);
            };
            let returned = Returned {
                reader: reader.cast_unsigned(),
                run: about(db, &runs, reader, one, now)?.map_or(0, i64::cast_unsigned),
                what: one.what,
                words: one.words.clone(),
                at: one.at,
                digest: one.digest,
            };
            note(db, &returned, patience, now)
        })
        .collect()
}

/// A run to the relay.
struct LateRun {
    id: i64,
    frozen: i64,
    key: RunKey,
}

/// More runs than this nobody looks through for one event.
const LATELY: u32 = 100;

/// The last runs to the relay, newest first.
fn lately(db: &Connection) -> rusqlite::Result<Vec<LateRun>> {
    let sql = "SELECT id, frozen, key FROM run
        WHERE frozen IS NOT NULL AND outbox = '' AND length(key) = 16 ORDER BY frozen DESC LIMIT ?1";
    db.prepare_cached(sql)?
        .query_map([LATELY], |row| {
            Ok(LateRun {
                id: row.get(0)?,
                frozen: row.get(1)?,
                key: RunKey(row.get(2)?),
            })
        })?
        .collect()
}

/// The run whose letter it is about: by a token of ours, by the Message-ID, or else the last one before it that the reader got.
fn about(
    db: &Connection,
    runs: &[LateRun],
    reader: i64,
    one: &Reported,
    now: DateTime<Utc>,
) -> rusqlite::Result<Option<i64>> {
    let number = reader.cast_unsigned();
    if let Some((_, run)) = one.sealed.filter(|(reader, _)| *reader == number) {
        return Ok(i64::try_from(run).ok());
    }
    let id = one.letter.as_deref().and_then(|id| id.split('@').next());
    if let Some(id) = id {
        let is_its = |run: &&LateRun| letter_id(&run.key, number).eq_ignore_ascii_case(id);
        if let Some(run) = runs.iter().find(is_its) {
            return Ok(Some(run.id));
        }
    }
    let at = one.at.min(now);
    let (from, to) = (millis(at - ABOUT_THE_LAST), millis(at + CLOCKS_DIFFER));
    let got = format!(
        "SELECT 1 FROM copy WHERE run = ?1 AND reader = ?2 AND state IN ({Accepted}, {Handing}, {InDoubt})"
    );
    let mut got = db.prepare_cached(&got)?;
    for run in runs.iter().filter(|run| (from..=to).contains(&run.frozen)) {
        if got.exists((run.id, reader))? {
            return Ok(Some(run.id));
        }
    }
    Ok(None)
}
