//! `send`: freezes the edition and hands a letter over for every subscriber; run again, it resumes.

mod narrator;

pub(super) use narrator::Narrator;

use std::io::{IsTerminal as _, Write as _};

use super::arguments::{InDoubtChoice, SendArgs};
use super::draft::told;
use super::exit::Exit;
use super::open::Setting;
use super::report::{Failure, Report, counted, grouped};
use super::tally::{finish, tally_in_words};
use super::{failures, findings};
use crate::clock::{self, DryRun, Step};
use crate::config::Config;
use crate::mailer::Relay;
use crate::model::world::World;
use crate::newsroom::editions;
use crate::send::{self, SendOrder, WouldGo};

pub(super) async fn run(
    verb: &SendArgs,
    setting: &Setting,
    world: &World,
    report: Report,
) -> Result<Exit, Failure> {
    let config = setting.config()?;
    let order = SendOrder {
        slug: setting.slug(&config),
        in_doubt: verb.in_doubt.map(|what| match what {
            InDoubtChoice::Resend => send::InDoubt::Resend,
            InDoubtChoice::Skip => send::InDoubt::Skip,
        }),
        despite: verb.despite.clone(),
    };
    if !verb.dry_run && !verb.yes && !is_meant(&config, &order, setting)? {
        return Err(Failure::says("not confirmed")
            .still("nothing was drafted or sent")
            .hint("`newsdigest draft` writes the edition, `newsdigest preview` shows it"));
    }
    let mut narrator = Narrator::new(report, &config);
    let mut drafted = |step: Step<'_>| match step {
        Step::Drafted(draft) => told(draft, &config, report),
        Step::Sending(event) => narrator.tell(event),
    };
    let failed = |error| failures::of(error, report);
    if verb.dry_run {
        let found = clock::dry_run(&config, &order, world, &mut drafted);
        would(&found.await.map_err(failed)?, &config, &order, report);
        return Ok(Exit::Done);
    }
    let sent = clock::send(&config, &order, world, &mut drafted);
    match sent.await.map_err(failed)? {
        Some(sent) => finish(sent, setting.json(), report),
        // A quiet day.
        None => Ok(Exit::Done),
    }
}

/// Asks the person at the terminal before an edition that nobody has drafted or looked at is mailed to people.
fn is_meant(config: &Config, order: &SendOrder, setting: &Setting) -> Result<bool, Failure> {
    let is_terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let asks = is_terminal
        && matches!(config.handover.relay, Relay::Smtp(_))
        && setting.sample_folder().is_none()
        && !editions::path_of(&config.editions(), &order.slug).exists();
    if !asks {
        return Ok(true);
    }
    let frozen = send::frozen(config, order).map_err(failures::send)?;
    if frozen.is_some() {
        return Ok(true);
    }
    let mut err = std::io::stderr().lock();
    _ = write!(
        err,
        "Nobody has drafted the edition of {} yet. Draft it now and mail it to all subscribers, unseen? [y/N] ",
        order.slug
    );
    _ = err.flush();
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
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
            let to = match &config.handover.relay {
                Relay::Outbox(folder) => format!("into `{}`", folder.display()),
                Relay::Smtp(smtp) => format!("through `{smtp}`"),
            };
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
