//! The subscribers as a table for a spreadsheet, or for the next program.

use std::borrow::Cow;
use std::io::{self, Write};

use chrono::NaiveDate;

use crate::line::Line;
use crate::subscriber::{Paused, Subscriber};

/// The characters that make a spreadsheet take a cell for a formula.
const FORMULA: [char; 4] = ['=', '+', '-', '@'];

/// Writes CSV with a header, addresses in full: the person asked for them. [`super::import`] reads it back the same.
///
/// A cell that a spreadsheet would run as a formula gets an apostrophe in front: names are what strangers typed into a form.
///
/// # Errors
/// The writer's own.
pub fn export(subscribers: &[Subscriber], out: impl Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record(["email", "name", "sections", "since", "consent", "paused"])?;
    for subscriber in subscribers {
        let sections: Vec<&str> = subscriber.sections.iter().map(Line::as_str).collect();
        let day = |day: NaiveDate| day.format("%Y-%m-%d").to_string();
        let paused = match subscriber.paused {
            Paused::No => String::new(),
            Paused::Yes => "true".into(),
            Paused::Until(end) => day(end),
        };
        let cells = [
            subscriber.address.reveal(),
            subscriber.name.as_ref().map_or("", Line::as_str),
            &sections.join("; "),
            &subscriber.since.map_or_else(String::new, day),
            subscriber.consent.as_ref().map_or("", Line::as_str),
            &paused,
        ];
        for cell in cells {
            table.write_field(&*inert(cell))?;
        }
        table.write_record(None::<&[u8]>)?;
    }
    table.flush()
}

fn inert(cell: &str) -> Cow<'_, str> {
    if cell.trim_start_matches('\'').starts_with(FORMULA) {
        format!("'{cell}").into()
    } else {
        cell.into()
    }
}

/// Takes the apostrophe of [`inert`] off again.
pub(super) fn plain(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.trim_start_matches('\'').starts_with(FORMULA) => rest,
        _ => cell,
    }
}
