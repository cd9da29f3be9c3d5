//! How the sources are doing, as a table of 80 columns.

use chrono::{DateTime, Utc};

use super::report::{Report, column, grouped};
use crate::model::line::Line;
use crate::model::page_views::{Readership, ReadershipReport as Said, Reading};
use crate::model::story::Health;

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
