//! `send`: freezes the edition and hands a letter over for every subscriber; run again, it resumes.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::mpsc;

use super::arguments::{InDoubt, Send};
use super::open::{self, Setting};
use super::report::{Failure, Report, counted, grouped};
use super::{Exit, draft};
use crate::checkup;
use crate::config::{Config, Handover};
use crate::delivery::Tally;
use crate::desk::editions;
use crate::edition::{Edition, Slug};
use crate::ledger::{Doubtful, Freeze, Held, Ledger, Run, Seat, SendLock, Target};
use crate::line::Line;
use crate::link::StoryKey;
use crate::mailer::{Relay, Session, SessionError};
use crate::message::{Copy, Press, RunKey};
use crate::send::{self, Event, Halt, Job, Outcome, Progress};
use crate::subscriber::LeftOut;
use crate::zone::Zone;

pub(super) fn run(verb: &Send, setting: &Setting, report: Report) -> Result<Exit, Failure> {
    let config = setting.config()?;
    let slug = setting.slug(&config);
    let target = target(&config);
    if matches!(config.handover.relay, Relay::Smtp(_))
        && let Some(problem) = checkup::unsendable(&config)
    {
        return Err(Failure::problems(vec![problem]).still("nothing was sent"));
    }
    if verb.dry_run {
        return dry_run(&config, &slug, setting, report);
    }
    let _lock = SendLock::take(&config.ledger, setting.now()).map_err(|held| {
        let exit = match &held {
            Held::Other { .. } => Exit::TryAgain,
            Held::Broken { .. } => Exit::Problem,
        };
        let failure = Failure::error(held)
            .exit(exit)
            .still("this run sent nothing");
        if exit == Exit::TryAgain {
            failure.hint("`newsdigest status` says how far it is")
        } else {
            failure
        }
    })?;
    let mut ledger = open::ledger(&config)?;
    let frozen = ledger.run(&slug, &target).map_err(Failure::error)?;
    others(frozen.is_some(), &slug, &target, &ledger, report)?;
    let run = match frozen {
        Some(run) => resume(verb, run, &config, &mut ledger, setting, report)?,
        None => match freeze(&config, &slug, &target, &mut ledger, setting, report)? {
            Some(run) => run,
            None => return Ok(Exit::Done),
        },
    };
    let tally = ledger.tally(run.id).map_err(Failure::error)?;
    if tally.queued == 0 {
        report.say(format!("{}: nothing is left to hand over", run.slug));
        return finish(&config, &run, &tally, None, setting, report);
    }
    let presses = presses(&config, &run, &ledger)?;
    let began = Instant::now();
    let outcome = hand_over(&config, ledger, &run, presses, setting, report)?;
    report.detail(format!(
        "the letters took {:.2} s",
        began.elapsed().as_secs_f64()
    ));
    finish(&config, &run, &outcome.tally, outcome.halt, setting, report)
}

/// Other editions that are not sent to their end. One with letters still queued comes before a new one is frozen; whatever is frozen
/// already may always go on, so that no two ever wait for one another. Copies in doubt block nothing, but are named until someone decides.
fn others(
    is_frozen: bool,
    slug: &Slug,
    target: &Target,
    ledger: &Ledger,
    report: Report,
) -> Result<(), Failure> {
    for other in ledger.unfinished(target).map_err(Failure::error)? {
        if other.slug == *slug {
            continue;
        }
        let send = format!("newsdigest send --date {}", other.slug);
        let tally = ledger.tally(other.id).map_err(Failure::error)?;
        if tally.queued == 0 {
            report.warn(format!(
                "{} of the edition of {} may have arrived or not: `{send}` sends them again, `{send} --in-doubt skip` leaves them so",
                counted(tally.in_doubt, "copy", "copies"),
                other.slug
            ));
            continue;
        }
        let what = format!("the edition of {} is not sent to its end", other.slug);
        let hint = format!("`{send}` finishes it, {} to go", grouped(tally.queued));
        if is_frozen {
            report.warn(format!("{what}: {hint}"));
        } else {
            return Err(Failure::says(what).still("nothing was sent").hint(hint));
        }
    }
    Ok(())
}

/// Where letters go, as the ledger keeps it.
pub(super) fn target(config: &Config) -> Target {
    match &config.handover.relay {
        Relay::Outbox(folder) => Target::Outbox(
            std::path::absolute(folder)
                .unwrap_or_else(|_| folder.clone())
                .display()
                .to_string(),
        ),
        Relay::Smtp(_) => Target::Relay,
    }
}

/// The edition file of that day; without one it is drafted first, as cron needs it. `None` on a quiet day.
pub(super) fn edition(
    config: &Config,
    slug: &Slug,
    setting: &Setting,
    report: Report,
) -> Result<Option<Edition>, Failure> {
    let found = editions::read(&config.editions(), slug).map_err(|problems| {
        Failure::problems(problems)
            .still("nothing was sent")
            .hint("`newsdigest check` shows every problem in every file")
    })?;
    if let Some(edition) = found {
        Ok(Some(edition))
    } else {
        let chosen = draft::choose(config, setting, report)?;
        let edition = draft::write(config, &chosen, setting, report)?;
        if edition.is_some() {
            let path = editions::path_of(&config.editions(), slug);
            report.say(format!("written to `{}`", path.display()));
        }
        Ok(edition)
    }
}

fn dry_run(
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
    let subscribers = subscribers(config)?;
    let audience = send::audience(&edition, config, &subscribers)
        .map_err(|problem| Failure::problems(vec![problem]).still("nothing was sent"))?;
    let suppressed: std::collections::HashSet<String> = match &ledger {
        Some(ledger) => ledger
            .suppressed()
            .map_err(Failure::error)?
            .iter()
            .map(|row| row.address.key().into_owned())
            .collect(),
        None => std::collections::HashSet::new(),
    };
    let mut seen = std::collections::HashSet::new();
    let mut recipients = 0_u64;
    let mut left_out: HashMap<LeftOut, u64> = HashMap::new();
    for subscriber in &subscribers {
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

fn subscribers(config: &Config) -> Result<Vec<crate::subscriber::Subscriber>, Failure> {
    super::subscribers::read(config).map_err(|failure| failure.still("nothing was sent"))
}

/// Freezes edition, pages and recipients. From its commit on the send exists.
fn freeze(
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
    let subscribers = subscribers(config)?;
    if subscribers.is_empty() {
        return Err(Failure::says(format!(
            "`{}` holds no subscriber",
            config.subscribers.display()
        ))
        .still("nothing was sent")
        .hint("`newsdigest subscribers add ADDRESS` adds one"));
    }
    let audience = send::audience(&edition, config, &subscribers)
        .map_err(|problem| Failure::problems(vec![problem]).still("nothing was sent"))?;
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
        opened.map_err(|error| Failure::error(error).still("nothing was frozen or sent"))?;
    }
    let stories: Vec<(StoryKey, Line)> = edition
        .stories()
        .map(|(_, placed)| (placed.story.url.key(), placed.story.headline.clone()))
        .collect();
    let order = Freeze {
        slug: slug.clone(),
        newsletter: config.newsletter.id.clone(),
        letterhead: config.newsletter.letterhead(),
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
            subscribers
                .iter()
                .map(|subscriber| audience.seat(subscriber)),
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
    ledger.run(slug, target).map_err(Failure::error)
}

/// Takes up a frozen run: what a crash left in doubt is sent again or skipped, and the number is said either way.
fn resume(
    verb: &Send,
    run: Run,
    config: &Config,
    ledger: &mut Ledger,
    setting: &Setting,
    report: Report,
) -> Result<Run, Failure> {
    if run.newsletter != config.newsletter.id {
        return Err(Failure::says(format!(
            "the edition of {} in `{}` belongs to the newsletter `{}`, not to `{}`",
            run.slug,
            config.ledger.display(),
            run.newsletter,
            config.newsletter.id
        ))
        .still("nothing was sent")
        .hint("each newsletter needs a `path` of its own in `[ledger]`"));
    }
    let which = match verb.in_doubt {
        None | Some(InDoubt::Skip) => Doubtful::Unskipped,
        Some(InDoubt::Resend) => Doubtful::All,
    };
    let lost = ledger.in_doubt(run.id, which).map_err(Failure::error)?;
    if lost > 0 {
        let copies = counted(lost, "copy", "copies");
        // Said before it is done: a kill in between must not leave doubles unsaid.
        if verb.in_doubt == Some(InDoubt::Skip) {
            report.warn(format!("{copies} stay in doubt: the last run stopped while the relay held them; they are not sent again"));
            ledger.skip_in_doubt(run.id, setting.now())
        } else {
            report.warn(format!("{copies} may arrive twice: the last run stopped while the relay held them; they go out again with the same Message-ID"));
            ledger.resend_in_doubt(run.id, which, setting.now())
        }
        .map_err(Failure::error)?;
    }
    let latest = setting.now() + config.handover.longest_wait();
    ledger
        .wait_no_longer(run.id, latest)
        .map_err(Failure::error)?;
    let tally = ledger.tally(run.id).map_err(Failure::error)?;
    if tally.queued > 0 {
        report.say(format!(
            "{}: goes on where it stopped, {} to go",
            run.slug,
            grouped(tally.queued)
        ));
    }
    Ok(run)
}

/// Letters come from pages and letterhead as they were frozen, whatever the files say now: a copy sent again is the same to the byte.
fn presses(config: &Config, run: &Run, ledger: &Ledger) -> Result<Vec<Press>, Failure> {
    let key = RunKey(run.key);
    let newsletter = match &run.letterhead {
        Some(head) => config.newsletter.under(head).ok_or_else(|| {
            Failure::says(format!(
                "the letterhead of {} in the ledger is broken",
                run.slug
            ))
            .still("nothing was sent")
        })?,
        None => config.newsletter.clone(),
    };
    let pages = ledger.pages(run.id).map_err(Failure::error)?;
    Ok(pages
        .iter()
        .map(|pages| {
            Press::new(
                &newsletter,
                &run.slug,
                pages,
                &key,
                run.frozen,
                Copy::Edition,
            )
        })
        .collect())
}

fn hand_over(
    config: &Config,
    ledger: Ledger,
    run: &Run,
    presses: Vec<Press>,
    setting: &Setting,
    report: Report,
) -> Result<Outcome, Failure> {
    let job = Job {
        ledger,
        run: run.id,
        presses,
        handover: rehearsed(&config.handover),
        clock: setting.clock(),
    };
    let zone = config.newsletter.zone.clone();
    open::runtime()?.block_on(async {
        let (tell, told) = mpsc::unbounded_channel();
        let stop = open::interruption(
            report,
            "stopping: letters under way are finished first; Ctrl-C again stops at once",
        );
        let voice = tokio::spawn(narrate(told, report, zone));
        let outcome = send::hand_over(job, stop, tell)
            .await
            .map_err(|error| Failure::error(error).exit(Exit::TryAgain));
        _ = voice.await;
        outcome
    })
}

/// A folder needs one conversation; more would only contend for the disk.
fn rehearsed(handover: &Handover) -> Handover {
    let mut handover = handover.clone();
    if matches!(handover.relay, Relay::Outbox(_)) {
        handover.connections = 1;
    }
    handover
}

/// Says what happens: in place on a terminal, else a plain line now and then.
async fn narrate(mut events: mpsc::UnboundedReceiver<Event>, report: Report, zone: Zone) {
    const EVERY: Duration = Duration::from_secs(10);
    let bar = report.is_live().then(|| {
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template(
            "{bar:30} {human_pos}/{human_len}  {per_sec:>12}  {eta} left",
        ) {
            bar.set_style(style);
        }
        bar
    });
    let say = |text: String| match &bar {
        Some(bar) => bar.suspend(|| report.say(text)),
        None => report.say(text),
    };
    let began = Instant::now();
    let (mut spoken, mut throttled, mut waiting) = (Duration::ZERO, None, None);
    while let Some(event) = events.recv().await {
        match event {
            Event::Progress(progress) => {
                let done = progress.accepted + progress.rejected;
                if let Some(bar) = &bar {
                    bar.set_length(done + progress.left);
                    bar.set_position(done);
                } else if began.elapsed() >= spoken + EVERY {
                    spoken = began.elapsed();
                    report.say(in_words(&progress, spoken));
                }
            }
            Event::Reconnecting { why, wait } => say(format!(
                "the conversation with the relay ended ({why}); again in {} s",
                wait.as_secs()
            )),
            Event::Fewer { why } => say(format!(
                "one conversation with the relay fewer ({why}); the others go on"
            )),
            Event::Throttled(reply) if throttled != Some(reply.code) => {
                throttled = Some(reply.code);
                say(format!(
                    "the relay asks for patience (`{reply}`): going slower"
                ));
            }
            Event::Throttled(_) => {}
            // Every conversation says it.
            Event::Waiting { until } if waiting == Some(until) => {}
            Event::Waiting { until } => {
                waiting = Some(until);
                say(format!(
                    "the rest was deferred; tried again at {}",
                    clock_time(&zone, until)
                ));
            }
        }
    }
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
}

fn clock_time(zone: &Zone, at: DateTime<Utc>) -> String {
    zone.at(at).format("%H:%M:%S").to_string()
}

fn in_words(progress: &Progress, elapsed: Duration) -> String {
    let rate = (progress.accepted + progress.rejected) as f64 / elapsed.as_secs_f64().max(0.001);
    let left = if rate > 0.0 {
        format!(", about {:.0} s left", progress.left as f64 / rate)
    } else {
        String::new()
    };
    format!(
        "{} accepted, {} rejected, {} to go, {rate:.0}/s{left}",
        grouped(progress.accepted),
        grouped(progress.rejected),
        grouped(progress.left)
    )
}

/// The last words of a send, and its exit code.
fn finish(
    config: &Config,
    run: &Run,
    tally: &Tally,
    halt: Option<Halt>,
    setting: &Setting,
    report: Report,
) -> Result<Exit, Failure> {
    if let (None, Target::Outbox(folder)) = (&halt, &run.target) {
        let letters = if tally.accepted > 0 && !std::path::Path::new(folder).exists() {
            format!(
                "{} written to `{folder}`, which is gone by now",
                counted(tally.accepted, "letter was", "letters were")
            )
        } else {
            format!(
                "{} in `{folder}`",
                counted(tally.accepted, "letter lies", "letters lie")
            )
        };
        report.say(format!("{letters}: a rehearsal, nobody was mailed"));
    }
    let summary = format!(
        "{}, {}: {}",
        config.newsletter.name,
        run.slug,
        tally_in_words(tally)
    );
    if setting.json() {
        report.json(&serde_json::json!({ "edition": run.slug.to_string(), "tally": tally, "halted": halt.as_ref().map(ToString::to_string) }));
    }
    if !tally.balances() {
        return Err(
            Failure::says(format!("the tally does not balance: {summary}"))
                .exit(Exit::TryAgain)
                .hint(
                    "this is a bug of newsdigest; please report it with the ledger kept as it is",
                ),
        );
    }
    // Nothing stopped the run, and yet it is not at its end: no exit code may say it is.
    let halt = halt.or((tally.queued > 0).then_some(Halt::Broken));
    let Some(halt) = halt else {
        report.say(&summary);
        hints(run, tally, report);
        return Ok(if tally.rejected + tally.in_doubt + tally.given_up > 0 {
            Exit::DoneWithRefusals
        } else {
            Exit::Done
        });
    };
    let again = format!(
        "`newsdigest send --date {}` goes on with {}",
        run.slug,
        match tally.queued {
            1 => "the one that is left".to_owned(),
            more => format!("the {} that are left", grouped(more)),
        }
    );
    Err(Failure::error(halt)
        .exit(Exit::TryAgain)
        .still(summary)
        .hint(again))
}

fn hints(run: &Run, tally: &Tally, report: Report) {
    let verb = |flag: &str| format!("`newsdigest status {} {flag}`", run.slug);
    let mut lists = Vec::new();
    if tally.rejected > 0 {
        lists.push(format!(
            "{} lists whom the relay refused",
            verb("--rejected")
        ));
    }
    if tally.in_doubt > 0 {
        lists.push(format!("{} lists the copies in doubt", verb("--in-doubt")));
    }
    if tally.given_up > 0 {
        lists.push(format!("{} lists those given up", verb("--given-up")));
    }
    if !lists.is_empty() {
        report.hint(lists.join("; "));
    }
}

/// `41,882 accepted, 13 rejected, 210 left out (42,105 subscribers)`: what is not nought, and always the accepted.
pub(super) fn tally_in_words(tally: &Tally) -> String {
    let rest = [
        (tally.rejected, "rejected"),
        (tally.queued, "queued"),
        (tally.in_doubt, "in doubt"),
        (tally.given_up, "given up"),
        (tally.left_out, "left out"),
    ];
    let mut words = vec![format!("{} accepted", grouped(tally.accepted))];
    words.extend(
        rest.iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{} {word}", grouped(*count))),
    );
    format!(
        "{} ({})",
        words.join(", "),
        counted(tally.subscribers, "subscriber", "subscribers")
    )
}

/// Fresh random bytes: they make this run's Message-IDs unlike any other's.
pub(super) fn random_key() -> Result<[u8; 16], Failure> {
    let mut key = [0; 16];
    aws_lc_rs::rand::fill(&mut key).map_err(|_| {
        Failure::says("the machine gives no random bytes").still("nothing was sent")
    })?;
    Ok(key)
}
