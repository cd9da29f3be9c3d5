//! `[opening]`: a command that writes an edition's opening and subject.

use super::Surroundings;
use super::daily::told;
use crate::model::toml_table::{Problems, TomlTable};

/// The program and what it is given; never empty.
#[derive(Clone, Debug)]
pub struct OpeningCommand {
    pub words: Vec<String>,
    /// All that it is told of the environment.
    pub environment: Vec<(String, String)>,
}

pub(super) fn read(
    table: &mut TomlTable<'_>,
    surroundings: &Surroundings<'_>,
    problems: &Problems,
) -> Option<OpeningCommand> {
    let mut table = table.table("opening", problems)?;
    let before = problems.len();
    let words = table.texts("command", problems).unwrap_or_default();
    let words: Vec<String> = words.into_iter().map(|found| found.value).collect();
    let is_given = words.first().is_some_and(|program| !program.is_empty());
    if !is_given && problems.len() == before {
        let what = "`[opening]` must give `command`: a program and what it is given";
        problems.add_missing(
            table
                .problem_here(what)
                .hint("`command = [\"./opening\", \"--short\"]`"),
        );
    }
    table.finish(problems);
    is_given.then(|| OpeningCommand {
        words,
        environment: told(surroundings),
    })
}
