//! The voice: parses the command line, calls the work, says what happened. One file a verb; only `report` prints.

mod alert;
mod approve;
mod arguments;
mod bounces;
mod check;
mod clock;
mod completions;
mod correct;
mod desk;
mod dkim;
mod draft;
mod edition;
mod events;
mod exit;
mod explain;
mod failures;
mod findings;
mod form;
mod health;
mod import;
mod init;
mod ledger;
mod open;
mod preview;
mod proof;
mod readership;
mod report;
mod results;
mod schedule;
mod send;
mod serve;
mod status;
mod subscribers;
mod subscribers_list;
mod subscribers_move;
mod subscribers_why;
mod suppress;
mod tally;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::FromArgMatches as _;

use arguments::{Arguments, Verb};
use exit::Exit;
use open::Setting;
use report::{Failure, Report};

use crate::model::stop::Stop;
use crate::model::world::World;

/// Parses `arguments` (the program's name first), runs the verb, prints, and gives the exit code. Clap ends with 2 on wrong usage.
#[must_use]
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let typed: Vec<OsString> = arguments.into_iter().collect();
    let parsed = Arguments::grouped()
        .try_get_matches_from(&typed)
        .and_then(|matches| Arguments::from_arg_matches(&matches)?.sound());
    let arguments = match parsed {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version come this way too; clap knows which stream and which code is right for each.
            _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    if matches!(arguments.verb, Verb::Serve) {
        open::begin_with_one_heap(&typed);
    }
    let is_plain = open::environment("NO_COLOR").is_some_and(|value| !value.is_empty());
    let report = Report::new(&arguments.options, is_plain);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let exit = match runtime {
        Ok(runtime) => {
            let exit = runtime.block_on(begin(arguments, report));
            // Whatever matters was waited for; a name that the system still looks up, or a log half read, does not.
            runtime.shutdown_background();
            exit
        }
        Err(error) => report.failure(&Failure::error(error)),
    };
    ExitCode::from(exit as u8)
}

async fn begin(arguments: Arguments, report: Report) -> Exit {
    let setting = match Setting::new(arguments.options) {
        Ok(setting) => setting,
        Err(failure) => return report.failure(&failure),
    };
    let report = report.about(setting.config_argument(), setting.date_argument());
    if let Some(folder) = setting.sample_folder() {
        report.say(format!("the sample newsroom is in `{}`", folder.display()));
    }
    let verb = &arguments.verb;
    let (stopper, stop) = Stop::new();
    // The other verbs are over at once, and die of Ctrl-C as every program does.
    if let Some(words) = on_stop(verb)
        && let Err(error) = open::listen(stopper, report, words)
    {
        return report.failure(&Failure::error(error));
    }
    let world = setting.world(stop);
    run(verb, &setting, &world, report)
        .await
        .unwrap_or_else(|failure| report.failure(&failure))
}

/// What is said when the stop is asked for, by the verbs that heed it.
const fn on_stop(verb: &Verb) -> Option<&'static str> {
    match verb {
        Verb::Draft(_) | Verb::Proof(_) => Some("stopping; Ctrl-C again stops at once"),
        Verb::Send(_) | Verb::Alert(_) => {
            Some("stopping: letters under way are finished first; Ctrl-C again stops at once")
        }
        Verb::Serve => Some("answering what was asked, then ending"),
        Verb::Preview(_) | Verb::Desk(_) => Some(""),
        _ => None,
    }
}

async fn run(
    verb: &Verb,
    setting: &Setting,
    world: &World,
    report: Report,
) -> Result<Exit, Failure> {
    match verb {
        Verb::Init(verb) => init::run(verb, setting, report),
        Verb::Draft(verb) => Box::pin(draft::run(verb, setting, world, report)).await,
        Verb::Edition(verb) => edition::run(verb, setting, world, report),
        Verb::Explain(verb) => explain::run(verb, setting, world, report).await,
        Verb::Preview(verb) => preview::run(verb, setting, world, report).await,
        Verb::Desk(verb) => preview::desk(&verb.page, setting, world, report).await,
        Verb::Proof(verb) => proof::run(verb, setting, world, report).await,
        Verb::Approve(verb) => approve::run(verb, setting, world, report),
        Verb::Send(verb) => send::run(verb, setting, world, report).await,
        Verb::Alert(verb) => Box::pin(alert::run(verb, setting, world, report)).await,
        Verb::Correct(verb) => correct::run(verb, setting, report),
        Verb::Schedule(verb) => schedule::run(verb, setting, report),
        Verb::Serve => serve::run(setting, world, report).await,
        Verb::Status(verb) => status::run(verb, setting, report),
        Verb::Subscribers(verb) => subscribers::run(verb, setting, report),
        Verb::Form => form::run(setting, report),
        Verb::Ledger(verb) => ledger::run(verb, setting, report),
        Verb::Suppress(verb) => suppress::add(verb, setting, report),
        Verb::Unsuppress(verb) => suppress::lift(verb, setting, report),
        Verb::Bounces(verb) => bounces::run(verb, setting, report),
        Verb::Events => events::run(setting, world, report),
        Verb::Dkim(verb) => dkim::run(verb, setting, report),
        Verb::Readership(verb) => readership::run(verb, setting, report).await,
        Verb::Results(verb) => results::run(verb, setting, report).await,
        Verb::Check(verb) => check::run(verb, setting, report).await,
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
        let help = Arguments::grouped().render_help().to_string();
        for verb in Arguments::command().get_subcommands() {
            let row = format!("\n  {} ", verb.get_name());
            assert!(help.contains(&row), "{row} is in no group:\n{help}");
        }
    }
}
