//! `completions`: for packagers and shells.

use clap::CommandFactory as _;

use super::Exit;
use super::arguments::{Arguments, Completions};
use super::report::Report;

pub(super) fn run(verb: &Completions, report: Report) -> Exit {
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
