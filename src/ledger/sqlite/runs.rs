//! Frozen runs. What is being staged does not exist yet, and is in none of these answers.
//!
//! `of` is the id of the newsletter whose runs are meant; `None`: those of all, also of one newsletter that changed its id, but no alerts.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::packed::PackedPages;
use super::rows::{FoundRows, Unread, rows};
use super::{Ledger, instant, millis};
use crate::ledger::state::CopyState::{Accepted, Handing, InDoubt, Queued};
use crate::ledger::{AskedAs, Fared, LedgerError, Run, RunId, SentAlert, Target};
use crate::model::address::Address;
use crate::model::edition::Slug;
use crate::model::link::StoryKey;
use crate::model::subscriber::Suppression;

impl Ledger {
    /// The frozen run of that edition to that target.
    ///
    /// # Errors
    /// The ledger or that row cannot be read.
    pub fn run(
        &self,
        of: Option<&str>,
        slug: &Slug,
        target: &Target,
    ) -> Result<Option<Run>, LedgerError> {
        let sql = format!("{RUNS} AND slug = ?2 AND outbox = ?3");
        let values = (of, slug.to_string(), target.outbox());
        only(self.read(|db| rows(db, &sql, values, read_run))?)
    }

    /// The newest edition's run to the relay; of an edition before `before`, if that is given.
    ///
    /// # Errors
    /// The ledger or that row cannot be read.
    pub fn newest_run(
        &self,
        of: Option<&str>,
        before: Option<&Slug>,
    ) -> Result<Option<Run>, LedgerError> {
        let sql = format!(
            "{RUNS} AND outbox = '' AND corrects IS NULL AND (?2 IS NULL OR slug < ?2) ORDER BY frozen DESC, id DESC LIMIT 1"
        );
        let values = (of, before.map(Slug::to_string));
        only(self.read(|db| rows(db, &sql, values, read_run))?)
    }

    /// The ids of all newsletters that ever had a frozen run.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn newsletters(&self) -> Result<Vec<String>, LedgerError> {
        self.read(newsletters)
    }

    /// The ids under which alerts were ever frozen.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn alerts(&self) -> Result<Vec<String>, LedgerError> {
        self.read(alerts)
    }

    /// All frozen runs, newest first.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn runs(&self, of: Option<&str>) -> Result<FoundRows<Run>, LedgerError> {
        let sql = format!("{RUNS} ORDER BY frozen DESC, id DESC");
        self.read(|db| rows(db, &sql, [of], read_run))
    }

    /// The runs to the relay that were frozen from then on, newest first.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn runs_since(
        &self,
        of: Option<&str>,
        at: DateTime<Utc>,
    ) -> Result<FoundRows<Run>, LedgerError> {
        let sql = format!(
            "{RUNS} AND outbox = '' AND corrects IS NULL AND frozen >= ?2 ORDER BY frozen DESC, id DESC"
        );
        self.read(|db| rows(db, &sql, (of, millis(at)), read_run))
    }

    /// The runs to that target in which a copy is queued, or was being handed over when a sender was killed; oldest first.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn unfinished(
        &self,
        of: Option<&str>,
        target: &Target,
    ) -> Result<FoundRows<Run>, LedgerError> {
        let sql = format!(
            "{RUNS} AND outbox = ?2 AND (
                 EXISTS (SELECT 1 FROM copy INDEXED BY copy_queued WHERE run = run.id AND state = {Queued})
                 OR EXISTS (SELECT 1 FROM copy INDEXED BY copy_handing WHERE run = run.id AND state = {Handing})
             ) ORDER BY frozen"
        );
        self.read(|db| rows(db, &sql, (of, target.outbox()), read_run))
    }

    /// The alerts of that newsletter's id to that target that were frozen from then on, newest first.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn alerts_since(
        &self,
        of: &str,
        target: &Target,
        since: DateTime<Utc>,
        story: &StoryKey,
    ) -> Result<Vec<SentAlert>, LedgerError> {
        let sql = "SELECT slug, frozen, EXISTS (SELECT 1 FROM story WHERE run = run.id AND key = ?4)
            FROM run WHERE alert AND newsletter = ?1 AND outbox = ?2 AND frozen >= ?3 ORDER BY id DESC";
        let values = (of, target.outbox(), millis(since), story.as_str());
        let found = self.read(|db| {
            rows(db, sql, values, |row| {
                let slug: String = row.get(0)?;
                Ok(SentAlert {
                    slug: slug
                        .parse()
                        .map_err(|_| Unread::words("the day of an alert"))?,
                    frozen: instant(row.get(1)?),
                    has_story: row.get(2)?,
                })
            })
        })?;
        Ok(found.rows)
    }

    /// How the readers of that newsletter fared since then.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn fared(
        &self,
        of: Option<&str>,
        asked_as: AskedAs<'_>,
        since: DateTime<Utc>,
    ) -> Result<Fared, LedgerError> {
        let since = millis(since);
        let is_alerts = asked_as == AskedAs::Alerts;
        let named = match asked_as {
            AskedAs::Newsletter(name) => name.map(|name| format!("\"{name}\"")),
            AskedAs::Alerts => None,
        };
        let runs = "SELECT id FROM run WHERE frozen >= ?2 AND outbox = '' AND (newsletter = ?1 OR ?1 IS NULL AND NOT alert)";
        let accepted = format!(
            "SELECT coalesce(sum(n), 0) FROM (
                 SELECT (SELECT count(*) FROM copy WHERE copy.id BETWEEN first_copy AND last_copy AND state = {Accepted})
                     + (SELECT coalesce(sum(copies), 0) FROM run_tally WHERE run_tally.run = run.id AND state = {Accepted}) AS n
                 FROM run WHERE id IN ({runs}))"
        );
        self.read(|db| {
            let count = |sql: &str| db.query_row(sql, (of, since), |row| row.get::<_, u64>(0));
            Ok(Fared {
                gained: db.query_row(
                    "SELECT count(*) FROM sign_up WHERE confirmed >= ?2 AND (?1 IS NULL OR instr(newsletters, ?1) > 0) AND (alerts OR NOT ?3)",
                    (named, since, is_alerts),
                    |row| row.get(0),
                )?,
                left: count("SELECT count(*) FROM left_newsletter WHERE newsletter = ?1 AND since >= ?2")?
                    + db.query_row(
                        "SELECT count(*) FROM suppressed WHERE reason = ?1 AND since >= ?2 AND NOT ?3",
                        (Suppression::Unsubscribed.code(), since, is_alerts),
                        |row| row.get::<_, u64>(0),
                    )?,
                complaints: count(
                    "SELECT count(*) FROM bounce WHERE class = 'complaint' AND at >= ?2
                     AND run IN (SELECT id FROM run WHERE newsletter = ?1 OR ?1 IS NULL AND NOT alert)",
                )?,
                accepted: count(&accepted)?,
            })
        })
    }

    /// The run of that number.
    ///
    /// # Errors
    /// The ledger or that row cannot be read.
    pub fn run_numbered(&self, run: RunId) -> Result<Option<Run>, LedgerError> {
        let sql = format!("{ANY_RUN} AND id = ?1");
        only(self.read(|db| rows(db, &sql, [run.0], read_run))?)
    }

    /// The corrections of a run, the newest first.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn corrections(&self, of: RunId) -> Result<Vec<Run>, LedgerError> {
        let sql = format!("{ANY_RUN} AND corrects = ?1 ORDER BY id DESC");
        Ok(self.read(|db| rows(db, &sql, [of.0], read_run))?.rows)
    }

    /// The corrections that went to the relay.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn corrections_sent(&self, of: Option<&str>) -> Result<Vec<Slug>, LedgerError> {
        let slugs: Vec<String> = self.read(|db| {
            db.prepare_cached(
                "SELECT slug FROM run WHERE corrects IS NOT NULL AND frozen IS NOT NULL AND outbox = ''
                 AND (newsletter = ?1 OR ?1 IS NULL AND NOT alert)",
            )?
            .query_map([of], |row| row.get(0))?
            .collect()
        })?;
        Ok(slugs.iter().filter_map(|slug| slug.parse().ok()).collect())
    }

    /// The number of the pages that a reader's copy of that run has, if the relay took it or may have.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn page_set_got(
        &self,
        run: RunId,
        address: &Address,
    ) -> Result<Option<usize>, LedgerError> {
        let sql = format!(
            "SELECT page_set FROM copy WHERE run = ?1 AND reader = (SELECT id FROM reader WHERE key = ?2)
             AND state IN ({Accepted}, {Handing}, {InDoubt}) LIMIT 1"
        );
        self.read(|db| {
            db.prepare_cached(&sql)?
                .query_row((run.0, &*address.key()), |row| row.get(0))
                .optional()
        })
    }

    /// The pages of a run, in the order of their numbers; the first are the whole edition.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn pages(&self, run: RunId) -> Result<Vec<PackedPages>, LedgerError> {
        self.read(|db| {
            db.prepare("SELECT pages FROM page_set WHERE run = ?1 ORDER BY number")?
                .query_map([run.0], |row| Ok(PackedPages::of(row.get_ref(0)?)))?
                .collect()
        })
    }
}

pub(super) fn newsletters(db: &Connection) -> rusqlite::Result<Vec<String>> {
    db.prepare_cached("SELECT DISTINCT newsletter FROM run WHERE frozen IS NOT NULL")?
        .query_map([], |row| row.get(0))?
        .collect()
}

pub(super) fn alerts(db: &Connection) -> rusqlite::Result<Vec<String>> {
    db.prepare_cached("SELECT DISTINCT newsletter FROM run WHERE alert AND frozen IS NOT NULL")?
        .query_map([], |row| row.get(0))?
        .collect()
}

/// Frozen runs only: what is being staged does not exist yet.
const ANY_RUN: &str = "SELECT id, slug, outbox, frozen, key, edition, newsletter, letterhead,
        EXISTS (SELECT 1 FROM run_tally WHERE run = run.id), let_go, corrects
    FROM run WHERE frozen IS NOT NULL";

/// Those of a newsletter, or of all.
const RUNS: &str = "SELECT id, slug, outbox, frozen, key, edition, newsletter, letterhead,
        EXISTS (SELECT 1 FROM run_tally WHERE run = run.id), let_go, corrects
    FROM run WHERE frozen IS NOT NULL AND (newsletter = ?1 OR ?1 IS NULL AND NOT alert)";

/// The one row that was found, if there is one.
fn only(mut found: FoundRows<Run>) -> Result<Option<Run>, LedgerError> {
    match found.broken.pop() {
        Some(what) => Err(LedgerError::Nonsense {
            what: what.to_string(),
        }),
        None => Ok(found.rows.pop()),
    }
}

fn read_run(row: &Row<'_>) -> Result<Run, Unread> {
    let id = row.get(0)?;
    let broken = |what: &str| Unread::words(&format!("{what} of run {id}"));
    let outbox: String = row.get(2)?;
    let letterhead: Option<String> = row.get(7)?;
    let let_go: Option<String> = row.get(9)?;
    Ok(Run {
        id: RunId(id),
        slug: row
            .get::<_, String>(1)?
            .parse()
            .map_err(|_| broken("the day"))?,
        target: if outbox.is_empty() {
            Target::Relay
        } else {
            Target::Outbox(outbox)
        },
        frozen: instant(row.get(3)?),
        key: row
            .get::<_, Vec<u8>>(4)?
            .try_into()
            .map_err(|_| broken("the key"))?,
        edition: row.get(5)?,
        is_pruned: row.get(8)?,
        newsletter: row.get(6)?,
        letterhead: letterhead
            .map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|_| broken("the letterhead"))?,
        let_go: let_go
            .map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|_| broken("who let it go"))?,
        corrects: row.get::<_, Option<i64>>(10)?.map(RunId),
    })
}
