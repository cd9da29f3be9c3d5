//! What readers ask for, written down: one thread writes for all requests, and whatever waits while one commit runs goes into the next.
//! Nobody is answered before the commit.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension as _};
use tokio::sync::{mpsc, oneshot};

use super::audit::text;
use super::journal::{Kept, Kind};
use super::{Ledger, LedgerError, millis, suppression};
use crate::model::address::Address;
use crate::model::inbox::Inbox;
use crate::model::line::Line;
use crate::model::reader::{Preferences, ReaderId, SignUp, SignUpId};
use crate::model::subscriber::{Paused, Suppression};

/// A handle to the thread; every request may hold one.
#[derive(Clone, Debug)]
pub struct ReadersWriter(mpsc::Sender<Request>);

/// The thread itself. It ends when the last [`ReadersWriter`] is dropped, after all that was asked for is on the disk.
pub struct ReadersWriterThread(std::thread::JoinHandle<()>);

type Write = dyn Fn(&Connection) -> rusqlite::Result<()> + Send;

struct Request {
    /// Keeps its answer for the one who asked. It may be called again if somebody else's write spoils the transaction.
    write: Box<Write>,
    committed: oneshot::Sender<Result<(), LedgerError>>,
}

/// The most writes in one transaction: with more, the first in line would wait too long.
const GROUP: usize = 500;
/// The most writes in line; whoever comes then is told to come again.
const LINE: usize = 10_000;
/// How long a sign-up can be confirmed.
pub(super) const VALID: TimeDelta = TimeDelta::days(7);
/// So many letters a day go to one inbox that nobody has confirmed, whoever asks for them.
const LETTERS_A_DAY: u32 = 3;
/// So many of a reader's changes are kept for an editor's older copy of the file.
const MINDS: u32 = 20;
/// So many letters may wait for the relay.
const WAITING: u32 = 10_000;
/// So many sign-ups are taken in an hour, whoever asks: each sends a letter to an address that nobody has proved to be their own, and
/// whoever has many networks has no limit of a client.
const AN_HOUR: u32 = 3_000;

/// When one of these returns, what was asked for is on the disk. On an error nothing was done.
#[expect(clippy::missing_errors_doc, reason = "the ledger cannot be written")]
impl ReadersWriter {
    /// Starts the thread; it keeps the ledger until it ends.
    #[must_use]
    pub fn start(ledger: Ledger) -> (Self, ReadersWriterThread) {
        let (send, receive) = mpsc::channel(LINE);
        let thread = std::thread::spawn(move || work(ledger, receive));
        (Self(send), ReadersWriterThread(thread))
    }

    /// No letter any more, also if they left before; `false`: there is no such reader.
    pub async fn leave(&self, reader: ReaderId, now: DateTime<Utc>) -> Result<bool, LedgerError> {
        self.put(move |db| leave(db, reader, now)).await
    }

    /// A letter to confirm will go out, or not: whether it does is nobody's business. `false`: too many wait, or have signed up within the hour.
    pub async fn sign_up(&self, sign_up: SignUp, now: DateTime<Utc>) -> Result<bool, LedgerError> {
        self.put(move |db| sign(db, &sign_up, now)).await
    }

    /// The sign-up was meant; the second time too. `None`: it is older than seven days, or the reader has left since.
    pub async fn confirm(
        &self,
        id: SignUpId,
        now: DateTime<Utc>,
    ) -> Result<Option<ReaderId>, LedgerError> {
        self.put(move |db| confirm(db, id, now)).await
    }

    /// Other preferences; `false`: there is no such reader.
    pub async fn change(
        &self,
        reader: ReaderId,
        preferences: Preferences,
        now: DateTime<Utc>,
    ) -> Result<bool, LedgerError> {
        self.put(move |db| prefer(db, reader, &preferences, now))
            .await
    }

    /// Forgets the reader, but for what it takes never to write to them again; `false`: there is no such reader.
    pub async fn erase(&self, reader: ReaderId, now: DateTime<Utc>) -> Result<bool, LedgerError> {
        self.put(move |db| erase(db, reader, now)).await
    }

    /// Changes nothing, and proves that the disk takes what is written.
    pub async fn touch(&self) -> Result<(), LedgerError> {
        self.put(touch).await
    }

    /// Writes with others in one commit; the answer is read after it.
    async fn put<T: Send + 'static>(
        &self,
        write: impl Fn(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let answer = Arc::new(Mutex::new(None));
        let kept = Arc::clone(&answer);
        let write = move |db: &Connection| {
            let written = write(db)?;
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(written);
            Ok(())
        };
        let (committed, is_committed) = oneshot::channel();
        let request = Request {
            write: Box::new(write),
            committed,
        };
        self.0.try_send(request).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => LedgerError::Crowded,
            mpsc::error::TrySendError::Closed(_) => LedgerError::Stopped,
        })?;
        is_committed.await.map_err(|_| LedgerError::Stopped)??;
        let answer = answer.lock().unwrap_or_else(PoisonError::into_inner).take();
        answer.ok_or(LedgerError::Stopped)
    }
}

impl ReadersWriterThread {
    /// Waits for the thread to end. To be called where waiting is allowed.
    ///
    /// # Errors
    /// The thread died.
    pub fn finish(self) -> Result<(), LedgerError> {
        self.0.join().map_err(|_| LedgerError::Stopped)
    }
}

fn work(mut ledger: Ledger, mut requests: mpsc::Receiver<Request>) {
    let mut group = Vec::new();
    while let Some(first) = requests.blocking_recv() {
        group.push(first);
        while group.len() < GROUP
            && let Ok(next) = requests.try_recv()
        {
            group.push(next);
        }
        let committed = ledger.write_together(&group, |db, request| (request.write)(db));
        for (request, committed) in group.drain(..).zip(committed) {
            // Whoever does not wait any more has what they wanted all the same.
            _ = request.committed.send(committed);
        }
    }
}

/// The reader's key; `None`: no link of ours has that number.
fn key_of(db: &Connection, reader: ReaderId) -> rusqlite::Result<Option<(i64, String)>> {
    // SQLite's numbers end where ours have their last bit.
    let Ok(number) = i64::try_from(reader.number()) else {
        return Ok(None);
    };
    db.prepare_cached("SELECT key FROM reader WHERE id = ?1")?
        .query_row([number], |row| {
            Ok((number, text(row.get_ref(0)?).into_owned()))
        })
        .optional()
}

fn leave(db: &Connection, reader: ReaderId, now: DateTime<Utc>) -> rusqlite::Result<bool> {
    let Some((reader, key)) = key_of(db, reader)? else {
        return Ok(false);
    };
    suppression::leaves(db, reader, now)?;
    // Whatever was asked for before does not bring them back. To compare instants would not do: clocks are set.
    db.prepare_cached("DELETE FROM sign_up WHERE key = ?1 AND confirmed IS NULL")?
        .execute([key])?;
    Ok(true)
}

/// Writes a sign-up down. Whatever is not done here is not said either: the answer tells nobody who reads the newsletter.
fn sign(db: &Connection, sign_up: &SignUp, now: DateTime<Utc>) -> rusqlite::Result<bool> {
    let key = sign_up.address.key();
    let count = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
        db.prepare_cached(sql)?
            .query_row(values, |row| row.get::<_, u32>(0))
    };
    let (yesterday, hour) = (
        millis(now - TimeDelta::days(1)),
        millis(now - TimeDelta::hours(1)),
    );
    let now = millis(now);
    let latest = "SELECT count(*) FROM (SELECT at FROM sign_up ORDER BY id DESC LIMIT 1 OFFSET ?1) WHERE at BETWEEN ?2 AND ?3";
    if count("SELECT count(*) FROM sign_up WHERE letter = 0", &[])? >= WAITING
        || count(latest, &[&(AN_HOUR - 1), &hour, &now])? > 0
    {
        return Ok(false);
    }
    if let Some(reader) = suppression::known(db, &key)?
        && suppression::of(db, reader)?.is_some_and(|(why, _)| why != Suppression::Unsubscribed)
    {
        return touch(db).map(|()| true);
    }
    let inbox = Inbox::of(&sign_up.address);
    let letters = "SELECT count(*) FROM sign_up WHERE inbox = ?1 AND at BETWEEN ?2 AND ?3 AND confirmed IS NULL";
    if count(letters, &[&inbox.reveal(), &yesterday, &now])? >= LETTERS_A_DAY {
        return touch(db).map(|()| true);
    }
    db.prepare_cached("INSERT INTO sign_up (key, address, name, sections, form, consent, client, at, inbox) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?.execute((
        &*key,
        sign_up.address.reveal(),
        sign_up.name.as_ref().map(Line::as_str),
        serde_json::to_string(&sign_up.sections).unwrap_or_else(|_| "[]".into()),
        sign_up.form.as_str(),
        sign_up.consent.as_str(),
        sign_up.client.map(|client| client.to_string()),
        now,
        inbox.reveal(),
    ))?;
    Ok(true)
}

/// Writes and leaves everything as it was. It proves that the disk takes it, which reading does not; and it takes as long as any other answer.
fn touch(db: &Connection) -> rusqlite::Result<()> {
    // To write what is there already would not do: SQLite sees that and writes nothing.
    db.prepare_cached("INSERT INTO salt VALUES (x'')")?
        .execute([])?;
    db.prepare_cached("DELETE FROM salt WHERE value = x''")?
        .execute([])
        .map(drop)
}

struct SignedUp {
    id: i64,
    address: Address,
    kept: Kept,
    consent: String,
    at: i64,
    /// Once it is confirmed.
    reader: Option<i64>,
}

impl Ledger {
    /// Whether that sign-up can be confirmed.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn can_confirm(&self, id: SignUpId, now: DateTime<Utc>) -> Result<bool, LedgerError> {
        self.read(|db| look(db, id, now))
            .map(|found| found.is_some())
    }
}

/// The sign-up, if it can be confirmed, or was and the reader has not left since.
fn look(db: &Connection, id: SignUpId, now: DateTime<Utc>) -> rusqlite::Result<Option<SignedUp>> {
    let Ok(number) = i64::try_from(id.number()) else {
        return Ok(None);
    };
    let found = db
        .prepare_cached(
            "SELECT address, name, sections, consent, at, reader FROM sign_up WHERE id = ?1",
        )?
        .query_row([number], |row| {
            // An older program took addresses that are none.
            let Ok(address) = Address::parse(&text(row.get_ref(0)?)) else {
                return Ok(None);
            };
            Ok(Some(SignedUp {
                id: number,
                address,
                kept: Kept::new(
                    row.get::<_, Option<String>>(1)?.as_deref(),
                    &row.get::<_, String>(2)?,
                ),
                consent: row.get(3)?,
                at: row.get(4)?,
                reader: row.get(5)?,
            }))
        })
        .optional()?;
    let Some(found) = found.flatten() else {
        return Ok(None);
    };
    let is_over = match found.reader {
        // To welcome a reader who has left since would not be true.
        Some(reader) => {
            suppression::of(db, reader)?.is_some_and(|(why, _)| why == Suppression::Unsubscribed)
        }
        None => found.at < millis(now - VALID),
    };
    Ok((!is_over).then_some(found))
}

fn confirm(
    db: &Connection,
    id: SignUpId,
    now: DateTime<Utc>,
) -> rusqlite::Result<Option<ReaderId>> {
    let Some(found) = look(db, id, now)? else {
        return Ok(None);
    };
    let known = |reader: i64| Some(ReaderId::from_ledger(reader.cast_unsigned()));
    if let Some(reader) = found.reader {
        return Ok(known(reader));
    }
    let key = found.address.key();
    let reader = suppression::reader(db, &key)?;
    // A reader who was erased is back under their own name.
    db.prepare_cached("UPDATE reader SET key = ?2 WHERE id = ?1 AND key <> ?2")?
        .execute((reader, &*key))?;
    db.prepare_cached(
        "UPDATE sign_up SET confirmed = ?2, reader = ?3, letter = max(letter, 1) WHERE id = ?1",
    )?
    .execute((found.id, millis(now), reader))?;
    match suppression::of(db, reader)? {
        // Only a person lifts the other reasons; the reader is told nothing else than anybody.
        Some((why, _)) if why != Suppression::Unsubscribed => return Ok(known(reader)),
        _ => {}
    }
    db.prepare_cached("DELETE FROM suppressed WHERE reader = ?1")?
        .execute([reader])?;
    note(
        db,
        reader,
        Kind::Join,
        found.address.reveal(),
        Some(&found.kept),
        Some(&found.consent),
        now,
    )?;
    Ok(known(reader))
}

fn prefer(
    db: &Connection,
    reader: ReaderId,
    preferences: &Preferences,
    now: DateTime<Utc>,
) -> rusqlite::Result<bool> {
    match key_of(db, reader)? {
        Some((reader, key)) if !suppression::is_erased(&key) && Address::parse(&key).is_ok() => {
            // Their last word replaces those that have not come into the file yet. Nobody fills the ledger with those that have.
            db.prepare_cached("DELETE FROM change WHERE reader = ?1 AND kind = ?2 AND (merged IS NULL OR id <= (SELECT id FROM change WHERE reader = ?1 AND kind = ?2 ORDER BY id DESC LIMIT 1 OFFSET ?3))")?
                .execute((reader, Kind::Prefer as i64, MINDS))?;
            let kept = Kept::of(preferences);
            note(db, reader, Kind::Prefer, &key, Some(&kept), None, now)?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// The address becomes a hash; name, consent and wishes go. What is left in copies and in the file goes when the change is merged.
fn erase(db: &Connection, reader: ReaderId, now: DateTime<Utc>) -> rusqlite::Result<bool> {
    let Some((reader, key)) = key_of(db, reader)? else {
        return Ok(false);
    };
    if suppression::is_erased(&key) {
        return Ok(true);
    }
    suppression::leaves(db, reader, now)?;
    db.execute("DELETE FROM sign_up WHERE key = ?1", [&key])?;
    for table in ["change", "bounce"] {
        db.execute(&format!("DELETE FROM {table} WHERE reader = ?1"), [reader])?;
    }
    db.execute(
        "UPDATE reader SET key = ?2 WHERE id = ?1",
        (reader, suppression::erased_key(db, &key)?),
    )?;
    note(db, reader, Kind::Erase, &key, None, None, now)?;
    Ok(true)
}

fn note(
    db: &Connection,
    reader: i64,
    kind: Kind,
    address: &str,
    kept: Option<&Kept>,
    consent: Option<&str>,
    now: DateTime<Utc>,
) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO change (reader, kind, address, preferences, form, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute((reader, kind as i64, address, kept.map(Kept::to_text), consent, millis(now)))
        .map(drop)
}

impl Kept {
    fn new(name: Option<&str>, sections: &str) -> Self {
        let sections: Vec<String> = serde_json::from_str(sections).unwrap_or_default();
        Self::of(&Preferences {
            name: name.and_then(Line::non_empty),
            sections: sections
                .iter()
                .map(|section| Line::clean(section))
                .collect(),
            paused: Paused::No,
        })
    }
}
