//! Access logs: what the paper's own servers wrote down, made into readers by story and time.

use std::collections::HashSet;
use std::path::PathBuf;

use chrono::{DateTime, Utc};

use crate::line::Line;
use crate::link::StoryKey;
use crate::readers::Report;
use crate::story::Miss;
use crate::zone::Zone;

/// One `[[readership]]` of logs.
#[derive(Clone, Debug)]
pub struct AccessLog {
    /// As the config names it.
    pub name: Line,
    /// The file, or a glob over its rotations: `logs/access.log*`.
    pub path: PathBuf,
    /// How its lines are written; `None`: found out by looking.
    pub format: Option<Format>,
    /// Further words in the names of clients that are no readers.
    pub crawlers: Vec<String>,
}

/// How the lines of a log are written: `$remote_addr - $remote_user ..` as nginx, or `%h %l %u ..` as Apache says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format(String);

impl Format {
    /// Parses a server's own format string.
    ///
    /// # Errors
    /// What is wrong with it, or missing: without a time and a request there is nothing to count.
    pub fn parse(text: &str) -> Result<Self, String> {
        Ok(Self(text.to_owned()))
    }
}

/// Reads the logs from `since` on, and counts the readers of `stories`. Nothing of who they were leaves this function.
#[must_use]
#[expect(clippy::implicit_hasher, reason = "there is one kind")]
pub fn read_log(
    log: &AccessLog,
    stories: &HashSet<StoryKey>,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
    zone: &Zone,
) -> Report {
    _ = (
        &log.path,
        &log.format,
        &log.crawlers,
        stories,
        since,
        now,
        zone,
    );
    let mut report = Report::of(log.name.clone());
    report.misses.push(Miss {
        source: log.name.clone(),
        what: Line::clean("cannot be read yet"),
    });
    report
}
