//! Rows that the ledger refuses while it takes others: each is set aside, and stops nobody else.

use chrono::{DateTime, Utc};
use rusqlite::types::Value;
use rusqlite::{ToSql, TransactionBehavior, params_from_iter};

use super::claims::{put, settle};
use super::copies::OF_RUN;
use super::{Ledger, millis};
use crate::ledger::state::CopyState;
use crate::ledger::{Claimed, CommitRequest, LedgerError, RunId, Settlement};
use crate::model::line::Line;
use crate::model::subscriber::LeftOut;

/// The words of a copy in doubt that `send` does not take up again by itself.
const MAY_HAVE_LEFT: &str =
    "the letter may have arrived, and the ledger fails at its row; not sent again";

impl Ledger {
    /// Commits each part of an order that failed as a whole. A copy whose row alone is refused is left out; if its letter may have left,
    /// it is in doubt, and sent again only if a person asks for it.
    ///
    /// # Errors
    /// The ledger refuses other rows too; what was committed by then stays.
    pub(super) fn commit_in_parts(
        &mut self,
        order: &CommitRequest,
        now: DateTime<Utc>,
    ) -> Result<Claimed, LedgerError> {
        let mut set_aside = Vec::new();
        for settlement in &order.settled {
            let part = CommitRequest {
                settled: vec![settlement.clone()],
                relay: order.relay.clone(),
                ..CommitRequest::default()
            };
            self.commit_or_set_aside(&part, now, &mut set_aside)?;
        }
        for refused in &order.refused {
            let part = CommitRequest {
                refused: vec![refused.clone()],
                ..CommitRequest::default()
            };
            match self.commit(&part, now) {
                // The copy's own row says that it was refused.
                Err(error) if error.is_about_a_row() => set_aside.push(words(&error)),
                done => drop(done?),
            }
        }
        let rest = CommitRequest {
            claim: order.claim,
            claimed_for: order.claimed_for,
            look: order.look,
            left: order.left.clone(),
            ..CommitRequest::default()
        };
        let claimed = self.commit_or_set_aside(&rest, now, &mut set_aside)?;
        Ok(Claimed {
            set_aside,
            ..claimed
        })
    }

    /// Commits what one copy needs, or sets it aside if another one would be taken.
    fn commit_or_set_aside(
        &mut self,
        part: &CommitRequest,
        now: DateTime<Utc>,
        set_aside: &mut Vec<Line>,
    ) -> Result<Claimed, LedgerError> {
        let error = match self.commit(part, now) {
            Err(error) if error.is_about_a_row() && self.takes_another(part, now) => error,
            done => return done,
        };
        set_aside.push(words(&error));
        for Settlement { copy, settled } in &part.settled {
            let state = if settled.may_have_left() {
                CopyState::InDoubt
            } else {
                CopyState::LeftOut
            };
            self.set_aside(*copy, state, now)?;
        }
        if let Some(copy) = part.claim {
            self.set_aside(copy, CopyState::LeftOut, now)?;
        }
        Ok(Claimed::default())
    }

    /// Tries the same on a row that is made for it and never committed. If that fails too, it is not the row.
    fn takes_another(&mut self, part: &CommitRequest, now: DateTime<Utc>) -> bool {
        let state = if part.claim.is_some() {
            CopyState::Queued
        } else {
            CopyState::Handing
        };
        let mut attempt = || {
            // Dropped, it is rolled back.
            let trial = self
                .connection
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            trial.execute(
                "INSERT INTO copy (run, reader, state, page_set, attempts, next_try, changed) VALUES (0, 0, ?1, 0, 0, 0, 0)",
                [state as i64],
            )?;
            let copy = trial.last_insert_rowid();
            for settlement in &part.settled {
                let settled = settlement.settled.clone();
                settle(&trial, &Settlement { copy, settled }, now)?;
            }
            match part.claim {
                Some(_) => put(&trial, copy, CopyState::Handing, None, now),
                None => Ok(()),
            }
        };
        attempt().is_ok()
    }

    /// Puts the copy where no run takes it up again. A row that cannot be changed is written anew; if even that is refused, it stays as it
    /// was.
    fn set_aside(
        &mut self,
        copy: i64,
        state: CopyState,
        now: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let why = match state {
            CopyState::InDoubt => MAY_HAVE_LEFT,
            _ => LeftOut::BrokenRow.code(),
        };
        let mut done = self.write(|db| put(db, copy, state, Some(why), now));
        if matches!(&done, Err(error) if error.is_about_a_row()) {
            done = self.write(|db| {
                let kept: Vec<Value> = db.query_row(
                    "SELECT id, run, reader, page_set, attempts, address, name FROM copy WHERE id = ?1",
                    [copy],
                    |row| (0..7).map(|column| row.get(column)).collect(),
                )?;
                db.execute("DELETE FROM copy WHERE id = ?1", [copy])?;
                let put: [Value; 3] = [
                    Value::from(state as i64),
                    Value::from(millis(now)),
                    Value::from(why.to_owned()),
                ];
                db.execute(
                    "INSERT INTO copy (id, run, reader, page_set, attempts, address, name, state, changed, reply, next_try)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0)",
                    params_from_iter(kept.into_iter().chain(put)),
                )
                .map(drop)
            });
        }
        match done {
            Err(error) if error.is_about_a_row() => Ok(()),
            done => done,
        }
    }

    /// Changes the copies of the run that meet a condition, and says how many. If a row is refused, each is changed alone, and that one is
    /// set aside in the state `aside`. In both texts ?2 and further are `values`.
    pub(super) fn change_all(
        &mut self,
        run: RunId,
        (condition, change): (&str, &str),
        values: &[&dyn ToSql],
        (aside, now): (CopyState, DateTime<Utc>),
    ) -> Result<usize, LedgerError> {
        fn with<'v>(first: &'v i64, values: &[&'v dyn ToSql]) -> Vec<&'v dyn ToSql> {
            let first: &dyn ToSql = first;
            std::iter::once(first)
                .chain(values.iter().copied())
                .collect()
        }
        let all = format!("UPDATE copy SET {change} WHERE {OF_RUN} AND {condition}");
        let done = self.write(|db| db.execute(&all, &*with(&run.0, values)));
        if !matches!(&done, Err(error) if error.is_about_a_row()) {
            return done;
        }
        let copies = self.read(|db| {
            let sql = format!("SELECT id FROM copy WHERE {OF_RUN} AND {condition}");
            let mut statement = db.prepare(&sql)?;
            let named = with(&run.0, &values[..statement.parameter_count() - 1]);
            let copies = statement.query_map(&*named, |row| row.get(0))?;
            copies.collect::<rusqlite::Result<Vec<i64>>>()
        })?;
        let one = format!("UPDATE copy SET {change} WHERE id = ?1");
        let mut changed = 0;
        for copy in copies {
            match self.write(|db| db.execute(&one, &*with(&copy, values))) {
                Err(error) if error.is_about_a_row() => self.set_aside(copy, aside, now)?,
                done => changed += done?,
            }
        }
        Ok(changed)
    }
}

fn words(error: &LedgerError) -> Line {
    Line::clean_to(&error.to_string(), 300)
}
