//! What became of every copy: of all of a run, of those in one state, of one reader's in every edition.

use std::ops::ControlFlow;

use rusqlite::Params;

use super::copies::{COPIES, OF_RUN};
use super::{Ledger, instant, text_of};
use crate::ledger::state::CopyState;
use crate::ledger::{CopyStatus, Fate, LedgerError, RunId};
use crate::model::address::{Address, masked};
use crate::model::line::Line;
use crate::model::subscriber::LeftOut;

impl Ledger {
    /// The copies in one state, in the order of the file.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn list(&self, run: RunId, standing: CopyStatus) -> Result<Vec<Fate>, LedgerError> {
        let states = CopyState::all().filter(|state| CopyStatus::of(*state) == standing);
        let states: Vec<String> = states.map(|state| state.to_string()).collect();
        let condition = format!("{OF_RUN} AND state IN ({})", states.join(", "));
        let mut fates = Vec::new();
        self.fates(&condition, [run.0], |_, fate| {
            fates.push(fate);
            ControlFlow::Continue(())
        })?;
        Ok(fates)
    }

    /// Shows `visit` every copy of the run, in the order of the file and in flat memory, until it breaks.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn each_copy(
        &self,
        run: RunId,
        mut visit: impl FnMut(Fate) -> ControlFlow<()>,
    ) -> Result<(), LedgerError> {
        self.fates(OF_RUN, [run.0], |_, fate| visit(fate))
    }

    /// The reader's copies in all runs, oldest first.
    ///
    /// # Errors
    /// As [`Ledger::each_copy`].
    pub fn copies_of(&self, address: &Address) -> Result<Vec<(RunId, Fate)>, LedgerError> {
        let mut fates = Vec::new();
        self.fates(
            &format!("copy.id IN ({COPIES} (SELECT id FROM reader WHERE key = ?1))"),
            [&*address.key()],
            |run, fate| {
                fates.push((run, fate));
                ControlFlow::Continue(())
            },
        )?;
        Ok(fates)
    }

    fn fates(
        &self,
        condition: &str,
        parameters: impl Params,
        mut visit: impl FnMut(RunId, Fate) -> ControlFlow<()>,
    ) -> Result<(), LedgerError> {
        let sql = format!(
            "SELECT run, coalesce(address, key), state, attempts, reply, changed
             FROM copy LEFT JOIN reader ON reader.id = copy.reader
             WHERE {condition} ORDER BY copy.id"
        );
        let wrong = |error: rusqlite::Error| self.wrong(&error);
        let mut statement = self.connection.prepare(&sql).map_err(wrong)?;
        let mut rows = statement.query(parameters).map_err(wrong)?;
        while let Some(row) = rows.next().map_err(wrong)? {
            let address = text_of(row, 1).map_err(wrong)?;
            let reply: Option<String> = row.get(4).unwrap_or_default();
            // A copy in a state that this program does not know is in no list; the tally does not balance, and says so.
            let (Some(state), Ok(run)) =
                (row.get(2).ok().and_then(CopyState::of_number), row.get(0))
            else {
                continue;
            };
            let standing = CopyStatus::of(state);
            let fate = Fate {
                address: shown(&address),
                standing,
                attempts: row.get::<_, u32>(3).unwrap_or_default() + taken(standing),
                why: why(standing, reply),
                at: instant(row.get(5).unwrap_or_default()),
            };
            if visit(RunId(run), fate).is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// The attempt at which the relay took it, or may have: the ledger counts those that failed.
fn taken(standing: CopyStatus) -> u32 {
    u32::from(matches!(
        standing,
        CopyStatus::Accepted | CopyStatus::InDoubt
    ))
}

fn why(standing: CopyStatus, reply: Option<String>) -> Line {
    let words = match (standing, reply) {
        (CopyStatus::LeftOut, Some(code)) => {
            LeftOut::of_code(&code).map_or(code, |why| why.words().to_owned())
        }
        (CopyStatus::InDoubt, None) => "the relay did not answer after the letter".to_owned(),
        (_, reply) => reply.unwrap_or_default(),
    };
    Line::clean(&words)
}

/// The address in full; masked where it is none.
fn shown(text: &str) -> Line {
    match Address::parse(text) {
        Ok(address) => Line::clean(address.reveal()),
        Err(_) => masked(text),
    }
}
