//! One subscriber out of a large file, quickly: where each is written is remembered until the file is another one.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::LARGEST;
use super::pieces::Subscribers;
use crate::files;
use crate::model::address::Address;
use crate::model::subscriber::Subscriber;
use crate::newsroom::NewsroomError;
use crate::newsroom::write::read_if_any;

/// Where subscribers are in one state of the file: a few bytes each.
pub struct Index {
    path: PathBuf,
    stamp: Option<Stamp>,
    hasher: RandomState,
    /// By the hash of the address's key: where the block begins, and its length.
    places: HashMap<u64, (u32, u32)>,
}

/// What tells two states of a file apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp(u64, u64, i64, i64);

impl Stamp {
    /// That of the file as it is; `None`: it cannot be looked at.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let data = std::fs::metadata(path).ok()?;
        Some(Self(
            data.ino(),
            data.len(),
            data.mtime(),
            data.mtime_nsec(),
        ))
    }
}

impl Index {
    /// Looks through the file. Of one who appears twice the first counts; a block with problems is passed over.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn of(path: &Path) -> Result<Self, NewsroomError> {
        let stamp = Stamp::of(path);
        let text = read_if_any(path, LARGEST)?;
        let hasher = RandomState::new();
        let mut places = HashMap::new();
        for listed in Subscribers::of("", &text).filter_map(Result::ok) {
            let place = (
                u32::try_from(listed.block.start).unwrap_or(u32::MAX),
                u32::try_from(listed.block.len()).unwrap_or(u32::MAX),
            );
            let hash = hasher.hash_one(&*listed.subscriber.address.key());
            places.entry(hash).or_insert(place);
        }
        Ok(Self {
            path: path.to_owned(),
            stamp,
            hasher,
            places,
        })
    }

    /// Whether the file is still the one that was looked through.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.stamp.is_some() && self.stamp == Stamp::of(&self.path)
    }

    /// The subscriber of that address.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn find(&self, address: &Address) -> Result<Option<Subscriber>, NewsroomError> {
        let Some((start, length)) = self.places.get(&self.hasher.hash_one(&*address.key())) else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        files::open(&self.path)
            .and_then(|(mut file, _)| {
                file.seek(SeekFrom::Start(u64::from(*start)))?;
                file.take(u64::from(*length)).read_to_end(&mut bytes)?;
                Ok(())
            })
            .map_err(|error| NewsroomError::of(&self.path, error))?;
        let text = String::from_utf8_lossy(&bytes);
        let found = Subscribers::of("", &text)
            .filter_map(Result::ok)
            .map(|listed| listed.subscriber)
            // Two may share a hash, and the file may be another one by now.
            .find(|one| one.address.key() == address.key());
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_found_and_nobody_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("subscribers.toml");
        let none = Index::of(&path).unwrap();
        let ada = Address::parse("ADA@example.org").unwrap();
        assert!(!none.is_current() && none.find(&ada).unwrap().is_none());
        std::fs::write(&path, "\u{feff}# é\n[[subscriber]]\nemail = \"Ada@example.org\"\nname = \"é\"\n[[subscriber]]\nemial = 1\n[[subscriber]]\nemail = \"bo@example.org\"").unwrap();
        let index = Index::of(&path).unwrap();
        assert!(index.is_current());
        assert_eq!(
            index.find(&ada).unwrap().unwrap().name.unwrap().as_str(),
            "é"
        );
        let bo = Address::parse("bo@example.org").unwrap();
        assert_eq!(index.find(&bo).unwrap().unwrap().address, bo);
        let other = Address::parse("cy@example.org").unwrap();
        assert!(index.find(&other).unwrap().is_none());
        std::fs::write(&path, "").unwrap();
        assert!(!index.is_current() && index.find(&bo).unwrap().is_none());
    }
}
