//! `check`: every problem in every file.

use super::Exit;
use super::open::{self, Setting};
use super::report::{Failure, Report, counted};
use crate::checkup;

pub(super) fn run(setting: &Setting, report: Report) -> Result<Exit, Failure> {
    let config = setting.read_config().map_err(|problems| {
        let count = counted(problems.len() as u64, "problem", "problems");
        Failure::problems(problems).still(format!(
            "{count} in `{}`; what it names was not looked at",
            setting.config_file().display()
        ))
    })?;
    let found = open::runtime()?.block_on(checkup::check(&config, setting.now()));
    for path in &found.files {
        report.detail(format!("looked at `{}`", path.display()));
    }
    report.misses(&found.misses);
    for remark in &found.remarks {
        report.say(format!("note: {remark}"));
    }
    let count = found.problems.len() + found.misses.len();
    if count == 0 {
        report.say(format!(
            "{} checked: no problem",
            counted(found.files.len() as u64, "file", "files")
        ));
        return Ok(Exit::Done);
    }
    Err(Failure::problems(found.problems).still(counted(count as u64, "problem", "problems")))
}
