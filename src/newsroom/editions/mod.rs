//! The editions of a newsletter on disk: `editions/DAY.toml` (`editions/NAME/DAY.toml` where there are several newsletters), which a person edits,
//! and `DAY.why.json` beside it, the reasons as they were when it was drafted. What is in the first is [`crate::model::edition`]'s business, what
//! the reasons are is the caller's. Behind them, as `drafted`, is
//! the edition before anybody edited it, by which an edit is known.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::write::{lock, make_folder, swap};
use super::{NewsroomError, read_text, write_atomic, write_new};
use crate::model::edition::{Edition, Hand, Slug};
use crate::model::newsletter_name::NewsletterName;
use crate::model::problem::Problem;
use crate::model::zone::Zone;

/// The most bytes either file may have.
pub const LARGEST: u64 = 16_000_000;

/// What to do when the edition is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overwrite {
    /// Leave it: somebody may have edited it.
    Refuse,
    /// Replace it.
    Replace,
}

/// Where the editions of one newsletter are, and what it is called in them.
#[derive(Clone, Debug)]
pub struct EditionFiles {
    folder: PathBuf,
    /// An edition file that names another newsletter is refused.
    newsletter: String,
}

impl EditionFiles {
    /// Those of the only newsletter, which is known by its id.
    #[must_use]
    pub fn of_the_only(folder: PathBuf, id: &str) -> Self {
        Self {
            folder,
            newsletter: id.to_owned(),
        }
    }

    /// Those of one of several.
    #[must_use]
    pub fn of(folder: PathBuf, name: &NewsletterName) -> Self {
        Self::of_the_only(folder, name.as_str())
    }

    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What is wrong if the edition is another newsletter's.
    fn refusal(&self, edition: &Edition) -> Option<Problem> {
        let theirs = edition.newsletter.as_ref()?;
        (theirs.as_str() != self.newsletter).then(|| {
            let path = path_of(self, &edition.slug);
            Problem::new(format!(
                "`{}` is an edition of the newsletter `{theirs}`, not of `{}`",
                path.display(),
                self.newsletter
            ))
            .hint("`newsletter = ..` at its top says whose it is: move the file, or take it away and draft anew")
        })
    }
}

/// Where the edition of that name is.
#[must_use]
pub fn path_of(editions: &EditionFiles, slug: &Slug) -> PathBuf {
    editions.folder.join(format!("{slug}.toml"))
}

/// Where its reasons are.
#[must_use]
pub fn why_path_of(editions: &EditionFiles, slug: &Slug) -> PathBuf {
    editions.folder.join(format!("{slug}.why.json"))
}

/// What is written under the reasons.
#[derive(Serialize)]
struct WhyFile<'a, W> {
    #[serde(flatten)]
    why: &'a W,
    drafted: String,
}

/// How that last key begins in the file; nowhere else does a line.
const DRAFTED: &str = ",\n  \"drafted\": ";

/// What is read back of it.
#[derive(Deserialize)]
struct DraftedText {
    drafted: String,
}

/// The edition of that name; `None` when there is no such file yet.
///
/// # Errors
/// Every problem in the file, one without a story too; or the one that kept it from being read.
pub fn read(editions: &EditionFiles, slug: &Slug) -> Result<Option<Edition>, Vec<Problem>> {
    Ok(read_with_text(editions, slug)?.map(|(edition, _)| edition))
}

/// The same, with the text that says it.
///
/// # Errors
/// As [`read`].
pub fn read_with_text(
    editions: &EditionFiles,
    slug: &Slug,
) -> Result<Option<(Edition, String)>, Vec<Problem>> {
    let found = read_any(editions, slug)?;
    match &found {
        Some((edition, _)) if slug.is_correction() => match &edition.note {
            Some(_) => Ok(found),
            None => Err(vec![
                Problem::new(format!(
                    "`{}` says nothing yet",
                    path_of(editions, slug).display()
                ))
                .hint("`note = \"\"\"..\"\"\"` is what readers are told"),
            ]),
        },
        Some((edition, _)) if edition.count() == 0 => Err(vec![
            Problem::new(format!(
                "no story is in `{}`",
                path_of(editions, slug).display()
            ))
            .hint("`newsdigest draft --force` writes it anew"),
        ]),
        _ => Ok(found),
    }
}

/// What the editor did to the edition of that name since it was drafted; `None` when there is no such file yet. All its stories may be gone.
///
/// # Errors
/// Every problem in the file; or the one that kept it or its reasons from being read.
pub fn read_hand(editions: &EditionFiles, slug: &Slug) -> Result<Option<Hand>, Vec<Problem>> {
    let Some((written, _)) = read_any(editions, slug)? else {
        return Ok(None);
    };
    let path = why_path_of(editions, slug);
    let drafted = match read_text(&path, LARGEST) {
        Ok(text) => drafted(slug, &text),
        Err(NewsroomError::Missing(..)) => None,
        Err(error) => return Err(vec![Problem::of(&error)]),
    };
    Ok(Some(Hand::of(written, drafted)))
}

fn read_any(
    editions: &EditionFiles,
    slug: &Slug,
) -> Result<Option<(Edition, String)>, Vec<Problem>> {
    let path = path_of(editions, slug);
    match read_text(&path, LARGEST) {
        Ok(text) => {
            let edition = Edition::from_toml(slug.clone(), &path.to_string_lossy(), &text)?;
            match editions.refusal(&edition) {
                Some(problem) => Err(vec![problem]),
                None => Ok(Some((edition, text))),
            }
        }
        Err(NewsroomError::Missing(..)) => Ok(None),
        // What is in the folder's place is named when something is to be written there.
        Err(NewsroomError::Read(_, source)) if source.kind() == io::ErrorKind::NotADirectory => {
            Ok(None)
        }
        Err(error) => Err(vec![Problem::of(&error)]),
    }
}

/// What the file says, whatever it is; `None` when there is none.
///
/// # Errors
/// The file is there and cannot be read.
pub fn read_source(editions: &EditionFiles, slug: &Slug) -> Result<Option<String>, NewsroomError> {
    match read_text(&path_of(editions, slug), LARGEST) {
        Ok(text) => Ok(Some(text)),
        Err(NewsroomError::Missing(..)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes that text into the file, and says where it is: from the rename on the file says that.
///
/// # Errors
/// What the system said; the file is as it was.
pub fn write_source(
    editions: &EditionFiles,
    slug: &Slug,
    text: &str,
) -> Result<PathBuf, NewsroomError> {
    make_folder(&editions.folder)?;
    let path = path_of(editions, slug);
    write_atomic(&path, text.as_bytes())?;
    Ok(path)
}

/// Writes a file that is not there yet, and says where it is.
///
/// # Errors
/// [`NewsroomError::Exists`], with the file untouched; else what the system said.
pub fn write_new_source(
    editions: &EditionFiles,
    slug: &Slug,
    text: &str,
) -> Result<PathBuf, NewsroomError> {
    make_folder(&editions.folder)?;
    let path = path_of(editions, slug);
    write_new(&path, text.as_bytes())?;
    Ok(path)
}

/// Holds the right to edit the file until the answer is dropped. Programs that know nothing of it write all the same: see [`swap_source`].
///
/// # Errors
/// Somebody else holds it for five seconds, or there can be no lock.
pub fn hold(editions: &EditionFiles, slug: &Slug) -> Result<File, NewsroomError> {
    make_folder(&editions.folder)?;
    lock(&path_of(editions, slug))
}

/// Writes that text into the file, and says what it said at that instant: another program may have saved it in the meantime.
///
/// # Errors
/// What the system said; the file is as it was.
pub fn swap_source(
    editions: &EditionFiles,
    slug: &Slug,
    text: &str,
) -> Result<String, NewsroomError> {
    let path = path_of(editions, slug);
    let old = swap(&path, text.as_bytes())?;
    String::from_utf8(old).or_else(|error| {
        let (old, good) = (error.as_bytes(), error.utf8_error().valid_up_to());
        let line = old[..good].split(|&byte| byte == b'\n').count();
        // It is in no file any more, and no version can say it.
        write_atomic(&path, old)?;
        Err(NewsroomError::NotText(path, line))
    })
}

/// The edition of that name as it was drafted, in the sources' words; `None` when nothing is known of that.
#[must_use]
pub fn read_drafted(editions: &EditionFiles, slug: &Slug) -> Option<Edition> {
    let text = read_text(&why_path_of(editions, slug), LARGEST).ok()?;
    drafted(slug, &text)
}

/// A person may have removed or broken it: then nothing is known of what was drafted, and nothing they wrote is lost.
fn drafted(slug: &Slug, why: &str) -> Option<Edition> {
    let memory: DraftedText = serde_json::from_str(why).ok()?;
    Edition::from_toml(slug.clone(), "drafted", &memory.drafted).ok()
}

/// Whether the file says something else than the edition that was `frozen`. A file that is not there or has problems says nothing.
#[must_use]
pub fn differs(editions: &EditionFiles, slug: &Slug, frozen: &Edition) -> bool {
    read(editions, slug).is_ok_and(|file| file.is_some_and(|file| file != *frozen))
}

/// The reasons that were written with it; `None` when there are none.
///
/// # Errors
/// The file is there and cannot be read.
pub fn read_why(editions: &EditionFiles, slug: &Slug) -> Result<Option<String>, NewsroomError> {
    match read_text(&why_path_of(editions, slug), LARGEST) {
        Ok(text) => Ok(Some(match text.rsplit_once(DRAFTED) {
            Some((why, _)) => format!("{why}\n}}"),
            None => text,
        })),
        Err(NewsroomError::Missing(..)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes the edition, then its reasons (`why` must be one that JSON can hold, with names for its parts), and says where the edition is;
/// makes the folder if there is none. `drafted` is the edition in the sources' words, for [`read_hand`]; `now` and `zone` are for the file's
/// first line.
///
/// # Errors
/// [`NewsroomError::Exists`] under [`Overwrite::Refuse`], with both files untouched; else what the system said.
pub fn write(
    editions: &EditionFiles,
    edition: &Edition,
    drafted: &Edition,
    why: &impl Serialize,
    now: DateTime<Utc>,
    zone: &Zone,
    overwrite: Overwrite,
) -> Result<PathBuf, NewsroomError> {
    make_folder(&editions.folder)?;
    let path = path_of(editions, &edition.slug);
    let text = edition.to_toml(now, zone);
    match overwrite {
        Overwrite::Refuse => write_new(&path, text.as_bytes())?,
        Overwrite::Replace => write_atomic(&path, text.as_bytes())?,
    }
    let why_path = why_path_of(editions, &edition.slug);
    let drafted = drafted.to_toml(now, zone);
    let why = serde_json::to_string_pretty(&WhyFile { why, drafted })
        .map_err(|error| NewsroomError::Write(why_path.clone(), error.into()))?;
    write_atomic(&why_path, why.as_bytes())?;
    Ok(path)
}

/// The names of all editions in the folder, oldest first; none when there is no folder.
///
/// # Errors
/// The folder cannot be read.
pub fn list(editions: &EditionFiles) -> Result<Vec<Slug>, NewsroomError> {
    let paths = entries(&editions.folder)?;
    let mut slugs: Vec<Slug> = paths.iter().filter_map(|path| slug_of(path)).collect();
    slugs.sort_unstable();
    Ok(slugs)
}

/// The folder of editions in a newsroom's folder.
pub const FOLDER: &str = "editions";

/// All edition files in `root` and in the folders there, whosever they are.
///
/// # Errors
/// A folder cannot be read.
pub fn all_files(root: &Path) -> Result<Vec<PathBuf>, NewsroomError> {
    let mut files = Vec::new();
    for path in entries(root)? {
        if path.is_dir() {
            files.extend(entries(&path)?);
        } else {
            files.push(path);
        }
    }
    files.retain(|path| slug_of(path).is_some());
    Ok(files)
}

/// What is in a folder; nothing when there is none.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, NewsroomError> {
    let failed = |source| NewsroomError::Read(folder.to_owned(), source);
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(failed)?,
    };
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    paths.collect::<io::Result<_>>().map_err(failed)
}

/// The edition of which that is the file.
fn slug_of(path: &Path) -> Option<Slug> {
    let name = path.file_name()?.to_str()?;
    name.strip_suffix(".toml")?.parse().ok()
}

#[cfg(test)]
mod tests;
