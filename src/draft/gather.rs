//! What there is to choose from: stories from all sources, filled from their own pages, and their readers. What several newsletters share is
//! read once for all of them.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::readers::{self, Counting};
use super::samples;
use crate::config::{Config, ReadershipSource};
use crate::ledger::{Ledger, LedgerError, StoredAnswer};
use crate::model::line::Line;
use crate::model::link::{Origin, StoryKey};
use crate::model::page_views::{Readership, ReadershipReport, Sample};
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
    /// `None`: nothing is kept.
    kept: Option<Kept>,
}

/// Answers of services and programs.
#[derive(Default)]
struct Kept {
    asked: DateTime<Utc>,
    /// The names of all sources of readership, those of each group of newsletters together.
    names: Vec<Vec<Line>>,
    /// What those said that are services and programs.
    answers: Vec<Vec<Option<ReadershipReport>>>,
}

/// So long an answer serves who chooses again.
const SERVES: TimeDelta = TimeDelta::minutes(5);

impl Asking {
    /// Asks for one choice.
    #[must_use]
    pub const fn once(salt: u64) -> Self {
        Self { salt, kept: None }
    }

    /// Asks, and keeps the answers for five minutes.
    #[must_use]
    pub fn keeping(salt: u64) -> Self {
        let kept = Some(Kept::default());
        Self { salt, kept }
    }

    /// Forgets the answers: what is asked may have changed.
    pub fn forget(&mut self) {
        self.kept = self.kept.as_ref().map(|_| Kept::default());
    }

    async fn ask(
        &mut self,
        crowds: &[Crowd<'_>],
        samples: Vec<Vec<Vec<Sample>>>,
        now: DateTime<Utc>,
    ) -> Vec<Vec<Option<ReadershipReport>>> {
        let names =
            |crowd: &Crowd<'_>| crowd.sources.iter().map(|one| one.name().clone()).collect();
        let names: Vec<Vec<Line>> = crowds.iter().map(names).collect();
        if let Some(kept) = &self.kept
            && kept.names == names
            && kept.asked <= now
            && now - kept.asked < SERVES
        {
            return kept.answers.clone();
        }
        let asked = crowds.iter().zip(samples);
        let asked =
            asked.map(|(crowd, samples)| readers::ask(&crowd.sources, samples, &crowd.counting));
        let answers = futures_util::future::join_all(asked).await;
        if let Some(kept) = &mut self.kept {
            *kept = Kept {
                asked: now,
                names,
                answers: answers.clone(),
            };
        }
        answers
    }
}

/// Newsletters whose readers are counted since nearly the same instant are counted since the earliest of these.
const TOGETHER: TimeDelta = TimeDelta::hours(1);

/// A newsletter to be drafted; stories published before `opens` are not looked up in their own pages.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    pub config: &'a Config,
    pub opens: DateTime<Utc>,
}

/// Reads all sources of stories and of readership within reach. The ledger lends its memory of what was fetched, and keeps what is new.
///
/// # Errors
/// The ledger failed; what a source failed with is a miss.
pub async fn gather(
    wanted: Wanted<'_>,
    ledger: Option<&mut Ledger>,
    reach: Reach,
    now: DateTime<Utc>,
    asking: &mut Asking,
) -> Result<(Harvest, Readership), LedgerError> {
    let mut given = gather_all(&[wanted], ledger, reach, now, asking).await?;
    Ok(given.pop().unwrap_or_default())
}

/// The same for several newsletters, in their order.
///
/// # Errors
/// As [`gather`].
pub(super) async fn gather_all(
    wanted: &[Wanted<'_>],
    mut ledger: Option<&mut Ledger>,
    reach: Reach,
    now: DateTime<Utc>,
    asking: &mut Asking,
) -> Result<Vec<(Harvest, Readership)>, LedgerError> {
    let within = |config: &Config| -> Vec<Source> {
        let sources = config.sources.iter();
        let within = sources.filter(|source| reach.includes(source.kind.origin()));
        within.cloned().collect()
    };
    let sources: Vec<Vec<Source>> = wanted.iter().map(|one| within(one.config)).collect();
    let known = recall(sources.iter().flatten(), ledger.as_deref())?;
    let crowds = crowds(wanted, reach, now);
    let mut kept_samples = Vec::new();
    for crowd in &crowds {
        let since = crowd.counting.since;
        kept_samples.push(samples::kept(&crowd.sources, ledger.as_deref(), since)?);
    }
    let orders: Vec<source::Order<'_>> = sources
        .iter()
        .zip(wanted)
        .map(|(sources, one)| source::Order {
            sources,
            limits: Limits {
                paragraphs: one.config.selection.lede_paragraphs,
                ..LIMITS
            },
        })
        .collect();
    let (mut gathered, asked) = tokio::join!(
        source::gather_all(&orders, &known, now),
        asking.ask(&crowds, kept_samples, now),
    );
    // What was found on a story's own page for one newsletter is known to the next.
    let mut found = HashMap::new();
    for ((gathered, one), sources) in gathered.iter_mut().zip(wanted).zip(&sources) {
        if reach == Reach::Everything {
            fill(
                gathered,
                sources,
                &mut found,
                ledger.as_deref(),
                one.opens,
                now,
            )
            .await?;
        }
    }
    if let Some(ledger) = &mut ledger {
        let mut kept = HashSet::new();
        for page in gathered.iter().flat_map(|gathered| &gathered.remember) {
            if !kept.insert(&page.url) {
                continue;
            }
            let page_kept = StoredAnswer {
                etag: page.etag.clone(),
                last_modified: page.last_modified.clone(),
                body: page.body.clone(),
            };
            ledger.remember(&page.url, &page_kept, now)?;
        }
    }
    let mut readership = vec![Readership::default(); wanted.len()];
    for (crowd, asked) in crowds.iter().zip(asked) {
        let stories: HashSet<StoryKey> = crowd
            .members
            .iter()
            .filter_map(|member| gathered.get(*member))
            .flat_map(|gathered| &gathered.harvest.candidates)
            .map(|candidate| candidate.story.url.key())
            .collect();
        let (sources, counting) = (&crowd.sources, &crowd.counting);
        let reports = readers::completed(sources, asked, &stories, counting, asking.salt).await;
        for member in &crowd.members {
            if let Some(slot) = readership.get_mut(*member) {
                slot.reports.clone_from(&reports);
            }
        }
    }
    let harvests = gathered.into_iter().map(|gathered| gathered.harvest);
    Ok(harvests.zip(readership).collect())
}

/// Newsletters whose readers are counted alike.
struct Crowd<'a> {
    counting: Counting,
    sources: Vec<&'a ReadershipSource>,
    /// Their places among those that are wanted.
    members: Vec<usize>,
}

/// Who is counted together: whose days, site and links are the same, and who looks back equally far.
fn crowds<'a>(wanted: &[Wanted<'a>], reach: Reach, now: DateTime<Utc>) -> Vec<Crowd<'a>> {
    let since = |one: &Wanted<'_>| readers::since(&one.config.selection, one.opens, now);
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by_key(|place| wanted.get(*place).map(since));
    let mut crowds: Vec<Crowd<'a>> = Vec::new();
    for place in order {
        let Some(one) = wanted.get(place) else {
            continue;
        };
        let (config, since) = (one.config, since(one));
        let newsletter = &config.newsletter;
        let alike = crowds.iter_mut().find(|crowd| {
            let first = crowd.members.first().and_then(|first| wanted.get(*first));
            since - crowd.counting.since <= TOGETHER
                && first.is_some_and(|first| {
                    let first = &first.config.newsletter;
                    first.site == newsletter.site && first.zone.name() == newsletter.zone.name()
                })
        });
        if let Some(crowd) = alike {
            crowd.members.push(place);
            continue;
        }
        let sources = config.readership.iter();
        let within = sources.filter(|source| match source.origin() {
            Some(origin) => reach.includes(&origin),
            None => reach == Reach::Everything,
        });
        crowds.push(Crowd {
            counting: Counting {
                dates: config.dates(),
                letters: config.letters.clone(),
                since,
                now,
            },
            sources: within.collect(),
            members: vec![place],
        });
    }
    crowds
}

/// Looks up what stories lack in their own pages; `found` is what was found on such pages before.
async fn fill(
    gathered: &mut Gathered,
    sources: &[Source],
    found: &mut HashMap<String, Remembered>,
    ledger: Option<&Ledger>,
    opens: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let pages = source::thin(gathered, sources, opens);
    for page in &pages {
        if !found.contains_key(page.as_str()) {
            found.extend(remembered(page.as_str(), ledger)?);
        }
    }
    let fetched = gathered.remember.len();
    source::enrich(gathered, sources, &pages, found, &LIMITS, now).await;
    let new = gathered.remember.iter().skip(fetched);
    found.extend(new.map(|page| (page.url.clone(), page.clone())));
    Ok(())
}

fn recall<'a>(
    sources: impl Iterator<Item = &'a Source>,
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
