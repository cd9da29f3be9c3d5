//! What a sent edition brought, from the newsroom's own figures: who came by which link, and whether what was chosen was read. It knows no
//! reader: sources give counts by place, and fewer than five are not kept.

mod ranking;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::analytics::{self, Span};
use crate::config::{Config, ReadershipKind, ReadershipSource};
use crate::draft::{self, Counting};
use crate::ledger::{Ledger, LedgerError, Run};
use crate::model::edition::{Edition, Place};
use crate::model::letter_links::{EditionLinks, LetterLinks, LinkQuery};
use crate::model::line::Line;
use crate::model::link::StoryKey;
use crate::model::page_views::ReadershipReport;
use crate::model::results::{Arrivals, Arrived, Results};
use crate::newsroom::editions;
use crate::newsroom::reasons::Reasons;

/// Arrivals are counted for so long after an edition was sent.
const COUNTED_FOR: TimeDelta = TimeDelta::hours(24);
/// Figures that come in later than this are not waited for, once any have come.
const GIVEN_UP_AFTER: TimeDelta = TimeDelta::hours(48);
/// Nobody asks for an older edition by itself, whatever failed until then.
const OLDEST: TimeDelta = TimeDelta::days(7);
/// What was gathered is gathered anew by itself after this.
const AGAIN_AFTER: TimeDelta = TimeDelta::hours(1);
/// So much older than the end the newest figure may be.
const LAG: TimeDelta = TimeDelta::hours(1);
/// The usual is the median of so many editions.
pub const USUAL_OF: usize = 20;

/// The editions of the last week of which more can be known by now, the newest first.
///
/// # Errors
/// The ledger cannot be read.
pub fn due(config: &Config, ledger: &Ledger, now: DateTime<Utc>) -> Result<Vec<Run>, LedgerError> {
    let mut due = Vec::new();
    for run in ledger.runs_since(config.runs_of(), now - OLDEST)?.rows {
        let known = ledger.results(run.id)?;
        let is_open = known.is_none_or(|known| {
            // What was gathered in the future was gathered by a clock that was wrong.
            !known.is_complete && (known.gathered > now || now - known.gathered >= AGAIN_AFTER)
        });
        if is_open && run.frozen <= now && can_be_told(&run, config) {
            due.push(run);
        }
    }
    Ok(due)
}

/// Whether all arrivals of an edition have come that count.
#[must_use]
pub fn is_over(run: &Run, now: DateTime<Utc>) -> bool {
    now >= run.frozen + COUNTED_FOR
}

/// Gathers what an edition brought, and keeps it unless more was known before. `salt` is as for [`draft::draft`].
///
/// # Errors
/// The ledger failed; what a source failed with is a note.
pub async fn gather(
    config: &Config,
    ledger: &mut Ledger,
    run: &Run,
    now: DateTime<Utc>,
    salt: u64,
) -> Result<Results, LedgerError> {
    let printed = printed(run);
    let known = ledger.results(run.id)?;
    let mut results = Results {
        gathered: now,
        until: now.min(run.frozen + COUNTED_FOR),
        is_complete: false,
        source: None,
        arrived: Vec::new(),
        rankings: known
            .as_ref()
            .map_or_else(Vec::new, |known| known.rankings.clone()),
        notes: Vec::new(),
    };
    let Some(query) = links_of(run, config) else {
        return Ok(results);
    };
    let keys: Vec<(Place, StoryKey)> = printed
        .iter()
        .map(|row| (row.arrived.place, row.key.clone()))
        .collect();
    let span = (run.frozen, run.frozen + COUNTED_FOR);
    let links = EditionLinks::new(&query, (&run.newsletter, &run.slug), &keys, span);
    let own = LetterLinks::of(Some(&query), &run.newsletter);
    let letters = LetterLinks::of_all([own, config.letters.clone()]).of_edition(Arc::new(links));
    let wants_ranking = results.rankings.is_empty() && now >= run.frozen + ranking::READ_FOR;
    let reasons = wants_ranking.then(|| reasons(config, run)).flatten();
    let keys: Vec<&StoryKey> = keys.iter().map(|(_, key)| key).collect();
    let stories = (&*keys, reasons.as_ref());
    let reports = asked(config, ledger, &letters, stories, (run.frozen, now), salt).await?;
    if let Some(reasons) = &reasons {
        results.rankings = ranking::judged(reasons, &keys, &reports, run.frozen);
    }
    take(&mut results, reports, printed, run.frozen);
    // Where every source failed it is tried again.
    results.is_complete |= results.source.is_some() && now >= run.frozen + GIVEN_UP_AFTER;
    // Logs that were rotated since know less than was known before.
    if let Some(known) = known
        && known.source.is_some()
        && (results.source.is_none() || known.total() > results.total())
    {
        results.source = known.source;
        results.arrived = known.arrived;
        results.until = known.until;
    }
    ledger.keep_results(run.id, &results)?;
    Ok(results)
}

/// Whether the links of its letters say anything by which arrivals are known.
#[must_use]
pub fn can_be_told(run: &Run, config: &Config) -> bool {
    links_of(run, config).is_some()
}

/// The query of its letters' links, as it was frozen.
fn links_of(run: &Run, config: &Config) -> Option<LinkQuery> {
    run.newsletter(&config.newsletter)?.link_query
}

/// A place of the edition.
struct Printed {
    key: StoryKey,
    arrived: Arrived,
}

/// What the edition printed, in printing order.
fn printed(run: &Run) -> Vec<Printed> {
    let edition = Edition::from_toml(run.slug.clone(), "", &run.edition).ok();
    let rows = edition.iter().flat_map(Edition::places);
    rows.map(|(place, placed)| Printed {
        key: placed.story.url.key(),
        arrived: Arrived {
            place,
            headline: placed.story.headline.clone(),
            url: placed.story.url.as_str().to_owned(),
            arrivals: Arrivals::of(0),
        },
    })
    .collect()
}

fn reasons(config: &Config, run: &Run) -> Option<Reasons> {
    let path = editions::why_path_of(&config.editions(), &run.slug);
    let text = crate::newsroom::read_text(&path, editions::LARGEST).ok()?;
    Reasons::parse(&text).ok()
}

/// What every source says that may know of arrivals at the stories that were `printed` or, if there are `reasons` to be judged, of views.
async fn asked(
    config: &Config,
    ledger: &Ledger,
    letters: &LetterLinks,
    (printed, reasons): (&[&StoryKey], Option<&Reasons>),
    (sent, now): (DateTime<Utc>, DateTime<Utc>),
    salt: u64,
) -> Result<Vec<ReadershipReport>, LedgerError> {
    let sources: Vec<ReadershipSource> = config
        .readership
        .iter()
        .map(|source| source.with_letters(letters))
        .collect();
    let keeps_words = |source: &ReadershipSource| match &source.kind {
        ReadershipKind::Service(service) => service.kind.keeps_link_words(),
        _ => false,
    };
    // A list of what is most read knows of neither.
    let is_wanted = |source: &&ReadershipSource| {
        !matches!(source.kind, ReadershipKind::MostRead { .. })
            && (reasons.is_some() || !keeps_words(source))
    };
    let pages: Vec<&ReadershipSource> = sources.iter().filter(is_wanted).collect();
    let mut stories: HashSet<StoryKey> = printed.iter().copied().cloned().collect();
    let candidates = reasons.iter().flat_map(|reasons| &reasons.candidates);
    stories.extend(candidates.map(|candidate| candidate.url.key()));
    let counting = Counting {
        dates: config.dates(),
        letters: letters.clone(),
        since: sent,
        now,
    };
    let span = Span {
        from: sent,
        to: now,
    };
    let by_words = sources.iter().filter_map(|source| match &source.kind {
        ReadershipKind::Service(service) if service.kind.keeps_link_words() => {
            Some(analytics::arrivals(service, span))
        }
        _ => None,
    });
    let (views, arrivals) = tokio::join!(
        draft::readership(&pages, Some(ledger), &stories, &counting, salt),
        futures_util::future::join_all(by_words),
    );
    let mut reports = views?;
    reports.extend(arrivals);
    Ok(reports)
}

/// The figures of the source that knows of most arrivals: sources count the same readers, so they do not add up.
fn take(
    results: &mut Results,
    reports: Vec<ReadershipReport>,
    printed: Vec<Printed>,
    sent: DateTime<Utc>,
) {
    for report in &reports {
        let said = report.misses.iter().chain(&report.notes);
        let said = said.map(|miss| Line::clean(&format!("{}: {}", miss.source, miss.what)));
        for note in said {
            if !results.notes.contains(&note) {
                results.notes.push(note);
            }
        }
    }
    let total = |report: &ReadershipReport| {
        let counts = report.arrivals.values();
        counts.fold(0_u64, |sum, count| sum.saturating_add(*count))
    };
    let best = reports
        .into_iter()
        .filter(|report| {
            let is_of_later = report.as_of.is_none_or(|at| at > sent);
            total(report) > 0 || report.knows_arrivals && is_of_later
        })
        .max_by_key(|report| (total(report), std::cmp::Reverse(report.source.clone())));
    let Some(best) = best else {
        return;
    };
    let end = sent + COUNTED_FOR;
    results.is_complete |= results.until == end && best.as_of.is_some_and(|at| at >= end - LAG);
    let mut arrivals: BTreeMap<Place, u64> = best.arrivals;
    results.arrived = printed
        .into_iter()
        .map(|row| Arrived {
            arrivals: Arrivals::of(arrivals.remove(&row.arrived.place).unwrap_or(0)),
            ..row.arrived
        })
        .collect();
    results.source = Some(best.source);
}
