//! Alerts that were stopped before their end, by a kill or a relay that was away: the clock goes on with them until they are too late.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::{ClockEvent, ClockSetup, MorningError, NAP, Step};
use crate::config::Config;
use crate::send::{self, SendEvent};

/// The longest wait after one was stopped again. Each wait is twice the one before.
const LONGEST: TimeDelta = TimeDelta::minutes(5);

/// Looks for them once a minute, until the stop is asked for.
pub(super) async fn take_up(setup: Arc<ClockSetup>) {
    let stop = setup.world.stop.clone();
    let (mut failures, mut again): (u32, DateTime<Utc>) = Default::default();
    while !stop.is_asked() {
        let now = setup.world.now();
        // A clock that was set back is no reason to wait for long.
        if now >= again || again > now + LONGEST {
            let here = Arc::clone(&setup);
            let runtime = tokio::runtime::Handle::current();
            // The ledger keeps its thread for a while, and readers' pages must not wait for it.
            let turn = tokio::task::spawn_blocking(move || runtime.block_on(go_on(&here)));
            let wait = match turn.await {
                Ok(true) => TimeDelta::zero(),
                Ok(false) => (NAP * (1 << failures.min(3))).min(LONGEST),
                Err(_) => {
                    (setup.tell)(None, ClockEvent::Stumbled);
                    LONGEST
                }
            };
            failures = if wait.is_zero() { 0 } else { failures + 1 };
            again = setup.world.now() + wait;
        }
        let nap = tokio::time::sleep(NAP.to_std().unwrap_or_default());
        _ = stop.unless_asked(nap).await;
    }
}

/// `false`: one is not sent to its end still.
async fn go_on(setup: &ClockSetup) -> bool {
    // What is wrong with the config is told by the newsletters.
    let Ok(newsroom) = (setup.read_newsroom)() else {
        return true;
    };
    let Some(Ok(config)) = newsroom.alerts else {
        return true;
    };
    let tell = |event: ClockEvent<'_>| (setup.tell)(config.name.as_ref(), event);
    match finish(&config, setup, &mut |event| {
        tell(ClockEvent::Step {
            step: Step::Sending(event),
            config: &config,
        });
    })
    .await
    {
        Ok(finished) => {
            let is_over = finished.iter().all(send::Sent::is_over);
            for sent in finished {
                tell(if sent.is_over() {
                    ClockEvent::Sent(sent)
                } else {
                    ClockEvent::Failed(MorningError::Halted(Box::new(sent)))
                });
            }
            is_over
        }
        Err(error) if error.is_stop() => true,
        Err(error) => {
            tell(ClockEvent::Failed(error));
            false
        }
    }
}

async fn finish(
    config: &Config,
    setup: &ClockSetup,
    tell: &mut dyn FnMut(SendEvent),
) -> Result<Vec<send::Sent>, MorningError> {
    setup.ledger.check()?;
    if !send::is_alert_stopped(config)? {
        return Ok(Vec::new());
    }
    Ok(send::finish_alerts(config, &setup.world, tell).await?)
}
