//! The file as a whole, when it becomes the list of readers or stops being it.

use std::path::PathBuf;

use super::LARGEST;
use super::revise::SubscribersLock;
use super::splice::block;
use crate::model::subscriber::Subscriber;
use crate::newsroom::NewsroomError;
use crate::newsroom::write::{outlast, read_if_any, write_atomic};

impl SubscribersLock {
    /// The text of the file; empty where there is none.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(&self) -> Result<String, NewsroomError> {
        read_if_any(&self.path, LARGEST)
    }

    /// Gives the file, which is not the list any more, a name that is free: `subscribers.toml.moved`, or `.moved-2` and so on. `None`: there is none.
    ///
    /// # Errors
    /// It cannot be renamed.
    pub fn set_aside(&self) -> Result<Option<PathBuf>, NewsroomError> {
        if !self.path.exists() {
            return Ok(None);
        }
        let name = |number: u32| {
            let mut name = self.path.clone().into_os_string();
            name.push(".moved");
            if number > 1 {
                name.push(format!("-{number}"));
            }
            PathBuf::from(name)
        };
        let free = (1..1_000).map(name).find(|name| !name.exists());
        let free = free.ok_or_else(|| NewsroomError::Exists(name(1)))?;
        std::fs::rename(&self.path, &free)
            .map_err(|error| NewsroomError::Write(self.path.clone(), error))?;
        outlast(&free, &free)?;
        Ok(Some(free))
    }

    /// Writes these subscribers as the whole file. What lay there and says something else is set aside; under which name.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_whole(&self, all: &[Subscriber]) -> Result<Option<PathBuf>, NewsroomError> {
        let mut text = String::new();
        for subscriber in all {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&block(subscriber));
            text.push('\n');
        }
        let is_same = self.path.exists() && self.read().is_ok_and(|there| there == text);
        if is_same {
            return Ok(None);
        }
        let set_aside = self.set_aside()?;
        write_atomic(&self.path, text.as_bytes())?;
        Ok(set_aside)
    }
}

#[cfg(test)]
mod tests {
    use crate::newsroom::subscribers::hold;

    #[test]
    fn nothing_that_lies_there_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.toml");
        let held = hold(&path).unwrap();
        assert_eq!(held.set_aside().unwrap(), None);
        for times in 1..4 {
            std::fs::write(&path, format!("# {times}\n")).unwrap();
            let aside = held.write_whole(&[]).unwrap().unwrap();
            assert_eq!(
                std::fs::read_to_string(aside).unwrap(),
                format!("# {times}\n")
            );
            assert_eq!(held.write_whole(&[]).unwrap(), None, "it says the same");
        }
    }
}
