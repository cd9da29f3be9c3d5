//! A marked block for a sponsor or the house, among the stories and never taken for one.

use super::values::{markdown, read_picture};
use crate::model::line::Line;
use crate::model::link::Link;
use crate::model::story::Picture;
use crate::model::toml_table::{Problems, TomlTable};

/// A `[[notice]]`. No reader's choice of sections takes it away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What it is, in the reader's language: `Advertisement`, `From the editors`. Never empty.
    pub label: Line,
    /// Who paid for it, or speaks in it: printed behind the label.
    pub sponsor: Option<Line>,
    /// Its headline.
    pub headline: Option<Line>,
    /// Above its words.
    pub picture: Option<NoticePicture>,
    /// Its words, in Markdown, cleaned. Never empty.
    pub text: String,
    /// Where it leads.
    pub url: Option<Link>,
    /// Behind which part of the page it is.
    pub after: After,
}

/// The picture of a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticePicture {
    pub light: Picture,
    /// Its variant for dark screens; it says the same and has the same shape.
    pub dark: Option<Link>,
}

/// A part of the page that a notice may be behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum After {
    /// The visible first line.
    Opening,
    /// The editor's words.
    Note,
    /// The first story.
    Lede,
    /// The other top stories.
    #[default]
    Top,
    /// The day's ranking.
    MostRead,
    /// What is new.
    Latest,
}

/// The most notices of an edition.
const MOST: usize = 5;
/// The longest text of one, in characters.
const TEXT: usize = 2_000;

impl After {
    const ALL: [Self; 6] = [
        Self::Opening,
        Self::Note,
        Self::Lede,
        Self::Top,
        Self::MostRead,
        Self::Latest,
    ];

    /// Its name in the edition file and in a template's `blocks`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::Note => "note",
            Self::Lede => "lede",
            Self::Top => "top",
            Self::MostRead => "most_read",
            Self::Latest => "latest",
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|after| after.key() == text);
        found.ok_or_else(|| {
            let names = Self::ALL.map(|after| format!("`{}`", after.key()));
            format!(
                "`{}` is no place for a notice: expected {}",
                Line::clean_to(text, 40),
                names.join(", ")
            )
        })
    }
}

/// Reads every `[[notice]]` of an edition file.
pub(super) fn read(table: &mut TomlTable<'_>, problems: &Problems) -> Vec<Notice> {
    let mut notices = Vec::new();
    for (index, mut table) in table.tables("notice", problems).into_iter().enumerate() {
        if index == MOST {
            problems.add(table.problem_here(format!("an edition has at most {MOST} notices")));
        }
        notices.extend(one(&mut table, problems));
        table.finish(problems);
    }
    notices
}

fn one(table: &mut TomlTable<'_>, problems: &Problems) -> Option<Notice> {
    let before = problems.len();
    let label = table.line("label", problems);
    let sponsor = table.line("sponsor", problems);
    let headline = table.line("headline", problems);
    let text = markdown(table, "text", TEXT, problems);
    let picture = table.table("picture", problems).and_then(|mut table| {
        let light = read_picture(&mut table, problems);
        let dark = table.value("dark", problems, Link::parse);
        table.finish(problems);
        Some(NoticePicture {
            light: light?,
            dark,
        })
    });
    let url = table.value("url", problems, Link::parse);
    let after = table.value("after", problems, After::parse);
    if problems.len() == before {
        if label.is_none() {
            let what = "a notice must have a `label`, so that nobody takes it for a story";
            problems.add_missing(table.problem_here(what).hint("`label = \"Advertisement\"`"));
        }
        if text.is_none() {
            problems.add_missing(table.problem_here("a notice must have a `text`"));
        }
    }
    Some(Notice {
        label: label?,
        sponsor,
        headline,
        picture,
        text: text?,
        url,
        after: after.unwrap_or_default(),
    })
}
