//! A table for a spreadsheet or the next program: CSV of which no cell is run as a formula.

use std::borrow::Cow;
use std::io::{self, Write};

/// The characters that make a spreadsheet take a cell for a formula.
const FORMULA: [char; 4] = ['=', '+', '-', '@'];

/// Writes CSV, row by row. A cell that a spreadsheet would run as a formula gets an apostrophe in front: names are what strangers typed into a
/// form, and answers what a relay said.
pub struct SpreadsheetTable<W: Write>(csv::Writer<W>);

impl<W: Write> SpreadsheetTable<W> {
    /// Begins with the names of the columns.
    ///
    /// # Errors
    /// The writer's own.
    pub fn new<'a>(out: W, columns: impl IntoIterator<Item = &'a str>) -> io::Result<Self> {
        let mut table = Self(csv::Writer::from_writer(out));
        table.row(columns)?;
        Ok(table)
    }

    /// One more row.
    ///
    /// # Errors
    /// The writer's own.
    pub fn row<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) -> io::Result<()> {
        for cell in cells {
            self.0.write_field(&*inert(cell))?;
        }
        Ok(self.0.write_record(None::<&[u8]>)?)
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// The writer's own.
    pub fn finish(mut self) -> io::Result<()> {
        self.0.flush()
    }
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
