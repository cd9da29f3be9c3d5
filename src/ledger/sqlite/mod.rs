//! The ledger as a SQLite file: WAL mode, `synchronous = FULL`, one writer at a time. All SQL is in this folder.

mod answers;
mod approvals;
mod asked;
mod audit;
mod bounces;
mod changes;
mod claims;
mod copies;
mod freeze;
mod gone;
mod handed;
mod letters;
mod memory;
mod metrics;
mod packed;
mod preferences;
mod prune;
mod readers;
mod readers_writer;
mod refusals;
mod relays;
mod reported;
mod results;
mod rows;
mod runs;
mod samples;
mod schema;
mod set_aside;
mod sign_of_life;
mod sign_ups;
mod subscribers;
mod suppression;
mod versions;
mod welcome;

use std::io::Read as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeZone as _, Utc};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, Row};

use super::{LedgerError, LedgerFile};
use crate::files::{self, FileError};
use crate::model::line::Line;
pub use gone::FileWatch;
pub use packed::PackedPages;
pub use readers_writer::{ReadersWriter, ReadersWriterThread};
pub use rows::FoundRows;

/// The open database.
pub struct Ledger {
    connection: Connection,
    path: PathBuf,
    /// Which files were opened.
    watch: FileWatch,
    /// Whether every statement makes sure first that they are still there.
    is_watched: bool,
    /// Why rows were passed over that the ledger refused while it took others.
    refused: Vec<Line>,
}

impl Ledger {
    /// What keeps it, with its version.
    #[must_use]
    pub fn engine() -> String {
        format!("SQLite {}", rusqlite::version())
    }

    /// Opens the file, makes the first one of a newsroom, brings older tables up to date.
    ///
    /// # Errors
    /// It is gone, is no ledger, is from the future, is damaged, locked or cannot be written.
    pub fn open(file: &LedgerFile) -> Result<Self, LedgerError> {
        let is_first = !file.is_marked();
        if !is_first && is_empty(&file.path) {
            return Err(LedgerError::Missing(file.path.clone()));
        }
        Self::open_or_make(file, is_first)
    }

    /// Looks whether a newsroom that had a ledger still has one. It opens and writes nothing.
    ///
    /// # Errors
    /// It is gone, or another file is in its place.
    pub fn look(file: &LedgerFile) -> Result<(), LedgerError> {
        const BEGINNING: &[u8] = b"SQLite format 3\0";
        let gone = || {
            if file.is_marked() {
                return Err(LedgerError::Missing(file.path.clone()));
            }
            Ok(())
        };
        let mut found = Vec::new();
        let read = match files::open(&file.path) {
            Ok((open, _)) => open.take(BEGINNING.len() as u64).read_to_end(&mut found),
            Err(FileError::Missing) => return gone(),
            Err(_) => return Err(LedgerError::Open(file.path.clone())),
        };
        match read {
            Err(_) => Err(LedgerError::Open(file.path.clone())),
            Ok(0) => gone(),
            Ok(_) if found == BEGINNING => Ok(()),
            Ok(_) => Err(LedgerError::Foreign(file.path.clone())),
        }
    }

    /// Opens the file if the newsroom has a ledger: looking at things makes none.
    ///
    /// # Errors
    /// As [`Ledger::open`].
    pub fn open_if_any(file: &LedgerFile) -> Result<Option<Self>, LedgerError> {
        let is_there = file.path.exists() || file.is_missing();
        is_there.then(|| Self::open(file)).transpose()
    }

    /// Makes an empty ledger, also where one was and is gone.
    ///
    /// # Errors
    /// There is a file, or it cannot be written.
    pub fn start_anew(file: &LedgerFile) -> Result<(), LedgerError> {
        if file.path.exists() && !is_empty(&file.path) {
            return Err(LedgerError::Exists(file.path.clone()));
        }
        Self::open_or_make(file, true).map(drop)
    }

    fn open_or_make(file: &LedgerFile, may_make: bool) -> Result<Self, LedgerError> {
        let path = &file.path;
        if may_make {
            // What keeps it from being made, SQLite will say.
            _ = file.create();
        }
        let mut flags = OpenFlags::default();
        flags.set(OpenFlags::SQLITE_OPEN_CREATE, may_make);
        let connection = Connection::open_with_flags(path, flags).map_err(|source| match source
            .sqlite_error_code()
        {
            Some(ErrorCode::NotADatabase) => LedgerError::Foreign(path.clone()),
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                LedgerError::ReadOnly(path.clone())
            }
            _ if file.is_missing() => LedgerError::Missing(path.clone()),
            _ => LedgerError::Open(path.clone()),
        })?;
        let mut ledger = Self {
            connection,
            path: path.clone(),
            watch: FileWatch::default(),
            is_watched: false,
            refused: Vec::new(),
        };
        ledger.prepare(may_make)?;
        ledger.watch = FileWatch::of(path);
        file.mark();
        Ok(ledger)
    }

    /// Its file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Why rows were passed over since this was asked last: the ledger refused them while it took others.
    pub fn take_refused(&mut self) -> Vec<Line> {
        std::mem::take(&mut self.refused)
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

    /// Brings the tables up to date; those of an empty file are made only if it may become a new ledger.
    fn prepare(&mut self, may_make: bool) -> Result<(), LedgerError> {
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
        let path = self.path.clone();
        let made = self.write(|transaction| {
            // Another process may have been faster.
            let version: usize =
                transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
            if version == 0
                && transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| {
                    row.get::<_, i64>(0)
                })? > 0
            {
                return Ok(Err(LedgerError::Foreign(path)));
            }
            if version == 0 && !may_make {
                return Ok(Err(LedgerError::Missing(path)));
            }
            for migration in schema::MIGRATIONS.iter().skip(version) {
                transaction.execute_batch(migration)?;
            }
            if (1..7).contains(&version) {
                schema::compose_keys(transaction)?;
            }
            transaction.pragma_update(None, "user_version", known)?;
            Ok(Ok(()))
        });
        made?
    }

    /// One transaction that writes; it takes the write lock at its beginning, so that it never has to be given up half-way.
    fn write<T>(
        &mut self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, LedgerError> {
        self.check()?;
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
        self.check()?;
        Ok(value)
    }

    fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, LedgerError> {
        self.check()?;
        work(&self.connection).map_err(|error| self.wrong(&error))
    }

    /// Does the work for each of a group, in one commit. All or nothing: if it is the file that fails, it fails for all; the first is told why,
    /// the others that there is no more. If it is one of them, each is tried alone, so that it fails for itself only.
    fn write_together<R, A>(
        &mut self,
        group: &[R],
        work: impl Fn(&Connection, &R) -> rusqlite::Result<A>,
    ) -> Vec<Result<A, LedgerError>> {
        let done = self.write(|db| {
            group
                .iter()
                .map(|one| work(db, one))
                .collect::<rusqlite::Result<Vec<_>>>()
        });
        match done {
            Ok(answers) => answers.into_iter().map(Ok).collect(),
            Err(error) if group.len() > 1 && error.is_about_a_row() => group
                .iter()
                .map(|one| self.write(|db| work(db, one)))
                .collect(),
            Err(error) => std::iter::once(Err(error))
                .chain(group.iter().skip(1).map(|_| Err(LedgerError::Stopped)))
                .collect(),
        }
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
            _ if is_about_a_row(source) => LedgerError::Row { path, what },
            _ => LedgerError::Sql { path, what },
        }
    }
}

/// Whether another row might fare better: the file itself is well.
fn is_about_a_row(source: &rusqlite::Error) -> bool {
    match source.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch | ErrorCode::TooBig) => true,
        // It is not SQLite that failed, but the reading of a value.
        None => !matches!(source, rusqlite::Error::SqlInputError { .. }),
        Some(_) => false,
    }
}

/// Whether a file is there in which nothing is: no ledger any more.
fn is_empty(path: &Path) -> bool {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY);
    let tables = db.and_then(|db| {
        db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| {
            row.get::<_, i64>(0)
        })
    });
    tables.is_ok_and(|tables| tables == 0)
}

/// A value as text, whatever it is.
fn text_of(row: &Row<'_>, column: usize) -> rusqlite::Result<String> {
    Ok(match row.get_ref(column)? {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            String::from_utf8_lossy(bytes).into_owned()
        }
        _ => String::new(),
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
