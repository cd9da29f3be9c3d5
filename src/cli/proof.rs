//! `proof`: a copy for a few colleagues; the ledger never hears of it.

use super::Exit;
use super::arguments::Proof;
use super::open::{self, Setting};
use super::report::{Failure, Report, counted};
use super::{send, suppress};
use crate::config::Config;
use crate::mailer::Relay;
use crate::message::RunKey;
use crate::model::address::Address;
use crate::model::delivery::Verdict;

pub(super) fn run(verb: &Proof, setting: &Setting, report: Report) -> Result<Exit, Failure> {
    let config = setting.config()?;
    let addresses = suppress::addresses(&verb.addresses)?;
    // Whoever typed an address may see it.
    let shown = |address: &Address| address.reveal().to_owned();
    hand_over(&config, &addresses, shown, setting, report)
}

/// Sends the day's edition to `addresses`, and says what became of it; `shown` is how an address may be named.
pub(super) fn hand_over(
    config: &Config,
    addresses: &[Address],
    shown: impl Fn(&Address) -> String,
    setting: &Setting,
    report: Report,
) -> Result<Exit, Failure> {
    let verdicts = verdicts(config, addresses, setting, report)?;
    if verdicts.is_empty() {
        return Ok(Exit::Done);
    }
    let accepted = verdicts
        .iter()
        .filter(|(_, verdict)| matches!(verdict, Verdict::Accepted(_)))
        .count();
    for (address, verdict) in &verdicts {
        let address = shown(address);
        match verdict {
            Verdict::Accepted(_) => {}
            Verdict::Rejected(reply) | Verdict::Deferred(reply) => {
                report.warn(format!("`{address}` was refused: `{reply}`"));
            }
            Verdict::InDoubt => report.warn(format!(
                "the relay fell silent over the copy for `{address}`: it may have arrived"
            )),
        }
    }
    report.say(format!(
        "{} of {} {}",
        counted(accepted as u64, "proof", "proofs"),
        setting.slug(config),
        place(&config.handover.relay)
    ));
    Ok(if accepted == verdicts.len() {
        Exit::Done
    } else {
        Exit::DoneWithRefusals
    })
}

/// Sends the day's edition to `addresses`; without an edition file it is drafted first. None on a quiet day.
pub(super) fn verdicts(
    config: &Config,
    addresses: &[Address],
    setting: &Setting,
    report: Report,
) -> Result<Vec<(Address, Verdict)>, Failure> {
    open::password(config)?;
    let slug = setting.slug(config);
    let Some(edition) = send::edition(config, &slug, setting, report)? else {
        return Ok(Vec::new());
    };
    let key = RunKey(send::random_key()?);
    open::runtime()?
        .block_on(crate::send::proof(
            config,
            &edition,
            addresses,
            &key,
            setting.now(),
        ))
        .map_err(|halt| {
            let exit = if halt.may_pass() {
                Exit::TryAgain
            } else {
                Exit::Problem
            };
            Failure::error(halt)
                .exit(exit)
                .still("the subscribers got nothing, and the ledger was not touched")
        })
}

/// Where a proof goes, in words: ``handed to `smtp.example.org:587` ``.
pub(super) fn place(relay: &Relay) -> String {
    match relay {
        Relay::Outbox(folder) => format!("in `{}`", folder.display()),
        Relay::Smtp(smtp) => format!("handed to `{}:{}`", smtp.host, smtp.port),
    }
}
