//! `approve`: says in somebody's name that the edition may go out as it is.
//!
//! A shell cannot know who sits at it. Whoever may run this may change the config and the ledger too, so the name is a statement, not a proof: `--as` says whose
//! approval it is, `by` bounds it, and the ledger keeps beside it how it was given and who was logged in.

use super::arguments::ApproveArgs;
use super::exit::Exit;
use super::failures;
use super::open::Setting;
use super::report::{Failure, Report};
use super::suppress::addresses;
use crate::config::Config;
use crate::model::address::Address;
use crate::model::approval::ApprovalWay;
use crate::model::world::World;
use crate::send::{self, ApproveError, Approved};

pub(super) fn run(
    verb: &ApproveArgs,
    setting: &Setting,
    world: &World,
    report: Report,
) -> Result<Exit, Failure> {
    let config = setting.config()?;
    let slug = verb.day.clone().unwrap_or_else(|| setting.slug(&config));
    let by = whose(verb, &config)?;
    let how = (ApprovalWay::Shell, world.who.as_ref());
    let approved = send::approve(&config, &slug, &by, how, &world.clock);
    let approved = approved.map_err(failures::approve)?;
    told(&approved, &by, report);
    Ok(Exit::Done)
}

/// In whose name: where only one may approve, it is theirs.
fn whose(verb: &ApproveArgs, config: &Config) -> Result<Address, Failure> {
    if let Some(text) = &verb.by {
        let mut all = addresses(std::slice::from_ref(text))?;
        return Ok(all.remove(0));
    }
    let rule = config.approval.as_ref();
    let by = &rule
        .ok_or_else(|| failures::approve(ApproveError::NotAsked))?
        .by;
    match &by[..] {
        [only] => Ok(only.clone()),
        several => {
            let names: Vec<&str> = several.iter().map(Address::reveal).collect();
            Err(Failure::says("whose approval is it?")
                .exit(Exit::Usage)
                .still("nothing was approved")
                .hint(format!("`--as` with one of {}", names.join(", "))))
        }
    }
}

fn told(approved: &Approved, by: &Address, report: Report) {
    let state = &approved.state;
    let again = if approved.is_new {
        "approved"
    } else {
        "was approved before"
    };
    report.say(format!(
        "{}, version {}, `{}`: {again} by {}",
        state.slug,
        approved.version,
        approved.subject,
        by.reveal()
    ));
    if !state.is_enough() {
        report.say(format!(
            "it has {} of the {} approvals that it needs",
            state.given.len(),
            state.needs
        ));
    }
    for void in &state.void {
        report.say(void.words(void.approval.by.reveal()));
    }
    if approved.is_held {
        report.warn("`hold = true` is in its file: it is not sent as long as it is");
    }
}
