//! The voice: parses the command line, calls the work, says what happened. One file a verb; only `report` prints.

mod arguments;
mod bounces;
mod check;
mod clock;
mod completions;
mod dkim;
mod draft;
mod explain;
mod findings;
mod health;
mod import;
mod init;
mod ledger;
mod open;
mod preview;
mod proof;
mod report;
mod schedule;
mod send;
mod serve;
mod status;
mod subscribers;
mod suppress;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;

use arguments::{Arguments, Verb};
use open::Setting;
use report::{Failure, Report};

/// How the program ends. Scripts act on it, so a code never changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    /// What was asked for is done.
    Done = 0,
    /// There is a problem; nothing was sent.
    Problem = 1,
    /// Done, but some were rejected, are in doubt or were given up; or some lines of an import were bad.
    DoneWithRefusals = 3,
    /// Stopped part-way, or another run holds the lock; safe to run again (`EX_TEMPFAIL` of sysexits.h).
    TryAgain = 75,
}

/// Parses `arguments` (the program's name first), runs the verb, prints, and gives the exit code. Clap ends with 2 on wrong usage.
#[must_use]
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments.sound(),
        Err(error) => Err(error),
    };
    let arguments = match arguments {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version come this way too; clap knows which stream and which code is right for each.
            _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let report = Report::new(&arguments.options);
    let exit = match Setting::new(arguments.options) {
        Ok(setting) => {
            let report = report.about(&setting);
            if let Some(folder) = setting.sample_folder() {
                report.say(format!(
                    "the sample newsroom stands in `{}`",
                    folder.display()
                ));
            }
            run(&arguments.verb, &setting, report)
                .unwrap_or_else(|failure| report.failure(&failure))
        }
        Err(failure) => report.failure(&failure),
    };
    ExitCode::from(exit as u8)
}

fn run(verb: &Verb, setting: &Setting, report: Report) -> Result<Exit, Failure> {
    match verb {
        Verb::Init(verb) => init::run(verb, setting, report),
        Verb::Draft(verb) => draft::run(verb, setting, report),
        Verb::Explain(verb) => explain::run(verb, setting, report),
        Verb::Preview(verb) => preview::run(verb, setting, report),
        Verb::Proof(verb) => proof::run(verb, setting, report),
        Verb::Send(verb) => send::run(verb, setting, report),
        Verb::Schedule(verb) => schedule::run(verb, setting, report),
        Verb::Serve => serve::run(setting, report),
        Verb::Status(verb) => status::run(verb, setting, report),
        Verb::Subscribers(verb) => subscribers::run(verb, setting, report),
        Verb::Ledger(verb) => ledger::run(verb, setting, report),
        Verb::Suppress(verb) => suppress::add(verb, setting, report),
        Verb::Unsuppress(verb) => suppress::lift(verb, setting, report),
        Verb::Bounces(verb) => bounces::run(verb, setting, report),
        Verb::Dkim(verb) => dkim::run(verb, setting, report),
        Verb::Check(verb) => check::run(verb, setting, report),
        Verb::Completions(verb) => Ok(completions::run(verb, report)),
        Verb::Man(verb) => completions::man(verb, report),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        use clap::CommandFactory as _;
        Arguments::command().debug_assert();
    }

    #[test]
    fn exit_codes_are_a_promise() {
        let codes = [
            Exit::Done,
            Exit::Problem,
            Exit::DoneWithRefusals,
            Exit::TryAgain,
        ]
        .map(|exit| exit as u8);
        assert_eq!(codes, [0, 1, 3, 75]);
    }
}
