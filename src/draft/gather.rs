//! What there is to choose from: stories from all sources, filled from their own pages, and their readers.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::readers::{self, Counting};
use super::samples;
use crate::config::{Config, ReadershipSource};
use crate::ledger::{Ledger, LedgerError, StoredAnswer};
use crate::model::letter_links::LetterLinks;
use crate::model::link::Origin;
use crate::model::page_views::Readership;
use crate::model::story::Harvest;
use crate::source::{self, Gathered, LIMITS, Limits, Remembered, Source};

/// Which sources are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Those that are files on this machine.
    Files,
    /// All.
    Everything,
}

impl Reach {
    fn includes(self, origin: &Origin) -> bool {
        self == Self::Everything || matches!(origin, Origin::Path(_))
    }
}

/// Reads all sources of stories and of readership within reach. Stories published before `opens` are not looked up in their own pages. The
/// ledger lends its memory of what was fetched, and keeps what is new; `salt` is as for [`super::draft`].
///
/// # Errors
/// The ledger failed; what a source failed with is a miss.
pub async fn gather(
    config: &Config,
    mut ledger: Option<&mut Ledger>,
    reach: Reach,
    opens: DateTime<Utc>,
    now: DateTime<Utc>,
    salt: u64,
) -> Result<(Harvest, Readership), LedgerError> {
    let sources: Vec<Source> = config
        .sources
        .iter()
        .filter(|source| reach.includes(source.kind.origin()))
        .cloned()
        .collect();
    let known = recall(&sources, ledger.as_deref())?;
    let readership: Vec<&ReadershipSource> = config
        .readership
        .iter()
        .filter(|source| match source.origin() {
            Some(origin) => reach.includes(&origin),
            None => reach == Reach::Everything,
        })
        .collect();
    let since = readers::since(&config.selection, opens, now);
    let samples = samples::kept(&readership, ledger.as_deref(), since)?;
    let counting = Counting {
        zone: &config.newsletter.zone,
        letters: LetterLinks::of(config.newsletter.link_query.as_ref()),
        since,
        now,
    };
    let limits = Limits {
        paragraphs: config.selection.lede_paragraphs,
        ..LIMITS
    };
    let (mut gathered, asked) = tokio::join!(
        source::gather(&sources, &known, &limits, now),
        readers::ask(&readership, samples, &counting),
    );
    if reach == Reach::Everything {
        fill(&mut gathered, &sources, ledger.as_deref(), opens, now).await?;
    }
    if let Some(ledger) = &mut ledger {
        for page in &gathered.remember {
            let kept = StoredAnswer {
                etag: page.etag.clone(),
                last_modified: page.last_modified.clone(),
                body: page.body.clone(),
            };
            ledger.remember(&page.url, &kept, now)?;
        }
    }
    let candidates = gathered.harvest.candidates.iter();
    let stories = candidates
        .map(|candidate| candidate.story.url.key())
        .collect();
    let reports = readers::completed(&readership, asked, &stories, &counting, salt).await;
    Ok((gathered.harvest, Readership { reports }))
}

/// Looks up what stories lack in their own pages.
async fn fill(
    gathered: &mut Gathered,
    sources: &[Source],
    ledger: Option<&Ledger>,
    opens: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let pages = source::thin(gathered, sources, opens);
    let mut known = HashMap::new();
    for page in &pages {
        known.extend(remembered(page.as_str(), ledger)?);
    }
    source::enrich(gathered, sources, &pages, &known, &LIMITS, now).await;
    Ok(())
}

fn recall(
    sources: &[Source],
    ledger: Option<&Ledger>,
) -> Result<HashMap<String, Remembered>, LedgerError> {
    let mut all = HashMap::new();
    for source in sources {
        let keys = [Some(source.seen_key()), source.last_good_key()];
        for key in keys.into_iter().flatten() {
            all.extend(remembered(&key, ledger)?);
        }
        let Origin::Url(link) = source.kind.origin() else {
            continue;
        };
        let Some((url, page)) = remembered(link.as_str(), ledger)? else {
            continue;
        };
        for link in source::asked_too(source, &page) {
            all.extend(remembered(link.as_str(), ledger)?);
        }
        all.insert(url, page);
    }
    Ok(all)
}

fn remembered(
    url: &str,
    ledger: Option<&Ledger>,
) -> Result<Option<(String, Remembered)>, LedgerError> {
    let Some(ledger) = ledger else {
        return Ok(None);
    };
    Ok(ledger.remembered(url)?.map(|page| {
        let page = Remembered {
            url: url.to_owned(),
            etag: page.etag,
            last_modified: page.last_modified,
            body: page.body,
        };
        (page.url.clone(), page)
    }))
}
