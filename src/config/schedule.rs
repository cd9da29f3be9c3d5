//! `[schedule]`: when editions are drafted and sent, and who gets a proof.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::NaiveDate;

use super::{LARGEST, folder};
use crate::model::address::Address;
use crate::model::edition::EditionName;
use crate::model::line::Line;
use crate::model::problem::Written;
use crate::model::toml_table::{Problems, TomlTable};
use crate::model::zone::Zone;
use crate::schedule::{
    Days, EndTime, FurtherEdition, Schedule, Times, TimesError, parse_send_at, parse_time,
};

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
    let days = days.unwrap_or(Days::WORKDAYS);
    let times = times(&mut table, problems);
    let mut more: Vec<FurtherEdition> = Vec::new();
    for mut table in table.tables("more", problems) {
        if !table.has("name") {
            let what = "an edition of `[[schedule.more]]` must have a `name`";
            problems.add_missing(table.problem_here(what));
        }
        let name = table.parsed("name", problems, str::parse::<EditionName>);
        let its_days = table.value("days", problems, Days::parse);
        let times = self::times(&mut table, problems);
        if let (Some(name), Some(times)) = (name, times) {
            if more.iter().any(|known| known.name == name.value) {
                let what = format!("there are two editions `{}` of a day", name.value.as_str());
                problems.add(table.problem(name.span, what));
            }
            more.push(FurtherEdition {
                name: name.value,
                days: its_days.unwrap_or(days),
                times,
            });
        }
        table.finish(problems);
    }
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
    let schedule = times.map(|times| Schedule {
        days,
        times,
        more,
        holidays,
        zone,
        only: None,
    });
    if let Some(overlap) = schedule.as_ref().and_then(Schedule::overlap) {
        let [one, other] = overlap.map(|name| match name {
            Some(name) => format!("`{}`", name.as_str()),
            None => "the first edition".to_owned(),
        });
        let what = format!("{other} would be drafted before {one} is over");
        let hint = "an edition must be past its `not_after` when the next one is drafted (`cut_off`), on the next day too; one by readers' clocks waits for 20 hours";
        problems.add(table.problem_here(what).hint(hint));
    }
    table.finish(problems);
    (schedule.filter(|_| problems.len() == before), proof_to)
}

/// `cut_off`, `send_at` and `not_after` of an edition; `None` if there is a problem.
fn times(table: &mut TomlTable<'_>, problems: &Problems) -> Option<Times> {
    let before = problems.len();
    let cut_off = table.parsed("cut_off", problems, parse_time);
    let send_at = table.parsed("send_at", problems, parse_send_at);
    let not_after = table.parsed("not_after", problems, EndTime::parse);
    if problems.len() > before {
        return None;
    }
    let Some(send_at) = &send_at else {
        let problem = table.problem_here("`[schedule]` must give `send_at`");
        problems.add_missing(problem.hint("`send_at = \"07:00\"` sends at seven"));
        return None;
    };
    let (end, draft) = (not_after.as_ref(), cut_off.as_ref());
    let (time, is_local) = send_at.value;
    let times = Times::new(
        draft.map(|found| found.value),
        time,
        end.map(|found| found.value),
    );
    let times = times.map_err(|error| {
        let span = match error {
            TimesError::CutOff { .. } => draft.map(|found| found.span.clone()),
            TimesError::NotAfter { .. } => end.map(|found| found.span.clone()),
        };
        let span = span.unwrap_or_else(|| send_at.span.clone());
        problems.add(table.problem(span, error.to_string()));
    });
    times.ok().map(|times| times.local(is_local))
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
