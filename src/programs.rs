//! The door to programs of the newsroom's own: each runs in a group of its own, with nothing to read unless it is given something, and for so long, and nothing that it
//! began outlives a run that failed.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{ChildStderr, ChildStdout, Command};

/// Why there is nothing of a program.
#[derive(Debug)]
pub enum Failure {
    /// It could not be started.
    Start(io::Error),
    /// What it prints could not be read, or was more than was wanted.
    Read(String),
    /// It took too long.
    Late,
}

/// Runs `command` until it ends, while `read` takes what it prints. It and all that it began are killed when `limit` is over, when reading
/// fails, when it ends other than well, and when nobody waits for it any more.
///
/// # Errors
/// It could not be started or read, or it took too long.
pub async fn run<T>(
    command: &mut Command,
    limit: Duration,
    read: impl AsyncFnOnce(Option<ChildStdout>, Option<ChildStderr>) -> Result<T, String>,
) -> Result<(T, ExitStatus), Failure> {
    run_with(command, Stdio::null(), limit, read).await
}

/// As [`run`], with something to read.
///
/// # Errors
/// As [`run`].
pub async fn run_with<T>(
    command: &mut Command,
    stdin: Stdio,
    limit: Duration,
    read: impl AsyncFnOnce(Option<ChildStdout>, Option<ChildStderr>) -> Result<T, String>,
) -> Result<(T, ExitStatus), Failure> {
    let command = command.stdin(stdin).process_group(0);
    let mut child = command.kill_on_drop(true).spawn().map_err(Failure::Start)?;
    let id = child.id().and_then(|id| i32::try_from(id).ok());
    let mut group = Group(id.and_then(Pid::from_raw));
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let work = async {
        let taken = read(stdout, stderr).await.map_err(Failure::Read)?;
        let status = child.wait().await;
        let status = status.map_err(|error| Failure::Read(error.to_string()))?;
        Ok((taken, status))
    };
    let ended = tokio::time::timeout(limit, work)
        .await
        .unwrap_or(Err(Failure::Late))?;
    // What a program that ended well leaves running is meant to run.
    group.0 = group.0.filter(|_| !ended.1.success());
    Ok(ended)
}

/// A program and all that it began, killed when this is dropped.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // It may have ended by itself.
            _ = kill_process_group(group, Signal::KILL);
        }
    }
}
