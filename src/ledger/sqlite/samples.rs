//! Samples of sources of readership that know no times.

use chrono::{DateTime, Utc};

use super::{Ledger, instant, millis};
use crate::ledger::LedgerError;
use crate::ledger::policy::SAMPLES_KEPT;
use crate::model::line::Line;
use crate::model::link::StoryKey;
use crate::model::page_views::Sample;

impl Ledger {
    /// Keeps what a source said at one time, and forgets samples that are too old to be of use: all of it, or nothing.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn keep_samples(
        &mut self,
        source: &Line,
        samples: &[Sample],
        now: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        self.write(|db| {
            db.execute(
                "DELETE FROM sample WHERE at < ?1",
                [millis(now - SAMPLES_KEPT)],
            )?;
            let mut insert = db.prepare_cached(
                "INSERT OR REPLACE INTO sample (source, at, page, count) VALUES (?1, ?2, ?3, ?4)",
            )?;
            for sample in samples {
                insert.execute((
                    source.as_str(),
                    millis(sample.at),
                    sample.page.as_str(),
                    i64::try_from(sample.count).unwrap_or(i64::MAX),
                ))?;
            }
            Ok(())
        })
    }

    /// What a source said since that instant, oldest first. A row that holds what this program never writes is one sample fewer.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn samples(&self, source: &Line, since: DateTime<Utc>) -> Result<Vec<Sample>, LedgerError> {
        self.read(|db| {
            db.prepare_cached(
                "SELECT at, page, count FROM sample WHERE source = ?1 AND at >= ?2
                     AND typeof(page) = 'text' AND typeof(count) = 'integer' AND count >= 0 ORDER BY at, page",
            )?
            .query_map((source.as_str(), millis(since)), |row| {
                Ok(Sample {
                    at: instant(row.get(0)?),
                    page: StoryKey::restore(&row.get::<_, String>(1)?),
                    count: row.get(2)?,
                })
            })?
            .collect()
        })
    }

    /// When the last sample of a source was taken.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn last_sample(&self, source: &Line) -> Result<Option<DateTime<Utc>>, LedgerError> {
        self.read(|db| {
            db.query_row(
                "SELECT max(at) FROM sample WHERE source = ?1",
                [source.as_str()],
                |row| row.get::<_, Option<i64>>(0),
            )
        })
        .map(|at| at.map(instant))
    }
}
