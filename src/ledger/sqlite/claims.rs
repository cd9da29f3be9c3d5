//! Claiming and settling: the two commits on which no letter is lost or doubled. Which copy is next is not decided here.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::{Ledger, bounces, handed, instant, millis, relays, suppression, text_of};
use crate::ledger::state::CopyState::{self, GivenUp, Handing, Queued};
use crate::ledger::{
    Claim, Claimed, CommitRequest, LedgerError, QueuedCopy, RelayId, Release, RunId, Settled,
    Settlement,
};
use crate::model::address::Address;
use crate::model::line::Line;
use crate::model::subscriber::LeftOut;

impl Ledger {
    /// Up to `most` queued copies of the run behind the row `after` whose readers' hour has come, in the order of the file.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn queued(
        &self,
        run: RunId,
        after: i64,
        most: usize,
        now: DateTime<Utc>,
    ) -> Result<Vec<QueuedCopy>, LedgerError> {
        // One lower bound only: of two, SQLite may begin at the lesser and walk over all that lies between, at every window.
        let next = format!(
            "SELECT copy.id, reader.key, next_try, copy.relay, copy.doubt FROM copy LEFT JOIN reader ON reader.id = copy.reader
             WHERE copy.id > max(?2, (SELECT first_copy - 1 FROM run WHERE id = ?1))
             AND copy.id <= (SELECT last_copy FROM run WHERE id = ?1)
             AND state = {Queued}
             AND (copy.release IS NULL OR copy.release IN (SELECT number FROM release WHERE run = ?1 AND at <= ?4))
             ORDER BY copy.id LIMIT ?3"
        );
        let row = |row: &Row<'_>| {
            let key = &*text_of(row, 1)?;
            Ok(QueuedCopy {
                copy: row.get(0)?,
                domain: key
                    .rsplit_once('@')
                    .map_or(key, |(_, domain)| domain)
                    .into(),
                next_try: instant(row.get(2).unwrap_or_default()),
                relay: row
                    .get::<_, Option<i64>>(3)
                    .unwrap_or_default()
                    .map(RelayId),
                is_doubtful: row.get::<_, Option<i64>>(4).unwrap_or_default() == Some(1),
            })
        };
        self.read(|db| {
            db.prepare_cached(&next)?
                .query_map((run.0, after, most, millis(now)), row)?
                .collect()
        })
    }

    /// Settles, claims and looks in one transaction; see [`crate::ledger::Writer`] for many conversations at once.
    ///
    /// # Errors
    /// The ledger cannot be written; nothing is settled or claimed then.
    pub fn commit(
        &mut self,
        order: &CommitRequest,
        now: DateTime<Utc>,
    ) -> Result<Claimed, LedgerError> {
        self.write(|db| commit(db, order, now))
    }

    /// The same for many, in one commit if no row is refused.
    pub(in crate::ledger) fn commit_together(
        &mut self,
        orders: &[(&CommitRequest, DateTime<Utc>)],
    ) -> Vec<Result<Claimed, LedgerError>> {
        let mut answers = self.write_together(orders, |db, (order, now)| commit(db, order, *now));
        for (answer, (order, now)) in answers.iter_mut().zip(orders) {
            if matches!(answer, Err(error) if error.is_about_a_row()) {
                *answer = self.commit_in_parts(order, *now);
            }
        }
        answers
    }

    /// Gives up every copy of the run that is still queued: it is too late to send it. Says how many.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn close(&mut self, run: RunId, now: DateTime<Utc>) -> Result<usize, LedgerError> {
        self.give_up(run, &format!("state = {Queued}"), now)
    }

    /// The same with those for whose readers it is too late by their own clocks.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn close_late(&mut self, run: RunId, now: DateTime<Utc>) -> Result<usize, LedgerError> {
        let late = format!(
            "state = {Queued} AND release IN (SELECT number FROM release WHERE run = ?1 AND until <= ?2)"
        );
        self.give_up(run, &late, now)
    }

    fn give_up(
        &mut self,
        run: RunId,
        which: &str,
        now: DateTime<Utc>,
    ) -> Result<usize, LedgerError> {
        let change = format!(
            "state = {GivenUp}, next_try = 0, changed = ?2,
             reply = 'too late to be sent' || coalesce('; the last answer was ' || reply, '')"
        );
        let aside = (CopyState::LeftOut, now);
        self.change_all(run, (which, &change), &[&millis(now)], aside)
    }

    /// The hours of the run for which copies are queued, in order.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn open_releases(&self, run: RunId) -> Result<Vec<Release>, LedgerError> {
        let sql = format!(
            "SELECT zones, at, until FROM release WHERE run = ?1 AND number IN (
                 SELECT release FROM copy INDEXED BY copy_queued WHERE run = ?1 AND state = {Queued}
             ) ORDER BY number"
        );
        self.read(|db| {
            let row = |row: &Row<'_>| {
                let at: i64 = row.get(1)?;
                Ok(Release {
                    zones: row.get(0)?,
                    at: (at > 0).then(|| instant(at)),
                    until: instant(row.get(2)?),
                })
            };
            db.prepare_cached(&sql)?.query_map([run.0], row)?.collect()
        })
    }
}

pub(super) fn commit(
    db: &Connection,
    order: &CommitRequest,
    now: DateTime<Utc>,
) -> rusqlite::Result<Claimed> {
    for settlement in &order.settled {
        settle(db, settlement, now)?;
    }
    for refused in &order.refused {
        bounces::note_refused(db, refused, now)?;
    }
    if let Some(relay) = &order.relay {
        let taken = |one: &&Settlement| one.settled.may_have_left();
        match order.settled.iter().filter(taken).count() {
            0 => {}
            letters => handed::count(db, relay, letters as u64, now)?,
        }
    }
    let claim = match order.claim {
        Some(copy) => claim(db, copy, order.claimed_for, now)?,
        None => None,
    };
    if let Some(left) = &order.left {
        relays::leave(db, left, now)?;
    }
    let ahead = match order.look {
        Some(copy) => look(db, copy, now)?.filter(|(_, barred)| barred.is_none()),
        None => None,
    };
    Ok(Claimed {
        claim,
        ahead: ahead.and_then(|(claim, _)| claim),
        set_aside: Vec::new(),
    })
}

pub(super) fn settle(
    db: &Connection,
    settlement: &Settlement,
    now: DateTime<Utc>,
) -> rusqlite::Result<()> {
    // Only a copy that is being handed over can be settled: an answer never overrules an earlier one.
    // A copy that is queued again without an answer keeps the one it had.
    let mut update = db.prepare_cached(&format!(
        "UPDATE copy SET state = ?2, attempts = attempts + ?3, next_try = ?4, changed = ?5,
             reply = CASE ?2 WHEN {Queued} THEN coalesce(?6, reply) ELSE ?6 END
         WHERE id = ?1 AND state = {Handing}"
    ))?;
    let (state, more, next_try, reply) = match &settlement.settled {
        Settled::Accepted(reply) => (CopyState::Accepted, 0, 0, Some(reply)),
        Settled::Rejected(reply) => (CopyState::Rejected, 1, 0, Some(reply)),
        Settled::GivenUp(reply) => (CopyState::GivenUp, 1, 0, Some(reply)),
        Settled::Deferred { reply, next_try } => {
            (CopyState::Queued, 1, millis(*next_try), Some(reply))
        }
        Settled::InDoubt => (CopyState::InDoubt, 0, 0, None),
        Settled::Untouched => (CopyState::Queued, 0, 0, None),
        Settled::Unusable => (CopyState::LeftOut, 0, 0, None),
    };
    let reply = match settlement.settled {
        Settled::Unusable => Some(LeftOut::BrokenRow.code().to_owned()),
        _ => reply.map(ToString::to_string),
    };
    let written = update.execute((
        settlement.copy,
        state as i64,
        more,
        next_try,
        millis(now),
        reply,
    ))?;
    // Settled before, or the row was left as it was without a word.
    let handing = format!("SELECT 1 FROM copy WHERE id = ?1 AND state = {Handing}");
    if written == 0 && db.prepare_cached(&handing)?.exists([settlement.copy])? {
        return Err(rusqlite::Error::StatementChangedRows(0));
    }
    Ok(())
}

/// Claims a copy that is queued. If the reader was suppressed or left since the freeze, or the row cannot be read, it is left out instead.
fn claim(
    db: &Connection,
    copy: i64,
    relay: Option<RelayId>,
    now: DateTime<Utc>,
) -> rusqlite::Result<Option<Claim>> {
    let Some((claim, barred)) = look(db, copy, now)? else {
        return Ok(None);
    };
    match (claim, barred) {
        (Some(claim), None) => {
            relays::claim_for(db, copy, relay, now)?;
            Ok(Some(claim))
        }
        (_, barred) => {
            let why = barred.unwrap_or(LeftOut::Unreadable).code();
            put(db, copy, CopyState::LeftOut, Some(why), now)?;
            Ok(None)
        }
    }
}

/// Puts a copy into a state, with the words for it if there are any.
pub(super) fn put(
    db: &Connection,
    copy: i64,
    state: CopyState,
    why: Option<&str>,
    now: DateTime<Utc>,
) -> rusqlite::Result<()> {
    let written = db
        .prepare_cached("UPDATE copy SET state = ?2, next_try = 0, changed = ?3, reply = coalesce(?4, reply) WHERE id = ?1")?
        .execute((copy, state as i64, millis(now), why))?;
    // A row that says nothing and stays as it was would be sent twice.
    if written == 1 {
        Ok(())
    } else {
        Err(rusqlite::Error::StatementChangedRows(written))
    }
}

/// A queued copy whose reader's hour has come, and why its reader may not have it; `None` inside for a row that cannot be read.
fn look(
    db: &Connection,
    copy: i64,
    now: DateTime<Utc>,
) -> rusqlite::Result<Option<(Option<Claim>, Option<LeftOut>)>> {
    let mut row = db.prepare_cached(&format!(
        "SELECT copy.reader, coalesce(copy.address, reader.key), copy.name, copy.page_set, copy.attempts, copy.run
         FROM copy LEFT JOIN reader ON reader.id = copy.reader
         WHERE copy.id = ?1 AND state = {Queued} AND (copy.release IS NULL
             OR (SELECT at FROM release WHERE release.run = copy.run AND number = copy.release) <= ?2)"
    ))?;
    let found = row
        .query_row((copy, millis(now)), |row| {
            let reader: i64 = row.get(0).unwrap_or_default();
            let address = Address::parse(&text_of(row, 1)?).ok();
            let name = text_of(row, 2)?;
            let claim = match (address, row.get(3), row.get(4)) {
                (Some(address), Ok(page_set), Ok(attempts)) if reader > 0 => Some(Claim {
                    copy,
                    reader: u64::try_from(reader).unwrap_or_default(),
                    address,
                    name: Line::non_empty(&name),
                    page_set,
                    attempts,
                }),
                _ => None,
            };
            Ok((reader, row.get(5)?, claim))
        })
        .optional()?;
    found
        .map(|(reader, run, claim)| Ok((claim, suppression::bars(db, reader, run)?)))
        .transpose()
}
