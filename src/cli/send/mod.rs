//! `send`: freezes the edition and hands a letter over for every subscriber; run again, it resumes.

mod narrator;

pub(super) use narrator::Narrator;

use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use serde_json::{Value, json};

use super::arguments::{InDoubtChoice, SendArgs};
use super::draft::told;
use super::exit::Exit;
use super::open::{Setting, no_ledger};
use super::report::{Failure, Report, counted, grouped};
use super::status::target_json;
use super::tally::{as_json, finish, tally_in_words};
use super::{failures, findings};
use crate::clock::{self, DryRun, Step};
use crate::config::Config;
use crate::draft;
use crate::model::edition::Slug;
use crate::model::world::World;
use crate::newsroom::editions::{self, Overwrite};
use crate::schedule::EditionStage;
use crate::send::{self, SendOrder, Sent, WouldGo};

pub(super) async fn run(
    verb: &SendArgs,
    setting: &Setting,
    world: &World,
    report: Report,
) -> Result<Exit, Failure> {
    if verb.all {
        return all(verb, setting, world, report).await;
    }
    let config = setting.config()?;
    let mut exits = before(verb, &config, setting, world, report).await?;
    exits.push(
        match one(verb, &config, false, setting, world, report).await? {
            Outcome::Sent(sent) => finish(*sent, setting.json(), report)?,
            Outcome::Looked(found) => {
                if setting.json() {
                    report.json(&found);
                }
                Exit::Done
            }
            Outcome::QuietDay => Exit::Done,
        },
    );
    Ok(Exit::of_all(exits))
}

/// Sends what is due of earlier editions whose readers' hours have not all come, and says how that went. Whoever names an edition means no other.
async fn before(
    verb: &SendArgs,
    config: &Config,
    setting: &Setting,
    world: &World,
    report: Report,
) -> Result<Vec<Exit>, Failure> {
    if setting.date().is_some() || verb.dry_run {
        return Ok(Vec::new());
    }
    let waiting = clock::waiting_before(config, &setting.slug(config), world);
    let waiting = waiting.map_err(no_ledger)?;
    let mut exits = Vec::new();
    for slug in waiting {
        let sent = one(verb, config, false, &setting.on(slug), world, report).await;
        let exit = match sent {
            Ok(Outcome::Sent(sent)) => finish(*sent, false, report),
            Ok(_) => Ok(Exit::Done),
            Err(failure) => Err(failure),
        };
        exits.push(exit.unwrap_or_else(|failure| report.failure(&failure)));
    }
    Ok(exits)
}

/// How the send of one newsletter ended.
enum Outcome {
    Sent(Box<Sent>),
    /// What a dry run found, in the form of `docs/schemas/dry-run.json`.
    Looked(Value),
    QuietDay,
}

/// Sends every newsletter, the most urgent first. None keeps another from being sent.
async fn all(
    verb: &SendArgs,
    setting: &Setting,
    world: &World,
    report: Report,
) -> Result<Exit, Failure> {
    let newsroom = setting.newsroom()?;
    let problems = newsroom.problems();
    let may_be_nobodys = newsroom.has_default();
    let mut configs: Vec<(Slug, &Config)> = newsroom
        .newsletters
        .iter()
        .map(|config| (setting.slug(config), config))
        .collect();
    configs.sort_by_key(|(slug, config)| {
        let schedule = config.schedule.as_ref();
        let end = schedule.and_then(|schedule| schedule.not_after(slug));
        (end.is_none(), end)
    });
    let drafted = draft_missing(&configs, world, report).await?;
    let sent = configs
        .iter()
        .zip(drafted)
        .map(async |((_, config), drafted)| {
            let report = report.of(config.name.as_ref());
            if let Some(exit) = drafted {
                return (exit, None);
            }
            let setting = setting.of(config.name.as_ref());
            let earlier = Box::pin(before(verb, config, &setting, world, report)).await;
            let mut exits = match earlier {
                Ok(exits) => exits,
                Err(failure) => return (report.failure(&failure), None),
            };
            let sent = Box::pin(one(verb, config, may_be_nobodys, &setting, world, report)).await;
            let (exit, told) = match sent {
                Ok(Outcome::Sent(sent)) => {
                    let json = as_json(&sent);
                    let exit = finish(*sent, false, report);
                    let exit = exit.unwrap_or_else(|failure| report.failure(&failure));
                    (exit, Some(json))
                }
                Ok(Outcome::Looked(found)) => (Exit::Done, Some(found)),
                Ok(Outcome::QuietDay) => (Exit::Done, None),
                Err(failure) => (report.failure(&failure), None),
            };
            exits.push(exit);
            (Exit::of_all(exits), told)
        });
    let (mut exits, told): (Vec<Exit>, Vec<_>) = futures_util::future::join_all(sent)
        .await
        .into_iter()
        .unzip();
    if setting.json() {
        report.json(&told.into_iter().flatten().collect::<Vec<_>>());
    }
    if !problems.is_empty() {
        let failure = Failure::problems(problems).still("the other newsletters were sent");
        exits.push(report.failure(&failure));
    }
    Ok(Exit::of_all(exits))
}

/// Drafts what nobody has drafted yet, from sources that are read once for all; where that failed, with which code.
async fn draft_missing(
    configs: &[(Slug, &Config)],
    world: &World,
    report: Report,
) -> Result<Vec<Option<Exit>>, Failure> {
    let mut exits = vec![None; configs.len()];
    let mut missing = Vec::new();
    for (place, (slug, config)) in configs.iter().enumerate() {
        let stage = clock::stage(config, slug).map_err(no_ledger)?;
        if stage == EditionStage::Missing {
            missing.push((place, *config, slug));
        }
    }
    let editions: Vec<(&Config, &Slug)> = missing
        .iter()
        .map(|(_, config, slug)| (*config, *slug))
        .collect();
    let written = draft::all_to_files(&editions, Overwrite::Refuse, world).await;
    let written = written.map_err(|error| failures::draft(error, report))?;
    for ((place, config, slug), written) in missing.into_iter().zip(written) {
        let report = report.of(config.name.as_ref());
        exits[place] = match written {
            Ok(draft) => {
                told(&draft, config, report);
                draft.edition.is_none().then_some(Exit::Done)
            }
            // Somebody else was faster: then that is what is sent.
            Err(_) if editions::path_of(&config.editions(), slug).exists() => None,
            Err(error) => Some(report.failure(&failures::draft(error, report))),
        };
    }
    Ok(exits)
}

/// Sends one, or looks at what would be.
async fn one(
    verb: &SendArgs,
    config: &Config,
    may_be_nobodys: bool,
    setting: &Setting,
    world: &World,
    report: Report,
) -> Result<Outcome, Failure> {
    let order = SendOrder {
        slug: setting.slug(config),
        in_doubt: verb.in_doubt.map(|what| match what {
            InDoubtChoice::Resend => send::InDoubt::Resend,
            InDoubtChoice::Skip => send::InDoubt::Skip,
        }),
        despite: verb.despite.clone(),
        may_be_nobodys,
        gives_way: Duration::ZERO,
    };
    if !verb.dry_run && !verb.yes && !is_meant(config, &order, setting, world).await? {
        return Err(Failure::says("not confirmed")
            .still("nothing was drafted or sent")
            .hint("`newsdigest draft` writes the edition, `newsdigest preview` shows it"));
    }
    let mut narrator = Narrator::new(report, config);
    let mut drafted = |step: Step<'_>| match step {
        Step::Drafted(draft) => told(draft, config, report),
        Step::Sending(event) => narrator.tell(event),
    };
    let failed = |error| failures::of(error, report);
    if verb.dry_run {
        let found = clock::dry_run(config, &order, world, &mut drafted);
        let found = found.await.map_err(failed)?;
        would(&found, config, &order, report);
        return Ok(Outcome::Looked(would_as_json(&found, config, &order)));
    }
    let sent = clock::send(config, &order, world, &mut drafted);
    let sent = sent.await.map_err(failed)?;
    Ok(sent.map_or(Outcome::QuietDay, |sent| Outcome::Sent(Box::new(sent))))
}

/// Asks the person at the terminal before an edition that nobody has drafted or looked at is mailed to people.
async fn is_meant(
    config: &Config,
    order: &SendOrder,
    setting: &Setting,
    world: &World,
) -> Result<bool, Failure> {
    let asks = is_terminal()
        && config.relays.is_real()
        && setting.sample_folder().is_none()
        && !editions::path_of(&config.editions(), &order.slug).exists();
    if !asks {
        return Ok(true);
    }
    let frozen = send::frozen(config, order).map_err(failures::send)?;
    if frozen.is_some() {
        return Ok(true);
    }
    let question = format!(
        "Nobody has drafted the edition of {} yet. Draft it now and mail it to all subscribers, unseen? [y/N] ",
        order.slug
    );
    is_confirmed(&question, world).await
}

/// Asks at the terminal; where there is none, nobody says yes.
pub(super) async fn is_confirmed(question: &str, world: &World) -> Result<bool, Failure> {
    if !is_terminal() {
        return Ok(false);
    }
    let mut err = std::io::stderr();
    _ = write!(err, "{question}");
    _ = err.flush();
    let answer = tokio::task::spawn_blocking(|| std::io::stdin().lines().next().transpose());
    // Ctrl-C is a no.
    let Ok(Ok(answer)) = world.stop.unless_asked(answer).await else {
        return Ok(false);
    };
    let answer = answer?.unwrap_or_default();
    Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}

fn is_terminal() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// What a dry run found.
fn would(found: &DryRun, config: &Config, order: &SendOrder, report: Report) {
    let (name, slug) = (&config.newsletter.name, &order.slug);
    match found {
        DryRun::QuietDay => {}
        DryRun::Frozen(tally) => {
            let left = match tally.queued {
                0 => "nothing is left to hand over".to_owned(),
                queued => format!(
                    "frozen already, would go on with {}",
                    counted(queued, "letter", "letters")
                ),
            };
            report.say(format!("{name}, {slug}: {left}; {}", tally_in_words(tally)));
            report.say("nothing was sent");
        }
        DryRun::WouldGo(WouldGo {
            recipients,
            left_out,
            findings,
        }) => {
            findings::print(findings, report);
            let relays = config.relays.each();
            let relays: Vec<String> = relays.map(|one| format!("`{}`", one.called())).collect();
            let through = if config.relays.is_real() {
                "through"
            } else {
                "into"
            };
            let to = format!("{through} {}", relays.join(" and "));
            report.say(format!(
                "{name}, {slug}: would go to {}, {to}",
                counted(*recipients, "subscriber", "subscribers")
            ));
            for (why, count) in left_out {
                report.say(format!("  {} left out: {}", grouped(*count), why.words()));
            }
            report.say("nothing was frozen or sent");
        }
    }
}

fn would_as_json(found: &DryRun, config: &Config, order: &SendOrder) -> Value {
    let (state, recipients) = match found {
        DryRun::QuietDay => ("quiet_day", 0),
        DryRun::Frozen(tally) => ("frozen", tally.queued),
        DryRun::WouldGo(would) => ("would_go", would.recipients),
    };
    let mut value = json!({
        "schema": 1,
        "newsletter": config.newsletter.id,
        "edition": order.slug.to_string(),
        "state": state,
        "target": target_json(&send::target(config)),
        "recipients": recipients,
        "left_out": {},
        "findings": [],
        "tally": null,
    });
    match found {
        DryRun::QuietDay => {}
        DryRun::Frozen(tally) => value["tally"] = json!(tally),
        DryRun::WouldGo(would) => {
            let left_out = would.left_out.iter();
            value["left_out"] = left_out.map(|(why, count)| (why.code(), *count)).collect();
            value["findings"] = json!(would.findings);
        }
    }
    value
}
