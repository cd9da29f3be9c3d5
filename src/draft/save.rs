//! What is edited at the desk, or held by a link, comes into the edition file, beside whatever another desk or another program saved.
//!
//! ```text
//! lock -> read the file, keep it as a version -> merge -> change the file for the new text in one step -> keep the new text as a version
//! ```
//! From the change on the file says it. A crash before leaves the file as it was, and the browser still has the words; one after leaves a file
//! whose version is kept at the next look. If another program saved in the last moment, its text came out in the change: it is kept as a
//! version, and the edits are merged into it.

use super::versions;
use crate::config::Config;
use crate::ledger::{Ledger, LedgerError};
use crate::model::edition::{Clash, Edit, Edition, Slug, VersionOrigin, between, merge};
use crate::model::line::Line;
use crate::model::problem::Problem;
use crate::model::zone::Clock;
use crate::newsroom::NewsroomError;
use crate::newsroom::editions;

/// What somebody did at the desk.
pub enum Change {
    /// Edits of an edition as that version said it.
    Edits(u64, Vec<Edit>),
    /// What made `of` out of `to` is undone; whatever came later stays.
    Undo { of: u64, to: u64 },
}

/// A save that is in the file.
#[derive(Debug)]
pub struct Saved {
    /// The version to which it came.
    pub before: u64,
    /// The version that has it.
    pub version: u64,
    /// What is not in it.
    pub clashes: Vec<Clash>,
}

/// Why nothing was saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Newsroom(#[from] NewsroomError),
    #[error("the edition is not drafted yet")]
    NotDrafted,
    #[error("version {0} is not in the ledger")]
    Unknown(u64),
    #[error("what version {0} changed can be undone only by `newsdigest edition restore`")]
    CannotUndo(u64),
    /// The file, or what was asked for.
    #[error("the edition cannot be edited")]
    Problems(Vec<Problem>),
    #[error("another program saves the edition file again and again")]
    Busy,
}

/// How often it is tried again when another program saves the file in the last moment.
const TRIES: usize = 5;

/// Saves it; `origin` is how it came about, and who did it.
///
/// # Errors
/// As [`SaveError`] says; then the file does not have it.
pub fn save(
    config: &Config,
    slug: &Slug,
    change: &Change,
    origin: (VersionOrigin, Option<&Line>),
    clock: &Clock,
) -> Result<Saved, SaveError> {
    let folder = config.editions();
    let mut ledger = Ledger::open(&config.ledger)?;
    let _held = editions::hold(&folder, slug)?;
    let mut now = editions::read_source(&folder, slug)?.ok_or(SaveError::NotDrafted)?;
    let mut expected = now.clone();
    for _ in 0..TRIES {
        let merged = merged(config, &mut ledger, (slug, change), &now, clock);
        let (before, merged, clashes) = match merged {
            Ok(merged) => merged,
            Err(error) => {
                // What another program saved is in no file any more if it came out of the last change.
                if expected != now {
                    editions::write_source(&folder, slug, &now)?;
                }
                return Err(error);
            }
        };
        let is_written = expected == merged;
        let found = if is_written {
            merged.clone()
        } else {
            editions::swap_source(&folder, slug, &merged)?
        };
        if is_written || found.trim_start_matches('\u{feff}') == expected {
            let of = (&*config.newsletter.id, slug);
            let version = ledger.keep_version(of, &merged, origin, clock())?;
            return Ok(Saved {
                before,
                version,
                clashes,
            });
        }
        (now, expected) = (found, merged);
    }
    editions::write_source(&folder, slug, &now)?;
    versions::keep_saved(config, &mut ledger, slug, clock)?;
    Err(SaveError::Busy)
}

/// The number of the version that says `now`, the text with the change in it, and what is not in it.
fn merged(
    config: &Config,
    ledger: &mut Ledger,
    (slug, change): (&Slug, &Change),
    now: &str,
    clock: &Clock,
) -> Result<(u64, String, Vec<Clash>), SaveError> {
    let newsletter = &*config.newsletter.id;
    let saved = (VersionOrigin::File, None);
    let before = ledger.keep_version((newsletter, slug), now, saved, clock())?;
    let text = |number: u64| {
        if number == before {
            return Ok(now.to_owned());
        }
        let text = ledger.version_text(newsletter, slug, number)?;
        text.ok_or(SaveError::Unknown(number))
    };
    let read = |text: &str| {
        let edition = Edition::from_toml(slug.clone(), "an earlier version", text);
        edition.map_err(SaveError::Problems)
    };
    let undone;
    let (from, edits) = match change {
        Change::Undo { of, to } if *of == before => return Ok((before, text(*to)?, Vec::new())),
        Change::Undo { of, to } => {
            let from = text(*of)?;
            undone =
                between(&read(&from)?, &read(&text(*to)?)?).ok_or(SaveError::CannotUndo(*of))?;
            (from, &undone)
        }
        Change::Edits(from, edits) => (text(*from)?, edits),
    };
    let zone = &config.newsletter.zone;
    let merged = merge((slug, zone), &from, edits, now).map_err(SaveError::Problems)?;
    Ok((before, merged.text, merged.clashes))
}
