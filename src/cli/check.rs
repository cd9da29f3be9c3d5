//! `check`: every problem in every file; with `--online`, in every source, in DNS and behind every link of the
//! day's edition.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use super::arguments::CheckArgs;
use super::exit::Exit;
use super::open::{self, Setting};
use super::report::{Failure, Report, counted};
use super::{findings, health};
use crate::check::{self, RelaySeen};
use crate::config::Config;
use crate::deliverability::{self, Demand, State, Verdict};
use crate::draft::{self, Reach, Wanted};
use crate::mailer::{Opened, Relay, Security, Session, Smtp};
use crate::model::finding::Finding;
use crate::model::page_views::Readership;
use crate::model::problem::Problem;
use crate::model::story::{Harvest, Miss};
use crate::newsroom::editions;

pub(super) async fn run(
    verb: &CheckArgs,
    setting: &Setting,
    report: Report,
) -> Result<Exit, Failure> {
    let unread = |problems: Vec<Problem>| {
        let count = counted(problems.len() as u64, "problem", "problems");
        Failure::problems(problems).still(format!(
            "{count} in `{}`; what it names was not looked at",
            setting.config_file().display()
        ))
    };
    let unread = |problems: Vec<Problem>| {
        if setting.json() {
            report.json(&Told::default().json(&problems));
        }
        unread(problems)
    };
    let newsroom = setting.read_newsroom().map_err(unread)?;
    let named = match setting.newsletter() {
        None => None,
        Some(_) => Some(setting.chosen()?.map_err(unread)?),
    };
    let mut told = Told::default();
    let (configs, broken) = match &named {
        None => (&*newsroom.newsletters, newsroom.problems()),
        Some(config) => (std::slice::from_ref(config), Vec::new()),
    };
    let checked: Vec<_> = configs
        .iter()
        .map(|config| (config, setting.slug(config)))
        .collect();
    let mut found = check::check(&checked, &newsroom);
    found.problems.extend(broken);
    for path in &found.files {
        report.detail(format!("looked at `{}`", path.display()));
    }
    let reach = if verb.online {
        Reach::Everything
    } else {
        Reach::Files
    };
    let mut gathered = Vec::new();
    for config in configs {
        let report = report.of(config.name.as_ref());
        let (harvest, readership, dead) = inputs(config, reach, setting, report).await?;
        let invented: Vec<_> = check::invented(config, &harvest).into_iter().collect();
        findings::print(&invented, report);
        told.findings.extend(dead.into_iter().chain(invented));
        gathered.push((harvest, readership, report));
    }
    if let Some(config) = configs.first().filter(|_| verb.online) {
        let mut seen = Vec::new();
        for one in config.relays.each() {
            if let Relay::Smtp(smtp) = &one.relay {
                let (opened, failed) = relay(smtp, one.password_missing.is_some(), report).await;
                let works = failed.is_none();
                told.relays.extend(failed.map(|why| match &one.name {
                    Some(name) => format!("`{name}`: {why}"),
                    None => why,
                }));
                seen.push(RelaySeen {
                    smtp: smtp.as_ref().clone(),
                    opened,
                    works,
                });
            }
        }
        if !seen.is_empty()
            || config.signer.is_some()
            || config.relays.each().any(|one| one.relay.is_real())
        {
            let verdicts = check::deliverability(configs, &seen, setting.now()).await;
            let found = Deliverability::of(verdicts);
            found.print(report);
            let findings = found.verdicts.iter().filter_map(Verdict::finding);
            told.findings.extend(findings);
            told.deliverability = Some(found);
        }
        report.say("");
    }
    for (harvest, readership, report) in &gathered {
        health::sections(&harvest.sections, *report);
        let begun = told.misses.len();
        let misses = harvest.misses.iter().chain(readership.misses());
        told.misses.extend(misses.cloned());
        report.misses(&told.misses[begun..]);
        for note in readership.notes() {
            report.say(format!("note: {}: {}", note.source, note.what));
            told.notes.push(note.clone());
        }
    }
    for remark in &found.remarks {
        report.say(format!("note: {remark}"));
    }
    (told.files, told.remarks) = (found.files, found.remarks);
    let count = told.count(&found.problems);
    if setting.json() {
        report.json(&told.json(&found.problems));
    }
    if count == 0 {
        report.say(format!(
            "{} checked: no problem",
            counted(told.files.len() as u64, "file", "files")
        ));
        return Ok(Exit::Done);
    }
    Err(Failure::problems(found.problems).still(counted(count as u64, "problem", "problems")))
}

/// What was found beside the problems.
#[derive(Default)]
struct Told {
    files: Vec<PathBuf>,
    findings: Vec<Finding>,
    misses: Vec<Miss>,
    notes: Vec<Miss>,
    remarks: Vec<String>,
    /// Why relays cannot be used.
    relays: Vec<String>,
    /// `None`: offline, or nothing is sent.
    deliverability: Option<Deliverability>,
}

/// What receivers see, and what the large ones demand.
#[derive(serde::Serialize)]
struct Deliverability {
    verdicts: Vec<Verdict>,
    demands: Vec<Demand>,
}

impl Deliverability {
    fn of(verdicts: Vec<Verdict>) -> Self {
        let demands = deliverability::demands(&verdicts);
        Self { verdicts, demands }
    }

    fn print(&self, report: Report) {
        report.say("\nwhat receivers see:");
        for verdict in &self.verdicts {
            let Verdict {
                state,
                place,
                what,
                hint,
                topic,
            } = verdict;
            let line = format!("`{place}` {what}");
            match state {
                State::Good => report.say(format!("  {line}")),
                State::Weak | State::Unknown => {
                    report.say(format!("  note: {line} (`{}`)\n    {hint}", topic.name()));
                }
                State::Wrong => report.warn(format!("{line} (`{}`)\n    {hint}", topic.name())),
            }
        }
        report.say("\nwhat large providers demand from 5,000 letters a day:");
        for Demand {
            what,
            by,
            state,
            mend,
        } in &self.demands
        {
            let state = match state {
                State::Good => "ready",
                State::Weak => "ready, with a note",
                State::Unknown => "not known",
                State::Wrong => "not ready",
            };
            report.say(format!("  {what:<28} {state:<19} {}", by.join(", ")));
            if !mend.is_empty() {
                report.say(format!("    {mend}"));
            }
        }
        report.say("  also: readers who press \"spam\" below 0.1 % (never 0.3 %), which `newsdigest status` counts; leaving takes effect at once here");
    }
}

impl Told {
    /// How many things are to be mended.
    fn count(&self, problems: &[Problem]) -> usize {
        problems.len() + self.findings.len() + self.misses.len() + self.relays.len()
    }

    /// The form of `docs/schemas/check.json`.
    fn json(&self, problems: &[Problem]) -> Value {
        json!({
            "schema": 1,
            "count": self.count(problems),
            "files": self.files,
            "problems": problems,
            "findings": self.findings,
            "misses": self.misses,
            "notes": self.notes,
            "remarks": self.remarks,
            "relay": self.relays.first(),
            "relays": self.relays,
            "deliverability": self.deliverability,
        })
    }
}

/// Gathers what a newsletter is made of, as a draft does. Online it says how each source is, and asks the links of its edition: those that are dead.
async fn inputs(
    config: &Config,
    reach: Reach,
    setting: &Setting,
    report: Report,
) -> Result<(Harvest, Readership, Vec<Finding>), Failure> {
    let now = setting.now();
    let opens = config.selection.window.opens(None, now);
    let wanted = Wanted { config, opens };
    // Without the ledger: everything is asked for anew, and nothing is kept.
    let mut asking = draft::Asking::once(open::salt()?);
    let (harvest, readership) = draft::gather(wanted, None, reach, now, &mut asking).await?;
    let mut dead = Vec::new();
    if reach == Reach::Everything {
        health::sources(&harvest.health, now, report);
        health::readers(&readership, now, report);
        health::coverage(&readership, &harvest, report);
        dead = links(config, setting, report).await?;
    }
    Ok((harvest, readership, dead))
}

/// The longest that a person waits for one step of the conversation.
const PATIENCE: Duration = Duration::from_mins(1);

/// Opens a conversation with the relay and says how far it came; why it cannot be used, if so. Without its password no log-in is tried.
async fn relay(smtp: &Smtp, is_password_missing: bool, report: Report) -> (Opened, Option<String>) {
    let mut smtp = smtp.clone();
    let limits = &mut smtp.limits;
    for limit in [&mut limits.greeting, &mut limits.login] {
        *limit = PATIENCE.min(*limit);
    }
    if is_password_missing {
        smtp.login = None;
    }
    let (seen, outcome) = Box::pin(Session::try_out(&smtp)).await;
    let mut words = Vec::new();
    if let Some(greeting) = &seen.greeting {
        words.push(format!("answered `{greeting}`"));
    }
    if let Some(hello) = &seen.hello {
        words.push(format!("was greeted with `EHLO {hello}`"));
    }
    if seen.is_secure {
        words.push("TLS works".to_owned());
    } else if smtp.security == Security::None && outcome.is_ok() {
        words.push("without TLS".to_owned());
    }
    if seen.is_logged_in {
        words.push("the log-in works".to_owned());
    } else if outcome.is_ok() {
        words.push("no log-in was tried".to_owned());
    }
    if !words.is_empty() {
        let words = words.join(", ");
        report.say(format!("`{smtp}` {words}"));
    }
    let wrong = match outcome {
        Ok(()) => is_password_missing.then(|| "its password is missing".to_owned()),
        Err(error) => {
            report.warn(error.to_string());
            Some(error.to_string())
        }
    };
    (seen, wrong)
}

/// Asks the links of the day's edition, if there is one, for those that are dead. What is wrong with its file has been found already.
async fn links(
    config: &Config,
    setting: &Setting,
    report: Report,
) -> Result<Vec<Finding>, Failure> {
    let slug = setting.slug(config);
    let Ok(Some(edition)) = editions::read(&config.editions(), &slug) else {
        return Ok(Vec::new());
    };
    let links = check::dead_links(&edition, &config.sources).await?;
    report.say(format!(
        "{} of {slug} asked, {} dead",
        counted(links.asked as u64, "link", "links"),
        links.findings.len()
    ));
    if links.unasked > 0 {
        report.warn(format!(
            "{} of {slug} not asked: no time was left",
            counted(links.unasked as u64, "link", "links")
        ));
    }
    findings::print(&links.findings, report);
    Ok(links.findings)
}
