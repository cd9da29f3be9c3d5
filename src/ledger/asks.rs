//! What readers ask, written down: one thread writes for all requests, and whatever waits while one commit runs goes into the next.
//! Nobody is answered before the commit.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension as _};
use tokio::sync::{mpsc, oneshot};

use super::audit::text;
use super::journal::{Kept, Kind};
use super::{Ledger, LedgerError, millis, suppression};
use crate::model::address::Address;
use crate::model::ask::{Answer, Ask, Preferences, ReaderId, SignUp, SignUpId};
use crate::model::inbox::Inbox;
use crate::model::line::Line;
use crate::model::subscriber::{Paused, Suppression};

/// A handle to the thread; every request may hold one.
#[derive(Clone, Debug)]
pub struct Asks(mpsc::Sender<Request>);

/// The thread itself. It ends when the last [`Asks`] is dropped, after all that was asked is on the disk.
pub struct AsksThread(std::thread::JoinHandle<()>);

#[derive(Debug)]
struct Request {
    ask: Ask,
    now: DateTime<Utc>,
    answer: oneshot::Sender<Result<Answer, LedgerError>>,
}

/// The most asks in one transaction: with more, the first in line would wait too long.
const GROUP: usize = 500;
/// The most asks in line; who comes then is told to come again.
const LINE: usize = 10_000;
/// How long a sign-up can be confirmed.
pub(super) const VALID: TimeDelta = TimeDelta::days(7);
/// So many letters a day go to one inbox that nobody has confirmed, whoever asks for them.
const LETTERS_A_DAY: u32 = 3;
/// So many of a reader's changes are kept for an editor's older copy of the file.
const MINDS: u32 = 20;
/// So many letters may wait for the relay.
const WAITING: u32 = 10_000;
/// So many sign-ups are taken in an hour, whoever asks: each sends a letter to an address that nobody has proved to be hers, and who has
/// many networks has no limit of a client.
const AN_HOUR: u32 = 3_000;

impl Asks {
    /// Starts the thread; it keeps the ledger until it ends.
    #[must_use]
    pub fn start(ledger: Ledger) -> (Self, AsksThread) {
        let (send, receive) = mpsc::channel(LINE);
        let thread = std::thread::spawn(move || work(ledger, receive));
        (Self(send), AsksThread(thread))
    }

    /// Does what is asked; when this returns, it is on the disk. What only looks at things is not answered here: [`Answer::Later`].
    ///
    /// # Errors
    /// The ledger cannot be written: nothing was done.
    pub async fn put(&self, ask: Ask, now: DateTime<Utc>) -> Result<Answer, LedgerError> {
        let (answer, answered) = oneshot::channel();
        match self.0.try_send(Request { ask, now, answer }) {
            Ok(()) => answered.await.map_err(|_| LedgerError::Stopped)?,
            Err(mpsc::error::TrySendError::Full(_)) => Ok(Answer::Later),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(LedgerError::Stopped),
        }
    }
}

impl AsksThread {
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
        let answers =
            ledger.write_together(&group, |db, request| settle(db, &request.ask, request.now));
        for (request, answer) in group.drain(..).zip(answers) {
            // Whoever does not wait any more has what she wanted all the same.
            _ = request.answer.send(answer);
        }
    }
}

fn settle(db: &Connection, ask: &Ask, now: DateTime<Utc>) -> rusqlite::Result<Answer> {
    match ask {
        Ask::Leave(reader) => leave(db, *reader, now),
        Ask::SignUp(sign_up) => sign(db, sign_up, now),
        Ask::Confirm(id) => confirm(db, *id, now),
        Ask::Prefer(reader, preferences) => prefer(db, *reader, preferences, now),
        Ask::Erase(reader) => erase(db, *reader, now),
        Ask::Ready => touch(db),
        _ => Ok(Answer::Later),
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

fn leave(db: &Connection, reader: ReaderId, now: DateTime<Utc>) -> rusqlite::Result<Answer> {
    let Some((reader, key)) = key_of(db, reader)? else {
        return Ok(Answer::Unknown);
    };
    suppression::leaves(db, reader, now)?;
    // Whatever was asked for before does not bring her back. To compare instants would not do: clocks are set.
    db.prepare_cached("DELETE FROM sign_up WHERE key = ?1 AND confirmed IS NULL")?
        .execute([key])?;
    Ok(Answer::Done)
}

/// Writes a sign-up down. Whatever is not done here is not said either: the answer tells nobody who reads the newsletter.
fn sign(db: &Connection, sign_up: &SignUp, now: DateTime<Utc>) -> rusqlite::Result<Answer> {
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
        return Ok(Answer::Later);
    }
    if let Some(reader) = suppression::known(db, &key)?
        && suppression::of(db, reader)?.is_some_and(|(why, _)| why != Suppression::Unsubscribed)
    {
        return touch(db);
    }
    let inbox = Inbox::of(&sign_up.address);
    let letters = "SELECT count(*) FROM sign_up WHERE inbox = ?1 AND at BETWEEN ?2 AND ?3 AND confirmed IS NULL";
    if count(letters, &[&inbox.reveal(), &yesterday, &now])? >= LETTERS_A_DAY {
        return touch(db);
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
    Ok(Answer::Done)
}

/// Writes and leaves everything as it was. It proves that the disk takes it, which reading does not; and it takes as long as any other answer.
fn touch(db: &Connection) -> rusqlite::Result<Answer> {
    // To write what is there already would not do: SQLite sees that and writes nothing.
    db.prepare_cached("INSERT INTO salt VALUES (x'')")?
        .execute([])?;
    db.prepare_cached("DELETE FROM salt WHERE value = x''")?
        .execute([])?;
    Ok(Answer::Done)
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
    /// Whether that sign-up can be confirmed: [`Answer::Done`], or why not.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn can_confirm(&self, id: SignUpId, now: DateTime<Utc>) -> Result<Answer, LedgerError> {
        let found = self.read(|db| look(db, id, now))?;
        Ok(found.map_or_else(|no| no, |_| Answer::Done))
    }
}

/// The sign-up, or why there is nothing to confirm.
fn look(
    db: &Connection,
    id: SignUpId,
    now: DateTime<Utc>,
) -> rusqlite::Result<Result<SignedUp, Answer>> {
    let Ok(number) = i64::try_from(id.number()) else {
        return Ok(Err(Answer::Unknown));
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
        return Ok(Err(Answer::Expired));
    };
    let is_over = match found.reader {
        // Once she has left, it would not be true to welcome her.
        Some(reader) => {
            suppression::of(db, reader)?.is_some_and(|(why, _)| why == Suppression::Unsubscribed)
        }
        None => found.at < millis(now - VALID),
    };
    Ok(if is_over {
        Err(Answer::Expired)
    } else {
        Ok(found)
    })
}

fn confirm(db: &Connection, id: SignUpId, now: DateTime<Utc>) -> rusqlite::Result<Answer> {
    let found = match look(db, id, now)? {
        Ok(found) => found,
        Err(no) => return Ok(no),
    };
    let welcome = |reader: i64| Answer::Welcome(ReaderId::from_ledger(reader.cast_unsigned()));
    if let Some(reader) = found.reader {
        return Ok(welcome(reader));
    }
    let key = found.address.key();
    let reader = suppression::reader(db, &key)?;
    // She who had herself erased is back under her own name.
    db.prepare_cached("UPDATE reader SET key = ?2 WHERE id = ?1 AND key <> ?2")?
        .execute((reader, &*key))?;
    db.prepare_cached(
        "UPDATE sign_up SET confirmed = ?2, reader = ?3, letter = max(letter, 1) WHERE id = ?1",
    )?
    .execute((found.id, millis(now), reader))?;
    match suppression::of(db, reader)? {
        // Only a person lifts the other reasons; she is told nothing else than anybody.
        Some((why, _)) if why != Suppression::Unsubscribed => return Ok(welcome(reader)),
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
    Ok(welcome(reader))
}

fn prefer(
    db: &Connection,
    reader: ReaderId,
    preferences: &Preferences,
    now: DateTime<Utc>,
) -> rusqlite::Result<Answer> {
    match key_of(db, reader)? {
        Some((reader, key)) if !suppression::is_erased(&key) && Address::parse(&key).is_ok() => {
            // Her last word replaces those that have not come into the file yet. Nobody fills the ledger with those that have.
            db.prepare_cached("DELETE FROM change WHERE reader = ?1 AND kind = ?2 AND (merged IS NULL OR id <= (SELECT id FROM change WHERE reader = ?1 AND kind = ?2 ORDER BY id DESC LIMIT 1 OFFSET ?3))")?
                .execute((reader, Kind::Prefer as i64, MINDS))?;
            let kept = Kept::of(preferences);
            note(db, reader, Kind::Prefer, &key, Some(&kept), None, now)?;
            Ok(Answer::Done)
        }
        _ => Ok(Answer::Unknown),
    }
}

/// Her address becomes a hash; her name, her consent and her wishes go. What is left in copies and in the file goes when the change is merged.
fn erase(db: &Connection, reader: ReaderId, now: DateTime<Utc>) -> rusqlite::Result<Answer> {
    let Some((reader, key)) = key_of(db, reader)? else {
        return Ok(Answer::Unknown);
    };
    if suppression::is_erased(&key) {
        return Ok(Answer::Done);
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
    Ok(Answer::Done)
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
