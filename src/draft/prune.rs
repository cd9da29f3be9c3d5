//! Copies of pictures that no edition shows any more go.

use std::collections::HashSet;
use std::error::Error;

use chrono::{DateTime, TimeDelta, Utc};

use super::pictures::{explained, miss};
use crate::config::Config;
use crate::ledger::{Ledger, Target};
use crate::model::picture::PictureName;
use crate::model::story::Miss;
use crate::newsroom::{self, editions};

/// A copy that nothing names is kept so long: somebody may be writing the edition that does.
const UNNAMED: TimeDelta = TimeDelta::days(7);

/// Takes copies away that no edition names: no file, and none that was sent and so is in the archive and in mailboxes.
pub(super) fn prune(config: &Config, ledger: Option<&Ledger>, now: DateTime<Utc>) -> Option<Miss> {
    let folder = &config.pictures.folder;
    let unnamed = || -> Result<HashSet<PictureName>, Box<dyn Error>> {
        let old = newsroom::pictures::older(folder, (now - UNNAMED).into())?;
        let mut old: HashSet<PictureName> = old.into_iter().collect();
        if old.is_empty() {
            return Ok(old);
        }
        let mut named = |text: &str| {
            for name in PictureName::all_in(text) {
                old.remove(&name);
            }
        };
        // Copies are shared by all newsletters, so all of their editions are looked through.
        for path in editions::all_files(&config.home.join(editions::FOLDER))? {
            named(&newsroom::read_text(&path, editions::LARGEST)?);
        }
        if let Some(ledger) = ledger {
            for sent in ledger.sent(None)? {
                let run = ledger.run(Some(&sent.newsletter), &sent.slug, &Target::Relay)?;
                named(run.as_ref().map_or("", |run| &run.edition));
            }
        }
        Ok(old)
    };
    match unnamed() {
        Ok(unnamed) => {
            for name in &unnamed {
                newsroom::pictures::remove(folder, name);
            }
            None
        }
        Err(error) => {
            let why = explained(&*error);
            Some(miss(&format!(
                "copies that no edition names are not removed: {why}"
            )))
        }
    }
}
