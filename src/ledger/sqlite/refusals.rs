//! What was refused, in words, and who complained where: for those who look after the paper's name at the mailbox providers.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::copies::OF_RUN;
use super::{Ledger, millis, suppression, text_of};
use crate::ledger::state::CopyState::{Accepted, GivenUp, Queued, Rejected};
use crate::ledger::{ComplaintRate, LedgerError, RunId};
use crate::model::line::Line;
use crate::model::mailbox_provider::MailboxProvider;

impl Ledger {
    /// The refusals of a run in words, each with how many readers had it: what the relay said of copies that it did not take, and what came back later.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn refusals(&self, run: RunId) -> Result<Vec<(Line, u64)>, LedgerError> {
        let copies = format!(
            "SELECT reply, count(*) FROM copy WHERE {OF_RUN} AND state IN ({Queued}, {Rejected}, {GivenUp})
             AND reply IS NOT NULL GROUP BY reply"
        );
        let bounces = "SELECT words, count(*) FROM bounce
            WHERE run = ?1 AND class IN ('about-us', 'temporary', 'soft') GROUP BY words";
        self.read(|db| {
            let mut all = Vec::new();
            for sql in [&*copies, bounces] {
                let mut statement = db.prepare(sql)?;
                let mut rows = statement.query([run.0])?;
                while let Some(row) = rows.next()? {
                    all.push((Line::clean(&text_of(row, 0)?), row.get(1)?));
                }
            }
            Ok(all)
        })
    }

    /// Complaints since then, and copies that the relay took since then, by the provider of the reader's mailbox. Where nobody complained no copy is counted: that
    /// takes its time. Runs whose copies were deleted do not count: nobody knows any more whose they were.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn complaint_rates(
        &self,
        since: DateTime<Utc>,
    ) -> Result<[ComplaintRate; MailboxProvider::ALL.len()], LedgerError> {
        let since = millis(since);
        let runs = "SELECT id FROM run WHERE frozen >= ?1 AND outbox = '' AND id NOT IN (SELECT run FROM run_tally)";
        let complained = format!(
            "SELECT reader FROM bounce
             WHERE class = 'complaint' AND at >= ?1 AND (run IS NULL OR run IN ({runs}))"
        );
        let taken = format!(
            "SELECT copy.reader FROM run JOIN copy ON copy.id BETWEEN first_copy AND last_copy AND state = {Accepted}
             WHERE run.id IN ({runs})"
        );
        self.read(|db| {
            let complaints = by_provider(db, &complained, since)?;
            let accepted = if complaints.iter().all(|count| *count == 0) {
                complaints
            } else {
                by_provider(db, &taken, since)?
            };
            Ok(MailboxProvider::ALL.map(|provider| ComplaintRate {
                provider,
                complaints: complaints[provider as usize],
                accepted: accepted[provider as usize],
            }))
        })
    }
}

/// Counts the readers that a question names, each as often as it does, by the provider of their mailbox. A reader has a letter each morning, and their address
/// is looked up once.
fn by_provider(
    db: &Connection,
    sql: &str,
    since: i64,
) -> rusqlite::Result<[u64; MailboxProvider::ALL.len()]> {
    let mut times: HashMap<i64, u64> = HashMap::new();
    let mut statement = db.prepare(sql)?;
    let mut rows = statement.query([since])?;
    while let Some(row) = rows.next()? {
        *times.entry(row.get(0)?).or_default() += 1;
    }
    let mut counts = [0; MailboxProvider::ALL.len()];
    for (reader, times) in times {
        if let Some(key) = suppression::key_of(db, reader)? {
            let domain = key.rsplit('@').next().unwrap_or_default();
            counts[MailboxProvider::of(domain) as usize] += times;
        }
    }
    Ok(counts)
}
