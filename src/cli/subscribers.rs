//! `subscribers`: the list of those who asked for the newsletter.

use std::fmt::Write as _;

use super::arguments::{AddSubscribersArgs, RemoveArgs, SetSubscriberArgs, SubscribersVerb};
use super::exit::Exit;
use super::open::{self as world, Setting};
use super::report::{Failure, Report, counted};
use super::subscribers_list::{load, open, open_or_begin, read, rhythm_words, unchanged};
use super::suppress::addresses;
use super::{subscribers_move, subscribers_why};
use crate::config::Config;
use crate::model::line::Line;
use crate::model::newsletter_name::NewsletterName;
use crate::model::reader::Preferences;
use crate::model::rhythm::Rhythm;
use crate::model::subscriber::{Paused, Subscriber, Suppression};
use crate::newsroom::subscribers as file;

pub(super) fn run(
    verb: &SubscribersVerb,
    setting: &Setting,
    report: Report,
) -> Result<Exit, Failure> {
    let config = setting.shared_config()?;
    match verb {
        SubscribersVerb::List => list(&config, setting, report),
        SubscribersVerb::Add(verb) => add(verb, &config, setting, report),
        SubscribersVerb::Remove(verb) => remove(verb, &config, setting, report),
        SubscribersVerb::Set(verb) => set(verb, &config, report),
        SubscribersVerb::Import(verb) => super::import::run(verb, &config, setting, report),
        SubscribersVerb::Export => export(&config, report),
        SubscribersVerb::Check => check(&config, report),
        SubscribersVerb::Move(verb) => subscribers_move::run(verb, &config, setting, report),
        SubscribersVerb::Why(verb) => subscribers_why::why(&verb.address, &config, setting, report),
        SubscribersVerb::Erase(verb) => {
            subscribers_why::erase(&verb.address, &config, setting, report)
        }
    }
}

fn list(config: &Config, setting: &Setting, report: Report) -> Result<Exit, Failure> {
    let (subscribers, exit) = read(&load(open(config, report)?)?, report)?;
    if setting.json() {
        let rows: Vec<_> = subscribers
            .iter()
            .map(|one| {
                let mut row = serde_json::json!(one);
                row["email"] = one.address.reveal().into();
                row
            })
            .collect();
        report.json(&rows);
        return Ok(exit);
    }
    let rows: Vec<String> = subscribers
        .iter()
        .map(|one| {
            let mut row = one.address.reveal().to_owned();
            if let Some(name) = &one.name {
                _ = write!(row, "  {name}");
            }
            if !one.sections.is_empty() {
                _ = write!(
                    row,
                    "  [{}]",
                    one.sections
                        .iter()
                        .map(Line::as_str)
                        .collect::<Vec<_>>()
                        .join(", ")
                );
            }
            if let Some(newsletters) = &one.newsletters {
                let names: Vec<&str> = newsletters.iter().map(NewsletterName::as_str).collect();
                _ = write!(row, "  gets {}", names.join(", "));
            }
            for word in rhythm_words(&one.rhythm) {
                _ = write!(row, "  {word}");
            }
            match one.paused {
                Paused::No => {}
                Paused::Yes => row += "  paused",
                Paused::Until(day) => _ = write!(row, "  paused until {day}"),
            }
            row
        })
        .collect();
    report.data(&rows.join("\n"));
    report.say(counted(
        subscribers.len() as u64,
        "subscriber",
        "subscribers",
    ));
    Ok(exit)
}

fn add(
    verb: &AddSubscribersArgs,
    config: &Config,
    setting: &Setting,
    report: Report,
) -> Result<Exit, Failure> {
    let addresses = addresses(&verb.addresses)?;
    if verb.name.is_some() && addresses.len() > 1 {
        return Err(Failure::says(format!(
            "`--name` goes with one address, but found {}",
            addresses.len()
        ))
        .still("nothing was changed"));
    }
    let sections: Vec<Line> = verb
        .sections
        .iter()
        .filter_map(|section| Line::non_empty(section))
        .collect();
    let new: Vec<Subscriber> = addresses
        .into_iter()
        .map(|address| Subscriber {
            address,
            name: verb.name.as_deref().and_then(Line::non_empty),
            sections: sections.clone(),
            newsletters: verb.newsletters.clone(),
            since: Some(config.newsletter.zone.day(setting.now())),
            consent: verb.consent.as_deref().and_then(Line::non_empty),
            paused: Paused::No,
            rhythm: verb.rhythm.over(Rhythm::default()),
        })
        .collect();
    let mut list = open_or_begin(config, report)?;
    let added = list.add(&new).map_err(unchanged)?;
    report.say(format!(
        "{} added to {}{}",
        counted(added.added as u64, "subscriber", "subscribers"),
        list.name(),
        already(added.already.len())
    ));
    warn_suppressed(&new, config, report)?;
    Ok(Exit::Done)
}

/// Whoever adds an address that the suppression list holds would wonder why it gets nothing.
fn warn_suppressed(new: &[Subscriber], config: &Config, report: Report) -> Result<(), Failure> {
    let Some(ledger) = world::ledger_if_any(config)? else {
        return Ok(());
    };
    for one in new {
        let Some(row) = ledger.suppression_of(&one.address)? else {
            continue;
        };
        report.warn(format!("`{0}` is on the suppression list ({1}) and gets nothing until `newsdigest unsuppress {0}` lifts it", row.address.reveal(), row.reason.code()));
    }
    Ok(())
}

fn already(count: usize) -> String {
    if count == 0 {
        String::new()
    } else {
        format!(", {count} already there")
    }
}

fn set(verb: &SetSubscriberArgs, config: &Config, report: Report) -> Result<Exit, Failure> {
    let wanted = addresses(std::slice::from_ref(&verb.address))?;
    let list = load(open(config, report)?)?;
    let (known, _) = read(&list, report)?;
    let Some(known) = known.iter().find(|one| {
        wanted
            .iter()
            .any(|address| address.key() == one.address.key())
    }) else {
        return Err(
            Failure::says(format!("`{}` is not in {}", verb.address, list.name()))
                .still("nothing was changed"),
        );
    };
    let preferences = Preferences {
        name: verb
            .name
            .as_ref()
            .map_or_else(|| known.name.clone(), |name| Line::non_empty(name)),
        sections: verb.sections.as_ref().map_or_else(
            || known.sections.clone(),
            |all| {
                all.iter()
                    .filter_map(|section| Line::non_empty(section))
                    .collect()
            },
        ),
        newsletters: verb
            .newsletters
            .clone()
            .or_else(|| known.newsletters.clone()),
        paused: known.paused,
        rhythm: verb.rhythm.over(known.rhythm.clone()),
    };
    let mut list = open(config, report)?;
    let changed = list
        .change(vec![(known.address.clone(), preferences)])
        .map_err(unchanged)?;
    report.say(if changed > 0 {
        format!("`{}` changed in {}", known.address.reveal(), list.name())
    } else {
        "nothing to change".to_owned()
    });
    Ok(Exit::Done)
}

fn remove(
    verb: &RemoveArgs,
    config: &Config,
    setting: &Setting,
    report: Report,
) -> Result<Exit, Failure> {
    let addresses = addresses(&verb.addresses)?;
    let mut list = open(config, report)?;
    let removed = list.remove(&addresses).map_err(unchanged)?;
    let unknown = removed.unknown.len();
    report.say(format!(
        "{} removed from {}{}",
        counted(removed.removed as u64, "subscriber", "subscribers"),
        list.name(),
        if unknown == 0 {
            String::new()
        } else {
            format!(", {unknown} not in it")
        }
    ));
    let mut ledger = if verb.for_good {
        Some(world::ledger(config)?)
    } else {
        world::ledger_if_any(config)?
    };
    // A run that is frozen no longer looks at the list; the suppression list is what its claims look at.
    let mut sending = false;
    if let Some(ledger) = &mut ledger {
        ledger.forget_changes(&addresses)?;
        sending = !ledger
            .unfinished(None, &crate::send::target(config))?
            .rows
            .is_empty();
        if verb.for_good || sending {
            ledger.suppress(&addresses, Suppression::ByHand, setting.now())?;
        }
    }
    if verb.for_good {
        report.say("they are on the suppression list: no import brings them back");
    } else if sending {
        report.say("an edition is being sent: they are also on the suppression list, so that it does not reach them");
    } else {
        report.hint("an import of an old list would bring them back: `--for-good` puts them on the suppression list too");
    }
    Ok(Exit::Done)
}

fn export(config: &Config, report: Report) -> Result<Exit, Failure> {
    let mut csv = Vec::new();
    let (subscribers, exit) = read(&load(open(config, report)?)?, report)?;
    file::export(&subscribers, &mut csv)?;
    report.data(&String::from_utf8_lossy(&csv));
    Ok(exit)
}

fn check(config: &Config, report: Report) -> Result<Exit, Failure> {
    let list = load(open(config, report)?)?;
    let examined = list.examine()?;
    let mut problems = examined.listing.problems;
    problems.extend(examined.doubles);
    let count = examined.listing.subscribers.len() as u64;
    if problems.is_empty() {
        report.say(format!(
            "{}: {}, no problem",
            list.name(),
            counted(count, "subscriber", "subscribers")
        ));
        return Ok(Exit::Done);
    }
    let count = counted(problems.len() as u64, "problem", "problems");
    Err(Failure::problems(problems).still(count))
}
