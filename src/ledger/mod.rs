//! The ledger remembers who was to get each edition and what became of every copy. It never speaks to a mail server, and no other room
//! writes SQL.
//!
//! # States of a copy
//! | state | means | may become |
//! |---|---|---|
//! | queued | to be handed over, not before `next_try` | handing, left out, given up |
//! | handing | claimed: its letter may be on the wire | accepted, rejected, queued, given up, in doubt |
//! | accepted | the relay took responsibility | |
//! | rejected | the relay refused the mailbox for good | |
//! | given up | deferred too often, or too late for its edition | |
//! | in doubt | the relay fell silent after the dot | queued, if a person sends again and has not skipped it |
//! | left out | gets no copy, with a reason | |
//!
//! # Instants
//! * *Freeze*: recipients are staged in batches under a run that is not yet frozen, and that nobody looks at. One commit marks it
//!   frozen: at that instant the send exists. What a crash leaves staged is removed by the next freeze.
//! * *Claim*: queued becomes handing and is committed before the first byte of the letter leaves. The claim looks at the suppression
//!   list in its own transaction: whoever is on it by then gets nothing.
//! * *Settle*: the relay's answer, committed together with the next claim of the same conversation. If that commit fails, the answer is
//!   kept and written on its own before the program ends.
//!
//! # Crash windows
//! | killed | what is found | what is done |
//! |---|---|---|
//! | while staging | a run that is not frozen | removed; nothing was sent |
//! | after the freeze, before a claim | queued rows | handed over |
//! | after a claim, before the dot | a handing row | not sent, but nobody knows: named in doubt, sent again with the same Message-ID |
//! | after the dot, before the settle | a handing row | sent, but nobody knows: the same |
//! | after the settle | settled rows | nothing |
//!
//! So a crash leaves at most one row in doubt for each conversation. No cleverness removes the two windows in the middle: the relay's
//! queue and this file cannot be committed as one.
//!
//! # Files
//! SQLite in WAL mode, `synchronous = FULL`: a commit survives a power cut. Readers (`status`, the preview) never wait for a sender. One
//! sender at a time holds [`SendLock`]; the system drops it when the process ends, however it ends. Not for network file systems.

mod asks;
mod audit;
mod bounces;
mod claims;
mod copies;
mod freeze;
mod gone;
mod handed;
mod journal;
mod lock;
mod memory;
mod prune;
mod readers;
mod rows;
mod schema;
mod set_aside;
mod suppression;
mod writer;

use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeZone as _, Utc};
use rusqlite::{Connection, ErrorCode, Row};

pub use asks::{ReadersWriter, ReadersWriterThread};
pub use audit::{Fate, Standing};
pub use bounces::{CameBack, Comeback, Outcome, Patience, Returned};
pub use claims::{Claim, Claimed, Order, Queued, Refused, Settled, Settlement};
pub use copies::Doubtful;
pub use freeze::{Freeze, Seat};
pub use gone::Place;
pub use journal::{Change, Changes, Handed, Letters, Waiting, Wish};
pub use lock::{Held, SendLock};
pub use memory::Page;
pub use prune::Pruned;
pub use readers::Known;
pub use rows::Rows;
use rows::Unread;
pub use suppression::Suppressed;
pub use writer::{Writer, WriterThread};

use crate::model::edition::Slug;
use crate::model::newsletter::{Letterhead, Newsletter};
use crate::model::pages::Pages;

/// The open database.
pub struct Ledger {
    connection: Connection,
    path: PathBuf,
    /// Which files were opened: the ledger, and its log of writes.
    files: [Option<gone::Inode>; 2],
    /// Whether every statement makes sure first that they are still there.
    is_watched: bool,
}

/// The number of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunId(i64);

impl RunId {
    /// The number itself, for tokens.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0.cast_unsigned()
    }
}

#[cfg(test)]
impl RunId {
    /// A run that is in no ledger.
    pub(crate) const fn none() -> Self {
        Self(0)
    }
}

/// An edition frozen for one target.
#[derive(Clone, Debug)]
pub struct Run {
    /// Its number.
    pub id: RunId,
    /// The edition's day.
    pub slug: Slug,
    /// The id of its newsletter.
    pub newsletter: String,
    /// What of the newsletter stands in every letter; `None` if an older program froze it.
    pub letterhead: Option<Letterhead>,
    /// Where its letters go.
    pub target: Target,
    /// When it was frozen; every letter carries this date.
    pub frozen: DateTime<Utc>,
    /// The random bytes from which its Message-IDs are made.
    pub key: [u8; 16],
    /// The edition file as it was frozen.
    pub edition: String,
    /// Whether its copies were deleted (`[ledger] keep`); the tally is kept.
    pub is_pruned: bool,
}

/// Where a run's letters go. Runs to different targets are kept apart: a rehearsal neither counts as sent nor blocks a send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// To the relay, and so to people.
    Relay,
    /// Into that folder.
    Outbox(String),
}

impl Run {
    /// The newsletter under whose head its letters go out: as it was frozen, whatever it is called `today`. `None`: what was frozen
    /// cannot be read.
    #[must_use]
    pub fn newsletter(&self, today: &Newsletter) -> Option<Newsletter> {
        match &self.letterhead {
            Some(head) => today.under(head),
            // It has no key, so nobody has a link or a bounce address of her own.
            None => Some(Newsletter {
                public: None,
                bounces: None,
                ..today.clone()
            }),
        }
    }
}

impl Target {
    fn outbox(&self) -> &str {
        match self {
            Self::Relay => "",
            Self::Outbox(folder) => folder,
        }
    }
}

/// Why the ledger could not be used.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The file is something else.
    #[error("`{}` is not a ledger of newsdigest", .0.display())]
    Foreign(PathBuf),
    /// A newer program wrote it.
    #[error("`{}` was written by a newer newsdigest (version {found} of its tables, this one knows {known})", .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: usize,
        /// Ours.
        known: usize,
    },
    /// No room is left.
    #[error("the disk of `{}` is full: what was committed before stands", .0.display())]
    Full(PathBuf),
    /// The file or its folder may not be written.
    #[error("`{}` cannot be written: it or its folder is read-only", .0.display())]
    ReadOnly(PathBuf),
    /// Another program holds it.
    #[error("`{}` is locked by another program", .0.display())]
    Busy(PathBuf),
    /// The file is damaged.
    #[error("`{}` is damaged; a copy of it should be kept before anything else is tried", .0.display())]
    Damaged(PathBuf),
    /// It cannot be opened.
    #[error("`{}` cannot be opened or made: expected a file in a folder that exists and may be written", .0.display())]
    Open(PathBuf),
    /// Anything else that SQLite says.
    #[error("the ledger `{}` failed: {what}", .path.display())]
    Sql {
        /// The file.
        path: PathBuf,
        /// What SQLite said. Not the error itself: its chain says the same again.
        what: String,
    },
    /// The file refuses one row; another might fare better.
    #[error("the ledger `{}` refuses a row: {what}", .path.display())]
    Row {
        path: PathBuf,
        /// What SQLite said.
        what: String,
    },
    /// The file is not where it was opened any more: what is written now goes nowhere.
    #[error("`{}` was removed or replaced while it was open: nothing is written any more until the program is started again", .0.display())]
    Gone(PathBuf),
    /// A row holds what this program never writes.
    #[error("the ledger holds what cannot be read: {what}")]
    Nonsense {
        /// What stands there.
        what: String,
    },
    /// The thread that writes is gone.
    #[error("the ledger's writer has stopped")]
    Stopped,
    /// More readers ask than can wait.
    #[error("too many readers ask for something at once")]
    Crowded,
    /// Nothing was frozen, because the program was asked to stop.
    #[error(transparent)]
    Asked(#[from] crate::model::stop::Stopped),
}

impl LedgerError {
    /// Whether another row might fare better: the file itself is well.
    const fn is_about_a_row(&self) -> bool {
        matches!(self, Self::Row { .. } | Self::Nonsense { .. })
    }
}

impl Ledger {
    /// Opens the file, makes it if there is none, brings older tables up to date.
    ///
    /// # Errors
    /// It is no ledger, is from the future, is damaged, locked or cannot be written.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        let connection =
            Connection::open(path).map_err(|source| match source.sqlite_error_code() {
                Some(ErrorCode::NotADatabase) => LedgerError::Foreign(path.to_owned()),
                Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                    LedgerError::ReadOnly(path.to_owned())
                }
                _ => LedgerError::Open(path.to_owned()),
            })?;
        let mut ledger = Self {
            connection,
            path: path.to_owned(),
            files: [None; 2],
            is_watched: false,
        };
        ledger.prepare()?;
        ledger.files = gone::files(path);
        Ok(ledger)
    }

    /// Opens the file if there is one: looking at things makes none.
    ///
    /// # Errors
    /// As [`Ledger::open`].
    pub fn open_if_any(path: &Path) -> Result<Option<Self>, LedgerError> {
        path.exists().then(|| Self::open(path)).transpose()
    }

    /// The same, to answer people who wait: another program that writes is waited for four seconds instead of ten, memory is spared, and
    /// once the file is removed or replaced everything fails with [`LedgerError::Gone`]. What was written by then is in the file.
    ///
    /// # Errors
    /// The ledger failed.
    pub fn for_readers(mut self) -> Result<Self, LedgerError> {
        self.read(|db| {
            db.busy_timeout(std::time::Duration::from_secs(4))?;
            db.pragma_update(None, "cache_size", -4_096)
        })?;
        self.is_watched = true;
        Ok(self)
    }

    fn prepare(&mut self) -> Result<(), LedgerError> {
        let setup = |connection: &Connection| {
            connection.busy_timeout(std::time::Duration::from_secs(10))?;
            connection.set_prepared_statement_cache_capacity(64);
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "synchronous", "FULL")?;
            connection.pragma_update(None, "foreign_keys", true)?;
            connection.pragma_update(None, "cache_size", -65_536)?;
            // What is deleted is gone: an erased reader's address does not lie on in free pages.
            connection.pragma_update(None, "secure_delete", true)?;
            connection.pragma_query_value(None, "user_version", |row| row.get::<_, usize>(0))
        };
        let version = setup(&self.connection).map_err(|error| self.wrong(&error))?;
        let known = schema::MIGRATIONS.len();
        if version > known {
            return Err(LedgerError::Newer {
                path: self.path.clone(),
                found: version,
                known,
            });
        }
        if version == known {
            return Ok(());
        }
        self.write(|transaction| {
            // Another process may have been faster.
            let version: usize =
                transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
            if version == 0
                && transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| {
                    row.get::<_, i64>(0)
                })? > 0
            {
                return Ok(false);
            }
            for migration in schema::MIGRATIONS.iter().skip(version) {
                transaction.execute_batch(migration)?;
            }
            if (1..7).contains(&version) {
                schema::compose_keys(transaction)?;
            }
            transaction.pragma_update(None, "user_version", known)?;
            Ok(true)
        })?
        .then_some(())
        .ok_or_else(|| LedgerError::Foreign(self.path.clone()))
    }

    /// One transaction that writes; it takes the write lock at its beginning, so that it never has to be given up half-way.
    fn write<T>(
        &mut self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, LedgerError> {
        self.watch()?;
        let done = (|| {
            let transaction = self
                .connection
                .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            let value = work(&transaction)?;
            transaction.commit()?;
            Ok(value)
        })();
        let value = done.map_err(|error| self.wrong(&error))?;
        // It may have gone meanwhile: only what is in the file afterwards is written.
        self.watch()?;
        Ok(value)
    }

    fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, LedgerError> {
        self.watch()?;
        work(&self.connection).map_err(|error| self.wrong(&error))
    }

    /// SQLite's error in our words.
    fn wrong(&self, source: &rusqlite::Error) -> LedgerError {
        // SQLite's file of shared memory could not grow (SQLITE_IOERR_SHMSIZE): it names a full disk so.
        const NO_ROOM: i32 = 4874;
        let path = self.path.clone();
        if source.sqlite_error().map(|error| error.extended_code) == Some(NO_ROOM) {
            return LedgerError::Full(path);
        }
        let what = source.to_string();
        match source.sqlite_error_code() {
            Some(ErrorCode::CannotOpen) => LedgerError::Open(path),
            Some(ErrorCode::NotADatabase) => LedgerError::Foreign(path),
            Some(ErrorCode::DiskFull) => LedgerError::Full(path),
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => LedgerError::ReadOnly(path),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => LedgerError::Busy(path),
            Some(ErrorCode::DatabaseCorrupt) => LedgerError::Damaged(path),
            Some(ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch | ErrorCode::TooBig) => {
                LedgerError::Row { path, what }
            }
            // It is not SQLite that failed, but the reading of a value.
            None if !matches!(source, rusqlite::Error::SqlInputError { .. }) => {
                LedgerError::Row { path, what }
            }
            _ => LedgerError::Sql { path, what },
        }
    }

    /// The frozen run of that edition to that target.
    ///
    /// # Errors
    /// The ledger or that row cannot be read.
    pub fn run(&self, slug: &Slug, target: &Target) -> Result<Option<Run>, LedgerError> {
        let sql = format!("{RUNS} AND slug = ?1 AND outbox = ?2");
        let mut found =
            self.read(|db| rows::rows(db, &sql, (slug.to_string(), target.outbox()), read_run))?;
        match found.broken.pop() {
            Some(what) => Err(LedgerError::Nonsense {
                what: what.to_string(),
            }),
            None => Ok(found.rows.pop()),
        }
    }

    /// All frozen runs, newest first.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn runs(&self) -> Result<Rows<Run>, LedgerError> {
        let sql = format!("{RUNS} ORDER BY frozen DESC, id DESC");
        self.read(|db| rows::rows(db, &sql, [], read_run))
    }

    /// The runs to that target in which a copy is queued, or was being handed over when a sender was killed; oldest first.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn unfinished(&self, target: &Target) -> Result<Rows<Run>, LedgerError> {
        let sql = format!(
            "{RUNS} AND outbox = ?1 AND (EXISTS (SELECT 1 FROM copy INDEXED BY copy_queued WHERE run = run.id AND state = 0) OR EXISTS (SELECT 1 FROM copy INDEXED BY copy_handing WHERE run = run.id AND state = 1)) ORDER BY frozen"
        );
        self.read(|db| rows::rows(db, &sql, [target.outbox()], read_run))
    }

    /// The pages of a run, in the order of their numbers.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn pages(&self, run: RunId) -> Result<Vec<Pages>, LedgerError> {
        let texts = self.read(|db| {
            db.prepare("SELECT pages FROM page_set WHERE run = ?1 ORDER BY number")?
                .query_map([run.0], |row| row.get::<_, String>(0))?
                .collect::<rusqlite::Result<Vec<_>>>()
        })?;
        texts
            .iter()
            .map(|text| {
                serde_json::from_str(text).map_err(|_| LedgerError::Nonsense {
                    what: "broken pages".into(),
                })
            })
            .collect()
    }
}

/// Frozen runs only: what is being staged does not exist yet.
const RUNS: &str = "SELECT id, slug, outbox, frozen, key, edition, newsletter, letterhead, EXISTS (SELECT 1 FROM run_tally WHERE run = run.id) FROM run WHERE frozen IS NOT NULL";

fn read_run(row: &Row<'_>) -> Result<Run, Unread> {
    let id = row.get(0)?;
    let broken = |what: &str| Unread::words(&format!("{what} of run {id}"));
    let outbox: String = row.get(2)?;
    let letterhead: Option<String> = row.get(7)?;
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
    })
}

/// Times are kept as milliseconds since 1970.
fn millis(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

fn instant(millis: i64) -> DateTime<Utc> {
    Utc.timestamp_millis_opt(millis)
        .single()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
