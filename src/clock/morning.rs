//! A morning's steps: what `draft`, `proof` and `send` do, whether a person or the clock asks for them.

use super::error::MorningError;
use crate::config::Config;
use crate::draft::{self, Draft};
use crate::model::address::Address;
use crate::model::delivery::Verdict;
use crate::model::edition::Slug;
use crate::model::world::World;
use crate::send::{self, SendError, SendEvent, SendOrder, Sent, WouldGo};

/// What happens meanwhile.
#[derive(Debug)]
pub enum Step<'a> {
    /// There was no edition file, so it was drafted; on a quiet day there still is none.
    Drafted(&'a Draft),
    Sending(send::SendEvent),
}

/// Who hears of it.
pub type Tell<'a> = &'a mut dyn FnMut(Step<'_>);

/// What a dry run finds.
pub enum DryRun {
    /// Frozen already, with this tally.
    Frozen(crate::model::delivery::Tally),
    WouldGo(WouldGo),
    QuietDay,
}

/// Sends the edition to everybody, or goes on where it stopped; without an edition file it is drafted first. `None` on a quiet day, and where it is fine
/// that nobody gets the newsletter and nobody does.
///
/// # Errors
/// It did not begin. Once it is frozen it ends with [`Sent`], which says why it ended early.
pub async fn send(
    config: &Config,
    order: &SendOrder,
    world: &World,
    tell: Tell<'_>,
) -> Result<Option<Sent>, MorningError> {
    let begun = send::begin(config, order, world, &mut |event| {
        tell(Step::Sending(event));
    })?;
    let sending = if begun.is_frozen() {
        begun.resume(&mut |event| tell(Step::Sending(event)))?
    } else {
        let drafted = &mut |draft: &Draft| tell(Step::Drafted(draft));
        match draft::edition(config, &order.slug, world, drafted).await? {
            None => None,
            Some(edition) => {
                let frozen = begun
                    .freeze(&edition, &mut |event| tell(Step::Sending(event)))
                    .await;
                match frozen {
                    // A newsletter of the week is nobody's until somebody wants less.
                    Err(SendError::NoReader { list, .. })
                        if order.may_be_nobodys || config.week.is_some() =>
                    {
                        tell(Step::Sending(SendEvent::NobodyGetsIt { list }));
                        None
                    }
                    frozen => Some(frozen?),
                }
            }
        }
    };
    let Some(sending) = sending else {
        return Ok(None);
    };
    let tell = &mut |event| tell(Step::Sending(event));
    Ok(Some(sending.hand_over(tell).await?))
}

/// Says what [`send`](fn@send) would do; it drafts a missing edition file, and freezes and sends nothing.
///
/// # Errors
/// What would keep it from being frozen.
pub async fn dry_run(
    config: &Config,
    order: &SendOrder,
    world: &World,
    tell: Tell<'_>,
) -> Result<DryRun, MorningError> {
    if let Some(tally) = send::frozen(config, order)? {
        return Ok(DryRun::Frozen(tally));
    }
    let drafted = &mut |draft: &Draft| tell(Step::Drafted(draft));
    let Some(edition) = draft::edition(config, &order.slug, world, drafted).await? else {
        return Ok(DryRun::QuietDay);
    };
    let tell = &mut |event| tell(Step::Sending(event));
    Ok(DryRun::WouldGo(send::would_go(
        config, &edition, world, tell,
    )?))
}

/// Sends a copy to a few colleagues; without an edition file it is drafted first. Nobody's verdict on a quiet day.
///
/// # Errors
/// There is no edition, or the relay takes nothing; the ledger never hears of it.
pub async fn proof(
    config: &Config,
    slug: &Slug,
    addresses: &[Address],
    world: &World,
    tell: Tell<'_>,
) -> Result<Vec<(Address, Verdict)>, MorningError> {
    if let Some(problem) = config.relays.password_missing() {
        return Err(MorningError::Config(vec![problem.clone()]));
    }
    let drafted = &mut |draft: &Draft| tell(Step::Drafted(draft));
    let Some(edition) = draft::edition(config, slug, world, drafted).await? else {
        return Ok(Vec::new());
    };
    send::proof(config, &edition, addresses, world)
        .await
        .map_err(MorningError::Proof)
}
