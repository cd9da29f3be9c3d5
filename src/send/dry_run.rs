//! What a send would do, looked at without doing it.

use std::collections::{BTreeMap, HashSet};

use super::audience::Audience;
use super::begin::{SendOrder, says_how_to_leave, target};
use super::error::SendError;
use super::freeze::{let_go, not_held};
use super::readers::Readers;
use super::{Tell, findings};
use crate::config::Config;
use crate::ledger::{Ledger, Seat};
use crate::model::address::Address;
use crate::model::delivery::Tally;
use crate::model::edition::Edition;
use crate::model::finding::Finding;
use crate::model::subscriber::LeftOut;
use crate::model::world::World;

/// Whom an edition would go to.
pub struct WouldGo {
    pub recipients: u64,
    /// How many are left out, by reason.
    pub left_out: BTreeMap<LeftOut, u64>,
    pub findings: Vec<Finding>,
}

/// The tally of the edition if it is frozen already: its recipients are settled, whatever the subscribers file says now.
///
/// # Errors
/// It could not be sent, or the ledger fails.
pub fn frozen(config: &Config, order: &SendOrder) -> Result<Option<Tally>, SendError> {
    says_how_to_leave(config)?;
    let Some(ledger) = Ledger::open_if_any(&config.ledger)? else {
        return Ok(None);
    };
    let run = ledger.run(config.runs_of(), &order.slug, &target(config))?;
    Ok(run.map(|run| ledger.tally(run.id)).transpose()?)
}

/// Whom this edition, which is not frozen, would go to.
///
/// # Errors
/// What would keep it from being frozen.
pub fn would_go(
    config: &Config,
    edition: &Edition,
    world: &World,
    tell: Tell<'_>,
) -> Result<WouldGo, SendError> {
    not_held(edition, config)?;
    let ledger = Ledger::open_if_any(&config.ledger)?;
    let let_go = let_go(config, edition, ledger.as_ref(), &target(config), tell)?;
    let readers = Readers::read(config, ledger.as_ref(), edition, tell)?;
    let audience = Audience::of(edition, &config.sections, readers.each())?;
    let (suppressed, left) = match ledger {
        Some(ledger) => (
            ledger.suppressed()?.rows,
            ledger.who_left(&config.newsletter.id)?.rows,
        ),
        None => (Vec::new(), Vec::new()),
    };
    let left: HashSet<_> = left.iter().map(Address::key).collect();
    let suppressed: HashSet<_> = suppressed.iter().map(|row| row.address.key()).collect();
    let mut seen = HashSet::new();
    let mut recipients = 0;
    let mut left_out = BTreeMap::new();
    for subscriber in readers.each() {
        let subscriber = subscriber?;
        let key = subscriber.address.key();
        let why = match audience.seat(&subscriber) {
            _ if suppressed.contains(&key) => LeftOut::Suppressed,
            _ if !seen.insert(key.clone().into_owned()) => LeftOut::Duplicate,
            _ if left.contains(&key) => LeftOut::Left,
            Seat::LeftOut { why, .. } => why,
            Seat::Recipient { .. } => {
                recipients += 1;
                continue;
            }
        };
        *left_out.entry(why).or_default() += 1;
    }
    Ok(WouldGo {
        recipients,
        left_out,
        findings: findings::of(
            edition,
            config,
            &readers.survey.sections,
            world.now(),
            let_go.as_ref(),
        ),
    })
}
