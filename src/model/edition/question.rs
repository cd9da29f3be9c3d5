//! What readers are asked at the end of a letter. Each answer is a link to a page on which a button counts it.

use std::fmt::Write as _;

use super::values::quoted;
use crate::model::line::Line;
use crate::model::toml_table::{Problems, TomlTable};

/// `[question]`, of the config and of an edition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Never empty.
    pub text: Line,
    /// None of them empty, and each another.
    pub answers: [Line; 2],
}

/// Characters of a question, and of an answer: it is to be read at a glance.
const LONGEST: [usize; 2] = [120, 40];

impl Question {
    /// The key of its table.
    pub const KEY: &'static str = "question";

    /// Reads it from the config or an edition file, if it is there. What the file does not say is `otherwise`; without that it must.
    pub(crate) fn read(
        table: &mut TomlTable<'_>,
        otherwise: Option<&Self>,
        problems: &Problems,
    ) -> Option<Self> {
        let mut table = table.table(Self::KEY, problems)?;
        let before = problems.len();
        let text = table.text("text", problems).and_then(|found| {
            let text = Line::non_empty(&found.value)?;
            if text.as_str().chars().count() > LONGEST[0] {
                let what = format!("a question has at most {} characters", LONGEST[0]);
                problems.add(table.problem(found.span, what));
            }
            Some(text)
        });
        let answers = answers(&mut table, problems);
        let text = text.or_else(|| Some(otherwise?.text.clone()));
        let answers = answers.or_else(|| Some(otherwise?.answers.clone()));
        if (text.is_none() || answers.is_none()) && problems.len() == before {
            let what = "a question must have a `text` and two `answers`";
            let hint = "`answers = [\"Yes, it was\", \"Not today\"]`";
            problems.add_missing(table.problem_here(what).hint(hint));
        }
        table.finish(problems);
        Some(Self {
            text: text?,
            answers: answers?,
        })
    }

    pub(super) fn write(&self, out: &mut String) {
        let [text, yes, no] =
            [&self.text, &self.answers[0], &self.answers[1]].map(|line| quoted(line.as_str()));
        _ = writeln!(
            out,
            "\n[{}]\ntext = {text}\nanswers = [{yes}, {no}]",
            Self::KEY
        );
    }
}

fn answers(table: &mut TomlTable<'_>, problems: &Problems) -> Option<[Line; 2]> {
    let found = table.texts("answers", problems)?;
    let span = found.first().map(|first| first.span.clone());
    let lines: Vec<Line> = found
        .iter()
        .filter_map(|found| Line::non_empty(&found.value))
        .collect();
    let short = |line: &Line| line.as_str().chars().count() <= LONGEST[1];
    match <[Line; 2]>::try_from(lines) {
        Ok([a, b]) if a != b && short(&a) && short(&b) => Some([a, b]),
        _ => {
            let what = format!(
                "`answers` must be two different answers of at most {} characters each",
                LONGEST[1]
            );
            problems.add(match span {
                Some(span) => table.problem(span, what),
                None => table.problem_here(what),
            });
            None
        }
    }
}
