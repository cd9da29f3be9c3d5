//! `bounces`: reads what came back, and puts on the suppression list whose mailbox is gone.

use std::path::Path;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::arguments::BouncesArgs;
use super::exit::Exit;
use super::open::{self, Setting};
use super::report::{EVERY, Failure, Report, counted, grouped};
use crate::bounces::{Counts, Event, Intake, IntakeError};
use crate::config::Config;
use crate::mailbox::MailboxError;
use crate::model::problem::{system_words, with_causes};
use crate::model::token::Keys;

/// Behind a mail alias only two ends are right: a mail server sends a bounce about any other, and keeps the message and tries again on 75.
pub(super) fn run(verb: &BouncesArgs, setting: &Setting, report: Report) -> Result<Exit, Failure> {
    let is_piped = verb.paths.iter().any(|path| path == Path::new("-"));
    match take_in(verb, setting, report) {
        Ok(Exit::Done) => Ok(Exit::Done),
        Ok(_) if is_piped => Ok(Exit::TryAgain),
        Err(failure) if is_piped => Err(failure.exit(Exit::TryAgain)),
        other => other,
    }
}

fn take_in(verb: &BouncesArgs, setting: &Setting, report: Report) -> Result<Exit, Failure> {
    let config = setting.shared_config()?;
    let keys = keys(&config)?;
    let mut ledger = open::ledger(&config)?;
    // Letters of a newsletter that is gone may still come back.
    let mut newsletters = ledger.newsletters()?;
    newsletters.extend(setting.newsroom()?.ids().map(str::to_owned));
    let bar = report.is_live().then(|| {
        let style = ProgressStyle::with_template("{human_pos} messages read  {per_sec}");
        let bar = ProgressBar::no_length();
        style.map_or(bar.clone(), |style| bar.with_style(style))
    });
    let (began, mut spoken) = (Instant::now(), Duration::ZERO);
    let mut told = |event: Event| match (event, &bar) {
        (Event::Read(count), Some(bar)) => bar.set_position(count),
        (Event::Read(count), None) => {
            if began.elapsed() >= spoken + EVERY {
                spoken = began.elapsed();
                report.say(format!("{} messages read", grouped(count)));
            }
        }
        (
            Event::Suppressed {
                address,
                what,
                words,
            },
            _,
        ) => report.detail(format!("{address} suppressed ({}): {words}", what.code())),
    };
    let newsletter = (&*newsletters, &keys);
    let mut intake = Intake::new(
        &mut ledger,
        newsletter,
        config.patience,
        setting.now(),
        &mut told,
    );
    let mut missed = Vec::new();
    let mut unread_events = false;
    for path in &verb.paths {
        let done = if path == Path::new("-") {
            let name = Path::new("standard input");
            intake
                .stream(std::io::stdin().lock(), name)
                .map(|()| Vec::new())
        } else {
            intake.mailbox(path)
        };
        match done {
            Ok(files) => missed.extend(files),
            Err(IntakeError::Mailbox(error)) => missed.push(error),
            Err(error @ IntakeError::Events(..)) => {
                report.warn(with_causes(&error));
                unread_events = true;
            }
            Err(IntakeError::Ledger(error)) => {
                return Err(Failure::error(error).still(
                    "what was written down before stays; reading the same again counts nothing twice",
                ));
            }
        }
    }
    let counts = intake.counts();
    if let Some(bar) = &bar {
        bar.finish_and_clear();
    }
    if setting.json() {
        report.json(&counts);
    } else {
        report.say(words(&counts));
    }
    doubts(&counts, report);
    for error in &missed {
        report.warn(unread(error));
    }
    Ok(if missed.is_empty() && !unread_events {
        Exit::Done
    } else {
        Exit::Problem
    })
}

/// The keys that the letters' tokens were sealed with. Without them nothing can be told: mail waits until the file is back.
fn keys(config: &Config) -> Result<Keys, Failure> {
    let keys = config.serving.keys();
    keys.map_err(|problem| Failure::problems(vec![problem]).still("nothing was read"))?
        .ok_or_else(|| {
            Failure::says(format!(
                "`{}` does not exist: it holds the keys of the tokens that bounces bring back",
                config.serving.secret.display()
            ))
            .still("nothing was read")
            .hint("`[bounces] domain` in the config gives every letter a token; the first `newsdigest send` makes the keys")
        })
}

fn words(counts: &Counts) -> String {
    let kinds = [
        (counts.hard, "hard"),
        (counts.soft, "soft"),
        (counts.temporary, "temporary"),
        (counts.about_us, "about us"),
        (counts.complaints, "called spam"),
        (counts.unsubscribed, "unsubscribed"),
        (counts.known, "known"),
        (counts.ignored, "no bounces"),
        (counts.without_token, "without a token"),
        (counts.foreign, "with a foreign token"),
        (counts.strangers, "about strangers"),
        (counts.unreadable, "unreadable"),
    ];
    let kinds: Vec<String> = kinds
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, kind)| format!("{} {kind}", grouped(count)))
        .collect();
    let read = match counts.events {
        0 => counted(counts.read, "message", "messages"),
        events if events == counts.read => counted(events, "event", "events"),
        _ => counted(counts.read, "message and event", "messages and events"),
    };
    let kinds = match kinds.join(", ") {
        none if none.is_empty() => none,
        kinds => format!(": {kinds}"),
    };
    let stopped = match counts.suppressed {
        0 => String::new(),
        some => format!(
            "\n{} put on the suppression list",
            counted(some, "address", "addresses")
        ),
    };
    format!("{read} read{kinds}{stopped}")
}

/// What may be wrong with the wiring, or with somebody.
fn doubts(counts: &Counts, report: Report) {
    if counts.foreign > 0 {
        report.warn(format!(
            "{} with tokens that are not ours: another newsletter's, sealed with a lost key, or forged; nobody was suppressed for them",
            counted(counts.foreign, "bounce", "bounces")
        ));
    }
    if counts.strangers > 0 {
        report.warn(format!(
            "{} about readers whom this ledger does not know: their letters were sent from another one",
            counted(counts.strangers, "bounce", "bounces")
        ));
    }
}

fn unread(error: &MailboxError) -> String {
    match error {
        MailboxError::Unreadable { source, .. } => {
            format!("{error}: {}", system_words(&source.to_string()))
        }
        MailboxError::NoMaildir(_) => error.to_string(),
    }
}
