//! A newsroom of one newsletter becomes one of several; and another newsletter comes beside it.
//!
//! | killed | what is found | what the same command does |
//! |---|---|---|
//! | while editions are linked | editions in both folders; the newsroom works as before | links the rest |
//! | with the new file in place, and the old name still in `newsdigest.toml` | a config with a problem: nothing is sent | takes the name out |
//! | later | editions in both folders | removes the old names |
//!
//! The ledger, the keys and the list of readers stay as they are: the newsletter keeps its id.

use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::config_lines::{LARGEST, place_of};
use super::editions::FOLDER;
use super::write::{make_folder, write_atomic, write_new};
use super::{NewsroomError, read_text};
use crate::model::edition::Slug;
use crate::model::newsletter_name::NewsletterName;
use crate::model::problem::{Problem, Written};
use crate::model::toml_table::quoted;

/// The folder of the newsletters' own files, in a newsroom's folder.
pub const NEWSLETTERS: &str = "newsletters";

/// The only newsletter, as it was.
pub struct OnlyNewsletter<'a> {
    /// `newsdigest.toml`.
    pub config: &'a Path,
    pub id: &'a str,
    /// What readers call it.
    pub title: &'a str,
}

/// Writes the file of a further newsletter, for a person to fill, and says where it is.
///
/// # Errors
/// It is there already, or cannot be written.
pub fn add(home: &Path, name: &NewsletterName) -> Result<PathBuf, NewsroomError> {
    let path = own_file(home, name)?;
    let mut title = name.as_str().replace('-', " ");
    if let Some(first) = title.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let text = format!(include_str!("starter/newsletter.toml"), title = title);
    write_new(&path, text.as_bytes())?;
    Ok(path)
}

/// Makes the only newsletter of a newsroom the first of several. Run again after a kill, it goes on.
///
/// # Errors
/// `newsdigest.toml` is written in a way that only a person can change, or a file cannot be written. What was not done is as it was.
pub fn move_over(
    home: &Path,
    name: &NewsletterName,
    only: &OnlyNewsletter<'_>,
) -> Result<PathBuf, NewsroomError> {
    let root = read_text(only.config, LARGEST)?;
    let shown = only.config.display().to_string();
    let shared = without_name(&shown, &root)
        .map_err(|problem| NewsroomError::Broken(only.config.to_owned(), vec![problem]))?;
    let editions = home.join(FOLDER);
    let moved = editions.join(name.as_str());
    let files = edition_files(&editions)?;
    if !files.is_empty() {
        make_folder(&moved)?;
    }
    for file in &files {
        let (old, new) = (editions.join(file), moved.join(file));
        match fs::hard_link(&old, &new) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            // Not every disk knows links.
            Err(_) => {
                fs::copy(&old, &new).map_err(|error| NewsroomError::Write(new, error))?;
            }
        }
    }
    let path = own_file(home, name)?;
    let text = format!(
        "# What newsdigest.toml says holds here too, unless this file says otherwise.\n[newsletter]\nname = {}\nid = {}   # as ever: readers' links and what was sent go by it\ndefault = true   # readers get it who do not say which they want\n",
        quoted(only.title),
        quoted(only.id),
    );
    match write_new(&path, text.as_bytes()) {
        // A kill came between: the name is still in the other file.
        Err(NewsroomError::Exists(_)) if read_text(&path, LARGEST)? == text => {}
        written => written?,
    }
    write_atomic(only.config, shared.as_bytes())?;
    for file in &files {
        let old = editions.join(file);
        fs::remove_file(&old).map_err(|error| NewsroomError::Write(old, error))?;
    }
    Ok(path)
}

fn own_file(home: &Path, name: &NewsletterName) -> Result<PathBuf, NewsroomError> {
    let folder = home.join(NEWSLETTERS);
    make_folder(&folder)?;
    Ok(folder.join(format!("{name}.toml")))
}

/// The edition files that lie in the folder itself, and their reasons.
fn edition_files(editions: &Path) -> Result<Vec<String>, NewsroomError> {
    let failed = |error| NewsroomError::Read(editions.to_owned(), error);
    let entries = match fs::read_dir(editions) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed)?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let name = entry.map_err(failed)?.file_name();
        let name = name.to_string_lossy();
        let stem = name
            .strip_suffix(".why.json")
            .or(name.strip_suffix(".toml"));
        if stem.is_some_and(|stem| stem.parse::<Slug>().is_ok()) {
            files.push(name.into_owned());
        }
    }
    Ok(files)
}

/// The text without the lines of `name` and `id` below `[newsletter]`; every other byte stays.
fn without_name(file: &str, text: &str) -> Result<String, Problem> {
    let written = Written::new(file, text);
    let hint = "write `name` and `id` below `[newsletter]`, each on a line of its own";
    let mut lines: Vec<Range<usize>> = Vec::new();
    for key in ["name", "id"] {
        let place = place_of(written, "newsletter", key)?;
        lines.extend(place.map(|place| place.line(written, hint)).transpose()?);
    }
    lines.sort_by_key(|line| std::cmp::Reverse(line.start));
    let mut rest = text.to_owned();
    for line in lines {
        rest.replace_range(line, "");
    }
    Ok(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_name_is_taken_out() {
        let text = "# ours\n[newsletter]\r\n  id = \"h\" # old\r\nname = \"\"\"a\nb\"\"\"\nfrom = \"x\"\n[relay]\nname = 1\n";
        assert_eq!(
            without_name("c", text).unwrap(),
            "# ours\n[newsletter]\r\nfrom = \"x\"\n[relay]\nname = 1\n"
        );
        for text in [
            "newsletter = { name = \"a\", id = \"b\" }\n",
            "[newsletter\n",
        ] {
            assert!(without_name("c", text).is_err(), "{text}");
        }
        let dotted = "newsletter.name = \"a\"\n";
        assert!(without_name("c", dotted).is_err());
    }
}
