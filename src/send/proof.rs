//! A copy for a few colleagues. It goes the way of all letters, but past the ledger: it counts for nothing and blocks nothing.

use chrono::{DateTime, Utc};

use super::Halt;
use super::carrier::{Carrier, CarrierError};
use crate::config::Config;
use crate::message::{Copy, LetterTemplate, RunKey};
use crate::model::address::Address;
use crate::model::delivery::Verdict;
use crate::model::edition::Edition;
use crate::render;

/// Sends the edition to `addresses` only. `key` makes the Message-IDs unique: fresh random bytes for every proof.
///
/// # Errors
/// The relay cannot be reached or refuses us, or the outbox fails; those before it have got theirs.
pub async fn proof(
    config: &Config,
    edition: &Edition,
    addresses: &[Address],
    key: &RunKey,
    now: DateTime<Utc>,
) -> Result<Vec<(Address, Verdict)>, Halt> {
    let pages = render::pages(edition, &config.newsletter, &config.template);
    let press = LetterTemplate::new(
        &config.newsletter,
        &edition.slug,
        &pages,
        key,
        now,
        Copy::Proof,
    )
    .signed(config.signer.as_ref());
    let mut carrier = Carrier::new(&config.handover.relay);
    let mut verdicts = Vec::with_capacity(addresses.len());
    for (number, address) in (1..).zip(addresses) {
        let letter = press.letter(number, address, None)?;
        let (_, verdict) = carrier
            .hand_over(&letter, None, std::future::pending())
            .await
            .map_err(|error| match error {
                CarrierError::Outbox(error) => Halt::Outbox(error),
                CarrierError::Session(error) if error.is_about_us() => Halt::AboutUs(error),
                CarrierError::Session(error) => Halt::Unreachable(error),
            })?;
        verdicts.push((address.clone(), verdict));
    }
    carrier.close().await;
    Ok(verdicts)
}
