//! From an edition to a run: who gets it, and the commit from which on the send exists.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::{edition, random_key, tally_in_words, target};
use crate::cli::arguments::Send;
use crate::cli::open::{self, Setting};
use crate::cli::report::{Failure, Report, counted, grouped};
use crate::cli::{Exit, findings};
use crate::config::Config;
use crate::ledger::{Freeze, Ledger, Run, Seat, Target};
use crate::mailer::{Relay, Session, SessionError};
use crate::merge::{self, MergeError};
use crate::model::edition::{Edition, Slug};
use crate::model::story::Printed;
use crate::model::subscriber::{LeftOut, Subscriber};
use crate::newsroom::{NewsroomError, editions, subscribers as file};
use crate::send::{self, Audience};

pub(super) fn dry_run(
    config: &Config,
    slug: &Slug,
    setting: &Setting,
    report: Report,
) -> Result<Exit, Failure> {
    let ledger = open::ledger_if_any(config)?;
    if let Some(ledger) = &ledger
        && let Some(run) = ledger.run(slug, &target(config)).map_err(Failure::error)?
    {
        // Its recipients were settled at the freeze, whatever the subscribers file says now.
        let tally = ledger.tally(run.id).map_err(Failure::error)?;
        let left = match tally.queued {
            0 => "nothing is left to hand over".to_owned(),
            queued => format!(
                "frozen already, would go on with {}",
                counted(queued, "letter", "letters")
            ),
        };
        report.say(format!(
            "{}, {slug}: {left}; {}",
            config.newsletter.name,
            tally_in_words(&tally)
        ));
        report.say("nothing was sent");
        return Ok(Exit::Done);
    }
    let Some(edition) = edition(config, slug, setting, report)? else {
        return Ok(Exit::Done);
    };
    not_held(&edition, config)?;
    let file = Subscribers::read(config, report)?;
    let audience = file.audience(&edition, config)?;
    let suppressed: std::collections::HashSet<String> = match &ledger {
        Some(ledger) => ledger
            .suppressed()
            .map_err(Failure::error)?
            .rows
            .iter()
            .map(|row| row.address.key().into_owned())
            .collect(),
        None => std::collections::HashSet::new(),
    };
    findings::print(
        &findings::of(&edition, config, &file.survey.sections, setting.now()),
        report,
    );
    let mut seen = std::collections::HashSet::new();
    let mut recipients = 0_u64;
    let mut left_out: HashMap<LeftOut, u64> = HashMap::new();
    for subscriber in file.each() {
        let subscriber = &subscriber;
        let key = subscriber.address.key().into_owned();
        let why = match audience.seat(subscriber) {
            _ if suppressed.contains(&key) => Some(LeftOut::Suppressed),
            _ if !seen.insert(key) => Some(LeftOut::Duplicate),
            Seat::LeftOut { why, .. } => Some(why),
            Seat::Recipient { .. } => None,
        };
        match why {
            Some(why) => *left_out.entry(why).or_default() += 1,
            None => recipients += 1,
        }
    }
    let to = match &config.handover.relay {
        Relay::Outbox(folder) => format!("into `{}`", folder.display()),
        Relay::Smtp(smtp) => format!("through `{}:{}`", smtp.host, smtp.port),
    };
    report.say(format!(
        "{}, {slug}: would go to {}, {to}",
        config.newsletter.name,
        counted(recipients, "subscriber", "subscribers")
    ));
    let mut reasons: Vec<_> = left_out.into_iter().collect();
    reasons.sort_unstable();
    for (why, count) in reasons {
        report.say(format!("  {} left out: {}", grouped(count), why.words()));
    }
    report.say("nothing was frozen or sent");
    Ok(Exit::Done)
}

/// An editor's `hold = true` stops what is not frozen yet.
fn not_held(edition: &Edition, config: &Config) -> Result<(), Failure> {
    if !edition.hold {
        return Ok(());
    }
    let path = editions::path_of(&config.editions(), &edition.slug);
    Err(
        Failure::says(format!("{} is held by the editor", edition.slug))
            .still("nothing was frozen or sent")
            .hint(format!(
                "`hold = true` stands in `{}`; without it the edition can be sent",
                path.display()
            )),
    )
}

/// The subscribers file, its text in memory and nobody else: they are read out of it one by one, twice.
struct Subscribers {
    name: String,
    text: String,
    survey: file::Survey,
}

impl Subscribers {
    /// Reads it; a block with a problem is said, and costs its own reader only.
    fn read(config: &Config, report: Report) -> Result<Self, Failure> {
        let text = crate::cli::subscribers::text(config)
            .map_err(|failure| failure.still("nothing was sent"))?;
        let name = config.subscribers.display().to_string();
        let mut survey = file::survey(&name, &text);
        let problems = std::mem::take(&mut survey.problems);
        if !problems.is_empty() && survey.subscribers == 0 {
            return Err(Failure::problems(problems).still("nothing was sent"));
        }
        if !problems.is_empty() {
            report.problems(&problems);
            report.warn(format!(
                "{} of `{name}` cannot be read: who it is for gets nothing until it is mended",
                counted(survey.misread as u64, "block", "blocks")
            ));
        }
        Ok(Self { name, text, survey })
    }

    fn audience(&self, edition: &Edition, config: &Config) -> Result<Audience, Failure> {
        send::audience(edition, config, &self.survey.sections)
            .map_err(|problem| Failure::problems(vec![problem]).still("nothing was sent"))
    }

    fn each(&self) -> impl Iterator<Item = Subscriber> {
        file::Subscribers::of(&self.name, &self.text)
            .filter_map(Result::ok)
            .map(|listed| listed.subscriber)
    }
}

/// Freezes edition, pages and recipients. From its commit on the send exists.
pub(super) fn freeze(
    verb: &Send,
    config: &Config,
    slug: &Slug,
    target: &Target,
    ledger: &mut Ledger,
    setting: &Setting,
    report: Report,
) -> Result<Option<Run>, Failure> {
    let Some(edition) = edition(config, slug, setting, report)? else {
        return Ok(None);
    };
    not_held(&edition, config)?;
    // Whoever was told that she is in, or wants it otherwise, is heard today.
    let zone = &config.newsletter.zone;
    let merged =
        merge::merge(ledger, &config.subscribers, zone, setting.now()).map_err(|error| {
            match error {
                MergeError::Desk(NewsroomError::Broken { problems, .. }) => {
                    Failure::problems(problems)
                }
                error => Failure::error(error),
            }
            .still("nothing was sent")
        })?;
    crate::cli::serve::set_aside(&merged, report);
    let file = Subscribers::read(config, report)?;
    if file.survey.subscribers == 0 {
        return Err(Failure::says(format!(
            "`{}` holds no subscriber",
            config.subscribers.display()
        ))
        .still("nothing was sent")
        .hint("`newsdigest subscribers add ADDRESS` adds one"));
    }
    let audience = file.audience(&edition, config)?;
    let found = findings::of(&edition, config, &file.survey.sections, setting.now());
    // A rehearsal harms nobody.
    if matches!(config.handover.relay, Relay::Smtp(_)) {
        findings::stop(&found, &verb.despite)?;
    }
    findings::print(&found, report);
    // A relay that refuses our log-in is found out before anything exists.
    if let Relay::Smtp(smtp) = &config.handover.relay {
        let opened = open::runtime()?.block_on(async {
            let mut opening = std::pin::pin!(Session::open(smtp));
            let soon = tokio::time::timeout(Duration::from_secs(2), opening.as_mut()).await;
            let session = if let Ok(session) = soon {
                session?
            } else {
                report.say(format!(
                    "waiting for `{}:{}` to answer",
                    smtp.host, smtp.port
                ));
                opening.await?
            };
            session.close().await;
            Ok::<_, SessionError>(())
        });
        opened.map_err(|error| {
            let exit = if error.may_pass() {
                Exit::TryAgain
            } else {
                Exit::Problem
            };
            Failure::error(error)
                .exit(exit)
                .still("nothing was frozen or sent")
        })?;
    }
    let stories = edition
        .stories()
        .flat_map(|(_, placed)| Printed::of(&placed.story))
        .collect();
    let sealed_by = open::keys(config)?.map(|keys| keys.newest());
    let order = Freeze {
        slug: slug.clone(),
        newsletter: config.newsletter.id.clone(),
        letterhead: config.newsletter.letterhead(sealed_by),
        target: target.clone(),
        edition: edition.to_toml(setting.now(), &config.newsletter.zone),
        key: random_key()?,
        stories,
    };
    let began = Instant::now();
    let id = ledger
        .freeze(
            &order,
            &audience.pages,
            file.each().map(|subscriber| audience.seat(&subscriber)),
            setting.now(),
        )
        .map_err(|error| Failure::error(error).still("nothing was sent"))?;
    let tally = ledger.tally(id).map_err(Failure::error)?;
    report.say(format!(
        "{}, {slug}: frozen for {}, {} left out",
        config.newsletter.name,
        counted(tally.queued, "recipient", "recipients"),
        grouped(tally.left_out)
    ));
    report.detail(format!(
        "the freeze took {:.2} s",
        began.elapsed().as_secs_f64()
    ));
    crate::cli::ledger::at_freeze(config, ledger, setting.now(), report);
    ledger.run(slug, target).map_err(Failure::error)
}
