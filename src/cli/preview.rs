//! `preview`: the edition on a local page that follows every change, or as three files.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::arguments::Preview;
use super::open::{self, Setting};
use super::reasons::Reasons;
use super::report::{Failure, Report, counted, grouped};
use super::{Exit, proof, suppress};
use crate::config::Config;
use crate::draft::{self, DraftError};
use crate::ledger::{Ledger, LedgerError, Run, Target};
use crate::message::RunKey;
use crate::model::delivery::Verdict;
use crate::model::edition::{Edition, List, Slug};
use crate::model::line::Line;
use crate::model::link::Link;
use crate::model::pages::Pages;
use crate::model::problem::Problem;
use crate::model::story::Miss;
use crate::model::subscriber::Subscriber;
use crate::newsroom::{self, editions, subscribers as file};
use crate::preview::{self, Census, Crowd, Exhibit, Watch};
use crate::web::preview::{Answer, Asked, Proofs, Reason, Showing, Source, State, serve};

pub(super) fn run(verb: &Preview, setting: &Setting, report: Report) -> Result<Exit, Failure> {
    let runtime = open::runtime()?;
    match &verb.out {
        Some(folder) => runtime.block_on(write_out(folder, setting, report)),
        None => runtime.block_on(show(verb, setting, report)),
    }
}

async fn show(verb: &Preview, setting: &Setting, report: Report) -> Result<Exit, Failure> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, verb.port));
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .map_err(|error| {
            Failure::error(
                anyhow::Error::new(error)
                    .context(format!("port {} on 127.0.0.1 cannot be used", verb.port)),
            )
            .hint("`newsdigest preview --port 0` takes any free one")
        })?;
    let bound = listener.local_addr().map_err(Failure::error)?;
    // Watched before it is read, so that no change falls in between.
    let mut watch = watch_files(setting)?;
    let mut census = Census::default();
    let first = look(1, None, &mut census, setting, report).await;
    report.problems(&first.problems);
    let (tell, told) = watch::channel(Arc::new(first));
    let url = format!("http://{bound}/");
    report.data(&url);
    report.say(
        "the page follows every change of edition, config, subscribers and template; Ctrl-C ends it",
    );
    if verb.open
        && let Err(error) = ::open::that_detached(&url)
    {
        report.warn(format!("no browser could be opened: {error}"));
    }
    let mut stop = open::interruption(report, "");
    let mut ended = stop.clone();
    let (asks, asked) = mpsc::channel(1);
    let proofs = Proofs {
        asks,
        random: || open::random().ok(),
    };
    let server = tokio::spawn(serve(listener, told, proofs, async move {
        _ = ended.wait_for(|stop| *stop).await;
    }));
    let follow = async {
        loop {
            watch.changed().await;
            // Some editors empty a file before they fill it.
            tokio::time::sleep(SETTLE).await;
            watch = watch_files(setting)?;
            let last = Arc::clone(&tell.borrow());
            let next = look(last.version + 1, Some(&last), &mut census, setting, report).await;
            tell.send_replace(Arc::new(next.after(&last)));
        }
    };
    tokio::select! {
        failure = follow => return failure,
        () = answer(asked, setting, report) => {}
        _ = stop.wait_for(|stop| *stop) => {}
    }
    server
        .await
        .map_err(Failure::error)?
        .map_err(Failure::error)?;
    Ok(Exit::Done)
}

/// Sends the proofs that are asked for on the page, one after the other, as `proof` does.
async fn answer(mut asked: mpsc::Receiver<Asked>, setting: &Setting, report: Report) {
    while let Some(Asked { to, answer }) = asked.recv().await {
        let setting = setting.clone();
        // Drafting and sending have a runtime of their own; the page goes on meanwhile.
        let sent = tokio::task::spawn_blocking(move || hand_over(&to, &setting, report));
        let told = match sent.await.map_err(Failure::error) {
            Ok(Ok(told)) => told,
            Ok(Err(failure)) | Err(failure) => refused(&failure.words()),
        };
        // Whoever asked may have gone.
        _ = answer.send(told);
    }
}

/// What becomes of one proof; she who asks knows for whom it is.
fn hand_over(to: &str, setting: &Setting, report: Report) -> Result<Answer, Failure> {
    let config = setting.config()?;
    let addresses = suppress::addresses(&[to.to_owned()])?;
    let verdicts = proof::verdicts(&config, &addresses, setting, report)?;
    Ok(match verdicts.first() {
        Some((_, Verdict::Accepted(_))) => {
            let place = proof::place(&config.handover.relay);
            let time = setting.now().format("%H:%M:%S UTC");
            Answer {
                accepted: true,
                words: Line::clean(&format!("one letter {place}, {time}")),
            }
        }
        Some((_, Verdict::Rejected(reply) | Verdict::Deferred(reply))) => {
            refused(&format!("refused: `{reply}`"))
        }
        Some((_, Verdict::InDoubt)) => {
            refused("the relay fell silent over it: it may have arrived")
        }
        None => refused("a quiet day: there is no edition to send"),
    })
}

fn refused(words: &str) -> Answer {
    Answer {
        accepted: false,
        words: Line::clean(words),
    }
}

/// How long a changed file is left alone before it is read.
const SETTLE: Duration = Duration::from_millis(20);

/// Watches what the page is made of; while the config is broken, at least the config.
fn watch_files(setting: &Setting) -> Result<Watch, Failure> {
    let (files, folders) = setting.read_config().map_or_else(
        |_| (vec![setting.config_file().to_owned()], Vec::new()),
        |config| preview::watched(&config),
    );
    preview::watch(&files, &folders).map_err(|error| {
        Failure::error(anyhow::Error::new(error).context("files cannot be watched"))
    })
}

/// Writes digest.html, digest.txt and digest.eml, and the edition as a page of its own, web.html.
async fn write_out(folder: &Path, setting: &Setting, report: Report) -> Result<Exit, Failure> {
    let showing = look(1, None, &mut Census::default(), setting, report).await;
    if !showing.problems.is_empty() {
        return Err(Failure::problems(showing.problems).still("nothing was written"));
    }
    let Some(variant) = showing.variants.first() else {
        return Err(Failure::says("there is no edition to write").still("nothing was written"));
    };
    std::fs::create_dir_all(folder).map_err(|error| {
        Failure::error(
            anyhow::Error::new(error).context(format!("`{}` cannot be made", folder.display())),
        )
        .still("nothing was written")
    })?;
    let mut files: Vec<(&str, &[u8])> = vec![
        ("digest.html", variant.html.as_bytes()),
        ("digest.txt", variant.text.as_bytes()),
        ("digest.eml", &variant.letter),
    ];
    files.extend(showing.web.iter().map(|page| ("web.html", page.as_bytes())));
    for (name, bytes) in files {
        let path = folder.join(name);
        newsroom::write_atomic(&path, bytes).map_err(Failure::error)?;
        report.data(&path.display().to_string());
    }
    report.misses(&showing.misses);
    Ok(Exit::Done)
}

/// The state of things, broken or not.
async fn look(
    version: u64,
    last: Option<&Showing>,
    census: &mut Census,
    setting: &Setting,
    report: Report,
) -> Showing {
    let (nothing, problems) = match setting.read_config() {
        Ok(config) => match exhibit(&config, census, setting).await {
            Ok(exhibit) => return preview::showing(version, exhibit, &config),
            Err(problems) => (
                preview::nothing(Some(&config), setting.slug(&config)),
                problems,
            ),
        },
        Err(problems) => {
            let today = Slug::of(setting.now().date_naive());
            (preview::nothing(None, today), problems)
        }
    };
    report.detail(format!(
        "{} in the newsroom's files",
        counted(problems.len() as u64, "problem", "problems")
    ));
    Showing {
        version,
        problems,
        ..last.cloned().unwrap_or(nothing)
    }
}

/// The frozen run if there is one, else the edition file, else what would be drafted now.
async fn exhibit(
    config: &Config,
    census: &mut Census,
    setting: &Setting,
) -> Result<Exhibit, Vec<Problem>> {
    let slug = setting.slug(config);
    let folder = config.editions();
    let path = editions::path_of(&folder, &slug);
    let shown = Line::clean(&path.display().to_string());
    let edition = editions::read(&folder, &slug);
    let source = newsroom::read_text(&path, editions::LARGEST)
        .ok()
        .map(|text| Source {
            file: shown.clone(),
            text,
        });
    let whys = editions::read_why(&folder, &slug).map_err(one)?;
    let (mut reasons, mut misses) = whys.as_deref().map(told).unwrap_or_default();
    let crowds = census.of(&config.subscribers, || subscribers(config))?;
    let audience = Line::non_empty(&audience(crowds, &slug));
    let sections = sections(crowds, &slug);
    let relay = Line::non_empty(&proof::place(&config.handover.relay));
    if let Some((run, pages)) = frozen(config, &slug).map_err(one)? {
        let as_frozen = Edition::from_toml(slug.clone(), "", &run.edition).ok();
        let changed_since = edition.is_ok_and(|edition| edition.is_some() && edition != as_frozen);
        let state = State::Frozen {
            when: config.newsletter.zone.at(run.frozen).fixed_offset(),
            changed_since,
        };
        let newsletter = run.newsletter(&config.newsletter).ok_or_else(|| {
            vec![Problem::new(format!(
                "the letterhead of {slug} in the ledger is broken"
            ))]
        })?;
        let groups = preview::frozen(pages, as_frozen.as_ref(), crowds);
        return Ok(Exhibit {
            newsletter,
            state,
            slug,
            edition: as_frozen,
            groups,
            key: RunKey(run.key),
            date: run.frozen,
            source,
            reasons,
            sections,
            misses,
            audience,
            relay,
        });
    }
    let (state, edition) = if let Some(edition) = edition? {
        let state = State::Draft {
            file: shown,
            held: edition.hold,
        };
        (state, edition)
    } else {
        let mut ledger = Ledger::open_if_any(&config.ledger).map_err(one)?;
        let salt =
            open::salt().map_err(|_| vec![Problem::new("the machine gives no random bytes")])?;
        let draft = draft::draft(config, ledger.as_mut(), &slug, None, setting.now(), salt)
            .await
            .map_err(no_draft)?;
        (reasons, misses) = serde_json::to_string(&draft.selection)
            .map(|text| told(&text))
            .unwrap_or_default();
        (
            State::WouldDraft,
            draft.edition.ok_or_else(|| quiet_day(config))?,
        )
    };
    let groups = preview::groups(&edition, &config.newsletter, &config.template, crowds);
    Ok(Exhibit {
        newsletter: config.newsletter.clone(),
        state,
        slug,
        edition: Some(edition),
        groups,
        key: RunKey([0; 16]),
        date: setting.now(),
        source,
        reasons,
        sections,
        misses,
        audience,
        relay,
    })
}

/// The different sets of sections that those who are not paused ask for.
fn sections(crowds: &[Crowd], slug: &Slug) -> Vec<Vec<Line>> {
    let asking = crowds
        .iter()
        .filter(|crowd| !crowd.sections.is_empty() && !crowd.paused.on(slug.day()));
    let mut sections: Vec<Vec<Line>> = asking.map(|crowd| crowd.sections.clone()).collect();
    sections.sort();
    sections.dedup();
    sections
}

/// Who gets the edition, in words.
fn audience(crowds: &[Crowd], slug: &Slug) -> String {
    let all: usize = crowds.iter().map(|crowd| crowd.count).sum();
    let paused = crowds.iter().filter(|crowd| crowd.paused.on(slug.day()));
    let paused: usize = paused.map(|crowd| crowd.count).sum();
    let mut words = counted(all as u64, "subscriber", "subscribers");
    if paused > 0 {
        _ = write!(words, ", {} of them paused", grouped(paused as u64));
    }
    words
}

/// The subscribers, to count them and to know their sections. A newsroom may have no file of them yet.
fn subscribers(config: &Config) -> Result<Vec<Subscriber>, Vec<Problem>> {
    if !config.subscribers.exists() {
        return Ok(Vec::new());
    }
    let text = newsroom::read_text(&config.subscribers, file::LARGEST).map_err(one)?;
    let shown = config.subscribers.display().to_string();
    let reading = file::read(&shown, &text);
    if reading.problems.is_empty() {
        Ok(reading.subscribers)
    } else {
        Err(reading.problems)
    }
}

fn one(error: impl Into<anyhow::Error>) -> Vec<Problem> {
    vec![Problem::new(format!("{:#}", error.into()))]
}

fn quiet_day(config: &Config) -> Vec<Problem> {
    let what = format!(
        "a quiet day: fewer than {} stories can be printed, so there is no edition",
        config.selection.minimum
    );
    vec![Problem::new(what).hint("`newsdigest explain` says why each was passed over")]
}

fn no_draft(error: DraftError) -> Vec<Problem> {
    let mut problems = vec![Problem::new(error.to_string())];
    if let DraftError::NoSource { misses } = error {
        problems.extend(
            misses
                .into_iter()
                .map(|miss| Problem::new(format!("{}: {}", miss.source, miss.what))),
        );
    }
    problems
}

fn frozen(config: &Config, slug: &Slug) -> Result<Option<(Run, Vec<Pages>)>, LedgerError> {
    let Some(ledger) = Ledger::open_if_any(&config.ledger)? else {
        return Ok(None);
    };
    let Some(run) = ledger.run(slug, &Target::Relay)? else {
        return Ok(None);
    };
    let pages = ledger.pages(run.id)?;
    Ok(Some((run, pages)))
}

/// What the page needs of it; a file that a person broke tells nothing, and harms nothing.
fn told(text: &str) -> (Vec<Reason>, Vec<Miss>) {
    let Ok(told) = serde_json::from_str::<Reasons>(text) else {
        return Default::default();
    };
    let mut reasons: Vec<Reason> = told
        .candidates
        .into_iter()
        .filter_map(|story| {
            let slots = List::ALL
                .into_iter()
                .filter_map(|list| Some((list, *story.slots.get(list.key())?)))
                .collect();
            Some(Reason {
                headline: story.headline,
                url: Link::parse(&story.url).ok()?,
                section: story.section,
                slots,
                score: story.score,
                parts: story.parts.into_iter().collect(),
                why: story.why,
            })
        })
        .collect();
    reasons.sort_by_key(|reason| reason.slots.is_empty());
    (reasons, told.misses)
}
