//! The edition file: drafted, or read where a person or the clock has drafted it already.

use std::panic::resume_unwind;
use std::sync::{Mutex, PoisonError};
use std::thread::{self, ScopedJoinHandle};

use tokio::runtime::Handle;
use tokio::task::block_in_place;

use super::{Asking, Draft, DraftError, Gathered, prune, record, versions};
use crate::config::Config;
use crate::ledger::{Ledger, Target};
use crate::model::edition::{Edition, Slug, VersionOrigin};
use crate::model::world::{Random, World};
use crate::newsroom::editions::{self, Overwrite};

/// So many editions are written at once.
const AT_ONCE: usize = 8;

/// Chooses the edition of `slug`, heeding what an editor did to its file, and writes nothing. Pictures are not looked at.
///
/// # Errors
/// Nothing could be chosen, or the stop was asked for.
pub async fn choose(config: &Config, slug: &Slug, world: &World) -> Result<Draft, DraftError> {
    let mut ledger = Ledger::open_if_any(&config.ledger)?;
    chosen(config, slug, (None, ledger.as_mut()), world, None).await
}

/// Gathers once what all of these editions are drafted from, in their order.
///
/// # Errors
/// The ledger failed, or the stop was asked for.
pub async fn for_all(
    editions: &[(&Config, &Slug)],
    world: &World,
) -> Result<Vec<Gathered>, DraftError> {
    let Some((first, _)) = editions.first() else {
        return Ok(Vec::new());
    };
    let mut ledger = Ledger::open_if_any(&first.ledger)?;
    gathered(editions, ledger.as_mut(), world).await
}

async fn gathered(
    editions: &[(&Config, &Slug)],
    ledger: Option<&mut Ledger>,
    world: &World,
) -> Result<Vec<Gathered>, DraftError> {
    let mut asking = Asking::once(u64::from_ne_bytes(world.random.bytes()?));
    let gathered = super::gather_for(editions, ledger, world.now(), &mut asking);
    Ok(world.stop.unless_asked(Box::pin(gathered)).await??)
}

async fn chosen(
    config: &Config,
    slug: &Slug,
    (known, mut ledger): (Option<Gathered>, Option<&mut Ledger>),
    world: &World,
    looks: Option<Random>,
) -> Result<Draft, DraftError> {
    if slug.is_correction() {
        return Err(DraftError::Correction(slug.clone()));
    }
    let hand = editions::read_hand(&config.editions(), slug).map_err(DraftError::Hand)?;
    let gathered = match known {
        Some(known) => known,
        None => gathered(&[(config, slug)], ledger.as_deref_mut(), world)
            .await?
            .pop()
            .unwrap_or_default(),
    };
    let chosen = super::choose_from(
        gathered,
        config,
        ledger.as_deref(),
        slug,
        hand,
        world.now(),
        looks,
    );
    let chosen = world.stop.unless_asked(Box::pin(chosen)).await??;
    // Ranking does not wait for anything, so it is not dropped half-way.
    world.stop.check()?;
    Ok(chosen)
}

/// Chooses, and writes edition and reasons; a quiet day writes nothing. What was gathered for several editions is used, if it is given. From the
/// rename of the edition file on the draft exists. A newsroom without a ledger gets one, for the versions of the file.
///
/// # Errors
/// Under [`Overwrite::Refuse`] the file is there already; under [`Overwrite::Replace`] the edition is frozen for its readers, whom nothing
/// written now would reach; else as [`choose`], or it cannot be written.
pub async fn to_file(
    config: &Config,
    slug: &Slug,
    overwrite: Overwrite,
    gathered: Option<Gathered>,
    world: &World,
) -> Result<Draft, DraftError> {
    let folder = config.editions();
    let path = editions::path_of(&folder, slug);
    if overwrite == Overwrite::Refuse && path.exists() {
        return Err(DraftError::Exists(path));
    }
    let ledger = Ledger::open(&config.ledger)?;
    if overwrite == Overwrite::Replace
        && let Some(run) = ledger.run(config.runs_of(), slug, &Target::Relay)?
    {
        let at = config.newsletter.zone.at(run.frozen).fixed_offset();
        return Err(DraftError::Frozen(slug.clone(), at));
    }
    written(config, slug, overwrite, (gathered, Some(ledger)), world).await
}

/// Drafts each of these editions into its file as [`to_file`] does, from what is gathered once for all. Files are written side by side: most of the
/// time is waiting for the disk, and ranking has a core for each.
///
/// # Errors
/// Nothing could be gathered. What is wrong with one edition is its own.
pub async fn all_to_files(
    editions: &[(&Config, &Slug)],
    overwrite: Overwrite,
    world: &World,
) -> Result<Vec<Result<Draft, DraftError>>, DraftError> {
    let gathered = for_all(editions, world).await?;
    let Some((first, _)) = editions.first() else {
        return Ok(Vec::new());
    };
    // Whoever closes the ledger last tidies it up: once, not behind each edition.
    let _open = Ledger::open(&first.ledger)?;
    let waiting = editions.iter().zip(gathered).enumerate();
    let waiting = Mutex::new(waiting);
    let runtime = Handle::current();
    let work = || {
        let mut written = Vec::new();
        loop {
            let next = waiting
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .next();
            let Some((place, ((config, slug), gathered))) = next else {
                return written;
            };
            let one = to_file(config, slug, overwrite, Some(gathered), world);
            written.push((place, runtime.block_on(one)));
        }
    };
    let mut all: Vec<(usize, Result<Draft, DraftError>)> = block_in_place(|| {
        thread::scope(|scope| {
            let threads: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
            let written = threads.into_iter().map(ScopedJoinHandle::join);
            written
                .flat_map(|written| written.unwrap_or_else(|stumbled| resume_unwind(stumbled)))
                .collect()
        })
    });
    all.sort_by_key(|(place, _)| *place);
    Ok(all.into_iter().map(|(_, written)| written).collect())
}

async fn written(
    config: &Config,
    slug: &Slug,
    overwrite: Overwrite,
    (gathered, mut ledger): (Option<Gathered>, Option<Ledger>),
    world: &World,
) -> Result<Draft, DraftError> {
    let from = (gathered, ledger.as_mut());
    let mut draft = chosen(config, slug, from, world, Some(world.random)).await?;
    if let (Some(edition), Some(drafted)) = (&draft.edition, &draft.drafted) {
        let (why, zone) = (&draft.selection, &config.newsletter.zone);
        // What is replaced is kept before it is: from here on no word of it is lost.
        if let Some(ledger) = &mut ledger {
            versions::keep_saved(config, ledger, slug, &world.clock)?;
        }
        editions::write(
            &config.editions(),
            edition,
            drafted,
            why,
            world.now(),
            zone,
            overwrite,
        )?;
        if let Some(ledger) = &mut ledger {
            let origin = (VersionOrigin::Draft, world.who.as_ref());
            versions::keep(config, ledger, slug, origin, &world.clock)?;
            record::keep(config, ledger, &draft.selection.record, world.now())?;
        }
        let missed = prune::prune(config, ledger.as_ref(), world.now());
        draft.selection.misses.extend(missed);
    }
    Ok(draft)
}

/// The edition in the file of `slug`; without one it is drafted first, and `told` what was chosen. `None` on a quiet day.
///
/// # Errors
/// The file has problems, or nothing could be drafted.
pub async fn edition(
    config: &Config,
    slug: &Slug,
    world: &World,
    told: &mut dyn FnMut(&Draft),
) -> Result<Option<Edition>, DraftError> {
    let folder = config.editions();
    let mut ledger = Ledger::open_if_any(&config.ledger)?;
    if let Some(ledger) = &mut ledger {
        versions::keep_saved(config, ledger, slug, &world.clock)?;
    }
    let found = || editions::read(&folder, slug).map_err(DraftError::Edition);
    if let Some(edition) = found()? {
        return Ok(Some(edition));
    }
    match written(config, slug, Overwrite::Refuse, (None, ledger), world).await {
        // Somebody else was faster, and may be editing it already.
        Err(DraftError::Exists(_) | DraftError::Write(_))
            if editions::path_of(&folder, slug).exists() =>
        {
            found()
        }
        drafted => {
            let draft = drafted?;
            told(&draft);
            Ok(draft.edition)
        }
    }
}
