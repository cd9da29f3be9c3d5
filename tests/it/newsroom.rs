//! A temporary newsroom you can draft and send from. Every test gets its own folder and runs the real binary in it.
//!
//! ```ignore
//! let room = Newsroom::new().config("relay", "host = \"127.0.0.1\"\nport = 2525\nsecurity = \"none\"");
//! room.run(&["send"]).exits(0);
//! ```
//!
//! Nothing of the machine leaks in: the environment is empty but for `PATH`, home and temporary folder lie inside, the clock stands at
//! [`NOW`]. Nothing sleeps: a run that does not end in [`PATIENCE`] is killed and shown.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// The clock of every run: 06:45 in Lisbon.
pub(crate) const NOW: &str = "2026-08-24T05:45:00Z";

/// The day of [`NOW`].
pub(crate) const TODAY: &str = "2026-08-24";

/// The longest a run may take before it counts as hanging.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A folder with the files of a newsroom.
pub(crate) struct Newsroom {
    folder: tempfile::TempDir,
    sections: Vec<(String, String)>,
    now: String,
}

impl Newsroom {
    /// The Harbour: six stories, their views, three subscribers, an outbox.
    pub(crate) fn new() -> Self {
        let room = Self::bare()
            .config(
                "newsletter",
                r#"id = "harbour"
name = "Harbour in your inbox"
from = "The Harbour Times <digest@harbourtimes.example>"
site = "https://harbourtimes.example/"
address = "1 Quay Street, Port Ellery"
unsubscribe = "mailto:leave@harbourtimes.example"
time_zone = "Europe/Lisbon""#,
            )
            .config("[source]", "stories = \"stories/*.toml\"")
            .config("[readership]", "counts = \"views.csv\"");
        for (number, (headline, section)) in [
            ("Ferry fares rise on Monday", "News"),
            ("The fish market moves indoors", "Business"),
            ("A very fat seal blocks the slipway", "News"),
            ("Rowers win the river cup", "Sport"),
            ("Why the tide tables were wrong", "Opinion"),
            ("The library opens on Sundays", "City"),
        ]
        .into_iter()
        .enumerate()
        {
            room.story(number + 1, headline, section);
        }
        room.file(
            "views.csv",
            "url,views\n\
             https://harbourtimes.example/story-1,1204\n\
             https://harbourtimes.example/story-2,310\n\
             https://harbourtimes.example/story-3,2950\n\
             https://harbourtimes.example/story-4,77\n",
        );
        room.subscribers(&["ada@example.org", "bob@example.org", "cleo@example.net"])
    }

    /// A folder without any file.
    pub(crate) fn bare() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("newsroom-")
            .tempdir()
            .unwrap();
        for inner in [".home", ".tmp"] {
            fs::create_dir(folder.path().join(inner)).unwrap();
        }
        Self {
            folder,
            sections: Vec::new(),
            now: NOW.to_owned(),
        }
    }

    /// Writes one section of `newsdigest.toml`, in place of the one of that name: `config("relay", "host = ..")`; a name in brackets
    /// (`"[source]"`) makes it one of a list. The others stay.
    pub(crate) fn config(mut self, section: &str, lines: &str) -> Self {
        let lines = lines.to_owned();
        match self.sections.iter_mut().find(|(name, _)| name == section) {
            Some((_, old)) => *old = lines,
            None => self.sections.push((section.to_owned(), lines)),
        }
        let mut text = String::new();
        for (name, lines) in &self.sections {
            writeln!(text, "[{name}]\n{lines}\n").unwrap();
        }
        self.file("newsdigest.toml", &text);
        self
    }

    /// Letters go to that SMTP server, over so many connections; a deferred letter is tried again after a second.
    pub(crate) fn relay(self, port: u16, connections: usize) -> Self {
        self.config(
            "relay",
            &format!(
                "host = \"127.0.0.1\"\nport = {port}\nsecurity = \"none\"\nconnections = {connections}\nretry_after = \"1s\""
            ),
        )
    }

    /// Writes the subscribers file anew.
    pub(crate) fn subscribers(self, addresses: &[&str]) -> Self {
        let tables: String = addresses
            .iter()
            .map(|address| format!("[[subscriber]]\nemail = \"{address}\"\n\n"))
            .collect();
        self.file("subscribers.toml", &tables);
        self
    }

    /// `reader0@example.org` and so on.
    pub(crate) fn many_subscribers(self, count: usize) -> Self {
        let all: Vec<String> = (0..count)
            .map(|n| format!("reader{n}@example.org"))
            .collect();
        self.subscribers(&all.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// Writes `stories/NUMBER.toml`; the higher the number, the older the story.
    pub(crate) fn story(&self, number: usize, headline: &str, section: &str) {
        let (hour, minute) = (5 - number / 4, 50 - 10 * (number % 4));
        self.file(
            &format!("stories/{number}.toml"),
            &format!(
                "[[story]]\nheadline = {headline:?}\nurl = \"https://harbourtimes.example/story-{number}\"\n\
                 section = \"{section}\"\nbyline = \"Ines Duarte\"\ndek = \"What is known about it, in one sentence.\"\n\
                 published = 2026-08-24T0{hour}:{minute}:00Z\n"
            ),
        );
    }

    /// Writes a file; folders are made.
    pub(crate) fn file(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A place in the folder.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// The text of a file that must be there.
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Whether there is such a file.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.path(path).exists()
    }

    /// The names in a folder, sorted; none when there is no such folder.
    pub(crate) fn list(&self, path: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path(path)) else {
            return Vec::new();
        };
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// The same newsroom at another time.
    pub(crate) fn at(mut self, now: &str) -> Self {
        now.clone_into(&mut self.now);
        self
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.spawn(arguments).wait()
    }

    /// Runs the program with something on its standard input.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Output {
        let mut running = self.start(arguments, Stdio::piped());
        // A program that ends without reading leaves a broken pipe, which is its right.
        _ = running
            .child
            .stdin
            .take()
            .unwrap()
            .write_all(input.as_bytes());
        running.wait()
    }

    /// Starts the program. Dropped, it is killed.
    pub(crate) fn spawn(&self, arguments: &[&str]) -> Running {
        self.start(arguments, Stdio::null())
    }

    fn start(&self, arguments: &[&str], input: Stdio) -> Running {
        let mut command = Command::new(env!("CARGO_BIN_EXE_newsdigest"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", self.path(".home"))
            .env("TMPDIR", self.path(".tmp"))
            .stdin(input)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if !arguments.contains(&"--now") {
            command.args(["--now", &self.now]);
        }
        let mut child = command.spawn().unwrap();
        let stdout = reader(child.stdout.take().unwrap());
        let stderr = reader(child.stderr.take().unwrap());
        Running {
            child,
            stdout,
            stderr,
            folder: self.folder.path().to_owned(),
        }
    }
}

/// Reads a pipe on its own thread, so that neither pipe can fill up and block the program.
fn reader(mut pipe: impl std::io::Read + Send + 'static) -> Receiver<Vec<u8>> {
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
    child: Child,
    stdout: Receiver<Vec<u8>>,
    stderr: Receiver<Vec<u8>>,
    folder: PathBuf,
}

impl Running {
    /// `kill -9`: no destructor runs, no file is closed in order. Gives what it had said.
    pub(crate) fn kill(mut self) -> Output {
        self.child.kill().unwrap();
        self.wait()
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
    pub(crate) fn says(&mut self, words: &str) -> String {
        let end = Instant::now() + PATIENCE;
        let mut said = String::new();
        while Instant::now() < end {
            for pipe in [&self.stderr, &self.stdout] {
                if let Ok(bytes) = pipe.recv_timeout(Duration::from_millis(20)) {
                    said.push_str(&String::from_utf8_lossy(&bytes));
                }
            }
            if let Some(line) = said.lines().find(|line| line.contains(words)) {
                return line.to_owned();
            }
        }
        panic!("the program never said `{words}`, but:\n{said}");
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

/// How many copies stand where, as `status --json` tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
pub(crate) struct Tally {
    pub(crate) subscribers: u64,
    pub(crate) accepted: u64,
    pub(crate) rejected: u64,
    pub(crate) queued: u64,
    pub(crate) in_doubt: u64,
    pub(crate) given_up: u64,
    pub(crate) left_out: u64,
}

impl Newsroom {
    /// The tally of today's edition as it was sent to a relay, which must balance.
    #[track_caller]
    pub(crate) fn tally(&self) -> Tally {
        let json = self.run(&["status", TODAY, "--json"]).exits(0).json();
        let runs = json
            .as_array()
            .expect("`status --json` gives a list of runs");
        let run = runs
            .iter()
            .find(|run| run["target"] == "relay")
            .expect("no run to a relay");
        let tally: Tally = serde_json::from_value(run["tally"].clone()).expect("a tally");
        let sum = tally.accepted
            + tally.rejected
            + tally.queued
            + tally.in_doubt
            + tally.given_up
            + tally.left_out;
        assert_eq!(
            tally.subscribers, sum,
            "the tally does not balance: {tally:?}"
        );
        tally
    }
}

mod tests {
    use super::*;

    #[test]
    fn sections_are_replaced_and_kept() {
        let room = Newsroom::bare()
            .config("newsletter", "name = \"a\"")
            .config("[source]", "feed = \"x\"")
            .config("newsletter", "name = \"b\"");
        assert_eq!(
            room.read("newsdigest.toml"),
            "[newsletter]\nname = \"b\"\n\n[[source]]\nfeed = \"x\"\n\n"
        );
    }

    #[test]
    fn the_files_are_toml() {
        let room = Newsroom::new().relay(2525, 2).many_subscribers(3);
        for path in [
            "newsdigest.toml",
            "subscribers.toml",
            "stories/1.toml",
            "stories/6.toml",
        ] {
            room.read(path)
                .parse::<toml_edit::DocumentMut>()
                .unwrap_or_else(|error| panic!("{path}: {error}"));
        }
        assert_eq!(room.list("stories").len(), 6);
        assert!(room.list("editions").is_empty() && !room.has("editions"));
    }

    #[test]
    fn what_differs_is_taken_out() {
        let folder = Path::new("/tmp/newsroom-x");
        let text = "/tmp/newsroom-x/a.toml: 127.0.0.1:41235. 3 accepted in 1.23 s (1,204 letters/s), 2026-08-24T05:45:00s, 12 subscribers, 17ms";
        assert_eq!(
            normal(text, folder),
            "[newsroom]/a.toml: 127.0.0.1:[port]. 3 accepted in [time] ([rate]), 2026-08-24T05:45:00s, 12 subscribers, [time]"
        );
    }

    #[test]
    fn a_stopped_program_is_seen_as_such() {
        let output = Newsroom::bare().run(&["--help"]);
        assert_eq!(output.status, Some(0));
        let killed = Newsroom::bare().spawn(&["--help"]).kill();
        assert!(killed.status.is_none() || killed.status == Some(0));
    }
}
