//! What came back of letters that the relay took, and when that is reason enough to stop.

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::{Ledger, asked, instant, millis, suppression};
use crate::bounce::Class;
use crate::ledger::policy::{self, BOUNCES_OF_A_READER};
use crate::ledger::{BounceOutcome, CameBack, Comeback, LedgerError, Patience, Refused, Returned};
use crate::model::address::Address;
use crate::model::line::Line;

impl Ledger {
    /// Writes down what came back, in one commit, and suppresses whose mailbox is gone (at once), was closed too often (`patience`), or who
    /// complained. What is temporary or about us never suppresses. A suppression that is lifted later begins anew: what led to it does not
    /// count again.
    ///
    /// # Errors
    /// The ledger cannot be written; nothing is then.
    pub fn note_returned(
        &mut self,
        all: &[Returned],
        patience: Patience,
        now: DateTime<Utc>,
    ) -> Result<Vec<BounceOutcome>, LedgerError> {
        self.write(|db| all.iter().map(|one| note(db, one, patience, now)).collect())
    }

    /// What came back of the letters to that address, oldest first.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn came_back(&self, address: &Address) -> Result<Vec<CameBack>, LedgerError> {
        self.read(|db| {
            db.prepare(
                "SELECT run, class, words, at FROM bounce
                 WHERE reader = (SELECT id FROM reader WHERE key = ?1) ORDER BY at, id",
            )?
            .query_map([&*address.key()], |row| {
                Ok(CameBack {
                    run: row.get(0)?,
                    what: Line::clean(&row.get::<_, String>(1)?),
                    words: Line::clean(&row.get::<_, String>(2)?),
                    at: instant(row.get(3)?),
                })
            })?
            .collect()
        })
    }
}

pub(super) fn note(
    db: &Connection,
    one: &Returned,
    patience: Patience,
    now: DateTime<Utc>,
) -> rusqlite::Result<BounceOutcome> {
    let reader = i64::try_from(one.reader).unwrap_or_default();
    let Some(key) = suppression::key_of(db, reader)? else {
        return Ok(BounceOutcome::Stranger);
    };
    let (rows, same) = db
        .prepare_cached(
            "SELECT count(*), coalesce(sum(digest = ?2), 0) FROM bounce WHERE reader = ?1",
        )?
        .query_row((reader, one.digest), |row| {
            Ok((row.get::<_, u32>(0)?, row.get::<_, u32>(1)?))
        })?;
    let is_decisive = matches!(
        one.what,
        Comeback::Complained | Comeback::Left | Comeback::Failed(Class::Hard)
    );
    let is_full = rows >= BOUNCES_OF_A_READER;
    if same > 0 || is_full && !is_decisive {
        return Ok(BounceOutcome::Known);
    }
    let run = i64::try_from(one.run).ok().filter(|run| *run > 0);
    // A clock that runs ahead elsewhere keeps nothing in the window for longer.
    let at = millis(one.at.min(now));
    if !is_full {
        db.prepare_cached(
            "INSERT INTO bounce (reader, run, class, words, at, digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((
            reader,
            run,
            one.what.code(),
            one.words.as_str(),
            at,
            one.digest,
        ))?;
    }
    if one.what == Comeback::Left {
        asked::drop_open_sign_ups(db, &key)?;
    }
    let soft = match one.what {
        Comeback::Failed(Class::Soft) => soft_editions(db, reader, patience, now)?,
        _ => 0,
    };
    let Some(reason) = policy::suppression_for(one.what, soft, patience) else {
        return Ok(BounceOutcome::Noted);
    };
    if !suppression::put(db, reader, reason, now)? {
        return Ok(BounceOutcome::Noted);
    }
    db.prepare_cached("UPDATE bounce SET spent = 1 WHERE reader = ?1")?
        .execute([reader])?;
    Ok(BounceOutcome::Suppressed(Address::parse(&key).ok()))
}

/// Counts a refusal at RCPT like a bounce of the copy's letter; written down twice, it counts once.
pub(super) fn note_refused(
    db: &Connection,
    refused: &Refused,
    now: DateTime<Utc>,
) -> rusqlite::Result<()> {
    let (reader, run): (i64, i64) = db
        .prepare_cached("SELECT reader, run FROM copy WHERE id = ?1")?
        .query_row([refused.copy], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut digest = *b"........ refused";
    digest[..8].copy_from_slice(&refused.copy.to_be_bytes());
    let one = Returned {
        reader: u64::try_from(reader).unwrap_or_default(),
        run: u64::try_from(run).unwrap_or_default(),
        what: Comeback::Failed(refused.class),
        words: refused.words.clone(),
        at: now,
        digest,
    };
    note(db, &one, refused.patience, now).map(|_| ())
}

/// Of how many editions letters came back softly within the time. An edition counts once, however many servers wrote about it.
fn soft_editions(
    db: &Connection,
    reader: i64,
    patience: Patience,
    now: DateTime<Utc>,
) -> rusqlite::Result<u32> {
    let since = millis(now - patience.within);
    db.prepare_cached(
        "SELECT count(DISTINCT coalesce(run, -id)) FROM bounce
         WHERE reader = ?1 AND class = 'soft' AND spent = 0 AND at > ?2",
    )?
    .query_row((reader, since), |row| row.get(0))
}
