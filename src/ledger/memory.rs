//! What earlier editions printed, and what was fetched before.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use rusqlite::OptionalExtension as _;

use super::{Ledger, LedgerError, instant, millis};
use crate::edition::Slug;
use crate::link::StoryKey;

/// What was fetched from an address, for a conditional request (RFC 9110 section 13).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The ETag, verbatim.
    pub etag: Option<String>,
    /// The Last-Modified date, verbatim.
    pub last_modified: Option<String>,
    /// The content.
    pub body: Vec<u8>,
}

/// A run counts as sent when it goes to the relay and at least one copy was, or may have been, accepted. A rehearsal never does.
const SENT: &str = "outbox = '' AND frozen IS NOT NULL AND EXISTS (SELECT 1 FROM copy WHERE copy.id BETWEEN run.first_copy AND run.last_copy AND state IN (2, 1, 6))";

impl Ledger {
    /// When the newest edition that was really sent, other than `apart_from`, was frozen.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn last_edition(&self, apart_from: &Slug) -> Result<Option<DateTime<Utc>>, LedgerError> {
        let sql = format!("SELECT max(frozen) FROM run WHERE slug <> ?1 AND {SENT}");
        let frozen = self.read(|db| {
            db.query_row(&sql, [apart_from.to_string()], |row| {
                row.get::<_, Option<i64>>(0)
            })
        })?;
        Ok(frozen.map(instant))
    }

    /// The stories of editions really sent since that instant, other than `apart_from`, and the newest edition that printed each.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn ran(
        &self,
        since: DateTime<Utc>,
        apart_from: &Slug,
    ) -> Result<HashMap<StoryKey, Slug>, LedgerError> {
        let sql = format!(
            "SELECT story.key, slug FROM story JOIN run ON run.id = story.run WHERE slug <> ?1 AND frozen >= ?2 AND {SENT} ORDER BY frozen"
        );
        let rows = self.read(|db| {
            db.prepare(&sql)?
                .query_map((apart_from.to_string(), millis(since)), |row| {
                    Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
                })?
                .collect::<rusqlite::Result<Vec<_>>>()
        })?;
        rows.into_iter()
            .map(|(key, slug)| {
                Ok((
                    StoryKey::restore(&key),
                    slug.parse()
                        .map_err(|_| LedgerError::Nonsense { what: slug })?,
                ))
            })
            .collect()
    }

    /// What was fetched from that address last.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn remembered(&self, url: &str) -> Result<Option<Page>, LedgerError> {
        self.read(|db| {
            db.query_row(
                "SELECT etag, last_modified, body FROM fetched WHERE url = ?1",
                [url],
                |row| {
                    Ok(Page {
                        etag: row.get(0)?,
                        last_modified: row.get(1)?,
                        body: row.get(2)?,
                    })
                },
            )
            .optional()
        })
    }

    /// Keeps what was fetched from that address.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn remember(
        &mut self,
        url: &str,
        page: &Page,
        now: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        self.write(|db| db.execute("INSERT OR REPLACE INTO fetched (url, etag, last_modified, body, at) VALUES (?1, ?2, ?3, ?4, ?5)", (url, &page.etag, &page.last_modified, &page.body, millis(now)))).map(drop)
    }
}
