//! What every edition gets when it is drafted: `[[line]]`, `[sign_off]`, `[question]`.

use std::path::Path;

use chrono::TimeDelta;

use super::Surroundings;
use super::layers::Layers;
use crate::day_lines::{Origin, Wanted};
use crate::model::edition::{DayLine, Question, SignOff};
use crate::model::line::Line;
use crate::model::link::Link;
use crate::model::newsletter::Newsletter;
use crate::model::toml_table::{Problems, TomlTable};
use crate::render::{SiteWord, Template};
use crate::select::parse_length;

/// What every edition gets when it is drafted.
#[derive(Clone, Debug, Default)]
pub struct Daily {
    /// Where its lines of the day come from.
    pub lines: Vec<Wanted>,
    pub sign_off: Option<SignOff>,
    /// In the words of the template where the config has none.
    pub question: Option<Question>,
}

/// What a command is told of the environment: where programs are, in which language they speak, how the web is reached.
const TOLD: [&str; 12] = [
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "http_proxy",
    "https_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "no_proxy",
    "NO_PROXY",
];
/// What a command of the newsroom's gets of the environment: no password.
pub(super) fn told(surroundings: &Surroundings<'_>) -> Vec<(String, String)> {
    let value = |name: &&str| Some(((*name).to_owned(), (surroundings.environment)(name)?));
    TOLD.iter().filter_map(value).collect()
}

/// A file that was written longer ago says nothing of this day.
const MAX_AGE: TimeDelta = TimeDelta::hours(24);

pub(super) fn read(
    layers: &mut Layers<'_>,
    home: &Path,
    surroundings: &Surroundings<'_>,
    words: Option<(&Newsletter, &Template)>,
    problems: &Problems,
) -> Daily {
    let otherwise = words.and_then(|(newsletter, template)| {
        let say = |word| Line::non_empty(&template.say(word, &newsletter.name));
        Some(Question {
            text: say(SiteWord::Question)?,
            answers: [say(SiteWord::QuestionYes)?, say(SiteWord::QuestionNo)?],
        })
    });
    let mut lines = Vec::new();
    let tables = layers.of(DayLine::KEY).tables(DayLine::KEY, problems);
    for (index, table) in tables.into_iter().enumerate() {
        if index == DayLine::MOST {
            let what = format!("there are at most {} lines of the day", DayLine::MOST);
            problems.add(table.problem_here(what));
        }
        lines.extend(line(table, home, surroundings, problems));
    }
    Daily {
        lines,
        sign_off: SignOff::read(layers.of(SignOff::KEY), problems),
        question: Question::read(layers.of(Question::KEY), otherwise.as_ref(), problems),
    }
}

fn line(
    mut table: TomlTable<'_>,
    home: &Path,
    surroundings: &Surroundings<'_>,
    problems: &Problems,
) -> Option<Wanted> {
    let before = problems.len();
    let label = table.line("label", problems);
    let url = table.parsed("url", problems, Link::parse);
    let words = table.texts("command", problems).map(|found| {
        let words = found.into_iter().map(|found| found.value);
        words.collect::<Vec<_>>()
    });
    let file = table.text("file", problems);
    let max_age = table.parsed("max_age", problems, parse_length);
    if let Some(found) = max_age.as_ref().filter(|_| file.is_none()) {
        let what = "`max_age` says nothing without `file`";
        problems.add(table.problem(found.span.clone(), what));
    }
    let from = match (words, file) {
        (Some(words), None) if words.first().is_some_and(|program| !program.is_empty()) => {
            Some(Origin::Command {
                words,
                environment: told(surroundings),
            })
        }
        (None, Some(found)) => Some(Origin::File {
            path: home.join(found.value),
            max_age: max_age.map_or(MAX_AGE, |found| found.value),
        }),
        _ => {
            if problems.len() == before {
                let what = "a `[[line]]` must give either `command` or `file`";
                let hint =
                    "`command = [\"./weather\", \"Port Ellery\"]`, or `file = \"weather.txt\"`";
                problems.add_missing(table.problem_here(what).hint(hint));
            }
            None
        }
    };
    table.finish(problems);
    Some(Wanted {
        label,
        url: url.map(|found| found.value),
        from: from?,
    })
}
