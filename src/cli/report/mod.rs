//! The only printer. Standard output is data, standard error is for people. A closed pipe is no error.

use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use super::arguments::GlobalOptions;
use super::exit::Exit;
use crate::model::address::Address;
pub(super) use crate::model::figures::{counted, grouped};
use crate::model::line::Line;
use crate::model::newsletter_name::NewsletterName;
use crate::model::problem::{Problem, system_words};
use crate::model::story::Miss;

/// Where there is no terminal, what takes long says so often how far it is.
pub(super) const EVERY: Duration = Duration::from_secs(10);

/// How much is said, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Report {
    level: Level,
    color: bool,
    again: Again,
    /// Which of several newsletters it speaks of, before each line.
    about: &'static str,
}

/// What a command must name to mean the same newsroom and the same day; empty where nothing need be named.
#[derive(Clone, Copy, Debug, Default)]
struct Again {
    config: &'static str,
    date: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Quiet,
    Normal,
    Verbose,
}

/// Why a verb ended without doing what was asked.
#[derive(Debug)]
pub(super) struct Failure {
    exit: Exit,
    what: What,
    still: Option<String>,
    hint: Option<String>,
}

#[derive(Debug)]
enum What {
    Problems(Vec<Problem>),
    Error(anyhow::Error),
}

impl Failure {
    fn new(what: What) -> Self {
        Self {
            exit: Exit::Problem,
            what,
            still: None,
            hint: None,
        }
    }

    /// Problems in what a person wrote.
    pub(super) fn problems(problems: Vec<Problem>) -> Self {
        Self::new(What::Problems(problems))
    }

    /// Anything else; its causes are printed behind it.
    pub(super) fn error(error: impl Into<anyhow::Error>) -> Self {
        Self::new(What::Error(error.into()))
    }

    /// The same, behind the words for what was tried.
    pub(super) fn trying(
        what: impl Into<String>,
        error: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        Self::error(anyhow::Error::new(error).context(what.into()))
    }

    /// One sentence.
    pub(super) fn says(what: impl Into<String>) -> Self {
        Self::problems(vec![Problem::new(what)])
    }

    /// The same, ending with another code.
    pub(super) fn exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// What is still true, such as "nothing was sent".
    pub(super) fn still(mut self, still: impl Into<String>) -> Self {
        self.still = Some(still.into());
        self
    }

    /// The next step.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl Failure {
    /// What went wrong, in one line, for those who do not read the terminal.
    pub(super) fn words(&self) -> String {
        match &self.what {
            What::Problems(problems) => {
                let all: Vec<&str> = problems
                    .iter()
                    .map(|problem| problem.what.as_str())
                    .collect();
                all.join("; ")
            }
            What::Error(error) => causes(error),
        }
    }
}

/// An error and its causes; a cause that its error has already told is not told again.
fn causes(error: &anyhow::Error) -> String {
    let mut causes: Vec<String> = error
        .chain()
        .map(|cause| {
            let words = cause.to_string();
            if cause.is::<std::io::Error>() {
                system_words(&words)
            } else {
                words
            }
        })
        .collect();
    causes.dedup_by(|later, earlier| earlier.contains(later.as_str()));
    causes.join(": ")
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::error(error)
    }
}

impl Report {
    /// `is_plain`: no colours, whatever standard error is.
    pub(super) fn new(options: &GlobalOptions, is_plain: bool) -> Self {
        let level = match (options.quiet, options.verbose) {
            (true, _) => Level::Quiet,
            (_, true) => Level::Verbose,
            _ => Level::Normal,
        };
        Self {
            level,
            color: std::io::stderr().is_terminal() && !is_plain,
            again: Again::default(),
            about: "",
        }
    }

    /// One that says nothing but failures.
    pub(super) fn silent() -> Self {
        Self {
            level: Level::Quiet,
            color: false,
            again: Again::default(),
            about: "",
        }
    }

    /// From now on every command it prints has these arguments, which name this newsroom and this day, so that it works when it is pasted.
    pub(super) fn about(mut self, config: String, date: String) -> Self {
        // Two short strings that live as long as the program.
        self.again = Again {
            config: config.leak(),
            date: date.leak(),
        };
        self
    }

    /// What it says from now on is about that one of several newsletters.
    pub(super) fn of(mut self, newsletter: Option<&NewsletterName>) -> Self {
        if let Some(newsletter) = newsletter {
            // A newsroom has as many as it has files, each named once by a verb.
            self.about = format!("{newsletter}: ").leak();
        }
        self
    }

    /// Data, for a pipe or a person: always printed.
    #[expect(clippy::unused_self, reason = "whoever may print has a report")]
    pub(super) fn data(self, text: &str) {
        let mut out = std::io::stdout().lock();
        // Whoever closed the pipe has seen enough.
        _ = out
            .write_all(text.as_bytes())
            .and_then(|()| {
                if text.ends_with('\n') || text.is_empty() {
                    Ok(())
                } else {
                    out.write_all(b"\n")
                }
            })
            .and_then(|()| out.flush());
    }

    /// Standard output, for data that is too long to be held at once.
    #[expect(clippy::unused_self, reason = "whoever may print has a report")]
    pub(super) fn stream(self) -> impl std::io::Write {
        std::io::BufWriter::new(std::io::stdout().lock())
    }

    /// A value as indented JSON, to standard output.
    pub(super) fn json(self, value: &impl serde::Serialize) {
        match serde_json::to_string_pretty(value) {
            Ok(text) => self.data(&text),
            Err(error) => self.print(&format!("{} {error}", self.tag("error:", "31"))),
        }
    }

    /// What happened, for a person.
    pub(super) fn say(self, text: impl AsRef<str>) {
        if self.level >= Level::Normal {
            self.print(text.as_ref());
        }
    }

    /// What only the curious want to know.
    pub(super) fn detail(self, text: impl AsRef<str>) {
        if self.level >= Level::Verbose {
            self.print(text.as_ref());
        }
    }

    /// Something that is not as it should be, though the work went on.
    pub(super) fn warn(self, text: impl AsRef<str>) {
        self.print(&format!("{} {}", self.tag("warning:", "33"), text.as_ref()));
    }

    /// A next step, on its own after an empty line.
    pub(super) fn hint(self, text: impl AsRef<str>) {
        if self.level >= Level::Normal {
            self.print(&format!("\n{} {}", self.tag("hint:", "36"), text.as_ref()));
        }
    }

    /// Rows of the ledger that cannot be read; nobody else misses anything.
    pub(super) fn broken(self, rows: &[Line]) {
        for row in rows {
            self.warn(format!(
                "a row of the ledger cannot be read and is left out: {row}"
            ));
        }
    }

    /// Readers whose changes wait until their block in the subscribers file is mended.
    pub(super) fn waiting(self, readers: &[Address]) {
        for address in readers {
            self.warn(format!(
                "the block of {address} in the subscribers file has a problem: what they changed is kept until it is mended"
            ));
        }
    }

    /// The sources that were missed.
    pub(super) fn misses<'a>(self, misses: impl IntoIterator<Item = &'a Miss>) {
        for miss in misses {
            self.warn(format!("{}: {}", miss.source, miss.what));
        }
    }

    /// All problems, each with its place and caret.
    pub(super) fn problems(self, problems: &[Problem]) {
        for (index, problem) in problems.iter().enumerate() {
            let gap = if index == 0 { "" } else { "\n" };
            self.print(&format!("{gap}{} {problem}", self.tag("error:", "31")));
        }
    }

    /// Whether standard error is a terminal that shows progress in place.
    pub(super) fn is_live(self) -> bool {
        self.level >= Level::Normal && std::io::stderr().is_terminal()
    }

    /// Whether anything but failures is wanted.
    pub(super) fn is_quiet(self) -> bool {
        self.level == Level::Quiet
    }

    /// Prints why the verb failed, and gives its exit code.
    pub(super) fn failure(self, failure: &Failure) -> Exit {
        let mut hint = failure.hint.as_deref();
        match &failure.what {
            // The next step is last, behind what is still true.
            What::Problems(problems) if problems.len() == 1 && hint.is_none() => {
                hint = problems[0].hint.as_deref();
                let problem = Problem {
                    hint: None,
                    ..problems[0].clone()
                };
                self.problems(&[problem]);
            }
            What::Problems(problems) => self.problems(problems),
            What::Error(error) => {
                self.print(&format!("{} {}", self.tag("error:", "31"), causes(error)));
            }
        }
        if let Some(still) = &failure.still {
            self.print(still);
        }
        if let Some(hint) = hint {
            self.print(&format!("\n{} {hint}", self.tag("hint:", "36")));
        }
        failure.exit
    }

    fn print(self, text: &str) {
        let mut err = std::io::stderr().lock();
        let text = as_typed(text, self.again);
        let words = text.trim_start_matches('\n');
        let above = &text[..text.len() - words.len()];
        let about = if words.is_empty() { "" } else { self.about };
        _ = writeln!(err, "{above}{about}{words}");
    }

    fn tag(self, word: &str, color: &str) -> String {
        if self.color {
            format!("\u{1b}[1;{color}m{word}\u{1b}[0m")
        } else {
            word.to_owned()
        }
    }
}

/// `text` with every command in backticks as it must be typed here. The verbs that look at one day's edition get the day too.
fn as_typed(text: &str, again: Again) -> String {
    const OF_A_DAY: [&str; 5] = ["draft", "explain", "preview", "proof", "send"];
    let mut pieces = text.split("`newsdigest ");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let command = piece.split('`').next().unwrap_or_default();
        let verb = command.split(' ').next().unwrap_or_default();
        out += "`newsdigest";
        if verb != "init"
            && !["--config", "--sample"]
                .iter()
                .any(|word| command.contains(word))
        {
            out += again.config;
            if OF_A_DAY.contains(&verb) && !command.contains("--date") {
                out += again.date;
            }
        }
        out.push(' ');
        out += piece;
    }
    out
}

/// A line cut or filled to `width` columns.
pub(super) fn column(line: &Line, width: usize) -> String {
    use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};
    let mut out = line.to_string();
    if out.width() > width {
        let mut used = 0;
        out = out
            .chars()
            .take_while(|c| {
                used += c.width().unwrap_or(0);
                used < width
            })
            .collect();
        out.push('…');
    }
    let pad = width.saturating_sub(out.width());
    out + &" ".repeat(pad)
}

#[cfg(test)]
mod tests;
