//! Newsletters that share a ledger and a relay take turns: one at a time freezes and hands over, in whichever process. So `[relay]`'s limits hold
//! over all of them. A run of which only deferred copies are left lets the others go first until they are due.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::error::SendError;
use crate::config::Config;
use crate::ledger::{SendLock, SendLockError};
use crate::model::turn::Turn;
use crate::model::world::World;

/// How often it is tried while another process has the turn.
const AGAIN: Duration = Duration::from_millis(200);

/// The right to freeze and hand over, while it lives.
pub(super) struct SenderTurn {
    _in_ledger: SendLock,
    _in_process: Turn,
}

/// Waits for it: for another process until `not_after` at most, for newsletters of this one as long as they take. `None`: there is no other
/// newsletter. Of those of this process that wait the most urgent is first, also those that come within the time that it `gives_way`.
pub(super) async fn take(
    config: &Config,
    world: &World,
    not_after: Option<DateTime<Utc>>,
    gives_way: Duration,
) -> Result<Option<SenderTurn>, SendError> {
    if config.name.is_none() {
        return Ok(None);
    }
    let place = world.turn.wait(not_after);
    if !gives_way.is_zero() {
        world
            .stop
            .unless_asked(tokio::time::sleep(gives_way))
            .await?;
    }
    let in_process = world.stop.unless_asked(place.turn()).await?;
    loop {
        match SendLock::take(&config.ledger.path, None, world.now()) {
            Ok(in_ledger) => {
                return Ok(Some(SenderTurn {
                    _in_ledger: in_ledger,
                    _in_process: in_process,
                }));
            }
            Err(SendLockError::Other { .. }) if not_after.is_none_or(|end| world.now() < end) => {}
            Err(error) => return Err(error.into()),
        }
        world.stop.unless_asked(tokio::time::sleep(AGAIN)).await?;
    }
}
