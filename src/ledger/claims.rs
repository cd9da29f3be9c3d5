//! Claiming and settling: the two commits on which no letter is lost or doubled. Which copy is next is not decided here.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::audit::text;
use super::copies::State;
use super::{Ledger, LedgerError, Patience, RunId, bounces, handed, instant, millis, suppression};
use crate::bounce::Class;
use crate::model::address::Address;
use crate::model::delivery::Reply;
use crate::model::line::Line;
use crate::model::subscriber::LeftOut;

/// A queued copy that nobody has claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queued {
    /// The row.
    pub copy: i64,
    /// The domain of her address, in small letters.
    pub domain: Box<str>,
    /// Not before this instant.
    pub next_try: DateTime<Utc>,
}

/// A copy that is ours to hand over.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The row.
    pub copy: i64,
    /// The reader's number.
    pub reader: u64,
    /// Where the letter goes.
    pub address: Address,
    /// What to call her.
    pub name: Option<Line>,
    /// The index of her pages.
    pub page_set: usize,
    /// How often it was deferred.
    pub attempts: u32,
}

/// What is to be written down in one commit.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// What became of copies.
    pub settled: Vec<Settlement>,
    /// What refusals say of mailboxes.
    pub refused: Vec<Refused>,
    /// The copy to claim.
    pub claim: Option<i64>,
    /// A copy to look at without claiming it.
    pub look: Option<i64>,
    /// The name of the relay under which settled letters that it took, or may have, are counted for its quota ([`Ledger::handed`]).
    pub relay: Option<Arc<str>>,
}

/// What came of an [`Order`].
#[derive(Clone, Debug, Default)]
pub struct Claimed {
    /// The copy claimed; `None` if it is not queued any more, or was suppressed and is left out now.
    pub claim: Option<Claim>,
    /// The copy looked at, still queued; `None` as above.
    pub ahead: Option<Claim>,
    /// Why rows were set aside that the ledger refuses while it takes others.
    pub set_aside: Vec<Line>,
}

/// A refusal at RCPT, to be counted like a bounce.
#[derive(Clone, Debug)]
pub struct Refused {
    /// The row.
    pub copy: i64,
    /// What it says of the mailbox.
    pub class: Class,
    /// The relay's words.
    pub words: Line,
    /// How many soft ones are too many.
    pub patience: Patience,
}

/// What became of a claimed copy.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// The row.
    pub copy: i64,
    /// What became of it.
    pub settled: Settled,
}

/// The ways a claim ends.
#[derive(Clone, Debug)]
pub enum Settled {
    /// The relay took it.
    Accepted(Reply),
    /// The relay refused the mailbox for good.
    Rejected(Reply),
    /// Later; attempts + 1.
    Deferred {
        /// The relay's words.
        reply: Reply,
        /// Not before this instant.
        next_try: DateTime<Utc>,
    },
    /// Deferred once too often.
    GivenUp(Reply),
    /// No answer after the dot.
    InDoubt,
    /// The conversation ended before the dot: queued again, attempts unchanged.
    Untouched,
    /// What the ledger says of the copy makes no letter.
    Unusable,
}

impl Settled {
    /// Whether the relay has the letter, or may have it.
    pub(super) const fn may_have_left(&self) -> bool {
        matches!(self, Self::Accepted(_) | Self::InDoubt)
    }
}

impl Ledger {
    /// Up to `most` queued copies of the run behind the row `after`, in the order of the file.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn queued(&self, run: RunId, after: i64, most: usize) -> Result<Vec<Queued>, LedgerError> {
        // One lower bound only: of two, SQLite may begin at the lesser and walk over all that lies between, at every window.
        const NEXT: &str = "SELECT copy.id, reader.key, next_try FROM copy LEFT JOIN reader ON reader.id = copy.reader
            WHERE copy.id > max(?2, (SELECT first_copy - 1 FROM run WHERE id = ?1)) AND copy.id <= (SELECT last_copy FROM run WHERE id = ?1)
            AND state = 0 ORDER BY copy.id LIMIT ?3";
        let row = |row: &Row<'_>| {
            let key = &*text(row.get_ref(1)?);
            Ok(Queued {
                copy: row.get(0)?,
                domain: key
                    .rsplit_once('@')
                    .map_or(key, |(_, domain)| domain)
                    .into(),
                next_try: instant(row.get(2).unwrap_or_default()),
            })
        };
        self.read(|db| {
            db.prepare_cached(NEXT)?
                .query_map((run.0, after, most), row)?
                .collect()
        })
    }

    /// Settles, claims and looks in one transaction; see [`super::Writer`] for many conversations at once.
    ///
    /// # Errors
    /// The ledger cannot be written; nothing is settled or claimed then.
    pub fn commit(&mut self, order: &Order, now: DateTime<Utc>) -> Result<Claimed, LedgerError> {
        self.write(|db| commit(db, order, now))
    }

    /// Gives up every copy of the run that is still queued: it is too late to send it. Says how many.
    ///
    /// # Errors
    /// The ledger cannot be written.
    pub fn close(&mut self, run: RunId, now: DateTime<Utc>) -> Result<usize, LedgerError> {
        let set = "state = 4, next_try = 0, changed = ?2, reply = 'too late to be sent' || coalesce('; the last answer was ' || reply, '')";
        let aside = (State::LeftOut, now);
        self.change_all(run, ("state = 0", set), &[&millis(now)], aside)
    }
}

pub(super) fn commit(
    db: &Connection,
    order: &Order,
    now: DateTime<Utc>,
) -> rusqlite::Result<Claimed> {
    for settlement in &order.settled {
        settle(db, settlement, now)?;
    }
    for refused in &order.refused {
        bounces::note_refused(db, refused, now)?;
    }
    if let Some(relay) = &order.relay {
        let taken = |one: &&Settlement| one.settled.may_have_left();
        match order.settled.iter().filter(taken).count() {
            0 => {}
            letters => handed::count(db, relay, letters as u64, now)?,
        }
    }
    let claim = match order.claim {
        Some(copy) => claim(db, copy, now)?,
        None => None,
    };
    let ahead = match order.look {
        Some(copy) => look(db, copy)?.filter(|(_, is_suppressed)| !is_suppressed),
        None => None,
    };
    Ok(Claimed {
        claim,
        ahead: ahead.and_then(|(claim, _)| claim),
        set_aside: Vec::new(),
    })
}

pub(super) fn settle(
    db: &Connection,
    settlement: &Settlement,
    now: DateTime<Utc>,
) -> rusqlite::Result<()> {
    // Only a copy that is being handed over can be settled: an answer never overrules an earlier one.
    // A copy that is queued again without an answer keeps the one it had.
    let mut update = db.prepare_cached("UPDATE copy SET state = ?2, attempts = attempts + ?3, next_try = ?4, changed = ?5, reply = CASE ?2 WHEN 0 THEN coalesce(?6, reply) ELSE ?6 END WHERE id = ?1 AND state = 1")?;
    let (state, more, next_try, reply) = match &settlement.settled {
        Settled::Accepted(reply) => (State::Accepted, 0, 0, Some(reply)),
        Settled::Rejected(reply) => (State::Rejected, 1, 0, Some(reply)),
        Settled::GivenUp(reply) => (State::GivenUp, 1, 0, Some(reply)),
        Settled::Deferred { reply, next_try } => (State::Queued, 1, millis(*next_try), Some(reply)),
        Settled::InDoubt => (State::InDoubt, 0, 0, None),
        Settled::Untouched => (State::Queued, 0, 0, None),
        Settled::Unusable => (State::LeftOut, 0, 0, None),
    };
    let reply = match settlement.settled {
        Settled::Unusable => Some(LeftOut::BrokenRow.code().to_owned()),
        _ => reply.map(ToString::to_string),
    };
    let written = update.execute((
        settlement.copy,
        state as i64,
        more,
        next_try,
        millis(now),
        reply,
    ))?;
    // Settled before, or the row was left as it was without a word.
    let handing = "SELECT 1 FROM copy WHERE id = ?1 AND state = 1";
    if written == 0 && db.prepare_cached(handing)?.exists([settlement.copy])? {
        return Err(rusqlite::Error::StatementChangedRows(0));
    }
    Ok(())
}

/// Claims a copy that is queued. If the reader was suppressed since the freeze, or the row cannot be read, it is left out instead.
fn claim(db: &Connection, copy: i64, now: DateTime<Utc>) -> rusqlite::Result<Option<Claim>> {
    let Some((claim, is_suppressed)) = look(db, copy)? else {
        return Ok(None);
    };
    let (state, why) = match &claim {
        _ if is_suppressed => (State::LeftOut, Some(LeftOut::Suppressed.code())),
        Some(_) => (State::Handing, None),
        None => (State::LeftOut, Some(LeftOut::Unreadable.code())),
    };
    let claim = claim.filter(|_| !is_suppressed);
    put(db, copy, state, why, now)?;
    Ok(claim)
}

/// Puts a copy into a state, with the words for it if there are any.
pub(super) fn put(
    db: &Connection,
    copy: i64,
    state: State,
    why: Option<&str>,
    now: DateTime<Utc>,
) -> rusqlite::Result<()> {
    let written = db
        .prepare_cached("UPDATE copy SET state = ?2, next_try = 0, changed = ?3, reply = coalesce(?4, reply) WHERE id = ?1")?
        .execute((copy, state as i64, millis(now), why))?;
    // A row that says nothing and stays as it was would be sent twice.
    if written == 1 {
        Ok(())
    } else {
        Err(rusqlite::Error::StatementChangedRows(written))
    }
}

/// A queued copy, and whether its reader is suppressed; `None` inside for a row that cannot be read.
fn look(db: &Connection, copy: i64) -> rusqlite::Result<Option<(Option<Claim>, bool)>> {
    let mut row = db.prepare_cached(
        "SELECT copy.reader, coalesce(copy.address, reader.key), copy.name, copy.page_set, copy.attempts
         FROM copy LEFT JOIN reader ON reader.id = copy.reader WHERE copy.id = ?1 AND state = 0",
    )?;
    let found = row
        .query_row([copy], |row| {
            let reader: i64 = row.get(0).unwrap_or_default();
            let address = Address::parse(&text(row.get_ref(1)?)).ok();
            let name = text(row.get_ref(2)?);
            let claim = match (address, row.get(3), row.get(4)) {
                (Some(address), Ok(page_set), Ok(attempts)) if reader > 0 => Some(Claim {
                    copy,
                    reader: u64::try_from(reader).unwrap_or_default(),
                    address,
                    name: Line::non_empty(&name),
                    page_set,
                    attempts,
                }),
                _ => None,
            };
            Ok((reader, claim))
        })
        .optional()?;
    found
        .map(|(reader, claim)| Ok((claim, suppression::holds(db, reader)?)))
        .transpose()
}
