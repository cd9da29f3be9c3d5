//! Versions of edition files: whatever any verb finds in one is kept in the ledger, so that no save is lost.

use crate::config::Config;
use crate::ledger::{Ledger, LedgerError};
use crate::model::edition::{Slug, VersionOrigin};
use crate::model::line::Line;
use crate::model::zone::Clock;
use crate::newsroom::editions;

/// Keeps what the file of `slug` says now, if it is new: somebody has saved it. The number of the version; a file that cannot be read is none, and
/// whoever reads the edition says what is wrong with it.
///
/// # Errors
/// The ledger cannot be written.
pub fn keep_saved(
    config: &Config,
    ledger: &mut Ledger,
    slug: &Slug,
    clock: &Clock,
) -> Result<Option<u64>, LedgerError> {
    keep(config, ledger, slug, (VersionOrigin::File, None), clock)
}

/// The same, of a file whose text came about in that way.
///
/// # Errors
/// The ledger cannot be written.
pub fn keep(
    config: &Config,
    ledger: &mut Ledger,
    slug: &Slug,
    origin: (VersionOrigin, Option<&Line>),
    clock: &Clock,
) -> Result<Option<u64>, LedgerError> {
    let Ok(Some(text)) = editions::read_source(&config.editions(), slug) else {
        return Ok(None);
    };
    let of = (&*config.newsletter.id, slug);
    ledger.keep_version(of, &text, origin, clock()).map(Some)
}
