//! `proof`: a copy for a few colleagues; the ledger hears of it only as far as an approver's link goes.

use super::arguments::ProofArgs;
use super::draft::told;
use super::exit::Exit;
use super::open::Setting;
use super::report::{Failure, Report, counted};
use super::{failures, suppress};
use crate::clock::{self, Step};
use crate::config::Config;
use crate::model::address::Address;
use crate::model::delivery::Verdict;
use crate::model::edition::Slug;
use crate::model::world::World;

pub(super) async fn run(
    verb: &ProofArgs,
    setting: &Setting,
    world: &World,
    report: Report,
) -> Result<Exit, Failure> {
    let config = setting.config()?;
    let slug = setting.slug(&config);
    let addresses = suppress::addresses(&verb.addresses)?;
    let mut drafted = |step: Step<'_>| {
        if let Step::Drafted(draft) = step {
            told(draft, &config, report);
        }
    };
    let sent = clock::proof(&config, &slug, &addresses, world, &mut drafted);
    let verdicts = sent.await.map_err(|error| failures::of(error, report))?;
    Ok(answered(&verdicts, &slug, &config, report))
}

/// Tells whoever typed the addresses what became of their proofs.
pub(super) fn answered(
    verdicts: &[(Address, Verdict)],
    slug: &Slug,
    config: &Config,
    report: Report,
) -> Exit {
    // Whoever typed an address may see it.
    let shown = |address: &Address| address.reveal().to_owned();
    verdicts_told(verdicts, shown, slug, config, report);
    let is_taken = |(_, verdict): &(Address, Verdict)| matches!(verdict, Verdict::Accepted(_));
    if verdicts.iter().all(is_taken) {
        Exit::Done
    } else {
        Exit::DoneWithRefusals
    }
}

/// What became of proofs; `shown` is how an address may be named. Nothing on a quiet day.
pub(super) fn verdicts_told(
    verdicts: &[(Address, Verdict)],
    shown: impl Fn(&Address) -> String,
    slug: &Slug,
    config: &Config,
    report: Report,
) {
    let mut accepted = 0_u64;
    for (address, verdict) in verdicts {
        let address = shown(address);
        match verdict {
            Verdict::Accepted(_) => accepted += 1,
            Verdict::Rejected(reply) | Verdict::Deferred(reply) => {
                report.warn(format!("`{address}` was refused: `{reply}`"));
            }
            Verdict::InDoubt => report.warn(format!(
                "the relay fell silent over the copy for `{address}`: it may have arrived"
            )),
        }
    }
    if !verdicts.is_empty() {
        report.say(format!(
            "{} of {slug} {}",
            counted(accepted, "proof", "proofs"),
            config.relays.place()
        ));
    }
}
