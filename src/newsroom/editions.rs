//! The editions of a newsletter on disk: `editions/DAY.toml` (`editions/NAME/DAY.toml` where there are several newsletters), which a person edits,
//! and `DAY.why.json` beside it, the reasons as they were when it was drafted. What is in the first is [`crate::model::edition`]'s business, what
//! the reasons are is the caller's. Behind them, as `drafted`, is
//! the edition before anybody edited it, by which an edit is known.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::write::make_folder;
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
    let edition = read_any(editions, slug)?;
    match &edition {
        Some(edition) if edition.count() == 0 => Err(vec![
            Problem::new(format!(
                "no story is in `{}`",
                path_of(editions, slug).display()
            ))
            .hint("`newsdigest draft --force` writes it anew"),
        ]),
        _ => Ok(edition),
    }
}

/// What the editor did to the edition of that name since it was drafted; `None` when there is no such file yet. All its stories may be gone.
///
/// # Errors
/// Every problem in the file; or the one that kept it or its reasons from being read.
pub fn read_hand(editions: &EditionFiles, slug: &Slug) -> Result<Option<Hand>, Vec<Problem>> {
    let Some(written) = read_any(editions, slug)? else {
        return Ok(None);
    };
    let path = why_path_of(editions, slug);
    let drafted = match read_text(&path, LARGEST) {
        // A person may have removed or broken it: then nothing is known of what was drafted, and nothing they wrote is lost.
        Ok(text) => serde_json::from_str::<DraftedText>(&text)
            .ok()
            .and_then(|memory| Edition::from_toml(slug.clone(), "drafted", &memory.drafted).ok()),
        Err(NewsroomError::Missing(..)) => None,
        Err(error) => return Err(vec![Problem::of(&error)]),
    };
    Ok(Some(Hand::of(written, drafted)))
}

fn read_any(editions: &EditionFiles, slug: &Slug) -> Result<Option<Edition>, Vec<Problem>> {
    let path = path_of(editions, slug);
    match read_text(&path, LARGEST) {
        Ok(text) => {
            let edition = Edition::from_toml(slug.clone(), &path.to_string_lossy(), &text)?;
            match editions.refusal(&edition) {
                Some(problem) => Err(vec![problem]),
                None => Ok(Some(edition)),
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
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::edition::Placed;
    use crate::model::line::Line;
    use crate::model::link::Link;
    use crate::model::story::Story;

    fn files(folder: &Path) -> EditionFiles {
        EditionFiles::of(folder.to_owned(), &"sport".parse().unwrap())
    }

    fn edition(slug: &str, headline: &str) -> Edition {
        let story = Story::new(
            Line::clean(headline),
            Link::parse("https://harbourtimes.example/ferry").unwrap(),
        );
        Edition {
            top: vec![Placed {
                story,
                pin: false,
                why: Line::non_empty("rank 1 of 1"),
            }],
            ..Edition::new(slug.parse().unwrap())
        }
    }

    #[test]
    fn written_read_and_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let editions = files(&folder.path().join("editions"));
        let put = |edition: &Edition, why: &str, overwrite| {
            let why = BTreeMap::from([("why", why)]);
            let now = "2026-08-24T05:45:00Z".parse().unwrap();
            write(
                &editions,
                edition,
                edition,
                &why,
                now,
                &Zone::utc(),
                overwrite,
            )
        };
        let why = |why: &str| format!("{{\n  \"why\": \"{why}\"\n}}");
        let first = edition("2026-08-24", "Ferry fares");
        assert_eq!(list(&editions).unwrap(), []);
        assert_eq!(read(&editions, &first.slug), Ok(None));
        assert_eq!(read_why(&editions, &first.slug).unwrap(), None);
        let path = put(&first, "one", Overwrite::Refuse).unwrap();
        assert_eq!(path, editions.folder.join("2026-08-24.toml"));
        assert_eq!(read(&editions, &first.slug), Ok(Some(first.clone())));

        let other = edition("2026-08-24", "Gulls");
        let refused = put(&other, "two", Overwrite::Refuse).unwrap_err();
        assert_eq!(
            refused.to_string(),
            format!("`{}` already exists", path.display())
        );
        let read_back = || read_why(&editions, &first.slug).unwrap().unwrap();
        assert_eq!(read_back(), why("one"));
        put(&other, "two", Overwrite::Replace).unwrap();
        assert_eq!(read(&editions, &first.slug), Ok(Some(other)));
        assert_eq!(read_back(), why("two"));

        put(&edition("2026-08-24b", "More"), "", Overwrite::Refuse).unwrap();
        put(&edition("2026-08-23", "Less"), "", Overwrite::Refuse).unwrap();
        fs::write(editions.folder.join("notes.toml"), "").unwrap();
        let names: Vec<String> = list(&editions)
            .unwrap()
            .iter()
            .map(Slug::to_string)
            .collect();
        assert_eq!(names, ["2026-08-23", "2026-08-24", "2026-08-24b"]);
    }

    #[test]
    fn what_was_drafted_is_remembered_until_its_file_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let (drafted, written) = (
            edition("2026-08-24", "Gulls"),
            edition("2026-08-24", "Hers"),
        );
        let slug = &drafted.slug;
        assert_eq!(read_hand(&files(folder.path()), slug), Ok(None));
        let now = "2026-08-24T05:45:00Z".parse().unwrap();
        let nothing = BTreeMap::<&str, &str>::new();
        let replace = Overwrite::Replace;
        let (zone, path) = (Zone::utc(), &files(folder.path()));
        write(path, &written, &drafted, &nothing, now, &zone, replace).unwrap();
        let hand = |drafted| Ok(Some(Hand::of(written.clone(), drafted)));
        assert_eq!(read_hand(path, slug), hand(Some(drafted.clone())));
        for broken in ["", "[1]", "{\"drafted\": \"[[top]]\"}"] {
            fs::write(why_path_of(path, slug), broken).unwrap();
            assert_eq!(read_hand(path, slug), hand(None));
        }
        fs::remove_file(why_path_of(path, slug)).unwrap();
        assert_eq!(read_hand(path, slug), hand(None));
    }

    #[test]
    fn a_file_without_a_story_is_no_edition_but_may_hold_an_editors_words() {
        let folder = tempfile::tempdir().unwrap();
        let slug: Slug = "2026-08-24".parse().unwrap();
        fs::write(path_of(&files(folder.path()), &slug), "note = \"Closed\"\n").unwrap();
        let problems = read(&files(folder.path()), &slug).unwrap_err();
        assert!(problems[0].what.starts_with("no story is in `"));
        assert!(read_hand(&files(folder.path()), &slug).unwrap().is_some());
    }

    #[test]
    fn problems_name_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let slug: Slug = "2026-08-24".parse().unwrap();
        let said = || {
            let problems = read(&files(folder.path()), &slug).unwrap_err();
            let place = folder.path().to_string_lossy().into_owned() + "/";
            problems[0].to_string().replace(&place, "")
        };
        fs::write(path_of(&files(folder.path()), &slug), "subjet = \"x\"\n").unwrap();
        insta::assert_snapshot!(said(), @r#"
        unknown key `subjet`
          ──▶ 2026-08-24.toml:1:1
          │
        1 │ subjet = "x"
          │ ^^^^^^
        hint: did you mean `subject`?
        "#);
        fs::write(
            path_of(&files(folder.path()), &slug),
            b"subject = \"\xff\"\n",
        )
        .unwrap();
        insta::assert_snapshot!(said(), @"`2026-08-24.toml` must be UTF-8 text, but line 1 holds bytes that are not");
    }

    #[test]
    fn an_edition_of_another_newsletter_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let editions = files(folder.path());
        let text =
            "newsletter = \"morning\"\n[[top]]\nheadline = \"A\"\nurl = \"https://h.example/1\"\n";
        let slug: Slug = "2026-08-24".parse().unwrap();
        let refused = |text: &str| {
            fs::write(path_of(&editions, &slug), text).unwrap();
            let hand = read_hand(&editions, &slug).is_err();
            (read(&editions, &slug).is_err(), hand)
        };
        assert_eq!(refused(text), (true, true));
        assert_eq!(refused(&text.replace("morning", "sport")), (false, false));
        let problems = "newsletter = \"2026-08-24\"\n";
        assert_eq!(refused(problems), (true, true));
    }
}
