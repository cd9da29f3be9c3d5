//! `readership`: what each source of it says now; with `--keep`, one sample of those that know no times.

use std::collections::BTreeMap;

use super::arguments::ReadershipArgs;
use super::exit::Exit;
use super::health;
use super::open::{self, Setting};
use super::report::{Failure, Report, column, counted, grouped};
use crate::draft::{self, Reach, Wanted};
use crate::model::line::Line;
use crate::model::page_views::{ReadershipReport as Said, Reading};
use crate::model::story::Harvest;

/// So many stories are shown of each source.
const SHOWN: usize = 10;

pub(super) async fn run(
    verb: &ReadershipArgs,
    setting: &Setting,
    report: Report,
) -> Result<Exit, Failure> {
    let config = setting.shared_config()?;
    let now = setting.now();
    if verb.keep {
        let mut ledger = open::ledger(&config)?;
        let services: Vec<_> = draft::sampled(&config).collect();
        if services.is_empty() {
            report
                .say("no source of readership needs samples: all know views by time, or are files");
            return Ok(Exit::Done);
        }
        let zone = &config.newsletter.zone;
        let reports = draft::take(&services, &mut ledger, zone, now).await?;
        let mut failed = 0;
        for said in &reports {
            report.misses(said.misses.iter().chain(&said.notes));
            failed += usize::from(said.readings.is_empty());
            let pages = counted(said.readings.len() as u64, "page", "pages");
            report.data(&format!("{}: {pages}", said.source));
        }
        return Ok(if failed == reports.len() {
            Exit::Problem
        } else {
            Exit::Done
        });
    }
    let opens = config.selection.window.opens(None, now);
    let wanted = Wanted {
        config: &config,
        opens,
    };
    let mut asking = draft::Asking::once(open::salt()?);
    let (harvest, readership) = draft::gather(wanted, None, Reach::Everything, now, &mut asking)
        .await
        .map_err(Failure::error)?;
    if setting.json() {
        let all: Vec<Shown<'_>> = readership
            .reports
            .iter()
            .map(|said| Shown::of(said, &harvest))
            .collect();
        report.json(&all);
        return Ok(Exit::Done);
    }
    if readership.reports.is_empty() {
        report.say("no `[[readership]]` is configured");
        return Ok(Exit::Done);
    }
    health::readers(&readership, now, report);
    report.misses(readership.misses());
    for note in readership.notes() {
        report.say(format!("note: {}: {}", note.source, note.what));
    }
    for said in &readership.reports {
        let shown = Shown::of(said, &harvest);
        if shown.stories.is_empty() {
            continue;
        }
        let mut table = vec![format!("\n{}", said.source)];
        for story in shown.stories.iter().take(SHOWN) {
            let figure = match (story.views, story.place) {
                (Some(views), _) => grouped(views),
                (None, Some(place)) => format!("#{place}"),
                (None, None) => "-".to_owned(),
            };
            table.push(format!(
                "{figure:>12}  {}",
                column(story.headline, 64).trim_end()
            ));
        }
        report.data(&table.join("\n"));
    }
    Ok(Exit::Done)
}

/// What a source says, in the form that scripts read.
#[derive(serde::Serialize)]
struct Shown<'a> {
    source: &'a Line,
    as_of: Option<String>,
    max_age_seconds: Option<i64>,
    pages: usize,
    hosts: BTreeMap<String, u64>,
    views_from_letters: u64,
    /// The stories that it knows, the most read first.
    stories: Vec<StoryReadings<'a>>,
    misses: Vec<&'a Line>,
    notes: Vec<&'a Line>,
}

#[derive(serde::Serialize)]
struct StoryReadings<'a> {
    headline: &'a Line,
    url: &'a str,
    views: Option<u64>,
    place: Option<u32>,
}

impl<'a> Shown<'a> {
    fn of(said: &'a Said, harvest: &'a Harvest) -> Self {
        let known = harvest.candidates.iter().filter_map(|candidate| {
            let key = candidate.story.url.key();
            let reading = said
                .readings
                .get(&key)
                .or_else(|| said.readings.get(&key.path_only()))?;
            let (views, place) = match reading {
                Reading::Rank(place) => (None, Some(*place)),
                counted => (Some(counted.total()), None),
            };
            Some(StoryReadings {
                headline: &candidate.story.headline,
                url: candidate.story.url.as_str(),
                views,
                place,
            })
        });
        let mut stories: Vec<StoryReadings<'_>> = known.collect();
        stories.sort_by_key(|story| (std::cmp::Reverse(story.views), story.place));
        Self {
            source: &said.source,
            as_of: said
                .as_of
                .map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
            max_age_seconds: said.max_age.map(|age| age.num_seconds()),
            pages: said.readings.len(),
            hosts: health::hosts(said),
            views_from_letters: said.from_letters,
            stories,
            misses: said.misses.iter().map(|miss| &miss.what).collect(),
            notes: said.notes.iter().map(|note| &note.what).collect(),
        }
    }
}
