//! What edition files said.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::packed::{pack_bytes, unpack_bytes};
use super::rows::{FoundRows, Unread, rows};
use super::{Ledger, instant, millis};
use crate::ledger::LedgerError;
use crate::model::edition::{EditionVersion, Slug, VersionOrigin};
use crate::model::line::Line;

impl Ledger {
    /// Keeps what the file of an edition says as its newest version, unless the newest one says the same. `newsletter` is the newsletter's id.
    /// From the commit on the version exists; the number of the version that says `text` is given back.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn keep_version(
        &mut self,
        (newsletter, slug): (&str, &Slug),
        text: &str,
        (origin, by): (VersionOrigin, Option<&Line>),
        seen: DateTime<Utc>,
    ) -> Result<u64, LedgerError> {
        let slug = slug.to_string();
        // Most looks find nothing new: they pack nothing and wait for nobody who writes.
        if let (number, true) = self.read(|db| number_of(db, (newsletter, &slug), text))? {
            return Ok(number);
        }
        let packed = pack_bytes(text.as_bytes()).map_err(|error| LedgerError::Nonsense {
            what: error.to_string(),
        })?;
        self.write(|db| {
            let (number, is_known) = number_of(db, (newsletter, &slug), text)?;
            if !is_known {
                let bytes = i64::try_from(text.len()).unwrap_or(i64::MAX);
                let by = by.map(Line::as_str);
                db.execute(
                    "INSERT INTO edition_version (newsletter, slug, number, seen, origin, by, bytes, text) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                    (newsletter, &slug, number, millis(seen), origin.key(), by, bytes, &packed),
                )?;
            }
            Ok(number)
        })
    }

    /// All versions of an edition, oldest first.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn versions(
        &self,
        newsletter: &str,
        slug: &Slug,
    ) -> Result<FoundRows<EditionVersion>, LedgerError> {
        self.read(|db| {
            rows(
                db,
                "SELECT number, seen, origin, by, bytes FROM edition_version WHERE newsletter = ?1 AND slug = ?2 ORDER BY number",
                (newsletter, slug.to_string()),
                read_version,
            )
        })
    }

    /// What one of them said; `None`: there is none of that number.
    ///
    /// # Errors
    /// The ledger cannot be read, or holds something else.
    pub fn version_text(
        &self,
        newsletter: &str,
        slug: &Slug,
        number: u64,
    ) -> Result<Option<String>, LedgerError> {
        let packed: Option<Vec<u8>> = self.read(|db| {
            db.prepare_cached(
                "SELECT text FROM edition_version WHERE newsletter = ?1 AND slug = ?2 AND number = ?3",
            )?
            .query_row((newsletter, slug.to_string(), number), |row| row.get(0))
            .optional()
        })?;
        let unpacked = packed.map(|packed| {
            let bytes = unpack_bytes(&packed).ok()?;
            String::from_utf8(bytes).ok()
        });
        unpacked
            .map(|text| {
                text.ok_or_else(|| LedgerError::Nonsense {
                    what: format!("a broken version {number} of {slug}"),
                })
            })
            .transpose()
    }
}

/// The number of the version that says `text`, and whether it is known: the newest one says it.
fn number_of(db: &Connection, of: (&str, &str), text: &str) -> rusqlite::Result<(u64, bool)> {
    let newest = db
        .prepare_cached(
            "SELECT number, text FROM edition_version WHERE newsletter = ?1 AND slug = ?2 ORDER BY number DESC LIMIT 1",
        )?
        .query_row(of, |row| Ok((row.get::<_, u64>(0)?, row.get::<_, Vec<u8>>(1)?)))
        .optional()?;
    let Some((number, packed)) = newest else {
        return Ok((1, false));
    };
    let is_known = unpack_bytes(&packed).is_ok_and(|known| known == text.as_bytes());
    Ok((if is_known { number } else { number + 1 }, is_known))
}

/// Versions that were seen before `until` go.
pub(super) fn forget(db: &Connection, until: i64) -> rusqlite::Result<usize> {
    db.execute("DELETE FROM edition_version WHERE seen < ?1", [until])
}

fn read_version(row: &Row<'_>) -> Result<EditionVersion, Unread> {
    let number = row.get(0)?;
    let origin = VersionOrigin::of_key(&row.get::<_, String>(2)?);
    let by: Option<String> = row.get(3)?;
    Ok(EditionVersion {
        number,
        seen: instant(row.get(1)?),
        origin: origin.ok_or_else(|| Unread::words(&format!("the origin of version {number}")))?,
        by: by.as_deref().and_then(Line::non_empty),
        bytes: row.get(4)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::LedgerFile;

    #[test]
    fn every_save_is_a_version_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = LedgerFile::new(folder.path().join("l.db"), folder.path(), "h");
        let mut ledger = Ledger::open(&file).unwrap();
        let slug: Slug = "2026-08-24".parse().unwrap();
        let seen: DateTime<Utc> = "2026-08-24T05:45:00Z".parse().unwrap();
        let bea = Line::clean("bea");
        let mut keep = |text: &str, origin| {
            let kept = ledger.keep_version(("h", &slug), text, (origin, Some(&bea)), seen);
            kept.unwrap()
        };
        assert_eq!(keep("one", VersionOrigin::Draft), 1);
        assert_eq!(keep("one", VersionOrigin::File), 1);
        assert_eq!(keep("two", VersionOrigin::File), 2);
        assert_eq!(keep("one", VersionOrigin::Restore), 3);
        let found = ledger.versions("h", &slug).unwrap();
        let told: Vec<_> = found
            .rows
            .iter()
            .map(|one| (one.number, one.origin.key(), one.bytes))
            .collect();
        assert_eq!(told, [(1, "draft", 3), (2, "file", 3), (3, "restore", 3)]);
        assert_eq!(found.rows[0].by, Some(bea));
        let text = |of: &str, number| ledger.version_text(of, &slug, number).unwrap();
        assert_eq!(text("h", 2).as_deref(), Some("two"));
        assert_eq!((text("h", 4), text("other", 1)), (None, None));
    }
}
