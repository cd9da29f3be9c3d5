//! What became of every copy: of all of a run, of those in one state, of one reader's in every edition.

use std::borrow::Cow;
use std::ops::ControlFlow;

use chrono::{DateTime, Utc};
use rusqlite::Params;
use rusqlite::types::ValueRef;

use super::copies::{COPIES, OF_RUN};
use super::{Ledger, LedgerError, RunId, instant};
use crate::model::address::{Address, masked};
use crate::model::line::Line;
use crate::model::subscriber::LeftOut;

/// Where a copy stands; each subscriber of a run is in one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Still to be handed over.
    Queued,
    /// The relay took it.
    Accepted,
    /// Refused for good.
    Rejected,
    /// May have arrived.
    InDoubt,
    /// Not tried any more.
    GivenUp,
    /// No copy, with a reason.
    LeftOut,
}

impl Standing {
    /// The name of its count in a tally.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::InDoubt => "in_doubt",
            Self::GivenUp => "given_up",
            Self::LeftOut => "left_out",
        }
    }

    /// As the table keeps it; `None` if this program never wrote that. Handing over is doubt to everybody but the sender.
    pub(super) const fn of_state(state: i64) -> Option<Self> {
        Some(match state {
            0 => Self::Queued,
            1 | 6 => Self::InDoubt,
            2 => Self::Accepted,
            3 => Self::Rejected,
            4 => Self::GivenUp,
            5 => Self::LeftOut,
            _ => return None,
        })
    }

    const fn states(self) -> &'static str {
        match self {
            Self::Queued => "0",
            Self::Accepted => "2",
            Self::Rejected => "3",
            Self::InDoubt => "1, 6",
            Self::GivenUp => "4",
            Self::LeftOut => "5",
        }
    }
}

/// What became of one copy.
#[derive(Clone, Debug)]
pub struct Fate {
    /// The reader's address; masked where it is none.
    pub address: Line,
    /// Where it stands.
    pub standing: Standing,
    /// How often it was tried and not taken.
    pub attempts: u32,
    /// The relay's last words, or the reason; empty if there are none.
    pub why: Line,
    /// Since when it stands there.
    pub at: DateTime<Utc>,
}

impl Ledger {
    /// The copies in one state, in the order of the file.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn list(&self, run: RunId, standing: Standing) -> Result<Vec<Fate>, LedgerError> {
        let mut fates = Vec::new();
        let states = standing.states();
        self.fates(
            &format!("{OF_RUN} AND state IN ({states})"),
            [run.0],
            |_, fate| {
                fates.push(fate);
                ControlFlow::Continue(())
            },
        )?;
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
            "SELECT run, coalesce(address, key), state, attempts, reply, changed FROM copy LEFT JOIN reader ON reader.id = copy.reader WHERE {condition} ORDER BY copy.id"
        );
        let wrong = |error: rusqlite::Error| self.wrong(&error);
        let mut statement = self.connection.prepare(&sql).map_err(wrong)?;
        let mut rows = statement.query(parameters).map_err(wrong)?;
        while let Some(row) = rows.next().map_err(wrong)? {
            let address = row.get_ref(1).map_err(wrong)?;
            let reply: Option<String> = row.get(4).unwrap_or_default();
            // A copy in a state that this program does not know is in no list; the tally does not balance, and says so.
            let (Some(standing), Ok(run)) =
                (row.get(2).ok().and_then(Standing::of_state), row.get(0))
            else {
                continue;
            };
            let fate = Fate {
                address: shown(address),
                standing,
                attempts: row.get(3).unwrap_or_default(),
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

fn why(standing: Standing, reply: Option<String>) -> Line {
    let words = match (standing, reply) {
        (Standing::LeftOut, Some(code)) => {
            LeftOut::of_code(&code).map_or(code, |why| why.words().to_owned())
        }
        (Standing::InDoubt, None) => "the relay did not answer after the letter".to_owned(),
        (_, reply) => reply.unwrap_or_default(),
    };
    Line::clean(&words)
}

/// The address in full; masked where it is none.
fn shown(value: ValueRef<'_>) -> Line {
    let text = text(value);
    match Address::parse(&text) {
        Ok(address) => Line::clean(address.reveal()),
        Err(_) => masked(&text),
    }
}

/// The value as text, whatever it is.
pub(super) fn text(value: ValueRef<'_>) -> Cow<'_, str> {
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes),
        _ => Cow::Borrowed(""),
    }
}
