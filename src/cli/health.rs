//! How the sources are doing, as a table. Names are never cut: one that does not fit beside the figures has a line of its own.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use unicode_width::UnicodeWidthStr as _;

use super::report::{Report, counted, grouped};
use crate::model::line::Line;
use crate::model::link::StoryKey;
use crate::model::page_views::{Readership, ReadershipReport as Said, Reading};
use crate::model::story::{Harvest, Health, SectionGiven};

/// What each source gave and what its stories lack.
pub(super) fn sources(health: &[Health], now: DateTime<Utc>, report: Report) {
    let rows = health.iter().map(|source| {
        let figures = format!(
            "{:>7}  {:>6}  {:>7}  {:>6}  {:>6}  {:>5}  {:>6}",
            source.stories,
            source
                .newest
                .map_or_else(|| "-".to_owned(), |newest| ago(newest, now)),
            few(source.without_date),
            few(source.without_dek),
            few(source.without_picture),
            few(source.doubles),
            took(source),
        );
        (source.source.as_str(), figures)
    });
    let heading = "stories  newest  no date  no dek  no pic  twice      ms";
    print(("source", heading), &rows.collect::<Vec<_>>(), report);
}

/// So many words are named; the others have few stories.
const SECTIONS: usize = 40;

/// What the sources call sections, and what the paper makes of each.
pub(super) fn sections(given: &[SectionGiven], report: Report) {
    if given.is_empty() {
        return;
    }
    let named = given.iter().take(SECTIONS).map(|given| {
        let printed = match &given.printed {
            Some(printed) if *printed == given.name => String::new(),
            Some(printed) => format!(", printed as `{printed}`"),
            None => ", no section".to_owned(),
        };
        format!("`{}` {}{printed}", given.name, given.stories)
    });
    let mut named: Vec<String> = named.collect();
    if given.len() > SECTIONS {
        named.push(format!("and {} more", given.len() - SECTIONS));
    }
    report.say(format!(
        "sections that the sources give, and stories of each: {}",
        named.join("; ")
    ));
}

/// What each source of readership knows, and how old it is.
pub(super) fn readers(readership: &Readership, now: DateTime<Utc>, report: Report) {
    let rows = readership.reports.iter().map(|source| {
        let views = source.views();
        let figures = format!(
            "{:>7}  {:>6}  {:>9}  {}",
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
        );
        (source.source.as_str(), figures)
    });
    let rows: Vec<_> = rows.collect();
    if !rows.is_empty() {
        report.say("");
    }
    let heading = "stories  newest      views  known";
    print(("readership", heading), &rows, report);
}

fn print(heading: (&str, &str), rows: &[(&str, String)], report: Report) {
    if rows.is_empty() {
        return;
    }
    let columns = console::Term::stderr()
        .size_checked()
        .map(|(_, columns)| usize::from(columns));
    for line in table(heading, rows, columns) {
        report.say(line);
    }
}

/// The lines of a table, for a terminal of so many columns; without one, each name is beside its figures.
fn table(
    (name, heading): (&str, &str),
    rows: &[(&str, String)],
    columns: Option<usize>,
) -> Vec<String> {
    /// What most names need.
    const USUAL: usize = 25;
    const GAP: usize = 2;
    let longest = rows.iter().map(|(name, _)| name.width()).max();
    let longest = longest.unwrap_or(0).max(USUAL);
    let figures = rows.iter().map(|(_, figures)| figures.width()).max();
    let figures = figures.unwrap_or(0).max(heading.width());
    let width = columns.map_or(longest, |columns| {
        let room = columns.saturating_sub(figures + GAP);
        longest.min(room.max(name.width()))
    });
    let line = |name: &str, figures: &str| {
        let pad = (width + GAP).saturating_sub(name.width());
        format!("{name}{}{figures}", " ".repeat(pad))
    };
    let mut lines = vec![line(name, heading)];
    for (name, figures) in rows {
        if name.width() > width {
            lines.extend([(*name).to_owned(), line("", figures)]);
        } else {
            lines.push(line(name, figures));
        }
    }
    lines
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
            (known + 1, views.saturating_add(reading.total()))
        });
        let all = source.views();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_cut_and_the_terminals_width_is_used() {
        let rows = [
            ("a.xml", "12  3 h".to_owned()),
            (
                "https://news.example/a/long/path/to/feed.xml",
                "7  5 d".to_owned(),
            ),
            ("日本の船", "1  -".to_owned()),
        ];
        let drawn = |columns| table(("source", "stories  newest"), &rows, columns).join("\n");
        insta::assert_snapshot!(drawn(Some(40)), @"
        source                   stories  newest
        a.xml                    12  3 h
        https://news.example/a/long/path/to/feed.xml
                                 7  5 d
        日本の船                 1  -
        ");
        insta::assert_snapshot!(drawn(Some(100)), @"
        source                                        stories  newest
        a.xml                                         12  3 h
        https://news.example/a/long/path/to/feed.xml  7  5 d
        日本の船                                      1  -
        ");
        assert_eq!(drawn(None), drawn(Some(100)));
        // However narrow it is.
        assert!(drawn(Some(1)).contains("/long/path/to/feed.xml\n"));
    }
}
