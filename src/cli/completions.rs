//! `completions` and `man`: for packagers and shells.

use clap::CommandFactory as _;

use super::arguments::{Arguments, CompletionsArgs, ManArgs};
use super::exit::Exit;
use super::report::{Failure, Report};

pub(super) fn run(verb: &CompletionsArgs, report: Report) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(
        verb.shell,
        &mut Arguments::command(),
        "newsdigest",
        &mut script,
    );
    report.data(&String::from_utf8_lossy(&script));
    Exit::Done
}

/// A page for the program and one for every verb.
pub(super) fn man(verb: &ManArgs, report: Report) -> Result<Exit, Failure> {
    let shown = verb.folder.display();
    clap_mangen::generate_to(Arguments::command(), &verb.folder)
        .map_err(|error| Failure::trying(format!("cannot write to `{shown}`"), error))?;
    report.say(format!("the manual pages are in `{shown}`"));
    Ok(Exit::Done)
}
