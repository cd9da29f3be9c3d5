//! The editor's last words, under their name.

use std::fmt::Write as _;

use super::values::{markdown, multi_line, optional, picture, quoted, read_picture};
use crate::model::line::Line;
use crate::model::story::Picture;
use crate::model::toml_table::{Problems, TomlTable};

/// `[sign_off]`, of the config and of an edition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignOff {
    /// Who signs. Never empty.
    pub name: Line,
    /// What they are: `morning editor`.
    pub role: Option<Line>,
    /// In Markdown, cleaned; never empty.
    pub text: Option<String>,
    /// Their portrait.
    pub picture: Option<Picture>,
}

/// The longest text, in characters.
const TEXT: usize = 1_000;

impl SignOff {
    /// The key of its table.
    pub const KEY: &'static str = "sign_off";

    /// Reads it from the config or an edition file, if it is there.
    pub(crate) fn read(table: &mut TomlTable<'_>, problems: &Problems) -> Option<Self> {
        let mut table = table.table(Self::KEY, problems)?;
        let before = problems.len();
        let name = table.line("name", problems);
        let role = table.line("role", problems);
        let text = markdown(&mut table, "text", TEXT, problems);
        let picture = table.table("picture", problems).and_then(|mut table| {
            let picture = read_picture(&mut table, problems);
            table.finish(problems);
            picture
        });
        if name.is_none() && problems.len() == before {
            let what = "a sign-off must have the `name` of who signs";
            problems.add_missing(table.problem_here(what));
        }
        table.finish(problems);
        Some(Self {
            name: name?,
            role,
            text,
            picture,
        })
    }

    pub(super) fn write(&self, out: &mut String) {
        let name = quoted(self.name.as_str());
        _ = writeln!(out, "\n[{}]\nname = {name}", Self::KEY);
        optional(out, "role", self.role.as_ref());
        if let Some(text) = &self.text {
            _ = writeln!(out, "text = \"\"\"\n{}\"\"\"", multi_line(text));
        }
        if let Some(portrait) = &self.picture {
            _ = writeln!(out, "picture = {{ {} }}", picture(portrait));
        }
    }
}
