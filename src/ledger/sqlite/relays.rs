//! Where there are several relays: their numbers, what became of each one's copies, and whose letters a new one begins with.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row};

use super::copies::{OF_RUN, count_in};
use super::{Ledger, instant, millis};
use crate::ledger::state::CopyState::{Accepted, Handing, Queued};
use crate::ledger::{LedgerError, RelayId, RelayLeft, RelayTally, RunId};
use crate::model::delivery::Tally;
use crate::model::line::Line;

impl Ledger {
    /// The number of the relay of that name.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn relay(&mut self, name: &str) -> Result<RelayId, LedgerError> {
        self.write(|db| {
            db.execute("INSERT OR IGNORE INTO relay (name) VALUES (?1)", [name])?;
            db.query_row("SELECT id FROM relay WHERE name = ?1", [name], |row| {
                row.get(0).map(RelayId)
            })
        })
    }

    /// Forgets which relays the run went on without: it tries all of them again.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn try_all_relays(&mut self, run: RunId) -> Result<(), LedgerError> {
        self.write(|db| {
            db.execute("DELETE FROM relay_left WHERE run = ?1", [run.0])
                .map(drop)
        })
    }

    /// What became of the copies of each of several relays; none: there was one relay, or the copies were deleted.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn relays(&self, run: RunId) -> Result<Vec<RelayTally>, LedgerError> {
        self.read(|db| {
            let mut all: Vec<RelayTally> = Vec::new();
            let sql = "SELECT relay.name, at, why FROM relay LEFT JOIN relay_left ON relay_left.relay = relay.id AND run = ?1 ORDER BY relay.name";
            let one = |row: &Row<'_>| {
                let left = row.get::<_, Option<i64>>(1)?.map(instant);
                let why = row.get::<_, Option<String>>(2)?.unwrap_or_default();
                Ok(RelayTally {
                    relay: row.get(0)?,
                    tally: Tally::default(),
                    left: left.map(|at| (at, Line::clean(&why))),
                })
            };
            for relay in db.prepare(sql)?.query_map([run.0], one)? {
                all.push(relay?);
            }
            if all.is_empty() {
                return Ok(all);
            }
            let sql = format!(
                "SELECT (SELECT name FROM relay WHERE id = copy.relay), state, count(*) FROM copy
                 WHERE {OF_RUN} AND relay IS NOT NULL GROUP BY relay, state"
            );
            let mut statement = db.prepare(&sql)?;
            let mut rows = statement.query([run.0])?;
            while let Some(row) = rows.next()? {
                let (name, count): (Option<String>, u64) = (row.get(0)?, row.get(2)?);
                if let Some(of) = all.iter_mut().find(|of| Some(&of.relay) == name.as_ref()) {
                    count_in(&mut of.tally, row.get(1).ok(), count);
                    of.tally.subscribers += count;
                }
            }
            all.retain(|of| of.tally.subscribers > 0 || of.left.is_some());
            Ok(all)
        })
    }

    /// Up to `most` queued copies of the run that no relay was given yet, for domains that are `wanted`. Steady readers come first: no letter of theirs came
    /// back, the last edition's copy was taken, and the ledger has known them longest.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn steadiest(
        &self,
        run: RunId,
        most: usize,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Vec<i64>, LedgerError> {
        let sql = format!(
            "SELECT copy.id, reader.key FROM copy JOIN reader ON reader.id = copy.reader
             WHERE {OF_RUN} AND state = {Queued} AND copy.relay IS NULL
             ORDER BY EXISTS (SELECT 1 FROM bounce WHERE bounce.reader = copy.reader),
                 NOT EXISTS (
                     SELECT 1 FROM copy earlier INDEXED BY copy_reader WHERE earlier.reader = copy.reader AND earlier.state = {Accepted}
                     AND earlier.run = (
                         SELECT max(last.id) FROM run last JOIN run this ON this.newsletter = last.newsletter AND this.outbox = last.outbox
                         WHERE this.id = ?1 AND last.id < ?1 AND last.frozen IS NOT NULL
                     )
                 ),
                 copy.reader"
        );
        self.read(|db| {
            let mut statement = db.prepare(&sql)?;
            let mut rows = statement.query([run.0])?;
            let mut all = Vec::new();
            while all.len() < most
                && let Some(row) = rows.next()?
            {
                let key: String = row.get(1)?;
                let domain = key.rsplit_once('@').map_or("", |(_, domain)| domain);
                if wanted(domain) {
                    all.push(row.get(0)?);
                }
            }
            Ok(all)
        })
    }
}

/// Claims a copy for one of several relays; `None`: there is one.
pub(super) fn claim_for(
    db: &Connection,
    copy: i64,
    relay: Option<RelayId>,
    now: DateTime<Utc>,
) -> rusqlite::Result<()> {
    let written = db
        .prepare_cached(&format!(
            "UPDATE copy SET state = {Handing}, next_try = 0, changed = ?2, relay = ?3 WHERE id = ?1"
        ))?
        .execute((copy, millis(now), relay.map(|relay| relay.0)))?;
    // A row that stays as it was would be sent twice.
    if written == 1 {
        Ok(())
    } else {
        Err(rusqlite::Error::StatementChangedRows(written))
    }
}

/// Notes that a run goes on without a relay.
pub(super) fn leave(db: &Connection, left: &RelayLeft, now: DateTime<Utc>) -> rusqlite::Result<()> {
    db.execute(
        "INSERT OR REPLACE INTO relay_left (run, relay, at, why) VALUES (?1, ?2, ?3, ?4)",
        (left.run.0, left.relay.0, millis(now), left.why.as_str()),
    )
    .map(drop)
}
