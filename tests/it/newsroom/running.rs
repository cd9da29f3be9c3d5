//! A program that has been started, and what it left behind.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::PATIENCE;

/// Reads a pipe on its own thread, so that neither pipe can fill up and block the program.
pub(super) fn reader(mut pipe: impl std::io::Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(length @ 1..) = pipe.read(&mut buffer) {
            if sender.send(buffer[..length].to_vec()).is_err() {
                break;
            }
        }
    });
    receiver
}

/// A program that has been started.
pub(crate) struct Running {
    pub(super) child: Child,
    pub(super) stdout: Receiver<Vec<u8>>,
    pub(super) stderr: Receiver<Vec<u8>>,
    pub(super) folder: PathBuf,
}

impl Running {
    /// `kill -9`: no destructor runs, no file is closed in order. Gives what it had said.
    pub(crate) fn kill(mut self) -> Output {
        self.child.kill().unwrap();
        self.wait()
    }

    /// Whether it has not ended by itself yet.
    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Ctrl-C.
    pub(crate) fn interrupt(&self) {
        // The shell has `kill` built in; the standard library cannot send a signal, and the house forbids unsafe code.
        let line = format!("kill -INT {}", self.child.id());
        let status = Command::new("/bin/sh")
            .args(["-c", &line])
            .status()
            .unwrap();
        assert!(status.success(), "cannot interrupt the program");
    }

    /// Waits until a line holding `words` comes out of standard error or standard output, and gives that line.
    #[track_caller]
    pub(crate) fn says(&mut self, words: &str) -> String {
        let end = Instant::now() + PATIENCE;
        let mut said = String::new();
        loop {
            // Asked before the pipes are read: what it said last is not missed.
            let is_over = !self.is_running() || Instant::now() >= end;
            said.push_str(&self.heard());
            if let Some(line) = said.lines().find(|line| line.contains(words)) {
                return line.to_owned();
            }
            assert!(!is_over, "the program never said `{words}`, but:\n{said}");
        }
    }

    /// What it has said by now on both streams, and has not been heard yet.
    pub(crate) fn heard(&mut self) -> String {
        let mut heard = Vec::new();
        for pipe in [&self.stdout, &self.stderr] {
            while let Ok(bytes) = pipe.recv_timeout(Duration::from_millis(10)) {
                heard.extend(bytes);
            }
        }
        String::from_utf8_lossy(&heard).into_owned()
    }

    /// Waits for its end.
    pub(crate) fn wait(mut self) -> Output {
        let end = Instant::now() + PATIENCE;
        let mut collected = [Vec::new(), Vec::new()];
        for (bytes, pipe) in collected.iter_mut().zip([&self.stdout, &self.stderr]) {
            loop {
                match pipe.recv_timeout(end.saturating_duration_since(Instant::now())) {
                    Ok(more) => bytes.extend(more),
                    Err(RecvTimeoutError::Disconnected) => break,
                    Err(RecvTimeoutError::Timeout) => {
                        _ = self.child.kill();
                        panic!(
                            "the program did not end within {PATIENCE:?}; it had said:\n{}",
                            String::from_utf8_lossy(bytes)
                        );
                    }
                }
            }
        }
        let status = self.child.wait().unwrap();
        let [stdout, stderr] =
            collected.map(|bytes| String::from_utf8(bytes).expect("output is UTF-8"));
        Output {
            status: status.code(),
            stdout,
            stderr,
            folder: self.folder.clone(),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// What a run left behind.
pub(crate) struct Output {
    /// The exit code; `None` when a signal ended it.
    pub(crate) status: Option<i32>,
    /// Data.
    pub(crate) stdout: String,
    /// Words for people.
    pub(crate) stderr: String,
    folder: PathBuf,
}

impl Output {
    /// Fails, showing both streams, unless it ended with that code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(
            self.status,
            Some(code),
            "the exit code is not the expected one\n--- stdout\n{}\n--- stderr\n{}",
            self.stdout,
            self.stderr
        );
        self
    }

    /// Fails, showing standard error, unless it holds these words.
    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(
            self.stderr.contains(words),
            "standard error does not say `{words}`, but:\n{}",
            self.stderr
        );
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error} in:\n{}\n{}", self.stdout, self.stderr))
    }

    /// Standard error for a snapshot: without what differs from run to run.
    pub(crate) fn words(&self) -> String {
        normal(&self.stderr, &self.folder)
    }

    /// Standard output for a snapshot.
    pub(crate) fn data(&self) -> String {
        normal(&self.stdout, &self.folder)
    }
}

/// Takes out what differs from run to run: the temporary folder, ports, durations and rates.
fn normal(text: &str, folder: &Path) -> String {
    let text = text.replace(&folder.display().to_string(), "[newsroom]");
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, number) = rest.split_at(at);
        out.push_str(before);
        let length = number
            .find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ','))
            .unwrap_or(number.len());
        let (number, after) = number.split_at(length);
        let word_before = out.ends_with(|c: char| c.is_alphanumeric() || "-_.:".contains(c));
        let unit = ["ms", "s", "letters/s", "/s"].into_iter().find(|unit| {
            let after = after.strip_prefix(' ').unwrap_or(after);
            after
                .strip_prefix(unit)
                .is_some_and(|next| !next.starts_with(|c: char| c.is_alphanumeric()))
        });
        if out.ends_with("127.0.0.1:") {
            out.push_str("[port]");
            out.push_str(number.trim_start_matches(|c: char| c.is_ascii_digit()));
            rest = after;
        } else if let Some(unit) = unit.filter(|_| !word_before) {
            out.push_str(if unit.ends_with("/s") {
                "[rate]"
            } else {
                "[time]"
            });
            rest = &after[after.find(unit).unwrap() + unit.len()..];
        } else {
            out.push_str(number);
            rest = after;
        }
    }
    out + rest
}

mod tests {
    use super::*;

    #[test]
    fn what_differs_is_taken_out() {
        let folder = Path::new("/tmp/newsroom-x");
        let text = "/tmp/newsroom-x/a.toml: 127.0.0.1:41235. 3 accepted in 1.23 s (1,204 letters/s), 2026-08-24T05:45:00s, 12 subscribers, 17ms";
        assert_eq!(
            normal(text, folder),
            "[newsroom]/a.toml: 127.0.0.1:[port]. 3 accepted in [time] ([rate]), 2026-08-24T05:45:00s, 12 subscribers, [time]"
        );
    }
}
