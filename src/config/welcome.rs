//! `[welcome]`: what a reader gets who has confirmed a sign-up.

use std::path::Path;

use super::{LARGEST, folder};
use crate::ledger::WELCOMES;
use crate::model::edition::{Edition, Slug};
use crate::model::line::Line;
use crate::model::problem::Problem;
use crate::model::toml_table::{Problems, TomlTable, escaped, quoted};

/// The letters of welcome, by number. Where there is no first one, the newest edition is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Welcome(Vec<Option<WelcomeLetter>>);

/// A letter of the newsroom's own words: an edition without stories.
#[derive(Clone, Debug, PartialEq)]
pub struct WelcomeLetter {
    edition: Edition,
}

impl Welcome {
    /// The letter of that number, from 1.
    #[must_use]
    pub fn letter(&self, number: u8) -> Option<&WelcomeLetter> {
        self.0.get(usize::from(number).checked_sub(1)?)?.as_ref()
    }
}

impl WelcomeLetter {
    /// As an edition of that day.
    #[must_use]
    pub fn on(&self, day: Slug) -> Edition {
        Edition {
            slug: day,
            ..self.edition.clone()
        }
    }
}

/// Reads `[welcome]`, and `01.md` to `04.md` in the folder that it names.
pub(super) fn read(table: &mut TomlTable<'_>, home: &Path, problems: &Problems) -> Option<Welcome> {
    let mut table = table.table("welcome", problems)?;
    let mut letters = Vec::new();
    let before = problems.len();
    if let Some(found) = table.text("letters", problems) {
        let folder = home.join(found.value);
        for number in 1..=WELCOMES {
            let file = folder.join(format!("{number:02}.md"));
            let letter = file.exists().then(|| letter(&file, problems));
            letters.push(letter.flatten());
        }
        if letters.iter().all(Option::is_none) && problems.len() == before {
            let what = format!("`{}` has none of `01.md` to `04.md`", folder.display());
            let hint = "a letter begins with its subject, as in `# Welcome`; without `letters` the newest edition is sent";
            problems.add(table.problem(found.span, what).hint(hint));
        }
    }
    table.finish(problems);
    Some(Welcome(letters))
}

fn letter(file: &Path, problems: &Problems) -> Option<WelcomeLetter> {
    let text = match folder::read(file, LARGEST) {
        Ok(text) => text,
        Err(problem) => {
            problems.add(problem);
            return None;
        }
    };
    let shown = file.display().to_string();
    let (first, rest) = text.trim_start().split_once('\n').unwrap_or((&text, ""));
    let subject = first.strip_prefix("# ").map(str::trim).unwrap_or_default();
    if subject.is_empty() || rest.trim().is_empty() {
        let what = format!(
            "`{shown}` must begin with its subject, as in `# Welcome`, and its words below it"
        );
        problems.add(Problem::new(what));
        return None;
    }
    // Read as an edition's are, so that its words are cleaned and bounded in the same way.
    let (subject, words) = (quoted(Line::clean(subject).as_str()), escaped(rest.trim()));
    let written =
        format!("subject = {subject}\nopening = {subject}\nnote = \"\"\"\n{words}\"\"\"\n");
    match Edition::from_toml(Slug::of(chrono::NaiveDate::MIN), &shown, &written) {
        Ok(edition) => Some(WelcomeLetter { edition }),
        Err(found) => {
            problems.extend(found);
            None
        }
    }
}
