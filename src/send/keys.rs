//! The keys that seal readers' links and bounce addresses.

use std::sync::Arc;

use super::error::ReaderKeysError;
use crate::config::{Config, NoKeys};
use crate::ledger::Run;
use crate::model::newsletter::Letterhead;
use crate::model::token::Keys;
use crate::model::world::Random;

/// The keys, made at first need; `None` where the config asks for neither links nor bounces.
///
/// # Errors
/// The file is broken, or cannot be made.
pub fn keys(config: &Config, random: Random) -> Result<Option<Arc<Keys>>, ReaderKeysError> {
    let wanted = &config.newsletter;
    if wanted.public.is_none() && wanted.bounces.is_none() {
        return Ok(None);
    }
    Ok(Some(Arc::new(config.serving.keys_or_new(random)?)))
}

/// The keys that seal this run's tokens: those of its freeze, so that a letter sent again is the same.
pub(super) fn of_run(config: &Config, run: &Run) -> Result<Option<Arc<Keys>>, ReaderKeysError> {
    let Some(id) = run.letterhead.as_ref().and_then(Letterhead::sealed_by) else {
        return Ok(None);
    };
    let keys = config.serving.keys().map_err(NoKeys::Problem)?;
    let keys = keys.and_then(|keys| keys.sealing_with(id));
    let keys = keys.ok_or_else(|| ReaderKeysError::Lost {
        id,
        slug: run.slug.clone(),
        file: config.serving.secret.clone(),
    })?;
    Ok(Some(Arc::new(keys)))
}
