//! Runs that share a ledger and a relay take turns: one at a time freezes and hands over, in whichever process. So `[relay]`'s limits hold
//! over all of them. A run of which only deferred copies are left lets the others go first until they are due, and every run stops for an alert,
//! between two letters, and goes on behind it.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::error::SendError;
use crate::config::{Beside, Config};
use crate::ledger::{LockOf, SendLock, SendLockError};
use crate::model::turn::Turn;
use crate::model::world::World;

/// How often it is looked whether another process still has the turn, or an alert wants it.
pub(super) const AGAIN: Duration = Duration::from_millis(200);

/// The right to freeze and hand over, while it lives.
pub(super) struct SenderTurn {
    in_ledger: InLedger,
    /// An alert has none: who has it in this process stops for the alert as it does for one of another.
    in_process: Option<Turn>,
}

/// What other processes see of it.
struct InLedger {
    _relay: SendLock,
    /// An alert's: the others stop for it.
    _alert: Option<SendLock>,
}

/// Waits for it: for another process until `not_after` at most, for newsletters of this one as long as they take. Of those of this process that wait the most
/// urgent is first, also those that come within the time that it `gives_way`. An alert waits for nobody but another alert and the letters under way.
pub(super) async fn take(
    config: &Config,
    world: &World,
    not_after: Option<DateTime<Utc>>,
    gives_way: Duration,
) -> Result<SenderTurn, SendError> {
    if config.is_alerts {
        return Ok(SenderTurn {
            in_ledger: in_ledger(config, world, not_after).await?,
            in_process: None,
        });
    }
    let place = world.turn.wait(not_after);
    if config.name.is_some() && !gives_way.is_zero() {
        world
            .stop
            .unless_asked(tokio::time::sleep(gives_way))
            .await?;
    }
    let in_process = world.stop.unless_asked(place.turn()).await?;
    Ok(SenderTurn {
        in_ledger: in_ledger(config, world, not_after).await?,
        in_process: Some(in_process),
    })
}

impl SenderTurn {
    /// Lets the alert go first. Newsletters of this process stay behind.
    pub(super) async fn behind_the_alert(
        self,
        config: &Config,
        world: &World,
        not_after: Option<DateTime<Utc>>,
    ) -> Result<Self, SendError> {
        drop(self.in_ledger);
        Ok(Self {
            in_ledger: in_ledger(config, world, not_after).await?,
            in_process: self.in_process,
        })
    }
}

/// Whether somebody freezes or hands over now.
pub(super) fn is_taken(config: &Config) -> bool {
    SendLock::holder(&config.ledger.path, relay(config)).is_some()
}

const fn relay(config: &Config) -> LockOf<'static> {
    match config.beside {
        Beside::Others => LockOf::Relay,
        Beside::None => LockOf::RelayOfOne,
    }
}

async fn in_ledger(
    config: &Config,
    world: &World,
    not_after: Option<DateTime<Utc>>,
) -> Result<InLedger, SendError> {
    let ledger = &config.ledger.path;
    let relay = relay(config);
    let mut alert = None;
    loop {
        let is_first = match (config.is_alerts, &alert) {
            (true, None) => SendLock::take(ledger, LockOf::Alert, world.now()).map(|lock| {
                alert = Some(lock);
            }),
            (true, Some(_)) => Ok(()),
            (false, _) => match SendLock::holder(ledger, LockOf::Alert) {
                Some(by) => Err(SendLockError::Other { by }),
                None => Ok(()),
            },
        };
        match is_first.and_then(|()| SendLock::take(ledger, relay, world.now())) {
            Ok(relay) => {
                return Ok(InLedger {
                    _relay: relay,
                    _alert: alert,
                });
            }
            Err(SendLockError::Other { .. }) if not_after.is_none_or(|end| world.now() < end) => {}
            Err(error) => return Err(error.into()),
        }
        world.stop.unless_asked(tokio::time::sleep(AGAIN)).await?;
    }
}
