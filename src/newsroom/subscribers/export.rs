//! The subscribers as a table for a spreadsheet, or for the next program.

use std::io::{self, Write};

use chrono::NaiveDate;

use crate::model::line::Line;
use crate::model::newsletter_name::NewsletterName;
use crate::model::rhythm::Frequency;
use crate::model::subscriber::{Paused, Subscriber};
use crate::newsroom::SpreadsheetTable;

/// The cell of a reader who gets none of the newsletters; no newsletter can have that name.
pub(in crate::newsroom) const NO_NEWSLETTER: &str = "(none)";

/// Writes CSV with a header, addresses in full: the person asked for them. [`crate::newsroom::import`] reads it back the same.
///
/// # Errors
/// The writer's own.
pub fn export(subscribers: &[Subscriber], out: impl Write) -> io::Result<()> {
    let columns = ["email", "name", "sections", "since", "consent", "paused"];
    // Only where somebody says more is there a column for it.
    let more = MORE.iter().filter(|(_, cell)| {
        let mut all = subscribers.iter();
        all.any(|one| !cell(one).is_empty())
    });
    let more: Vec<&(&str, Cell)> = more.collect();
    let names = more.iter().map(|(name, _)| *name);
    let mut table = SpreadsheetTable::new(out, columns.into_iter().chain(names))?;
    for subscriber in subscribers {
        let sections: Vec<&str> = subscriber.sections.iter().map(Line::as_str).collect();
        let day = |day: NaiveDate| day.format("%Y-%m-%d").to_string();
        let paused = match subscriber.paused {
            Paused::No => String::new(),
            Paused::Yes => "true".into(),
            Paused::Until(end) => day(end),
        };
        let row = [
            subscriber.address.reveal(),
            subscriber.name.as_ref().map_or("", Line::as_str),
            &sections.join("; "),
            &subscriber.since.map_or_else(String::new, day),
            subscriber.consent.as_ref().map_or("", Line::as_str),
            &paused,
        ];
        let more: Vec<String> = more.iter().map(|(_, cell)| cell(subscriber)).collect();
        table.row(row.into_iter().chain(more.iter().map(String::as_str)))?;
    }
    table.finish()
}

/// What a cell says of a reader.
type Cell = fn(&Subscriber) -> String;

/// The columns that are there only if somebody has something in them.
const MORE: [(&str, Cell); 4] = [
    ("newsletters", |one| match &one.newsletters {
        // The defaults are not the same as none at all.
        Some(names) if names.is_empty() => NO_NEWSLETTER.to_owned(),
        names => {
            let names = names.iter().flatten().map(NewsletterName::as_str);
            names.collect::<Vec<_>>().join("; ")
        }
    }),
    ("frequency", |one| {
        let frequency = Some(one.rhythm.frequency).filter(|one| !one.is_daily());
        frequency.map_or("", Frequency::as_str).to_owned()
    }),
    ("alerts", |one| {
        let wants = one.rhythm.alerts;
        if wants { "true" } else { "" }.to_owned()
    }),
    ("time_zone", |one| {
        let zone = one.rhythm.time_zone.as_ref();
        zone.map(ToString::to_string).unwrap_or_default()
    }),
];
