//! `serve`: readers' pages, what they ask, the clock, and a team's desk, until somebody ends it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::TcpListener;

use super::desk::Team;
use super::exit::Exit;
use super::failures;
use super::open::{Setting, no_ledger};
use super::report::{Failure, Report, counted};
use super::subscribers_list;
use crate::clock::{self, ClockEvent, ClockSetup, SharedHarvests};
use crate::config::{Config, Newsroom};
use crate::ledger::LedgerPlace;
use crate::model::approval::Pressed;
use crate::model::problem::with_causes;
use crate::model::public::Public;
use crate::model::stop::Stop;
use crate::model::token::Keys;
use crate::model::world::World;
use crate::send::keys;
use crate::site::pages::{Visit, serve};
use crate::site::service::{Service, SiteEvent};

pub(super) async fn run(setting: &Setting, world: &World, report: Report) -> Result<Exit, Failure> {
    if setting.newsletter().is_some() {
        return Err(Failure::says("`serve` answers for all newsletters")
            .exit(Exit::Usage)
            .still("nothing is served")
            .hint("leave `--newsletter` out"));
    }
    let newsroom = setting.newsroom()?;
    // Whoever restarts it at night wants the others to be answered.
    report.problems(&newsroom.problems());
    let config = setting.shared_config()?;
    let Some(public) = config.serving.public.clone() else {
        return Err(Failure::says(format!(
            "`{}` does not say where readers reach `serve`",
            config.file.display()
        ))
        .still("nothing is served")
        .hint("add `[public]` with `url = \"https://news.example.org/\"`; a proxy with TLS goes before `serve`"));
    };
    // It hands letters over too: those that ask whether a sign-up was meant.
    if let Some(problem) = config.relays.password_missing() {
        return Err(Failure::problems(vec![problem.clone()]).still("nothing is served"));
    }
    if let Some(problem) = config.events.iter().find_map(|one| one.missing.clone()) {
        return Err(Failure::problems(vec![problem]).still("nothing is served"));
    }
    let Some(keys) = keys(&config, world.random).map_err(failures::keys)? else {
        return Err(
            Failure::says("there are no keys for readers' links").still("nothing is served")
        );
    };
    answer(&newsroom, &config, public, keys, setting, world, report).await
}

async fn answer(
    newsroom: &Newsroom,
    config: &Config,
    public: Public,
    keys: Arc<Keys>,
    setting: &Setting,
    world: &World,
    report: Report,
) -> Result<Exit, Failure> {
    let listen = config.serving.listen;
    let listener = TcpListener::bind(listen).await.map_err(|error| {
        Failure::trying(format!("`{listen}` cannot be listened on"), error)
            .still("nothing is served")
            .hint("`listen` in `[public]` names another address")
    })?;
    let bound = listener.local_addr()?;
    let team = match config.desk.clone() {
        Some(desk) => Some(Team::open(desk).await?),
        None => None,
    };
    let told = Box::new(move |event: &SiteEvent| tell(event, report));
    let again = setting.clone();
    let read_newsroom = Box::new(move || again.read_newsroom());
    let opened = Service::open(newsroom, config, &keys, &world.clock, read_newsroom, told);
    let (service, thread) = opened.map_err(|error| no_ledger(error).still("nothing is served"))?;
    // Readers can leave whatever is wrong with the list.
    match subscribers_list::open_or_begin(config, report) {
        Ok(_) => {}
        Err(failure) => report.warn(failure.words()),
    }
    report.data(&format!("http://{bound}/"));
    report.say(format!(
        "readers reach it at {}; Ctrl-C or SIGTERM ends it",
        public.url()
    ));
    if let Some(team) = &team {
        report.say(format!("the desk is at {}", team.place()?));
    }
    let (answered, all_answered) = Stop::new();
    let work = tokio::spawn(Arc::clone(&service).work(all_answered));
    let newsroom = clock_setup(&service, setting, world, report);
    let sampler = tokio::spawn(clock::take_samples(Arc::clone(&newsroom)));
    let schedule = tokio::spawn(clock::keep(newsroom));
    let visited = Box::new(move |visit: &Visit| {
        report.detail(format!(
            "method={} page={} status={} ms={:.1}",
            if visit.is_post { "POST" } else { "GET" },
            visit.page,
            visit.status,
            visit.took.as_secs_f64() * 1e3
        ));
    });
    let team = team.map(|team| tokio::spawn(team.serve(setting.clone(), world.clone())));
    let served = serve(listener, service, visited, &world.stop).await;
    // What was answered last is merged still.
    answered.ask();
    let worked = work.await?;
    _ = schedule.await;
    _ = sampler.await;
    let desked = match team {
        Some(team) => team.await?,
        None => Ok(()),
    };
    let place = tokio::task::spawn_blocking(|| thread.finish()).await??;
    worked?;
    served?;
    desked?;
    kept(place, config)
}

/// What is said if the ledger's file was removed or replaced meanwhile.
fn kept(place: LedgerPlace, config: &Config) -> Result<Exit, Failure> {
    let path = config.ledger.path.display();
    let failure = match place {
        LedgerPlace::Kept => return Ok(Exit::Done),
        LedgerPlace::PutBack => Failure::says(format!(
            "`{path}` was removed while `serve` ran; it was written again, with all that readers asked for"
        ))
        .hint("find out what removed it, then start `serve` again"),
        LedgerPlace::Lost => Failure::says(format!(
            "`{path}` was removed or replaced while `serve` ran: what was not in that file is lost"
        ))
        .hint("put the right ledger back before anything is sent"),
    };
    Err(failure.exit(Exit::TryAgain))
}

/// What the clock needs, and who hears of what it does.
fn clock_setup(
    service: &Arc<Service>,
    setting: &Setting,
    world: &World,
    report: Report,
) -> Arc<ClockSetup> {
    let setting = setting.clone();
    let narrators = Mutex::new(HashMap::new());
    let served = Arc::clone(service);
    Arc::new(ClockSetup {
        ledger: service.watch(),
        shared: SharedHarvests::default(),
        read_newsroom: Box::new(move || setting.read_newsroom()),
        world: world.clone(),
        tell: Box::new(move |newsletter, event| {
            if let ClockEvent::Read(newsroom) = event {
                return served.follow_alerts(newsroom);
            }
            let mut narrators = narrators.lock().unwrap_or_else(PoisonError::into_inner);
            let known = narrators.entry(newsletter.cloned());
            let (report, narrator) = known.or_insert_with(|| (report.of(newsletter), None));
            super::clock::tell(event, narrator, *report);
        }),
    })
}

fn tell(event: &SiteEvent, report: Report) {
    match event {
        SiteEvent::Merged(merged) => {
            report.broken(&merged.broken);
            report.waiting(&merged.waiting);
            if merged.new > 0 {
                report.say(format!(
                    "{} came into the subscribers file",
                    counted(merged.new as u64, "reader's change", "readers' changes")
                ));
            }
            if merged.again > 0 {
                report.warn(format!(
                    "the subscribers file was saved from an older copy: {} came into it again",
                    counted(merged.again as u64, "reader's change", "readers' changes")
                ));
            }
        }
        SiteEvent::Unmerged(error) => report.warn(format!(
            "what readers changed is not in the subscribers file yet, and is kept: {}",
            with_causes(error)
        )),
        SiteEvent::LetterBroken(what) => report.broken(std::slice::from_ref(what)),
        SiteEvent::AskedSilent => {
            report.detail("a reader was asked whether they still want letters");
        }
        SiteEvent::NotAskedSilent(reply) => report.warn(format!(
            "the relay did not take a letter that asks whether a reader still wants letters: `{reply}`"
        )),
        SiteEvent::PausedBySilence => report.detail("a reader who did not answer is paused"),
        SiteEvent::Welcomed => report.detail("a letter of welcome has left"),
        SiteEvent::NotWelcomed(reply) => {
            report.warn(format!(
                "the relay did not take a letter of welcome: `{reply}`"
            ));
        }
        SiteEvent::LetterLeft => report.detail("a letter to confirm has left"),
        SiteEvent::LetterRefused(reply) => {
            report.warn(format!(
                "the relay did not take a letter to confirm: `{reply}`"
            ));
        }
        SiteEvent::Unposted(error) => {
            report.warn(format!(
                "letters to confirm and of welcome wait: {}",
                with_causes(error)
            ));
        }
        SiteEvent::EventsRefused(provider, error) => report.warn(format!(
            "what came to the address of {provider} is not believed: {error}"
        )),
        SiteEvent::Subscribed => report.say("Amazon SNS sends a topic here from now on"),
        SiteEvent::ByLink { slug, by, pressed } => report.say(match pressed {
            Pressed::Approve => format!("{slug} was approved by {by}, by a proof's link"),
            Pressed::Hold => format!("{slug} is held: {by} said so by a proof's link"),
        }),
        SiteEvent::Failed(error) => report.warn(format!(
            "readers are told to come later: {}",
            with_causes(error)
        )),
    }
}
