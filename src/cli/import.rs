//! `subscribers import` and `suppress --import`: tables that another program wrote. First everything is understood, then who left goes on the
//! suppression list, then who is new goes into the file: a run that breaks off between the two subscribes nobody who left.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;

use chrono::{DateTime, Utc};

use super::Exit;
use super::arguments::Import;
use super::open::{self, Setting};
use super::report::{Failure, Report, counted};
use super::subscribers::{read_if_any, unchanged};
use crate::config::Config;
use crate::files::size;
use crate::ledger::Suppressed;
use crate::model::ask::Preferences;
use crate::model::subscriber::{Subscriber, Suppression};
use crate::newsroom::import::{self, Gone, ImportError, Imported, Instructions};
use crate::newsroom::subscribers::{self as file, Revision, Wish};

/// The largest table read, in bytes.
const LARGEST: u64 = 500_000_000;

pub(super) fn run(
    verb: &Import,
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
    let (here, exit) = read_if_any(config, report)?;
    let here: HashMap<String, Subscriber> = here
        .into_iter()
        .rev()
        .map(|one| (one.address.key().into_owned(), one))
        .collect();
    let plan = Plan::of(imported, &here, &suppressed(config, report)?);
    plan.tell_what_was_read(&shown, report);
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
            ledger.suppress_each(&rows).map_err(Failure::error)?;
        }
        let added = file::add(&config.subscribers, &plan.new)
            .map_err(unchanged)?
            .added;
        if verb.update && !plan.differing.is_empty() {
            let revisions: Vec<Revision> = plan.differing.iter().map(revision).collect();
            file::hold(&config.subscribers)
                .and_then(|held| held.revise(&revisions))
                .map_err(unchanged)?;
        }
        added
    };
    plan.tell_what_became(verb, done, config, report);
    Ok(if plan.imported.bad.is_empty() {
        exit
    } else {
        Exit::DoneWithRefusals
    })
}

/// What an import will do.
struct Plan {
    imported: Imported,
    new: Vec<Subscriber>,
    already: usize,
    /// Who is in the file with another name or other sections, as the table has them.
    differing: Vec<Subscriber>,
    gone: Vec<Gone>,
    /// Of those, who is in the file.
    gone_here: Vec<String>,
    /// Who left there, and subscribed here since then.
    newer: Vec<String>,
    /// Who is on the suppression list, and is not added therefore.
    held_back: usize,
}

impl Plan {
    fn of(
        mut imported: Imported,
        here: &HashMap<String, Subscriber>,
        suppressed: &HashSet<String>,
    ) -> Self {
        let mut plan = Self {
            new: Vec::new(),
            already: 0,
            differing: Vec::new(),
            gone: Vec::new(),
            gone_here: Vec::new(),
            newer: Vec::new(),
            held_back: 0,
            imported: Imported::default(),
        };
        for gone in std::mem::take(&mut imported.gone) {
            let known = here.get(&*gone.address.key());
            let shown = gone.address.reveal().to_owned();
            match (known.and_then(|one| one.since), gone.day) {
                // A later yes, given here, is the newer word.
                (Some(since), Some(left)) if since > left => plan.newer.push(shown),
                _ => {
                    if known.is_some() {
                        plan.gone_here.push(shown);
                    }
                    plan.gone.push(gone);
                }
            }
        }
        let mut seen = HashSet::new();
        for one in std::mem::take(&mut imported.subscribers) {
            let key = one.address.key().into_owned();
            if let Some(known) = here.get(&key) {
                plan.already += 1;
                let other_name = one.name.is_some() && one.name != known.name;
                let other_sections = !one.sections.is_empty() && one.sections != known.sections;
                if (other_name || other_sections) && seen.insert(key) {
                    plan.differing.push(Subscriber {
                        name: one.name.or_else(|| known.name.clone()),
                        sections: if other_sections {
                            one.sections
                        } else {
                            known.sections.clone()
                        },
                        paused: known.paused,
                        ..one
                    });
                }
            } else if suppressed.contains(&key) {
                plan.held_back += 1;
            } else if seen.insert(key) {
                plan.new.push(one);
            } else {
                plan.already += 1;
            }
        }
        plan.imported = imported;
        plan
    }

    fn tell_what_was_read(&self, shown: &str, report: Report) {
        tell_bad_lines(&self.imported, shown, report);
        if let Some(program) = self.imported.program {
            report.say(format!("looks like {program}"));
        }
        let named = |columns: &[crate::model::line::Line]| {
            let names: Vec<String> = columns.iter().map(|name| format!("`{name}`")).collect();
            names.join(", ")
        };
        if !self.imported.judged_by.is_empty() {
            report.say(format!(
                "who may be mailed is read from {}",
                named(&self.imported.judged_by)
            ));
        }
        if !self.imported.ignored.is_empty() {
            report.say(format!(
                "not read: the columns {}",
                named(&self.imported.ignored)
            ));
        }
    }

    fn tell_what_became(&self, verb: &Import, added: usize, config: &Config, report: Report) {
        let would = if verb.dry_run { "would be " } else { "" };
        let path = config.subscribers.display();
        if !self.gone.is_empty() {
            let of = |reason| {
                self.gone
                    .iter()
                    .filter(|one| one.standing.suppression() == Some(reason))
                    .count()
            };
            let reasons = [
                (Suppression::Unsubscribed, "unsubscribed"),
                (Suppression::Bounced, "bounced"),
                (Suppression::Complained, "complained"),
                (Suppression::ByHand, "by hand"),
            ];
            let counts: Vec<String> = reasons
                .iter()
                .filter(|(reason, _)| of(*reason) > 0)
                .map(|(reason, word)| format!("{} {word}", of(*reason)))
                .collect();
            report.say(format!(
                "{} {would}put on the suppression list: {}",
                counted(self.gone.len(), "address", "addresses"),
                counts.join(", ")
            ));
        }
        for address in &self.gone_here {
            report.warn(format!("`{address}` left, and is in `{path}`: nothing is sent there; `newsdigest subscribers remove {address}` takes them out of the file"));
        }
        for address in &self.newer {
            report.warn(format!(
                "`{address}` left there, and subscribed here after that: they stay"
            ));
        }
        if self.imported.unconfirmed > 0 {
            report.say(format!(
                "{} left out: not confirmed, or never agreed",
                counted(self.imported.unconfirmed, "address", "addresses")
            ));
        }
        if self.held_back > 0 {
            report.say(format!(
                "{} not added: on the suppression list (`newsdigest suppress --list`)",
                counted(self.held_back, "address", "addresses")
            ));
        }
        if !self.differing.is_empty() {
            let count = self.differing.len();
            report.say(if verb.update {
                let count = counted(count, "subscriber", "subscribers");
                format!("{count} {would}given the name and sections of the table")
            } else {
                let differ = counted(count, "subscriber differs", "subscribers differ");
                format!("{differ} in name or sections: `--update` takes them from the table")
            });
        }
        let mut line = format!(
            "{} {would}added to `{path}`",
            counted(added, "subscriber", "subscribers")
        );
        if self.already > 0 {
            _ = write!(line, ", {} stood there already", self.already);
        }
        if !self.imported.bad.is_empty() {
            _ = write!(
                line,
                ", {} not taken",
                counted(self.imported.bad.len(), "line", "lines")
            );
        }
        report.say(line);
        if verb.dry_run {
            report.say("nothing was changed");
        }
    }
}

/// `suppress --import`: everybody in a list, or whom a table says to have left.
pub(super) fn suppress(
    path: &Path,
    config: &Config,
    setting: &Setting,
    report: Report,
) -> Result<Exit, Failure> {
    let shown = path.display().to_string();
    let imported =
        import::suppressions(&bytes(path)?, &Instructions::default()).map_err(refused)?;
    tell_bad_lines(&imported, &shown, report);
    let rows: Vec<Suppressed> = imported
        .gone
        .iter()
        .filter_map(|one| entry(one, setting.now()))
        .collect();
    let new = if rows.is_empty() {
        0
    } else {
        open::ledger(config)?
            .suppress_each(&rows)
            .map_err(Failure::error)?
    };
    let mut line = format!(
        "{} put on the suppression list",
        counted(new, "address", "addresses")
    );
    for (count, what) in [
        (rows.len() - new, "stood there already"),
        (
            imported.subscribers.len() + imported.unconfirmed,
            "did not leave by that table",
        ),
        (imported.bad.len(), "lines not taken"),
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

/// The most bad lines that are named.
const NAMED: usize = 100;

fn tell_bad_lines(imported: &Imported, shown: &str, report: Report) {
    for bad in imported.bad.iter().take(NAMED) {
        report.warn(format!("{shown}:{}: {}", bad.line, bad.what));
    }
    if imported.bad.len() > NAMED {
        report.warn(format!(
            "{shown}: and {} more lines",
            imported.bad.len() - NAMED
        ));
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

fn revision(one: &Subscriber) -> Revision {
    Revision {
        address: one.address.clone(),
        wish: Wish::Prefer(Preferences {
            name: one.name.clone(),
            sections: one.sections.clone(),
            paused: one.paused,
        }),
        only_over: None,
    }
}

fn suppressed(config: &Config, report: Report) -> Result<HashSet<String>, Failure> {
    let Some(ledger) = open::ledger_if_any(config)? else {
        return Ok(HashSet::new());
    };
    let all = ledger.suppressed().map_err(Failure::error)?;
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
            first.map(|(column, value)| {
                format!("say what it means with `--means '{column}:{value}=left'` (or `subscribed`, `bounced`, `complained`, `unconfirmed`), once for each value; `--skip '{column}'` reads the table without the column")
            })
        }
        ImportError::Silent => Some(
            "`--means all=left` if these people left, `--means all=subscribed` if they are readers"
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
            Failure::error(anyhow::Error::new(error).context(format!("`{shown}` cannot be read")))
                .still("nothing was changed")
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
