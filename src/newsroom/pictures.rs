//! The pictures made for the mail, in a folder of their own. Each is written once and never changed: its name is made from what is in it.

use std::collections::HashSet;
use std::path::Path;
use std::time::SystemTime;

use super::write::make_folder;
use super::{NewsroomError, write_new};
use crate::model::picture::PictureName;

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

/// Takes those pictures away that are older than `before` and not among `kept`; other files stay. How many went.
///
/// # Errors
/// The folder cannot be read.
pub fn prune(
    folder: &Path,
    kept: &HashSet<PictureName>,
    before: SystemTime,
) -> Result<usize, NewsroomError> {
    let failed = |source| NewsroomError::Read(folder.into(), source);
    if !folder.is_dir() {
        return Ok(0);
    }
    let mut gone = 0;
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let name = name.to_str().and_then(|name| name.parse().ok());
        let is_old = || {
            let written = entry.metadata().and_then(|about| about.modified());
            written.is_ok_and(|written| written < before)
        };
        if name.is_some_and(|name: PictureName| !kept.contains(&name)) && is_old() {
            gone += usize::from(std::fs::remove_file(entry.path()).is_ok());
        }
    }
    Ok(gone)
}
