//! An opening and a subject from a command of the newsroom's own. It gets the edition as `draft --json` prints it; what it says is marked as a machine's until a person
//! has touched or approved it. What fails is a miss, and the edition has the words that are composed for it.

use std::io::{Seek as _, Write as _};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;

use super::{Draft, json};
use crate::config::{Config, OpeningCommand};
use crate::model::edition::{MachineLine, Slug};
use crate::model::line::Line;
use crate::model::story::Miss;
use crate::programs::{self, Failure};

/// How long it may take.
const TIME: Duration = Duration::from_mins(1);
/// So much is read of what it says, and of its complaints, in octets.
const SAID: u64 = 8_000;
/// The most lines of complaints that are shown.
const COMPLAINTS: usize = 20;
/// The most characters of either line.
const SUBJECT: usize = 200;
const OPENING: usize = 600;

/// What it wrote.
#[derive(Debug, Default, PartialEq)]
struct Words {
    subject: Option<Line>,
    opening: Option<Line>,
}

/// Asks it, and writes its words where an editor has written none.
pub(super) async fn ask(draft: &mut Draft, command: &OpeningCommand, config: &Config, slug: &Slug) {
    let edition = json::as_json(draft, config, slug).to_string();
    let said = run(command, &edition, config).await;
    let words = match said {
        Ok((text, complaints)) => {
            draft.remarks.extend(complaints);
            words(&text).ok_or_else(|| "says nothing".to_owned())
        }
        Err((what, complaints)) => {
            draft.remarks.extend(complaints);
            Err(what)
        }
    };
    let words = match words {
        Ok(words) => words,
        Err(what) => {
            let source = format!("opening of `{}`", command.words[0]);
            return draft.selection.misses.push(Miss {
                source: Line::clean_to(&source, 80),
                what: Line::clean(&what),
            });
        }
    };
    let (Some(edition), Some(drafted)) = (&mut draft.edition, &mut draft.drafted) else {
        return;
    };
    // Where they differ from what was composed, the words are an editor's.
    if words.subject.is_some() && edition.subject == drafted.subject {
        edition.subject.clone_from(&words.subject);
        drafted.subject = words.subject;
        edition.mark_machine_written(MachineLine::Subject);
        drafted.mark_machine_written(MachineLine::Subject);
    }
    if words.opening.is_some() && edition.opening == drafted.opening {
        edition.opening.clone_from(&words.opening);
        drafted.opening = words.opening;
        edition.mark_machine_written(MachineLine::Opening);
        drafted.mark_machine_written(MachineLine::Opening);
    }
}

/// A first line `subject: ..`, if there is one, and all that is behind it.
fn words(text: &str) -> Option<Words> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let named = first.split_once(':');
    let named = named.filter(|(name, _)| name.trim().eq_ignore_ascii_case("subject"));
    let (subject, opening) = match named {
        Some((_, subject)) => (
            Line::non_empty(Line::clean_to(subject, SUBJECT).as_str()),
            rest,
        ),
        None => (None, text),
    };
    let opening = opening.split_whitespace().collect::<Vec<_>>().join(" ");
    let opening = Line::non_empty(Line::clean_to(&opening, OPENING).as_str());
    (subject.is_some() || opening.is_some()).then_some(Words { subject, opening })
}

/// What it said, with its complaints; or why there is nothing, with the same.
async fn run(
    command: &OpeningCommand,
    edition: &str,
    config: &Config,
) -> Result<(String, Vec<Line>), (String, Vec<Line>)> {
    let failed = |what: String| (what, Vec::new());
    let stdin = || -> std::io::Result<std::fs::File> {
        let mut file = tempfile::tempfile()?;
        file.write_all(edition.as_bytes())?;
        file.rewind()?;
        Ok(file)
    };
    let stdin = stdin().map_err(|error| failed(format!("cannot be told: {}", error.kind())))?;
    let home = std::path::absolute(if config.home.as_os_str().is_empty() {
        std::path::Path::new(".")
    } else {
        &config.home
    });
    let home = home.map_err(|error| failed(format!("cannot be run: {}", error.kind())))?;
    let (program, arguments) = command.words.split_at(1);
    let program = program[0].as_str();
    // A name without a slash is looked for in PATH; with one it is the newsroom's.
    let path = if program.contains('/') {
        home.join(program)
    } else {
        PathBuf::from(program)
    };
    let mut process = Command::new(path);
    process
        .args(arguments)
        .current_dir(home)
        .env_clear()
        .envs(
            command
                .environment
                .iter()
                .map(|(name, value)| (name, value)),
        )
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let read = async |stdout, stderr| {
        let (said, complaints) = tokio::join!(bounded(stdout), drained(stderr));
        Ok((said?, complaints))
    };
    let ended = programs::run_with(&mut process, Stdio::from(stdin), TIME, read).await;
    let ((said, complaints), status) = ended.map_err(|failure| {
        failed(match failure {
            Failure::Start(error) => format!("`{program}` cannot be run: {}", error.kind()),
            Failure::Read(why) => why,
            Failure::Late => format!("took longer than {} s", TIME.as_secs()),
        })
    })?;
    let complaints = String::from_utf8_lossy(&complaints);
    let complaints = complaints.lines().filter_map(Line::non_empty);
    let complaints = complaints
        .take(COMPLAINTS)
        .map(|line| Line::clean(&format!("{program}: {line}")))
        .collect();
    match status.code() {
        Some(0) => Ok((String::from_utf8_lossy(&said).into_owned(), complaints)),
        Some(code) => Err((format!("`{program}` ended with {code}"), complaints)),
        None => Err((format!("`{program}` was killed"), complaints)),
    }
}

/// All that it says, or why that is too much.
async fn bounded(pipe: Option<impl AsyncRead + Unpin>) -> Result<Vec<u8>, String> {
    let mut said = Vec::new();
    if let Some(pipe) = pipe {
        let read = pipe.take(SAID + 1).read_to_end(&mut said).await;
        read.map_err(|error| format!("cannot be read: {}", error.kind()))?;
    }
    if said.len() as u64 > SAID {
        return Err(format!("says more than {SAID} octets"));
    }
    Ok(said)
}

/// The beginning of what it complains of; the rest is read and forgotten, so that it need not wait.
async fn drained(pipe: Option<impl AsyncRead + Unpin>) -> Vec<u8> {
    let mut said = Vec::new();
    if let Some(mut pipe) = pipe {
        _ = (&mut pipe).take(SAID).read_to_end(&mut said).await;
        _ = tokio::io::copy(&mut pipe, &mut tokio::io::sink()).await;
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_and_an_opening() {
        let check = |text: &str| {
            let found = words(text)?;
            let plain = |line: Option<Line>| line.map_or_else(String::new, |line| line.to_string());
            Some(format!("{}|{}", plain(found.subject), plain(found.opening)))
        };
        let is = |text: &str, expected: &str| assert_eq!(check(text).as_deref(), Some(expected));
        is(
            "subject: Fares up\n\nGood morning.\nMind the seal.\n",
            "Fares up|Good morning. Mind the seal.",
        );
        is("\u{feff}SUBJECT :  Fares\u{7} up \r\n", "Fares up|");
        is("Good morning: it rains.", "|Good morning: it rains.");
        is("subject:\nGood morning.", "|Good morning.");
        assert_eq!(check(" \n\n"), None);
        assert_eq!(check("subject:  \n \n"), None);
    }
}
