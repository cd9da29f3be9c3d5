//! Samples of readership, as often as the config says, and what editions brought once their day is over.

use std::collections::HashMap;
use std::sync::Arc;

use super::{ClockEvent, NAP, Newsroom};
use crate::config::Config;
use crate::draft;
use crate::ledger::{Ledger, LedgerError};
use crate::model::line::Line;
use crate::results;

/// Takes samples until the stop is asked for. One that is under way then is dropped.
pub async fn take_samples(newsroom: Arc<Newsroom>) {
    let stop = newsroom.world.stop.clone();
    let mut said = HashMap::new();
    while !stop.is_asked() {
        let room = Arc::clone(&newsroom);
        let runtime = tokio::runtime::Handle::current();
        // The ledger may keep its thread waiting.
        let turn = tokio::task::spawn_blocking(move || {
            let turn = runtime.block_on(room.world.stop.unless_asked(sample(&room, &mut said)));
            if let Ok(Err(error)) = turn {
                (room.tell)(ClockEvent::SampleFailed(&error));
            }
            said
        });
        said = turn.await.unwrap_or_else(|_| {
            (newsroom.tell)(ClockEvent::Stumbled);
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
    newsroom: &Newsroom,
    said: &mut HashMap<Line, Vec<Line>>,
) -> Result<(), LedgerError> {
    // What is wrong with the config is said by the clock.
    let Ok(config) = (newsroom.read_config)() else {
        return Ok(());
    };
    let takes_samples = draft::sampled(&config).any(|service| service.every.is_some());
    if !takes_samples && config.newsletter.link_query.is_none() {
        return Ok(());
    }
    newsroom.ledger.check()?;
    let now = newsroom.world.now();
    let mut ledger = Ledger::open(&config.ledger)?;
    gather_results(newsroom, &config, &mut ledger).await?;
    let due = draft::due(&config, &ledger, now)?;
    for report in draft::take(&due, &mut ledger, &config.newsletter.zone, now).await? {
        let words: Vec<Line> = report.misses.iter().map(|miss| miss.what.clone()).collect();
        if said.insert(report.source.clone(), words.clone()) != Some(words) {
            (newsroom.tell)(ClockEvent::Sampled(&report));
        }
    }
    Ok(())
}

/// Gathers what editions brought whose day is over.
async fn gather_results(
    newsroom: &Newsroom,
    config: &Config,
    ledger: &mut Ledger,
) -> Result<(), LedgerError> {
    let now = newsroom.world.now();
    for run in results::due(config, ledger, now)? {
        let Ok(salt) = newsroom.world.random.bytes() else {
            return Ok(());
        };
        if results::is_over(&run, now) {
            let salt = u64::from_ne_bytes(salt);
            let gathered = results::gather(config, ledger, &run, now, salt).await?;
            (newsroom.tell)(ClockEvent::Results(&run.slug, &gathered));
        }
    }
    Ok(())
}
