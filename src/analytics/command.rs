//! A program of the newsroom's own that prints `time,url,views`: the door for every service we do not know.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

use crate::model::line::Line;
use crate::model::problem::system_words;

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

/// Runs the program. It is killed when its time is up, or when nobody waits for it any more.
///
/// # Errors
/// It could not be started, took too long, printed too much or failed; the sentence begins after its name.
pub async fn run(program: &Program) -> Result<Printed, String> {
    let words = |error: &std::io::Error| system_words(&error.to_string());
    // Before the start: a program that ends at once is not missed.
    let mut ended = signal(SignalKind::child()).map_err(|error| words(&error))?;
    let mut command = Command::new(&program.program);
    command
        .args(&program.arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if program.home != Path::new("") {
        command.current_dir(&program.home);
    }
    let child = command
        .spawn()
        .map_err(|error| format!("could not be started: {}", words(&error)))?;
    let mut child = Running(child);
    let (stdout, stderr) = (child.0.stdout.take(), child.0.stderr.take());
    // A program that prints without an end would wait for us to read on.
    let printing = tokio::task::spawn_blocking(move || read(stdout, LARGEST));
    let saying = tokio::task::spawn_blocking(move || last_words(stderr));
    let work = async {
        let body = printing
            .await
            .unwrap_or_else(|_| Err("could not be read".to_owned()))?;
        let said = saying.await.unwrap_or_default();
        loop {
            match child.0.try_wait() {
                Ok(Some(status)) => return Ok((body, said, status)),
                Ok(None) => _ = ended.recv().await,
                Err(error) => return Err(words(&error)),
            }
        }
    };
    let limit = program.time_limit;
    let (body, said, status) = tokio::time::timeout(limit, work)
        .await
        .unwrap_or_else(|_| {
            Err(format!(
                "took longer than {} s and was ended",
                limit.as_secs_f64()
            ))
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

/// A program that does not outlive the wait for it.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // One that has ended cannot be killed, and has been waited for.
        if self.0.kill().is_ok() {
            _ = self.0.wait();
        }
    }
}

fn read(pipe: Option<impl Read>, limit: u64) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(limit + 1)
            .read_to_end(&mut body)
            .map_err(|error| format!("could not be read: {}", system_words(&error.to_string())))?;
    }
    if body.len() as u64 > limit {
        return Err(format!("printed more than {} MB", limit / 1_000_000));
    }
    Ok(body)
}

/// The end of what it says, however much that is.
fn last_words(pipe: Option<impl Read>) -> Option<Line> {
    let mut pipe = pipe?;
    let mut kept: Vec<u8> = Vec::new();
    let mut piece = vec![0; 8_192];
    while let Ok(count @ 1..) = pipe.read(&mut piece) {
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
