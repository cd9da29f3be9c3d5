//! `[sections]`: what the paper calls its sections, their order, and which there are.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::MOST_SECTIONS;
use crate::model::line::Line;
use crate::model::toml_table::{Problems, TomlTable};
use crate::source::{LONGEST_SECTION, Sections};

/// The most words that can be renamed.
const MOST_NAMES: usize = 2_000;

/// What `[sections]` says.
#[derive(Default)]
pub(super) struct PaperSections {
    pub(super) sections: Arc<Sections>,
    /// Their order in `top`; `None`: it does not say.
    pub(super) order: Option<Vec<Line>>,
}

pub(super) fn read(table: &mut TomlTable<'_>, problems: &Problems) -> PaperSections {
    let Some(mut table) = table.table("sections", problems) else {
        return PaperSections::default();
    };
    let mut rename = HashMap::new();
    if let Some(mut names) = table.table("rename", problems) {
        let all = names.rest(problems);
        if let Some((one_more, _)) = all.get(MOST_NAMES) {
            let what = format!(
                "at most {MOST_NAMES} names can be renamed, but found {}",
                all.len()
            );
            problems.add(names.problem(one_more.span.clone(), what));
        }
        for (name, text) in all.into_iter().take(MOST_NAMES) {
            let known = Line::clean(&name.value);
            let what = if known.is_empty() {
                "an empty name is no section".to_owned()
            } else if Line::clean(&text.value).as_str().chars().count() > LONGEST_SECTION {
                too_long(&text.value)
            } else if rename
                .insert(known.as_str().to_lowercase(), Line::non_empty(&text.value))
                .is_none()
            {
                continue;
            } else {
                format!("`{}` is renamed twice", Line::clean_to(known.as_str(), 60))
            };
            problems.add(names.problem(name.span, what));
        }
        names.finish(problems);
    }
    let order = names(&mut table, "order", problems);
    let only = names(&mut table, "only", problems).unwrap_or_default();
    table.finish(problems);
    PaperSections {
        sections: Arc::new(Sections { rename, only }),
        order,
    }
}

/// A list of sections, each once and none too long.
pub(super) fn names(
    table: &mut TomlTable<'_>,
    key: &'static str,
    problems: &Problems,
) -> Option<Vec<Line>> {
    let texts = table.texts(key, problems)?;
    if let Some(one_more) = texts.get(MOST_SECTIONS) {
        let what = format!(
            "`{key}` holds at most {MOST_SECTIONS} sections, but found {}",
            texts.len()
        );
        problems.add(table.problem(one_more.span.clone(), what));
    }
    let mut seen = HashSet::new();
    let mut lines = Vec::new();
    for found in texts.into_iter().take(MOST_SECTIONS) {
        let Some(line) = Line::non_empty(&found.value) else {
            continue;
        };
        if line.as_str().chars().count() > LONGEST_SECTION {
            problems.add(table.problem(found.span, too_long(&found.value)));
        } else if seen.insert(line.as_str().to_lowercase()) {
            lines.push(line);
        }
    }
    Some(lines)
}

fn too_long(name: &str) -> String {
    format!(
        "`{}` is too long for a section: expected at most {LONGEST_SECTION} letters",
        Line::clean_to(name, 40)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::problem::Written;

    fn said(text: &str) -> String {
        let problems = Problems::default();
        let mut table = TomlTable::parse(Written::new("c.toml", text), text, &problems);
        let found = read(&mut table, &problems);
        let mut rename: Vec<String> = found
            .sections
            .rename
            .iter()
            .map(|(from, to)| format!("{from} -> {to:?}"))
            .collect();
        rename.sort();
        let lists = [
            format!("{:?}", found.order),
            format!("{:?}", found.sections.only),
        ];
        let problems = problems.into_vec().into_iter().map(|problem| problem.what);
        rename
            .into_iter()
            .chain(lists)
            .chain(problems)
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn the_paper_names_its_sections() {
        insta::assert_snapshot!(said("[sections]\nrename = { \"Dakota Collegiate\" = \"Local\", Social = \"\" }\norder = [\"News\", \"Local\", \"news\"]\nonly = [\"Local\", \"News\"]\n"), @r#"
        dakota collegiate -> Some("Local")
        social -> None
        Some(["News", "Local"])
        ["Local", "News"]
        "#);
        let long = "x".repeat(300);
        let many: Vec<String> = (0..5_000).map(|number| format!("\"{number}\"")).collect();
        let bad = said(&format!(
            "[sections]\nrename = {{ A = \"{long}\", b = 7, B = \"c\", \"\" = \"d\" }}\norder = [\"{long}\"]\nonly = [{}]\nsort = 1\n",
            many.join(",")
        ));
        let names: Vec<String> = (0..3_000)
            .map(|number| format!("n{number} = \"N\""))
            .collect();
        let said_once = said(&format!("[sections.rename]\n{}", names.join("\n")));
        assert_eq!(said_once.lines().count(), 2_000 + 2 + 1, "{said_once}");
        assert!(said_once.ends_with("at most 2000 names can be renamed, but found 3000"));
        for said in [
            "b -> Some(\"c\")",
            "`b` must be a string, but found integer",
            "letters",
            "an empty name is no section",
            "`only` holds at most 150 sections, but found 5000",
            "unknown key `sort`",
        ] {
            assert!(bad.contains(said), "{said}: {bad}");
        }
    }
}
