//! The world as the verbs need it: the clock, the environment, the config, the ledger. The only place that asks the machine for them, and so one file.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::signal::unix::{SignalKind, signal};

use super::arguments::GlobalOptions;
use super::exit::Exit;
use super::report::{Failure, Report};
use crate::config::{Config, Newsroom, Surroundings, Unchosen};
use crate::ledger::{Ledger, LedgerError};
use crate::model::edition::Slug;
use crate::model::line::Line;
use crate::model::newsletter_name::NewsletterName;
use crate::model::problem::Problem;
use crate::model::stop::{Stop, Stopper};
use crate::model::world::{NoRandom, Random, World};
use crate::model::zone::{Clock, Zone};
use crate::newsroom::starter;

/// Fresh random bytes, as the machine gives them.
pub(super) const RANDOM: Random = Random(random);

fn random(bytes: &mut [u8]) -> Result<(), NoRandom> {
    aws_lc_rs::rand::fill(bytes).map_err(|_| NoRandom)
}

/// A fresh salt, under which clients in access logs are hashed.
pub(super) fn salt() -> Result<u64, Failure> {
    let salt = RANDOM.bytes()?;
    Ok(u64::from_ne_bytes(salt))
}

/// What the words of a config may refer to on this machine.
fn surroundings() -> Surroundings<'static> {
    Surroundings {
        environment: &environment,
        zoneinfo: Path::new("/usr/share/zoneinfo"),
    }
}

/// What the global options mean.
#[derive(Clone)]
pub(super) struct Setting {
    options: GlobalOptions,
    began: DateTime<Utc>,
    since: Instant,
}

impl Setting {
    /// Reads the clock, or takes `--now`; writes the sample newsroom if it is asked for.
    pub(super) fn new(mut options: GlobalOptions) -> Result<Self, Failure> {
        let began = options.now.unwrap_or_else(system_time);
        if options.sample {
            let folder = tempfile::Builder::new()
                .prefix("newsdigest-sample-")
                .tempdir()
                .map_err(|error| {
                    Failure::error(error).still("the sample newsroom needs a temporary folder")
                })?
                .keep();
            starter::create(&folder, &starter::files(began, &Zone::utc()))?;
            options.config = folder.join("newsdigest.toml");
        }
        Ok(Self {
            options,
            began,
            since: Instant::now(),
        })
    }

    /// The instant it is: `--now`, moving on with the machine's clock.
    pub(super) fn now(&self) -> DateTime<Utc> {
        later(self.began, self.since)
    }

    /// The same, for work that takes a while: the machine's clock itself unless `--now` was given, for a machine that sleeps counts no time.
    pub(super) fn clock(&self) -> Clock {
        let (began, since) = (self.began, self.since);
        match self.options.now {
            Some(_) => Arc::new(move || later(began, since)),
            None => Arc::new(system_time),
        }
    }

    /// What work needs that takes a while.
    pub(super) fn world(&self, stop: Stop) -> World {
        World {
            clock: self.clock(),
            random: RANDOM,
            stop,
            who: ["USER", "LOGNAME"]
                .into_iter()
                .find_map(environment)
                .and_then(|name| Line::non_empty(&name)),
            turn: Arc::default(),
        }
    }

    /// Whether data is wanted as JSON.
    pub(super) fn json(&self) -> bool {
        self.options.json
    }

    /// The config file as named.
    pub(super) fn config_file(&self) -> &Path {
        &self.options.config
    }

    /// The config of the newsletter that is meant, read anew.
    pub(super) fn config(&self) -> Result<Config, Failure> {
        self.chosen()?.map_err(config_broken)
    }

    /// The same, or its problems, for whoever waits until they are mended.
    ///
    /// # Errors
    /// Nobody knows which newsletter is meant.
    pub(super) fn chosen(&self) -> Result<Result<Config, Vec<Problem>>, Failure> {
        let wanted = self.options.newsletter.as_ref();
        let chosen = self.read_newsroom().map(|all| all.into_one(wanted));
        let unchosen = match chosen {
            Ok(Ok(config)) => return Ok(Ok(config)),
            Err(problems) | Ok(Err(Unchosen::Broken(problems))) => return Ok(Err(problems)),
            Ok(Err(unchosen)) => unchosen,
        };
        Err(not_chosen(&unchosen))
    }

    /// The config of the newsletter that is meant, once it is known that one is.
    pub(super) fn read_config(&self) -> Result<Config, Vec<Problem>> {
        self.chosen()
            .unwrap_or_else(|failure| Err(vec![Problem::new(failure.words())]))
    }

    /// The config of the alerts.
    pub(super) fn alerts(&self) -> Result<Config, Failure> {
        match self.newsroom()?.alerts {
            Some(Ok(config)) => Ok(*config),
            Some(Err(problem)) => Err(config_broken(vec![problem])),
            None => Err(Failure::says(format!(
                "`{}` has no `[alerts]`",
                self.options.config.display()
            ))
            .still("nothing was frozen or sent")
            .hint("`[alerts]` with `name = \"Harbour alerts\"` is all that it takes")),
        }
    }

    /// The config of what is named, alerts too.
    pub(super) fn config_or_alerts(&self) -> Result<Config, Failure> {
        match self.newsroom()?.alerts {
            Some(Ok(config)) if self.options.newsletter == config.name => Ok(*config),
            _ => self.config(),
        }
    }

    /// The config for what all newsletters share: that of the newsletter that is named, else of the first.
    pub(super) fn shared_config(&self) -> Result<Config, Failure> {
        if self.options.newsletter.is_some() {
            return self.config();
        }
        let newsroom = self.newsroom()?;
        let problems = newsroom.problems();
        let first = newsroom.newsletters.into_iter().next();
        first.ok_or_else(|| config_broken(problems))
    }

    /// The configs of the newsletters that are meant: of the one that is named, else of all that can be used; and the problems of the others.
    pub(super) fn meant(&self) -> Result<(Vec<Config>, Vec<Problem>), Failure> {
        if self.options.newsletter.is_some() {
            return Ok((vec![self.config()?], Vec::new()));
        }
        let newsroom = self.newsroom()?;
        let problems = newsroom.problems();
        Ok((newsroom.newsletters, problems))
    }

    /// All newsletters, read anew.
    pub(super) fn newsroom(&self) -> Result<Newsroom, Failure> {
        self.read_newsroom().map_err(config_broken)
    }

    /// All newsletters, read anew, or the problems that keep all of them from being used.
    pub(super) fn read_newsroom(&self) -> Result<Newsroom, Vec<Problem>> {
        read_newsroom(&self.options.config)
    }

    /// The edition meant: `--date`, else the one that it is time for.
    pub(super) fn slug(&self, config: &Config) -> Slug {
        self.options
            .date
            .clone()
            .unwrap_or_else(|| config.edition(self.now()))
    }

    /// The edition that `--date` names, if it was given.
    pub(super) fn date(&self) -> Option<Slug> {
        self.options.date.clone()
    }

    /// Where the sample newsroom was written, if one was asked for.
    pub(super) fn sample_folder(&self) -> Option<&Path> {
        self.options
            .sample
            .then(|| self.options.config.parent())
            .flatten()
    }

    /// ` --config FILE --newsletter NAME` where the person must type them again, for hints.
    pub(super) fn config_argument(&self) -> String {
        let mut again = if self.options.config == Path::new("newsdigest.toml") {
            String::new()
        } else {
            format!(" --config {}", for_shell(&self.options.config))
        };
        if let Some(newsletter) = &self.options.newsletter {
            again.push_str(" --newsletter ");
            again.push_str(newsletter.as_str());
        }
        again
    }

    /// The newsletter that was named.
    pub(super) const fn newsletter(&self) -> Option<&NewsletterName> {
        self.options.newsletter.as_ref()
    }

    /// The same for one of several newsletters.
    pub(super) fn of(&self, newsletter: Option<&NewsletterName>) -> Self {
        let mut setting = self.clone();
        if newsletter.is_some() {
            setting.options.newsletter = newsletter.cloned();
        }
        setting
    }

    /// The same for that edition.
    pub(super) fn on(&self, slug: Slug) -> Self {
        let mut setting = self.clone();
        setting.options.date = Some(slug);
        setting
    }

    /// ` --date DAY` where it was given, for hints.
    pub(super) fn date_argument(&self) -> String {
        self.options
            .date
            .as_ref()
            .map_or_else(String::new, |slug| format!(" --date {slug}"))
    }
}

/// The newsletters of that config file.
pub(super) fn read_newsroom(config: &Path) -> Result<Newsroom, Vec<Problem>> {
    Newsroom::read(config, &surroundings())
}

/// That config file as one newsletter, whatever lies beside it.
pub(super) fn read_as_one(config: &Path) -> Result<Config, Vec<Problem>> {
    Newsroom::read_as_one(config, &surroundings())
}

fn config_broken(problems: Vec<Problem>) -> Failure {
    Failure::problems(problems).still("nothing was changed or sent")
}

/// What is said where a verb is for one newsletter, and nobody knows for which.
fn not_chosen(unchosen: &Unchosen) -> Failure {
    let list = |names: &[NewsletterName]| {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        names.join(", ")
    };
    let (what, hint) = match unchosen {
        Unchosen::Several(names) => (
            format!("which newsletter? There are {}", list(names)),
            "`--newsletter NAME` says which; `draft --all` and `send --all` are for all of them"
                .to_owned(),
        ),
        Unchosen::Unknown(wanted, names) => (
            format!("there is no newsletter `{wanted}`"),
            match &names[..] {
                [] => "this newsroom has one newsletter: leave `--newsletter` out".to_owned(),
                names => format!("there are {}", list(names)),
            },
        ),
        Unchosen::Broken(problems) => return config_broken(problems.clone()),
    };
    Failure::says(what)
        .exit(Exit::Usage)
        .still("nothing was changed or sent")
        .hint(hint)
}

/// A path as a shell takes it: quoted where it has to be.
pub(super) fn for_shell(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/._-+:@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) && !text.starts_with('-') {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// The ledger, made if there is none.
pub(super) fn ledger(config: &Config) -> Result<Ledger, Failure> {
    Ledger::open(&config.ledger).map_err(no_ledger)
}

/// The ledger if there is one: looking at things writes no file.
pub(super) fn ledger_if_any(config: &Config) -> Result<Option<Ledger>, Failure> {
    Ledger::open_if_any(&config.ledger).map_err(no_ledger)
}

pub(super) fn no_ledger(error: LedgerError) -> Failure {
    let hint = error.hint();
    let exit = if matches!(error, LedgerError::Missing(_)) {
        Exit::TryAgain
    } else {
        Exit::Problem
    };
    let failure = Failure::error(error)
        .exit(exit)
        .still("nothing was changed or sent");
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// glibc gives threads heaps of their own, and each keeps what was freed in it: `serve` with twenty newsletters took four times the memory that it
/// needs. The setting is read when a program begins, so `serve` begins once more, as the same process. Where that cannot be, it goes on as it is;
/// whoever set it themselves knows why.
pub(super) fn begin_with_one_heap(typed: &[OsString]) {
    const HEAPS: &str = "MALLOC_ARENA_MAX";
    let is_set = !cfg!(target_env = "gnu") || environment(HEAPS).is_some();
    if let (false, Ok(program), [name, arguments @ ..]) = (is_set, std::env::current_exe(), typed) {
        let mut again = Command::new(program);
        _ = again.arg0(name).args(arguments).env(HEAPS, "1").exec();
    }
}

/// Asks for the stop at the first Ctrl-C (or SIGTERM), and says so; the second one ends the program at once, as if killed: the ledger bears
/// it.
pub(super) fn listen(stopper: Stopper, report: Report, words: &'static str) -> io::Result<()> {
    let (mut interrupt, mut terminate) = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    );
    tokio::spawn(async move {
        for asked in 0.. {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if asked > 0 {
                #[expect(
                    clippy::exit,
                    reason = "a person who asks twice wants it now; whatever was being handed over is in doubt, and the next run says so"
                )]
                std::process::exit(Exit::TryAgain as i32);
            }
            report.say(words);
            stopper.ask();
        }
    });
    Ok(())
}

fn later(began: DateTime<Utc>, since: Instant) -> DateTime<Utc> {
    began + TimeDelta::from_std(since.elapsed()).unwrap_or_default()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the program asks for the time"
)]
fn system_time() -> DateTime<Utc> {
    Utc::now()
}

/// An environment variable, if it is set and is text.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the program reads its environment"
)]
pub(super) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Begun eight hours ago, of which the program has seen none.
    fn asleep(is_now_given: bool) -> TimeDelta {
        let began = system_time() - TimeDelta::hours(8);
        let options = GlobalOptions {
            config: "newsdigest.toml".into(),
            newsletter: None,
            sample: false,
            date: None,
            now: is_now_given.then_some(began),
            json: false,
            quiet: false,
            verbose: false,
        };
        let setting = Setting {
            options,
            began,
            since: Instant::now(),
        };
        (setting.clock())() - began
    }

    /// A laptop that is closed at seven in mid-send and opened at three: `not_after` has passed, though no time has for the program.
    #[test]
    fn a_machine_that_slept_knows_how_late_it_is() {
        assert!(asleep(false) >= TimeDelta::hours(8));
        assert!(asleep(true) < TimeDelta::hours(1));
    }
}
