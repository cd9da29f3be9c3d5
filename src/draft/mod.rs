//! From sources and readership to an edition: gathers, chooses, composes. It never renders or sends.

mod gather;
mod readers;

pub use gather::{Reach, gather};

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use crate::config::Config;
use crate::edition::{Edition, Slug};
use crate::ledger::{Ledger, LedgerError};
use crate::render;
use crate::select::{self, History, Selection};
use crate::story::{Health, Miss};

/// What was chosen, and from what.
pub struct Draft {
    /// Every candidate with its reasons, and the misses.
    pub selection: Selection,
    /// The edition; `None` when there are fewer stories than `[selection] minimum`: a quiet day.
    pub edition: Option<Edition>,
    /// How each source is doing.
    pub health: Vec<Health>,
}

/// Why nothing could be chosen.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// Every source failed; the misses say how.
    #[error("{}", none_read(misses.len()))]
    NoSource {
        /// One for each source at least.
        misses: Vec<Miss>,
    },
    /// The ledger could not be read or written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

fn none_read(sources: usize) -> String {
    match sources {
        1 => "the only source could not be read".to_owned(),
        more => format!("none of the {more} sources could be read"),
    }
}

/// Gathers all sources and readership and chooses. The ledger lends the memory of what ran and of what was fetched; when there is none yet,
/// nothing ran and everything is fetched anew.
///
/// # Errors
/// All sources failed, or the ledger did.
pub async fn draft(
    config: &Config,
    mut ledger: Option<&mut Ledger>,
    slug: &Slug,
    now: DateTime<Utc>,
) -> Result<Draft, DraftError> {
    let last_edition = match &ledger {
        Some(ledger) => ledger.last_edition(slug)?,
        None => None,
    };
    let opens = config.selection.window.opens(last_edition, now);
    let (harvest, readership) =
        gather(config, ledger.as_deref_mut(), Reach::Everything, opens, now).await?;
    if harvest.asked > 0 && harvest.failed == harvest.asked {
        return Err(DraftError::NoSource {
            misses: harvest.misses,
        });
    }
    let history = History {
        last_edition,
        ran: match ledger {
            Some(ledger) => ledger.ran(remembers_since(config, now), slug)?,
            None => Vec::new(),
        },
        dropped: HashSet::new(),
    };
    let selection = select::select(&harvest, &readership, &history, &config.selection, now);
    let edition = selection
        .edition(slug.clone())
        .map(|edition| compose(edition, config));
    Ok(Draft {
        selection,
        edition,
        health: harvest.health,
    })
}

/// From when on what ran does not come back. Days are whole days: the edition of this weekday last week was perhaps drafted a minute earlier.
fn remembers_since(config: &Config, now: DateTime<Utc>) -> DateTime<Utc> {
    let since = now - config.selection.no_repeat_for;
    if config.selection.no_repeat_for < TimeDelta::days(1) {
        return since;
    }
    let zone = &config.newsletter.zone;
    zone.begins(zone.day(since))
}

/// Writes the lines that nobody has written yet, so that an editor finds words to change and not an empty place.
fn compose(mut edition: Edition, config: &Config) -> Edition {
    edition.subject = Some(render::subject(&edition, &config.template));
    edition.opening =
        Some(render::opening(&edition, &config.template)).filter(|opening| !opening.is_empty());
    edition
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::Line;

    #[test]
    fn no_source_at_all() {
        let miss = || Miss {
            source: Line::clean("a.xml"),
            what: Line::clean("does not exist"),
        };
        let said = |misses| DraftError::NoSource { misses }.to_string();
        assert_eq!(said(vec![miss()]), "the only source could not be read");
        assert_eq!(
            said(vec![miss(), miss(), miss()]),
            "none of the 3 sources could be read"
        );
    }
}
