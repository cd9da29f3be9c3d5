//! `subscribers import` and `suppress --import`: tables that another program wrote. First everything is understood, then who left goes on the
//! suppression list, then who is new goes into the list: a run that breaks off between the two subscribes nobody who left.

mod plan;

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;

use chrono::{DateTime, Utc};

use crate::cli::arguments::ImportArgs;
use crate::cli::exit::Exit;
use crate::cli::open::{self, Setting};
use crate::cli::report::{Failure, Report, counted};
use crate::cli::subscribers_list::{open_or_begin, read_if_any, unchanged};
use crate::config::Config;
use crate::files::size;
use crate::ledger::Suppressed;
use crate::model::reader::Preferences;
use crate::model::subscriber::Subscriber;
use crate::newsroom::import::{self, Gone, ImportError, Imported, Instructions};
use plan::ImportPlan;

/// The largest table read, in bytes.
const LARGEST: u64 = 500_000_000;

pub(in crate::cli) fn run(
    verb: &ImportArgs,
    config: &Config,
    setting: &Setting,
    report: Report,
) -> Result<Exit, Failure> {
    let shown = verb.file.display().to_string();
    let instructions = Instructions {
        name: shown.clone(),
        means: verb.means.clone(),
        skip: verb.skip.clone(),
        sections: verb.sections_from.clone(),
    };
    let imported = import::import(&bytes(&verb.file)?, &instructions).map_err(refused)?;
    let (here, exit, name) = read_if_any(config, report)?;
    let here: HashMap<String, Subscriber> = here
        .into_iter()
        .rev()
        .map(|one| (one.address.key().into_owned(), one))
        .collect();
    let plan = ImportPlan::of(imported, &here, &suppressed(config, report)?);
    tell_bad_lines(&plan.imported, &shown, report);
    plan.tell_what_was_read(report);
    let done = if verb.dry_run {
        plan.new.len()
    } else {
        if !plan.gone.is_empty() {
            let rows: Vec<Suppressed> = plan
                .gone
                .iter()
                .filter_map(|one| entry(one, setting.now()))
                .collect();
            let mut ledger = open::ledger(config)?;
            ledger.suppress_each(&rows)?;
        }
        let mut list = open_or_begin(config, report)?;
        let added = list.add(&plan.new).map_err(unchanged)?.added;
        if verb.update && !plan.differing.is_empty() {
            let differing = plan.differing.iter();
            let wanted = differing.map(|one| (one.address.clone(), Preferences::of(one)));
            list.change(wanted.collect()).map_err(unchanged)?;
        }
        added
    };
    plan.tell_what_became(verb, done, &name, report);
    Ok(if plan.imported.bad.is_empty() {
        exit
    } else {
        Exit::DoneWithRefusals
    })
}

/// `suppress --import`: everybody in a list, or whom a table says to have left.
pub(in crate::cli) fn suppress(
    path: &Path,
    config: &Config,
    setting: &Setting,
    report: Report,
) -> Result<Exit, Failure> {
    let shown = path.display().to_string();
    let instructions = Instructions {
        name: shown.clone(),
        ..Instructions::default()
    };
    let imported = import::suppressions(&bytes(path)?, &instructions).map_err(refused)?;
    tell_bad_lines(&imported, &shown, report);
    let rows: Vec<Suppressed> = imported
        .gone
        .iter()
        .filter_map(|one| entry(one, setting.now()))
        .collect();
    let new = if rows.is_empty() {
        0
    } else {
        open::ledger(config)?.suppress_each(&rows)?
    };
    let mut line = format!(
        "{} put on the suppression list",
        counted(new, "address", "addresses")
    );
    for (count, what) in [
        (rows.len() - new, "already there"),
        (
            imported.subscribers.len() + imported.unconfirmed,
            "did not leave by that table",
        ),
        (imported.bad.len() + imported.more_bad, "lines not taken"),
    ] {
        if count > 0 {
            _ = write!(line, ", {count} {what}");
        }
    }
    report.say(line);
    Ok(if imported.bad.is_empty() {
        Exit::Done
    } else {
        Exit::DoneWithRefusals
    })
}

fn tell_bad_lines(imported: &Imported, shown: &str, report: Report) {
    for bad in &imported.bad {
        report.warn(format!("{shown}:{}: {}", bad.line, bad.what));
    }
    if imported.more_bad > 0 {
        report.warn(format!("{shown}: and {} more lines", imported.more_bad));
    }
}

fn entry(gone: &Gone, now: DateTime<Utc>) -> Option<Suppressed> {
    // At noon it is the same day nearly everywhere.
    let day = gone.day.and_then(|day| day.and_hms_opt(12, 0, 0));
    Some(Suppressed {
        address: gone.address.clone(),
        reason: gone.standing.suppression()?,
        // A day in the future is a slip of the table.
        since: day.map_or(now, |noon| noon.and_utc().min(now)),
    })
}

fn suppressed(config: &Config, report: Report) -> Result<HashSet<String>, Failure> {
    let Some(ledger) = open::ledger_if_any(config)? else {
        return Ok(HashSet::new());
    };
    let all = ledger.suppressed()?;
    report.broken(&all.broken);
    Ok(all
        .rows
        .iter()
        .map(|row| row.address.key().into_owned())
        .collect())
}

fn refused(error: ImportError) -> Failure {
    let hint = match &error {
        ImportError::Unknown(columns) => {
            let first = columns
                .first()
                .and_then(|one| one.values.first().map(|(value, _)| (&one.column, value)));
            let is_guess = columns.iter().all(|one| one.is_guess);
            first.map(|(column, value)| if is_guess {
                let skip: Vec<String> = columns.iter().map(|one| format!("--skip '{}'", one.column)).collect();
                format!("if not: `{}`; if so, `--means '{column}:{value}=left'` says what a value means, and `--means '{column}:*=left'` any that is there", skip.join(" "))
            } else {
                format!("say what it means with `--means '{column}:{value}=left'` (or `subscribed`, `bounced`, `complained`, `unconfirmed`), once for each value; `--skip '{column}'` reads the table without the column")
            })
        }
        ImportError::Silent(_) => Some(
            "`--means all=left` if these people left, `--means all=subscribed` if they are readers"
                .to_owned(),
        ),
        ImportError::Heading(..) => Some(
            "write each list into a file of its own; `--means all=left` if everybody in this one left"
                .to_owned(),
        ),
        _ => None,
    };
    let failure = Failure::error(error).still("nothing was changed");
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// The bytes of a file or, for `-`, of standard input. The person named it: it may be a pipe.
fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let opened: Result<Box<dyn std::io::Read>, std::io::Error> = if path == Path::new("-") {
        Ok(Box::new(std::io::stdin().lock()))
    } else {
        std::fs::File::open(path).map(|file| Box::new(file) as Box<dyn std::io::Read>)
    };
    let shown = path.display();
    opened
        .and_then(|source| source.take(LARGEST + 1).read_to_end(&mut bytes))
        .map_err(|error| {
            Failure::trying(format!("`{shown}` cannot be read"), error).still("nothing was changed")
        })?;
    if bytes.len() as u64 > LARGEST {
        // Half a table would pass for a whole one.
        return Err(
            Failure::says(format!("`{shown}` is larger than {}", size(LARGEST)))
                .still("nothing was changed"),
        );
    }
    Ok(bytes)
}
