//! What there is to choose from: stories from all sources, filled from their own pages, and their readers.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::readers;
use crate::config::{Config, ReadershipKind, ReadershipSource};
use crate::ledger::{Ledger, LedgerError, StoredAnswer};
use crate::model::letter_links::LetterLinks;
use crate::model::line::Line;
use crate::model::link::Origin;
use crate::model::page_views::{Readership, ReadershipReport};
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

/// With what readership is asked, and what services and programs answered where the same is chosen from again and again.
pub struct Asking {
    /// Fresh and random: clients in access logs are told apart under it.
    salt: u64,
    /// When they were asked, and what each said; `None`: nothing is kept.
    kept: Option<(DateTime<Utc>, Answers)>,
}

/// The names of sources of readership, with what those said that are services and programs.
type Answers = Vec<(Line, Option<ReadershipReport>)>;

/// So long an answer serves who chooses again.
const KEPT: TimeDelta = TimeDelta::minutes(5);

impl Asking {
    /// Asks for one choice.
    #[must_use]
    pub const fn once(salt: u64) -> Self {
        Self { salt, kept: None }
    }

    /// Asks, and keeps the answers for five minutes.
    #[must_use]
    pub const fn keeping(salt: u64) -> Self {
        let kept = Some((DateTime::UNIX_EPOCH, Vec::new()));
        Self { salt, kept }
    }

    /// Forgets the answers: what is asked may have changed.
    pub fn forget(&mut self) {
        if let Some((asked, _)) = &mut self.kept {
            *asked = DateTime::UNIX_EPOCH;
        }
    }

    fn recall(
        &self,
        sources: &[&ReadershipSource],
        now: DateTime<Utc>,
    ) -> Option<Vec<Option<ReadershipReport>>> {
        let (asked, answers) = self.kept.as_ref()?;
        let names = answers.iter().map(|(name, _)| name);
        let same = names.eq(sources.iter().map(|source| source.name()));
        let is_fresh = *asked <= now && now - *asked < KEPT;
        let answers = || answers.iter().map(|(_, answer)| answer.clone()).collect();
        (same && is_fresh).then(answers)
    }

    fn keep(
        &mut self,
        sources: &[&ReadershipSource],
        answers: &[Option<ReadershipReport>],
        now: DateTime<Utc>,
    ) {
        if let Some(kept) = &mut self.kept {
            let names = sources.iter().map(|source| source.name().clone());
            *kept = (now, names.zip(answers.iter().cloned()).collect());
        }
    }
}

/// Reads all sources of stories and of readership within reach. Stories published before `opens` are not looked up in their own pages. The
/// ledger lends its memory of what was fetched, and keeps what is new.
///
/// # Errors
/// The ledger failed; what a source failed with is a miss.
pub async fn gather(
    config: &Config,
    mut ledger: Option<&mut Ledger>,
    reach: Reach,
    opens: DateTime<Utc>,
    now: DateTime<Utc>,
    asking: &mut Asking,
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
    let mut samples = Vec::new();
    for source in &readership {
        samples.push(match (&source.kind, ledger.as_deref()) {
            (ReadershipKind::Service(service), Some(ledger)) => {
                ledger.samples(&service.name, since)?
            }
            _ => Vec::new(),
        });
    }
    let about = readers::About {
        zone: &config.newsletter.zone,
        letters: LetterLinks::of(config.newsletter.link_query.as_deref()),
        since,
        now,
    };
    let limits = Limits {
        paragraphs: config.selection.lede_paragraphs,
        ..LIMITS
    };
    let recalled = asking.recall(&readership, now);
    let is_new = recalled.is_none();
    let (mut gathered, asked) =
        tokio::join!(source::gather(&sources, &known, &limits, now), async {
            match recalled {
                Some(kept) => kept,
                None => readers::ask(&readership, samples, &about).await,
            }
        });
    if is_new {
        asking.keep(&readership, &asked, now);
    }
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
    let mut reports = Vec::new();
    for (source, asked) in readership.into_iter().zip(asked) {
        let report = match asked {
            Some(report) => report,
            None => readers::read(source, &gathered.harvest, &about, asking.salt).await,
        };
        reports.push(report);
    }
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
