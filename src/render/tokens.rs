//! The tokens of a template: what `var(--name)` in `style.css` may name.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::model::line::Line;
use crate::model::toml_table::{Found, Problems, TomlTable, nearest};

/// Colors, typefaces and widths by name.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    light: BTreeMap<String, String>,
    dark: BTreeMap<String, String>,
    used: RefCell<BTreeSet<String>>,
    /// Where the file that was read last names them.
    places: BTreeMap<String, Range<usize>>,
}

impl Tokens {
    /// The value of a token; the dark one, if there is one and it is asked for.
    pub(super) fn get(&self, name: &str, dark: bool) -> Option<&str> {
        let light = self.light.get(name)?;
        self.used.borrow_mut().insert(name.to_owned());
        Some(self.dark.get(name).filter(|_| dark).unwrap_or(light))
    }

    /// Sets a token that the program knows, such as the side on which lines start.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.light.insert(name.to_owned(), value.to_owned());
    }

    /// The tokens of the file read last that no rule asked for, and where they are.
    pub(super) fn unused(&self) -> impl Iterator<Item = (&str, Range<usize>)> {
        let used = self.used.borrow();
        let unused = self
            .places
            .iter()
            .filter(move |(name, _)| !used.contains(*name));
        unused.map(|(name, span)| (name.as_str(), span.clone()))
    }

    /// The token that somebody who wrote `name` likely meant.
    pub(super) fn near(&self, name: &str) -> Option<&str> {
        let others = self.light.keys().map(String::as_str);
        nearest(name, others.filter(|other| *other != name))
    }

    /// What a color is called in the template; the first of its names. A rule for dark screens may use a light one.
    pub(super) fn color_name(&self, value: &str, dark: bool) -> Option<&str> {
        let dark = self.dark.iter().filter(|_| dark);
        let (name, _) = dark.chain(&self.light).find(|(_, known)| *known == value)?;
        Some(name)
    }

    /// Reads `[colors]` and `[type]`.
    pub(super) fn read(&mut self, table: &mut TomlTable<'_>, problems: &Problems) {
        self.places.clear();
        if let Some(mut colors) = table.table("colors", problems) {
            let dark = colors.table("dark", problems);
            for (name, value) in colors.rest(problems) {
                check_token(
                    &colors,
                    &name,
                    &value,
                    is_color(&value.value),
                    "a color such as `#1f2328`",
                    problems,
                );
                self.places.insert(name.value.clone(), name.span);
                self.light.insert(name.value, value.value);
            }
            if let Some(mut dark) = dark {
                for (name, value) in dark.rest(problems) {
                    check_token(
                        &dark,
                        &name,
                        &value,
                        is_color(&value.value),
                        "a color such as `#f2efe9`",
                        problems,
                    );
                    if !self.light.contains_key(&name.value) {
                        let shown = Line::clean_to(&name.value, 40);
                        problems.add(dark.problem(
                            name.span,
                            format!("`{shown}` has a dark color but no light one in `[colors]`"),
                        ));
                    }
                    self.dark.insert(name.value, value.value);
                }
            }
        }
        if let Some(mut faces) = table.table("type", problems) {
            for (name, value) in faces.rest(problems) {
                check_token(
                    &faces,
                    &name,
                    &value,
                    is_typeface(&value.value),
                    "typefaces such as `Georgia, serif`",
                    problems,
                );
                self.places.insert(name.value.clone(), name.span);
                self.light.insert(name.value, compact(&value.value));
            }
        }
    }
}

/// Tokens that the program sets itself.
const OUR_OWN: [&str; 6] = ["width", "thumbnail", "half", "first-half", "start", "end"];

fn check_token(
    table: &TomlTable<'_>,
    name: &Found<String>,
    value: &Found<String>,
    good: bool,
    expected: &str,
    problems: &Problems,
) {
    let shown = Line::clean_to(&name.value, 40);
    if OUR_OWN.contains(&name.value.as_str())
        || !name
            .value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    {
        problems.add(table.problem(name.span.clone(), format!("`{shown}` cannot be the name of a token: expected letters, digits, `-` and `_`, and none of `{}`", OUR_OWN.join("`, `"))));
    }
    if !good {
        problems.add(table.problem(
            value.span.clone(),
            format!(
                "`{shown}` must be {expected}, but found `{}`",
                Line::clean_to(&value.value, 60)
            ),
        ));
    }
}

/// Only what every client reads: `#rgb` and `#rrggbb`.
fn is_color(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|digits| {
        matches!(digits.len(), 3 | 6) && digits.bytes().all(|b| b.is_ascii_hexdigit())
    })
}

fn is_typeface(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || " ,-'\"".contains(c))
        && text.matches(['\'', '"']).count().is_multiple_of(2)
}

/// Single quotes, which an attribute may hold, and no space after commas: it is printed often.
fn compact(typefaces: &str) -> String {
    typefaces
        .replace('"', "'")
        .split(',')
        .map(str::trim)
        .collect::<Vec<_>>()
        .join(",")
}
