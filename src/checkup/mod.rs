//! Looks at every file of a newsroom and says what is wrong with it. It changes nothing and asks no network.

use std::collections::HashMap;
use std::error::Error as _;
use std::path::PathBuf;

use chrono::{DateTime, Utc};

use crate::config::Config;
use crate::desk::{self, DeskError, editions as files, subscribers as file};
use crate::link::Origin;
use crate::mailer::Relay;
use crate::problem::{Problem, system_words};
use crate::readership;
use crate::source::{self, LIMITS};
use crate::story::Miss;

/// What was looked at, and what was found.
pub struct Checkup {
    /// What stops a verb from working.
    pub problems: Vec<Problem>,
    /// What does not stop anything, but is worth a look.
    pub remarks: Vec<String>,
    /// Stories that cannot be read, by their source.
    pub misses: Vec<Miss>,
    /// The files looked at.
    pub files: Vec<PathBuf>,
}

/// Checks all that `config` names. The config itself has been read without a problem.
pub async fn check(config: &Config, now: DateTime<Utc>) -> Checkup {
    let mut checkup = Checkup {
        problems: Vec::new(),
        remarks: Vec::new(),
        misses: Vec::new(),
        files: vec![config.file.clone()],
    };
    subscribers(config, &mut checkup);
    editions(config, &mut checkup);
    stories(config, now, &mut checkup).await;
    views(config, now, &mut checkup);
    letters(config, &mut checkup);
    checkup
}

fn subscribers(config: &Config, checkup: &mut Checkup) {
    let path = &config.subscribers;
    checkup.files.push(path.clone());
    match desk::read_text(path, file::LARGEST) {
        Ok(text) => {
            let shown = path.display().to_string();
            let reading = file::read(&shown, &text);
            let none = reading.subscribers.is_empty() && reading.problems.is_empty();
            checkup.problems.extend(file::duplicates(&reading));
            checkup.problems.extend(reading.problems);
            if none {
                checkup
                    .remarks
                    .push(format!("`{}` holds no subscriber", path.display()));
            }
        }
        Err(error) => checkup.problems.push(unreadable(&error)),
    }
}

/// The error with what the system said of it.
#[must_use]
pub fn unreadable(error: &DeskError) -> Problem {
    match (error, error.source()) {
        (DeskError::Missing { .. }, _) => Problem::new(error.to_string())
            .hint("`newsdigest subscribers add ADDRESS` makes the file"),
        (_, Some(source)) => {
            Problem::new(format!("{error}: {}", system_words(&source.to_string())))
        }
        (_, None) => Problem::new(error.to_string()),
    }
}

fn editions(config: &Config, checkup: &mut Checkup) {
    let folder = config.editions();
    let slugs = match files::list(&folder) {
        Ok(slugs) => slugs,
        Err(error) => return checkup.problems.push(unreadable(&error)),
    };
    for slug in slugs {
        checkup.files.push(files::path_of(&folder, &slug));
        if let Err(problems) = files::read(&folder, &slug) {
            checkup.problems.extend(problems);
        }
    }
}

/// Gathers the sources that are files; their misses are what a draft would miss.
async fn stories(config: &Config, now: DateTime<Utc>, checkup: &mut Checkup) {
    let mut local = Vec::new();
    for source in &config.sources {
        if let Origin::Path(path) = source.kind.origin() {
            checkup.files.push(path.clone());
            local.push(source.clone());
        }
    }
    checkup.misses = source::gather(&local, &HashMap::new(), &LIMITS, now)
        .await
        .harvest
        .misses;
}

/// The readership that lies in files, as a draft would read it now.
fn views(config: &Config, now: DateTime<Utc>, checkup: &mut Checkup) {
    for counts in &config.readership {
        if let Origin::Path(path) = &counts.origin {
            checkup.files.push(path.clone());
            let (inputs, misses) = readership::files(path);
            checkup.misses.extend(misses);
            let name = counts.name.clone();
            let read = readership::read_counts(name, &inputs, &config.newsletter.zone, now);
            checkup.misses.extend(read.misses);
        }
    }
}

/// What mail providers and the law want of a letter to real people (EMAIL: A1, A2).
fn letters(config: &Config, checkup: &mut Checkup) {
    if matches!(config.handover.relay, Relay::Smtp(_)) {
        checkup.problems.extend(unsendable(config));
    } else {
        checkup.remarks.push(
            "`[relay]` names no host: `send` writes letters to a folder, as a rehearsal".to_owned(),
        );
        checkup
            .remarks
            .extend(unsendable(config).map(|problem| problem.what));
    }
}

/// Why letters may not go to a relay, although they may go to a folder.
#[must_use]
pub fn unsendable(config: &Config) -> Option<Problem> {
    config.newsletter.unsubscribe.is_none().then(|| {
        Problem::new("`[newsletter] unsubscribe` is not set: every letter must say how to leave")
            .hint("`unsubscribe = \"mailto:leave@your.domain\"`, a mailbox that a person reads, or a page `https://..`")
    })
}
