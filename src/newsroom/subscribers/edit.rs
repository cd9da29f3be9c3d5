//! Adding to the file and taking from it, under a lock. What the new text is, is decided next door.

use std::path::Path;

use super::LARGEST;
use super::splice::{Added, Removed, with, without};
use crate::model::address::Address;
use crate::model::problem::Problem;
use crate::model::subscriber::Subscriber;
use crate::newsroom::NewsroomError;
use crate::newsroom::write::{lock, read_if_any, write_atomic};

/// Adds those who are not in the file yet (by [`Address::key`]); makes the file if there is none. The file is read again under its
/// lock, so two who add at once lose nothing.
///
/// # Errors
/// The file cannot be read or written, is locked, or has problems ([`NewsroomError::Broken`]).
pub fn add(path: &Path, newcomers: &[Subscriber]) -> Result<Added, NewsroomError> {
    change(path, |file, text| with(file, text, newcomers))
}

/// Removes the whole block of each of these addresses (compared by [`Address::key`]), wherever it is.
///
/// # Errors
/// As [`add`]; a missing file is an error here.
pub fn remove(path: &Path, leavers: &[Address]) -> Result<Removed, NewsroomError> {
    // Asked before the lock, which would leave its own file where there is nothing to lock.
    if !path.exists() {
        return Err(NewsroomError::Missing(path.into()));
    }
    change(path, |file, text| without(file, text, leavers))
}

fn change<T>(
    path: &Path,
    edit: impl FnOnce(&str, &str) -> Result<(Option<String>, T), Vec<Problem>>,
) -> Result<T, NewsroomError> {
    let _held = lock(path)?;
    let old = read_if_any(path, LARGEST)?;
    let (new, result) = edit(&path.to_string_lossy(), &old)
        .map_err(|problems| NewsroomError::Broken(path.into(), problems))?;
    if let Some(new) = new {
        write_atomic(path, new.as_bytes())?;
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::newsroom::subscribers::Subscribers;

    fn someone(address: &str) -> Subscriber {
        Subscriber::new(Address::parse(address).unwrap())
    }

    #[test]
    fn a_file_with_problems_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("subscribers.toml");
        let text = "[[subscriber]]\nemail = \"a@example.org\"\nname = \"\"\"\n";
        std::fs::write(&path, text).unwrap();
        let error = add(&path, &[someone("b@example.org")]).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("`{}` has 1 problem", path.display())
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }

    #[test]
    fn a_missing_file_is_made_by_adding_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("subscribers.toml");
        let ada = someone("ada@example.org");
        let leavers = [
            ada.address.clone(),
            Address::parse("bo@example.org").unwrap(),
        ];
        assert!(matches!(
            remove(&path, &leavers),
            Err(NewsroomError::Missing(..))
        ));
        assert_eq!(add(&path, std::slice::from_ref(&ada)).unwrap().added, 1);
        assert_eq!(
            std::fs::read_to_string(&path).unwrap(),
            "[[subscriber]]\nemail = \"ada@example.org\"\n"
        );
        let removed = remove(&path, &leavers).unwrap();
        assert_eq!(
            (removed.removed, removed.unknown),
            (1, leavers[1..].to_vec())
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "");
    }

    #[test]
    fn two_who_add_at_once_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("subscribers.toml");
        std::thread::scope(|scope| {
            for who in ["a", "b"] {
                let path = &path;
                scope.spawn(move || {
                    for n in 0..15 {
                        let one = someone(&format!("{who}{n}@example.org"));
                        assert_eq!(add(path, &[one]).unwrap().added, 1);
                    }
                });
            }
        });
        let text = std::fs::read_to_string(&path).unwrap();
        let all = Subscribers::of("s.toml", &text);
        assert_eq!(all.flatten().count(), 30);
    }
}
