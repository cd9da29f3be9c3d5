//! From sources and readership to an edition: gathers, chooses, composes. It never renders or sends.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::config::Config;
use crate::edition::{Edition, Slug};
use crate::ledger::{Ledger, LedgerError, Page};
use crate::line::Line;
use crate::link::{Link, Origin};
use crate::readers::Readership;
use crate::readership::{self, Input};
use crate::render;
use crate::select::{self, History, Selection};
use crate::source::{self, LIMITS, Remembered};
use crate::story::Miss;

/// What was chosen, and from what.
pub struct Draft {
    /// Every candidate with its reasons, and the misses.
    pub selection: Selection,
    /// The edition; `None` when there are fewer stories than `[selection] minimum`: a quiet day.
    pub edition: Option<Edition>,
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
    ledger: Option<&mut Ledger>,
    slug: &Slug,
    now: DateTime<Utc>,
) -> Result<Draft, DraftError> {
    let mut ledger = ledger;
    let remembered = recall(config, ledger.as_deref())?;
    let gathered = source::gather(&config.sources, &remembered, &LIMITS, now).await;
    if let Some(ledger) = ledger.as_deref_mut() {
        for page in &gathered.remember {
            let kept = Page {
                etag: page.etag.clone(),
                last_modified: page.last_modified.clone(),
                body: page.body.clone(),
            };
            ledger.remember(&page.url, &kept, now)?;
        }
    }
    let harvest = gathered.harvest;
    if harvest.asked > 0 && harvest.failed == harvest.asked {
        return Err(DraftError::NoSource {
            misses: harvest.misses,
        });
    }
    let readership = read_counts(config, now).await;
    let history = match ledger {
        Some(ledger) => History {
            last_edition: ledger.last_edition(slug)?,
            ran: ledger.ran(now - config.selection.no_repeat_for, slug)?,
        },
        None => History {
            last_edition: None,
            ran: HashMap::new(),
        },
    };
    let selection = select::select(&harvest, &readership, &history, &config.selection, now);
    let edition = selection
        .edition(slug.clone())
        .map(|edition| compose(edition, config));
    Ok(Draft { selection, edition })
}

/// Writes the lines that nobody has written yet, so that an editor finds words to change and not an empty place.
fn compose(mut edition: Edition, config: &Config) -> Edition {
    edition.subject = Some(render::subject(&edition, &config.template));
    edition.opening =
        Some(render::opening(&edition, &config.template)).filter(|opening| !opening.is_empty());
    edition
}

fn recall(
    config: &Config,
    ledger: Option<&Ledger>,
) -> Result<HashMap<String, Remembered>, LedgerError> {
    let mut all = HashMap::new();
    let Some(ledger) = ledger else { return Ok(all) };
    for source in &config.sources {
        let Origin::Url(link) = source.kind.origin() else {
            continue;
        };
        if let Some(page) = ledger.remembered(link.as_str())? {
            let page = Remembered {
                url: link.as_str().to_owned(),
                etag: page.etag,
                last_modified: page.last_modified,
                body: page.body,
            };
            all.insert(page.url.clone(), page);
        }
    }
    Ok(all)
}

async fn read_counts(config: &Config, now: DateTime<Utc>) -> Readership {
    let mut reports = Vec::new();
    for counts in &config.readership {
        let (inputs, mut misses) = match &counts.origin {
            Origin::Path(path) => readership::files(path),
            Origin::Url(link) => match fetch(&counts.name, link, now).await {
                Ok(input) => (vec![input], Vec::new()),
                Err(miss) => (Vec::new(), vec![miss]),
            },
        };
        let name = counts.name.clone();
        let mut report = readership::read_counts(name, &inputs, &config.newsletter.zone, now);
        misses.append(&mut report.misses);
        report.misses = misses;
        reports.push(report);
    }
    Readership { reports }
}

async fn fetch(name: &Line, link: &Link, now: DateTime<Utc>) -> Result<Input, Miss> {
    match source::fetch(link, None, &LIMITS).await {
        Ok(fetched) => {
            // A page that does not say when it was made was made for us.
            let modified = fetched.remember.and_then(|page| page.last_modified);
            let taken = modified
                .and_then(|text| DateTime::parse_from_rfc2822(&text).ok())
                .map_or(now, |at| at.to_utc());
            Ok(Input {
                name: name.clone(),
                body: fetched.body,
                taken: Some(taken),
            })
        }
        Err(error) => Err(Miss {
            source: name.clone(),
            what: Line::clean(&error.explained()),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
