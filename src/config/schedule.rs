//! `[schedule]`: when editions are drafted and sent, and who gets a proof.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{NaiveDate, NaiveTime};

use super::{LARGEST, folder};
use crate::model::address::Address;
use crate::model::line::Line;
use crate::model::problem::Written;
use crate::model::toml_table::{Found, Problems, TomlTable};
use crate::model::zone::Zone;
use crate::schedule::{Days, Schedule, Times, TimesError, parse_time};

/// So many holidays are more than a newspaper has in a century.
const HOLIDAYS: usize = 5_000;
/// So many proofs are no proofs any more.
const PROOFS: usize = 50;

/// Reads the section and the holidays it names; without it nothing happens by the clock.
pub(super) fn read(
    table: &mut TomlTable<'_>,
    home: &Path,
    zone: Zone,
    problems: &Problems,
) -> (Option<Schedule>, Vec<Address>) {
    let Some(mut table) = table.table("schedule", problems) else {
        return (None, Vec::new());
    };
    let before = problems.len();
    let days = table.value("days", problems, Days::parse);
    let mut time = |key| table.parsed(key, problems, parse_time);
    let (cut_off, send_at, not_after) = (time("cut_off"), time("send_at"), time("not_after"));
    let mut holidays = BTreeSet::from_iter(table.days("holidays", problems));
    if let Some(found) = table.text("holidays_file", problems) {
        let path = home.join(&found.value);
        match folder::read(&path, LARGEST) {
            Ok(text) => holidays.extend(days_of(&path.display().to_string(), &text, problems)),
            Err(problem) => problems.add(table.problem(found.span, problem.what)),
        }
    }
    if holidays.len() > HOLIDAYS {
        problems.add(table.problem_here(format!(
            "there are {} holidays: expected at most {HOLIDAYS}",
            holidays.len()
        )));
    }
    let proof_to = proof_to(&mut table, problems);
    let times = match &send_at {
        Some(send_at) if problems.len() == before => {
            let value = |found: &Option<Found<NaiveTime>>| found.as_ref().map(|found| found.value);
            let times = Times::new(value(&cut_off), send_at.value, value(&not_after));
            times.map_err(|error| {
                let wrong = match error {
                    TimesError::CutOff { .. } => cut_off.as_ref(),
                    TimesError::NotAfter { .. } => not_after.as_ref(),
                };
                let span = wrong.unwrap_or(send_at).span.clone();
                problems.add(table.problem(span, error.to_string()));
            })
        }
        None if problems.len() == before => {
            let problem = table.problem_here("`[schedule]` must give `send_at`");
            problems.add_missing(problem.hint("`send_at = \"07:00\"` sends at seven"));
            Err(())
        }
        _ => Err(()),
    };
    table.finish(problems);
    let schedule = times.ok().map(|times| Schedule {
        days: days.unwrap_or(Days::WORKDAYS),
        times,
        holidays,
        zone,
    });
    (schedule, proof_to)
}

fn proof_to(table: &mut TomlTable<'_>, problems: &Problems) -> Vec<Address> {
    let found = table.all_parsed("proof_to", problems, Address::parse);
    if let Some(first_too_many) = found.get(PROOFS) {
        problems.add(table.problem(
            first_too_many.span.clone(),
            format!(
                "`proof_to` must be at most {PROOFS} addresses, but found {}",
                found.len()
            ),
        ));
    }
    found.into_iter().map(|found| found.value).collect()
}

/// The days of a file: one on a line, with words behind `#`.
fn days_of(file: &str, text: &str, problems: &Problems) -> Vec<NaiveDate> {
    let written = Written::new(file, text);
    let mut days = Vec::new();
    let mut at = 0;
    // A file of another kind is wrong in every line.
    let enough = problems.len() + 3;
    for line in text.split_inclusive('\n') {
        let day = line.split('#').next().unwrap_or_default();
        let start = at + (day.len() - day.trim_start().len());
        let day = day.trim();
        at += line.len();
        if day.is_empty() {
            continue;
        }
        match day.parse() {
            Ok(found) => days.push(found),
            Err(_) => problems.add(written.problem(
                start..start + day.len(),
                format!(
                    "`{}` is no day: expected one such as `2026-12-25`, and words only behind `#`",
                    Line::clean_to(day, 40)
                ),
            )),
        }
        if problems.len() >= enough {
            break;
        }
    }
    days
}
