//! Values that several tables of an edition file have: strings, Markdown, pictures.

use std::fmt::Write as _;

use crate::model::line::{Line, clean_lines};
use crate::model::link::Link;
use crate::model::story::Picture;
use crate::model::toml_table::{Problems, TomlTable};

pub(super) use crate::model::toml_table::{escaped as multi_line, quoted};

/// Reads the keys of a picture; the caller ends the table. `None` only if there is a problem.
pub(super) fn read_picture(table: &mut TomlTable<'_>, problems: &Problems) -> Option<Picture> {
    let before = problems.len();
    let url = table.value("url", problems, Link::parse);
    let (alt, credit) = (table.line("alt", problems), table.line("credit", problems));
    let mut pixels = |key| {
        table
            .whole(key, 1, 20_000, problems)
            .and_then(|n| u32::try_from(n).ok())
    };
    let (width, height) = (pixels("width"), pixels("height"));
    if url.is_none() && problems.len() == before {
        problems.add(table.problem_here("a picture must have a `url`"));
    }
    Some(Picture {
        alt,
        credit,
        width,
        height,
        ..Picture::at(url?)
    })
}

/// Text in Markdown of at most so many characters, cleaned; `None` if nothing is left of it.
pub(super) fn markdown(
    table: &mut TomlTable<'_>,
    key: &'static str,
    longest: usize,
    problems: &Problems,
) -> Option<String> {
    let found = table.text(key, problems)?;
    let text = clean_lines(&found.value);
    if text.chars().count() > longest {
        let what = format!("`{key}` is longer than {longest} characters");
        problems.add(table.problem(found.span, what));
    }
    (!text.is_empty()).then_some(text)
}

/// The keys of a picture, within its braces.
pub(super) fn picture(picture: &Picture) -> String {
    let text = |key: &str, value: &str| format!("{key} = {}", quoted(value));
    let mut parts = vec![text("url", picture.url.as_str())];
    parts.extend(picture.alt.iter().map(|alt| text("alt", alt.as_str())));
    parts.extend(
        picture
            .credit
            .iter()
            .map(|credit| text("credit", credit.as_str())),
    );
    for (key, pixels) in [("width", picture.width), ("height", picture.height)] {
        parts.extend(pixels.map(|pixels| format!("{key} = {pixels}")));
    }
    parts.join(", ")
}

/// A key and its value, if there is one.
pub(super) fn optional(out: &mut String, name: &str, value: Option<&Line>) {
    if let Some(value) = value {
        _ = writeln!(out, "{name} = {}", quoted(value.as_str()));
    }
}
