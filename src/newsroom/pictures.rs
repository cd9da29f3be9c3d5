//! The pictures made for the mail, in a folder of their own. Each is written once and never changed: its name is made from what is in it.

use std::fs;
use std::io;
use std::path::Path;
use std::time::SystemTime;

use super::write::make_folder;
use super::{NewsroomError, write_new};
use crate::files;
use crate::model::picture::PictureName;

/// The most octets of one.
const LARGEST: u64 = 2_000_000;

/// Puts a picture into the folder, and makes that if there is none. One that is there already is the same.
///
/// # Errors
/// It cannot be written.
pub fn put(folder: &Path, name: &PictureName, octets: &[u8]) -> Result<(), NewsroomError> {
    make_folder(folder)?;
    match write_new(&folder.join(name.as_str()), octets) {
        Err(NewsroomError::Exists(..)) => Ok(()),
        done => done,
    }
}

/// What a copy is, as HTTP says it, and its octets; `None` if it is not there, or no such file.
#[must_use]
pub fn get(folder: &Path, name: &PictureName) -> Option<(&'static str, Vec<u8>)> {
    let (octets, _) = files::read(&folder.join(name.as_str()), LARGEST).ok()?;
    let kind = if name.is_png() {
        "image/png"
    } else {
        "image/jpeg"
    };
    Some((kind, octets))
}

/// Those that were written before an instant; other files are none. None when there is no folder.
///
/// # Errors
/// The folder cannot be read.
pub fn older(folder: &Path, before: SystemTime) -> Result<Vec<PictureName>, NewsroomError> {
    let failed = |source| NewsroomError::Read(folder.into(), source);
    let mut names = Vec::new();
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(names),
        entries => entries.map_err(failed)?,
    };
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let written = entry.metadata().and_then(|about| about.modified());
        if written.is_ok_and(|written| written < before) {
            names.extend(
                entry
                    .file_name()
                    .to_str()
                    .and_then(|name| name.parse().ok()),
            );
        }
    }
    Ok(names)
}

/// Takes a picture out of the folder. One that is gone already, or cannot be taken, is no matter: the next time comes.
pub fn remove(folder: &Path, name: &PictureName) {
    _ = fs::remove_file(folder.join(name.as_str()));
}
