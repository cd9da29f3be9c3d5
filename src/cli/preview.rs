//! `preview`: the edition on a local page that follows every change, or as three files.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use tokio::sync::watch;

use super::arguments::Preview;
use super::open::{self, Setting};
use super::reasons::Reasons;
use super::report::{Failure, Report, counted};
use super::Exit;
use crate::config::Config;
use crate::desk;
use crate::draft::{self, DraftError};
use crate::edition::{Edition, List, Slug};
use crate::ledger::{Run, Target};
use crate::line::Line;
use crate::link::Link;
use crate::message::RunKey;
use crate::preview::{self, Exhibit};
use crate::problem::Problem;
use crate::story::Miss;
use crate::web::preview::{Reason, Showing, Source, State, serve};

pub(super) fn run(verb: &Preview, setting: &Setting, report: &Report) -> Result<Exit, Failure> {
    let runtime = open::runtime()?;
    match &verb.out {
        Some(folder) => runtime.block_on(write_out(folder, setting, report)),
        None => runtime.block_on(show(verb, setting, report)),
    }
}

async fn show(verb: &Preview, setting: &Setting, report: &Report) -> Result<Exit, Failure> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, verb.port));
    let listener = tokio::net::TcpListener::bind(address).await.map_err(|error| {
        Failure::error(anyhow::Error::new(error).context(format!("port {} on 127.0.0.1 cannot be used", verb.port))).hint("`newsdigest preview --port 0` takes any free one")
    })?;
    let bound = listener.local_addr().map_err(Failure::error)?;
    let first = look(1, None, setting, report).await;
    for problem in &first.problems {
        report.problems(std::slice::from_ref(problem));
    }
    let (tell, told) = watch::channel(Arc::new(first));
    let url = format!("http://{bound}/");
    report.data(&url);
    report.say("the page follows every change of edition, config, subscribers and template; Ctrl-C ends it");
    if verb.open
        && let Err(error) = ::open::that_detached(&url)
    {
        report.warn(format!("no browser could be opened: {error}"));
    }
    let mut stop = open::interruption(*report, "");
    let mut ended = stop.clone();
    let server = tokio::spawn(serve(listener, told, async move {
        _ = ended.wait_for(|stop| *stop).await;
    }));
    loop {
        let watching = setting.read_config().ok().map(|config| preview::watched(&config)).unwrap_or_else(|| (vec![setting.config_file().to_owned()], Vec::new()));
        let watch = preview::watch(&watching.0, &watching.1).map_err(|error| Failure::error(anyhow::Error::new(error).context("files cannot be watched")))?;
        tokio::select! {
            () = watch.changed() => {}
            _ = stop.wait_for(|stop| *stop) => break,
        }
        let last = Arc::clone(&tell.borrow());
        let next = look(last.version + 1, Some(&last), setting, report).await;
        tell.send_replace(Arc::new(next));
    }
    server.await.map_err(Failure::error)?.map_err(Failure::error)?;
    Ok(Exit::Done)
}

/// Writes digest.html, digest.txt and digest.eml.
async fn write_out(folder: &Path, setting: &Setting, report: &Report) -> Result<Exit, Failure> {
    let showing = look(1, None, setting, report).await;
    if !showing.problems.is_empty() {
        return Err(Failure::problems(showing.problems).still("nothing was written"));
    }
    let Some(variant) = showing.variants.first() else { return Err(Failure::says("there is no edition to write").still("nothing was written")) };
    std::fs::create_dir_all(folder).map_err(|error| Failure::error(anyhow::Error::new(error).context(format!("`{}` cannot be made", folder.display()))))?;
    let files: [(&str, &[u8]); 3] = [("digest.html", variant.html.as_bytes()), ("digest.txt", variant.text.as_bytes()), ("digest.eml", &variant.letter)];
    for (name, bytes) in files {
        let path = folder.join(name);
        desk::write_atomic(&path, bytes).map_err(Failure::error)?;
        report.data(&path.display().to_string());
    }
    report.misses(&showing.misses);
    Ok(Exit::Done)
}

/// The state of things, broken or not.
async fn look(version: u64, last: Option<&Showing>, setting: &Setting, report: &Report) -> Showing {
    let slug_for_problems = last.map(|last| last.slug.clone());
    let found = match setting.read_config() {
        Ok(config) => exhibit(&config, setting).await.map(|exhibit| preview::showing(version, &config, exhibit)).map_err(|problems| (setting.slug(&config), problems)),
        Err(problems) => Err((slug_for_problems.unwrap_or_else(|| Slug::of(setting.now().date_naive())), problems)),
    };
    found.unwrap_or_else(|(slug, problems)| {
        report.detail(format!("{} in the newsroom's files", counted(problems.len() as u64, "problem", "problems")));
        preview::broken(version, &slug, last, problems)
    })
}

/// The frozen run if there is one, else the edition file, else what would be drafted now.
async fn exhibit(config: &Config, setting: &Setting) -> Result<Exhibit, Vec<Problem>> {
    let slug = setting.slug(config);
    let in_one = |error: &dyn std::fmt::Display| vec![Problem::new(error.to_string())];
    let (subscribers, _) = desk::read_subscribers(&config.subscribers).unwrap_or_default();
    let audience = Line::non_empty(&counted(subscribers.len() as u64, "subscriber", "subscribers"));
    let file = desk::read_edition(&config.editions(), &slug).map_err(|error| in_one(&error))?;
    let whys = desk::read_whys(&config.editions(), &slug).map_err(|error| in_one(&error))?;
    let (reasons, misses) = whys.as_deref().map(told).unwrap_or_default();
    let source = file.as_ref().map(|(text, _)| Source { file: Line::clean(&desk::edition_path(&config.editions(), &slug).display().to_string()), text: text.clone() });
    if let Some((run, pages)) = frozen(config, &slug, setting).map_err(|failure| in_one(&failure))? {
        let changed_since = file.is_some_and(|(_, edition)| edition.ok() != Edition::from_toml(slug.clone(), "", &run.edition).ok());
        let state = State::Frozen { when: config.newsletter.zone.at(run.frozen).fixed_offset(), changed_since };
        let named = |(index, pages): (usize, _)| (if index == 0 { Line::clean("Everyone") } else { Line::clean(&format!("Sections {index}")) }, pages);
        let pages = pages.into_iter().enumerate().map(named).collect();
        return Ok(Exhibit { state, slug, pages, key: RunKey::new(run.key), date: run.frozen, source, reasons, misses, audience });
    }
    let (state, edition, reasons, misses) = match file {
        Some((_, edition)) => (State::Draft(Line::clean(&desk::edition_path(&config.editions(), &slug).display().to_string())), edition?, reasons, misses),
        None => {
            let mut ledger = setting.ledger_if_any(config).map_err(|_| vec![Problem::new("the ledger cannot be opened")])?;
            let draft = draft::draft(config, ledger.as_mut(), &slug, setting.now()).await.map_err(no_draft)?;
            let (reasons, misses) = serde_json::to_string(&draft.selection).map(|text| told(&text)).unwrap_or_default();
            let quiet = || vec![Problem::new(format!("a quiet day: fewer than {} stories can be printed, so there is no edition", config.selection.minimum)).hint("`newsdigest explain` says why each was passed over")];
            (State::WouldDraft, draft.edition.ok_or_else(quiet)?, reasons, misses)
        }
    };
    let pages = preview::pages(&edition, config, &subscribers);
    Ok(Exhibit { state, slug, pages, key: RunKey::new([0; 16]), date: setting.now(), source, reasons, misses, audience })
}

fn no_draft(error: DraftError) -> Vec<Problem> {
    let mut problems = vec![Problem::new(error.to_string())];
    if let DraftError::NoSource { misses } = error {
        problems.extend(misses.into_iter().map(|miss| Problem::new(format!("{}: {}", miss.source, miss.what))));
    }
    problems
}

fn frozen(config: &Config, slug: &Slug, setting: &Setting) -> Result<Option<(Run, Vec<crate::pages::Pages>)>, crate::ledger::LedgerError> {
    if !config.ledger.exists() {
        return Ok(None);
    }
    _ = setting;
    let ledger = crate::ledger::Ledger::open(&config.ledger)?;
    let Some(run) = ledger.run(slug, &Target::Relay)? else { return Ok(None) };
    let pages = ledger.pages(run.id)?;
    Ok(Some((run, pages)))
}

/// What the page needs of it; a file that a person broke tells nothing, and harms nothing.
fn told(text: &str) -> (Vec<Reason>, Vec<Miss>) {
    let Ok(told) = serde_json::from_str::<Reasons>(text) else { return Default::default() };
    let mut reasons: Vec<Reason> = told
        .candidates
        .into_iter()
        .filter_map(|story| {
            let slots = List::ALL.into_iter().filter_map(|list| Some((list, *story.slots.get(list.key())?))).collect();
            Some(Reason { headline: story.headline, url: Link::parse(&story.url).ok()?, section: story.section, slots, score: story.score, parts: story.parts.into_iter().collect(), why: story.why })
        })
        .collect();
    reasons.sort_by_key(|reason| reason.slots.is_empty());
    (reasons, told.misses)
}
