//! A temporary newsroom you can draft and send from. Every test gets its own folder and runs the real binary in it.
//!
//! ```ignore
//! let room = Newsroom::new().config("relay", "host = \"127.0.0.1\"\nport = 2525\nsecurity = \"none\"");
//! room.run(&["send"]).exits(0);
//! ```
//!
//! Nothing of the machine leaks in: the environment is empty but for `PATH`, home and temporary folder lie inside, the clock is at
//! [`NOW`]. Nothing sleeps: a run that does not end in [`PATIENCE`] is killed and shown.

mod running;

use std::fmt::Write as _;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, UNIX_EPOCH};

use running::Pipe;
pub(crate) use running::{Output, Running};

/// The clock of every run: 06:45 in Lisbon.
pub(crate) const NOW: &str = "2026-08-24T05:45:00Z";

/// The day of [`NOW`].
pub(crate) const TODAY: &str = "2026-08-24";

/// When its files were written, in seconds since 1970: 2026-08-24T05:30:00Z.
const WRITTEN: u64 = 1_787_549_400;

/// What a person types who has changed their mind.
pub(crate) const CTRL_C: &str = "\u{3}";

/// The longest a run may take before it counts as hanging.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A folder with the files of a newsroom.
pub(crate) struct Newsroom {
    folder: tempfile::TempDir,
    sections: Vec<(String, String)>,
    environment: Vec<(String, String)>,
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
            environment: Vec::new(),
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
        let mut tables = String::new();
        for address in addresses {
            writeln!(tables, "[[subscriber]]\nemail = \"{address}\"\n").unwrap();
        }
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
        let (hour, minute) = (5 - number / 4, 40 - 10 * (number % 4));
        self.file(
            &format!("stories/{number}.toml"),
            format!(
                "[[story]]\nheadline = {headline:?}\nurl = \"https://harbourtimes.example/story-{number}\"\n\
                 section = \"{section}\"\nbyline = \"Ines Duarte\"\ndek = \"What is known about it, in one sentence.\"\n\
                 published = 2026-08-24T0{hour}:{minute}:00Z\n"
            ),
        );
    }

    /// Writes a file, as of a quarter of an hour before [`NOW`]: counts without a time are as old as their file. Folders are made.
    pub(crate) fn file(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut file = fs::File::create(path).unwrap();
        file.write_all(text.as_ref()).unwrap();
        file.set_modified(UNIX_EPOCH + Duration::from_secs(WRITTEN))
            .unwrap();
    }

    /// As [`Newsroom::file`], for the owner's eyes only.
    pub(crate) fn secret(&self, path: &str, text: impl AsRef<[u8]>) {
        self.file(path, text);
        let mine = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        fs::set_permissions(self.path(path), mine).unwrap();
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

    /// Sets a variable for every run.
    pub(crate) fn environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
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

    /// Runs the program at a terminal of so many columns at which that was typed. Gives its exit code and what it showed.
    pub(crate) fn at_a_terminal(
        &self,
        columns: u16,
        arguments: &[&str],
        typed: &str,
    ) -> (i32, String) {
        let (mut terminal, end) = pty_process::blocking::open().unwrap();
        terminal
            .resize(pty_process::Size::new(24, columns))
            .unwrap();
        let mut child = pty_process::blocking::Command::new(env!("CARGO_BIN_EXE_newsdigest"))
            .args(arguments)
            .args(["--now", &self.now])
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", self.path(".home"))
            .env("TMPDIR", self.path(".tmp"))
            .spawn(end)
            .unwrap();
        // Ctrl-C comes when something is asked; whatever else is typed may wait for it.
        let mut is_typed = typed != CTRL_C;
        if is_typed {
            terminal.write_all(typed.as_bytes()).unwrap();
        }
        // A terminal whose program has ended cannot be read any more.
        let mut said = Vec::new();
        let mut buffer = [0; 8192];
        while let Ok(length @ 1..) = terminal.read(&mut buffer) {
            said.extend_from_slice(&buffer[..length]);
            if !is_typed && said.ends_with(b"] ") {
                is_typed = true;
                terminal.write_all(typed.as_bytes()).unwrap();
            }
        }
        let code = child.wait().unwrap().code().unwrap();
        (code, String::from_utf8_lossy(&said).into_owned())
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
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(input)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if !arguments.contains(&"--now") {
            command.args(["--now", &self.now]);
        }
        let mut child = command.spawn().unwrap();
        let (sender, pipes) = std::sync::mpsc::channel();
        let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        running::read(Pipe::Stdout, stdout, sender.clone());
        running::read(Pipe::Stderr, stderr, sender);
        Running {
            child,
            pipes,
            unread: [Vec::new(), Vec::new()],
            folder: self.folder.path().to_owned(),
        }
    }
}

/// How many copies are where, as `status --json` tells it.
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
    fn a_stopped_program_is_seen_as_such() {
        let output = Newsroom::bare().run(&["--help"]);
        assert_eq!(output.status, Some(0));
        let killed = Newsroom::bare().spawn(&["--help"]).kill();
        assert!(killed.status.is_none() || killed.status == Some(0));
    }
}
