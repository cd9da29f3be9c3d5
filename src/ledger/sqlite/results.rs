//! What sent editions brought.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::OptionalExtension as _;

use super::{Ledger, instant, millis};
use crate::ledger::{LedgerError, RunId};
use crate::model::edition::Place;
use crate::model::line::Line;
use crate::model::results::{Arrivals, Arrived, RankScore, Ranking, Results};

/// In milliseconds.
const HALF_A_DAY: i64 = 12 * 3_600_000;

impl Ledger {
    /// Keeps what an edition brought, in place of what was known before: all of it, or nothing.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn keep_results(&mut self, run: RunId, results: &Results) -> Result<(), LedgerError> {
        let notes = serde_json::to_string(&results.notes).unwrap_or_default();
        self.write(|db| {
            db.execute(
                "INSERT OR REPLACE INTO result (run, gathered, until, complete, source, notes) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                (
                    run.0,
                    millis(results.gathered),
                    millis(results.until),
                    results.is_complete,
                    results.source.as_ref().map(Line::as_str),
                    &notes,
                ),
            )?;
            db.execute("DELETE FROM arrival WHERE run = ?1", [run.0])?;
            let mut insert = db.prepare_cached(
                "INSERT INTO arrival (run, number, place, headline, url, arrivals) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?;
            for (number, row) in results.arrived.iter().enumerate() {
                let known = row.arrivals.known();
                let known = known.map(|known| i64::try_from(known).unwrap_or(i64::MAX));
                let place = row.place.to_string();
                insert.execute((run.0, number, place, row.headline.as_str(), &row.url, known))?;
            }
            db.execute("DELETE FROM ranking WHERE run = ?1", [run.0])?;
            let mut insert = db.prepare_cached(
                "INSERT INTO ranking (run, ranking, ndcg, capture) VALUES (?1, ?2, ?3, ?4)",
            )?;
            for (ranking, score) in &results.rankings {
                insert.execute((run.0, ranking.key(), score.ndcg, score.capture))?;
            }
            Ok(())
        })
    }

    /// What is known of an edition; `None`: nothing was gathered yet.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn results(&self, run: RunId) -> Result<Option<Results>, LedgerError> {
        self.read(|db| {
            let found = db
                .prepare_cached(
                    "SELECT gathered, until, complete, source, notes FROM result WHERE run = ?1",
                )?
                .query_row([run.0], |row| {
                    let notes: String = row.get(4)?;
                    Ok(Results {
                        gathered: instant(row.get(0)?),
                        until: instant(row.get(1)?),
                        is_complete: row.get(2)?,
                        source: row
                            .get::<_, Option<String>>(3)?
                            .map(|name| Line::clean(&name)),
                        arrived: Vec::new(),
                        rankings: Vec::new(),
                        notes: serde_json::from_str(&notes).unwrap_or_default(),
                    })
                })
                .optional()?;
            let Some(mut results) = found else {
                return Ok(None);
            };
            let mut statement = db.prepare_cached(
                "SELECT place, headline, url, arrivals FROM arrival WHERE run = ?1 ORDER BY number",
            )?;
            let mut rows = statement.query([run.0])?;
            while let Some(row) = rows.next()? {
                // A place that a later program knows is passed over.
                if let Ok(place) = row.get::<_, String>(0)?.parse() {
                    results.arrived.push(Arrived {
                        place,
                        headline: Line::clean(&row.get::<_, String>(1)?),
                        url: row.get(2)?,
                        arrivals: Arrivals::of(row.get::<_, Option<u64>>(3)?.unwrap_or(0)),
                    });
                }
            }
            let mut statement =
                db.prepare_cached("SELECT ranking, ndcg, capture FROM ranking WHERE run = ?1")?;
            let mut rows = statement.query([run.0])?;
            while let Some(row) = rows.next()? {
                let key: String = row.get(0)?;
                let score = RankScore {
                    ndcg: row.get(1)?,
                    capture: row.get(2)?,
                };
                let ranking = Ranking::of_key(&key);
                results
                    .rankings
                    .extend(ranking.map(|ranking| (ranking, score)));
            }
            results
                .rankings
                .sort_unstable_by_key(|(ranking, _)| *ranking);
            Ok(Some(results))
        })
    }

    /// What was known of each place in the last so many editions of the same newsletter before that one; of no edition that was counted for
    /// less than half a day.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn arrivals_before(
        &self,
        run: RunId,
        editions: usize,
    ) -> Result<BTreeMap<Place, Vec<Arrivals>>, LedgerError> {
        let rows = self.read(|db| {
            db.prepare_cached(&format!(
                "SELECT place, arrivals FROM arrival WHERE run IN (
                     SELECT earlier.id FROM run AS earlier JOIN run AS this ON this.id = ?1
                         JOIN result ON result.run = earlier.id AND source IS NOT NULL
                     WHERE earlier.frozen < this.frozen AND until - earlier.frozen >= {HALF_A_DAY} AND earlier.outbox = this.outbox AND earlier.newsletter = this.newsletter
                     ORDER BY earlier.frozen DESC LIMIT ?2
                 )",
            ))?
            .query_map((run.0, editions), |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<Vec<(String, Option<u64>)>>>()
        })?;
        let mut before: BTreeMap<Place, Vec<Arrivals>> = BTreeMap::new();
        for (place, known) in rows {
            if let Ok(place) = place.parse() {
                before
                    .entry(place)
                    .or_default()
                    .push(Arrivals::of(known.unwrap_or(0)));
            }
        }
        Ok(before)
    }

    /// How good each order would have been on average over the editions of that newsletter frozen from then on, and over how many; `None`: over
    /// those of all.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn mean_rankings(
        &self,
        of: Option<&str>,
        since: DateTime<Utc>,
    ) -> Result<Vec<(Ranking, RankScore, u64)>, LedgerError> {
        let rows = self.read(|db| {
            db.prepare_cached(
                "SELECT ranking, avg(ndcg), avg(capture), count(*) FROM ranking JOIN run ON run.id = ranking.run
                 WHERE frozen >= ?1 AND (newsletter = ?2 OR ?2 IS NULL AND NOT alert) GROUP BY ranking",
            )?
            .query_map((millis(since), of), |row| {
                let score = RankScore {
                    ndcg: row.get(1)?,
                    capture: row.get(2)?,
                };
                Ok((row.get(0)?, score, row.get(3)?))
            })?
            .collect::<rusqlite::Result<Vec<(String, RankScore, u64)>>>()
        })?;
        let mut means: Vec<(Ranking, RankScore, u64)> = rows
            .into_iter()
            .filter_map(|(key, score, editions)| Some((Ranking::of_key(&key)?, score, editions)))
            .collect();
        means.sort_unstable_by_key(|(ranking, ..)| *ranking);
        Ok(means)
    }
}
