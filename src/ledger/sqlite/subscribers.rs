//! The list of readers, where the newsroom keeps it here instead of in its file. It is here while `subscriber_list` has its row: from the commit that
//! writes the row until the one that deletes it, nothing is read from the file or merged into it, whatever the config says.

use chrono::NaiveDate;
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::preferences::StoredPreferences;
use super::rows::Unread;
use super::{Ledger, suppression, text_of};
use crate::ledger::{LedgerError, SubscriberPage};
use crate::model::address::Address;
use crate::model::line::Line;
use crate::model::reader::Preferences;
use crate::model::subscriber::Subscriber;

/// So many are read at a time.
const PAGE: i64 = 2_000;

const COLUMNS: &str = "SELECT id, address, since, consent, preferences FROM subscriber";

impl Ledger {
    /// A number that is another one after each change of the list; `None`: the list is not here.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn subscribers_version(&self) -> Result<Option<i64>, LedgerError> {
        self.read(version)
    }

    /// The subscriber of that address; a row that cannot be read is nobody.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn subscriber(&self, address: &Address) -> Result<Option<Subscriber>, LedgerError> {
        self.read(|db| match suppression::known(db, &address.key())? {
            Some(reader) => of_reader(db, reader),
            None => Ok(None),
        })
    }

    /// The next of the list after that number (0: the first), in the list's order. Who comes or goes between two pages is or is not in the later one.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn subscribers_after(&self, last: i64) -> Result<SubscriberPage, LedgerError> {
        self.read(|db| page(db, last))
    }

    /// The list is here from now on, if it was not: nobody is in it.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn begin_subscribers(&mut self) -> Result<(), LedgerError> {
        self.write(begin)
    }

    /// Adds those who are not in the list yet, by [`Address::key`]. Who was in it before, or came twice; they stay as they are.
    ///
    /// # Errors
    /// The ledger cannot be written; nobody is added then.
    pub fn add_subscribers(
        &mut self,
        newcomers: &[Subscriber],
    ) -> Result<Vec<Address>, LedgerError> {
        self.write(|db| {
            begin(db)?;
            let mut already = Vec::new();
            for newcomer in newcomers {
                if !insert(db, newcomer)? {
                    already.push(newcomer.address.clone());
                }
            }
            Ok(already)
        })
    }

    /// Takes these out of the list. Who was not in it.
    ///
    /// # Errors
    /// The ledger cannot be written; all are still in it then.
    pub fn remove_subscribers(&mut self, leavers: &[Address]) -> Result<Vec<Address>, LedgerError> {
        self.write(|db| {
            let mut unknown = Vec::new();
            for leaver in leavers {
                let reader = suppression::known(db, &leaver.key())?;
                if !reader.map_or(Ok(false), |reader| remove(db, reader))? {
                    unknown.push(leaver.clone());
                }
            }
            Ok(unknown)
        })
    }

    /// Gives those who are in the list other preferences. How many are other than before.
    ///
    /// # Errors
    /// The ledger cannot be written; nobody's are changed then.
    pub fn change_subscribers(
        &mut self,
        wanted: &[(Address, Preferences)],
    ) -> Result<usize, LedgerError> {
        self.write(|db| {
            let mut changed = 0;
            for (address, preferences) in wanted {
                let Some(reader) = suppression::known(db, &address.key())? else {
                    continue;
                };
                let before = of_reader(db, reader)?;
                if before.is_some_and(|before| Preferences::of(&before) != *preferences) {
                    prefer(db, reader, preferences)?;
                    changed += 1;
                }
            }
            Ok(changed)
        })
    }

    /// Takes the list over from the file, in its order; of one who comes twice the first counts. How many there are, and how many were left out as
    /// coming again. `None`: a reader changed something meanwhile that is not in the file yet, or `is_same` says that the file is another one;
    /// nothing was done.
    ///
    /// # Errors
    /// The ledger cannot be written; the list is still in the file then.
    pub fn take_subscribers(
        &mut self,
        all: impl Iterator<Item = Subscriber>,
        is_same: impl FnOnce() -> bool,
    ) -> Result<Option<(u64, u64)>, LedgerError> {
        self.write(|db| {
            let unmerged = "SELECT 1 FROM change WHERE merged IS NULL";
            if db.prepare(unmerged)?.exists([])? {
                return Ok(None);
            }
            let (mut taken, mut again) = (0, 0);
            for subscriber in all {
                if insert(db, &subscriber)? {
                    taken += 1;
                } else {
                    again += 1;
                }
            }
            if !is_same() {
                db.execute("DELETE FROM subscriber", [])?;
                return Ok(None);
            }
            // They were kept for an editor's older copy of the file.
            db.execute("DELETE FROM change", [])?;
            begin(db)?;
            Ok(Some((taken, again)))
        })
    }

    /// Gives the list back to the file: `write` gets all of it in its order, and the list is here no more if it succeeds. Nobody changes the list
    /// meanwhile.
    ///
    /// # Errors
    /// The ledger cannot be read or written; the list is still here then, as it is when `write` fails. Rows that cannot be read are in the error's stead:
    /// nobody is lost.
    pub fn give_subscribers<T, E>(
        &mut self,
        write: impl FnOnce(Vec<Subscriber>) -> Result<T, E>,
    ) -> Result<Result<Result<T, E>, Vec<Line>>, LedgerError> {
        self.write(|db| {
            let (mut all, mut broken, mut last) = (Vec::new(), Vec::new(), 0);
            loop {
                let page = page(db, last)?;
                for row in page.rows {
                    match row {
                        Ok(subscriber) => all.push(subscriber),
                        Err(what) => broken.push(what),
                    }
                }
                match page.last {
                    Some(next) => last = next,
                    None => break,
                }
            }
            if !broken.is_empty() {
                return Ok(Err(broken));
            }
            let written = write(all);
            if written.is_ok() {
                db.execute("DELETE FROM subscriber", [])?;
                db.execute("DELETE FROM subscriber_list", [])?;
            }
            Ok(Ok(written))
        })
    }
}

/// As [`Ledger::subscribers_version`].
pub(super) fn version(db: &Connection) -> rusqlite::Result<Option<i64>> {
    db.prepare_cached("SELECT version FROM subscriber_list")?
        .query_row([], |row| row.get(0))
        .optional()
}

/// Takes the reader out of the list. Whether they were in it.
pub(super) fn remove(db: &Connection, reader: i64) -> rusqlite::Result<bool> {
    let removed = db
        .prepare_cached("DELETE FROM subscriber WHERE reader = ?1")?
        .execute([reader])?;
    changed(db)?;
    Ok(removed > 0)
}

/// The reader has these preferences from now on, if they are in the list; with their consent they come into it.
pub(super) fn choose(
    db: &Connection,
    reader: i64,
    address: &str,
    said: &StoredPreferences,
    consent: Option<(&str, NaiveDate)>,
) -> rusqlite::Result<()> {
    let Some(wanted) = said.preferences() else {
        return Ok(());
    };
    let before = of_reader(db, reader)?;
    match (before, consent) {
        (None, None) => Ok(()),
        (Some(_), None) => prefer(db, reader, &wanted),
        (Some(before), Some(_)) => {
            let before = Preferences::of(&before);
            prefer(
                db,
                reader,
                &wanted.joined_to(Some(&before), said.defaults()),
            )
        }
        (None, Some((sentence, day))) => {
            let consent = Line::clean(sentence);
            // A row of theirs that cannot be read makes way.
            remove(db, reader)?;
            put(db, reader, address, (Some(day), Some(&consent)), &wanted).map(drop)
        }
    }
}

fn begin(db: &Connection) -> rusqlite::Result<()> {
    // Moved out and in again it is another list.
    let sql = "INSERT OR IGNORE INTO subscriber_list (id, version) VALUES (1, abs(random() / 2))";
    db.execute(sql, []).map(drop)
}

fn changed(db: &Connection) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE subscriber_list SET version = version + 1")?
        .execute([])
        .map(drop)
}

/// Adds the subscriber at the list's end. `false`: they are in it.
fn insert(db: &Connection, subscriber: &Subscriber) -> rusqlite::Result<bool> {
    let reader = suppression::reader(db, &subscriber.address.key())?;
    put(
        db,
        reader,
        subscriber.address.reveal(),
        (subscriber.since, subscriber.consent.as_ref()),
        &Preferences::of(subscriber),
    )
}

fn put(
    db: &Connection,
    reader: i64,
    address: &str,
    (since, consent): (Option<NaiveDate>, Option<&Line>),
    preferences: &Preferences,
) -> rusqlite::Result<bool> {
    let new = db
        .prepare_cached(
            "INSERT OR IGNORE INTO subscriber (reader, address, since, consent, preferences) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((
            reader,
            address,
            since.map(|day| day.to_string()),
            consent.map(Line::as_str),
            stored(preferences),
        ))?;
    changed(db)?;
    Ok(new > 0)
}

fn prefer(db: &Connection, reader: i64, preferences: &Preferences) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE subscriber SET preferences = ?2 WHERE reader = ?1")?
        .execute((reader, stored(preferences)))?;
    changed(db)
}

/// Nothing is kept for those who chose nothing.
fn stored(preferences: &Preferences) -> Option<String> {
    (*preferences != Preferences::NONE).then(|| StoredPreferences::of(preferences).to_text())
}

fn of_reader(db: &Connection, reader: i64) -> rusqlite::Result<Option<Subscriber>> {
    let found = db
        .prepare_cached(&format!("{COLUMNS} WHERE reader = ?1"))?
        .query_row([reader], |row| match subscriber(row) {
            Ok(subscriber) => Ok(Some(subscriber)),
            Err(Unread::Value(_)) => Ok(None),
            Err(Unread::File(error)) => Err(error),
        })
        .optional()?;
    Ok(found.flatten())
}

fn page(db: &Connection, last: i64) -> rusqlite::Result<SubscriberPage> {
    let mut found = SubscriberPage {
        rows: Vec::new(),
        last: None,
    };
    let sql = format!("{COLUMNS} WHERE id > ?1 ORDER BY id LIMIT ?2");
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query((last, PAGE))?;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        found.last = Some(id);
        found.rows.push(match subscriber(row) {
            Ok(subscriber) => Ok(subscriber),
            Err(Unread::Value(what)) => Err(Line::clean(&format!(
                "row {id} of the list of subscribers in the ledger cannot be read: {what}"
            ))),
            Err(Unread::File(error)) => return Err(error),
        });
    }
    Ok(found)
}

fn subscriber(row: &Row<'_>) -> Result<Subscriber, Unread> {
    let line = |column: usize| -> rusqlite::Result<Option<Line>> {
        let text: Option<String> = row.get(column)?;
        Ok(text.as_deref().and_then(Line::non_empty))
    };
    let since: Option<String> = row.get(2)?;
    let since = since.map(|day| day.parse::<NaiveDate>()).transpose();
    let preferences: Option<String> = row.get(4)?;
    let preferences = match preferences {
        None => Preferences::NONE,
        Some(text) => StoredPreferences::parse(&text)
            .and_then(|stored| stored.preferences())
            .ok_or_else(|| Unread::words("its preferences are none"))?,
    };
    Ok(preferences.given_to(Subscriber {
        since: since.map_err(|_| Unread::words("`since` is no day"))?,
        consent: line(3)?,
        ..Subscriber::new(Address::parse(&text_of(row, 1)?)?)
    }))
}
