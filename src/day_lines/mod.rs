//! Lines of the day, drawn when an edition is drafted: the first line that a command says, or that a file holds.
//!
//! A command is the newsroom's own, named in its config, and runs as the program's user: without a shell, in the newsroom's folder, with nothing
//! to read and none of our secrets in its environment. It has ten seconds; when they are over, or the stop is asked for, it and all that it
//! began are killed. What fails is a miss: no edition waits for the weather.

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::io::AsyncReadExt as _;
use tokio::process::{ChildStdout, Command};

use crate::files;
use crate::model::edition::DayLine;
use crate::model::line::Line;
use crate::model::link::Link;
use crate::model::story::Miss;
use crate::programs::{self, Failure};

/// How long a command may take.
const TIME: Duration = Duration::from_secs(10);
/// How much is read of what it says, and of a file, in octets.
const SAID: u64 = 4_000;
const FILE: u64 = 100_000;

/// A `[[line]]` of the config.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub label: Option<Line>,
    pub url: Option<Link>,
    pub from: Origin,
}

/// Where a line comes from.
#[derive(Clone, Debug)]
pub enum Origin {
    Command {
        /// The program and what it is given; never empty.
        words: Vec<String>,
        /// All that it is told of the environment.
        environment: Vec<(String, String)>,
    },
    File {
        path: PathBuf,
        /// Written longer ago, it is of another day.
        max_age: TimeDelta,
    },
}

/// Draws all of them, at the same time. `home` is the newsroom's folder.
pub async fn draw(
    wanted: &[Wanted],
    home: &Path,
    now: DateTime<Utc>,
) -> Vec<Result<DayLine, Miss>> {
    let drawn = wanted.iter().map(async |wanted| {
        let said = match &wanted.from {
            Origin::Command { words, environment } => command(words, environment, home, TIME).await,
            Origin::File { path, max_age } => file(path, *max_age, now),
        };
        let first = said.and_then(|text| {
            let line = text.lines().find_map(Line::non_empty);
            line.ok_or_else(|| "says nothing".to_owned())
        });
        match first {
            Ok(line) => Ok(DayLine {
                label: wanted.label.clone(),
                text: Line::clean_to(line.as_str(), DayLine::LONGEST),
                url: wanted.url.clone(),
            }),
            Err(what) => Err(Miss {
                source: wanted.name(),
                what: Line::clean(&what),
            }),
        }
    });
    futures_util::future::join_all(drawn).await
}

impl Wanted {
    /// As messages call it.
    fn name(&self) -> Line {
        let name = match (&self.label, &self.from) {
            (Some(label), _) => format!("line `{label}`"),
            (None, Origin::Command { words, .. }) => format!("line of `{}`", words[0]),
            (None, Origin::File { path, .. }) => format!("line of `{}`", path.display()),
        };
        Line::clean_to(&name, 80)
    }
}

fn file(path: &Path, max_age: TimeDelta, now: DateTime<Utc>) -> Result<String, String> {
    let named = |what: &str| format!("`{}` {what}", path.display());
    let (bytes, about) = files::read(path, FILE).map_err(|error| named(&error.to_string()))?;
    let written = about.modified().map(DateTime::<Utc>::from);
    let age = written.map_or_else(|_| TimeDelta::zero(), |written| now - written);
    if age > max_age {
        let (hours, most) = (age.num_hours(), max_age.num_hours());
        return Err(named(&format!(
            "was written {hours} h ago, and `max_age` allows {most}"
        )));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

async fn command(
    words: &[String],
    environment: &[(String, String)],
    home: &Path,
    time: Duration,
) -> Result<String, String> {
    let (Some((program, arguments)), Ok(home)) = (words.split_first(), folder(home)) else {
        return Err("cannot be run: its folder is gone".to_owned());
    };
    // A name without a slash is looked for in PATH; with one it is the newsroom's.
    let path = if program.contains('/') {
        home.join(program)
    } else {
        PathBuf::from(program)
    };
    let mut command = Command::new(path);
    command
        .args(arguments)
        .current_dir(home)
        .env_clear()
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let read = async |stdout: Option<ChildStdout>, _| {
        let mut said = Vec::new();
        if let Some(stdout) = stdout {
            let read = stdout.take(SAID).read_to_end(&mut said).await;
            read.map_err(|error| format!("cannot be read: {}", error.kind()))?;
        }
        // The rest is not read: whoever goes on speaking is told that nobody listens.
        Ok(said)
    };
    let ended = programs::run(&mut command, time, read).await;
    let (said, status) = ended.map_err(|failure| match failure {
        Failure::Start(error) => format!("`{program}` cannot be run: {}", error.kind()),
        Failure::Read(why) => why,
        Failure::Late => format!("took longer than {} s", time.as_secs()),
    })?;
    match status.code() {
        Some(0) => Ok(String::from_utf8_lossy(&said).into_owned()),
        Some(code) => Err(format!("`{program}` ended with {code}")),
        None => Err(format!("`{program}` was killed")),
    }
}

/// The folder from the root: a command that is named relative to it is looked for after going there.
fn folder(home: &Path) -> std::io::Result<PathBuf> {
    let home = if home.as_os_str().is_empty() {
        Path::new(".")
    } else {
        home
    };
    std::path::absolute(home)
}
