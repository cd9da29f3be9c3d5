//! Single lines of `newsdigest.toml`: a program changes them and leaves every other byte as it was.

use std::ops::Range;
use std::path::Path;

use toml::de::DeTable;

use super::{NewsroomError, read_text, write_atomic};
use crate::model::problem::{Problem, Written};
use crate::model::toml_table::quoted;

/// The most bytes of a config file.
pub(super) const LARGEST: u64 = 1_000_000;

const KEY: &str = "subscribers_in";

/// Makes `[newsletter]` say where the list of readers is; `None`: it says nothing about it. Whether the file changed.
///
/// # Errors
/// The file is written in a way that only a person can change, or cannot be read or written; it is as it was then.
pub fn set_subscribers_in(config: &Path, place: Option<&str>) -> Result<bool, NewsroomError> {
    let text = read_text(config, LARGEST)?;
    let shown = config.display().to_string();
    let new = with_place(Written::new(&shown, &text), place)
        .map_err(|problem| NewsroomError::Broken(config.to_owned(), vec![problem]))?;
    if new == text {
        return Ok(false);
    }
    write_atomic(config, new.as_bytes())?;
    Ok(true)
}

fn with_place(written: Written<'_>, place: Option<&str>) -> Result<String, Problem> {
    let hint = match place {
        Some(place) => format!(
            "write `{KEY} = {}` below `[newsletter]` yourself",
            quoted(place)
        ),
        None => format!("take `{KEY}` out of `[newsletter]` yourself"),
    };
    let mut text = written.text.to_owned();
    match (place_of(written, "newsletter", KEY)?, place) {
        (Some(found), Some(place)) => text.replace_range(found.value, &quoted(place)),
        (Some(found), None) => text.replace_range(found.line(written, &hint)?, ""),
        (None, None) => {}
        (None, Some(place)) => {
            let mut at = 0;
            for line in written.text.split_inclusive('\n') {
                at += line.len();
                let words = line.split('#').next().unwrap_or_default();
                if words.split_whitespace().collect::<String>() == "[newsletter]" {
                    let end = if line.ends_with("\r\n") { "\r\n" } else { "\n" };
                    let start = if line.ends_with('\n') { "" } else { "\n" };
                    text.insert_str(at, &format!("{start}{KEY} = {}{end}", quoted(place)));
                    break;
                }
            }
        }
    }
    // What looked like the section may have been part of a longer text.
    let new = Written::new(written.file, &text);
    let says = place_of(new, "newsletter", KEY)?.map(|found| &text[found.value]);
    if says == place.map(quoted).as_deref() {
        Ok(text)
    } else {
        Err(
            Problem::new("`[newsletter]` is written in a way that a program cannot change")
                .hint(hint),
        )
    }
}

/// Where a key of a section is in the text.
pub(super) struct KeyPlace {
    key: Range<usize>,
    value: Range<usize>,
}

/// `None`: the section does not say it.
pub(super) fn place_of(
    written: Written<'_>,
    section: &str,
    key: &str,
) -> Result<Option<KeyPlace>, Problem> {
    let table = DeTable::parse(written.text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        written.problem(span, "this is no TOML")
    })?;
    let section = table.get_ref().get(section);
    let mut keys = section
        .and_then(|section| section.get_ref().as_table())
        .into_iter()
        .flat_map(|table| table.iter());
    let found = keys.find(|(found, _)| &**found.get_ref() == key);
    Ok(found.map(|(key, value)| KeyPlace {
        key: key.span(),
        value: value.span(),
    }))
}

impl KeyPlace {
    /// The whole line or lines, with a comment behind them.
    pub(super) fn line(&self, written: Written<'_>, hint: &str) -> Result<Range<usize>, Problem> {
        let text = written.text;
        let (from, to) = (self.key.start, self.value.end);
        let start = text[..from].rfind('\n').map_or(0, |at| at + 1);
        let end = text[to..].find('\n').map_or(text.len(), |at| to + at + 1);
        let after = text[to..end].trim();
        if !text[start..from].trim().is_empty() || !(after.is_empty() || after.starts_with('#')) {
            let what =
                "this cannot be taken out by a program: it shares its line with something else";
            return Err(written.problem(from..to, what).hint(hint));
        }
        Ok(start..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str, place: Option<&str>) -> Result<String, String> {
        with_place(Written::new("c", text), place).map_err(|problem| problem.what)
    }

    #[test]
    fn one_line_comes_changes_and_goes() {
        let text = "# ours\r\n[newsletter] # the paper\r\nname = \"H\"\r\n[relay]\r\nx = 1\r\n";
        let with = set(text, Some("ledger")).unwrap();
        assert_eq!(
            with,
            "# ours\r\n[newsletter] # the paper\r\nsubscribers_in = \"ledger\"\r\nname = \"H\"\r\n[relay]\r\nx = 1\r\n"
        );
        assert_eq!(set(&with, Some("ledger")).unwrap(), with);
        assert_eq!(set(&with, None).unwrap(), text);
        assert_eq!(set(text, None).unwrap(), text);
        let file = with.replace("\"ledger\"", "'file'   # as ever");
        assert!(
            set(&file, Some("ledger"))
                .unwrap()
                .contains("\"ledger\"   # as ever")
        );
        assert_eq!(
            set("[newsletter]", Some("ledger")).unwrap(),
            "[newsletter]\nsubscribers_in = \"ledger\"\n"
        );
    }

    #[test]
    fn what_only_a_person_can_change_is_left_alone() {
        for (text, place) in [
            ("newsletter = { name = \"H\" }\n", Some("ledger")),
            ("newsletter.name = \"H\"\n", Some("ledger")),
            (
                "a = \"\"\"\n[newsletter]\n\"\"\"\n[newsletter.x]\n",
                Some("ledger"),
            ),
            ("newsletter = { subscribers_in = \"ledger\" }\n", None),
            ("[newsletter\n", Some("ledger")),
        ] {
            assert!(set(text, place).is_err(), "{text}");
        }
    }
}
