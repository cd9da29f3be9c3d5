//! What readers changed comes into the subscribers file.
//!
//! | killed | what is found | what is done |
//! |---|---|---|
//! | before the file is renamed | the old file, the change unmerged | merged |
//! | before the ledger knows | the new file, the change unmerged | merged again, which changes nothing |
//! | later | both | nothing |
//!
//! A file that cannot be changed (locked, full of problems, a full disk) costs nothing but time: the change waits in the ledger.

use std::path::Path;

use chrono::{DateTime, Utc};

use crate::desk::DeskError;
use crate::desk::subscribers::{Revision, Wish, hold};
use crate::ledger::{Change, Ledger, LedgerError, Wish as Wanted};
use crate::subscriber::Subscriber;
use crate::zone::Zone;

/// Why the file does not say yet what readers want; they have been answered, and it is tried again.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// It is the ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// It is the file.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

/// What came into the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// Changes that had not been merged before.
    pub new: usize,
    /// Changes that somebody had overwritten with an older copy of the file.
    pub again: usize,
}

/// Merges all changes that wait, and those of the last day that an older copy of the file has overwritten.
///
/// # Errors
/// The ledger or the file fails; whatever was not merged is kept.
pub fn merge(
    ledger: &mut Ledger,
    subscribers: &Path,
    zone: &Zone,
    now: DateTime<Utc>,
) -> Result<Merged, MergeError> {
    if ledger.changes()?.is_empty() {
        return Ok(Merged::default());
    }
    // Read again under the lock: two who merge at once would else put back what the other has erased.
    let held = hold(subscribers)?;
    let changes = ledger.changes()?;
    let revisions: Vec<Revision> = changes
        .iter()
        .map(|change| revision(change, zone))
        .collect();
    let outcomes = held.revise(&revisions)?;
    let mut merged = Merged::default();
    let mut done = Vec::new();
    for (change, outcome) in changes.iter().zip(outcomes) {
        match &change.merged_over {
            None => merged.new += 1,
            Some(_) if outcome.applied => merged.again += 1,
            Some(_) => continue,
        }
        done.push((change.id, outcome.before));
    }
    ledger.merged(&done, now)?;
    Ok(merged)
}

fn revision(change: &Change, zone: &Zone) -> Revision {
    Revision {
        address: change.address.clone(),
        wish: match &change.wish {
            Wanted::Join { preferences, form } => Wish::Join(Box::new(Subscriber {
                address: change.address.clone(),
                name: preferences.name.clone(),
                sections: preferences.sections.clone(),
                since: Some(zone.day(change.at)),
                consent: Some(form.clone()),
                paused: preferences.paused,
            })),
            Wanted::Prefer(preferences) => Wish::Prefer(preferences.clone()),
            Wanted::Erase => Wish::Erase,
        },
        only_over: change.merged_over.clone(),
    }
}
