//! A copy for a few colleagues. It goes the way of all letters, but past the ledger: it counts for nothing and blocks nothing. Only the link by which an
//! approver says that the edition may go out is kept there.

use super::approval::Offers;
use super::carrier::{Carrier, CarrierError};
use super::{Halt, keys};
use crate::config::{Config, Handover};
use crate::mailer::SessionError;
use crate::message::{LetterKind, LetterTemplate, RunKey};
use crate::model::address::Address;
use crate::model::delivery::Verdict;
use crate::model::edition::Edition;
use crate::model::world::World;
use crate::render;

/// Sends the edition to `addresses` only. Fresh random bytes make the Message-IDs of every proof unique.
///
/// # Errors
/// The relay cannot be reached or refuses us, the outbox fails, or the stop was asked for; those before have got theirs.
pub async fn proof(
    config: &Config,
    edition: &Edition,
    addresses: &[Address],
    world: &World,
) -> Result<Vec<(Address, Verdict)>, Halt> {
    let pages = render::pages(edition, &config.newsletter, &config.template);
    let key = RunKey(world.random.bytes()?);
    let now = world.now();
    let mut offers = match &config.approval {
        Some(_) => Offers::of(config, edition, keys::keys(config, world.random)?, world)?,
        None => None,
    };
    let mut carriers: Vec<(&Handover, Carrier)> = Vec::new();
    let mut verdicts = Vec::with_capacity(addresses.len());
    for (number, address) in (1..).zip(addresses) {
        let notice = match &mut offers {
            Some(offers) => offers.notice(address)?,
            None => None,
        };
        let own = notice.map(|notice| render::with_notice(&pages, &notice));
        let relay = config.relays.of_domain(address.domain());
        let template = LetterTemplate::new(
            &relay.letterhead(&config.newsletter),
            &edition.slug,
            own.as_ref().unwrap_or(&pages),
            &key,
            now,
            LetterKind::Proof,
        )
        .signed(relay.signer.as_ref());
        let letter = template.letter(number, address, None)?;
        let known = carriers.iter().position(|(of, _)| std::ptr::eq(*of, relay));
        let known = known.unwrap_or_else(|| {
            carriers.push((relay, Carrier::new(&relay.relay)));
            carriers.len() - 1
        });
        let carrier = &mut carriers[known].1;
        let ready = world
            .stop
            .unless_asked(Box::pin(carrier.ready(template.size())));
        ready.await.map_err(|_| Halt::Interrupted)?.map_err(lost)?;
        let handed = Box::pin(carrier.hand_over(&letter, None, world.stop.asked())).await;
        let (_, verdict) = handed.map_err(|error| match error {
            CarrierError::Outbox(error) => Halt::Outbox(error),
            CarrierError::Session(error) => lost(error),
        })?;
        verdicts.push((address.clone(), verdict));
    }
    for (_, carrier) in carriers {
        carrier.close().await;
    }
    Ok(verdicts)
}

fn lost(error: SessionError) -> Halt {
    if error.is_about_us() {
        Halt::AboutUs(error)
    } else {
        Halt::Unreachable(error)
    }
}
