//! A folder in place of a relay: every letter becomes an `.eml` file, byte for byte what a relay would get.
//! It never overwrites a letter, and no address is in a file's name.
//!
//! A file is written under another name and then given its own, so a program killed half-way leaves no half letter. It is a rehearsal:
//! the disk is not asked to have it safe before we go on.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::model::delivery::{Letter, Reply, Verdict};

/// A folder of letters.
#[derive(Clone, Debug)]
pub struct Outbox {
    folder: PathBuf,
}

/// A letter that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// No space is left.
    #[error("the disk is full: `{}` was not written", .0.display())]
    Full(PathBuf),
    /// We may not write there.
    #[error("the folder `{}` may not be written to", .0.display())]
    Denied(PathBuf),
    /// Anything else.
    #[error("cannot write `{}`", .0.display())]
    Other(PathBuf, #[source] io::Error),
}

impl Outbox {
    /// The outbox in that folder, which is made with the first letter.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// Writes the letter as `TOKEN.eml`, after its Message-ID. If it is there already, it is accepted: this is the same letter again.
    ///
    /// # Errors
    /// The file cannot be written; then there is none.
    pub fn hand_over(&self, letter: &Letter) -> Result<Verdict, OutboxError> {
        let path = self.path(letter);
        let outcome = match self.write(&path, &letter.bytes) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(&self.folder).and_then(|()| self.write(&path, &letter.bytes))
            }
            outcome => outcome,
        };
        match outcome {
            Ok(()) => Ok(Verdict::Accepted(Reply::new(250, "2.0.0 written"))),
            Err(error) => match error.kind() {
                io::ErrorKind::AlreadyExists => {
                    Ok(Verdict::Accepted(Reply::new(250, "2.0.0 already there")))
                }
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    Err(OutboxError::Full(path))
                }
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    Err(OutboxError::Denied(self.folder.clone()))
                }
                _ => Err(OutboxError::Other(path, error)),
            },
        }
    }

    /// Where a letter's file is.
    #[must_use]
    pub fn path(&self, letter: &Letter) -> PathBuf {
        let token = letter.message_id.split('@').next().unwrap_or_default();
        let name: String = token
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
            .collect();
        self.folder.join(name + ".eml")
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if path.try_exists()? {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let mut file = tempfile::Builder::new()
            .prefix(".letter-")
            // Editors of the group look at a rehearsal; nobody else does.
            .permissions(fs::Permissions::from_mode(0o660))
            .suffix(".tmp")
            .tempfile_in(&self.folder)
            // Not with the temporary file's name, which means nothing to a person.
            .map_err(|error| io::Error::from(error.kind()))?;
        file.write_all(bytes)?;
        file.persist_noclobber(path)
            .map(|_| ())
            .map_err(|error| error.error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::address::Address;

    fn letter(message_id: &str) -> Letter {
        Letter {
            from: Address::parse("digest@harbour.example").unwrap(),
            to: Address::parse("ada@example.org").unwrap(),
            message_id: message_id.into(),
            bytes: b"Subject: x\r\n\r\n.dot\r\n".to_vec(),
        }
    }

    fn files(folder: &Path) -> Vec<String> {
        fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn keeps_each_letter_once() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::new(folder.path().join("new/outbox"));
        let letter = letter("abc234@harbour.example");
        for expected in ["250 2.0.0 written", "250 2.0.0 already there"] {
            let verdict = outbox.hand_over(&letter).unwrap();
            assert_eq!(
                verdict,
                Verdict::Accepted(Reply::restore(expected).unwrap())
            );
        }
        assert_eq!(files(&outbox.folder), ["abc234.eml"]);
        assert_eq!(fs::read(outbox.path(&letter)).unwrap(), letter.bytes);
    }

    #[test]
    fn a_strange_message_id_stays_in_the_folder() {
        let path = Outbox::new("outbox").path(&letter("../../etc/x@h.example"));
        assert_eq!(path, Path::new("outbox/______etc_x.eml"));
    }

    #[test]
    fn says_what_is_in_the_way() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("outbox");
        fs::write(&file, "a file").unwrap();
        let error = Outbox::new(&file).hand_over(&letter("a@b.example"));
        let said = error.unwrap_err().to_string();
        let said = said.replace(&folder.path().display().to_string(), "DIR");
        insta::assert_snapshot!(said.replace('\\', "/"), @"cannot write `DIR/outbox/a.eml`");
        insta::assert_snapshot!(OutboxError::Full("outbox/a.eml".into()), @"the disk is full: `outbox/a.eml` was not written");
        insta::assert_snapshot!(OutboxError::Denied("outbox".into()), @"the folder `outbox` may not be written to");
    }
}
