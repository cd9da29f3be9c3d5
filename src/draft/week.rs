//! What a newsletter of the week is chosen from: what ran in the newsletters that it is of, and what was most read besides.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::Gathered;
use crate::config::{Config, Week};
use crate::ledger::{Ledger, LedgerError};
use crate::model::edition::{Edition, List};
use crate::model::line::Line;
use crate::model::link::{Link, StoryKey};
use crate::model::newsletter_name::NewsletterName;
use crate::model::page_views::{KnownViews, ReadershipReport, Reading};
use crate::model::results::Results;
use crate::model::story::{Candidate, Miss};

/// So many of the stories that did not run are looked at: the most read.
const MOST_READ: usize = 20;

/// Makes what was gathered the week's: the stories of editions really sent since `opens`, in the words in which they ran, and of the sources'
/// other stories those that were most read. Where no readership is configured, it counts who came by the letters' links.
pub(super) fn look_back(
    gathered: &mut Gathered,
    week: &Week,
    config: &Config,
    ledger: Option<&Ledger>,
    opens: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let mut ran: HashMap<StoryKey, Candidate> = HashMap::new();
    let mut came = ReadershipReport {
        // What came in the week is the week's, whenever it was counted last.
        max_age: Some(TimeDelta::MAX),
        ..ReadershipReport::of(Line::clean("the letters' links"))
    };
    for of in &week.of {
        let runs = match ledger {
            Some(ledger) => ledger.runs_since(Some(&of.id), opens)?.rows,
            None => Vec::new(),
        };
        if runs.is_empty() {
            gathered.harvest.misses.push(Miss {
                source: Line::clean(of.name.as_str()),
                what: Line::clean("no edition of it was sent in the week"),
            });
        }
        for run in runs {
            let results = ledger.map(|ledger| ledger.results(run.id)).transpose()?;
            if let Some(results) = results.flatten() {
                count(&mut came, results);
            }
            // What an editor wrote was read without a problem when it was frozen.
            let edition = Edition::from_toml(run.slug, "", &run.edition);
            if let Ok(edition) = edition {
                add(&mut ran, &of.name, &edition);
            }
        }
    }
    if config.readership.is_empty() && !came.readings.is_empty() {
        gathered.readership.reports.push(came);
    }
    let harvest = &mut gathered.harvest;
    let reports = gathered.readership.reports.iter();
    let keys = harvest.candidates.iter().map(|one| one.story.url.key());
    let known = KnownViews::from_reports(reports, keys);
    let mut others = Vec::new();
    let candidates = std::mem::take(&mut harvest.candidates).into_iter();
    for candidate in candidates {
        let key = candidate.story.url.key();
        match (ran.get_mut(&key), known.of(&key)) {
            // Words as they ran; what the edition file does not keep as the source has it now.
            (Some(ran), _) => {
                ran.sources.extend(candidate.sources);
                ran.story.picture = candidate.story.picture.or(ran.story.picture.take());
                ran.story.paragraphs = candidate.story.paragraphs;
            }
            (None, Some(Reading::Rank(place))) => {
                others.push((u64::MAX - u64::from(*place), candidate));
            }
            (None, Some(reading)) if reading.total() > 0 => {
                others.push((reading.total(), candidate));
            }
            (None, _) => {}
        }
    }
    others.sort_by(|(views, one), (more, other)| {
        let by_address = || one.story.url.cmp(&other.story.url);
        more.cmp(views).then_with(by_address)
    });
    // An old recipe that is read every week is not this week's.
    others.retain(|(_, candidate)| candidate.story.published.is_none_or(|at| at >= opens));
    let others = others.into_iter().take(MOST_READ);
    harvest.candidates = ran.into_values().collect();
    harvest
        .candidates
        .extend(others.map(|(_, candidate)| candidate));
    Ok(())
}

/// Adds the stories of an edition; of one that ran twice, the last words count and the best place.
fn add(ran: &mut HashMap<StoryKey, Candidate>, newsletter: &NewsletterName, edition: &Edition) {
    for list in List::ALL {
        for (position, placed) in (0..).zip(edition.list(list)) {
            let mut story = placed.story.clone();
            // The week finds out itself what belongs together.
            story.related.clear();
            let position = (list == List::Top).then_some(position);
            // Runs come newest first.
            let known = ran.entry(story.url.key()).or_insert_with(|| Candidate {
                story,
                sources: Vec::new(),
                position,
            });
            known.position = match (known.position, position) {
                (Some(before), Some(now)) => Some(before.min(now)),
                (before, now) => before.or(now),
            };
            let source = Line::clean(newsletter.as_str());
            if !known.sources.contains(&source) {
                known.sources.push(source);
            }
        }
    }
}

/// Counts who came to each story by the links of an edition.
fn count(came: &mut ReadershipReport, results: Results) {
    came.as_of = came.as_of.max(Some(results.until));
    for row in results.arrived {
        let link = Link::parse(&row.url).ok();
        let Some((link, views)) = link.zip(row.arrivals.known()) else {
            continue;
        };
        let key = link.without_tracking().key();
        let reading = Reading::Total(views);
        let together = match came.readings.remove(&key) {
            Some(before) => before.with(reading),
            None => reading,
        };
        came.readings.insert(key, together);
    }
}
