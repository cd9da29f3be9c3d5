//! A program that has been started, and what it left behind.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Instant;

use super::PATIENCE;

/// What came out of which pipe.
pub(super) type Said = (Pipe, Vec<u8>);

/// Standard output or standard error, as an index.
#[derive(Clone, Copy)]
pub(super) enum Pipe {
    Stdout,
    Stderr,
}

/// Reads a pipe on its own thread, so that neither pipe can fill up and block the program.
pub(super) fn read(pipe: Pipe, mut from: impl std::io::Read + Send + 'static, to: Sender<Said>) {
    thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            if to.send((pipe, buffer[..length].to_vec())).is_err() {
                break;
            }
        }
    });
}

/// A program that has been started.
pub(crate) struct Running {
    pub(super) child: Child,
    /// Ends when both pipes do.
    pub(super) pipes: Receiver<Said>,
    /// What came out of each pipe and has not been returned yet.
    pub(super) unread: [Vec<u8>; 2],
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
        self.signal("INT");
    }

    /// What a service manager sends.
    pub(crate) fn terminate(&self) {
        self.signal("TERM");
    }

    fn signal(&self, name: &str) {
        // The shell has `kill` built in; the standard library cannot send a signal, and the house forbids unsafe code.
        let line = format!("kill -{name} {}", self.child.id());
        let status = Command::new("/bin/sh")
            .args(["-c", &line])
            .status()
            .unwrap();
        assert!(status.success(), "the signal did not arrive");
    }

    /// Waits until a line holding `words` comes out of standard error or standard output, and gives that line. What comes behind it is not lost.
    #[track_caller]
    pub(crate) fn says(&mut self, words: &str) -> String {
        loop {
            for bytes in &mut self.unread {
                let text = String::from_utf8_lossy(bytes).into_owned();
                let mut end = 0;
                for line in text
                    .split_inclusive('\n')
                    .filter(|line| line.ends_with('\n'))
                {
                    end += line.len();
                    if line.contains(words) {
                        bytes.drain(..end);
                        return line.trim_end().to_owned();
                    }
                }
            }
            let more = self.hear();
            assert!(
                more,
                "the program never said `{words}`, but:\n{}",
                self.heard()
            );
        }
    }

    /// Waits until those words have been said, whatever was said before and after; all of it is still to be read.
    #[track_caller]
    pub(crate) fn has_said(&mut self, words: &str) {
        while !self
            .unread
            .iter()
            .any(|bytes| String::from_utf8_lossy(bytes).contains(words))
        {
            let more = self.hear();
            assert!(
                more,
                "the program never said `{words}`, but:\n{}",
                self.heard()
            );
        }
    }

    /// Waits for more; `false`: it has ended, or says nothing for too long.
    fn hear(&mut self) -> bool {
        let heard = self.pipes.recv_timeout(PATIENCE);
        let is_more = heard.is_ok();
        for (pipe, bytes) in heard.into_iter().chain(self.pipes.try_iter()) {
            self.unread[pipe as usize].extend(bytes);
        }
        is_more
    }

    /// What it has said by now on both streams, and has not been returned yet.
    pub(crate) fn heard(&mut self) -> String {
        for (pipe, bytes) in self.pipes.try_iter() {
            self.unread[pipe as usize].extend(bytes);
        }
        let unread = std::mem::take(&mut self.unread);
        String::from_utf8_lossy(&unread.concat()).into_owned()
    }

    /// Waits for its end.
    pub(crate) fn wait(mut self) -> Output {
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.pipes.recv_timeout(left) {
                Ok((pipe, bytes)) => self.unread[pipe as usize].extend(bytes),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    _ = self.child.kill();
                    panic!(
                        "the program did not end within {PATIENCE:?}; it had said:\n{}",
                        self.heard()
                    );
                }
            }
        }
        let status = self.child.wait().unwrap();
        let [stdout, stderr] = std::mem::take(&mut self.unread)
            .map(|bytes| String::from_utf8(bytes).expect("output is UTF-8"));
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
