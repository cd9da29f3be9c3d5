//! Samples of readership, as often as the config says, and what editions brought once their day is over.

use std::collections::HashMap;
use std::sync::Arc;

use super::{ClockEvent, ClockSetup, NAP};
use crate::config::Config;
use crate::draft;
use crate::ledger::{Ledger, LedgerError};
use crate::model::line::Line;
use crate::results;

/// Takes samples until the stop is asked for. One that is under way then is dropped.
pub async fn take_samples(setup: Arc<ClockSetup>) {
    let stop = setup.world.stop.clone();
    let mut said = HashMap::new();
    while !stop.is_asked() {
        let room = Arc::clone(&setup);
        let runtime = tokio::runtime::Handle::current();
        // The ledger may keep its thread waiting.
        let turn = tokio::task::spawn_blocking(move || {
            let turn = runtime.block_on(room.world.stop.unless_asked(sample(&room, &mut said)));
            if let Ok(Err(error)) = turn {
                (room.tell)(None, ClockEvent::SampleFailed(&error));
            }
            said
        });
        said = turn.await.unwrap_or_else(|_| {
            (setup.tell)(None, ClockEvent::Stumbled);
            HashMap::new()
        });
        let nap = tokio::time::sleep(NAP.to_std().unwrap_or_default());
        if stop.unless_asked(nap).await.is_err() {
            return;
        }
    }
}

/// Takes what is due. `said` is what each service was last missed for: the same is not said again and again.
async fn sample(
    setup: &ClockSetup,
    said: &mut HashMap<Line, Vec<Line>>,
) -> Result<(), LedgerError> {
    // What is wrong with the config is said by the clock.
    let Ok(newsroom) = (setup.read_newsroom)() else {
        return Ok(());
    };
    for config in &newsroom.newsletters {
        if config.newsletter.link_query.is_some() {
            setup.ledger.check()?;
            gather_results(setup, config, &mut Ledger::open(&config.ledger)?).await?;
        }
    }
    // Readership is shared: each newsletter has all of it.
    let Some(config) = newsroom.newsletters.first() else {
        return Ok(());
    };
    if !draft::sampled(config).any(|service| service.every.is_some()) {
        return Ok(());
    }
    setup.ledger.check()?;
    let now = setup.world.now();
    let mut ledger = Ledger::open(&config.ledger)?;
    let due = draft::due(config, &ledger, now)?;
    for report in draft::take(&due, &mut ledger, &config.newsletter.zone, now).await? {
        let words: Vec<Line> = report.misses.iter().map(|miss| miss.what.clone()).collect();
        if said.insert(report.source.clone(), words.clone()) != Some(words) {
            (setup.tell)(None, ClockEvent::Sampled(&report));
        }
    }
    Ok(())
}

/// Gathers what editions brought whose day is over.
async fn gather_results(
    setup: &ClockSetup,
    config: &Config,
    ledger: &mut Ledger,
) -> Result<(), LedgerError> {
    let now = setup.world.now();
    for run in results::due(config, ledger, now)? {
        let Ok(salt) = setup.world.random.bytes() else {
            return Ok(());
        };
        if results::is_over(&run, now) {
            let salt = u64::from_ne_bytes(salt);
            let gathered = results::gather(config, ledger, &run, now, salt).await?;
            (setup.tell)(
                config.name.as_ref(),
                ClockEvent::Results(&run.slug, &gathered),
            );
        }
    }
    Ok(())
}
