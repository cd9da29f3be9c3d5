//! What the config names on disk: text files, a template's folder, the machine's time zones.

use std::fs::Metadata;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::LARGEST;
use crate::files::{self, FileError};
use crate::model::newsletter::Language;
use crate::model::problem::{Problem, system_words};
use crate::model::toml_table::{Problems, TomlTable};
use crate::model::zone::{UnknownZone, Zone};
use crate::render::Template;

/// The text of a file of at most `limit` bytes.
pub(super) fn read(path: &Path, limit: u64) -> Result<String, Problem> {
    read_as_is(path, limit).map(|(text, _)| text)
}

fn read_as_is(path: &Path, limit: u64) -> Result<(String, Metadata), Problem> {
    let shown = path.display();
    let cannot =
        |why: &dyn std::fmt::Display| Problem::new(format!("`{shown}` cannot be read: {why}"));
    let (bytes, about) = files::read(path, limit).map_err(|error| match error {
        FileError::Io(error) => cannot(&system_words(&error.to_string())),
        error => Problem::new(format!("`{shown}` {error}")),
    })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        cannot(&format_args!(
            "byte {} is not UTF-8",
            error.utf8_error().valid_up_to()
        ))
    })?;
    let text = text
        .strip_prefix('\u{feff}')
        .map(str::to_owned)
        .unwrap_or(text);
    Ok((text, about))
}

/// The same of a file that holds a secret: one that everybody on this machine may read is none.
pub(super) fn read_secret(path: &Path, limit: u64) -> Result<String, Problem> {
    use std::os::unix::fs::PermissionsExt as _;
    let (text, about) = read_as_is(path, limit)?;
    let mode = about.permissions().mode();
    if mode.is_multiple_of(0o10) {
        return Ok(text);
    }
    let shown = path.display();
    Err(Problem::new(format!(
        "`{shown}` holds a secret, but everybody on this machine may read it: `chmod 600 {shown}` shuts it"
    )))
}

/// `[template] use`: built in, or a folder with `template.toml` and, if it likes, `style.css`; for editions in `language`.
pub(super) fn template(
    table: &mut TomlTable<'_>,
    home: &Path,
    language: &Language,
    problems: &Problems,
) -> (Option<Template>, Option<PathBuf>) {
    let mut chosen = None;
    let mut folder = None;
    if let Some(mut table) = table.table("template", problems) {
        if let Some(found) = table.text("use", problems) {
            if let Some(built_in) = Template::built_in(&found.value, language) {
                chosen = Some(built_in);
            } else if home.join(&found.value).is_dir() {
                let path = home.join(&found.value);
                chosen = Some(load(&path, language));
                folder = Some(path);
            } else {
                let names = Template::NAMES.map(|name| format!("`{name}`")).join(", ");
                problems.add(table.problem(
                    found.span,
                    format!(
                        "`{}` is neither a built-in template ({names}) nor a folder",
                        found.value
                    ),
                ));
                return (None, None);
            }
        }
        table.finish(problems);
    }
    let template = chosen.or_else(|| Template::built_in(Template::NAMES[0], language));
    match template {
        Some(Ok(template)) => (Some(template), folder),
        Some(Err(found)) => {
            problems.extend(found);
            (None, folder)
        }
        None => (None, folder),
    }
}

fn load(folder: &Path, language: &Language) -> Result<Template, Vec<Problem>> {
    let (toml_path, css_path) = (folder.join("template.toml"), folder.join("style.css"));
    let toml = read(&toml_path, LARGEST).map_err(|problem| vec![problem])?;
    let css = if css_path.exists() {
        read(&css_path, LARGEST).map_err(|problem| vec![problem])?
    } else {
        String::new()
    };
    Template::parse(
        &toml_path.display().to_string(),
        &toml,
        &css_path.display().to_string(),
        &css,
        language,
    )
}

/// The version of a database, from its first line; every newsletter asks for it.
fn version_of(database: &Path) -> Option<String> {
    let (file, _) = files::open(database).ok()?;
    let mut head = String::new();
    file.take(40).read_to_string(&mut head).ok()?;
    let version = head.lines().next()?.strip_prefix("# version ")?;
    Some(version.trim().to_owned())
}

/// The zone of that name, from the newer of the machine's database and our own.
pub(super) fn zone(name: &str, zoneinfo: &Path) -> Result<Zone, UnknownZone> {
    let ours = Zone::bundled(name)?;
    let version = version_of(&zoneinfo.join("tzdata.zi"));
    if version.is_none_or(|version| &*version <= Zone::bundled_version()) {
        return Ok(ours);
    }
    // The name is in our own database, so it is a plain relative path.
    let machine = files::read(&zoneinfo.join(name), LARGEST)
        .ok()
        .and_then(|(data, _)| Zone::from_tzif(name, &data));
    Ok(machine.unwrap_or(ours))
}
