//! What earlier editions printed, and what was fetched before.

use chrono::{DateTime, Utc};
use rusqlite::OptionalExtension as _;

use super::{Ledger, instant, millis};
use crate::ledger::policy::{EDITIONS_REMEMBERED, PAGES_KEPT};
use crate::ledger::state::CopyState::{Accepted, Handing, InDoubt};
use crate::ledger::{LedgerError, StoredAnswer};
use crate::model::edition::{Ran, Slug};
use crate::model::line::Line;
use crate::model::link::StoryKey;
use crate::model::story::Printed;

/// A run counts as sent when it goes to the relay and at least one copy was, or may have been, accepted. A rehearsal never does, nor does a correction.
pub(super) fn sent() -> String {
    let states = format!("({Accepted}, {Handing}, {InDoubt})");
    format!(
        "outbox = '' AND frozen IS NOT NULL AND corrects IS NULL AND EXISTS (
             SELECT 1 FROM copy WHERE copy.id BETWEEN run.first_copy AND run.last_copy AND state IN {states}
             UNION ALL SELECT 1 FROM run_tally WHERE run_tally.run = run.id AND state IN {states})"
    )
}

impl Ledger {
    /// When the newest edition that was really sent, other than `apart_from`, was frozen; `of` that newsletter, if it is one of several.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn last_edition(
        &self,
        of: Option<&str>,
        apart_from: &Slug,
    ) -> Result<Option<DateTime<Utc>>, LedgerError> {
        let sql = format!(
            "SELECT max(frozen) FROM run WHERE (newsletter = ?1 OR ?1 IS NULL AND NOT alert) AND slug <> ?2 AND {}",
            sent()
        );
        let frozen = self.read(|db| {
            db.query_row(&sql, (of, apart_from.to_string()), |row| {
                row.get::<_, Option<i64>>(0)
            })
        })?;
        Ok(frozen.map(instant))
    }

    /// What editions really sent since that instant, other than `apart_from`, printed, and the last seven whenever they were: a pause is
    /// no reason to print a story again. Oldest edition first.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn ran(
        &self,
        of: Option<&str>,
        since: DateTime<Utc>,
        apart_from: &Slug,
    ) -> Result<Vec<Ran>, LedgerError> {
        let sql = format!(
            "WITH sent AS (SELECT id, slug, frozen FROM run
                     WHERE (newsletter = ?3 OR ?3 IS NULL AND NOT alert) AND slug <> ?1 AND {} ORDER BY frozen DESC),
                  kept AS (SELECT * FROM sent WHERE frozen >= ?2 UNION SELECT * FROM (SELECT * FROM sent LIMIT {EDITIONS_REMEMBERED}))
             SELECT slug, frozen, story.key, headline, dek, published
             FROM story JOIN kept ON kept.id = story.run ORDER BY frozen, story.key",
            sent()
        );
        let rows = self.read(|db| {
            db.prepare(&sql)?
                .query_map((apart_from.to_string(), millis(since), of), |row| {
                    let story = Printed {
                        key: StoryKey::restore(&row.get::<_, String>(2)?),
                        headline: Line::clean(&row.get::<_, String>(3)?),
                        dek: row
                            .get::<_, Option<String>>(4)?
                            .and_then(|dek| Line::non_empty(&dek)),
                        published: row.get::<_, Option<i64>>(5)?.map(instant),
                    };
                    Ok((row.get::<_, String>(0)?, row.get(1).map(instant)?, story))
                })?
                .collect::<rusqlite::Result<Vec<_>>>()
        })?;
        Ok(rows
            .into_iter()
            .filter_map(|(slug, at, story)| {
                Some(Ran {
                    slug: slug.parse().ok()?,
                    at,
                    story,
                })
            })
            .collect())
    }

    /// What was fetched from that address last.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn remembered(&self, url: &str) -> Result<Option<StoredAnswer>, LedgerError> {
        self.read(|db| {
            db.query_row(
                "SELECT etag, last_modified, body FROM fetched WHERE url = ?1",
                [url],
                |row| {
                    Ok(StoredAnswer {
                        etag: row.get(0)?,
                        last_modified: row.get(1)?,
                        body: row.get(2)?,
                    })
                },
            )
            .optional()
        })
    }

    /// Keeps what was fetched from that address, and forgets what was fetched long ago.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn remember(
        &mut self,
        url: &str,
        page: &StoredAnswer,
        now: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        self.write(|db| {
            db.execute(
                "DELETE FROM fetched WHERE at < ?1",
                [millis(now - PAGES_KEPT)],
            )?;
            db.execute(
                "INSERT OR REPLACE INTO fetched (url, etag, last_modified, body, at)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                (
                    url,
                    &page.etag,
                    &page.last_modified,
                    &page.body,
                    millis(now),
                ),
            )
        })
        .map(drop)
    }
}
