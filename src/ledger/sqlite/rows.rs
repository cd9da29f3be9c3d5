//! Rows read one by one: a row that cannot be read is left out and named, and the others are read all the same.

use rusqlite::{Connection, Params, Row};

use crate::model::address::AddressError;
use crate::model::line::Line;

/// What was read.
#[derive(Clone, Debug)]
pub struct FoundRows<T> {
    /// The rows that can be read.
    pub rows: Vec<T>,
    /// What is wrong with the others; addresses in it are masked. After the first fifty, one last line says how many more there are.
    pub broken: Vec<Line>,
}

/// Why a row was not read.
pub(super) enum Unread {
    /// It holds a value that this program never writes.
    Value(Line),
    /// The file failed, and so will the next row.
    File(rusqlite::Error),
}

/// How many broken rows are named.
const SHOWN: usize = 50;

impl From<rusqlite::Error> for Unread {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::Utf8Error(..) => {
                Self::Value(Line::clean_to(&error.to_string(), 200))
            }
            error => Self::File(error),
        }
    }
}

impl From<AddressError> for Unread {
    fn from(error: AddressError) -> Self {
        Self::words(&error.to_string())
    }
}

impl Unread {
    pub(super) fn words(words: &str) -> Self {
        Self::Value(Line::clean_to(words, 200))
    }
}

/// Reads what the query finds.
pub(super) fn rows<T>(
    db: &Connection,
    sql: &str,
    parameters: impl Params,
    mut read: impl FnMut(&Row<'_>) -> Result<T, Unread>,
) -> rusqlite::Result<FoundRows<T>> {
    let mut found = FoundRows {
        rows: Vec::new(),
        broken: Vec::new(),
    };
    let mut more = 0;
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    while let Some(row) = rows.next()? {
        match read(row) {
            Ok(row) => found.rows.push(row),
            Err(Unread::File(error)) => return Err(error),
            Err(Unread::Value(_)) if found.broken.len() == SHOWN => more += 1,
            Err(Unread::Value(words)) => found.broken.push(words),
        }
    }
    if more > 0 {
        found.broken.push(Line::clean(&format!("and {more} more")));
    }
    Ok(found)
}
