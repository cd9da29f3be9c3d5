//! `status --csv`: every copy as a row, in flat memory. Addresses are in full: the person asked for them.

use std::io;
use std::ops::ControlFlow;

use crate::cli::report::{Failure, Report};
use crate::ledger::{Fate, Ledger, Run, Target};
use crate::newsroom::SpreadsheetTable;

pub(super) fn print(runs: &[&Run], ledger: &Ledger, report: Report) -> Result<(), Failure> {
    // Half a table would pass for a whole one, unless whoever reads it wanted no more.
    match table(runs, ledger, report)? {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::trying(
            "the table could not be written to its end",
            error,
        )),
        _ => Ok(()),
    }
}

fn table(runs: &[&Run], ledger: &Ledger, report: Report) -> Result<io::Result<()>, Failure> {
    let columns = [
        "edition", "target", "email", "state", "attempts", "at", "why",
    ];
    let mut table = match SpreadsheetTable::new(report.stream(), columns) {
        Ok(table) => table,
        Err(error) => return Ok(Err(error)),
    };
    for run in runs {
        let edition = run.slug.to_string();
        let target = match &run.target {
            Target::Relay => "relay",
            Target::Outbox(folder) => folder,
        };
        let mut written = Ok(());
        ledger.each_copy(
            run.id,
            |Fate {
                 address,
                 standing,
                 attempts,
                 why,
                 at,
             }| {
                let (attempts, at) = (attempts.to_string(), at.to_rfc3339());
                written = table.row([
                    &edition,
                    target,
                    address.as_str(),
                    standing.name(),
                    &attempts,
                    &at,
                    why.as_str(),
                ]);
                if written.is_ok() {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            },
        )?;
        if written.is_err() {
            return Ok(written);
        }
    }
    Ok(table.finish())
}
