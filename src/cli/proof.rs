//! `proof`: a copy for a few colleagues; the ledger never hears of it.

use super::Exit;
use super::arguments::Proof;
use super::open::{self, Setting};
use super::report::{Failure, Report, counted};
use super::{send, suppress};
use crate::address::Address;
use crate::delivery::Verdict;
use crate::edition::Slug;
use crate::mailer::Relay;
use crate::message::RunKey;

pub(super) fn run(verb: &Proof, setting: &Setting, report: Report) -> Result<Exit, Failure> {
    let Some(proofs) = hand_over(&verb.addresses, setting, report)? else {
        return Ok(Exit::Done);
    };
    for (address, verdict) in &proofs.verdicts {
        // Whoever typed an address may see it.
        match verdict {
            Verdict::Accepted(_) => {}
            Verdict::Rejected(reply) | Verdict::Deferred(reply) => {
                report.warn(format!("`{}` was refused: `{reply}`", address.reveal()));
            }
            Verdict::InDoubt => report.warn(format!(
                "the relay fell silent over the copy for `{}`: it may have arrived",
                address.reveal()
            )),
        }
    }
    let accepted = proofs
        .verdicts
        .iter()
        .filter(|(_, verdict)| matches!(verdict, Verdict::Accepted(_)))
        .count();
    report.say(format!(
        "{} of {} {}",
        counted(accepted as u64, "proof", "proofs"),
        proofs.slug,
        proofs.place
    ));
    Ok(if accepted == proofs.verdicts.len() {
        Exit::Done
    } else {
        Exit::DoneWithRefusals
    })
}

/// Proofs that were handed over.
pub(super) struct Proofs {
    pub(super) slug: Slug,
    pub(super) verdicts: Vec<(Address, Verdict)>,
    /// Where to, as ``handed to `smtp.example.org:587` ``.
    pub(super) place: String,
}

/// Hands a proof of the day's edition over for each address; without an edition file it is drafted first. `None` on a quiet day.
pub(super) fn hand_over(
    addresses: &[String],
    setting: &Setting,
    report: Report,
) -> Result<Option<Proofs>, Failure> {
    let config = setting.config()?;
    let addresses = suppress::addresses(addresses)?;
    let slug = setting.slug(&config);
    let Some(edition) = send::edition(&config, &slug, setting, report)? else {
        return Ok(None);
    };
    let key = RunKey(send::random_key()?);
    let verdicts = open::runtime()?
        .block_on(crate::send::proof(
            &config,
            &edition,
            &addresses,
            &key,
            setting.now(),
        ))
        .map_err(|error| {
            Failure::error(error)
                .still("the subscribers got nothing, and the ledger was not touched")
        })?;
    Ok(Some(Proofs {
        slug,
        verdicts,
        place: place(&config.handover.relay),
    }))
}

/// Where a proof goes, in words.
pub(super) fn place(relay: &Relay) -> String {
    match relay {
        Relay::Outbox(folder) => format!("in `{}`", folder.display()),
        Relay::Smtp(smtp) => format!("handed to `{}:{}`", smtp.host, smtp.port),
    }
}
