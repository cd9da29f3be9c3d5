//! How the sources are doing, as a table of 80 columns.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;

use chrono::{DateTime, Utc};

use super::report::{Report, column, counted, grouped};
use crate::model::line::Line;
use crate::model::link::StoryKey;
use crate::model::page_views::{Readership, Reading, Report as Said};
use crate::model::story::{Harvest, Health};

/// The width of a source's name.
const NAME: usize = 27;

/// What each source gave and what its stories lack.
pub(super) fn sources(health: &[Health], now: DateTime<Utc>, report: Report) {
    if health.is_empty() {
        return;
    }
    report.say(format!(
        "{}stories  newest  no date  no dek  no pic  twice      ms",
        column(&Line::clean("source"), NAME)
    ));
    for source in health {
        report.say(format!(
            "{}{:>7}  {:>6}  {:>7}  {:>6}  {:>6}  {:>5}  {:>6}",
            column(&source.source, NAME),
            source.stories,
            source
                .newest
                .map_or_else(|| "-".to_owned(), |newest| ago(newest, now)),
            few(source.without_date),
            few(source.without_dek),
            few(source.without_picture),
            few(source.doubles),
            took(source),
        ));
    }
}

/// What each source of readership knows, and how old it is.
pub(super) fn readers(readership: &Readership, now: DateTime<Utc>, report: Report) {
    if readership.reports.is_empty() {
        return;
    }
    report.say(format!(
        "\n{}stories  newest      views  known",
        column(&Line::clean("readership"), NAME)
    ));
    for source in &readership.reports {
        let views: u64 = source.readings.values().map(Reading::total).sum();
        report.say(format!(
            "{}{:>7}  {:>6}  {:>9}  {}",
            column(&source.source, NAME),
            source.readings.len(),
            source
                .as_of
                .map_or_else(|| "-".to_owned(), |newest| ago(newest, now)),
            if views == 0 {
                "-".to_owned()
            } else {
                grouped(views)
            },
            known(source),
        ));
    }
}

/// What `check --online` says of each source of readership besides: its hosts, how much of it is stories, and what to mend if that is little.
pub(super) fn coverage(readership: &Readership, harvest: &Harvest, report: Report) {
    let stories: HashSet<StoryKey> = harvest
        .candidates
        .iter()
        .flat_map(|candidate| {
            let key = candidate.story.url.key();
            [key.path_only(), key]
        })
        .collect();
    for source in &readership.reports {
        if source.readings.is_empty() || stories.is_empty() {
            continue;
        }
        let of_stories = source
            .readings
            .iter()
            .filter(|(page, _)| stories.contains(page));
        let (known, views) = of_stories.fold((0_usize, 0_u64), |(known, views), (_, reading)| {
            (known + 1, views + reading.total())
        });
        let all: u64 = source.readings.values().map(Reading::total).sum();
        let named: Vec<String> = hosts(source).into_keys().take(4).collect();
        let mut words = format!(
            "{}: {} of {} are stories",
            source.source,
            grouped(known as u64),
            counted(source.readings.len() as u64, "page", "pages"),
        );
        if all > 0 {
            let share = 100.0 * views as f64 / all as f64;
            _ = write!(words, ", with {share:.0} % of the views");
        }
        if !named.is_empty() {
            _ = write!(words, "; hosts: {}", named.join(", "));
        }
        report.say(words);
        let example = source
            .readings
            .iter()
            .max_by_key(|(page, reading)| (reading.total(), *page));
        if known == 0
            && let Some((page, _)) = example
            && let Some(story) = harvest.candidates.first()
        {
            report.warn(format!(
                "{}: knows none of the stories: its pages are such as `{}`, the stories' such as `{}`; `hosts` names hosts that count as one",
                source.source,
                Line::clean_to(page.as_str(), 80),
                Line::clean_to(story.story.url.key().as_str(), 80)
            ));
        }
    }
}

/// The hosts that a source of readership names, with their views.
pub(super) fn hosts(source: &Said) -> BTreeMap<String, u64> {
    let mut hosts = BTreeMap::new();
    for (page, reading) in &source.readings {
        let host = page.as_str().split('/').next().unwrap_or_default();
        if !host.is_empty() {
            *hosts.entry(host.to_owned()).or_default() += reading.total();
        }
    }
    hosts
}

/// The most that a source of readership says of any story.
fn known(source: &Said) -> &'static str {
    let readings = || source.readings.values();
    if readings().any(|reading| matches!(reading, Reading::Series(_))) {
        "views by time"
    } else if readings().any(|reading| matches!(reading, Reading::Total(_))) {
        "totals"
    } else if source.readings.is_empty() {
        "nothing"
    } else {
        "the order"
    }
}

/// A number that is most often none.
fn few(number: usize) -> String {
    if number == 0 {
        "-".to_owned()
    } else {
        number.to_string()
    }
}

/// How long ago, in six columns: `3 min`, `5 h`, `12 d`.
fn ago(then: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let length = now - then;
    match length.num_minutes() {
        ..=-1 => "ahead".to_owned(),
        minutes @ 0..=59 => format!("{minutes} min"),
        60..=2_879 => format!("{} h", length.num_hours()),
        _ => format!("{} d", length.num_days()),
    }
}

/// How long an address took; a file's time is the machine's business.
fn took(source: &Health) -> String {
    if source.source.as_str().contains("://") {
        source.milliseconds.to_string()
    } else {
        "-".to_owned()
    }
}
