//! `alert`: a letter of one story, sent at once to the readers who want alerts.

use std::path::PathBuf;

use super::arguments::AlertArgs;
use super::exit::Exit;
use super::open::Setting;
use super::proof::answered;
use super::report::{Failure, Report, counted, grouped};
use super::send::{Narrator, is_confirmed};
use super::tally::{as_json, finish};
use super::{failures, findings, suppress};
use crate::config::Config;
use crate::draft::{self, AlertStory, AlertWords};
use crate::model::edition::Edition;
use crate::model::link::Link;
use crate::model::world::World;
use crate::send::{self, AlertOrder, WouldAlert};

pub(super) async fn run(
    verb: &AlertArgs,
    setting: &Setting,
    world: &World,
    report: Report,
) -> Result<Exit, Failure> {
    let config = setting.alerts()?;
    let Some(story) = &verb.story else {
        return go_on(&config, setting, world, report).await;
    };
    let told = place(story, verb.url.as_ref(), &config)?;
    let words = AlertWords {
        subject: verb.subject.clone(),
        section: verb.section.clone(),
    };
    let edition = draft::alert(&config, &told, &words, world);
    let edition = edition.await.map_err(failures::alert_story)?;
    if !verb.proof.is_empty() {
        return proof(&verb.proof, &config, &edition, world, report).await;
    }
    let order = AlertOrder {
        edition,
        again: verb.again,
    };
    let mut narrator = Narrator::new(report, &config);
    let would = send::would_alert(&config, &order, world, &mut |event| narrator.tell(event));
    let would = would.map_err(failures::send)?;
    show(&would, &config, report);
    if would.would.recipients == 0 {
        return Err(Failure::says(format!("no reader gets `{}`", config.newsletter.name))
            .still("nothing was frozen or sent")
            .hint("`alerts = true` beside a reader says that they want them, as `newsdigest subscribers set ADDRESS --alerts true` and the page of preferences do"));
    }
    if verb.dry_run {
        report.say("nothing was frozen or sent");
        return Ok(Exit::Done);
    }
    let question = format!(
        "Send it to {} now? [y/N] ",
        counted(would.would.recipients, "reader", "readers")
    );
    if !verb.yes && !is_confirmed(&question, world).await? {
        return Err(Failure::says("not confirmed")
            .still("nothing was frozen or sent")
            .hint("`--yes` sends it without a question, as a script must; `--proof ADDRESS` shows it to a colleague"));
    }
    let sent = send::alert(&config, &order, world, &mut |event| narrator.tell(event)).await;
    finish(sent.map_err(failures::send)?, setting.json(), report)
}

/// Where that story is told.
fn place(story: &str, url: Option<&Link>, config: &Config) -> Result<AlertStory, Failure> {
    let usage = |what: String| {
        Failure::says(what)
            .exit(Exit::Usage)
            .still("nothing was frozen or sent")
    };
    if story.contains("://") {
        let link = Link::parse(story).map_err(|error| usage(error.to_string()))?;
        return Ok(AlertStory::Page(link));
    }
    let here = PathBuf::from(story);
    let path = if here.exists() {
        here
    } else {
        config.home.join(story)
    };
    let ending = path.extension().map(std::ffi::OsStr::to_ascii_lowercase);
    let is_page = ending.is_some_and(|ending| ending == "html" || ending == "htm");
    match (is_page, url) {
        (true, Some(url)) => Ok(AlertStory::Saved(path, url.clone())),
        (true, None) => Err(usage(format!("`{story}` is a saved page: whose?"))
            .hint("`--url` names the story's address")),
        (false, _) => Ok(AlertStory::File(path)),
    }
}

/// Says what the letter is, and who would get it.
fn show(would: &WouldAlert, config: &Config, report: Report) {
    let WouldAlert { edition, would } = would;
    findings::print(&would.findings, report);
    for (_, placed) in edition.stories() {
        let story = &placed.story;
        let section = story.section.as_ref();
        let section = section.map_or_else(String::new, |section| format!("{section}: "));
        report.say(format!("{section}{}", story.headline));
        report.say(format!("  {}", story.url));
    }
    if let Some(subject) = &edition.subject {
        report.say(format!("  subject: {subject}"));
    }
    let (name, slug) = (&config.newsletter.name, &edition.slug);
    let readers = counted(would.recipients, "reader", "readers");
    report.say(format!("{name}, {slug}: for {readers}"));
    for (why, count) in &would.left_out {
        report.say(format!("  {} left out: {}", grouped(*count), why.words()));
    }
}

async fn proof(
    addresses: &[String],
    config: &Config,
    edition: &Edition,
    world: &World,
    report: Report,
) -> Result<Exit, Failure> {
    let addresses = suppress::addresses(addresses)?;
    let verdicts = send::proof(config, edition, &addresses, world).await;
    let verdicts = verdicts.map_err(failures::proof)?;
    Ok(answered(&verdicts, &edition.slug, config, report))
}

/// Finishes the alerts that were stopped.
async fn go_on(
    config: &Config,
    setting: &Setting,
    world: &World,
    report: Report,
) -> Result<Exit, Failure> {
    let mut narrator = Narrator::new(report, config);
    let finished = send::finish_alerts(config, world, &mut |event| narrator.tell(event)).await;
    let finished = finished.map_err(failures::send)?;
    if finished.is_empty() {
        report.say("no alert was stopped before its end");
    }
    if setting.json() {
        report.json(&finished.iter().map(as_json).collect::<Vec<_>>());
    }
    let exits = finished
        .into_iter()
        .map(|sent| finish(sent, false, report).unwrap_or_else(|failure| report.failure(&failure)));
    Ok(Exit::of_all(exits))
}
