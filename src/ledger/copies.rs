//! Claiming, settling, counting.

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::{Ledger, LedgerError, RunId, Standing, instant, millis, suppression};
use crate::address::Address;
use crate::delivery::{Reply, Tally};
use crate::line::Line;
use crate::subscriber::LeftOut;

/// The states as the table keeps them; see the table in [`crate::ledger`].
#[derive(Clone, Copy)]
#[repr(i64)]
pub(super) enum State {
    Queued = 0,
    Handing = 1,
    Accepted = 2,
    Rejected = 3,
    GivenUp = 4,
    LeftOut = 5,
    InDoubt = 6,
}

/// A copy that is ours to hand over.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The row.
    pub copy: i64,
    /// The reader's number.
    pub reader: u64,
    /// Where the letter goes.
    pub address: Address,
    /// What to call her.
    pub name: Option<Line>,
    /// The index of her pages.
    pub page_set: usize,
    /// How often it was deferred.
    pub attempts: u32,
}

/// What came of a request to settle and claim.
#[derive(Clone, Debug, Default)]
pub struct Claimed {
    /// The copies claimed; fewer than wanted when no more are due.
    pub claims: Vec<Claim>,
    /// When nothing was due: when the earliest deferred copy will be, if there is one.
    pub next_try: Option<DateTime<Utc>>,
}

/// What became of a claimed copy.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// The row.
    pub copy: i64,
    /// What became of it.
    pub settled: Settled,
}

/// The ways a claim ends.
#[derive(Clone, Debug)]
pub enum Settled {
    /// The relay took it.
    Accepted(Reply),
    /// The relay refused the mailbox for good.
    Rejected(Reply),
    /// Later; attempts + 1.
    Deferred {
        /// The relay's words.
        reply: Reply,
        /// Not before this instant.
        next_try: DateTime<Utc>,
    },
    /// Deferred once too often.
    GivenUp(Reply),
    /// No answer after the dot.
    InDoubt,
    /// The conversation ended before the dot: queued again, attempts unchanged.
    Untouched,
}

/// Which of the copies in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubtful {
    /// Those of which nobody has said yet that they are to be left so.
    Unskipped,
    /// Those that were skipped before, too.
    All,
}

impl Doubtful {
    /// A skipped copy carries these words for `status`.
    const SKIPPED: &str = "the relay did not answer after the letter; not sent again, as asked";

    const fn condition(self) -> &'static str {
        match self {
            Self::Unskipped => "(state = 1 OR (state = 6 AND reply IS NULL))",
            Self::All => "state IN (1, 6)",
        }
    }
}

impl Ledger {
    /// Settles and claims in one transaction; see [`super::Writer`] for many conversations at once.
    ///
    /// # Errors
    /// The ledger cannot be written; nothing is settled or claimed then.
    pub fn settle_and_claim(
        &mut self,
        run: RunId,
        settled: &[Settlement],
        want: usize,
        now: DateTime<Utc>,
    ) -> Result<Claimed, LedgerError> {
        self.write(|db| settle_and_claim(db, run, settled, want, now))
    }

    /// How many copies were claimed by a sender that never came back, or left in doubt by one that did.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn in_doubt(&self, run: RunId, which: Doubtful) -> Result<u64, LedgerError> {
        let sql = format!(
            "SELECT count(*) FROM copy WHERE {OF_RUN} AND {}",
            which.condition()
        );
        self.read(|db| db.query_row(&sql, [run.0], |row| row.get(0)))
    }

    /// Queues copies in doubt again: they go out with the same Message-ID and bytes.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn resend_in_doubt(
        &mut self,
        run: RunId,
        which: Doubtful,
        now: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let sql = format!(
            "UPDATE copy SET state = 0, next_try = 0, changed = ?2 WHERE {OF_RUN} AND {}",
            which.condition()
        );
        self.write(|db| db.execute(&sql, (run.0, millis(now))))
            .map(drop)
    }

    /// Leaves the copies in doubt as they are, until a person asks for [`Doubtful::All`] of them.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn skip_in_doubt(&mut self, run: RunId, now: DateTime<Utc>) -> Result<(), LedgerError> {
        let sql = format!(
            "UPDATE copy SET state = 6, next_try = 0, changed = ?2, reply = ?3 WHERE {OF_RUN} AND {}",
            Doubtful::Unskipped.condition()
        );
        self.write(|db| db.execute(&sql, (run.0, millis(now), Doubtful::SKIPPED)))
            .map(drop)
    }

    /// No queued copy waits beyond `latest`: not after a clock that ran ahead, nor after a longer back-off than the config's of today.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn wait_no_longer(&mut self, run: RunId, latest: DateTime<Utc>) -> Result<(), LedgerError> {
        self.write(|db| {
            db.execute(
                "UPDATE copy SET next_try = ?2 WHERE run = ?1 AND state = 0 AND next_try > ?2",
                (run.0, millis(latest)),
            )
        })
        .map(drop)
    }

    /// Where every subscriber of the run stands.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn tally(&self, run: RunId) -> Result<Tally, LedgerError> {
        self.read(|db| {
            let mut tally = Tally::default();
            let sql = format!("SELECT state, count(*) FROM copy WHERE {OF_RUN} GROUP BY state");
            let mut statement = db.prepare_cached(&sql)?;
            let mut rows = statement.query([run.0])?;
            while let Some(row) = rows.next()? {
                let (state, count): (i64, u64) = (row.get(0)?, row.get(1)?);
                let place = match Standing::of_state(state) {
                    Some(Standing::Queued) => &mut tally.queued,
                    Some(Standing::InDoubt) => &mut tally.in_doubt,
                    Some(Standing::Accepted) => &mut tally.accepted,
                    Some(Standing::Rejected) => &mut tally.rejected,
                    Some(Standing::GivenUp) => &mut tally.given_up,
                    Some(Standing::LeftOut) => &mut tally.left_out,
                    // Unknown states are counted nowhere, so the tally does not balance and says so.
                    None => continue,
                };
                *place += count;
            }
            // Counted apart from the states: this is what they must add up to.
            tally.subscribers = db.query_row(
                "SELECT last_copy - first_copy + 1 FROM run WHERE id = ?1",
                [run.0],
                |row| row.get(0),
            )?;
            Ok(tally)
        })
    }
}

/// The copies of run ?1. They lie together, so this reads no other run's.
pub(super) const OF_RUN: &str = "copy.id BETWEEN (SELECT first_copy FROM run WHERE id = ?1) AND (SELECT last_copy FROM run WHERE id = ?1)";

pub(super) fn settle_and_claim(
    db: &Connection,
    run: RunId,
    settled: &[Settlement],
    want: usize,
    now: DateTime<Utc>,
) -> rusqlite::Result<Claimed> {
    for settlement in settled {
        settle(db, settlement, now)?;
    }
    let mut claimed = Claimed::default();
    while claimed.claims.len() < want {
        let before = claimed.claims.len();
        if !claim_batch(db, run, want - before, now, &mut claimed.claims)? {
            break;
        }
    }
    if want > 0 && claimed.claims.is_empty() {
        let mut earliest = db.prepare_cached(
            "SELECT next_try FROM copy WHERE run = ?1 AND state = 0 ORDER BY next_try LIMIT 1",
        )?;
        claimed.next_try = rusqlite::OptionalExtension::optional(
            earliest.query_row([run.0], |row| row.get::<_, i64>(0)),
        )?
        .map(instant);
    }
    Ok(claimed)
}

fn settle(db: &Connection, settlement: &Settlement, now: DateTime<Utc>) -> rusqlite::Result<()> {
    // Only a copy that is being handed over can be settled: an answer never overrules an earlier one.
    let mut update = db.prepare_cached("UPDATE copy SET state = ?2, attempts = attempts + ?3, next_try = ?4, changed = ?5, reply = ?6 WHERE id = ?1 AND state = 1")?;
    let (state, more, next_try, reply) = match &settlement.settled {
        Settled::Accepted(reply) => (State::Accepted, 0, 0, Some(reply)),
        Settled::Rejected(reply) => (State::Rejected, 1, 0, Some(reply)),
        Settled::GivenUp(reply) => (State::GivenUp, 1, 0, Some(reply)),
        Settled::Deferred { reply, next_try } => (State::Queued, 1, millis(*next_try), Some(reply)),
        Settled::InDoubt => (State::InDoubt, 0, 0, None),
        Settled::Untouched => (State::Queued, 0, 0, None),
    };
    update.execute((
        settlement.copy,
        state as i64,
        more,
        next_try,
        millis(now),
        reply.map(ToString::to_string),
    ))?;
    Ok(())
}

/// Claims up to `want` copies that are due; whoever was suppressed since the freeze is left out instead. False when none was due.
fn claim_batch(
    db: &Connection,
    run: RunId,
    want: usize,
    now: DateTime<Utc>,
    claims: &mut Vec<Claim>,
) -> rusqlite::Result<bool> {
    let mut due = db.prepare_cached(
        "SELECT copy.id, copy.reader, coalesce(copy.address, reader.key), copy.name, copy.page_set, copy.attempts
         FROM copy JOIN reader ON reader.id = copy.reader WHERE run = ?1 AND state = 0 AND next_try <= ?2 ORDER BY next_try, copy.id LIMIT ?3",
    )?;
    let mut mark = db.prepare_cached(
        "UPDATE copy SET state = ?2, changed = ?3, reply = coalesce(?4, reply) WHERE id = ?1",
    )?;
    let rows = due
        .query_map((run.0, millis(now), want), |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, i64>(1)?,
                row.get::<_, String>(2)?,
                row.get::<_, Option<String>>(3)?,
                row.get::<_, usize>(4)?,
                row.get::<_, u32>(5)?,
            ))
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    for (copy, reader, address, name, page_set, attempts) in &rows {
        let address = Address::parse(address).ok();
        let (state, why) = match &address {
            Some(_) if !suppression::holds(db, *reader)? => (State::Handing, None),
            _ => (State::LeftOut, Some(LeftOut::Suppressed.code())),
        };
        mark.execute((copy, state as i64, millis(now), why))?;
        if let (State::Handing, Some(address)) = (state, address) {
            claims.push(Claim {
                copy: *copy,
                reader: u64::try_from(*reader).unwrap_or_default(),
                address,
                name: name.as_deref().and_then(Line::non_empty),
                page_set: *page_set,
                attempts: *attempts,
            });
        }
    }
    Ok(!rows.is_empty())
}
