//! A line of the day: the weather, the markets, a number.

use std::fmt::Write as _;

use super::values::{optional, quoted};
use crate::model::line::Line;
use crate::model::link::Link;
use crate::model::toml_table::{Problems, TomlTable};

/// A `[[line]]` of an edition. The config says where it comes from; it is drawn when the edition is drafted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayLine {
    /// What it is about: `Weather`.
    pub label: Option<Line>,
    /// At most [`DayLine::LONGEST`] characters; never empty.
    pub text: Line,
    /// Where more is to be read.
    pub url: Option<Link>,
}

impl DayLine {
    /// The key of its table.
    pub const KEY: &'static str = "line";
    /// The most of them.
    pub const MOST: usize = 3;
    /// Characters.
    pub const LONGEST: usize = 120;

    /// Reads every `[[line]]` of an edition file.
    pub(super) fn read(table: &mut TomlTable<'_>, problems: &Problems) -> Vec<Self> {
        let mut lines = Vec::new();
        for (index, mut table) in table.tables(Self::KEY, problems).into_iter().enumerate() {
            if index == Self::MOST {
                let what = format!("an edition has at most {} lines of the day", Self::MOST);
                problems.add(table.problem_here(what));
            }
            let before = problems.len();
            let label = table.line("label", problems);
            let text = table.line("text", problems);
            let url = table.value("url", problems, Link::parse);
            match text {
                Some(text) => lines.push(Self {
                    label,
                    text: Line::clean_to(text.as_str(), Self::LONGEST),
                    url,
                }),
                None if problems.len() == before => {
                    let what = "a line of the day must have a `text`";
                    problems.add_missing(table.problem_here(what));
                }
                None => {}
            }
            table.finish(problems);
        }
        lines
    }

    pub(super) fn write(&self, out: &mut String) {
        _ = writeln!(out, "\n[[{}]]", Self::KEY);
        optional(out, "label", self.label.as_ref());
        _ = writeln!(out, "text = {}", quoted(self.text.as_str()));
        if let Some(url) = &self.url {
            _ = writeln!(out, "url = {}", quoted(url.as_str()));
        }
    }
}
