//! A program of the newsroom's own that prints `time,url,views`: the door for every service we do not know.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;

use crate::model::line::Line;
use crate::model::problem::system_words;
use crate::programs::{self, Failure};

/// The most that a program may print, in octets; what it says of errors is cut at the second.
const LARGEST: u64 = 200_000_000;
const LARGEST_ERROR: usize = 64_000;

/// A program, its arguments and where it runs.
#[derive(Clone, Debug)]
pub struct Program {
    /// As the config names it.
    pub name: Line,
    /// The program, a path relative to the config if it holds a `/`, else looked for in `PATH`.
    pub program: PathBuf,
    pub arguments: Vec<String>,
    /// The folder of the config.
    pub home: PathBuf,
    pub time_limit: Duration,
}

/// What a program printed.
#[derive(Debug)]
pub struct Printed {
    /// Standard output.
    pub body: Vec<u8>,
    /// The last lines of standard error, if there are any: it may warn and go on.
    pub said: Option<Line>,
}

/// Runs the program. It is killed, with all that it began, when its time is up, or when nobody waits for it any more.
///
/// # Errors
/// It could not be started, took too long, printed too much or failed; the sentence begins after its name.
pub async fn run(program: &Program) -> Result<Printed, String> {
    let mut command = Command::new(&program.program);
    command
        .args(&program.arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if program.home != Path::new("") {
        command.current_dir(&program.home);
    }
    let limit = program.time_limit;
    // A program that prints without an end would wait for us to read on: both at once.
    let read = async |stdout, stderr| {
        tokio::try_join!(body(stdout), async { Ok(last_words(stderr).await) })
    };
    let ended = programs::run(&mut command, limit, read).await;
    let ((body, said), status) = ended.map_err(|failure| match failure {
        Failure::Start(error) => {
            format!("could not be started: {}", system_words(&error.to_string()))
        }
        Failure::Read(why) => why,
        Failure::Late => format!("took longer than {} s and was ended", limit.as_secs_f64()),
    })?;
    if status.success() {
        return Ok(Printed { body, said });
    }
    let why = match status.code() {
        Some(code) => format!("ended with exit code {code}"),
        None => "was killed".to_owned(),
    };
    Err(match said {
        Some(said) => format!("{why} and said `{said}`"),
        None => why,
    })
}

async fn body(pipe: Option<impl AsyncRead + Unpin>) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(LARGEST + 1)
            .read_to_end(&mut body)
            .await
            .map_err(|error| format!("could not be read: {}", system_words(&error.to_string())))?;
    }
    if body.len() as u64 > LARGEST {
        return Err(format!("printed more than {} MB", LARGEST / 1_000_000));
    }
    Ok(body)
}

/// The end of what it says, however much that is.
async fn last_words(pipe: Option<impl AsyncRead + Unpin>) -> Option<Line> {
    let mut pipe = pipe?;
    let mut kept: Vec<u8> = Vec::new();
    let mut piece = vec![0; 8_192];
    while let Ok(count @ 1..) = pipe.read(&mut piece).await {
        kept.extend_from_slice(&piece[..count]);
        if kept.len() > LARGEST_ERROR {
            kept.drain(..kept.len() / 2);
        }
    }
    let text = String::from_utf8_lossy(&kept);
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let last = lines[lines.len().saturating_sub(3)..].join(" / ");
    Line::non_empty(&last).map(|line| Line::clean_to(line.as_str(), 300))
}
