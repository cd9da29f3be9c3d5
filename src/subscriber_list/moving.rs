//! The list moves from the newsroom's file into the ledger, and back. It is in one place at every instant, and that is where the ledger says: it is moved
//! by the ledger's commit.
//!
//! | killed | what is found | what the same command does |
//! |---|---|---|
//! | on the way in, before the commit | the file is the list | all of it |
//! | on the way in, after it | the ledger is the list; the file lies there and is not read | renames the file |
//! | on the way out, before the commit | the ledger is the list; perhaps a file of it, which is not read | all of it |
//! | on the way out, after it | the file is the list | nothing |

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::error::ListError;
use super::merge::merge;
use crate::ledger::{Ledger, LedgerFile};
use crate::model::zone::Zone;
use crate::newsroom::NewsroomError;
use crate::newsroom::subscribers::{Stamp, Subscribers, hold};

/// How often it is tried while somebody changes the list.
const TRIES: usize = 5;

/// What became of a move.
#[derive(Debug)]
pub struct Moved {
    /// How many subscribers moved; `None`: the list was there already.
    pub subscribers: Option<u64>,
    /// How many blocks of the file named a subscriber a second time; of each the first counted.
    pub again: u64,
    /// The file that is the list no more, under its new name, if there was one; an error says that it lies there still, and is not read.
    pub set_aside: Result<Option<PathBuf>, NewsroomError>,
}

/// Moves the list into the ledger. The file stays under another name, with its comments, which the ledger does not keep.
///
/// # Errors
/// The file or the ledger cannot be read or written, or a block of the file has a problem: nobody is to be lost. The file is still the list then.
pub fn into_ledger(
    file: &Path,
    ledger: &LedgerFile,
    zone: &Zone,
    now: DateTime<Utc>,
) -> Result<Moved, ListError> {
    let mut ledger = Ledger::open(ledger)?;
    for _ in 0..TRIES {
        if ledger.subscribers_version()?.is_none() {
            // What readers asked for comes into the file first.
            merge(&mut ledger, file, zone, now)?;
        }
        let held = hold(file)?;
        if ledger.subscribers_version()?.is_some() {
            return Ok(Moved {
                subscribers: None,
                again: 0,
                set_aside: held.set_aside(),
            });
        }
        let stamp = Stamp::of(file);
        let text = held.read()?;
        let shown = file.display().to_string();
        let mut problems = Vec::new();
        let listed = || Subscribers::of(&shown, &text);
        for misread in listed().filter_map(Result::err) {
            problems.extend(misread.problems);
        }
        if !problems.is_empty() {
            return Err(NewsroomError::Broken(file.to_owned(), problems).into());
        }
        let all = listed().filter_map(Result::ok).map(|one| one.subscriber);
        // At this commit the list moves.
        let taken = ledger.take_subscribers(all, || Stamp::of(file) == stamp)?;
        if let Some((subscribers, again)) = taken {
            return Ok(Moved {
                subscribers: Some(subscribers),
                again,
                set_aside: held.set_aside(),
            });
        }
    }
    Err(ListError::Restless)
}

/// Moves the list into the file. A file that lies in its place and says something else is set aside.
///
/// # Errors
/// The file or the ledger cannot be read or written, or a row of the ledger cannot be read. The ledger is still the list then.
pub fn into_file(file: &Path, ledger: &LedgerFile) -> Result<Moved, ListError> {
    let mut moved = Moved {
        subscribers: None,
        again: 0,
        set_aside: Ok(None),
    };
    let Some(mut ledger) = Ledger::open_if_any(ledger)? else {
        return Ok(moved);
    };
    let held = hold(file)?;
    if ledger.subscribers_version()?.is_none() {
        return Ok(moved);
    }
    // The file is whole before the commit at which the list moves.
    let written = ledger.give_subscribers(|all| {
        moved.set_aside = Ok(held.write_whole(&all)?);
        moved.subscribers = Some(all.len() as u64);
        Ok::<_, NewsroomError>(())
    })?;
    written.map_err(ListError::Unreadable)??;
    Ok(moved)
}
