//! The subscribers as a table for a spreadsheet, or for the next program.

use std::io::{self, Write};

use chrono::NaiveDate;

use crate::model::line::Line;
use crate::model::newsletter_name::NewsletterName;
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
    // Only where there are several newsletters does anybody say which.
    let has_newsletters = subscribers.iter().any(|one| one.newsletters.is_some());
    let more = has_newsletters.then_some("newsletters");
    let mut table = SpreadsheetTable::new(out, columns.into_iter().chain(more))?;
    for subscriber in subscribers {
        let sections: Vec<&str> = subscriber.sections.iter().map(Line::as_str).collect();
        let day = |day: NaiveDate| day.format("%Y-%m-%d").to_string();
        let paused = match subscriber.paused {
            Paused::No => String::new(),
            Paused::Yes => "true".into(),
            Paused::Until(end) => day(end),
        };
        let newsletters = match &subscriber.newsletters {
            // The defaults are not the same as none at all.
            Some(names) if names.is_empty() => NO_NEWSLETTER.to_owned(),
            names => {
                let names = names.iter().flatten().map(NewsletterName::as_str);
                names.collect::<Vec<_>>().join("; ")
            }
        };
        let row = [
            subscriber.address.reveal(),
            subscriber.name.as_ref().map_or("", Line::as_str),
            &sections.join("; "),
            &subscriber.since.map_or_else(String::new, day),
            subscriber.consent.as_ref().map_or("", Line::as_str),
            &paused,
        ];
        let more = has_newsletters.then_some(newsletters.as_str());
        table.row(row.into_iter().chain(more))?;
    }
    table.finish()
}
